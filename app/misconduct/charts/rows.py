"""The forms whose figures stand below each other: bars, numbers, one number, a divided bar, a timeline."""

from collections.abc import Sequence

from misconduct.charts.choose import Plan
from misconduct.charts.entries import Entry
from misconduct.charts.svg import DETAIL, HEADING, NAME, PLAIN, Style, Svg, text_width, wrap
from misconduct.model.wording import capitalise

BAR, SEGMENT, INDENT = 15, 40, 20
"""Pixels of the height of a bar, and of a divided one; and of the room for a dot or a swatch before a number."""

BIG = Style(34, 38, "accent", is_bold=True)
MEDIUM = Style(22, 28, "accent", is_bold=True)
HUGE = Style(76, 84, "accent", is_bold=True)
STATED = Style(16, 21, is_bold=True)
DATE = Style(13, 17, "accent", is_bold=True)
IN_BAR, IN_SEGMENT = Style(19, 22, "on_accent", is_bold=True), Style(19, 22, is_bold=True)

CLASSES = {"accent": "accent", "hollow": "hollow", "part": "part", "bound": "pale"}
"""How bars and columns are painted."""


def draw_bars(svg: Svg, plan: Plan) -> None:
    """Draw a bar for each figure, with its words beside it, or above it if the picture is narrow."""
    draw_number_lines(svg, plan.wholes, MEDIUM)
    room, left, step, style = _place_words(svg, plan)
    scales = {group.unit: _pixels(plan, group.unit, svg.width - left) for group in plan.groups}
    for group in plan.groups:
        if group.heading:
            svg.write(group.heading, HEADING)
            svg.y += 5
        for entry in group.entries:
            end = write_words(svg, entry, 0, svg.y, room, style)
            _draw_bar(svg, entry, left, (svg.y + end) / 2 if left else end + 12, scales[group.unit])
            svg.y = end + step
        svg.y += 8


def _place_words(svg: Svg, plan: Plan) -> tuple[float, float, float, Style]:
    """Return the room for the words of a bar, where the bar begins, how far below the next one is, and the style."""
    longest = max((text_width(entry.name, PLAIN) for entry in plan.rows), default=0)
    has_one_line = not any(entry.what or entry.detail for entry in plan.rows)
    if has_one_line and (longest < 0.5 * svg.width or plan.is_ranking):
        room = min(longest, 0.52 * svg.width) + 1
        return room, room + 11, 6, PLAIN
    if svg.is_narrow:
        return svg.width, 0, 32, NAME
    return 0.44 * svg.width, 0.44 * svg.width + 16, 13, NAME


def _pixels(plan: Plan, unit: str, room: float) -> float:
    """Return the pixels for 1 of a unit, so that each figure still has room beside its bar.

    A figure that is alone in its unit has no bar, since nothing says how long that should be.
    """
    alike = [entry for group in plan.groups if group.unit == unit for entry in group.entries]
    if len(alike) == 1 and len(plan.rows) > 1:
        return 0
    return min((room - text_width(a.shown, NAME) - 28) / a.reach if a.reach > 0 else room for a in alike)


def _draw_bar(svg: Svg, entry: Entry, left: float, middle: float, pixels: float) -> None:
    """Draw a bar with its number; without a mark, only the words for the number."""
    end = left
    if pixels:
        svg.rect(left - 1, middle - BAR / 2 - 2, 1, BAR + 4, "rule")
        end += 7
    if pixels and entry.mark != "none" and (entry.reach or entry.opens < 0):
        length = max(entry.reach * pixels, 10 if entry.opens < 0 else 1)
        svg.rect(left, middle - BAR / 2, length, BAR, CLASSES[entry.mark])
        if entry.opens:
            svg.arrow(left + length + 3 * entry.opens, middle, entry.opens)
        end = left + length + (18 if entry.opens > 0 else 7)
    style = NAME if entry.mark != "none" or entry.reach else PLAIN
    svg.text([entry.shown], end, middle - 8, style)


