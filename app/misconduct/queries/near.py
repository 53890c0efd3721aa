"""Find what somebody may have meant by a number: a figure that had it, near misses, and sums of two figures."""

from collections.abc import Sequence
from decimal import Decimal

from misconduct.db.engine import Database
from misconduct.model.figure import Row
from misconduct.model.likeness import IN_ADDITION
from misconduct.model.near_numbers import LEAST_DIGITS, near_numbers
from misconduct.queries.figures import find_figures
from misconduct.queries.filters import Conditions
from misconduct.queries.search import MEANT, REST_MATCHES

MAX_FOUND = 3
LEAST_ALONE = 1_000
"""Without other filters or words, only numbers from four digits up have near misses: all others have too many."""

NUMBERS = ("q", "value")
_OF_ARTICLE = "read_from = 'text'"


def names_place(conditions: Conditions) -> bool:
    """Tell whether a request is about some areas, by a filter or in words."""
    return "area" in conditions.used() or f"{MEANT}area" in conditions.values


def _without_number(conditions: Conditions) -> str:
    """Return the conditions of a request without its number: its other filters, and its words."""
    where = conditions.where(without=NUMBERS)
    return f"{where} AND {REST_MATCHES}" if conditions.values.get("q_rest") else where


async def find_former(
    database: Database, conditions: Conditions, numbers: Sequence[Decimal], earlier: Sequence[str]
) -> list[Row]:
    """Return the figures that had one of some numbers in an earlier release, and have another one today.

    `former_printed` is how it was printed then, `former_period` its period, and `former_release` the last release that
    had it. `earlier` are the releases before, the oldest first.
    """
    statement = f"""
        SELECT DISTINCT ON (now.id) now.*, coalesce(was.printed, was.value::text) AS former_printed,
            was.release AS former_release, was.period AS former_period
        FROM versions
        JOIN observations AS was ON was.release = before AND was.id = versions.id
        JOIN (SELECT * FROM observations AS figure WHERE {_without_number(conditions)}) AS now ON now.id = was.id
        WHERE former = ANY(%(numbers)s) AND before = ANY(%(earlier)s) AND now.value <> former
        ORDER BY now.id, array_position(%(earlier)s::text[], before) DESC LIMIT {MAX_FOUND}"""  # noqa: S608
    values = {**conditions.values, "numbers": [*numbers], "earlier": [*earlier]}
    return await database.rows(statement, values) if numbers and earlier else []


async def find_near(database: Database, conditions: Conditions, numbers: Sequence[str]) -> list[tuple[Row, str]]:
    """Return at most `MAX_FOUND` figures with a number that is near to one of these, each with the code of the slip.

    Figures of tables are left out if the request names no place and no words beside a number from four digits up, or
    if there are more of them: among thousands, any number is near to many. Each comes once before any comes again.
    """
    slips = {value: slip for number in numbers for value, slip in near_numbers(number).items()}
    where, has_words = _without_number(conditions), bool(conditions.values.get("q_rest"))
    if not has_words and not {*conditions.used()} - {"release", *NUMBERS}:
        slips = {value: slip for value, slip in slips.items() if value >= LEAST_ALONE}
    if not names_place(conditions) and not (has_words and all(len(number) > LEAST_DIGITS for number in numbers)):
        where += f" AND {_OF_ARTICLE}"
    statement = f"""SELECT * FROM observations AS figure
        WHERE {where} AND value = ANY(%(near)s) AND repeats IS NULL AND unit = 'count'
        ORDER BY {_OF_ARTICLE} DESC, row_number() OVER (PARTITION BY value, {_OF_ARTICLE} ORDER BY place),
            array_position(%(near)s::numeric[], value) LIMIT {MAX_FOUND + 1}"""  # noqa: S608
    rows = await database.rows(statement, {**conditions.values, "near": [*map(Decimal, slips)]}) if slips else []
    shown = rows if len(rows) <= MAX_FOUND else [row for row in rows if row["read_from"] == "text"]
    return [(row, slips[int(row["value"])]) for row in shown[:MAX_FOUND]]


async def find_sums(database: Database, conditions: Conditions, numbers: Sequence[Decimal]) -> list[tuple[Row, Row]]:
    """Return pairs of figures of one article that add up to a number: parts of one whole, or counts of the same kind.

    The other filters of the request hold for them, but not its words: each figure has only some of these.
    """
    same = " AND ".join(f"one.{name} IS NOT DISTINCT FROM other.{name}" for name in IN_ADDITION)
    same = f"one.source = other.source AND (one.part_of && other.part_of OR {same})"
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT * FROM observations AS figure WHERE {conditions.where(without=NUMBERS)} AND {_OF_ARTICLE}
            AND unit = 'count' AND statistic = 'count' AND repeats IS NULL)
        SELECT one.id AS one, other.id AS other FROM found AS one JOIN found AS other ON {same}
        AND one.value >= other.value AND one.id <> other.id AND one.value + other.value = ANY(%(sums)s)
        AND NOT other.within @> ARRAY[one.id] AND NOT one.within @> ARRAY[other.id]
        ORDER BY one.place, other.place LIMIT {MAX_FOUND}"""  # noqa: S608
    pairs = await database.rows(statement, {**conditions.values, "sums": [*numbers]})
    ids = {identity for pair in pairs for identity in pair.values()}
    found = await find_figures(database, conditions.values["release"], ids, ["*"]) if ids else []
    rows = {row["id"]: row for row in found}
    return [(rows[pair["one"]], rows[pair["other"]]) for pair in pairs]
