"""Choose the numbers of a scale, and which labels have room."""

from collections.abc import Iterable, Iterator
from math import floor, log10
from typing import TypeVar

from misconduct.pictures.canvas import Canvas, text_width

Label = TypeVar("Label")


def find_ticks(highest: float, most: int) -> list[float]:
    """Return at most some round numbers between zero and the highest number."""
    if highest <= 0:
        return []
    unit = 10.0 ** floor(log10(highest / most))
    steps = [unit * number for number in (1, 2, 2.5, 5, 10, 20)]
    if highest > 3:
        steps = [step for step in steps if step == int(step)]
    step = next(step for step in steps if highest / step < most + 1)
    return [step * place for place in range(1, int(highest / step) + 1)]


def draw_scale(
    canvas: Canvas, highest: float, most: int, sides: tuple[float, float, float]
) -> float:
    """Draw at most some lines for round numbers, which stand at the left. Return where the lines begin.

    The sides are where these end at the right, the height of the highest number and the base.
    """
    right, top, base = sides
    ticks, size = find_ticks(highest, most), canvas.layout.small
    left = canvas.left + max(
        [0, *(text_width(f"{tick:,g}", size) + 8 for tick in ticks)]
    )
    for tick in ticks:
        y = base - tick / highest * (base - top)
        canvas.line(left, y, right, y, "grid")
        canvas.text(f"{tick:,g}", left - 8, y + 4, size, "muted", "end")
    return left


def place_apart(
    labels: Iterable[tuple[float, float, Label]], left: float, right: float
) -> Iterator[tuple[float, Label]]:
    """Yield the middles of labels that fit beside each other between two sides; those that come first win.

    Each has the middle that it would have, and its width.
    """
    taken = list[tuple[float, float]]()
    for middle, width, label in labels:
        x = min(max(middle, left + width / 2), right - width / 2)
        if all(abs(x - other) >= (width + wide) / 2 for other, wide in taken):
            taken.append((x, width))
            yield x, label
