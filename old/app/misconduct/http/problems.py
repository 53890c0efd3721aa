"""Answer errors with problem documents (RFC 9457): always JSON, never a traceback."""

from __future__ import annotations

import http
import re
from collections.abc import Callable
from traceback import clear_frames
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from misconduct.errors import (
    ApiProblem,
    InternalError,
    MethodNotAllowed,
    NoSuchChart,
    NotFound,
    Overloaded,
    Removed,
    TooManyRequests,
    is_shortage,
)
from misconduct.event_log import log
from misconduct.formats.json import encode_json
from misconduct.http.conditional import NotModified
from misconduct.http.shared_caches import CACHING_HEADERS, caching_of_error

MEDIA_TYPE = "application/problem+json"
NAMES_ABSENT = ("unknown_code", "not_in_release")
"""The codes of faults that a removal by law makes of what was answered before."""

OUR_MISTAKE = "Something went wrong in the service. Please report it with the request_id."
NO_ROOM = "The machine has too little room for this answer at the moment. Please try again in a few seconds."


def problem_document(problem: ApiProblem, request_id: str, base_url: str) -> dict[str, Any]:
    """Return a problem as RFC 9457 defines it, with `code`, `request_id` and `errors` added."""
    return {
        "type": f"{base_url}/docs#{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": request_id,
        "errors": [fault.as_json() for fault in problem.faults],
        **problem.extensions,
    }


def problem_response(problem: ApiProblem, request_id: str, base_url: str) -> Response:
    """Return a problem as a response."""
    is_kept = isinstance(problem, Removed | NoSuchChart) or any(one.code in NAMES_ABSENT for one in problem.faults)
    headers = caching_of_error("Accept", is_kept=is_kept)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == http.HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "GET, HEAD, OPTIONS"
    if problem.status == http.HTTPStatus.UPGRADE_REQUIRED:
        headers["Upgrade"] = "HTTP/1.1"
    if problem.status == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        headers["Content-Range"] = f"bytes */{problem.extensions['length']}"
    if isinstance(problem, TooManyRequests):
        headers["RateLimit-Policy"] = f'"client";q={problem.amount};w={problem.window}'
        headers["RateLimit"] = f'"client";r=0;t={problem.retry_after}'
    body = encode_json(problem_document(problem, request_id, base_url))
    return Response(body, problem.status, headers, MEDIA_TYPE)


PageMaker = Callable[[Request, ApiProblem], Response | None]
"""Returns a problem as a page for people, or None where a problem document is the answer."""


def answer_problems(application: FastAPI, base_url: str, page: PageMaker) -> None:
    """Register handlers that turn every error of a route into a problem, and NotModified into a 304."""

    def respond(request: Request, problem: ApiProblem) -> Response:
        document = problem_response(problem, request.scope["request_id"], base_url)
        answer = page(request, problem)
        if answer is None:
            return document
        shared = (*(name.lower() for name in CACHING_HEADERS), "retry-after", "allow")
        answer.headers.update({name: document.headers[name] for name in shared if name in document.headers})
        return answer

    @application.exception_handler(ApiProblem)
    async def answer_problem(request: Request, error: ApiProblem) -> Response:
        return respond(request, error)

    @application.exception_handler(HTTPException)
    async def answer_http_error(request: Request, error: HTTPException) -> Response:
        return respond(request, _as_problem(request, error))

    @application.exception_handler(Exception)
    async def answer_failure(request: Request, error: Exception) -> Response:
        return respond(request, describe_failure(error))

    @application.exception_handler(NotModified)
    async def answer_not_modified(_request: Request, error: NotModified) -> Response:
        return Response(status_code=304, headers=error.headers)


def describe_failure(error: Exception) -> ApiProblem:
    """Return what a client is told of an error that nothing handles.

    Where room is short, what the functions that failed hold is given back first: the answer needs some, too.
    """
    if not is_shortage(error):
        return InternalError(OUR_MISTAKE)
    clear_frames(error.__traceback__)
    return Overloaded(NO_ROOM)


def _nearest(request: Request) -> str | None:
    """Return the address that was meant by one with a final slash, in capitals, or with a singular; None if unknown."""
    path, suffix = request.scope["path"], request.scope.get("suffix")
    plain = path.lower().rstrip("/")
    for meant in (path.rstrip("/"), plain, re.sub(r"^((/v1)?/[a-z-]+)", r"\1s", plain)):
        scope = {**request.scope, "path": meant}
        if meant != path and any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            return f"{meant}.{suffix}" if suffix else str(meant)
    return None


def _as_problem(request: Request, error: HTTPException) -> ApiProblem:
    if error.status_code == http.HTTPStatus.NOT_FOUND:
        near = _nearest(request)
        hint = f" Did you mean {near}?" if near else ""
        places = " See /openapi.json and /docs for all addresses." if request.scope["path"].startswith("/v1") else ""
        detail = f"There is nothing at this address.{hint}{places}"
        return NotFound(detail, did_you_mean=near)
    if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        return MethodNotAllowed(f"{request.method[:20]} is not allowed here.")
    log.error("unexpected http error", status=error.status_code)
    return InternalError(OUR_MISTAKE)
