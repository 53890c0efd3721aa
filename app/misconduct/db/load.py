"""Load releases into Postgres: what begins and ends with each, in one transaction for all that are missing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex

from misconduct.db import schema
from misconduct.db.across import derive_figures, derive_records
from misconduct.db.engine import Connection, connect
from misconduct.db.history import write_versions
from misconduct.db.merge import (
    Begun,
    Edition,
    begin_figures,
    begin_records,
    compare_records,
)
from misconduct.db.ranges import ALL_RECORDS, EACH, FIGURE_TEXTS, FIGURES, Ranges
from misconduct.db.tables import CHANGES, METADATA, OPEN, RELEASES
from misconduct.errors import DatabaseError, ReleaseError
from misconduct.model.documents import DRAFT
from misconduct.model.figure import Row
from misconduct.releases import folder as files
from misconduct.releases.verify import read_removals

Progress = Callable[[str], None]
PSYCOPG = "postgresql+psycopg://"

OLDEST_POSTGRES = 16  # before it, a subquery without a name was a syntax error

LOAD_LOCK = 7_031_949
"""Key of the lock in Postgres that a load holds while it creates the tables, or loads releases."""


ALLOWED = """SELECT current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - current_setting('reserved_connections')::int"""
"""How many connections a server allows to roles that are not superusers."""


class Listed(NamedTuple):
    """A release to be loaded: its number, its digest, and its folder."""

    number: str
    digest: str
    folder: Path


def load(
    url: str,
    data: Path,
    *,
    may_drop: bool = False,
    draft: Path | None = None,
    connections: int = 0,
    progress: Progress = lambda _: None,
) -> list[str]:
    """Load each release in `data` that the database lacks, and a draft after them. Return the numbers.

    If the database has a release with another digest, it is loaded again with all that follow it; meanwhile requests
    see what was there. `may_drop` says that the database is our own: there, tables may be dropped, and releases
    replaced. Elsewhere only a removal by law explains another digest. `connections` is how many a service will keep.
    Raises DatabaseError and ReleaseError.
    """
    listed = [
        Listed(one.number, one.digest, data / "releases" / one.number)
        for one in files.list_releases(data)
    ]
    if draft:
        listed.append(Listed(DRAFT, files.digest_of(draft / files.SUMS), draft))
    with _explained():
        with connect(url) as connection:
            _check_server(connection, connections)
            _create_tables(connection, progress, may_drop=may_drop)
        with connect(url) as connection:
            _wait_for_others(connection, progress)
            loaded = _find_loaded(connection)
            _check_loaded(data, listed, loaded, is_ours=may_drop)
            kept = _count_kept(listed, loaded)
            _check_files(listed[:kept])
            if kept == len(listed):
                return []
            if len(loaded) > kept:
                _take_back(connection, kept)
            _load_listed(connection, listed, kept, progress, is_empty=not loaded)
        with connect(url, autocommit=True) as connection:
            connection.execute(f"VACUUM ANALYZE {', '.join(METADATA.tables)}")
    return [one.number for one in listed[kept:]]


def _check_files(listed: Iterable[Listed]) -> None:
    """Raise ReleaseError if the files of a release that is loaded have changed."""
    differences: list[str] = []
    for release in listed:
        differences += files.find_differences(release.folder)
    if differences:
        raise ReleaseError("\n".join(differences))


def _count_kept(listed: Sequence[Listed], loaded: Mapping[str, str]) -> int:
    """Return how many releases are loaded as they are listed, from the first one on."""
    pairs = zip(
        ((one.number, one.digest) for one in listed), loaded.items(), strict=False
    )
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _write(statement: CreateIndex) -> str:
    return str(statement.compile(create_engine(PSYCOPG)))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, SQLAlchemyError) as error:
        reason = getattr(error, "orig", None) or error  # SQLAlchemy adds the statement
        text = str(reason).strip().rstrip(".")
        if isinstance(
            reason,
            psycopg.errors.ReadOnlySqlTransaction
            | psycopg.errors.InsufficientPrivilege,
        ):
            owner = "Run `misconduct load` on the primary, as the owner of the tables, and wait until a replica has it"
            text = f"{reason.diag.message_primary}. {owner}"
        raise DatabaseError(f"The releases cannot be loaded: {text}.") from error


def _check_loaded(
    data: Path, listed: Iterable[Listed], loaded: Mapping[str, str], *, is_ours: bool
) -> None:
    """Raise ReleaseError if no removal by law explains why a release has another digest.

    A service with files from before a removal would otherwise publish again what was removed.
    """
    for one in listed:
        was = loaded.get(one.number, one.digest)
        if was == one.digest or is_ours or (one.number, was) in read_removals(data):
            continue
        raise ReleaseError(
            f"{one.folder}: The digest is {one.digest}, but the database has {was}, and no removal in removals.csv "
            "explains this. These files are older than the database, or were changed."
        )


def _find_loaded(connection: Connection) -> dict[str, str]:
    """Return the digests of the releases that are loaded, by their numbers, the oldest first."""
    return dict(
        connection.execute(
            "SELECT number, digest FROM releases ORDER BY ordinal"
        ).fetchall()
    )


def _wait_for_others(connection: Connection, progress: Progress) -> None:
    """Wait until no other load works. The lock ends with the transaction, also behind a pooler."""
    [is_free] = connection.execute(
        "SELECT pg_try_advisory_xact_lock(%s)", [LOAD_LOCK]
    ).fetchone() or [False]
    if not is_free:
        progress("waiting for another load to end")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOAD_LOCK])


def _check_server(connection: Connection, connections: int) -> None:
    """Raise DatabaseError if the server is too old, has another encoding, or allows too few connections."""
    version = connection.info.server_version // 10_000
    if version < OLDEST_POSTGRES:
        raise DatabaseError(
            f"The database is in Postgres {version}, but the register needs {OLDEST_POSTGRES} or newer. "
            "Name another server in MISCONDUCT_DATABASE_URL."
        )
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        raise DatabaseError(
            f"The database has the encoding {encoding}. Create one with UTF8 and name that one."
        )
    [allowed] = connection.execute(ALLOWED).fetchone() or [0]
    if connections > allowed:
        raise DatabaseError(
            f"The service would keep {connections} connections, but this Postgres allows {allowed}. "
            "Lower MISCONDUCT_POOL_SIZE or --workers, or raise max_connections."
        )


def _create_tables(
    connection: Connection, progress: Progress, *, may_drop: bool
) -> None:
    engine = create_engine(PSYCOPG, creator=lambda: connection)
    with (
        engine.connect() as wrapped
    ):  # this ends the transaction that there is, and its locks
        _wait_for_others(connection, progress)
        schema.create_tables(wrapped, may_drop=may_drop)
        wrapped.commit()


def _take_back(connection: Connection, kept: int) -> None:
    """Undo the load of all releases after the first ones."""
    for each in EACH:
        connection.execute(f"DELETE FROM {each.table} WHERE first > {kept}")  # noqa: S608
        reopen = f"UPDATE {each.table} SET until = {OPEN}"  # noqa: S608
        connection.execute(f"{reopen} WHERE until > {kept} AND until < {OPEN}")
    for table in ("changes", "versions"):
        connection.execute(f"DELETE FROM {table} WHERE release > {kept}")  # noqa: S608
    connection.execute(f"DELETE FROM releases WHERE ordinal > {kept}")  # noqa: S608


def _load_listed(
    connection: Connection,
    listed: Sequence[Listed],
    kept: int,
    progress: Progress,
    *,
    is_empty: bool,
) -> None:
    """Load all releases after the first ones, which are there. Tables that are empty are locked meanwhile."""
    connection.execute(
        "SET LOCAL enable_nestloop = off"
    )  # Postgres takes what is new for empty, and loops over it
    indexes = (
        [index for each in EACH for index in each.table.indexes] if is_empty else []
    )
    if indexes:  # those of empty tables are created faster once these have rows
        connection.execute(
            f"DROP INDEX {', '.join(str(index.name) for index in indexes)}"
        )
    before = Edition(listed[kept - 1].folder) if kept else None
    for ordinal, one in enumerate(listed[kept:], kept + 1):
        progress(f"loading release {one.number}")
        before = _load_release(connection, ordinal, one, before)
    if listed[1:] and is_empty:
        for each in EACH:
            each.sort(connection)
    for index in indexes:
        connection.execute(_write(CreateIndex(index)))


def _load_release(
    connection: Connection, ordinal: int, listed: Listed, before: Edition | None
) -> Edition:
    """Load a release after the one before it, and return it."""
    now = Edition(listed.folder)
    release = now.release
    if (release.number, release.digest) != (listed.number, listed.digest):
        raise ReleaseError(
            f"{listed.folder}: This is release {release.number} with the digest {release.digest}, but releases.csv "
            f"has {listed.number} with {listed.digest}."
        )
    changes = compare_records(before, now)
    _stage(connection, FIGURES, begin_figures(before, now))
    _stage(connection, ALL_RECORDS, begin_records(now, changes))
    for each in EACH:
        each.end(connection, ordinal)
    derive_figures(connection, now.catalogue)
    for each in (FIGURES, FIGURE_TEXTS):
        each.write(connection, ordinal)
    derive_records(connection, ordinal)
    ALL_RECORDS.write(connection, ordinal)
    rows = files.iterate_rows(listed.folder / files.CHANGES)
    changed = (
        {"release": ordinal} | {name: text or None for name, text in row.items()}
        for row in rows
    )
    copy(connection, CHANGES.name, CHANGES.columns.keys(), changed)
    write_versions(connection, ordinal)
    about = vars(release) | {"ordinal": ordinal, "figures": now.figures}
    copy(connection, RELEASES.name, RELEASES.columns.keys(), [about])
    return now


def _stage(connection: Connection, ranges: Ranges, begun: Iterable[Begun]) -> None:
    """Stage what begins and ends with a release."""
    ranges.stage(connection)
    rows = (
        {
            **dict(zip(ranges.key, one.key, strict=True)),
            **(one.row or {}),
            **(one.change or {}),
            "texts": [*one.texts] if one.texts else None,
            "is_end": one.row is None and one.texts is None,
        }
        for one in begun
    )
    copy(connection, ranges.staged, ranges.read, rows)


def copy(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Copy rows into columns of a table by COPY. Columns that a row lacks are null."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as writer,
    ):
        for row in rows:
            values = (row.get(name) for name in columns)
            writer.write_row(
                [
                    _write_list(value) if isinstance(value, list) else value
                    for value in values
                ]
            )


def _write_list(values: Iterable[object]) -> str:
    """Write ids, numbers or plain texts as an array. psycopg would look for the type of each first."""
    return f"""{{{",".join(f'"{value}"' for value in values)}}}"""
