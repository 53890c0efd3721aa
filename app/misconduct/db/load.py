"""Load releases into Postgres: each whole into a schema of its own, in one transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson
import psycopg
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Table, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from misconduct.db import schema as schemas
from misconduct.db.across import (
    DERIVED,
    OF_AREAS,
    OF_RELEASE,
    derive_figures,
    derive_records,
)
from misconduct.db.engine import Connection, connect
from misconduct.db.reading import Edition
from misconduct.db.tables import (
    FIRST,
    OBSERVATIONS,
    POINTS,
    RECORDS,
    RELEASE,
    REVISION,
    VERSIONS,
)
from misconduct.errors import DatabaseError, ReleaseError
from misconduct.model import points
from misconduct.model.documents import DRAFT
from misconduct.model.figure import Row
from misconduct.model.search_texts import WEIGHTS
from misconduct.releases import folder as files
from misconduct.releases.verify import read_removals

Progress = Callable[[str], None]
PSYCOPG = "postgresql+psycopg://"

OLDEST_POSTGRES = 16  # before it, a subquery without a name was a syntax error

LOAD_LOCK = 7_031_949
"""Key of the lock in Postgres that a load holds."""

KEPT = 2
"""Releases that stay loaded: the newest, and the one before, in which slow answers end and which `release=` names."""

DROP_SECONDS = 5  # that a load waits for readers of what it drops: a statement has four

COPIED_BYTES = 1_000_000  # of a file that are in memory at a time

ALLOWED = """SELECT current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - current_setting('reserved_connections')::int"""
"""How many connections a server allows to roles that are not superusers."""


class Listed(NamedTuple):
    """A release to be loaded: its number, its digest, and its folder."""

    number: str
    digest: str
    folder: Path


class Loaded(NamedTuple):
    """A release that is loaded, by a program of any revision."""

    schema: str
    number: str
    digest: str


def load(
    url: str,
    data: Path,
    *,
    may_drop: bool = False,
    draft: Path | None = None,
    spared: str = "",
    connections: int = 0,
    progress: Progress = lambda _: None,
) -> list[str]:
    """Load the two newest releases in `data`, or the newest and a draft, that the database lacks. Return the numbers.

    The schemas of all but the two newest releases are dropped. `may_drop` says that the database is our own: there,
    releases may be replaced, and no other program has any. Elsewhere only a removal by law explains another digest.
    `connections` is how many a service will keep; `spared` is the digest of a draft that answers may still read.
    Raises DatabaseError and ReleaseError.
    """
    listed = _list_releases(data, draft)
    with _explained(), _begin(url) as (wrapped, connection):
        _check_server(connection, connections)
        _wait_for_others(connection, progress)
        loaded = _find_loaded(connection)
        wanted = _choose(listed, loaded)
        _check_loaded(data, wanted, loaded, is_ours=may_drop)
        held = {one.schema for one in loaded}
        lacking = [one for one in wanted if schemas.name_schema(one.digest) not in held]
        _check_files([one for one in wanted if one not in lacking])
        for one in lacking:
            progress(f"loading release {one.number}")
            schemas.create_schema(wrapped, schemas.name_schema(one.digest))
            _load_release(connection, one)
    _vacuum(url, lacking)
    unneeded = _find_unneeded(url, listed, is_ours=may_drop)
    _drop(url, [one for one in unneeded if one.digest != spared], progress)
    return [one.number for one in lacking]


def _list_releases(data: Path, draft: Path | None) -> list[Listed]:
    """Return the releases that may be loaded, the oldest first, and a draft behind them."""
    listed = [
        Listed(one.number, one.digest, data / "releases" / one.number)
        for one in files.list_releases(data)
    ]
    if draft:
        listed.append(Listed(DRAFT, files.digest_of(draft / files.SUMS), draft))
    return listed


@contextmanager
def _begin(url: str) -> Iterator[tuple[SqlConnection, Connection]]:
    """Begin a transaction. Yield its connection twice: as Alembic takes it, and as the driver does, for COPY."""
    engine = create_engine(PSYCOPG, creator=lambda: connect(url), poolclass=NullPool)
    with engine.begin() as wrapped:
        driver = wrapped.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101 (it is psycopg's)
        yield wrapped, driver


def _vacuum(url: str, loaded: Iterable[Listed]) -> None:
    """Let lists be read from indexes alone: of new rows, they do not say who may see them."""
    with _explained(), connect(url, autocommit=True) as connection:
        for release in loaded:
            schema = schemas.name_schema(release.digest)
            for table in (OBSERVATIONS, POINTS):
                connection.execute(f"VACUUM {schema}.{table}")


def _choose(listed: Sequence[Listed], loaded: Iterable[Loaded]) -> list[Listed]:
    """Return the releases to load: the newest in our files, and those that are among the newest of all."""
    numbers = {one.number for one in listed} | {one.number for one in loaded}
    newest = sorted(numbers, key=files.order_of)[-KEPT:]
    return [one for one in listed if one.number in newest or one is listed[-1]]


def _check_files(listed: Iterable[Listed]) -> None:
    """Raise ReleaseError if the files of a release that is loaded have changed."""
    differences: list[str] = []
    for release in listed:
        differences += files.find_differences(release.folder)
    if differences:
        raise ReleaseError("\n".join(differences))


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
            owner = "Run `misconduct load` on the primary, as its owner, and wait until a replica has the releases"
            text = f"{reason.diag.message_primary}. {owner}"
        raise DatabaseError(f"The releases cannot be loaded: {text}.") from error


def _wait_for_others(connection: Connection, progress: Progress) -> None:
    """Wait until no other load works. The lock ends with the transaction, also behind a pooler."""
    [is_free] = connection.execute(
        "SELECT pg_try_advisory_xact_lock(%s)", [LOAD_LOCK]
    ).fetchone() or [False]
    if not is_free:
        progress("waiting for another load to end")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOAD_LOCK])


def _find_loaded(connection: Connection) -> list[Loaded]:
    """Return the releases that are loaded."""
    found = list[Loaded]()
    for (schema,) in connection.execute(schemas.LIST_SCHEMAS).fetchall():
        if schemas.read_revision(schema) is None:
            continue
        statement = f"SELECT number, digest FROM {schema}.release"  # noqa: S608
        found += [Loaded(schema, *row) for row in connection.execute(statement)]
    return found


def _check_loaded(
    data: Path, listed: Iterable[Listed], loaded: Iterable[Loaded], *, is_ours: bool
) -> None:
    """Raise ReleaseError if no removal by law explains why a release has another digest.

    A service with files from before a removal would otherwise publish again what was removed.
    """
    if is_ours:
        return
    removals = read_removals(data)
    for one in listed:
        others = {was.digest for was in loaded if was.number == one.number}
        for digest in others - {one.digest}:
            if (one.number, digest) not in removals:
                raise ReleaseError(
                    f"{one.folder}: The digest is {one.digest}, but the database has {digest}, and no removal in "
                    "removals.csv explains this. These files are older than the database, or were changed."
                )


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
            "Lower --workers, or raise max_connections."
        )


def _drop(url: str, unneeded: Iterable[Loaded], progress: Progress) -> None:
    """Drop releases, when the new ones are seen. What somebody reads for long is left to the next load."""
    for release in unneeded:
        try:
            with _explained(), _begin(url) as (_, connection):
                _wait_for_others(connection, progress)
                connection.execute(f"SET LOCAL lock_timeout = '{DROP_SECONDS}s'")
                connection.execute(f"DROP SCHEMA IF EXISTS {release.schema} CASCADE")
        except DatabaseError as error:
            if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise
            progress(f"release {release.number} is in use; the next load drops it")


def _find_unneeded(
    url: str, listed: Sequence[Listed], *, is_ours: bool
) -> list[Loaded]:
    """Return the loaded releases that a removal or a later draft replaced, and all but the two newest.

    Each program keeps its newest release, and we the newest of our files, which may be older than the database. But our
    own database has no other program.
    """
    with _explained(), _begin(url) as (_, connection):
        loaded = _find_loaded(connection)
    loaded.sort(key=lambda release: files.order_of(release.number))
    numbers = [*dict.fromkeys(release.number for release in loaded)]
    newest = {schemas.read_revision(release.schema): release for release in loaded}
    digests = {release.number: release.digest for release in listed}
    kept = {*numbers[-KEPT:], *(release.number for release in listed[-1:])}
    unneeded = []
    for release in loaded:
        revision = schemas.read_revision(release.schema)
        is_replaced = digests.get(release.number, release.digest) != release.digest
        is_foreign = is_ours and revision != REVISION
        is_old = release.number not in kept and newest[revision] != release
        if is_replaced or is_foreign or is_old:
            unneeded.append(release)
    return unneeded


def _load_release(connection: Connection, listed: Listed) -> None:
    """Load a release into its schema, which is empty."""
    edition = Edition(listed.folder)
    _check_is_listed(edition, listed)
    schema = schemas.name_schema(listed.digest)
    _stage_records(connection, edition)
    _stage_figures(connection, schema, edition)
    chosen = edition.find_table(files.TABLE, points.COLUMNS)
    _copy_file(connection, f"{schema}.{POINTS}", points.NAMES, chosen)
    others = edition.find_table(files.OTHERS, points.OTHERS)
    _copy_file(connection, f"{schema}.{POINTS}", points.OTHER_NAMES, others)
    derive_figures(connection, FIGURES, f"{schema}.{POINTS}", edition.catalogue)
    _write_figures(connection, schema)
    derive_records(connection, f"{schema}.{OBSERVATIONS}", STAGED_RECORDS)
    _write_records(connection, schema)
    _copy_all(connection, schema, VERSIONS, edition.versions())
    _count(connection, schema, edition)
    for index in ("observations_by_words", "observations_by_lists"):
        # Each search would read what the index has not yet sorted in.
        connection.execute(f"SELECT gin_clean_pending_list('{schema}.{index}')")
    for table in (OBSERVATIONS, RECORDS, VERSIONS, POINTS):
        connection.execute(f"ANALYZE {schema}.{table}")


def _check_is_listed(edition: Edition, listed: Listed) -> None:
    """Raise ReleaseError if a folder has another release than releases.csv says."""
    release = edition.release
    if (release.number, release.digest) != (listed.number, listed.digest):
        raise ReleaseError(
            f"{listed.folder}: This is release {release.number} with the digest {release.digest}, but releases.csv "
            f"has {listed.number} with {listed.digest}."
        )


def _count(connection: Connection, schema: str, edition: Edition) -> None:
    """Write how much is held of each area, and how much the release has."""
    figures = f"{schema}.{OBSERVATIONS}"
    areas = OF_AREAS.format(
        figures=figures, points=f"{schema}.{POINTS}", records=f"{schema}.{RECORDS}"
    )
    connection.execute(areas)
    counts = connection.execute(OF_RELEASE.format(figures=figures)).fetchone() or ()
    counted = zip(("figures", "first_year", "last_year"), counts, strict=True)
    _copy_all(connection, schema, RELEASE, [vars(edition.release) | dict(counted)])


FIGURES, STAGED_RECORDS = "staged_figures", "staged_records"
"""Temporary tables with what the files have, and with texts that are not yet parsed."""


def _stage_figures(connection: Connection, schema: str, edition: Edition) -> None:
    """Copy the figures with their texts into a temporary table."""
    connection.execute(f"""
        CREATE TEMP TABLE {FIGURES} ON COMMIT DROP AS
        SELECT *, NULL::text[] AS texts FROM {schema}.{OBSERVATIONS} WITH NO DATA""")  # noqa: S608
    rows = (row | {"texts": list(texts)} for row, texts in edition.figures())
    copy(connection, FIGURES, [*OBSERVATIONS.columns.keys(), "texts"], rows)
    connection.execute(f"ANALYZE {FIGURES}")


_PLACES = dict(enumerate(WEIGHTS, 1))
_WORDS = " || ".join(
    f"setweight(text{place}.words, '{weight}')" for place, weight in _PLACES.items()
)
_PARSED = " ".join(
    f"JOIN parsed AS text{place} ON text{place}.text = texts[{place}]"
    for place in _PLACES
)


def _parse(connection: Connection, staged: str) -> None:
    """Parse each text of some rows once, since figures share most of them."""
    connection.execute(f"""
        CREATE TEMP TABLE parsed ON COMMIT DROP AS
        SELECT text, to_tsvector('english', text) AS words
        FROM (SELECT DISTINCT unnest(texts) AS text FROM {staged})""")  # noqa: S608
    connection.execute("ANALYZE parsed")


def _write_figures(connection: Connection, schema: str) -> None:
    """Write the staged figures, in the order `FIRST`, and the words by which they are found."""
    names = [one.name for one in OBSERVATIONS.columns if one.name != "words"]
    values = ", ".join(
        f"derived.{name}" if name in DERIVED else f"staged.{name}" for name in names
    )
    _parse(connection, FIGURES)
    connection.execute(f"""
        INSERT INTO {schema}.{OBSERVATIONS} ({", ".join(names)}, words)
        SELECT {values}, {_WORDS}
        FROM {FIGURES} AS staged JOIN derived_figures AS derived USING (id) {_PARSED}
        ORDER BY {FIRST}""")  # noqa: S608
    connection.execute(f"DROP TABLE parsed, derived_figures, {FIGURES}")


def _stage_records(connection: Connection, edition: Edition) -> None:
    """Copy the records with their texts into a temporary table."""
    connection.execute(f"""
        CREATE TEMP TABLE {STAGED_RECORDS} (kind text, id text, content jsonb, texts text[])
        ON COMMIT DROP""")
    rows = (
        {
            "kind": kind,
            "id": identity,
            "content": orjson.dumps(content).decode(),
            "texts": list(texts),
        }
        for kind, identity, content, texts in edition.records()
    )
    copy(connection, STAGED_RECORDS, ["kind", "id", "content", "texts"], rows)


def _write_records(connection: Connection, schema: str) -> None:
    """Write the staged records, and the words by which they are found."""
    _parse(connection, STAGED_RECORDS)
    connection.execute(f"""
        INSERT INTO {schema}.{RECORDS} (kind, id, content, words)
        SELECT kind, id, content, {_WORDS} FROM {STAGED_RECORDS} {_PARSED} ORDER BY kind, id""")  # noqa: S608
    connection.execute(f"DROP TABLE parsed, {STAGED_RECORDS}")


def _copy_all(
    connection: Connection, schema: str, table: Table, rows: Iterable[Row]
) -> None:
    copy(connection, f"{schema}.{table}", table.columns.keys(), rows)


def copy(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Copy rows into columns of a table by COPY. Columns that a row lacks are null."""
    statement = f"COPY {table} ({_name(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as writer:
        for row in rows:
            values = [row.get(name) for name in columns]
            for place, value in enumerate(values):
                if type(value) is list:
                    values[place] = _write_list(value)
            writer.write_row(values)


def _copy_file(
    connection: Connection, table: str, columns: Sequence[str], path: Path
) -> None:
    """Copy a CSV file with a heading into columns of a table. Empty cells are null."""
    statement = f"COPY {table} ({_name(columns)}) FROM STDIN (FORMAT csv, HEADER)"
    with (
        path.open("rb") as file,
        connection.cursor() as cursor,
        cursor.copy(statement) as writer,
    ):
        while part := file.read(COPIED_BYTES):
            writer.write(part)


def _name(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)  # default is a word of SQL


def _write_list(values: Iterable[str]) -> str:
    """Write ids or plain texts as an array. psycopg would look for the type of each first."""
    return f"""{{{",".join(f'"{value}"' for value in values)}}}"""
