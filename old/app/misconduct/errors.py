"""Every error this program raises, by its most specific name.

Two families. A `MisconductError` stops a command, which prints it. An `ApiProblem` is an answer: an RFC 9457 problem
document with the status, code and title of its class.
"""

from __future__ import annotations

import errno
import re
import signal
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

_SHORTAGES = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT}
_LACKS = re.compile(
    "not enough memory|out of memory|memory allocation|cannot allocate|can't start new thread"
    # orjson of a valid text, and Python itself, where there was no room for the words
    "|str is not valid UTF-8: surrogates not allowed: line 1 column 1|error return without exception set",
    re.IGNORECASE,
)


def is_shortage(error: BaseException) -> bool:
    """Tell whether the machine has no more memory, threads, files or disk, which some libraries say only in words."""
    if isinstance(error, OSError):
        return error.errno in _SHORTAGES
    return isinstance(error, MemoryError) or _LACKS.search(str(error)) is not None


class MisconductError(Exception):
    """Stops a command. `hint` says how to fix it."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}\n{hint}")
        self.message = message
        self.hint = hint


def name_signal(number: int) -> str:
    """Return the name of a signal; most real-time ones have none."""
    return signal.Signals(number).name if number in {*signal.Signals} else f"signal {number}"


class DatabaseUnreachable(MisconductError):
    """Postgres does not answer at the configured address, or stopped to."""

    @property
    def is_lost(self) -> bool:
        """Whether the connection was lost or could not be made."""
        return is_lost(self.__cause__)


def is_lost(cause: BaseException | None) -> bool:
    """Return whether a driver's error is of the connection: a statement that is refused has another SQLSTATE."""
    state = getattr(getattr(cause, "orig", cause), "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


class SchemaInUse(MisconductError):
    """A migration could not get a lock in time."""


class MigrationRefused(MisconductError):
    """The database, or the role that connects, does not let this version migrate the schema."""


class TemporaryFolderFull(MisconductError):
    """The temporary folder has no room."""


class CacheRefused(MisconductError):
    """A shared cache was not purged."""


class CacheSilent(CacheRefused):
    """A shared cache cannot be reached, or does not answer."""


class RegisterDiverged(MisconductError):
    """The database holds releases that the register does not have, or that differ from it."""


class DatabaseChanged(MisconductError):
    """Somebody changed what was loaded into the database."""


class NothingReleased(MisconductError):
    """The register has no release to serve."""


class LoadInProgress(MisconductError):
    """Another load holds the lock, and did not finish in time."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in the register: where it is, what was found, and what is allowed.

    `line` and `column` count from 1, columns in characters; 0 where the mistake concerns the whole file. Of a published
    table, whose name has a `#` behind it, they are the row and the column of a cell.
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
        at = f"cell={self.line},{self.column}" if self.file.endswith("#") else f":{self.line}:{self.column}"
        return printable(f"{self.file}{at}: " + "; ".join(part for part in parts if part))


def printable(line: str) -> str:
    """Return a line with escapes for what cannot be printed: names of files may have line feeds and worse."""
    return line if line.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in line)


class RegisterRefused(MisconductError):
    """The register has mistakes. `mistakes` holds those that are shown, `total` counts all.

    If it `is_cut_short`, the rest was not read: there may be more.
    """

    def __init__(self, mistakes: Sequence[Mistake], total: int | None = None, *, is_cut_short: bool = False) -> None:
        self.mistakes, self.is_cut_short = tuple(mistakes), is_cut_short
        self.total = len(mistakes) if total is None else total
        super().__init__("\n".join(map(str, self.mistakes)))

    def is_all(self, code: str) -> bool:
        """Tell whether all mistakes are shown, and have one code."""
        return len(self.mistakes) == self.total and all(one.code == code for one in self.mistakes)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request: the parameter, and what is allowed."""

    parameter: str
    code: str
    detail: str
    allowed: tuple[str, ...] | None = None
    did_you_mean: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class ApiProblem(Exception):
    """An answer that is a problem. The class has status, code and title; the instance has the detail."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    retry_after: int | None = None

    def __init__(self, detail: str, faults: Sequence[Fault] = (), **extensions: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)
        self.extensions = extensions


class InternalError(ApiProblem):
    """An error in this service; the log has it under the request id."""


class MalformedRequest(ApiProblem):
    """Bytes that are not an HTTP request."""

    status, code, title = 400, "malformed_request", "Not an HTTP request"


class InvalidRequest(ApiProblem):
    """Parameters that are unknown, malformed, out of range or contradictory, all reported at once."""

    status, code, title = 422, "invalid_request", "Invalid request"


class InvalidCursor(ApiProblem):
    """A cursor that was not made by this service for this query and release."""

    status, code, title = 422, "invalid_cursor", "The cursor is for another query"


class NotFound(ApiProblem):
    """The path or record does not exist."""

    status, code, title = 404, "not_found", "Not found"


class UnknownRelease(ApiProblem):
    """A release number that does not exist, or a day before the first release."""

    status, code, title = 404, "unknown_release", "Release not found"


class NotInRelease(ApiProblem):
    """A record that exists, but not in the requested release."""

    status, code, title = 404, "not_in_release", "The record is not in that release"


class Removed(ApiProblem):
    """A record that was removed by law. Its line and hash stay in the manifests."""

    status, code, title = 410, "removed", "The record was removed"


class MethodNotAllowed(ApiProblem):
    """A method other than GET, HEAD or OPTIONS."""

    status, code, title = 405, "method_not_allowed", "Only GET, HEAD and OPTIONS are allowed"


class NotAcceptable(ApiProblem):
    """The resource has none of the requested formats."""

    status, code, title = 406, "not_acceptable", "The resource does not have this format"


class PreconditionFailed(ApiProblem):
    """`If-Match` names a version other than the current one."""

    status, code, title = 412, "precondition_failed", "The version has changed"


class RangeNotSatisfiable(ApiProblem):
    """A range of bytes that begins after the end of the answer."""

    status, code, title = 416, "range_not_satisfiable", "Range not satisfiable"


class RequestTooLong(ApiProblem):
    """A query string above the published limit, or an address above 64 kB."""

    status, code, title = 414, "request_too_long", "The query is too long"


class RequestHeadersTooLarge(ApiProblem):
    """Too many headers, or of more than 64 kB in total."""

    status, code, title = 431, "request_headers_too_large", "The request headers are too large"


class NoSuchChart(ApiProblem):
    """Figures that one chart cannot show as asked: too many, or of kinds that may not share an axis."""

    status, code, title = 422, "no_such_chart", "These figures cannot be drawn like this"


class ExportTooLarge(ApiProblem):
    """More rows than one export may have, reported before the first byte is sent."""

    status, code, title = 413, "export_too_large", "The export is too large"


class UpgradeRequired(ApiProblem):
    """A long answer without a length, for a client of HTTP/1.0 behind a proxy: half of it would look whole."""

    status, code, title = 426, "upgrade_required", "Please ask in HTTP/1.1"


class DatabaseUnavailable(ApiProblem):
    """The database did not answer in time."""

    status, code, title = 503, "database_unavailable", "The database does not answer"
    retry_after = 2


class Overloaded(ApiProblem):
    """More requests at once than this service handles; cached answers are still given."""

    status, code, title = 503, "overloaded", "The service is overloaded"
    retry_after = 1


class TooManyRequests(ApiProblem):
    """More requests from one client than allowed, not counting cached answers."""

    status, code, title = 429, "too_many_requests", "Too many requests"

    def __init__(self, detail: str, *, amount: int, window: int, seconds: int) -> None:
        """`amount` requests are allowed in `window` seconds; the next one in `seconds`."""
        super().__init__(detail)
        self.amount, self.window, self.retry_after = amount, window, seconds


class NotReady(ApiProblem):
    """No release is known yet, a file is built again after a removal by law, or the service stops. `detail` says so."""

    status, code, title = 503, "not_ready", "Not ready"
    retry_after = 2
