"""Parquet: numbers are doubles, days are dates, and the metadata of the file says where it is from."""

import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from misconduct.formats.table import Table, join
from misconduct.model.figure import Column

if TYPE_CHECKING:
    from polars import DataFrame


async def encode(table: Table) -> AsyncIterator[bytes]:
    frames = [
        await run_sync(make_frame, table.columns, map(table.cells, page))
        async for page in table.pages
    ]
    yield await run_sync(write, frames, table.describe())


def make_frame(columns: Sequence[Column], rows: Iterable[Iterable[Any]]) -> "DataFrame":
    """Return rows of cells as a frame: numbers are doubles, days are dates, lists have spaces between their values."""
    import polars

    types = {
        "number": polars.Float64(),
        "integer": polars.Int64(),
        "day": polars.Date(),
    }
    schema = {
        column.name: types.get(column.holds, polars.String()) for column in columns
    }
    return polars.DataFrame(
        [[join(cell) for cell in row] for row in rows], schema, orient="row"
    )


def write(frames: "list[DataFrame]", about: dict[str, str]) -> bytes:
    """Return a file with the rows of some frames, and with what `about` says in its metadata."""
    import polars

    content = io.BytesIO()
    polars.concat(frames).write_parquet(content, metadata=about)
    return content.getvalue()
