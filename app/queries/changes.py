"""Find what one release added, revised, ended and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Table, exists, select, tuple_

from app.db.engine import Database, Row
from app.db.tables import manifest_lines, observations, records
from app.model.standing import BOOKKEEPING

KEYS: dict[str, tuple[str, ...]] = {"observations": ("id",), "records": ("kind", "id")}
BOOKKEEPING_FIELDS = frozenset({"kind", "id", *BOOKKEEPING})


class Changed(NamedTuple):
    """One record that a release changed, with its content before and after; None where it has none."""

    kind: str
    id: str
    version: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str | None = None
    replaced_by: str | None = None


async def find_changes(database: Database, ordinal: int, *, most: int) -> dict[str, list[Changed]]:
    """Return the changes of one release by action: `added`, `revised`, `ended`, `removed`.

    Reads at most `most` new and `most` ended rows of each table: a first release may hold millions.
    """
    lines = await _manifest_lines(database, ordinal)
    added = [one for table in (observations, records) for one in await _find_added(database, table, ordinal, most)]
    ended = [one for table in (observations, records) for one in await _find_ended(database, table, ordinal, most)]
    return {
        "added": [_explain(one, "added", lines) for one in added if one.version == 1],
        "revised": [_explain(one, "added", lines) for one in added if one.version > 1],
        "ended": [_explain(one, "ended", lines) for one in ended if not _was_revised(one, lines)],
        "removed": [
            Changed(line.kind, line.id, line.version, None, None, line.reason, line.replaced_by)
            for line in lines.values()
            if line.action == "removed"
        ],
    }


async def _manifest_lines(database: Database, ordinal: int) -> dict[tuple[str, str, int, str], Row]:
    rows = await database.rows(select(manifest_lines).where(manifest_lines.c.release == ordinal))
    return {(line.kind, line.id, line.version, line.action): line for line in rows}


async def _find_added(database: Database, table: Table, ordinal: int, most: int) -> list[Changed]:
    """Return the versions that the release added, each with its previous version."""
    key = [table.c[name] for name in KEYS[table.name]]
    statement = select(table).where(table.c.added_in == ordinal).order_by(*key, table.c.version).limit(most)
    rows = await database.rows(statement)
    earlier = [(*_key(table, row), row.version - 1) for row in rows if row.version > 1]
    found = await database.rows(select(table).where(tuple_(*key, table.c.version).in_(earlier))) if earlier else []
    before = {(*_key(table, row), row.version): _content(row) for row in found}
    return [_changed(row, before.get((*_key(table, row), row.version - 1)), _content(row)) for row in rows]


async def _find_ended(database: Database, table: Table, ordinal: int, most: int) -> list[Changed]:
    """Return what the release ended without a new version."""
    next_version = table.alias()
    same = [next_version.c[name] == table.c[name] for name in KEYS[table.name]]
    succeeded = exists().where(next_version.c.added_in == ordinal, *same)
    statement = select(table).where(table.c.ended_in == ordinal, ~succeeded).order_by(table.c.id).limit(most)
    return [_changed(row, _content(row), None) for row in await database.rows(statement)]


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in KEYS[table.name])


def _content(row: Row) -> Mapping[str, Any]:
    """Return the content of a record, without the register's bookkeeping."""
    content: Mapping[str, Any] = getattr(row, "content", None) or dict(row)
    return {name: value for name, value in content.items() if name not in BOOKKEEPING_FIELDS}


def _changed(row: Row, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Changed:
    return Changed(getattr(row, "kind", "observation"), row.id, row.version, before, after)


def _was_revised(one: Changed, lines: Mapping[tuple[str, str, int, str], Row]) -> bool:
    """Return whether the release has a new version of it, even if that was removed by law since."""
    return (one.kind, one.id, one.version + 1, "added") in lines


def _explain(one: Changed, action: str, lines: Mapping[tuple[str, str, int, str], Row]) -> Changed:
    line = lines.get((one.kind, one.id, one.version, action))
    return one._replace(reason=line.reason, replaced_by=line.replaced_by) if line else one
