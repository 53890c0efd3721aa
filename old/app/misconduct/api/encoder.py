"""XLSX, Parquet and charts, encoded by processes beside this one.

What makes them holds the interpreter for up to a minute, and nobody else would be answered meanwhile: a thread is not
enough. Pages and charts share one process, which stays; a drawing that does not end is killed with it. An export of
many rows gets one of its own, which ends with it and gives its memory back; there is one of those at a time.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from tempfile import gettempdir
from time import monotonic
from typing import Protocol, TypeVar, cast

import orjson
from fastapi import Response

from misconduct.charts.chart import Chart, refuse
from misconduct.db.turns import Crowded, Turns
from misconduct.errors import ApiProblem, ExportTooLarge, Overloaded
from misconduct.event_log import log
from misconduct.formats.picture import MEASURES, Picture
from misconduct.formats.process import DATA, DONE, FRAME, REFUSED, TOO_LARGE, UNWRITTEN, Order
from misconduct.http.middleware import require_client
from misconduct.model.table import Row, Table

ROWS_AT_ONCE = 250
"""Rows that are generated and sent before other requests get a turn: about 5 ms."""

LONGEST_PAGE, MOST_CELLS = 1_000, 20_000
"""Rows and cells of a table in the process of pages and charts, where all wait for one another: half a second of it."""

TURN_SECONDS = 3.0  # how long a page waits for its turn
LIST_TURN_SECONDS = 3.0  # how long a long list does: proxies give up what says nothing for five
EXPORT_TURN_SECONDS = 30.0  # how long an export waits for another client's, which takes 20 at most
CHART_TURN_SECONDS = 8.0  # a page of charts asks for all at once; a page that waits for the process to start
DRAWING_SECONDS = 15.0  # how long a drawing may take, with the start of the process
STALLED_SECONDS = 120.0  # how long an export may send and take nothing: the end of 50,000 rows of XLSX takes a few
END_SECONDS = 1.0  # how long a process may take to end
EXPORT_RETRY_SECONDS = 5
PICTURES = "pictures"  # as if they were a client
UNDER_WAY = 3  # times as many exports as are made at once may be sent; each may have 7 MB in memory
LONG_SECONDS = 30.0  # for an export to be read, before it may be cut off for another one where too many are under way
SLOW_SECONDS = 5.0  # for the client of an export to read what was sent, before it may be cut off for another one

BUSY = "The service is already running as many exports as it allows. Please try again in a few seconds."
OWN_BUSY = "You are already running as many exports as one client may. Please try again when one of them has ended."
LOST = "The process that encodes this answer has ended. Please try again in a few seconds."
NO_PROCESS = "There is no room for the process that encodes this format. Please try again soon, or take CSV or JSONL."
UNWRITABLE = "There is no room for the temporary files of this format. Please try again soon, or take CSV or JSONL."
STUCK = f"This was not made within {DRAWING_SECONDS:.0f} seconds. Please try again, or choose fewer figures."


@dataclass(frozen=True, slots=True)
class Export:
    """A table whose rows come in batches: `table` has the rest. `sheets` is called when all rows have come."""

    table: Table
    batches: AsyncIterator[Table]
    sheets: Callable[[], Mapping[str, Table]] | None


T = TypeVar("T")
CutOff = Callable[[], object]


class Run(Protocol):
    """Makes an answer, or what it needs, here or in a thread."""

    def __call__(self, make: Callable[[], T], /) -> Awaitable[T]: ...


async def _run(make: Callable[[], T]) -> T:
    return make()


def _is_long(records: int, longest: int | None) -> bool:
    return records > (LONGEST_PAGE if longest is None else longest)


class Place:
    """The place of an export among those that are made. While its client reads, another has it."""

    def __init__(self, turns: Turns, client: str, waiting: dict[Place, float], cut_off: CutOff | None) -> None:
        self.cut_off, self.client, self.begun = cut_off, client, monotonic()
        self._turns, self._waiting, self._held = turns, waiting, ExitStack()
        self._held.enter_context(turns.hold_free(client))

    def give_up(self) -> None:
        """Leave the place to others, if it has one."""
        self._held.close()

    @contextmanager
    def waiting_for_client(self) -> Iterator[None]:
        """Give the place up, and note that the export waits for its client to read what was sent."""
        self.give_up()
        self._waiting[self] = monotonic()
        try:
            yield
        finally:
            del self._waiting[self]

    async def take(self) -> None:
        """Wait for a place again."""
        self._held.callback(self._turns.release, await self._turns.acquire(self.client))

    @asynccontextmanager
    async def turn_of(self, turns: Turns, seconds: float) -> AsyncIterator[None]:
        """Hold a turn; while it is waited for, others, who do not need it, have the place.

        Raises Overloaded if it does not come within so many seconds, or BrokenOff if nobody waits for the answer.
        """
        self.give_up()
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(seconds):
                    await held.enter_async_context(turns.take(self.client))
            except (TimeoutError, Crowded) as error:
                raise _overloaded(BUSY) from error
            require_client()
            await self.take()
            yield


class Encoder:
    """Runs the exports of a worker: at most `most_exports` are made at once, half of them for one client, and one in a
    format that a process encodes. UNDER_WAY times as many may be sent: who reads slowly keeps none from others.

    At most `most_waiting` pictures wait for the process of pages and charts, and half as many pages; as many tables as
    may be made wait to be encoded, and as many long lists to be made. `Turns` chooses who waits where more ask.
    """

    def __init__(self, most_exports: int, most_waiting: int) -> None:
        self._exports = Turns(most_exports, max(1, most_exports // 2), for_others=most_exports // 4)
        self._most_of_one = max(1, most_exports // 2)
        self._most_open = UNDER_WAY * most_exports
        self._open: set[Place] = set()
        self._kept_waiting: dict[Place, float] = {}  # exports that wait for their clients, and since when
        self._export_turns, self._long_turns = (Turns(1, most_waiting=most_exports) for _ in range(2))
        self._picture_turns = Turns(1, most_waiting=most_waiting)
        self._page_turns = Turns(1, most_waiting=max(1, most_waiting // 2))
        self._kept: _EncodingProcess | None = None

    @contextmanager
    def exporting(self, client: str, cut_off: CutOff | None = None) -> Iterator[Place]:
        """Count an export of a client while it runs. Raises Overloaded if there are too many, or too many of its own.

        The last quarter of the places is for clients that have none. Where a client has too many, the one that it has
        kept waiting for longest makes room for when it asks again. Where all together send too many, of those that are
        read slowly the one that began first makes room at once: of the client with most, if that has more than this
        one will; else of any, if it has lasted. `cut_off` ends the connection of one that is sent while it is made.
        """
        own, now = [one for one in self._open if one.client == client], monotonic()
        if len(own) >= self._most_of_one or self._exports.has_enough(client):
            waits = self._kept_waiting
            self._make_room(sorted((w for w in own if now - waits.get(w, now) > SLOW_SECONDS), key=waits.__getitem__))
            raise _overloaded(OWN_BUSY)
        is_full = cut_off and sum(one.cut_off is not None for one in self._open) >= self._most_open
        if self._exports.locked() or (is_full and not self._make_room(self._find_slow(len(own) + 1))):
            raise _overloaded(BUSY)
        place = Place(self._exports, client, self._kept_waiting, cut_off)
        self._open.add(place)
        try:
            yield place
        finally:
            self._open.remove(place)
            place.give_up()

    def _find_slow(self, few: int) -> list[Place]:
        """Return the exports that are read slowly and may be cut off, first those of the client with most."""
        has, now = Counter(one.client for one in self._open), monotonic()
        slow = [one for one in self._kept_waiting if has[one.client] > few or now - one.begun > LONG_SECONDS]
        return sorted(slow, key=lambda one: (-has[one.client], one.begun))

    def _make_room(self, exports: Iterable[Place]) -> bool:
        """Cut off the first export that can be. Return whether there was one."""
        for one in exports:
            if one.cut_off:
                log.warning("an export was cut off: its client reads slowly, and others were refused")
                one.cut_off()
                return True
        return False

    async def make_list(
        self, records: int, make: Callable[[], Response], client: str, *, longest: int | None = None
    ) -> Response:
        """Make a list of so many records in one piece; a long one in its turn and in a thread, and others are answered.

        Long is more than `longest`, or LONGEST_PAGE. Raises Overloaded like `turn_of_long`.
        """
        if not _is_long(records, longest):
            return make()
        async with self.turn_of_long(client):
            return await asyncio.to_thread(make)

    @asynccontextmanager
    async def turn_if_long(self, records: int, client: str, *, longest: int | None = None) -> AsyncIterator[Run]:
        """Take the turn of what takes long if there may be so many records. Yield what then makes it, in a thread."""
        if not _is_long(records, longest):
            yield _run
        else:
            async with self.turn_of_long(client):
                yield asyncio.to_thread

    @asynccontextmanager
    async def turn_of_long(self, client: str, *, is_file: bool = False) -> AsyncIterator[None]:
        """Take the turn to find and make an answer that takes long in one piece: it counts as an export.

        Raises Overloaded if there are too many exports, or the turn does not come: a file waits longer than a list.
        """
        with self.exporting(client) as place:
            seconds = EXPORT_TURN_SECONDS if is_file else LIST_TURN_SECONDS
            async with place.turn_of(self._long_turns, seconds):
                yield

    async def encode_export(self, form: str, export: Export, client: str) -> bytes:
        """Return the bytes of a large table, in its turn.

        Raises Overloaded, ExportTooLarge, or what its batches raise.
        """
        with self.exporting(client) as place:
            async with place.turn_of(self._export_turns, EXPORT_TURN_SECONDS):
                process = await _EncodingProcess.start()
                try:
                    return await process.encode(form, export)
                finally:
                    await process.end()

    async def encode_page(self, form: str, table: Table, client: str) -> bytes:
        """Return the bytes of a table that is there, which is an export if it is long. Raises as encode_export does."""
        rows = list(table.rows)
        export = Export(table, _only(replace(table, rows=rows)), table.sheets)
        if len(rows) > LONGEST_PAGE or len(rows) * len(table.columns) > MOST_CELLS:
            return await self.encode_export(form, export, client)
        async with self._keeping_process(form, client) as process:
            return await process.encode(form, export, is_page=True)

    async def draw(self, picture: Picture, client: str) -> bytes:
        """Return the bytes of a chart for a client. Raises NoSuchChart if it has no room, or Overloaded."""
        is_picture = picture.form != MEASURES
        async with self._keeping_process(picture.form, client, CHART_TURN_SECONDS, is_picture=is_picture) as process:
            return await process.draw(picture)

    async def measure(self, chart: Chart, client: str) -> Chart:
        """Return a chart with the sizes of its pictures. Raises Overloaded like `draw`: laying out takes as long."""
        sizes = orjson.loads(await self.draw(Picture(MEASURES, chart, "", ""), client))
        return replace(chart, measured={size: tuple(sides) for size, sides in sizes.items()})

    @asynccontextmanager
    async def _keeping_process(
        self, form: str, client: str, patience: float | None = None, *, is_picture: bool = False
    ) -> AsyncIterator[_EncodingProcess]:
        """Wait for the turn to use the process that is kept. Raises Overloaded if that takes long, or many wait.

        Also raises it if the block takes longer than DRAWING_SECONDS after the longest wait: others wait for it.

        How long is `patience`, in seconds; if there is none, TURN_SECONDS, or as long as for a chart while it starts.

        Those who wait count as at work, and leave room for answers that need no process. All pictures together count as
        one client among those with pages, which need no more than the sizes of theirs.
        """
        if patience is None:
            has_begun = self._kept is not None and self._kept.has_answered
            patience = TURN_SECONDS if has_begun else CHART_TURN_SECONDS
        try:
            async with asyncio.timeout(CHART_TURN_SECONDS + DRAWING_SECONDS), AsyncExitStack() as held:
                try:
                    async with asyncio.timeout(patience):
                        if is_picture:
                            await held.enter_async_context(self._picture_turns.take(client))
                        await held.enter_async_context(self._page_turns.take(PICTURES if is_picture else client))
                except (TimeoutError, Crowded) as error:
                    raise _overloaded(BUSY) from error
                require_client()
                if self._kept is None or self._kept.is_unusable:
                    self._kept = await _EncodingProcess.start()
                yield self._kept
        except TimeoutError as error:
            log.warning("a page or a chart was not encoded in time", form=form)
            raise _overloaded(STUCK) from error

    async def close(self) -> None:
        """End the process that is kept for small tables."""
        if self._kept is not None:
            await self._kept.end()


class _EncodingProcess:
    """An encoding process; app/misconduct/formats/process.py has the protocol."""

    def __init__(self, process: Process, prefix: str) -> None:
        self._process, self._prefix = process, prefix
        self._to, self._from = cast("asyncio.StreamWriter", process.stdin), cast("asyncio.StreamReader", process.stdout)
        self._is_between_tables = True
        self.has_answered = False

    @classmethod
    async def start(cls) -> _EncodingProcess:
        """Start a process. Ctrl-C in a terminal reaches only the worker, which ends it.

        Raises Overloaded if the system has no room for one: no memory, or as many processes or files as it allows.
        """
        prefix = f"misconduct-{token_hex(8)}-"
        command = (sys.executable, "-P", "-m", "misconduct.formats.process", prefix)
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)
        except OSError as error:
            log.warning("no process that encodes could be started", reason=str(error))
            raise _overloaded(NO_PROCESS) from error
        return cls(process, prefix)

    @property
    def is_unusable(self) -> bool:
        """Whether it has ended, or was interrupted in the middle of a table."""
        return self._process.returncode is not None or self._to.is_closing() or not self._is_between_tables

    async def encode(self, form: str, export: Export, *, is_page: bool = False) -> bytes:
        """Return the table's bytes. A process that is interrupted in the middle of a table is killed.

        The sheets of an export are made in a thread, those of a page, which have few rows, at once: others wait for it.
        """
        table, sheets = export.table, export.sheets
        async with self._interruptible(form):
            await self._send(Order(form, table.columns, dict(table.notes), sheets is not None))
            async for batch in export.batches:
                rows = iter(batch.rows)
                while some := list(islice(rows, ROWS_AT_ONCE)):
                    if not is_page:  # few rows: to begin a process anew takes longer, and others wait for it
                        require_client()
                    await self._send(some)
                    await asyncio.sleep(0)
            if sheets:
                await self._send(_make_sheets(sheets) if is_page else await asyncio.to_thread(_make_sheets, sheets))
            else:
                await self._send(None)
            return await self._receive()

    async def draw(self, picture: Picture) -> bytes:
        """Return the chart's bytes."""
        async with self._interruptible(picture.form):
            await self._send(picture)
            return await self._receive()

    @asynccontextmanager
    async def _interruptible(self, form: str) -> AsyncIterator[None]:
        """Kill the process if the block ends before the answer has come: one that draws or is stopped hears no SIGTERM.

        Raises Overloaded if it has ended by itself, or does nothing any more.
        """
        self._is_between_tables = False
        try:
            yield
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            log.exception("the process that encodes was lost", form=form, status=self._process.returncode)
            raise _overloaded(LOST) from error
        finally:
            if not self._is_between_tables:
                await self._kill()

    async def _send(self, message: Order | Picture | Sequence[Row] | Mapping[str, Table] | None) -> None:
        if self._to.is_closing():  # it ended since; asyncio's drain would say so, uvloop's write is a RuntimeError
            raise ConnectionResetError
        self._to.write(pickle.dumps(message))
        async with _progress():
            await self._to.drain()

    async def _receive(self) -> bytes:
        pieces = []
        while True:
            async with _progress():
                kind, length = FRAME.unpack(await self._from.readexactly(FRAME.size))
                content = await self._from.readexactly(length)
            if kind != DATA:
                break
            pieces.append(content)
        self._is_between_tables = self.has_answered = True
        if kind == DONE:
            return b"".join(pieces)
        if kind == TOO_LARGE:
            raise ExportTooLarge(*orjson.loads(content))
        if kind == REFUSED:
            refuse(*orjson.loads(content))
        if kind == UNWRITTEN:
            log.warning("the temporary folder cannot be written", reason=content.decode())
            raise _overloaded(UNWRITABLE)
        raise RuntimeError("the process that encodes failed, and said why on stderr")

    async def end(self) -> None:
        """End it and wait until it has ended."""
        self._to.close()
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            await self._kill()

    async def _kill(self) -> None:
        """Kill it, if it runs, and remove the temporary files that it left."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._remove_left()

    def _remove_left(self) -> None:
        with suppress(OSError):  # of a machine without any folder that can be written: then nothing is left either
            for left in Path(gettempdir()).glob(f"{self._prefix}*"):
                rmtree(left, ignore_errors=True)


@asynccontextmanager
async def _progress() -> AsyncIterator[None]:
    """Raise ConnectionError if the block takes longer than STALLED_SECONDS: the process is as good as lost."""
    try:
        async with asyncio.timeout(STALLED_SECONDS):
            yield
    except TimeoutError as error:
        raise ConnectionError("the process that encodes does nothing") from error


async def _only(table: Table) -> AsyncIterator[Table]:
    yield table


def _make_sheets(sheets: Callable[[], Mapping[str, Table]]) -> dict[str, Table]:
    """Make the tables beside a table, each with its rows as a list, so that it can be pickled: they may have 36,000."""
    return {name: Table(one.columns, list(one.rows), dict(one.notes)) for name, one in sheets().items()}


def _overloaded(detail: str) -> ApiProblem:
    problem = Overloaded(detail)
    problem.retry_after = EXPORT_RETRY_SECONDS
    return problem
