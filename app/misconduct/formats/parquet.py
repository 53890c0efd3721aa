"""Parquet: numbers are doubles, days are dates, and the metadata of the file says where it is from."""

import io
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import orjson
from anyio.to_thread import run_sync

from misconduct.formats.table import Table, join
from misconduct.model.figure import Row

if TYPE_CHECKING:
    from polars import DataFrame


async def encode(table: Table) -> AsyncIterator[bytes]:
    frames: list[DataFrame] = []
    sources: set[str] = set()
    async for page in table.pages:
        frames.append(await run_sync(_frame, table, page))
        sources.update(row["source"] for row in page)
    described = orjson.dumps(table.describe_sources(sources)).decode()
    yield await run_sync(_write, frames, {**table.about, "sources": described})


def _frame(table: Table, page: list[Row]) -> "DataFrame":
    import polars

    types = {"number": polars.Float64(), "day": polars.Date()}
    schema = {column.name: types.get(column.holds, polars.String()) for column in table.columns}
    return polars.DataFrame([[join(value) for value in table.cells(row)] for row in page], schema, orient="row")


def _write(frames: "list[DataFrame]", about: dict[str, str]) -> bytes:
    import polars

    content = io.BytesIO()
    polars.concat(frames).write_parquet(content, metadata=about)
    return content.getvalue()
