"""Read numbers as they are printed (`1,492`, `42 per cent`, `one in 50`, `a fifth`), and find them in a text.

Reading is strict: what is not clearly one number is not read. `Hundreds` and `tens of thousands` are magnitudes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from misconduct.model.codes import Qualifier, Statistic, Unit
from misconduct.model.locator import Span

READABLE = (
    "1,492 · 0.02 · 1.5 million · twenty-one · 42% · 42 per cent · one in 50 · a fifth · three quarters · 50,000-strong"
)
"""Examples of what `read_number` understands, for error messages."""

_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {"billion": 10**9, "million": 10**6, "thousand": 1000, "hundred": 100, "dozen": 12}
_PARTS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
_LENGTHS = {"decade": (120, 0), "year": (12, 0), "month": (1, 0), "week": (0, 7), "day": (0, 1)}
"""Months and days of lengths of time."""
_MOST_WORDS = 4  # of the number before a length of time
_TIMES = {"once": 1, "twice": 2, "thrice": 3}
_NOTHING = ("zero", "none", "no", "nil")

_CARDINALS = {
    **dict.fromkeys(_NOTHING, 0),
    **_TIMES,
    **{word: number for number, word in enumerate(_UNITS + _TEENS, 1)},
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    **{f"{ten} {unit}": 10 * tens + ones for tens, ten in enumerate(_TENS, 2) for ones, unit in enumerate(_UNITS, 1)},
}

_LONGEST = 100
_JOINING_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_WORD = re.compile(r"[\w.,]*\w")
_DIGITS = re.compile(r"[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_PERCENT = re.compile(r"(.+?) ?(?:%|per ?cent)")
_RATIO = re.compile(r"(.+) (?:in|out of)(?: every)? (.+)")
_PART = re.compile(rf"(?:(.+) )?(?:({'|'.join(_PARTS)})s?|(halves))")

_NUMBER_WORDS = (
    *("zero", *_UNITS, *_TEENS, *_TENS, *_TIMES, *_PARTS, *_SCALES, "decade", "first", "second", "single", "tens"),
    *("halves", *(f"{word}s" for word in (*_PARTS, *_SCALES, "decade") if word != "half")),
)
_NUMBER = re.compile(
    r"\b(?:https?://|www\.)[^\s()<>\[\]\"\\^`{|}]+"  # an address, which has none, of signs that one may have (RFC 3986)
    rf"|(?P<number>\d+(?:[.,]\d+)*|[¼-¾⅐-⅞]|\b(?:{'|'.join(_NUMBER_WORDS)})\b)",
    re.IGNORECASE,
)


class Reading(NamedTuple):
    """The exact number that printed words state, and its unit."""

    value: Fraction
    unit: Unit

    def in_unit(self, unit: str) -> Fraction | None:
        """Convert the number to a unit; None if that is not possible. A bare number fits any unit."""
        if self.unit in (unit, Unit.COUNT):
            return self.value
        if self.unit == Unit.PERCENT and unit == Unit.PROPORTION:
            return self.value / 100
        if self.unit == Unit.PROPORTION and unit == Unit.PERCENT:
            return self.value * 100
        return None


_MAGNITUDE = re.compile(r"(?:(tens|hundreds) of )?(tens|dozens|hundreds|thousands|millions|billions)")
_BETWEEN = re.compile(r"between (.+) and (.+)")
_PLURALS = {"tens": 10, "dozens": 12, **{f"{word}s": number for word, number in _SCALES.items() if word != "dozen"}}


def read_bounds(value: Decimal | None, qualifier: str, printed: str, statistic: str, unit: str) -> Bounds:
    """Return the least and the greatest value, in the unit, that the printed words allow; None where they set no bound.

    Of a count, "more than 1,000" is 1,001 at least; of anything else the bound is the number itself. A fall of "more
    than 5%" is −5 at most. A plural such as "hundreds" is two hundred at least, and has no upper bound
    (docs/decisions/0018). "Between 50 and 60" sets both.
    """
    whole = statistic == Statistic.COUNT and value is not None and value == value.to_integral_value()
    step = Decimal(1 if whole else 0)
    if value is None and qualifier == Qualifier.BETWEEN:
        ends = _BETWEEN.fullmatch(printed.casefold())
        low, high = map(read_number, ends.groups()) if ends else (None, None)
        if not low or not high:
            return _NO_BOUNDS
        if low.unit == Unit.COUNT:  # between 5 and 10 per cent
            low = low._replace(unit=high.unit)
        numbers = [one.value if (number := one.in_unit(unit)) is None else number for one in (low, high)]
        if numbers[0] >= numbers[1]:  # what was released must load, whatever it says
            numbers = [low.value, high.value]
        return Bounds(*map(_as_double, numbers))
    if value is None:
        words = _MAGNITUDE.fullmatch(printed.casefold()) if qualifier == Qualifier.MAGNITUDE else None
        return Bounds(words and Decimal(2 * _PLURALS.get(words[1], 1) * _PLURALS[words[2]]), None)
    bounds = {
        Qualifier.JUST_UNDER: Bounds(None, value - step),
        Qualifier.LESS_THAN: Bounds(None, value - step),
        Qualifier.AT_MOST: Bounds(None, value),
        Qualifier.MORE_THAN: Bounds(value + step, None),
        Qualifier.AT_LEAST: Bounds(value, None),
    }
    low_and_high = bounds.get(Qualifier(qualifier), _NO_BOUNDS)
    return Bounds(*reversed(low_and_high)) if is_fall(value, printed, statistic) else low_and_high


def _as_double(number: Fraction) -> Decimal:
    """Return a number as programs read it: of two thirds, no more digits than a double has."""
    read = float(number)
    return Decimal(int(read)) if read.is_integer() else Decimal(repr(read))


def is_fall(value: Decimal | None, printed: str | None, statistic: str) -> bool:
    """Tell whether a change is a fall printed without its sign, of which greater numbers are lower values."""
    has_sign = (printed or "").lstrip().startswith(("-", "−"))
    return statistic == Statistic.CHANGE and value is not None and value < 0 and not has_sign


class Bounds(NamedTuple):
    """The least and the greatest value; None where there is no bound."""

    low: Decimal | None
    high: Decimal | None


_NO_BOUNDS = Bounds(None, None)


def read_number(printed: str) -> Reading | None:
    """Read the number that some printed characters state; None if they do not clearly state one."""
    if len(printed) > _LONGEST:
        return None
    text = " ".join(_JOINING_HYPHEN.sub(" ", printed.casefold()).split()).removesuffix(" strong")
    if len(text) > _LONGEST:  # in lower case one character may become three
        return None
    if match := _PERCENT.fullmatch(text):
        return _reading(_cardinal(match[1]), Unit.PERCENT)
    if match := _RATIO.fullmatch(text):
        return _reading(_divide(_cardinal(match[1]), _cardinal(match[2])), Unit.PROPORTION)
    if match := _PART.fullmatch(text):
        parts = 1 if match[1] in (None, "a") else _cardinal(match[1])
        return _reading(_divide(parts, _PARTS[match[2] or "half"]), Unit.PROPORTION)
    return _reading(_cardinal(text), Unit.COUNT)


def read_formats(printed: str, *, is_count: bool) -> Iterator[Reading]:
    """Yield what printed characters may state: the number, and that of another country's format (`1.204`, `3,5`).

    The latter only where the former is none, or no count, which is a whole number.
    """
    reading, match = read_number(printed), _ELSEWHERE.fullmatch(printed[:_LONGEST])
    if reading:
        yield reading
    if match and (is_count or not reading):
        whole = match["whole"].replace(match["group"] or " ", "")
        other = read_number(f"{whole}.{match['decimals'] or 0}{match['rest']}")
        if other and (other.value.denominator == 1 or not is_count):
            yield other


_ELSEWHERE = re.compile(
    r"(?P<whole>[-−]?(?:\d{1,3}(?P<group>[. \u00a0\u2009\u202f'\u2019])\d{3}(?:(?P=group)\d{3})*|\d+))"
    r"(?:(?!(?P=group))[.,](?P<decimals>\d+))?(?P<rest>(?: ?%)?)",
    re.ASCII,
)
"""A number in digits, with its group and decimal characters as in most countries."""


def read_durations(text: str) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield the months and days of each length of time in a text: `the last 10 years`, `past decade`."""
    words = _WORD.findall(_JOINING_HYPHEN.sub(" ", text.casefold()))
    for place, word in enumerate(words):
        months, days = _LENGTHS.get(word.removesuffix("s"), (0, 0))
        before = (read_number(" ".join(words[start:place])) for start in range(max(place - _MOST_WORDS, 0), place))
        number = next((one.value for one in before if one and one.unit == Unit.COUNT), None)
        if number is None and word == "decade":
            number = Fraction(1)
        if number and (months or days):
            yield number * months, number * days


