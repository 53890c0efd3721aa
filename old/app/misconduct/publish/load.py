"""The register → Postgres: everything, or nothing.

One transaction brings the database from the releases that it holds to those that the register has. Readers see the
old state until it commits. Releases never change, so what the database already holds is compared, and not written.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

import orjson
import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import InternalError, OperationalError

from misconduct.bundles.database import compare_database
from misconduct.db.direct import LOAD_LOCK, make_engine
from misconduct.db.encoders import computed_elsewhere, encoders
from misconduct.db.migrate import HINTS
from misconduct.db.statements import EVER
from misconduct.db.tables import assessments, file_contents, files, manifest_lines, observations, records, releases
from misconduct.errors import (
    DatabaseChanged,
    DatabaseUnreachable,
    LoadInProgress,
    MisconductError,
    NothingReleased,
    RegisterDiverged,
    TemporaryFolderFull,
    is_lost,
)
from misconduct.model.catalogue import Catalogue
from misconduct.model.observation import OPEN, Observation
from misconduct.model.records import DRAFT, Assessment, Record, Release
from misconduct.publish.bulk_load import COPY, CopyWriter, is_first_load, without_indexes
from misconduct.publish.files import build_files, delete_unused_contents, is_before_removal, take_files
from misconduct.publish.owed import list_paths, owe
from misconduct.publish.removal import Removed, remove
from misconduct.queries.counts import write_counts
from misconduct.queries.files import BUNDLE, file_names
from misconduct.register.bundle_manifest import Removal, find_removals, release_seals
from misconduct.register.editors import loading
from misconduct.register.ledger import InForce
from misconduct.register.mistakes import Mistakes
from misconduct.register.observations import Batch
from misconduct.register.reader import OnBatch, OpenRegister, Register, open_register
from misconduct.register.rules import DERIVED

LOCK_SECONDS = 30

REFUSED = (OperationalError, InternalError)
"""SQLAlchemy's errors for a server that is absent, out of space or read-only."""

Progress = Callable[[str, int, int], None]
COMPARING, READING = "Comparing with the database", "Reading the register"
BUILDING = "Building files"
"""The stages of a load; their progress is counted in figures, bytes and figures."""

_REMOVED = "the removal is in effect, and the next load builds the files that are not there"

_SHOWN = 5
"""How many differences the message of a refused load lists."""


