"""Find figures: pages of lists, those with some ids, and how many there are."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from misconduct.db.engine import Tables
from misconduct.db.tables import FIRST
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.warnings import MOST_READ
from misconduct.queries.filters import Conditions
from misconduct.queries.order import write_order
from misconduct.queries.question import Question


class Page(NamedTuple):
    """A page of the figures that are found: the best match comes first, or the newest period."""

    limit: int | None = None
    offset: int = 0


async def find_page(
    tables: Tables, conditions: Conditions, columns: Sequence[str], page: Page
) -> list[Row]:
    return await tables.rows(*_select(columns, conditions, page))


def _select(
    columns: Sequence[str], conditions: Conditions, page: Page
) -> tuple[str, dict[str, Any]]:
    """Return the statement of a page, and its values.

    What a search finds is put in order in blocks of `MOST_READ`, so that the first pages cost as much as one block.
    """
    limit = f"LIMIT {page.limit or 'ALL'} OFFSET {page.offset:d}"
    if not conditions.searched:
        found = conditions.select(", ".join(columns))
        in_order = f"{found} ORDER BY figure.recency DESC, place {limit}"
        return in_order, conditions.values
    order = conditions.searched.order  # only the page is read whole
    if page.limit and page.offset + page.limit <= MOST_READ:
        ids = order.number(conditions.select_first("id"), limit)
    else:
        blocks = f"(row_number() OVER (ORDER BY {FIRST}) - 1) / {MOST_READ} AS block"
        found = f"SELECT id FROM ({conditions.select(f'*, {blocks}')}) AS figure"  # noqa: S608
        in_blocks = order._replace(keys=f"block, {order.keys}")
        ids = in_blocks.number(found, limit)
    values = conditions.values | order.values
    if [*columns] == ["id"]:  # to join what has nothing more would read all figures
        return f"SELECT id FROM ({ids}) AS page ORDER BY nth", values  # noqa: S608
    statement = f"""SELECT {", ".join(columns)} FROM ({ids}) AS page
        JOIN $release.observations AS figure USING (id) ORDER BY nth"""  # noqa: S608
    return statement, values


async def find_order(
    tables: Tables, ids: Collection[str], question: Question, catalogue: Catalogue
) -> dict[str, int]:
    """Return the place of each of some figures in the order of a question."""
    order = write_order(question, catalogue)
    statement = f"""SELECT id FROM $release.observations AS figure
        WHERE id = ANY(%(ids)s) ORDER BY {order.keys}"""  # noqa: S608
    rows = await tables.rows(statement, order.values | {"ids": [*ids]})
    return {row["id"]: place for place, row in enumerate(rows)}


class Total(NamedTuple):
    """How many figures are found, or at least how many."""

    number: int
    is_at_least: bool


async def count(tables: Tables, conditions: Conditions, most: int = MOST_READ) -> Total:
    """Count the figures that are found, but read no more than one beyond `most`."""
    statement = f"""
        SELECT count(*) AS total FROM ({conditions.select("")} LIMIT {most + 1}) AS figure"""  # noqa: S608
    [row] = await tables.rows(statement, conditions.values)
    return Total(min(row["total"], most), row["total"] > most)


async def find_coverage(tables: Tables, conditions: Conditions) -> Row:
    """Return the places of the figures that are found, and the first and the last day that their documents name.

    Without such days, these are the days of publication.
    """
    columns = """array_agg(DISTINCT area) FILTER (WHERE area <> 'unstated') AS areas,
        coalesce(min(period_start) FILTER (WHERE dated_by = 'source'), min(period_start)) AS first_day,
        coalesce(max(period_end) FILTER (WHERE dated_by = 'source'), max(period_end)) AS last_day"""
    [row] = await tables.rows(conditions.select(columns), conditions.values)
    return row


async def find_whole_coverage(tables: Tables) -> Row:
    """Return the first and the last day of the table, each from an index."""
    statement = """
        SELECT (SELECT min(period_start) FROM $release.points) AS first_day,
            (SELECT max(period_end) FROM $release.points) AS last_day"""
    [row] = await tables.rows(statement)
    return row


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
