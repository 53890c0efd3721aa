"""The register → Postgres: everything, or nothing.

One transaction brings the database from the releases that it holds to those that the register has. Readers see the
old state until it commits. Releases never change, so what the database already holds is compared, and not written.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

import orjson
import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.types.json import Jsonb
from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    delete,
    insert,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.exc import InternalError, OperationalError

from app.bundles.database import compare_database
from app.db.direct import make_engine
from app.db.encoders import encoders, other_encoders
from app.db.migrate import HINTS
from app.db.tables import assessments, file_pieces, files, manifest_lines, observations, records, releases
from app.errors import DatabaseChanged, DatabaseUnreachable, LoadInProgress, NothingReleased, RegisterDiverged
from app.model.catalogue import Catalogue
from app.model.observation import OPEN, Observation
from app.model.records import DRAFT, Assessment, Record, Release
from app.publish.bulk_load import is_first_load, without_indexes
from app.publish.files import build_files
from app.queries.counts import write_counts
from app.register.bundle_manifest import release_seals
from app.register.mistakes import Mistakes
from app.register.observations import Batch
from app.register.reader import OnBatch, OpenRegister, Register, open_register

LOAD_LOCK = 0x6D6973636F6E64
"""The key of the advisory lock that makes loads take turns."""

LOCK_SECONDS = 30

REFUSED = (OperationalError, InternalError)
"""SQLAlchemy's errors for a server that is absent, out of space or read-only."""

Progress = Callable[[str, int, int], None]
COMPARING, READING = "Comparing with the database", "Reading the register"
BUILDING = "Building files"
"""The stages of a load; their progress is counted in figures, bytes and figures."""

_SHOWN = 5
"""How many differences the message of a refused load lists."""


@dataclass(frozen=True)
class Loaded:
    """The result of a load: the numbers of the releases it added, the current one, and how many observations it wrote.

    `rebuilt` are the releases whose files were rebuilt, because other code or libraries had built them; `changed` is
    how many of these files now have other bytes. `removed` are the kinds and ids of what a new release removed by law;
    then `files` are the number and name of each file of `releases`, which are all.
    """

    added: tuple[str, ...]
    current: str
    observations: int
    rebuilt: tuple[str, ...] = ()
    changed: int = 0
    removed: tuple[tuple[str, str], ...] = ()
    releases: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


def load_register(
    owner_url: str,
    root: Path,
    *,
    drafts: bool = False,
    rebuild: bool = False,
    compare: bool = True,
    on_progress: Progress | None = None,
) -> Loaded:
    """Read, check and load the register, and build the files of each new release.

    Existing files that other code or libraries built are rebuilt (see `app.db.encoders`). With `rebuild`, everything
    is deleted and written again. Without `compare`, what was loaded before is taken to be as it was loaded.

    `on_progress` gets the stage (one of COMPARING, READING, BUILDING), how much of it is done, and its total.
    It is also called at the beginning and at the end of BUILDING.

    Raises RegisterRefused with every mistake, RegisterDiverged, DatabaseChanged, NothingReleased, LoadInProgress or
    DatabaseUnreachable; the database is then unchanged.
    """
    tell = on_progress or (lambda _stage, _done, _total: None)
    mistakes = Mistakes()
    opened = open_register(root, mistakes, drafts=drafts)
    read_observations = partial(opened.finish, on_progress=partial(tell, READING))
    if mistakes.total:
        read_observations()
        mistakes.raise_if_any()
    with _transaction(owner_url) as connection:
        is_first = is_first_load(connection)
        _delete_drafts(connection)
        known = _known_releases(connection)
        if other := _other_past(known, opened.releases):
            read_observations()
            mistakes.raise_if_any()
            raise RegisterDiverged(
                f"The database holds release {other[0]} with digest {other[1][:12]}…, and "
                f"{root}/releases/{other[0]}.csv is not that.",
                hint="Load the register that was loaded before, with its releases, or start from an empty database.",
            )
        if rebuild:
            _empty(connection)
            known = []
        elif compare and not is_first:
            _require_unchanged(connection, opened, len(known), partial(tell, COMPARING))
        with without_indexes(connection) if is_first else nullcontext():
            register, written = _write(connection, opened, read_observations, len(known))
        mistakes.raise_if_any()
        register.sealed_observations.forget()
        before = _file_digests(connection)
        outdated = other_encoders(_driver(connection))
        tell(BUILDING, 0, written)
        connection.execute(text("ANALYZE observations"))  # so that the plans are right from the first request on
        _build_files(connection, register, len(known), outdated, tell)
        tell(BUILDING, written, written)
        if not register.releases:
            raise NothingReleased(
                f"{root} contains no release.",
                hint="`misconduct release` makes one; with --drafts, drafts are shown without.",
            )
        rebuilt = tuple(number for number, _ in known if number in outdated)
        changed = len(before - _file_digests(connection)) if rebuilt else 0
        numbers = tuple(release.number for release in register.releases)
        lines = (line for line in register.lines if line.release > len(known) and line.action == "removed")
        removed = tuple(dict.fromkeys((line.kind, line.id) for line in lines))
        names = connection.execute(select(files.c.release, files.c.name).order_by(files.c.release, files.c.name))
        of_files = tuple((numbers[ordinal - 1], name) for ordinal, name in names) if removed else ()
    added = numbers[len(known) :]
    return Loaded(added, numbers[-1], written, rebuilt, changed, removed, numbers, of_files)


