"""Metrics for Prometheus: counts and times of this process or, with several workers, of all of them.

Each of several workers writes its numbers to its own files in PROMETHEUS_MULTIPROC_DIR (`share_folder`), and the worker
that is asked adds them up. A worker that replaces another continues its files. No label holds anything that a client
sent.

The files are memory-mapped: if the disk is full, the system ends the process (SIGBUS). So room is allocated before
anything is written, and what does not fit is not counted.
"""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, time
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

import structlog
from starlette.types import Scope

from app.db.engine import Database
from app.model.records import Release

if TYPE_CHECKING:
    from prometheus_client import Histogram

SHARED = "PROMETHEUS_MULTIPROC_DIR"
WRITE_SECONDS = 1.0
FIRST_BYTES = 1 << 16  # of a file of numbers; the library doubles it whenever it is full
SERIES_BYTES = 400  # at most, for a number with its name and labels, but for the route
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""The upper ends of the histogram's buckets."""

log = structlog.get_logger()

UNROUTED = "none"
"""The route of requests without one: unknown addresses, preflights, other methods."""


@dataclass
class CacheCounts:
    """How many requests the cache answered, could not answer, and refused. It counts here, and Metrics reads."""

    hits: int = 0
    misses: int = 0
    refused: int = 0


@contextmanager
def share_folder(workers: int) -> Iterator[None]:
    """Provide a folder, for the block, in which workers share their numbers. It must exist before they start."""
    if workers == 1 or SHARED in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="misconduct-metrics-") as folder:
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
        numbers = ((number, _lock(folder, number)) for number in itertools.count())
        self.number, self._held = next((number, held) for number, held in numbers if held is not None)
        self._taken = FIRST_BYTES // 2
        for kind in ("counter", "gauge_livesum", "gauge_livemax", "histogram"):
            _allocate(folder / f"{kind}_{self.number}.db", FIRST_BYTES)

    def make_room(self, route: str) -> None:
        """Allocate room for the histogram of one more route and status. Raises OSError if there is none."""
        self._taken += (len(SECONDS) + 3) * (SERIES_BYTES + len(route))
        _allocate(self.folder / f"histogram_{self.number}.db", FIRST_BYTES << (self._taken // FIRST_BYTES).bit_length())

    def forget_dead(self) -> None:
        """Delete the gauges of dead workers; their counters stay."""
        from prometheus_client.multiprocess import mark_process_dead

        for path in self.folder.glob("worker-*.lock"):
            number = int(path.stem.rpartition("-")[2])
            if (held := _lock(self.folder, number)) is not None:
                with held:
                    mark_process_dead(number, str(self.folder))  # type: ignore[no-untyped-call]


def _lock(folder: Path, number: int) -> IO[bytes] | None:
    """Take the lock of the worker with this number, held until it is closed; None if the worker lives."""
    file = (folder / f"worker-{number}.lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _allocate(path: Path, size: int) -> None:
    """Allocate this many bytes of the file on disk. Raises OSError."""
    with path.open("ab") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        elif (missing := size - path.stat().st_size) > 0:
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
    from prometheus_client import values

    values.ValueClass = values.MultiProcessValue(lambda: shared.number)  # type: ignore[no-untyped-call]
    return shared


class Metrics:
    """The numbers of one process. `observe` is called for each request that the cache does not answer."""

    def __init__(self) -> None:
        self._shared = _share_files()
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._registry = CollectorRegistry()
        registry = None if self._shared else self._registry
        self._seconds = Histogram(
            "misconduct_request_seconds",
            "Time to answer requests, excluding cached responses, by the route's template and the status.",
            ("route", "status"),
            buckets=SECONDS,
            registry=registry,
        )
        self._hits = Counter("misconduct_cache_hits", "Requests answered from the cache.", registry=registry)
        self._misses = Counter("misconduct_cache_misses", "Requests that could not be.", registry=registry)
        self._refused = Counter("misconduct_refused", "Requests that were not taken on (503, 429).", registry=registry)
        gauges = {
            "pool_in_use": "Database connections in use.",
            "pool_size": "Database connections that there may be.",
            "workers": "Processes that answer.",
        }
        self._gauges = {
            name: Gauge(f"misconduct_{name}", said, registry=registry, multiprocess_mode="livesum")
            for name, said in gauges.items()
        }
        self._lag = Gauge(
            "misconduct_replica_lag_seconds",
            "How far the furthest replica in use is behind its primary; +Inf if it is not known.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._timed: dict[tuple[str, int], Histogram] = {}
        self._is_full = False
        self.cache = CacheCounts()
        self._written = astuple(self.cache)

    def observe(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Count an answer; `status` is None if the client left before it began (499)."""
        key = getattr(scope.get("route"), "path", UNROUTED), status or 499
        timed = self._timed.get(key)
        if timed is None and (timed := self._begin(*key)) is None:
            return
        timed.observe(seconds)

    def _begin(self, route: str, status: int) -> Histogram | None:
        """Add the histogram of a new route and status. Returns None while there is no room for it."""
        try:
            if self._shared is not None:
                self._shared.make_room(route)
        except OSError as error:
            if not self._is_full:
                log.warning("metrics are incomplete", reason=error.strerror)
            self._is_full = True
            return None
        self._is_full = False
        timed = self._timed[route, status] = self._seconds.labels(route, str(status))
        return timed

    def refresh(self, database: Database) -> None:
        """Copy the numbers of the pool and the cache."""
        before, self._written = self._written, astuple(self.cache)
        counters = self._hits, self._misses, self._refused
        for counter, was, now in zip(counters, before, self._written, strict=True):
            counter.inc(now - was)
        in_use, size = database.pool_state()
        for name, value in (("pool_in_use", in_use), ("pool_size", size), ("workers", 1)):
            self._gauges[name].set(value)
        self._lag.set(max((inf if lag is None else lag for lag in database.lags.values()), default=0.0))

    @asynccontextmanager
    async def refreshing(self, database: Database) -> AsyncIterator[None]:
        """Refresh every second while the block runs, so that any worker can be asked for all."""

        async def keep_on() -> None:
            while True:
                self.refresh(database)
                await asyncio.sleep(WRITE_SECONDS)

        task = asyncio.create_task(keep_on())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def encode(self, release: Release | None, *, database_answers: bool) -> bytes:
        """Return everything in Prometheus' text format, with the facts that every process shares."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        facts = generate_latest(_Facts(release, database_answers=database_answers))
        if self._shared is None:
            return generate_latest(self._registry) + facts
        self._shared.forget_dead()
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone, path=str(self._shared.folder))  # type: ignore[no-untyped-call]
        return generate_latest(everyone) + facts


class _Facts:
    """Collects, when asked, the facts that every process shares."""

    def __init__(self, release: Release | None, *, database_answers: bool) -> None:
        self._release, self._database_answers = release, database_answers

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        answers = float(self._database_answers)
        yield GaugeMetricFamily("misconduct_database_answers", "1 where the database answers this worker.", answers)
        if self._release is not None:
            said = "The newest release, by its number and digest."
            newest = GaugeMetricFamily("misconduct_release_info", said, labels=("number", "digest"))
            newest.add_metric((self._release.number, self._release.digest), 1)
            yield newest
            age = datetime.now(UTC) - datetime.combine(self._release.released, time(), UTC)
            said = "Time since the beginning of the newest release's day, in UTC."
            yield GaugeMetricFamily("misconduct_release_age_seconds", said, age.total_seconds())
