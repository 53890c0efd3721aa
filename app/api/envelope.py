"""The outermost layer: what every answer has, whatever happens inside (plain ASGI).

A request id, CORS and security headers, one log line, and a problem document where the service itself failed.
"""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import OUR_MISTAKE, problem_response
from app.errors import InternalError

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

COMMON_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, X-Request-Id, Content-Disposition",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, If-None-Match, If-Range, Range, X-Request-Id",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, OPTIONS",
}

log = structlog.get_logger()


class Envelope:
    """Wraps the whole application."""

    def __init__(self, application: ASGIApp, base_url: str) -> None:
        self.application = application
        self.base_url = base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        started, method = time.perf_counter(), scope["method"]
        scope = {**scope, "request_id": _request_id(scope)}  # a copy: the server goes by its own
        status, complete = None, False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, scope["request_id"])
            else:
                complete = not message.get("more_body", False)
            await send(message)

        try:
            if method == "OPTIONS":
                await _answer_preflight(send_with_headers)
            else:
                await self.application(scope, receive, send_with_headers)
        except Exception:
            log.exception("request failed", request_id=scope["request_id"])
            if status is None:
                failure = InternalError(OUR_MISTAKE)
                await problem_response(failure, scope["request_id"], self.base_url)(scope, receive, send_with_headers)
            elif not complete:
                raise  # the server breaks the connection off, so that half an answer cannot look whole
        finally:
            _log_request(scope, method, status, time.perf_counter() - started)


def _request_id(scope: Scope) -> str:
    """The caller's own id where it sent a harmless one, so that its logs and ours can be joined; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return uuid.uuid4().hex


def _add_headers(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in COMMON_HEADERS.items():
        headers.setdefault(name, value)
    is_page = headers.get("content-type", "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else DATA_POLICY)
    headers["X-Request-Id"] = request_id


async def _answer_preflight(send: Send) -> None:
    headers: list[Any] = [(name.lower().encode(), value.encode()) for name, value in PREFLIGHT.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _log_request(scope: Scope, method: str, status: int | None, seconds: float) -> None:
    """One line a request: the route's template, not the address, and nothing about the client."""
    route = scope.get("route")
    log.info(
        "request",
        request_id=scope["request_id"],
        method=method,
        route=getattr(route, "path", None),
        status=status,
        milliseconds=round(seconds * 1000, 1),
    )
