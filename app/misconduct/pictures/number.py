"""Draw one number, large, with what it was before."""

from collections.abc import Sequence

from misconduct.model.figure import Row
from misconduct.model.wording import capitalise
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing
from misconduct.pictures.form import is_always_zero
from misconduct.pictures.slots import make_slots

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
    _write(
        canvas, f"{row['area']}, {_say_time(drawing.rows)}", layout.subtitle, "muted"
    )
    for other in [] if is_always_zero(drawing.rows) else before:
        _write(
            canvas, f"{capitalise(other['time'])}: {other['shown']}", layout.subtitle
        )
    canvas.y += 8


def _write(canvas: Canvas, text: str, size: float, name: str = "") -> None:
    canvas.lines(wrap(text, size, canvas.width, "b" in name), size, 1.35 * size, name)


def split_hedge(row: Row) -> tuple[str, str]:
    """Return the hedging words before a number, and the number."""
    words, _, number = row["shown"].rpartition(" ")
    return (words, number) if number[:1].isdigit() else ("", row["shown"])


def _say_time(rows: Sequence[Row]) -> str:
    """Return when a number is for: of zeros, all their times."""
    if not is_always_zero(rows):
        return str(rows[0]["time"])
    *_, last = slots = make_slots(rows[::-1])
    each = "on each day" if rows[0]["coverage"] == "point" else "in each year"
    return f"{each} from {slots[0].label} to {last.label}"
