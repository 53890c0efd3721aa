"""Decide what goes into a chart: a list, years on one scale, or a table of years; and how much there is room for.

A chart always draws. What may not share a scale is in a table without shades or a list without bars, and what is too
much is counted.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal, get_args

from misconduct.charts.entries import Entry, Line, compared_by_area, find_reach, find_scale, make_lines, name_entries
from misconduct.model import wording
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.series import Series

Form = Literal["list", "years", "table"]
FormerForm = Literal["bars", "numbers", "columns", "divided", "grid", "timeline"]
FORMS: tuple[Form, ...] = get_args(Form)
DRAWN_AS: dict[str, Form] = {"columns": "years", "grid": "table"}
"""What is drawn for a former name of a form; for all others it is a list."""

MAX_ROWS, MAX_LINES, MAX_TOGETHER = 24, 60, 5
"""Rows of a list, series of a table, and series that share a scale of years."""

SMALL, NEAR = 5, 0.09
"""Numbers below this, or as near as this part of the highest, are read in a table: lines would lie on each other."""


@dataclass(frozen=True)
class Chart:
    """The figures of a chart, in the order of its editor if `is_ordered`, and what is said of it.

    `series` are those of which several of the `years` have a figure; `total` counts figures beyond `rows`, too. Without
    a title, it is called what all its figures count (Officers accused, Kent Police). If they count different things, it
    is called its `subject` (Figures found for “rape”), or its `topic` and area (Allegations, Kent Police). `chosen` are
    the labels of the kind and measure that a request filters by. `dataset`
    is the one that the request names, `revised` warns of revisions, and `is_ranked` is set if the request asks for an
    order by number.
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
    topic: str | None = None
    subject: str | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    dataset: str | None = None
    revised: str | None = None
    day: str = ""
    form: Form | FormerForm | None = None
    is_ordered: bool = False
    is_ranked: bool = False


@dataclass(frozen=True)
class Group:
    """Figures below a heading. They have bars up to `top`, the highest of them; without it, they have none."""

    heading: str
    entries: Sequence[Entry]
    top: float | None = None


@dataclass(frozen=True)
class Block:
    """Series by year: on one scale (`years`), or as a table. `whole` includes the areas of the others.

    `shade` says what shades a table: each row by itself, all rows by one scale, or nothing.
    """

    form: Literal["years", "table"]
    lines: Sequence[Line]
    unit: str
    whole: Line | None = None
    shade: Literal["row", "all"] | None = None

    @property
    def has_lines(self) -> bool:
        """Whether it is drawn as lines, or in a narrow picture as a table."""
        return self.form == "years" and len(self.lines) > 1

    @property
    def columns(self) -> list[Entry]:
        """The figures that are columns."""
        lines = [self.whole] if self.whole else self.lines if self.form == "years" and not self.has_lines else []
        return [slot.entry for line in lines for slot in line.slots if slot.entry]


@dataclass(frozen=True)
class Plan:
    """What a chart draws: blocks of years, and then a list. There are `total` figures, and `repeated` others that only
    print one of these again.
    """

    blocks: Sequence[Block]
    groups: Sequence[Group]
    total: int = 0
    repeated: int = 0

    @property
    def lines(self) -> list[Line]:
        """Every series that is drawn."""
        return [line for block in self.blocks for line in (*([block.whole] if block.whole else []), *block.lines)]

    @property
    def rows(self) -> list[Entry]:
        """The figures of the list."""
        return [entry for group in self.groups for entry in group.entries]

    @property
    def entries(self) -> list[Entry]:
        """Every figure that is drawn."""
        return [*(entry for line in self.lines for entry in line.entries), *self.rows]

    @property
    def hidden(self) -> int:
        """How many figures have no room."""
        return self.total - len({entry.row["id"] for entry in self.entries})

    @property
    def is_one_number(self) -> bool:
        """Whether it is one figure, which is drawn very large."""
        return not self.blocks and len(self.rows) == 1


