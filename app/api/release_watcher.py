"""Which releases this process knows, and the small records of those it was asked for lately."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from datetime import date
from enum import StrEnum

import structlog

from app.db.engine import UNREACHABLE, Database, is_missing
from app.errors import DatabaseUnavailable, NotReady, UnknownRelease
from app.model.catalogue import Catalogue
from app.model.records import DRAFT, Release
from app.queries import releases as queries

CATALOGUES_KEPT = 8
BEHIND_SECONDS = 10.0  # for so long a database without the newest release is a replica that lags; then it was replaced
OVERDUE_SECONDS = 20.0  # a look that takes longer has failed, whatever holds it up

log = structlog.get_logger()

_ADDRESS = re.compile(r"\d+(\.\d+){3}|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*", re.IGNORECASE)
_ERRNO = re.compile(r"\[Errno (\d+)\]")


class Look(StrEnum):
    """What came of the last look for releases."""

    FOUND = "found"
    EMPTY = "empty"
    SILENT = "silent"
    REFUSED = "refused"
    FAILED = "failed"
    BEHIND = "behind"


NOT_READY = {
    Look.EMPTY: "The database answers, but holds no release that this version of the program can read. "
    "`misconduct load` brings it there; where a load is just running, please try again in a moment.",
    Look.SILENT: "The database does not answer. Please try again in a moment; whoever runs this service: look at "
    "MISCONDUCT_DATABASE_URL, `misconduct doctor` says what is wrong.",
    Look.REFUSED: "The database refuses this service's reader. Whoever runs this service: look at "
    "MISCONDUCT_DATABASE_URL, `misconduct doctor` says what is wrong.",
    Look.FAILED: "The releases cannot be read. Whoever runs this service: the log has the reason, and "
    "`misconduct doctor` says what is wrong.",
    Look.BEHIND: "The database does not hold the newest release yet. Please try again in a moment.",
}
"""What NotReady says while no release is known, after each look but one that found some."""


def _judge(error: Exception) -> Look:
    """What an error of the database means. SQLSTATE 28, 3D, 42501 or none: no way in; others of class 42: no schema."""
    if is_missing(error):
        return Look.BEHIND
    state = getattr(error.__cause__ or error, "sqlstate", None) or ""
    if state[:2] in ("28", "3D") or state == "42501":
        return Look.REFUSED
    if isinstance(error, DatabaseUnavailable):
        return Look.SILENT
    if not state:
        return Look.REFUSED
    return Look.EMPTY if state[:2] == "42" else Look.FAILED


def _reason(error: Exception) -> str:
    """The first line of why, with neither addresses nor passwords."""
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


def _log_change(look: Look, reason: str, *, answers: bool) -> None:
    """One line: that all is well again, or else what is wrong, and why."""
    if look is Look.FOUND:
        log.info("database", answers=True)
    else:
        log.warning("database", answers=answers, releases=look.value, reason=reason or "it holds no release")


class ReleaseBook:
    """The releases as they were when last looked up. A request resolves its release here, once."""

    def __init__(self, database: Database, look_seconds: float, *, show_drafts: bool) -> None:
        self._database = database
        self._look_seconds = look_seconds
        self._show_drafts = show_drafts
        self._newest = ""
        self.removals = ""
        self._releases: tuple[Release, ...] = ()
        self._catalogues: OrderedDict[tuple[str, str], Catalogue] = OrderedDict()
        self._last: Look | None = None
        self._answers = False
        self._behind_since: float | None = None
        self.first_known = asyncio.Event()
        self.heard = self.looked = time.monotonic()

    @property
    def known(self) -> tuple[Release, ...]:
        """All known releases, none before the first; another object after every change."""
        return self._releases

    @property
    def releases(self) -> tuple[Release, ...]:
        """All known releases in the order of the chain. Raises NotReady before the first is known."""
        if not self._releases:
            raise NotReady(NOT_READY[self._last or Look.SILENT])
        return self._releases

    @property
    def database_answers(self) -> bool:
        """Whether the last look was answered, by a database that holds the newest release, and ended not long ago."""
        return self._answers and time.monotonic() - self.looked < self._look_seconds + OVERDUE_SECONDS

    @property
    def is_behind(self) -> bool:
        """Whether the database answers, but does not hold the newest release that was known."""
        return self._last is Look.BEHIND

    async def watch(self) -> None:
        """Asks for the newest release every second or so, for ever. (LISTEN would not work on replicas.)"""
        while True:
            async with asyncio.timeout(OVERDUE_SECONDS):
                await self.look()
            await asyncio.sleep(self._look_seconds)

    async def look(self) -> None:
        """Asks once; while the database does not answer, what is known stays known."""
        try:
            digest = await self._find_newest()
            if digest is not None and digest != self._newest:
                await self._take_over(digest)
            self._note(Look.FOUND if self._releases else Look.EMPTY, "", answers=True)
        except (DatabaseUnavailable, *UNREACHABLE) as error:
            look = _judge(error)
            reason = f"it does not hold release {self._releases[-1].number}" if is_missing(error) else _reason(error)
            self._note(look, reason, answers=look is Look.EMPTY and not self._releases)
        except Exception:
            if self._last is not Look.FAILED:
                log.exception("looking for releases failed")
            self._last, self._answers = Look.FAILED, False
        finally:
            self.looked = time.monotonic()

    async def _find_newest(self) -> str | None:
        """The newest release's digest, in a database that holds the newest one known.

        Where none does, one that holds fewer releases of the same chain is a replica that lags, and fails; unless that
        lasts, which means that somebody went back. One with another chain was put in the old one's place.
        """
        try:
            newest = await queries.newest_digest(self._database)
        except DatabaseUnavailable as error:
            if not is_missing(error):
                raise
            found = await queries.all_releases(self._database, release="")
            numbered = [release.digest for release in found if release.number != DRAFT]
            known = [release.digest for release in self._releases if release.number != DRAFT]
            now = time.monotonic()
            self._behind_since = self._behind_since or now
            is_shorter = len(numbered) < len(known) and known[: len(numbered)] == numbered
            if not found or (is_shorter and now - self._behind_since < BEHIND_SECONDS):
                raise
            log.warning("release is gone", number=self._releases[-1].number, digest=self._releases[-1].digest)
            newest = found[-1].digest
        self._behind_since = None
        return newest

    async def _take_over(self, digest: str) -> None:
        """Learns what is new. A removal by law reaches back, so the last one is part of the key of all that is kept."""
        known = await queries.all_releases(self._database, release=digest)
        newest = known[-1].digest
        found = tuple(release for release in known if release.number != DRAFT or self._show_drafts)
        removals = await queries.last_removal(self._database, release=newest)
        if found:
            catalogue = await queries.read_catalogue(self._database, found[-1], found, release=newest)
            self._keep_catalogue((removals, found[-1].digest), catalogue)
            log.info("release", number=found[-1].number, digest=found[-1].digest)
        self.removals, self._releases, self._newest = removals, found, newest
        self._database.release = found[-1].digest if found else ""
        if found:
            self.first_known.set()

    def _note(self, look: Look, reason: str, *, answers: bool) -> None:
        """Takes down what came of a look. Only a change has a line in the log."""
        if look is not self._last:
            _log_change(look, reason, answers=answers)
        self._last, self._answers = look, answers
        if answers:
            self.heard = time.monotonic()

    def resolve(self, number: str | None, as_of: date | None) -> Release:
        """The release that a request names by number, by day, or not at all. Raises UnknownRelease."""
        if as_of is not None:
            return self._in_force_on(as_of)
        if number is None or number == "latest":
            return self.releases[-1]
        for release in self.releases:
            if release.number == number:
                return release
        known = ", ".join(release.number for release in self.releases[-10:])
        raise UnknownRelease(f"There is no release {number[:40]!r}. The last ones are {known}, or latest.")

    def _in_force_on(self, day: date) -> Release:
        started = [release for release in self.releases if release.released <= day and release.number != DRAFT]
        if not started:
            first = self.releases[0]
            raise UnknownRelease(
                f"The first release, {first.number}, is of {first.released}; none was in force on {day}."
            )
        return started[-1]

    async def catalogue(self, release: Release) -> Catalogue:
        """The small records of one release, from memory where it was asked for lately."""
        key = (self.removals, release.digest)
        if found := self._catalogues.get(key):
            self._catalogues.move_to_end(key)
            return found
        found = await queries.read_catalogue(self._database, release, self.releases)
        self._keep_catalogue(key, found)
        return found

    def _keep_catalogue(self, key: tuple[str, str], catalogue: Catalogue) -> None:
        self._catalogues[key] = catalogue
        while len(self._catalogues) > CATALOGUES_KEPT:
            self._catalogues.popitem(last=False)

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Looks once, then keeps looking in the background for as long as the block runs."""
        await self.look()
        task = asyncio.create_task(self._keep_watching())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _keep_watching(self) -> None:
        """Watches, and begins again whenever that ends, whatever ended it."""
        while True:
            watch = asyncio.create_task(self.watch())
            try:
                await asyncio.wait([watch])
            finally:
                watch.cancel()
            cause = asyncio.CancelledError() if watch.cancelled() else watch.exception()
            log.error("the watch for releases ended and begins again", exc_info=cause)
            await asyncio.sleep(self._look_seconds)
