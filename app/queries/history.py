"""What manifests say about one record."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from app.db.engine import Database
from app.db.tables import manifest_lines as lines
from app.db.tables import releases


class Removal(NamedTuple):
    """A removal by law: in which release, why, and the hash of what is gone."""

    number: str
    reason: str | None
    sha256: str


async def find_removal(database: Database, kind: str, record_id: str) -> Removal | None:
    """The last removal of a record; None where it was never removed."""
    statement = (
        select(releases.c.number, lines.c.reason, lines.c.sha256)
        .join(releases, releases.c.ordinal == lines.c.release)
        .where(lines.c.kind == kind, lines.c.id == record_id, lines.c.action == "removed")
        .order_by(lines.c.release.desc())
        .limit(1)
    )
    rows = await database.rows(statement)
    return Removal._make(rows[0]) if rows else None
