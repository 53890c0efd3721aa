"""Draw one number, large, with what it was before."""

from collections.abc import Sequence

from misconduct.model.figure import Row
from misconduct.model.wording import capitalise
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing
from misconduct.pictures.form import MOST_BEFORE

LARGE = {True: 72, False: 96}  # pixels of the number, on a narrow picture and on others


def draw_number(canvas: Canvas, drawing: Drawing) -> None:
    """Draw the first row as a number below what there is."""
    row, *before = drawing.rows
    hedge, number = split_hedge(row)
    layout = canvas.layout
    size = min(float(LARGE[layout.is_narrow]), 0.5 * canvas.high)
    while text_width(number, size, True) > canvas.width:
        size -= 4
    canvas.lines([hedge] if hedge else [], 0.28 * size, 0.4 * size, "muted")
    canvas.lines([number], size, 0.86 * size, "b high")
    canvas.y += 4 + 0.06 * size  # below a comma
    _write(canvas, drawing.names[row["id"]], 0.85 * layout.title, "b")
    _write(canvas, f"{row['area']}, {row['time']}", layout.subtitle, "muted")
    if not drawing.has_head:
        _write(canvas, drawing.subtitle, layout.subtitle, "muted")
    for line in _say_before(before):
        _write(canvas, line, layout.subtitle)
    canvas.y += 8


def _say_before(rows: Sequence[Row]) -> list[str]:
    """Say what was before: each of a few numbers, or that many were the same."""
    if len(rows) <= MOST_BEFORE:
        return [f"{capitalise(row['time'])}: {row['shown']}" for row in rows]
    first = rows[-1]
    return [
        f"Also {first['shown']} in {len(rows)} earlier years; the first: {first['time']}"
    ]


def _write(canvas: Canvas, text: str, size: float, name: str = "") -> None:
    canvas.lines(wrap(text, size, canvas.width, "b" in name), size, 1.35 * size, name)


def split_hedge(row: Row) -> tuple[str, str]:
    """Return the hedging words before a number, and the number."""
    words, _, number = row["shown"].rpartition(" ")
    return (words, number) if number[:1].isdigit() else ("", row["shown"])
