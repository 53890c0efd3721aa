"""Every error this program raises, by its most specific name.

Two families. A `MisconductError` stops a command and is told to the person at the keyboard. An `ApiProblem` is an
answer: it becomes an RFC 9457 problem document with the status, code and title that its class names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


class MisconductError(Exception):
    """Something that stops a command. `hint` says what would mend it."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}\n{hint}")
        self.message = message
        self.hint = hint


class DatabaseUnreachable(MisconductError):
    """No answer from Postgres at the configured address."""


class SchemaInUse(MisconductError):
    """A migration did not get a lock that it needs in time."""


class MigrationRefused(MisconductError):
    """The database, or the role at its address, does not let this version of the code bring it to its schema."""


class RegisterDiverged(MisconductError):
    """The database holds releases that the register does not have, or has differently."""


class DatabaseChanged(MisconductError):
    """The database does not hold what was loaded into it: somebody changed it."""


class NothingReleased(MisconductError):
    """The register has no release that could be served."""


class LoadInProgress(MisconductError):
    """Another load holds the lock and did not finish in time."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in the register, where it is, and what would be right.

    `line` and `column` count from 1, columns in characters; 0 where the mistake is the whole file's.
    """

    file: str
    line: int
    column: int
    code: str
    found: str
    allowed: str = ""
    did_you_mean: str = ""

    def __str__(self) -> str:
        parts = [self.found, self.allowed, self.did_you_mean and f"did you mean {self.did_you_mean}?"]
        said = f"{self.file}:{self.line}:{self.column}: " + "; ".join(part for part in parts if part)
        return said if said.isprintable() else "".join(map(_printable, said))


def _printable(character: str) -> str:
    """The character, or its escape: names of files may hold line feeds and worse."""
    return character if character.isprintable() else repr(character)[1:-1]


class RegisterRefused(MisconductError):
    """The register has mistakes. All that were found are in `mistakes`; `total` may exceed those kept."""

    def __init__(self, mistakes: Sequence[Mistake], total: int | None = None) -> None:
        self.mistakes = tuple(mistakes)
        self.total = len(mistakes) if total is None else total
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request: which parameter, and what would be right."""

    parameter: str
    code: str
    detail: str
    allowed: tuple[str, ...] | None = None
    did_you_mean: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class ApiProblem(Exception):
    """An answer that is a problem. The class gives status, code and title; the instance the detail."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "The service failed"
    retry_after: int | None = None

    def __init__(self, detail: str, faults: Sequence[Fault] = (), **extensions: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)
        self.extensions = extensions


class InternalError(ApiProblem):
    """A fault of this service; the log has it under the request id."""


class MalformedRequest(ApiProblem):
    """Bytes that are no HTTP request."""

    status, code, title = 400, "malformed_request", "This is no request"


class InvalidRequest(ApiProblem):
    """Parameters that are unknown, malformed, out of range or contradictory. All of them are named at once."""

    status, code, title = 422, "invalid_request", "The request has mistakes"


class InvalidCursor(ApiProblem):
    """A cursor that was not made by this service for this query and release."""

    status, code, title = 422, "invalid_cursor", "This cursor does not belong to this query"


class NotFound(ApiProblem):
    """No such path or record."""

    status, code, title = 404, "not_found", "There is nothing here"


class UnknownRelease(ApiProblem):
    """A release number, or a day before the first release."""

    status, code, title = 404, "unknown_release", "There is no such release"


class NotInRelease(ApiProblem):
    """A record that exists, but not in the release that was asked for."""

    status, code, title = 404, "not_in_release", "This record is not in that release"


class Removed(ApiProblem):
    """A record whose content was removed by law. Its line and hash stay in the manifests."""

    status, code, title = 410, "removed", "This record was removed"


class MethodNotAllowed(ApiProblem):
    """Something other than GET, HEAD or OPTIONS."""

    status, code, title = 405, "method_not_allowed", "This service only answers GET, HEAD and OPTIONS"


class NotAcceptable(ApiProblem):
    """No format that this resource has is among those asked for."""

    status, code, title = 406, "not_acceptable", "This resource has no such format"


class PreconditionFailed(ApiProblem):
    """`If-Match` names another version than the one that would be sent."""

    status, code, title = 412, "precondition_failed", "This is another version"


class RangeNotSatisfiable(ApiProblem):
    """A range of bytes that begins after the end of the answer."""

    status, code, title = 416, "range_not_satisfiable", "The answer has no such range"


class RequestTooLong(ApiProblem):
    """A query string beyond the published limit, or an address beyond 64 kB."""

    status, code, title = 414, "request_too_long", "The query is too long"


class RequestHeadersTooLarge(ApiProblem):
    """Headers of more than 64 kB in all."""

    status, code, title = 431, "request_headers_too_large", "The headers of the request are too long"


class ExportTooLarge(ApiProblem):
    """More rows than one export may have; known, and said, before the first byte."""

    status, code, title = 413, "export_too_large", "That is more than one export may hold"


class DatabaseUnavailable(ApiProblem):
    """The database did not answer in time."""

    status, code, title = 503, "database_unavailable", "The database does not answer"
    retry_after = 2


class Overloaded(ApiProblem):
    """More requests at once than this service takes on; answers that it has in memory are still given."""

    status, code, title = 503, "overloaded", "Too much is asked at once"
    retry_after = 1


class TooManyRequests(ApiProblem):
    """More requests of one client than were set, not counting those that were answered from memory."""

    status, code, title = 429, "too_many_requests", "You ask too often"

    def __init__(self, detail: str, *, amount: int, window: int, seconds: int) -> None:
        """`amount` requests in `window` seconds were set; in `seconds` there is one more."""
        super().__init__(detail)
        self.amount, self.window, self.retry_after = amount, window, seconds


class NotReady(ApiProblem):
    """No release is known yet: the database does not answer, refuses the reader, or holds none. `detail` says which."""

    status, code, title = 503, "not_ready", "No release is known yet"
    retry_after = 2
