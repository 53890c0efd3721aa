"""Load releases into Postgres, each one whole and in a transaction of its own."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Table, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex

from misconduct.db import schema
from misconduct.db.across import ACROSS, NOTHING, OF_RECORDS, Across
from misconduct.db.engine import Connection, connect
from misconduct.db.history import compare_with_neighbours
from misconduct.db.tables import CHANGES, OBSERVATIONS, RECORDS, RELEASES
from misconduct.errors import DatabaseError, ReleaseError
from misconduct.model.catalogue import EARLIER_COUNTS, Catalogue, Content
from misconduct.model.figure import Row, complete_figures
from misconduct.model.likeness import relate
from misconduct.model.search_texts import WEIGHTS, SearchTexts, texts_of_figures, texts_of_record
from misconduct.model.series import series_id
from misconduct.model.wording import name_whole
from misconduct.releases import folder as files
from misconduct.releases.folder import ListedRelease, Release
from misconduct.releases.verify import read_removals

Progress = Callable[[str], None]
PSYCOPG = "postgresql+psycopg://"
ANALYSE = "ANALYZE releases, observations, records, changes, versions"
"""Lets Postgres count the rows: else it plans as if a new release had none, and some queries take long."""

LOAD_LOCK = 7_031_949
"""Key of the lock in Postgres that a load holds while it creates the tables, or loads a release."""


def load(
    url: str, data: Path, *, may_drop: bool = False, only_newest: bool = False, progress: Progress = lambda _: None
) -> list[str]:
    """Load each release in `data` that the database lacks, or has with another digest. Return their numbers.

    The newest is the first, and `only_newest` leaves out earlier ones that the database never had: a service can answer
    while another process loads these. `may_drop` says that the database is our own: there, tables may be dropped, and
    releases replaced. Elsewhere only a removal by law explains another digest. Raises DatabaseError and ReleaseError.
    """
    entries = files.list_releases(data)
    with _explained():
        with connect(url) as connection:
            _create_tables(connection, progress, may_drop=may_drop)
        with connect(url, autocommit=True) as connection:
            loaded = _find_loaded(connection)
            _check_loaded(data, entries, loaded, is_ours=may_drop)
            order = [*entries[-1:], *entries[:-1]]
            missing = [one for one in order if loaded.get(one.number) != one.digest]
            if only_newest:
                missing = [one for one in missing if one is order[0] or one.number in loaded]
            numbers = [one.number for one in missing if _load_listed(connection, data, one, progress)]
            if numbers:
                connection.execute(ANALYSE)
    return numbers


def has_all(url: str, data: Path) -> bool:
    """Return whether each release in `data` is loaded. Raises DatabaseError."""
    with _explained(), connect(url) as connection:
        return _find_loaded(connection).keys() >= {one.number for one in files.list_releases(data)}


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
        release = _replace(connection, folder, [one.number for one in files.list_releases(data)])
        if (release.number, release.digest) != (entry.number, entry.digest):
            raise ReleaseError(
                f"{folder}: This is release {release.number} with the digest {release.digest}, but releases.csv has "
                f"{entry.number} with {entry.digest}."
            )
    return True


def _check_loaded(data: Path, entries: list[ListedRelease], loaded: Mapping[str, str], *, is_ours: bool) -> None:
    """Raise ReleaseError if files of a release have changed, or no removal by law explains another digest.

    A service with files from before a removal would otherwise publish again what was removed.
    """
    for entry in entries:
        was, folder = loaded.get(entry.number), data / "releases" / entry.number
        if was in (None, entry.digest) and (differences := files.find_differences(folder)):
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
    engine = create_engine(PSYCOPG, creator=lambda: connection)
    with engine.connect() as wrapped:  # this ends the transaction that there is, and its locks
        _wait_for_others(connection, progress)
        schema.create_tables(wrapped, may_drop=may_drop)
        wrapped.commit()


def replace_release(connection: Connection, folder: Path) -> None:
    """Load the release in a folder, so that it can be asked at once. Raises ReleaseError."""
    _replace(connection, folder, [])
    connection.execute(ANALYSE)


def _replace(connection: Connection, folder: Path, listed: Collection[str]) -> Release:
    """Load a release in place of the one that has its number. A large one does not need much memory."""
    release = files.read_release(folder, is_whole=False)
    number = release.number
    is_first = not _find_loaded(connection)
    if is_first:  # an index of an empty table is created faster once it has figures
        connection.execute(f"DROP INDEX {', '.join(str(index.name) for index in OBSERVATIONS.indexes)}")
    for table in (RELEASES, OBSERVATIONS, RECORDS, CHANGES):
        release_column = "number" if table is RELEASES else "release"
        connection.execute(f"DELETE FROM {table.name} WHERE {release_column} = %s", [number])  # noqa: S608
    disagreements = release.records.get("disagreement", {}).values()
    members: dict[str, Row] = {identity: {} for record in disagreements for identity in record["members"]}
    rows = _figures(release, folder, members)
    figures = copy_with_words(connection, OBSERVATIONS, rows, "staged.area, across.place", ACROSS)
    _relate(disagreements, members, Catalogue(release.records))
    copy_with_words(connection, RECORDS, _records(release), "kind, id")
    changes = ({name: text or None for name, text in row.items()} for row in files.iterate_rows(folder / files.CHANGES))
    copy(connection, CHANGES.name, CHANGES.columns.keys(), ({"release": number, **change} for change in changes))
    copy(connection, RELEASES.name, RELEASES.columns.keys(), [vars(release) | {"figures": figures}])
    for index in OBSERVATIONS.indexes if is_first else ():
        connection.execute(str(CreateIndex(index).compile(create_engine(PSYCOPG))))
    for statement in OF_RECORDS:
        connection.execute(statement, {"release": number})
    _name_wholes(connection, release)
    compare_with_neighbours(connection, number, listed)
    return release


def _figures(release: Release, folder: Path, members: dict[str, Row]) -> Iterator[Row]:
    """Yield the figures of a release with what is computed from each, and keep those that are `members`."""
    sources, texts = release.records["source"], texts_of_figures(Catalogue(release.records))
    for row in complete_figures(files.iterate_figures(folder), release.records):
        if row["id"] in members:
            members[row["id"]] = row
        source = sources[row["source"]]
        computed = {"release": release.number, "words": texts(row), "published": source.get("published")}
        yield row | computed | {"series": series_id(row, source)}


def _relate(disagreements: Iterable[Content], members: Mapping[str, Row], catalogue: Catalogue) -> None:
    """Say how the members of disagreements relate, as `/v1/compare` does.

    Releases up to 3.5.1 say `narrower` also if it is the second of two that covers a part of the first.
    """
    for record in disagreements:
        dimensions = record.get("outcome", {}).get("dimensions", {})
        rows = [members[identity] for identity in record["members"]]
        if all(rows):
            dimensions |= relate(rows, dimensions, catalogue)


def _name_wholes(connection: Connection, release: Release) -> None:
    """Say of each share in words what it is a share of, since lists and pictures have not the figure of its whole."""
    catalogue, of_release = Catalogue(release.records), {"release": release.number}
    with connection.cursor(row_factory=dict_row) as cursor:
        find = "SELECT * FROM observations WHERE release = %(release)s AND"
        shares = cursor.execute(f"{find} statistic = 'share'", of_release).fetchall()
        ids = [row["denominator"] for row in shares if row["denominator"]]
        found = cursor.execute(f"{find} id = ANY(%(ids)s)", of_release | {"ids": ids}).fetchall()
        wholes = {row["id"]: row for row in found}
        named = [{**row, "share_of": name_whole(row, wholes.get(row["denominator"]), catalogue)} for row in shares]
        cursor.executemany(
            "UPDATE observations SET share_of = %(share_of)s WHERE release = %(release)s AND id = %(id)s", named
        )


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
    connection: Connection, table: Table, rows: Iterable[Row], order: str, across: Across = NOTHING
) -> int:
    """Copy rows whose `words` are texts to search, completed by statements on `staged`. Return how many.

    Each text is parsed once, since rows share most of them.
    """
    names, numbers = table.columns.keys(), dict[tuple[str, str], int]()

    def number(words: SearchTexts) -> list[int]:
        return [numbers.setdefault(pair, len(numbers)) for pair in zip(WEIGHTS, words, strict=True)]

    connection.execute(f"CREATE TEMP TABLE staged (LIKE {table.name}, published text) ON COMMIT DROP")
    connection.execute("ALTER TABLE staged ALTER words TYPE int[] USING NULL")
    copy(connection, "staged", [*names, "published"], (row | {"words": number(row["words"])} for row in rows))
    connection.execute("CREATE TEMP TABLE texts (number int, weight text, text text) ON COMMIT DROP")
    texts = ({"number": place, "weight": weight, "text": text} for (weight, text), place in numbers.items())
    copy(connection, "texts", ["number", "weight", "text"], texts)
    for statement in ("ANALYZE staged (id)", *across.statements):
        connection.execute(statement)
    places = range(1, len(WEIGHTS) + 1)
    columns = {name: f"staged.{name}" for name in names} | across.columns
    columns["words"] = " || ".join(f"text{place}.words" for place in places)
    joins = [f"JOIN parsed AS text{place} ON text{place}.number = staged.words[{place}]" for place in places]
    inserted = connection.execute(f"""
        WITH parsed AS MATERIALIZED (
            SELECT number, setweight(to_tsvector('english', text), weight::"char") AS words FROM texts)
        INSERT INTO {table.name} ({", ".join(columns)})
        SELECT {", ".join(columns.values())}
        FROM staged {across.joins} {" ".join(joins)} ORDER BY {order}""")  # noqa: S608
    connection.execute("DROP TABLE staged, texts")
    return inserted.rowcount


def _records(release: Release) -> Iterator[Row]:
    """Yield the records of a release; earlier counts as one for each figure."""
    catalogue, earlier = Catalogue(release.records), dict[str, dict[str, Any]]()
    for count in release.earlier:
        earlier.setdefault(count["figure"], {"counts": []})["counts"].append(count)
    for kind, of_kind in {**release.records, EARLIER_COUNTS: earlier}.items():
        for identity, record in of_kind.items():
            content, words = orjson.dumps(record).decode(), texts_of_record(record, catalogue)
            yield {"release": release.number, "kind": kind, "id": identity, "content": content, "words": words}
