"""Find what somebody may have meant by a number that no figure has: near misses, and sums of two figures."""

from collections.abc import Sequence
from decimal import Decimal

from misconduct.db.engine import Database
from misconduct.model.figure import Row
from misconduct.model.near_numbers import LEAST_DIGITS, near_numbers
from misconduct.queries.filters import Conditions
from misconduct.queries.search import MEANT, REST_MATCHES

MAX_NEAR = 3
LEAST_ALONE = 1_000
"""Without other filters or words, only numbers from four digits up have near misses: all others have too many."""

_SAME = ("source", "area", "period", "population", "counting_unit", "unit", "statistic")
"""What is the same of two figures that somebody may add up."""

NUMBERS = ("q", "value")
_OF_ARTICLE = "at LIKE 'char=%%'"


def names_place(conditions: Conditions) -> bool:
    """Tell whether a request is about some areas, by a filter or in words."""
    return "area" in conditions.used() or f"{MEANT}area" in conditions.values


async def find_near(database: Database, conditions: Conditions, numbers: Sequence[str]) -> list[tuple[Row, str]]:
    """Return at most `MAX_NEAR` figures with a number that is near to one of these, each with the code of the slip.

    The other filters and words of the request hold for them. Figures of tables are left out if the request names no
    place and no words beside a number from four digits up, or if there are more of them: among thousands, any number is
    near to many.
    """
    slips = {value: slip for number in numbers for value, slip in near_numbers(number).items()}
    where, has_words = conditions.where(without=NUMBERS), bool(conditions.values.get("q_rest"))
    if has_words:
        where += f" AND {REST_MATCHES}"
    elif not {*conditions.used()} - {"release", *NUMBERS}:
        slips = {value: slip for value, slip in slips.items() if value >= LEAST_ALONE}
    if not names_place(conditions) and not (has_words and all(len(number) > LEAST_DIGITS for number in numbers)):
        where += f" AND {_OF_ARTICLE}"
    statement = f"""SELECT * FROM observations AS figure
        WHERE {where} AND value = ANY(%(near)s) AND repeats IS NULL AND unit = 'count'
        ORDER BY {_OF_ARTICLE} DESC, array_position(%(near)s::numeric[], value), place LIMIT {MAX_NEAR + 1}"""  # noqa: S608
    rows = await database.rows(statement, {**conditions.values, "near": [*map(Decimal, slips)]}) if slips else []
    shown = rows if len(rows) <= MAX_NEAR else [row for row in rows if row["at"] and row["at"].startswith("char=")]
    return [(row, slips[int(row["value"])]) for row in shown[:MAX_NEAR]]


async def find_sums(database: Database, conditions: Conditions, numbers: Sequence[Decimal]) -> list[tuple[Row, Row]]:
    """Return pairs of figures of one article that add up to a number: parts of one whole, or counts of the same kind.

    The other filters of the request hold for them, but not its words: each figure has only some of these.
    """
    where = conditions.where(without=NUMBERS)
    same = " AND ".join(f"one.{name} IS NOT DISTINCT FROM other.{name}" for name in _SAME)
    same = f"one.source = other.source AND (one.part_of && other.part_of OR {same})"
    statement = f"""
        WITH found AS MATERIALIZED (SELECT * FROM observations AS figure WHERE {where} AND {_OF_ARTICLE}
            AND unit = 'count' AND statistic = 'count' AND repeats IS NULL)
        SELECT one.id AS one, other.id AS other FROM found AS one JOIN found AS other ON {same}
        AND one.value >= other.value AND one.id <> other.id AND one.value + other.value = ANY(%(sums)s)
        AND NOT other.within @> ARRAY[one.id] AND NOT one.within @> ARRAY[other.id]
        ORDER BY one.place, other.place LIMIT {MAX_NEAR}"""  # noqa: S608
    pairs = await database.rows(statement, {**conditions.values, "sums": [*numbers]})
    ids = [identity for pair in pairs for identity in pair.values()]
    if not ids:
        return []
    figures = "SELECT * FROM observations WHERE release = %(release)s AND id = ANY(%(ids)s)"
    rows = {row["id"]: row for row in await database.rows(figures, {**conditions.values, "ids": ids})}
    return [(rows[pair["one"]], rows[pair["other"]]) for pair in pairs]