@contextmanager
def _transaction(owner_url: str) -> Iterator[Connection]:
    """Open a transaction as the owner, when no other load is running."""
    engine = make_engine(owner_url)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOAD_LOCK})
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            yield connection
    except (
        *REFUSED,
        psycopg.OperationalError,
        ReadOnlySqlTransaction,
    ) as error:  # COPY raises the driver's errors
        cause = error.orig if isinstance(error, REFUSED) else error
        if isinstance(cause, psycopg.errors.LockNotAvailable):
            raise LoadInProgress(
                f"Another load has been running for more than {LOCK_SECONDS} s.", hint="Try again when it is done."
            ) from error
        reason = str(cause).partition("\n")[0]
        hint = HINTS[ReadOnlySqlTransaction] if isinstance(cause, ReadOnlySqlTransaction) else None
        raise DatabaseUnreachable(f"The load was stopped; nothing has changed: {reason}", hint=hint) from error


def _delete_drafts(connection: Connection) -> None:
    """Delete the draft release."""
    ordinal = connection.scalar(select(releases.c.ordinal).where(releases.c.number == DRAFT))
    if ordinal is None:
        return
    for table in (observations, records):
        connection.execute(delete(table).where(table.c.added_in == ordinal))
        connection.execute(update(table).where(table.c.ended_in == ordinal).values(ended_in=OPEN))
    for of_release in (manifest_lines, assessments, file_pieces, files):
        connection.execute(delete(of_release).where(of_release.c.release == ordinal))
    connection.execute(delete(releases).where(releases.c.ordinal == ordinal))


def _known_releases(connection: Connection) -> list[tuple[str, str]]:
    found = connection.execute(select(releases.c.number, releases.c.digest).order_by(releases.c.ordinal))
    return [(number, digest) for number, digest in found]


def _other_past(known: list[tuple[str, str]], in_register: list[Release]) -> tuple[str, str] | None:
    """Return the number and digest of the first release of the database that the register does not have."""
    past = [(release.number, release.digest) for release in in_register[: len(known)]]
    return next((one for one, other in zip_longest(known, past) if one != other), None)


def _empty(connection: Connection) -> None:
    """Delete all rows. Readers see them until the commit, where a TRUNCATE would make readers wait."""
    for table in (file_pieces, files, assessments, manifest_lines, observations, records, releases):
        connection.execute(delete(table))


def _require_unchanged(
    connection: Connection, register: OpenRegister, known: int, on_progress: Callable[[int, int], None]
) -> None:
    """Compare every row with the register. Files are left to `misconduct doctor`, because reading them takes longer."""
    differences = list(compare_database(_driver(connection), register, known, on_progress))
    if differences:
        shown = "; ".join(differences[:_SHOWN])
        more = f"; and {len(differences) - _SHOWN:,} more" if len(differences) > _SHOWN else ""
        raise DatabaseChanged(
            f"The database was changed since it was loaded: {shown}{more}.",
            hint="Find out who can write to it. `misconduct load --rebuild` writes everything again from the register; "
            "then restart the service.",
        )


