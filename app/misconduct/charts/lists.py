"""The form for figures without years: the number as printed, what it counts, and a bar where one is fair."""

from collections.abc import Sequence

from misconduct.charts.entries import Entry
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Style, Svg, text_width, wrap
from misconduct.model.wording import capitalise

HUGE = Style(76, 84, "accent", is_bold=True)
STATED, NUMBER = Style(16, 21, is_bold=True), Style(15, 20, is_bold=True)
BAR, INDENT, GAP = 11, 14, 12
"""Pixels of the height of a bar, of the indent of a part below its whole, and between columns."""

NUMBERS, BARS = 0.4, 0.34
"""The most of the width that numbers take, and what bars take; in a narrow picture these stand below the words."""


def draw_number(svg: Svg, entry: Entry) -> None:
    """Draw one figure very large, and below it what it counts in the source's words, and when."""
    fits = min(1, svg.width / text_width(entry.shown, HUGE))
    style = HUGE._replace(size=HUGE.size * fits, step=HUGE.step * fits)
    svg.y = svg.text([entry.shown], 0, svg.y, style, entry=entry)
    svg.write(", ".join(filter(None, (entry.name, entry.what))), STATED)
    svg.y += 6


def draw_list(svg: Svg, entries: Sequence[Entry], top: float | None, *, has_details: bool) -> None:
    """Draw a line for each figure, with a bar if the highest of all is `top`."""
    widest = max(text_width(entry.shown, NUMBER) + INDENT * entry.depth for entry in entries)
    word = max(text_width(word, NUMBER) for entry in entries for word in entry.shown.split())
    left = max(word + GAP, min(widest + GAP, NUMBERS * svg.width))
    for entry in entries:
        _draw_line(svg, entry, left, top, has_details=has_details)
    svg.y += 6


def _draw_line(svg: Svg, entry: Entry, left: float, top: float | None, *, has_details: bool) -> None:
    """Draw a figure: its number, its words from `left`, and its bar."""
    indent = INDENT * entry.depth
    wide = 0 if svg.is_narrow or not top else BARS * svg.width
    end = svg.text(wrap(entry.shown, NUMBER, left - indent - GAP / 2), indent, svg.y, NUMBER, entry=entry)
    y = svg.y + 2
    said = (entry.name, NAME), (capitalise(entry.what), PLAIN), (entry.detail if has_details else "", DETAIL)
    for text, style in said:
        y = svg.text(wrap(text, style, svg.width - left - wide - GAP * bool(wide)), left, y, style)
    if top:
        x, room, at = (svg.width - wide, wide, svg.y + 4) if wide else (left, svg.width - left, y + 3)
        _draw_bar(svg, entry, x, at, (room - 12) / top)
        y = max(y, at + BAR)
    svg.y = max(end, y) + 6
    svg.rect(0, svg.y, svg.width, 1, "rule")
    svg.y += 6


def _draw_bar(svg: Svg, entry: Entry, x: float, y: float, pixels: float) -> None:
    """Draw a bar from `x`, with `pixels` for 1; one of zero is a line."""
    svg.rect(x - 1, y - 2, 1, BAR + 4, "rule")
    length = entry.reach * pixels
    if entry.mark != "none" and length:
        svg.rect(x, y, max(length, 1), BAR, entry.mark)
