"""Draw the four forms: a number, columns or dots over time, rows of small columns, and rows with bars."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from misconduct.charts.form import NOT_HELD, Entry, Plan, Slot
from misconduct.charts.lines import Line, Point
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Figure, Style, Svg, text_width, widest_word, wrap
from misconduct.model.names import name_counted, say_whole
from misconduct.model.times import YEAR
from misconduct.model.wording import as_printed, publisher

HUGE, WHEN = Style(76, 84, "accent", is_bold=True), Style(16, 21, is_bold=True)
ABOVE, CELL = Style(12, 14, is_bold=True, anchor="middle"), Style(10.5, 12, anchor="middle")
AXIS, NUMBER = Style(11, 13, "muted", anchor="middle"), Style(13, 16, is_bold=True)

SMALL = 5  # every scale of counts ends at this number or above it, so that one death is no high column

HIGH, LOW, SEEN = 150, 260, 2.5
"""Pixels of the highest column of one row, of those of all rows together, and of the lowest that can be seen."""

FILLED, MIN_COLUMN, MAX_COLUMN, MAX_CELL = 0.84, 22, 90, 110
"""The part of its place that a column takes, and pixels of places: at least, at most, and at most in rows."""

BAR, NAMES, PAD = 15, 0.5, 8
"""Pixels of a bar, the part of the width for the names of rows, and pixels between them and what follows."""


def draw(svg: Svg, plan: Plan, high: float = HIGH) -> None:
    """Draw the figures of a picture, with columns of `high` pixels at most."""
    if plan.shape == "number":
        _draw_number(svg, plan)
    elif plan.shape == "columns":
        _draw_columns(svg, plan, high)
    elif plan.shape == "dots":
        _draw_dots(svg, plan, high)
    elif plan.shape == "small":
        _draw_small(svg, plan)
    else:
        _draw_rows(svg, plan)
    svg.y += 8


def _figure(point: Point, plan: Plan) -> Figure:
    """Return the figure that a number is a link to, as printed."""
    catalogue = plan.chart.view.catalogue
    named = name_counted(point.row, catalogue), catalogue.label("area", point.row["area"]), point.time.label
    return Figure(point.row["id"], f"{', '.join(named)}: {as_printed(point.row) or plan.say(point.row)}")


def find_mark(point: Point, line: Line) -> str:
    """Return how a column is painted: filled; hollow if its number is no exact one; dashed if it may still grow."""
    if point.row["mark"] == "provisional" or line.is_part(point):
        return "part"
    return "accent" if point.row["qualifier"] in ("exact", None) else "hollow"


def _draw_number(svg: Svg, plan: Plan) -> None:
    """Draw one figure very large, with its time and, of a share, its whole."""
    point, slot = plan.points[0], plan.entries[0].slots[0]
    number = plan.say(point.row)
    fits = svg.width / text_width(number, HUGE)
    if slot.reason:
        svg.rect(0, svg.y + 4, 90, 30, "hatch")
        svg.y += 42
    if slot.reason or fits < 0.5:
        svg.write(number, Style(24, 30, "accent", is_bold=True))
    else:
        style = HUGE._replace(size=HUGE.size * min(1, fits), step=HUGE.step * min(1, fits))
        svg.y = svg.text([number], 0, svg.y, style, _figure(point, plan))
    svg.write(say_whole(point.row), WHEN)
    svg.write(point.time.label, WHEN)


def _scale(points: Sequence[Point], high: float) -> float:
    """Return how many pixels one is high."""
    least = SMALL if all(point.row["statistic"] == "count" for point in points) else 0
    return high / (max([*(point.reach for point in points), least]) or 1)


def _shorten(slots: Sequence[Slot], room: int) -> list[Slot]:
    """Return times; where there is no room for all, a run of empty ones as one."""
    found = list[Slot]()
    for (is_empty, reason), run in groupby(slots, key=lambda slot: (slot.point is None, slot.reason)):
        some = list(run)
        is_long = is_empty and len(some) > 2 and len(slots) > room
        found += [Slot(f"{some[0].label}–{some[-1].label}", None, reason)] if is_long else some
    return found


def _draw_columns(svg: Svg, plan: Plan, high: float) -> None:
    """Draw one row of columns from zero; those that have no room beside each other follow below on the same scale."""
    entry, scale = plan.entries[0], _scale(plan.points, high)
    room = int(svg.width / max(MIN_COLUMN, widest_word([plan.say(one.row) for one in entry.points], ABOVE) + 4)) or 1
    slots = _shorten(entry.slots, room)
    size = -(-len(slots) // -(-len(slots) // room))
    wide = min(svg.width / size, MAX_COLUMN)
    for start in range(0, len(slots), size):
        part = slots[start : start + size]
        top = max((slot.point.reach for slot in part if slot.point), default=0)
        lines = max((len(wrap(plan.say(slot.point.row), ABOVE, wide)) for slot in part if slot.point), default=1)
        base = svg.y + top * scale + lines * ABOVE.step + 6
        svg.rect(0, base, wide * len(part), 1, "ink")
        for place, slot in enumerate(part):
            _draw_column(svg, slot, entry.line, place * wide, wide, base, scale, plan, ABOVE)
        svg.y = _label_axis(svg, part, 0, base + 4, wide) + 4


def _draw_column(
    svg: Svg, slot: Slot, line: Line, x: float, wide: float, base: float, scale: float, plan: Plan, style: Style
) -> None:
    """Draw the column of a time with its number and what other sources have, or hatch it."""
    point, middle = slot.point, x + wide / 2
    if slot.reason or point is None:
        svg.rect(x + wide * (1 - FILLED) / 2, base - 12, wide * FILLED, 12, "hatch")
        return
    height, number = (point.value or 0) * scale, plan.say(point.row)
    lines = wrap(number, style, max(wide, widest_word([number], style)))
    top = base - point.reach * scale - (4 if point.others and scale else 0) - style.step * len(lines) - 1
    if point.row["mark"] == "break":
        svg.rect(x, top, 0.1, base - top, "break")
    if height:
        svg.rect(x + wide * (1 - FILLED) / 2, base - height, wide * FILLED, height, find_mark(point, line))
    svg.text(lines, middle, top, style, _figure(point, plan))
    for row in point.others if scale else ():
        svg.dot(middle, base - float(row["value"]) * scale, 4, "other")


def _label_axis(svg: Svg, slots: Sequence[Slot], left: float, y: float, wide: float) -> float:
    """Write the times of columns, of years as many as have room beside each other, and return where they end."""
    are_years = all(slot.point is None or slot.point.time.kind == YEAR for slot in slots)
    widest = max(text_width(slot.label, AXIS) for slot in slots) + 5
    step = max(1, -(-widest // wide)) if are_years and len(slots) > 2 else 1
    end = y
    for place, slot in enumerate(slots):
        if place % step == 0:
            lines = wrap(slot.label, AXIS, wide * step - 4)
            end = max(end, svg.text(lines, left + (place + 0.5) * wide, y, AXIS))
    return end


def _draw_dots(svg: Svg, plan: Plan, high: float) -> None:
    """Draw counts of moments on an axis of days, and below it each number with its day."""
    entry, scale = plan.entries[0], _scale(plan.points, high)
    days = [point.time.first + (point.time.last - point.time.first) / 2 for point in entry.points]
    first, span = min(days), max((max(days) - min(days)).days, 60)
    left, room = 24, svg.width - 48
    base = svg.y + ABOVE.step + 12 + max(point.reach for point in entry.points) * scale
    svg.rect(0, base, svg.width, 1, "ink")
    _mark_years(svg, first, span, left, room, base)
    main, most = plan.publishers.most_common(1)[0]
    taken = list[tuple[float, float]]()
    for point, day in sorted(zip(entry.points, days, strict=True), key=lambda one: -(one[0].value or 0)):
        x, y = left + room * (day - first).days / span, base - (point.value or 0) * scale
        svg.rect(x - 0.5, y, 1, base - y, "rule")
        svg.dot(x, y, 5, "accent" if most == 1 or publisher(plan.chart.view.source(point.row)) == main else "hollow")
        wide = text_width(plan.say(point.row), ABOVE) + 4
        if not any(abs(x - other) < wide and abs(y - height) < ABOVE.step + 6 for other, height in taken):
            svg.text([plan.say(point.row)], x, y - 8 - ABOVE.step, ABOVE, _figure(point, plan))
        taken.append((x, y))
        for row in point.others:
            svg.dot(x, base - float(row["value"]) * scale, 4, "other")
    svg.y = base + 22
    svg.write("; ".join(f"{point.time.label}: {plan.say(point.row)}" for point in entry.points), PLAIN)


def _mark_years(svg: Svg, first: date, span: int, left: float, room: float, base: float) -> None:
    years = range(first.year, (first + timedelta(days=span)).year + 2)
    step = -(-len(years) // max(2, int(room / 46)))
    for year in years[::step]:
        x = left + room * (date(year, 1, 1) - first).days / span
        if -8 <= x <= left + room + 8:
            svg.rect(x - 0.5, base, 1, 4, "ink")
            svg.text([str(year)], max(x, 14), base + 5, AXIS)


def _draw_small(svg: Svg, plan: Plan) -> None:
    """Draw a row of columns for each kind or place, all on one scale; a row that this would hide has numbers only."""
    entries, filled = plan.entries, [entry for entry in plan.entries if entry.slots]
    slots, high = filled[0].slots, min(LOW / len(entries), HIGH / 2)
    scale = _scale(plan.points, max(high, 22)) if plan.has_scale else 0
    widest = max(text_width(entry.label, NAME) for entry in entries) + PAD
    left = 0 if svg.is_narrow else min(widest, NAMES * svg.width)
    wide = min((svg.width - left) / len(slots), MAX_CELL)
    svg.y = _label_axis(svg, slots, left, svg.y, wide) + 2
    for heading, some in groupby(entries, key=lambda entry: entry.heading):
        svg.y += 6 if heading else 0
        svg.write(heading, NAME)
        for entry in some:
            is_seen = entry.reach * scale >= SEEN
            _draw_small_row(svg, entry, scale if is_seen else 0, left, wide, plan)


def _draw_small_row(svg: Svg, entry: Entry, scale: float, left: float, wide: float, plan: Plan) -> None:
    style = NAME if entry.line.is_total else PLAIN
    names = wrap(entry.label, style, left - PAD if left else svg.width)
    if not left:
        svg.y = svg.text(names, 0, svg.y + 2, style)
    top = max(entry.reach, 0) * scale + CELL.step + 5
    base = svg.y + max(top, style.step * len(names) + 4 if left else 0, 19)
    if left:
        svg.text(names, 0, base - style.step * len(names), style)
    svg.rect(left, base, svg.width - left if not entry.slots else wide * len(entry.slots), 1, "rule")
    if not entry.slots:
        svg.rect(left, base - 13, 40, 12, "hatch")
        svg.text([NOT_HELD], left + 46, base - 15, DETAIL)
    for place, slot in enumerate(entry.slots):
        _draw_column(svg, slot, entry.line, left + place * wide, wide, base, scale, plan, CELL)
    svg.y = base + 4


def _draw_rows(svg: Svg, plan: Plan) -> None:
    """Draw a row for each kind or place: its name, a bar if it may be compared, and its number."""
    widest = max((text_width(plan.say(point.row), NUMBER) for point in plan.points), default=0) + 3 * PAD
    left = min(max(text_width(entry.label, NAME) for entry in plan.entries) + PAD, NAMES * svg.width)
    barred = [entry.points[0] for entry in plan.entries if entry.has_bar]
    scale = _scale(barred, max(20, svg.width - left - widest))
    for heading, some in groupby(plan.entries, key=lambda entry: entry.heading):
        svg.y += 6 if heading else 0
        svg.write(heading, NAME)
        for entry in some:
            _draw_row(svg, entry, left, scale, plan)


def _draw_row(svg: Svg, entry: Entry, left: float, scale: float, plan: Plan) -> None:
    style = NAME if entry.line.is_total else PLAIN
    end = svg.text(wrap(entry.label, style, left - PAD), 0, svg.y, style)
    slot = entry.slots[0] if entry.slots else Slot("", None, NOT_HELD)
    has_wholes = len({point.row["whole"] for point in plan.points}) > 1
    said = [say_whole(slot.point.row) if slot.point and has_wholes else "", entry.when]
    if slot.reason or slot.point is None:
        svg.rect(left, svg.y + 1, 40, BAR - 1, "hatch")
        x, said = left + 46, [slot.reason, *said]
    else:
        number, length = plan.say(slot.point.row), (slot.point.value or 0) * scale if entry.has_bar else 0
        if entry.has_bar:
            svg.rect(left, svg.y + 1, max(length, 0.5), BAR, find_mark(slot.point, entry.line))
        x = left + length + (5 if entry.has_bar else 0)
        lines = wrap(number, NUMBER, max(svg.width - x, 60))
        end = max(end, svg.text(lines, x, svg.y, NUMBER, _figure(slot.point, plan)))
        x += max(text_width(line, NUMBER) for line in lines) + PAD
    room = svg.width - x
    below, x, room = (end, left, svg.width - left) if room < 70 else (svg.y + 1, x, room)
    end = max(end, svg.text(wrap(", ".join(filter(None, said)), DETAIL, room), x, below, DETAIL))
    svg.y = max(end, svg.y + BAR + 2) + 3
