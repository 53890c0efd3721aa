"""Draw one number, large, with what it was before."""

from misconduct.model.figure import Row
from misconduct.pictures.canvas import Canvas, text_width, wrap
from misconduct.pictures.drawing import Drawing

LARGE = {True: 72, False: 96}  # pixels of the number, on a narrow picture and on others


def draw_number(canvas: Canvas, drawing: Drawing) -> None:
    """Draw the first row as a number below what there is."""
    row, *before = drawing.rows
    hedge, number = split_hedge(row)
    layout = canvas.layout
    size = min(float(LARGE[layout.is_narrow]), 0.5 * canvas.high)
    while text_width(number, size, True) > canvas.width:
        size -= 4
    if hedge:
        canvas.lines([hedge], 0.28 * size, 0.4 * size, "muted")
    canvas.lines([number], size, 0.86 * size, "b high")
    canvas.y += 4 + 0.06 * size  # below a comma
    name = drawing.names[row["id"]]
    step = 1.25 * layout.title * 0.9
    lines = wrap(name, 0.85 * layout.title, canvas.width, True)
    canvas.lines(lines, 0.85 * layout.title, step, "b")
    about = f"{row['area']}, {row['time']}"
    lines = wrap(about, layout.subtitle, canvas.width)
    canvas.lines(lines, layout.subtitle, 1.35 * layout.subtitle, "muted")
    for other in before:
        said = f"{other['time'][:1].upper()}{other['time'][1:]}: {other['shown']}"
        canvas.lines([said], layout.subtitle, 1.4 * layout.subtitle)
    canvas.y += 8


def split_hedge(row: Row) -> tuple[str, str]:
    """Return the hedging words before a number, and the number."""
    hedge, shown = row["hedge"] or "", row["shown"]
    if hedge and shown.startswith(f"{hedge} "):
        return hedge, shown.removeprefix(f"{hedge} ")
    words, _, number = shown.rpartition(" ")
    if words and number[:1].isdigit():
        return words, number
    return "", shown
