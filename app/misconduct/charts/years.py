"""The form for one to five series by year: a column for each year, from zero, all on one scale."""

from collections.abc import Sequence
from itertools import groupby
from math import ceil
from typing import NamedTuple

from misconduct.charts.choose import Block
from misconduct.charts.entries import Line, Slot, trim
from misconduct.charts.svg import DETAIL, NAME, Style, Svg, text_width, wrap

HEIGHT, HATCHED = 150, 26
"""Pixels of the highest column, and of the hatching of years without a figure."""

FIGURE, YEAR, REASON = Style(11.5, 12, is_bold=True), Style(11, 14, "muted"), Style(11, 12, "muted")
LOW, SMALL, MAX_BAND, COLUMN = 0.3, 5, 62, 0.84
"""The least part of the height that a series with gaps has, the least number that is so high, the widest a year is
drawn, and the part of it that a column takes."""


class Scale(NamedTuple):
    """Where years and numbers are: each year is `band` wide, zero is at `foot`, and 1 is `pixels` high."""

    band: float
    foot: float
    pixels: float

    def x(self, place: int) -> float:
        """Return the middle of a year."""
        return (place + 0.5) * self.band

    def y(self, reach: float) -> float:
        """Return the height of a number; a negative one is drawn at zero."""
        return self.foot - max(0.0, reach) * self.pixels


def draw_years(svg: Svg, block: Block) -> None:
    """Draw the columns of each series below its name."""
    highest = [max(entry.reach for entry in line.of_years) for line in block.lines]
    top = max(*highest, SMALL if block.lines[0].key["unit"] == "count" else 0) or 1
    for line, reach in zip(trim(block.lines), highest, strict=True):
        svg.write(line.name, NAME)
        svg.write(", ".join(filter(None, (block.unit, line.total))), DETAIL)
        foot = svg.y + 24 + HEIGHT * max(reach / top, LOW * any(slot.reason for slot in line.slots))
        scale = Scale(find_band(line, svg.width), foot, HEIGHT / top)
        _draw_gaps(svg, line.slots, scale)
        _draw_columns(svg, line.slots, scale)
        svg.rect(0, foot, scale.band * len(line.slots), 1, "ink")
        label_years(svg, [slot.year for slot in line.slots], 0, foot + 5, scale.band)
        svg.y = foot + 30


def fit_years(lines: Sequence[Line], width: float) -> bool:
    """Tell whether each number has room above its column."""
    band = find_band(trim(lines)[0], width)
    return all(text_width(entry.shown, FIGURE) <= band + 6 for line in lines for entry in line.of_years)


def find_band(line: Line, width: float) -> float:
    """Return how wide a year is drawn."""
    return min(width / len(line.slots), MAX_BAND)


def _draw_columns(svg: Svg, slots: Sequence[Slot], scale: Scale) -> None:
    """Draw columns with their numbers, and a line where the publisher began to count in another way."""
    for place, entry in enumerate(slot.entry for slot in slots):
        if not entry:
            continue
        x, y = scale.x(place), scale.y(entry.reach)
        if entry.row["mark"] == "break":
            svg.rect(x - scale.band / 2 - 0.5, y - 18, 1, scale.foot - y + 18, "ink")
        if entry.mark != "none" and entry.reach:
            svg.rect(x - COLUMN / 2 * scale.band, y, scale.band * COLUMN, max(scale.foot - y, 1), entry.mark)
        svg.text([entry.shown], x, y - 15, FIGURE, "middle", entry)


def _draw_gaps(svg: Svg, slots: Sequence[Slot], scale: Scale) -> None:
    """Hatch years without a figure, with the reason if there is room."""
    for reason, found in groupby(enumerate(slots), key=lambda one: one[1].reason):
        places = [place for place, _ in found]
        if not reason:
            continue
        x, wide = places[0] * scale.band, scale.band * len(places)
        svg.rect(x + 1, scale.foot - HATCHED, wide - 2, HATCHED, "hatch")
        lines = wrap(reason, REASON, wide - 4)
        if max(text_width(line, REASON) for line in lines) < wide and len(lines) < 4:
            svg.text(lines, x + wide / 2, scale.foot - HATCHED - 3 - REASON.step * len(lines), REASON, "middle")


def label_years(svg: Svg, years: Sequence[str], left: float, y: float, band: float) -> None:
    """Label each year, shorter or only some of them if there is no room."""
    for shorter in ([f"’{year[2:]}" for year in years], [f"’{year[2:].partition('/')[0]}" for year in years]):
        if any(text_width(year, YEAR) + 6 > band for year in years):
            years = shorter
    every = max(1, ceil((max(text_width(year, YEAR) for year in years) + 4) / band))
    for place, year in enumerate(years):
        if (len(years) - 1 - place) % every == 0:
            svg.text([year], left + (place + 0.5) * band, y, YEAR, "middle")
