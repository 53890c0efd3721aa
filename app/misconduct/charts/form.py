"""Choose the form of a picture by what varies: a number, columns, dots, rows of small columns, or rows."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from misconduct.charts.labels import name_lines, name_rows
from misconduct.charts.lines import NOT_HELD, Line, Point, find_shared_time, share_times
from misconduct.charts.plan import Entry, Plan, Slot
from misconduct.charts.subject import Chart, choose_subject
from misconduct.charts.times import DAY, UNDATED, WINDOW, YEAR, Time
from misconduct.model.dates import make_year
from misconduct.model.relate import find_reason, find_unlike, say_reason
from misconduct.model.series import Gap
from misconduct.model.side_by_side import is_listed, is_nation, is_recent
from misconduct.model.wording import publisher

MAX_ROWS, MAX_ASKED = 18, 72
"""At most so many rows of kinds, and rows of places, in 2,000 pixels."""

FAR = 4  # of so many years one at least has a number, or their columns would be lost between hatching
FEW = 3  # rows with few numbers that need not be named instead

UNLIKE_TIMES = "Times differ."
FAR_APART = 3  # years between times that are not for comparison

MAX_OWN = 9  # rows that may each have a scale of their own


def make_plan(chart: Chart) -> Plan:
    """Choose what a picture draws, and how, and name it and its rows."""
    plan, catalogue = _choose_form(chart), chart.view.catalogue
    entries = [*plan.entries, *plan.left]
    areas = [entry.line.area for entry in entries]
    name, kinds = name_rows(
        [point.row for entry in entries for point in entry.points], catalogue, areas
    )
    plan = replace(plan, name=name)
    if any(entry.label for entry in entries):
        return plan
    newest = [end - 1 for end in accumulate(len(entry.points) for entry in entries)]
    own = [
        kinds[place] if entry.points else None
        for entry, place in zip(entries, newest, strict=True)
    ]
    names = name_lines(own, areas, catalogue)
    named = [
        replace(one, heading=of[0], label=of[1])
        for one, of in zip(entries, names, strict=True)
    ]
    return replace(
        plan, entries=named[: len(plan.entries)], left=named[len(plan.entries) :]
    )


def _choose_form(chart: Chart) -> Plan:
    """Return a plan of what a picture is of.

    Of places that nobody asked for it is those with recent numbers, if there are any, and if they must not be compared
    and one is a country, the first country.
    """
    lines, is_table = choose_subject(chart)
    if chart.has_all or chart.wish.areas or chart.is_ranked:
        return _arrange(lines, chart, is_table=is_table)
    recent = {
        line.area for line in lines if is_recent(line.key["period_end"], chart.view.day)
    }
    drawn = [line for line in lines if line.area in recent] or lines
    first, catalogue = drawn[0].area, chart.view.catalogue
    newest = chart.find_rows(line.points[-1] for line in drawn)
    if is_listed(first, catalogue) and find_unlike(newest, catalogue):
        drawn = [line for line in drawn if line.area == first]
    elsewhere = {line.area for line in lines} - {line.area for line in drawn}
    return replace(_arrange(drawn, chart, is_table=is_table), elsewhere=elsewhere)


def _arrange(lines: Sequence[Line], chart: Chart, *, is_table: bool) -> Plan:
    if len(lines) == 1 and lines[0].points:
        return _plan_line(chart, lines[0])
    points = [point for line in lines for point in line.points]
    rows, catalogue = chart.find_rows(points), chart.view.catalogue
    why = say_reason(find_unlike(rows, catalogue), rows, catalogue)
    is_by_time = share_times(lines)
    entries = (
        [
            Entry(line, slots)
            for line, slots in zip(lines, _align(lines, chart), strict=True)
        ]
        if is_by_time
        else []
    )
    if entries and (
        is_table or chart.has_all or any(entry.is_full for entry in entries)
    ):
        plan = Plan(
            chart,
            "small",
            entries,
            has_scale=_is_on_scale(points)
            and not any(_say_apart(line.points, chart) for line in lines),
            why=_say_apart(points, chart),
            is_table=is_table,
        )
        plan = _put_in_order(plan)
    elif chart.has_all:
        plan = _list_all(lines, chart, why)
    else:
        plan = list_newest(
            Plan(
                chart,
                "rows",
                [Entry(line) for line in lines],
                why=why,
                is_table=is_table,
            )
        )
    plan = plan if chart.has_all or is_table else fit(plan)
    is_long = len(plan.entries) > (
        MAX_OWN if plan.why and plan.shape == "small" else MAX_ROWS
    )
    return list_newest(plan) if is_long and not chart.has_all else plan


def _say_apart(points: Sequence[Point], chart: Chart) -> str:
    """Say why points may not share a scale; nothing if they may."""
    rows, catalogue = chart.find_rows(points), chart.view.catalogue
    return say_reason(find_reason(rows, catalogue), rows, catalogue)


def _plan_line(chart: Chart, line: Line) -> Plan:
    """Return the plan of one place and kind, of which only the time varies, or nothing.

    Counts of moments of which no publisher has at least half are rows, each with its day and its publisher. So are
    numbers for fewer than one in `FAR` years.
    """
    figures = [
        Point(row, point.time)
        for point in line.points
        for row in (point.row, *point.others)
    ]
    single = [
        Entry(line, [_fill(one.time.label, one)], one.time.label) for one in figures
    ]
    if len(figures) == 1:
        return Plan(chart, "number", [replace(single[0], label="")])
    publishers, is_day = (
        [publisher(chart.view.source(one.row)) for one in figures],
        line.kind[0] == DAY,
    )
    is_mixed = Counter(publishers).most_common(1)[0][1] < max(2, len(figures) / 2)
    entry = Entry(line, _align([line], chart)[0])
    is_far = FAR * len(line.points) < len(entry.slots)
    why = _say_apart(line.points, chart)
    if (
        is_far
        or why
        or line.kind[0] in (WINDOW, UNDATED)
        or (is_day and is_mixed)
        or not _is_on_scale(line.points)
    ):
        if len({*publishers}) > 1:
            single = [
                replace(one, when=name)
                for one, name in zip(single, publishers, strict=True)
            ]
        return Plan(chart, "rows", single[::-1], has_scale=False, why=why)
    return Plan(chart, "dots" if is_day else "columns", [entry])


def _list_all(lines: Sequence[Line], chart: Chart, why: str) -> Plan:
    """Return a plan with a row for each number, since the chart promises all of its figures."""
    entries = [
        Entry(line, [_fill(point.time.label, point)])
        for line in lines
        for point in line.points
    ]
    drawn = entries if why else _add_bars(entries, chart)
    has_scale = any(entry.has_bar for entry in drawn)
    return Plan(chart, "rows", _add_times(drawn), has_scale=has_scale, why=why)


def list_newest(plan: Plan) -> Plan:
    """Return a plan with only one number of each row: that of the time which its rows share, or else the newest."""
    rows, size = [*plan.entries, *plan.left], len(plan.entries)
    time = find_shared_time([row.line for row in plan.entries])
    rows = [replace(row, slots=_find_newest(row.line, time)) for row in rows]
    entries = rows[:size] if plan.why else _add_bars(rows[:size], plan.chart)
    has_scale, timed = any(entry.has_bar for entry in entries), _add_times(entries)
    times = [entry.points[0].time for entry in timed if entry.points]
    is_unlike = (
        any(one.when for one in timed)
        and len({one.line.area for one in timed}) > 1
        and not has_scale
    )
    is_far = is_unlike and (
        len({time.kind for time in times}) > 1
        or max(time.last for time in times).year - min(time.last for time in times).year
        > FAR_APART
    )
    why = UNLIKE_TIMES if is_far else plan.why or (UNLIKE_TIMES if is_unlike else "")
    return _put_in_order(
        replace(
            plan,
            shape="rows",
            entries=timed,
            left=rows[size:],
            has_scale=has_scale,
            why=why,
        )
    )


def fit(plan: Plan, most: int = 0) -> Plan:
    """Return a plan with the rows for which there is room, or `most` of them. The others are left for a sentence.

    Places with one row each stand all, in their order. Otherwise places share the room, and of more than a few kinds
    without a number for half of their times none stays, if their place has others.
    """
    rows, of_place = plan.entries, defaultdict[str, list[Entry]](list)
    areas = {row.line.area for row in rows}
    are_places = len(areas) == len(rows) and not most
    room = most or (MAX_ASKED if are_places else MAX_ROWS)
    counted = {row.line.area for row in rows if row.is_full}
    empty = [row for row in rows if not row.is_full and row.line.area in counted]
    if len(rows) <= room and len(empty) <= FEW:
        return plan
    asked = areas.intersection(plan.chart.wish.areas)
    some = [
        one
        for one in rows
        if one not in empty
        and (one.reach > 0 or one.line.is_total or one.line.area in asked)
    ]
    has_numbers = any(row.points for row in some)
    for row in some if has_numbers and not are_places else rows:
        of_place["" if are_places else row.line.area].append(row)
    share = max(1, room // len(of_place))
    shared = [row for some in of_place.values() for row in _cut(some, share)]
    kept = _cut(shared, most or MAX_ASKED)
    left = [*(row for row in rows if row not in kept), *plan.left]
    if plan.shape == "small":  # without the years of rows that are left
        used = [
            place
            for place in range(len(kept[0].slots))
            if any(row.slots[place].point for row in kept)
        ]
        kept = [replace(row, slots=row.slots[used[0] : used[-1] + 1]) for row in kept]
    if areas - {
        row.line.area for row in kept
    }:  # bars of some places would look like the highest
        kept = [replace(row, has_bar=False) for row in kept]
    return replace(plan, entries=kept, left=left)


def _cut(rows: Sequence[Entry], most: int) -> list[Entry]:
    """Return so many rows, in their order. Those with a number stay first."""
    first = sorted(rows, key=lambda row: not row.points)[:most]
    return [row for row in rows if row in first]


def _add_bars(entries: Sequence[Entry], chart: Chart) -> Sequence[Entry]:
    """Return rows with bars for those of the time that more than half have, if all count the same; totals have none."""
    parts = [entry for entry in entries if entry.points and not entry.line.is_total]
    points = [entry.points[0] for entry in parts]
    common, number = (
        Counter(point.time for point in points).most_common(1)[0]
        if points
        else (None, 0)
    )
    if any(
        point.value is None and not point.is_hidden for point in points
    ):  # hundreds, beside numbers
        return entries
    if number < 2 or 2 * number <= len(points) or not _is_on_scale(points):
        return entries
    drawn = [
        one
        for one in parts
        if one.points[0].time == common and one.points[0].value is not None
    ]
    if _say_apart([one.points[0] for one in drawn], chart):
        return entries
    return [replace(one, has_bar=one in drawn) for one in entries]


def _add_times(entries: Sequence[Entry]) -> list[Entry]:
    """Return rows with their times, if these differ."""
    times = [entry.points[0].time.label if entry.points else "" for entry in entries]
    differ = len({*times} - {""}) > 1
    return [
        replace(entry, when=time if differ else "")
        for entry, time in zip(entries, times, strict=True)
    ]


def _find_newest(line: Line, time: Time | None) -> list[Slot]:
    """Return the number for the time that lines share, or else the newest, of whole years if it has any."""
    numbers = [one for one in line.points if not one.is_hidden] or line.points
    whole = [one for one in numbers if not line.is_part(one)] or numbers
    shared = [one for one in line.points if one.time == time]
    return [_fill(point.time.label, point) for point in (shared or whole)[-1:]]


def _put_in_order(plan: Plan) -> Plan:
    """Return rows with totals first, then places by name, countries first, and kinds by number; or all by number.

    Those of a chart that has all of its figures, and of a table, keep their order.
    """
    chart, catalogue = plan.chart, plan.chart.view.catalogue
    if chart.has_all or plan.is_table:
        return plan
    is_ranked = chart.is_ranked and not plan.why

    def key(entry: Entry) -> tuple[Any, ...]:
        area, ends = entry.line.area, [point.time.last for point in entry.points]
        is_old = not chart.wish.areas and not is_recent(
            max(ends, default=None), chart.view.day
        )
        is_small = not is_nation(area, catalogue)
        name = ("",) if is_ranked else (is_small, is_old, catalogue.label("area", area))
        return not entry.line.is_total, *name, -entry.reach

    return replace(plan, entries=sorted(plan.entries, key=key))


def _align(lines: Sequence[Line], chart: Chart) -> list[list[Slot]]:
    """Return lines by the same times: all years from the first to the last, or the times that they have."""
    points = [point for line in lines for point in line.points]
    months = [point.time.size for point in points if point.time.kind == YEAR]
    if not months:
        times = sorted({point.time for point in points}, key=Time.order)
        held = [{point.time: point for point in line.points} for line in lines]
        return [
            [_fill(time.label, some.get(time), NOT_HELD) for time in times]
            for some in held
        ]
    begins = [int(point.row["year"][:4]) for point in points]
    years = [make_year(year, months[0]) for year in range(min(begins), max(begins) + 1)]
    years = [year for year in years if not chart.years or year.name in chart.years]
    found = list[list[Slot]]()
    for line in lines:
        of_years = {point.row["year"]: point for point in line.points}
        why = line.explain(years, chart.view, is_cut=chart.is_cut)
        found.append(
            [
                _fill(year.name, of_years.get(year.name), why[year.name])
                for year in years
            ]
        )
    return found


def _fill(label: str, point: Point | None, reason: Gap | None = None) -> Slot:
    if point and point.is_hidden:
        return Slot(label, point, Gap("value_absent", point.row["value_absent"]))
    return Slot(label, point, None if point else reason)


def _is_on_scale(points: Sequence[Point]) -> bool:
    return bool(points) and all(
        (point.value or 0) >= 0 and point.row["statistic"] != "change"
        for point in points
    )
