"""Draw the forms of charts: a list, a table whose cells are columns, and an index of what is held."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import ceil, log

from misconduct.charts.choose import ABOVE, ROW, Block
from misconduct.charts.entries import Entry
from misconduct.charts.lines import Line
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Style, Svg, text_width, wrap
from misconduct.model import wording

HUGE = Style(76, 84, "accent", is_bold=True)
STATED, NUMBER = Style(16, 21, is_bold=True), Style(13, 16, is_bold=True, anchor="end")
INDENT, GAP = 14, 10
"""Pixels of the indent of a part below its whole, and between columns."""

NUMBERS = 0.25  # the part of the width that the numbers of a list may take

MIN_ZEROS, MAX_NAMED = 3, 900
"""Zeros from which they stand in one sentence, and its characters."""


def draw_number(svg: Svg, entry: Entry) -> None:
    """Draw one figure very large."""
    fits = min(1, svg.width / text_width(entry.shown, HUGE))
    style = STATED if entry.mark == "none" else HUGE._replace(size=HUGE.size * fits, step=HUGE.step * fits)
    svg.y = svg.text([entry.shown], 0, svg.y, style, entry=entry)
    svg.write(", ".join(filter(None, (entry.name, entry.rest))), STATED)
    svg.y += 6


def draw_list(svg: Svg, entries: Sequence[Entry]) -> None:
    """Draw a line for each figure, below the name of its place and the source if others have these, too.

    Zeros are one sentence, which is large if there is nothing else.
    """
    gathered = _gather(entries)
    rows = [one for one in entries if one.shown not in gathered]
    widest = max((text_width(entry.shown, NUMBER) for entry in rows), default=0)
    word = max((text_width(word, NUMBER) for entry in rows for word in entry.shown.split()), default=0)
    left = max(word, min(widest, NUMBERS * svg.width)) + GAP
    is_headed = 1 < len(list(groupby(rows, key=lambda one: one.place))) < len(rows)
    style, above = NAME if not is_headed and any(one.rest or one.detail for one in rows) else PLAIN, ""
    for (place, detail), found in groupby(rows, key=lambda one: (one.place, one.detail)):
        some = list(found)
        if is_headed and place != above:
            svg.y += PAD
            svg.write(wording.capitalise(place), NAME)
        if detail and len(some) > 1:
            svg.y += 0 if place != above else PAD / 2
            svg.write(detail, DETAIL)
        above = place
        for entry in some:
            name, rest = entry.name, wording.capitalise(entry.rest)
            if is_headed:
                name, rest = ", ".join(filter(None, (entry.name, entry.what))), ""
            said = (name, style), (rest, PLAIN), ("" if len(some) > 1 else detail, DETAIL)
            _draw_line(svg, entry, left, said)
    svg.y += 6
    for shown, names in gathered.items():
        svg.write("" if rows else f"All {len(names)} figures are {shown}.", STATED)
        svg.write(_name_gathered(shown, names), PLAIN)
        svg.y += 6


def _gather(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """Return by what is shown the names of zeros, and of what has no number."""
    found = defaultdict[str, list[str]](list)
    for one in entries:
        if not one.reach:
            found[one.shown].append(", ".join(filter(None, (one.name, one.rest))))
    return {shown: names for shown, names in found.items() if len(names) >= MIN_ZEROS}


def _name_gathered(shown: str, names: Sequence[str]) -> str:
    """Return a sentence with names, as far as there is room: 0 in Dorset and Kent."""
    named = [*names]
    while len("; ".join(named)) > MAX_NAMED:
        named.pop()
    if len(named) == len(names) and not any("," in name for name in named):
        return f"{shown} in {wording.join(named)}."
    more = f"; and {len(names) - len(named)} more" if len(named) < len(names) else ""
    return f"{shown}: {'; '.join(named)}{more}."


def _draw_line(svg: Svg, entry: Entry, left: float, said: Sequence[tuple[str, Style]]) -> None:
    indent = left + INDENT * entry.depth
    end = svg.text(wrap(entry.shown, NUMBER, left - GAP + 1), left - GAP, svg.y, NUMBER, entry)
    y = svg.y
    for text, style in said:
        y = svg.text(wrap(text, style, svg.width - indent), indent, y, style)
    svg.y = max(end, y) + 2
    svg.rect(0, svg.y, svg.width, 1, "rule")
    svg.y += 2


COLUMN_WIDTH = 0.2  # the part of the width that a kind of number takes at most


def draw_grid(svg: Svg, entries: Sequence[Entry], columns: Sequence[str]) -> None:
    """Draw a row for each name, and a column for each kind; without room these follow below. Zeros are a sentence."""
    rows = defaultdict[str, list[Entry]](list)
    for entry in entries:
        rows[entry.name].append(entry)
    zeros = [name for name, cells in rows.items() if {one.shown for one in cells} == {"0"}]
    kept = {name: cells for name, cells in rows.items() if name not in zeros or len(zeros) < MIN_ZEROS}
    least = max([*(text_width(word, DETAIL) for column in columns for word in column.split()), CELL]) + GAP
    left = min(max(text_width(name, PLAIN) for name in rows) + PAD, NAMES[1] * svg.width)
    parts = -(-len(columns) // max(1, int((svg.width - left) / least)))
    size = -(-len(columns) // parts)
    wide = min((svg.width - left) / size, max(least, COLUMN_WIDTH * svg.width))
    for start in range(0, len(columns) if kept else 0, size):
        _draw_cells(svg, kept, columns[start : start + size], wide)
    if len(kept) < len(rows):
        svg.write("" if kept else f"All {len(entries)} figures are 0.", STATED)
        svg.write(
            _name_gathered("0 of each" if kept else f"0 of {wording.join(map(wording.lower, columns))}", zeros), PLAIN
        )


def _draw_cells(svg: Svg, rows: Mapping[str, Sequence[Entry]], columns: Sequence[str], wide: float) -> None:
    heads = [wrap(wording.capitalise(column), DETAIL, wide - GAP) for column in columns]
    high = max(map(len, heads))
    ends = {column: svg.width - wide * place for place, column in enumerate(reversed(columns))}
    for column, head in zip(columns, heads, strict=True):
        svg.text(head, ends[column], svg.y + DETAIL.step * (high - len(head)), DETAIL._replace(anchor="end"))
    svg.y += DETAIL.step * high + 4
    for name, cells in rows.items():
        indent = INDENT * cells[0].depth
        end = svg.text(wrap(name, PLAIN, svg.width - wide * len(columns) - indent - PAD), indent, svg.y, PLAIN)
        for one in cells:
            if one.rest in ends:
                svg.text([one.shown], ends[one.rest], svg.y, NUMBER, one)
        svg.y = end + 1
        svg.rect(0, svg.y, svg.width, 1, "rule")
        svg.y += 3
    svg.y += 8


FIGURE = Style(11, 12, is_bold=True, anchor="middle")
YEAR = Style(11, 14, "muted", anchor="middle")
COLUMN = 0.84  # the part of a year that a column takes


def _draw_column(svg: Svg, entry: Entry, x: float, band: float, base: float, pixels: float, mark: str) -> None:
    """Draw a column upwards from `base`, with its number above it, and a line where counting changed."""
    height = max(0.0, entry.reach) * pixels
    if entry.row["mark"] == "break":
        svg.rect(x - 0.5, base - height - 16, 1, height + 16, "ink")
    if mark != "none" and entry.reach and pixels:
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


HEAD, PAD, CELL, MAX_CELL, NAMES = 20, 8, 18, 70, (0.24, 0.36)
"""Pixels of a heading, beside names, and of the least and greatest width of a year; parts of the width for names."""

TOTAL = FIGURE._replace(anchor="end")


def draw_table(svg: Svg, block: Block, *, is_alone: bool) -> None:
    """Draw a row of columns for each series, and those of zeros in a sentence, which is large if there is nothing else.

    Years that do not fit beside each other follow below, for all rows again.

    Totals then stand beside the names: beside half of the years, they would look like totals of that half.
    """
    if block.lines:
        _draw_years(svg, block, is_alone=is_alone and len(block.lines) == 1)
    zeros = defaultdict[str, list[str]](list)
    for line in block.zeros:
        is_by_year, times = bool(line.of_years[0].row["year"]), [one.what for one in line.of_years]
        said = f"0 {'in' if is_by_year else 'on'} {wording.join(times)}"
        if len(times) == len(line.slots):
            said = "0 in every year" if is_by_year else "0 on every day"
        zeros[": ".join(filter(None, (said, line.heading)))].append(line.name)
    for said, names in zeros.items():
        words = f"{': '.join(filter(None, (said, '; '.join(names))))}."
        svg.write(words, STATED if is_alone and not block.lines else PLAIN)
    svg.y += 6


def _draw_years(svg: Svg, block: Block, *, is_alone: bool) -> None:
    lines, heading, first = block.lines, _name_total(block.lines), block.lines[0]
    svg.write(", ".join(filter(None, (block.unit, first.total if is_alone else ""))), DETAIL)
    svg.y += 4
    totals = [text_width(line.window.shown, TOTAL) for line in lines if line.window and not is_alone]
    right = max(text_width(heading, YEAR), *totals) + PAD if totals else 0
    least = max([CELL, *(text_width(one.shown, FIGURE) + 1 for line in lines for one in line.of_years)])
    years, widest = len(first.slots), max(text_width(line.name, NAME) + INDENT * line.depth for line in lines) + PAD
    room = int(svg.width - right - years * least)
    left = min(widest, max(NAMES[0] * svg.width, min(room, NAMES[1] * svg.width)))
    left = 0 if is_alone or svg.is_narrow else left
    parts = -(-years // max(1, int((svg.width - left - right) / least)))
    size = -(-years // parts)
    for start in range(0, years, size):
        part = [replace(line, slots=line.slots[start : start + size]) for line in lines]
        _draw_part(svg, replace(block, lines=part), heading if right else "", left, right, is_alone=is_alone)


def _name_total(lines: Sequence[Line]) -> str:
    """Return the heading of totals: 16 years, if these are all years of the table, or 2014–2024."""
    what = next((line.window.what for line in lines if line.window), "")
    first, last = (lines[0].slots[place].year for place in (0, -1))
    return f"{len(lines[0].slots)} years" if "/" in first and first[:4] in what and last[-2:] in what else what


def _draw_part(svg: Svg, block: Block, heading: str, left: float, right: float, *, is_alone: bool) -> None:
    years = [slot.year for slot in block.lines[0].slots]
    wide = min((svg.width - left - right) / len(years), MAX_CELL)
    label_years(svg, years, left, svg.y, wide)
    svg.text([heading] if heading else [], svg.width, svg.y, YEAR._replace(anchor="end"))
    svg.y += 20
    above = ""
    for line, top in zip(block.lines, block.tops or [0] * len(block.lines), strict=True):
        if line.heading != above:
            svg.y = svg.text(wrap(line.heading, NAME, svg.width), 0, svg.y + HEAD - NAME.step, NAME)
        above = line.heading
        pixels = (block.height - ABOVE) / (top or 1) if block.tops else 0
        _draw_row(svg, line, pixels, left, wide, is_alone=is_alone)
    svg.y += 10


def _draw_row(svg: Svg, line: Line, pixels: float, left: float, wide: float, *, is_alone: bool) -> None:
    """Draw the columns of a series beside its name, or below it if there is no room beside it."""
    style = NAME if line.is_total else PLAIN
    indent = INDENT * line.depth
    names = wrap(line.name, style, (left - PAD + 1 if left else svg.width) - indent)
    if not left and line.name:
        svg.y = svg.text(names, indent, svg.y + 2, style)
    highest = max((entry.reach for entry in line.of_years), default=0)
    base = svg.y + max(ROW - 3 if pixels else 0, ABOVE + highest * pixels, style.step * len(names) + 1 if left else 0)
    if left:
        svg.text(names, indent, base + 2 - style.step * len(names), style)
    is_strong = line.is_total or is_alone
    svg.rect(left, base, wide * len(line.slots), 1, "ink" if is_alone else "rule")
    for place, slot in enumerate(line.slots):
        x = left + place * wide
        if slot.entry:
            mark = "pale" if slot.entry.mark == "accent" and not is_strong else slot.entry.mark
            _draw_column(svg, slot.entry, x, wide, base, pixels, mark)
        elif slot.reason:
            svg.rect(x + 1, base - 8, wide - 2, 8, "hatch")
    if line.window and not is_alone:
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
    end = svg.width if len(cells) > 1 else cells[0][1] + cells[0][2] + right
    svg.text(["figures"], end, svg.y, YEAR._replace(anchor="end"))
    svg.y += 16
    for place in places:
        below = svg.text(wrap(place, PLAIN, left - PAD + 1), 0, svg.y, PLAIN)
        for year, x, cell in cells:
            number = held.get((place, year), 0)
            step = ceil(SHADES * log(number + 1) / log(most + 1))  # so that one differs from none, and some from many
            if number:
                svg.rect(x + 0.5, svg.y, cell - 1, CELL - 3, f"shade{step}")
        svg.text([f"{totals[place]:,}"], end, svg.y + 1, TOTAL)
        svg.y = max(svg.y + CELL, below + 2)
    svg.y += 8
