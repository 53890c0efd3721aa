"""Load releases into Postgres, each one whole and in a transaction of its own."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg import sql
from sqlalchemy import Table, create_engine

from misconduct.db import schema
from misconduct.db.tables import CHANGES, OBSERVATIONS, RECORDS, RELEASES
from misconduct.errors import DatabaseError
from misconduct.model import figure, relations, series
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.words import WEIGHTS, Words, find_words, record_words
from misconduct.releases.folder import Release, list_releases, read_release
from misconduct.releases.labelled import complete_figures

Connection = psycopg.Connection[Any]
Progress = Callable[[str], None]

LOAD_LOCK = 7_031_949
"""Key of the lock in Postgres that one load holds; a second one waits for it."""


def load(url: str, data: Path, *, may_drop: bool = False, progress: Progress = lambda _: None) -> list[str]:
    """Load every release in `data` that the database lacks, or has with another digest. Return their numbers.

    `may_drop` allows tables of another revision to be dropped. Raises DatabaseError and ReleaseError.
    """
    entries = list_releases(data)
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
                raise DatabaseError(
                    f"The database has the encoding {encoding}. Create one with UTF8 and name that one."
                )
            connection.execute("SELECT pg_advisory_lock(%s)", [LOAD_LOCK])  # a rollback by SQLAlchemy keeps it
            _create_tables(connection, may_drop=may_drop)
        with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [LOAD_LOCK])
            loaded: dict[str, str] = dict(connection.execute("SELECT number, digest FROM releases").fetchall())
            missing = [entry for entry in entries if loaded.get(entry.number) != entry.digest]
            for entry in missing:
                progress(f"loading release {entry.number}")
                release = read_release(data / "releases" / entry.number)
                with connection.transaction():
                    replace_release(connection, release)
            if missing:
                connection.execute("ANALYZE")
    except psycopg.Error as error:
        raise DatabaseError(f"The releases cannot be loaded: {str(error).strip()}") from error
    return [entry.number for entry in missing]


def _create_tables(connection: Connection, *, may_drop: bool) -> None:
    """Create the tables in the transaction of the connection, so that a second load waits for it."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: connection)
    with engine.connect() as wrapped:
        schema.create_tables(wrapped, may_drop=may_drop)
        wrapped.commit()


def replace_release(connection: Connection, release: Release) -> None:
    """Load a release in the transaction of the connection, in place of the one that has its number."""
    for table in (RELEASES, OBSERVATIONS, RECORDS, CHANGES):
        column = sql.Identifier("number" if table is RELEASES else "release")
        statement = sql.SQL("DELETE FROM {} WHERE {} = %s").format(sql.Identifier(table.name), column)
        connection.execute(statement, [release.number])
    within = relations.find_within(release.figures)
    rows = complete_figures(release)
    in_series = series.find_series(rows, release.records["source"])
    shared = relations.find_shared_subjects(rows)
    for row in rows:  # in place: copies would double the memory that a load takes
        one = row["id"]
        row.update(within=within.get(one, []), series=in_series.get(one), shared_subject=shared.get(one))
    number, words = release.number, find_words(Catalogue(release.records))
    copy_with_words(connection, OBSERVATIONS, ({"release": number, "words": words(row), **row} for row in rows))
    copy_with_words(connection, RECORDS, ({"release": number, **record} for record in _records(release, rows)))
    copy(connection, CHANGES, ({"release": number, **change} for change in release.changes))
    about = {
        name: getattr(release, name) for name in ("number", "day", "summary", "digest", "previous", "earlier_digest")
    }
    copy(connection, RELEASES, [about])


def copy(connection: Connection, table: Table, rows: Iterable[Row], into: str | None = None) -> None:
    """Copy rows into a table, or into one that is like it, by COPY.

    Columns that a row lacks are null; empty texts are null, too.
    """
    names = [column.name for column in table.columns]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(into or table.name), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as writer:
        for row in rows:
            writer.write_row([None if row.get(name) == "" else row.get(name) for name in names])


def copy_with_words(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Copy rows whose `words` are texts to search. Figures share most of these, so Postgres parses each text once."""
    staged, texts = f"staged_{table.name}", f"texts_{table.name}"
    connection.execute(f"CREATE TEMP TABLE {staged} (LIKE {table.name}) ON COMMIT DROP")
    connection.execute(f"ALTER TABLE {staged} ALTER words TYPE int[] USING NULL")
    connection.execute(f"CREATE TEMP TABLE {texts} (number int, weight text, text text) ON COMMIT DROP")
    numbers: dict[tuple[str, str], int] = {}

    def number(words: Words) -> list[int]:
        return [numbers.setdefault(one, len(numbers)) for one in zip(WEIGHTS, words, strict=True)]

    copy(connection, table, (row | {"words": number(row["words"])} for row in rows), into=staged)
    with connection.cursor() as cursor, cursor.copy(f"COPY {texts} FROM STDIN") as writer:
        for (weight, text), place in numbers.items():
            writer.write_row([place, weight, text])
    names = ", ".join(column.name for column in table.columns if column.name != "words")
    places = range(1, len(WEIGHTS) + 1)
    joins = " ".join(f"JOIN parsed AS text{place} ON text{place}.number = staged.words[{place}]" for place in places)
    connection.execute(f"""
        WITH parsed AS MATERIALIZED (
            SELECT number, setweight(to_tsvector('english', text), weight::"char") AS words FROM {texts})
        INSERT INTO {table.name} ({names}, words)
        SELECT {names}, {" || ".join(f"text{place}.words" for place in places)} FROM {staged} AS staged {joins}""")  # noqa: S608


def _records(release: Release, rows: list[Row]) -> Iterator[Row]:
    """Yield the records; a dataset gets the number of its figures, their years and how many have each code."""
    catalogue = Catalogue(release.records)
    for kind, records in release.records.items():
        for identity, record in records.items():
            content = record
            if kind == "dataset":
                content = record | count([row for row in rows if identity in row["datasets"]])
            yield {
                "kind": kind,
                "id": identity,
                "content": orjson.dumps(content).decode(),
                "words": record_words(record, catalogue),
            }


def count(rows: list[Row]) -> Row:
    """Return how many figures there are, their years, newest first, and the number of figures with each code."""
    codes = {name: Counter(row[name] for row in rows if row[name]) for name in figure.CODED_COLUMNS}
    return {
        "figures": len(rows),
        "years": sorted({row["year"] for row in rows if row["year"]}, reverse=True),
        "codes": {name: dict(sorted(counts.items())) for name, counts in codes.items() if counts},
    }
