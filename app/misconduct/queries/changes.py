"""Find what changed from release to release."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from misconduct.db.engine import Rows, Tables
from misconduct.queries.figures import Total

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
    FROM $release.versions AS change
    WHERE release = ANY(%(releases)s) AND action <> 'moved' AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(actions)s::text[] = '{}' OR action = ANY(%(actions)s))
    AND (%(ids)s::text[] = '{}' OR id = ANY(%(ids)s))
    AND (%(areas)s::text[] = '{}' AND %(datasets)s::text[] = '{}' OR kind = 'observation' AND EXISTS (
        SELECT FROM (
            SELECT area, datasets FROM $release.observations AS figure WHERE figure.id = change.id
            UNION ALL SELECT was ->> 'area', ARRAY(SELECT jsonb_array_elements_text(was -> 'datasets'))
            FROM $release.versions AS former WHERE former.id = change.id AND was IS NOT NULL) AS figure
        WHERE (%(areas)s::text[] = '{}' OR area = ANY(%(areas)s))
        AND (%(datasets)s::text[] = '{}' OR datasets && %(datasets)s::text[])))"""


async def find_changes(
    tables: Tables, wanted: Wanted, limit: int | None, offset: int
) -> Rows:
    """Return changes with their release and its day, the oldest first; of figures, with how much they matter."""
    statement = f"""
        SELECT release, day::text, kind, id, action, reason, replaced_by, weight {_WHERE}
        ORDER BY nth LIMIT %(limit)s OFFSET %(offset)s"""
    return await tables.rows(
        statement, wanted._asdict() | {"limit": limit, "offset": offset}
    )


async def count_changes(tables: Tables, wanted: Wanted, most: int) -> Total:
    """Count changes, but read no more than one beyond `most`."""
    statement = (
        f"SELECT count(*) AS total FROM (SELECT {_WHERE} LIMIT %(most)s) AS change"  # noqa: S608
    )
    values = {**wanted._asdict(), "most": most + 1}
    [row] = await tables.rows(statement, values)
    return Total(min(row["total"], most), row["total"] > most)


async def find_kinds(tables: Tables) -> list[str]:
    """Return the kinds of records that ever changed."""
    rows = await tables.rows(
        "SELECT DISTINCT kind FROM $release.versions ORDER BY kind"
    )
    return [row["kind"] for row in rows]


async def find_unknown_ids(
    tables: Tables, ids: Collection[str], kind: str | None
) -> list[str]:
    """Return the ids that no release ever had."""
    statement = """
        SELECT id FROM $release.versions WHERE id = ANY(%(ids)s) AND kind = coalesce(%(kind)s, kind)
        UNION SELECT id FROM $release.records WHERE id = ANY(%(ids)s) AND kind = coalesce(%(kind)s, kind)
        UNION SELECT id FROM $release.observations
        WHERE id = ANY(%(ids)s) AND coalesce(%(kind)s, 'observation') = 'observation'"""
    rows = await tables.rows(statement, {"ids": [*ids], "kind": kind})
    known = {row["id"] for row in rows}
    return [one for one in ids if one not in known]
