"""The form for many series by year: a row for each, with its number in each cell; the country above its forces."""

from collections.abc import Sequence
from dataclasses import replace

from misconduct.charts.choose import Block
from misconduct.charts.entries import Line, Slot, trim
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Style, Svg, text_width, wrap
from misconduct.charts.years import YEAR, label_years

CELL, MAX_CELL, NAMES, SHADES = 18, 90, (0.24, 0.34), 4
"""Pixels of the height and greatest width of a cell, the parts of the width that names may take, and shades."""

IN_CELL, TOTAL = Style(11, 12, is_bold=True, anchor="middle"), NAME._replace(anchor="end")
PAD = 6


def draw_table(svg: Svg, block: Block) -> None:
    """Draw a row for each series. Years that do not fit beside each other follow below, for all rows again.

    Totals then stand beside the names: beside half of the years they would seem to be of these.
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
    """Return the heading of the printed totals: 16 years, if these are all years of the table, or 2014–2024."""
    what = next((line.window.what for line in lines if line.window), "")
    first, last = (lines[0].slots[place].year for place in (0, -1))
    return f"{len(lines[0].slots)} years" if "/" in first and first[:4] in what and last[-2:] in what else what


def _draw_part(svg: Svg, rows: Sequence[tuple[Line, float]], heading: str, left: float, right: float) -> None:
    """Draw the rows for some of the years, shaded up to the top of each. Names end at `left`, totals need `right`."""
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
    """Draw the cell of a year: the darker, the nearer its number is to the highest; 0 is pale, and a gap hatched."""
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
