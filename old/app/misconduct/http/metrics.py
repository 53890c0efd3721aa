"""Metrics for Prometheus: counts and times of this process or, with several workers, of all of them.

Each of several workers writes its numbers to its own files in PROMETHEUS_MULTIPROC_DIR (`share_folder`), and the worker
that is asked adds them up. A worker that replaces another continues its files. No label holds anything that a client
sent.

The files are memory-mapped: if the disk is full, the system ends the process (SIGBUS). So room is allocated before
anything is written, and what does not fit is not counted. Systems delete old files from temporary folders: a worker
whose files are gone makes new ones, and begins to count again.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import itertools
import os
import re
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from math import inf, nan
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple

from starlette.types import Scope

from misconduct.db.engine import Database
from misconduct.errors import Overloaded
from misconduct.event_log import log
from misconduct.model.records import Release

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

SHARED = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "misconduct-metrics-"
"""The beginning of the name of a shared folder, if it is ours and not one that the operator chose."""

USED = "used.lock"
"""The file in it that the first process has locked while it lives."""

WRITE_SECONDS = 1.0
REST = 9  # times as long as it takes to encode everything: nothing is encoded meanwhile, so that others are answered
AGAIN_SECONDS = 0.1
LONGEST_REST = 2.0  # seconds: where other programs take the processor, encoding takes long by the clock alone
FIRST_BYTES = 1 << 16  # of a file of numbers; the library doubles it whenever it is full
SERIES_BYTES = 400  # at most, for a number with its name and labels, but for the route
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""The upper ends of the histogram's buckets."""


UNREADABLE = "The files in which the workers share their numbers cannot be read at the moment. Please try again."
UNROUTED = "none"
"""The route of requests without one: unknown addresses, preflights, other methods."""


class GaugeOf(NamedTuple):
    """One gauge: its name, what it says of several workers (their sum, or the worst of them), and its description."""

    name: str
    mode: str
    said: str


GAUGES = (
    GaugeOf("misconduct_pool_in_use", "livesum", "Database connections in use."),
    GaugeOf("misconduct_pool_size", "livesum", "Database connections that there may be."),
    GaugeOf("misconduct_pool_waiting", "livesum", "Statements that wait for a database connection."),
    GaugeOf("misconduct_workers", "livesum", "Processes that answer."),
    GaugeOf("misconduct_ready", "livemin", "1 where every worker knows a release."),
    GaugeOf("misconduct_database_answers", "livemin", "1 where the database answers every worker."),
    GaugeOf("misconduct_database_silent_seconds", "livemax", "Time since a worker last heard the database."),
    GaugeOf(
        "misconduct_release_ordinal", "livemin", "The place in the chain of the newest release that all workers know."
    ),
    GaugeOf("misconduct_lost_recalls", "livemax", "Recalls that a worker knows and its database has lost."),
    GaugeOf("misconduct_release_loaded_seconds", "livemin", "When the newest release was loaded, since 1970."),
    GaugeOf("misconduct_replica_lag_seconds", "livemax", "How far the furthest replica is behind; +Inf: not known."),
    GaugeOf("misconduct_cache_entries", "livesum", "Answers in memory."),
    GaugeOf("misconduct_cache_bytes", "livesum", "The memory that they take."),
    GaugeOf("process_resident_memory_bytes", "livesum", "Memory of the workers."),
    GaugeOf("process_virtual_memory_bytes", "livesum", "Virtual memory of the workers."),
    GaugeOf("process_open_fds", "livesum", "Open files and connections of the workers."),
    GaugeOf("process_max_fds", "livemin", "How many of them one worker may have."),
    GaugeOf("process_start_time_seconds", "livemax", "When the newest worker began, since 1970."),
)
"""All gauges, of which every worker writes its own each second. So the answer does not depend on the worker asked."""


@dataclass
class CacheCounts:
    """How many requests the cache answered by status, could not answer, and refused. It counts, and Metrics reads.

    `measure` tells how many answers are in memory, and their bytes.
    """

    hits: dict[int, int] = field(default_factory=lambda: dict.fromkeys((200, 206, 304, 416), 0))
    misses: int = 0
    refused: int = 0
    measure: Callable[[], tuple[int, int]] = lambda: (0, 0)


@dataclass(frozen=True)
class Facts:
    """What this process knows of the releases and the database."""

    release: Release | None
    loaded: float
    database_answers: bool
    silent_seconds: float
    lost_recalls: int
    version: str
    build: str