def _write(
    connection: Connection, register: OpenRegister, read_observations: Callable[[OnBatch], Register], known: int
) -> tuple[Register, int]:
    """Write the contents of the releases after the first `known`; return the whole register, and the number of
    observations written."""
    new = [release for release in register.releases if release.ordinal > known]
    is_other_code = any("code" in differing for differing in other_encoders(_driver(connection)).values())
    if new:
        connection.execute(insert(releases), [release._asdict() for release in new])
    _copy(connection, manifest_lines, (line for line in register.lines if line.release > known))
    _copy(connection, records, (_with_json(record) for record in register.records if record.added_in > known))
    _end(connection, records, ("kind", "id", "version"), [r for r in register.records if _ends(r, known)])
    whole, written, ending = _copy_observations(connection, read_observations, known, len(register.releases))
    _end(connection, observations, ("id", "version"), ending)
    if new or is_other_code:  # a removal by law affects earlier releases, so every release is assessed again
        connection.execute(delete(assessments))
        _copy(connection, assessments, map(_with_json, whole.assessments))
    _remove(connection, register, known)
    return whole, written


def _with_json(record: Record | Assessment) -> tuple[Any, ...]:
    return tuple(record._replace(content=Jsonb(record.content, dumps=orjson.dumps)))  # type: ignore[arg-type]


def _ends(record: Record | Observation, known: int) -> bool:
    """Tell whether the database has this record, and a new release ends it."""
    return record.added_in <= known < record.ended_in < OPEN


@contextmanager
def _copying(connection: Connection, table: Table) -> Iterator[psycopg.Copy]:
    columns = (psycopg.sql.Identifier(column.name) for column in table.columns)
    statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(
        psycopg.sql.Identifier(table.name), psycopg.sql.SQL(", ").join(columns)
    )
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def _driver(connection: Connection) -> psycopg.Connection:
    """Return the driver's own connection, in the same transaction."""
    return cast("psycopg.Connection", connection.connection.driver_connection)


def _copy(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    with _copying(connection, table) as copy:
        for row in rows:
            copy.write_row(row)


def _copy_observations(
    connection: Connection, read_observations: Callable[[OnBatch], Register], known: int, last: int
) -> tuple[Register, int, list[Observation]]:
    """Copy in the observations of the releases after `known` up to `last`; return the whole register, their number,
    and the existing observations that now end."""
    written, ending = 0, list[Observation]()
    with _copying(connection, observations) as copy:

        def write(batch: Batch) -> None:
            nonlocal written
            for observation in batch.observations:
                if known < observation.added_in <= last:
                    copy.write_row(observation)
                    written += 1
                elif _ends(observation, known):
                    ending.append(observation)

        return read_observations(write), written, ending


def _end(connection: Connection, table: Table, key: tuple[str, ...], ending: list[Record] | list[Observation]) -> None:
    if ending:
        statement = update(table).values(ended_in=bindparam("new_end"))
        for name in key:
            statement = statement.where(table.c[name] == bindparam(f"its_{name}"))
        values = [{"new_end": one.ended_in, **{f"its_{name}": getattr(one, name) for name in key}} for one in ending]
        connection.execute(statement, values)


def _remove(connection: Connection, register: OpenRegister, known: int) -> None:
    """Delete what was removed by law from every release; its manifest lines stay."""
    removed = [line for line in register.lines if line.release > known and line.action == "removed"]
    for line in removed:
        if line.kind == "observation":
            key = tuple_(observations.c.id, observations.c.version) == (line.id, line.version)
            connection.execute(delete(observations).where(key))
        else:
            key = tuple_(records.c.kind, records.c.id, records.c.version) == (line.kind, line.id, line.version)
            connection.execute(delete(records).where(key))


def _build_files(
    connection: Connection, register: Register, known: int, outdated: Container[str], tell: Progress
) -> None:
    """Count, and build the files of, new and outdated releases; all releases if something was removed by law."""
    reaches_back = any(line.action == "removed" for line in register.lines if line.release > known)
    for release in register.releases:
        if not (reaches_back or release.ordinal > known or release.number in outdated):
            continue
        for table in (file_pieces, files):
            connection.execute(delete(table).where(table.c.release == release.ordinal))
        past = register.releases[: release.ordinal]
        in_force = (r for r in register.records if r.added_in <= release.ordinal < r.ended_in)
        computed = (one for one in register.assessments if one.release == release.ordinal)
        numbers = {other.ordinal: other.number for other in past}
        catalogue = Catalogue.assemble(release, in_force, computed, numbers)
        write_counts(connection, release.ordinal, catalogue.editions)
        seals = release_seals(register, release)
        build_files(connection, catalogue, past, seals, on_progress=partial(tell, BUILDING))
        noted = update(releases).where(releases.c.ordinal == release.ordinal).values(files_built_by=dict(encoders()))
        connection.execute(noted)


def _file_digests(connection: Connection) -> set[tuple[int, str, str]]:
    return {tuple(row) for row in connection.execute(select(files.c.release, files.c.name, files.c.sha256))}
