"""The files of a release, built once, in the transaction that brings the release."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from contextlib import suppress
from functools import cache, partial
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, NamedTuple

import psycopg
from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, exists, insert, select

from misconduct.db.direct import find_furthest, repeat_reading, server_cursor
from misconduct.db.encoders import encoders
from misconduct.db.lag import LAG, is_lagging
from misconduct.db.tables import file_contents, files
from misconduct.db.urls import Address
from misconduct.errors import DatabaseUnreachable, MisconductError
from misconduct.formats import FORMATS
from misconduct.model.catalogue import Catalogue
from misconduct.model.kinds import NUMBER, SLUG
from misconduct.model.records import DRAFT, Release
from misconduct.publish.bundle import FIGURES, write_bundle
from misconduct.publish.deflated import DeflatedFile, PressedFile, temporary_deflater
from misconduct.queries.files import BUILT, BUNDLE, EVERYTHING, MISSING
from misconduct.register.bundle_manifest import MANIFESTS, SEALED_OBSERVATIONS, Seals
from misconduct.register.temporary_folder import put_in_place, unfinished_files

_ZIP = "application/zip"
BUILT_BY = ".built-by.json"
_SHA256 = "sha256"  # in a note, of the file that is copied
_LONGEST_NOTE = 10_000  # bytes
SAVED = """SELECT r.number, f.name, f.built_by, f.sha256 FROM files f
JOIN releases r ON r.ordinal = f.release WHERE r.number <> 'draft'
ORDER BY f.release, f.name = 'bundle.zip', f.name"""
"""Without those of drafts: a copy would keep what the law removes later. Bundles come last: by the one before, a copy
that was interrupted knows what a removal explains."""
OF = """SELECT r.number, r.digest,
coalesce(jsonb_object_agg(d.id, d.content->'measures') FILTER (WHERE d.id IS NOT NULL), '{}')
FROM releases r LEFT JOIN records d ON d.kind = 'dataset' AND r.ordinal >= d.added_in AND r.ordinal < d.ended_in
GROUP BY r.number, r.digest"""
"""What the tables of each release are of: its digest, and the measures of its datasets."""
IS_LISTED = """SELECT EXISTS (SELECT FROM files f JOIN releases r ON r.ordinal = f.release
WHERE r.number = %s AND f.name = %s AND f.sha256 = %s)"""
PIECES = "SELECT length, bytes FROM file_contents WHERE sha256 = %s ORDER BY number"


def build_files(
    connection: Connection,
    catalogue: Catalogue,
    releases: list[Release],
    seals: Seals,
    wanted: Collection[str],
    *,
    on_progress: Callable[[int, int], None],
) -> None:
    """Build and store the wanted files of one release: datasets as CSV and Parquet, and the bundle of all.

    `on_progress` gets the number of figures done and of all.
    """
    from misconduct.publish.copy_out import count_figures, read_batches  # polars takes 40 MB: import it only here
    from misconduct.publish.dataset_files import DatasetFiles

    slugs = {Path(name).stem for name in wanted if name != BUNDLE} | ({EVERYTHING} if BUNDLE in wanted else set())
    own, ordinal = dict(encoders()), catalogue.release.ordinal
    done, total = 0, count_figures(connection, ordinal)
    with temporary_deflater() as deflater, DatasetFiles(catalogue, slugs, deflater) as written:
        for batch, sealed in read_batches(connection, ordinal):
            written.append(batch, sealed)
            done += len(batch)
            on_progress(done, total)
        members = {SEALED_OBSERVATIONS: written.sealed.finish()}
        for name, file, media_type in written.finish():
            if name == FIGURES:
                members[name] = file
            if name in wanted:
                _store(connection, ordinal, file, name=name, media_type=media_type, built_by=own)
        if BUNDLE in wanted:
            bundle = PressedFile(write_bundle(catalogue, releases, seals, members, deflater))
            _store(connection, ordinal, bundle, name=BUNDLE, media_type=_ZIP, built_by=own)


def _store(
    connection: Connection, ordinal: int, file: DeflatedFile | PressedFile, *, name: str, media_type: str, built_by: Any
) -> None:
    """Store a file of a release in the database; its bytes, in pieces, unless another file has the same."""
    facts = {"media_type": media_type, "length": file.length, "sha256": file.sha256, "built_by": built_by}
    connection.execute(insert(files).values(release=ordinal, name=name, **facts))
    if connection.scalar(select(exists().where(file_contents.c.sha256 == file.sha256))):
        return
    for number, (length, written) in enumerate(file.stored()):
        key = {"sha256": file.sha256, "number": number, "length": length}
        connection.execute(insert(file_contents).values(**key, bytes=written))


class Saved(NamedTuple):
    """How many files were copied, and which were not, as NUMBER/NAME.

    Of those that are `damaged` the database has other bytes than their SHA-256 says; those that are `missing` it has
    not; those that `differ` the folder has whole in other bytes, and no removal by law explains that.
    """

    copied: int
    damaged: list[str]
    missing: list[str]
    differ: list[str]


def save_files(url: str, folder: Path) -> Saved:
    """Write the files of every release to `<folder>/<number>/`, for `take_files`.

    Each replaces the one before when it is complete and has its hash, except one that is whole and has other bytes: it
    may be the only copy of what was published. All are read from the host that has most, each by itself, and again
    where a replica cancels that. Raises DatabaseUnreachable, also of a replica that lags, or MisconductError if one
    cannot be written.
    """
    try:
        host = find_furthest(url)
        ((lag,),) = repeat_reading(host, lambda one: _all(one, LAG))
        if is_lagging(lag):
            raise DatabaseUnreachable(
                f"No file is copied: {host.places[0]} is a replica that lags, and no primary is named that answers",
                hint="Let MISCONDUCT_OWNER_URL name the primary, or wait until the replica has caught up.",
            )
        found = repeat_reading(host, lambda one: _all(one, SAVED))
        listed = (name for (name,) in repeat_reading(host, lambda one: _all(one, MISSING)))
        missing = [name for name in listed if not name.startswith(f"{DRAFT}/")]
        bundles = {number: sha256 for number, name, _, sha256 in found if name == BUNDLE}
        of = {number: said for number, *said in repeat_reading(host, lambda one: _all(one, OF))}

        @cache
        def explained(number: str) -> Set[str]:
            return _find_removed(host, folder / number, bundles.get(number), *of[number])

        states = [(f"{file[0]}/{file[1]}", _save_file(host, folder, file, explained)) for file in found]
    except psycopg.errors.UndefinedTable as error:
        raise MisconductError(
            "No file is copied: the database has no tables.", hint="`misconduct load` fills it."
        ) from error
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise DatabaseUnreachable(f"Not all files are copied: {reason}", hint="Try again.") from error
    damaged, differ = ([name for name, state in states if state == one] for one in ("damaged", "differs"))
    return Saved(sum(state == "copied" for _, state in states), damaged, missing, differ)


def _is_own(number: str, name: str) -> bool:
    """Tell whether a release can have this number, and its files this name."""
    slug, _, form = name.partition(".")
    is_name = name == BUNDLE or (form in BUILT and re.fullmatch(SLUG, slug))
    return bool(is_name and re.fullmatch(NUMBER, number))


_State = Literal["copied", "damaged", "gone", "differs"]


def _save_file(host: Address, folder: Path, file: tuple[Any, ...], explained: Callable[[str], Set[str]]) -> _State:
    """Write one file, unless a load has removed it meanwhile, the database has other bytes than its hash says, or the
    folder has it whole in other bytes, and not as one of the files of its release of which that is `explained`."""
    number, name, built_by, expected = file
    if not _is_own(number, name):  # of whoever could write to the database, it may lead anywhere
        return "damaged"
    path = folder / number / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished_files(path.parent) as own:  # another machine may be writing the same files
            part, note = own / name, own / f"{name}{BUILT_BY}"
            if (state := _read_file(host, number, name, expected, part)) == "copied":
                if _is_whole_other(path, expected) and name not in explained(number):
                    return "differs"
                note.write_text(json.dumps({**(built_by or {}), _SHA256: expected}))
                put_in_place(note, path.parent / note.name)  # first: beside another file, it is seen to be of none
                put_in_place(part, path)
    except OSError as error:
        raise MisconductError(f"{path}: {error.strerror}.", hint="The file that was there before still is.") from error
    return state


def _read_file(host: Address, number: str, name: str, expected: str, to: Path) -> Literal["copied", "damaged", "gone"]:
    """Write the bytes of a file in the database to a path."""

    def write(connection: psycopg.Connection) -> Literal["copied", "damaged", "gone"]:
        found = sha256()
        with to.open("wb") as file, connection.transaction(), server_cursor(connection) as cursor:
            cursor.itersize = 8
            for length, piece in cursor.execute(PIECES, [expected]):
                with suppress(zlib.error):  # of bytes that were changed
                    content = piece if len(piece) == length else zlib.decompress(piece)
                    found.update(content)
                    file.write(content)
        if found.hexdigest() == expected:
            return "copied"
        ((is_listed,),) = connection.execute(IS_LISTED, [number, name, expected]).fetchall()
        return "damaged" if is_listed else "gone"

    return repeat_reading(host, write)


def _is_whole_other(path: Path, expected: str) -> bool:
    """Return whether a copy has other bytes, and those that its note says; where that says nothing, any others."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    noted = (_read_note(path.parent / f"{path.name}{BUILT_BY}") or {}).get(_SHA256, found)
    return expected != found == noted


