"""What a printed number may stand for: "around 1,000" is no contradiction to 1,071."""

import re
from decimal import Decimal
from typing import NamedTuple

from misconduct.model.figure import Row
from misconduct.model.number_words import read_number

WHOLES = {"percent": 100, "proportion": 1, "per_thousand": 1000}  # what the whole is in a unit of shares
_OPEN_ENDED = ("more_than", "at_least", "less_than", "at_most")
_FIRM = ("exact", None)
_MIN_ROUND = 50  # half of a hundred: 1,100 may be round, and 1,110 is as printed
_RATIO = re.compile(r"[ -](?:in|out of)(?: every)?[ -]")
_INFINITY = Decimal("Infinity")


class Range(NamedTuple):
    """The least and the greatest number that a figure may stand for, and its value between them."""

    low: Decimal
    value: Decimal
    high: Decimal


def find_range(row: Row, *, may_be_round: bool = False) -> Range:
    """Return what a figure with a value may stand for: that value, unless it is hedged or may be round."""
    low = high = value = row["value"]
    if row["qualifier"] in _OPEN_ENDED:
        low, high = (-_INFINITY if row["statistic"] == "change" else Decimal()), _INFINITY
    elif may_be_round or row["qualifier"] not in _FIRM:
        low, high = _round_range(row)
    least, most = row["value_low"], row["value_high"]
    return Range(low if least is None else least, value, high if most is None else most)


def _round_range(row: Row) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest number that would be printed like a figure.

    One in 200 stands for one in 150 to one in 250. A count without a hedge is round if it ends in at least two zeros.
    """
    value, printed = row["value"], (row["printed"] or "").casefold()
    reading = read_number(printed)
    if reading is None:
        return value, value
    if reading.unit == "proportion":
        low, high = _ratio_range(printed, *reading.value.as_integer_ratio())
        return low * WHOLES.get(row["unit"], 1), high * WHOLES.get(row["unit"], 1)
    if row["unit"] == "count" and value == value.to_integral_value():
        half = _half_a_last_digit(value)
        is_round = half >= _MIN_ROUND or row["qualifier"] not in _FIRM
        return (value - half, value + half) if is_round else (value, value)
    decimals = re.search(r"\.(\d+)", printed)
    half = Decimal("0.5").scaleb(-len(decimals[1]) if decimals else 0)
    if reading.unit == "percent" and row["unit"] == "proportion":
        half /= 100
    return value - half, value + half


def _ratio_range(printed: str, part: int, whole: int) -> tuple[Decimal, Decimal]:
    numbers = [read_number(words) for words in _RATIO.split(printed)]
    if len(numbers) == 2 and numbers[0] and numbers[1]:  # "four in ten", which is two fifths
        part, whole = int(numbers[0].value), int(numbers[1].value)
    if part == 1:
        half = _half_a_last_digit(Decimal(whole))
        return 1 / (whole + half), 1 / (whole - half)
    return (part - Decimal("0.5")) / whole, (part + Decimal("0.5")) / whole


def _half_a_last_digit(value: Decimal) -> Decimal:
    """Return half a unit of the last digit that is not zero."""
    return Decimal("0.5").scaleb(int(value.normalize().as_tuple().exponent))
