"""Parse a number as people type it: `about 1,000`, `1 071`, `one in 50 officers`, `£1.5m`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from misconduct.model.codes import Unit
from misconduct.model.filters import Test
from misconduct.model.number_words import Reading, read_number
from misconduct.queries.filters import Filters

LONGEST = 100
MOST_WORDS = 20
"""Maximum words of a number. All runs of words up to this length are tried."""

NEARLY = Fraction(1, 20_000)
"""Tolerance for fractions that have no finite decimal: the register rounds to four places."""

_CURRENCY = re.compile(r"[£$€¥]|\b(?:GBP|EUR|USD)\b", re.IGNORECASE)
_GROUP_SIGN = re.compile(r"(?<=\d)[ '\u2019](?=\d{3}(?!\d))", re.ASCII)
_SHORT = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion"}
_SHORT_SCALE = re.compile(rf"(?<=\d) ?({'|'.join(_SHORT)})\b", re.IGNORECASE | re.ASCII)
_AROUND = ".,;:!?()[]\"'“”\u2018\u2019~≈<>+"


class Typed(NamedTuple):
    """A parsed number: its words, its value, and whether it is an amount of money.

    `is_bare`: it is read as a share for want of a unit, and may as well be a number below 1 in any other.
    """

    words: str
    reading: Reading
    is_money: bool
    is_bare: bool = False

    def values(self) -> dict[Unit, set[Fraction]]:
        """Return the number in every unit in which it can be expressed; a bare one may be printed as it is in any."""
        readings = [self.reading, *([Reading(self.reading.value, Unit.COUNT)] if self.is_bare else [])]
        found = {unit: {value for one in readings if (value := one.in_unit(unit)) is not None} for unit in Unit}
        return {unit: values for unit, values in found.items() if values}

    def filters(self) -> Filters:
        """Return filters that every figure with this number matches, and few others; `fits` decides."""
        values = self.values()
        filters = Filters().within("unit", values)
        numbers = [(unit, one) for unit, some in values.items() for value in some for one in _signed(value)]
        if all(_ends(one) for _, one in numbers):
            asked = ("value", tuple(sorted({_decimal(one) for _, one in numbers})))
            filters = replace(filters, asked=(asked,))
            if not self.is_bare:
                return filters
        near = (  # of each unit its own: between a third and 33.3 is any other share
            (
                Test("unit", "in", (unit,)),
                Test("value", ">=", _decimal(one - _most_apart(one))),
                Test("value", "<=", _decimal(one + _most_apart(one))),
            )
            for unit, one in numbers
        )
        return replace(filters, others=(("number", tuple(near)),))

    def fits(self, value: Decimal | None, unit: str) -> bool:
        """Return whether a figure has this number."""
        if value is None:
            return False
        numbers = [one for stated in self.values().get(Unit(unit), ()) for one in _signed(stated)]
        return any(abs(Fraction(value) - one) <= _most_apart(one) for one in numbers)

    def nearest_to(self) -> Filters:
        """Return filters for the number in the unit in which it was typed."""
        value = _decimal(self.reading.value)
        filters = Filters((("value", (value,)),))
        return filters if self.reading.unit == Unit.COUNT else filters.within("unit", [str(self.reading.unit)])


def read_typed(text: str) -> Typed | None:
    """Parse the one number in a text; None if there is none, or more than one."""
    if len(text) > LONGEST:
        return None
    normal = unicodedata.normalize("NFKC", text)
    if len(normal) > LONGEST:  # one character may become eighteen
        return None
    plain = _CURRENCY.sub(" ", " ".join(normal.split()))
    plain = _SHORT_SCALE.sub(lambda match: f" {_SHORT[match[1].lower()]}", _GROUP_SIGN.sub(",", plain.strip()))
    for words, rest in _parts(plain.split()):
        reading = read_number(words)
        if reading is not None and (reading.value or _has_digit(words)):
            share = _as_share(reading)
            return None if _has_digit(rest) else Typed(words, share, bool(_CURRENCY.search(text)), share != reading)
    return None


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _as_share(reading: Reading) -> Reading:
    """Read a bare number between 0 and 1 as a share."""
    return reading._replace(unit=Unit.PROPORTION) if reading.unit == Unit.COUNT and 0 < reading.value < 1 else reading


def _parts(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield every run of at most MOST_WORDS words, longest first, with the words around it."""
    for length in range(min(len(words), MOST_WORDS), 0, -1):
        for start in range(len(words) - length + 1):
            rest = [*words[:start], *words[start + length :]]
            yield " ".join(words[start : start + length]).strip(_AROUND), " ".join(rest)


def _signed(value: Fraction) -> tuple[Fraction, ...]:
    """Return the values that a printed number may have: a fall is printed without its sign."""
    return (value, -value) if value > 0 else (value,)


def _ends(value: Fraction) -> bool:
    """Return whether the number has a finite decimal."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _most_apart(value: Fraction) -> Fraction:
    """Return how far a figure may be from a number that it is said to have."""
    return Fraction(0) if _ends(value) else NEARLY


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
