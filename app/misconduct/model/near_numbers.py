"""Find numbers that somebody may have meant when typing or printing another one."""

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
        is_grouped = (
            len(thousands) == LEAST_DIGITS
            and whole.strip("0") != ""
            and len(whole) <= LEAST_DIGITS
        )
        return {int(whole + thousands): "point_for_comma"} if is_grouped else {}
    if len(number) < LEAST_DIGITS or not number.isdecimal():
        return {}
    cuts = [(number[:at], number[at:]) for at in range(len(number))]
    slips = {
        "swapped": [
            head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if tail[1:]
        ],
        "doubled": [head + tail[1:] for head, tail in cuts if tail[0] == tail[1:2]],
        "one_digit": [
            head + digit + tail[1:] for head, tail in cuts for digit in digits
        ],
        "left_out": [
            head + digit + tail
            for head, tail in [*cuts, (number, "")]
            for digit in digits
        ],
    }
    found: dict[int, str] = {}
    if LEAST_DIGITS < len(number) <= MOST_DIGITS and not number[2:].strip("0"):
        half = 10 ** (len(number) - 2) // 2
        found = dict.fromkeys(range(int(number) - half, int(number) + half), "rounded")
        del found[int(number)]
    for code, ones in slips.items():
        for one in ones:
            if one != number and not one.startswith("0"):
                found.setdefault(int(one), code)
    return dict(sorted(found.items(), key=lambda one: abs(one[0] - int(number))))
