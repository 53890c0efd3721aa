"""Decide what goes into a chart: its form, panels of years, groups that share a scale, and how much there is room for.

A chart always draws. What may not share an axis is in a panel or a group of its own, and what is too much is counted.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from misconduct.charts.entries import Entry, Panel, compared_by_area, make_panels, name_entries
from misconduct.model import wording
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.series import Series

Form = Literal["bars", "numbers", "columns", "divided", "grid", "timeline"]

MAX_ROWS, MAX_RANKED = 24, 60
"""Figures that a chart shows below each other; those of many areas, which need one line each."""

ROWS_OF_PANEL, FIGURES_OF_ROW = 2, 8
"""A panel takes the room of two rows, and of one more for every eight figures: a panel of twenty, that of four."""

MIN_RANKED = 7
"""Areas that are ranked by one year. Fewer have a panel of years each."""

MAX_PARTS = 12
"""Parts of a divided bar, unless a request asks for the form."""

MAX_ABOVE = 4
"""Figures that are drawn as numbers above a divided bar, or above bars."""

_TIMES = {"stock": "at one time", "flow": "over a period"}
_STATISTICS = {"share": "Shares", "mean": "Averages", "median": "Medians", "change": "Changes", "rate": "Rates"}
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True)
class Chart:
    """The figures of a chart, in the order of its editor if `is_ordered`, and what is said of it.

    `series` are those of which several of the `years` have a figure; `total` counts figures beyond `rows`, too. Without
    a title, it is called what all its figures count (Officers accused, Kent Police). If they count different things, it
    is called its `subject` (Figures found for “rape”), or its `topic` and area (Allegations, Kent Police). `revised`
    warns of revisions.
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
    topic: str = "Figures on police misconduct"
    subject: str | None = None
    revised: str | None = None
    form: Form | None = None
    is_ordered: bool = False


@dataclass(frozen=True)
class Group:
    """Figures below a heading. Those that count the same `unit` share a scale, also with other groups."""

    heading: str
    unit: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Plan:
    """What a chart draws. `wholes` are numbers above their parts.

    There are `total` figures, and `repeated` others that only print one of these again.
    """

    form: Form | Literal["number"]
    panels: Sequence[Panel]
    wholes: Sequence[Entry]
    groups: Sequence[Group]
    total: int = 0
    repeated: int = 0

    @property
    def entries(self) -> list[Entry]:
        """Every figure that is drawn."""
        return [*(entry for panel in self.panels for entry in panel.entries), *self.wholes, *self.rows]

    @property
    def hidden(self) -> int:
        """How many figures have no room."""
        return self.total - len({entry.row["id"] for entry in self.entries})

    @property
    def rows(self) -> list[Entry]:
        """The figures of its groups."""
        return [entry for group in self.groups for entry in group.entries]

    @property
    def is_ranking(self) -> bool:
        """Whether it compares many areas, with a line for each."""
        areas = {entry.row["area"] for entry in self.rows}
        return len(areas) >= MIN_RANKED and not any(entry.what or entry.detail for entry in self.rows)


def make_plan(chart: Chart) -> Plan:
    """Choose what a chart draws, with all of its figures."""
    rows = kept = _without_repeats(chart.rows)
    series = [] if chart.form and chart.form not in ("columns", "grid") else list(chart.series)
    if chart.form == "grid":
        chart, series = _fit_grid(chart)
    if len(series) >= MIN_RANKED and not chart.form and len({compared_by_area(one.key) for one in series}) == 1:
        kept, series = _newest_year(series, chart.years), []
    of_series = {row["id"] for one in series for row in (*one.years.values(), one.window) if row}
    single = [row for row in kept if row["id"] not in of_series]
    panels = [panel for panel in make_panels(series, chart.years, chart.view, rows, single) if panel.entries]
    plan = _arrange(chart, panels, name_entries(single, chart.view, [one.key for one in series]))
    repeated = len(chart.rows) - len(rows)
    return replace(plan, total=max(chart.total, len(chart.rows)) - repeated, repeated=repeated)


def _without_repeats(rows: Sequence[Row]) -> list[Row]:
    """Leave out figures that only print another one of them again, with the same number."""
    printed = {row["id"]: row["printed"] for row in rows}
    return [row for row in rows if not row["repeats"] or printed.get(row["repeats"]) != row["printed"]]


