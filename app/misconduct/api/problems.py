"""Errors as problem documents (RFC 9457). Each problem is a class with its status."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from misconduct.api.addresses import POSTED, find_methods
from misconduct.api.corrections import PATH, Fault
from misconduct.errors import DatabaseUnavailable, TooBusy, TooManyRows
from misconduct.model.shapes import Shape, about, as_answer, having

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MAX_SHOWN = 80  # characters of what a client sent that an error repeats


@having({"try": Annotated[list[str], about("The request that was meant, ready.")]})
class FaultOfRequest(Shape):
    """One thing that is wrong with a request."""

    parameter: str
    value: str
    code: str
    detail: str
    did_you_mean: list[str]


@as_answer
class ProblemDocument(Shape):
    """An error (RFC 9457). `detail` is a sentence that says what to do; `errors` has everything that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FaultOfRequest]


class Problem(Exception):
    """Something went wrong in the service. `detail` says what to do.

    `release` is one that cannot be served as it is asked for, and `meant` an address to ask instead.
    """

    status, code, title = 500, "internal_error", "Internal error"
    headers: Mapping[str, str] = {}
    faults: Sequence[Fault] = ()

    def __init__(
        self, detail: str, *, release: str | None = None, meant: str | None = None
    ) -> None:
        super().__init__(detail)
        self.detail, self.meant = detail, meant
        if release is not None:
            value = release[:MAX_SHOWN]
            self.faults = [Fault("release", self.code, detail, value=value)]

    @property
    def did_you_mean(self) -> str | None:
        """What is meant by what is wrong first."""
        return self.faults[0].did_you_mean if self.faults else None


class InvalidParameters(Problem):
    """One or more parameters are unknown, unreadable or out of range. `errors` lists all of them."""

    status, code, title = 422, "invalid_parameters", "Invalid parameters"

    def __init__(self, faults: Sequence[Fault]) -> None:
        first, *others = faults
        more = f" In all, {len(faults)} mistakes: see errors." if others else ""
        super().__init__(f"{first.detail}{more}")
        self.faults = faults


UNKNOWN = ("figure", "indicator", "area", "chart", "source", "note", "file")
"""What a path names and does not exist: each has its own code, such as unknown_figure."""


class NotFound(Problem):
    """The path or the record does not exist. `value` is what is unknown in the path, `near` what is probably meant."""

    status, code, title = 404, "unknown_address", "Not found"

    def __init__(
        self,
        detail: str,
        near: str | None = None,
        *,
        of: str = "address",
        value: str = "",
    ) -> None:
        super().__init__(detail)
        self.code = f"unknown_{of}"
        self.faults = [Fault(PATH, self.code, detail, near, value[:MAX_SHOWN])]


class UnknownRelease(Problem):
    """There is no such release."""

    status, code, title = 404, "unknown_release", "Release not found"


class FormerRelease(Problem):
    """The release was made before the first public one, and is not served."""

    status, code, title = 410, "former_release", "Release not served"


class NotInTables(Problem):
    """The release is served as files only: tables, lists and pictures are of the newest, or of the one before it."""

    status, code, title = 410, "not_in_tables", "Release no longer in the tables"


class MethodNotAllowed(Problem):
    """The address does not take this method. The header Allow names those that it takes."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"


class TextTooLong(Problem):
    """The text has more characters than are compared at once."""

    status, code, title = 413, "text_too_long", "Text too long"


class AddressTooLong(Problem):
    """The address is longer than is read, or has more parameters."""

    status, code, title = 414, "address_too_long", "Address too long"


class HeadersTooLarge(Problem):
    """The headers have more bytes than are read."""

    status, code, title = 431, "headers_too_large", "Headers too large"


class NotAcceptable(Problem):
    """This address does not have the format that you asked for."""

    status, code, title = 406, "not_acceptable", "Format not available"


class ContentTooLarge(Problem):
    """The answer has too many rows for this format."""

    status, code, title = 413, "too_many_rows", "Too many rows"


class FormatNotImplemented(Problem):
    """oEmbed allows this format, but this service does not have it."""

    status, code, title = 501, "format_not_implemented", "Format not implemented"


class Unavailable(Problem):
    """The database does not answer, no release is loaded yet, or too much is drawn, written or compared at once."""

    status, code, title = 503, "unavailable", "Temporarily unavailable"
    headers: Mapping[str, str] = {"Retry-After": "5"}


def write(request: Request, problem: Problem) -> Response:
    meant = problem.meant
    document: ProblemDocument = {
        "type": f"{request.state.base_url}/docs#{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "errors": [_describe_fault(fault, meant) for fault in problem.faults],
    }
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(orjson.dumps(document), problem.status, headers, MEDIA_TYPE)


def _describe_fault(fault: Fault, meant: str | None) -> Any:
    near = fault.did_you_mean
    return {
        "parameter": fault.parameter[:MAX_SHOWN],
        "value": fault.value,
        "code": fault.code,
        "detail": fault.detail,
        "did_you_mean": [near] if near else [],
        "try": [meant] if meant else [],
    }


Responses = dict[int | str, dict[str, Any]]


def declare(*kinds: type[Problem]) -> Responses:
    return {
        kind.status: {"model": ProblemDocument, "description": kind.title}
        for kind in kinds
    }


PROBLEMS = declare(
    NotFound, FormerRelease, AddressTooLong, InvalidParameters, Unavailable
)


def declare_problems(document: dict[str, Any]) -> None:
    """Declare in an OpenAPI document that errors are problem documents. FastAPI calls every model plain JSON."""
    operations = (
        operation for path in document["paths"].values() for operation in path.values()
    )
    for operation in operations:
        for status, response in operation["responses"].items():
            if status >= "400" and "application/json" in response["content"]:
                response["content"] = {
                    MEDIA_TYPE: response["content"]["application/json"]
                }


Respond = Callable[
    [Request, Problem], Response
]  # a function that turns a problem into an answer


Answer = Callable[[Request, Exception], Awaitable[Response]]
FindMeant = Callable[[Request, Sequence[Fault]], Awaitable[str | None]]


def answer_problems(
    api: FastAPI, respond: Respond = write, find_meant: FindMeant | None = None
) -> Answer:
    """Answer with problems, each with the request that was meant. Returns the function that does it."""

    async def answer(request: Request, error: Exception) -> Response:
        if (
            isinstance(error, DatabaseUnavailable)
            and request.state.releases.is_database_up
        ):  # else it has been logged
            log.warning(
                "%s (%s)", error, type(error.__cause__).__name__
            )  # the rest may quote a query
        problem, path = describe(error), request.scope["path"]
        if isinstance(problem, MethodNotAllowed):
            problem = MethodNotAllowed(POSTED.get(path, problem.detail))
            problem.headers = {"Allow": find_methods(path)}
        if find_meant and problem.faults and not problem.meant:
            problem.meant = await find_meant(request, problem.faults)
        return respond(request, problem)

    for kind in (Problem, DatabaseUnavailable, TooBusy, TooManyRows, 405, 500):
        api.add_exception_handler(kind, answer)
    return answer


def describe(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case DatabaseUnavailable():
            return Unavailable(f"{error} Please try again in a few seconds.")
        case TooBusy():
            return Unavailable(str(error))
        case TooManyRows():
            return ContentTooLarge(str(error))
        case HTTPException(status_code=405):
            return MethodNotAllowed("Use GET or HEAD: the register is read-only.")
        case _:
            return Problem("Something went wrong on our side. Please try again later.")
