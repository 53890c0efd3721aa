"""The releases of the database: those of the register, digest by digest, each with its whole files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg

from app.bundles.chain import read_chain
from app.db.citations import cited_elsewhere
from app.doctor.finding import Finding
from app.domain.records import DRAFT
from app.errors import MisconductError
from app.register.mistakes import Mistakes
from app.settings import Settings

BROKEN = """SELECT r.number || '/' || f.name FROM files f JOIN releases r ON r.ordinal = f.release
LEFT JOIN file_pieces p ON p.release = f.release AND p.name = f.name
GROUP BY 1, f.length HAVING coalesce(sum(octet_length(p.bytes)), 0) <> f.length ORDER BY 1"""

WITHOUT_FILES = """SELECT number FROM releases r
WHERE NOT EXISTS (SELECT FROM files f WHERE f.release = r.ordinal) ORDER BY ordinal"""


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
        yield Finding("releases", "warn", found, "Name the register's folder with --register.")
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


def examine_files(reader: psycopg.Connection, to_empty: str) -> Iterator[Finding]:
    """Whether every release has its files, and every file all its bytes."""
    lacking = [number for (number,) in reader.execute(WITHOUT_FILES)]
    broken = [name for (name,) in reader.execute(BROKEN)]
    if lacking:
        yield Finding("files", "fail", f"release {lacking[0]} has none", f"Load into an empty database. {to_empty}")
    elif broken:
        yield Finding("files", "fail", f"{broken[0]} has not all its bytes", f"Load into an empty database. {to_empty}")
    else:
        yield Finding("files", "ok", "every release has its files, whole")


def examine_links(reader: psycopg.Connection, public_url: str) -> Iterator[Finding]:
    """Whether the files cite figures by the address that people use."""
    if elsewhere := cited_elsewhere(reader, public_url):
        found = f"the files of {elsewhere[0]} cite figures by another address than {public_url}"
        to_do = "Run `misconduct load` with MISCONDUCT_BASE_URL, or PORT, as people use it, and restart."
        yield Finding("links", "warn", found, to_do)
    else:
        yield Finding("links", "ok", f"files cite figures by {public_url}")
