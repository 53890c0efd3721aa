"""What one release added, revised, ended and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Table, exists, select, tuple_

from app.db.engine import Database, Row
from app.db.tables import manifest_lines, observations, records
from app.domain.standing import BOOKKEEPING

KEYS: dict[str, tuple[str, ...]] = {"observations": ("id",), "records": ("kind", "id")}
UNSAID = frozenset({"kind", "id", *BOOKKEEPING})


class Changed(NamedTuple):
    """One record that a release touched: what it said before and says after; None where there is nothing."""

    kind: str
    id: str
    version: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str | None = None
    replaced_by: str | None = None


async def find_changes(database: Database, ordinal: int, *, most: int) -> dict[str, list[Changed]]:
    """The changes of one release by action: `added`, `revised`, `ended`, `removed`.

    At most `most` new and `most` ended rows of each table are read: a first release may hold millions.
    """
    told = await _told(database, ordinal)
    began = [one for table in (observations, records) for one in await _began(database, table, ordinal, most)]
    over = [one for table in (observations, records) for one in await _over(database, table, ordinal, most)]
    return {
        "added": [_explain(one, "added", told) for one in began if one.version == 1],
        "revised": [_explain(one, "added", told) for one in began if one.version > 1],
        "ended": [_explain(one, "ended", told) for one in over if not _was_revised(one, told)],
        "removed": [
            Changed(line.kind, line.id, line.version, None, None, line.reason, line.replaced_by)
            for line in told.values()
            if line.action == "removed"
        ],
    }


async def _told(database: Database, ordinal: int) -> dict[tuple[str, str, int, str], Row]:
    rows = await database.rows(select(manifest_lines).where(manifest_lines.c.release == ordinal))
    return {(line.kind, line.id, line.version, line.action): line for line in rows}


async def _began(database: Database, table: Table, ordinal: int, most: int) -> list[Changed]:
    """The versions that the release added, each with the version before it."""
    key = [table.c[name] for name in KEYS[table.name]]
    statement = select(table).where(table.c.added_in == ordinal).order_by(*key, table.c.version).limit(most)
    rows = await database.rows(statement)
    earlier = [(*_key(table, row), row.version - 1) for row in rows if row.version > 1]
    found = await database.rows(select(table).where(tuple_(*key, table.c.version).in_(earlier))) if earlier else []
    before = {(*_key(table, row), row.version): _content(row) for row in found}
    return [_changed(row, before.get((*_key(table, row), row.version - 1)), _content(row)) for row in rows]


async def _over(database: Database, table: Table, ordinal: int, most: int) -> list[Changed]:
    """What the release ended without putting a further version in its place."""
    next_version = table.alias()
    same = [next_version.c[name] == table.c[name] for name in KEYS[table.name]]
    succeeded = exists().where(next_version.c.added_in == ordinal, *same)
    statement = select(table).where(table.c.ended_in == ordinal, ~succeeded).order_by(table.c.id).limit(most)
    return [_changed(row, _content(row), None) for row in await database.rows(statement)]


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in KEYS[table.name])


def _content(row: Row) -> Mapping[str, Any]:
    """What the record says, without what the register says of it."""
    content: Mapping[str, Any] = getattr(row, "content", None) or dict(row)
    return {name: value for name, value in content.items() if name not in UNSAID}


def _changed(row: Row, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Changed:
    return Changed(getattr(row, "kind", "observation"), row.id, row.version, before, after)


def _was_revised(one: Changed, told: Mapping[tuple[str, str, int, str], Row]) -> bool:
    """Whether the release put a further version in its place, even if the law has removed that since."""
    return (one.kind, one.id, one.version + 1, "added") in told


def _explain(one: Changed, action: str, told: Mapping[tuple[str, str, int, str], Row]) -> Changed:
    line = told.get((one.kind, one.id, one.version, action))
    return one._replace(reason=line.reason, replaced_by=line.replaced_by) if line else one
