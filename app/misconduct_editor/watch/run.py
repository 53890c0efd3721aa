"""Ask all addresses at which sources appear again, and the pages that figures were typed from."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from misconduct.errors import TooBusy
from misconduct.processes import Process, WorkFailed

from ..register.check import Register
from ..register.layout import read_layouts
from ..register.reading import Reader
from .ask import Answer, Asker, Gone, NotRead, Unreachable
from .editions import find_fitting, find_waiting, name_file, tell_edition
from .findings import Finding
from .jobs import Job
from .listings import Listed, name_api, read_listing
from .notes import Note, Notes, write_whole
from .pages import READABLE, tell_page
from .printed import GONE, judge_page

Result = TypeVar("Result")
Tell = Callable[[Finding], None]


@contextmanager
def reading() -> Iterator[Process]:
    """Give a process in which answers are read: a codec, a pattern or a parser cannot be interrupted."""
    process = Process("it takes too long to read")
    try:
        yield process
    finally:
        process.stop()


class Watch:
    """A run. Each finding is told before it is noted, so that an interruption loses none."""

    def __init__(
        self,
        root: Path,
        folder: Path,
        register: Register,
        asker: Asker,
        process: Process,
    ) -> None:
        self._root, self._folder = root, folder
        self._asker, self._process, self._turn = asker, process, asyncio.Lock()
        self._notes, self._unreachable = Notes(folder), list[Finding]()
        self._today = datetime.now(UTC).date().isoformat()
        self._tables = {file.slug: file for file in read_layouts(Reader(root))}
        sources = register.records["source"].values()
        self._held = {getattr(one, "sha256", None) for one in sources}

    async def run(self, jobs: list[Job], tell: Tell, done: Callable[[], None]) -> None:
        """Ask all addresses, and tell what is new; then what waits, also of earlier runs."""
        async with self._asker.client:
            await asyncio.gather(*(self._ask(job, tell, done) for job in jobs))
        if len(self._unreachable) == len(jobs) > 1:
            text = (
                f"None of {len(jobs)} addresses can be reached: is this machine online?"
            )
            self._unreachable = [Finding("not_read", (), "", text)]
        for finding in self._unreachable:
            tell(finding)
        for slug in (slug for job in jobs for slug in self._find_slugs(job)):
            for path, digest in find_waiting(self._folder / slug, self._held):
                tell(tell_edition(self._root, slug, path, digest))

    async def _ask(self, job: Job, tell: Tell, done: Callable[[], None]) -> None:
        note = self._notes.get(job.address)
        findings, notes = list[Finding](), list[Note]()
        try:
            answer = await self._asker.ask(job.address, note.etag, note.modified)
            if not answer.is_known:
                findings, notes = await self._read(job, answer, note)
        except NotRead as error:
            findings = self._tell_unread(job, error)
        for finding in findings:
            tell(finding)
        if notes:
            self._notes.keep(notes)
        done()

    def _tell_unread(self, job: Job, error: NotRead) -> list[Finding]:
        if isinstance(error, Gone) and not job.kind:
            verdict = (GONE, str(error).partition(":")[0])
            return tell_page(job.address, job.rows, [verdict] * len(job.rows))
        kind = "not_read" if job.kind else "page_not_read"
        finding = job.tell(kind, f"{job.address} was not read: {error}")
        if isinstance(error, Unreachable):
            self._unreachable.append(finding)
            return []
        return [finding]

    async def _read(
        self, job: Job, answer: Answer, note: Note
    ) -> tuple[list[Finding], list[Note]]:
        """Return what is new in an answer, and what to note when it is told."""
        digest = sha256(answer.body).hexdigest()
        now = Note(job.address, answer.etag, answer.modified, digest, self._today)
        if digest == note.sha256:
            return [], [now._replace(day=note.day)]
        findings, notes = list[Finding](), list[Note]()
        if job.kind == "file":
            findings = await self._read_file(job, answer)
        elif job.kind:
            findings, notes = await self._read_listing(job, answer)
        of_page = await self._judge(job, answer) if job.rows else []
        if of_page:  # then it is read again next time
            now = Note(job.address, day=self._today)
        return [*findings, *of_page], [*notes, now]

    async def _judge(self, job: Job, answer: Answer) -> list[Finding]:
        if answer.media_type not in READABLE:
            raise NotRead(f"it is {answer.media_type}: look at it yourself")
        verdicts = await self._work(judge_page, answer.body, answer.charset, job.rows)
        return tell_page(job.address, job.rows, verdicts)

    async def _read_file(self, job: Job, answer: Answer) -> list[Finding]:
        """Keep a file of which the register does not have this edition. Tell of it if it is no table."""
        is_held = sha256(answer.body).hexdigest() in self._held
        if is_held or await self._keep(job, answer):
            return []
        message = f"the register does not have {job.address} as it is now: look at it"
        return [job.tell("listed", message)]

    async def _read_listing(
        self, job: Job, answer: Answer
    ) -> tuple[list[Finding], list[Note]]:
        """Return what is new in a list, and notes of it."""
        reading = (read_listing, job.kind, answer.address, answer.body, answer.charset)
        listed = await self._work(*reading)
        new = [one for one in listed if self._is_new(job, one)]
        notes = [self._note(one) for one in new]
        findings = list[Finding]()
        if job.address not in self._notes:
            noted = f"documents noted: {len(listed)}; later ones will be told"
            message = f"first look at {job.address}: {noted}"
            findings.append(job.tell("first_look", message))
            new = [one for one in new if job.is_newer(one.day)]
        for one in new:
            finding, tables = await self._tell_listed(job, one)
            findings.append(finding)
            notes = [*map(self._note, tables), *notes]
        return findings, notes

    def _is_new(self, job: Job, listed: Listed) -> bool:
        """Tell whether a document was not noted, or has a later day of its own: attachments have that of their page."""
        has_day = job.kind == "feed" or listed.is_publication
        is_later = has_day and listed.day > self._notes.get(listed.address).modified
        return is_later or listed.address not in self._notes

    def _note(self, listed: Listed) -> Note:
        return Note(listed.address, modified=listed.day, day=self._today)

    async def _tell_listed(
        self, job: Job, listed: Listed
    ) -> tuple[Finding, list[Listed]]:
        """Keep the tables of a document. Tell of it, or why they could not be downloaded, and return the tables."""
        tables, kept, why = list[Listed](), list[Path](), ""
        try:
            tables = await self._find_tables(job, listed)
            for table in tables:
                kept += await self._keep(job, await self._asker.ask(table.address))
        except NotRead as error:
            reason = str(error).partition(":")[0]
            why = f"; its tables could not be kept ({reason}): download them yourself"
        day = f" ({listed.day})" if listed.day else ""
        files = "".join(f", kept as {path}" for path in kept)
        message = f"new: {listed.name}{day}: {listed.address}{files}{why}"
        facts = {"title": listed.name, "day": listed.day, "why": why}
        return job.tell("listed", message, listed.address, **facts), tables

    async def _find_tables(self, job: Job, listed: Listed) -> list[Listed]:
        """Return the table that is listed, or the new ones that are attached to a publication of GOV.UK."""
        if not self._find_slugs(job):
            return []
        if not listed.is_publication:
            return [listed] if listed.is_table else []
        answer = await self._asker.ask(name_api(listed.address))
        reading = (read_listing, "govuk", answer.address, answer.body, None)
        attached = await self._work(*reading)
        tables = [one for one in attached if one.is_table]
        return [one for one in tables if one.address not in self._notes]

    async def _keep(self, job: Job, answer: Answer) -> list[Path]:
        """Keep a document for each table whose sheet it has, unless the register has it."""
        tables = [self._tables[slug] for slug in self._find_slugs(job)]
        if not tables or sha256(answer.body).hexdigest() in self._held:
            return []
        digest, source = sha256(answer.body).hexdigest(), tables[0].layout.source
        name = name_file(answer.address, digest, source.file)
        sheets = {file.slug: file.layout.sheet for file in tables}
        suffix = Path(name).suffix.lower()
        fitting = await self._work(find_fitting, answer.body, suffix, sheets)
        paths = [self._folder / slug / name for slug in fitting]
        for path in paths:
            write_whole(path, answer.body)
        return paths

    def _find_slugs(self, job: Job) -> list[str]:
        return [source.id for source in job.sources if source.id in self._tables]

    async def _work(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Have the process do something. Raises NotRead if it fails, or takes too long."""
        async with self._turn:
            try:
                seconds = self._asker.limits.work
                return (await self._process.do(seconds, function, *arguments))[1]
            except (TooBusy, WorkFailed) as error:
                raise NotRead(
                    f"it cannot be read ({error}): look at it yourself"
                ) from None
