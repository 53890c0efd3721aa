"""The form for many series by year: a row for each, with its number in each cell; the country above its forces."""

from collections.abc import Sequence
from dataclasses import replace

from misconduct.charts.choose import Block
from misconduct.charts.entries import Line, Slot
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Style, Svg, text_width, wrap
from misconduct.charts.years import YEAR, label_years, trim

CELL, MAX_CELL, NAMES, SHADES = 18, 90, (0.34, 0.24), 4
"""Pixels of the height and greatest width of a cell, the parts of the width that names may take, and shades."""

IN_CELL = Style(11, 12, is_bold=True)
PAD = 6


def draw_table(svg: Svg, block: Block) -> None:
    """Draw a row for each series. Years that do not fit beside each other follow below, for all rows again.

    Totals then stand beside the names: beside half of the years they would seem to be of these.
    """
    if block.unit:
        svg.write(block.unit, DETAIL)
    svg.y += 4
    lines = [replace(line, slots=slots) for line, slots in zip(block.lines, trim(block.lines), strict=True)]
    years = _join_empty(lines)
    totals = [line.window.shown for line in lines if line.window]
    widths = [text_width(_name_total(lines), YEAR), *(text_width(one, NAME) for one in totals)]
    right = max(widths) + PAD if totals else 0
    least = max([CELL, *(text_width(one.shown, IN_CELL) + PAD / 2 for line in lines for one in line.of_years)])
    for most in NAMES:
        names = 0 if svg.is_narrow else min(max(text_width(line.name, PLAIN) for line in lines) + PAD, most * svg.width)
        if (svg.width - names - right) / len(years) >= least:
            break
    else:
        heading, right = _name_total(lines), 0
        lines = [
            replace(one, name=f"{one.name}, {one.window.shown} in {heading}" if one.window else one.name)
            for one in lines
        ]
    parts = -(-len(years) // max(1, int((svg.width - names - right) / least)))
    size = -(-len(years) // parts)
    for part in range(parts):
        _draw_part(svg, block, lines, years[size * part : size * (part + 1)], names, right)


def _name_total(lines: Sequence[Line]) -> str:
    """Return the heading of the printed totals: 16 years, if these are all years of the table, or 2014–2024."""
    what = next((line.window.what for line in lines if line.window), "")
    first, last = (lines[0].slots[place].year for place in (0, -1))
    return f"{len(lines[0].slots)} years" if "/" in first and first[:4] in what and last[-2:] in what else what


def _join_empty(lines: Sequence[Line]) -> list[Sequence[int]]:
    """Return the places of the years of each column: one, or several on end in which no series has a figure."""
    found: list[list[int]] = []
    empty = [not any(line.slots[place].entry for line in lines) for place in range(len(lines[0].slots))]
    for place, is_empty in enumerate(empty):
        if is_empty and place and empty[place - 1]:
            found[-1].append(place)
        else:
            found.append([place])
    return [*found]


def _draw_part(
    svg: Svg, block: Block, lines: Sequence[Line], years: Sequence[Sequence[int]], left: float, right: float
) -> None:
    """Draw the rows for some of the years, with names up to `left` and totals from `right`."""
    slots, wide = lines[0].slots, min((svg.width - left - right) / len(years), MAX_CELL)
    spans = [(slots[one[0]].year, slots[one[-1]].year) for one in years]
    label_years(svg, [first if first == last else f"{first}–{last[2:]}" for first, last in spans], left, svg.y, wide)
    if right:
        svg.text([_name_total(lines)], svg.width, svg.y, YEAR, "end")
    svg.y += 16
    highest = [max((entry.reach for entry in line.of_years), default=0) for line in lines]
    for line, own in zip(lines, highest, strict=True):
        end = svg.text(wrap(line.name, PLAIN, svg.width if svg.is_narrow else left - PAD + 1), 0, svg.y, PLAIN)
        if svg.is_narrow:
            svg.y = end + 1
        top = {"row": own, "all": max(highest), None: 0}[block.shade]
        for place, of_column in enumerate(years):
            _draw_cell(svg, line.slots[of_column[0]], left + place * wide, wide, top)
        if line.window and right:
            svg.text([line.window.shown], svg.width, svg.y, NAME, "end", line.window)
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
    svg.text([entry.shown], x + wide / 2, svg.y + 2, style, "middle", entry)
