"""Choose the format of an answer, and send it with its links, its envelope and how long caches may keep it."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, time
from email.utils import format_datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import orjson
from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse

from misconduct.api.addresses import read_weights
from misconduct.api.current import Current
from misconduct.api.problems import PROBLEMS, NotAcceptable, Responses, declare
from misconduct.formats import BINARY, FORMATS, MEDIA_TYPES, PICTURES, csv
from misconduct.formats.table import Table
from misconduct.model.shapes import CountMeta, Links, Meta, Warned, as_answer
from misconduct.queries.figures import Total


def is_for_people(request: Request) -> bool:
    """Tell whether a person opened an address: a browser asks for a page, which no program does."""
    return "text/html" in request.headers.get("accept", "")


def choose_from(*names: str) -> Any:
    """Return a dependency that chooses the format. What is not there is said before what has no such format."""

    async def choose(request: Request) -> AsyncIterator[str]:
        accept = request.headers.get("accept") or "*/*"
        is_page = is_for_people(
            request
        )  # browsers that open an address also accept pictures
        offered = [name for name in names if not is_page or name not in PICTURES]
        suffix = (
            request.scope.get("suffix")
            or find_best(accept, offered)
            or ("json" if is_page else None)
        )
        yield suffix if suffix in names else names[0]
        if suffix not in names:
            path, others = request.scope["path"], names[1:]
            remedy = (
                f"Add the format to the address: {path}.{others[0]}"
                if others
                else "Accept: application/json."
            )
            raise NotAcceptable(f"Available as {', '.join(names)}. {remedy}")

    return Depends(choose, scope="function")


def find_best(accept: str, names: Sequence[str]) -> str | None:
    """Return the format with the greatest weight that is named most exactly (RFC 9110)."""
    weights = read_weights(accept)

    def rank(name: str) -> tuple[float, int]:
        media_type = MEDIA_TYPES[name].partition(";")[0]
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        return next(
            (
                (weights[one], -place)
                for place, one in enumerate(ranges)
                if one in weights
            ),
            (0, 0),
        )

    best = max(names, key=rank)
    return best if rank(best)[0] > 0 else None


JSON_ONLY = choose_from("json")  # a dependency of routes that have no table
ChosenFormat = Annotated[str, choose_from("json", "csv")]
DrawnFormat = Annotated[str, choose_from("json", *PICTURES)]
FigureFormat = Annotated[str, choose_from("json", *FORMATS, *PICTURES)]
TableFormat = Annotated[str, choose_from("json", *FORMATS)]


FILES = "files"  # the tag of the addresses of files in the OpenAPI document


def answers(model: Any, *formats: str) -> Responses:
    schemas = {
        name: {"type": "string"} | ({"format": "binary"} if name in BINARY else {})
        for name in formats
    }
    content = {
        _plain_type(name): {"schema": schema} for name, schema in schemas.items()
    }
    return {
        200: {"model": as_answer(model), "content": content},
        **PROBLEMS,
        **declare(NotAcceptable),
    }


def declare_files(document: dict[str, Any]) -> None:
    """Declare in an OpenAPI document that files have addresses of their own: /v1/figures.{format}.

    They are also sent for the header Accept, but a generated client reads one type of answer at an address.
    """
    for path, operations in [*document["paths"].items()]:
        content = (
            operations.get("get", {})
            .get("responses", {})
            .get("200", {})
            .get("content", {})
        )
        types = {
            name: _plain_type(name)
            for name in MEDIA_TYPES
            if name != "json" and _plain_type(name) in content
        }
        if types:
            ending = "{format}" if types.keys() - {"csv"} else "csv"
            operation = _describe_files(operations["get"], [*types])
            files = {one: content.pop(one) for one in types.values()}
            if (
                types.keys() - PICTURES.keys()
            ):  # generated clients do not read pictures alone
                operation["responses"]["200"]["content"] = files
            document["paths"][f"{path}.{ending}"] = {"get": operation}


def _describe_files(operation: dict[str, Any], names: list[str]) -> dict[str, Any]:
    form = {
        "name": "format",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": names},
    }
    errors = {
        status: one
        for status, one in operation["responses"].items()
        if status not in ("200", "406")
    }
    return {
        **operation,
        "tags": [FILES],
        "operationId": f"{operation['operationId']}_file",
        "parameters": [
            *operation.get("parameters", ()),
            *([form] if names != ["csv"] else []),
        ],
        "responses": {"200": {"description": f"Sent as {', '.join(names)}."}} | errors,
    }


def _plain_type(name: str) -> str:
    return MEDIA_TYPES[name].partition(";")[0]


PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
LATEST = "public, max-age=300"  # a new release is seen within five minutes
TABLE = f"{LATEST}, stale-while-revalidate=86400"  # and a table, which may be large, when it is asked for again
IMMUTABLE = "public, max-age=31536000, immutable"

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def link(
    request: Request,
    *,
    suffix: str | None = None,
    without: Sequence[str] = (),
    **changed: object,
) -> str:
    ending = (
        f".{request.scope['suffix']}"
        if suffix is None and "suffix" in request.scope
        else suffix or ""
    )
    query = request.query_params.multi_items()
    kept = [
        (name, value)
        for name, value in query
        if name not in without and name not in changed
    ]
    address = f"{request.state.base_url}{quote(request.scope['path'])}{ending}"
    return f"{address}?{urlencode([*kept, *changed.items()])}".removesuffix("?")


def pin_link(request: Request, current: Current) -> str:
    return link(request, release=current.release.number)


def page_links(request: Request, current: Current, following: int, total: int) -> Links:
    pinned: Any = {"release": current.release.number, "offset": following}
    return {
        "next": link(request, **pinned) if following < total else None,
        "csv": link(request, suffix=".csv", without=["limit", "offset"]),
    }


def about_table(request: Request, current: Current, title: str) -> dict[str, str]:
    """Return what a file says of itself: where it is from, its licence, and how to cite it."""
    number, day, pinned = (
        current.release.number,
        current.release.day.isoformat(),
        pin_link(request, current),
    )
    return {
        "title": title,
        "source": "Misconduct Register",
        "release": number,
        "day": day,
        "digest": current.release.digest,
        "licence": f"CC BY 4.0 ({LICENCE}) for this table. Those of the documents: {request.state.base_url}/v1/sources",
        "how_to_cite": f"Misconduct Register, release {number} of {day}: {title}. {pinned}",
        "cite_as": pinned,
        "address": link(request),
    }


def link_to(address: str, relation: str) -> str:
    """Return a link for the header Link."""
    return f'<{address}>; rel="{relation}"'


def caching(current: Current | None = None, *links: str) -> dict[str, str]:
    """Return the headers of an answer; one with data names its release and licence.

    Also an answer that names a release says how its figures stand today, so it is not kept for long.
    """
    headers = {"Cache-Control": LATEST, "Vary": "Accept"}
    if current:
        headers["Misconduct-Release"] = current.release.number
        headers["Link"] = ", ".join([link_to(LICENCE, "license"), *links])
    return headers


def send_document(
    document: Any, cache_control: str = LATEST, status: int = 200
) -> Response:
    return Response(
        orjson.dumps(document),
        status,
        {"Cache-Control": cache_control},
        MEDIA_TYPES["json"],
    )


def about_release(current: Current) -> Meta:
    release, releases = current.release, current.releases
    draft: Any = (
        {"draft": {"notice": releases.banner, "mistakes": releases.mistakes}}
        if releases.banner
        else {}
    )
    return {"release": release.number, "digest": release.digest, **draft}


def about_rows(
    current: Current, returned: int, total: Total | None = None
) -> CountMeta:
    meta: Any = {"total": returned, "returned": returned, **about_release(current)}
    if total:
        meta["total"] = total.number
    if total and total.is_at_least:
        meta["total_is_at_least"] = True
    found: CountMeta = meta
    return found


def envelope(
    request: Request,
    current: Current,
    data: Any,
    meta: Meta,
    warnings: Sequence[Warned] = (),
    **links: str | None,
) -> Any:
    of_release: Links = {
        "self": link(request),
        "pinned": pin_link(request, current),
        "latest_version": None
        if current.is_newest
        else link(request, without=["release"]),
    }
    return {
        "data": data,
        "meta": meta,
        "warnings": warnings,
        "links": of_release | links,
    }


def send_json(
    request: Request,
    current: Current,
    data: Any,
    meta: Meta | None = None,
    warnings: Sequence[Warned] = (),
    /,
    **links: str | None,
) -> Response:
    answer = envelope(
        request, current, data, meta or about_release(current), warnings, **links
    )
    latest = answer["links"]["latest_version"]
    links_to_newest = [link_to(latest, "latest-version")] if latest else []
    headers = caching(current, *links_to_newest)
    return Response(
        orjson.dumps(answer), headers=headers, media_type=MEDIA_TYPES["json"]
    )


def file_headers(
    suffix: str, name: str, current: Current, *links: str
) -> dict[str, str]:
    """Return the headers of a file. A table of a release that the request names never changes."""
    filename = f'inline; filename="{name}-{current.release.number}.{suffix}"'
    headers = caching(current, *links) | {"Content-Disposition": filename}
    if suffix in FORMATS and current.is_pinned:
        day = datetime.combine(current.release.day, time(), UTC)
        headers["Last-Modified"] = format_datetime(day, usegmt=True)
        headers["Cache-Control"] = IMMUTABLE
    elif suffix in FORMATS:
        headers["Cache-Control"] = TABLE
    return headers


def send_table(
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    name: str,
    current: Current,
    following: str | None = None,
) -> Response:
    """Send a list of records as CSV."""
    links = [link_to(following, "next")] if following else []
    headers = file_headers("csv", name, current, *links)
    return Response(csv.encode_csv([header, *rows]), 200, headers, MEDIA_TYPES["csv"])


async def send_figures(
    request: Request,
    current: Current,
    table: Table,
    suffix: str,
    following: str | None = None,
) -> Response:
    """Send a table: whole if it comes as one piece, and else in pieces, so that a long one begins at once."""
    links = [link_to(following, "next")] if following else []
    pieces = FORMATS[suffix].encode(table)
    first, second = await anext(pieces), await anext(pieces, None)
    if suffix != "zip":  # which has what the other files have no place for
        described = link(request, suffix=".zip", without=["limit", "offset"])
        links.append(link_to(described, "describedby"))
    headers = file_headers(suffix, table.name, current, *links)
    if second is None:
        return Response(first, headers=headers, media_type=MEDIA_TYPES[suffix])

    return StreamingResponse(
        _join([first, second], pieces), headers=headers, media_type=MEDIA_TYPES[suffix]
    )


async def _join(
    begun: list[bytes], further: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """Yield the first pieces of a file, which are not kept, and then all others."""
    while begun:
        yield begun.pop(0)
    async for piece in further:
        yield piece
