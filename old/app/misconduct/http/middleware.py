"""The layers between the cache and the routes (plain ASGI): headers, log lines and last resort; suffixes and HEAD.

Also the headers by which a browser isolates an answer: OWASP's Secure Headers, as far as open data allows. Anyone may
read an answer (CORS, and `Cross-Origin-Resource-Policy: cross-origin` for charts in other pages), but no page runs in a
frame, except the one made for that, and none loads anything from elsewhere.
"""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.errors import ApiProblem, is_shortage
from misconduct.event_log import log
from misconduct.formats import FORMATS, SUFFIXES
from misconduct.http.problems import describe_failure, problem_response
from misconduct.http.request_log import RequestLog, describe

Headers = Mapping[bytes, bytes]

COMMON_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Content-Disposition, Misconduct-Warnings"
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

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TRANSPORT = "max-age=31536000"
"""HTTPS for a year, but not for subdomains, about which the service knows nothing."""

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[^\r\n]*)?")
_SUFFIXED = re.compile(r"(/v1/(?!releases/[^/]+/(?:files/|bundle\.)).*?[^/])\.((?:vl\.)?[a-z][a-z0-9]{0,9})")

REQUEST = "misconduct.request"
"""Where a scope has its RequestInfo."""

CUT_OFF = "misconduct.cut_off"
"""The key of a scope for the function that closes its connection at once."""

Observe = Callable[[Scope, int | None, float], None]
"""Called for every answer with the scope, the status (None: the client left before it began), and the seconds."""


class BrokenOff(BaseException):
    """The rest of an answer is not sent: the log has the reason, or the client has left. The connection is closed.

    Like a cancellation it is not to be handled by anything on its way.
    """


HAS_LEFT: ContextVar[Callable[[], bool]] = ContextVar("HAS_LEFT", default=bool)
"""Tells whether the client of the request that is being answered has left."""


def require_client() -> None:
    """Raise BrokenOff if the client has left, before what takes long: others wait for it."""
    if HAS_LEFT.get()():
        raise BrokenOff


@dataclass(slots=True)
class RequestInfo:
    """What is read of a request once, by the cache, for all layers: when it began (time.monotonic), its id …

    `headers` has the first of each name. `key` is None where the answer is not cached. `trace` is the id of the trace
    that the request is part of. `flight` is the answer that is being made for it and others; `is_leading`: by this one.
    `epoch` is that of the releases when the answer was begun.
    """

    began: float
    id: bytes
    headers: Headers
    key: str | None
    trace: bytes = b""
    flight: Any = None
    is_leading: bool = False
    epoch: int = 0


class RequestIds:
    """Makes unique ids: a random beginning for this process, and a number."""

    def __init__(self) -> None:
        self._beginning = secrets.token_hex(8).encode()
        self._numbers = itertools.count(1)

    def choose(self, headers: Headers) -> bytes:
        """Return the client's own id if it sent a harmless one, which joins its logs and ours; else a new one."""
        sent = headers.get(b"x-request-id")
        if sent is not None and _REQUEST_ID.fullmatch(sent):
            return sent
        return self.new()

    def new(self) -> bytes:
        """Return an id of our own."""
        return b"%s%016x" % (self._beginning, next(self._numbers))


def read_trace(headers: Headers) -> bytes:
    """Return the trace id of a request with a traceparent (W3C Trace Context); empty if it is not valid."""
    match = _TRACEPARENT.fullmatch(headers[b"traceparent"])
    return b"" if match is None else match[1]


