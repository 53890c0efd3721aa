"""Read the figures of a release from Postgres, in batches of columns, in the order of a listing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

import polars
from sqlalchemy import ColumnElement, Connection, Text, case, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from misconduct.db.tables import observations, period_order
from misconduct.queries.filters import in_force
from misconduct.register.observation_columns import COLUMNS
from misconduct.register.records import digest_row

ROWS_AT_ONCE = 8_192

SEALED = (*COLUMNS, "source")
"""The cells of the register's own rows, with which each line begins."""

_COMPUTED = ("year", "year_basis", "value_low", "value_high", "added_in", "ended_in")

_MARK = "\x01"  # no cell has a control character
_BEHIND = f",{_MARK},".encode()


def read_batches(connection: Connection, ordinal: int) -> Iterator[tuple[polars.DataFrame, bytes]]:
    """Yield the observations of a release, every cell as text: plain decimal numbers, lists joined by a space.

    Beside each batch are the register's own rows of the same observations, as CSV.
    """
    # Sorting a whole table is faster than following its index from page to page.
    connection.execute(text("SET LOCAL enable_indexscan = off"))
    lines = _copy_out(connection, ordinal)
    schema = dict.fromkeys((*SEALED, _MARK, "trimmed", *_COMPUTED), polars.String())
    while batch := list(islice(lines, ROWS_AT_ONCE)):
        cells = polars.read_csv(io.BytesIO(b"".join(batch)), has_header=False, schema=schema)
        sealed = b"".join([line.partition(_BEHIND)[0] + b"\n" for line in batch])
        yield cells.drop(_MARK, "value").rename({"trimmed": "value"}), sealed
    connection.execute(text("SET LOCAL enable_indexscan TO DEFAULT"))


def count_figures(connection: Connection, ordinal: int) -> int:
    """Count the observations of a release."""
    return connection.scalar(select(func.count()).where(in_force(observations, ordinal))) or 0


def _copy_out(connection: Connection, ordinal: int) -> Iterator[bytes]:
    """Yield the observations of a release as Postgres' CSV, in which null is nothing and an empty text is `""`."""
    own: dict[str, ColumnElement[Any]] = {name: _joined(observations.c[name]) for name in SEALED}
    value = observations.c.value
    if negative := _negative_zeros(connection, ordinal):
        own["value"] = case((observations.c.id.in_(negative), "-" + cast(value, Text)), else_=cast(value, Text))
    numbers = {name: func.trim_scale(observations.c[name]) for name in ("value_low", "value_high")}
    computed = (numbers.get(name, observations.c[name]) for name in _COMPUTED)
    cells = (*own.values(), literal(_MARK), func.trim_scale(value), *computed)
    statement = select(*cells).where(in_force(observations, ordinal)).order_by(period_order, observations.c.id)
    query = statement.compile(connection, compile_kwargs={"literal_binds": True})
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        yield from map(bytes, copy)


def _negative_zeros(connection: Connection, ordinal: int) -> list[str]:
    """Return the ids of the observations whose value is written `-0`: a number in Postgres has no negative zero."""
    cells = [cast(_joined(observations.c[name]), Text) for name in SEALED]
    zeros = select(observations.c.sha256, *cells).where(in_force(observations, ordinal), observations.c.value == 0)
    rows = ((row[0], {name: str(cell) for name, cell in zip(SEALED, row[1:], strict=True) if cell not in (None, "")})
            for row in connection.execute(zeros))  # fmt: skip
    return [cells["id"] for sha256, cells in rows if digest_row(cells) != sha256]


def _joined(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.array_to_string(column, " ") if isinstance(column.type, ARRAY) else column