def _find_removed(
    host: Address, folder: Path, expected: str | None, digest: str, measures: Mapping[str, Collection[str]]
) -> Set[str]:
    """Return which files of a release, in its folder, have what a later removal by law took.

    They do not say what the bundle in the database says, which has manifests that the folder's bundle has not.
    """
    from misconduct.bundles.kept_files import find_tables

    before = folder / BUNDLE
    with unfinished_files(folder) as own, suppress(OSError, zipfile.BadZipFile, KeyError):
        now = own / BUNDLE
        if not expected or _read_file(host, folder.name, BUNDLE, expected, now) != "copied":
            return frozenset()
        if not _manifests(now) <= _manifests(before):
            with zipfile.ZipFile(now) as archive:
                figures = Path(archive.extract(FIGURES, own))
            there = {path.name for path in folder.iterdir() if path.is_file()}
            return there - {*find_tables(folder, lambda: figures, there, measures, digest)}
    return frozenset()


def is_before_removal(bundle: Path, seals: Seals) -> bool:
    """Return whether a copied bundle has not all manifests that it must have: a later removal by law reaches it."""
    with suppress(OSError, zipfile.BadZipFile):
        return not {f"{MANIFESTS}/{number}.csv" for number in seals.manifests} <= _manifests(bundle)
    return False


