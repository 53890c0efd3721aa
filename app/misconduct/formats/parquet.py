"""Apache Parquet: typed columns, codes dictionary-encoded, the release and licence in the schema's metadata."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from misconduct.model.table import Column, Row, Table

if TYPE_CHECKING:
    import polars


def encode_parquet(table: Table) -> Iterator[bytes]:
    """Encode a table as one Parquet file. A missing value is null, a list a list, a number a float64 or an int64.

    At most _ROWS_AT_ONCE rows are in memory: longer tables go through files in a temporary folder.
    """
    import polars

    rows, buffer = iter(table.rows), io.BytesIO()
    batch = list(islice(rows, _ROWS_AT_ONCE))
    if len(batch) < _ROWS_AT_ONCE:
        frame_of(table.columns, batch).write_parquet(buffer, compression="zstd", metadata=dict(table.notes))
        yield buffer.getvalue()
        return
    with TemporaryDirectory(prefix="misconduct-") as folder:
        parts, whole = ParquetParts(Path(folder), table.columns), Path(folder, "whole")
        while batch:
            parts.append(frame_of(table.columns, batch))
            batch = list(islice(rows, _ROWS_AT_ONCE))
        parts.write(whole, table.notes, polars.lit(True))
        with whole.open("rb") as file:
            yield from iter(lambda: file.read(1_000_000), b"")


_ROWS_AT_ONCE = 8_192
_ROWS_IN_GROUP = 32_768
"""Rows in a row group of a file written in parts; as many are in memory at once."""


class ParquetParts:
    """Collect rows on disk, a batch at a time, and make Parquet files of them in bounded memory."""

    def __init__(self, folder: Path, columns: Sequence[Column]) -> None:
        self._folder, self._columns = folder, columns
        self._parts: list[Path] = []

    def append(self, rows: polars.DataFrame) -> None:
        """Append rows; their cells are cast to the types of the columns."""
        part = self._folder / f"{len(self._parts):06}.part"
        rows.cast(types_of(self._columns)).write_parquet(part, compression="lz4")
        self._parts.append(part)

    def write(self, path: Path, notes: Mapping[str, str], which: polars.Expr) -> None:
        """Write the selected rows to a Parquet file, in order."""
        import polars

        whole = polars.scan_parquet(self._parts) if self._parts else frame_of(self._columns, []).lazy()
        whole.filter(which).sink_parquet(path, compression="zstd", row_group_size=_ROWS_IN_GROUP, metadata=dict(notes))


def frame_of(columns: Sequence[Column], rows: Sequence[Row]) -> polars.DataFrame:
    """Make a data frame of rows, with the types of the columns."""
    import polars

    return polars.DataFrame(rows, schema=types_of(columns), orient="row")


def types_of(columns: Sequence[Column]) -> polars.Schema:
    """Return the schema of some columns; codes are categorical, and so dictionary-encoded."""
    import polars

    types = {
        "text": polars.String(),
        "code": polars.Categorical(),
        "date": polars.String(),  # as precise as known
        "integer": polars.Int64(),
        "number": polars.Float64(),
        "boolean": polars.Boolean(),
        "texts": polars.List(polars.String()),
    }
    return polars.Schema({column.name: types[column.type] for column in columns})
