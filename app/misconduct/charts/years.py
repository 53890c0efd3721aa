"""The form for one to five series by year: columns, or lines with their names, on one scale from zero."""

from collections.abc import Sequence
from itertools import groupby
from math import ceil, log10
from typing import NamedTuple

from misconduct.charts.choose import SMALL, Block
from misconduct.charts.entries import Line, Slot
from misconduct.charts.svg import DETAIL, NAME, Style, Svg, text_width, wrap

HEIGHT, HATCHED, TICKS = 150, 26, 4
"""Pixels of the scale and of the hatching of years without a figure, and about how many lines mark a scale."""

FIGURE, YEAR, REASON = Style(11.5, 12, is_bold=True), Style(11, 14, "muted"), Style(11, 12, "muted")
MAX_BAND, COLUMN, NAMES = 62, 0.84, 0.3
"""The widest a year is drawn, the part of it that a column takes, and the part of a picture for the names of lines."""


class Scale(NamedTuple):
    """Where years and numbers are: the first year begins at `left`, zero is at `foot`, `top` is HEIGHT above it."""

    left: float
    band: float
    foot: float
    top: float

    def x(self, place: int) -> float:
        """Return the middle of a year."""
        return self.left + (place + 0.5) * self.band

    def y(self, reach: float) -> float:
        """Return the height of a number; a negative one is drawn at zero."""
        return self.foot - max(0.0, reach) / self.top * HEIGHT


def draw_years(svg: Svg, block: Block) -> None:
    """Draw a column for each year of one series, or several series as lines."""
    slots, is_lines, first = trim(block.lines), len(block.lines) > 1, block.lines[0]
    highest = max(slot.entry.reach for line in slots for slot in line if slot.entry)
    top = max(highest, SMALL) if first.key["unit"] == "count" else highest or 1
    right = min(max(text_width(line.label, NAME) for line in block.lines) + 14, NAMES * svg.width) if is_lines else 0
    if not is_lines:
        svg.write(first.name, NAME)
    svg.write(", ".join(filter(None, (block.unit, "" if is_lines else first.total))), DETAIL)
    svg.y += 24
    foot = svg.y + HEIGHT * (1 if is_lines else max(0.3, highest / top))
    scale = Scale(0, min((svg.width - right) / len(slots[0]), MAX_BAND), foot, top)
    if is_lines or len(_fit_numbers(slots[0], scale.band)) < sum(slot.entry is not None for slot in slots[0]):
        scale = _draw_scale(svg, top, foot, svg.width - right, len(slots[0]))
    _draw_gaps(svg, slots, scale)
    for place, year in enumerate(zip(*slots, strict=True)):
        if any(slot.entry and slot.entry.row["mark"] == "break" for slot in year):
            svg.rect(scale.left + place * scale.band - 0.5, foot - HEIGHT, 1, HEIGHT, "ink")
    if is_lines:
        _draw_lines(svg, slots, scale)
        _number_lines(svg, slots, scale)
        _name_lines(svg, block.lines, scale, scale.left + scale.band * len(slots[0]) + 8)
    else:
        _draw_columns(svg, slots[0], scale)
    svg.rect(scale.left, foot, scale.band * len(slots[0]), 1, "ink")
    label_years(svg, [slot.year for slot in slots[0]], scale.left, foot + 5, scale.band)
    svg.y = foot + 30


def fit_years(lines: Sequence[Line], width: float) -> bool:
    """Tell whether each number of several lines has room above its point. Columns name only some if there is none."""
    slots = trim(lines)
    band = (1 - NAMES) * width / len(slots[0]) - 2
    return len(lines) == 1 or all(
        text_width(one.entry.shown, FIGURE) < band for line in slots for one in line if one.entry
    )


def trim(lines: Sequence[Line]) -> list[Sequence[Slot]]:
    """Return the years of lines without those before and after the time that any of them is about."""
    years = [
        any(slot.entry or slot.reason for slot in year) for year in zip(*(one.slots for one in lines), strict=True)
    ]
    return [line.slots[years.index(True) : len(years) - years[::-1].index(True)] for line in lines]


def _draw_scale(svg: Svg, top: float, foot: float, width: float, years: int) -> Scale:
    """Draw a scale with round numbers, and return it."""
    size = 10 ** ceil(log10(top / TICKS)) if top > TICKS else 1.0
    step = next(one for one in (size / 5, size / 2, size) if one * TICKS >= top) if size > 1 else 1.0
    ticks = [step * count for count in range(1, ceil(top / step) + 1)]
    left = max(text_width(f"{tick:,g}", YEAR) for tick in ticks) + 6
    scale = Scale(left, (width - left) / years, foot, ticks[-1])
    for tick in ticks:
        svg.text([f"{tick:,.0f}"], left - 6, scale.y(tick) - 7, YEAR, "end")
        svg.rect(left, scale.y(tick), width - left, 1, "rule")
    return scale