def _newest_year(series: Sequence[Series], years: Sequence[Year]) -> list[Row]:
    """Return the figures of the newest year of those that most series have."""
    best = max((year.label for year in years), key=lambda label: sum(label in one.years for one in series))
    return [one.years[best] for one in series if best in one.years]


def _fit_grid(chart: Chart) -> tuple[Chart, list[Series]]:
    """Return a chart with years of one kind, calendar years or others, and the series that a grid of these can show."""
    labels = [year.label for year in chart.years]
    dated = [label for one in chart.series for label in one.years if label in labels]
    has_slash = any("/" in label for label in dated[:1])
    years = [year for year in chart.years if ("/" in year.label) == has_slash] if dated else []
    fitting = [one for one in chart.series if all(("/" in label) == has_slash for label in one.years)]
    return replace(chart, years=years), fitting if years else []


def _arrange(chart: Chart, panels: Sequence[Panel], entries: Sequence[Entry]) -> Plan:
    """Choose the form, and group the figures as it needs."""
    view = chart.view
    if panels:
        return Plan(
            "grid" if chart.form == "grid" else "columns", _sort(panels, chart), [], _group_by_scale(entries, chart)
        )
    if len(entries) == 1:
        return Plan("number", [], [], [Group("", "", [_describe(entries[0])])])
    divided = _divide(entries, view, is_asked_for=chart.form == "divided")
    if divided and chart.form in (None, "divided"):
        return divided
    if chart.form == "timeline":
        return Plan("timeline", [], [], _group_by_date(entries, view))
    if chart.form == "numbers":
        ordered = sorted(entries, key=lambda entry: 0 if chart.is_ordered else _place_in(chart.title or "", entry))
        return Plan("numbers", [], [], [Group("", "", ordered)])
    areas = {entry.row["area"] for entry in entries}
    wholes = [entry for entry in entries if _includes(entry, areas, view)]
    wholes = wholes if len(wholes) <= MAX_ABOVE else []
    return Plan("bars", [], wholes, _group_by_scale([entry for entry in entries if entry not in wholes], chart))


def _sort(panels: Sequence[Panel], chart: Chart) -> list[Panel]:
    """Return the panels with the highest figures first, unless an editor has ordered them."""
    if not chart.is_ordered:
        return sorted(panels, key=lambda panel: max(entry.reach for entry in panel.entries), reverse=True)
    places = {row["id"]: place for place, row in enumerate(chart.rows)}
    return sorted(panels, key=lambda panel: min(places.get(entry.row["id"], len(places)) for entry in panel.entries))


def _describe(entry: Entry) -> Entry:
    """Return a single figure with the source's words for what it counts, and when; the title says the rest."""
    counted = wording.quote(entry.row["counted"]) if entry.row["counted"] else ""
    return replace(entry, what=", ".join(filter(None, (counted, wording.period_label(entry.row)))))


def _divide(entries: Sequence[Entry], view: ReleaseView, *, is_asked_for: bool) -> Plan | None:
    """Return the plan of a whole that is divided into its parts, if there is one and its parts come to it.

    By request, parts may leave a rest, and other figures stand above.
    """
    parts_of = defaultdict[str, list[Entry]](list)
    for entry in entries:
        for identity in entry.row["part_of"] if entry.mark != "none" else ():
            parts_of[identity].append(entry)
    for whole in entries:
        parts = parts_of.get(whole.row["id"], [])
        if not whole.reach or len(parts) < 2:  # most figures have no parts; a chart can have 2,000
            continue
        shown = {entry.row["id"] for entry in (*parts, whole)}
        above = [entry for entry in entries if entry.row["id"] not in shown]
        rest = whole.reach - sum(part.reach for part in parts)
        is_plain = rest == 0 and not above and len(parts) <= MAX_PARTS
        if len(above) < MAX_ABOVE and (is_plain or (is_asked_for and rest >= 0)):
            parts = name_entries([part.row for part in sorted(parts, key=lambda part: -part.reach)], view)
            return Plan("divided", [], [*above, whole], [Group("", "", parts)])
    return None


