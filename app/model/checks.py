"""Arithmetic identities among observations: does the whole equal the sum of its parts?

A check never changes a figure. It `holds`, it `fails`, or it is `undecidable`, because a number is missing or because
the figures are not of one kind. If the kinds differ and the numbers still agree, it holds and says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from app.model.codes import Unit
from app.model.number_words import read_number
from app.model.observation import Observation
from app.model.period import Days, is_part_of_year, years_of

HOLDS, FAILS, UNDECIDABLE = "holds", "fails", "undecidable"

COMPARED = ("area", "population", "counting_unit")
"""The dimensions, besides the period, in which the parts may differ from the whole."""


class Outcome(NamedTuple):
    """The outcome of a check. `stated` and `computed` are decimal numbers as text; None if there is no number."""

    result: str
    stated: str | None
    computed: str | None
    unlike: tuple[str, ...]
    missing_years: tuple[int, ...] = ()


def assess(check: Mapping[str, Any], members: Mapping[str, Observation]) -> Outcome:
    """Compute the outcome of one check; `members` are the observations that it refers to, by id."""
    whole = members[check["whole"]]
    parts = [members[part] for part in check["parts"]]
    if check["type"] == "share":
        return _assess_share(members[check["share"]], parts[0], whole)
    if any(one.value is None for one in (whole, *parts)):
        return Outcome(UNDECIDABLE, _text(whole.value), None, unlike(whole, parts))
    return _ASSESSMENTS[check["type"]](whole, parts)


def unlike(whole: Observation, parts: Sequence[Observation]) -> tuple[str, ...]:
    """Return the dimensions in which any part differs from the whole."""
    different = [name for name in COMPARED if any(getattr(part, name) != getattr(whole, name) for part in parts)]
    return (*different, *(["period"] if any(part.period_type != whole.period_type for part in parts) else []))


def _assess_sum(whole: Observation, parts: Sequence[Observation]) -> Outcome:
    total, different = _sum(parts), unlike(whole, parts)
    result = _result(total == whole.value, undecidable="period" in different)
    return Outcome(result, _text(whole.value), _text(total), different)


def _assess_subset(whole: Observation, parts: Sequence[Observation]) -> Outcome:
    largest, different = max(_value(part) for part in parts), unlike(whole, parts)
    result = _result(largest <= _value(whole), undecidable=not {"period", "counting_unit"}.isdisjoint(different))
    return Outcome(result, _text(whole.value), _text(largest), different)


def _assess_years(whole: Observation, parts: Sequence[Observation]) -> Outcome:
    """Compare year figures with the figure for their window.

    Years without a figure make it undecidable, unless the other years already exceed the window; so does a window
    without dates.
    """
    total, missing = _sum(parts), _missing_years(whole, parts)
    is_open = bool(missing) or not _is_dated(whole)
    result = _result(total == whole.value and not is_open, undecidable=is_open and total <= _value(whole))
    different = tuple(name for name in unlike(whole, parts) if name != "period")
    return Outcome(result, _text(whole.value), _text(total), different, missing)


def _is_dated(whole: Observation) -> bool:
    return whole.period_from is not None and whole.period_until is not None


def _missing_years(whole: Observation, parts: Sequence[Observation]) -> tuple[int, ...]:
    """Return the years of the window for which no part states a figure, each by the year in which it begins."""
    if not (whole.period_from and whole.period_until):
        return ()
    first, last = whole.period_from, whole.period_until
    stated = [
        Days(part.year, part.period_from, part.period_until)
        for part in parts
        if part.year and part.period_from and part.period_until and not is_part_of_year(part)
    ]
    years = years_of([Days(None, first, last), *stated])
    inside = (year for year in years if year.first <= last and year.last >= first)
    return tuple(year.first.year for year in inside if year[1:] not in {days[1:] for days in stated})


def _result(holds: bool, *, undecidable: bool) -> str:
    return HOLDS if holds else UNDECIDABLE if undecidable else FAILS


def _assess_share(share: Observation, part: Observation, whole: Observation) -> Outcome:
    """Compare the share that a source states with the one computed from its parts, allowing for rounding."""
    population = ("population",) if share.population != whole.population else ()
    different = tuple(dict.fromkeys((*population, *(name for name in unlike(whole, [part]) if name != "population"))))
    if not (share.value is not None and part.value is not None and whole.value):
        return Outcome(UNDECIDABLE, _text(share.value), None, different)
    computed = part.value / whole.value * (100 if share.unit == "percent" else 1)
    low, high = rounding(share)
    result = _result(low <= computed <= high, undecidable=bool(population))
    return Outcome(result, _text(share.value), _text(computed.quantize(Decimal("0.00001"))), different)


def rounding(share: Observation) -> tuple[Decimal, Decimal]:
    """Return the smallest and largest share that would be printed like this one.

    "One in 200" means one in 150 to 250: half a unit of its last digit that is not zero; "a fifth" means whatever is
    nearer to it than to its neighbours. Where several are counted ("nine in ten"), it is half a one either way. For any
    other number it is half a unit of the last printed digit.
    """
    scale = Decimal(100 if share.unit == Unit.PERCENT else 1)
    if ratio := _ratio(share.printed):
        low, high = _around(*ratio)
        return low * scale, high * scale
    half = _half_a_digit(share)
    return _value(share) - half, _value(share) + half


def _ratio(printed: str) -> tuple[Decimal, Decimal] | None:
    """Return part and whole of a printed ratio: 1 and 50 for "one in 50", 2 and 3 for "two thirds"; else None."""
    reading = read_number(printed)
    if reading is None or reading.unit != Unit.PROPORTION:
        return None
    numbers = [read_number(words) for words in re.split(r"[ -](?:in|out of)(?: every)?[ -]", printed.casefold())]
    if len(numbers) == 2 and numbers[0] and numbers[1]:
        return _decimal(numbers[0].value), _decimal(numbers[1].value)
    return Decimal(reading.value.numerator), Decimal(reading.value.denominator)


def _around(part: Decimal, whole: Decimal) -> tuple[Decimal, Decimal]:
    if part != 1:
        return (part - Decimal("0.5")) / whole, (part + Decimal("0.5")) / whole
    digits = f"{whole:f}"
    half = Decimal(10) ** (len(digits) - len(digits.rstrip("0"))) / 2
    return 1 / (whole + half), 1 / (whole - half)


def _half_a_digit(share: Observation) -> Decimal:
    """Return half a unit of the last printed digit, in the unit of the value."""
    decimals = re.search(r"\.(\d+)", share.printed)
    reading = read_number(share.printed)
    in_hundredths = reading is not None and reading.unit == Unit.PERCENT and share.unit == Unit.PROPORTION
    return Decimal("0.5").scaleb(-(len(decimals[1]) if decimals else 0) - (2 if in_hundredths else 0))


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / number.denominator


_ASSESSMENTS = {"sum_of_parts": _assess_sum, "subset": _assess_subset, "yearly_parts": _assess_years}


def _value(o: Observation) -> Decimal:
    return o.value if o.value is not None else Decimal(0)


def _sum(parts: Sequence[Observation]) -> Decimal:
    return sum((_value(part) for part in parts), Decimal(0))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
