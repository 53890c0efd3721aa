"""Find the lines of manifests about one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select, tuple_

from misconduct.db.engine import Database
from misconduct.db.tables import manifest_lines as lines
from misconduct.db.tables import releases


class Line(NamedTuple):
    """One line of a manifest about a version of a record."""

    release: int
    version: int
    action: str
    reason: str | None
    replaced_by: str | None


async def find_lines(database: Database, kind: str, record_id: str) -> Sequence[Line]:
    """Return the lines of all manifests about one record, oldest first."""
    statement = (
        select(lines.c.release, lines.c.version, lines.c.action, lines.c.reason, lines.c.replaced_by)
        .where(lines.c.kind == kind, lines.c.id == record_id)
        .order_by(lines.c.release, lines.c.version)
    )
    return [Line._make(row) for row in await database.rows(statement)]


Reasons = Mapping[tuple[str, int], str | None]


async def find_reasons(database: Database, figures: Sequence[tuple[str, int]]) -> Reasons:
    """Return why versions of figures (id, version) were added."""
    statement = select(lines.c.id, lines.c.version, lines.c.reason).where(
        lines.c.kind == "observation", lines.c.action == "added", tuple_(lines.c.id, lines.c.version).in_(figures)
    )
    return {(row.id, row.version): row.reason for row in await database.rows(statement)}


class Removal(NamedTuple):
    """A removal by law: the release, the version, the reason, and the hash of what was removed."""

    number: str
    version: int
    reason: str | None
    sha256: str


async def find_removal(database: Database, kind: str, record_id: str) -> Removal | None:
    """Return the removal of a record's latest removed version; None if none was removed."""
    statement = (
        select(releases.c.number, lines.c.version, lines.c.reason, lines.c.sha256)
        .join(releases, releases.c.ordinal == lines.c.release)
        .where(lines.c.kind == kind, lines.c.id == record_id, lines.c.action == "removed")
        .order_by(lines.c.version.desc())
        .limit(1)
    )
    rows = await database.rows(statement)
    return Removal._make(rows[0]) if rows else None
