"""Read numbers as they are printed in English, and the words that hedge them, and find both in a text.

Only clear cases are read. Where a number is not read, the editor is asked; a wrong reading would go unnoticed.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import NamedTuple

from misconduct.model.codes import WORDS, read_words
from misconduct.model.plain_words import SPACE_IN_NUMBER

DIGITS = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)"
"""The form of a whole number in digits, 1,492 or 1492. No group of thousands begins with 0: 0,045 is a decimal."""

_ONES, _TEENS, _TENS, _TIMES, _FROM_THIRD = (
    WORDS["number"][one] for one in ("one", "ten", "tens", "times", "part")
)
_SMALL = {
    **dict.fromkeys(("no", "none", "nil", "zero"), 0),
    **{
        word: number
        for words in (_TIMES, _ONES + _TEENS)
        for number, word in enumerate(words, 1)
    },
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    **{
        f"{ten} {one}": 10 * t + o
        for t, ten in enumerate(_TENS, 2)
        for o, one in enumerate(_ONES, 1)
    },
}
_SCALES = {
    "billion": 10**9,
    "crore": 10**7,
    "million": 10**6,
    "lakh": 10**5,
    "thousand": 1000,
    "hundred": 100,
    "dozen": 12,
}
_SUFFIXES = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion"}
_MAGNITUDES = {"tens": 10, **{f"{scale}s": size for scale, size in _SCALES.items()}}
_PARTS = {
    "half": 2,
    "halves": 2,
    **{
        word + s: number
        for number, word in enumerate(_FROM_THIRD, 3)
        for s in ("", "s")
    },
}

_MAX_CHARACTERS = 100  # of a number; Python refuses to convert thousands of digits
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")  # twenty-one, two-thirds; not -5
_OF_INDIA = r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
_DIGITS = re.compile(rf"[-−–]?(?:{DIGITS}|{_OF_INDIA})(?:\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])([0-9]+),([0-9]+)(?![\d.,])")
_FRACTION = re.compile(r"[0-9]{1,3}/[1-9][0-9]{0,2}")
_RANGE = re.compile(r"between (.+) and (.+)|(?:from )?(.+) to (.+)|(.+)–(.+)")
_SUFFIX = re.compile(rf"(?<=[0-9])(?:{'|'.join(_SUFFIXES)})\b")
_PC = re.compile(r"(?<=[0-9])pc$")
_VULGAR = re.compile("[¼-¾⅐-⅞]")

_FOUND = {"zero", "first", "second", "single", "decade", "decades"}.union(
    _ONES, _TEENS, _TENS, _TIMES, _PARTS, _SCALES, _MAGNITUDES
)
_NUMBER_OR_URL = re.compile(
    r"\b(?:https?://|www\.)[^\s()<>\[\]{}|\\^`\"]+"  # up to the first character that no URL can have
    r"|(?P<number>(?:\d{1,3}(?:[\u00a0\u2009\u202f]\d{3}(?!\d))+|\d+)(?:[.,]\d+)*"  # 1 200, or 1,200.5
    rf"(?:(?:{'|'.join(_SUFFIXES)})\b)?"
    rf"|[¼-¾⅐-⅞]|\b(?:{'|'.join(sorted(_FOUND))})\b)",
    re.IGNORECASE,
)

_HEDGES = read_words(Path(__file__).with_name("hedges.csv"))
_BEFORE, _AFTER = (
    {
        word: qualifier
        for qualifier, words in _HEDGES[place].items()
        for word in words.split(" | ")
    }
    for place in ("before", "after")
)
HEDGES = _BEFORE | _AFTER
"""Words directly before or after a number that hedge it, with the qualifier that claims least for each."""

_MAX_BEFORE = 60  # characters before a number in which its hedge is looked for
_ANY_BEFORE, _ANY_AFTER = (
    "|".join(
        re.escape(one).replace(r"\ ", r"\s+")
        for one in sorted(hedges, key=len, reverse=True)
    )
    for hedges in (_BEFORE, _AFTER)
)
_HEDGE_BEFORE = re.compile(
    rf"(?<![\w.])({_ANY_BEFORE})(?:\s+|(?<=\W))\W?$", re.IGNORECASE
)
_HEDGE_AFTER = re.compile(
    rf"(?:\s+(?=[\w(])|(?=\W)|(?<=\d)(?=ish))({_ANY_AFTER})(?!\w)", re.IGNORECASE
)


class Reading(NamedTuple):
    """Hold the exact number that is printed, with its unit: `count` (a bare number), `percent` or `proportion`."""

    value: Fraction
    unit: str

    def in_unit(self, unit: str) -> Fraction | None:
        """Return the value in a unit; None if it cannot be converted. A bare number fits every unit."""
        factors = {
            ("percent", "proportion"): Fraction(1, 100),
            ("proportion", "percent"): Fraction(100),
        }
        factor = (
            Fraction(1)
            if self.unit in ("count", unit)
            else factors.get((self.unit, unit))
        )
        return None if factor is None else self.value * factor


def read_number(printed: str) -> Reading | None:
    """Return the number that characters state; None if they do not clearly state one number."""
    text = (
        _normalise(printed)
        .removesuffix(" strong")
        .replace("per cent", "%")
        .replace("percent", "%")
    )
    text = _PC.sub("%", text)
    return _read(text) if len(text) <= _MAX_CHARACTERS else None


def _read(text: str) -> Reading | None:
    """Return the number of words in their usual form: half a dozen, 5 %, 1 in 4, two thirds, 1,492."""
    share, part_of, whole = text.replace(" of a ", " a ").rpartition(" a ")
    if (
        part_of and (fraction := _read(share)) and fraction.unit == "proportion"
    ):  # half a dozen
        one = _read(f"1 {whole}")
        return one and Reading(fraction.value * one.value, one.unit)
    if text.endswith("%"):
        return _reading(_add_up(text.removesuffix("%").split()), "percent")
    part, ratio, whole = (
        text.replace(" out of ", " in ").replace(" in every ", " in ").partition(" in ")
    )
    if ratio:
        of_whole = _reading(_add_up(part.split()), "proportion", _add_up(whole.split()))
        return of_whole if of_whole and of_whole.value <= 1 else None
    words = text.split()
    if _FRACTION.fullmatch(text):
        return _reading(_add_up(words), "proportion")
    if words and words[-1] in _PARTS:
        count = Fraction(1) if words[:-1] in ([], ["a"]) else _add_up(words[:-1])
        return _reading(count, "proportion", Fraction(_PARTS[words[-1]]))
    return _reading(_add_up(words), "count")


def with_decimal_point(printed: str) -> str:
    """Return a printed number with a point for its comma: 0.045 for 0,045."""
    return _DECIMAL_COMMA.sub(r"\1.\2", printed)


def read_bounds(
    value: Decimal | None,
    qualifier: str | None,
    printed: str | None,
    statistic: str,
    unit: str,
) -> tuple[Decimal | None, Decimal | None]:
    """Return the least and the greatest value, in the unit, that the printed words allow; None where there is no bound.

    "More than 1,000" people are at least 1,001; more than 5 % is at least 5. "Hundreds" are at least 200, without an
    upper bound. `about`, `estimated` and `exact` set no bound.
    """
    words = (
        _normalise(printed or "") if value is None or value < 0 else ""
    )  # only these need the words
    if value is None and qualifier == "between":
        return _read_range(words, unit)
    if value is None:
        sizes = [_MAGNITUDES.get(word, 0) for word in words.split(" of ")]
        return (
            Decimal(2 * prod(sizes))
            if qualifier == "magnitude" and all(sizes)
            else None
        ), None
    step = 1 if statistic == "count" and value == value.to_integral_value() else 0
    low = {"more_than": value + step, "just_over": value + step, "at_least": value}.get(
        qualifier or ""
    )
    high = {
        "less_than": value - step,
        "just_under": value - step,
        "at_most": value,
    }.get(qualifier or "")
    if statistic == "change" and value < 0 and not words.startswith(("-", "−")):
        return high, low  # "fell by more than 5 %": the change is -5 or lower
    return low, high


def find_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end (in code points) and characters of numbers in digits or English words, except in URLs."""
    for match in _NUMBER_OR_URL.finditer(text):
        if match["number"]:
            yield match.start(), match.end(), match[0]


