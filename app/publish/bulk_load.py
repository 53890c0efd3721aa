"""What only the first load of a database may do, because nobody reads tables in which nothing ever was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, exists, select, text
from sqlalchemy.schema import AddConstraint, DropConstraint

from app.db.tables import assessments, file_pieces, files, manifest_lines, observations, records, releases

FILLED = (assessments, file_pieces, files, manifest_lines, observations, records)


def is_first_load(connection: Connection) -> bool:
    """Whether no release was ever loaded, not even a draft."""
    return not connection.scalar(select(exists().where(releases.c.ordinal > 0)))


@contextmanager
def built_anew(connection: Connection) -> Iterator[None]:
    """Empties what is empty, and builds the indexes of the figures behind the rows that come within.

    Postgres needs no log for the rows of a table that it emptied in the same transaction (`wal_level = minimal`).
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
