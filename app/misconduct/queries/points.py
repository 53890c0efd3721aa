"""Find rows of the table. The series were chosen when the release was made: nothing is chosen here but by filters."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from misconduct.db.engine import Tables
from misconduct.model.figure import Row
from misconduct.model.points import ALL_KINDS, KEY, LIKE, NAMES, SERIES

COLUMNS = ", ".join(f'"{name}"' for name in NAMES)  # default is a word of SQL

MAY_BE_CHOSEN = "stretch = 0"  # newest stretches
Years = Sequence[tuple[int, int]]
"""Spans of years, each with its first and its last."""

Asked = Mapping[str, Collection[str]]
"""The words that each value of a parameter stands for, as a kind stands for narrower ones, too."""


@dataclass(frozen=True)
class Wanted:
    """Which rows are asked for. Empty filters ask for anything. `named` are the areas that are asked by their names.

    `sources` are ids of documents, publishers and speakers. `is_every` asks for figures that were not chosen, too.
    `codes` has words by column, of which a row has one; a kind may be named instead of a category. `asked` tells which
    of them each value of a request stands for: by column, and by the label of the value.
    """

    indicators: Collection[str] = ()
    topics: Collection[str] = ()
    areas: Sequence[str] = ()
    named: Collection[str] = ()
    years: Years = ()
    codes: Mapping[str, Collection[str]] = field(default_factory=dict)
    asked: Mapping[str, Asked] = field(default_factory=dict)
    sources: Collection[str] = ()
    ids: Collection[str] = ()
    numbers: Collection[Decimal] = ()
    by_kind: bool = False
    is_all: bool = False
    is_latest: bool = False
    is_every: bool = False

    @property
    def kinds(self) -> Asked:
        """Return the kinds that are asked for, each with its words; `all`, which has none, if none is."""
        return self.asked.get("category") or {ALL_KINDS: ()}

    def has(self, row: Row, area: str, kind: str) -> bool:
        """Tell whether a row is of an area, and of one of the kinds that are asked for."""
        words = self.kinds[kind]
        is_of_kind = not words or row["kind"] in words or row["category"] in words
        return row["area_code"] == area and is_of_kind

    @property
    def opens_kinds(self) -> bool:
        """Tell whether kinds are asked for, so that rows of a total may give way to those of its kinds."""
        return self.by_kind or bool(self.codes.get("category"))

    @property
    def is_narrowed(self) -> bool:
        """Tell whether filters by kind, people or statistic may leave out the leading series."""
        return any(self.codes.values())


async def find_rows(tables: Tables, wanted: Wanted) -> list[Row]:
    """Return the rows that are asked for: areas in their order as asked, and otherwise in the order of the table.

    For an area that is named and has no such row, or none of a kind that is asked, those of its other series stand
    in, if it has any: what is before a break, a part, another group.
    """
    if wanted.is_all:
        rows = await _read_rows(tables, wanted)
        return _sort(_take_latest(rows, wanted), wanted)
    if wanted.is_narrowed or wanted.by_kind:
        chosen = await _choose_ids(tables, wanted)
        rows = await _read_rows(tables, wanted, MAY_BE_CHOSEN)
        rows = [row for row in rows if row["id"] in chosen]
    else:
        rows = await _read_rows(tables, wanted, '"default" = 1')
    if lacking := find_lacking(wanted, rows):
        areas = list(dict.fromkeys(area for area, _ in lacking))
        others = await _read_rows(tables, replace(wanted, areas=areas))
        found = {row["id"]: row for row in rows}
        for area, kind in lacking:
            of_kind = [row for row in others if wanted.has(row, area, kind)]
            found |= {row["id"]: row for row in _choose(of_kind, wanted)}
        rows = [*found.values()]
    return _sort(_take_latest(rows, wanted), wanted)


def find_lacking(wanted: Wanted, rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Return which named areas have no row of which kinds that are asked for."""
    of_area = defaultdict[str, list[Row]](list)
    for row in rows:
        of_area[row["area_code"]].append(row)
    return [
        (area, kind)
        for area in dict.fromkeys(wanted.named)
        for kind in wanted.kinds
        if not any(wanted.has(row, area, kind) for row in of_area[area])
    ]


async def _choose_ids(tables: Tables, wanted: Wanted) -> set[str]:
    """Return the figures of the table that filters leave, of any year and source, so that no filter adds a row.

    That is the default table, or the one that is open into kinds. Where it has no such people or no such statistic,
    the best series of those that have stands in.
    """
    category = {
        name: words for name, words in wanted.codes.items() if name == "category"
    }
    others = {name: words for name, words in wanted.codes.items() if name != "category"}
    of_table = replace(wanted, codes=category, sources=(), years=())
    rows = await _read_rows(tables, of_table, MAY_BE_CHOSEN)
    table = [row for row in rows if row["default"]]
    if wanted.opens_kinds:
        table = _choose(rows, wanted)
    matching = [
        row for row in rows if all(row[name] in words for name, words in others.items())
    ]
    chosen = {row["id"] for row in table} & {row["id"] for row in matching}
    held = {_place(row) for row in matching if row["id"] in chosen}
    instead = _choose((row for row in matching if _place(row) not in held), wanted)
    return chosen | {row["id"] for row in instead}


