"""Make lines of figures: what is counted of one place and kind, with one figure for each time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from misconduct.charts.times import MONTHS, UNDATED, WINDOW, YEAR, Time, find_time
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.series import Gap, Series, find_work
from misconduct.model.side_by_side import RECENT_YEARS
from misconduct.model.wording import publisher

YEARS_BEHIND = 5
"""A series by year is preferred to other times if it ends so few years before the newest figure."""

LONG_GAP = 2
"""So many years without a figure part what publishers have before them from what others have after them."""
NOT_HELD, NOT_CHOSEN = Gap("gap", "not_stated"), Gap("gap", "not_chosen")
OF_COLUMNS = (
    "filtered_out",
    "other_year",
    "other_period",
    "window_undated",
    "outside_window",
)
"""Reasons why the column of a table has no number, where a picture says that none is held."""


class Point(NamedTuple):
    """The figure of a line for one time, and figures of other sources that differ from it."""

    row: Row
    time: Time
    others: Sequence[Row] = ()

    @property
    def value(self) -> float | None:
        """Return how far it reaches on a scale; None if it has neither a number nor a range, but only words."""
        if self.row["value_absent"] == "magnitude_only":
            return None
        known = [
            self.row[name]
            for name in ("value", "value_high", "value_low")
            if self.row[name] is not None
        ]
        return (
            float(known[0]) * (100 if self.row["unit"] == "proportion" else 1)
            if known
            else None
        )

    @property
    def reach(self) -> float:
        """Return how far it and the figures beside it reach."""
        return max([self.value or 0, *(float(row["value"]) for row in self.others)])

    @property
    def is_hidden(self) -> bool:
        """Tell whether it has no number, and no words or range in place of one: hundreds, 20–40."""
        return self.row["value"] is None and self.row["value_absent"] not in (
            "magnitude_only",
            "range_only",
        )


@dataclass(frozen=True)
class Line:
    """What is counted of one place and kind, by time. Without points, `area` is a place that was asked for.

    `rows` are all its figures, `window` the one that its source prints for all years together, `apart` those of other
    publishers before a long gap.
    """

    area: str
    points: Sequence[Point] = ()
    rows: Sequence[Row] = ()
    window: Point | None = None
    apart: Sequence[Point] = ()
    is_total: bool = False

    @property
    def key(self) -> Row:
        """Return the row that names it, which is the newest one."""
        return self.points[-1].row

    @property
    def kind(self) -> tuple[str, int]:
        """Return the kind of time; of years and a part of one it is years."""
        kinds = {(point.time.kind, point.time.size) for point in self.points}
        return next(
            (one for one in kinds if one[0] == YEAR), next(iter(kinds), (UNDATED, 0))
        )

    def is_part(self, point: Point) -> bool:
        """Tell whether a figure is for a part of a year beside whole years."""
        return point.time.kind == MONTHS and self.kind[0] == YEAR

    def explain(
        self, years: Sequence[Year], view: ReleaseView, *, is_cut: bool
    ) -> dict[str, Gap]:
        """Return why years have no figure: what a source that covers them says, or that none is held here.

        `is_cut` tells that filters may have left out figures of the line.
        """
        if is_cut:
            return dict.fromkeys((year.name for year in years), NOT_CHOSEN)
        ids, sources = (
            {row["series"] for row in self.rows if row["series"]},
            view.catalogue.of_kind("source"),
        )
        rows = [row | {"is_found": True} for row in self.rows]
        gaps = dict[str, set[str]]()
        for one in ids:
            series = Series([row for row in rows if row["series"] == one], sources)
            for label, gap in series.gaps(years).items():
                gaps.setdefault(label, set()).add(gap.code)
        return {year.name: _choose_gap(gaps.get(year.label, set())) for year in years}


def _choose_gap(codes: Collection[str]) -> Gap:
    """Return the first reason in the order of `codes.csv`, but none that only keeps a number out of a column."""
    said = (
        code
        for code in PROGRAM_LISTS["gap"]
        if code in codes and code not in OF_COLUMNS
    )
    return next((Gap("gap", code) for code in said), NOT_HELD)


def make_line(rows: Sequence[Row], view: ReleaseView) -> Line:
    """Return the line of some figures. What repeats another of them is no point."""
    ids = {row["id"] for row in rows}
    own = [row for row in rows if row["repeats"] not in ids]
    works = {row["id"]: find_work(row["source"], view.source(row)) for row in own}
    again = Counter(row["repeats"] for row in rows)
    times = Counter(
        work for work, _ in {(works[row["id"]], row["period"]) for row in own}
    )
    by_time = defaultdict[Time, list[Row]](list)
    for row in own:
        by_time[find_time(row, view.source(row))].append(row)

    def rank(row: Row) -> tuple[Any, ...]:
        """Prefer what may lead; of the publication that has most times its newest edition, and what others repeat."""
        can_lead = not any(
            view.catalogue.fact("no_lead", one) for one in row["caveats"]
        )
        number, published = (
            times[works[row["id"]]],
            view.source(row).get("published") or "",
        )
        is_own = row["value"] is not None, not row["repeats"]
        return *is_own, can_lead, number, published, again[row["id"]], row["recency"]

    points = list[Point]()
    for time, some in by_time.items():
        best = max(some, key=rank)
        differ = [
            row
            for row in some
            if row["value"] not in (None, best["value"]) and not row["repeats"]
        ]
        points.append(Point(best, time, differ))
    points.sort(key=lambda point: point.time.order())
    apart, chosen = _part_at_gap(_choose_times(points), view)
    ends = chosen[0].time.first, chosen[-1].time.last
    window = next(
        (
            one
            for one in points
            if one.time.kind == WINDOW and (one.time.first, one.time.last) == ends
        ),
        None,
    )
    return Line(rows[0]["area"], chosen, rows, window if chosen[1:] else None, apart)


def _part_at_gap(
    points: Sequence[Point], view: ReleaseView
) -> tuple[Sequence[Point], Sequence[Point]]:
    """Return the points before and after the last long gap between years that has other publishers on each side."""
    publishers = [publisher(view.source(point.row)) for point in points]
    for place in range(len(points) - 1, 0, -1):
        years = points[place].time.first.year - points[place - 1].time.first.year
        is_gap = points[place].time.kind == YEAR and years > LONG_GAP
        if is_gap and {*publishers[:place]}.isdisjoint(publishers[place:]):
            return points[:place], points[place:]
    return (), points


def _choose_times(points: Sequence[Point]) -> list[Point]:
    """Return the points of one kind of time: years if they are recent, else the most; then parts of years."""
    by_kind = defaultdict[tuple[str, int], list[Point]](list)
    for point in points:
        by_kind[point.time.kind, point.time.size].append(point)
    newest = max(point.time.last for point in points)

    def rank(kind: tuple[str, int]) -> tuple[Any, ...]:
        last = max(point.time.last for point in by_kind[kind])
        is_recent = kind[0] == YEAR and last.year >= newest.year - YEARS_BEHIND
        return (
            is_recent,
            kind[0] not in (UNDATED, WINDOW),
            len(by_kind[kind]),
            last,
            kind,
        )

    best = max(by_kind, key=rank)
    chosen = by_kind[best]
    return [*chosen, *_find_parts(points, chosen[-1])] if best[0] == YEAR else chosen


def _find_parts(points: Iterable[Point], last: Point) -> Iterable[Point]:
    """Return the longest part of each year that begins after the last whole one."""
    months = sorted(
        (one for one in points if one.time.kind == MONTHS),
        key=lambda one: one.time.size,
    )
    is_like = "/" in last.row["year"]
    return {
        one.row["year"]: one
        for one in months
        if one.time.last > last.time.last and ("/" in one.row["year"]) == is_like
    }.values()


def find_shared_time(lines: Sequence[Line]) -> Time | None:
    """Return the time for which most lines have a final number, and more than half: the newest, if it is recent."""
    filled = [line for line in lines if line.points]
    newest = max((line.points[-1].time.last.year for line in filled), default=0)
    numbers = [
        one
        for line in filled
        for one in line.points
        if not (one.is_hidden or line.is_part(one))
    ]
    numbers = [one for one in numbers if one.row["mark"] != "provisional"]
    held = Counter(
        one.time for one in numbers if one.time.last.year >= newest - RECENT_YEARS
    )
    time = max(held, key=lambda one: (held[one], one.order()), default=None)
    return time if time and 2 * held[time] > len(filled) else None


def share_times(lines: Sequence[Line]) -> bool:
    """Tell whether several lines have figures for periods of the same kind, and for several that they share.

    Columns of days would stand as far from each other in spring as after six years.
    """
    filled = [line for line in lines if line.points]
    if len({line.kind for line in filled}) != 1 or filled[0].kind[0] not in (
        YEAR,
        MONTHS,
    ):
        return False
    times = Counter(point.time for line in filled for point in line.points)
    return sum(number > 1 for number in times.values()) > 1


def leave_out_parts(lines: Sequence[Line]) -> list[Line]:
    """Return lines without those of whose newest figure another one has the whole."""
    holder = {row["id"]: place for place, line in enumerate(lines) for row in line.rows}
    wholes = [
        {holder.get(one, place) for one in line.key["within"]}
        for place, line in enumerate(lines)
    ]
    return [line for place, line in enumerate(lines) if wholes[place] <= {place}]


def are_most(parts: Sequence[Line], whole: Line) -> bool:
    """Tell whether parts are at least half of their whole: bars of a few would look like all."""
    return 2 * sum(line.points[0].value or 0 for line in parts) >= (
        whole.points[0].value or 0
    )
