"""Draw two to five series as lines on one scale from zero, each with its name and its last number at its end."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from misconduct.model.figure import Row
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing, is_dashed, say_hover
from misconduct.pictures.form import find_moment, group_series
from misconduct.pictures.scale import draw_scale, place_apart
from misconduct.pictures.slots import make_slots

STEP = 15  # pixels from a line of a name to the next
GAP = 7  # between the names of two lines
WIDEST_NAME = 0.29  # of the picture
MOST_APART = 1.1  # years between the numbers that a line joins


class Line(NamedTuple):
    """A series, and what stands at its end."""

    rows: Sequence[Row]
    name: Sequence[str]
    number: str
    is_high: bool

    @property
    def style(self) -> str:
        return "high" if self.is_high else ""

    @property
    def height(self) -> float:
        return STEP * (len(self.name) + 1)


class Plot(NamedTuple):
    """Where numbers stand: by their year from left to right, and by their value from the base up."""

    left: float
    right: float
    top: float
    base: float
    first: float
    last: float
    highest: float

    def place(self, row: Row) -> tuple[float, float]:
        """Return where a row stands."""
        return self.find_x(find_moment(row)), self.find_y(float(row["value"]))

    def find_x(self, moment: float) -> float:
        part = (moment - self.first) / max(self.last - self.first, 1)
        return self.left + part * (self.right - self.left)

    def find_y(self, number: float) -> float:
        return self.base - number / self.highest * (self.base - self.top)


def draw_lines(canvas: Canvas, drawing: Drawing) -> None:
    """Draw lines below what there is, on a scale at the left."""
    lines = _make_lines(canvas, drawing)
    plot = _make_plot(canvas, drawing, lines)
    canvas.line(plot.left - 6, plot.base, plot.right + 4, plot.base, "base")
    for line in sorted(lines, key=lambda line: line.is_high):
        _draw_line(canvas, plot, line, drawing)
    _write_names(canvas, plot, lines)
    _write_years(canvas, plot, drawing)
    canvas.y = plot.base + 26


def _make_lines(canvas: Canvas, drawing: Drawing) -> list[Line]:
    found = list[Line]()
    for rows in group_series(drawing.rows):
        name = drawing.names[rows[-1]["id"]]
        room = WIDEST_NAME * canvas.width
        lines = wrap(name, canvas.layout.small, room, True)
        mark = "*" if is_dashed(rows[-1]) else ""
        is_high = any(row["id"] in drawing.highlight for row in rows)
        found.append(Line(rows, lines, f"{rows[-1]['shown']}{mark}", is_high))
    if all(line.is_high for line in found):  # one colour tells one line from others
        found[1:] = [line._replace(is_high=False) for line in found[1:]]
    return found


def _make_plot(canvas: Canvas, drawing: Drawing, lines: Sequence[Line]) -> Plot:
    size = canvas.layout.small
    names = [text for line in lines for text in (*line.name, line.number)]
    after = max(text_width(text, size, True) for text in names) + 12
    needed = sum(line.height + GAP for line in lines)
    moments = [find_moment(row) for row in drawing.rows]
    highest = max(float(row["value"]) for row in drawing.rows) or 1
    top, right = canvas.y + 24, canvas.right - after
    base = top + max(canvas.high, needed)
    left = draw_scale(canvas, highest, 4, (right + 4, top, base)) + 6
    return Plot(left, right, top, base, min(moments), max(moments), highest)


def _draw_line(canvas: Canvas, plot: Plot, line: Line, drawing: Drawing) -> None:
    """Draw a line with a dot at each number. It is open where a year has none, and dashed to a number of a part."""
    for before, row in pairwise(line.rows):
        if find_moment(row) - find_moment(before) <= MOST_APART:
            dash = "dash" if is_dashed(row) or is_dashed(before) else ""
            name = " ".join(filter(None, ("path", line.style, dash)))
            canvas.line(*plot.place(before), *plot.place(row), name)
    last = line.rows[-1]
    for row in line.rows:
        radius = 4 if row is last else 3
        title = say_hover(drawing, row)
        canvas.circle(*plot.place(row), radius, line.style or "dot", title)
    _write_numbers(canvas, plot, line, drawing)


def _write_numbers(canvas: Canvas, plot: Plot, line: Line, drawing: Drawing) -> None:
    """Write the numbers that an editor highlights; of the line in colour, if there are none, the highest.

    The last stands at the end of its line.
    """
    *before, last = line.rows
    marked = [row for row in before if row["id"] in drawing.highlight]
    if line.is_high and not marked:
        marked = [max(line.rows, key=lambda row: float(row["value"]))]
    size = canvas.layout.label
    for row in marked:
        if row is not last:
            half = text_width(row["shown"], size, True) / 2
            x = max(plot.place(row)[0], plot.left - 6 + half)
            y = _find_top(plot, line, x - half, x + half) - 9
            canvas.text(row["shown"], x, y, size, f"b {line.style}".strip(), "middle")


def _find_top(plot: Plot, line: Line, left: float, right: float) -> float:
    """Return the highest place of a line between two sides."""
    places = [plot.place(row) for row in line.rows]
    tops = [y for x, y in places if left <= x <= right]
    for (x, y), (next_x, next_y) in pairwise(places):
        sides = [side for side in (left, right) if x < side < next_x]
        tops += [y + (next_y - y) * (side - x) / (next_x - x) for side in sides]
    return min(tops)


def _write_names(canvas: Canvas, plot: Plot, lines: Sequence[Line]) -> None:
    """Write each name and number beside the end of its line, as near as others leave room."""
    ordered = sorted(lines, key=lambda line: plot.place(line.rows[-1])[1])
    x, size = plot.right + 12, canvas.layout.small
    for line, top in zip(ordered, _find_tops(plot, ordered), strict=True):
        canvas.block(line.name, x, top + 8, size, f"b {line.style}".strip(), STEP)
        y = top + 8 + STEP * len(line.name)
        canvas.text(line.number, x, y, size, line.style or "muted")


def _find_tops(plot: Plot, lines: Sequence[Line]) -> list[float]:
    """Return where the names of lines begin: pushed down from the top, and then up from the base."""
    tops = list[float]()
    least = plot.top - 28
    for line in lines:
        tops.append(max(plot.place(line.rows[-1])[1] - 4, least))
        least = tops[-1] + line.height + GAP
    most = plot.base + 4
    for place, line in reversed([*enumerate(lines)]):
        tops[place] = min(tops[place], most - line.height)
        most = tops[place] - GAP
    return tops


def _write_years(canvas: Canvas, plot: Plot, drawing: Drawing) -> None:
    labels = dict[float, str]()
    for rows in group_series(drawing.rows):
        for slot in make_slots(rows):
            if slot.row:
                labels[plot.find_x(find_moment(slot.row))] = slot.label
    size = 13.0
    widest = max(text_width(label, size) for label in labels.values()) + 12
    order = [plot.right, plot.left, *sorted(labels)]
    found = [(x, widest, labels[x]) for x in order if x in labels]
    for x, label in place_apart(found, 0, canvas.layout.width):
        canvas.text(label, x, plot.base + 18, size, "muted", "middle")
