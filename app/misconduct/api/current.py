"""The release that a request is about, and the watch for new ones."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from datetime import date
from hashlib import sha256
from typing import Annotated, Generic, NamedTuple, TypeVar

from fastapi import Depends, Request

from misconduct.api.parameters import Pinned, from_query
from misconduct.api.problems import FormerRelease, Unavailable, UnknownRelease
from misconduct.db.engine import Database
from misconduct.errors import DatabaseUnavailable
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.warnings import Facts
from misconduct.queries.filters import Conditions
from misconduct.queries.releases import LoadedRelease, find_catalogue, find_releases
from misconduct.queries.warnings import find_facts
from misconduct.releases.folder import list_former_releases
from misconduct.settings import Settings

log = logging.getLogger(__name__)

REFRESH_SECONDS = 2
KEPT_CATALOGUES = 8
KEPT_FACTS = 1_000

Value = TypeVar("Value")


class Current(NamedTuple):
    release: LoadedRelease
    view: ReleaseView
    is_pinned: bool
    is_newest: bool
    releases: "Releases"

    @property
    def database(self) -> Database:
        return self.releases.database

    @property
    def catalogue(self) -> Catalogue:
        return self.view.catalogue


class Recent(Generic[Value]):
    """Keep the most recent results of look-ups in releases, which never change."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._found: OrderedDict[Hashable, Value] = OrderedDict()

    async def get(self, key: Hashable, find: Callable[[], Awaitable[Value]]) -> Value:
        if key not in self._found:
            self._found[key] = await find()
            while len(self._found) > self._size:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        return self._found[key]


class Releases:
    """The releases that are both loaded and in the folder `data`, so that their files can be served.

    `watch` asks for them through a connection of its own: when readers use all of theirs, the database still answers.
    """

    def __init__(self, database: Database, watch: Database, settings: Settings) -> None:
        self.database, self._watch = database, watch
        self.base_url = settings.base_url
        self.folder = settings.data / "releases"
        self.former = {one.number: one for one in list_former_releases(settings.data)}
        self.loaded: list[LoadedRelease] = []
        self.is_database_up: bool | None = None  # not asked yet
        self.banner, self.mistakes = "", list[str]()
        self._catalogues: Recent[Catalogue] = Recent(KEPT_CATALOGUES)
        self._facts: Recent[Facts] = Recent(KEPT_FACTS)

    @property
    def is_ready(self) -> bool:
        return bool(self.loaded and self.is_database_up)

    @property
    def numbers(self) -> list[str]:
        """The numbers of all releases, the oldest first."""
        return [one.number for one in self.loaded]

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
            loaded = await find_releases(self._watch)
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
        found = [
            one for one in loaded if (self.folder / one.number / "SHA256SUMS").is_file()
        ]
        if found != self.loaded:
            self.loaded = found
            log.info("releases: %s", ", ".join(one.number for one in found) or "none")

    def find(
        self, number: str | None = None, as_of: date | None = None
    ) -> LoadedRelease:
        if not self.loaded:
            raise Unavailable(
                "No release is loaded yet. Please try again in a few seconds."
            )
        if as_of:
            found = [one for one in self.loaded if one.day <= as_of]
        elif number and number != "latest":
            found = [one for one in self.loaded if one.number == number]
        else:
            found = self.loaded
        if former := self.former.get(number or ""):
            raise FormerRelease(
                f"Release {former.number} of {former.day} was made before the first public one, and is not served. "
                "Leave out `release` for the newest; the history of the repository has its files."
            )
        if not found:
            first, newest = self.loaded[0], self.loaded[-1]
            wanted = f"on {as_of} or before" if as_of else f"{str(number)[:40]!r}"
            span = f"The first is {first.number}, of {first.day}, and the newest {newest.number}"
            raise UnknownRelease(
                f"There is no release {wanted}. {span}; /v1/releases lists all of them."
            )
        return found[-1]

    async def current(
        self, number: str | None = None, *, is_pinned: bool = False
    ) -> Current:
        release = self.find(number)
        view = ReleaseView(
            release.number, await self.catalogue(number), self.base_url, release.day
        )
        return Current(release, view, is_pinned, release == self.find(), self)

    async def catalogue(self, number: str | None = None) -> Catalogue:
        release = self.find(number)
        return await self._catalogues.get(
            release.digest, lambda: find_catalogue(self.database, release.ordinal)
        )

    async def facts(self, conditions: Conditions) -> Facts:
        release = next(
            one for one in self.loaded if one.ordinal == conditions.values["release"]
        )
        corrected = (await self.catalogue(release.number)).corrections
        text = f"{conditions.where()} {sorted(conditions.values.items())}"
        key = (
            release.digest,
            sha256(text.encode()).digest(),
        )  # clients choose how long it is
        return await self._facts.get(
            key, lambda: find_facts(self.database, conditions, corrected)
        )


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
    number = releases.find(query.release, query.as_of).number
    return await releases.current(number, is_pinned=query.release == number)


TheCurrent = Annotated[Current, Depends(find_current)]
