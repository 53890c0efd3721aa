"""Watch for new releases, and cache the catalogues of those requested recently."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from contextvars import Context
from datetime import date
from enum import StrEnum
from math import inf

from misconduct.db.engine import LOOK, UNREACHABLE, Database, is_missing
from misconduct.db.lag import is_lagging
from misconduct.db.statements import EVER
from misconduct.db.turns import Turns
from misconduct.db.urls import Place
from misconduct.errors import DatabaseUnavailable, NotReady, UnknownRelease
from misconduct.event_log import log
from misconduct.http.middleware import require_client
from misconduct.model.catalogue import Catalogue
from misconduct.model.records import DRAFT, Release
from misconduct.queries import releases as queries
from misconduct.queries.releases import Newest

CATALOGUES_KEPT = 8
CATALOGUES_AT_ONCE = 2  # that are read for who asks: those of all releases may be more than fits into memory
BEHIND_SECONDS = 10.0  # after which a database without the newest release counts as replaced, not as a lagging replica
CURRENT_SECONDS = 3.5  # less than SEEN_SECONDS of `publish.purge`, by what an answer may take to reach a cache
OVERDUE_SECONDS = 20.0  # a poll that takes longer has failed, whatever the cause


_ADDRESS = re.compile(r"\d+(\.\d+){3}|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*", re.IGNORECASE)
_ERRNO = re.compile(r"\[Errno (\d+)\]")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9}){0,2}(\.x)?", re.ASCII)
_RANGE = re.compile(r"\d{1,9}(\.\d{1,9})?(\.x)?", re.ASCII)


class PollResult(StrEnum):
    """The result of polling the database for releases."""

    FOUND = "found"
    EMPTY = "empty"
    SILENT = "silent"
    REFUSED = "refused"
    FAILED = "failed"
    BEHIND = "behind"


NOT_READY = {
    PollResult.EMPTY: "The database answers, but holds no release that this version of the program can read. "
    "Run `misconduct load`; if a load is in progress, please try again in a moment.",
    PollResult.SILENT: "The database does not answer. Please try again in a moment. Operators: check "
    "MISCONDUCT_DATABASE_URL; `misconduct doctor` says what is wrong.",
    PollResult.REFUSED: "The database refuses access to this service's reader. Operators: check "
    "MISCONDUCT_DATABASE_URL; `misconduct doctor` says what is wrong.",
    PollResult.FAILED: "The releases cannot be read. Operators: the log has the reason, and "
    "`misconduct doctor` says what is wrong.",
    PollResult.BEHIND: "The database does not hold the newest release yet. Please try again in a moment.",
}
"""What NotReady says while no release is known, by the last result."""


def _classify(error: Exception) -> PollResult:
    """Classify a database error. SQLSTATE 28, 3D, 42501 or none: access refused; others of class 42, 3F: no schema."""
    if is_missing(error):
        return PollResult.BEHIND
    state = getattr(error.__cause__ or error, "sqlstate", None) or ""
    if state[:2] in ("28", "3D") or state == "42501":
        return PollResult.REFUSED
    if state[:2] in ("42", "3F"):
        return PollResult.EMPTY
    if isinstance(error, DatabaseUnavailable):
        return PollResult.SILENT
    if not state:
        return PollResult.REFUSED
    return PollResult.FAILED


def _reason(error: Exception) -> str:
    """Return the first line of an error, without addresses and passwords."""
    cause = error.__cause__ or error
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, ssl.SSLError):
        return cause.reason or type(cause).__name__
    if known := _ERRNO.search(str(cause)):  # what else asyncio says is the address, or several
        return os.strerror(int(known[1]))
    if isinstance(cause, OSError):
        return cause.strerror or type(cause).__name__
    said = str(cause).strip().partition("\n")[0]
    return _ADDRESS.sub("…", said) or type(cause).__name__


def _log_change(look: PollResult, reason: str, *, answers: bool) -> None:
    """Log that the database answers again, or what is wrong and why."""
    if look is PollResult.FOUND:
        log.info("database", answers=True)
    else:
        log.warning("database", answers=answers, releases=look.value, reason=reason or "it holds no release")


def _latest_of(known: Sequence[Release]) -> Release:
    """Return the newest release that is not recalled; the newest if all are."""
    return next((release for release in reversed(known) if release.recalled is None), known[-1])


def _follows(number: str, known: Sequence[Release]) -> bool:
    """Return whether a number, or range of numbers, is of a release after the known ones."""
    numbered = [release.number for release in known if release.number != DRAFT]
    wanted = tuple(map(int, number.removesuffix(".x").split("."))) if _NUMBER.fullmatch(number) else ()
    return bool(wanted and numbered) and wanted > tuple(map(int, numbered[-1].split(".")))


class ReleaseBook:
    """The releases as of the last poll. Each request resolves its release here, once."""

    def __init__(self, database: Database, look_seconds: float, *, show_drafts: bool) -> None:
        self._database = database
        self._look_seconds = look_seconds
        self._show_drafts = show_drafts
        self._newest = ""
        self.past = ""  # changes when what earlier releases answer may change; the same in every process
        self.epoch = 0  # counts that here, and the times that releases went away: what was made before is not kept
        self._built = EVER  # when all releases were last rebuilt
        self._last_removal = ""  # the digest of the last release that removed something by law
        self.loaded = 0.0  # when the newest release was loaded, since 1970
        self._releases: tuple[Release, ...] = ()
        self._catalogues: OrderedDict[tuple[int, str], Catalogue] = OrderedDict()
        self._kept_for_good = (0, "")  # the key of the newest catalogue, which most requests need
        self._reading_turns = Turns(CATALOGUES_AT_ONCE)
        self._reading: dict[tuple[int, str], asyncio.Task[Catalogue]] = {}
        self._last: PollResult | None = None
        self._answers = False
        self._behind_since: float | None = None
        self.lost_recalls: tuple[str, ...] = ()
        self._recalls: dict[str, str] = {}  # why, by digest: also of releases that the database has lost, and may load
        self._lacking: tuple[str, ...] = ()
        self._lacking_since = 0.0
        self._lagging: set[Place] = set()
        self._looking = asyncio.Lock()
        self._asked: asyncio.Task[None] | None = None
        self.first_known = asyncio.Event()
        self.heard = self.looked = time.monotonic()
        self._current_at = -inf  # every release that was loaded before is known here

    @property
    def known(self) -> tuple[Release, ...]:
        """All known releases, empty before the first poll; a new object after every change."""
        return self._releases

    @property
    def releases(self) -> tuple[Release, ...]:
        """All known releases in the order of the chain. Raises NotReady if there is none."""
        if not self._releases:
            raise NotReady(NOT_READY[self._last or PollResult.SILENT])
        return self._releases

    @property
    def latest(self) -> Release:
        """The latest release, which is not recalled. Raises NotReady if there is none."""
        return _latest_of(self.releases)

    @property
    def database_answers(self) -> bool:
        """Whether a database that holds the newest known release answered the last poll, not long ago."""
        return self._answers and time.monotonic() - self.looked < self._look_seconds + OVERDUE_SECONDS

    @property
    def is_current(self) -> bool:
        """Whether every removal by law that shared caches may have been purged of by now is known here.

        Who purges does not know how often this process looks.
        """
        return time.monotonic() - self._current_at < CURRENT_SECONDS

    @property
    def is_behind(self) -> bool:
        """Whether the database answers, but does not hold the newest known release."""
        return self._last is PollResult.BEHIND

    @property
    def seconds_behind(self) -> float | None:
        """Return how far the furthest replica in use is behind: 0 without one, None if it is not known."""
        lags = self._database.lags.values()
        return None if None in lags else max((lag for lag in lags if lag is not None), default=0.0)

    async def watch(self) -> None:
        """Poll for the newest release every second or so, for ever. (LISTEN does not work on replicas.)

        However busy the database is kept, a removal by law is seen.
        """
        for number in itertools.count(1):
            await self.look(number)
            await asyncio.sleep(self._look_seconds / self._database.host_count)  # each look asks one of them

    async def look(self, number: int = 0) -> None:
        """Poll once, when no other poll is under way. While the database does not answer, the known releases are kept.

        Raises TimeoutError if that takes longer than OVERDUE_SECONDS.
        """
        try:
            async with asyncio.timeout(OVERDUE_SECONDS), self._looking:
                await self._look(number)
        except TimeoutError:
            self._record(PollResult.SILENT, "no answer in time", answers=False)
            raise

    async def _look(self, number: int) -> None:
        began, asks = time.monotonic(), LOOK.set(number)
        try:
            newest = await self._find_newest()
            lag = self._database.look_lag
            if newest is not None:
                if self._is_news(newest):
                    await self._take_over(newest)
                self._compare_recalls(newest.recalled)
            self._record(PollResult.FOUND if self._releases else PollResult.EMPTY, "", answers=True)
            if lag is not None:
                self._current_at = max(self._current_at, began - lag)
            await self._measure_lag()
        except (DatabaseUnavailable, *UNREACHABLE) as error:
            look = _classify(error)
            reason = f"it does not hold release {self._releases[-1].number}" if is_missing(error) else _reason(error)
            self._record(look, reason, answers=look is PollResult.EMPTY and not self._releases)
        except Exception:
            if self._last is not PollResult.FAILED:
                log.exception("looking for releases failed")
            self._last, self._answers = PollResult.FAILED, False
        finally:
            LOOK.reset(asks)
            self.looked = time.monotonic()

    async def _measure_lag(self) -> None:
        """Measure how far replicas are behind, and log when one begins to lag and when it has caught up."""
        await self._database.measure_lag()
        for place, lag in self._database.lags.items():
            if (place not in self._lagging and is_lagging(lag)) or (place in self._lagging and lag == 0):
                self._lagging ^= {place}
                tell = log.warning if place in self._lagging else log.info
                tell("replica", host=str(place), seconds_behind=lag, lags=place in self._lagging)

    def _is_news(self, newest: Newest) -> bool:
        """Return whether a release is new, one was recalled, or all were rebuilt. (A replica that lags has no news.)"""
        recalled = {one.digest for one in self._releases if one.recalled is not None}
        return newest.digest != self._newest or not newest.recalled <= recalled or newest.built != self._built

    def _compare_recalls(self, recalled: frozenset[str]) -> None:
        """Note the recalls that the database lacks for longer than a replica lags, as after a failover to one that did.

        The releases stay recalled here. A new process would not know, so somebody has to recall them again.
        """
        here = (one for one in self._releases if one.recalled is not None)
        lacking = tuple(one.number for one in here if one.digest not in recalled)
        if lacking != self._lacking:
            self._lacking, self._lacking_since = lacking, time.monotonic()
        lost = lacking if time.monotonic() - self._lacking_since > BEHIND_SECONDS else ()
        if lost != self.lost_recalls:
            log.warning("recalls", lost=lost)
        self.lost_recalls = lost

    async def _find_newest(self) -> Newest | None:
        """Return `queries.find_newest`, from a database that holds the newest known release, as it was last rebuilt.

        Where none does, one that holds fewer releases of the same chain, or the same before they were rebuilt, is a
        replica that lags, and fails; unless that lasts, which means that somebody went back. What the law removed does
        not come back that way: without the release that says so it fails until the next load. One with another chain
        was put in the old one's place.
        """
        try:
            newest = await queries.find_newest(self._database)
        except DatabaseUnavailable as error:
            if not is_missing(error):
                raise
            newest = await queries.find_newest(self._database, release="")
            found = await queries.all_releases(self._database, release="")
            numbered = [release.digest for release in found if release.number != DRAFT]
            known = [release.digest for release in self._releases if release.number != DRAFT]
            now = time.monotonic()
            self._behind_since = self._behind_since or now
            is_older = len(numbered) < len(known) or (newest is not None and newest.built < self._built)
            lasts = now - self._behind_since >= BEHIND_SECONDS
            is_behind = is_older and known[: len(numbered)] == numbered
            if not found or (is_behind and not (lasts and self._last_removal in ("", *numbered))):
                raise
            log.warning("release is gone", number=self._releases[-1].number, digest=self._releases[-1].digest)
        self._behind_since = None
        return newest

    async def _take_over(self, news: Newest) -> None:
        """Read the new releases. Removals by law and recalls affect older ones, so they are part of every cache key.

        So does a rebuild, after which nothing that was read before is kept in memory.

        A recall is for good: also where the database that is asked does not have it.
        """
        self._database.built = news.built
        there = await queries.all_releases(self._database, release=news.digest)
        known = [one._replace(recalled=one.recalled or self._recalls.get(one.digest)) for one in there]
        self._recalls |= {one.digest: one.recalled for one in known if one.recalled is not None}
        newest = known[-1].digest
        found = tuple(release for release in known if release.number != DRAFT or self._show_drafts)
        recalled = [release.number for release in known if release.recalled is not None]
        last_removal = await queries.last_removal(self._database, known[-1].ordinal, release=newest)
        past = " ".join([last_removal, *recalled, str(news.built)])
        loaded = await queries.loaded_at(self._database, release=newest)
        before = {one.digest for one in self._releases if one.number != DRAFT}
        epoch = self.epoch + (past != self.past or not before <= {one.digest for one in known})
        if found:
            latest = _latest_of(found)
            catalogue = await queries.read_catalogue(self._database, latest, found, release=newest)
            await asyncio.to_thread(catalogue.index_relations)
            self._kept_for_good = (epoch, latest.digest)
            self._keep_catalogue(self._kept_for_good, catalogue)
            log.info("release", number=latest.number, digest=latest.digest)
        self._last_removal, self._built, self.past, self.epoch = last_removal, news.built, past, epoch
        self.loaded, self._releases, self._newest = loaded, found, newest
        self._database.release = found[-1].digest if found else ""
        if found:
            self.first_known.set()

    def _record(self, look: PollResult, reason: str, *, answers: bool) -> None:
        """Record the result of a poll. Only changes are logged."""
        if look is not self._last:
            _log_change(look, reason, answers=answers)
        self._last, self._answers = look, answers
        if answers:
            self.heard = time.monotonic()

    async def find(self, number: str | None, as_of: date | None = None) -> Release:
        """Return what `resolve` returns; a release that may just have been loaded is looked for first.

        Another worker may have seen it already, and given its client a link to the next page.
        """
        try:
            return self.resolve(number, as_of)
        except UnknownRelease:
            if number is None or not _follows(number, self.releases):
                raise
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self.look(), context=Context())  # nobody's, as the watch is
        with suppress(TimeoutError):
            await asyncio.shield(self._asked)
        return self.resolve(number, as_of)

    def resolve(self, number: str | None, as_of: date | None = None, among: Sequence[Release] | None = None) -> Release:
        """Return the release that a request names by number, range of numbers or day; the latest by default.

        A range is the beginning of a number, such as 1.2, 1.2.x or 1: the newest such release. `among`: it is one of
        those. Raises UnknownRelease, or NotReady for one that a replica that is behind may still get.
        """
        if as_of is not None:
            return self._in_force_on(as_of)
        if number is None or (number == "latest" and among is None):
            return self.latest
        beginning = f"{number.removesuffix('.x')}." if _RANGE.fullmatch(number) else None
        for release in reversed(self.releases if among is None else among):
            is_meant = number == "latest" or (beginning and release.number.startswith(beginning))
            if release.number == number or (is_meant and release.recalled is None):
                return release
        if self.seconds_behind != 0 and _follows(number, self.releases):
            raise NotReady(f"This replica of the database does not hold a release {number} yet. Please try again soon.")
        known = ", ".join(release.number for release in self.releases[-10:])
        raise UnknownRelease(f"There is no release {number[:40]!r}. Recent releases: {known}, or latest.")

    def _in_force_on(self, day: date) -> Release:
        started = [
            release
            for release in self.releases
            if release.released <= day and release.number != DRAFT and release.recalled is None
        ]
        if not started:
            first = self.releases[0]
            raise UnknownRelease(
                f"The first release, {first.number}, is of {first.released}; none was in force on {day}."
            )
        return started[-1]

    async def catalogue(self, release: Release) -> Catalogue:
        """Return the catalogue of a release, from memory if it was requested recently.

        Otherwise it is read in a turn of its client's. Raises BrokenOff if nobody waits for it when the turn comes.
        """
        key = (self.epoch, release.digest)
        while (found := self._catalogues.get(key)) is None:
            if reading := self._reading.get(key):
                return await asyncio.shield(reading)  # which others await, whoever leaves
            async with AsyncExitStack() as turn:
                await turn.enter_async_context(self._reading_turns.take())
                require_client()
                if key not in self._catalogues and key not in self._reading:
                    # Nobody's: who joins waits for no connection of whoever asked first.
                    reads = self._read_catalogue(key, release, turn.pop_all())
                    self._reading[key] = reading = asyncio.create_task(reads, context=Context())
                    reading.add_done_callback(lambda _: self._reading.pop(key))
        self._catalogues.move_to_end(key)
        return found

    async def _read_catalogue(self, key: tuple[int, str], release: Release, turn: AsyncExitStack) -> Catalogue:
        async with turn:
            beside = self._catalogues.get(self._kept_for_good)
            found = await queries.read_catalogue(self._database, release, self.releases, beside=beside)
            self._keep_catalogue(key, found)
        return found

    async def indexed_catalogue(self, release: Release) -> Catalogue:
        """Return the catalogue of a release like `catalogue`, with the relations of its figures indexed."""
        catalogue = await self.catalogue(release)
        if not catalogue.is_indexed:
            async with self._reading_turns.take():
                require_client()
                if not catalogue.is_indexed:
                    await asyncio.to_thread(catalogue.index_relations)
        return catalogue

    def _keep_catalogue(self, key: tuple[int, str], catalogue: Catalogue) -> None:
        self._catalogues[key] = catalogue
        while len(self._catalogues) > CATALOGUES_KEPT:
            del self._catalogues[next(one for one in self._catalogues if one != self._kept_for_good)]

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Poll each host once, then keep polling in the background while the block runs.

        The first one may be a replica that lags, and what the others have was answered by other workers already.
        """
        for number in range(self._database.host_count):
            await self.look(number)
        task = asyncio.create_task(self._keep_watching())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _keep_watching(self) -> None:
        """Watch, and restart the watch whenever it ends, for whatever reason."""
        while True:
            with contextlib.suppress(MemoryError):  # there may be some for the next watch
                watch = asyncio.create_task(self.watch())
                try:
                    await asyncio.wait([watch])
                finally:
                    watch.cancel()
                cause = asyncio.CancelledError() if watch.cancelled() else watch.exception()
                log.error("the watch for releases ended and begins again", exc_info=cause)
            await asyncio.sleep(self._look_seconds)
