"""Find series, and the years of a by-year table."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from misconduct.db.engine import Database
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.figure import Row
from misconduct.model.series import USED_COLUMNS, Series, Span, find_years
from misconduct.queries.filters import OF_YEARS, Conditions, Filters

SERIES_AT_ONCE = 500

_ORDER = "category, measure, statistic, population, counting_unit, area, unit, stated_by, series"


@dataclass(frozen=True)
class Extent:
    """How many series a table has, which years, and how many figures that the request finds are not in it."""

    series: int
    years: list[Year]
    left_out: int


async def find_extent(database: Database, conditions: Conditions, *, has_years: bool) -> Extent:
    """Return how large a table is. `has_years` leaves out windows, and series of nothing else."""
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT series, year, {_is_in_table(has_years)} AS is_in_table, period_end AS last,
                CASE WHEN series IS NOT NULL AND dated_by = 'source' AND period_end IS NOT NULL THEN period_start END
                AS first
            FROM observations AS figure WHERE {conditions.where(without=OF_YEARS)})
        SELECT is_in_table, year IS NOT NULL AS is_year, min(first) AS first, max(last) AS last, count(*) AS figures,
            CASE WHEN strpos(year, '/') = 0 THEN 1 ELSE extract(month FROM first)::int END AS month,
            (SELECT count(*) FROM (SELECT FROM found WHERE is_in_table GROUP BY series) AS each) AS total
        FROM found GROUP BY is_in_table, is_year, month"""  # noqa: S608
    rows = await database.rows(statement, conditions.values)
    spans = [Span(row["is_year"], row["month"], row["first"], row["last"]) for row in rows if row["first"]]
    left_out = sum(row["figures"] for row in rows if not row["is_in_table"])
    return Extent(rows[0]["total"] if rows else 0, find_years(spans), left_out)


async def find_series_ids(
    database: Database, conditions: Conditions, limit: int | None, offset: int, *, has_years: bool
) -> list[str]:
    """Return the ids of all series, or of as many as `limit`, by category, measure and their other codes."""
    where = f"{conditions.where(without=OF_YEARS)} AND {_is_in_table(has_years)}"
    statement = f"""SELECT series FROM observations AS figure WHERE {where}
        GROUP BY {_ORDER} ORDER BY {_ORDER} LIMIT {"ALL" if limit is None else f"{limit:d}"} OFFSET {offset:d}"""  # noqa: S608
    return [row["series"] for row in await database.rows(statement, conditions.values)]


def choose_years(filters: Filters, years: Sequence[Year]) -> list[Year]:
    """Return the years that are asked for, by default all."""
    return [
        year
        for year in years
        if (not filters.year or year.label in filters.year)
        and (filters.year_from is None or year.first >= filters.year_from)
        and (filters.year_to is None or year.last <= filters.year_to)
    ]


async def find_pages(
    database: Database,
    conditions: Conditions,
    ids: Sequence[str],
    catalogue: Catalogue,
    columns: Sequence[str] = USED_COLUMNS,
) -> AsyncIterator[list[Series]]:
    """Yield series in pages of `SERIES_AT_ONCE`; without any, an empty page.

    A series has all of its figures, also those that the request does not find.
    """
    names, is_found = ", ".join(columns), conditions.where(without=OF_YEARS)
    statement = f"""SELECT {names}, ({is_found}) AS is_found FROM observations AS figure
        WHERE release = %(release)s AND series = ANY(%(series)s)"""  # noqa: S608
    for start in range(0, len(ids) or 1, SERIES_AT_ONCE):
        page = ids[start : start + SERIES_AT_ONCE]
        figures: dict[str, list[Row]] = {one: [] for one in page}
        for row in await database.rows(statement, {**conditions.values, "series": page}):
            figures[row["series"]].append(row)
        yield [Series.gather(rows, catalogue.of_kind("source")) for rows in figures.values()]


def _is_in_table(has_years: bool) -> str:
    return "year IS NOT NULL" if has_years else "series IS NOT NULL"
