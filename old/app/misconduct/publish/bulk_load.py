"""Figures as Postgres copies them in, and shortcuts for the first load of a database.

The first load truncates, and builds indexes at the end: nobody reads empty tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from threading import Thread

from psycopg import sql
from sqlalchemy import Connection, exists, select, text
from sqlalchemy.schema import AddConstraint, DropConstraint

from misconduct.db.tables import assessments, file_contents, files, manifest_lines, observations, records, releases
from misconduct.model.observation import FIELDS
from misconduct.register.observations import Batch
from misconduct.register.rules import Deriver

FILLED = (assessments, file_contents, files, manifest_lines, observations, records)

_END, _QUOTE = "\x01", "\x02"  # no cell has a control character, so that cells are written as they are
COPY = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, DELIMITER {}, QUOTE {})").format(
    sql.Identifier(observations.name),
    sql.SQL(", ").join(sql.Identifier(column.name) for column in observations.columns),
    sql.Literal(_END),
    sql.Literal(_QUOTE),
)
"""Takes what `CopyWriter` writes: the cells of the register, where nothing is null."""

_LISTS = tuple(name for name, field in FIELDS.items() if field.type == list[str])


class CopyWriter:
    """Writes figures for COPY, column by column: most cells are those of the register."""

    def __init__(self) -> None:
        self._derived = Deriver(as_texts=True)
        self._written = lru_cache(16_384)(_write_list)

    def write(self, batch: Batch, numbers: Sequence[int]) -> str:
        """Write some rows of a batch."""
        rows, digests, in_force = batch.claimed.choose(numbers)
        columns: dict[str, Sequence[str]] = {**rows.columns, **self._derived.derive_columns(rows.columns)}
        columns |= {name: [*map(self._written, columns[name])] for name in _LISTS}
        columns |= {"source": [batch.source] * len(rows), "sha256": [f"\\x{one.hex()}" for one in digests]}
        terms = {one: tuple(map(str, one)) for one in set(in_force)}
        columns["added_in"], columns["ended_in"] = zip(*map(terms.__getitem__, in_force), strict=True)
        lines = [*map(_END.join, zip(*map(columns.__getitem__, FIELDS), strict=True))]
        written = "\n".join(lines)
        if written.count("\n") >= len(lines):  # there are line feeds in cells
            cells = [[_quote_lines(cell) for cell in columns[name]] for name in FIELDS]
            written = "\n".join(map(_END.join, zip(*cells, strict=True)))
        return f"{written}\n"


def _write_list(cell: str) -> str:
    """Write a list as Postgres reads it. Neither places nor ids have a double quote or a backslash."""
    return "{{{}}}".format(",".join(f'"{part}"' for part in cell.split(" "))) if cell else "{}"


def _quote_lines(cell: str) -> str:
    return f"{_QUOTE}{cell}{_QUOTE}" if "\n" in cell else cell


def is_first_load(connection: Connection) -> bool:
    """Tell whether no release was ever loaded, not even a draft."""
    return not connection.scalar(select(exists().where(releases.c.ordinal > 0)))


@contextmanager
def without_indexes(connection: Connection) -> Iterator[None]:
    """Truncate the empty tables, and build the indexes of the figures after the rows that are written in this block.

    Postgres does not log the rows of a table that was truncated in the same transaction (`wal_level = minimal`).
    """
    connection.execute(text(f"TRUNCATE {', '.join(table.name for table in FILLED)}"))
    indexes = sorted(observations.indexes, key=lambda index: str(index.name))
    connection.execute(DropConstraint(observations.primary_key))
    for index in indexes:
        index.drop(connection)
    yield
    # While Postgres builds them, a thread reads the code that builds files, and polars.
    Thread(target=import_module, args=("misconduct.publish.dataset_files",), daemon=True).start()
    connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))  # a million rows are sorted in a third less
    connection.execute(AddConstraint(observations.primary_key))
    for index in indexes:
        index.create(connection)