def write_words(svg: Svg, entry: Entry, x: float, y: float, room: float, name: Style = NAME) -> float:
    """Write what a figure is from `y`, and return where that ends."""
    for text, style in ((entry.name, name), (capitalise(entry.what), PLAIN), (entry.detail, DETAIL)):
        y = svg.text(wrap(text, style, room), x, y, style)
    return y


def draw_number_lines(svg: Svg, entries: Sequence[Entry], style: Style) -> None:
    """Draw each figure as a large number, with its words beside it, or below it if the picture is narrow."""
    if not entries:
        return
    most = max(text_width(entry.shown, style) for entry in entries) / (svg.width * (1 if svg.is_narrow else 0.4))
    style = style._replace(size=style.size / max(1, most), step=style.step / max(1, most))
    is_below = svg.is_narrow and style.size > MEDIUM.size
    left = 0 if is_below else max(text_width(entry.shown, style) for entry in entries) + 16
    for entry in entries:
        if entry is not entries[0]:
            svg.rect(0, svg.y - 8, svg.width, 1, "rule")
        end = svg.text([entry.shown], 0, svg.y, style)
        svg.y = max(end, write_words(svg, entry, left, end if is_below else svg.y + 3, svg.width - left)) + 16


def draw_numbers(svg: Svg, plan: Plan) -> None:
    """Draw each figure as a large number."""
    draw_number_lines(svg, plan.groups[0].entries, BIG)


def draw_number(svg: Svg, plan: Plan) -> None:
    """Draw one figure very large, and below it what it counts in the source's words, and when."""
    [entry] = plan.groups[0].entries
    fits = min(1, svg.width / text_width(entry.shown, HUGE))
    style = HUGE._replace(size=HUGE.size * fits, step=HUGE.step * fits)
    svg.y = svg.text([entry.shown], 0, svg.y, style)
    svg.write(entry.what, STATED)
    svg.y += 6


def draw_divided(svg: Svg, plan: Plan) -> None:
    """Draw a whole as a bar that is divided into its parts, with a list of these below."""
    draw_number_lines(svg, plan.wholes, MEDIUM)
    parts = plan.groups[0].entries
    pixels = svg.width / plan.wholes[-1].reach
    x = 0.0
    for part in parts:
        length = part.reach * pixels
        mark, style = ("accent", IN_BAR) if part is parts[0] else ("segment", IN_SEGMENT)
        svg.rect(x, svg.y, length, SEGMENT, mark)
        if text_width(part.shown, style) + 10 < length:
            svg.text([part.shown], x + 8, svg.y + 9, style)
        x += length
    if x < svg.width - 1:
        svg.rect(x, svg.y, svg.width - x, SEGMENT, "hatch")
    svg.y += 54
    left = INDENT + max(text_width(part.shown, NAME) for part in parts) + 12
    for part in parts:
        svg.rect(0, svg.y + 2, 11, 11, "accent" if part is parts[0] else "segment")
        svg.text([part.shown], INDENT, svg.y, NAME)
        svg.y = write_words(svg, part, left, svg.y, svg.width - left) + 9


def draw_timeline(svg: Svg, plan: Plan) -> None:
    """Draw statements in the order in which they were printed, along a line."""
    left = 0 if svg.is_narrow else 100
    last = None
    widest = max(text_width(entry.shown, STATED) for group in plan.groups for entry in group.entries)
    is_beside = left + widest < 0.55 * svg.width
    for group in plan.groups:
        if svg.is_narrow:
            svg.write(group.heading, DATE)
            svg.y += 4
        else:
            svg.text([group.heading], 0, svg.y, DATE)
        for entry in group.entries:
            middle = svg.y + 9
            svg.dot(left + 6, middle, "accent" if entry.mark == "accent" else "hollow")
            if last is not None and not svg.is_narrow:
                svg.rect(left + 5.5, last + 7, 1, middle - last - 14, "rule")
            last = middle
            svg.text([entry.shown], left + INDENT, svg.y - 2, STATED)
            x, top = (left + INDENT + widest + 12, svg.y) if is_beside else (left + INDENT, svg.y + 20)
            svg.y = write_words(svg, entry, x, top, svg.width - x) + 13
