"""The outermost layer: what every answer has, whatever happens inside (plain ASGI).

A request id, CORS and security headers, one log line, and a problem document where the service itself failed.
"""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import ApiProblem, InternalError
from app.http.problems import OUR_MISTAKE, problem_response
from app.http.request_log import RequestLog, describe
from app.http.security import browser_headers

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

COMMON_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Content-Disposition"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, If-Match, If-None-Match, If-Range, Range, X-Request-Id",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, OPTIONS",
}

Observe = Callable[[Scope, int | None, float], None]
"""Told of every answer: the request's scope, the status (None: the client left before), and the seconds it took."""

log = structlog.get_logger()


class RequestIds:
    """Ids that no other request has: this process's own beginning, which nobody can guess, and a number."""

    def __init__(self) -> None:
        self._beginning = secrets.token_hex(8).encode()
        self._numbers = itertools.count(1)

    def of(self, headers: Mapping[bytes, bytes]) -> bytes:
        """The caller's own id where it sent a harmless one, so that its logs and ours can be joined; else a new one."""
        sent = headers.get(b"x-request-id")
        if sent is not None and _REQUEST_ID.fullmatch(sent):
            return sent
        return b"%s%016x" % (self._beginning, next(self._numbers))


class Envelope:
    """Wraps the service; what was answered before does not come here. Its scope is a copy, which it may write to."""

    def __init__(
        self, application: ASGIApp, base_url: str, requests: RequestLog, observe: Observe | None = None
    ) -> None:
        self.application = application
        self.base_url = base_url
        self._ids = RequestIds()
        self._requests = requests
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        began, method = time.time(), scope["method"]
        scope["request_id"] = self._ids.of(dict(scope["headers"][::-1])).decode()
        status, complete = None, False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, scope["request_id"], self.base_url)
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
            self._note_request(scope, method, status, began)

    def _note_request(self, scope: Scope, method: str, status: int | None, began: float) -> None:
        if self._observe is not None:
            self._observe(scope, status, time.time() - began)
        route = getattr(scope.get("route"), "path", None)
        self._requests.note(scope["request_id"].encode(), describe(method, route, status), began)


def _add_headers(message: Message, request_id: str, base_url: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in COMMON_HEADERS.items():
        headers.setdefault(name, value)
    if message["status"] != HTTPStatus.NOT_MODIFIED:  # whose headers replace those of the kept answer
        policy = headers.get("content-security-policy")
        headers.update(browser_headers(base_url, headers.get("content-type", ""), policy))
    headers["X-Request-Id"] = request_id


def encode_problem(problem: ApiProblem, request_id: bytes, base_url: str) -> tuple[bytes, bytes]:
    """The header lines and the body of a problem, for answers that are given without the layers."""
    answer = problem_response(problem, request_id.decode(), base_url)
    headers = {**answer.headers, **COMMON_HEADERS, **browser_headers(base_url, answer.media_type or "", None)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return lines.encode() + b"x-request-id: %b\r\n" % request_id, bytes(answer.body)


async def _answer_preflight(send: Send) -> None:
    headers: list[Any] = [(name.lower().encode(), value.encode()) for name, value in PREFLIGHT.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
