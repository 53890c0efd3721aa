"""Find what the numbers of an article may be. Postgres gets numbers only, never a word of the text."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from misconduct.article.compare import Further, Sought
from misconduct.article.known import SERIES, Known
from misconduct.db.engine import Database
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import DEFAULT_COLUMNS, Row, needed_columns
from misconduct.model.likeness import OF_SERIES
from misconduct.model.vocabulary import Vocabulary

_COLUMNS = needed_columns(
    (
        *(*DEFAULT_COLUMNS, *OF_SERIES, *SERIES, "hedge", "mark", "series", "dated_by", "period", "period_printed"),
        *("place", "caveats", "datasets"),
    )
)
_SHOWN = ", ".join(f"figure.{name}" for name in _COLUMNS)
_NUMBERS = f"""
    SELECT {_SHOWN}, NULL AS former FROM observations AS figure
    WHERE release = %(release)s AND (value = ANY(%(numbers)s) OR value = ANY(%(slips)s) OR id = ANY(%(ids)s))
    UNION ALL
    (SELECT DISTINCT ON (figure.id, figure.value) {_SHOWN}, figure.release AS former
     FROM observations AS figure LEFT JOIN observations AS now ON now.release = %(release)s AND now.id = figure.id
     WHERE figure.release = ANY(%(earlier)s) AND figure.value = ANY(%(numbers)s)
        AND now.value IS DISTINCT FROM figure.value
     ORDER BY figure.id, figure.value, array_position(%(earlier)s::text[], figure.release) DESC)
    ORDER BY place, former"""  # noqa: S608
_ADDENDS = """SELECT id, value, source, area, counting_unit, within FROM observations
    WHERE release = %(release)s AND read_from = 'text' AND unit = 'count' AND statistic = 'count' AND repeats IS NULL
        AND value IS NOT NULL ORDER BY value DESC, place"""
_COUNTS = "SELECT DISTINCT value FROM observations WHERE release = %(release)s AND unit = 'count' AND value IS NOT NULL"
_FURTHER = f"""SELECT {_SHOWN}, NULL AS former FROM observations AS figure
    WHERE release = %(release)s AND (id = ANY(%(ids)s) OR series = ANY(%(series)s) AND year = ANY(%(years)s))"""  # noqa: S608


async def find_known(database: Database, release: str, catalogue: Catalogue, vocabulary: Vocabulary) -> Known:
    """Return what comparing a text, which has the words of a vocabulary, needs to know of a whole release."""
    values, sums = {"release": release}, defaultdict[Fraction, list[tuple[str, str]]](list)
    statement = f"SELECT DISTINCT {', '.join(SERIES)} FROM observations WHERE release = %(release)s"  # noqa: S608
    series = await database.rows(statement, values)
    for one, other in combinations(await database.rows(_ADDENDS, values), 2):
        is_inside = one["id"] in other["within"] or other["id"] in one["within"]
        if not is_inside and all(one[name] == other[name] for name in ("source", "area", "counting_unit")):
            sums[Fraction(one["value"] + other["value"])].append((one["id"], other["id"]))
    counts = await database.rows(_COUNTS, values)
    return Known(catalogue, vocabulary, series, sums, [int(row["value"]) for row in counts])


async def find_with_numbers(
    database: Database,
    catalogue: Catalogue,
    release: str,
    earlier: Sequence[str],
    sought: Sought,
) -> list[Row]:
    """Return the figures of a release that are sought, and those that once had one of the numbers.

    A figure that had it in an earlier release is as it was in the last of these; `former` is this release.
    """
    values: dict[str, Any] = {"release": release, "earlier": [*earlier], "ids": [*sought.ids]}
    values |= {"numbers": [*map(_as_decimal, sought.numbers)], "slips": [*map(_as_decimal, sought.slips)]}
    return _with_day(await database.rows(_NUMBERS, values), catalogue)


async def find_further(database: Database, release: str, further: Further) -> list[Row]:
    """Return the figures of a release with some ids, and those of some series for some years."""
    values = {"release": release, **{name: [*some] for name, some in further._asdict().items()}}
    return await database.rows(_FURTHER, values) if further.ids or further.series else []


def _with_day(rows: list[Row], catalogue: Catalogue) -> list[Row]:
    """Return figures with the day on which their document was published, or by which it had been."""
    sources = catalogue.of_kind("source")
    days = {one: {name: source.get(name) for name in ("published", "known_by")} for one, source in sources.items()}
    return [row | days[row["source"]] for row in rows]


def _as_decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / number.denominator
