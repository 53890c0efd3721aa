"""Read the releases, and the records of each but its observations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, func, not_, select

from misconduct.db.engine import Database
from misconduct.db.statements import compile_statement
from misconduct.db.tables import assessments, manifest_lines, records, releases
from misconduct.model.catalogue import Catalogue
from misconduct.model.records import DRAFT, Assessment, Record, Release
from misconduct.queries.counts import OF_RELEASE, read_counts
from misconduct.queries.filters import in_force

RELEASES = compile_statement(select(*(releases.c[name] for name in Release._fields)).order_by(releases.c.ordinal))

NEWEST = compile_statement(
    select(
        releases.c.digest,
        select(func.array_agg(releases.c.digest).filter(releases.c.recalled.is_not(None)))
        .correlate(None)
        .scalar_subquery()
        .label("recalled"),
        select(func.min(releases.c.loaded_at)).correlate(None).scalar_subquery().label("built"),
    )
    .order_by(releases.c.ordinal.desc())
    .limit(1)
)

LOADED_AT = compile_statement(
    select(releases.c.loaded_at).where(releases.c.number != DRAFT).order_by(releases.c.loaded_at.desc()).limit(1)
)

LAST_REMOVAL = compile_statement(
    select(releases.c.digest)
    .join(manifest_lines, manifest_lines.c.release == releases.c.ordinal)
    .where(manifest_lines.c.action == "removed", releases.c.ordinal <= bindparam("ordinal", None, Integer))
    .order_by(releases.c.ordinal.desc())
    .limit(1)
)

OTHER_RECORDS = compile_statement(select(records).where(in_force(records, 0), not_(in_force(records, 0, at="beside"))))
ASSESSMENTS = compile_statement(select(assessments).where(assessments.c.release == bindparam("ordinal", None, Integer)))


class Newest(NamedTuple):
    """Hold what tells a poll that something changed: the digests of the newest and of recalled releases, and `built`.

    `built` is when the first release was written; a rebuild writes it anew.
    """

    digest: str
    recalled: frozenset[str]
    built: datetime


async def find_newest(database: Database, *, release: str | None = None) -> Newest | None:
    """Return what is newest in the database; None before the first load.

    Like the other functions, it asks a database that holds the release with the digest `release` (None: the newest
    known; "": any database).
    """
    rows = await database.rows(NEWEST, release=release)
    return Newest(rows[0].digest, frozenset(rows[0].recalled or ()), rows[0].built) if rows else None


async def loaded_at(database: Database, *, release: str | None = None) -> float:
    """Return when the last load wrote a release, in seconds since 1970, and drafts are none; 0 before the first."""
    rows = await database.rows(LOADED_AT, release=release)
    return rows[0].loaded_at.timestamp() if rows else 0.0


async def last_removal(database: Database, ordinal: int, *, release: str | None = None) -> str:
    """Return the digest of the last release up to one that removed something by law from all; empty if none did."""
    rows = await database.rows(LAST_REMOVAL, {"ordinal": ordinal}, release=release)
    return rows[0].digest if rows else ""


async def all_releases(database: Database, *, release: str | None = None) -> list[Release]:
    """Return every release, in the order of the chain."""
    return [Release._make(row) for row in await database.rows(RELEASES, release=release)]


async def read_catalogue(
    database: Database,
    of: Release,
    known: Sequence[Release],
    *,
    beside: Catalogue | None = None,
    release: str | None = None,
) -> Catalogue:
    """Return the records of one release but its observations, and what these count.

    Given another release in `beside`, only the records that it lacks are read: those of two releases are mostly the
    same, and may be many.
    """
    ordinal = {"ordinal": of.ordinal}
    both = {**ordinal, "beside": beside.release.ordinal if beside else 0}
    found = await database.rows(OTHER_RECORDS, both, release=release)
    computed = await database.rows(ASSESSMENTS, ordinal, release=release)
    counted = await database.rows(OF_RELEASE, ordinal, release=release)
    numbers = {other.ordinal: other.number for other in known}

    def assemble() -> Catalogue:
        made = Catalogue.assemble(of, map(Record._make, found), map(Assessment._make, computed), numbers, beside)
        made = replace(made, counts=read_counts(counted))
        _ = made.lengths  # which every list of records needs
        return made

    return await asyncio.to_thread(assemble)  # because there may be many, and others are answered meanwhile
