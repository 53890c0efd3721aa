"""Find rows or columns that equal the sum of others, so that they are probably totals."""

from collections.abc import Sequence
from decimal import Decimal

MAX_PARTS = 80
LARGE = Decimal(10)  # a sum below this is often a coincidence

Numbers = Sequence[Decimal | None]
"""The numbers of a row or a column; None where there is none that can be added up."""


def find_totals(lines: Sequence[Numbers], is_called_total: Sequence[bool]) -> dict[int, list[int]]:
    """Return the parts of each line that equals the sum of those directly after it, or before it, in every place.

    A total can add up totals: "Total", "Baton, of which" and "Drawn", where the first adds up the second. The numbers
    may be rounded. A line that is not called a total needs several large sums, so that it is not a coincidence.
    """
    found: dict[int, list[int]] = {}
    order = [*range(len(lines))][::-1]
    for _ in ("those after it", "those before it"):
        nearest: list[int] = []  # those that are not part of a total yet
        for index in order:
            if index not in found and (count := _count_parts(lines, index, nearest, is_called_total[index])):
                found[index] = sorted(nearest[:count])
                del nearest[:count]
            nearest.insert(0, index)
        order = nearest
    return found


def _count_parts(lines: Sequence[Numbers], total: int, nearest: list[int], is_called_total: bool) -> int:
    """Return the length of the longest run of nearest lines that a line adds up; 0 if there is none."""
    sums: list[Decimal | None] = [Decimal(0)] * len(lines[total])
    best = 0
    for count, index in enumerate(nearest[:MAX_PARTS], 1):
        sums = [None if a is None or b is None else a + b for a, b in zip(sums, lines[index], strict=True)]
        pairs = [(a, b) for a, b in zip(lines[total], sums, strict=True) if a is not None and b is not None]
        off = max([abs(a - b) for a, b in pairs], default=Decimal(0))
        large = sum(a >= max(LARGE, LARGE * off) for a, _ in pairs)
        is_clear = large >= (1 if is_called_total else 3) or (large >= 2 and all(a >= LARGE * LARGE for a, _ in pairs))
        if count > 1 and 2 * off <= count and is_clear:
            best = count
    return best
