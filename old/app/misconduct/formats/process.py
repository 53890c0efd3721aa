"""A process that encodes tables and draws charts for the service (app/misconduct/api/encoder.py starts it).

It reads pickled messages from stdin: for each table an `Order`, lists of rows, and at the end the tables beside it, by
name, or None; for each chart a `Picture` alone. It writes frames to stdout: DATA, and one of another kind that ends the
answer. It ends when its stdin ends, and so with the process that started it, however that ended.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from misconduct.errors import ExportTooLarge, NoSuchChart, is_shortage
from misconduct.formats import FORMATS
from misconduct.formats.picture import MEASURES, Picture, encode_measures
from misconduct.model.table import Column, Row, Table

FRAME = struct.Struct(">cI")
"""The header of a frame: its kind and its length in bytes."""

DATA, DONE, TOO_LARGE, REFUSED, UNWRITTEN, FAILED = b"d", b".", b"l", b"r", b"u", b"f"

LONGEST_FRAME = 1_000_000
NICENESS = 10
"""Answers to others have priority if there are too few processors."""

DRAWING_BYTES = 1_500_000_000
"""Memory of the process while it draws; a chart takes some 100 MB. A drawing that wants more ends the process."""


class Order(NamedTuple):
    """A table to encode, without its rows and what is beside it, and the name of the format."""

    form: str
    columns: tuple[Column, ...]
    notes: dict[str, str]
    has_sheets: bool


class _Incoming:
    """The rows of one table as they come in, then the tables beside it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._sheets: dict[str, Table] | None = None
        self._is_over = False

    def __iter__(self) -> Iterator[Row]:
        while not self._is_over:
            message: Any = pickle.load(self._stream)  # noqa: S301 (from the process that started this one)
            if isinstance(message, list):
                yield from message
            else:
                self._sheets, self._is_over = message, True

    def sheets(self) -> dict[str, Table]:
        """Return the tables beside it; they come after all rows."""
        if self._sheets is None:
            raise ValueError("no tables beside it were sent")
        return self._sheets


def encode_orders(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Encode one table after another until there are no more."""
    while True:
        try:
            order: Order | Picture = pickle.load(incoming)  # noqa: S301 (from the process that started this one)
            if isinstance(order, Picture):
                encode = encode_measures if order.form == MEASURES else FORMATS[order.form].encode
                with _bounded_memory():
                    _write_pieces(encode(order), outgoing)
            else:
                _encode(order, _Incoming(incoming), outgoing)
        except (EOFError, pickle.UnpicklingError, BrokenPipeError):  # the client process has gone
            return


def _encode(order: Order, rows: _Incoming, outgoing: IO[bytes]) -> None:
    table = Table(order.columns, rows, order.notes, rows.sheets if order.has_sheets else None)
    _write_pieces(FORMATS[order.form].encode(table), outgoing, rows)


def _write_pieces(pieces: Iterable[bytes], outgoing: IO[bytes], rows: Iterable[Row] = ()) -> None:
    """Write an answer. After an error the rest of the rows is skipped, and the client is told."""
    kind, said = DONE, b""
    try:
        for piece in pieces:
            for start in range(0, len(piece), LONGEST_FRAME):
                _write(outgoing, DATA, piece[start : start + LONGEST_FRAME])
    except (EOFError, pickle.UnpicklingError, BrokenPipeError, MemoryError, ImportError, NameError):
        raise  # a library that was not read, or in part, as for lack of memory, may be read by the next process
    except (ExportTooLarge, NoSuchChart) as problem:
        kind = TOO_LARGE if isinstance(problem, ExportTooLarge) else REFUSED
        said = orjson.dumps([*(fault.code for fault in problem.faults), problem.detail])
    except Exception as error:  # noqa: BLE001 (the client is told of any error, and the next answer is encoded)
        if (system := _system_error(error)) is not None:
            kind, said = UNWRITTEN, (system.strerror or str(system)).encode()
        else:
            traceback.print_exc()
            kind = FAILED
    for _ in rows:
        pass
    _write(outgoing, kind, said)
    outgoing.flush()


def _system_error(error: BaseException) -> OSError | None:
    """Return the error of the system, as of a full disk, that is this error or is why a library raised it.

    Raises MemoryError if memory is short, which polars says only in words.
    """
    if not isinstance(error, OSError) and is_shortage(error):
        raise MemoryError from error
    causes = (error, error.__cause__, error.__context__, *error.args)
    return next((one for one in causes if isinstance(one, OSError)), None)


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """Limit the memory of this process for the block. Only root may raise a hard limit again, so it is left alone."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_least(DRAWING_BYTES, before[1]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _least(wanted: int, hard: int) -> int:
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _write(outgoing: IO[bytes], kind: bytes, content: bytes) -> None:
    outgoing.write(FRAME.pack(kind, len(content)))
    outgoing.write(content)


def main() -> None:
    """Run until stdin ends. SIGTERM raises SystemExit, so that temporary files are removed.

    The names of these begin with the argument, so that whoever started this can remove what it leaves when it is
    killed. Where memory is short, the kernel kills it rather than the worker, and it costs one answer.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tempfile.template = next(iter(sys.argv[1:]), tempfile.template)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    os.nice(NICENESS)
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # leave the other processors to answers
    encode_orders(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
