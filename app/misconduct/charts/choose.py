"""Decide what goes into a chart: a list, years on one scale, or a table of years; what is left out is counted."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from misconduct.charts.entries import (
    Entry,
    Line,
    compared_by_area,
    find_country,
    find_origin,
    find_reach,
    find_scale,
    is_of_table,
    make_lines,
    name_entries,
)
from misconduct.model import wording
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.series import Series, month_of

Form = Literal["list", "years", "table"]
Shade = Literal["row", "all"] | None
FormerForm = Literal["bars", "numbers", "columns", "divided", "grid", "timeline"]
FORMS: dict[str, Form] = {"years": "years", "columns": "years", "table": "table", "grid": "table"}
"""The forms by their names, also those of earlier releases. All other names are of lists."""

MAX_ROWS, MAX_ALIKE, MAX_TOGETHER = 24, 60, 5
"""Rows of a list or table, those that are alike, and series that share a scale of years."""


@dataclass(frozen=True)
class Chart:
    """The figures of a chart and its words; `topics` are what a request asks for, and name it if figures do not.

    `series` are those of which several of the `years` have a figure; `total` counts figures beyond `rows`, too. There
    is room for `most` rows.
    """

    view: ReleaseView
    address: str
    rows: Sequence[Row]
    series: Sequence[Series] = ()
    years: Sequence[Year] = ()
    total: int = 0
    title: str | None = None
    subtitle: str | None = None
    note: str | None = None
    topics: Sequence[str] = ()
    dataset: str | None = None
    revised: str | None = None
    day: str = ""
    form: Form | FormerForm | None = None
    is_newest: bool = True
    is_ordered: bool = False
    is_ranked: bool = False
    most: int = MAX_ALIKE


@dataclass(frozen=True)
class Block:
    """Series by year. Each row of a table is shaded by itself, all by one scale, or none."""

    form: Literal["years", "table"]
    lines: Sequence[Line]
    unit: str = ""
    shade: Shade = None


@dataclass(frozen=True)
class Plan:
    """The parts of a chart: blocks of years, and then a list, with bars up to `top`; of how many figures."""

    chart: Chart
    blocks: Sequence[Block]
    listed: Sequence[Entry]
    top: float | None
    total: int

    @property
    def lines(self) -> list[Line]:
        return [line for block in self.blocks for line in block.lines]

    @property
    def entries(self) -> list[Entry]:
        return [*(entry for line in self.lines for entry in line.entries), *self.listed]

    @property
    def rows(self) -> list[Row]:
        return [entry.row for entry in self.entries]

    @property
    def is_one_number(self) -> bool:
        """Tell whether it is one figure, which is drawn very large."""
        return not self.blocks and len(self.listed) == 1


def make_plan(chart: Chart) -> Plan:
    """Choose what a chart draws, as far as there is room. Numbers printed again are left out."""
    printed = {row["id"]: row["printed"] for row in chart.rows}
    rows = [row for row in chart.rows if not row["repeats"] or printed.get(row["repeats"]) != row["printed"]]
    chart = replace(chart, form=FORMS.get(chart.form, "list") if chart.form else None)
    series = {one.key["id"]: one for one in chart.series if one.years and chart.form != "list"}
    keys = _choose_alike([one.key for one in series.values()], chart, find_scale)
    of_series = {row["id"] for one in series.values() for row in (*one.years.values(), one.window) if row}
    single = [row for row in rows if row["id"] not in of_series] if len(keys) == len(series) else []
    blocks = _make_blocks([series[key["id"]] for key in keys], rows, single, chart)
    if len(single) > MAX_ALIKE and not chart.title:  # those of the time that most are about
        [(period, _)] = Counter(row["period"] for row in single).most_common(1)
        single = [row for row in single if row["period"] == period]
    kept = _choose_alike(single, chart, lambda row, view: find_origin(row, view)[:1])
    top = None if blocks or len(kept) > chart.most else _find_top(kept, chart.view)
    entries = name_entries(kept, chart.view, [row for row in rows if row["id"] in of_series])
    listed = _arrange(entries, chart, has_bars=bool(top))
    return Plan(chart, blocks, listed, top, max(chart.total, len(chart.rows)) - len(chart.rows) + len(rows))


def _choose_alike(
    rows: Sequence[Row], chart: Chart, share: Callable[[Row, ReleaseView], tuple[object, ...]]
) -> Sequence[Row]:
    """Return all figures, or series by one figure of each; of too many those that are alike.

    There is more room if all are of one time and `share` something. If most are not like the first one, those about
    countries and not their forces stay.
    """
    view = chart.view
    is_one_table = len({(*share(row, view), row["period"]) for row in rows}) == 1
    if len(rows) <= (MAX_ALIKE if is_one_table else MAX_ROWS) or chart.title:
        return rows
    shares = compared_by_area, find_origin
    found = max(([row for row in rows if find(row, view) == find(rows[0], view)] for find in shares), key=len)
    areas, inside = {row["area"] for row in rows}, view.catalogue.findable("area")
    wholes = [row for row in rows if areas.intersection(inside.get(row["area"], ())) - {row["area"]}]
    return wholes if wholes and 2 * len(found) < len(rows) else found


def _make_blocks(series: Sequence[Series], rows: Sequence[Row], single: Sequence[Row], chart: Chart) -> list[Block]:
    """Return blocks of series whose years begin in the same month: of two months tables without shades."""
    by_kind = defaultdict[int, list[Series]](list)
    for one in series:
        by_kind[max(map(month_of, one.years.values()))].append(one)
    blocks: list[Block] = []
    for month, found in sorted(by_kind.items(), key=lambda pair: -len(pair[1])):
        years = [year for year in chart.years if year.first.month == month]
        others = [*single, *(one.key for one in series if one not in found)]
        lines = [line for line in make_lines(found, years, chart.view, rows, others) if line.entries]
        if len({line.window.what for line in lines if line.window}) > 1:  # totals of different years, under one heading
            lines = [replace(line, window=None) for line in lines]
        if lines and len(by_kind) > 1:
            blocks.append(Block("table", _order(lines, chart)[: chart.most]))
        elif lines:
            blocks += _divide(lines, chart)
    return blocks


def _divide(lines: list[Line], chart: Chart) -> list[Block]:
    """Return series on one scale if they may share it, else a table: of places, or of kinds, below their whole."""
    view, most = chart.view, chart.most
    has_scale = len({find_scale(line.key, view) for line in lines}) == 1
    unit = (wording.unit_in_words(lines[0].key, view.catalogue) or "Unit not stated") if has_scale else ""
    areas = {line.key["area"] for line in lines}
    country = find_country(areas, view)
    may_share = has_scale and (len(areas) == 1 or country) and chart.form != "table"
    if len(lines) == 1 or (may_share and len(lines) <= min(MAX_TOGETHER, most // 2)):
        return [Block("years", _order(lines, chart), unit, "all")]
    are_places = len({compared_by_area(line.key, view) for line in lines}) == 1 and len(areas) == len(lines)
    if not are_places and (not has_scale or len(areas) > 1):
        return [Block("table", _order(lines, chart)[:most], unit)]
    whole = next((one for one in lines if (one.key["area"] == country if are_places else _is_whole(one, lines))), None)
    parts = _order([line for line in lines if line is not whole], chart, by_name=are_places)
    if whole and len(parts) > most:
        parts = []  # the first ones in the alphabet would say nothing
    shade: Shade = ("row" if any(line.of_years[1:] for line in parts) else None) if are_places else "all"
    table = [Block("table", parts[:most], "" if whole else unit, shade)] if parts else []
    return [*([Block("years", [whole], unit, "all")] if whole else []), *table]


def _order(lines: Sequence[Line], chart: Chart, *, by_name: bool = False) -> list[Line]:
    """Return lines as ordered by the editor, by name, or of one source and place by their newest number."""
    if chart.is_ordered:
        places = {row["id"]: place for place, row in enumerate(chart.rows)}
        return sorted(lines, key=lambda line: min(places.get(one.row["id"], len(places)) for one in line.entries))
    if by_name and not chart.is_ranked:
        return sorted(lines, key=lambda line: line.name)
    is_one_set = len({find_origin(line.key, chart.view) for line in lines}) == 1
    return sorted(lines, key=lambda line: -line.newest) if is_one_set or chart.is_ranked else [*lines]


def _is_whole(whole: Line, lines: Sequence[Line]) -> bool:
    ids = {entry.row["id"] for entry in whole.entries}
    parts = [line for line in lines if any(ids.intersection(entry.row["within"]) for entry in line.entries)]
    return len(parts) > 1 and 2 * len(parts) > len(lines) - 1


def _arrange(entries: Sequence[Entry], chart: Chart, *, has_bars: bool) -> list[Entry]:
    """Return figures, parts below their whole: places by name, bars by length, others by measure."""
    is_ordered, are_places = chart.is_ordered or chart.is_ranked, len({entry.row["area"] for entry in entries}) > 1
    drawn = sorted(entries, key=lambda one: one.name if are_places and not is_ordered else "")[: chart.most]
    measures = list(dict.fromkeys(entry.row["measure"] for entry in drawn))
    if not (is_ordered or are_places):
        drawn.sort(key=lambda one: -one.reach if has_bars else measures.index(one.row["measure"]))
    ids, parts = {entry.row["id"] for entry in drawn}, defaultdict[str, list[Entry]](list)
    for entry in drawn:
        parts[next((one for one in entry.row["part_of"] if one in ids), "")].append(entry)

    def nest(whole: str, depth: int = 0) -> Iterator[Entry]:
        for one in parts.pop(whole, []):
            yield replace(one, depth=depth)
            yield from nest(one.row["id"], depth + 1)

    return [*nest("")]


def _find_top(rows: Sequence[Row], view: ReleaseView) -> float | None:
    """Return the highest of figures that may share a scale: of one source, time, unit, and words."""
    reaches = [find_reach(row) for row in rows]
    scales = {
        (*find_scale(row, view), row["stock_or_flow"], row["period"], "" if is_of_table(row) else row["counted"])
        for row in rows
    }
    disputed, caveats = ([one for row in rows for one in row[name]] for name in ("disagreements", "caveats"))
    is_warned = len(disputed) > len({*disputed}) or any(view.catalogue.fact("no_ranking", one) for one in caveats)
    if len(scales) != 1 or len(rows) == 1 or None in reaches or is_warned:
        return None
    return max(filter(None, reaches), default=None)
