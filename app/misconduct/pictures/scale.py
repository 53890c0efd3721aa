"""Choose the numbers of a scale, and which labels have room."""

from collections.abc import Mapping
from math import floor, log10


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


def place_apart(widths: Mapping[float, float]) -> list[float]:
    """Return the middles of labels of some widths that fit beside each other; those that come first win."""
    taken = list[float]()
    for x, width in widths.items():
        if all(abs(x - other) >= (width + widths[other]) / 2 for other in taken):
            taken.append(x)
    return taken
