"""Find rows or columns that equal the sum of others, so that they are probably totals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, product

MAX_PARTS = 80
MAX_PAIRED = 30  # lines of which any two are added up
LARGE = Decimal(10)  # a sum below this is often a coincidence

Numbers = Sequence[Decimal | None]
"""The numbers of a row or a column; None where there is none that can be added up."""


@dataclass
class Totals:
    """The parts of each total, by its index, and whether one of them only comes out if the numbers are rounded."""

    parts: dict[int, list[int]] = field(default_factory=dict)
    are_rounded: bool = False


def find_totals(lines: Sequence[Numbers], is_called_total: Sequence[bool]) -> Totals:
    """Find the lines that equal the sum of the lines directly after them, or before them, in every place.

    A total can add up totals: "Total", "Baton, of which" and "Drawn", where the first adds up the second. A line that
    is not called a total needs several large sums, so that it is not a coincidence.
    """
    found, order = Totals(), [*range(len(lines))][::-1]
    for _ in ("those after it", "those before it"):
        nearest: list[int] = []  # those that are not part of a total yet
        for index in order:
            if index not in found.parts:
                _take(found, lines, index, nearest, is_called_total[index])
            nearest.insert(0, index)
        order = nearest
    pairs = combinations(sorted(order), 2) if len(order) <= MAX_PAIRED else ()
    for index, pair in product(sorted(order), pairs):  # Trials completed: acquitted, convicted
        sums = [None if a is None or b is None else a + b for a, b in zip(*(lines[one] for one in pair), strict=True)]
        if index not in (*found.parts, *pair) and _compare(lines[index], sums, Decimal(0), is_called_total=False):
            found.parts[index] = [*pair]
    return found


def _take(found: Totals, lines: Sequence[Numbers], total: int, nearest: list[int], is_called_total: bool) -> None:
    """Take the longest run of lines that a line adds up out of those nearest to it, if there is one."""
    sums: list[Decimal | None] = [Decimal(0)] * len(lines[total])
    best, best_is_exact = 0, True
    for count, index in enumerate(nearest[:MAX_PARTS], 1):
        sums = [None if a is None or b is None else a + b for a, b in zip(sums, lines[index], strict=True)]
        exact = _compare(lines[total], sums, Decimal(0), is_called_total=is_called_total)
        if count > 1 and (exact or _compare(lines[total], sums, Decimal(count) / 2, is_called_total=is_called_total)):
            best, best_is_exact = count, exact
    if best:
        found.parts[total] = sorted(nearest[:best])
        found.are_rounded |= not best_is_exact
        del nearest[:best]


def _compare(total: Numbers, sums: Numbers, off: Decimal, *, is_called_total: bool) -> bool:
    """Tell whether sums come out, and are no coincidence. `off` is by how much rounded numbers can differ."""
    pairs = [(a, b) for a, b in zip(total, sums, strict=True) if a is not None and b is not None]
    if any(abs(a - b) > off for a, b in pairs):
        return False
    large = sum(a >= max(LARGE, LARGE * off) for a, _ in pairs)
    return large >= (1 if is_called_total else 3) or (large >= 2 and all(a >= LARGE * LARGE for a, _ in pairs))
