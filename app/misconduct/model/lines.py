"""Make lines of figures: what is counted of one place and kind, with one figure for each time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from misconduct.model import order
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.series import Series, find_work
from misconduct.model.times import MONTHS, UNDATED, WINDOW, YEAR, Time, find_time
from misconduct.model.wording import PHRASES, publisher

RECENT_YEARS = 5
"""A series by year is preferred to other times if it ends so few years before the newest figure."""


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
        known = [self.row[name] for name in ("value", "value_high", "value_low") if self.row[name] is not None]
        return float(known[0]) * (100 if self.row["unit"] == "proportion" else 1) if known else None

    @property
    def reach(self) -> float:
        """Return how far it and the figures beside it reach."""
        return max([self.value or 0, *(float(row["value"]) for row in self.others)])

    @property
    def is_hidden(self) -> bool:
        """Tell whether it has no number, and no words or range in place of one: hundreds, 20–40."""
        return self.row["value"] is None and self.row["value_absent"] not in ("magnitude_only", "range_only")


@dataclass(frozen=True)
class Line:
    """What is counted of one place and kind, by time. Without points, `area` is a place that was asked for.

    `rows` are all its figures, `window` the one that its source prints for all years together, `reason` why it has no
    points.
    """

    area: str
    points: Sequence[Point] = ()
    rows: Sequence[Row] = ()
    window: Point | None = None
    is_total: bool = False
    reason: str = ""

    @property
    def key(self) -> Row:
        """Return the row that names it, which is the newest one."""
        return self.points[-1].row

    @property
    def kind(self) -> tuple[str, int]:
        """Return the kind of time; of years and a part of one it is years."""
        kinds = {(point.time.kind, point.time.size) for point in self.points}
        return next((one for one in kinds if one[0] == YEAR), next(iter(kinds), (UNDATED, 0)))

    def is_part(self, point: Point) -> bool:
        """Tell whether a figure is for a part of a year beside whole years."""
        return point.time.kind == MONTHS and self.kind[0] == YEAR

    def find_breaks(self, view: ReleaseView) -> set[str]:
        """Return the figures that are not counted as the one before: by their mark, or by a known disagreement."""
        known = view.catalogue.of_kind("disagreement").values()
        found = {point.row["id"] for point in self.points if point.row["mark"] == "break"}
        for before, after in pairwise(point.row for point in self.points):
            is_other = publisher(view.source(before)) != publisher(view.source(after))
            if is_other and any({before["id"], after["id"]} <= {*one["members"]} for one in known):
                found.add(after["id"])
        return found

    def explain(self, years: Iterable[Year], view: ReleaseView) -> dict[str, str]:
        """Return why years have no figure: what a source that covers them says, or that none is held here."""
        ids, sources = {row["series"] for row in self.rows if row["series"]}, view.catalogue.of_kind("source")
        rows = [row | {"is_found": True} for row in self.rows]
        found, gaps = [*years], dict[str, set[str]]()
        for one in ids:
            series = Series([row for row in rows if row["series"] == one], sources)
            for label, gap in series.gaps(found).items():
                gaps.setdefault(label, set()).add(gap.code)
        return {year.name: _say_gap(gaps.get(year.label, set())) for year in found}


def _say_gap(codes: Collection[str]) -> str:
    known = [code for code in ("withheld", "not_counted", "none_so_far", "not_stated") if code in codes]
    return PHRASES["gap"][known[0]] if known else "no figure held"


def make_line(rows: Sequence[Row], view: ReleaseView) -> Line:
    """Return the line of some figures. What repeats another of them is no point."""
    ids = {row["id"] for row in rows}
    own = [row for row in rows if row["repeats"] not in ids]
    works = {row["id"]: find_work(row["source"], view.source(row)) for row in own}
    times = Counter(work for work, _ in {(works[row["id"]], row["period"]) for row in own})
    by_time = defaultdict[Time, list[Row]](list)
    for row in own:
        by_time[find_time(row, view.source(row))].append(row)

    def rank(row: Row) -> tuple[Any, ...]:
        """Prefer the publication that has most times, and its newest edition."""
        published = view.source(row).get("published") or ""
        return row["value"] is not None, not row["repeats"], times[works[row["id"]]], published, row["recency"]

    points = list[Point]()
    for time, some in by_time.items():
        best = max(some, key=rank)
        differ = [row for row in some if row["value"] not in (None, best["value"]) and not row["repeats"]]
        points.append(Point(best, time, differ))
    points.sort(key=lambda point: point.time.order())
    chosen = _choose_times(points)
    ends = chosen[0].time.first, chosen[-1].time.last
    window = next((one for one in points if one.time.kind == WINDOW and (one.time.first, one.time.last) == ends), None)
    return Line(rows[0]["area"], chosen, rows, window if chosen[1:] else None)


def _choose_times(points: Sequence[Point]) -> list[Point]:
    """Return the points of one kind of time: years if they are recent, else the most; then parts of years."""
    by_kind = defaultdict[tuple[str, int], list[Point]](list)
    for point in points:
        by_kind[point.time.kind, point.time.size].append(point)
    newest = max(point.time.last for point in points)

    def rank(kind: tuple[str, int]) -> tuple[Any, ...]:
        last = max(point.time.last for point in by_kind[kind])
        is_recent = kind[0] == YEAR and last.year >= newest.year - RECENT_YEARS
        return is_recent, kind[0] not in (UNDATED, WINDOW), len(by_kind[kind]), last, kind

    best = max(by_kind, key=rank)
    chosen = by_kind[best]
    return [*chosen, *_find_parts(points, chosen[-1])] if best[0] == YEAR else chosen


def _find_parts(points: Iterable[Point], last: Point) -> Iterable[Point]:
    """Return the longest part of each year that begins after the last whole one."""
    months = sorted((one for one in points if one.time.kind == MONTHS), key=lambda one: one.time.size)
    is_like = "/" in last.row["year"]
    return {
        one.row["year"]: one for one in months if one.time.last > last.time.last and ("/" in one.row["year"]) == is_like
    }.values()


def find_shared_time(lines: Sequence[Line]) -> Time | None:
    """Return the newest time that all lines have, if it is recent beside the newest number; or that most end at."""
    filled = [line for line in lines if line.points]
    held = [{point.time for point in line.points if not line.is_part(point)} for line in filled]
    newest = max(line.points[-1].time.last.year for line in filled)
    shared = [time for time in set.intersection(*held) if time.last.year >= newest - order.RECENT_YEARS]
    often = next(
        (time for time, number in Counter(line.points[-1].time for line in filled).most_common(1) if number > 1), None
    )
    return max(shared, key=Time.order, default=often)
