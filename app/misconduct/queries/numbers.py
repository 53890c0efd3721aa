"""Find what numbers may be: those of an article, of which Postgres gets no word, and one that is looked up."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from misconduct.article.compare import Sought
from misconduct.article.known import SERIES
from misconduct.db.engine import Database
from misconduct.db.tables import HOLDS
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import DEFAULT_COLUMNS, PROSE, Row, needed_columns
from misconduct.model.likeness import OF_SERIES
from misconduct.model.near_numbers import LEAST_DIGITS, MOST_DIGITS, near_numbers
from misconduct.queries.filters import Conditions

MAX_FOUND = 3
LEAST_ALONE = 1_000
"""Without filters or words, smaller numbers have too many near misses."""

NUMBERS = ("q", "value")
SWAPPED = "swapped"  # the slip of two digits

_OF_ARTICLE = f"read_from IN {PROSE}"
_ALSO = (
    "hedge",
    "mark",
    "series",
    "dated_by",
    "period",
    "period_printed",
    "place",
    "caveats",
    "datasets",
)
_COLUMNS = needed_columns((*DEFAULT_COLUMNS, *OF_SERIES, *SERIES, *_ALSO))
_SHOWN = ", ".join(f"figure.{name}" for name in _COLUMNS)
_NUMBERS = f"""
    SELECT * FROM (
    SELECT {_SHOWN}, NULL AS former FROM observations AS figure
    WHERE {HOLDS} AND (value = ANY(%(numbers)s) OR value = ANY(%(slips)s))
    UNION ALL
    (SELECT DISTINCT ON (figure.id, figure.value) {_SHOWN}, number AS former
     FROM observations AS figure
     JOIN releases ON ordinal = least(figure.until, %(release)s) - 1
     LEFT JOIN (SELECT id, value FROM observations WHERE {HOLDS}) AS now ON now.id = figure.id
     WHERE figure.first < %(release)s AND figure.value = ANY(%(numbers)s) AND now.value IS DISTINCT FROM figure.value
     ORDER BY figure.id, figure.value, figure.first DESC)) AS figures
    WHERE area = ANY(%(places)s) OR value = ANY(%(long)s)
    ORDER BY place, former"""  # noqa: S608
_COUNTS = f"""
    SELECT DISTINCT value FROM observations
    WHERE {HOLDS} AND unit = 'count' AND value IS NOT NULL"""  # noqa: S608

_AREAS = f"SELECT DISTINCT area FROM observations WHERE {HOLDS}"  # noqa: S608

_OF_PLACES = f"""
    SELECT {_SHOWN}, NULL AS former FROM observations AS figure
    WHERE {HOLDS} AND value IS NOT NULL AND repeats IS NULL
        AND (area, measure) IN (SELECT * FROM unnest(%(areas)s::text[], %(measures)s::text[]))
    ORDER BY recency DESC, place LIMIT %(most)s"""  # noqa: S608
_MOST_OF_PLACES = 2_000
"""Figures that answer numbers which no figure has: four times those of the place and the measure that have most."""


async def find_known(
    database: Database, release: int
) -> tuple[list[Row], list[int], list[str]]:
    """Return what comparing a text needs to know of a release: what its series count, all counts, and its places."""
    values, columns = {"release": release}, ", ".join(SERIES)
    statement = f"SELECT DISTINCT {columns} FROM observations WHERE {HOLDS}"  # noqa: S608
    series = await database.rows(statement, values)
    counts = [int(row["value"]) for row in await database.rows(_COUNTS, values)]
    return series, counts, [row["area"] for row in await database.rows(_AREAS, values)]


async def find_with_numbers(
    database: Database, catalogue: Catalogue, release: int, sought: Sought
) -> list[Row]:
    """Return the figures of a release that are sought, and those that once had one of the numbers.

    These are as they were in the last release that had it, which is `former`. Each has the day on which its document
    was published, or by which it had been.
    """
    values: dict[str, Any] = {"release": release, "places": [*sought.places]}
    for name in ("numbers", "slips", "long"):
        values[name] = [
            Decimal(one.numerator) / one.denominator for one in getattr(sought, name)
        ]
    return _with_days(await database.rows(_NUMBERS, values), catalogue)


async def find_of_places(
    database: Database,
    catalogue: Catalogue,
    release: int,
    pairs: Collection[tuple[str, str]],
) -> list[Row]:
    """Return figures of some places with some measures, the newest first."""
    areas, measures = zip(*sorted(pairs), strict=True) if pairs else ((), ())
    values = {
        "release": release,
        "areas": [*areas],
        "measures": [*measures],
        "most": _MOST_OF_PLACES,
    }
    return _with_days(
        await database.rows(_OF_PLACES, values) if pairs else [], catalogue
    )


def _with_days(rows: Sequence[Row], catalogue: Catalogue) -> list[Row]:
    """Add the day on which the document of each figure was published, or by which it had been."""
    sources = catalogue.of_kind("source")
    return [
        row
        | {name: sources[row["source"]].get(name) for name in ("published", "known_by")}
        for row in rows
    ]


async def find_former(
    database: Database, conditions: Conditions, numbers: Sequence[Decimal]
) -> list[Row]:
    """Return the figures that had one of some numbers in an earlier release, and have another one today.

    `former_printed` and `former_period` are of then, and `former_release` is the last that had it; `former_weight` says
    what changed it.
    """
    statement = f"""
        SELECT DISTINCT ON (now.id) now.*, coalesce(was.printed, was.value::text) AS former_printed,
            number AS former_release, was.period AS former_period, weight AS former_weight
        FROM versions
        JOIN releases ON ordinal = versions.release - 1
        JOIN observations AS was ON was.id = versions.id AND was.until = versions.release
        JOIN (SELECT * FROM {conditions.table()} WHERE {conditions.without_number().where()}) AS now ON now.id = was.id
        WHERE former = ANY(%(numbers)s) AND versions.release <= %(release)s AND now.value <> former
        ORDER BY now.id, versions.release DESC LIMIT {MAX_FOUND}"""  # noqa: S608
    return (
        await database.rows(statement, {**conditions.values, "numbers": [*numbers]})
        if numbers
        else []
    )


async def find_near(
    database: Database, conditions: Conditions, numbers: Sequence[str]
) -> list[tuple[Row, str]]:
    """Return at most `MAX_FOUND` figures with a number near to one of these, each with the code of the slip.

    Two swapped digits lead to few numbers of four digits or more, so any figure may be meant. Else figures of tables
    are left out if the request names no place, and a number has fewer than five digits, or four with no words beside
    it; or if there are more of them: among thousands, any number is near to many. Each number comes once before any
    again.
    """
    slips = {
        value: slip
        for number in numbers
        for value, slip in near_numbers(number).items()
    }
    where, has_words = (
        conditions.without_number().where(),
        bool(conditions.question and conditions.question.terms),
    )
    if not has_words and not {*conditions.used()} - {"release", *NUMBERS}:
        slips = {
            value: slip
            for value, slip in slips.items()
            if value >= LEAST_ALONE or slip == SWAPPED
        }
    shortest = min(map(len, numbers))
    is_rare = shortest >= MOST_DIGITS or (has_words and shortest > LEAST_DIGITS)
    is_swapped = "value = ANY(%(swapped)s)"
    if not conditions.asked_codes("area") and not is_rare:
        where += f" AND ({_OF_ARTICLE} OR {is_swapped})"
    statement = f"""
        SELECT * FROM {conditions.table()}
        WHERE {where} AND value = ANY(%(near)s) AND repeats IS NULL AND unit = 'count'
        ORDER BY {_OF_ARTICLE} DESC, {is_swapped} DESC,
            row_number() OVER (PARTITION BY value, {_OF_ARTICLE} ORDER BY place), disagreements = '{{}}',
            array_position(%(near)s::numeric[], value) LIMIT {MAX_FOUND + 1}"""  # noqa: S608
    swapped = [
        Decimal(value)
        for value, slip in slips.items()
        if slip == SWAPPED and value >= LEAST_ALONE
    ]
    values = {**conditions.values, "near": [*map(Decimal, slips)], "swapped": swapped}
    rows = await database.rows(statement, values) if slips else []
    found = [(row, slips[int(row["value"])]) for row in rows]
    if len(rows) > MAX_FOUND:
        found = [
            (row, slip)
            for row, slip in found
            if row["read_from"] in PROSE or slip == SWAPPED
        ]
    return found[:MAX_FOUND]
