"""Find figures by their ids, by a caveat, and by what others are to them."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from misconduct.db.engine import Tables
from misconduct.model.figure import Row


class Total(NamedTuple):
    """How many figures are found, or at least how many."""

    number: int
    is_at_least: bool


async def find_figures(
    tables: Tables, ids: Collection[str], columns: Sequence[str]
) -> list[Row]:
    statement = f"""SELECT {", ".join(columns)} FROM $release.observations
        WHERE id = ANY(%(ids)s)"""  # noqa: S608
    return await tables.rows(statement, {"ids": [*ids]})


async def find_with_caveat(tables: Tables, caveat: str, most: int) -> list[str]:
    """Return the ids of the first figures that have a caveat."""
    statement = """
        SELECT id FROM $release.observations WHERE caveats @> ARRAY[%(caveat)s]
        ORDER BY place LIMIT %(most)s"""
    rows = await tables.rows(statement, {"caveat": caveat, "most": most})
    return [row["id"] for row in rows]


async def find_family(tables: Tables, claim: str) -> list[str]:
    """Return the figures that print a claim, the first that was published first."""
    statement = """
        SELECT figure.id FROM $release.observations AS figure
        JOIN $release.records AS document ON kind = 'source' AND document.id = source
        WHERE figure.id = %(claim)s OR repeats = %(claim)s
        ORDER BY coalesce(content ->> 'published', content ->> 'known_by') NULLS LAST,
            repeats IS NOT NULL, place"""
    rows = await tables.rows(statement, {"claim": claim})
    return [row["id"] for row in rows]


async def find_naming(
    tables: Tables, identity: str, columns: Sequence[str]
) -> list[Row]:
    """Return the figures that are a part of one, or print its claim again."""
    statement = f"""SELECT {", ".join(columns)} FROM $release.observations
        WHERE (part_of @> ARRAY[%(id)s::text] OR repeats = %(id)s)
        ORDER BY id"""  # noqa: S608
    return await tables.rows(statement, {"id": identity})
