"""Show the register in `data/` as the newest release, `draft`, while editors work on it."""

import html
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any, cast

import orjson
import psycopg
from anyio.to_thread import run_sync
from fastapi import Request, Response

from misconduct.api.releases import Releases
from misconduct.db.engine import Database
from misconduct.db.load import load, replace_release
from misconduct.errors import MisconductError
from misconduct.model.documents import DRAFT
from misconduct.queries.releases import LoadedRelease
from misconduct.releases.changes import find_changes
from misconduct.releases.folder import Release, list_releases, read_release
from misconduct.releases.make import prepare_release
from misconduct.releases.reasons import explain_changes, read_reasons
from misconduct.releases.write import write_release

log = logging.getLogger(__name__)

NOTICE = "Draft: this is the register as editors see it. It changes while they work, so do not cite it."
OF_RELEASES = ("releases", "releases.csv", "removals.csv", "reasons.csv", "earlier-bundles")


class DraftRelease(LoadedRelease):
    """The register as it is now. It sorts after every numbered release."""

    order = (sys.maxsize,)


class DraftReleases(Releases):
    """The releases and, after them, the draft: the last version of `data` without mistakes."""

    def __init__(self, database: Database, data: Path, base_url: str, url: str) -> None:
        super().__init__(database, data, base_url)
        self.mistakes: list[str] = []
        self._data, self._url = data, url
        self._seen: dict[Path, tuple[int, int]] = {}

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look for saved files every few seconds while the block runs. Keep the draft's files in a temporary folder."""
        with TemporaryDirectory(prefix="misconduct-draft-") as folder:
            self.folder = Path(folder)
            async with super().watching():
                yield

    async def refresh(self) -> None:
        """Load the register if a file was saved. While the register has mistakes, keep the previous draft."""
        seen: dict[Path, tuple[int, int]] = {}
        try:
            files = [path for path in self._data.rglob("*") if path.is_file()]
            seen = {path: (stat.st_mtime_ns, stat.st_size) for path in files for stat in [path.stat()]}
            if seen == self._seen:
                return
            await run_sync(self._load)
        except (MisconductError, OSError, ValueError) as error:  # a file may be half-written
            self.mistakes = str(error).splitlines()
        self._seen = seen  # a database error skips this line, so the next refresh tries again
        rows = await self.database.rows("SELECT number, day, summary, digest, previous, earlier_digest FROM releases")
        found = [(DraftRelease if row["number"] == DRAFT else LoadedRelease)(**row) for row in rows]
        here = [one for one in found if (self.folder / one.number).exists()]
        self.known, self.is_database_up = sorted(here, key=lambda one: one.order), True
        log.info("\n".join([f"draft: {len(self.mistakes)} mistakes", *self.mistakes]))

    def _load(self) -> None:
        """Load the releases and the draft, and keep a line for each change without a reason. Raises MisconductError."""
        for one in list_releases(self._data):
            if not (link := self.folder / one.number).exists():
                load(self._url, self._data)
                link.symlink_to((self._data / "releases" / one.number).absolute())
        prepared, mistakes = prepare_draft(self._data)
        self.mistakes = mistakes  # before its figures: an answer never shows a change without its mistakes
        rmtree(self.folder / DRAFT, ignore_errors=True)
        write_release(self.folder / DRAFT, prepared)
        with psycopg.connect(self._url) as connection:
            replace_release(connection, self.folder / DRAFT)


def prepare_draft(data: Path) -> tuple[Release, list[str]]:
    """Return the register as a release, and a line for each change without a reason. Raises MisconductError."""
    with TemporaryDirectory() as register:  # leave out releases: in a first release, changes do not need a reason
        for path in data.iterdir():
            if path.name not in OF_RELEASES:
                (Path(register) / path.name).symlink_to(path.absolute())
        first = prepare_release(Path(register), NOTICE, datetime.now(UTC).date().isoformat())
    last = read_release(data / "releases" / list_releases(data)[-1].number)
    changes, mistakes = explain_changes(find_changes(last, first.figures, first.records), read_reasons(data))
    return replace(first, number=DRAFT, changes=changes, previous=last.digest), [*map(str, mistakes)]


async def mark_as_draft(request: Request, call_next: Callable[[Request], Awaitable[Any]]) -> Response:
    """Answer a request, tell caches not to keep the answer, and show editors their mistakes."""
    answer = await call_next(request)
    form = answer.headers.get("content-type", "").partition(";")[0]
    if form in ("text/html", "application/json"):
        content = b"".join([part async for part in answer.body_iterator])
        content = _mark(form, content, request.state.releases.mistakes)
        headers = {name: text for name, text in answer.headers.items() if name != "content-length"}
        answer = Response(content, answer.status_code, headers)
    answer.headers["Cache-Control"] = "no-store"
    return cast(Response, answer)


def _mark(form: str, content: bytes, mistakes: list[str]) -> bytes:
    """Mark an answer as a draft, and add the mistakes that stop the last save from being shown."""
    if form == "text/html":
        notice = "<br>".join(map(html.escape, [NOTICE, *mistakes]))
        return content.replace(b'<main id="main">', f'<main id="main">\n<p class="notice">{notice}</p>'.encode(), 1)
    document = orjson.loads(content)
    if "meta" not in document:
        return content
    document["meta"]["draft"] = {"notice": NOTICE, "mistakes": mistakes}
    return orjson.dumps(document)
