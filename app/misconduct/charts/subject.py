"""Choose what a picture is of: the figures of one statistic, or one publication's table for one place."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from misconduct.charts.lines import Line, Point, are_most, leave_out_parts, make_line
from misconduct.charts.times import find_time
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import PROSE, Row
from misconduct.model.kinds import Form, FormerForm
from misconduct.model.places import TOGETHER, find_around
from misconduct.model.side_by_side import entry_of, is_of_kind, is_recent, statistic_of
from misconduct.model.wording import publisher

MANY_TIMES = 3  # that rows of a table share


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: places, kinds of misconduct, and indicators."""

    areas: Collection[str] = ()
    categories: Collection[str] = ()
    indicators: Collection[str] = ()


@dataclass(frozen=True)
class Chart:
    """The figures that a request finds, the first first, and what it asks for. One of the register has its own title.

    `years` are those that are asked for. `is_chosen` tells that each figure was asked for, `is_cut` that filters by
    number leave out others of the same series. `table` has the row of each figure.
    """

    view: ReleaseView
    address: str
    rows: Sequence[Row]
    table: Mapping[str, Row] = field(default_factory=dict)
    wish: Wish = field(default_factory=Wish)
    years: Collection[str] = ()
    title: str | None = None
    subtitle: str | None = None
    note: str | None = None
    heading: str = ""
    revised: str | None = None
    form: Form | FormerForm | None = None
    is_newest: bool = True
    is_ranked: bool = False
    is_chosen: bool = False
    is_cut: bool = False

    @property
    def has_all(self) -> bool:
        """Tell whether each of its figures is drawn."""
        return bool(self.title or self.is_chosen)

    def find_rows(self, points: Iterable[Point]) -> list[Row]:
        """Return the rows of the table that some points are."""
        return [self.table[point.row["id"]] for point in points]


def choose_subject(chart: Chart) -> tuple[list[Line], bool]:
    """Return what a picture is of, and whether that is the table of a publication."""
    if chart.has_all:
        return _keep_all(chart), False
    first = _find_first(chart)
    if table := _find_table(first, chart):
        return table, True
    lines = _make_lines(
        [row for row in chart.rows if statistic_of(row) == statistic_of(first)],
        first,
        chart,
    )
    pool = [
        line
        for line in lines
        if _find_status(line.key, chart) == _find_status(first, chart)
    ]
    chosen = _choose_places(pool, lines, chart)
    is_whole = len(chosen) == len(chosen[0].points) == 1
    return _open(chosen[0], lines, chart) if is_whole else _keep_publishers(
        chosen, chart
    ), False


def _find_first(chart: Chart) -> Row:
    """Return the first figure of the statistics that most of the places that were asked for have.

    Where most figures of a kind are hidden, the next one is first: five of 2021 would stand for eight years of force.
    """
    held = defaultdict[tuple[Any, ...], set[str]](set)
    for row in chart.rows:
        held[statistic_of(row)].update(
            {row["area"]}.intersection(() if row["repeats"] else chart.wish.areas)
        )
    most = max(map(len, held.values()))  # none of them, if only places inside have any
    rows = [row for row in chart.rows if len(held[statistic_of(row)]) == most]
    every = Counter(entry_of(row) for row in rows)
    hidden = Counter(
        entry_of(row) for row in rows if row["value_absent"] == "suppressed"
    )
    return next(
        (row for row in rows if 2 * hidden[entry_of(row)] <= every[entry_of(row)]),
        rows[0],
    )


def _find_status(row: Row, chart: Chart) -> tuple[bool, bool]:
    """Return whether a figure is of a smaller scope, and whether of one kind."""
    return bool(row["scope"]), is_of_kind(
        row, chart.wish.categories, chart.view.catalogue
    )


def _make_lines(rows: Iterable[Row], first: Row, chart: Chart) -> list[Line]:
    """Return a line of each place and kind, of the people of the first figure if it has those."""
    found = defaultdict[tuple[Any, ...], list[Row]](list)
    for row in sorted(rows, key=lambda row: row["population"] != first["population"]):
        found[
            tuple(row[name] for name in ("area", "category", "subcategory", "scope"))
        ].append(row)
    alike = [
        [row for row in some if row["population"] == some[0]["population"]]
        for some in found.values()
    ]
    return [make_line(some, chart.view) for some in alike]


