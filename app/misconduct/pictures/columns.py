"""Draw one series as columns: never wrapped, from zero, with a band where nothing is held and a line at a break."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from misconduct.pictures.bars import draw_bars
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing, is_dashed, say_hover
from misconduct.pictures.scale import draw_scale, place_apart
from misconduct.pictures.slots import Slot, list_bands, make_slots

SHARE = 0.66  # of its place that a column takes
WIDEST = 110
LINE = 16  # pixels from a line of small words to the next
APART = 3  # pixels between the names of days
STEPS = (1, 2, 3, 5, 10, 20, 60)  # of years below columns
BREAK = "Counted otherwise before"


class Column(NamedTuple):
    """A drawn column: where its place begins, its middle, its top."""

    slot: Slot
    left: float
    x: float
    top: float

    @property
    def shown(self) -> str:
        """Return its number as it is printed."""
        return str(self.slot.row["shown"]) if self.slot.row else ""

    def is_in(self, ids: Collection[str]) -> bool:
        """Tell whether its row is one of some figures."""
        return self.slot.row is not None and self.slot.row["id"] in ids


class Plot(NamedTuple):
    """Where columns stand: between left and right, above the base; a unit of their number is `per` pixels high."""

    left: float
    right: float
    top: float
    base: float
    width: float
    has_scale: bool
    columns: Sequence[Column]


def draw_columns(canvas: Canvas, drawing: Drawing) -> None:
    """Draw columns below what there is; if some days could not be named, bars, a row for each."""
    slots = make_slots(drawing.rows, drawing.elsewhere)
    if _are_days(slots) and not _have_room(canvas, slots):
        names = {slot.row["id"]: slot.label for slot in slots if slot.row}
        draw_bars(canvas, replace(drawing, names=names))
        return
    words = _find_words(canvas, drawing, slots)
    plot = _make_plot(canvas, slots, LINE * len(words))
    _draw_bands(canvas, plot)
    for column in plot.columns:
        _draw_column(canvas, plot, column, drawing)
    canvas.line(plot.left, plot.base, plot.right, plot.base, "base")
    _write_numbers(canvas, plot, drawing)
    lines = _write_times(canvas, plot, drawing)
    _write_words(canvas, plot, drawing, words)
    canvas.y = plot.base + 10 + LINE * lines


def _has_number(slot: Slot) -> bool:
    return slot.row is not None and slot.row["value"] is not None


def _are_days(slots: Sequence[Slot]) -> bool:
    """Tell whether places are named as days, which leave no room for a scale beside them."""
    return any(" " in slot.label for slot in slots)


def _have_room(canvas: Canvas, slots: Sequence[Slot]) -> bool:
    """Tell whether each day can be named below its column, in several lines."""
    words = [word for slot in slots for word in slot.label.split()]
    widest = max(text_width(word, _find_size(canvas), True) for word in words)
    return widest + APART <= canvas.width / len(slots)


def _find_size(canvas: Canvas) -> float:
    """Return how large the times below columns are."""
    return 13.0 if canvas.layout.is_narrow else 14.0


def _labels_fit(canvas: Canvas, slots: Sequence[Slot]) -> bool:
    """Tell whether each number has room above its column."""
    room = canvas.width / len(slots) - 4
    shown = [slot.row["shown"] for slot in slots if slot.row and _has_number(slot)]
    widths = [text_width(text, canvas.layout.label, True) for text in shown]
    return max(widths) <= room


def _make_plot(canvas: Canvas, slots: Sequence[Slot], above: float) -> Plot:
    """Place columns below some room for words, with a scale beside them unless each has its number."""
    numbers = [_find_number(slot) for slot in slots]
    highest = max(numbers) or 1
    has_scale = not _are_days(slots) and not _labels_fit(canvas, slots)
    top = canvas.y + above + canvas.layout.label + 8
    base = top + canvas.high
    sides = canvas.right, top, base
    start = draw_scale(canvas, highest, 3, sides) if has_scale else canvas.left
    step = (canvas.right - start) / len(slots)
    columns = list[Column]()
    for place, (slot, number) in enumerate(zip(slots, numbers, strict=True)):
        left = start + place * step
        y = base - number / highest * (base - top)
        columns.append(Column(slot, left, left + step / 2, y))
    return Plot(start, canvas.right, top, base, step, has_scale, columns)


def _find_number(slot: Slot) -> float:
    return float(slot.row["value"] or 0) if slot.row else 0


def _draw_bands(canvas: Canvas, plot: Plot) -> None:
    """Draw a band over times without a number, so that none reads as zero, and in it why."""
    for band in list_bands([column.slot for column in plot.columns]):
        left, top = plot.columns[band.first].left, plot.top - 20
        width = plot.width * band.length
        title = f"{band.times}: {band.words}"
        canvas.rect(left, top, width, plot.base - top, "tint", title)
        _write_in_band(canvas, plot, band.words, left + width / 2, width - 6)


def _write_in_band(
    canvas: Canvas, plot: Plot, words: str, x: float, room: float
) -> None:
    """Write words above the base, unless they would be cut: the notes have them."""
    size = canvas.layout.small
    lines = wrap(words, size, room)
    is_cut = " ".join(lines) != words
    y = plot.base - 8 - LINE * (len(lines) - 1)
    for line in [] if is_cut else lines:
        canvas.text(line, x, y, size, "muted", "middle")
        y += LINE


def _draw_column(canvas: Canvas, plot: Plot, column: Column, drawing: Drawing) -> None:
    row = column.slot.row
    if row is None or row["value"] is None:
        return
    width = min(SHARE * plot.width, WIDEST)
    is_high = row["id"] in drawing.highlight
    name = "high" if is_high else "mark"
    if is_dashed(row):
        name = "part high" if is_high else "part"
    height = plot.base - column.top
    left = column.x - width / 2
    canvas.rect(left, column.top, width, height, name, say_hover(drawing, row))


def _write_numbers(canvas: Canvas, plot: Plot, drawing: Drawing) -> None:
    """Write the numbers above their columns: the highlighted ones, the highest, the last, the first, and others.

    Beside a scale others are left out, unless all have room.
    """
    columns = [column for column in plot.columns if _has_number(column.slot)]
    order = _choose_labelled(columns, drawing)
    order += columns if not plot.has_scale else []
    size = canvas.layout.label
    labels = [
        (column.x, text_width(column.shown, size, True) + 4, column) for column in order
    ]
    left = plot.left if plot.has_scale else canvas.left
    for x, column in place_apart(labels, left - 2, plot.right + 2):
        half = text_width(column.shown, size, True) / 2
        y = _find_top(plot, x - half, x + half)
        name = "b high" if column.is_in(drawing.highlight) else "b"
        canvas.text(column.shown, x, y - 7, size, name, "middle")


def _choose_labelled(columns: Sequence[Column], drawing: Drawing) -> list[Column]:
    highest = min(columns, key=lambda column: column.top)
    marked = [column for column in columns if column.is_in(drawing.highlight)]
    return [*marked, highest, columns[-1], columns[0]]


def _find_top(plot: Plot, left: float, right: float) -> float:
    """Return the top of the highest column between two places."""
    half = plot.width / 2
    return min(
        column.top
        for column in plot.columns
        if column.x - half < right and column.x + half > left
    )


def _write_times(canvas: Canvas, plot: Plot, drawing: Drawing) -> int:
    """Write the times below: the highlighted ones, the last and the first, and as many between as have room.

    Return how many lines they have.
    """
    size, columns = _find_size(canvas), plot.columns
    lines = [_wrap_time(canvas, plot, column) for column in columns]
    most = max(map(len, lines))
    gap = 8 if most == 1 else APART
    widest = max(text_width(line, size, True) for each in lines for line in each) + gap
    every = next(step for step in STEPS if widest <= step * plot.width)
    marked = [column for column in columns if column.is_in(drawing.highlight)]
    labels = [
        (column.x, widest, column)
        for column in (*marked, columns[-1], columns[0], *columns[::every])
    ]
    sides = canvas.left - gap / 2, canvas.right + gap / 2
    for x, column in place_apart(labels, *sides):
        name = "b" if column in marked else "muted"
        y = plot.base + 18
        for line in _wrap_time(canvas, plot, column):
            canvas.text(line, x, y, size, name, "middle")
            y += LINE
    return most


def _wrap_time(canvas: Canvas, plot: Plot, column: Column) -> list[str]:
    """Break a day into lines, so that each is named; a year is one word."""
    words, size = column.slot.label.split(), _find_size(canvas)
    longest = max(text_width(word, size, True) for word in words)
    room = max(plot.width - APART, longest)
    return wrap(column.slot.label, size, room, True)


def _find_break(slots: Sequence[Slot]) -> str | None:
    """Return the first figure that is counted otherwise than the one before it."""
    rows = [slot.row for slot in slots if slot.row]
    for before, row in pairwise(rows):
        stretches = before["stretch"], row["stretch"]
        if None not in stretches and len({*stretches}) > 1:
            return str(row["id"])
    return None


def _find_words(canvas: Canvas, drawing: Drawing, slots: Sequence[Slot]) -> list[str]:
    """Return the lines that stand above the columns: an editor's words, or that the counting changes."""
    text = drawing.annotation.text if drawing.annotation else ""
    if not text and _find_break(slots):
        text = BREAK
    return wrap(text, canvas.layout.small, max(0.42 * canvas.width, 150))


def _write_words(
    canvas: Canvas, plot: Plot, drawing: Drawing, lines: Sequence[str]
) -> None:
    """Draw the line at a break, and write the words beside it or above their column."""
    broken = _find_break([column.slot for column in plot.columns])
    top = plot.top - LINE * len(lines) - canvas.layout.label - 8
    at = drawing.annotation.id if drawing.annotation else broken
    if broken:
        left = _find_column(plot, broken).left
        canvas.line(left, top, left, plot.base + 6, "break")
    if at:
        column, size = _find_column(plot, at), canvas.layout.small
        widest = max(text_width(line, size) for line in lines)
        x = column.left if at == broken else column.x
        if at != broken:
            above = column.top - canvas.layout.label - 8
            canvas.line(x, top, x, above, "grid")
        canvas.block(lines, min(x + 6, canvas.right - widest), top + 12, size, "", LINE)


def _find_column(plot: Plot, identity: str) -> Column:
    return next(column for column in plot.columns if column.is_in([identity]))
