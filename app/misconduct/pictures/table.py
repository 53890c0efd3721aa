"""Draw rows of different times or units as a table: name, number, day, and who printed it."""

from collections.abc import Sequence
from typing import NamedTuple

from misconduct.pictures.bars import LINE, Entry, list_entries
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing

NAMES, TIMES = 0.34, 0.48  # of the width, and of what numbers leave


class Places(NamedTuple):
    """Where numbers end, and where times and publishers begin."""

    numbers: float
    when: float
    by: float


def draw_table(canvas: Canvas, drawing: Drawing) -> None:
    """Draw a table below what there is. On a narrow picture the day and the publisher stand below the name."""
    entries = list_entries(drawing)
    places = None if canvas.layout.is_narrow else _measure(canvas, entries)
    if places:
        canvas.y += LINE
        size = canvas.layout.small
        canvas.text("Number", places.numbers, canvas.y, size, "muted", "end")
        canvas.text("When", places.when, canvas.y, size, "muted")
        canvas.text("Printed by", places.by, canvas.y, size, "muted")
    canvas.y += 7
    canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "base")
    for entry in entries:
        canvas.y += LINE + 4
        if places:
            _draw_wide(canvas, entry, places)
        else:
            _draw_narrow(canvas, entry)
        canvas.y += 8
        canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "grid")
    canvas.y += 8


def _measure(canvas: Canvas, entries: Sequence[Entry]) -> Places:
    shown = ["Number", *(entry.shown for entry in entries if entry.row)]
    widest = max(text_width(text, canvas.layout.label, True) for text in shown)
    numbers = canvas.left + NAMES * canvas.width + widest + 8
    when = numbers + 18
    return Places(numbers, when, when + TIMES * (canvas.right - when))


def _draw_wide(canvas: Canvas, entry: Entry, places: Places) -> None:
    label, small = canvas.layout.label, canvas.layout.small
    names = wrap(entry.name, label, NAMES * canvas.width - 8, True)
    canvas.block(names, canvas.left, canvas.y, label, entry.style, LINE)
    times, publishers = [entry.shown], list[str]()
    if entry.row:
        times = wrap(entry.row["time"], small, places.by - places.when - 10)
        publishers = wrap(entry.row["publisher"], small, canvas.right - places.by)
        canvas.text(entry.shown, places.numbers, canvas.y, label, entry.weight, "end")
    canvas.block(times, places.when, canvas.y, small, "muted", LINE)
    canvas.block(publishers, places.by, canvas.y, small, "muted", LINE)
    canvas.y += LINE * (max(map(len, (names, times, publishers))) - 1)


def _draw_narrow(canvas: Canvas, entry: Entry) -> None:
    label, small = canvas.layout.label, canvas.layout.small
    room = canvas.width - text_width(entry.shown, label, True) - 14
    names = wrap(entry.name, label, room, True)
    canvas.text(entry.shown, canvas.right, canvas.y, label, entry.weight, "end")
    canvas.block(names, canvas.left, canvas.y, label, entry.style, LINE)
    canvas.y += LINE * (len(names) - 1)
    if entry.row:
        about = f"{entry.row['time']} · {entry.row['publisher']}"
        lines = wrap(about, small, canvas.width)
        canvas.block(lines, canvas.left, canvas.y + LINE, small, "muted", LINE)
        canvas.y += LINE * len(lines)
