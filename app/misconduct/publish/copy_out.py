"""Read the figures of a release from Postgres, in batches of columns, in the order of a listing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

import polars
from sqlalchemy import ColumnElement, Connection, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.sqltypes import Numeric

from misconduct.db.tables import observations, period_order
from misconduct.queries.filters import in_force

ROWS_AT_ONCE = 8_192


def read_batches(connection: Connection, ordinal: int) -> Iterator[polars.DataFrame]:
    """Yield the observations of a release, every cell as text: plain decimal numbers, lists joined by a space."""
    # Sorting a whole table is faster than following its index from page to page.
    connection.execute(text("SET LOCAL enable_indexscan = off"))
    lines = _copy_out(connection, ordinal)
    schema = {column.name: polars.String() for column in observations.columns}
    while batch := b"".join(islice(lines, ROWS_AT_ONCE)):
        yield polars.read_csv(io.BytesIO(batch), has_header=False, schema=schema)
    connection.execute(text("SET LOCAL enable_indexscan TO DEFAULT"))


def count_figures(connection: Connection, ordinal: int) -> int:
    """Count the observations of a release."""
    return connection.scalar(select(func.count()).where(in_force(observations, ordinal))) or 0


def _copy_out(connection: Connection, ordinal: int) -> Iterator[bytes]:
    """Yield the observations of a release as Postgres' CSV, in which null is nothing and an empty text is `""`."""
    cells = map(_as_text, observations.columns)
    statement = select(*cells).where(in_force(observations, ordinal)).order_by(period_order, observations.c.id)
    query = statement.compile(connection, compile_kwargs={"literal_binds": True})
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        yield from copy


def _as_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, Numeric):
        return func.trim_scale(column)
    return func.array_to_string(column, " ") if isinstance(column.type, ARRAY) else column
