"""Errors as problem documents (RFC 9457). Each problem is a class with its status."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from misconduct.errors import DatabaseUnavailable, TooManyPictures, TooManyRows

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Fault(NamedTuple):
    """One thing that is wrong with a request: where, what, and what would be right."""

    parameter: str
    code: str
    detail: str
    did_you_mean: str | None = None
    allowed: list[str] | None = None


class Problem(Exception):
    """Something went wrong in the service. `detail` says what to do."""

    status, code, title = 500, "internal_error", "Internal error"
    headers: Mapping[str, str] = {}
    faults: Sequence[Fault] = ()

    def __init__(self, detail: str, did_you_mean: str | None = None) -> None:
        super().__init__(detail)
        self.detail, self.did_you_mean = detail, did_you_mean


class InvalidParameters(Problem):
    """One or more parameters are unknown, unreadable or out of range. `errors` lists all of them."""

    status, code, title = 422, "invalid_parameters", "Invalid parameters"

    def __init__(self, faults: Sequence[Fault]) -> None:
        first, *others = faults
        more = f" All {len(faults)} mistakes are listed in errors." if others else ""
        super().__init__(f"{first.detail}{more}", first.did_you_mean)
        self.faults = faults


class NotFound(Problem):
    """The path or the record does not exist."""

    status, code, title = 404, "not_found", "Not found"


class UnknownRelease(Problem):
    """There is no such release, or none on that day."""

    status, code, title = 404, "unknown_release", "Release not found"


class MethodNotAllowed(Problem):
    """The service can only be read."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"
    headers: Mapping[str, str] = {"Allow": "GET, HEAD"}


class NotAcceptable(Problem):
    """This address does not have the format that you asked for."""

    status, code, title = 406, "not_acceptable", "Format not available"


class ContentTooLarge(Problem):
    """The answer has too many rows for this format."""

    status, code, title = 413, "too_many_rows", "Too many rows"


class Unavailable(Problem):
    """The database does not answer, no release is loaded yet, or too many pictures are being drawn."""

    status, code, title = 503, "unavailable", "Temporarily unavailable"
    headers: Mapping[str, str] = {"Retry-After": "5"}


ALIASES = {
    "area": "force police_force region country place location locations geography geographic_level geographiclevel",
    "category": "type kind allegation allegation_type offence offense topic subject complaint_type codelist",
    "columns": "fields field select cols col include properties",
    "coverage": "partial",
    "labels": "label include_labels with_labels names",
    "limit": "_size $top per_page page_size pagesize size rows top max count first",
    "measure": "indicator indicators metric outcome finding status series series_id",
    "offset": "page page_number pagenumber skip start next cursor",
    "population": "who people role",
    "q": "search query text keyword keywords term",
    "release": "version view vintage vintage_dates datasetversion realtime_start snapshot",
    "sort": "order order_by orderby sort_by sort_order sort_desc",
    "source": "document article publication source_id",
    "stated_by": "author speaker said_by",
    "unit": "units",
    "value": "number figure amount",
    "year": "years date time period time_period timeperiod timeperiods",
    "year_from": "from since start_date date_from begin from_year startyear startperiod observation_start after",
    "year_to": "to until end end_date date_to to_year endyear endperiod observation_end before",
}
"""What other services call a parameter."""

_FORMAT = "Add the format to the path, as in /v1/allegations.csv, or name it in the header Accept."
_KEY = "No key is needed."
ADVICE = {
    **dict.fromkeys(("format", "f", "file_type", "outputformat", "downloadformat"), _FORMAT),
    **dict.fromkeys(("key", "api_key", "apikey", "app_token"), _KEY),
    "callback": "Any page may read the answers (CORS), so JSONP is not needed.",
}
"""What to do instead of a parameter of other services that has no counterpart."""


SHORTEST_GUESS = 4
"""Characters of a word that is long enough to guess what was meant."""

