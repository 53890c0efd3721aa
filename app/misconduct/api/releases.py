"""The release that a request is about, and the watch for new ones."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from misconduct.api.problems import Unavailable, UnknownRelease
from misconduct.db.engine import Database
from misconduct.errors import DatabaseUnavailable
from misconduct.model.catalogue import Catalogue
from misconduct.queries.releases import LoadedRelease, find_catalogue, find_releases

log = logging.getLogger(__name__)

LOOK_SECONDS = 2
KEPT_CATALOGUES = 8


class Current(NamedTuple):
    """The release of a request, and its records."""

    release: LoadedRelease
    catalogue: Catalogue
    is_pinned: bool
    is_newest: bool


class Releases:
    """The releases that are both loaded and in the folder `data`, so that their files can be served."""

    def __init__(self, database: Database, data: Path) -> None:
        self.database, self.folder = database, data / "releases"
        self.known: list[LoadedRelease] = []
        self.has_answered = False
        self._catalogues: OrderedDict[str, Catalogue] = OrderedDict()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look for new releases every few seconds while the block runs."""
        await self.look()
        task = asyncio.create_task(self._keep_looking())
        try:
            yield
        finally:
            task.cancel()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception:
                log.exception("the database has an unexpected answer")
                self.has_answered = False

    async def look(self) -> None:
        """Ask the database for its releases. When it does not answer, those that are known stay."""
        try:
            loaded = await find_releases(self.database)
        except DatabaseUnavailable as error:
            if self.has_answered:
                log.warning("the database does not answer: %s", error.__cause__)
            self.has_answered = False
            return
        self.has_answered = True
        found = [one for one in loaded if (self.folder / one.number / "SHA256SUMS").is_file()]
        if found != self.known:
            self.known = found
            log.info("releases: %s", ", ".join(one.number for one in found) or "none")

    def find(self, number: str | None = None, as_of: date | None = None) -> LoadedRelease:
        """Return the release with a number, the newest one of a day or before, or the newest. Raises Problem."""
        if not self.known:
            raise Unavailable("No release is loaded yet. Please try again in a few seconds.")
        if as_of:
            found = [one for one in self.known if one.day <= as_of]
        elif number and number != "latest":
            found = [one for one in self.known if one.number == number]
        else:
            found = self.known
        if not found:
            numbers = ", ".join(one.number for one in self.known)
            wanted = f"on {as_of} or before" if as_of else f"{str(number)[:40]!r}"
            raise UnknownRelease(f"There is no release {wanted}. The releases are {numbers}, and latest.")
        return found[-1]

    async def current(self, release: LoadedRelease, *, is_pinned: bool = False) -> Current:
        """Return a release with its records."""
        return Current(release, await self.catalogue(release), is_pinned, release == self.find())

    async def catalogue(self, release: LoadedRelease) -> Catalogue:
        """Return the records of a release; those of the last few that were asked for are kept."""
        if release.digest not in self._catalogues:
            self._catalogues[release.digest] = await find_catalogue(self.database, release.number)
            while len(self._catalogues) > KEPT_CATALOGUES:
                self._catalogues.popitem(last=False)
        self._catalogues.move_to_end(release.digest)
        return self._catalogues[release.digest]
