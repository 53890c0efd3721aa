"""The release that a request is about, and the watch for new ones."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, NamedTuple

from anyio.to_thread import run_sync
from fastapi import Depends, Request

from misconduct.api.parameters import Pinned, from_query
from misconduct.api.problems import (
    FormerRelease,
    NotInTables,
    Unavailable,
    UnknownRelease,
)
from misconduct.db.engine import Database, Tables
from misconduct.db.reading import read_catalogue
from misconduct.errors import DatabaseUnavailable
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.places import Ambiguous, find_area
from misconduct.queries.releases import (
    LoadedRelease,
    find_catalogue,
    find_release,
    find_schemas,
)
from misconduct.queries.warnings import has_revised
from misconduct.releases.folder import (
    ReleaseFolder,
    list_folders,
    list_former_releases,
    stamp_folders,
)
from misconduct.settings import Settings

log = logging.getLogger(__name__)

REFRESH_SECONDS = 2
KEPT_CATALOGUES = 8


class Current(NamedTuple):
    """The release that an answer is from: its tables, and its records."""

    release: LoadedRelease
    view: ReleaseView
    is_pinned: bool
    is_newest: bool
    releases: "Releases"

    @property
    def tables(self) -> Tables:
        return Tables(self.releases.database, self.release.schema)

    @property
    def catalogue(self) -> Catalogue:
        return self.view.catalogue

    @property
    def is_loaded(self) -> bool:
        """Tell whether its tables are its own, and not those of the newest release."""
        return self.release in self.releases.loaded

    async def has_revised(self, where: str, values: Mapping[str, Any]) -> bool:
        """Tell whether later releases revised or withdrew figures of this one. `where` says which, in SQL."""
        numbers = self.releases.numbers
        if self.is_newest:
            return False
        later = numbers[numbers.index(self.release.number) + 1 :]
        return await has_revised(
            self.tables, self.releases.newest, where, values, later
        )


class Releases:
    """The releases in the folder `data`, whose files are served, and those of them that are loaded.


    `watch` asks for them through a connection of its own: when readers use all of theirs, the database still answers.
    """

    def __init__(self, database: Database, watch: Database, settings: Settings) -> None:
        self.database, self._watch = database, watch
        self.base_url = settings.base_url
        self.folder = settings.data / "releases"
        self._home_area = settings.home_area
        self.former = {one.number: one for one in list_former_releases(settings.data)}
        self.known: list[ReleaseFolder] = []
        self.loaded: list[LoadedRelease] = []
        self.is_database_up: bool | None = None  # not asked yet
        self.banner, self.mistakes = "", list[str]()
        self._schemas: dict[str, LoadedRelease] = {}
        self._looked_at: tuple[list[str], dict[str, int]] = ([], {})
        self._catalogues = dict[str, Catalogue]()  # by digest, the newest read last

    @property
    def is_ready(self) -> bool:
        return bool(self.loaded and self.is_database_up)

    @property
    def numbers(self) -> list[str]:
        """The numbers of all releases up to the newest that is loaded, the oldest first. Raises Problem."""
        self.find()
        return [one.number for one in self.known]

    @property
    def days(self) -> dict[str, date]:
        """The days of all releases, by their numbers."""
        return {one.number: one.day for one in self.known}

    @property
    def newest(self) -> Tables:
        """The tables of the newest release."""
        return Tables(self.database, self.find().schema)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        await self.refresh()
        task = asyncio.create_task(self._keep_refreshing())
        try:
            yield
        finally:
            task.cancel()

    async def _keep_refreshing(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except Exception:
                log.exception("the database gave an unexpected answer")
                self.is_database_up = False

    async def refresh(self) -> None:
        try:
            await self._find_loaded()
        except DatabaseUnavailable as error:
            if self.is_database_up is not False:
                cause = getattr(error.__cause__, "orig", None) or error.__cause__
                log.warning(
                    "the database does not answer: %s",
                    str(cause) or type(cause).__name__,
                )  # without SQL
            self.is_database_up = False
            return
        if self.is_database_up is False:
            log.info("the database answers again")
        self.is_database_up = True

    async def _find_loaded(self) -> None:
        """Find the releases that are both loaded and in the folder, as they are there."""
        schemas = await find_schemas(self._watch)
        seen = (schemas, await run_sync(stamp_folders, self.folder))
        if seen == self._looked_at:
            return
        self._schemas = {
            schema: self._schemas.get(schema)
            or await find_release(Tables(self._watch, schema))
            for schema in schemas
        }
        folders = await run_sync(list_folders, self.folder)
        by_digest = {one.digest: one for one in self._schemas.values()}
        places = [place for place, one in enumerate(folders) if one.digest in by_digest]
        # One that is newer than all that are loaded is not known until it is loaded.
        self.known = folders[: places[-1] + 1] if places else []
        self.loaded = [by_digest[folders[place].digest] for place in places]
        names = ", ".join(one.number for one in self.loaded)
        log.info("releases that are loaded: %s", names or "none")
        self._looked_at = seen  # at last: what fails before is tried again

    def find(self, number: str | None = None) -> LoadedRelease:
        """Return a release that is loaded, by default the newest. Raises Problem."""
        if not self.loaded:
            raise Unavailable(
                "No release is loaded yet. Please try again in a few seconds."
            )
        if number in (None, "latest"):
            return self.loaded[-1]
        for release in self.loaded:
            if release.number == number:
                return release
        known = self.find_folder(number).number
        files = f"{self.base_url}/v1/releases/{known}"
        raise NotInTables(
            f"Release {known} is no longer in the tables. Its files are at {files}; "
            "leave out `release` for the newest figures.",
            release=known,
            meant=f"{files}/table.csv",
        )

    def find_folder(self, number: str | None) -> ReleaseFolder:
        """Return a release whose files are here, by default the newest that is loaded. Raises Problem."""
        if number is None or number == "latest":
            number = self.find().number
        for folder in self.known:
            if folder.number == number:
                return folder
        every = f"{self.base_url}/v1/releases"
        if former := self.former.get(number):
            raise FormerRelease(
                f"Release {former.number} of {former.day} was made before the first public one, and is not served. "
                "Leave out `release` for the newest; the history of the repository has its files.",
                release=number,
                meant=every,
            )
        raise UnknownRelease(
            f"There is no release {number[:40]!r}. The newest is {self.find().number}; /v1/releases lists all of "
            "them.",
            release=number,
            meant=every,
        )

    async def current(
        self, number: str | None = None, *, is_pinned: bool = False
    ) -> Current:
        release = self.find(number)
        view = ReleaseView(
            release.number, await self.catalogue(number), self.base_url, release.day
        )
        return Current(release, view, is_pinned, release == self.find(), self)

    async def recall(self, number: str | None, *, is_pinned: bool) -> Current:
        """Return the release in which a figure is asked for.

        Of one that is no longer loaded, the tables are those of the newest, and the records those of its own files.
        """
        if number in (None, "latest") or number in {one.number for one in self.loaded}:
            return await self.current(number, is_pinned=is_pinned)
        folder = self.find_folder(number)
        release = replace(self.find(), **vars(folder))
        path = self.folder / folder.number
        catalogue = await self._keep(
            folder.digest, lambda: run_sync(read_catalogue, path)
        )
        view = ReleaseView(folder.number, catalogue, self.base_url, folder.day)
        return Current(release, view, is_pinned, False, self)

    async def catalogue(self, number: str | None = None) -> Catalogue:
        release = self.find(number)
        tables = Tables(self.database, release.schema)
        return await self._keep(release.digest, lambda: self._read_catalogue(tables))

    async def _keep(
        self, digest: str, read: Callable[[], Awaitable[Catalogue]]
    ) -> Catalogue:
        """Return the records of a release. Those of few are kept; they never change."""
        if digest not in self._catalogues:
            self._catalogues[digest] = await read()
        found = self._catalogues.pop(digest)
        self._catalogues[digest] = found
        if len(self._catalogues) > KEPT_CATALOGUES:
            del self._catalogues[next(iter(self._catalogues))]
        return found

    async def _read_catalogue(self, tables: Tables) -> Catalogue:
        catalogue = await find_catalogue(tables)
        try:
            home = find_area(self._home_area, catalogue)
        except Ambiguous as several:
            log.warning("MISCONDUCT_HOME_AREA: %s", several)
            return catalogue
        if home is None:
            log.warning("MISCONDUCT_HOME_AREA: no area is called %s", self._home_area)
        else:
            catalogue.home = frozenset(catalogue.find_all("area", [home]))
        return catalogue


async def _releases(
    request: Request,
) -> Releases:  # FastAPI would run one that is not async in a thread
    found: Releases = request.state.releases
    return found


TheReleases = Annotated[Releases, Depends(_releases)]


async def find_current(
    request: Request, query: Annotated[Pinned, from_query(Pinned)]
) -> Current:
    """Return the release that a request names, with its records. Raises Problem."""
    releases: Releases = request.state.releases
    number = releases.find(query.release).number
    return await releases.current(number, is_pinned=query.release == number)


async def find_recalled(
    request: Request, query: Annotated[Pinned, from_query(Pinned)]
) -> Current:
    """Return the release in which a request asks for a figure: any, also one that is not loaded. Raises Problem."""
    releases: Releases = request.state.releases
    number = query.release
    return await releases.recall(number, is_pinned=number not in (None, "latest"))


TheRecalled = Annotated[Current, Depends(find_recalled)]
TheCurrent = Annotated[Current, Depends(find_current)]
