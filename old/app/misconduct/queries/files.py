"""Find the files of a release, and read their bytes piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from isal import isal_zlib
from sqlalchemy import Integer, LargeBinary, Text, bindparam, case, func, select

from misconduct.db.statements import compile_statement
from misconduct.db.tables import file_contents, files
from misconduct.db.turns import Turns, ask_in_turn
from misconduct.errors import DatabaseUnavailable, NotReady

if TYPE_CHECKING:
    from misconduct.db.engine import Database  # which a load has no use for

PIECE_BYTES = 1 << 20
"""The length of every piece but the last."""


class File(NamedTuple):
    """One file of one release; `length` in bytes, `sha256` in hexadecimal, `built_by` None where nobody noted it."""

    release: int
    name: str
    media_type: str
    length: int
    sha256: str
    built_by: Mapping[str, Any] | None


BUNDLE, EVERYTHING = "bundle.zip", "observations"
BUILT = ("csv", "parquet")
"""The formats of the files that each release has of its figures."""


def file_names(datasets: Iterable[str]) -> set[str]:
    """Return the names of the files of a release that has these datasets."""
    return {BUNDLE, *(f"{name}.{form}" for name in (EVERYTHING, *datasets) for form in BUILT)}


MISSING = f"""SELECT r.number || '/' || wanted.name FROM releases r CROSS JOIN LATERAL (
    SELECT unnest(ARRAY{sorted(file_names(()))})
    UNION SELECT id || form FROM records, unnest(ARRAY{[f".{form}" for form in BUILT]}) AS form
          WHERE kind = 'dataset' AND added_in <= r.ordinal AND r.ordinal < ended_in
) AS wanted(name)
WHERE NOT EXISTS (SELECT FROM files f WHERE f.release = r.ordinal AND f.name = wanted.name)
ORDER BY r.ordinal, wanted.name"""  # noqa: S608 (of constants)
"""Files that a release should have and lacks."""

_ORDINAL, _NAME = bindparam("ordinal", None, Integer), bindparam("name", None, Text)
_SHA256 = bindparam("sha256", None, Text)
FILE = compile_statement(select(files).where(files.c.release == _ORDINAL, files.c.name == _NAME))

_NUMBER, _FIRST, _COUNT = (bindparam(name, None, Integer) for name in ("number", "first", "count"))
_is_plain = file_contents.c.length == func.octet_length(file_contents.c.bytes)
PIECE = compile_statement(
    select(
        case(
            (_is_plain, func.substring(file_contents.c.bytes, _FIRST, _COUNT, type_=LargeBinary)),
            else_=file_contents.c.bytes,
        ).label("bytes"),
        _is_plain.label("is_plain"),
    ).where(file_contents.c.sha256 == _SHA256, file_contents.c.number == _NUMBER)
)


async def find_file(database: Database, ordinal: int, name: str) -> File | None:
    """Return a file of a release; None if there is none with this name."""
    rows = await database.rows(FILE, {"ordinal": ordinal, "name": name})
    return File._make(rows[0]) if rows else None


async def list_files(database: Database, ordinal: int) -> list[File]:
    """Return all files of a release, ordered by name."""
    rows = await database.rows(select(files).where(files.c.release == ordinal).order_by(files.c.name))
    return [File._make(row) for row in rows]


async def read_bytes(
    database: Database,
    file: File,
    start: int,
    end: int,
    turns: Turns,
    *,
    at_once: Callable[[], int] = lambda: PIECE_BYTES,
) -> AsyncIterator[bytes]:
    """Yield the bytes from `start` up to `end`. One short query for each piece, of which no more is yielded than are to
    be sent `at_once`: no connection is held meanwhile.

    `turns` limits how many pieces all downloads together read at once. Raises NotReady if a removal by law took them,
    or DatabaseUnavailable if they are damaged.
    """
    while start < end:
        number, first = divmod(start, PIECE_BYTES)
        last = min(first + at_once(), first + end - start, PIECE_BYTES)
        part = {"number": number, "first": first + 1, "count": last - first}
        rows = await ask_in_turn(turns, partial(database.rows, PIECE, {"sha256": file.sha256, **part}))
        if not rows:
            raise NotReady(f"{file.name} was replaced while it was sent. Please ask for it again.")
        (row,) = rows
        piece = row.bytes if row.is_plain else _inflate(row.bytes)[first:last]
        if len(piece) != last - first:
            from misconduct.event_log import log  # which a load has no use for

            log.error("a file is damaged in the database", name=file.name, sha256=file.sha256, piece=number)
            raise DatabaseUnavailable(f"{file.name} is damaged in the database. Its operator has to mend that.")
        yield piece
        start += len(piece)


def _inflate(content: bytes) -> bytes:
    """Return what was compressed; nothing if that is damaged."""
    try:
        return isal_zlib.decompress(content)
    except isal_zlib.error:  # type: ignore[misc] # an exception, and not an instance as its stub has it
        return b""
