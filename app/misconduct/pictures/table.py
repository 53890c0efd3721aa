"""Draw rows of different times or units as a table: name, number, day, and who printed it."""

from collections.abc import Sequence

from misconduct.pictures.bars import Entry, list_entries
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing

LINE = 16
HEADINGS = ("Number", "When", "Printed by")


def draw_table(canvas: Canvas, drawing: Drawing) -> None:
    """Draw a table below what there is. On a narrow picture the day and the publisher stand below the name."""
    entries = list_entries(drawing)
    if canvas.layout.is_narrow:
        _draw_narrow(canvas, drawing, entries)
    else:
        _draw_wide(canvas, drawing, entries)
    canvas.y += 8


def _name_classes(drawing: Drawing, entry: Entry) -> str:
    if entry.row is None:
        return "muted"
    return "b high" if entry.row["id"] in drawing.highlight else ""


def _draw_wide(canvas: Canvas, drawing: Drawing, entries: Sequence[Entry]) -> None:
    layout = canvas.layout
    shown = [entry.shown for entry in entries if entry.row]
    of_numbers = max(text_width(text, layout.label, True) for text in shown)
    of_numbers = max(of_numbers, text_width(HEADINGS[0], layout.small))
    of_names = 0.34 * canvas.width
    after_numbers = canvas.left + of_names + of_numbers + 8
    when = after_numbers + 18
    rest = canvas.right - when
    by = when + 0.48 * rest
    canvas.y += LINE
    canvas.text(HEADINGS[0], after_numbers, canvas.y, layout.small, "muted", "end")
    canvas.text(HEADINGS[1], when, canvas.y, layout.small, "muted")
    canvas.text(HEADINGS[2], by, canvas.y, layout.small, "muted")
    canvas.y += 7
    canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "base")
    for entry in entries:
        name = _name_classes(drawing, entry)
        names = wrap(entry.name, layout.label, of_names - 8, True)
        times, publishers = list[str](), list[str]()
        canvas.y += LINE + 4
        if entry.row:
            times = wrap(entry.row["time"], layout.small, by - when - 10)
            publishers = wrap(entry.row["publisher"], layout.small, canvas.right - by)
            bold = f"b {name.removeprefix('b').strip()}".strip()
            canvas.text(entry.shown, after_numbers, canvas.y, layout.label, bold, "end")
        else:
            canvas.text(entry.shown, when, canvas.y, layout.small, "muted")
        _write(canvas, names, canvas.left, layout.label, name)
        _write(canvas, times, when, layout.small, "muted")
        _write(canvas, publishers, by, layout.small, "muted")
        most = max(len(names), len(times), len(publishers), 1)
        canvas.y += LINE * (most - 1) + 8
        canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "grid")


def _write(
    canvas: Canvas, lines: Sequence[str], x: float, size: float, name: str
) -> None:
    for place, line in enumerate(lines):
        canvas.text(line, x, canvas.y + LINE * place, size, name)


def _draw_narrow(canvas: Canvas, drawing: Drawing, entries: Sequence[Entry]) -> None:
    layout = canvas.layout
    canvas.y += 4
    canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "base")
    for entry in entries:
        name = _name_classes(drawing, entry)
        bold = f"b {name.removeprefix('b').strip()}".strip() if entry.row else "muted"
        room = canvas.width - text_width(entry.shown, layout.label, True) - 14
        names = wrap(entry.name, layout.label, room, True)
        canvas.y += LINE + 5
        canvas.text(entry.shown, canvas.right, canvas.y, layout.label, bold, "end")
        _write(canvas, names, canvas.left, layout.label, name)
        canvas.y += LINE * (len(names) - 1)
        if entry.row:
            about = f"{entry.row['time']} · {entry.row['publisher']}"
            lines = wrap(about, layout.small, canvas.width)
            canvas.y += LINE
            _write(canvas, lines, canvas.left, layout.small, "muted")
            canvas.y += LINE * (len(lines) - 1)
        canvas.y += 8
        canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "grid")
