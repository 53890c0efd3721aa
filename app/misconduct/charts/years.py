"""The form for one to five series by year: columns, or lines with their names, on one scale from zero."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil, log10

from misconduct.charts.choose import SMALL, Block
from misconduct.charts.entries import Line, Slot
from misconduct.charts.lists import CLASSES
from misconduct.charts.svg import DETAIL, NAME, Style, Svg, text_width, wrap

HEIGHT, HATCHED, TICKS = 150, 26, 4
"""Pixels of the scale and of the hatching of years without a figure, and about how many lines mark a scale."""

FIGURE, YEAR, REASON = Style(11.5, 12, is_bold=True), Style(11, 14, "muted"), Style(11, 12, "muted")
MAX_BAND, COLUMN, NAMES = 62, 0.84, 0.3
"""The widest a year is drawn, the part of it that a column takes, and the part of a picture for the names of lines."""


def draw_years(svg: Svg, block: Block) -> None:
    """Draw a column for each year of one series, or several series as lines."""
    slots = trim(block.lines)
    top = max(slot.entry.reach for line in slots for slot in line if slot.entry)
    top = max(top, SMALL) if block.lines[0].key["unit"] == "count" else top or 1
    is_lines = len(slots) > 1
    right = max(text_width(_label(line), NAME) for line in block.lines) + 14 if is_lines else 0
    right = min(right, NAMES * svg.width)
    if not is_lines:
        svg.write(block.lines[0].name, NAME)
    svg.write(", ".join(filter(None, (block.unit, "" if is_lines else block.lines[0].total))), DETAIL)
    svg.y += 24
    left = 0.0
    highest = max(slot.entry.reach for line in slots for slot in line if slot.entry)
    foot = svg.y + HEIGHT * (max(0.3, highest / top) if not is_lines else 1)
    band = min((svg.width - right) / len(slots[0]), MAX_BAND * (1 if not is_lines else 3))
    if is_lines or not _fits(slots[0], band):
        left, top = _draw_scale(svg, top, foot, svg.width - right)
        band = (svg.width - right - left) / len(slots[0])
    for start, run in _runs(slots):
        _draw_gap(svg, run, left + start * band, foot, band * len(run))
    for at, year in enumerate(zip(*slots, strict=True)):
        if any(slot.entry and slot.entry.row["mark"] == "break" for slot in year):
            svg.rect(left + at * band - 0.5, foot - HEIGHT, 1, HEIGHT, "ink")
    if is_lines:
        _draw_lines(svg, block.lines, slots, left, foot, band, top)
    else:
        _draw_columns(svg, slots[0], left, foot, band, top)
    svg.rect(left, foot, band * len(slots[0]), 1, "ink")
    label_years(svg, [slot.year for slot in slots[0]], left, foot + 5, band)
    svg.y = foot + 30


def fit_lines(lines: Sequence[Line], width: float) -> bool:
    """Tell whether each number of several lines has room above its point."""
    slots = trim(lines)
    band = (1 - NAMES) * width / len(slots[0]) - 2
    return all(text_width(slot.entry.shown, FIGURE) < band for line in slots for slot in line if slot.entry)


def trim(lines: Sequence[Line]) -> list[Sequence[Slot]]:
    """Return the years of lines without those before and after the time that any of them is about."""
    used = [at for at, slots in enumerate(zip(*(line.slots for line in lines), strict=True))
            if any(slot.entry or slot.reason for slot in slots)]  # fmt: skip
    return [line.slots[used[0] : used[-1] + 1] for line in lines]


def _label(line: Line) -> str:
    """Return the name of a line, and the total that its source prints."""
    return ", ".join(filter(None, (line.name, line.total)))


def _fits(slots: Sequence[Slot], band: float) -> bool:
    """Tell whether each number has room above its column."""
    return all(text_width(slot.entry.shown, FIGURE) <= band + 6 for slot in slots if slot.entry)


def _draw_scale(svg: Svg, top: float, foot: float, width: float) -> tuple[float, float]:
    """Draw a scale; return the room that its numbers take, and the number at its top."""
    size = 10 ** ceil(log10(top / TICKS)) if top > TICKS else 1.0
    step = next(one for one in (size / 5, size / 2, size) if one * TICKS >= top) if size > 1 else 1.0
    ticks = [step * count for count in range(1, ceil(top / step) + 1)]
    left = max(text_width(f"{tick:,g}", YEAR) for tick in ticks) + 6
    for tick in ticks:
        y = foot - tick / ticks[-1] * HEIGHT
        svg.text([f"{tick:,.0f}"], left - 6, y - 7, YEAR, "end")
        svg.rect(left, y, width - left, 1, "rule")
    return left, ticks[-1]


def _draw_columns(svg: Svg, slots: Sequence[Slot], left: float, foot: float, band: float, top: float) -> None:
    fits = _fits(slots, band)
    highest = max((slot.entry.reach for slot in slots if slot.entry), default=0)
    last = next((slot for slot in reversed(slots) if slot.entry), None)
    for place, slot in enumerate(slots):
        if (entry := slot.entry) is None:
            continue
        x, height, mark = left + place * band, max(0.0, entry.reach) / top * HEIGHT, CLASSES.get(entry.mark, "")
        if mark and entry.reach:
            svg.rect(x + (1 - COLUMN) / 2 * band, foot - height, band * COLUMN, max(height, 1), mark)
        if entry.opens:
            svg.arrow(x + band / 2, foot - height - 2 * entry.opens, entry.opens, is_vertical=True)
        if fits or entry.reach == highest or slot is last:
            svg.text([entry.shown], x + band / 2, foot - height - 15 - 8 * bool(entry.opens), FIGURE, "middle")
            highest = highest if fits else -1  # only the first one of the highest


def _draw_lines(
    svg: Svg, lines: Sequence[Line], slots: Sequence[Sequence[Slot]], left: float, foot: float, band: float, top: float
) -> None:
    """Draw lines that break at gaps, each with its name at its end, and as many numbers as there is room for."""
    taken: list[tuple[float, float, float]] = []
    ends = []
    for number, (line, each) in enumerate(zip(lines, slots, strict=True)):
        colour, before = f"line{number}", None
        points = [(left + (place + 0.5) * band, slot.entry) for place, slot in enumerate(each) if slot.entry]
        for place, slot in enumerate(each):
            if slot.entry is None:
                before = None
                continue
            x, y = left + (place + 0.5) * band, foot - max(0.0, slot.entry.reach) / top * HEIGHT
            mark = slot.entry.mark
            if before:
                svg.line(*before[:2], x, y, f"{'dashed' if 'part' in (before[2], mark) else 'stroke'}{number}")
            svg.dot(x, y, colour if mark == "accent" else f"open{number}")
            before = (x, y, mark)
        for x, entry in sorted(points, key=lambda point: point[0], reverse=True):
            y, half = foot - max(0.0, entry.reach) / top * HEIGHT - 17, text_width(entry.shown, FIGURE) / 2 + 2
            if all(abs(y - other) > 11 or abs(x - at) > half + wide for at, other, wide in taken):
                svg.text([entry.shown], x, y, FIGURE._replace(colour=colour), "middle")
                taken.append((x, y, half))
        words = wrap(_label(line), NAME, NAMES * svg.width - 14)
        ends.append((foot - points[-1][1].reach / top * HEIGHT, words, colour))
    _name_lines(svg, ends, left + band * len(slots[0]) + 8)


def _name_lines(svg: Svg, ends: list[tuple[float, list[str], str]], x: float) -> None:
    """Write the names of lines beside their ends, and none over another."""
    y = float("-inf")
    for middle, words, colour in sorted(ends, key=lambda end: end[0]):
        y = svg.text(words, x, max(y, middle - NAME.step * len(words) / 2), NAME._replace(colour=colour))


def _draw_gap(svg: Svg, run: Sequence[Slot], x: float, foot: float, wide: float) -> None:
    """Hatch years in which no series has a figure, with the reason if there is room."""
    svg.rect(x + 1, foot - HATCHED, wide - 2, HATCHED, "hatch")
    lines = wrap(run[0].reason, REASON, wide - 4)
    if max(text_width(line, REASON) for line in lines) < wide and len(lines) < 4:
        svg.text(lines, x + wide / 2, foot - HATCHED - 3 - REASON.step * len(lines), REASON, "middle")


def _runs(slots: Sequence[Sequence[Slot]]) -> Iterator[tuple[int, list[Slot]]]:
    """Yield each run of years in which no series has a figure, and one for a reason, after the place of the first."""
    reasons = ["" if any(slot.entry for slot in year) else next((slot.reason for slot in year if slot.reason), "")
               for year in zip(*slots, strict=True)]  # fmt: skip
    for reason, places in groupby(range(len(reasons)), key=lambda place: reasons[place]):
        if reason:
            found = list(places)
            yield found[0], [Slot(slots[0][place].year, None, reason) for place in found]


def name_span(first: str, last: str) -> str:
    """Return the label of a year, or of several: 2014–20."""
    return first if first == last else f"{first}–{last[2:]}"


def label_years(svg: Svg, years: Sequence[str], left: float, y: float, band: float) -> None:
    """Label each year, shorter or only some of them if there is no room."""
    for shorter in ([f"’{year[2:]}" for year in years], [f"’{year[2:].partition('/')[0]}" for year in years]):
        if any(text_width(year, YEAR) + 6 > band for year in years):
            years = shorter
    every = max(1, ceil((max(text_width(year, YEAR) for year in years) + 4) / band))
    for place, year in enumerate(years):
        if (len(years) - 1 - place) % every == 0:
            svg.text([year], left + (place + 0.5) * band, y, YEAR, "middle")
