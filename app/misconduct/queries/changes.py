"""Find what changed from release to release."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from misconduct.db.engine import Rows, Tables
from misconduct.queries.figures import Total


class Wanted(NamedTuple):
    """A choice of the changes of releases: by type, ids, and areas or indicators that figures ever had."""

    releases: Sequence[str]
    types: Sequence[str]
    ids: Sequence[str]
    areas: Sequence[str]
    indicators: Sequence[str]


_TYPE = """CASE weight WHEN 'ended' THEN 'withdrawn' WHEN 'current' THEN 'recoded' ELSE weight END"""
"""What a change is called. If only notes changed, the figure says the same, as if it were recoded."""

_WHERE = f"""
    FROM $release.versions AS change
    WHERE kind = 'observation' AND release = ANY(%(releases)s) AND action <> 'moved'
    AND (%(types)s::text[] = '{{}}' OR {_TYPE} = ANY(%(types)s))
    AND (%(ids)s::text[] = '{{}}' OR id = ANY(%(ids)s))
    AND (%(areas)s::text[] = '{{}}' AND %(indicators)s::text[] = '{{}}' OR EXISTS (
        SELECT FROM (
            SELECT area, indicator FROM $release.observations AS figure WHERE figure.id = change.id
            UNION ALL SELECT was ->> 'area', was ->> 'indicator'
            FROM $release.versions AS former WHERE former.id = change.id AND was IS NOT NULL) AS figure
        WHERE (%(areas)s::text[] = '{{}}' OR area = ANY(%(areas)s))
        AND (%(indicators)s::text[] = '{{}}' OR indicator = ANY(%(indicators)s))))"""  # noqa: S608


async def find_changes(
    tables: Tables, wanted: Wanted, limit: int | None, offset: int = 0
) -> Rows:
    """Return changes with their release and its day, the oldest first."""
    statement = f"""
        SELECT release, day::text, id, {_TYPE} AS type, reason, replaced_by {_WHERE}
        ORDER BY nth LIMIT %(limit)s OFFSET %(offset)s"""
    return await tables.rows(
        statement, wanted._asdict() | {"limit": limit, "offset": offset}
    )


async def count_types(tables: Tables, wanted: Wanted) -> dict[str, dict[str, int]]:
    """Return how many changes of each type each release has, by its number."""
    statement = f"""
        SELECT release, {_TYPE} AS type, count(*) AS changes {_WHERE}
        GROUP BY 1, 2 ORDER BY min(nth)"""
    found = defaultdict[str, dict[str, int]](dict)
    for row in await tables.rows(statement, wanted._asdict()):
        found[row["release"]][row["type"]] = row["changes"]
    return found


async def count_changes(tables: Tables, wanted: Wanted, most: int) -> Total:
    """Count changes, but read no more than one beyond `most`."""
    statement = (
        f"SELECT count(*) AS total FROM (SELECT {_WHERE} LIMIT %(most)s) AS change"  # noqa: S608
    )
    values = {**wanted._asdict(), "most": most + 1}
    [row] = await tables.rows(statement, values)
    return Total(min(row["total"], most), row["total"] > most)


async def find_unknown_ids(tables: Tables, ids: Collection[str]) -> list[str]:
    """Return the ids that no figure ever had."""
    statement = """
        SELECT id FROM $release.versions WHERE id = ANY(%(ids)s) AND kind = 'observation'
        UNION SELECT id FROM $release.observations WHERE id = ANY(%(ids)s)"""
    rows = await tables.rows(statement, {"ids": [*ids]})
    known = {row["id"] for row in rows}
    return [one for one in ids if one not in known]
