"""Shortcuts for the first load of a database: truncate, and build indexes at the end. Nobody reads empty tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, exists, select, text
from sqlalchemy.schema import AddConstraint, DropConstraint

from misconduct.db.tables import assessments, file_contents, files, manifest_lines, observations, records, releases

FILLED = (assessments, file_contents, files, manifest_lines, observations, records)


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
    connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))  # a million rows are sorted in a third less
    connection.execute(AddConstraint(observations.primary_key))
    for index in indexes:
        index.create(connection)