SHORT_LIST = 10
"""How many values a sentence can list."""


def suggest_parameter(name: str, known: Iterable[str]) -> str | None:
    """Return the parameter that is probably meant by an unknown one, if any."""
    plain = _plain(name)
    for spelling in (name.lower(), plain):
        for parameter in known:
            if spelling == parameter or spelling in ALIASES.get(parameter, "").split():
                return parameter
    return suggest(plain, known)


def _plain(name: str) -> str:
    """Return a name without the signs and the operators that other services add: $limit, _size, value__gt."""
    return name.lower().strip("$_").partition("__")[0].replace("-", "_")


def suggest(given: str, known: Iterable[str]) -> str | None:
    """Return the known value that begins with a given one, or is spelt most like it, if any is close."""
    lowered = {one.lower(): one for one in known}
    if len(given) < SHORTEST_GUESS:
        return None
    longer = [one for one in lowered if one.startswith(given.lower())]
    close = longer[:1] if len(longer) == 1 else get_close_matches(given.lower(), lowered, 1, 0.75)
    return lowered[close[0]] if close else None


def unknown_parameter(name: str, known: Sequence[str]) -> Fault:
    """Describe an unknown parameter."""
    near = suggest_parameter(name, known)
    detail = f"Unknown parameter {name[:80]!r}."
    if instead := ADVICE.get(_plain(name)):
        detail += f" {instead}"
    elif near:
        detail += f" Did you mean {near!r}?"
    return Fault(name[:80], "unknown_parameter", detail, near, sorted(known))


def unknown_value(
    parameter: str, value: str, known: Sequence[str], suggested: str | None, noun: str | None = None
) -> Fault:
    """Describe an unknown value of a parameter."""
    detail = f"Unknown {noun or parameter} {value[:80]!r}." if value else f"{noun or parameter} is empty."
    if suggested:
        detail += f" Did you mean {suggested!r}?"
    elif len(known) < SHORT_LIST:
        detail += f" It can be {', '.join(known)}."
    return Fault(parameter, "unknown_value", detail, suggested, [*known][:100])


def write(request: Request, problem: Problem) -> Response:
    """Return the document of a problem."""
    document = {
        "type": f"{request.state.base_url}/docs#{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "did_you_mean": problem.did_you_mean,
        "errors": [fault._asdict() for fault in problem.faults],
    }
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(orjson.dumps(document), problem.status, headers, MEDIA_TYPE)


Respond = Callable[[Request, Problem], Response]
"""A function that turns a problem into an answer."""


def answer_problems(api: FastAPI, respond: Respond = write) -> None:
    """Answer every error of a route by `respond`: with a problem document, or a page."""

    @api.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return respond(request, error)

    @api.exception_handler(DatabaseUnavailable)
    async def unavailable(request: Request, error: DatabaseUnavailable) -> Response:
        log.debug("the database did not answer: %s", error.__cause__)
        return respond(request, Unavailable("The database did not answer in time. Please try again in a few seconds."))

    @api.exception_handler(TooManyPictures)
    async def too_many_pictures(request: Request, _: TooManyPictures) -> Response:
        detail = "Too many pictures are being drawn as PNG. Please try again in a few seconds, or ask for .svg."
        return respond(request, Unavailable(detail))

    @api.exception_handler(TooManyRows)
    async def too_many_rows(request: Request, error: TooManyRows) -> Response:
        return respond(request, ContentTooLarge(str(error)))

    @api.exception_handler(404)
    async def absent(request: Request, _: HTTPException) -> Response:
        return respond(request, NotFound("Page not found. /docs lists every address."))

    @api.exception_handler(405)
    async def method(request: Request, _: HTTPException) -> Response:
        return respond(request, MethodNotAllowed("Use GET or HEAD: the register is read-only."))

    @api.exception_handler(500)
    async def failure(request: Request, _: Exception) -> Response:
        return respond(request, Problem("Something went wrong on our side. Please try again later."))
