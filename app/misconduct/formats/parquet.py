"""Parquet: numbers are doubles, days are dates, and the metadata of the file says where it is from."""

import io
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from misconduct.formats.table import Table, join
from misconduct.model.figure import Column

if TYPE_CHECKING:
    from polars import DataFrame

PAGES = 20  # of a row group: of 10,000 rows, since readers are slow with small ones


async def encode(table: Table) -> AsyncIterator[bytes]:
    """Yield the whole file. Its row groups are written one after the other, so that memory never has all rows."""
    with TemporaryDirectory() as name:
        folder, frames = Path(name), list["DataFrame"]()
        async for page in table.pages:
            if len(frames) == PAGES:
                await run_sync(_write_group, frames, folder)
                frames = []
            cells = map(table.cells, page)
            frames.append(await run_sync(make_frame, table.columns, cells))
        await run_sync(_write_group, frames, folder)
        content = await run_sync(_join_groups, folder, table.describe())
    yield content


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


def write(frame: "DataFrame", about: dict[str, str]) -> bytes:
    """Return a file with the rows of a frame, and with what `about` says in its metadata."""
    content = io.BytesIO()
    frame.write_parquet(content, metadata=about)
    return content.getvalue()


def _write_group(frames: "list[DataFrame]", folder: Path) -> None:
    import polars

    number = len([*folder.iterdir()])
    polars.concat(frames).write_parquet(folder / f"{number:06}.parquet")


def _join_groups(folder: Path, about: dict[str, str]) -> bytes:
    import polars

    content = io.BytesIO()
    rows = polars.scan_parquet(folder / "*.parquet")
    rows.sink_parquet(content, metadata=about)
    return content.getvalue()
