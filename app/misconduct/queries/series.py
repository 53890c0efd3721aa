"""Find series, and the years of a by-year table."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from misconduct.db.engine import Database
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.figure import Row
from misconduct.model.series import USED_COLUMNS, Series, Span, find_years
from misconduct.queries.filters import OF_YEARS, Conditions, Filters

SERIES_AT_ONCE = 500

_CODES = ("category", "measure", "statistic", "population", "counting_unit", "area", "unit", "stated_by")
_ORDER = ", ".join((*_CODES, "series"))
_CODES_OF_SERIES = ", ".join(f"min({name}) AS {name}" for name in _CODES)
"""All figures of a series have the same."""


@dataclass(frozen=True)
class Extent:
    """The number of series in a table, its years, how many figures it leaves out, and the series of a page."""

    series: int
    years: list[Year]
    left_out: int
    ids: list[str]


async def find_extent(
    database: Database, conditions: Conditions, limit: int | None, offset: int, *, has_years: bool
) -> Extent:
    """Return how large a table is, and its series. `has_years` leaves out windows, and series of nothing else."""
    is_in_table = "year IS NOT NULL" if has_years else "series IS NOT NULL"
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT {_ORDER}, year, {is_in_table} AS is_in_table, period_end AS last,
                CASE WHEN series IS NOT NULL AND dated_by = 'source' AND period_end IS NOT NULL
                    THEN period_start END AS first
            FROM observations AS figure WHERE {conditions.where(OF_YEARS)}),
        each AS MATERIALIZED (
            SELECT {_CODES_OF_SERIES}, series FROM found WHERE is_in_table GROUP BY series)
        SELECT is_in_table, year IS NOT NULL AS is_year,
            min(first) AS first, max(last) AS last, count(*) AS figures,
            CASE WHEN strpos(year, '/') = 0 THEN 1 ELSE extract(month FROM first)::int END AS month,
            (SELECT count(*) FROM each) AS total,
            ARRAY(SELECT series FROM each ORDER BY {_ORDER} LIMIT {limit or "ALL"} OFFSET {offset:d}) AS ids
        FROM found GROUP BY is_in_table, is_year, month"""  # noqa: S608
    rows = await database.rows(statement, conditions.values)
    spans = [Span(row["is_year"], row["month"], row["first"], row["last"]) for row in rows if row["first"]]
    left_out = sum(row["figures"] for row in rows if not row["is_in_table"])
    total, ids = (rows[0]["total"], rows[0]["ids"]) if rows else (0, [])
    return Extent(total, find_years(spans), left_out, ids)


def choose_years(filters: Filters, years: Sequence[Year]) -> list[Year]:
    """Return the years that are asked for, by default all."""
    first, last = filters.year_from or date.min, filters.year_to or date.max
    found = [year for year in years if first <= year.first and year.last <= last]
    return [year for year in found if not filters.year or year.name in filters.year]


async def find_pages(
    database: Database,
    conditions: Conditions,
    ids: Sequence[str],
    catalogue: Catalogue,
    columns: Sequence[str] = USED_COLUMNS,
) -> AsyncIterator[list[Series]]:
    """Yield whole series, also what the request does not find of them, or one empty page."""
    names, is_found = ", ".join(columns), conditions.where(without=OF_YEARS)
    statement = f"""SELECT {names}, ({is_found}) AS is_found FROM observations AS figure
        WHERE release = %(release)s AND series = ANY(%(series)s)"""  # noqa: S608
    for start in range(0, len(ids) or 1, SERIES_AT_ONCE):
        page = ids[start : start + SERIES_AT_ONCE]
        figures: dict[str, list[Row]] = {one: [] for one in page}
        for row in await database.rows(statement, {**conditions.values, "series": page}):
            figures[row["series"]].append(row)
        yield [Series(rows, catalogue.of_kind("source")) for rows in figures.values()]
