"""The files of a release: what they are, and their bytes, a piece at a time."""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import NamedTuple

from sqlalchemy import Integer, LargeBinary, Text, bindparam, func, select

from app.db.engine import Database, write_out
from app.db.tables import file_pieces, files

PIECE_BYTES = 1 << 20
"""Every piece has this length but the last."""


class File(NamedTuple):
    """One file of one release; `length` in bytes, `sha256` in hexadecimal."""

    release: int
    name: str
    media_type: str
    length: int
    sha256: str


_ORDINAL, _NAME = bindparam("ordinal", None, Integer), bindparam("name", None, Text)
FILE = write_out(select(files).where(files.c.release == _ORDINAL, files.c.name == _NAME))

_NUMBER, _FIRST, _COUNT = (bindparam(name, None, Integer) for name in ("number", "first", "count"))
PIECE = write_out(
    select(func.substring(file_pieces.c.bytes, _FIRST, _COUNT, type_=LargeBinary)).where(
        file_pieces.c.release == _ORDINAL, file_pieces.c.name == _NAME, file_pieces.c.number == _NUMBER
    )
)


async def find_file(database: Database, ordinal: int, name: str) -> File | None:
    """A file of a release; None where it has no such file."""
    rows = await database.rows(FILE, {"ordinal": ordinal, "name": name})
    return File._make(rows[0]) if rows else None


async def list_files(database: Database, ordinal: int) -> list[File]:
    """All files of a release with figures and records, by name; pictures of charts are found by their chart."""
    whole = select(files).where(files.c.release == ordinal, ~files.c.name.contains("/"))
    rows = await database.rows(whole.order_by(files.c.name))
    return [File._make(row) for row in rows]


async def read_bytes(
    database: Database, file: File, start: int, end: int, turns: Semaphore | None = None
) -> AsyncIterator[bytes]:
    """The bytes from `start` to before `end`. One short query a piece: no connection is held while they are sent.

    `turns` bounds how many pieces are read at once, for all downloads together.
    """
    for number in range(start // PIECE_BYTES, (end - 1) // PIECE_BYTES + 1):
        offset = number * PIECE_BYTES
        first, last = max(start - offset, 0), min(end - offset, PIECE_BYTES)
        part = {"number": number, "first": first + 1, "count": last - first}
        async with turns or nullcontext():
            (row,) = await database.rows(PIECE, {"ordinal": file.release, "name": file.name, **part})
        yield row[0]
