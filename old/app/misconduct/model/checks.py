"""Arithmetic identities among observations: does the whole equal the sum of its parts?

A check never changes a figure. It `holds` if the numbers agree, and a source states the identity or the figures are
alike. It `fails` only if the numbers contradict an identity that a source states, of figures that are alike. Anything
else is `undecidable`: a number is missing, unlike things stand there, or nobody but the register set them together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from operator import itemgetter
from typing import Any, NamedTuple

from misconduct.model.catalogue import Broader, is_narrower
from misconduct.model.codes import FIRM, WHOLES, Qualifier, Statistic, Unit
from misconduct.model.comparison import COMPARED, period_key
from misconduct.model.figure import number
from misconduct.model.number_words import is_fall, read_number
from misconduct.model.observation import Observation
from misconduct.model.period import Days, is_part_of_year, years_of

HOLDS, FAILS, UNDECIDABLE = "holds", "fails", "undecidable"

SHARE_AND_PART = ("measure", "category", "area", "counting_unit", "period")
SHARE_AND_WHOLE = ("area", "population", "counting_unit", "period")
"""What must be the same for a part to be the one that a share is of, and for a whole to be what it is a share of."""

_NO_BOUND = Decimal("Infinity")

Range = tuple[Decimal, Decimal]
"""The least and the greatest number that some printed words may stand for."""


class Outcome(NamedTuple):
    """The outcome of a check. `stated` and `computed` are None if there is no number."""

    result: str
    stated: int | float | None
    computed: int | float | None
    unlike: tuple[str, ...]
    missing_years: tuple[int, ...] = ()


def assess(check: Mapping[str, Any], members: Mapping[str, Observation], broader: Broader) -> Outcome:
    """Compute the outcome of one check; `members` are the observations that it refers to, by id."""
    whole, parts = members[check["whole"]], [members[part] for part in check["parts"]]
    # A draft or a released record without the key is one in which no source states the identity.
    is_asserted = bool(check.get("asserted"))
    if check["type"] == "share":
        return _assess_share(members[check["share"]], parts[0], whole, is_asserted=is_asserted)
    different = unlike(check["type"], whole, parts, broader)
    missing = _missing_years(whole, parts) if check["type"] == "yearly_parts" else ()
    if any(one.value is None for one in (whole, *parts)):
        return Outcome(UNDECIDABLE, number(whole.value), None, different, missing)
    is_subset = check["type"] == "subset"
    scaled = ((part, _scale(part.unit, whole.unit)) for part in parts)
    compared = [(*(scale * bound for bound in _hedged(part)), scale * _value(part)) for part, scale in scaled]
    if is_subset:
        compared = [max(compared, key=itemgetter(0, 2))]
    low, high, total = (sum(numbers, Decimal(0)) for numbers in zip(*compared, strict=True))
    least, most = _hedged(whole)
    agrees = low <= most and (is_subset or high >= least)
    is_open = check["type"] == "yearly_parts" and low <= most and (bool(missing) or not _is_dated(whole))
    result = UNDECIDABLE if is_open else _result(different, agrees=agrees, is_asserted=is_asserted)
    return Outcome(result, number(whole.value), _as_number(total), different, missing)


def _scale(unit: str, other: str) -> Decimal:
    """Return by what a number in one unit is multiplied for the other, if both are of shares; else 1."""
    return Decimal(WHOLES[other]) / WHOLES[unit] if {unit, other} <= WHOLES.keys() else Decimal(1)


def _result(different: Sequence[str], *, agrees: bool, is_asserted: bool) -> str:
    if agrees:
        return HOLDS if is_asserted or not different else UNDECIDABLE
    return FAILS if is_asserted and not different else UNDECIDABLE


# Whether the figures are alike --------------------------------------------------------------------------------------


def unlike(check_type: str, whole: Observation, parts: Sequence[Observation], broader: Broader) -> tuple[str, ...]:
    """Return the dimensions in which any part is of another kind than the whole: neither the same nor narrower.

    Parts of a sum are of the same period as the whole; years, and what is no larger, may be of a part of it.
    """
    return tuple(
        name for name in COMPARED if any(not _is_alike(name, check_type, part, whole, broader) for part in parts)
    )


def _is_alike(name: str, check_type: str, part: Observation, whole: Observation, broader: Broader) -> bool:
    if name != "period":
        codes = getattr(part, name), getattr(whole, name)
        if name == "unit" and WHOLES.keys() >= {*codes}:
            return True  # shares, compared in the unit of the whole
        return codes[0] == codes[1] or is_narrower(name, *codes, broader)
    if check_type == "yearly_parts" and not _is_dated(whole):
        return True  # which years it touches is not known
    return period_key(part) == period_key(whole) or (check_type != "sum_of_parts" and _is_within(part, whole))


def _is_within(part: Observation, whole: Observation) -> bool:
    if not (part.period_from and part.period_until and whole.period_from and whole.period_until):
        return False
    return whole.period_from <= part.period_from and part.period_until <= whole.period_until


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
    has_figure = {days[1:] for days in stated}
    return tuple(year.first.year for year in inside if year[1:] not in has_figure)


# Shares -------------------------------------------------------------------------------------------------------------


def _assess_share(share: Observation, part: Observation, whole: Observation, *, is_asserted: bool) -> Outcome:
    """Compare the share that a source states with the one of its parts, allowing for rounding and hedges in all."""
    pairs = ((name, part) for name in SHARE_AND_PART), ((name, whole) for name in SHARE_AND_WHOLE)
    found = {name for pair in pairs for name, one in pair if _key(name, one) != _key(name, share)}
    different = tuple(name for name in COMPARED if name in found)
    if share.value is None or part.value is None or not whole.value:
        return Outcome(UNDECIDABLE, number(share.value), None, different)
    scale = Decimal(WHOLES.get(share.unit, 1))
    (low, high), (least, most) = _rounded(part), _rounded(whole)
    stated_low, stated_high = _rounded(share)
    agrees = low / most * scale <= stated_high and (least <= 0 or high / least * scale >= stated_low)
    computed = round_share(part.value / whole.value * scale)
    result = _result(different, agrees=agrees, is_asserted=is_asserted)
    return Outcome(result, number(share.value), _as_number(computed), different)


def round_share(share: Decimal) -> Decimal:
    """Round a computed share; numbers of the register that are far apart make one of 35 digits."""
    return share.quantize(Decimal("0.00001"), context=Context(prec=40))


def _key(name: str, o: Observation) -> Any:
    return period_key(o) if name == "period" else getattr(o, name)


# What printed words may stand for -----------------------------------------------------------------------------------


def _hedged(o: Observation) -> Range:
    """Return what a figure may stand for: the number itself, unless the source hedges it."""
    return (_value(o), _value(o)) if o.qualifier in FIRM else _rounded(o)


def _rounded(o: Observation) -> Range:
    """Return what a figure may stand for, if it may be rounded even where it has no hedge."""
    if is_fall(o.value, o.printed, o.statistic):  # "more than 5%" of −5 is lower
        low, high = _rounded(o._replace(value=-_value(o)))
        return -high, -low
    low, high = rounding(o)
    if o.qualifier in (Qualifier.MORE_THAN, Qualifier.AT_LEAST):
        return _value(o), _NO_BOUND
    if o.qualifier in (Qualifier.LESS_THAN, Qualifier.AT_MOST):
        return (-_NO_BOUND if o.statistic == Statistic.CHANGE else Decimal(0)), _value(o)
    return low, (_value(o) if o.qualifier == Qualifier.JUST_UNDER else high)


def rounding(o: Observation) -> Range:
    """Return the smallest and largest number that would be printed like this one. One that was counted is exact.

    "One in 200" means one in 150 to 250: half a unit of its last digit that is not zero; "a fifth" means whatever is
    nearer to it than to its neighbours. Where several are counted ("nine in ten"), it is half a one either way. A count
    that ends in two zeros or more ("50,000") may be rounded to its last digit that is not zero; any other count is as
    printed. For any other number it is half a unit of the last printed digit.
    """
    if o.printed is None:
        return _value(o), _value(o)
    scale = Decimal(WHOLES.get(o.unit, 1))
    if ratio := _ratio(o.printed):
        low, high = _around(*ratio)
        return low * scale, high * scale
    half = _half_a_round_number(_value(o)) if _is_whole_count(o) else _half_a_digit(o, o.printed)
    return _value(o) - half, _value(o) + half


def _ratio(printed: str) -> tuple[Decimal, Decimal] | None:
    """Return part and whole of a printed ratio: 1 and 50 for "one in 50", 2 and 3 for "two thirds"; else None."""
    reading = read_number(printed)
    if reading is None or reading.unit != Unit.PROPORTION:
        return None
    numbers = [read_number(words) for words in re.split(r"[ -](?:in|out of)(?: every)?[ -]", printed.casefold())]
    if len(numbers) == 2 and numbers[0] and numbers[1]:
        return _decimal(numbers[0].value), _decimal(numbers[1].value)
    return Decimal(reading.value.numerator), Decimal(reading.value.denominator)


def _around(part: Decimal, whole: Decimal) -> Range:
    if part != 1:
        return (part - Decimal("0.5")) / whole, (part + Decimal("0.5")) / whole
    half = _half_a_last_digit(whole)
    return 1 / (whole + half), 1 / (whole - half)


def _is_whole_count(o: Observation) -> bool:
    return o.unit == Unit.COUNT and _value(o) == _value(o).to_integral_value()


def _half_a_round_number(value: Decimal) -> Decimal:
    half = _half_a_last_digit(value)
    return half if half >= 50 else Decimal(0)


def _half_a_last_digit(value: Decimal) -> Decimal:
    """Return half a unit of the last digit that is not zero."""
    return Decimal("0.5").scaleb(int(value.normalize().as_tuple().exponent))


def _half_a_digit(o: Observation, printed: str) -> Decimal:
    """Return half a unit of the last printed digit, in the unit of the value."""
    decimals = re.search(r"\.(\d+)", printed)
    reading = read_number(printed)
    in_hundredths = reading is not None and reading.unit == Unit.PERCENT and o.unit == Unit.PROPORTION
    return Decimal("0.5").scaleb(-(len(decimals[1]) if decimals else 0) - (2 if in_hundredths else 0))


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / number.denominator


def _value(o: Observation) -> Decimal:
    return o.value if o.value is not None else Decimal(0)


def _as_number(value: Decimal) -> int | float | None:
    """Convert a computed value for JSON; one that no program would read exactly is a float."""
    return number(value) if abs(value) < 2**53 else float(value)
