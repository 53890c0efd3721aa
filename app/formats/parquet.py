"""Apache Parquet: typed columns, codes dictionary-encoded, the release and licence in the schema's metadata."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.table import Column, Table

if TYPE_CHECKING:
    import polars

ROWS_AT_ONCE = 50_000


def encode_parquet(table: Table) -> Iterator[bytes]:
    """The table as one Parquet file. A missing value is null, a list a list, a number a float64 or an int64."""
    buffer = io.BytesIO()
    frame_of(table.columns, list(table.rows)).write_parquet(buffer, compression="zstd", metadata=dict(table.notes))
    yield buffer.getvalue()


def write_parquet(table: Table, path: Path) -> None:
    """A long table into a Parquet file, 50,000 rows at a time: memory does not grow with it."""
    import polars

    rows, parts = iter(table.rows), list[Path]()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            parts.append(Path(folder) / f"{len(parts):06}.parquet")
            frame_of(table.columns, batch).write_parquet(parts[-1])
        whole = polars.scan_parquet(parts) if parts else frame_of(table.columns, []).lazy()
        whole.sink_parquet(path, compression="zstd", metadata=dict(table.notes))


def frame_of(columns: tuple[Column, ...], rows: list[Any]) -> polars.DataFrame:
    """Rows as a data frame with the columns' types; codes are categorical, and so dictionary-encoded."""
    import polars

    types: dict[str, Any] = {
        "text": polars.String(),
        "code": polars.Categorical(),
        "date": polars.String(),  # of many precisions
        "integer": polars.Int64(),
        "number": polars.Float64(),
        "texts": polars.List(polars.String()),
    }
    schema = {column.name: types[column.type] for column in columns}
    return polars.DataFrame(rows, schema=schema, orient="row")
