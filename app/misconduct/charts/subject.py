"""Choose what a picture is of: the figures of one statistic, or one publication's table for one place."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from misconduct.charts.times import MONTHS, UNDATED, WINDOW, YEAR, Time, find_time
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import PROSE, Row
from misconduct.model.kinds import Form, FormerForm
from misconduct.model.names import name_counted
from misconduct.model.order import Wish, entry_of, find_first, is_of_kind, order_key, statistic_of
from misconduct.model.places import find_around
from misconduct.model.series import find_work
from misconduct.model.wording import publisher

RECENT_YEARS, MANY_TIMES = 5, 3
"""A series by year is preferred if it ends so few years before the newest figure; times that rows of a table share."""


@dataclass(frozen=True)
class Chart:
    """What a request finds, and what it asks for; a chart of the register has its editor's title.

    `years` are those that are asked for. `is_chosen` tells that each figure was asked for, `is_cut` that filters by
    number leave out others of the same series.
    """

    view: ReleaseView
    address: str
    rows: Sequence[Row]
    wish: Wish = field(default_factory=Wish)
    years: Collection[str] = ()
    title: str | None = None
    subtitle: str | None = None
    note: str | None = None
    heading: str = ""
    revised: str | None = None
    day: str = ""
    form: Form | FormerForm | None = None
    is_newest: bool = True
    is_ranked: bool = False
    is_chosen: bool = False
    is_cut: bool = False
    has_search: bool = False


class Point(NamedTuple):
    """The figure of a line for one time, and figures of other sources that differ from it."""

    row: Row
    time: Time
    others: Sequence[Row] = ()

    @property
    def value(self) -> float | None:
        """Return how far it reaches on a scale; None if it has neither a number nor a bound."""
        known = [self.row[name] for name in ("value", "value_high", "value_low") if self.row[name] is not None]
        return float(known[0]) * (100 if self.row["unit"] == "proportion" else 1) if known else None

    @property
    def is_in_words(self) -> bool:
        """Tell whether the source prints words or a range in place of a number: hundreds, 20–40."""
        return self.row["value_absent"] in ("magnitude_only", "range_only")


@dataclass(frozen=True)
class Line:
    """What is counted of one place and kind, by time. Without figures, `area` is a place that was asked for.

    `rows` are all its figures, `window` the one that its source prints for all years together.
    """

    area: str
    points: Sequence[Point] = ()
    rows: Sequence[Row] = ()
    window: Point | None = None
    is_total: bool = False

    @property
    def key(self) -> Row:
        """Return the row that names it, which is the newest one."""
        return self.points[-1].row

    @property
    def kind(self) -> tuple[str, int]:
        """Return the kind of time; of years with a part of one it is years."""
        kinds = {(point.time.kind, point.time.size) for point in self.points}
        return next((one for one in kinds if one[0] == YEAR), next(iter(kinds), (UNDATED, 0)))


@dataclass(frozen=True)
class Subject:
    """The lines of a picture, and how many more figures the request finds, by what they count."""

    chart: Chart
    lines: Sequence[Line]
    is_table: bool = False

    @property
    def points(self) -> list[Point]:
        return [point for line in self.lines for point in line.points]


def choose_subject(chart: Chart) -> Subject:
    """Return what a picture is of."""
    if chart.title or chart.is_chosen:
        return Subject(chart, _keep_all(chart))
    first = find_first(_prefer_shared(chart), chart.wish, chart.view.catalogue, chart.view.day)
    if table := _find_table(first, chart):
        return Subject(chart, table, is_table=True)
    lines = _make_lines([row for row in chart.rows if statistic_of(row) == statistic_of(first)], first, chart)
    pool = [line for line in lines if _find_status(line.key, chart) == _find_status(first, chart)]
    chosen = _choose_places(pool, lines, chart)
    return Subject(chart, _open(chosen[0], lines, chart) if len(chosen) == 1 else chosen)


def _prefer_shared(chart: Chart) -> Sequence[Row]:
    """Return the figures of what most of the places that were asked for have."""
    held = defaultdict[tuple[Any, ...], set[str]](set)
    for row in chart.rows:
        if row["area"] in chart.wish.areas:
            held[*statistic_of(row), *_find_status(row, chart)].add(row["area"])
    most = max(map(len, held.values()), default=0)
    return [row for row in chart.rows if len(held[*statistic_of(row), *_find_status(row, chart)]) == most]


def _find_status(row: Row, chart: Chart) -> tuple[bool, bool]:
    """Return whether a figure is of a smaller scope, and whether of one kind."""
    return bool(row["scope"]), is_of_kind(row, chart.wish.categories, chart.view.catalogue)


def _sort(rows: Iterable[Row], chart: Chart) -> list[Row]:
    return sorted(rows, key=lambda row: order_key(row, chart.wish, chart.view.catalogue, chart.view.day))


def _make_lines(rows: Iterable[Row], first: Row, chart: Chart) -> list[Line]:
    """Return a line of each place and kind, of the people of the first figure if it has those."""
    found = defaultdict[tuple[Any, ...], list[Row]](list)
    for row in sorted(_sort(rows, chart), key=lambda row: row["population"] != first["population"]):
        found[tuple(row[name] for name in ("area", "category", "subcategory", "scope"))].append(row)
    alike = [[row for row in some if row["population"] == some[0]["population"]] for some in found.values()]
    return [make_line(some, chart) for some in alike]


def _choose_places(pool: Sequence[Line], lines: Sequence[Line], chart: Chart) -> list[Line]:
    """Return the lines of the places that were asked for, or else of those that no other one includes.

    Instead of a place without a line it is the first smaller one of that place, or those of the places inside it.
    """
    if not chart.wish.areas:
        return _find_widest(pool, chart)
    found = list[Line]()
    for area in dict.fromkeys(chart.wish.areas):
        inside = [line for line in pool if area in find_around(line.area, chart.view.catalogue)]
        found += (
            _leave_out_parts([line for line in pool if line.area == area])
            or [line for line in lines if line.area == area][:1]
            or [line for line in _find_widest(inside, chart) if line.area not in chart.wish.areas]
            or [Line(area)]
        )
    return found


def _find_widest(lines: Sequence[Line], chart: Chart) -> list[Line]:
    """Return the lines of places that no other one includes."""
    held = {line.area for line in lines}
    return _leave_out_parts([line for line in lines if held.isdisjoint(find_around(line.area, chart.view.catalogue))])


def _leave_out_parts(lines: Sequence[Line]) -> list[Line]:
    """Return lines without kinds that are parts of other kinds."""
    ids = {row["id"]: line for line in lines for row in line.rows}
    return [
        line
        for line in lines
        if not any(ids[one] is not line for row in line.rows for one in row["within"] if one in ids)
    ]


def _open(whole: Line, lines: Sequence[Line], chart: Chart) -> list[Line]:
    """Return a line; if it is of one time, also the kinds or else the places that its number consists of."""
    if len(whole.points) != 1:
        return [whole]
    time, source = whole.points[0].time, _publication(whole.key, chart)
    at_time = [
        replace(line, points=some)
        for line in lines
        if (some := [one for one in line.points if one.time == time and _publication(one.row, chart) == source])
    ]
    status = {id(line): _find_status(line.key, chart) for line in at_time}
    kinds = [line for line in at_time if line.area == whole.area and status[id(line)] == (False, True)]
    inside = [line for line in at_time if whole.area in find_around(line.area, chart.view.catalogue)]
    inside = [line for line in inside if status[id(line)] == (False, False)]
    parts = _leave_out_parts(kinds) if len(kinds) > 1 else inside if len(inside) > 1 else []
    return [replace(whole, is_total=bool(parts)), *parts]


def _find_table(first: Row, chart: Chart) -> list[Line]:
    """Return what one publication counts of one place, in one unit and over the same years, if it is several things."""
    if len(chart.wish.areas) > 1 or any(_find_status(first, chart)) or first["read_from"] in PROSE:
        return []
    names, by_indicator = ("area", "statistic", "unit", "counting_unit"), defaultdict[str, list[Row]](list)
    for row in chart.rows:
        is_like = all(row[name] == first[name] for name in names)
        is_of_it = is_like and _publication(row, chart) == _publication(first, chart)
        if is_of_it and not any(_find_status(row, chart)):
            by_indicator[row["indicator"]].append(row)
    of_first = {row["period"] for row in by_indicator[first["indicator"]]}
    shared = {one: len(of_first & {row["period"] for row in rows}) for one, rows in by_indicator.items()}
    kept = [one for one, times in shared.items() if times >= MANY_TIMES]
    position = chart.view.catalogue.of_kind("indicator")
    kept.sort(key=lambda one: position.get(one, {}).get("position", 0))
    return [make_line(by_indicator[one], chart) for one in kept] if len(kept) > 1 else []


def _publication(row: Row, chart: Chart) -> tuple[str, str]:
    source = chart.view.source(row)
    return publisher(source), source.get("published") or ""


def _keep_all(chart: Chart) -> list[Line]:
    """Return all figures of a chart: those of the same entry as one line if no time has two of them."""
    by_entry = defaultdict[tuple[Any, ...], list[Row]](list)
    for row in chart.rows:
        by_entry[entry_of(row)].append(row)
    lines = list[Line]()
    for rows in by_entry.values():
        line = make_line(rows, chart)
        if len(line.points) + bool(line.window) == len(rows):
            lines.append(line)
        else:
            lines += [Line(row["area"], [Point(row, find_time(row, chart.view))], [row]) for row in rows]
    return lines


def make_line(rows: Sequence[Row], chart: Chart) -> Line:
    """Return what is counted of one place and kind by time, with one figure for each time."""
    ids = {row["id"] for row in rows}
    own = [row for row in rows if row["repeats"] not in ids]
    by_time = defaultdict[Time, list[Row]](list)
    for row in own:
        by_time[find_time(row, chart.view)].append(row)
    works = Counter(work for work, _ in {(_find_work(row, chart), row["period"]) for row in own})
    points = [_choose_source(some, time, works, chart) for time, some in by_time.items()]
    points.sort(key=lambda point: point.time.order())
    chosen = _choose_times(points)
    ends = chosen[0].time.first, chosen[-1].time.last
    window = next((one for one in points if one.time.kind == WINDOW and (one.time.first, one.time.last) == ends), None)
    return Line(rows[0]["area"], chosen, rows, window if chosen[1:] else None)


def _find_work(row: Row, chart: Chart) -> str:
    return find_work(row["source"], chart.view.source(row))


def _choose_source(rows: Sequence[Row], time: Time, works: Counter[str], chart: Chart) -> Point:
    """Return the figure of the publication that has most times, in its newest edition; others differ from it."""

    def rank(row: Row) -> tuple[Any, ...]:
        published = chart.view.source(row).get("published") or ""
        return row["value"] is not None, not row["repeats"], works[_find_work(row, chart)], published, row["recency"]

    best = max(rows, key=rank)
    differ = [row for row in rows if row["value"] not in (None, best["value"]) and not row["repeats"]]
    return Point(best, time, differ)


def _choose_times(points: Sequence[Point]) -> list[Point]:
    """Return the times of one kind: years if they are recent, or else the most; and a part of a year after them."""
    newest = max((point.time.last for point in points), default=date.min)
    found = Counter((point.time.kind, point.time.size) for point in points)
    last = {kind: max(one.time.last for one in points if (one.time.kind, one.time.size) == kind) for kind in found}

    def rank(kind: tuple[str, int]) -> tuple[Any, ...]:
        is_recent = kind[0] == YEAR and last[kind].year >= newest.year - RECENT_YEARS
        return is_recent, kind[0] not in (UNDATED, WINDOW), found[kind], last[kind], kind

    best = max(found, key=rank)
    chosen = [point for point in points if (point.time.kind, point.time.size) == best]
    if best[0] == YEAR:
        parts = {
            point.row["year"]: point
            for point in sorted(points, key=lambda one: one.time.size)
            if point.time.kind == MONTHS and point.time.last > last[best]
            and (("/" in point.row["year"]) == ("/" in chosen[-1].row["year"]))
        }  # fmt: skip
        chosen += parts.values()
    return chosen


def count_rest(subject: Subject, drawn: Collection[str]) -> list[tuple[str, int]]:
    """Return how many figures the request finds beside those that are drawn, by what they count, the first first."""
    chart = subject.chart
    rest = [row for row in chart.rows if row["id"] not in drawn and row["repeats"] not in drawn]
    numbers = Counter(row["indicator"] for row in rest)
    first = {row["indicator"]: row for row in reversed(_sort(rest, chart))}
    catalogue = chart.view.catalogue
    ordered = _sort(first.values(), chart)
    own = {point.row["indicator"] for point in subject.points}
    named = list[tuple[str, int]]()
    for row in ordered:
        known = row["indicator"] in catalogue.codelists["indicator"]
        name = catalogue.label("indicator", row["indicator"]) if known else name_counted(row, catalogue)
        is_own = row["indicator"] in own
        lower = name if name[1:2].isupper() else name[:1].lower() + name[1:]
        named.append((f"more on {lower}" if is_own else lower, numbers[row["indicator"]]))
    return named
