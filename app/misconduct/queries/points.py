"""Find rows of the table. The series were chosen when the release was made: nothing is chosen here but by filters."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from misconduct.db.engine import Tables
from misconduct.model.figure import Row
from misconduct.model.points import LIKE, NAMES, SERIES

Years = Sequence[tuple[int, int]]
"""Spans of years, each with its first and its last."""


@dataclass(frozen=True)
class Wanted:
    """Which rows are asked for. Empty filters ask for anything.

    `codes` has codes or words by column, of which a row has one; a kind may be named instead of a category.
    """

    indicators: Collection[str] = ()
    topic: str | None = None
    areas: Sequence[str] = ()
    years: Years = ()
    codes: Mapping[str, Collection[str]] = field(default_factory=dict)
    by_kind: bool = False
    is_all: bool = False
    is_latest: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Tell whether filters by kind, people or statistic may leave out the leading series."""
        return any(self.codes.values())


async def find_rows(tables: Tables, wanted: Wanted) -> list[Row]:
    """Return the rows that are asked for: areas in their order as asked, and otherwise in the order of the table."""
    where, values = _write_where(wanted)
    statement = f"""
        SELECT nth, {", ".join(f'"{name}"' for name in NAMES)} FROM $release.points
        WHERE {" AND ".join(where)} ORDER BY nth"""  # noqa: S608
    rows = await tables.rows(statement, values)
    if not wanted.is_all and (wanted.is_narrowed or wanted.by_kind):
        rows = _choose(rows, wanted)
    if wanted.is_latest:
        rows = [row for row in rows if row["latest"]]
    order = {area: place for place, area in enumerate(wanted.areas)}
    return sorted(rows, key=lambda row: order.get(row["area_code"], 0))


def _write_where(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    """Return conditions in SQL, and their values."""
    where, values = ["true"], dict[str, Any]()
    if wanted.indicators:
        where.append("indicator = ANY(%(indicators)s)")
        values["indicators"] = [*wanted.indicators]
    if wanted.topic:
        where.append("topic = %(topic)s")
        values["topic"] = wanted.topic
    if wanted.areas:
        where.append("area_code = ANY(%(areas)s)")
        values["areas"] = [*wanted.areas]
    for name, words in wanted.codes.items():
        column = "(category = ANY(%(category)s) OR kind = ANY(%(category)s))"
        where.append(column if name == "category" else f"{name} = ANY(%({name})s)")
        values[name] = [*words]
    if wanted.years:
        where.append(_write_years(wanted.years, values))
    if wanted.is_all:
        return where, values
    is_chosen = wanted.is_narrowed or wanted.by_kind
    return [*where, "stretch = 0" if is_chosen else '"default" = 1'], values


def _write_years(years: Years, values: dict[str, Any]) -> str:
    """Return that a row is for one of some years, or for a part of one."""
    # A part of a year has no `year`, since it would be added to whole ones.
    year = """coalesce(year, CASE WHEN extract(year FROM period_start) = extract(year FROM period_end)
        THEN extract(year FROM period_start) END)"""
    spans = []
    for place, (first, last) in enumerate(years):
        values |= {f"first{place}": first, f"last{place}": last}
        spans.append(f"{year} BETWEEN %(first{place})s AND %(last{place})s")
    return f"({' OR '.join(spans)})"


def _choose(rows: Iterable[Row], wanted: Wanted) -> list[Row]:
    """Keep of each indicator and area the rows that differ in their kind only.

    They are those beside the leading series; if a filter leaves none of these, those beside the series that stands
    first: without a scope, a count, the newest.
    """
    found = defaultdict[tuple[str, str], list[Row]](list)
    for row in rows:
        found[row["indicator"], row["area_code"]].append(row)
    kept = []
    for of_area in found.values():
        first = min(of_area, key=_stand_first)
        alike = [row for row in of_area if _is_like(row, first)]
        kept += _leave_out_parts(alike) if wanted.by_kind else alike
    return kept


def _stand_first(row: Row) -> tuple[bool, bool, bool, bool, int]:
    last = row["period_end"]
    return (
        not row["lead"],
        not row["default"],
        row["scope"] != "all",
        row["statistic"] != "count",
        -last.toordinal() if last else 0,
    )


def _is_like(row: Row, other: Row) -> bool:
    return all(row[name] == other[name] for name in LIKE)


def _leave_out_parts(rows: Sequence[Row]) -> list[Row]:
    """Leave out kinds that are inside another kind, so that kinds count nothing twice."""
    kinds = {row["id"] for row in rows if row["kind"] != "all"}
    return [row for row in rows if kinds.isdisjoint((row["part_of"] or "").split())]


async def find_newest(
    tables: Tables, areas: Sequence[str], indicators: Collection[str] = ()
) -> list[Row]:
    """Return the newest row of the leading series of each indicator, with the number before it (`EARLIER`)."""
    series = ", ".join(f'"{name}"' for name in SERIES)
    statement = f"""
        WITH led AS (
            SELECT *, coalesce(period_start, period_end) AS day FROM $release.points
            WHERE lead = 1 AND area_code = ANY(%(areas)s)
            AND (%(indicators)s::text[] = '{{}}' OR indicator = ANY(%(indicators)s))),
        counted AS (
            SELECT *, lag(value) OVER series AS earlier_value, lag(shown) OVER series AS earlier_shown,
                lag("time") OVER series AS earlier_time, lag(id) OVER series AS earlier_id
            FROM led WHERE stretch = 0 AND value IS NOT NULL
            WINDOW series AS (PARTITION BY {series} ORDER BY nth))
        SELECT * FROM counted WHERE latest = 1 ORDER BY nth"""  # noqa: S608
    values = {"areas": [*areas], "indicators": [*indicators]}
    rows = await tables.rows(statement, values)
    order = {area: place for place, area in enumerate(areas)}
    return sorted(rows, key=lambda row: order[row["area_code"]])


async def find_before_break(
    tables: Tables, indicator: str, areas: Sequence[str]
) -> list[Row]:
    """Return the newest row of each stretch before a break, of the leading series of some areas."""
    statement = """
        SELECT DISTINCT ON (area_code, stretch) * FROM $release.points
        WHERE indicator = %(indicator)s AND area_code = ANY(%(areas)s) AND lead = 1 AND stretch > 0
        ORDER BY area_code, stretch, nth DESC"""
    return await tables.rows(statement, {"indicator": indicator, "areas": [*areas]})
