"""Draw rows of different times or units as a table: name and number, and below them the day and who printed it."""

from collections.abc import Sequence

from misconduct.model.wording import capitalise
from misconduct.pictures.bars import LINE, Entry, list_entries, write_entry
from misconduct.pictures.canvas import Canvas, wrap
from misconduct.pictures.drawing import Drawing

COLUMNS = ("time", "publisher")


def draw_table(canvas: Canvas, drawing: Drawing) -> None:
    """Draw a table below what there is."""
    entries = list_entries(drawing)
    differing = _find_differing(entries)
    canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "base")
    for entry in entries:
        write_entry(canvas, entry)
        _write_about(canvas, entry, differing)
        canvas.y += 8
        canvas.line(canvas.left, canvas.y, canvas.right, canvas.y, "grid")
    canvas.y += 8


def _find_differing(entries: Sequence[Entry]) -> list[str]:
    """Return in which columns rows differ. What all share stands above or below the figures."""
    rows = [entry.row for entry in entries if entry.row]
    return [name for name in COLUMNS if len({row[name] for row in rows}) > 1]


def _write_about(canvas: Canvas, entry: Entry, differing: Sequence[str]) -> None:
    if entry.row and differing:
        about = " · ".join(entry.row[name] for name in differing)
        size = canvas.layout.small
        lines = wrap(capitalise(about), size, canvas.width)
        canvas.lines(lines, size, LINE, "muted")