def read_hedge(hedge: str) -> str | None:
    """Return the qualifier that hedging words are; None if they are not known."""
    return HEDGES.get(" ".join(hedge.casefold().split()))


def find_hedge(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the range of the hedging words directly before a number, else directly after it."""
    first = max(start - _MAX_BEFORE, 0)
    if before := _HEDGE_BEFORE.search(text[first:start]):
        return first + before.start(1), first + before.end(1)
    after = _HEDGE_AFTER.match(text, end)
    return after.span(1) if after else None


def with_hedge(hedge: str | None, printed: str) -> str:
    """Join a hedge and a number as they are printed: nearly 50, 50 or more, 50+."""
    if " ".join((hedge or "").casefold().split()) in _AFTER:
        return f"{printed}{'' if hedge == '+' else ' '}{hedge}"
    return f"{hedge or ''} {printed}".strip()


def _normalise(printed: str) -> str:
    """Return small letters and single spaces; 1,200 for 1 200, 1.5 million for 1.5m, 5 1/2 for 5½ and 5 and a half."""
    text = SPACE_IN_NUMBER.sub(",", printed.casefold())
    text = _SUFFIX.sub(lambda suffix: f" {_SUFFIXES[suffix[0]]}", text)
    text = _VULGAR.sub(
        lambda part: (
            " " + unicodedata.normalize("NFKC", part[0]).replace("\u2044", "/")
        ),
        text,
    )
    text = " ".join(_HYPHEN.sub(" ", text).split())
    return text.replace(" and a half", " 1/2").replace(" and a quarter", " 1/4")


def _reading(
    part: Fraction | None, unit: str, whole: Fraction | None = Fraction(1)
) -> Reading | None:
    """Return part ÷ whole in a unit; None if one of them could not be read, or the whole is zero."""
    return None if part is None or not whole else Reading(part / whole, unit)


def _add_up(words: list[str]) -> Fraction | None:
    """Return the number that words make together, such as `two thousand and five`; None if none."""
    for scale, size in _SCALES.items():
        if words.count(scale) == 1:
            place = words.index(scale)
            return _multiply(words[:place], size, words[place + 1 :])
    if words and _FRACTION.fullmatch(words[-1]):
        part = Fraction(words[-1])
        count = _add_up(words[:-1]) if words[:-1] else Fraction(0)
        is_clear = count is not None and count >= 0 and count.denominator == 1
        return count + part if count is not None and is_clear and 0 < part < 1 else None
    text = " ".join(words)
    if _DIGITS.fullmatch(text):
        return Fraction(text.replace(",", "").replace("−", "-").replace("–", "-"))
    return Fraction(_SMALL[text]) if text in _SMALL else None


def _multiply(times: list[str], size: int, rest: list[str]) -> Fraction | None:
    """Return how many thousands there are, and the rest, as one number."""
    rest = rest[1:] if len(rest) > 1 and rest[0] == "and" else rest
    many = Fraction(1) if times in ([], ["a"]) else _add_up(times)
    more = _add_up(rest) if rest else Fraction(0)
    if many is None or more is None or many >= size:
        return None
    is_whole = 0 <= more < size and more.denominator == 1
    return many * size + more if is_whole else None


def _read_range(words: str, unit: str) -> tuple[Decimal | None, Decimal | None]:
    """Return both ends of `between 5 and 10 per cent`, `from 5 to 10`, `5 to 10` or `5–10`."""
    match = _RANGE.fullmatch(words)
    low, high = (
        (read_number(one) for one in match.groups() if one) if match else (None, None)
    )
    if low is None or high is None:
        return None, None
    if low.unit == "count":  # "between 5 and 10 per cent": the unit is printed once
        low = Reading(low.value, high.unit)
    ends = [one.in_unit(unit) for one in (low, high)]
    least, most = (
        None if one is None else Decimal(one.numerator) / one.denominator
        for one in ends
    )
    return least, most
