"""Draw the four forms: a number, columns or dots over time, rows of small columns, and rows with bars."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from misconduct.charts.form import Entry, Plan, Slot
from misconduct.charts.labels import say_in_full, say_number
from misconduct.charts.subject import Point
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Figure, Style, Svg, text_width, widest_word, wrap
from misconduct.charts.times import MONTHS, YEAR
from misconduct.model.catalogue import Catalogue
from misconduct.model.names import say_whole

HUGE, WHEN = Style(76, 84, "accent", is_bold=True), Style(16, 21, is_bold=True)
ABOVE = Style(12, 14, is_bold=True, anchor="middle")
CELL = Style(10.5, 12, anchor="middle")
YEAR_LABEL = Style(11, 13, "muted", anchor="middle")
NUMBER = Style(13, 16, is_bold=True)

SMALL = 5  # every scale of counts ends at this number or above it, so that one death is no high column
FILLED, MAX_COLUMN, MIN_COLUMN = 0.84, 90, 22
"""The part of a place on the axis that a column takes, and the pixels that it has at most and at least."""

HIGH, LOW, SEEN = 150, 34, 2.5
"""Pixels of the highest column of a picture with one row and with several; and of the lowest that can be seen."""

BAR, NAMES, PAD = 15, 0.4, 8
"""Pixels of a bar, the part of the width for the names of rows, and pixels between them and what follows."""


def draw(svg: Svg, plan: Plan, high: float = HIGH) -> None:
    """Draw the figures of a picture."""
    {"number": _draw_number, "columns": _draw_columns, "dots": _draw_dots, "small": _draw_small, "rows": _draw_rows}[
        plan.shape
    ](svg, plan, high)


def _figure(point: Point, plan: Plan) -> Figure:
    return Figure(point.row["id"], say_in_full(point.row, point.time, plan.chart.view.catalogue))


def _say(point: Point, plan: Plan) -> str:
    return say_number(point.row, plan.chart.view.catalogue)


def find_mark(point: Point) -> str:
    """Return how a column is painted: filled; hollow if its number is no exact one; dashed if it may still grow."""
    is_part = point.time.kind == MONTHS and bool(point.row["year"])
    if point.row["mark"] == "provisional" or (is_part and point.row["coverage"] == "part"):
        return "part"
    return "accent" if point.row["qualifier"] in ("exact", None) else "hollow"


def _draw_number(svg: Svg, plan: Plan, high: float) -> None:
    """Draw one figure very large, with its time and, of a share, its whole."""
    point = plan.points[0]
    number = _say(point, plan)
    if point.value is None and point.row["value_absent"] not in ("magnitude_only", "range_only"):
        svg.rect(0, svg.y + 4, 90, 30, "hatch")
        svg.y += 42
        svg.write(number, WHEN)
    else:
        fits = min(1, svg.width / text_width(number, HUGE))
        if fits < 0.4:
            svg.write(number, WHEN._replace(size=24, step=30, colour="accent"))
        else:
            style = HUGE._replace(size=HUGE.size * fits, step=HUGE.step * fits)
            svg.y = svg.text([number], 0, svg.y, style, _figure(point, plan))
    svg.write(say_whole(point.row), WHEN)
    svg.write(point.time.label, WHEN)
    svg.y += 8


def _scale(points: Sequence[Point], high: float) -> float:
    top = max([*(point.value or 0 for point in points), *(float(row["value"]) for p in points for row in p.others)])
    least = SMALL if all(point.row["statistic"] == "count" for point in points) else 0
    return high / (max(top, least) or 1)


def _shorten(slots: Sequence[Slot], room: int) -> list[Slot]:
    """Return times; where there is no room for all, a run of empty ones as one."""
    if len(slots) <= room:
        return [*slots]
    found = list[Slot]()
    for reason, run in groupby(slots, key=lambda slot: "" if slot.point else slot.reason):
        some = list(run)
        is_long = bool(reason) and len(some) > 2
        found += [Slot(f"{some[0].label}–{some[-1].label}", None, reason)] if is_long else some
    return found


def _draw_columns(svg: Svg, plan: Plan, high: float) -> None:
    """Draw one row of columns from zero; those that have no room beside each other follow below on the same scale."""
    entry, scale = plan.entries[0], _scale(plan.points, high)
    least = max(MIN_COLUMN, widest_word([_say(one, plan) for one in entry.points], ABOVE) + 4)
    room = max(1, int(svg.width / least))
    slots = _shorten(entry.slots, room)
    bands = -(-len(slots) // room)
    size = -(-len(slots) // bands)
    for start in range(0, len(slots), size):
        part = slots[start : start + size]
        wide = min(svg.width / size, MAX_COLUMN)
        top = max((one.value or 0 for slot in part if (one := slot.point)), default=0)
        lines = max((len(wrap(_say(slot.point, plan), ABOVE, wide)) for slot in part if slot.point), default=1)
        base = svg.y + top * scale + lines * ABOVE.step + 4
        svg.rect(0, base, wide * len(part), 1, "ink")
        for place, slot in enumerate(part):
            _draw_column(svg, slot, place * wide, wide, base, scale, plan, ABOVE)
        svg.y = _label_times(svg, part, 0, base + 4, wide) + 8


def _draw_column(
    svg: Svg, slot: Slot, x: float, wide: float, base: float, scale: float, plan: Plan, style: Style
) -> None:
    point, left = slot.point, x + wide * (1 - FILLED) / 2
    if point is None or slot.reason:
        svg.rect(left, base - 12, wide * FILLED, 12, "hatch")
        return
    height = (point.value or 0) * scale
    if point.row["mark"] == "break":
        svg.rect(x, base - max(height, 12) - style.step - 2, 0.1, max(height, 12) + style.step + 2, "break")
    if height:
        svg.rect(left, base - height, wide * FILLED, height, find_mark(point))
    lines = wrap(_say(point, plan), style, max(wide, widest_word([_say(point, plan)], style)))
    svg.text(lines, x + wide / 2, base - height - style.step * len(lines) - 1, style, _figure(point, plan))
    for row in point.others:
        svg.dot(x + wide / 2, base - float(row["value"]) * scale, 4, "other")


def _label_times(svg: Svg, slots: Sequence[Slot], left: float, y: float, wide: float) -> float:
    """Write the times below columns, as many as have room beside each other, and return where they end."""
    if all(slot.point is None or slot.point.time.kind == YEAR for slot in slots):
        step = -(-int(max(text_width(slot.label, YEAR_LABEL) for slot in slots) + 5) // max(int(wide), 1))
        shown = [slot if place % step == 0 else Slot("") for place, slot in enumerate(slots)]
    else:
        step, shown = 1, [*slots]
    end = y
    for place, slot in enumerate(shown):
        lines = wrap(slot.label, YEAR_LABEL, wide * step - 2) if slot.label else []
        end = max(end, svg.text(lines, left + (place + 0.5) * wide, y, YEAR_LABEL))
    return end


def _draw_dots(svg: Svg, plan: Plan, high: float) -> None:
    """Draw counts of moments on an axis of days, and below it each number with its day."""
    points, scale = plan.points, _scale(plan.points, high)
    days = [point.time.first + (point.time.last - point.time.first) / 2 for point in points]
    first, last = min(days), max(days)
    span = max((last - first).days, 60)
    left, right = 24, svg.width - 24
    base = svg.y + ABOVE.step + 8 + max(point.value or 0 for point in points) * scale
    svg.rect(0, base, svg.width, 1, "ink")
    _mark_years(svg, first, span, left, right, base)
    taken = list[tuple[float, float]]()
    often = _find_main(points, plan)
    for point, day in sorted(zip(points, days, strict=True), key=lambda one: -(one[0].value or 0)):
        x = left + (right - left) * (day - first).days / span
        y = base - (point.value or 0) * scale
        svg.rect(x - 0.5, y, 1, base - y, "rule")
        svg.dot(x, y, 5, "accent" if _publisher(point, plan) == often else "hollow")
        half = text_width(_say(point, plan), ABOVE) / 2 + 2
        if not any(abs(x - other) < half + width and abs(y - height) < ABOVE.step for other, width, height in taken):
            svg.text([_say(point, plan)], x, y - 8 - ABOVE.step, ABOVE, _figure(point, plan))
            taken.append((x, half, y))
        for row in point.others:
            svg.dot(x, base - float(row["value"]) * scale, 4, "other")
    svg.y = base + 22
    svg.write("; ".join(f"{point.time.label}: {_say(point, plan)}" for point in points), PLAIN)
    svg.y += 6


def _publisher(point: Point, plan: Plan) -> str:
    return str(point.row["source"])


def _find_main(points: Sequence[Point], plan: Plan) -> str:
    names = [_publisher(point, plan) for point in points]
    return max(names, key=lambda name: (names.count(name), name))


def _mark_years(svg: Svg, first, span: int, left: float, right: float, base: float) -> None:
    years = range(first.year, (first + timedelta(days=span)).year + 2)
    step = -(-len(years) // max(2, int((right - left) / 46)))
    for year in years[::step]:
        x = left + (right - left) * (first.replace(year=year, month=1, day=1) - first).days / span
        if -10 <= x <= right + 10:
            svg.rect(x - 0.5, base, 1, 4, "ink")
            svg.text([str(year)], x, base + 5, YEAR_LABEL)


def _draw_small(svg: Svg, plan: Plan, high: float) -> None:
    """Draw a row of columns for each kind or place, all on one scale; a row that this would hide has numbers only."""
    entries = plan.entries
    slots = next(entry.slots for entry in entries if entry.slots)
    scale = _scale(plan.points, LOW) if plan.has_scale else 0
    widest = max(text_width(entry.label, NAME) for entry in entries) + PAD
    left = 0 if svg.is_narrow else min(widest, NAMES * svg.width)
    wide = min((svg.width - left) / len(slots), 70)
    svg.y = _label_times(svg, slots, left, svg.y, wide) + 2
    above = ""
    for entry in entries:
        if entry.heading != above:
            svg.y += 6
            svg.write(entry.heading, NAME)
            above = entry.heading
        top = max((point.value or 0 for point in entry.points), default=0) * scale
        _draw_small_row(svg, entry, 0 if top < SEEN else scale, left, wide, plan)
    svg.y += 8


def _draw_small_row(svg: Svg, entry: Entry, scale: float, left: float, wide: float, plan: Plan) -> None:
    style = NAME if entry.line.is_total else PLAIN
    names = wrap(entry.label, style, (left - PAD if left else svg.width))
    top = max((point.value or 0 for point in entry.points), default=0) * scale
    if not left:
        svg.y = svg.text(names, 0, svg.y + 2, style)
    base = svg.y + max(top + CELL.step + 4, style.step * len(names) + 2 if left else 0, 20)
    if left:
        svg.text(names, 0, base - style.step * len(names), style)
    svg.rect(left, base, wide * len(entry.slots), 1, "rule")
    if entry.reason:
        svg.rect(left, base - 14, wide * len(entry.slots) or svg.width - left, 12, "hatch")
        svg.text([entry.reason], left + 4, base - 15, DETAIL)
    fits = max((text_width(_say(point, plan), CELL) for point in entry.points), default=0) <= wide
    values = [point.value or 0 for point in entry.points]
    for place, slot in enumerate(entry.slots):
        _draw_column(svg, slot, left + place * wide, wide, base, scale, plan, CELL)
    svg.y = base + 4


def _draw_rows(svg: Svg, plan: Plan, high: float) -> None:
    """Draw a row for each kind or place: its name, a bar if all stand on one scale, and its number."""
    barred = [entry.point for entry in plan.entries if entry.has_bar and entry.point]
    texts = [_say(entry.point, plan) for entry in plan.entries if entry.point]
    number = max((text_width(text, NUMBER) for text in texts), default=0) + PAD
    left = min(max(text_width(entry.label, NAME) for entry in plan.entries) + PAD, 0.5 * svg.width)
    room = svg.width - left - number
    scale = _scale(barred, room) if barred else 0
    above = ""
    for entry in plan.entries:
        if entry.heading != above:
            svg.y += 6
            svg.write(entry.heading, NAME)
            above = entry.heading
        _draw_row(svg, entry, left, scale, plan)
    svg.y += 8


def _draw_row(svg: Svg, entry: Entry, left: float, scale: float, plan: Plan) -> None:
    style = NAME if entry.line.is_total else PLAIN
    lines = wrap(entry.label, style, left - PAD)
    end = svg.text(lines, 0, svg.y, style)
    point = entry.point
    if point is None or (point.value is None and point.row["value_absent"] not in ("magnitude_only", "range_only")):
        reason = entry.reason or _say(point, plan).lower() if point or entry.reason else ""
        svg.rect(left, svg.y + 1, 40, BAR - 1, "hatch")
        end = max(end, svg.text(wrap(reason, DETAIL, svg.width - left - 48), left + 46, svg.y + 1, DETAIL))
    else:
        length = (point.value or 0) * scale if entry.has_bar else 0
        if length:
            svg.rect(left, svg.y + 1, length, BAR, find_mark(point))
        x = left + length + (5 if entry.has_bar else 0)
        number = _say(point, plan)
        svg.text([number], x, svg.y, NUMBER, _figure(point, plan))
        said = ", ".join(filter(None, (_say_whole(point, plan), entry.when)))
        x += text_width(number, NUMBER) + PAD
        end = max(end, svg.text(wrap(said, DETAIL, max(svg.width - x, 60)), x, svg.y + 1, DETAIL))
    svg.y = max(end, svg.y + BAR + 2) + 3


def _say_whole(point: Point, plan: Plan) -> str:
    wholes = {one.row["whole"] for one in plan.points}
    return say_whole(point.row) if len(wholes) > 1 else ""
