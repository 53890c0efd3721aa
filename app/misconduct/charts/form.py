"""Choose the form of a picture by what varies: a number, columns, dots, rows of small columns, or rows."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from misconduct.charts.subject import NOT_HELD, Chart, Line, Point, Subject, choose_subject
from misconduct.charts.times import DAY, MONTHS, UNDATED, WINDOW, YEAR, Time
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year, make_year
from misconduct.model.figure import Row
from misconduct.model.order import find_country, statistic_of
from misconduct.model.series import Series
from misconduct.model.wording import PHRASES, lower, publisher

Shape = Literal["number", "columns", "dots", "small", "rows"]

MAX_ROWS = 18

SUITED: Mapping[str, Collection[Shape]] = {
    "list": ("rows", "number"), "numbers": ("rows", "number"), "bars": ("rows",),
    "table": ("small",), "grid": ("small",), "years": ("columns", "small"), "columns": ("columns", "small"),
}  # fmt: skip
"""The forms that a wish for a form is followed by."""


class Slot(NamedTuple):
    """A time on the axis of a line: its figure, or why there is none."""

    label: str
    point: Point | None = None
    reason: str = ""


@dataclass(frozen=True)
class Entry:
    """A row of a picture: slots, or one figure; or the reason why a place that was asked for has none.

    `label` is what tells it from other rows, `heading` the place above rows of several kinds. `when` is its time, if
    others have another. A total has no bar: it would hide its parts.
    """

    line: Line
    label: str = ""
    heading: str = ""
    slots: Sequence[Slot] = ()
    point: Point | None = None
    when: str = ""
    reason: str = ""
    has_bar: bool = False

    @property
    def points(self) -> list[Point]:
        return [slot.point for slot in self.slots if slot.point] or ([self.point] if self.point else [])


@dataclass(frozen=True)
class Plan:
    """What a picture draws. `left` are rows for which it has no room, `why` says why there is no scale."""

    subject: Subject
    shape: Shape
    entries: Sequence[Entry]
    left: Sequence[Entry] = ()
    has_scale: bool = True
    why: str = ""

    @property
    def chart(self) -> Chart:
        return self.subject.chart

    @property
    def points(self) -> list[Point]:
        return [point for entry in self.entries for point in entry.points]

    @property
    def rows(self) -> list[Row]:
        """Return all figures that are drawn, also those beside others."""
        return [row for point in self.points for row in (point.row, *point.others)]


def make_plan(chart: Chart) -> Plan:
    """Choose what a picture draws, and how."""
    subject = choose_subject(chart)
    lines = subject.lines
    if len(lines) == 1 and lines[0].points:
        return _plan_line(subject, lines[0])
    if _share_times(lines) and len(lines) <= MAX_ROWS and not (why := _find_why(subject.points, chart)):
        slots = _align(lines, chart)
        entries = [Entry(line, slots=some) if line.points else _say_missing(line, chart)
                   for line, some in zip(lines, slots, strict=True)]  # fmt: skip
        return Plan(subject, "small", _put_in_order(entries, chart), has_scale=_is_on_scale(subject.points), why=why)
    return _plan_rows(subject, [_find_newest(line, lines) for line in lines])


def _plan_line(subject: Subject, line: Line) -> Plan:
    kind = line.kind[0]
    if len(line.points) == 1 and not line.points[0].others:
        return Plan(subject, "number", [Entry(line, point=line.points[0])])
    if kind in (WINDOW, UNDATED) or not _is_on_scale(line.points):
        several = [Entry(line, point=point, label=point.time.label) for point in line.points]
        several += [
            Entry(line, point=Point(row, point.time), label=point.time.label)
            for point in line.points
            for row in point.others
        ]
        return Plan(subject, "rows", several, has_scale=False)
    if kind == DAY:
        return Plan(subject, "dots", [Entry(line, slots=[Slot(one.time.label, one) for one in line.points])])
    return Plan(subject, "columns", [Entry(line, slots=_align([line], subject.chart)[0])])


def _plan_rows(subject: Subject, entries: Sequence[Entry]) -> Plan:
    """Return a plan of rows with one number each, and bars where all may stand on one scale."""
    chart = subject.chart
    common = _find_common(entries)
    entries = _put_in_order(entries, chart)
    entries = [one if one.point is None or one.point.time == common else replace(one, when=one.point.time.label)
               for one in entries]  # fmt: skip
    at_once = [one for one in entries if one.point and not one.when and not one.line.is_total]
    points = [one.point for one in at_once if one.point]
    are_alike = len({statistic_of(point.row) for point in points}) == 1
    why = _find_why([one.point for one in entries if one.point], chart)
    has_scale = len(at_once) > 1 and are_alike and not why and _is_on_scale(points)
    entries = [replace(one, has_bar=has_scale and one in at_once) for one in entries]
    asked = {*chart.wish.areas}
    room = max(MAX_ROWS, sum(one.line.area in asked for one in entries))
    if chart.title or chart.is_chosen or len(asked) > 1:
        room = len(entries)
    return Plan(subject, "rows", entries[:room], entries[room:], has_scale=has_scale, why=why)


def _find_newest(line: Line, lines: Sequence[Line]) -> Entry:
    """Return the newest number of a line, or its number for the time that most lines have one for."""
    if not line.points:
        return Entry(line, reason=NOT_HELD)
    ends = Counter(other.points[-1].time for other in lines if other.points)
    often, number = ends.most_common(1)[0]
    if number > 1 and (found := next((one for one in line.points if one.time == often), None)):
        return Entry(line, point=found)
    return Entry(line, point=line.points[-1])


def _find_common(entries: Sequence[Entry]) -> Time | None:
    times = Counter(entry.point.time for entry in entries if entry.point)
    return times.most_common(1)[0][0] if times and (len(times) == 1 or times.most_common(1)[0][1] > 1) else None


def _say_missing(line: Line, chart: Chart) -> Entry:
    return Entry(line, label=chart.view.catalogue.label("area", line.area), reason=NOT_HELD)


def _put_in_order(entries: Sequence[Entry], chart: Chart) -> list[Entry]:
    """Return rows with totals first, and places by name unless the request sorts; kinds keep their order."""
    if chart.title or chart.is_chosen:
        return [*entries]
    catalogue = chart.view.catalogue
    unranked = any(catalogue.fact("no_ranking", one) for entry in entries for p in entry.points for one in p.row["caveats"])
    if chart.is_ranked and not unranked:
        return sorted(entries, key=lambda one: (not one.line.is_total, -(_reach(one) or 0)))
    several = len({one.line.area for one in entries}) > 1
    asked = [*chart.wish.areas]
    return sorted(
        entries,
        key=lambda one: (
            not one.line.is_total,
            asked.index(one.line.area) if one.line.area in asked and len(asked) < MAX_ROWS else len(asked),
            catalogue.label("area", one.line.area) if several else "",
        ),
    )


def _reach(entry: Entry) -> float | None:
    return max((point.value or 0 for point in entry.points), default=None)


def _share_times(lines: Sequence[Line]) -> bool:
    """Tell whether lines have figures of several times that most of them share."""
    several = [line for line in lines if len(line.points) > 1]
    kinds = {line.kind for line in several}
    if len(several) < 2 or len(kinds) > 1 or {kind for kind, _ in kinds} & {WINDOW, UNDATED}:
        return False
    times = Counter(point.time for line in several for point in line.points)
    shared = [time for time, number in times.items() if number > len(several) / 2]
    filled = [line for line in lines if line.points]
    return len(shared) > 1 and len(several) == len(filled)


def _align(lines: Sequence[Line], chart: Chart) -> list[list[Slot]]:
    """Return lines by the same times: all years from the first to the last, or the times that they have."""
    points = [point for line in lines for point in line.points]
    if any(point.time.kind == YEAR for point in points):
        month = next(point.time.size for point in points if point.time.kind == YEAR)
        begins = [int(point.row["year"][:4]) for point in points]
        years = [make_year(year, month) for year in range(min(begins), max(begins) + 1)]
        years = [year for year in years if not chart.years or year.name in chart.years]
        return [_fill_years(line, years, chart) for line in lines]
    times = sorted({point.time for point in points}, key=lambda time: (time.last, time.first))
    found = []
    for line in lines:
        by_time = {point.time: point for point in line.points}
        found.append([_fill(time.label, by_time.get(time), NOT_HELD, chart.view.catalogue) for time in times])
    return found


def _fill_years(line: Line, years: Sequence[Year], chart: Chart) -> list[Slot]:
    of_years = {point.row["year"]: point for point in line.points}
    series = _make_series(line.rows, chart)
    return [
        _fill(year.name, of_years.get(year.name), _explain(year, series, chart), chart.view.catalogue) for year in years
    ]


def _fill(label: str, point: Point | None, reason: str, catalogue: Catalogue) -> Slot:
    if point is None:
        return Slot(label, None, reason)
    if point.value is None:
        return Slot(label, point, lower(catalogue.label("value_absent", point.row["value_absent"])))
    return Slot(label, point)


def _make_series(rows: Sequence[Row], chart: Chart) -> list[Series]:
    ids = dict.fromkeys(row["series"] for row in rows if row["series"])
    sources = chart.view.catalogue.of_kind("source")
    return [Series([row | {"is_found": True} for row in rows if row["series"] == one], sources) for one in ids]


def _explain(year: Year, series: Sequence[Series], chart: Chart) -> str:
    """Return why a year has no figure: what a source that covers it says, or that none is held here."""
    if chart.is_cut:
        return "not chosen, or none held"
    gaps = [one.gaps([year]).get(year.label) for one in series]
    codes = [gap.code for gap in gaps if gap]
    known = [code for code in ("withheld", "not_counted", "none_so_far", "not_stated") if code in codes]
    return PHRASES["gap"][known[0]] if known else "no figure held"


def _is_on_scale(points: Sequence[Point]) -> bool:
    return bool(points) and all((point.value or 0) >= 0 and point.row["statistic"] != "change" for point in points)


def _find_why(points: Sequence[Point], chart: Chart) -> str:
    """Return why places may not stand on one scale; nothing if they may."""
    catalogue, rows = chart.view.catalogue, [point.row for point in points]
    if len({row["area"] for row in rows}) < 2 or len({row["indicator"] for row in rows}) > 1:
        return ""
    indicator = catalogue.of_kind("indicator").get(rows[0]["indicator"], {})
    within = indicator.get("together", "never")
    sources = {publisher(chart.view.source(row)) for row in rows}
    countries = {find_country(row["area"], catalogue) for row in rows}
    is_one = {"source": len(sources) == 1, "country": len(countries) == 1}.get(within, False)
    return "" if is_one else str(indicator.get("why") or "What they count differs.")


def find_part_of_year(plan: Plan) -> list[str]:
    """Return the parts of years that are drawn beside whole years."""
    return list(dict.fromkeys(one.time.label for entry in plan.entries if entry.line.kind[0] == YEAR
                              for one in entry.points if one.time.kind == MONTHS))  # fmt: skip