def _choose_places(
    pool: Sequence[Line], lines: Sequence[Line], chart: Chart
) -> list[Line]:
    """Return the lines of the places that were asked for, or else of those that no other one includes.

    Instead of a place without a line it is the longest of what it has of another kind or scope, or else those of the
    places inside it, or an empty one.
    """
    if not chart.wish.areas:
        return _find_widest(pool, chart)
    found = list[Line]()
    for area in dict.fromkeys(chart.wish.areas):
        inside = [
            line
            for line in pool
            if area in find_around(line.area, chart.view.catalogue)
        ]
        found += (
            leave_out_parts([line for line in pool if line.area == area])
            or sorted(
                (line for line in lines if line.area == area),
                key=lambda line: -len(line.points),
            )[:1]
            or [
                line
                for line in _find_widest(inside, chart)
                if line.area not in chart.wish.areas
            ]
            or [Line(area)]
        )
    return found


def _keep_publishers(lines: Sequence[Line], chart: Chart) -> list[Line]:
    """Return lines without the kinds of a place that only others count than the publishers of its first one."""
    own = [{publisher(chart.view.source(row)) for row in line.rows} for line in lines]
    first = {
        line.area: publishers
        for line, publishers in reversed([*zip(lines, own, strict=True)])
    }
    return [
        line
        for line, publishers in zip(lines, own, strict=True)
        if publishers & first[line.area] or not line.rows
    ]


def _find_widest(lines: Sequence[Line], chart: Chart) -> list[Line]:
    """Return the lines of places that no other one with a recent number includes; of unnamed forces if of no others."""
    named = [line for line in lines if line.area != TOGETHER] or lines
    recent = {
        line.area for line in named if is_recent(line.key["period_end"], chart.view.day)
    }
    held = recent or {line.area for line in named}
    return leave_out_parts(
        [
            line
            for line in named
            if held.isdisjoint(find_around(line.area, chart.view.catalogue))
        ]
    )


def _open(whole: Line, lines: Sequence[Line], chart: Chart) -> list[Line]:
    """Return a line of one time, and the kinds that the register has as its parts, or else the places inside it."""
    time, source, kinds, inside = (
        whole.points[0].time,
        _publication(whole.key, chart),
        list[Line](),
        list[Line](),
    )
    wholes = {row["id"] for row in whole.rows}
    for line in lines:
        points = [
            one
            for one in line.points
            if one.time == time and _publication(one.row, chart) == source
        ]
        status, around = (
            _find_status(line.key, chart),
            find_around(line.area, chart.view.catalogue),
        )
        if (
            points
            and line.area == whole.area
            and not wholes.isdisjoint(line.key["within"])
        ):
            kinds.append(replace(line, points=points))
        elif (
            points
            and whole.area in around
            and status == (False, False)
            and not chart.wish.areas
        ):
            inside.append(replace(line, points=points))
    parts = next(
        (
            some
            for some in (leave_out_parts(kinds), inside)
            if len(some) > 1 and are_most(some, whole)
        ),
        [],
    )
    return [replace(whole, is_total=bool(parts)), *parts]


def _find_table(first: Row, chart: Chart) -> list[Line]:
    """Return what one publication counts of one place, in one unit and over the same years, if it is several things."""
    is_one_place = (
        len({*chart.wish.areas} or {row["area"] for row in chart.rows}) == 1
        and not chart.wish.indicators
    )
    if (
        not is_one_place
        or any(_find_status(first, chart))
        or first["read_from"] in PROSE
    ):
        return []
    names, by_indicator = (
        ("area", "statistic", "unit", "counting_unit"),
        defaultdict[str, list[Row]](list),
    )
    for row in chart.rows:
        is_like = all(row[name] == first[name] for name in names) and not any(
            _find_status(row, chart)
        )
        if is_like and _publication(row, chart) == _publication(first, chart):
            by_indicator[row["indicator"]].append(row)
    times = {one: {row["period"] for row in rows} for one, rows in by_indicator.items()}
    of_first = times[first["indicator"]]
    kept = [
        one
        for one in by_indicator
        if len(times[one] & of_first) >= min(MANY_TIMES, len(of_first))
    ]
    kept.sort(
        key=lambda one: (
            chart.view.catalogue.of_kind("indicator").get(one, {}).get("position", 0)
        )
    )
    return (
        [make_line(by_indicator[one], chart.view) for one in kept]
        if len(kept) > 1
        else []
    )


def _publication(row: Row, chart: Chart) -> tuple[str, str]:
    source = chart.view.source(row)
    return publisher(source), source.get("published") or ""


def _keep_all(chart: Chart) -> list[Line]:
    """Return all figures of a chart: those of the same entry as one line if it draws all of them."""
    by_entry, lines = defaultdict[tuple[Any, ...], list[Row]](list), list[Line]()
    for row in chart.rows:
        by_entry[entry_of(row)].append(row)
    for rows in by_entry.values():
        line = make_line(rows, chart.view)
        single = [
            Line(
                row["area"], [Point(row, find_time(row, chart.view.source(row)))], [row]
            )
            for row in rows
        ]
        lines += [line] if len(line.points) + bool(line.window) == len(rows) else single
    return lines