def find_numbers(text: str) -> Iterator[tuple[Span, str]]:
    """Yield every number in a text, in digits or in English words, with its place; none that is part of a URL."""
    for match in _NUMBER.finditer(text):
        if match["number"]:
            yield Span(*match.span()), match[0]


def _reading(value: Fraction | int | None, unit: Unit) -> Reading | None:
    return None if value is None else Reading(Fraction(value), unit)


def _divide(part: Fraction | int | None, whole: Fraction | int | None) -> Fraction | None:
    return Fraction(part) / whole if part is not None and whole else None


def _cardinal(text: str) -> Fraction | int | None:
    if _DIGITS.fullmatch(text):
        return Fraction(text.replace(",", "").replace("−", "-"))
    for word, size in _SCALES.items():
        if match := re.fullmatch(rf"(?:(.+) )?{word}(?: (?:and )?(.+))?", text):
            return _scaled(match[1], size, match[2])
    return _CARDINALS.get(text)


def _scaled(times: str | None, size: int, rest: str | None) -> Fraction | int | None:
    """Compute `times` × `size` + `rest`, as in `two` `thousand` (and) `five`."""
    many = 1 if times in (None, "a") else _cardinal(times)
    more = 0 if rest is None else _cardinal(rest)
    return many * size + more if many is not None and more is not None and max(many, more) < size else None