@dataclass(frozen=True)
class Loaded:
    """The result of a load: the numbers of the releases it added, the current one, and how many observations it wrote.

    `rebuilt` are the releases loaded before of which files were built again, because they were missing or had what was
    removed by law. `taken` files were copied from a folder. Where one replaced what caches may have, a purge is owed.
    By number and name, without what a removal took: `built_anew` are published files of which there was no whole
    copy, and `exchanged` those that were copied in place of other bytes. `derived_anew` are the figures
    of which other code, or whoever changed the database, had derived something else.
    """

    added: tuple[str, ...]
    current: str
    observations: int
    rebuilt: tuple[str, ...] = ()
    taken: int = 0
    removed: Removed | None = None
    built_anew: tuple[str, ...] = ()
    exchanged: tuple[str, ...] = ()
    derived_anew: tuple[str, ...] = ()


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Look for garbage less often: a load keeps nearly all that it makes, and would be a tenth slower."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_seldom_collecting()
def load_register(
    owner_url: str,
    root: Path,
    *,
    drafts: bool = False,
    rebuild: bool = False,
    compare: bool = True,
    kept: Path | None = None,
    own: Path | None = None,
    on_progress: Progress | None = None,
    on_named: Callable[[str], object] = lambda _: None,
    on_removed: Callable[[Removed], object] = lambda _: None,
) -> Loaded:
    """Read, check and load the register, and build the files that its releases lack.

    Files that are there are kept, whichever version of the program built them. Those that are lacking are copied from
    the folder `kept`, else from `own`, which has the database's (see `save_files`), if they say what the register says.
    With `rebuild`, everything is deleted and written again. Without `compare`, what was loaded before is taken to be
    as it was loaded.

    What the law removed goes first: the transaction with the rows ends before files are built, and `on_removed` is
    called; before it ends `on_named` gets a line on records whose words have a number that goes: no later load knows.
    Until they are there, the files that had it, and those of new releases, are answered 503. With `rebuild`
    it goes with the rest, in one transaction.

    `on_progress` gets the stage (one of COMPARING, READING, BUILDING), how much of it is done, and its total.
    It is also called at the beginning and at the end of BUILDING.

    Raises RegisterRefused with every mistake, RegisterDiverged, RegisterInUse, DatabaseChanged, NothingReleased,
    LoadInProgress or DatabaseUnreachable; the database is then unchanged, unless the last says otherwise. Also raises
    MisconductError if published files are lacking, no removal explains that, and `kept` has not one of them.
    """
    tell = on_progress or (lambda _stage, _done, _total: None)
    with loading(root):
        mistakes = Mistakes()
        opened = open_register(root, mistakes, drafts=drafts)
        read_observations = partial(opened.finish, on_progress=partial(tell, READING))
        if mistakes.total:
            read_observations()
            mistakes.raise_if_any()
        with _transaction(owner_url) as connection:
            is_first, published = is_first_load(connection), _published_files(connection)
            last = _delete_drafts(connection)
            known = _known_releases(connection)
            _require_same_past(known, opened, read_observations, root)
            recalled, before, anew = list[tuple[str, str]](), {number for number, _ in known}, tuple[str, ...]()
            removals = find_removals(opened)
            to_go, removed = [one for one in removals if one.removed_in > len(known) > 0], None
            if rebuild:  # what has to go first: afterwards nothing tells which files had it
                removed, recalled = remove(connection, opened, to_go, on_named), _empty(connection)
                known = []
            elif compare and not is_first:
                anew = _require_unchanged(connection, opened, len(known), partial(tell, COMPARING))
            is_other_code = bool(computed_elsewhere(_driver(connection)))
            with without_indexes(connection) if is_first else nullcontext():
                register, written = _write(connection, opened, read_observations, len(known))
            mistakes.raise_if_any()
            _settle(connection, 0 if is_other_code else len(known), recalled, last)
            _require_release(register, root)
            register.sealed_observations.forget()
            removed = removed or remove(connection, register, to_go, on_named)
            _count(connection, register, 0 if is_other_code else len(known), removed)
            fill = partial(
                _fill_files,
                register=register,
                removals=removals,
                figures=written,
                kept=kept,
                own=own,
                tell=tell,
                expected=_expected(register, before, published, kept),
                published=published,
                explained=frozenset(removed.files if removed else ()),
                before=before,
                last=last,
            )
            is_first_of_two = bool(removed) and not rebuild
            filled = Filled() if is_first_of_two else fill(connection)
            if removed or rebuild or is_other_code or filled.renewed & before:
                owe(_driver(connection), list_paths(*removed[:3]) if removed else ())
            built_by = releases.c.files_built_by  # written last, as a recall has to wait from then on
            to_note = update(releases).where(built_by.is_distinct_from(dict(encoders())))
            connection.execute(to_note.values(files_built_by=dict(encoders())))
            latest = select(releases.c.number).where(releases.c.recalled.is_(None)).order_by(releases.c.ordinal.desc())
            current = connection.scalar(latest.limit(1)) or register.releases[-1].number
        if removed:
            on_removed(removed)
        if is_first_of_two:
            with _transaction(owner_url, _REMOVED, in_doubt=_REMOVED) as connection:
                loaded = [(release.number, release.digest) for release in register.releases]
                if _known_releases(connection) == loaded:  # else another load built them meanwhile
                    filled = fill(connection, before=frozenset())  # which the removal made be forgotten
    added = tuple(release.number for release in register.releases[len(known) :])
    rebuilt = tuple(one.number for one in register.releases if one.number in filled.numbers_built & before)
    return Loaded(added, current, written, rebuilt, len(filled.taken), removed, filled.anew, filled.exchanged, anew)


@contextmanager
def _transaction(
    owner_url: str, so_far: str = "nothing has changed", in_doubt: str = "whether it is in effect is not known"
) -> Iterator[Connection]:
    """Open a transaction as the owner, when no other load is running.

    `so_far` is said if it fails, and `in_doubt` if the answer to its COMMIT is lost.
    """
    engine, has_turn, is_committing = make_engine(owner_url), False, False
    try:
        with engine.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOAD_LOCK})
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            has_turn = True
            yield connection
            is_committing = True
    except TemporaryFolderFull as error:
        raise TemporaryFolderFull(f"{error.message} The load was stopped; {so_far}.", hint=error.hint) from error
    except (*REFUSED, psycopg.OperationalError, psycopg.InternalError) as error:  # COPY raises the driver's errors
        cause = error.orig if isinstance(error, REFUSED) else error
        if isinstance(cause, psycopg.errors.LockNotAvailable) and not has_turn:
            raise LoadInProgress(
                f"Another load has been running for more than {LOCK_SECONDS} s.",
                hint="Try again when it is done; docs/runbook.md says how to end one that never is.",
            ) from error
        reason = str(cause).partition("\n")[0]
        hint = next((HINTS[kind] for kind in HINTS if isinstance(cause, kind)), None)
        if is_committing and is_lost(cause):
            so_far, hint = in_doubt, "Load again: that is harmless, completes what is lacking, and purges caches."
        raise DatabaseUnreachable(f"The load was stopped; {so_far}: {reason}", hint=hint) from error


