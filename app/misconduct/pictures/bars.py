"""Draw kinds or places at one time as bars: all of them, or none."""

from collections.abc import Sequence
from typing import NamedTuple

from misconduct.model.figure import Row
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing, is_dashed, say_hover, say_size

STEP = 27  # pixels from a row to the next
STEP_OF_CARD = 24
STEP_OF_MANY, MANY = 21, 16  # so that those of all forces stand on one screen
THICKEST = 0.63  # of a step that a bar takes
THIN = 9  # of a bar below its row
LINE = 16
WIDEST_NAME = 0.42  # of the picture
SIZES = "officers"


class Entry(NamedTuple):
    """A row of a picture: a name, the size of a force, and what is shown: a number, or words in its place."""

    name: str
    size: str
    row: Row | None
    shown: str
    is_high: bool = False

    @property
    def number(self) -> float | None:
        value = self.row["value"] if self.row else None
        return None if value is None else float(value)

    @property
    def style(self) -> str:
        """Return the classes of its words."""
        if self.row is None:
            return "muted"
        return "b high" if self.is_high else ""

    @property
    def weight(self) -> str:
        """Return the classes of its number, or of words in the place of one."""
        if self.number is None:
            return "muted"
        return "b high" if self.is_high else "b"


class Places(NamedTuple):
    """Where the columns of a picture end: sizes, numbers; what length the highest number has, and how high rows are."""

    sizes: float
    numbers: float
    highest: float
    step: float


def list_entries(drawing: Drawing) -> list[Entry]:
    """Return the rows of a picture, with the places that were asked and have no number."""
    found = list[Entry]()
    for row in drawing.rows:
        size = drawing.against.get(row["area_code"])
        said = say_size(size) if size else ""
        shown = row["shown"] if row["value"] is not None else row["shown"].lower()
        is_high = row["id"] in drawing.highlight
        found.append(Entry(drawing.names[row["id"]], said, row, shown, is_high))
    absent = [Entry(name, "", None, words) for name, words in drawing.absent]
    return found + absent


def draw_bars(canvas: Canvas, drawing: Drawing) -> None:
    """Draw bars below what there is: beside their names, or below them on a narrow picture."""
    entries = list_entries(drawing)
    highest = max(entry.number or 0 for entry in entries) or 1
    if canvas.layout.is_narrow:
        for entry in entries:
            _draw_below(canvas, drawing, entry, highest)
    else:
        places = _measure(canvas, entries, highest)
        if drawing.against:
            canvas.y += LINE + 4
            size = canvas.layout.small
            canvas.text(SIZES, places.sizes, canvas.y, size, "muted", "end")
        top = canvas.y + 4
        for entry in entries:
            _draw_beside(canvas, drawing, entry, places)
        base = places.numbers + 9.5
        canvas.line(base, top, base, canvas.y + 4, "base")
    canvas.y += 8


def _wrap_name(canvas: Canvas, entry: Entry, room: float) -> list[str]:
    return wrap(entry.name, canvas.layout.label, room, True)


def _measure(canvas: Canvas, entries: Sequence[Entry], highest: float) -> Places:
    size = canvas.layout.label
    room = WIDEST_NAME * canvas.width
    names = [line for entry in entries for line in _wrap_name(canvas, entry, room)]
    sizes = [entry.size for entry in entries if entry.size]
    numbers = [entry.shown for entry in entries if entry.number is not None]
    x = canvas.left + max(text_width(name, size, True) for name in names)
    after_sizes = x
    if sizes:
        after_sizes += max(text_width(text, size) for text in (SIZES, *sizes)) + 16
    after = after_sizes + max(text_width(text, size, True) for text in numbers) + 16
    step = STEP_OF_CARD if canvas.layout.height else STEP
    step = step if len(entries) <= MANY else STEP_OF_MANY
    return Places(after_sizes, after, highest, step)


def _draw_beside(
    canvas: Canvas, drawing: Drawing, entry: Entry, places: Places
) -> None:
    """Draw a row with its bar at the right."""
    layout = canvas.layout
    lines = _wrap_name(canvas, entry, WIDEST_NAME * canvas.width)
    further = LINE * (len(lines) - 1)
    step = places.step + further
    y = canvas.y + step / 2 + 9
    canvas.block(lines, canvas.left, y - further / 2, layout.label, entry.style, LINE)
    canvas.text(entry.size, places.sizes, y, layout.small, "muted", "end")
    base = places.numbers + 10
    if entry.number is None:
        canvas.text(entry.shown, base + 6, y, layout.small, "muted")
    else:
        canvas.text(entry.shown, places.numbers, y, layout.label, entry.weight, "end")
        width = entry.number / places.highest * (canvas.right - base)
        high = THICKEST * places.step
        _draw_bar(canvas, drawing, entry, (base, y - 5 - high / 2, width, high))
    canvas.y += step


def write_entry(canvas: Canvas, entry: Entry) -> None:
    """Write a name, with the size of a force after it, and a number at the right."""
    layout = canvas.layout
    size = f"{entry.size} {SIZES}" if entry.size else ""
    taken = text_width(entry.shown, layout.label, True) + 24
    taken += text_width(size, layout.small)
    lines = _wrap_name(canvas, entry, canvas.width - taken)
    canvas.y += LINE + 4
    canvas.block(lines, canvas.left, canvas.y, layout.label, entry.style, LINE)
    canvas.y += LINE * (len(lines) - 1)
    after = canvas.left + text_width(lines[-1], layout.label, entry.is_high) + 8
    canvas.text(size, after, canvas.y, layout.small, "muted")
    x, weight = canvas.right, entry.weight
    canvas.text(entry.shown, x, canvas.y, layout.label, weight, "end")


def _draw_below(canvas: Canvas, drawing: Drawing, entry: Entry, highest: float) -> None:
    """Draw a row with its bar below."""
    write_entry(canvas, entry)
    if entry.number is None:
        return
    width = entry.number / highest * canvas.width
    _draw_bar(canvas, drawing, entry, (canvas.left, canvas.y + 4, width, THIN))
    canvas.y += THIN


def _draw_bar(
    canvas: Canvas, drawing: Drawing, entry: Entry, place: tuple[float, ...]
) -> None:
    mark = "high" if entry.is_high else "mark"
    if entry.row and is_dashed(entry.row):
        mark = "part high" if entry.is_high else "part"
    title = say_hover(drawing, entry.row) if entry.row else ""
    x, y, width, height = place
    canvas.rect(x, y, width, height, mark, title)