class Envelope:
    """Gives every answer its request id, CORS and security headers, a log line, and a problem if the service fails.

    Cached answers have them already. The scope is a copy, which may be written to.
    """

    def __init__(self, application: ASGIApp, base_url: str, requests: RequestLog, observe: Observe) -> None:
        self.application = application
        self.base_url = base_url
        self._requests = requests
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        request: RequestInfo = scope[REQUEST]
        method = scope["method"]
        scope["request_id"] = request.id.decode()
        status, complete = None, False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                _add_headers(message, request.id, self.base_url)
                status = message["status"]
            else:
                complete = not message.get("more_body", False)
            await send(message)

        try:
            if method == "OPTIONS":
                await _answer_preflight(send_with_headers)
            else:
                await self.application(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 (any is answered or breaks the answer off, and is logged)
            try:
                if status is None:
                    said = problem_response(describe_failure(error), scope["request_id"], self.base_url)
                    await said(scope, receive, send_with_headers)
                elif not complete:
                    raise BrokenOff from error  # so that half an answer cannot look whole
            finally:
                _log_failure(error, scope["request_id"])
        finally:
            self._observe(scope, status, time.monotonic() - request.began)
            route = getattr(scope.get("route"), "path", None)
            self._requests.note(request.id, describe(method, route, status), request.began, request.trace)


def _log_failure(error: Exception, request_id: str) -> None:
    """Log a mistake of ours with its traceback, and a problem that came after the head of its answer by its detail.

    Where memory is short, there may be none for a line either.
    """
    if is_shortage(error):
        with suppress(MemoryError):
            log.warning("an answer lacked room", request_id=request_id, reason=repr(error))
    elif isinstance(problem := error.__cause__, ApiProblem):  # of the RuntimeError that Starlette then raises
        log.warning("an answer was broken off", request_id=request_id, reason=problem.detail)
    else:
        log.error("request failed", request_id=request_id, exc_info=error)


class Suffixes:
    """Takes a format's suffix off the path, and the body off an answer to HEAD, before routing.

    So OpenAPI has one path and one method a resource: `/v1/allegations.csv` is `/v1/allegations` in CSV.
    """

    def __init__(self, application: ASGIApp) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        if (match := _SUFFIXED.fullmatch(scope["path"])) and match[2] in SUFFIXES:
            path, suffix = match.groups()
            is_chart = suffix == "json" and path.startswith("/v1/charts/")  # not its record, which has no suffix
            scope.update(path=path, raw_path=path.encode(), suffix=FORMATS["vega-lite"].suffix if is_chart else suffix)
        if scope["method"] == "HEAD":
            scope.update(method="GET", headed=True)
            send = _without_body(send)
        await self.application(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


@lru_cache(64)
def browser_headers(base_url: str, media_type: str, policy: str | None) -> Mapping[str, str]:
    """Return the security headers of an answer of this type. `policy`: the content policy that its route has set."""
    is_page = media_type.startswith("text/html")
    policy = policy or (PAGE_POLICY if is_page else DATA_POLICY)
    headers = {"Content-Security-Policy": policy}
    if "frame-ancestors 'none'" in policy:
        headers["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
    if is_page:
        headers |= PAGE_HEADERS
    if base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = TRANSPORT
    return headers


@lru_cache(64)
def _all_headers(base_url: str, media_type: bytes, policy: bytes | None) -> tuple[tuple[bytes, bytes], ...]:
    browser = browser_headers(base_url, media_type.decode("latin-1"), policy and policy.decode("latin-1"))
    return tuple((name.lower().encode(), value.encode()) for name, value in {**COMMON_HEADERS, **browser}.items())


_COMMON_HEADERS = tuple((name.lower().encode(), value.encode()) for name, value in COMMON_HEADERS.items())


def _add_headers(message: Message, request_id: bytes, base_url: str) -> None:
    """Add the headers that the route has not set."""
    pairs = [*message["headers"]]
    there, added = dict(pairs), _COMMON_HEADERS
    if message["status"] != HTTPStatus.NOT_MODIFIED:  # whose headers replace those of the cached answer
        added = _all_headers(base_url, there.get(b"content-type", b""), there.get(b"content-security-policy"))
    pairs += [pair for pair in added if pair[0] not in there]
    pairs.append((b"x-request-id", request_id))
    message["headers"] = pairs


def encode_problem(problem: ApiProblem, request_id: bytes, base_url: str) -> tuple[bytes, bytes]:
    """Return the header lines and the body of a problem, for answers that are given without the layers."""
    answer = problem_response(problem, request_id.decode(), base_url)
    headers = {**answer.headers, **COMMON_HEADERS, **browser_headers(base_url, answer.media_type or "", None)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return lines.encode() + b"x-request-id: %b\r\n" % request_id, bytes(answer.body)


async def _answer_preflight(send: Send) -> None:
    headers: list[Any] = [(name.lower().encode(), value.encode()) for name, value in PREFLIGHT.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
