"""Draw the forms: a number, columns or dots over time, rows of small columns, and rows with bars."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from misconduct.charts.lines import NOT_HELD, Line, Point
from misconduct.charts.plan import Entry, Plan, Slot
from misconduct.charts.svg import (
    DETAIL,
    NAME,
    PLAIN,
    Figure,
    Style,
    Svg,
    text_width,
    wrap,
)
from misconduct.model.names import name_counted, say_base, say_whole
from misconduct.model.wording import as_printed, publisher

HUGE, LARGE = (
    Style(76, 84, "accent", is_bold=True),
    Style(24, 30, "accent", is_bold=True),
)
ABOVE, CELL = (
    Style(12, 14, is_bold=True, anchor="middle"),
    Style(11, 12.5, anchor="middle"),
)
TIME, WHEN = Style(11.5, 13.5, "muted", anchor="middle"), Style(16, 21, is_bold=True)

LEAST_TOP = 5  # a scale of counts never ends below this number: else one death would be a tall column

HIGH, LOW, SEEN = 150, 260, 2.5
"""Pixels of the highest column of one row, of those of all rows together, and of the lowest that can be seen."""

FILLED, MIN_COLUMN, MAX_COLUMN, MAX_CELL, GAP = 0.84, 22, 90, 110, 3
"""The part of its place that a column takes; pixels of places: at least, at most, at most in rows; and of a space."""

LIFTS = 3  # lines above a dot, on one of which its number stands
MONTH = 31  # days: a count whose day is known less exactly is not drawn as a dot

BAR, NAMES, ONLY_NAMES, PAD, HATCH, HATCHED = 15, 0.5, 0.7, 8, 40, 12
"""Pixels of a bar; parts of the width for names, and for names beside bare numbers; pixels after names; the width of
hatching in place of a bar, and its height in place of a column.
"""


class Axis(NamedTuple):
    """Where columns stand, in pixels: left edge, width of each, ground, height of the number 1; the look of numbers."""

    left: float
    wide: float
    base: float
    scale: float
    style: Style


def _figure(point: Point, plan: Plan) -> Figure:
    """Return the figure that a number is a link to, as printed."""
    catalogue = plan.chart.view.catalogue
    named = (
        name_counted(point.row, catalogue),
        catalogue.label("area", point.row["area"]),
        point.time.label,
    )
    return point.row[
        "id"
    ], f"{', '.join(named)}: {as_printed(point.row) or plan.say(point.row)}"


def _find_mark(point: Point, line: Line) -> str:
    """Return how to paint a column: filled; hollow if its number is not exact; dashed if it may still grow."""
    if point.row["mark"] == "provisional" or line.is_part(point):
        return "part"
    return "accent" if point.row["qualifier"] in ("exact", None) else "hollow"


def _find_scale(points: Sequence[Point], high: float) -> float:
    """Return how many pixels one is high."""
    least = (
        LEAST_TOP if all(point.row["statistic"] == "count" for point in points) else 0
    )
    return high / (max([*(point.reach for point in points), least]) or 1)


def _draw_number(svg: Svg, plan: Plan, high: float) -> None:
    """Draw one figure very large, with its time and, of a share or a rate, its base."""
    point, number = plan.points[0], plan.say(plan.points[0].row)
    fits = min(1, svg.width / text_width(number, HUGE), high / HUGE.step)
    if point.is_hidden:
        svg.rect(0, svg.y + 4, 2 * HATCH, 30, "hatch")
        svg.y += 42
    if point.is_hidden or fits < LARGE.size / HUGE.size:
        svg.write(number, LARGE)
    else:
        style = HUGE._replace(size=HUGE.size * fits, step=HUGE.step * fits)
        svg.y = svg.text([number], 0, svg.y, style, _figure(point, plan))
    svg.write(say_base(point.row), WHEN)
    svg.write(point.time.label, WHEN)


def _draw_columns(svg: Svg, plan: Plan, high: float) -> None:
    """Draw one row of columns from zero; those that have no room beside each other follow below on the same scale."""
    words = [word for point in plan.points for word in plan.say(point.row).split()]
    room = (
        int(
            svg.width
            / max([MIN_COLUMN, *(text_width(word, ABOVE) + 4 for word in words)])
        )
        or 1
    )
    slots, scale = plan.entries[0].slots, _find_scale(plan.points, high)
    size = -(-len(slots) // -(-len(slots) // room))
    wide = min(svg.width / size, MAX_COLUMN)
    for start in range(0, len(slots), size):
        part = slots[start : start + size]
        points = [slot.point for slot in part if slot.point]
        lines = max(
            (len(wrap(plan.say(point.row), ABOVE, wide)) for point in points), default=1
        )
        top = (
            max((point.reach for point in points), default=0) * scale
            + lines * ABOVE.step
            + 6
        )
        svg.rect(0, svg.y + top, wide * len(part), 1, "ink")
        _draw_slots(
            svg,
            plan,
            plan.entries[0].line,
            part,
            Axis(0, wide, svg.y + top, scale, ABOVE),
        )
        svg.y = _label_axis(svg, part, 0, svg.y + top + 4, wide) + 4


def _draw_slots(
    svg: Svg, plan: Plan, line: Line, slots: Sequence[Slot], axis: Axis
) -> None:
    """Draw the column of each time with its number and what other sources have, or hatch it."""
    left, wide, base, scale, style = axis
    shown = _choose_numbers(slots, plan, axis)
    for place, slot in enumerate(slots):
        point, x = slot.point, left + place * wide
        bar, filled = x + wide * (1 - FILLED) / 2, wide * FILLED
        if slot.reason or point is None:
            tall = HATCHED if style is ABOVE else HATCHED / 2
            svg.rect(bar, base - tall, filled, tall, "hatch")
            continue
        number, height = plan.say(point.row), (point.value or 0) * scale
        lines = wrap(
            number,
            style,
            max([wide, *(text_width(word, style) for word in number.split())]),
        )
        rings, high = (
            [float(row["value"]) * scale for row in point.others if scale],
            style.step * len(lines) + 1,
        )
        top = (
            base
            - max([height, *(ring + 4 for ring in rings if ring < height + high + 4)])
            - high
        )
        if point.row["mark"] == "break":
            svg.rect(x, top, 0.1, base - top, "break")
        if height:
            svg.rect(bar, base - height, filled, height, _find_mark(point, line))
        svg.text(
            lines if place in shown else [],
            x + wide / 2,
            top,
            style,
            _figure(point, plan),
        )
        for ring in rings:
            svg.dot(x + wide / 2, base - ring, 4, "ring")


def _choose_numbers(slots: Sequence[Slot], plan: Plan, axis: Axis) -> set[int]:
    """Return the places whose numbers are written: all, or without room for all the highest and the last."""
    points = {
        place: slot.point
        for place, slot in enumerate(slots)
        if slot.point and not slot.reason
    }
    if axis.style is ABOVE or _have_room(points.values(), plan, axis.wide):
        return {*points}
    top = max(points, key=lambda place: points[place].value or 0)
    return {top, *(place for place in [max(points)] if place > top + 1)}


def _have_room(points: Iterable[Point], plan: Plan, wide: float) -> bool:
    """Tell whether the numbers of columns can be told apart if each is written."""
    return (
        max((text_width(plan.say(point.row), CELL) for point in points), default=0)
        + GAP
        <= wide
    )


def _label_axis(
    svg: Svg, slots: Sequence[Slot], left: float, y: float, wide: float
) -> float:
    """Write the times of columns, of years the last and as many as have room, and return where they end."""
    words = [word for slot in slots for word in slot.label.split()]
    has_days = len(words) > len(slots)  # or periods, of which each word has a line
    widest, end = (
        max(text_width(word, TIME) for word in words) + (4 if has_days else 2 * PAD),
        y,
    )
    step = max(1, int(-(-widest // wide))) if len(slots) > 2 else 1
    for place in range((len(slots) - 1) % step, len(slots), step):
        lines = wrap(slots[place].label, TIME, wide * step - 4)
        half = max((text_width(line, TIME) / 2 for line in lines), default=0)
        x = min(max(left + (place + 0.5) * wide, half), svg.width - half)
        end = max(end, svg.text(lines, x, y, TIME))
    return end


def _draw_dots(svg: Svg, plan: Plan, high: float) -> None:
    """Draw counts of moments on an axis of days, the last with its number, and others as far as these have room.

    Numbers without room follow below, with their days.
    """
    points = [
        point
        for point in plan.points
        if (point.time.last - point.time.first).days <= MONTH
    ] or plan.points
    scale = _find_scale(points, high)
    days = [
        point.time.first + (point.time.last - point.time.first) / 2 for point in points
    ]
    first, span = min(days), max((max(days) - min(days)).days, 60)
    left, room = 24, svg.width - 48
    base = (
        svg.y + LIFTS * ABOVE.step + 12 + max(point.reach for point in points) * scale
    )
    svg.rect(0, base, svg.width, 1, "ink")
    years = [date(first.year + more, 1, 1) for more in range(span // 365 + 3)]
    for day in years[:: -(-len(years) // int(room / 46))]:
        x = left + room * (day - first).days / span
        if 16 <= x <= svg.width - 8:
            svg.rect(x, base, 1, 4, "ink")
            svg.text([str(day.year)], x, base + 5, TIME)
    main, most = plan.publishers.most_common(1)[0]
    places = [
        (left + room * (day - first).days / span, base - (point.value or 0) * scale)
        for point, day in zip(points, days, strict=True)
    ]
    for point, (x, y) in zip(points, places, strict=True):
        is_main = most == 1 or publisher(plan.chart.view.source(point.row)) == main
        svg.rect(x - 0.5, y, 1, base - y, "rule")
        svg.dot(x, y, 5, "accent" if is_main else "hollow")
        for row in point.others:
            svg.dot(x, base - float(row["value"]) * scale, 4, "ring")
    svg.y = base + 18
    unwritten = _write_numbers(svg, plan, points, places)
    if unwritten := [
        point for point in plan.points if point in unwritten or point not in points
    ]:
        svg.write(
            f"{'; '.join(f'{one.time.label}: {plan.say(one.row)}' for one in unwritten)}.",
            DETAIL,
        )


def _write_numbers(
    svg: Svg, plan: Plan, points: Sequence[Point], places: Sequence[tuple[float, float]]
) -> list[Point]:
    """Write the number of each dot above it, or higher at the end of a line, and return those without room."""
    taken, unwritten = [(x, y, 6.0, 6.0) for x, y in places], list[Point]()
    order = sorted(
        zip(points, places, strict=True),
        key=lambda one: (one[0] is not points[-1], one[1][1]),
    )
    for point, (x, y) in order:
        half, lowest = (
            text_width(plan.say(point.row), ABOVE) / 2 + 2,
            y - 8 - ABOVE.step,
        )
        for top in (lowest - lift * ABOVE.step for lift in range(LIFTS)):
            beside = [
                one
                for one in taken
                if abs(one[0] - x) < half + one[2] and top - one[3] < one[1] < y
            ]
            if all(
                abs(one[0] - x) >= one[2] and one[1] - one[3] >= top + ABOVE.step
                for one in beside
            ):
                svg.rect(x - 0.5, top + ABOVE.step, 1, lowest - top, "rule")
                svg.text([plan.say(point.row)], x, top, ABOVE, _figure(point, plan))
                taken.append((x, top + ABOVE.step / 2, half, ABOVE.step / 2))
                break
        else:
            unwritten.append(point)
    return unwritten


def _draw_small(svg: Svg, plan: Plan, high: float) -> None:
    """Draw a row of columns for each kind or place: on one scale, or on its own if they are not to be compared."""
    slots, high = (
        plan.entries[0].slots,
        max(min(22, high / 4), min(LOW / len(plan.entries), high / 2)),
    )
    left = 0 if svg.is_narrow else _find_left(svg, plan)
    wide = min((svg.width - left) / len(slots), MAX_CELL)
    svg.y = _label_axis(svg, slots, left, svg.y, wide) + 2
    for entry in _write_headings(svg, plan):
        style = NAME if entry.line.is_total else PLAIN
        names = wrap(entry.label, style, left - PAD if left else svg.width)
        svg.y = svg.y if left else svg.text(names, 0, svg.y + 2, style)
        scale = (
            _find_scale(entry.points if plan.why else plan.points, high)
            if plan.has_scale
            else 0
        )
        own = (
            scale
            if entry.reach * scale >= SEEN or not _have_room(entry.points, plan, wide)
            else 0
        )
        base = svg.y + max(
            max(entry.reach, 0) * own + CELL.step + 5,
            style.step * len(names) + 4 if left else 0,
            19,
        )
        svg.text(names if left else [], 0, base - style.step * len(names), style)
        svg.rect(left, base, wide * len(entry.slots), 1, "rule")
        _draw_slots(
            svg, plan, entry.line, entry.slots, Axis(left, wide, base, own, CELL)
        )
        svg.y = base + 4


def _find_left(svg: Svg, plan: Plan) -> float:
    """Return where the names of rows end."""
    are_bare = plan.shape == "rows" and not any(
        one.when or one.has_bar or one.reach < 0 for one in plan.entries
    )
    part = ONLY_NAMES if are_bare else NAMES
    return min(
        max(text_width(entry.label, NAME) for entry in plan.entries) + PAD,
        part * svg.width,
    )


def _write_headings(svg: Svg, plan: Plan) -> Iterator[Entry]:
    """Yield each row, below its heading if that is new."""
    for heading, entries in groupby(plan.entries, key=lambda entry: entry.heading):
        svg.y += 6 if heading else 0
        svg.write(heading, NAME)
        yield from entries


def _draw_rows(svg: Svg, plan: Plan, _: float) -> None:
    """Draw a row for each kind or place: its name, a bar if it may be compared, and its number."""
    left, barred = (
        _find_left(svg, plan),
        [entry.points[0] for entry in plan.entries if entry.has_bar],
    )
    numbers = [plan.say(point.row) for point in plan.points if not point.is_hidden]
    widest = max((text_width(number, NAME) for number in numbers), default=0) + 3 * PAD
    widest += max(text_width(entry.when, DETAIL) for entry in plan.entries)
    scale = _find_scale(barred, max(20, svg.width - left - widest))
    for entry in _write_headings(svg, plan):
        style, top = NAME if entry.line.is_total else PLAIN, svg.y
        end = svg.text(wrap(entry.label, style, left - PAD), 0, top, style)
        svg.y = max(end, _draw_bar(svg, plan, entry, left, scale), top + BAR + 2) + 3


def _draw_bar(svg: Svg, plan: Plan, entry: Entry, left: float, scale: float) -> float:
    """Draw the bar of a row, its number, and what else tells it from others, and return where they end."""
    slot = entry.slots[0] if entry.slots else Slot("", None, NOT_HELD)
    said, end, x = [entry.when], svg.y, left + HATCH + 6
    if slot.reason or slot.point is None:
        svg.rect(left, svg.y + 1, HATCH, BAR - 1, "hatch")
        said.insert(0, plan.explain(slot.reason))
    else:
        number, length = (
            plan.say(slot.point.row),
            max((slot.point.value or 0) * scale, 0.5),
        )
        if entry.has_bar:
            svg.rect(left, svg.y + 1, length, BAR, _find_mark(slot.point, entry.line))
        x = left + length + 5 if entry.has_bar else left
        lines = wrap(number, NAME, max(svg.width - x, 60))
        end = svg.text(lines, x, svg.y, NAME, _figure(slot.point, plan))
        x += max(text_width(line, NAME) for line in lines) + PAD
        wholes, areas = (
            {point.row["whole"] for point in plan.points},
            {one.line.area for one in plan.entries},
        )
        has_wholes = max(len(wholes), len(areas)) > 1 and wholes != {None}
        said.insert(0, say_whole(slot.point.row) if has_wholes else "")
    place = (x, svg.y + 1) if svg.width - x > 70 else (left, end)
    return max(
        end,
        svg.text(
            wrap(", ".join(filter(None, said)), DETAIL, svg.width - place[0]),
            *place,
            DETAIL,
        ),
    )


_DRAW = {
    "number": _draw_number, "columns": _draw_columns, "dots": _draw_dots, "small": _draw_small, "rows": _draw_rows
}  # fmt: skip


def draw_figures(svg: Svg, plan: Plan, high: float) -> None:
    """Draw the figures of a picture, with columns of `high` pixels at most."""
    _DRAW[plan.shape](svg, plan, high)
    svg.y += 8
