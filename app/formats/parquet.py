"""Apache Parquet: typed columns, codes dictionary-encoded, the release and licence in the schema's metadata."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.table import Column, Row, Table

if TYPE_CHECKING:
    import polars


def encode_parquet(table: Table) -> Iterator[bytes]:
    """The table as one Parquet file. A missing value is null, a list a list, a number a float64 or an int64."""
    buffer = io.BytesIO()
    frame_of(table.columns, list(table.rows)).write_parquet(buffer, compression="zstd", metadata=dict(table.notes))
    yield buffer.getvalue()


class ParquetFile:
    """A Parquet file that is written a batch of rows at a time, so that memory does not grow with it."""

    def __init__(self, path: Path, columns: tuple[Column, ...], notes: Mapping[str, str]) -> None:
        self._path, self._columns, self._notes = path, columns, notes
        self._parts: list[Path] = []

    def append(self, rows: list[Row]) -> None:
        """Adds rows behind those that are there."""
        part = self._path.with_suffix(f".{len(self._parts):06}.part")
        frame_of(self._columns, rows).write_parquet(part, compression="lz4")
        self._parts.append(part)

    def close(self) -> None:
        """Puts the parts together, in their order."""
        import polars

        whole = polars.scan_parquet(self._parts) if self._parts else frame_of(self._columns, []).lazy()
        whole.sink_parquet(self._path, compression="zstd", metadata=dict(self._notes))
        for part in self._parts:
            part.unlink()


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