def _place(row: Row) -> tuple[str, str]:
    return row["indicator"], row["area_code"]


async def _read_rows(
    tables: Tables, wanted: Wanted, of_series: str = "true"
) -> list[Row]:
    """Return rows in the order of the table: of all series, of those that may be chosen, or of default tables."""
    where, values = write_filters(wanted)
    where.append(of_series)
    statement = f"""
        SELECT nth, {COLUMNS} FROM $release.points
        WHERE {" AND ".join(where)} ORDER BY nth"""  # noqa: S608
    return await tables.rows(statement, values)


def _take_latest(rows: list[Row], wanted: Wanted) -> list[Row]:
    """Leave the newest number of each series, if that is asked: of the years that are asked, a whole one first."""
    if not wanted.is_latest:
        return rows
    if not wanted.years:
        return [row for row in rows if row["latest"]]
    newest = dict[tuple[str, ...], Row]()
    for row in rows:
        key = tuple(row[name] for name in SERIES)
        is_worse = row["coverage"] == "part" and key in newest
        if row["value"] is not None and not is_worse:
            newest[key] = row
    return [*newest.values()]


def _sort(rows: Iterable[Row], wanted: Wanted) -> list[Row]:
    """Put areas in their order as asked."""
    order = {area: place for place, area in enumerate(wanted.areas)}
    return sorted(rows, key=lambda row: (order.get(row["area_code"], 0), row["nth"]))


