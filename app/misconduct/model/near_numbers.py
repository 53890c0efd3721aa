"""Find numbers that somebody may have meant when typing or printing another one."""

from collections.abc import Iterator
from itertools import product
from string import digits

LEAST_DIGITS, MOST_DIGITS = 3, 5
"""Fewest digits of a number with near misses (shorter ones are near to most); most of one to round to."""


def near_numbers(number: str) -> dict[int, str]:
    """Return the numbers that are easily misprinted as a number, each with the code of the slip, the nearest first.

    `number` is as typed, without commas: 1431, or 1.131 with a point for the comma. 1431 leads to 1131 (`one_digit`),
    1500 to 1450 and all up to 1549 (`rounded`).
    """
    whole, point, thousands = number.partition(".")
    if point:
        is_grouped = len(thousands) == LEAST_DIGITS and 0 < len(whole) <= LEAST_DIGITS
        has_value = whole.strip("0") != ""
        joined = {int(whole + thousands): "point_for_comma"}
        return joined if is_grouped and has_value else {}
    if len(number) < LEAST_DIGITS or not number.isdecimal():
        return {}
    value = int(number)
    found = dict.fromkeys(_find_rounded(number), "rounded")
    for slip, near in _find_slips(number):
        if not near.startswith("0"):
            found.setdefault(int(near), slip)
    found.pop(value, None)
    return dict(sorted(found.items(), key=lambda one: abs(one[0] - value)))


def _find_rounded(number: str) -> range:
    """Return the numbers that round to one of four or five digits whose first two say all."""
    if not LEAST_DIGITS < len(number) <= MOST_DIGITS or number[2:].strip("0"):
        return range(0)
    half = 10 ** (len(number) - 2) // 2
    return range(int(number) - half, int(number) + half)


def _find_slips(number: str) -> Iterator[tuple[str, str]]:
    """Yield slips, and the numbers that each may have made a number of; the likeliest slip comes first."""
    cuts = [(number[:at], number[at:]) for at in range(len(number))]
    for head, tail in cuts:
        if tail[1:]:
            yield "swapped", head + tail[1] + tail[0] + tail[2:]
    for head, tail in cuts:
        if tail[0] == tail[1:2]:
            yield "doubled", head + tail[1:]
    for (head, tail), digit in product(cuts, digits):
        yield "one_digit", head + digit + tail[1:]
    for (head, tail), digit in product([*cuts, (number, "")], digits):
        yield "left_out", head + digit + tail
