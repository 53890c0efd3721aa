"""Arithmetic identities among observations: does the whole come to what its parts come to?

A check never changes a figure. It `holds`, it `fails`, or it is `undecidable`, because a number is missing or because
unlike things were put side by side. Where things are unlike in kind and the numbers still agree, it holds and says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from app.domain.observation import Observation

HOLDS, FAILS, UNDECIDABLE = "holds", "fails", "undecidable"

COMPARED = ("area", "population", "counting_unit")
"""What may be unlike between the parts and the whole, beside the period."""

_FRACTIONS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "tenth": 10}


class Outcome(NamedTuple):
    """What a check comes to. `stated` and `computed` are plain decimal numbers as text; None where there is none."""

    result: str
    stated: str | None
    computed: str | None
    unlike: tuple[str, ...]
    missing_years: tuple[int, ...] = ()


def assess(check: Mapping[str, Any], members: Mapping[str, Observation]) -> Outcome:
    """The outcome of one check over the observations that it names, by id."""
    whole = members[check["whole"]]
    parts = [members[part] for part in check["parts"]]
    if check["type"] == "share":
        return _assess_share(members[check["share"]], parts[0], whole)
    if any(one.value is None for one in (whole, *parts)):
        return Outcome(UNDECIDABLE, _text(whole.value), None, unlike(whole, parts))
    return _ASSESSMENTS[check["type"]](whole, parts)


def unlike(whole: Observation, parts: Sequence[Observation]) -> tuple[str, ...]:
    """The dimensions in which a part is not of the same kind as the whole."""
    different = [name for name in COMPARED if any(getattr(part, name) != getattr(whole, name) for part in parts)]
    return (*different, *(["period"] if any(_flow(part) != _flow(whole) for part in parts) else []))


def _flow(o: Observation) -> bool:
    """Whether a figure is of a stretch of time, and not of one moment."""
    return o.period_type in ("year", "window")


def _assess_sum(whole: Observation, parts: Sequence[Observation]) -> Outcome:
    total, different = _sum(parts), unlike(whole, parts)
    result = _result(total == whole.value, undecidable="period" in different)
    return Outcome(result, _text(whole.value), _text(total), different)


def _assess_subset(whole: Observation, parts: Sequence[Observation]) -> Outcome:
    largest, different = max(_value(part) for part in parts), unlike(whole, parts)
    result = _result(largest <= _value(whole), undecidable=not {"period", "counting_unit"}.isdisjoint(different))
    return Outcome(result, _text(whole.value), _text(largest), different)


def _assess_years(whole: Observation, parts: Sequence[Observation]) -> Outcome:
    """Year figures against the figure of their window. Unstated years leave it open, unless the others are too many."""
    total, missing = _sum(parts), _missing_years(whole, parts)
    result = _result(total == whole.value and not missing, undecidable=bool(missing) and total <= _value(whole))
    return Outcome(result, _text(whole.value), _text(total), unlike(whole, parts), missing)


def _missing_years(whole: Observation, parts: Sequence[Observation]) -> tuple[int, ...]:
    """The calendar years of the window for which no part states a figure."""
    if not (whole.period_from and whole.period_until):
        return ()
    stated = {part.period_start for part in parts}
    window = range(whole.period_from.year, whole.period_until.year + 1)
    return tuple(year for year in window if str(year) not in stated)


def _result(holds: bool, *, undecidable: bool) -> str:
    return HOLDS if holds else UNDECIDABLE if undecidable else FAILS


def _assess_share(share: Observation, part: Observation, whole: Observation) -> Outcome:
    """The share that a source states, against the one that its parts come to, within the rounding of its print."""
    population = ("population",) if share.population != whole.population else ()
    different = tuple(dict.fromkeys((*population, *(name for name in unlike(whole, [part]) if name != "population"))))
    if not (share.value is not None and part.value is not None and whole.value):
        return Outcome(UNDECIDABLE, _text(share.value), None, different)
    computed = part.value / whole.value * (100 if share.unit == "percent" else 1)
    low, high = rounding(share)
    result = _result(low <= computed <= high, undecidable=bool(population))
    return Outcome(result, _text(share.value), _text(computed.quantize(Decimal("0.00001"))), different)


def rounding(share: Observation) -> tuple[Decimal, Decimal]:
    """The smallest and largest share that would be printed as this one is.

    "one in 200" stands for one in 150 to 250: half a unit of its last digit that is no zero. A fraction in words
    stands for what is nearer to it than to its neighbours. Any other number stands for half a unit of its last digit.
    """
    if match := re.search(r"\bin\s+([\d,]+)", share.printed):
        number = match[1].replace(",", "")
        unit = Decimal(10) ** (len(number) - len(number.rstrip("0")))
        return 1 / (Decimal(number) + unit / 2), 1 / (Decimal(number) - unit / 2)
    if parts := next((n for word, n in _FRACTIONS.items() if word in share.printed.lower()), None):
        return 1 / (parts + Decimal("0.5")), 1 / (parts - Decimal("0.5"))
    value = _value(share)
    unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
    return value - unit / 2, value + unit / 2


_ASSESSMENTS = {"sum_of_parts": _assess_sum, "subset": _assess_subset, "yearly_parts": _assess_years}


def _value(o: Observation) -> Decimal:
    return o.value if o.value is not None else Decimal(0)


def _sum(parts: Sequence[Observation]) -> Decimal:
    return sum((_value(part) for part in parts), Decimal(0))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