def make_plan(chart: Chart, most_rows: int = MAX_ROWS, most_lines: int = MAX_LINES) -> Plan:
    """Choose what a chart draws, as far as there is room."""
    rows = _without_repeats(chart.rows)
    form = chart.form if chart.form in (None, *FORMS) else DRAWN_AS.get(chart.form or "", "list")
    series = [] if form == "list" else [one for one in chart.series if one.years]
    of_series = {row["id"] for one in series for row in (*one.years.values(), one.window) if row}
    chosen = _choose_series(series, chart.view)
    single = [row for row in rows if row["id"] not in of_series] if len(chosen) == len(series) else []
    blocks = _make_blocks(chosen, rows, single, chart, form, most_lines)
    entries = name_entries(single, chart.view, [row for row in rows if row["id"] in of_series])
    groups = _make_groups(entries, chart, most_rows // (2 if blocks else 1), has_blocks=bool(blocks))
    repeated = len(chart.rows) - len(rows)
    return Plan(blocks, groups, max(chart.total, len(chart.rows)) - repeated, repeated)


def _without_repeats(rows: Sequence[Row]) -> list[Row]:
    """Leave out figures that only print another one of them again, with the same number."""
    printed = {row["id"]: row["printed"] for row in rows}
    return [row for row in rows if not row["repeats"] or printed.get(row["repeats"]) != row["printed"]]


def _make_blocks(
    series: Sequence[Series], rows: Sequence[Row], single: Sequence[Row], chart: Chart, form: str | None, most: int
) -> list[Block]:
    """Return blocks of series whose years begin in the same month, the one with the most series first.

    Two blocks are tables without columns, since a picture has one scale.
    """
    by_kind = defaultdict[bool, list[Series]](list)
    for one in series:
        by_kind[any("/" in label for label in one.years)].append(one)
    blocks = []
    for has_slash, found in sorted(by_kind.items(), key=lambda pair: -len(pair[1])):
        years = [year for year in chart.years if ("/" in year.label) == has_slash]
        others = [*single, *(one.key for kind, other in by_kind.items() if kind != has_slash for one in other)]
        lines = [line for line in make_lines(found, years, chart.view, rows, others) if line.entries]
        if len({line.window.what for line in lines if line.window}) > 1:  # totals of different years, under one heading
            lines = [replace(line, window=None) for line in lines]
        if lines:
            blocks.append(_make_block(lines, chart, form, most, is_alone=len(by_kind) == 1))
    return blocks


def _choose_series(series: list[Series], view: ReleaseView) -> list[Series]:
    """Return the series that a table has room for, if there are too many: those of countries and not of their forces.

    Else they are the ones that count the same thing as the first one in other places, or other kinds in its place.
    """
    scales = {(*find_scale(one.key, view), one.key["area"]) for one in series}
    are_alike = len(scales) == 1 or len({compared_by_area(one.key) for one in series}) == 1
    if len(series) <= (MAX_LINES if are_alike else MAX_ROWS):
        return series
    areas, findable = {one.key["area"] for one in series}, view.catalogue.findable("area")
    countries = {area for area in areas if areas.intersection(findable.get(area, ())) - {area}}
    wholes = [one for one in series if one.key["area"] in countries]
    if 0 < len(wholes) <= MAX_LINES:
        return wholes
    key, first = (*find_scale(series[0].key, view), series[0].key["area"]), compared_by_area(series[0].key)
    places = [one for one in series if compared_by_area(one.key) == first]
    kinds = [one for one in series if (*find_scale(one.key, view), one.key["area"]) == key]
    return max(places, kinds, key=len)


def _make_block(lines: list[Line], chart: Chart, form: str | None, most: int, *, is_alone: bool) -> Block:
    view = chart.view
    scales, areas = {find_scale(line.key, view) for line in lines}, {line.key["area"] for line in lines}
    unit = (wording.unit_in_words(lines[0].key, view.catalogue) or "Unit not stated") if len(scales) == 1 else ""
    may_share = is_alone and len(scales) == 1 and len(lines) <= MAX_TOGETHER and form != "table"
    is_readable = len(areas) == 1 or any(_includes_all(line, areas, view) for line in lines)
    if may_share and (len(lines) == 1 or (is_readable and not _is_crowded(lines))):
        return Block("years", _order(lines, chart), unit)
    if len({compared_by_area(line.key) for line in lines}) == 1 and len(areas) == len(lines) > 1:
        whole = next((line for line in lines if is_alone and _includes_all(line, areas, view)), None)
        places = [line for line in lines if line is not whole]
        if whole and len(places) > most:
            places = []  # the first ones in the alphabet would say nothing
        return Block("table", _order(places, chart, by_name=True)[:most], unit, whole, "row")
    shade: Literal["all"] | None = "all" if is_alone and len(scales) == len(areas) == 1 else None
    most = most if shade else min(most, MAX_ROWS)
    has_all_kinds = shade and "category" not in chart.chosen
    whole = next((line for line in lines if _is_whole(line, lines)), None) if has_all_kinds else None
    kinds = [line for line in lines if line is not whole]
    return Block("table", _order(kinds, chart)[:most], unit, whole, shade)


def _is_crowded(lines: Sequence[Line]) -> bool:
    """Tell whether lines would lie on each other: most of their numbers are small, or nearly the same in a year."""
    years = [
        [slot.entry.reach for slot in year if slot.entry] for year in zip(*(one.slots for one in lines), strict=True)
    ]
    reaches = [reach for year in years for reach in year]
    near = [year for year in years for a, b in pairwise(sorted(year)) if b - a < NEAR * max(reaches)]
    return bool(near) or 2 * sum(reach < SMALL for reach in reaches) > len(reaches)


def _order(lines: Sequence[Line], chart: Chart, *, by_name: bool = False) -> list[Line]:
    """Return lines as their editor ordered them, by name, or those with the highest newest number first."""
    if chart.is_ordered:
        places = {row["id"]: place for place, row in enumerate(chart.rows)}
        return sorted(lines, key=lambda line: min(places.get(one.row["id"], len(places)) for one in line.entries))
    if by_name and not chart.is_ranked:
        return sorted(lines, key=lambda line: line.name)
    return sorted(lines, key=lambda line: -line.newest)


def _includes_all(whole: Line, areas: Collection[str], view: ReleaseView) -> bool:
    """Tell whether a series is about an area that includes those of all others, as a country includes its forces."""
    inside = view.catalogue.findable("area").get(whole.key["area"], [])
    return sum(area in inside for area in areas) * 2 > len(areas) > 1


def _is_whole(whole: Line, lines: Sequence[Line]) -> bool:
    """Tell whether the figures of most other series are within those of one."""
    ids = {entry.row["id"] for entry in whole.entries}
    parts = [line for line in lines if any(ids.intersection(entry.row["within"]) for entry in line.entries)]
    return 2 * len(parts) > len(lines) - 1


def _make_groups(entries: Sequence[Entry], chart: Chart, most: int, *, has_blocks: bool) -> list[Group]:
    """Return the figures of a list under headings, each part below its whole. All bars have one scale."""
    if not entries:
        return []
    if len(entries) == 1:
        return [Group("", [entries[0] if has_blocks else _describe(entries[0])])]
    are_places = (
        len({compared_by_area(entry.row) for entry in entries}) == 1
        and len({one.row["period"] for one in entries}) == 1
    )
    most = MAX_LINES if are_places and most == MAX_ROWS else most
    ordered = sorted(entries, key=lambda entry: entry.name) if are_places and not chart.is_ranked else entries
    kept = _cut(ordered, chart.title or "", most)
    found = defaultdict[str, list[Entry]](list)
    for entry in _sort(kept, chart):
        found[_name_group(entry.row, chart, {one.row["measure"] for one in kept})].append(entry)
    may_have_bars = not has_blocks and chart.form not in ("numbers", "timeline") and len(kept) == len(entries)
    top = _find_top(kept, chart.view) if may_have_bars else None
    return [_make_group(heading, alike, chart, top) for heading, alike in found.items()]


def _describe(entry: Entry) -> Entry:
    """Return a single figure with the source's words for what it counts, and when; the title says the rest."""
    counted = wording.quote(entry.row["counted"]) if entry.row["counted"] else ""
    return replace(entry, name="", what=", ".join(filter(None, (counted, wording.period_label(entry.row)))))


def _cut(entries: Sequence[Entry], title: str, most: int) -> list[Entry]:
    """Return as many figures as there is room for: first those whose numbers the title names."""
    numbers = {*re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", title)}
    named = [entry for entry in entries if numbers & {*re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", entry.shown)}]
    kept = {id(entry) for entry in [*named, *(entry for entry in entries if entry not in named)][:most]}
    return [entry for entry in entries if id(entry) in kept]


def _sort(entries: Sequence[Entry], chart: Chart) -> list[Entry]:
    """Return figures in their order; in a timeline, in the order of publication."""
    if chart.form != "timeline":
        return list(entries)
    return sorted(entries, key=lambda entry: chart.view.source(entry.row).get("published") or "9999")


def _name_group(row: Row, chart: Chart, measures: Collection[str]) -> str:
    """Return the heading of a figure: in a timeline when it was published, else what its measure is called."""
    if chart.form == "timeline":
        return wording.capitalise(wording.published(chart.view.source(row)))
    is_plain = chart.is_ordered or len(measures) == 1
    return "" if is_plain else chart.view.catalogue.label("measure", row["measure"])


def _make_group(heading: str, entries: Sequence[Entry], chart: Chart, top: float | None) -> Group:
    """Return a group. Places keep the order of the request, since they differ in size."""
    ids = {entry.row["id"] for entry in entries}
    parts = defaultdict[str, list[Entry]](list)
    for entry in entries:
        for whole in [one for one in entry.row["part_of"] if one in ids][:1]:
            parts[whole].append(entry)
    nested = {entry.row["id"] for alike in parts.values() for entry in alike}
    is_sorted = chart.is_ordered or chart.is_ranked or len({entry.row["area"] for entry in entries}) > 1
    ordered = entries if is_sorted or not top else sorted(entries, key=lambda one: -one.reach)
    return Group(heading, [*_nest([one for one in ordered if one.row["id"] not in nested], parts)], top)


def _nest(entries: Sequence[Entry], parts: dict[str, list[Entry]], depth: int = 0) -> list[Entry]:
    """Return each whole followed by its parts."""
    return [
        one
        for entry in entries
        for one in (replace(entry, depth=depth), *_nest(parts.pop(entry.row["id"], []), parts, depth + 1))
    ]


def _find_top(entries: Sequence[Entry], view: ReleaseView) -> float | None:
    """Return the highest of several figures if they may share a scale: one source, time, unit, and words alike."""
    rows = [entry.row for entry in entries]
    scales = {
        (
            *find_scale(row, view),
            row["stock_or_flow"],
            row["period"],
            "" if (row["at"] or "").startswith("cell=") else row["counted"],
        )
        for row in rows
    }
    disputed = [one for row in rows for one in row["disagreements"]]
    reaches = [find_reach(row) for row in rows]
    notes = {one for row in rows for one in row["caveats"]}
    said = [str(view.catalogue.of_kind("caveat").get(one, {}).get("text", "")) for one in notes]
    if any("not rank" in text for text in said):
        return None
    is_clear = len(scales) == 1 and len(disputed) == len({*disputed}) and None not in reaches
    return max(entry.reach for entry in entries) or None if is_clear and len(rows) > 1 else None