def _manifests(bundle: Path) -> set[str]:
    """Return the names of the manifests in a bundle."""
    with zipfile.ZipFile(bundle) as archive:
        return {name for name in archive.namelist() if name.startswith(f"{MANIFESTS}/")}


def _all(connection: psycopg.Connection, statement: str) -> list[tuple[Any, ...]]:
    return connection.execute(statement.encode()).fetchall()


def take_files(
    connection: Connection,
    folders: Sequence[Path],
    catalogue: Catalogue,
    seals: Seals,
    wanted: Collection[str],
    *,
    chain: Mapping[str, str],
) -> dict[str, Path]:
    """Store the wanted files that a release has in these folders; return the folder of each, the first that has it.

    `chain` has the digests of all releases by number.
    """
    from misconduct.bundles.kept_files import Expected, find_intact
    from misconduct.publish.dataset_files import write_figures

    datasets = {slug: dataset["measures"] for slug, dataset in catalogue.kind("dataset").items()}
    write = partial(write_figures, connection, catalogue)
    expected = Expected(catalogue.release.digest, chain, seals.manifests, datasets, write, _is_of_other_code)
    taken = dict[str, Path]()
    with temporary_deflater() as unpacked:
        for folder, name, path in find_intact(folders, wanted, expected, unpacked.folder):
            note = _read_note(folder / f"{name}{BUILT_BY}") or {}
            media_type = _ZIP if name == BUNDLE else FORMATS[path.suffix[1:]].content_type
            with temporary_deflater() as deflater:
                file, ordinal = deflater.copy(path), catalogue.release.ordinal
                built_by = note if note.pop(_SHA256, file.sha256) == file.sha256 else None
                _store(connection, ordinal, file, name=name, media_type=media_type, built_by=built_by or None)
            taken[name] = folder
    return taken


def _is_of_other_code(path: Path) -> bool:
    """Tell whether a note beside a file says that other code built these bytes."""
    from misconduct.bundles.archive import file_sha256

    note = _read_note(path.with_name(f"{path.name}{BUILT_BY}")) or {}
    if note.get("code", encoders()["code"]) == encoders()["code"]:
        return False
    own = file_sha256(path)
    return note.get(_SHA256, own) == own  # earlier programs did not note it


def _read_note(file: Path) -> dict[str, str] | None:
    """Return what is noted beside a file (what built it, its SHA-256); None without a note, or if it is not whole."""
    try:
        with file.open("rb") if file.is_file() else BytesIO() as opened:
            note = opened.read(_LONGEST_NOTE)  # what is cut is none
        return None if rb"\u0000" in note else TypeAdapter(dict[str, str]).validate_json(note)  # Postgres takes no NUL
    except ValueError:
        return None


def delete_unused_contents(connection: Connection) -> None:
    """Delete the bytes that no file has any more."""
    connection.execute(delete(file_contents).where(~exists().where(files.c.sha256 == file_contents.c.sha256)))
