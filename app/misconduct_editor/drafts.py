"""Show the register in `data/` as the newest release, `draft`, while editors work on it."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from anyio.to_thread import run_sync
from fastapi import Request, Response
from starlette.types import ASGIApp

from misconduct.api.current import Releases
from misconduct.db.engine import Database
from misconduct.db.load import load
from misconduct.errors import MisconductError
from misconduct.main import complete_app, create_api
from misconduct.model.documents import DRAFT
from misconduct.releases.folder import SUMS, digest_of, list_releases, read_release
from misconduct.settings import Settings

from .register.reading import refuse
from .releases.derive import derive
from .releases.make import describe_register
from .releases.write import write_release

log = logging.getLogger(__name__)

BANNER = "Draft: this is the register as editors see it. It changes while they work, so do not cite it."


class DraftReleases(Releases):
    """The releases and, after them, the draft: the last version of `data` without mistakes."""

    def __init__(self, database: Database, watch: Database, settings: Settings) -> None:
        super().__init__(database, watch, settings)
        self.banner = BANNER
        self._url, self._data = str(settings.database_url), settings.data
        self._seen: dict[Path, tuple[int, int]] = {}
        self._shown = ""  # the digest of the draft that answers are from

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look for saved files while the block runs. The draft's are in a temporary folder."""
        with TemporaryDirectory(prefix="misconduct-draft-") as folder:
            self.folder = Path(folder)
            async with super().watching():
                yield

    async def refresh(self) -> None:
        """Load the register if a file was saved, but keep the draft while it has mistakes."""
        seen: dict[Path, tuple[int, int]] = {}
        try:
            files = [path for path in self._data.rglob("*") if path.is_file()]
            seen = {
                path: (stat.st_mtime_ns, stat.st_size)
                for path in files
                for stat in [path.stat()]
            }
            if seen != self._seen:
                await run_sync(self._load)
        except (
            MisconductError,
            OSError,
            ValueError,
        ) as error:  # a file may be half-written
            self.mistakes = str(error).splitlines()
        if (
            seen != self._seen
        ):  # an error of the database is raised, so that the next refresh tries again
            self._seen = seen
            log.info(
                "\n".join(
                    [f"mistakes in the draft: {len(self.mistakes)}", *self.mistakes]
                )
            )
        await super().refresh()

    def _load(self) -> None:
        listed = list_releases(self._data)
        for one in listed:
            if not (link := self.folder / one.number).exists():
                link.symlink_to((self._data / "releases" / one.number).absolute())
        last = read_release(self._data / "releases" / listed[-1].number)
        today = datetime.now(UTC).date().isoformat()
        draft, mistakes, reasons = describe_register(self._data, last, BANNER, today)
        refuse(mistakes)
        # Before its figures: an answer never shows a change without its mistakes.
        self.mistakes = [*map(str, sorted(reasons))]
        rmtree(self.folder / DRAFT, ignore_errors=True)
        draft = replace(draft, number=DRAFT)
        draft, choice = derive(last, draft)
        self.mistakes += [str(mistake) for mistake in choice.mistakes]
        write_release(self.folder / DRAFT, draft)
        folder = self.folder / DRAFT
        load(self._url, self._data, may_drop=True, draft=folder, spared=self._shown)
        self._shown = digest_of(folder / SUMS)


async def forbid_caching(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Answer a request; caches must not keep the answer."""
    answer = await call_next(request)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def create_app() -> ASGIApp:
    """Return the application that also shows the draft."""
    api = create_api(Settings(), DraftReleases)
    api.middleware("http")(forbid_caching)
    return complete_app(api)
