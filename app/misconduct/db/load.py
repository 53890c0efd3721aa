"""Load releases into Postgres, each one whole and in a transaction of its own."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy import Table, create_engine
from sqlalchemy.exc import SQLAlchemyError

from misconduct.db import schema
from misconduct.db.across import ACROSS, NOT_DERIVED, DerivedColumns
from misconduct.db.engine import connect
from misconduct.db.history import compare_with_neighbours
from misconduct.db.tables import CHANGES, OBSERVATIONS, RECORDS, RELEASES
from misconduct.errors import DatabaseError, ReleaseError
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import CODED_COLUMNS, Row, complete_figures
from misconduct.model.search_texts import WEIGHTS, SearchTexts, texts_of_figures, texts_of_record
from misconduct.model.series import find_work, series_id
from misconduct.releases import folder as files
from misconduct.releases.folder import ListedRelease, Release
from misconduct.releases.verify import read_removals

Connection = psycopg.Connection[Any]
Progress = Callable[[str], None]
Counts = Counter[tuple[str, str]]
"""How many figures of a dataset have each code of a column or year, and `figures` for all of them."""

ANALYSE = "ANALYZE releases, observations, records, changes, versions"
"""Lets Postgres count the rows: else it plans as if a new release had none, and some queries take long."""

LOAD_LOCK = 7_031_949
"""Key of the lock in Postgres that a load holds while it creates the tables, or loads a release."""


class Cover:
    """What a source covers: its first and last day, and which of its years are unfinished."""

    def __init__(self) -> None:
        self._first, self._last = date.max, date.min
        self._years, self._finished = set[str](), set[str]()

    def add(self, row: Row) -> None:
        if row["dated_by"] == "source" and row["period_start"] and row["period_end"]:
            self._first, self._last = min(self._first, row["period_start"]), max(self._last, row["period_end"])
        if row["year"]:
            self._years.add(row["year"])
            if row["mark"] != "provisional" and row["coverage"] != "part":
                self._finished.add(row["year"])

    def content(self) -> Row:
        """Return the first and the last day, and the years without a figure that is final; nothing without dates."""
        if self._first > self._last:
            return {}
        return {"first": self._first, "last": self._last, "unfinished": sorted(self._years - self._finished)}


def load(url: str, data: Path, *, may_drop: bool = False, progress: Progress = lambda _: None) -> list[str]:
    """Load each release in `data` that the database lacks, or has with another digest. Return their numbers.

    `may_drop` says that the database is our own: there, tables may be dropped, and releases replaced. Elsewhere only a
    removal by law explains another digest. Raises DatabaseError and ReleaseError.
    """
    entries = files.list_releases(data)
    with _explained():
        with connect(url) as connection:
            _create_tables(connection, progress, may_drop=may_drop)
        with connect(url, autocommit=True) as connection:
            loaded = _find_loaded(connection)
            _check_loaded(data, entries, loaded, is_ours=may_drop)
            missing = [entry for entry in entries if loaded.get(entry.number) != entry.digest]
            numbers = [one.number for one in missing if _load_listed(connection, data, one, progress)]
            if numbers:
                connection.execute(ANALYSE)
    return numbers


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, SQLAlchemyError) as error:
        reason = getattr(error, "orig", None) or error  # SQLAlchemy adds the statement
        text = str(reason).strip().rstrip(".")
        if isinstance(reason, psycopg.errors.ReadOnlySqlTransaction | psycopg.errors.InsufficientPrivilege):
            owner = "Run `misconduct load` on the primary, as the owner of the tables, and wait until a replica has it"
            text = f"{reason.diag.message_primary}. {owner}"
        raise DatabaseError(f"The releases cannot be loaded: {text}.") from error


def _load_listed(connection: Connection, data: Path, entry: ListedRelease, progress: Progress) -> bool:
    """Load a release, and return whether that was needed. Raises ReleaseError if it is another one."""
    folder = data / "releases" / entry.number
    with connection.transaction():
        _wait_for_others(connection, progress)
        if _find_loaded(connection).get(entry.number) == entry.digest:
            return False
        progress(f"loading release {entry.number}")
        release = _replace(connection, folder)
        if (release.number, release.digest) != (entry.number, entry.digest):
            raise ReleaseError(
                f"{folder}: This is release {release.number} with the digest {release.digest}, but releases.csv has "
                f"{entry.number} with {entry.digest}."
            )
    return True


def _check_loaded(data: Path, entries: list[ListedRelease], loaded: Mapping[str, str], *, is_ours: bool) -> None:
    """Raise ReleaseError if files of a loaded release have changed, or no removal by law explains another digest.

    A service with files from before a removal would otherwise publish again what was removed.
    """
    for entry in entries:
        was, folder = loaded.get(entry.number), data / "releases" / entry.number
        if was == entry.digest and (differences := files.find_differences(folder)):
            raise ReleaseError("\n".join(differences))
        if was in (None, entry.digest) or is_ours:
            continue
        if (entry.number, was) not in read_removals(data):
            raise ReleaseError(
                f"{folder}: The digest is {entry.digest}, but the database has {was}, and no removal in removals.csv "
                "explains this. These files are older than the database, or were changed."
            )


def _find_loaded(connection: Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT number, digest FROM releases").fetchall())


def _wait_for_others(connection: Connection, progress: Progress) -> None:
    """Wait until no other load works. The lock ends with the transaction, also behind a pooler."""
    [is_free] = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOAD_LOCK]).fetchone() or [False]
    if not is_free:
        progress("waiting for another load to end")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOAD_LOCK])


def _create_tables(connection: Connection, progress: Progress, *, may_drop: bool) -> None:
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        raise DatabaseError(f"The database has the encoding {encoding}. Create one with UTF8 and name that one.")
    engine = create_engine("postgresql+psycopg://", creator=lambda: connection)
    with engine.connect() as wrapped:  # this ends the transaction that there is, and its locks
        _wait_for_others(connection, progress)
        schema.create_tables(wrapped, may_drop=may_drop)
        wrapped.commit()


def replace_release(connection: Connection, folder: Path) -> None:
    """Load the release in a folder, so that it can be asked at once. Raises ReleaseError."""
    _replace(connection, folder)
    connection.execute(ANALYSE)


def _replace(connection: Connection, folder: Path) -> Release:
    """Load a release in place of the one that has its number. A large one does not need much memory."""
    release = files.read_release(folder, is_whole=False)
    number, records = release.number, release.records
    indexes = [] if _find_loaded(connection) else _drop_indexes(connection)
    for table in (RELEASES, OBSERVATIONS, RECORDS, CHANGES):
        release_column = "number" if table is RELEASES else "release"
        connection.execute(f"DELETE FROM {table.name} WHERE {release_column} = %s", [number])  # noqa: S608
    counts: dict[str, Counts] = {dataset: Counter() for dataset in records.get("dataset", {})}
    covers = defaultdict[str, Cover](Cover)
    figures = copy_with_words(connection, OBSERVATIONS, _figures(release, folder, counts, covers), ACROSS)
    computed = {("dataset", one): _describe_counts(of_dataset) for one, of_dataset in counts.items()}
    for one, source in records["source"].items():
        computed["source", one] = {"covers": covers[find_work(one, source)].content()}
    copy_with_words(connection, RECORDS, _records(release, computed))
    changes = ({name: text or None for name, text in row.items()} for row in files.iterate_rows(folder / files.CHANGES))
    copy(connection, CHANGES.name, CHANGES.columns.keys(), ({"release": number, **change} for change in changes))
    copy(connection, RELEASES.name, RELEASES.columns.keys(), [vars(release) | {"figures": figures}])
    for index in indexes:
        connection.execute(index)
    compare_with_neighbours(connection, number)
    return release


def _drop_indexes(connection: Connection) -> list[str]:
    """Drop the indexes of an empty table. Return how to create them, which is faster once it has figures."""
    found = connection.execute("""SELECT indexname, indexdef FROM pg_indexes
        WHERE schemaname = current_schema() AND tablename = 'observations' AND indexdef LIKE 'CREATE INDEX%'""")
    names, definitions = zip(*found, strict=True)
    connection.execute(f"DROP INDEX {', '.join(names)}")
    return [*definitions]


def _figures(
    release: Release, folder: Path, counts: Mapping[str, Counts], covers: Mapping[str, Cover]
) -> Iterator[Row]:
    """Yield the figures of a release with what is computed from each, and count them."""
    sources, texts = release.records["source"], texts_of_figures(Catalogue(release.records))
    for row in complete_figures(files.iterate_figures(folder), release.records):
        for dataset in row["datasets"]:
            counts[dataset]["figures", ""] += 1
            counts[dataset].update((name, row[name]) for name in ("year", *CODED_COLUMNS) if row[name])
        source = sources[row["source"]]
        row |= {"release": release.number, "words": texts(row), "published": source.get("published")}
        row["series"] = series_id(row, source)
        covers[find_work(row["source"], source)].add(row)
        yield row


def copy(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Copy rows into columns of a table by COPY. Columns that a row lacks are null."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as writer:
        for row in rows:
            values = (row.get(name) for name in columns)
            writer.write_row([_write_list(value) if isinstance(value, list) else value for value in values])


def _write_list(values: Iterable[object]) -> str:
    """Write ids, places or numbers as an array. psycopg would look for the type of each first."""
    return f"""{{{",".join(f'"{value}"' for value in values)}}}"""


def copy_with_words(
    connection: Connection, table: Table, rows: Iterable[Row], derived: DerivedColumns = NOT_DERIVED
) -> int:
    """Copy rows whose `words` are texts to search, and derive columns from all of them. Return how many."""
    names = table.columns.keys()
    connection.execute(f"CREATE TEMP TABLE staged (LIKE {table.name}, published text) ON COMMIT DROP")
    connection.execute("ALTER TABLE staged ALTER words TYPE int[] USING NULL")
    _stage(connection, [*names, "published"], rows)
    for statement in derived.statements:
        connection.execute(statement)
    places = range(1, len(WEIGHTS) + 1)
    columns = {name: f"staged.{name}" for name in names} | derived.columns
    columns["words"] = " || ".join(f"text{place}.words" for place in places)
    joins = [f"JOIN parsed AS text{place} ON text{place}.number = staged.words[{place}]" for place in places]
    inserted = connection.execute(f"""
        WITH parsed AS MATERIALIZED (
            SELECT number, setweight(to_tsvector('english', text), weight::"char") AS words FROM texts)
        INSERT INTO {table.name} ({", ".join(columns)})
        SELECT {", ".join(columns.values())} FROM staged {derived.joins} {" ".join(joins)} {derived.order}""")  # noqa: S608
    connection.execute("DROP TABLE staged, texts")
    return inserted.rowcount


def _stage(connection: Connection, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Copy rows into `staged`, and their texts into `texts`: each once, since rows share most of them."""
    connection.execute("CREATE TEMP TABLE texts (number int, weight text, text text) ON COMMIT DROP")
    numbers: dict[tuple[str, str], int] = {}

    def number(words: SearchTexts) -> list[int]:
        return [numbers.setdefault(pair, len(numbers)) for pair in zip(WEIGHTS, words, strict=True)]

    copy(connection, "staged", names, (row | {"words": number(row["words"])} for row in rows))
    texts = ({"number": place, "weight": weight, "text": text} for (weight, text), place in numbers.items())
    copy(connection, "texts", ["number", "weight", "text"], texts)
    connection.execute("ANALYZE staged (id)")


def _records(release: Release, computed: Mapping[tuple[str, str], Row]) -> Iterator[Row]:
    """Yield the records, with what is computed for datasets and sources."""
    catalogue = Catalogue(release.records)
    for kind, of_kind in release.records.items():
        for identity, record in of_kind.items():
            content = orjson.dumps(record | computed.get((kind, identity), {})).decode()
            words = texts_of_record(record, catalogue)
            yield {"release": release.number, "kind": kind, "id": identity, "content": content, "words": words}


def _describe_counts(counts: Counts) -> Row:
    """Return how many figures there are, their years, newest first, and how many have each code."""
    found = {name: {code: counts[of, code] for of, code in sorted(counts) if of == name} for name in CODED_COLUMNS}
    return {
        "figures": counts["figures", ""],
        "years": sorted((year for of, year in counts if of == "year"), reverse=True),
        "codes": {name: of_column for name, of_column in found.items() if of_column},
    }
