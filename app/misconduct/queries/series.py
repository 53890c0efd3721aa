"""Find series, and the years of a by-year table."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from misconduct.db.engine import Tables
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year, make_day
from misconduct.model.figure import Row
from misconduct.model.series import USED_COLUMNS, Series, Span, find_years
from misconduct.queries.filters import FIGURES, OF_YEARS, Conditions, Filters

SERIES_AT_ONCE = 500

_EXTENT = """
    WITH found AS MATERIALIZED (
        SELECT id, series, year, within, recency, place, period_end AS last, {is_in_table} AS is_in_table,
            CASE WHEN coverage = 'point' THEN period END AS day,
            CASE WHEN series IS NOT NULL AND coverage <> 'point' AND dated_by = 'source' AND period_end IS NOT NULL
                THEN period_start END AS first
        FROM {figures} WHERE {where}),
    each AS MATERIALIZED (
        SELECT series, (array_agg(place ORDER BY recency DESC, place))[1] AS place,
            min(cardinality(within)) AS depth
        FROM found WHERE is_in_table GROUP BY series),
    inside AS (
        SELECT DISTINCT part.series, whole.series AS whole
        FROM found AS part, unnest(part.within) AS identity JOIN found AS whole ON whole.id = identity
        WHERE part.is_in_table AND whole.is_in_table AND part.series <> whole.series),
    wholes AS (
        SELECT inside.series, array_agg(place ORDER BY depth, place) AS path
        FROM inside JOIN each ON each.series = whole GROUP BY inside.series)
    SELECT is_in_table, year IS NOT NULL AS is_year,
        min(first) AS first, max(last) FILTER (WHERE day IS NULL) AS last, count(*) AS figures,
        CASE WHEN strpos(year, '/') = 0 THEN 1 ELSE extract(month FROM first)::int END AS month,
        array_agg(DISTINCT year) AS years, array_agg(DISTINCT day) FILTER (WHERE series IS NOT NULL) AS days,
        count(*) FILTER (WHERE series IS NOT NULL AND day IS NOT NULL) AS of_days,
        (SELECT count(*) FROM each) AS total,
        ARRAY(
            SELECT series FROM each LEFT JOIN wholes USING (series) ORDER BY path || place
            LIMIT {limit} OFFSET {offset:d}) AS ids
    FROM found GROUP BY is_in_table, is_year, month"""
"""A whole comes before its parts, otherwise series are in the order in which documents have their newest figures."""


class Layout(NamedTuple):
    """What a table has: a long one no windows; days beside years, or not; years without a figure, or not."""

    is_long: bool
    has_days: bool
    has_empty: bool


@dataclass(frozen=True)
class Extent:
    """The number of series in a table, its years and days, how many figures it leaves out, and the series of a page.

    `of_days` are figures that are left out, but have a column if days are asked for.
    """

    series: int
    years: list[Year]
    left_out: int
    of_days: int
    ids: list[str]


async def find_extent(
    tables: Tables,
    conditions: Conditions,
    limit: int | None,
    offset: int,
    layout: Layout,
) -> Extent:
    """Return how large a table is, and its series. A long one has no series of windows only."""
    kinds = ["year IS NOT NULL"]
    kinds += ["series IS NOT NULL AND coverage = 'point'"] if layout.has_days else []
    kinds += [] if layout.is_long else ["coverage = 'window'"]
    where, is_in_table = conditions.where(OF_YEARS), f"({' OR '.join(kinds)})"
    statement = _EXTENT.format(
        figures=FIGURES,
        where=where,
        is_in_table=is_in_table,
        limit=limit or "ALL",
        offset=offset,
    )
    rows = await tables.rows(statement, conditions.values)
    spans = [
        Span(row["is_year"], row["month"], row["first"], row["last"])
        for row in rows
        if row["first"]
    ]
    total, ids = (rows[0]["total"], rows[0]["ids"]) if rows else (0, [])
    left_out = [row for row in rows if not row["is_in_table"]]
    shown = [row for row in rows if row["is_in_table"]]
    held = {(year, row["month"]) for row in shown for year in row["years"]}
    years = [
        year
        for year in find_years(spans)
        if layout.has_empty or (year.name, year.first.month) in held
    ]
    days = {day for row in shown for day in row["days"] or ()} - {None}
    columns = sorted(
        [*years, *map(make_day, days if layout.has_days else ())],
        key=lambda one: one.label,
        reverse=True,
    )
    of_days = sum(row["of_days"] for row in left_out)
    return Extent(total, columns, sum(row["figures"] for row in left_out), of_days, ids)


def choose_years(filters: Filters, years: Sequence[Year]) -> list[Year]:
    """Return the years, and days, that are asked for, by default all."""
    first, last = filters.year_from or date.min, filters.year_to or date.max
    found = [year for year in years if first <= year.first and year.last <= last]
    return [year for year in found if not filters.year or year.name in filters.year]


async def find_pages(
    tables: Tables,
    conditions: Conditions,
    ids: Sequence[str],
    catalogue: Catalogue,
    columns: Sequence[str] = USED_COLUMNS,
) -> AsyncIterator[list[Series]]:
    """Yield whole series, also what the request does not find of them, or one empty page."""
    names, is_found = ", ".join(columns), conditions.where(without=OF_YEARS)
    statement = f"""SELECT {names}, ({is_found}) AS is_found FROM {FIGURES}
        WHERE series = ANY(%(series)s)"""  # noqa: S608
    for start in range(0, len(ids) or 1, SERIES_AT_ONCE):
        page = ids[start : start + SERIES_AT_ONCE]
        figures: dict[str, list[Row]] = {one: [] for one in page}
        for row in await tables.rows(statement, {**conditions.values, "series": page}):
            figures[row["series"]].append(row)
        yield [Series(rows, catalogue.of_kind("source")) for rows in figures.values()]
