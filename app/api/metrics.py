"""What a monitoring system asks for: counts and times of this process or, with several workers, of all of them.

With several workers each writes its numbers into a file of its own in PROMETHEUS_MULTIPROC_DIR (`share_folder`), and
whichever is asked adds them up. No label holds anything that a client sent.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from starlette.types import Scope

from app.db.engine import Database
from app.domain.records import Release

SHARED = "PROMETHEUS_MULTIPROC_DIR"
WRITE_SECONDS = 1.0
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""The upper ends of the histogram's buckets."""

UNROUTED = "none"
"""The route of what no route answers: unknown addresses, preflights, other methods."""


class Counted(Protocol):
    """The memory of answers, which counts for itself."""

    hits: int
    misses: int
    refused: int


@contextmanager
def share_folder(workers: int) -> Iterator[None]:
    """For the block, a folder through which workers share their numbers; it must be there before they start."""
    if workers == 1 or SHARED in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="misconduct-metrics-") as folder:
        os.environ[SHARED] = folder
        try:
            yield
        finally:
            del os.environ[SHARED]


class Metrics:
    """The numbers of one process. `observe` is called for each request that is not answered from memory."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._shared = Path(os.environ[SHARED]) if SHARED in os.environ else None
        self._registry = CollectorRegistry()
        registry = None if self._shared else self._registry
        self._seconds = Histogram(
            "misconduct_request_seconds",
            "Time to answer requests that were not answered from memory, by the route's template and the status.",
            ("route", "status"),
            buckets=SECONDS,
            registry=registry,
        )
        self._hits = Counter("misconduct_cache_hits", "Requests answered from memory.", registry=registry)
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
        self._timed: dict[tuple[str, int], Histogram] = {}
        self._written = (0, 0, 0)
        self.cache: Counted | None = None

    def observe(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Counts an answer; `status` is None where the client left before there was one (499)."""
        key = getattr(scope.get("route"), "path", UNROUTED), status or 499
        timed = self._timed.get(key)
        if timed is None:
            timed = self._timed[key] = self._seconds.labels(key[0], str(key[1]))
        timed.observe(seconds)

    def refresh(self, database: Database) -> None:
        """Takes over what the pool and the memory of answers count."""
        before = self._written
        if self.cache is not None:
            self._written = self.cache.hits, self.cache.misses, self.cache.refused
        counters = self._hits, self._misses, self._refused
        for counter, was, now in zip(counters, before, self._written, strict=True):
            counter.inc(now - was)
        in_use, size = database.pool_state()
        for name, value in (("pool_in_use", in_use), ("pool_size", size), ("workers", 1)):
            self._gauges[name].set(value)

    @asynccontextmanager
    async def refreshing(self, database: Database) -> AsyncIterator[None]:
        """Refreshes every second for as long as the block runs, so that any worker can be asked for all."""

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
        """Everything in Prometheus' text format, with what is the same in every process: the newest release."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        facts = generate_latest(_Facts(release, database_answers=database_answers))
        if self._shared is None:
            return generate_latest(self._registry) + facts
        _bury_dead(self._shared)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone, path=str(self._shared))  # type: ignore[no-untyped-call]
        return generate_latest(everyone) + facts


class _Facts:
    """What is the same in every process, told when it is asked for: a collector, as the library calls it."""

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


def _bury_dead(folder: Path) -> None:
    """Forgets the gauges of workers that are gone; what they counted stays counted."""
    for path in folder.glob("gauge_live*_*.db"):
        try:
            os.kill(int(path.stem.rpartition("_")[2]), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
