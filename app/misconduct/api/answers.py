"""How an answer is sent: its format, its links, its envelope and how long caches may keep it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import Depends, Request, Response
from starlette.datastructures import URL, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.api.problems import NotAcceptable
from misconduct.api.releases import Current
from misconduct.formats.csv import encode_csv


class Format(NamedTuple):
    """A format of tables: its media type, and what encodes rows after a header, if there is one."""

    media_type: str
    encode: Callable[[Iterable[Sequence[Any]], Sequence[str] | None], bytes]


FORMATS: dict[str, Format] = {
    "csv": Format("text/csv; charset=utf-8; header=present", encode_csv),
}
"""The formats of tables beside JSON, by the suffix of their address."""

TABLE_TYPES = tuple(one.media_type.partition(";")[0] for one in FORMATS.values())
_MEDIA_TYPES = {"json": "application/json", **{name: one.media_type for name, one in FORMATS.items()}}

LATEST = "public, max-age=10, stale-while-revalidate=10"
PINNED = "public, max-age=3600"

HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, Content-Disposition, Content-Length, Content-Range, "
    "Accept-Ranges, Last-Modified, Misconduct-Warnings",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""What every answer says to browsers, unless the answer itself says otherwise."""


class Addresses:
    """Read addresses, around the whole application, and add the headers of every answer.

    HEAD is answered as GET, and uvicorn leaves the body out. `/v1/allegations.csv` is `/v1/allegations` in CSV; the
    files of a release keep their names. A request for an upgrade is answered, and its connection is closed, so that
    nothing after it is read as another request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, dot, suffix = scope["path"].rpartition(".")
        if dot and suffix in _MEDIA_TYPES and path.startswith("/v1/") and "/files/" not in path:
            scope = {**scope, "path": path, "suffix": suffix}
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}

        wants_upgrade = any(name == b"upgrade" for name, _ in scope["headers"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if wants_upgrade:
                    headers["Connection"] = "close"
            await send(message)

        await self.app(scope, receive, send_with_headers)


def choose_format(request: Request) -> str:
    """Return the format that the suffix names, or else the header Accept. Raises NotAcceptable."""
    if suffix := request.scope.get("suffix"):
        return str(suffix)
    names = {media_type.partition(";")[0]: name for name, media_type in _MEDIA_TYPES.items()}
    names |= {"*/*": "json", "application/*": "json", "text/*": "csv", "": "json"}
    accepted = (part.partition(";") for part in request.headers.get("accept", "").lower().split(","))
    weights = [(_weight(parameters), media_type.strip()) for media_type, _, parameters in accepted]
    for weight, media_type in sorted(weights, key=lambda one: -one[0]):
        if weight > 0 and media_type in names:
            return names[media_type]
    if "text/html" in request.headers.get("accept", ""):
        return "json"
    raise NotAcceptable(f"The formats are {', '.join(_MEDIA_TYPES)}. Name one in the path: /v1/allegations.csv")


def _weight(parameters: str) -> float:
    """Return the weight of a media type in Accept: `q=0.5`."""
    _, _, text = parameters.replace(" ", "").partition("q=")
    try:
        return float(text.partition(";")[0]) if text else 1.0
    except ValueError:
        return 0.0


ChosenFormat = Annotated[str, Depends(choose_format)]


def link(request: Request, *, suffix: str | None = None, without: Sequence[str] = (), **changed: object) -> str:
    """Return the public address of a request with another suffix, without some parameters, or with some changed."""
    ending = f".{request.scope['suffix']}" if suffix is None and "suffix" in request.scope else suffix or ""
    query = request.scope["query_string"].decode("latin-1")
    url = URL(f"{request.state.base_url}{request.scope['path']}{ending}?{query}")
    return str(url.remove_query_params([*without, *changed]).include_query_params(**changed)).removesuffix("?")


def envelope(
    request: Request, current: Current, data: Any, meta: dict[str, Any], **links: str | None
) -> dict[str, Any]:
    """Return the object of a JSON answer: data, meta, warnings and links."""
    release = current.release
    return {
        "data": data,
        "meta": {**meta, "release": release.number, "digest": release.digest},
        "warnings": [],
        "links": {
            "self": link(request),
            "pinned": link(request, without=["as_of"], release=release.number),
            **links,
        },
    }


def caching(is_pinned: bool) -> dict[str, str]:
    """Return the headers that say how long caches may keep an answer."""
    return {"Cache-Control": PINNED if is_pinned else LATEST, "Vary": "Accept"}


def send_json(document: dict[str, Any], current: Current) -> Response:
    """Send a JSON answer from a release."""
    return Response(orjson.dumps(document), headers=caching(current.is_pinned), media_type=_MEDIA_TYPES["json"])


def send_table(
    form: str, header: Sequence[str], rows: Iterable[Sequence[Any]], name: str, current: Current
) -> Response:
    """Send a whole table, to be saved as `<name>-<release>.<form>`."""
    body = FORMATS[form].encode(rows, header)
    return Response(body, headers=table_headers(form, name, current), media_type=FORMATS[form].media_type)


def table_headers(form: str, name: str, current: Current) -> dict[str, str]:
    """Return the headers of a table."""
    filename = f'inline; filename="{name}-{current.release.number}.{form}"'
    return caching(current.is_pinned) | {"Content-Disposition": filename}
