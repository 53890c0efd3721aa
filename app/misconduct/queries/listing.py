"""Find figures by what their rows say, chosen for the table or not: pages of a list, and how many there are."""

from array import array
from collections.abc import AsyncIterator, Iterable, Sequence

from misconduct.db.engine import Tables
from misconduct.model.figure import Row
from misconduct.model.warnings import MOST_READ
from misconduct.queries.figures import Total
from misconduct.queries.points import COLUMNS, Wanted, write_filters

ROWS_AT_ONCE = 500  # of a whole list: so few take little memory
PLACES_AT_ONCE = 100_000  # of rows, which are read in less than a second


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


async def find_held(
    tables: Tables, column: str, known: Iterable[str], wanted: Wanted
) -> set[str]:
    """Return which of the known values of a column some row of the table has, as it is asked for."""
    where, values = write_filters(wanted)
    statement = f"""
        SELECT known FROM unnest(%(known)s::text[]) AS known WHERE EXISTS (
            SELECT FROM $release.points WHERE {column} = known AND {" AND ".join(where)})"""  # noqa: S608
    rows = await tables.rows(statement, values | {"known": [*known]})
    return {row["known"] for row in rows}


async def find_page(
    tables: Tables, wanted: Wanted, sort: str | None, limit: int, offset: int
) -> list[Row]:
    """Return some of the rows, in the order of a column, and else of the table. `-` before it begins with the last."""
    where, values = write_filters(wanted)
    order = _write_order(sort) if sort else "nth"
    statement = f"""
        SELECT {COLUMNS} FROM $release.points WHERE {" AND ".join(where)}
        ORDER BY {order} LIMIT {limit:d} OFFSET {offset:d}"""  # noqa: S608
    return await tables.rows(statement, values)


def _write_order(sort: str) -> str:
    down = " DESC" if sort.startswith("-") else ""
    return f'"{sort.removeprefix("-")}"{down} NULLS LAST, nth'


async def find_searched(
    tables: Tables,
    wanted: Wanted,
    ids: Sequence[str],
    sort: str | None,
    limit: int,
    offset: int,
) -> list[Row]:
    """Return some of the rows that a search found, in the order of a column, and else in its own."""
    where, values = write_filters(wanted)
    order = _write_order(sort) if sort else "place"
    # LIMIT 1, so that each row is found by its id, and not among all in the order of another index.
    statement = f"""
        SELECT {COLUMNS} FROM unnest(%(found)s::text[]) WITH ORDINALITY AS found (identity, place)
        CROSS JOIN LATERAL (SELECT * FROM $release.points WHERE id = identity LIMIT 1) AS row
        WHERE {" AND ".join(where)} ORDER BY {order} LIMIT {limit:d} OFFSET {offset:d}"""  # noqa: S608
    return await tables.rows(statement, values | {"found": [*ids]})


async def iterate_rows(
    tables: Tables, wanted: Wanted, sort: str | None = None
) -> AsyncIterator[list[Row]]:
    """Yield all rows in the order of a column, and else of the table, `ROWS_AT_ONCE` at a time.

    Their places are read first: an OFFSET for each page would read what comes before again.
    """
    page = f"""
        SELECT {COLUMNS} FROM unnest(%(places)s::int[]) WITH ORDINALITY AS asked (nth, place)
        JOIN $release.points AS points USING (nth) ORDER BY place"""  # noqa: S608
    is_empty = True
    async for every_place in _iterate_places(tables, wanted, sort):
        for start in range(0, len(every_place), ROWS_AT_ONCE):
            places = every_place[start : start + ROWS_AT_ONCE].tolist()
            is_empty = False
            yield await tables.rows(page, {"places": places})
    if is_empty:
        yield []


async def _iterate_places(
    tables: Tables, wanted: Wanted, sort: str | None
) -> AsyncIterator["array[int]"]:
    """Yield the places of all rows: in the order of the table, as many at a time as are read in a second."""
    where, values = write_filters(wanted)
    if sort:
        order, following, most = _write_order(sort), "true", "ALL"
    else:
        order, following, most = "nth", "nth > %(last)s", str(PLACES_AT_ONCE)
    statement = f"""
        SELECT ARRAY(SELECT nth FROM $release.points
            WHERE {" AND ".join([*where, following])} ORDER BY {order} LIMIT {most}) AS places"""  # noqa: S608
    last = 0
    while True:
        [found] = await tables.rows(statement, values | {"last": last})
        every_place = array("i", found.pop("places"))  # a tenth of the list
        yield every_place
        if sort or len(every_place) < PLACES_AT_ONCE:
            return
        last = every_place[-1]