def _includes(whole: Entry, areas: Collection[str], view: ReleaseView) -> bool:
    """Tell whether a figure is about an area that includes those of others, as England includes its forces."""
    inside = view.catalogue.findable("area").get(whole.row["area"], [])
    return any(area in areas and area != whole.row["area"] for area in inside)


def _group_by_scale(entries: Sequence[Entry], chart: Chart) -> list[Group]:
    """Group figures that may share an axis: of one unit, and all at one time, over a period, or without a time."""
    kept = entries if chart.is_ordered else sorted(entries, key=lambda entry: (-entry.reach, entry.name))
    found = defaultdict[tuple[str, str], list[Entry]](list)
    for entry in kept:
        found[_name_axis(entry.row, chart.view)].append(entry)
    units, times = ({key[place] for key in found} for place in (0, 1))
    groups = []
    for (unit, time), alike in found.items():
        heading = ", ".join([unit] * (len(units) > 1) + [time] * (len(times - {""}) > 1 and time != ""))
        groups.append(Group(wording.capitalise(heading), unit, alike))
    return groups


def _name_axis(row: Row, view: ReleaseView) -> tuple[str, str]:
    """Return the unit and the time of the axis that a figure needs. Shares, averages and changes have no time."""
    if statistic := _STATISTICS.get(row["statistic"]):
        return statistic if row["unit"] != "per_thousand" else "Rates per 1,000", ""
    unit = row["counting_unit"]
    label = "Unit not stated" if unit in wording.UNKNOWN else view.catalogue.label("counting_unit", unit)
    return label, _TIMES.get(row["stock_or_flow"] or "", "unclear whether at one time")


def _group_by_date(entries: Sequence[Entry], view: ReleaseView) -> list[Group]:
    """Group figures by the date on which they were printed; undated ones come last."""
    groups = defaultdict[str, list[Entry]](list)
    for entry in sorted(entries, key=lambda entry: view.source(entry.row).get("published") or "9999"):
        groups[wording.published(view.source(entry.row))].append(entry)
    return [Group(wording.capitalise(date), "", found) for date, found in groups.items()]


def cut(plan: Plan, title: str | None, most: int | None = None) -> Plan:
    """Keep as many panels and rows as there is room for: first those whose numbers the title names."""
    items: list[Panel | Entry] = [*plan.panels, *plan.rows]
    kept, room = set[int](), most or (MAX_RANKED if plan.is_ranking else MAX_ROWS)
    for item in sorted(items, key=lambda item: not _is_named(title or "", item)):
        room -= ROWS_OF_PANEL + len(item.entries) // FIGURES_OF_ROW if isinstance(item, Panel) else 1
        if room >= 0 or not kept:
            kept.add(id(item))
    groups = [replace(group, entries=[entry for entry in group.entries if id(entry) in kept]) for group in plan.groups]
    panels = [panel for panel in plan.panels if id(panel) in kept]
    return replace(plan, panels=panels, groups=[group for group in groups if group.entries])


def shorten(plan: Plan, level: int) -> Plan:
    """Say less of each figure: not who stated it (1), all in one line (2), only what tells it from the others (3)."""
    names = Counter(entry.name for entry in plan.rows)

    def short(entry: Entry) -> Entry:
        if plan.form == "timeline":
            return replace(entry, what="")
        if level == 1:
            return replace(entry, detail="")
        needs_more = entry.what and (level == 2 or names[entry.name] > 1)
        return replace(entry, name=f"{entry.name}, {entry.what}" if needs_more else entry.name, what="", detail="")

    if level == 0:
        return plan
    groups = [replace(group, entries=[short(entry) for entry in group.entries]) for group in plan.groups]
    return replace(plan, groups=groups, wholes=[short(entry) for entry in plan.wholes])


def _is_named(title: str, item: Panel | Entry) -> bool:
    entries = item.entries if isinstance(item, Panel) else [item]
    return any(_place_in(title, entry) < len(title) for entry in entries)


def _place_in(title: str, entry: Entry) -> int:
    """Return where a title names the number of a figure, or its length if it does not."""
    number = _NUMBER.search(entry.shown)
    places = [match.start() for match in _NUMBER.finditer(title) if number and match[0] == number[0]]
    return min(places, default=len(title))
