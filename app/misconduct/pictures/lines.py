"""Draw two to five series as lines on one scale from zero, each with its name and its last number at its end."""

from collections.abc import Sequence
from typing import NamedTuple

from misconduct.model.figure import Row
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing, is_dashed, say_hover
from misconduct.pictures.form import find_moment, group_series
from misconduct.pictures.scale import find_ticks
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


class Plot(NamedTuple):
    left: float
    right: float
    top: float
    base: float
    first: float
    last: float
    highest: float

    def place(self, row: Row) -> tuple[float, float]:
        """Return where a row stands."""
        return self.place_year(find_moment(row)), self.place_number(float(row["value"]))

    def place_year(self, year: float) -> float:
        part = (year - self.first) / max(self.last - self.first, 1)
        return self.left + part * (self.right - self.left)

    def place_number(self, number: float) -> float:
        part = number / self.highest if self.highest else 0
        return self.base - part * (self.base - self.top)


def draw_lines(canvas: Canvas, drawing: Drawing) -> None:
    """Draw lines below what there is."""
    lines = _make_lines(canvas, drawing)
    names = [
        text_width(text, canvas.layout.small, True)
        for line in lines
        for text in (*line.name, line.number)
    ]
    highest = max(float(row["value"]) for row in drawing.rows)
    ticks = find_ticks(highest, 4)
    scale = max(
        [0, *(text_width(f"{tick:,g}", canvas.layout.source) for tick in ticks)]
    )
    needed = sum(STEP * (len(line.name) + 1) + GAP for line in lines)
    top = canvas.y + 24
    base = top + max(canvas.high, needed)
    years = [find_moment(row) for row in drawing.rows]
    plot = Plot(
        canvas.left + scale + 12,
        canvas.right - max(names) - 12,
        top,
        base,
        min(years),
        max(years),
        highest,
    )
    for tick in ticks:
        y = plot.place_number(tick)
        canvas.line(plot.left - 6, y, plot.right + 4, y, "grid")
        size = canvas.layout.source
        canvas.text(f"{tick:,g}", plot.left - 12, y + 4, size, "muted", "end")
    canvas.line(plot.left - 6, base, plot.right + 4, base, "base")
    for line in sorted(lines, key=lambda line: line.is_high):
        _draw_line(canvas, plot, line, drawing)
    _write_names(canvas, plot, lines)
    _write_years(canvas, plot, drawing)
    canvas.y = base + 26


def _make_lines(canvas: Canvas, drawing: Drawing) -> list[Line]:
    found = list[Line]()
    for rows in group_series(drawing.rows):
        name = drawing.names[rows[-1]["id"]]
        size, room = canvas.layout.small, WIDEST_NAME * canvas.width
        mark = "*" if is_dashed(rows[-1]) else ""
        is_high = any(row["id"] in drawing.highlight for row in rows)
        number = f"{rows[-1]['shown']}{mark}"
        found.append(Line(rows, wrap(name, size, room, True), number, is_high))
    return found


def _draw_line(canvas: Canvas, plot: Plot, line: Line, drawing: Drawing) -> None:
    """Draw a line with a dot at each number. It is open where a year has none, and dashed to a number of a part."""
    name = "path high" if line.is_high else "path"
    before: Row | None = None
    for row in line.rows:
        if before and find_moment(row) - find_moment(before) <= MOST_APART:
            dash = " dash" if is_dashed(row) or is_dashed(before) else ""
            canvas.path([plot.place(before), plot.place(row)], f"{name}{dash}")
        before = row
    highest = max(line.rows, key=lambda row: float(row["value"]))
    for row in line.rows:
        x, y = plot.place(row)
        is_end = row is line.rows[-1] or (line.is_high and row is highest)
        mark = "high" if line.is_high else "dot"
        canvas.circle(x, y, 4 if is_end else 3, mark, say_hover(drawing, row))
    if line.is_high and highest is not line.rows[-1]:
        x, y = plot.place(highest)
        half = text_width(highest["shown"], canvas.layout.label, True) / 2
        x = max(x, plot.left - 6 + half)
        canvas.text(highest["shown"], x, y - 9, canvas.layout.label, "b high", "middle")


def _write_names(canvas: Canvas, plot: Plot, lines: Sequence[Line]) -> None:
    """Write each name and number beside the end of its line, as near as others leave room."""
    ordered = sorted(lines, key=lambda line: plot.place(line.rows[-1])[1])
    tops = list[float]()
    below = plot.top - 28
    for line in ordered:
        wanted = plot.place(line.rows[-1])[1] - 4
        tops.append(max(wanted, below))
        below = tops[-1] + STEP * (len(line.name) + 1) + GAP
    limit = plot.base + 4
    for place in reversed(range(len(tops))):
        height = STEP * (len(ordered[place].name) + 1)
        tops[place] = min(tops[place], limit - height)
        limit = tops[place] - GAP
    for line, top in zip(ordered, tops, strict=True):
        high = " high" if line.is_high else ""
        y = top + 8
        for text in line.name:
            canvas.text(text, plot.right + 12, y, canvas.layout.small, f"b{high}")
            y += STEP
        name = "high" if line.is_high else "muted"
        canvas.text(line.number, plot.right + 12, y, canvas.layout.small, name)


def _write_years(canvas: Canvas, plot: Plot, drawing: Drawing) -> None:
    labels = _label_years(drawing)
    size = 13.0
    widest = max(text_width(label, size) for label in labels.values()) + 12
    taken = list[float]()
    for year in (plot.last, plot.first, *sorted(labels)):
        x = plot.place_year(year)
        if year in labels and all(abs(x - other) >= widest for other in taken):
            taken.append(x)
            canvas.text(labels[year], x, plot.base + 18, size, "muted", "middle")


def _label_years(drawing: Drawing) -> dict[float, str]:
    found = dict[float, str]()
    for rows in group_series(drawing.rows):
        for slot in make_slots(rows):
            if slot.row:
                found[find_moment(slot.row)] = slot.label
    return found