def _delete_drafts(connection: Connection) -> datetime | None:
    """Delete the draft release. Return when the last release was loaded."""
    last: datetime | None = connection.scalar(select(func.max(releases.c.loaded_at)))
    ordinal = connection.scalar(select(releases.c.ordinal).where(releases.c.number == DRAFT))
    if ordinal is None:
        return last
    for table in (observations, records):
        connection.execute(delete(table).where(table.c.added_in == ordinal))
        connection.execute(update(table).where(table.c.ended_in == ordinal).values(ended_in=OPEN))
    for of_release in (manifest_lines, assessments, files):
        connection.execute(delete(of_release).where(of_release.c.release == ordinal))
    connection.execute(delete(releases).where(releases.c.ordinal == ordinal))
    return last


def _require_release(register: Register, root: Path) -> None:
    if not register.releases:
        raise NothingReleased(
            f"{root} contains no release.",
            hint="`misconduct release` makes one; with --drafts, drafts are shown without.",
        )


def _known_releases(connection: Connection) -> list[tuple[str, str]]:
    found = connection.execute(select(releases.c.number, releases.c.digest).order_by(releases.c.ordinal))
    return [(number, digest) for number, digest in found]


def _require_same_past(
    known: list[tuple[str, str]], register: OpenRegister, read_observations: Callable[[], Register], root: Path
) -> None:
    """Raise RegisterDiverged if the database has a release that the register has not, or other mistakes before that."""
    past = [(release.number, release.digest) for release in register.releases[: len(known)]]
    if other := next((one for one, its_own in zip_longest(known, past) if one != its_own), None):
        read_observations()
        register.mistakes.raise_if_any()
        raise RegisterDiverged(
            f"The database holds release {other[0]} with digest {other[1][:12]}…, and "
            f"{root}/releases/{other[0]}.csv is not that.",
            hint="Load the register that was loaded before, with its releases, or use an empty database.",
        )


def _empty(connection: Connection) -> list[tuple[str, str]]:
    """Delete all rows. Return the digests of recalled releases, with the reasons.

    Readers see the rows until the commit, where a TRUNCATE would make readers wait.
    """
    for table in (files, file_contents, assessments, manifest_lines, observations, records):
        connection.execute(delete(table))
    # What it returns has the recalls that were committed while the rest was deleted.
    deleted = connection.execute(delete(releases).returning(releases.c.digest, releases.c.recalled))
    return [(digest, reason) for digest, reason in deleted if reason is not None]


def _settle(connection: Connection, known: int, recalled: list[tuple[str, str]], last: datetime | None) -> None:
    """Recall releases again, and let those after the first `known` be later than the `last` one before them.

    By that workers see a rebuild, or results that were computed again, also where the clock was set back.
    """
    later = func.greatest(releases.c.loaded_at, (last or EVER) + timedelta(microseconds=1))
    connection.execute(update(releases).where(releases.c.ordinal > known).values(loaded_at=later))
    for digest, reason in recalled:
        connection.execute(update(releases).where(releases.c.digest == digest).values(recalled=reason))


def _require_unchanged(
    connection: Connection, register: OpenRegister, known: int, on_progress: Callable[[int, int], None]
) -> tuple[str, ...]:
    """Compare every row with the register. Files are left to `misconduct doctor`, because reading them takes longer.

    What other code derived from a row otherwise than this code does is written anew; returns the ids of these.
    """
    driver, anew = _driver(connection), list[tuple[Any, ...]]()
    differences = list(compare_database(driver, register, known, on_progress, derived_anew=anew))
    if differences:
        shown = "; ".join(differences[:_SHOWN])
        more = f"; and {len(differences) - _SHOWN:,} more" if len(differences) > _SHOWN else ""
        raise DatabaseChanged(
            f"The database was changed since it was loaded: {shown}{more}.",
            hint="Find out who can write to it. `misconduct load --rebuild` writes everything again from the register.",
        )
    if anew:
        derived = ", ".join(f"{name} = %s" for names, _ in DERIVED for name in names)
        driver.cursor().executemany(f"UPDATE observations SET {derived} WHERE id = %s AND version = %s", anew)  # noqa: S608 (of constants)
    return tuple(str(identity) for *_, identity, _ in anew)


