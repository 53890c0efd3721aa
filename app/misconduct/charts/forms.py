"""Draw the forms of charts: a list with bars where they are fair, years as columns, and years as a table."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from math import ceil

from misconduct.charts.choose import Block
from misconduct.charts.entries import Entry, Line, Slot, trim
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Style, Svg, text_width, wrap
from misconduct.model.wording import capitalise

HUGE = Style(76, 84, "accent", is_bold=True)
STATED, NUMBER = Style(16, 21, is_bold=True), Style(15, 20, is_bold=True)
BAR, INDENT, GAP = 11, 14, 12
"""Pixels of the height of a bar, of the indent of a part below its whole, and between columns."""

NUMBERS, BARS = 0.4, 0.34
"""Parts of the width: at most of numbers, and of bars, which a narrow picture has below the words."""


def draw_number(svg: Svg, entry: Entry) -> None:
    """Draw one figure very large."""
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
    indent = INDENT * entry.depth
    wide = 0 if svg.is_narrow or not top else BARS * svg.width
    end = svg.text(wrap(entry.shown, NUMBER, left - indent - GAP / 2), indent, svg.y, NUMBER, entry=entry)
    y = svg.y + 2
    said = (entry.name, NAME), (capitalise(entry.what), PLAIN), (entry.detail if has_details else "", DETAIL)
    for text, style in said:
        y = svg.text(wrap(text, style, svg.width - left - wide - GAP * bool(wide)), left, y, style)
    if top:
        x, room, at = (svg.width - wide, wide, svg.y + 4) if wide else (left, svg.width - left, y + 3)
        svg.rect(x - 1, at - 2, 1, BAR + 4, "rule")  # where it begins, also of zero
        if entry.mark != "none" and entry.reach:
            svg.rect(x, at, max(entry.reach * ((room - 12) / top), 1), BAR, entry.mark)
        y = max(y, at + BAR)
    svg.y = max(end, y) + 6
    svg.rect(0, svg.y, svg.width, 1, "rule")
    svg.y += 6


HEIGHT, HATCHED = 150, 26
"""Pixels of the highest column, and of the hatching of years without a figure."""

FIGURE = Style(11, 12, is_bold=True, anchor="middle")
YEAR, REASON = Style(11, 14, "muted", anchor="middle"), Style(11, 12, "muted", anchor="middle")
LOW, SMALL, MAX_BAND, COLUMN = 0.3, 5, 62, 0.84
"""The least part of the height that a series with gaps has, the least number that is so high, the widest a year is
drawn, and the part of it that a column takes."""


def draw_years(svg: Svg, block: Block) -> None:
    """Draw the columns of each series below its name."""
    highest = [max(entry.reach for entry in line.of_years) for line in block.lines]
    top = max(*highest, SMALL if block.lines[0].key["unit"] == "count" else 0) or 1
    for line, reach in zip(trim(block.lines), highest, strict=True):
        svg.write(line.name, NAME)
        svg.write(", ".join(filter(None, (block.unit, line.total))), DETAIL)
        svg.y += 24 + HEIGHT * max(reach / top, LOW * any(slot.reason for slot in line.slots))
        band = find_band(line, svg.width)
        _draw_gaps(svg, line.slots, band)
        for place, slot in enumerate(line.slots):
            if slot.entry:
                _draw_column(svg, slot.entry, place * band, band, HEIGHT / top)
        svg.rect(0, svg.y, band * len(line.slots), 1, "ink")
        label_years(svg, [slot.year for slot in line.slots], 0, svg.y + 5, band)
        svg.y += 30


def fit_years(lines: Sequence[Line], width: float) -> bool:
    """Tell whether each number has room above its column."""
    band = find_band(trim(lines)[0], width)
    return all(text_width(entry.shown, FIGURE) <= band + 6 for line in lines for entry in line.of_years)


def find_band(line: Line, width: float) -> float:
    """Return how wide a year is drawn."""
    return min(width / len(line.slots), MAX_BAND)


def _draw_column(svg: Svg, entry: Entry, x: float, band: float, pixels: float) -> None:
    height = max(0.0, entry.reach) * pixels
    if entry.row["mark"] == "break":
        svg.rect(x - 0.5, svg.y - height - 18, 1, height + 18, "ink")
    if entry.mark != "none" and entry.reach:
        height = max(height, 1)
        svg.rect(x + (1 - COLUMN) / 2 * band, svg.y - height, COLUMN * band, height, entry.mark)
    svg.text([entry.shown], x + band / 2, svg.y - height - 15, FIGURE, entry)


def _draw_gaps(svg: Svg, slots: Sequence[Slot], band: float) -> None:
    for reason, found in groupby(enumerate(slots), key=lambda one: one[1].reason):
        places = [place for place, _ in found]
        if not reason:
            continue
        x, wide = places[0] * band, band * len(places)
        svg.rect(x + 1, svg.y - HATCHED, wide - 2, HATCHED, "hatch")
        lines = wrap(reason, REASON, wide - 4)
        if max(text_width(line, REASON) for line in lines) < wide and len(lines) < 4:
            svg.text(lines, x + wide / 2, svg.y - HATCHED - 3 - REASON.step * len(lines), REASON)


def label_years(svg: Svg, years: Sequence[str], left: float, y: float, band: float) -> None:
    """Label the years; without room, shorten the labels or leave some out."""
    for shorter in ([f"’{year[2:]}" for year in years], [f"’{year[2:].partition('/')[0]}" for year in years]):
        if any(text_width(year, YEAR) + 6 > band for year in years):
            years = shorter
    every = max(1, ceil((max(text_width(year, YEAR) for year in years) + 4) / band))
    for place, year in enumerate(years):
        if (len(years) - 1 - place) % every == 0:
            svg.text([year], left + (place + 0.5) * band, y, YEAR)


CELL, MAX_CELL, NAMES, SHADES = 18, 90, (0.24, 0.34), 4
"""Pixels of the height and greatest width of a cell, the parts of the width that names may take, and shades."""

IN_CELL, TOTAL = Style(11, 12, is_bold=True, anchor="middle"), NAME._replace(anchor="end")
PAD = 6


def draw_table(svg: Svg, block: Block) -> None:
    """Draw a row for each series. Years that do not fit beside each other follow below, for all rows again.

    Totals then stand beside the names: beside half of the years, they would look like totals of that half.
    """
    if block.unit:
        svg.write(block.unit, DETAIL)
    svg.y += 4
    lines = trim(block.lines, to_figures=True)
    heading, totals = _name_total(lines), [text_width(line.window.shown, NAME) for line in lines if line.window]
    right = max(text_width(heading, YEAR), *totals) + PAD if totals else 0
    least = max([CELL, *(text_width(one.shown, IN_CELL) + PAD / 2 for line in lines for one in line.of_years)])
    years, widest = len(lines[0].slots), max(text_width(line.name, PLAIN) for line in lines) + PAD
    room = int(svg.width - right - years * least)
    left = 0 if svg.is_narrow else min(widest, max(NAMES[0] * svg.width, min(room, NAMES[1] * svg.width)))
    if left > room and right:
        right = 0
        lines = [
            replace(one, name=f"{one.name}, {one.window.shown} in {heading}", window=None) if one.window else one
            for one in lines
        ]
    highest = [max((entry.reach for entry in line.of_years), default=0) for line in lines]
    tops = highest if block.shade == "row" else [max(highest) if block.shade else 0] * len(lines)
    parts = -(-years // max(1, int((svg.width - left - right) / least)))
    size = -(-years // parts)
    for first in range(0, years, size):
        part = [replace(line, slots=line.slots[first : first + size]) for line in lines]
        _draw_part(svg, [*zip(part, tops, strict=True)], heading if right else "", left, right)


def _name_total(lines: Sequence[Line]) -> str:
    """Return the heading of totals: 16 years, if these are all years of the table, or 2014–2024."""
    what = next((line.window.what for line in lines if line.window), "")
    first, last = (lines[0].slots[place].year for place in (0, -1))
    return f"{len(lines[0].slots)} years" if "/" in first and first[:4] in what and last[-2:] in what else what


def _draw_part(svg: Svg, rows: Sequence[tuple[Line, float]], heading: str, left: float, right: float) -> None:
    years = [slot.year for slot in rows[0][0].slots]
    wide = min((svg.width - left - right) / len(years), MAX_CELL)
    label_years(svg, years, left, svg.y, wide)
    if heading:
        svg.text([heading], svg.width, svg.y, YEAR._replace(anchor="end"))
    svg.y += 16
    for line, top in rows:
        end = svg.text(wrap(line.name, PLAIN, svg.width if svg.is_narrow else left - PAD + 1), 0, svg.y, PLAIN)
        if svg.is_narrow:
            svg.y = end + 1
        for place, slot in enumerate(line.slots):
            _draw_cell(svg, slot, left + place * wide, wide, top)
        if line.window:
            svg.text([line.window.shown], svg.width, svg.y, TOTAL, line.window)
        svg.y = max(svg.y + CELL, end + 2) + (6 if svg.is_narrow else 0)
    svg.y += 8


def _draw_cell(svg: Svg, slot: Slot, x: float, wide: float, highest: float) -> None:
    """Draw a year: the darker, the nearer its number is to the highest; 0 is pale, and a gap hatched."""
    if (entry := slot.entry) is None:
        if slot.reason:
            svg.rect(x + 1, svg.y, wide - 2, CELL - 2, "hatch")
        return
    step = 0
    if entry.mark not in ("accent", "none"):
        svg.rect(x + 1, svg.y, wide - 2, CELL - 2, "part" if entry.mark == "part" else "hollow")
    elif highest and entry.reach > 0:
        step = min(1 + int(SHADES * entry.reach / highest * 0.999), max(1, int(entry.reach)))
        svg.rect(x + 0.5, svg.y - 0.5, wide - 1, CELL - 1, f"shade{step}")
    if entry.row["mark"] == "break":
        svg.rect(x - 0.5, svg.y - 1, 1, CELL + 1, "ink")
    colour = "on_accent" if step >= SHADES - 1 else "ink" if entry.reach else "muted"
    style = IN_CELL._replace(colour=colour, is_bold=bool(entry.reach))
    svg.text([entry.shown], x + wide / 2, svg.y + 2, style, entry)
