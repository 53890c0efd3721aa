"""A process that encodes tables for the service: `python -m app.formats.process` (app/api/encoder.py starts it).

It reads pickled messages from stdin and writes frames to stdout. For each table: an `Order`, lists of rows, and a
`Table` of sources, or None, behind the last row; then frames of DATA, and one of another kind, which ends the answer.
It ends when its stdin ends, and so with the process that started it, however that ended.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import traceback
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from app.errors import ExportTooLarge
from app.formats import FORMATS
from app.model.table import Column, Row, Table

FRAME = struct.Struct(">cI")
"""What stands before a frame's bytes: its kind and their number."""

DATA, DONE, TOO_LARGE, FAILED = b"d", b".", b"l", b"f"

LONGEST_FRAME = 1_000_000
NICENESS = 10
"""Answers to others go first where there are fewer processors than work."""


class Order(NamedTuple):
    """What is to be encoded: the name of the format, and all of a table but its rows and its sources."""

    form: str
    columns: tuple[Column, ...]
    notes: dict[str, str]
    has_sources: bool


class _Incoming:
    """The rows of one table as they come in, and its sources behind them."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._sources: Table | None = None
        self._is_over = False

    def __iter__(self) -> Iterator[Row]:
        while not self._is_over:
            message: Any = pickle.load(self._stream)  # noqa: S301 (from the process that started this one)
            if isinstance(message, list):
                yield from message
            else:
                self._sources, self._is_over = message, True

    def sources(self) -> Table:
        """The documents that the rows come from; known when all rows have been read."""
        if self._sources is None:
            raise ValueError("no sources were sent")
        return self._sources


def encode_orders(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Encode one table after another until there are no more."""
    while True:
        try:
            order: Order = pickle.load(incoming)  # noqa: S301 (from the process that started this one)
            _encode(order, _Incoming(incoming), outgoing)
        except (EOFError, pickle.UnpicklingError, BrokenPipeError):  # whoever asked is gone
            return


def _encode(order: Order, rows: _Incoming, outgoing: IO[bytes]) -> None:
    kind, said = DONE, b""
    try:
        table = Table(order.columns, rows, order.notes, rows.sources if order.has_sources else None)
        for piece in FORMATS[order.form].encode(table):
            for start in range(0, len(piece), LONGEST_FRAME):
                _write(outgoing, DATA, piece[start : start + LONGEST_FRAME])
    except (EOFError, pickle.UnpicklingError, BrokenPipeError):
        raise
    except ExportTooLarge as problem:
        kind, said = TOO_LARGE, problem.detail.encode()
    except Exception:  # noqa: BLE001 (whatever it is, the one who asked is told, and the next table is encoded)
        traceback.print_exc()
        kind = FAILED
    for _ in rows:  # what is left of a table that was given up
        pass
    _write(outgoing, kind, said)
    outgoing.flush()


def _write(outgoing: IO[bytes], kind: bytes, content: bytes) -> None:
    outgoing.write(FRAME.pack(kind, len(content)))
    outgoing.write(content)


def main() -> None:
    """Runs until stdin ends. SIGTERM unwinds, so that temporary files are removed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.nice(NICENESS)
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # the other processors are for answers
    encode_orders(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
