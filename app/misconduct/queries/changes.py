"""Find what changed from release to release."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from misconduct.db.engine import Database, Rows
from misconduct.model.figure import COLUMNS, REGISTER_COLUMNS

FIGURES = "observation"  # the kind of figures


class Wanted(NamedTuple):
    """A choice of the changes of releases: by kind, actions, ids, and areas or datasets that figures ever had."""

    releases: list[str]
    kind: str | None
    actions: Sequence[str]
    ids: list[str]
    areas: list[str]
    datasets: list[str]


_WHERE = """
    FROM changes JOIN releases ON ordinal = release
    WHERE number = ANY(%(releases)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(actions)s::text[] = '{}' OR action = ANY(%(actions)s))
    AND (%(ids)s::text[] = '{}' OR id = ANY(%(ids)s))
    AND (%(areas)s::text[] = '{}' AND %(datasets)s::text[] = '{}' OR kind = 'observation' AND id IN (
        SELECT id FROM observations WHERE (%(areas)s::text[] = '{}' OR area = ANY(%(areas)s))
        AND (%(datasets)s::text[] = '{}' OR datasets && %(datasets)s::text[])))"""


_AS_TEXT = {"number": "{}::text", "list": "array_to_string({}, ' ')"}


def _cell(table: str) -> str:
    """Return in SQL the cell of a figure in the column `field`."""
    cells = {
        name: _AS_TEXT.get(COLUMNS[name].holds, "{}").format(f"{table}.{name}")
        for name in REGISTER_COLUMNS
    }
    return f"CASE field {' '.join(f'WHEN {name!r} THEN {cell}' for name, cell in cells.items())} END"


_FIELDS = f"""CASE WHEN changed <> '{{}}' THEN (
    SELECT json_agg(json_build_array(field, {_cell("was")}, {_cell("now")}))
    FROM unnest(changed) AS field, observations AS was JOIN observations AS now USING (id)
    WHERE id = change.id AND was.until = change.release AND now.first = change.release) END"""  # noqa: S608


async def find_changes(
    database: Database, wanted: Wanted, limit: int | None, offset: int
) -> Rows:
    """Return rows of changes.csv with their release and its day.

    Those of figures have the release before, how much the change matters, and `fields`: each column that differs, with
    its cells before and after.
    """
    statement = f"""
        SELECT change.number AS release, change.day::text, kind, change.id, action, reason, replaced_by,
            before.number AS before, {_FIELDS} AS fields, weight
        FROM (SELECT number, release, day, kind, id, action, reason, replaced_by {_WHERE}
              ORDER BY release, kind, id LIMIT %(limit)s OFFSET %(offset)s) AS change
        LEFT JOIN versions ON kind = 'observation'
            AND (versions.release, versions.id) = (change.release, change.id)
        LEFT JOIN releases AS before ON versions.id IS NOT NULL AND before.ordinal = change.release - 1
        ORDER BY change.release, kind, change.id"""  # noqa: S608
    return await database.rows(
        statement, wanted._asdict() | {"limit": limit, "offset": offset}
    )


async def count_changes(database: Database, wanted: Wanted) -> int:
    [row] = await database.rows(f"SELECT count(*) AS total {_WHERE}", wanted._asdict())
    return int(row["total"])


async def find_kinds(database: Database) -> list[str]:
    """Return the kinds of records that ever changed."""
    rows = await database.rows("SELECT DISTINCT kind FROM changes ORDER BY kind")
    return [row["kind"] for row in rows]


async def find_unknown_ids(
    database: Database, ids: Collection[str], kind: str | None
) -> list[str]:
    """Return the ids that no release ever had."""
    statement = """SELECT DISTINCT id FROM changes
        WHERE id = ANY(%(ids)s) AND kind = coalesce(%(kind)s, kind)"""
    known = {
        row["id"]
        for row in await database.rows(statement, {"ids": [*ids], "kind": kind})
    }
    return [one for one in ids if one not in known]
