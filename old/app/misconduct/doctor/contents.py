"""Compare the releases in the database with the register, digest by digest and row by row, and check their files."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from itertools import accumulate
from pathlib import Path

import psycopg

from misconduct.bundles.chain import read_chain
from misconduct.bundles.database import Progress, compare_database
from misconduct.db.direct import server_cursor
from misconduct.db.encoders import computed_elsewhere, encoders
from misconduct.doctor.finding import Finding, judge, listed
from misconduct.errors import MisconductError
from misconduct.model.records import DRAFT
from misconduct.queries.files import MISSING
from misconduct.register.mistakes import Mistakes
from misconduct.register.reader import open_register
from misconduct.settings import Settings

REBUILD = "Find out who can write to this database. Then run `misconduct load --rebuild`."
RESTORE = (
    "Find out who can write to this database, and whether its disk is sound. Then run `misconduct load --rebuild"
    " --files FOLDER` with what `misconduct files` copied last; without a copy, `misconduct load --rebuild` builds"
    " files that state the same."
)
SEES_ONE_STATE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


def empty_database(settings: Settings) -> str:
    """Say how to get an empty database to load into."""
    if settings.database_url is None and settings.owner_url is None:
        what = f"stop everything that uses it and move {settings.home} away: the next start creates it"
        return f"To get an empty database, {what}."
    return "To get an empty database, rename or drop this one and run app/misconduct/db/roles.sql, which creates it."


def examine_releases(reader: psycopg.Connection, register: Path, to_empty: str) -> Iterator[Finding]:
    """Check that the database holds the register's releases; `to_empty` says how to get an empty database."""
    loaded: dict[str, str] = dict(reader.execute("SELECT number, digest FROM releases ORDER BY ordinal").fetchall())
    loaded.pop(DRAFT, None)
    if not loaded:
        yield Finding("releases", "fail", "none is loaded", "Run `misconduct load`.")
        return
    newest = list(loaded)[-1]
    try:
        sealed = read_chain(register, Mistakes()).digests
    except MisconductError:
        found = f"{newest} is the newest of {len(loaded)}; there is no register in {register} to compare with"
        yield Finding("releases", "warn", found, NAME_IT)
        return
    differing = [number for number, digest in loaded.items() if sealed.get(number) != digest]
    if differing and differing[0] in sealed:
        found = f"{differing[0]} does not have the digest that {register}/releases/{differing[0]}.csv gives"
        yield Finding("releases", "fail", found, f"{DIVERGED} {to_empty}")
    elif differing:
        found = f"{differing[0]} is loaded, and there is no {register}/releases/{differing[0]}.csv"
        yield Finding("releases", "fail", found, f"{OTHER_REGISTER} {to_empty}")
    elif coming := [number for number in sealed if number not in loaded]:
        is_replica = reader.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        to_do = "This is a replica: if its primary has it, it lags (see `hosts`). Else run `misconduct load`."
        to_do = to_do if is_replica else "Run `misconduct load`."
        yield Finding("releases", "warn", f"{coming[-1]} is not loaded; {newest} is", to_do)
    else:
        yield Finding("releases", "ok", f"all {len(loaded)} up to {newest} have the digests of {register}")


def examine_caches(reader: psycopg.Connection) -> Iterator[Finding]:
    """Warn while shared caches may still have what a removal, a recall or a rebuild took away."""
    with suppress(psycopg.errors.UndefinedTable):  # the finding `migrations` says so
        since = reader.execute("SELECT min(since) FROM owed_purges").fetchone()
        day = since[0].astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if since and since[0] else None
        found = f"a purge is owed since {day}: they may still have what was removed or replaced"
        to_do = "Run `misconduct purge` with the owner's address, until it succeeds; with --none if no cache is left."
        yield judge("caches", found if day else "no purge is owed", warn=day is not None, to_do=to_do)


DIVERGED = "Find out which of the two was changed (`misconduct verify-release`), then load into an empty database."
BRING = (
    "Run `misconduct load --files FOLDER` with what `misconduct files` copied last: it also builds what is lacking by a"
    " removal by law that was stopped. Without a copy, `misconduct load` builds files that state the same."
)
OTHER_REGISTER = (
    "Is this the register that was loaded? If not, name that one with --register. If it is, put the missing file back, "
    "or load into an empty database."
)


def examine_contents(reader: psycopg.Connection, register: Path, on_progress: Progress) -> Iterator[Finding]:
    """Check that every row has the hash that its release lists, and that computed results are right."""
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
            yield Finding("contents", "warn", found, "See the finding `releases`.")
        elif differences := [
            *compare_database(reader, here, len(past), on_progress, has_draft=len(past) < len(loaded))
        ]:
            yield Finding("contents", "fail", listed(differences), REBUILD)
        else:
            sealed = "every row has the hash that its release lists"
            yield Finding("contents", "ok", sealed + (", except the draft's" if len(past) < len(loaded) else ""))