def _write(
    connection: Connection, register: OpenRegister, read_observations: Callable[[OnBatch], Register], known: int
) -> tuple[Register, int]:
    """Write the contents of the releases after the first `known`; return the whole register, and the number of
    observations written."""
    new = [release for release in register.releases if release.ordinal > known]
    is_other_code = bool(computed_elsewhere(_driver(connection)))
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
    return whole, written


def _with_json(record: Record | Assessment) -> tuple[Any, ...]:
    return tuple(record._replace(content=Jsonb(record.content, dumps=orjson.dumps)))  # type: ignore[arg-type]


def _ends(record: Record | InForce, known: int) -> bool:
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
    written, ending, writer = 0, list[Observation](), CopyWriter()
    with _driver(connection).cursor() as cursor, cursor.copy(COPY) as copy:

        def write(batch: Batch) -> None:
            nonlocal written
            in_force = batch.claimed.in_force
            new = [at for at, one in enumerate(in_force) if known < one.added_in <= last]
            if new:
                copy.write(writer.write(batch, new))
                written += len(new)
            ending.extend(batch.observe([at for at, one in enumerate(in_force) if _ends(one, known)]))

        return read_observations(write), written, ending


def _end(connection: Connection, table: Table, key: tuple[str, ...], ending: list[Record] | list[Observation]) -> None:
    if ending:
        statement = update(table).values(ended_in=bindparam("new_end"))
        for name in key:
            statement = statement.where(table.c[name] == bindparam(f"its_{name}"))
        values = [{"new_end": one.ended_in, **{f"its_{name}": getattr(one, name) for name in key}} for one in ending]
        connection.execute(statement, values)


def _catalogue_of(register: Register, release: Release) -> Catalogue:
    in_force = (r for r in register.records if r.added_in <= release.ordinal < r.ended_in)
    computed = (one for one in register.assessments if one.release == release.ordinal)
    numbers = {other.ordinal: other.number for other in register.releases[: release.ordinal]}
    return Catalogue.assemble(release, in_force, computed, numbers)


def _count(connection: Connection, register: Register, known: int, removed: Removed | None) -> None:
    """Count the releases after the first `known`, and those that had what was removed by law."""
    connection.execute(text("ANALYZE observations"))  # so that the plans are right from the first request on
    for release in register.releases:
        if release.ordinal > known or (removed and release.number in removed.releases):
            write_counts(connection, release.ordinal, _catalogue_of(register, release).editions)


_FileKey = tuple[str, str]
"""The number of a release, and the name of a file of it."""


def _published_files(connection: Connection) -> dict[_FileKey, str]:
    """Return the SHA-256 of every file of which the database knows, whether it has the bytes or not."""
    found = select(releases.c.number, files.c.name, files.c.sha256).join(
        releases, releases.c.ordinal == files.c.release
    )
    return {(number, name): sha256 for number, name, sha256 in connection.execute(found)}


@dataclass
class Filled:
    """The files that were built, and those that were `taken`, with the folder.

    Of these, and without what a removal has just deleted, `anew` are built and not as they were published, and
    `exchanged` were copied in place of other bytes.
    """

    built: set[_FileKey] = field(default_factory=set)
    taken: dict[_FileKey, Path] = field(default_factory=dict)
    anew: tuple[str, ...] = ()
    exchanged: tuple[str, ...] = ()

    @property
    def numbers_built(self) -> set[str]:
        """Return the numbers of the releases of which files were built."""
        return {number for number, _ in self.built}

    @property
    def renewed(self) -> set[str]:
        """Return the numbers of the releases that got any."""
        return {number for number, _ in (*self.built, *self.taken)}


