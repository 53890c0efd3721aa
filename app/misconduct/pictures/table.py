"""Draw rows of different times or units as a table: name, number, day, and who printed it."""

from collections.abc import Sequence
from typing import NamedTuple

from misconduct.model.wording import capitalise
from misconduct.pictures.bars import LINE, Entry, list_entries
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing

WIDEST = {"time": 0.22, "publisher": 0.2}  # of the picture
HEADS = {"time": "When", "publisher": "Printed by"}
GAP = 18


class Column(NamedTuple):
    """A column that says of each row something that its rows differ in: where it begins, and how wide it is."""

    name: str
    left: float
    width: float


class Places(NamedTuple):
    """How wide names are, where numbers end, and the columns after them."""

    names: float
    numbers: float
    columns: Sequence[Column]


def draw_table(canvas: Canvas, drawing: Drawing) -> None:
    """Draw a table below what there is. On a narrow picture the day and the publisher stand below the name."""
    entries = list_entries(drawing)
    differing = _find_differing(entries)
    places = None
    if not canvas.layout.is_narrow:
        places = _measure(canvas, entries, differing)
        _draw_head(canvas, places)
    canvas.y += 7
    canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "base")
    for entry in entries:
        canvas.y += LINE + 4
        if places:
            _draw_wide(canvas, entry, places)
        else:
            _draw_narrow(canvas, entry, differing)
        canvas.y += 8
        canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "grid")
    canvas.y += 8


def _find_differing(entries: Sequence[Entry]) -> list[str]:
    """Return in which columns rows differ. What all share stands above or below the figures."""
    rows = [entry.row for entry in entries if entry.row]
    named = {entry.name for entry in entries}
    return [
        name
        for name in HEADS
        if len({row[name] for row in rows}) > 1
        and named.isdisjoint(capitalise(row[name]) for row in rows)
    ]


def _measure(
    canvas: Canvas, entries: Sequence[Entry], differing: Sequence[str]
) -> Places:
    """Give each column the room that it needs, and names what is left."""
    small = canvas.layout.small
    rows = [entry.row for entry in entries if entry.row]
    columns = list[Column]()
    right = canvas.right
    for name in reversed(differing):
        texts = [HEADS[name], *(row[name] for row in rows)]
        widths = [text_width(text, small) for text in texts]
        width = min(max(widths) + 1, WIDEST[name] * canvas.width)
        columns.insert(0, Column(name, right - width, width))
        right -= width + GAP
    shown = [entry.shown for entry in entries if entry.row]
    widest = max(text_width(text, canvas.layout.label, True) for text in shown)
    return Places(right - widest - 12 - canvas.left, right, columns)


def _draw_head(canvas: Canvas, places: Places) -> None:
    canvas.y += LINE if places.columns else 0
    for column in places.columns:
        text = HEADS[column.name]
        canvas.text(text, column.left, canvas.y, canvas.layout.small, "muted")


def _draw_wide(canvas: Canvas, entry: Entry, places: Places) -> None:
    label, small = canvas.layout.label, canvas.layout.small
    canvas.text(entry.shown, places.numbers, canvas.y, label, entry.weight, "end")
    most = _write_name(canvas, entry, places.names)
    row = entry.row or {}  # a place that was asked has none
    for column in places.columns:
        lines = wrap(row.get(column.name, ""), small, column.width)
        canvas.block(lines, column.left, canvas.y, small, "muted", LINE)
        most = max(most, len(lines))
    canvas.y += LINE * (most - 1)


def _write_name(canvas: Canvas, entry: Entry, room: float) -> int:
    """Write a name. Return how many lines it has."""
    size = canvas.layout.label
    names = wrap(entry.name, size, room, True)
    canvas.block(names, canvas.left, canvas.y, size, entry.style, LINE)
    return len(names)


def _draw_narrow(canvas: Canvas, entry: Entry, differing: Sequence[str]) -> None:
    label, small = canvas.layout.label, canvas.layout.small
    room = canvas.width - text_width(entry.shown, label, True) - 14
    canvas.text(entry.shown, canvas.right, canvas.y, label, entry.weight, "end")
    canvas.y += LINE * (_write_name(canvas, entry, room) - 1)
    if entry.row and differing:
        about = " · ".join(entry.row[name] for name in differing)
        lines = wrap(about, small, canvas.width)
        canvas.block(lines, canvas.left, canvas.y + LINE, small, "muted", LINE)
        canvas.y += LINE * len(lines)
