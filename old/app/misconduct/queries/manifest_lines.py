"""Find the lines of manifests about one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select, tuple_

from misconduct.db.engine import Database
from misconduct.db.tables import manifest_lines as lines
from misconduct.db.tables import releases


class Line(NamedTuple):
    """One line of a manifest about a version of a record; `release` is the ordinal of its release."""

    release: int
    number: str
    version: int
    action: str
    sha256: str
    reason: str | None
    replaced_by: str | None


async def find_lines(database: Database, kind: str, record_id: str) -> Sequence[Line]:
    """Return the lines of all manifests about one record, oldest first, but for one that only adds a first version."""
    statement = (
        select(lines.c.release, releases.c.number, *(lines.c[name] for name in Line._fields[2:]))
        .join(releases, releases.c.ordinal == lines.c.release)
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


def find_removal(of_record: Sequence[Line], ordinal: int) -> Line | None:
    """Find the line that removed, then or later, the last version that a record had got up to a release.

    None if that one was not removed: the reason and hash of another are not its own. Of a removed first version nothing
    loaded says when it was added, so releases before it name its removal, too.
    """
    last = max((line.version for line in of_record if line.action == "added" and line.release <= ordinal), default=1)
    return next((line for line in of_record if line.action == "removed" and line.version == last), None)
