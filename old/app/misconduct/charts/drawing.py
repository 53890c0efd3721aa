"""Lay a chart out: where each text, bar, dot and band stands, in pixels. `svg.py` writes it down in colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import floor, log10
from typing import Any, NamedTuple

from misconduct.charts.chart import NO_FIGURE, Chart, Row, fraction, scale_of
from misconduct.charts.text import closed, is_right_to_left, width_of, wrap
from misconduct.model.phrases import inside
from misconduct.model.series import FILTERED_OUT, NOT_COUNTED, OUTSIDE_WINDOW, WITHHELD

TITLE, LABEL, DETAIL = 19, 13, 11.5
"""Sizes of type in pixels: titles, names and values, and everything else."""

HIGHEST = 973
"""No picture is higher: with the line below it, a frame has at most the 1,000 pixels that WordPress shows."""

_MOST_CHARACTERS = 60 * 120
"""No more are laid out to see whether they can be read: the narrowest picture has 60 lines of 120 commas."""

DOT, BAR, ARROW = 6, 16, 16
"""Pixels: the radius of a dot, the height of a bar, and the length of the arrow on a side without a bound."""


class Text(NamedTuple):
    """A line of text; `y` is its baseline, and `anchor` where `x` is: `start`, `middle` or `end`."""

    x: float
    y: float
    text: str
    size: float
    colour: str = "ink"
    bold: bool = False
    anchor: str = "start"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return its left, top, right and bottom."""
        width = width_of(self.text, self.size, bold=self.bold)
        left = self.x - width * {"start": 0, "middle": 0.5, "end": 1}[self.anchor]
        return left, self.y - 0.73 * self.size, left + width, self.y + 0.21 * self.size


