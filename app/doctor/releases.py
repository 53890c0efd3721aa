"""The releases of the database: those of the register, digest by digest, each with its whole files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg

from app.bundles.chain import read_chain
from app.doctor.finding import Finding
from app.domain.records import DRAFT
from app.errors import MisconductError
from app.register.mistakes import Mistakes

BROKEN = """SELECT r.number || '/' || f.name FROM files f JOIN releases r ON r.ordinal = f.release
LEFT JOIN file_pieces p ON p.release = f.release AND p.name = f.name
GROUP BY 1, f.length HAVING coalesce(sum(octet_length(p.bytes)), 0) <> f.length ORDER BY 1"""

WITHOUT_FILES = """SELECT number FROM releases r
WHERE NOT EXISTS (SELECT FROM files f WHERE f.release = r.ordinal) ORDER BY ordinal"""


def examine_releases(reader: psycopg.Connection, register: Path) -> Iterator[Finding]:
    """Whether the database holds the releases of the register."""
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
        yield Finding("releases", "warn", found, "Name the register's folder with --register.")
        return
    differing = [number for number, digest in loaded.items() if sealed.get(number) != digest]
    if differing:
        found = f"{differing[0]} has another digest than {register}/releases/{differing[0]}.csv gives, or is not there"
        yield Finding("releases", "fail", found, DIVERGED)
    elif coming := [number for number in sealed if number not in loaded]:
        yield Finding("releases", "warn", f"{coming[-1]} is not loaded; {newest} is", "Run `misconduct load`.")
    else:
        yield Finding("releases", "ok", f"all {len(loaded)} up to {newest} have the digests of {register}")


DIVERGED = "Find out which of the two was changed (`misconduct verify-release`), then load into an empty database."


def examine_files(reader: psycopg.Connection) -> Iterator[Finding]:
    """Whether every release has its files, and every file all its bytes."""
    lacking = [number for (number,) in reader.execute(WITHOUT_FILES)]
    broken = [name for (name,) in reader.execute(BROKEN)]
    if lacking:
        yield Finding("files", "fail", f"release {lacking[0]} has none", "Load into an empty database.")
    elif broken:
        yield Finding("files", "fail", f"{broken[0]} has not all its bytes", "Load into an empty database.")
    else:
        yield Finding("files", "ok", "every release has its files, whole")
