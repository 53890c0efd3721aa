"""What manifests say about one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from app.db.engine import Database
from app.db.tables import manifest_lines as lines
from app.db.tables import releases


class Line(NamedTuple):
    """What a manifest says of one version of a record, beyond that it was added first."""

    release: int
    version: int
    action: str
    reason: str | None
    replaced_by: str | None


async def lines_of(database: Database, kind: str, record_id: str) -> Sequence[Line]:
    """Everything notable that manifests say of one record, the oldest first."""
    statement = (
        select(lines.c.release, lines.c.version, lines.c.action, lines.c.reason, lines.c.replaced_by)
        .where(lines.c.kind == kind, lines.c.id == record_id)
        .order_by(lines.c.release, lines.c.version)
    )
    return [Line._make(row) for row in await database.rows(statement)]


class Removal(NamedTuple):
    """A removal by law: in which release, of which version, why, and the hash of what is gone."""

    number: str
    version: int
    reason: str | None
    sha256: str


async def find_removal(database: Database, kind: str, record_id: str) -> Removal | None:
    """The removal of a record's last version that was removed; None where none ever was."""
    statement = (
        select(releases.c.number, lines.c.version, lines.c.reason, lines.c.sha256)
        .join(releases, releases.c.ordinal == lines.c.release)
        .where(lines.c.kind == kind, lines.c.id == record_id, lines.c.action == "removed")
        .order_by(lines.c.version.desc())
        .limit(1)
    )
    rows = await database.rows(statement)
    return Removal._make(rows[0]) if rows else None
