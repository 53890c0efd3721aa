"""The releases of the database compared with the register, digest by digest and row by row; and their stored files."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import psycopg

from app.bundles.chain import read_chain
from app.bundles.database import Progress, compare_database
from app.db.encoders import other_encoders
from app.doctor.finding import Finding, listed
from app.domain.records import DRAFT
from app.errors import MisconductError
from app.register.mistakes import Mistakes
from app.register.reader import open_register
from app.settings import Settings

REBUILD = "Find out who can write to this database; then `misconduct load --rebuild`, and restart the service."
SEES_ONE_STATE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


def empty_database(settings: Settings) -> str:
    """How one gets an empty database to load into."""
    if settings.database_url is None and settings.owner_url is None:
        return f"For an empty database, end what runs and move {settings.home} away: the next start makes it anew."
    return "For an empty database, rename or drop this one and run app/db/roles.sql, which makes it anew."


def examine_releases(reader: psycopg.Connection, register: Path, to_empty: str) -> Iterator[Finding]:
    """Whether the database holds the releases of the register; `to_empty` says how to get an empty database."""
    loaded: dict[str, str] = dict(reader.execute("SELECT number, digest FROM releases ORDER BY ordinal").fetchall())
    loaded.pop(DRAFT, None)
    if not loaded:
        yield Finding("releases", "fail", "none is loaded", "Run `misconduct load`.")
        return
    newest = list(loaded)[-1]
    try:
        sealed = read_chain(register, Mistakes()).digests
    except MisconductError:
        found = f"{newest} is the newest of {len(loaded)}; there is no register in {register} to compare them with"
        yield Finding("releases", "warn", found, NAME_IT)
        return
    differing = [number for number, digest in loaded.items() if sealed.get(number) != digest]
    if differing and differing[0] in sealed:
        found = f"{differing[0]} has another digest than {register}/releases/{differing[0]}.csv gives"
        yield Finding("releases", "fail", found, f"{DIVERGED} {to_empty}")
    elif differing:
        found = f"{differing[0]} is loaded, and there is no {register}/releases/{differing[0]}.csv"
        yield Finding("releases", "fail", found, f"{OTHER_REGISTER} {to_empty}")
    elif coming := [number for number in sealed if number not in loaded]:
        yield Finding("releases", "warn", f"{coming[-1]} is not loaded; {newest} is", "Run `misconduct load`.")
    else:
        yield Finding("releases", "ok", f"all {len(loaded)} up to {newest} have the digests of {register}")


DIVERGED = "Find out which of the two was changed (`misconduct verify-release`), then load into an empty database."
OTHER_REGISTER = (
    "Is this the register that was loaded? Name it with --register. If it is, the file is gone: put it back, "
    "or load into an empty database."
)


def examine_contents(reader: psycopg.Connection, register: Path, on_progress: Progress) -> Iterator[Finding]:
    """Whether every row is what its release sealed, and what is computed from the rows is what they come to."""
    mistakes = Mistakes()
    try:
        here = open_register(register, mistakes)
    except MisconductError:
        yield Finding("contents", "warn", f"not compared: there is no register in {register}", NAME_IT)
        return
    if mistakes.total:
        found = f"not compared: {register} has mistakes"
        yield Finding("contents", "warn", found, "`misconduct check` names them.")
        return
    with reader.transaction():
        reader.execute(SEES_ONE_STATE)
        loaded = reader.execute("SELECT number, digest FROM releases ORDER BY ordinal").fetchall()
        past = [(number, digest) for number, digest in loaded if number != DRAFT]
        if past != [(release.number, release.digest) for release in here.releases[: len(past)]]:
            found = f"not compared: the releases are not those of {register}"
            yield Finding("contents", "warn", found, "See what is said of `releases`.")
        elif differences := [
            *compare_database(reader, here, len(past), on_progress, has_draft=len(past) < len(loaded))
        ]:
            yield Finding("contents", "fail", listed(differences), REBUILD)
        else:
            sealed = "every row was hashed again and is as its release sealed it"
            yield Finding("contents", "ok", sealed + (", but for the draft's" if len(past) < len(loaded) else ""))


NAME_IT = "Name the register's folder with --register."


def examine_encoders(reader: psycopg.Connection) -> Iterator[Finding]:
    """Report whether the files were built by the code and the libraries that are installed here."""
    if outdated := other_encoders(reader):
        number, names = next(iter(outdated.items()))
        more = f" and of {len(outdated) - 1} more" if len(outdated) > 1 else ""
        found = f"the files of {number}{more} were built by another version of: {', '.join(names)}"
        yield Finding("encoders", "warn", found, "Run `misconduct load`, which builds them anew, and restart.")
    else:
        yield Finding("encoders", "ok", "this code and these libraries built all files")


# Stored files

SAMPLE_BYTES = 2_000_000_000
"""Some ten seconds of reading."""

PIECES_AT_ONCE = 8

FILES = """SELECT r.number, f.release, f.name, f.length, coalesce(sum(octet_length(p.bytes)), 0)
FROM files f JOIN releases r ON r.ordinal = f.release
LEFT JOIN file_pieces p ON p.release = f.release AND p.name = f.name
GROUP BY r.number, f.release, f.name, f.length ORDER BY f.release, f.name"""

WITHOUT_FILES = """SELECT number FROM releases r
WHERE NOT EXISTS (SELECT FROM files f WHERE f.release = r.ordinal) ORDER BY ordinal"""

LACKING = """SELECT r.number || '/' || wanted.name FROM releases r CROSS JOIN LATERAL (
    SELECT unnest(ARRAY['bundle.zip', 'observations.csv', 'observations.parquet'])
    UNION SELECT id || form FROM records, unnest(ARRAY['.csv', '.parquet']) AS form
          WHERE kind = 'dataset' AND added_in <= r.ordinal AND r.ordinal < ended_in
    UNION SELECT 'charts/' || id || substring(name FROM '/[^/]+$') FROM records, files
          WHERE kind = 'chart' AND added_in <= r.ordinal AND r.ordinal < ended_in
            AND release = r.ordinal AND name LIKE 'charts/%/%'
) AS wanted(name)
WHERE NOT EXISTS (SELECT FROM files f WHERE f.release = r.ordinal AND f.name = wanted.name)
ORDER BY r.ordinal, wanted.name"""
"""Files that a release should have: of each dataset and, of each chart, the same pictures as of all others."""

BYTES = """SELECT f.sha256, p.bytes FROM files f JOIN file_pieces p ON p.release = f.release AND p.name = f.name
WHERE f.release = %s AND f.name = %s ORDER BY p.number"""


def examine_files(
    reader: psycopg.Connection, to_repair: str, on_progress: Progress, *, whole: bool = False
) -> Iterator[Finding]:
    """Says which files are missing or damaged; `on_progress` is told bytes read, and bytes to read."""
    if lacking := [number for (number,) in reader.execute(WITHOUT_FILES)]:
        yield Finding("files", "fail", f"release {lacking[0]} has none", to_repair)
        return
    broken = [f"{name} is missing" for (name,) in reader.execute(LACKING)]
    files = reader.execute(FILES).fetchall()
    broken += [f"{number}/{name} has not all its bytes" for number, _, name, length, there in files if there != length]
    chosen = [file for file in files if file[3] == file[4]]
    if not whole:
        random.shuffle(chosen)
        sizes = accumulate(length for _, _, _, length, _ in chosen)
        chosen = [file for file, size in zip(chosen, sizes, strict=True) if size <= SAMPLE_BYTES] or chosen[:1]
    done, size = 0, sum(length for _, _, _, length, _ in chosen)
    for number, release, name, length, _ in chosen:
        if not _has_its_hash(reader, release, name):
            broken.append(f"{number}/{name} has other bytes than its SHA-256 says")
        done += length
        on_progress(done, size)
    if broken:
        yield Finding("files", "fail", listed(broken), to_repair)
    elif len(chosen) == len(files):
        yield Finding("files", "ok", f"all {len(files)} have the bytes that their SHA-256 says")
    else:
        total = sum(length for _, _, _, length, _ in files)
        found = (
            f"all {len(files)} have their lengths, and {len(chosen)} of them, chosen at random, the bytes that their "
            f"SHA-256 says ({size / 1e9:.1f} of {total / 1e9:.1f} GB; --whole reads all)"
        )
        yield Finding("files", "ok", found)


def _has_its_hash(reader: psycopg.Connection, release: int, name: str) -> bool:
    """Whether a file's bytes have its hash; one that a load took away meanwhile has it."""
    digest, expected = hashlib.sha256(), None
    with reader.transaction(), reader.cursor(name="pieces", binary=True) as cursor:
        cursor.itersize = PIECES_AT_ONCE
        for row in cursor.execute(BYTES, [release, name]):
            expected, piece = row
            digest.update(piece)
    return expected in (None, digest.hexdigest())
