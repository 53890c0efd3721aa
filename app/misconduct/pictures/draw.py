"""Draw a picture: title, figures, notes and source, in one of three sizes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from itertools import product

from misconduct.model.places import split_sentences
from misconduct.pictures.bars import draw_bars
from misconduct.pictures.canvas import (
    LAYOUTS,
    Canvas,
    Layout,
    Size,
    Theme,
    balance,
    wrap,
    write_styles,
)
from misconduct.pictures.columns import draw_columns
from misconduct.pictures.drawing import Drawing, Form, Picture
from misconduct.pictures.form import find_moment
from misconduct.pictures.lines import draw_lines
from misconduct.pictures.number import draw_number
from misconduct.pictures.table import draw_table

Draw = Callable[[Canvas, Drawing], None]


class NoRoom(ValueError):
    """A picture has no room on a card."""


DRAW: Mapping[Form, Draw] = {
    "number": draw_number,
    "columns": draw_columns,
    "lines": draw_lines,
    "bars": draw_bars,
    "table": draw_table,
}
LOWEST = 60.0  # pixels of the columns of a card: below that they say nothing
ON_CARD = 6  # bars that a card has room for
NOTE_STEP = 17
LIMITS_STEP, MOST_LIMITS = (
    15,
    2,
)  # of the lines of a card that say what it does not prove
TITLES = (1, 0.8, 0.64)  # of the usual size, if a longer one leaves no room


def draw(drawing: Drawing, size: Size = "wide", theme: Theme = "light") -> Picture:
    """Draw a picture as a file."""
    layout = LAYOUTS[size]
    drawn = drawing
    if layout.height:
        drawn, canvas = _draw_card(drawing, layout)
    else:
        canvas = Canvas(layout)
        _draw_page(canvas, drawing)
    said = [f"{drawn.title}.", drawn.written, drawn.numbers]
    description = " ".join(filter(None, [*said, *drawn.notes, drawn.source]))
    about = _describe(canvas, drawn, description, theme)
    attributes = 'xmlns="http://www.w3.org/2000/svg" role="img"'
    return Picture(
        canvas.document(about, attributes),
        layout.zoom * layout.width,
        layout.zoom * canvas.height,
        drawing.title,
        drawing.alt,
        description,
        drawing.metadata,
        drawn.ids,
    )


def draw_inline(drawing: Drawing, size: Size, width: int | None = None) -> str:
    """Draw the figures alone, for a page that has the style sheet, the title and the notes.

    A page that has more room than a wide picture says how much.
    """
    layout = LAYOUTS[size].inside()
    if width:
        layout = layout._replace(width=width)
    canvas = Canvas(layout)
    DRAW[drawing.form](canvas, replace(drawing, subtitle=""))
    name, label = "broad" if width else size, escape(drawing.alt)
    return canvas.document("", f'class="{name}" role="group" aria-label="{label}"')


def _describe(canvas: Canvas, drawing: Drawing, description: str, theme: Theme) -> str:
    """Return what stands in front of the shapes of a file: its title, words, origin and styles, and its ground."""
    terms = "".join(
        f"<dc:{name}>{escape(text, quote=False)}</dc:{name}>"
        for name, text in drawing.metadata.items()
    )
    return (
        f"<title>{escape(drawing.title, quote=False)}</title>"
        f"<desc>{escape(description, quote=False)}</desc>"
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{terms}</metadata>'
        f"<style>{write_styles(theme)}</style>"
        f'<rect width="{canvas.layout.width}" height="{canvas.height}" class="paper"/>'
    )


def _draw_page(canvas: Canvas, drawing: Drawing) -> None:
    layout = canvas.layout
    canvas.rect(canvas.left, 0, 40, 5, "high")
    canvas.y = 12
    if drawing.has_head:
        _draw_head(canvas, drawing, layout.title)
    DRAW[drawing.form](canvas, drawing)
    for note in drawing.notes:
        lines = wrap(note, layout.small, canvas.width)
        canvas.lines(lines, layout.small, NOTE_STEP)
    canvas.y += 4
    source = wrap(drawing.source, layout.source, canvas.width)
    canvas.lines(source, layout.source, NOTE_STEP, "muted")
    register = wrap(drawing.register, layout.source, canvas.width, True)
    canvas.lines(register, layout.source, NOTE_STEP, "muted b")
    canvas.y += 14


def _draw_head(canvas: Canvas, drawing: Drawing, size: float) -> None:
    layout = canvas.layout
    title = balance(drawing.title, size, canvas.width, True)
    canvas.lines(title, size, 1.2 * size, "b")
    canvas.y += 7
    subtitle = balance(drawing.subtitle, layout.subtitle, canvas.width)
    canvas.lines(subtitle, layout.subtitle, 1.3 * layout.subtitle, "muted")
    canvas.y += 12


def _draw_card(drawing: Drawing, layout: Layout) -> tuple[Drawing, Canvas]:
    """Draw a card: a headline and one small picture, or an editor's one number where the picture has no room.

    Raises NoRoom.
    """
    limits = _choose_limits(drawing, layout)
    bottom = (layout.height or 0) - 50.0 - LIMITS_STEP * len(limits)
    drawings = [drawing, replace(drawing, subtitle="")]
    if drawing.has_finding:
        drawings.append(_take_one(drawing))
    for trial, part in product(drawings, TITLES):
        canvas = Canvas(layout)
        canvas.rect(canvas.left, 28, 44, 5, "high")
        canvas.y = 36
        if trial.has_head:
            _draw_head(canvas, trial, part * layout.title)
        _draw_small(canvas, trial, bottom)
        if canvas.y <= bottom:
            break
    else:
        raise NoRoom
    canvas.block(limits, canvas.left, bottom + 12, layout.small, "", LIMITS_STEP)
    _end_card(canvas, drawing)
    return trial, canvas


def _choose_limits(drawing: Drawing, layout: Layout) -> list[str]:
    """Return the lines of what a card says of all its numbers: the first sentences that have room, at least one."""
    room = layout.width - 2.0 * layout.margin
    chosen = list[str]()
    for sentence in split_sentences(drawing.limits):
        longer = wrap(" ".join([*chosen, sentence]), layout.small, room)
        if chosen and len(longer) > MOST_LIMITS:
            break
        chosen.append(sentence)
    return wrap(" ".join(chosen), layout.small, room)


def _draw_small(canvas: Canvas, drawing: Drawing, bottom: float) -> None:
    """Draw the figures of a card as high as there is room; columns that are too low, and too many rows, run over."""
    marks = len(drawing.rows) + len(drawing.absent)
    if drawing.form in ("bars", "table") and marks > ON_CARD:
        canvas.y = bottom + 100
        return
    trial = Canvas(canvas.layout)
    trial.y, trial.high = canvas.y, LOWEST
    DRAW[drawing.form](trial, drawing)
    canvas.high = LOWEST + max(bottom - trial.y, 0)
    DRAW[drawing.form](canvas, drawing)


def _take_one(drawing: Drawing) -> Drawing:
    """Return the drawing of the one row that a card shows: the newest of those highlighted, or the first."""
    marked = [row for row in drawing.rows if row["id"] in drawing.highlight]
    order = [*drawing.highlight]
    marked.sort(key=lambda row: order.index(row["id"]))
    row = max(marked or drawing.rows[:1], key=find_moment)
    return replace(
        drawing,
        form="number",
        rows=[row],
        names={row["id"]: row["name"]},
        subtitle="",
        annotation=None,
        absent=(),
        whole=None,
    )


def _end_card(canvas: Canvas, drawing: Drawing) -> None:
    """Write the source and the register at the foot of a card."""
    size, y = canvas.layout.source, canvas.height - 14.0
    first, *more = wrap(drawing.source, size, canvas.width - 20)
    source = f"{first} …" if more else first
    register = drawing.metadata.get("publisher", drawing.register)
    canvas.text(source, canvas.left, y - LIMITS_STEP, size, "muted")
    canvas.text(register, canvas.left, y, size, "b muted")
