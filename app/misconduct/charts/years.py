"""The form for one to five series by year: a column for each year, from zero, all on one scale."""

from collections.abc import Sequence
from itertools import groupby
from math import ceil

from misconduct.charts.choose import Block
from misconduct.charts.entries import Entry, Line, Slot, trim
from misconduct.charts.svg import DETAIL, NAME, Style, Svg, text_width, wrap

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
    """Draw a column from `x`, with `pixels` for 1 and its number above, and a line if it is counted in another way."""
    height = max(0.0, entry.reach) * pixels
    if entry.row["mark"] == "break":
        svg.rect(x - 0.5, svg.y - height - 18, 1, height + 18, "ink")
    if entry.mark != "none" and entry.reach:
        height = max(height, 1)
        svg.rect(x + (1 - COLUMN) / 2 * band, svg.y - height, COLUMN * band, height, entry.mark)
    svg.text([entry.shown], x + band / 2, svg.y - height - 15, FIGURE, entry)


def _draw_gaps(svg: Svg, slots: Sequence[Slot], band: float) -> None:
    """Hatch years without a figure, with the reason if there is room."""
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
    """Label each year, shorter or only some of them if there is no room."""
    for shorter in ([f"’{year[2:]}" for year in years], [f"’{year[2:].partition('/')[0]}" for year in years]):
        if any(text_width(year, YEAR) + 6 > band for year in years):
            years = shorter
    every = max(1, ceil((max(text_width(year, YEAR) for year in years) + 4) / band))
    for place, year in enumerate(years):
        if (len(years) - 1 - place) % every == 0:
            svg.text([year], left + (place + 0.5) * band, y, YEAR)
