"""Read formats from addresses, and add the default headers to every answer."""

import re

from fastapi import Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.formats import MEDIA_TYPES, PICTURES

HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, Content-Disposition, Content-Length, Content-Range, "
    "Accept-Ranges, Last-Modified, Misconduct-Warnings, Misconduct-Caveats",
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

_NO_GZIP = re.compile(rb"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


class Addresses:
    """Answer HEAD as GET, whose body uvicorn leaves out, and `/v1/allegations.csv` as `/v1/allegations` in CSV."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if b"upgrade" in dict(
            scope["headers"]
        ):  # nothing after it may be read as another request
            send = _add_headers(send, [(b"connection", b"close")])
        read = _read_address(scope)
        app = (
            _answer_options(read["path"]) if scope["method"] == "OPTIONS" else self.app
        )
        await app(read, receive, send)


class Packing(GZipMiddleware):
    """Add the default headers, and compress all but files of releases: clients resume those, by the plain ETag."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pack = self.app if "/files/" in scope.get("path", "") else super().__call__
        await pack(scope, receive, _add_headers(send, _HEADERS))


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
        and "/files/" not in path
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
    ignored, parts = (
        TRACKING if is_followed else PLATFORMS,
        scope["query_string"].decode("latin-1").split("&"),
    )
    kept = [one for one in parts if one.partition("=")[0] not in ignored]
    read["query_string"] = "&".join(kept).encode("latin-1")
    return read


def _read_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return headers in which Accept-Encoding is `gzip` or missing, and Range is missing unless we can read it."""
    headers, accepted = [], b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted += value.lower() + b","
        elif name != b"range" or (
            scope["method"] == "GET" and value.lower().startswith(b"bytes=")
        ):
            headers.append((name, value))
    if b"gzip" in accepted and not _NO_GZIP.search(accepted):
        headers.append((b"accept-encoding", b"gzip"))
    return headers
