"""Find figures by what their rows say, chosen for the table or not: pages of a list, and how many there are."""

from collections.abc import AsyncIterator, Sequence

from misconduct.db.engine import Tables
from misconduct.model.figure import Row
from misconduct.model.warnings import MOST_READ
from misconduct.queries.figures import Total
from misconduct.queries.points import COLUMNS, Wanted, write_filters

ROWS_AT_ONCE = 500  # of a whole list: so few take little memory


async def count_rows(
    tables: Tables,
    wanted: Wanted,
    ids: Sequence[str] | None = None,
    most: int = MOST_READ,
) -> Total:
    """Count the rows that are asked for, but read no more than one beyond `most`.

    `ids` are those that a search found.
    """
    where, values = write_filters(wanted)
    if ids is not None:
        where.append("id = ANY(%(found)s)")
        values["found"] = [*ids]
    statement = f"""
        SELECT count(*) AS total FROM (
            SELECT FROM $release.points WHERE {" AND ".join(where)} LIMIT {most + 1}
        ) AS row"""  # noqa: S608
    [row] = await tables.rows(statement, values)
    return Total(min(row["total"], most), row["total"] > most)


async def find_page(
    tables: Tables, wanted: Wanted, sort: str | None, limit: int, offset: int
) -> list[Row]:
    """Return some of the rows, in the order of a column, and else of the table. `-` before it begins with the last."""
    where, values = write_filters(wanted)
    order = "nth"
    if sort:
        down = " DESC" if sort.startswith("-") else ""
        order = f'"{sort.removeprefix("-")}"{down} NULLS LAST, nth'
    statement = f"""
        SELECT {COLUMNS} FROM $release.points WHERE {" AND ".join(where)}
        ORDER BY {order} LIMIT {limit:d} OFFSET {offset:d}"""  # noqa: S608
    return await tables.rows(statement, values)


async def find_searched(
    tables: Tables, wanted: Wanted, ids: Sequence[str], limit: int, offset: int
) -> list[Row]:
    """Return some of the rows that a search found, in its order."""
    where, values = write_filters(wanted)
    statement = f"""
        SELECT {COLUMNS} FROM unnest(%(found)s::text[]) WITH ORDINALITY AS found (id, place)
        JOIN $release.points AS points USING (id)
        WHERE {" AND ".join(where)} ORDER BY place LIMIT {limit:d} OFFSET {offset:d}"""  # noqa: S608
    return await tables.rows(statement, values | {"found": [*ids]})


async def iterate_rows(tables: Tables, wanted: Wanted) -> AsyncIterator[list[Row]]:
    """Yield all rows in the order of the table, `ROWS_AT_ONCE` at a time."""
    where, values = write_filters(wanted)
    statement = f"""
        SELECT nth, {COLUMNS} FROM $release.points
        WHERE {" AND ".join([*where, "nth > %(last)s"])}
        ORDER BY nth LIMIT {ROWS_AT_ONCE}"""  # noqa: S608
    last = 0
    while True:
        rows = await tables.rows(statement, values | {"last": last})
        yield rows
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1]["nth"]