class Box(NamedTuple):
    """A rectangle. `fill` is a colour, `hatch` or `refused`; empty for none."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str = ""
    dashed: bool = False
    radius: float = 0


class Dot(NamedTuple):
    """A circle; a hollow one has the colour of the paper inside."""

    x: float
    y: float
    radius: float
    colour: str
    hollow: bool = False


class Line(NamedTuple):
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float = 1


class Area(NamedTuple):
    """A filled polygon."""

    points: tuple[tuple[float, float], ...]
    fill: str


Item = Text | Box | Dot | Line | Area


class Picture(NamedTuple):
    """What is drawn, in its own pixels; `scale` enlarges them to those of the picture."""

    width: float
    height: float
    scale: float
    items: list[Item]


class Size(NamedTuple):
    """A size of picture; one with a height is filled, however much the chart has to say."""

    width: int
    height: int = 0


SIZES = {"narrow": Size(320), "medium": Size(480), "wide": Size(640), "card": Size(1200, 630)}

_CARDS = ((2.1, 0), (1.9, 0), (2.1, 1), (1.9, 1), (1.9, 2), (1.9, 3), (1.9, 4))
"""How much a card is enlarged and how tightly it is set: the first that leaves room for its figures. A feed shows it at
half its size, so no type is under 22 of its 1,200 pixels."""

TIGHTEST = 4
"""How tightly figures may be set: 0 is roomy, 1 and 2 less so, 3 writes headings before labels, and 4 leaves out who
stated them, but where two labels would be the same. No label and no value is cut."""

_FEWEST = 3
"""With fewer figures than these, of more, a card says nothing; then it has only a title."""


@dataclass
class Canvas:
    """What is drawn so far, and how far down."""

    width: float
    margin: float
    tightness: int
    emphasis: frozenset[str]
    most: float = HIGHEST
    y: float = 0
    items: list[Item] = field(default_factory=list)

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * self.margin

    @property
    def right(self) -> float:
        """Where the right margin begins."""
        return self.width - self.margin

    def put(self, *items: Item) -> None:
        """Draw something."""
        self.items += items

    def write(
        self, text: str, size: float, colour: str = "ink", *, bold: bool = False, most: int = 99, is_even: bool = True
    ) -> None:
        """Write a paragraph at the left margin, or at the right one if it is read from there, and go below it."""
        for line in wrap(text, size, self.inner, bold=bold, most=most, is_even=is_even):
            self.y += round(size * 1.3)
            is_reversed = is_right_to_left(text)
            place = (self.right, "end") if is_reversed else (self.margin, "start")
            self.put(Text(place[0], self.y - round(size * 0.3), closed(line), size, colour, bold, place[1]))

    def stack(self, lines: Sequence[str], first: Text, step: float) -> None:
        """Write lines below each other, the first where `first` says."""
        self.put(*(first._replace(y=first.y + step * place, text=line) for place, line in enumerate(lines)))

    def colour_of(self, row: Row) -> str:
        """Return the colour of a figure: that of emphasis, unless others have it."""
        return "accent" if not self.emphasis or row["id"] in self.emphasis else "other"


def lay_out(chart: Chart, size: Size) -> Picture:
    """Lay a chart out in a size: as roomy as fits, and tighter if it is too high."""
    if not size.height:
        margin = 12 if size.width < 400 else 16
        for tightness in range(TIGHTEST + 1):
            canvas = _compose(chart, Canvas(size.width, margin, tightness, chart.emphasis))
            if canvas.y <= canvas.most:
                break
        return Picture(size.width, round(canvas.y), 1, canvas.items)  # too high is better than without its source
    for tried, scale, tightness in _cards(chart):
        canvas = Canvas(size.width / scale, 40 / scale + 4, tightness, chart.emphasis, size.height / scale)
        canvas = _compose(tried, canvas)
        if canvas.y <= canvas.most:
            break
    return Picture(canvas.width, canvas.most, scale, canvas.items)


def is_readable(chart: Chart) -> bool:
    """Tell whether a chart can be drawn in the narrowest picture, which is then the highest, with a line to spare."""
    if sum(len(row[name]) for row in chart.marks for name in ("group", "label", "shown")) > _MOST_CHARACTERS:
        return False
    return _compose(chart, Canvas(SIZES["narrow"].width, 12, TIGHTEST, chart.emphasis)).y <= HIGHEST - 15


def _cards(chart: Chart) -> Iterator[tuple[Chart, float, int]]:
    """Yield what a card may show, from all figures to none: what does not fit is counted."""
    yield from ((chart, scale, tightness) for scale, tightness in _CARDS)
    scale, tightness = _CARDS[-1]
    at = _at(chart)
    count = len(chart.headings or chart.marks)
    if chart.form in ("dots", "bars", "timeline", "numbers", "columns", "grid"):
        for shown in range(count - 1, _FEWEST - 1, -1):
            headings = dict(list(chart.headings.items())[:shown]) if chart.headings else None
            rows = chart.rows if headings else tuple(chart.marks[:shown])
            note = " ".join(filter(None, [f"… and {count - shown} more {at}.", chart.note]))
            yield replace(chart, rows=rows, headings=headings, note=note), scale, tightness
    title = replace(chart, form="title")
    yield from ((title, scale, tightness) for scale, tightness in _CARDS)
    yield replace(title, note=""), scale, tightness


def _compose(chart: Chart, canvas: Canvas) -> Canvas:
    """Draw everything from the top: notice, title, figures, key, note and source; what is short stands in the middle
    of a picture with a height of its own."""
    is_tight_card = canvas.most < HIGHEST and canvas.tightness > 1
    above = canvas.y = 15 if is_tight_card else canvas.margin
    if chart.notice:
        lines = wrap(chart.notice, LABEL, canvas.inner - 16, bold=True, most=3)
        canvas.put(Box(0, 0, canvas.width, 17 * len(lines) + 14, "warning"))
        canvas.stack(lines, Text(canvas.margin, 20, "", LABEL, "on_warning", True), 17)
        canvas.y = 17 * len(lines) + 14 + above
    canvas.put(Box(canvas.margin, canvas.y, 40, 5, "flag"))
    canvas.y += 12
    if chart.form != "number" or not chart.title.endswith(chart.marks[0]["label"] if chart.marks else "-"):
        most = 4 if canvas.tightness < TIGHTEST else 2
        canvas.write(chart.title, TITLE if canvas.width >= 400 and not is_tight_card else 17, bold=True, most=most)
        canvas.y += 2
    if chart.subtitle:
        canvas.write(chart.subtitle, LABEL, "muted", most=3)
    space = 6 if is_tight_card else 10
    canvas.y += space
    foot = Canvas(canvas.width, canvas.margin, canvas.tightness, canvas.emphasis)
    entries, sentences = list(_key_entries(foot, chart)), list[str]()
    if not any(sample for _, sample, _ in entries):
        entries, sentences = [], [words for _, _, words in entries]
    _key(foot, entries)
    foot.write(" ".join(filter(None, [*sentences, chart.note])), DETAIL, "muted", is_even=False)
    foot.write(chart.source, DETAIL, "muted", most=4, is_even=False)
    begin = len(canvas.items)
    if chart.marks:
        _FORMS[chart.form](canvas, chart)
    else:
        canvas.write(NO_FIGURE if chart.title != NO_FIGURE else "Choose other filters.", LABEL)
    canvas.y += space
    if canvas.most < HIGHEST and (spare := canvas.most - canvas.y - foot.y - above) > 0:
        canvas.items[begin:] = [_moved(one, spare / 2) for one in canvas.items[begin:]]
        canvas.y += spare
    canvas.put(*(_moved(one, canvas.y) for one in foot.items))
    canvas.y += foot.y + above
    return canvas


def _moved(item: Any, down: float, right: float = 0) -> Item:
    if isinstance(item, Area):
        return Area(tuple((x + right, y + down) for x, y in item.points), item.fill)
    if isinstance(item, Line):
        return item._replace(x1=item.x1 + right, x2=item.x2 + right, y1=item.y1 + down, y2=item.y2 + down)
    return item._replace(x=item.x + right, y=item.y + down)  # type: ignore[no-any-return]


def _key(canvas: Canvas, entries: Sequence[tuple[float, tuple[Item, ...], str]]) -> None:
    """Explain the marks that are used: each sample stands before its words."""
    x, y = canvas.margin, canvas.y + 12
    for wide, sample, words in entries:
        needed = wide + width_of(words, DETAIL)
        if x > canvas.margin and x + needed > canvas.right:
            x, y = canvas.margin, y + 16
        canvas.put(*(_moved(one, y, x) for one in sample))
        for place, line in enumerate(wrap(words, DETAIL, canvas.right - x - wide)):
            y += 15 if place else 0
            canvas.put(Text(x + wide, y, line, DETAIL, "muted"))
        x += needed + 16
    canvas.y = y + 6 if entries else canvas.y


def _key_entries(canvas: Canvas, chart: Chart) -> Iterator[tuple[float, tuple[Item, ...], str]]:
    """Yield what the key explains: how wide a sample of each mark that is used is, the sample, and its words.

    Samples are grey where any mark is, as the key explains the shape of a mark and not its colour.
    """
    if chart.form == "title":
        return
    rows = [row for row in chart.marks if row["mark"] != "gap"]
    colour = next((one for one in map(canvas.colour_of, rows) if one == "other"), "accent")
    used, gaps = {row["mark"] for row in rows}, {row["gap"] for row in chart.marks}
    not_given = gaps - {None, WITHHELD, OUTSIDE_WINDOW}
    hatched = " or ".join(
        [
            *(["given"] if not_given - {NOT_COUNTED, FILTERED_OUT} else []),
            *(["counted"] if NOT_COUNTED in not_given else []),
            *(["chosen"] if FILTERED_OUT in not_given else []),
        ]
    )
    solid, hollow = ((16, (Dot(5, -4, 5, colour, is_hollow),)) for is_hollow in (False, True))
    if chart.headings is None:
        if chart.form not in ("dots", "bars", "timeline"):
            return
        explained = used - {"solid"}
        is_timeline = chart.form == "timeline"
        bounds = {
            tuple(row[name] is not None for name in ("value_low", "value_high"))
            for row in rows
            if row["mark"] == "band" and not is_timeline
        }
        band = Box(0, -9, 18, 10, "band" if colour == "accent" else colour)
        marks: tuple[tuple[bool, tuple[float, tuple[Item, ...]], str], ...] = (
            ("solid" in used, solid, "printed without a hedge"),
            (is_timeline, hollow, "hedged, estimated or in words"),
            ("hollow" in used and not is_timeline, hollow, "an estimate, or “about”"),
            ((True, True) in bounds, (24, (band,)), "what the words allow"),
            ((True, False) in bounds, (24, _arrow(2, -4, 1, colour)), "at least this; no upper bound"),
            ((False, True) in bounds, (24, _arrow(2 + ARROW, -4, -1, colour)), "at most this; no lower bound"),
        )
        yield from ((*sample, words) for applies, sample, words in marks if applies and explained)
        axes, scales = {row["axis"] for row in rows}, {scale_of(row) for row in rows}
        if chart.form != "timeline" and len(scales) > 1:
            yield 0, (), f"Each {'group' if len(scales) == len(axes) else 'unit'} has its own scale."
        return
    is_grid = chart.form == "grid"
    until = sorted({f"{row['year']} {row['until']}" for row in rows if row["until"] and row["until"] != "part"})
    known = f" ({', '.join(until)})" if until else ""
    boxes = [
        (is_grid, Box(0, -9, 16, 11, colour), "published"),
        (any(row["until"] for row in rows), Box(0, -9, 12, 11, "paper", colour, True), f"part of the year{known}"),
        (bool(not_given), Box(0, -9, 16, 11, "hatch"), f"no figure {hatched}; not to be read as zero"),
        (WITHHELD in gaps, Box(0, -9, 16, 11, "refused", "flag"), "publication refused"),
    ]
    yield from ((box.width + 6, (box,), words) for applies, box, words in boxes if applies)
    if not is_grid and len(chart.headings) > 1:
        yield 0, (), "Each panel has its own scale."


# Dots and bars -------------------------------------------------------------------------------------------------------


class _Scale(NamedTuple):
    """From values of a unit to pixels: `left` is zero, and `pixels` is one."""

    unit: str
    left: float
    pixels: float = 0
    highest: float = 0

    def x(self, value: float) -> float:
        return self.left + value * self.pixels


def _rows(canvas: Canvas, chart: Chart) -> None:
    """Draw a row for each figure: what it is and who stated it, beside or above its mark."""
    rows, is_beside = chart.marks, canvas.inner >= 520
    labels = _labels(canvas, rows)
    widest = max(*(width_of(one, LABEL) for one in labels), *(width_of(row["detail"], DETAIL) for row in rows))
    wide = min(max(widest + 1, 120), canvas.inner * (0.46 if canvas.tightness < 2 else 0.54)) if is_beside else 0
    left = canvas.margin + (wide + 14 if is_beside else 0)
    scales = {}
    for one in {*map(scale_of, rows)}:
        scales[one] = _scale([row for row in rows if scale_of(row) == one], left, canvas.right)
    axis, group, told = None, "", list[_Scale]()
    top = canvas.y
    for place, row in enumerate(rows):
        scale = scales[scale_of(row)]
        if row["axis"] != axis:
            if axis is not None:
                canvas.y += 16 if canvas.tightness < 1 else 9
                canvas.put(Line(canvas.margin, canvas.y - 5, canvas.right, canvas.y - 5, "grid"))
            axis, group = row["axis"], ""
            same = [one for one in rows[place:] if one["axis"] == axis]
            is_told = not is_beside and canvas.tightness > 0 and scale in told
            top = _axis(canvas, axis, scale, wide, has_numbers=not is_told)
            told.append(scale)
            begin = len(canvas.items)
        if row["group"] != group and canvas.tightness < 3:
            canvas.y += 4 if group and canvas.tightness < 1 else 0
            lines = wrap(row["group"], DETAIL, wide or canvas.inner, bold=True, most=2)
            canvas.stack(lines, Text(canvas.margin, canvas.y + 12, "", DETAIL, "accent", True), 15)
            canvas.y += 15 * len(lines)
            group = row["group"]
        _row(canvas, chart, {**row, "label": labels[place]}, scale, wide)
        if row is same[-1] and is_beside:
            grid = [Line(x, top, x, canvas.y - 4, "grid") for _, x in _ticks(scale, canvas.right)]
            canvas.items[begin:begin] = grid
    canvas.y += 4


def _labels(canvas: Canvas, rows: Sequence[Row]) -> list[str]:
    """Return what is written of each row; what has no line of its own where rows are tight stands in it."""
    if canvas.tightness < 3:
        return [row["label"] for row in rows]
    labels = [f"{row['group']}: {inside(row['label'])}" if row["group"] else row["label"] for row in rows]
    if canvas.tightness < TIGHTEST:
        return labels
    placed = [(row["axis"], label) for row, label in zip(rows, labels, strict=True)]
    return [
        f"{label}, {row['detail']}" if row["detail"] and placed.count((row["axis"], label)) > 1 else label
        for row, label in zip(rows, labels, strict=True)
    ]


def _row(canvas: Canvas, chart: Chart, row: Row, scale: _Scale, wide: float) -> None:
    over = (
        [] if _has_room(row, scale.left, canvas.right) else wrap(row["shown"], LABEL, wide or canvas.inner, bold=True)
    )
    lines = wrap(row["label"], LABEL, wide or canvas.inner)
    details = wrap(row["detail"], DETAIL, wide or canvas.inner) if canvas.tightness < TIGHTEST else []
    named = 16 * (len(over) + len(lines))
    high, least = named + 14 * len(details), 18 if canvas.tightness < TIGHTEST else 16
    middle = (
        canvas.y + max(high, least) / 2 + 1 if wide else canvas.y + high + (12 if canvas.tightness < TIGHTEST else 11)
    )
    top = middle - high / 2 if wide else canvas.y
    canvas.stack(over, Text(canvas.margin, top + 12.5, "", LABEL, bold=True), 16)
    canvas.stack(lines, Text(canvas.margin, top + 12.5 + 16 * len(over), "", LABEL), 16)
    canvas.stack(details, Text(canvas.margin, top + 11.5 + named, "", DETAIL, "muted"), 14)
    if not wide:
        canvas.put(*(Line(x, middle - 9, x, middle + 9, "grid") for _, x in _ticks(scale, canvas.right)))
    _mark(canvas, chart.form, row, scale, middle)
    gap = (10, 3, 3, 3, 1)[canvas.tightness]
    canvas.y += (max(high, least) if wide else high + (20 if canvas.tightness < TIGHTEST else 18)) + gap


def _has_room(row: Row, left: float, right: float) -> bool:
    """Tell whether a figure can be written beside its mark, at whatever value that stands."""
    return width_of(row["shown"], LABEL, bold=True) <= right - left - ARROW - DOT - 30


def _extent(row: Row) -> tuple[float, float]:
    """Return how far a mark reaches, as a value, and in pixels beyond that."""
    if row["value_high"] is not None:
        return float(row["value_high"]), 0
    if row["value_low"] is not None:
        return float(row["value_low"]), ARROW
    return float(row["value"] or 0), 0


def _scale(rows: Sequence[Row], left: float, right: float) -> _Scale:
    """Choose the scale that leaves room for the label after each mark."""
    highest = max((_extent(row)[0] for row in rows), default=0)
    if highest <= 0:
        return _Scale(rows[0]["unit"], left)
    pixels = (right - left) / highest
    for row in rows:
        value, beyond = _extent(row)
        if value > 0 and _has_room(row, left, right):
            room = right - left - beyond - DOT - 6 - width_of(row["shown"], LABEL, bold=True)
            pixels = min(pixels, max(room, 20) / value)
    return _Scale(rows[0]["unit"], left, pixels, highest)


def _axis(canvas: Canvas, words: str, scale: _Scale, wide: float, *, has_numbers: bool) -> float:
    """Write the heading of an axis, and its numbers beside that or below. Return where its lines begin."""
    lines = wrap(words, LABEL, wide or canvas.inner, bold=True, most=2)
    canvas.stack(lines, Text(canvas.margin, canvas.y + 13, "", LABEL, bold=True), 17)
    canvas.y += 17 * len(lines) + 3 if not wide or len(lines) > 1 else 0
    ticks = _ticks(scale, canvas.right) if has_numbers else []
    canvas.put(*(_tick(value, scale, canvas.y + 13) for value, _ in ticks))
    canvas.y += 22 if ticks or (wide and lines) else 0
    return canvas.y - 4


def _ticks(scale: _Scale, right: float) -> list[tuple[float, float]]:
    """Return round numbers for an axis, each with its place: up to five, of which no two touch."""
    if not scale.highest:
        return []
    found = list[tuple[float, float]]()
    for count in range(max(2, min(4, int(scale.highest * scale.pixels / 70))), 0, -1):
        rough = scale.highest / count
        power = 10 ** floor(log10(rough))
        step = next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= rough * 0.999)
        step = max(step, 1) if scale.unit == "count" else step
        texts = [_tick(step * place, scale, 0) for place in range(count + 2)]
        texts = [one for one in texts if one.box[2] <= right]
        found = [(step * place, one.x) for place, one in enumerate(texts)]
        if all(one.box[2] + 8 <= other.box[0] for one, other in pairwise(texts)):
            return found
    return found[:1]


def _tick(value: float, scale: _Scale, y: float) -> Text:
    return Text(scale.x(value), y, _number(value, scale.unit), DETAIL, "muted", anchor="middle" if value else "start")


def _number(value: float, unit: str) -> str:
    if unit == "proportion":
        return f"{value * 100:g}%"
    return f"{value:,.10g}" + ("%" if unit == "percent" else "")


def _mark(canvas: Canvas, form: str, row: Row, scale: _Scale, y: float) -> None:
    """Draw a figure as firmly as it is stated, and write it beside its mark."""
    colour = canvas.colour_of(row)
    low, high, value = (
        None if row[name] is None else float(row[name]) for name in ("value_low", "value_high", "value")
    )
    end = scale.left - DOT
    if row["mark"] == "band":
        if low is not None and high is not None:
            end = scale.x(high)
            fill = "band" if colour == "accent" else colour
            canvas.put(Box(scale.x(low), y - 6, max(end - scale.x(low), 3), 12, fill))
        elif low is not None:
            end = scale.x(low) + ARROW
            canvas.put(*_arrow(scale.x(low), y, 1, colour))
        elif high is not None:
            end = scale.x(high) + 2
            canvas.put(*_arrow(end - 2, y, -1, colour, min(ARROW, end - 2 - scale.left)))
    elif value is not None and form == "bars":
        end = scale.x(value)
        thick = BAR if canvas.tightness < TIGHTEST else BAR - 4
        is_solid = row["mark"] == "solid" and not row["until"]
        bar = Box(scale.left, y - thick / 2, max(end - scale.left, 1), thick, colour if is_solid else "paper", colour)
        canvas.put(bar._replace(dashed=bool(row["until"])))
    elif value is not None:
        end = scale.x(value)
        canvas.put(Line(scale.left, y, end, y, "pale", 3), Dot(end, y, DOT, colour, row["mark"] == "hollow"))
        end += DOT
    if _has_room(row, scale.left, canvas.right):
        canvas.put(Text(end + 6, y + 4.5, row["shown"], LABEL, "ink", True))


def _arrow(x: float, y: float, way: int, colour: str, long: float = ARROW) -> tuple[Item, ...]:
    """Draw a bound beyond which nothing is known: an arrow away from it, of one length, which is no value; a shorter
    one where the zero line is nearer than that."""
    bound, head = Line(x, y - 6, x, y + 6, colour, 3), min(8, long)
    end, neck = x + way * long, x + way * (long - head)
    if head < 3:
        return (bound,)
    return (
        bound,
        Line(x, y, end - way * min(6, head), y, colour, 2),
        Area(((end, y), (neck, y - 5), (neck, y + 5)), colour),
    )


# One figure ----------------------------------------------------------------------------------------------------------


def _one(canvas: Canvas, chart: Chart) -> None:
    """Write one figure large, with what it counts below it; the source line says where it is printed."""
    row, shown = chart.marks[0], chart.marks[0]["shown"]
    size = 72 if canvas.width >= 400 else 54
    while size > 20 and width_of(shown, size, bold=True) > canvas.inner:
        size -= 2
    canvas.y += 4
    for line in wrap(shown, size, canvas.inner, bold=True, most=3):
        canvas.y += round(size * 0.98)
        canvas.put(Text(canvas.margin - size * 0.04, canvas.y, line, size, "accent", True))
    canvas.y += round(size * 0.18)
    canvas.write(row["label"], 16, bold=True, most=4)
    bounds = [f"{words} {_number(float(row[name]), row['unit'])}" for name, words in _BOUNDS if row[name] is not None]
    if bounds:
        canvas.y += 3
        canvas.write(f"The words mean {' and '.join(bounds)}.", LABEL, "muted")


def _numbers(canvas: Canvas, chart: Chart) -> None:
    """Write each figure large, and beside it, or below in a narrow picture, what it counts and who stated it."""
    rows, size, room = chart.marks, (34, 30, 26, 22, 18)[canvas.tightness], (12, 10, 8, 6, 4)[canvas.tightness]
    is_beside = canvas.inner >= 400
    most = canvas.inner * 0.4 if is_beside else canvas.inner
    while size > LABEL and any(width_of(word, size, bold=True) > most for row in rows for word in row["shown"].split()):
        size -= 1  # no word is broken
    widest = max(width_of(row["shown"], size, bold=True) for row in rows)
    left = canvas.margin + (min(widest, most) + 18 if is_beside else 0)
    for place, row in enumerate(rows):
        if place:
            canvas.put(Line(canvas.margin, canvas.y, canvas.right, canvas.y, "grid"))
        canvas.y += room
        shown = wrap(row["shown"], size, most, bold=True)
        first = Text(canvas.margin, canvas.y + size * 0.82, "", size, canvas.colour_of(row), True)
        canvas.stack(shown, first, size + 2)
        below = canvas.y + (size + 2) * len(shown)
        canvas.y = canvas.y if is_beside else below
        for words, is_bold in ((row["group"], True), (row["label"], False)):
            lines = wrap(words, LABEL + 1, canvas.right - left, bold=is_bold)
            canvas.stack(lines, Text(left, canvas.y + 14, "", LABEL + 1, bold=is_bold), 17)
            canvas.y += 17 * len(lines)
        if row["detail"] and canvas.tightness < TIGHTEST:
            for line in wrap(row["detail"], DETAIL, canvas.right - left):
                canvas.put(Text(left, canvas.y + 11, line, DETAIL, "muted"))
                canvas.y += 14
        canvas.y = max(canvas.y, below) + room


_BOUNDS = (("value_low", "at least"), ("value_high", "at most"))


# By year -------------------------------------------------------------------------------------------------------------


class _Years(NamedTuple):
    """Where each year stands in every panel of a chart: its left side and its width, from that of the panel."""

    left: dict[str, float]
    width: dict[str, float]


def _place_years(years: Sequence[str], rows: Sequence[Row], width: float, needed: float) -> _Years | None:
    """Give each year with a figure in any panel the room that its labels need, and the others what is left.

    All years are equally wide if that is enough. Returns None if there is too little room.
    """
    stated = {row["year"] for row in rows if row["year"] and row["gap"] is None}
    band = width / len(years)
    widths = dict.fromkeys(years, band)
    if band < needed and stated:
        rest = len(years) - len(stated)
        left = width - needed * len(stated)
        if left < rest * 5 or (rest and left < 50):
            return None
        widths = {year: needed if year in stated else left / rest for year in years}
    places, at = dict[str, float](), 0.0
    for year in years:
        places[year] = at
        at += widths[year]
    return _Years(places, widths)


def _widest_label(rows: Sequence[Row]) -> float:
    """Return how much room a year needs, so that figures beside each other do not touch."""
    words = [word for row in rows if row["year"] and row["shown"] for word in row["shown"].split()]
    return max([24, *(width_of(word, DETAIL, bold=True) + 5 for word in words)])


def _columns(canvas: Canvas, chart: Chart) -> None:
    """Draw a panel for each series: a column for each year, and a hatched region for years without a figure."""
    panels = list((chart.headings or {}).items())
    needed = _widest_label(chart.rows)
    most = max(1, min(len(panels), int(canvas.inner / (90 if canvas.tightness > 2 else 140)), 4))
    beside, years, gap = most, None, 24 if canvas.tightness < 3 else 12
    while years is None and beside:
        wide = (canvas.inner - gap * (beside - 1)) / beside
        years, beside = _place_years(chart.years, chart.rows, wide, needed), beside - 1
    if years is None or (canvas.tightness > 2 and beside < most - 1):
        beside = most - 1  # then figures are written only where there is room
        wide = (canvas.inner - gap * beside) / most
        years = _place_years(chart.years, chart.rows, wide, 0)
    if years is None:
        return
    high = (120, 100, 80, 60, 36)[canvas.tightness]
    any_hedged = any(row["year"] and " " in (row["shown"] or "") for row in chart.rows)
    for first in range(0, len(panels), beside + 1):
        together = panels[first : first + beside + 1]
        names = [wrap(name, LABEL, wide, bold=True, most=2) for _, (name, _) in together]
        belows = [wrap(below, DETAIL, wide, most=2) for _, (_, below) in together]
        head = 17 * max(map(len, names)) + 15 * max(map(len, belows)) + (14 if any_hedged else 0)
        for place, (series, _) in enumerate(together):
            left = canvas.margin + place * (wide + gap)
            canvas.stack(names[place], Text(left, canvas.y + 13, "", LABEL, bold=True), 17)
            below = Text(left, canvas.y + 12 + 17 * len(names[place]), "", DETAIL, "muted")
            canvas.stack(belows[place], below, 15)
            rows = [row for row in chart.rows if row["series"] == series and row["year"]]
            _panel(canvas, rows, years, left=left, top=canvas.y + head + 22, high=high)
        canvas.y += head + 22 + high + 30
    canvas.y -= 8


def _panel(canvas: Canvas, rows: Sequence[Row], years: _Years, *, left: float, top: float, high: float) -> None:
    """Draw the columns of one series, and its years without a figure."""
    highest = max((_extent(row)[0] for row in rows), default=0) or 1
    bottom, end, begin_items = top + high, left + sum(years.width.values()), len(canvas.items)
    columns = list[tuple[Row, Box]]()
    for row in rows:
        if row["gap"] is None:
            space = min(years.width[row["year"]] * 0.12, 6)
            wide, value = years.width[row["year"]] - 2 * space, _extent(row)[0]
            least = 3 if row["until"] else 1.5  # lower, dashes cannot be seen
            tall = max(high * value / highest, least) if value else 0
            box = Box(left + years.left[row["year"]] + space, bottom - tall, wide, tall, canvas.colour_of(row))
            columns.append((row, box))
            if tall and (row["mark"] != "solid" or row["until"]):
                box = box._replace(fill="paper", stroke=box.fill, dashed=bool(row["until"]))
            canvas.put(*([box] if tall else []))
    written = list[tuple[float, float]]()
    for row, box in sorted(columns, key=lambda column: column[1].y):
        widest = max(width_of(word, DETAIL, bold=True) for word in row["shown"].split())
        lines = wrap(row["shown"], DETAIL, max(box.width + 8, widest + 1), bold=True)
        room = max(width_of(line, DETAIL, bold=True) for line in lines)
        begin = min(max(box.x + box.width / 2 - room / 2, left), end - room)
        over = [one for _, one in columns if one.x < begin + room - 1 and one.x + one.width > begin + 1]
        is_free = all(begin > last + 2 or begin + room < first - 2 for first, last in written)
        if is_free and min(one.y for one in over) >= box.y:  # it would stand on a higher column
            written.append((begin, begin + room))
            first = Text(begin + room / 2, box.y - 5 - 14 * (len(lines) - 1), "", DETAIL, bold=True, anchor="middle")
            canvas.stack(lines, first, 14)
    for run in _runs(rows):
        x = left + years.left[run[0]["year"]]
        wide = sum(years.width[row["year"]] for row in run)
        is_refused = run[0]["gap"] == WITHHELD
        low = bottom - high / 4  # a band at the foot of the panel, which nobody takes for a column
        canvas.put(Box(x, low, max(wide - 2, 2), bottom - low, "refused" if is_refused else "hatch"))
        words = run[0]["detail"] or ("no yearly figure printed" if len(run) > 1 else "no figure")
        lines = wrap(words, DETAIL, wide - 12)
        across = max(width_of(word, DETAIL) for word in [*lines, *words.split(" ")])
        first = Text(x + wide / 2 - 1, low - 6 - 14 * (len(lines) - 1), "", DETAIL, "muted", anchor="middle")
        said = [first._replace(y=first.y + 14 * place, text=line) for place, line in enumerate(lines)]
        written_here = [one for one in canvas.items[begin_items:] if isinstance(one, Text)]
        is_free = not any(_touch(one, other) for one in said for other in written_here)
        if across <= wide - 8 and 14 * len(lines) + 8 <= low - top and is_free:
            canvas.put(*said)
    canvas.put(Line(left, bottom, end, bottom, "ink"))
    _year_labels(canvas, rows, years, left, bottom + 15)


def _touch(one: Text, other: Text) -> bool:
    (left, top, right, bottom), (left2, top2, right2, bottom2) = one.box, other.box
    return left < right2 + 2 and left2 < right + 2 and top < bottom2 and top2 < bottom


def _runs(rows: Sequence[Row]) -> list[list[Row]]:
    """Group the years without a figure that follow each other for the same reason; those outside a series have none."""
    runs = list[list[Row]]()
    before = None
    for row in rows:
        kind = None if row["gap"] is None or row["gap"] == OUTSIDE_WINDOW else (row["gap"] == WITHHELD, row["detail"])
        if kind is not None and kind == before:
            runs[-1].append(row)
        elif kind is not None:
            runs.append([row])
        before = kind
    return runs


def _year_labels(canvas: Canvas, rows: Sequence[Row], years: _Years, left: float, y: float) -> None:
    """Write the years below a panel: each with a figure, as it fits, and the first and last of those without."""
    parts, end = list[tuple[float, float, str, str]](), left + sum(years.width.values())
    runs = {id(run[0]): run for run in _runs(rows)}
    inside = {id(row) for run in runs.values() for row in run[1:]}
    for row in rows:
        if id(row) in inside:
            continue
        run = runs.get(id(row), [row])
        wide = sum(years.width[one["year"]] for one in run)
        first, last = run[0]["year"], run[-1]["year"]
        full, short = first, f"\u2019{first[2:]}"
        if len(run) > 1:
            full, short = f"{first}–{last[2:]}", f"\u2019{first[2:4]}–{last[2:]}"
        parts.append((left + years.left[first], wide, full, short))
    ends = [parts[0], parts[-1]] if len(parts) > 1 else parts
    for some, is_short in ((parts, False), (parts, True), (ends, False), (ends, True)):  # as many as do not touch
        said = list[Text]()
        for x, wide, full, short in some:
            text = short if is_short else full
            room = width_of(text, DETAIL)
            begin = min(max(x + wide / 2 - room / 2, left), end - room) if some is ends else x + wide / 2 - room / 2
            said.append(Text(begin, y, text, DETAIL, "muted"))
        if not any(_touch(one, other) for one, other in pairwise(said)):
            break
    canvas.put(*said)


def _grid(canvas: Canvas, chart: Chart) -> None:
    """Draw a cell for each series and year: the figure, a refusal, or nothing published; and the figure for all."""
    panels = list((chart.headings or {}).items())
    totals = {row["series"]: row["shown"] for row in chart.rows if row["series"] and row["year"] is None}
    after = max((width_of(text, DETAIL, bold=True) for text in totals.values()), default=0) + 12 if totals else 0
    after = max(after, 52) if totals else 0
    is_beside = canvas.inner >= 560
    names = [name for _, (name, _) in panels]
    wide = min(max(width_of(name, LABEL) for name in names) + 2, canvas.inner * 0.3) if is_beside else 0
    left = canvas.margin + (wide + 12 if is_beside else 0)
    width = canvas.right - after - left
    years = _place_years(chart.years, chart.rows, width, _widest_label(chart.rows) + 3)
    years = years or _place_years(chart.years, chart.rows, width, 0)
    if years is None:
        return
    high = (26, 24, 20, 18, 16)[canvas.tightness]
    union = [
        next((one for one in chart.rows if one["year"] == year and one["gap"] is None), None) for year in chart.years
    ]
    shown = [one or {"year": year, "gap": "", "detail": ""} for year, one in zip(chart.years, union, strict=True)]
    _year_labels(canvas, shown, years, left, canvas.y + 12)
    if totals:
        canvas.put(Text(canvas.right, canvas.y + 12, "all years", DETAIL, "muted", anchor="end"))
    canvas.y += 20
    stated = [row for row in chart.rows if row["year"] and row["shown"]]
    has_room = all(width_of(row["shown"], DETAIL, bold=True) <= years.width[row["year"]] - 4 for row in stated)
    for series, (name, _) in panels:
        lines = wrap(name, LABEL, wide or canvas.inner, most=2)
        y = canvas.y + 13 + (max(0, high - 16 * len(lines)) / 2 if is_beside else 0)
        canvas.stack(lines, Text(canvas.margin, y, "", LABEL), 16)
        tall = max(high, 16 * len(lines)) if is_beside else high
        top = canvas.y + (0 if is_beside else 17 * len(lines) + 3)
        for row in chart.rows:
            if row["series"] == series and row["year"] and row["gap"] != OUTSIDE_WINDOW:
                _cell(
                    canvas,
                    row,
                    Box(left + years.left[row["year"]], top, years.width[row["year"]] - 2, tall, ""),
                    has_room,
                )
        if series in totals:
            canvas.put(Text(canvas.right, top + tall / 2 + 4, totals[series], DETAIL, "ink", True, "end"))
        canvas.y = top + tall + (5 if is_beside else 9)


def _cell(canvas: Canvas, row: Row, box: Box, has_room: bool) -> None:
    colour, shown = canvas.colour_of(row), row["shown"] or ""
    on = "ink"
    if row["gap"] == WITHHELD:
        canvas.put(box._replace(fill="refused", stroke="flag"))
    elif row["gap"] is not None:
        canvas.put(box._replace(fill="hatch"))
    elif row["until"] or row["mark"] != "solid":
        canvas.put(box._replace(fill="paper", stroke=colour, dashed=bool(row["until"])))
    else:
        canvas.put(box._replace(fill=colour))
        on = "on_accent" if colour == "accent" else "paper"
    if shown and has_room:
        middle = box.x + box.width / 2
        canvas.put(Text(middle, box.y + box.height / 2 + 4, shown, DETAIL, on, True, "middle"))


# Parts of a whole ----------------------------------------------------------------------------------------------------


def _divided(canvas: Canvas, chart: Chart) -> None:
    """Draw a whole and its parts as one bar, each part with its words below it, or in a list if they are too long."""
    whole = next(row for row in chart.marks if not row["whole"])
    canvas.write(
        f"{whole['shown']} {inside(whole['label'])}" if whole["label"] else whole["shown"], LABEL, bold=True, most=3
    )
    canvas.y += 4
    _divide(canvas, [row for row in chart.marks if row["whole"]], whole)


def _divide(canvas: Canvas, parts: Sequence[Row], whole: Row) -> None:
    """Draw one bar of the whole width, divided into parts, the largest first; what no part names stays empty."""
    total = float(whole["value"])
    parts = sorted(parts, key=lambda row: -fraction(row["value"], row["unit"], total))
    high, x, segments = (44, 44, 38, 32, 28)[canvas.tightness], canvas.margin, list[tuple[Row, float, float, str]]()
    for place, row in enumerate(parts):
        wide = canvas.inner * fraction(row["value"], row["unit"], total)
        is_dark = row["id"] in canvas.emphasis or (not canvas.emphasis and place == 0)
        fill, on = ("accent", "on_accent") if is_dark else ("soft", "on_soft")
        space = 2 if x + wide < canvas.right - 1 else 0
        canvas.put(Box(x, canvas.y, max(wide - space, 1), high, fill, "" if is_dark else "accent"))
        if width_of(row["shown"], 19, bold=True) <= wide - 12:
            canvas.put(Text(x + 8, canvas.y + high / 2 + 7, row["shown"], 19, on, True))
        segments.append((row, x, wide, fill))
        x += wide
    if x < canvas.right - 1:
        canvas.put(Box(x, canvas.y, canvas.right - x, high, "paper", "missing", True))
        lines = wrap("no figure for the rest", DETAIL, canvas.right - x - 8)
        if len(lines) < 3:
            first = Text(
                (x + canvas.right) / 2, canvas.y + high / 2 + 11 - 7 * len(lines), "", DETAIL, "muted", anchor="middle"
            )
            canvas.stack(lines, first, 14)
    canvas.y += high
    told = [
        (wrap(row["label"], LABEL, wide - 8, bold=True), wrap(_share(row, whole), DETAIL, wide - 8))
        for row, _, wide, _ in segments
    ]
    fits = all(
        wide >= 84
        and len(names) <= 5
        and max(width_of(word, LABEL, bold=True) for word in row["label"].split()) <= wide - 8
        for (names, _), (row, _, wide, _) in zip(told, segments, strict=True)
    )
    if fits:
        for (names, details), (_, left, _, _) in zip(told, segments, strict=True):
            canvas.stack(names, Text(left, canvas.y + 18, "", LABEL, bold=True), 16)
            canvas.stack(details, Text(left, canvas.y + 18 + 16 * len(names), "", DETAIL, "muted"), 14)
        canvas.y += max(16 * len(names) + 14 * len(details) for names, details in told) + 10
        return
    canvas.y += 8
    for row, _, _, fill in segments:
        canvas.put(Box(canvas.margin, canvas.y + 5, 11, 11, fill, "accent"))
        canvas.put(Text(canvas.margin + 18, canvas.y + 15, row["shown"], LABEL, bold=True))
        left = canvas.margin + 26 + width_of(row["shown"], LABEL, bold=True)
        lines = wrap(row["label"], LABEL, canvas.right - left, most=2)
        canvas.stack(lines, Text(left, canvas.y + 15, "", LABEL), 16)
        details = wrap(_share(row, whole), DETAIL, canvas.right - left)
        canvas.stack(details, Text(left, canvas.y + 15 + 16 * len(lines), "", DETAIL, "muted"), 14)
        canvas.y += 16 * len(lines) + 14 * len(details) + 8


def _share(row: Row, whole: Row) -> str:
    """Say what part of its whole a figure is, unless that is what it states, or it counts another thing."""
    is_alike = all(row[name] == whole[name] for name in ("unit", "counting_unit_label", "population_label"))
    share = f"{100 * float(row['value']) / float(whole['value']):.0f}% (computed)" if is_alike else ""
    return "; ".join(filter(None, [share, row["detail"]]))


def _steps(canvas: Canvas, chart: Chart) -> None:
    """Draw a bar for each whole, and below it, enlarged, the bar of its parts.

    Wholes of which one is a part of another have one scale. Any other is a number without a bar: no source links it.
    """
    by_id = {row["id"]: row for row in chart.marks}
    divided = {row["whole"] for row in chart.marks}
    found = [row for row in chart.marks if not row["whole"] or row["id"] in divided]
    for row in sorted(found, key=lambda row: -float(row["value"])):
        number = width_of(row["shown"], 19, bold=True) + 8
        lines = wrap(row["label"], LABEL, canvas.inner - number, most=3)
        canvas.put(Text(canvas.margin, canvas.y + 19, row["shown"], 19, "ink", True))
        canvas.stack(lines, Text(canvas.margin + number, canvas.y + 18, "", LABEL), 16)
        canvas.y += 10 + 16 * len(lines)
        if row["detail"] and canvas.tightness < 3:
            for line in wrap(row["detail"], DETAIL, canvas.inner - number, most=2):
                canvas.put(Text(canvas.margin + number, canvas.y + 8, line, DETAIL, "muted"))
                canvas.y += 14
        canvas.y += 4
        parts, first = [one for one in chart.marks if one["whole"] == row["id"]], row
        while first["whole"]:
            first = by_id[first["whole"]]
        is_step = first is not row or any(one["id"] in divided for one in parts)
        if is_step:
            wide = max(canvas.inner * fraction(row["value"], row["unit"], first["value"]), 1.5)
            canvas.put(Box(canvas.margin, canvas.y, wide, 18, canvas.colour_of(row)))
            canvas.y += 18
        if parts and is_step:
            top = canvas.y + 1
            points = (
                (canvas.margin, top),
                (canvas.margin + wide, top),
                (canvas.right, top + 21),
                (canvas.margin, top + 21),
            )
            canvas.put(Area(points, "pale"))
            canvas.y += 22
        if parts:
            _divide(canvas, parts, row)
        canvas.y += (16, 12, 10, 6, 4)[canvas.tightness]
    canvas.y -= 8 if canvas.tightness < 2 else 14


# Who stated what when ------------------------------------------------------------------------------------------------


def _timeline(canvas: Canvas, chart: Chart) -> None:
    """Draw the statements in the order of their publication, beside a line in time."""
    is_beside = canvas.inner >= 400
    dates = max(width_of(row["group"], LABEL, bold=True) for row in chart.marks) if is_beside else 0
    line = canvas.margin + (dates + 18 if is_beside else 5)
    left, group = line + 16, None
    width = canvas.right - left
    begin = canvas.y + 8
    place = len(canvas.items)
    for row in chart.marks:
        if row["group"] != group:
            group = row["group"]
            x = canvas.margin if is_beside else left
            canvas.y += 0 if is_beside else 4
            canvas.put(Text(x, canvas.y + 13, group, LABEL, "accent", True))
            canvas.y += 0 if is_beside else 19
        colour = canvas.colour_of(row)
        canvas.put(Dot(line, canvas.y + 9, DOT, colour, row["mark"] != "solid"))
        last = canvas.y + 9
        shown = wrap(row["shown"], 15, width, bold=True)
        canvas.stack(shown, Text(left, canvas.y + 14, "", 15, bold=True), 18)
        number = width_of(shown[-1], 15, bold=True) + 8
        canvas.y += 18 * (len(shown) - 1)
        lines = wrap(row["label"], LABEL, width - number)
        canvas.stack(lines, Text(left + number, canvas.y + 14, "", LABEL), 16)
        canvas.y += 4 + 16 * max(1, len(lines))
        if row["detail"] and canvas.tightness < TIGHTEST:
            for one in wrap(row["detail"], DETAIL, width):
                canvas.put(Text(left, canvas.y + 11, one, DETAIL, "muted"))
                canvas.y += 14
        canvas.y += (12, 8, 5, 2, 2)[canvas.tightness]
    canvas.items.insert(place, Line(line, begin, line, last, "grid", 2))


def _title(canvas: Canvas, chart: Chart) -> None:
    """Say how many figures a chart has, and where: the card of one whose figures have no room."""
    canvas.write(f"{sum(bool(row['shown']) for row in chart.marks)} figures", 30, "accent", bold=True)
    canvas.write(_at(chart), LABEL)


def _at(chart: Chart) -> str:
    """Say where all of a chart is to be seen."""
    return f"at {chart.page}" if chart.page else "in the whole chart"


_FORMS: dict[str, Callable[[Canvas, Chart], None]] = {
    "dots": _rows, "bars": _rows, "columns": _columns, "divided": _divided, "steps": _steps, "grid": _grid,
    "timeline": _timeline, "number": _one, "numbers": _numbers, "title": _title,
}  # fmt: skip
