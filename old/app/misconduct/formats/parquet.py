"""Apache Parquet: typed columns, codes dictionary-encoded, the release and licence in the schema's metadata."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from misconduct.model.table import Column, Row, Table

if TYPE_CHECKING:
    import polars


def encode_parquet(table: Table) -> Iterator[bytes]:
    """Encode a table as one Parquet file. A missing value is null, a list a list, a number a float64 or an int64.

    At most _ROWS_AT_ONCE rows are in memory: longer tables go through files in a temporary folder.
    """
    rows, buffer = iter(table.rows), io.BytesIO()
    batch = list(islice(rows, _ROWS_AT_ONCE))
    if len(batch) < _ROWS_AT_ONCE:
        frame_of(table.columns, batch).write_parquet(buffer, compression="zstd", metadata=dict(table.notes))
        yield buffer.getvalue()
        return
    frames = (
        frame_of(table.columns, some) for some in chain([batch], iter(lambda: list(islice(rows, _ROWS_AT_ONCE)), []))
    )
    with TemporaryDirectory() as folder:  # with the prefix of the process, by which what it leaves is found
        whole = Path(folder, "whole")
        write_parquet(whole, table.columns, frames, table.notes)
        with whole.open("rb") as file:
            yield from iter(lambda: file.read(1_000_000), b"")


_ROWS_AT_ONCE = 8_192
ROWS_IN_GROUP = 32_768
"""Rows in a row group of a file written in batches; as many are in memory at once."""


def write_parquet(
    path: Path,
    columns: Sequence[Column],
    frames: Iterable[polars.DataFrame],
    notes: Mapping[str, str],
    rows_in_group: int = ROWS_IN_GROUP,
) -> None:
    """Write batches of rows to a Parquet file, in bounded memory; cells are cast to the types of the columns.

    Raises OSError.
    """
    from polars.exceptions import ComputeError
    from polars.io.plugins import register_io_source

    types = types_of(columns)

    def read(*_: object) -> Iterator[polars.DataFrame]:
        return (frame.cast(types) for frame in frames)

    rows = register_io_source(read, schema=types)
    try:
        rows.sink_parquet(path, compression="zstd", row_group_size=rows_in_group, metadata=dict(notes))
    except ComputeError:
        with path.open("ab") as file:  # polars hides why there is no room: writing there again raises it
            file.write(bytes(1_000_000))
        raise


def frame_of(columns: Sequence[Column], rows: Sequence[Row]) -> polars.DataFrame:
    """Make a data frame of rows, with the types of the columns."""
    import polars

    types = types_of(columns)
    lists = [place for place, column in enumerate(columns) if column.type == "texts"]
    if not lists:
        return polars.DataFrame(rows, schema=types, orient="row")
    # polars makes a Series of each list; splitting texts takes a sixth of the time. No text has a NUL.
    joined = [list(row) for row in rows]
    for cells in joined:
        for place in lists:
            if (texts := cells[place]) is not None:
                cells[place] = "".join([f"{text}\0" for text in cast("list[str]", texts)])
    names = [columns[place].name for place in lists]
    split = polars.col(names).str.split("\0")
    frame = polars.DataFrame(joined, schema={**types, **dict.fromkeys(names, polars.String())}, orient="row")
    return frame.with_columns(split.list.head(split.list.len() - 1))


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