def _fit_numbers(slots: Sequence[Slot], band: float) -> list[int]:
    """Return the places of the numbers that have room above their columns."""
    found = [(place, slot.entry.shown) for place, slot in enumerate(slots) if slot.entry]
    return [place for place, shown in found if text_width(shown, FIGURE) <= band + 6]


def _draw_columns(svg: Svg, slots: Sequence[Slot], scale: Scale) -> None:
    """Draw columns with their numbers; if most have no room, only with the first one of the highest and the last."""
    drawn = [(place, slot.entry) for place, slot in enumerate(slots) if slot.entry]
    fitting = _fit_numbers(slots, scale.band)
    named = {drawn[-1][0], max(drawn, key=lambda one: one[1].reach)[0]}
    named.update(fitting if 2 * len(fitting) > len(drawn) else ())
    for place, entry in drawn:
        x, y = scale.x(place), scale.y(entry.reach)
        if entry.mark != "none" and entry.reach:
            svg.rect(x - COLUMN / 2 * scale.band, y, scale.band * COLUMN, max(scale.foot - y, 1), entry.mark)
        is_bound = entry.mark == "bound"
        if is_bound:
            svg.arrow(x, y - 2 * entry.opens, entry.opens, is_vertical=True)
        if place in named:
            svg.text([entry.shown], x, y - 15 - 8 * is_bound, FIGURE, "middle", entry)


def _draw_lines(svg: Svg, slots: Sequence[Sequence[Slot]], scale: Scale) -> None:
    """Draw lines that break at gaps."""
    for number, line in enumerate(slots):
        before = None
        for place, slot in enumerate(line):
            x, y, mark = scale.x(place), scale.y(slot.entry.reach if slot.entry else 0), slot.entry and slot.entry.mark
            if before and mark:
                svg.line(*before[:2], x, y, f"{'dashed' if 'part' in (before[2], mark) else 'stroke'}{number}")
            if mark:
                svg.dot(x, y, f"line{number}" if mark == "accent" else f"open{number}")
            before = (x, y, mark) if mark else None


def _number_lines(svg: Svg, slots: Sequence[Sequence[Slot]], scale: Scale) -> None:
    """Write as many numbers above their points as there is room for, the newest first."""
    taken: list[tuple[float, float, float]] = []
    points = [(place, number, slot.entry) for number, line in enumerate(slots) for place, slot in enumerate(line)]
    for place, number, entry in sorted(points, key=lambda point: -point[0]):
        if entry is None:
            continue
        x, y, half = scale.x(place), scale.y(entry.reach) - 17, text_width(entry.shown, FIGURE) / 2 + 2
        if all(abs(y - other) > 11 or abs(x - beside) > half + wide for beside, other, wide in taken):
            svg.text([entry.shown], x, y, FIGURE._replace(colour=f"line{number} halo"), "middle", entry)
            taken.append((x, y, half))


def _name_lines(svg: Svg, lines: Sequence[Line], scale: Scale, x: float) -> None:
    """Write the names of lines beside their ends, and none over another."""
    y, ends = float("-inf"), []
    for number, line in enumerate(lines):
        last = next(slot.entry.reach for slot in reversed(line.slots) if slot.entry)
        ends.append((scale.y(last), wrap(line.label, NAME, NAMES * svg.width - 14), f"line{number}"))
    for middle, words, colour in sorted(ends, key=lambda end: end[0]):
        y = svg.text(words, x, max(y, middle - NAME.step * len(words) / 2), NAME._replace(colour=colour))


def _draw_gaps(svg: Svg, slots: Sequence[Sequence[Slot]], scale: Scale) -> None:
    """Hatch years in which no series has a figure, with the reason if there is room."""
    reasons = ["" if any(slot.entry for slot in year) else next((slot.reason for slot in year if slot.reason), "")
               for year in zip(*slots, strict=True)]  # fmt: skip
    for reason, found in groupby(range(len(reasons)), key=lambda place: reasons[place]):
        if not reason:
            continue
        places = [*found]
        x, wide = scale.left + places[0] * scale.band, scale.band * len(places)
        svg.rect(x + 1, scale.foot - HATCHED, wide - 2, HATCHED, "hatch")
        lines = wrap(reason, REASON, wide - 4)
        if max(text_width(line, REASON) for line in lines) < wide and len(lines) < 4:
            y = scale.foot - HATCHED - 3 - REASON.step * len(lines)
            svg.text(lines, x + wide / 2, y, REASON, "middle")


def label_years(svg: Svg, years: Sequence[str], left: float, y: float, band: float) -> None:
    """Label each year, shorter or only some of them if there is no room."""
    for shorter in ([f"’{year[2:]}" for year in years], [f"’{year[2:].partition('/')[0]}" for year in years]):
        if any(text_width(year, YEAR) + 6 > band for year in years):
            years = shorter
    every = max(1, ceil((max(text_width(year, YEAR) for year in years) + 4) / band))
    for place, year in enumerate(years):
        if (len(years) - 1 - place) % every == 0:
            svg.text([year], left + (place + 0.5) * band, y, YEAR, "middle")
