"""Draw kinds or places at one time as bars: all of them, or none; and draw rows of mixed times as a table."""

from collections.abc import Sequence
from typing import NamedTuple

from misconduct.model.figure import Row
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing, is_dashed, say_hover, say_size

STEP = 27  # pixels from a row to the next
BAR = 17  # height of a bar
THIN = 9  # of a bar below its row
LINE = 16
SIZES = "officers"


class Entry(NamedTuple):
    """A row of bars: a name, the size of a force, and a number with its row; or words in the place of a number."""

    name: str
    size: str
    row: Row | None
    shown: str

    @property
    def number(self) -> float | None:
        has_number = self.row is not None and self.row["value"] is not None
        return float(self.row["value"]) if self.row and has_number else None


def list_entries(drawing: Drawing) -> list[Entry]:
    """Return the rows of bars, with the places that were asked and have no number."""
    found = list[Entry]()
    for row in drawing.rows:
        size = drawing.against.get(row["area_code"])
        said = say_size(size) if size else ""
        shown = row["shown"] if row["value"] is not None else row["shown"].lower()
        found.append(Entry(drawing.names[row["id"]], said, row, shown))
    for name, words in drawing.absent:
        found.append(Entry(name, "", None, words))
    return found


def draw_bars(canvas: Canvas, drawing: Drawing) -> None:
    """Draw bars below what there is: beside their names, or below them on a narrow picture."""
    entries = list_entries(drawing)
    highest = max(entry.number or 0 for entry in entries) or 1
    if canvas.layout.is_narrow:
        _draw_narrow(canvas, drawing, entries, highest)
    else:
        _draw_wide(canvas, drawing, entries, highest)
    canvas.y += 8


def _find_mark(drawing: Drawing, entry: Entry) -> tuple[str, str]:
    """Return the classes of a bar, and of the words beside it."""
    is_high = entry.row is not None and entry.row["id"] in drawing.highlight
    mark, words = ("high", "high") if is_high else ("mark", "")
    if entry.row and is_dashed(entry.row):
        mark = "part high" if is_high else "part"
    if entry.number is None:
        words = "muted"
    return mark, words


def _draw_wide(
    canvas: Canvas, drawing: Drawing, entries: Sequence[Entry], highest: float
) -> None:
    layout = canvas.layout
    sizes = [text_width(entry.size, layout.label) for entry in entries if entry.size]
    of_sizes = max([text_width(SIZES, layout.small), *sizes]) + 16 if sizes else 0
    numbers = [entry for entry in entries if entry.number is not None]
    of_numbers = max(text_width(one.shown, layout.label, True) for one in numbers) + 16
    room = 0.42 * canvas.width
    names = [wrap(entry.name, layout.label, room, True) for entry in entries]
    of_names = max(
        text_width(line, layout.label, True) for lines in names for line in lines
    )
    after_sizes = canvas.left + of_names + of_sizes
    base = after_sizes + of_numbers + 10
    if sizes:
        canvas.y += LINE + 4
        canvas.text(SIZES, after_sizes, canvas.y, layout.small, "muted", "end")
    top = canvas.y + 4
    step = STEP if layout.height is None else 24
    for entry, lines in zip(entries, names, strict=True):
        mark, words = _find_mark(drawing, entry)
        middle = canvas.y + (step + LINE * (len(lines) - 1)) / 2 + 4
        y = middle - LINE * (len(lines) - 1) / 2 + 5
        bold = "b high" if words == "high" else words
        for place, line in enumerate(lines):
            canvas.text(line, canvas.left, y + LINE * place, layout.label, bold)
        canvas.text(entry.size, after_sizes, middle + 5, layout.small, "muted", "end")
        if entry.row is None or entry.number is None:
            canvas.text(entry.shown, base + 6, middle + 5, layout.small, "muted")
        else:
            canvas.text(
                entry.shown,
                base - 10,
                middle + 5,
                layout.label,
                f"b {words}".strip(),
                "end",
            )
            width = entry.number / highest * (canvas.right - base)
            title = say_hover(drawing, entry.row)
            canvas.rect(base, middle - BAR / 2, width, BAR, mark, title)
        canvas.y += step + LINE * (len(lines) - 1)
    canvas.line(base - 0.5, top, base - 0.5, canvas.y + 4, "base")


def _draw_narrow(
    canvas: Canvas, drawing: Drawing, entries: Sequence[Entry], highest: float
) -> None:
    layout = canvas.layout
    for entry in entries:
        mark, words = _find_mark(drawing, entry)
        size = f"  {entry.size} {SIZES}" if entry.size else ""
        is_bold = entry.number is not None
        number_width = text_width(entry.shown, layout.label, is_bold) + 12
        room = canvas.width - number_width - text_width(size, layout.small)
        name = "b high" if words == "high" else words
        lines = wrap(entry.name, layout.label, room, True)
        canvas.y += LINE + 4
        for place, line in enumerate(lines):
            canvas.text(line, canvas.left, canvas.y + LINE * place, layout.label, name)
        canvas.y += LINE * (len(lines) - 1)
        width = text_width(lines[-1], layout.label, words == "high")
        after = canvas.left + width + 8
        canvas.text(size.strip(), after, canvas.y, layout.small, "muted")
        bold = f"b {words}".strip() if is_bold else "muted"
        canvas.text(entry.shown, canvas.right, canvas.y, layout.label, bold, "end")
        if entry.row and entry.number is not None:
            width = entry.number / highest * canvas.width
            title = say_hover(drawing, entry.row)
            canvas.rect(canvas.left, canvas.y + 4, width, THIN, mark, title)
            canvas.y += THIN