NAME_IT = "Name the register's folder with --register."


def examine_encoders(reader: psycopg.Connection) -> Iterator[Finding]:
    """Report whether the code that is installed here computed the results, and whether it built the files."""
    if outdated := computed_elsewhere(reader):
        more = f" and of {len(outdated) - 1} more" if len(outdated) > 1 else ""
        found = f"the results of checks of {outdated[0]}{more} were computed by another version of the code"
        to_do = "Run `misconduct load`, which computes them again, and restart the service."
        yield Finding("encoders", "warn", found, to_do)
        return
    built = [by for (by,) in reader.execute("SELECT built_by FROM files")]
    kept = sum(by != encoders() for by in built)
    found = f"results are by this code; of {len(built)} files, {kept} are kept as another version built them"
    yield Finding("encoders", "ok", found)


# Stored files

SAMPLE_BYTES = 2_000_000_000
"""About ten seconds of reading."""

PIECES_AT_ONCE = 8

FILES = """SELECT r.number, f.release, f.name, f.length, coalesce(sum(p.length), 0)
FROM files f JOIN releases r ON r.ordinal = f.release
LEFT JOIN file_contents p ON p.sha256 = f.sha256
GROUP BY r.number, f.release, f.name, f.length ORDER BY f.release, f.name"""

WITHOUT_FILES = """SELECT number FROM releases r
WHERE NOT EXISTS (SELECT FROM files f WHERE f.release = r.ordinal) ORDER BY ordinal"""

BYTES = """SELECT f.sha256, p.number, p.length, p.bytes FROM files f JOIN file_contents p ON p.sha256 = f.sha256
WHERE f.release = %s AND f.name = %s ORDER BY p.number"""


def examine_files(
    reader: psycopg.Connection, to_repair: str, on_progress: Progress, *, whole: bool = False
) -> Iterator[Finding]:
    """Check the length of every stored file, and the SHA-256 of as many as SAMPLE_BYTES allow, in random order.

    With `whole`, every file is read. `on_progress` is called with the bytes read, and the bytes to read."""
    if lacking := [number for (number,) in reader.execute(WITHOUT_FILES)]:
        yield Finding("files", "fail", f"release {lacking[0]} has no files", BRING)
        return
    broken = [f"{name} is missing" for (name,) in reader.execute(MISSING)]
    files = reader.execute(FILES).fetchall()
    broken += [f"{number}/{name} is incomplete" for number, _, name, length, there in files if there != length]
    chosen = [file for file in files if file[3] == file[4]]
    if not whole:
        random.shuffle(chosen)
        sizes = accumulate(length for _, _, _, length, _ in chosen)
        chosen = [file for file, size in zip(chosen, sizes, strict=True) if size <= SAMPLE_BYTES] or chosen[:1]
    done, size = 0, sum(length for _, _, _, length, _ in chosen)
    for number, release, name, length, _ in chosen:
        if not _has_its_hash(reader, release, name):
            broken.append(f"{number}/{name} does not match its SHA-256")
        done += length
        on_progress(done, size)
    if broken:
        is_incomplete = all(one.endswith(" is missing") for one in broken)
        yield Finding("files", "fail", listed(broken), BRING if is_incomplete else to_repair)
    elif len(chosen) == len(files):
        yield Finding("files", "ok", f"all {len(files)} match their SHA-256")
    else:
        total = sum(length for _, _, _, length, _ in files)
        found = (
            f"all {len(files)} have the right length, and {len(chosen)} of them, chosen at random, match their SHA-256 "
            f"({size / 1e9:.1f} of {total / 1e9:.1f} GB; --whole reads all)"
        )
        yield Finding("files", "ok", found)


def _has_its_hash(reader: psycopg.Connection, release: int, name: str) -> bool:
    """Return whether a file matches its hash; also true for a file that a load has just removed."""
    digest, expected = hashlib.sha256(), None
    with reader.transaction(), server_cursor(reader, binary=True) as cursor, suppress(zlib.error):
        cursor.itersize = PIECES_AT_ONCE
        for at, row in enumerate(cursor.execute(BYTES, [release, name])):
            expected, number, length, piece = row
            if number != at:  # who downloads it asks for each by its number
                return False
            digest.update(piece if len(piece) == length else zlib.decompress(piece))
    return expected in (None, digest.hexdigest())
