"""Read the printed words of a year, a month or another period of a table."""

import calendar
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import Literal, NamedTuple

from misconduct.model.dates import make_year
from misconduct.model.number_words import read_number

YearForm = Literal["financial", "calendar", "month"]
_NAMES = {
    name[:3].casefold(): number
    for number, name in enumerate(calendar.month_name)
    if name
}
_MONTH = rf"(?:Sept|{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in calendar.month_name if name)})"
_PART_OF_YEAR = re.compile(
    rf"(?i)\b(?:{_MONTH}|[QH]\d|quarter|half|(?:year|months) (?:ending|ended|to))\b"
)
_PART_WORDS = re.compile(
    rf"(?i)(?:\b(?:{_MONTH}|quarter|half|[qh][1-4]|first|second|third|fourth|last|to|and|part|of|\d+(?:st|nd|rd|th)?)\b"
    r"|[-–/().,\s])+"
)
YEAR_FORMS: dict[YearForm, re.Pattern[str]] = {
    "financial": re.compile(
        r"(?<![\d/])(?<!\d{4}-)((?:19|20)?\d\d) ?[/–-] ?((?:20)?\d\d)(?![\d/]|-\d\d\b)"
    ),
    "calendar": re.compile(r"(?<![\d/–-])(?<!\d\.)((?:18|19|20)\d\d)(?![\d/–-]|\.\d)"),
    "month": re.compile(
        rf"(?i)\b({_MONTH})[ -]((?:19|20)?\d\d)\b|\b((?:19|20)\d\d)-(0[1-9]|1[0-2])\b"
    ),
}
"""How years are printed: 2019/20 or 19/20; 2019. Months: March 2020, Mar-20 or 2020-03."""

_YEARS = r"(?:(?:19|20)\d\d(?: ?[/–-] ?\d\d(?:\d\d)?)?|\d\d/\d\d)(?!\d)"
_PERIOD = rf"(?:(?:the )?(?:year|12 months) (?:ending|ended|to) )?(?:(?:\d\d? )?{_MONTH} )?{_YEARS}"
_FROM_TO = rf"(?:(?:{_PERIOD}|(?:\d\d? )?{_MONTH}) ?(?:to|and|–|-) ?)?{_PERIOD}"
ANY_PERIOD = re.compile(rf"(?i)(?<![\w/]){_FROM_TO}")
_BEFORE = r"(?:^|\s*[,;:(–-]\s*|\s(?!\d{4}\W*$))(?:(?:in|for|from|between|during|over|since|as|at|on) )*"
_MAX_YEARS = 10  # in a text; with more than one, it is not the words of a year
PERIOD_AT_END = re.compile(rf"(?i)(?:{_BEFORE}{_FROM_TO})+\W*$")
"""Periods at the end of a title, with the commas or prepositions before them; not in “Act 2002”."""

_BESIDE = (
    r"since|from|until|till|up to|before|by|after|onwards?|or (?:later|earlier|before)"
)
_NO_YEAR = re.compile(rf"(?i)\b(?:{_BESIDE})\W*$")
_NO_YEAR_BEHIND = re.compile(
    r"(?i)^\W*(?:onwards?|and (?:later|earlier|before|after)|or (?:later|earlier|before|after)|to date)\b|^\+"
)
"""Words beside a year that make it the end of a time, and not the time: since 2018, 2018 onwards."""

_LENGTHS = {
    "decade": (120, 0),
    "year": (12, 0),
    "month": (1, 0),
    "week": (0, 7),
    "day": (0, 1),
}  # months, days


class PeriodInWords(NamedTuple):
    """What the words of a period mean, their place, and the month in which years begin there."""

    means: str = ""
    words: str = ""
    place: str = ""
    begins: str = ""


def read_year(
    text: str, form: YearForm | None, periods: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return the printed words of a year and its period, if the text has exactly one.

    "March 2020" is a month only if the form is `month`. `periods` explains other words, also inside a text. A financial
    year is its label, 2013/14: see `begin_year`.
    """
    if text in periods:
        return text, periods[text]
    found, rest = [], text
    for words in sorted(filter(None, periods), key=len, reverse=True):
        without = re.sub(rf"(?<![\w/–-]){re.escape(words)}(?![\w/–-])", "", rest)
        found += [(words, periods[words])] if without != rest else []
        rest = without
    for name, pattern in YEAR_FORMS.items():
        for match in (
            islice(pattern.finditer(rest), _MAX_YEARS) if form in (None, name) else ()
        ):
            if (form or name != "month") and (period := _read_match(name, match)):
                found.append((match[0].strip(), period))
                rest = rest.replace(match[0], "")
    if len(found) != 1 or _PART_OF_YEAR.search(rest) or is_one_end(text, found[0][0]):
        return None
    return found[0]


def is_one_end(text: str, year: str) -> bool:
    """Tell whether a year is only the first or the last of a time: since 2018, until 2018, 2018 onwards."""
    before, _, behind = text.partition(year)
    return bool(_NO_YEAR.search(before) or _NO_YEAR_BEHIND.search(behind))


def _read_match(form: YearForm, match: re.Match[str]) -> str | None:
    if form == "calendar":
        return match[1]
    if form == "month":
        name, year, other_year, number = match.groups()
        return (
            f"{_full(year)}-{find_month(name):02}" if name else f"{other_year}-{number}"
        )
    first = _full(match[1])
    label = f"{first}/{(first + 1) % 100:02}"
    return label if label[-2:] == match[2][-2:] else None


def begin_year(period: str, month: str) -> str:
    """Return the months of a financial year, 2013/14; none if its first is not known."""
    if not re.fullmatch(r"\d{4}/\d\d", period):
        return period
    if not month:
        return ""
    _, first, last = make_year(int(period[:4]), find_month(month))
    return f"{first:%Y-%m}/{last:%Y-%m}"


def _full(year: str) -> int:
    return (
        int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    )


def find_month(month: str) -> int:
    return _NAMES[month[:3].casefold()]


def read_durations(text: str) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield the months and days of lengths of time: 120 and 0 for `the last 10 years`."""
    words = re.findall(r"[\w.,]*\w", text.casefold())
    for end, word in enumerate(words):
        if length := _LENGTHS.get(word.removesuffix("s")):
            readings = (
                read_number(" ".join(words[start:end]))
                for start in range(max(end - 4, 0), end)
            )
            unprinted = Fraction(
                word == "decade"
            )  # "past decade" is one; "past years" are any number
            number = next(
                (one.value for one in readings if one and one.unit == "count"),
                unprinted,
            )
            if number:
                yield number * length[0], number * length[1]


def names_part_of_year(text: str) -> bool:
    """Tell whether words are like March, Q1 or April to June; not March 2020."""
    is_part = (
        _PART_OF_YEAR.search(text) is not None
        and _PART_WORDS.fullmatch(text) is not None
    )
    return is_part and not YEAR_FORMS["month"].search(text)