def write_filters(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    """Return the filters of rows as conditions in SQL, and their values."""
    where = ["true" if wanted.is_every else "point IS NULL"]
    values = dict[str, Any]()
    lists = {
        "indicator": wanted.indicators,
        "topic": wanted.topics,
        "area_code": wanted.areas,
        "id": wanted.ids,
        "value": wanted.numbers,
        "source": wanted.sources,
        **wanted.codes,
    }
    for name, asked in lists.items():
        if asked:
            columns = _ALSO.get(name, (name,))
            either = " OR ".join(f"{column} = ANY(%({name})s)" for column in columns)
            where.append(f"({either})")
            values[name] = [*asked]
    if wanted.years:
        where.append(_write_years(wanted.years, values))
    return where, values


_ALSO = {
    "category": ("category", "kind"),
    "source": ("source", "publisher", "said_by"),
}
"""The columns of which one has what a filter asks for. The others have the name of their column."""


def _write_years(years: Years, values: dict[str, Any]) -> str:
    """Return that a row is for one of some years, or for a part of one."""
    spans = []
    for place, (first, last) in enumerate(years):
        values |= {f"first{place}": first, f"last{place}": last}
        values[f"begin{place}"] = date(max(first, date.min.year), 1, 1)
        values[f"end{place}"] = date(last, 12, 31)
        # As `find_year` does: a part of a year has no `year`, since it would be added to whole ones.
        spans.append(
            f"""year BETWEEN %(first{place})s AND %(last{place})s OR year IS NULL
            AND period_start BETWEEN %(begin{place})s AND %(end{place})s
            AND extract(year FROM period_start) = extract(year FROM period_end)"""
        )
    return f"({' OR '.join(spans)})"


def _choose(rows: Iterable[Row], wanted: Wanted) -> list[Row]:
    """Keep of each indicator and area the rows that differ in their kind only.

    They are those beside the leading series; if a filter leaves none of these, those beside the series that stands
    first: without a scope, a total, a count, the newest. A total stands alone unless kinds are asked for. Then what is
    inside it stands beside it, of whatever people.
    """
    found = defaultdict[tuple[str, str], list[Row]](list)
    for row in rows:
        found[_place(row)].append(row)
    kept = []
    for of_area in found.values():
        first = min(of_area, key=_stand_first)
        alike = [row for row in of_area if _is_like(row, first)]
        if wanted.by_kind:
            totals = {row["id"] for row in alike if row["kind"] == ALL_KINDS}
            alike = [
                row
                for row in of_area
                if _is_like(row, first) or _is_inside(row, totals)
            ]
        elif first["kind"] == ALL_KINDS and not wanted.opens_kinds:
            alike = [row for row in alike if row["kind"] == ALL_KINDS]
        kept += _leave_out_parts(alike)
    return kept


def _is_inside(row: Row, totals: Collection[str]) -> bool:
    """Tell whether a row of a kind is inside one of some totals."""
    return row["kind"] != ALL_KINDS and not {*totals}.isdisjoint(
        (row["part_of"] or "").split()
    )


def _stand_first(row: Row) -> tuple[int, ...]:
    last = row["period_end"]
    return (
        not row["lead"],
        not row["default"],
        row["scope"] != "all",
        row["kind"] != ALL_KINDS,
        row["statistic"] != "count",
        -last.toordinal() if last else 0,
    )


def _is_like(row: Row, other: Row) -> bool:
    return all(row[name] == other[name] for name in LIKE)


def _leave_out_parts(rows: Sequence[Row]) -> list[Row]:
    """Leave out kinds that are inside another kind, so that kinds count nothing twice."""
    kinds = {row["id"] for row in rows if row["kind"] != "all"}
    return [row for row in rows if kinds.isdisjoint((row["part_of"] or "").split())]


async def find_newest(tables: Tables, wanted: Wanted) -> list[Row]:
    """Return the newest row of the leading series of each indicator and area, with the number before it (`EARLIER`).

    That ended before the newest began: two numbers of one time are no change. Both are of whole years or of days, and
    of as long a time, and neither is provisional: numbers of cases that are still being decided are no change.

    Areas stand in their order as asked, and otherwise in the order of the table.
    """
    where, values = write_filters(wanted)
    where.append("area_code <> 'unstated'")  # no place, so it has no newest number
    same = " AND ".join(_write_same(name) for name in SERIES)
    statement = f"""
        WITH newest AS (
            SELECT * FROM $release.points
            WHERE lead = 1 AND stretch = 0 AND latest = 1 AND {" AND ".join(where)})
        SELECT newest.*, earlier.value AS earlier_value, earlier.shown AS earlier_shown,
            earlier."time" AS earlier_time, earlier.id AS earlier_id,
            earlier.publisher AS earlier_publisher
        FROM newest LEFT JOIN LATERAL (
            SELECT * FROM $release.points AS before
            WHERE {same} AND before.stretch = 0 AND before.value IS NOT NULL
            AND before.period_end < coalesce(newest.period_start, newest.period_end)
            AND before.coverage = newest.coverage AND newest.coverage IN ('whole', 'point')
            AND (newest.coverage = 'point' OR {_LENGTHS} <= {LEAP_DAYS})
            AND NOT {_write_provisional("newest")} AND NOT {_write_provisional("before")}
            ORDER BY before.nth DESC LIMIT 1) AS earlier ON true
        ORDER BY newest.nth"""  # noqa: S608
    return _sort(await tables.rows(statement, values), wanted)


LEAP_DAYS = 3  # by which quarters or years differ that are of as many months
_LENGTHS = """abs((newest.period_end - newest.period_start)
                - (before.period_end - before.period_start))"""


def _write_provisional(row: str) -> str:
    return f"'provisional' = ANY(string_to_array(coalesce({row}.note, ''), '; '))"


def _write_same(name: str) -> str:
    # What is never empty is asked by =, since IS NOT DISTINCT FROM can use no index.
    sign = "=" if name in KEY else "IS NOT DISTINCT FROM"
    return f"before.{name} {sign} newest.{name}"


async def find_before_break(
    tables: Tables, indicator: str, areas: Sequence[str]
) -> list[Row]:
    """Return the newest row of each stretch before a break, of the leading series of some areas."""
    statement = """
        SELECT DISTINCT ON (area_code, stretch) * FROM $release.points
        WHERE indicator = %(indicator)s AND area_code = ANY(%(areas)s) AND lead = 1 AND stretch > 0
        ORDER BY area_code, stretch, nth DESC"""
    return await tables.rows(statement, {"indicator": indicator, "areas": [*areas]})


async def find_rows_of(tables: Tables, ids: Iterable[str]) -> dict[str, Row]:
    """Return the row of each figure, chosen or not."""
    statement = f"""
        SELECT point, why, {COLUMNS} FROM $release.points WHERE id = ANY(%(ids)s)"""  # noqa: S608
    rows = await tables.rows(statement, {"ids": [*ids]})
    return {row["id"]: row for row in rows}


async def find_beside(tables: Tables, point: str) -> list[Row]:
    """Return the figures that were not chosen because a row stands in their place."""
    statement = f"""
        SELECT why, {COLUMNS} FROM $release.points WHERE point = %(point)s ORDER BY nth"""  # noqa: S608
    return await tables.rows(statement, {"point": point})


async def count_by_topic(tables: Tables) -> dict[str, int]:
    """Return how many rows the default table of each topic has."""
    statement = """
        SELECT topic, count(*) AS rows FROM $release.points
        WHERE point IS NULL AND "default" = 1 GROUP BY topic"""
    rows = await tables.rows(statement)
    return {row["topic"]: row["rows"] for row in rows}


async def find_unit(tables: Tables, indicator: str) -> str | None:
    """Return the unit that most rows of an indicator have."""
    statement = """
        SELECT unit FROM $release.points WHERE indicator = %(indicator)s
        GROUP BY unit ORDER BY count(*) DESC, unit LIMIT 1"""
    rows = await tables.rows(statement, {"indicator": indicator})
    return rows[0]["unit"] if rows else None