@contextmanager
def share_folder(workers: int) -> Iterator[None]:
    """Provide a folder, for the block, in which workers share their numbers. It must exist before they start.

    Those of services that were killed are deleted: nobody holds their locks.
    """
    if workers == 1 or SHARED in os.environ:
        yield
        return
    for left in Path(gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # which another start deleted
            is_own = left.lstat().st_uid == os.geteuid() and (left / USED).exists()
            if is_own and (held := _hold(left / USED)) is not None:
                with held:
                    rmtree(left)
    with TemporaryDirectory(prefix=PREFIX) as folder, _hold(Path(folder, USED)) or nullcontext():
        os.environ[SHARED] = folder
        try:
            yield
        finally:
            del os.environ[SHARED]


class SharedFiles:
    """The files of one worker in the shared folder, under a number that it holds while it lives."""

    def __init__(self, folder: Path) -> None:
        """Take a free number and allocate its files. Raises OSError if there is no room for them."""
        self.folder = folder
        _make_folder(folder)
        numbers = ((number, _lock(folder, number)) for number in itertools.count())
        self.number, self._held = next((number, held) for number, held in numbers if held is not None)
        self._places = {_lock_path(folder, self.number): _identity(os.fstat(self._held.fileno()))}
        for kind in ("counter", *(f"gauge_{mode}" for mode in sorted({gauge.mode for gauge in GAUGES})), "histogram"):
            path = folder / f"{kind}_{self.number}.db"
            _allocate(path, FIRST_BYTES)
            self._places[path] = _identity(path.stat())
        self._histograms = folder / f"histogram_{self.number}.db"
        with self._histograms.open("rb") as file:
            (used,) = struct.unpack("i", file.read(4))  # as the library notes it: another worker may have left it grown
        self._taken = max(FIRST_BYTES // 2, used)

    def are_there(self) -> bool:
        """Return whether the files are still in the folder: what is deleted is written, and nobody reads it."""
        try:
            return all(_identity(path.stat()) == identity for path, identity in self._places.items())
        except OSError:
            return False

    def release(self) -> None:
        """Give the number back."""
        self._held.close()

    def make_room(self, route: str) -> None:
        """Allocate room for the histogram of one more route and status. Raises OSError if there is none."""
        taken = self._taken + (len(SECONDS) + 3) * (SERIES_BYTES + len(route))
        size = FIRST_BYTES << (taken // FIRST_BYTES).bit_length()
        _allocate(self._histograms, size, mode="r+b")  # not a new one, if it was deleted
        self._taken = taken

    def forget_dead(self) -> None:
        """Delete the gauges of dead workers; their counters stay."""
        from prometheus_client.multiprocess import mark_process_dead

        paths = itertools.chain(self.folder.glob("worker-*.lock"), self.folder.glob("gauge_*.db"))
        for number in {int(found[0]) for path in paths if (found := re.search(r"\d+$", path.stem, re.ASCII))}:
            if (held := _lock(self.folder, number)) is not None:
                with held:
                    mark_process_dead(number, str(self.folder))  # type: ignore[no-untyped-call]


def _make_folder(folder: Path) -> None:
    """Make the folder if it is gone. Raises OSError, also if somebody else made it since."""
    folder.mkdir(0o700, exist_ok=True)
    if folder.name.startswith(PREFIX) and folder.lstat().st_uid != os.geteuid():
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _lock_path(folder: Path, number: int) -> Path:
    return folder / f"worker-{number}.lock"


def _lock(folder: Path, number: int) -> IO[bytes] | None:
    """Take the lock of the worker with this number, held until it is closed; None if the worker lives."""
    return _hold(_lock_path(folder, number))


def _hold(path: Path) -> IO[bytes] | None:
    """Lock a file until it is closed; None if somebody else has it locked."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _allocate(path: Path, size: int, mode: Literal["ab", "r+b"] = "ab") -> None:
    """Allocate this many bytes of the file on disk. Raises OSError."""
    with path.open(mode) as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        elif (missing := size - file.seek(0, os.SEEK_END)) > 0:
            file.write(bytes(missing))


def _share_files() -> SharedFiles | None:
    """Return this worker's files if numbers are shared and there is room. Call before importing the library."""
    if SHARED not in os.environ:
        return None
    try:
        shared = SharedFiles(Path(os.environ[SHARED]))
    except OSError as error:
        log.warning("metrics are not shared", reason=error.strerror)
        del os.environ[SHARED]
        return None
    return shared


class _Numbers:
    """The counters, gauges and histograms of one process: in its memory, or in the files that it shares."""

    def __init__(self, shared: SharedFiles | None) -> None:
        """Begin, or continue what the files say. Raises OSError if they cannot be opened."""
        from prometheus_client import CollectorRegistry, values

        self.shared = shared
        self.registry = CollectorRegistry()
        self.timed: dict[tuple[str, int], Histogram] = {}
        before = values.ValueClass
        if shared is not None:
            values.ValueClass = values.MultiProcessValue(lambda: shared.number)  # type: ignore[no-untyped-call]
        self._values = values.ValueClass
        try:
            self._declare(None if shared else self.registry)
        except OSError:
            values.ValueClass = before
            self.close()
            raise

    def _declare(self, registry: CollectorRegistry | None) -> None:
        from prometheus_client import Counter, Gauge, Histogram

        self.seconds = Histogram(
            "misconduct_request_seconds",
            "Time to answer requests, excluding cached responses, by the route's template and the status.",
            ("route", "status"),
            buckets=SECONDS,
            registry=registry,
        )
        said = "Requests answered from the cache, by status."
        self.hits = Counter("misconduct_cache_hits", said, ("status",), registry=registry)
        self.misses = Counter("misconduct_cache_misses", "Requests that could not be.", registry=registry)
        self.refused = Counter("misconduct_refused", "Requests that were not taken on (503, 429).", registry=registry)
        self.failed = Counter("misconduct_failures", "Requests that the program failed (500).", registry=registry)
        self.cpu = Counter("process_cpu_seconds", "Processor time of the workers.", registry=registry)
        self.gauges = {
            name: Gauge(name, said, registry=registry, multiprocess_mode=mode)  # type: ignore[arg-type]
            for name, mode, said in GAUGES
        }

    def close(self) -> None:
        """Close the shared files, and give their number back."""
        if self.shared is not None:
            self._values.close_all_files()
            self.shared.release()


class Metrics:
    """The numbers of one process. `observe` is called for each request that the cache does not answer."""

    def __init__(self) -> None:
        shared = _share_files()
        from prometheus_client import ProcessCollector

        self._numbers = _Numbers(shared)
        self._process = ProcessCollector(registry=None)
        self._is_full = self._is_lost = self._is_wrong = False
        self.cache = CacheCounts()
        self._written: dict[str, float] = {}
        self._next: asyncio.Task[bytes] | None = None  # which has not begun yet
        self._rests_until = 0.0

    def observe(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Count an answer; `status` is None if the client left before it began (499)."""
        key = getattr(scope.get("route"), "path", UNROUTED), status or 499
        if status == 500:
            self._numbers.failed.inc()  # it is there before it happens, so that the first is seen to come
        timed = self._numbers.timed.get(key)
        if timed is None and (timed := self._begin(*key)) is None:
            return
        timed.observe(seconds)

    def _begin(self, route: str, status: int) -> Histogram | None:
        """Add the histogram of a new route and status. Returns None while there is no room for it."""
        numbers = self._numbers
        try:
            if numbers.shared is not None:
                numbers.shared.make_room(route)
            timed = numbers.seconds.labels(route, str(status))
        except (OSError, MemoryError) as error:
            if not self._is_full:
                log.warning("metrics are incomplete", reason=getattr(error, "strerror", "no memory"))
            self._is_full = True
            return None
        self._is_full = False
        numbers.timed[route, status] = timed
        return timed

    def _replace_deleted(self) -> None:
        """Begin anew, in new files, if one of those that this worker shares was deleted."""
        old = self._numbers
        if old.shared is None or old.shared.are_there():
            return
        try:
            self._numbers = _Numbers(SharedFiles(old.shared.folder))
        except OSError as error:  # tried again with the next second
            if not self._is_lost:
                log.warning("metrics are not shared", reason=error.strerror)
            self._is_lost = True
            return
        old.close()
        self._is_lost = False
        log.warning("metrics begin anew", reason="files were deleted", folder=str(old.shared.folder))

    def refresh(self, database: Database, facts: Facts) -> None:
        """Copy the numbers of the pool, the cache, the releases and the process."""
        self._replace_deleted()
        numbers = self._numbers
        process = {sample.name: sample.value for family in self._process.collect() for sample in family.samples}
        for status, count in self.cache.hits.items():
            self._raise(f"hits {status}", numbers.hits.labels(str(status)), count)
        self._raise("misses", numbers.misses, self.cache.misses)
        self._raise("refused", numbers.refused, self.cache.refused)
        self._raise("cpu", numbers.cpu, process.get("process_cpu_seconds_total", 0.0))
        in_use, size, waiting = database.pool_state()
        entries, taken = self.cache.measure()
        known = {
            "misconduct_pool_in_use": in_use,
            "misconduct_pool_size": size,
            "misconduct_pool_waiting": waiting,
            "misconduct_workers": 1,
            "misconduct_ready": facts.release is not None,
            "misconduct_database_answers": facts.database_answers,
            "misconduct_database_silent_seconds": facts.silent_seconds,
            "misconduct_lost_recalls": facts.lost_recalls,
            "misconduct_release_ordinal": facts.release.ordinal if facts.release else 0,
            "misconduct_release_loaded_seconds": facts.loaded,
            "misconduct_replica_lag_seconds": max(
                (inf if lag is None else lag for lag in database.lags.values()), default=0.0
            ),
            "misconduct_cache_entries": entries,
            "misconduct_cache_bytes": taken,
        }
        for name, gauge in numbers.gauges.items():
            gauge.set((known | process).get(name, nan))

    def _raise(self, name: str, counter: Counter, now: float) -> None:
        """Add to a counter what came since the last time; what cannot be read now counts as 0, and is nothing new."""
        before = self._written.get(name, 0)
        if now > before:
            counter.inc(now - before)
            self._written[name] = now

    @asynccontextmanager
    async def refreshing(self, database: Database, facts: Callable[[], Facts]) -> AsyncIterator[None]:
        """Refresh every second while the block runs, so that any worker can be asked for all."""

        async def keep_on() -> None:
            while True:
                try:
                    self.refresh(database, facts())
                    self._is_wrong = False
                except Exception:
                    if not self._is_wrong:
                        log.exception("metrics could not be written")
                    self._is_wrong = True
                await asyncio.sleep(WRITE_SECONDS)

        task = asyncio.create_task(keep_on())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def read(self, database: Database, facts: Callable[[], Facts]) -> bytes:
        """Return everything, as it is now, in Prometheus' text format. All who ask before that is encoded share it."""
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._encode_in_turn(database, facts))
        return await asyncio.shield(self._next)  # which others await, whoever leaves

    async def _encode_in_turn(self, database: Database, facts: Callable[[], Facts]) -> bytes:
        await asyncio.sleep(self._rests_until - monotonic())
        self._next, began = None, monotonic()
        try:
            with suppress(Overloaded):
                self.refresh(database, now := facts())
                return self._encode(now)
            await asyncio.sleep(AGAIN_SECONDS)  # by then files that another worker began or deleted are whole, or gone
            self.refresh(database, now := facts())
            return self._encode(now)
        finally:
            self._rests_until = monotonic() + min(REST * (monotonic() - began), LONGEST_REST)

    def _encode(self, facts: Facts) -> bytes:
        """Return everything, with the facts that every process shares. Raises Overloaded if files cannot be read now.

        Numbers of one worker alone would look like counters that begin again, and be added to what was counted.
        """
        from prometheus_client import generate_latest

        told, shared = generate_latest(_Collected(facts)), self._numbers.shared
        if shared is None:
            return generate_latest(self._numbers.registry) + told
        try:
            if shared.are_there():
                return _encode_all(shared) + told
        except (OSError, ValueError, RuntimeError, struct.error) as error:  # deleted, or just begun by another worker
            raise Overloaded(UNREADABLE) from error
        raise Overloaded(UNREADABLE)


def _encode_all(shared: SharedFiles) -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    shared.forget_dead()
    everyone = CollectorRegistry()
    MultiProcessCollector(everyone, path=str(shared.folder))  # type: ignore[no-untyped-call]
    return generate_latest(everyone)


class _Collected:
    """Collects, when asked, the facts that have labels or depend on the time."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        said = "The version of this program, and a hash of its code and of the settings on which answers depend."
        build = GaugeMetricFamily("misconduct_build_info", said, labels=("version", "build"))
        build.add_metric((self._facts.version, self._facts.build), 1)
        yield build
        release = self._facts.release
        if release is not None:
            said = "The newest release, by its number and digest."
            newest = GaugeMetricFamily("misconduct_release_info", said, labels=("number", "digest"))
            newest.add_metric((release.number, release.digest), 1)
            yield newest
            age = datetime.now(UTC) - datetime.combine(release.released, time(), UTC)
            said = "Time since the beginning of the newest release's day, in UTC."
            yield GaugeMetricFamily("misconduct_release_age_seconds", said, age.total_seconds())
