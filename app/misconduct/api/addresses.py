"""Read formats from addresses, and add the default headers to every answer."""

from fastapi import Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.formats import MEDIA_TYPES, PICTURES

HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, Content-Disposition, Content-Length, Content-Range, "
    "Accept-Ranges, Last-Modified, Misconduct-Release",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

POSTED = {
    "/v1/check": "Send a text with POST: curl --data-binary @article.txt …/v1/check",
    "/check": "Use GET or HEAD for the form, and POST to send it.",
    "/mcp": "Assistants send what they ask with POST, by the Model Context Protocol.",
}
"""The addresses that take a text, and how."""

FILES = ("/v1/releases/", "/v1/changes.atom")
PLATFORMS = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id"),
    *(
        "fbclid",
        "gclid",
        "gbraid",
        "wbraid",
        "gad_source",
        "gad_campaignid",
        "srsltid",
        "dclid",
        "msclkid",
        "yclid",
    ),
    *(
        "twclid",
        "ttclid",
        "igshid",
        "igsh",
        "mibextid",
        "mc_cid",
        "mc_eid",
        "_ga",
        "_gl",
        "at_medium",
        "at_campaign",
    ),
)
"""Parameters that platforms add to links, which mean nothing here. Every address ignores them."""

TRACKING = (
    *PLATFORMS,
    *("ref", "ref_src", "ref_url", "s", "si", "share", "cmp"),
    *("_", "v", "ver", "cb", "t"),
)
"""These, and what a program could mean otherwise. Files, pictures, pages and feeds ignore them all."""

MAX_ACCEPTED, MAX_RANGES = 1_000, 20
"""Bytes of Accept and of Range, and ranges in each. No client needs a third of these."""

MAX_DIGITS = 15  # of a place in a file


class Addresses:
    """Answer HEAD as GET, whose body uvicorn leaves out, and `/v1/allegations.csv` as `/v1/allegations` in CSV."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Nothing after an upgrade may be read as another request.
        if any(name == b"upgrade" for name, _ in scope["headers"]):
            send = _add_headers(send, [(b"connection", b"close")])
        read = _read_address(scope)
        app = (
            _answer_options(read["path"]) if scope["method"] == "OPTIONS" else self.app
        )
        await app(read, receive, send)


class Packing(GZipMiddleware):
    """Add the default headers, and compress all but files of releases: clients resume those, by the plain ETag."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pack = self.app if _is_of_release(scope.get("path", "")) else super().__call__
        await pack(scope, receive, _add_headers(send, _HEADERS))


def _is_of_release(path: str) -> bool:
    """Tell whether a path is that of a file of a release: /v1/releases/6.0.0/table.csv."""
    return path.startswith("/v1/releases/") and path.count("/") > 3


def _add_headers(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name for name, _ in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(one for one in headers if one[0] not in present),
            ]
        await send(message)

    return send_with_headers


def find_methods(path: str) -> str:
    """Return the methods that an address takes. Of those that take a text, only the page can be read, too."""
    reading = [] if path in POSTED and path != "/check" else ["GET", "HEAD"]
    return ", ".join([*reading, *(["POST"] if path in POSTED else []), "OPTIONS"])


def _answer_options(path: str) -> Response:
    methods = find_methods(path)
    lasting = {"Access-Control-Allow-Headers": "*", "Access-Control-Max-Age": "86400"}
    allowed = {
        "Access-Control-Allow-Methods": methods.removesuffix(", OPTIONS"),
        "Allow": methods,
    }
    return Response(status_code=204, headers=HEADERS | lasting | allowed)


def _read_address(scope: Scope) -> Scope:
    read = dict(scope) | {"headers": _read_headers(scope)}
    path, dot, suffix = scope["path"].rpartition(".")
    if (
        dot
        and suffix in MEDIA_TYPES
        and path.startswith("/v1/")
        and not _is_of_release(path)
    ):
        read |= {"path": path, "suffix": suffix}
    elif not scope["path"].startswith("/v1/"):
        read["path"] = (
            scope["path"].rstrip("/.,;") or "/"
        )  # with the end of the sentence in which somebody read a link
    if scope["method"] == "HEAD":
        read["method"] = "GET"
    is_followed = (
        not scope["path"].startswith("/v1")
        or scope["path"].startswith(FILES)
        or suffix in PICTURES
    )
    if query := scope["query_string"].decode("latin-1"):
        ignored = TRACKING if is_followed else PLATFORMS
        kept = [one for one in query.split("&") if one.partition("=")[0] not in ignored]
        read["query_string"] = "&".join(kept).encode("latin-1")
    return read


def _read_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return headers of which those that are read in parts are short.

    Accept is `*/*` if it is long, Accept-Encoding is `gzip` or missing, and Range is
    missing unless we can read it (RFC 9110, 14.2). A range is of an answer that is not
    compressed, which a client can join with another one.
    """
    headers = list[tuple[bytes, bytes]]()
    in_parts = dict[bytes, bytes]()
    for name, value in scope["headers"]:
        if name not in _IN_PARTS:
            headers.append((name, value))
        elif name in in_parts:  # a repeated one is a list (RFC 9110, 5.3)
            in_parts[name] += b", " + value
        else:
            in_parts[name] = value
    accept, encoding, ranges = (in_parts.get(name) for name in _IN_PARTS)
    if accept:
        headers.append((b"accept", accept if _is_short(accept) else b"*/*"))
    if ranges and scope["method"] == "GET" and _is_short(ranges) and _is_range(ranges):
        headers.append((b"range", ranges))
    elif encoding and _is_short(encoding) and _reads_gzip(encoding):
        headers.append((b"accept-encoding", b"gzip"))
    return headers


_IN_PARTS = (b"accept", b"accept-encoding", b"range")


def _reads_gzip(encoding: bytes) -> bool:
    return bool(read_weights(encoding.decode("latin-1")).get("gzip"))


def _is_short(header: bytes) -> bool:
    return len(header) <= MAX_ACCEPTED and header.count(b",") < MAX_RANGES


def _is_range(header: bytes) -> bool:
    """Tell whether a header names ranges of bytes, such as bytes=0-99,200-."""
    unit, _, ranges = header.lower().partition(b"=")
    return unit.strip() == b"bytes" and all(map(_is_part, ranges.split(b",")))


def _is_part(text: bytes) -> bool:
    first, dash, last = (one.strip() for one in text.partition(b"-"))
    places = [one for one in (first, last) if one]
    if not dash or not places:
        return False
    if not all(one.isdigit() and len(one) <= MAX_DIGITS for one in places):
        return False
    return len(places) == 1 or int(first) <= int(last)


def read_weights(header: str) -> dict[str, float]:
    """Return what a short header accepts, and its weight: text/csv;q=0.5."""
    found = dict[str, float]()
    for accepted in header.lower().split(","):
        name, *parameters = (part.strip() for part in accepted.split(";"))
        found[name] = 1
        for parameter in parameters:
            key, _, weight = parameter.partition("=")
            if key.strip() == "q" and _is_weight(weight.strip()):
                found[name] = float(weight)
    return found


def _is_weight(text: str) -> bool:
    return (
        text.isascii() and text[:1] in ("0", "1") and text.replace(".", "", 1).isdigit()
    )
