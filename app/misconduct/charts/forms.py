"""Draw the forms of charts: a list, years as columns, lines or a table of columns, and an index of what is held."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import ceil, log

from misconduct.charts.choose import Block
from misconduct.charts.entries import Entry
from misconduct.charts.lines import Line
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Style, Svg, text_width, wrap
from misconduct.model import wording

HUGE = Style(76, 84, "accent", is_bold=True)
STATED, NUMBER = Style(16, 21, is_bold=True), Style(13, 16, is_bold=True, anchor="end")
BAR, INDENT, GAP = 10, 14, 10
"""Pixels of the height of a bar, of the indent of a part below its whole, and between columns."""

NUMBERS, BARS = 0.25, 0.34
"""Parts of the width: at most of numbers, and of bars, which a narrow picture has below the words."""

MIN_FOLDED, MIN_ZEROS, MAX_NAMED = 30, 3, 600
"""Rows from which a wide list has two columns, zeros from which they stand in one sentence, and its characters."""


def draw_number(svg: Svg, entry: Entry) -> None:
    """Draw one figure very large."""
    fits = min(1, svg.width / text_width(entry.shown, HUGE))
    style = HUGE._replace(size=HUGE.size * fits, step=HUGE.step * fits)
    svg.y = svg.text([entry.shown], 0, svg.y, style, entry=entry)
    svg.write(", ".join(filter(None, (entry.name, entry.what))), STATED)
    svg.y += 6


def draw_list(svg: Svg, entries: Sequence[Entry], top: float | None) -> None:
    """Draw a line for each figure, with a bar if the highest of all is `top`; zeros in one sentence.

    A whole that is much higher than its parts has no bar, or theirs could not be seen.
    """
    gathered = _gather(entries)
    rows = [one for one in entries if one.shown not in gathered]
    parts = sorted(one.reach for one in rows if one.depth)
    if top and parts and parts[-1] * 3 < top and not rows[0].depth:
        top = parts[-1]
    are_short = not any(one.what or one.detail for one in rows)
    columns = 2 if are_short and len(rows) >= MIN_FOLDED and not svg.is_narrow and svg.width > 500 else 1
    wide, size, start = (svg.width - 2 * GAP * (columns - 1)) / columns, ceil(len(rows) / columns), svg.y
    ends = []
    widest = max(text_width(entry.shown, NUMBER) for entry in rows)
    word = max(text_width(word, NUMBER) for entry in rows for word in entry.shown.split())
    left = max(word, min(widest, NUMBERS * wide)) + GAP
    for column in range(columns):
        svg.y = start
        for entry in rows[column * size : (column + 1) * size]:
            _draw_line(svg, entry, column * (wide + 2 * GAP), wide, left, top, PLAIN if are_short else NAME)
        ends.append(svg.y)
    svg.y = max(ends) + 6
    for shown, names in gathered.items():
        svg.write(_name_gathered(shown, names), PLAIN)
        svg.y += 6


def _gather(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """Return by what is shown the names of zeros, and of what has no number; none if these are all."""
    found = defaultdict[str, list[str]](list)
    for one in entries:
        if not one.reach:
            found[one.shown].append(", ".join(filter(None, (one.name, one.what))))
    several = {shown: names for shown, names in found.items() if len(names) >= MIN_ZEROS}
    return several if sum(map(len, several.values())) < len(entries) else {}


def _name_gathered(shown: str, names: Sequence[str]) -> str:
    """Return a sentence with names, as far as there is room: 0 in Dorset and Kent."""
    named = [*names]
    while len("; ".join(named)) > MAX_NAMED:
        named.pop()
    if len(named) == len(names) and not any("," in name for name in named):
        return f"{shown} in {wording.join(named)}."
    more = f"; and {len(names) - len(named)} more" if len(named) < len(names) else ""
    return f"{shown}: {'; '.join(named)}{more}."


def _draw_line(svg: Svg, entry: Entry, x: float, wide: float, left: float, top: float | None, style: Style) -> None:
    indent = left + INDENT * entry.depth
    bar = 0 if svg.is_narrow or not top else BARS * wide
    end = svg.text(wrap(entry.shown, NUMBER, left - GAP + 1), x + left - GAP, svg.y, NUMBER, entry=entry)
    y = svg.y
    said = (entry.name, style), (wording.capitalise(entry.what), PLAIN), (entry.detail, DETAIL)
    for text, of_text in said:
        y = svg.text(wrap(text, of_text, wide - indent - bar - GAP * bool(bar)), x + indent, y, of_text)
    if top:
        at, room, height = (x + wide - bar, bar, svg.y + 3) if bar else (x + indent, wide - indent, y + 3)
        svg.rect(at - 1, height - 2, 1, BAR + 4, "rule")  # where it begins, also of zero
        if entry.mark != "none" and 0 < entry.reach <= top:
            svg.rect(at, height, max(entry.reach * ((room - 12) / top), 1), BAR, entry.mark)
        y = max(y, height + BAR)
    svg.y = max(end, y) + 2
    svg.rect(x, svg.y, wide, 1, "rule")
    svg.y += 2


MIN_PLACES, MAX_COLUMNS, COLUMN_WIDTH = 6, 3, 0.2
"""Names and columns for which a list is a grid, and the part of the width that a column takes."""


def find_columns(entries: Sequence[Entry]) -> list[str]:
    """Return the columns of a list in which many names have the same two or three numbers; else none."""
    counted = Counter(entry.what for entry in entries)
    names = {entry.name for entry in entries}
    columns = [what for what, number in counted.most_common(MAX_COLUMNS) if 2 * number > len(names)]
    cells = Counter((entry.name, _find_column(entry, columns)) for entry in entries)
    is_full = "" not in {column for _, column in cells} and max(cells.values(), default=0) == 1
    return columns if len(columns) > 1 and len(names) >= MIN_PLACES and is_full else []


def _find_column(entry: Entry, columns: Sequence[str]) -> str:
    return next((column for column in columns if column and entry.what.endswith(column)), "")


def draw_grid(svg: Svg, entries: Sequence[Entry], columns: Sequence[str]) -> None:
    """Draw a row for each name, and a column for what is counted."""
    wide = COLUMN_WIDTH * svg.width
    heads = [wrap(wording.capitalise(column), DETAIL, wide - GAP) for column in columns]
    for place, head in enumerate(heads, 1 - len(heads)):
        svg.text(head, svg.width + place * wide, svg.y, DETAIL._replace(anchor="end"))
    svg.y += DETAIL.step * max(map(len, heads)) + 6
    for name, found in groupby(entries, key=lambda entry: entry.name):
        end = svg.text(wrap(name, PLAIN, svg.width - wide * len(columns) - GAP), 0, svg.y, PLAIN)
        for entry in found:
            place = columns.index(_find_column(entry, columns)) + 1 - len(columns)
            svg.text([entry.shown], svg.width + place * wide, svg.y, NUMBER, entry)
        svg.y = end + 1
        svg.rect(0, svg.y, svg.width, 1, "rule")
        svg.y += 3


FIGURE = Style(11, 12, is_bold=True, anchor="middle")
YEAR, TICK = Style(11, 14, "muted", anchor="middle"), Style(11, 12, "muted", anchor="end")
COLUMN = 0.84  # the part of a year that a column takes


def _draw_column(svg: Svg, entry: Entry, x: float, band: float, base: float, pixels: float, mark: str) -> None:
    """Draw a column upwards from `base`, with its number above it, and a line where counting changed."""
    height = max(0.0, entry.reach) * pixels
    if entry.row["mark"] == "break":
        svg.rect(x - 0.5, base - height - 16, 1, height + 16, "ink")
    if mark != "none" and entry.reach:
        height = max(height, 1)
        svg.rect(x + (1 - COLUMN) / 2 * band, base - height, COLUMN * band, height, mark)
    style = FIGURE._replace(colour="ink" if entry.reach else "muted", is_bold=bool(entry.reach))
    svg.text([entry.shown], x + band / 2, base - height - 15, style, entry)


def label_years(svg: Svg, years: Sequence[str], left: float, y: float, band: float) -> None:
    """Label the years; without room, shorten the labels or leave some out."""
    for cut in ("", "/"):
        if any(text_width(year, YEAR) + 6 > band for year in years):
            years = [_shorten(year, cut) for year in years]
    every = max(1, ceil((max(text_width(year, YEAR) for year in years) + 4) / band))
    for place, year in enumerate(years):
        if (len(years) - 1 - place) % every == 0:
            svg.text([year], left + (place + 0.5) * band, y, YEAR)


def _shorten(year: str, cut: str) -> str:
    """Return ’19/20 or ’19 for 2019/20, and Mar ’19 for Mar 2019."""
    before, space, after = year.rpartition(" ")
    after = after if after.startswith("’") else f"’{after[2:]}"
    return f"{before}{space}{after.partition(cut)[0] if cut else after}"


TALL, LEADING, MARK = 220, 13, 6
"""Pixels of the height of lines, between the names at their ends, and of the mark of a year."""

ENDS = 0.34  # the part of the width that names may take


def draw_lines(svg: Svg, block: Block) -> None:
    """Draw series as lines from zero: the first and last number of each is printed, with its name at the end."""
    svg.write(block.unit, DETAIL)
    top = max(entry.reach for line in block.lines for entry in line.of_years) or 1
    names = [f"{line.of_years[-1].shown} {line.full_name} {line.total and f'({line.total})'}" for line in block.lines]
    styles = [Style(12, LEADING, f"line{place + 1}", is_bold=True) for place in range(len(names))]
    widest = max(text_width(name, style) for name, style in zip(names, styles, strict=True))
    ends = min(widest, ENDS * svg.width) + GAP
    step = _find_step(top)
    left = text_width(f"{step * int(top / step):,g}", TICK) + 6
    slots = block.lines[0].slots
    band = (svg.width - left - ends) / len(slots)
    svg.y += 20
    base, pixels = svg.y + TALL, TALL / top
    for tick in range(int(top / step) + 1):
        y = base - tick * step * pixels
        svg.rect(left, y, band * len(slots), 1, "rule" if tick else "ink")
        svg.text([f"{tick * step:,g}"], left - 4, y - 6, TICK)
    places, firsts = list[float](), list[tuple[float, float, Entry]]()
    for line, style in zip(block.lines, styles, strict=True):
        points = [
            (left + (place + 0.5) * band, base - slot.entry.reach * pixels, slot.entry) if slot.entry else None
            for place, slot in enumerate(line.slots)
        ]
        _draw_points(svg, points, style.colour)
        firsts.append(next(filter(None, points)))
        places.append(next(filter(None, reversed(points)))[1])
    highs = _spread([y - 18 for _, y, _ in firsts], [LEADING] * len(firsts))
    for (x, _, first), y, style in zip(firsts, highs, styles, strict=True):
        svg.text([first.shown], x, y, FIGURE._replace(colour=style.colour), first)
    wrapped = [wrap(name, style, ends - GAP) for name, style in zip(names, styles, strict=True)]
    spread = _spread(places, [LEADING * len(some) + 1 for some in wrapped])
    for y, some, style, line in zip(spread, wrapped, styles, block.lines, strict=True):
        svg.text(some, svg.width - ends + GAP, y - 8, style, line.of_years[-1])
    label_years(svg, [slot.year for slot in slots], left, base + 5, band)
    svg.y = base + 30


def _find_step(top: float) -> float:
    """Return the distance between ticks: 1, 2 or 5 with zeros, so that there are three to six."""
    step = 1.0
    while top / step >= 6:
        step *= 2.5 if f"{step:g}"[0] == "2" else 2
    return step


def _draw_points(svg: Svg, points: Sequence[tuple[float, float, Entry] | None], colour: str) -> None:
    """Draw a line through points; it is broken at gaps and where counting changed, and dashed to what may change."""
    for before, point in zip([None, *points], points, strict=False):
        if point is None:
            continue
        x, y, entry = point
        if entry.row["mark"] == "break":
            svg.rect(x - 0.5, y - 2 * MARK, 1, 4 * MARK, "ink")
        elif before:
            is_sure = entry.mark != "part" and before[2].mark != "part"
            svg.line(before[:2], (x, y), f"{'sure' if is_sure else 'dash'}{colour[-1]}")
        svg.rect(x - MARK / 2, y - MARK / 2, MARK, MARK, colour if entry.mark == "accent" else f"ring{colour[-1]}")


def _spread(places: Sequence[float], heights: Sequence[int]) -> list[float]:
    """Return where texts of a height stand that should be at some places, moved down where they would overlap."""
    found, free = [0.0] * len(places), 0.0
    for one in sorted(range(len(places)), key=lambda one: places[one]):
        found[one] = max(places[one], free)
        free = found[one] + heights[one]
    return found


ALONE, ROW, LOW_ROW, HEAD, PAD = 160, 34, 28, 20, 8
"""Pixels of the height of a row that is alone, of several and many rows, of a heading, and beside names."""

MANY, CELL, MAX_CELL, NAMES = 24, 18, 70, (0.24, 0.36)
"""Rows that are many, pixels of the least and greatest width of a year, and parts of the width that names may take."""

TOTAL = FIGURE._replace(anchor="end")


def draw_table(svg: Svg, block: Block) -> None:
    """Draw a row of columns for each series. Years that do not fit beside each other follow below, for all rows again.

    Totals then stand beside the names: beside half of the years, they would look like totals of that half.
    """
    lines, heading, [first, *more] = block.lines, _name_total(block.lines), block.lines
    svg.write(", ".join(filter(None, (block.unit, "" if more else first.total))), DETAIL)
    svg.y += 4
    totals = [text_width(line.window.shown, TOTAL) for line in lines if line.window and more]
    right = max(text_width(heading, YEAR), *totals) + PAD if totals else 0
    least = max([CELL, *(text_width(one.shown, FIGURE) + 1 for line in lines for one in line.of_years)])
    years, widest = len(first.slots), max(text_width(line.name, NAME) for line in lines) + PAD
    room = int(svg.width - right - years * least)
    left = min(widest, max(NAMES[0] * svg.width, min(room, NAMES[1] * svg.width)))
    left = left if more and not svg.is_narrow else 0
    if left > room and right:
        right = 0
        lines = [
            replace(one, name=f"{one.name}, {one.window.shown} in {heading}", window=None) if one.window else one
            for one in lines
        ]
    parts = -(-years // max(1, int((svg.width - left - right) / least)))
    size = -(-years // parts)
    for start in range(0, years, size):
        part = [replace(line, slots=line.slots[start : start + size]) for line in lines]
        _draw_part(svg, [*zip(part, block.tops, strict=True)], heading if right else "", left, right)


def _name_total(lines: Sequence[Line]) -> str:
    """Return the heading of totals: 16 years, if these are all years of the table, or 2014–2024."""
    what = next((line.window.what for line in lines if line.window), "")
    first, last = (lines[0].slots[place].year for place in (0, -1))
    return f"{len(lines[0].slots)} years" if "/" in first and first[:4] in what and last[-2:] in what else what


def _draw_part(svg: Svg, rows: Sequence[tuple[Line, float]], heading: str, left: float, right: float) -> None:
    years = [slot.year for slot in rows[0][0].slots]
    wide = min((svg.width - left - right) / len(years), MAX_CELL)
    label_years(svg, years, left, svg.y, wide)
    svg.text([heading] if heading else [], svg.width, svg.y, YEAR._replace(anchor="end"))
    svg.y += 20
    height = ALONE if len(rows) == 1 else LOW_ROW if len(rows) > MANY else ROW
    above = ""
    for line, top in rows:
        if line.heading != above:
            svg.y = svg.text(wrap(line.heading, NAME, svg.width), 0, svg.y + HEAD - NAME.step, NAME)
        above = line.heading
        _draw_row(svg, line, top, height, left, wide)
    svg.y += 10


def _draw_row(svg: Svg, line: Line, top: float, height: float, left: float, wide: float) -> None:
    """Draw the columns of a series beside its name, or below it if there is no room beside it."""
    style = NAME if line.is_total else PLAIN
    names = wrap(line.name, style, left - PAD + 1 if left else svg.width)
    if not left and height < ALONE:
        svg.y = svg.text(names, 0, svg.y + 2, style)
    base = svg.y + max(height - 3, style.step * len(names) + 1 if left else 0)
    if left:
        svg.text(names, 0, base + 2 - style.step * len(names), style)
    is_strong = line.is_total or height == ALONE
    svg.rect(left, base, wide * len(line.slots), 1, "ink" if height == ALONE else "rule")
    for place, slot in enumerate(line.slots):
        x = left + place * wide
        if slot.entry:
            mark = "pale" if slot.entry.mark == "accent" and not is_strong else slot.entry.mark
            _draw_column(svg, slot.entry, x, wide, base, (height - 17) / (top or 1), mark)
        elif slot.reason:
            svg.rect(x + 1, base - 8, wide - 2, 8, "hatch")
    if line.window and height < ALONE:
        svg.text([line.window.shown], svg.width, base - 13, TOTAL, line.window)
    svg.y = base + 3


SHADES, UNDATED = 4, "no year"


def draw_index(svg: Svg, held: Mapping[tuple[str, str], int]) -> None:
    """Draw how many figures are held of each place and year, and without one: the stronger the colour, the more."""
    places, of_years = list(dict.fromkeys(place for place, _ in held)), [int(year) for _, year in held if year]
    years = [str(year) for year in range(min(of_years, default=0), max(of_years, default=-1) + 1)]
    totals = {one: sum(number for (place, _), number in held.items() if place == one) for one in places}
    right = max(text_width(f"{max(totals.values()):,}", TOTAL), text_width("figures", YEAR)) + PAD
    undated = text_width(UNDATED, YEAR) + PAD if any(not year for _, year in held) else 0
    room = svg.width - right - undated
    left = min(
        max(text_width(one, PLAIN) for one in places) + PAD, max(NAMES[1] * svg.width, room - CELL / 2 * len(years))
    )
    wide, most = min((room - left) / max(len(years), 1), MAX_CELL), max(held.values())
    if years:
        label_years(svg, years, left, svg.y, wide)
    cells = [(year, left + column * wide, wide) for column, year in enumerate(years)]
    if undated:
        cells.append(("", left + len(years) * wide + PAD / 2, undated - PAD))
        svg.text([UNDATED], cells[-1][1] + cells[-1][2] / 2, svg.y, YEAR)
    svg.text(["figures"], svg.width, svg.y, YEAR._replace(anchor="end"))
    svg.y += 16
    for place in places:
        end = svg.text(wrap(place, PLAIN, left - PAD), 0, svg.y, PLAIN)
        for year, x, cell in cells:
            number = held.get((place, year), 0)
            step = ceil(SHADES * log(number + 1) / log(most + 1))  # so that one differs from none, and some from many
            if number:
                svg.rect(x + 0.5, svg.y, cell - 1, CELL - 3, f"shade{step}")
        svg.text([f"{totals[place]:,}"], svg.width, svg.y + 1, TOTAL)
        svg.y = max(svg.y + CELL, end + 2)
    svg.y += 8
