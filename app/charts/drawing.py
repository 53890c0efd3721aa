"""Lay a chart out: where each text, bar, dot and band stands, in pixels. `svg.py` writes it down in colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import floor, log10
from typing import Any, NamedTuple

from app.charts.chart import NO_FIGURE, Chart, Row
from app.charts.text import closed, is_right_to_left, shorten, width_of, wrap

TITLE, LABEL, DETAIL = 19, 13, 11.5
"""Sizes of type in pixels: titles, names and values, and everything else."""

HIGHEST = 1000
"""No picture is higher, because WordPress cuts frames there."""

DOT, BAR, FADE = 6, 16, 44
"""Pixels: the radius of a dot, the height of a bar, and how far a band fades out on a side without a bound."""


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
    """A rectangle. `fill` is a colour, `hatch`, `refused`, `fade-left` or `fade-right`; empty for none."""

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

_CARD_SCALES = (2.1, 1.9, 1.7, 1.5, 1.3, 1.15, 1)
"""How much a card is enlarged: as much as leaves room for its figures."""

TIGHTEST = 3
"""How tightly figures may be set: 0 is roomy, 1 cuts texts to a line, 2 and 3 leave out who stated them."""


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
        self, text: str, size: float, colour: str = "ink", *, bold: bool = False, most: int = 99, width: float = 0
    ) -> None:
        """Write a paragraph at the left margin, or at the right one if it is read from there, and go below it."""
        for line in wrap(text, size, width or self.inner, bold=bold, most=most):
            self.y += round(size * 1.3)
            is_reversed = is_right_to_left(text)
            place = (self.right, "end") if is_reversed else (self.margin, "start")
            self.put(Text(place[0], self.y - round(size * 0.3), closed(line), size, colour, bold, place[1]))

    def colour_of(self, row: Row) -> str:
        """Return the colour of a figure: that of emphasis, unless others have it."""
        return "accent" if not self.emphasis or row["id"] in self.emphasis else "other"


def lay_out(chart: Chart, size: Size) -> Picture:
    """Lay a chart out in a size: as roomy as fits, and tighter if it is too high."""
    if not size.height:
        margin = 12 if size.width < 400 else 16
        for tightness in range(TIGHTEST + 1):
            canvas = _compose(chart, Canvas(size.width, margin, tightness, chart.emphasis))
            if canvas.y <= HIGHEST:
                break
        return Picture(size.width, min(round(canvas.y), HIGHEST), 1, canvas.items)
    for tightness in range(TIGHTEST + 1):
        for scale in _CARD_SCALES:
            width, height = size.width / scale, size.height / scale
            canvas = _compose(chart, Canvas(width, 44 / scale + 4, tightness, chart.emphasis, height))
            if canvas.y <= height:
                return Picture(width, height, scale, canvas.items)
    return Picture(width, height, scale, [one for one in canvas.items if _bottom(one) <= height])


def _bottom(item: Item) -> float:
    return item.box[3] if isinstance(item, Text) else 0


def _compose(chart: Chart, canvas: Canvas) -> Canvas:
    """Draw everything from the top: notice, title, figures, key, note and source; what is short stands in the middle
    of a picture with a height of its own."""
    canvas.y = canvas.margin
    if chart.notice:
        lines = wrap(chart.notice, LABEL, canvas.inner - 16, bold=True, most=3)
        canvas.put(Box(0, 0, canvas.width, 17 * len(lines) + 14, "warning"))
        canvas.put(
            *(Text(canvas.margin, 20 + 17 * place, line, LABEL, "on_warning", True) for place, line in enumerate(lines))
        )
        canvas.y = 17 * len(lines) + 14 + canvas.margin
    canvas.put(Box(canvas.margin, canvas.y, 40, 5, "flag"))
    canvas.y += 12
    if chart.form != "number" or not chart.title.endswith(chart.marks[0]["label"] if chart.marks else "-"):
        canvas.write(chart.title, TITLE if canvas.width >= 400 else 17, bold=True, most=4)
        canvas.y += 2
    if chart.subtitle:
        canvas.write(chart.subtitle, LABEL, "muted", most=3)
    canvas.y += 10
    foot = Canvas(canvas.width, canvas.margin, canvas.tightness, canvas.emphasis)
    _key(foot, chart)
    foot.write(chart.note, DETAIL, "muted", most=6 if canvas.tightness < 1 else 2)
    foot.write(chart.source, DETAIL, "muted", most=4)
    begin = len(canvas.items)
    if chart.marks:
        _FORMS[chart.form](canvas, chart)
    else:
        canvas.write(NO_FIGURE if chart.title != NO_FIGURE else "Choose other filters.", LABEL)
    canvas.y += 10
    if canvas.most < HIGHEST and (spare := canvas.most - canvas.y - foot.y - canvas.margin) > 0:
        canvas.items[begin:] = [_moved(one, spare / 2) for one in canvas.items[begin:]]
        canvas.y += spare
    canvas.put(*(_moved(one, canvas.y) for one in foot.items))
    canvas.y += foot.y + canvas.margin
    return canvas


def _moved(item: Any, down: float) -> Item:
    if isinstance(item, Area):
        return Area(tuple((x, y + down) for x, y in item.points), item.fill)
    if isinstance(item, Line):
        return item._replace(y1=item.y1 + down, y2=item.y2 + down)
    return item._replace(y=item.y + down)  # type: ignore[no-any-return]


def _key(canvas: Canvas, chart: Chart) -> None:
    """Explain the marks that are used, unless all are exact: each sample stands before its words."""
    used = {row["mark"] for row in chart.marks}
    entries: list[tuple[str, str]] = []
    if chart.form in ("dots", "bars", "timeline") and used - {"solid"}:
        names = {"solid": "printed without a hedge", "hollow": "estimate, or rounded by its words"}
        names |= {"band": "bounds that the words set; it fades out where they set none", "words": "words, no number"}
        entries += [(mark, name) for mark, name in names.items() if mark in used]
    x, y = canvas.margin, canvas.y + 12
    for mark, name in entries:
        wide = 30 if mark == "band" else 16
        needed = wide + width_of(name, DETAIL)
        if x > canvas.margin and x + needed > canvas.right:
            x, y = canvas.margin, y + 16
        if mark == "band":
            canvas.put(Box(x, y - 9, 24, 10, "fade-right"))
        elif mark != "words":
            canvas.put(Dot(x + 5, y - 4, 4.5, "accent", mark == "hollow"))
        for place, line in enumerate(wrap(name, DETAIL, canvas.right - x - wide)):
            y += 15 if place else 0
            canvas.put(Text(x + wide, y, line, DETAIL, "muted"))
        x += needed + 16
    canvas.y = y + 6 if entries else canvas.y


# Dots and bars -------------------------------------------------------------------------------------------------------


class _Scale(NamedTuple):
    """From values to pixels: `left` is zero, and `pixels` is one."""

    left: float
    pixels: float
    highest: float

    def x(self, value: float) -> float:
        return self.left + value * self.pixels


def _rows(canvas: Canvas, chart: Chart) -> None:
    """Draw a row for each figure: what it is and who stated it, beside or above its mark."""
    rows, is_beside = chart.marks, canvas.inner >= 400 or canvas.tightness >= TIGHTEST
    widest = max(width_of(row[name], size) for row in rows for name, size in (("label", LABEL), ("detail", DETAIL)))
    wide = min(max(widest + 1, 120), canvas.inner * 0.44) if is_beside else 0
    left = canvas.margin + (wide + 14 if is_beside else 0)
    scales = {}
    for unit in {(row["statistic"], row["unit"]) for row in rows}:
        scales[unit] = _scale([row for row in rows if (row["statistic"], row["unit"]) == unit], left, canvas.right)
    axis, group = None, ""
    top = canvas.y
    for place, row in enumerate(rows):
        scale = scales[row["statistic"], row["unit"]]
        if row["axis"] != axis:
            if axis is not None:
                canvas.y += 16
                canvas.put(Line(canvas.margin, canvas.y - 6, canvas.right, canvas.y - 6, "grid"))
            axis, group = row["axis"], ""
            same = [one for one in rows[place:] if one["axis"] == axis]
            top = _axis(canvas, axis, scale, row["unit"])
            begin = len(canvas.items)
        if row["group"] != group and canvas.tightness < TIGHTEST:
            canvas.y += 4 if group else 0
            canvas.write(row["group"], DETAIL, "accent", bold=True, most=2)
            group = row["group"]
        _row(canvas, chart, row, scale, wide)
        if row is same[-1]:
            grid = [Line(x, top, x, canvas.y - 4, "grid") for _, x in _ticks(scale, canvas.right)]
            canvas.items[begin:begin] = grid
    canvas.y += 4


def _row(canvas: Canvas, chart: Chart, row: Row, scale: _Scale, wide: float) -> None:
    cut = (3, 1, 1, 1)[canvas.tightness]
    lines = wrap(row["label"], LABEL, wide or canvas.inner, most=cut)
    details = wrap(row["detail"], DETAIL, wide or canvas.inner, most=min(cut, 2)) if canvas.tightness < 2 else []
    high = 16 * len(lines) + 14 * len(details)
    y = canvas.y + 13
    for place, line in enumerate(lines):
        canvas.put(Text(canvas.margin, y + 16 * place, line, LABEL))
    for place, line in enumerate(details):
        canvas.put(Text(canvas.margin, y + 16 * len(lines) - 1 + 14 * place, line, DETAIL, "muted"))
    middle = canvas.y + max(high, 18) / 2 + 1 if wide else canvas.y + high + 12
    _mark(canvas, chart.form, row, scale, middle)
    gap = (10, 6, 5, 2)[canvas.tightness]
    canvas.y += (max(high, 18) if wide else high + 21) + gap


def _extent(row: Row) -> tuple[float, float]:
    """Return how far a mark reaches, as a value, and in pixels beyond that."""
    if row["value_high"] is not None:
        return float(row["value_high"]), 0
    if row["value_low"] is not None:
        return float(row["value_low"]), FADE
    return float(row["value"] or 0), 0


def _scale(rows: Sequence[Row], left: float, right: float) -> _Scale:
    """Choose the scale that leaves room for the label after each mark."""
    highest = max((_extent(row)[0] for row in rows), default=0)
    if highest <= 0:
        return _Scale(left, 0, 0)
    pixels = (right - left) / highest
    for row in rows:
        value, beyond = _extent(row)
        if value > 0:
            room = right - left - beyond - DOT - 6 - width_of(row["shown"], LABEL, bold=True)
            pixels = min(pixels, max(room, 20) / value)
    return _Scale(left, pixels, highest)


def _axis(canvas: Canvas, words: str, scale: _Scale, unit: str) -> float:
    """Write the heading of an axis and the numbers on it. Return where its lines begin."""
    if words:
        canvas.write(words, LABEL, bold=True, most=2)
        canvas.y += 4
    ticks = _ticks(scale, canvas.right)
    if not ticks:
        return canvas.y
    for value, x in ticks:
        canvas.put(Text(x, canvas.y + 11, _number(value, unit), DETAIL, "muted", anchor="middle" if value else "start"))
    canvas.y += 20
    return canvas.y - 4


def _ticks(scale: _Scale, right: float) -> list[tuple[float, float]]:
    """Return round numbers for an axis, each with its place: two to five of them."""
    if not scale.highest:
        return []
    room = max(2, min(4, int(scale.highest * scale.pixels / 70)))
    rough = scale.highest / room
    power = 10 ** floor(log10(rough))
    step = next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= rough * 0.999)
    if scale.highest >= 2 and step < 1:
        step = 1
    values = [step * place for place in range(room + 2)]
    return [(value, scale.x(value)) for value in values if scale.x(value) + 22 <= right + 10]


def _number(value: float, unit: str) -> str:
    if unit == "proportion":
        return f"{value * 100:g}%"
    return (
        f"{value:,g}"
        if value < 1e6 and value == int(value) and value < 1000
        else f"{value:,.10g}" + ("%" if unit == "percent" else "")
    )


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
            canvas.put(Box(scale.x(low), y - 6, max(end - scale.x(low), 3), 12, "band"))
        elif low is not None:
            end = scale.x(low) + FADE
            canvas.put(
                Box(scale.x(low), y - 6, FADE, 12, "fade-right"),
                Line(scale.x(low), y - 6, scale.x(low), y + 6, colour, 2),
            )
        elif high is not None:
            end = scale.x(high)
            begin = max(end - FADE, scale.left)
            canvas.put(Box(begin, y - 6, end - begin, 12, "fade-left"), Line(end, y - 6, end, y + 6, colour, 2))
    elif value is not None and form == "bars":
        end = scale.x(value)
        is_hollow = row["mark"] == "hollow"
        canvas.put(Box(scale.left, y - BAR / 2, max(end - scale.left, 1), BAR, "" if is_hollow else colour, colour))
    elif value is not None:
        end = scale.x(value)
        canvas.put(Line(scale.left, y, end, y, "pale", 3), Dot(end, y, DOT, colour, row["mark"] == "hollow"))
        end += DOT
    room = canvas.right - end - 5  # a pixel more, as sums of widths are not exact
    canvas.put(Text(end + 6, y + 4.5, shorten(row["shown"], LABEL, room, bold=True), LABEL, "ink", True))


# One figure ----------------------------------------------------------------------------------------------------------


def _one(canvas: Canvas, chart: Chart) -> None:
    """Write one figure large, with what it counts and where it is printed below it."""
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
    canvas.y += 3
    canvas.write(row["detail"], LABEL, "muted", most=3)
    bounds = [f"{words} {_number(float(row[name]), row['unit'])}" for name, words in _BOUNDS if row[name] is not None]
    if bounds:
        canvas.write(f"The words mean {' and '.join(bounds)}.", LABEL, "muted")


_BOUNDS = (("value_low", "at least"), ("value_high", "at most"))

_FORMS: dict[str, Callable[[Canvas, Chart], None]] = {"dots": _rows, "bars": _rows, "number": _one}
