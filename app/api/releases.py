"""Which releases this process knows, and the small records of those it was asked for lately."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from datetime import date

import structlog

from app.db.engine import Database
from app.domain.catalogue import Catalogue
from app.domain.records import DRAFT, Release
from app.errors import DatabaseUnavailable, NotReady, UnknownRelease
from app.queries import releases as queries

CATALOGUES_KEPT = 8

log = structlog.get_logger()


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
        self.database_answers = False
        self.heard = time.monotonic()

    @property
    def known(self) -> tuple[Release, ...]:
        """All known releases, none before the first; another object after every change."""
        return self._releases

    @property
    def releases(self) -> tuple[Release, ...]:
        """All known releases in the order of the chain. Raises NotReady before the first is known."""
        if not self._releases:
            raise NotReady("The register is being loaded. Please try again in a moment.")
        return self._releases

    async def watch(self) -> None:
        """Asks for the newest release every second or so, for ever. (LISTEN would not work on replicas.)"""
        while True:
            await self.look()
            await asyncio.sleep(self._look_seconds)

    async def look(self) -> None:
        """Asks once; while the database does not answer, what is known stays known."""
        try:
            digest = await queries.newest_digest(self._database)
            if digest is not None and digest != self._newest:
                await self._take_over(digest)
            self._note_database(answers=True)
        except DatabaseUnavailable:
            self._note_database(answers=False)
        except Exception:
            log.exception("looking for releases failed")
            self._note_database(answers=False)

    async def _take_over(self, digest: str) -> None:
        """Learns what is new. A removal by law reaches back, so the last one is part of the key of all that is kept."""
        known = await queries.all_releases(self._database)
        found = tuple(release for release in known if release.number != DRAFT or self._show_drafts)
        self.removals = await queries.last_removal(self._database)
        if found:
            await self._read_catalogue(found[-1], found)
            log.info("release", number=found[-1].number, digest=found[-1].digest)
        self._releases, self._newest = found, digest

    def _note_database(self, *, answers: bool) -> None:
        if answers != self.database_answers:
            (log.info if answers else log.warning)("database", answers=answers)
        self.database_answers = answers
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
        return await self._read_catalogue(release, self.releases)

    async def _read_catalogue(self, release: Release, known: tuple[Release, ...]) -> Catalogue:
        key = (self.removals, release.digest)
        found = self._catalogues[key] = await queries.read_catalogue(self._database, release, known)
        while len(self._catalogues) > CATALOGUES_KEPT:
            self._catalogues.popitem(last=False)
        return found

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Looks once, then keeps looking in the background for as long as the block runs."""
        await self.look()
        task = asyncio.create_task(self.watch())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