def _fill_files(
    connection: Connection,
    *,
    register: Register,
    removals: list[Removal],
    figures: int,
    kept: Path | None,
    own: Path | None,
    tell: Progress,
    expected: Set[str],
    published: Mapping[_FileKey, str],
    explained: Set[_FileKey],
    before: Set[str],
    last: datetime | None,
) -> Filled:
    """Copy or build the files that releases lack, of the newest first.

    `before` are the releases that were loaded, the `last` one at that time. `published` are the files that there were
    then, with their SHA-256, and `explained` those of them that a removal has just deleted. Of the releases `expected`,
    the folder `kept` should have what is lacking: if it has none of that, it is the wrong one, and nothing is built.
    """
    filled = Filled()
    tell(BUILDING, 0, figures)
    lacking = _take_lacking(connection, register, removals, [one for one in (kept, own) if one], filled)
    spans = {(one.in_force.added_in, one.in_force.ended_in) for one in removals}
    had = {one.number for one in register.releases if any(start <= one.ordinal < end for start, end in spans)}
    if kept and not published:  # a whole copy has the files that were built after a removal
        copied = {one: kept / one.number / BUNDLE for one in register.releases if one.number in had}
        had = {one.number for one, bundle in copied.items()
               if is_before_removal(bundle, release_seals(register, one, removals))}  # fmt: skip
    missed = [f"{one.number}/{name}" for one, names in lacking for name in sorted(names)
              if one.number in expected - had]  # fmt: skip
    if kept and missed:
        _require_some_from(kept, own, filled.taken, missed)
    for release, names in lacking:
        past, catalogue = register.releases[: release.ordinal], _catalogue_of(register, release)
        seals = release_seals(register, release, removals)
        build_files(connection, catalogue, past, seals, names, on_progress=partial(tell, BUILDING))
        filled.built |= {(release.number, name) for name in names}
    delete_unused_contents(connection)
    now = _published_files(connection)
    anew = (one for one in filled.built - explained if one[0] in expected and published.get(one) != now[one]
            and (one in published or one[0] not in had))  # a removal that was stopped took it  # fmt: skip
    exchanged = (one for one in filled.taken if published.get(one, now[one]) != now[one])
    filled.anew, filled.exchanged = (tuple(map("/".join, sorted(ones))) for ones in (anew, exchanged))
    if filled.renewed & before:  # running services remember the files that were there
        _settle(connection, 0, [], last)
    tell(BUILDING, figures, figures)
    return filled


def _expected(
    register: Register, before: Set[str], published: Mapping[_FileKey, str], kept: Path | None
) -> frozenset[str]:
    """Return the releases whose files were published: those of which the database or the folder `kept` has any.

    An empty database has none, so that the folder should have those of every release. Drafts are never published.
    """
    if kept and not before:
        return frozenset(release.number for release in register.releases) - {DRAFT}
    in_folder = {one for one in before if kept and (kept / one).is_dir()}
    return frozenset(number for number, _ in published) - {DRAFT} | in_folder


def _require_some_from(kept: Path, own: Path | None, taken: Mapping[_FileKey, Path], missed: list[str]) -> None:
    """Raise MisconductError if nothing came from the folder `kept` but what the database has as well."""
    brought = (one for one, folder in taken.items() if folder.parent == kept)
    if all(own and own.joinpath(*one).is_file() for one in brought):
        raise MisconductError(
            f"{kept} has none of the files that are lacking: {', '.join(missed)}.",
            hint="Is its name right, its disk there? `misconduct files` writes them. Without --files they are built"
            " anew, and may have other bytes than were published.",
        )


def _take_lacking(
    connection: Connection, register: Register, removals: list[Removal], kept: Sequence[Path], filled: Filled
) -> list[tuple[Release, set[str]]]:
    """Copy the files that releases lack; return what is then to be built."""
    there = {tuple(row) for row in connection.execute(select(files.c.release, files.c.name))}
    chain = {release.number: release.digest for release in register.releases}
    left = list[tuple[Release, set[str]]]()
    for release in reversed(register.releases):
        in_force = (r for r in register.records if r.added_in <= release.ordinal < r.ended_in)
        names = file_names(record.id for record in in_force if record.kind == "dataset")
        lacking = {name for name in names if (release.ordinal, name) not in there}
        folders = [folder for one in kept if (folder := one / release.number).is_dir()]
        if lacking and folders:
            catalogue, seals = _catalogue_of(register, release), release_seals(register, release, removals)
            taken = take_files(connection, folders, catalogue, seals, lacking, chain=chain)
            filled.taken |= {(release.number, name): folder for name, folder in taken.items()}
            lacking -= taken.keys()
        if lacking:
            left.append((release, lacking))
    return left
