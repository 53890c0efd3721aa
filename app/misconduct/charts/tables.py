"""The form for many series by year: a row for each, with its number in each cell; the country above its forces."""

from collections.abc import Sequence
from dataclasses import replace

from misconduct.charts.choose import Block
from misconduct.charts.entries import Line, Slot
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Style, Svg, text_width, wrap
from misconduct.charts.years import YEAR, draw_years, label_years, name_span, trim

CELL, MIN_CELL, MAX_CELL, NAMES, SHADES = 18, 18, 90, 0.34, 4
"""Pixels of the height and of the least and greatest width of a cell, the part of the width for names, and shades."""

IN_CELL = Style(11, 12, is_bold=True)
PAD = 6


def draw_table(svg: Svg, block: Block) -> None:
    """Draw a row for each series. Years that do not fit beside each other follow below, for all rows again."""
    if block.whole:
        draw_years(svg, replace(block, lines=[block.whole], whole=None))
        svg.y += 4
    elif block.unit:
        svg.write(block.unit, DETAIL)
        svg.y += 4
    if not block.lines:
        return
    lines = [replace(line, slots=slots) for line, slots in zip(block.lines, trim(block.lines), strict=True)]
    left = 0 if svg.is_narrow else min(max(text_width(line.name, PLAIN) for line in lines) + PAD, NAMES * svg.width)
    windows = [line.window.shown for line in lines if line.window]
    right = max(text_width(shown, NAME) + PAD for shown in [*windows, _name_window(lines)]) if windows else 0
    shown = [slot.entry.shown for line in lines for slot in line.slots if slot.entry]
    least = max([MIN_CELL, *(text_width(one, IN_CELL) + PAD for one in shown)])
    top = max((slot.entry.reach for line in lines for slot in line.slots if slot.entry), default=0)
    columns = _find_columns(lines)
    beside = max(1, int((svg.width - left - right) / least))
    parts = -(-len(columns) // beside)
    size = -(-len(columns) // parts)
    for part in range(parts):
        shown_columns = columns[size * part : size * (part + 1)]
        wide = min((svg.width - left - right) / len(shown_columns), MAX_CELL)
        _draw_part(
            svg, lines, shown_columns, block.shade, left, wide, top, has_windows=bool(right) and part == parts - 1
        )
        svg.y += 8


def _name_window(lines: Sequence[Line]) -> str:
    """Return the heading of the printed totals: 16 years, if these are all years of the table, or 2014–2024."""
    what = next(line.window.what for line in lines if line.window)
    first, last = (lines[0].slots[place].year for place in (0, -1))
    return f"{len(lines[0].slots)} years" if "/" in first and first[:4] in what and last[:2] in what else what


def _find_columns(lines: Sequence[Line]) -> list[list[int]]:
    """Return the places of the years of each column: one, or several on end in which no series has a figure."""
    has_figure = [any(line.slots[place].entry for line in lines) for place in range(len(lines[0].slots))]
    found: list[list[int]] = []
    for place, is_filled in enumerate(has_figure):
        if found and not is_filled and not has_figure[place - 1]:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _draw_part(
    svg: Svg,
    lines: Sequence[Line],
    columns: Sequence[list[int]],
    shade: str | None,
    left: float,
    wide: float,
    top: float,
    *,
    has_windows: bool,
) -> None:
    slots = lines[0].slots
    label_years(svg, [name_span(slots[one[0]].year, slots[one[-1]].year) for one in columns], left, svg.y, wide)
    if has_windows:
        svg.text([_name_window(lines)], svg.width, svg.y, YEAR, "end")
    svg.y += 16
    for line in lines:
        names = wrap(line.name, PLAIN, svg.width if svg.is_narrow else left - PAD)
        end = svg.text(names, 0, svg.y, PLAIN)
        if svg.is_narrow:
            svg.y = end + 1
        highest = max((slot.entry.reach for slot in line.slots if slot.entry), default=0) if shade == "row" else top
        for place, years in enumerate(columns):
            _draw_cell(svg, line.slots[years[0]], left + place * wide, wide, highest if shade else 0)
        if line.window and has_windows:
            svg.text([line.window.shown], svg.width, svg.y, NAME, "end")
        svg.y = max(svg.y + CELL, end) + (6 if svg.is_narrow else 0)


def _draw_cell(svg: Svg, slot: Slot, x: float, wide: float, highest: float) -> None:
    """Draw the cell of a year: the darker, the nearer its number is to the highest; 0 is pale, and a gap hatched."""
    if (entry := slot.entry) is None:
        if slot.reason:
            svg.rect(x + 1, svg.y, wide - 2, CELL - 2, "hatch")
        return
    is_open, step = entry.mark not in ("accent", "none"), 0
    if is_open:
        svg.rect(x + 1, svg.y, wide - 2, CELL - 2, "part" if entry.mark == "part" else "hollow")
    elif highest and entry.reach > 0:
        step = min(1 + int(SHADES * entry.reach / highest * 0.999), max(1, int(entry.reach)))
        svg.rect(x + 0.5, svg.y - 0.5, wide - 1, CELL - 1, f"shade{step}")
    if entry.row["mark"] == "break":
        svg.rect(x - 0.5, svg.y - 1, 1, CELL + 1, "ink")
    colour = "on_accent" if step >= SHADES - 1 else "ink" if entry.reach else "muted"
    svg.text(
        [entry.shown], x + wide / 2, svg.y + 2, IN_CELL._replace(colour=colour, is_bold=bool(entry.reach)), "middle"
    )
