"""Read the years of a text in their common spellings: 2019, 2019-20, FY20, the year to March 2020, a year later.

The time of a figure tells whether one of them is its own, by days.
"""

import re
from calendar import month_name
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Literal, NamedTuple

from misconduct.model.codes import WORDS
from misconduct.model.dates import make_year
from misconduct.model.figure import Row

_MONTHS = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]
MONTH = (
    r"(?-i:(?:Jan|Febr)(?:uary)?|Feb|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Oct(?:ober)?"
    r"|Sep(?:t(?:ember)?)?|(?:Nov|Dec)(?:ember)?)\b(?:\.(?=\s\d))?"
)
YEAR = r"(?:19|20)\d\d"
SHORT_PAIR = r"(?<![\w/.,£$€])['‘’]?\d\d/\d\d(?![\w/]|\.\d)"
_DAY = r"(?:\d\d?(?:st|nd|rd|th)?,?\s)?"
_ENDING = r"(?:year|(?:12|twelve) months)\s(?:to|ending|ended|until|up to)\b(?:\s(?:in|on|the end of|late|end)\b)*[\s-]"
_OF_OFFICES = r"(?:financial|fiscal|tax|reporting)"


def find_any(patterns: Mapping[str, str]) -> re.Pattern[str]:
    """Compile patterns, each a group of its name, for what begins inside no word, which saves time."""
    ones = "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items())
    return re.compile(rf"(?:(?<![a-zA-Z])|(?![a-zA-Z]))(?:{ones})")


_SPELLINGS = {
    "ending": rf"(?i:\b{_ENDING}{_DAY}(?P<month>{MONTH})(?:\s\d\d?(?:st|th)?,?)?\s(?P<ends>{YEAR})\b)",
    "span": rf"(?i:\b{_DAY}(?P<from>{MONTH})\s(?P<begun>{YEAR})\s?(?:to|and|until|through|[–-])\s?(?:the\send\sof\s)?"
    rf"{_DAY}(?P<till>{MONTH})\s(?P<over>{YEAR})\b)",
    "fiscal": rf"\bFY\s?['‘’]?(?P<closes>{YEAR}|\d\d)(?!\d|[/–-]\d)",
    "unclear": rf"(?i:\b(?:last|this|current|previous|latest|past)\s{_OF_OFFICES}\syear\b(?!\W+\d)"
    rf"|\b{_OF_OFFICES}\s(?:year\s)?(?:of\s)?{YEAR}\b(?![/–-]\d)|\b{YEAR}\s{_OF_OFFICES}\syear\b"
    rf"|\b(?:(?:three|six|nine|3|6|9)\smonths|quarter|half)\s(?:to|ending|ended)\s{_DAY}{MONTH}\s{YEAR}\b)"
    rf"|(?<![\d,.£$€]){YEAR}/\d\d/\d\d\b",
    "dated": rf"(?<![\w,.£$€/])\d\d?[./]\d\d?[./](?P<day>{YEAR}|\d\d)(?![\w/]|\.\d)"
    rf"|\b(?P<iso>{YEAR})-\d\d-\d\d\b|\b(?:\d\d?-)?{MONTH}(?:-(?:20)?|\s['‘’])(?P<short>\d\d)\b(?![\w/]|[.,]\d)",
    "portion": r"(?i:\b(?P<nth>first|second|third|fourth|last|latter)\s(?P<of>half|quarter)\sof\s"
    rf"|\b(?P<letter>[HQ])(?P<digit>[1-4])\s(?:of\s)?)(?P<whole>{YEAR}(?:[/–-]\d\d)?)(?![\d,]*\d|%)",
    "pair": rf"(?:\bFY\s?['‘’]?|(?<![\d,.£$€]))(?P<first>{YEAR}|(?<=FY)\d\d)[/–-](?P<last>(?:\d\d)?\d\d)(?![\d,]*\d|%)"
    rf"|(?<!from\s)(?<!between\s)\b(?P<one>{YEAR})\sto\s(?P<next>{YEAR})\b|{SHORT_PAIR}",
    "plain": rf"(?<![\d,.£$€]){YEAR}(?![\d,]*\d|%)|(?<=\b[Ii]n )['‘’]\d\d\b(?!s)",
    "beside": r"(?i:\b(?:(?P<many>[a-z]+)\syears?|(?:12|twelve)\smonths)\s"
    r"(?P<way>earlier|before|previously|later|after|on(?!\syear))\b|\bthe\s(?P<other>previous|following|next)\syear\b"
    r"|\b(?:that|(?:the|that)\ssame)\syear\b)",
}
_YEARS = find_any(_SPELLINGS)
_ALONE = re.compile(r"\b(?:in|during|for) $", re.IGNORECASE)
_IN_CAPITALS = re.compile(rf"\b(?:{'|'.join(month_name[1:]).upper()})\b")
"""Months of headings: YEAR TO MARCH 2025."""
_OF_LAW = re.compile(
    r"\b(?:Act|Regulations|Order|Rules|Code|Bill)(?: \([A-Z][a-z]+\))? $"
)
_LAW = 40  # characters before a year in which the name of a law ends
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_STOP = re.compile(r"[.!?][”\"’')]*\s|\n")
_LATER = ("later", "after", "on", "following", "next")
_APRIL = 4  # in which the years of British and Indian offices begin
_TWELVE_MONTHS = 11  # from the first month to the last one
_LONG_YEAR = 400  # days; “the year to September” may have a few more than a year

YearFit = Literal["same", "other", "none"]


class Year(NamedTuple):
    """A year that a text names: where, and as figures write it: 2022, or 2019/20; empty if it cannot be read.

    `is_alone` tells whether the text says in, during or for it, `is_beside` whether it counts from the year before.
    `begins` is its first month, if that is neither January nor April.
    `part` has the first and the last of its months, of twelve, if only a half or a quarter of it is meant.
    """

    start: int
    end: int
    year: str
    is_alone: bool = False
    is_beside: bool = False
    begins: str = ""
    part: tuple[int, int] | None = None

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last day; an office's year begins in April, unless the text says otherwise."""
        month = int(self.begins[len("2019-") :] or (_APRIL if "/" in self.year else 1))
        first, last = self.part or (1, 12)
        begins = 12 * int(self.year[: len("2019")]) + month - 1
        start, end = begins + first - 1, begins + last
        after = date(end // 12, end % 12 + 1, 1)
        return str(date(start // 12, start % 12 + 1, 1)), str(after - timedelta(days=1))


class Time(NamedTuple):
    """The time of a figure: the label of its year, its days, and the first and the last year that it can be for."""

    year: str
    is_whole: bool
    start: str  # these are empty if the source does not give both days, or if there are years between them
    end: str
    first: str
    last: str

    def fits(self, year: Year) -> bool:
        """Tell whether a year of a text is that of the figure, or has most of its days. One that is unclear is not."""
        if year.part:
            return (self.start, self.end) == year.days
        is_of_office = "/" in self.year and "/" not in year.year  # 2024 is not 2024/25
        if self.year and (year.year == self.year or self.is_whole or is_of_office):
            return year.year == self.year and self.start.startswith(year.begins)
        if not year.year or not self.start:
            return bool(year.year) and self.first <= year.year[:4] <= self.last
        begins, ends = year.days
        return begins <= _measure(self.start, self.end)[1] <= ends


def find_time(row: Row) -> Time:
    """Return the time of a figure."""
    is_exact = (
        row["dated_by"] == "source"
        and row["period_start"]
        and row["period_end"]
        and not lasts_for_years(row)
    )
    days = (str(row["period_start"]), str(row["period_end"])) if is_exact else ("", "")
    return Time(row["year"] or "", row["coverage"] == "whole", *days, *span_of(row))


def span_of(row: Row) -> tuple[str, str]:
    """Return the first and the last year that a figure can be for; empty if they are not known."""
    first, last = (
        row["period_start"] or row["published"],
        row["period_end"] or row["published"] or row["known_by"],
    )
    return str(first or "")[:4], str(last or "")[:4]


def lasts_for_years(row: Row) -> bool:
    """Tell whether a figure is of several years."""
    start, end = row["period_start"], row["period_end"]
    return (
        row["coverage"] == "window"
        and bool(start and end)
        and _measure(str(start), str(end))[0] > _LONG_YEAR
    )


@cache
def _measure(start: str, end: str) -> tuple[int, str]:
    """Return how many days the period of a figure has, and its middle day, which is in the year in which most are."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return (last - first).days + 1, str(first + (last - first) // 2)


def find_years(text: str) -> Iterator[Year]:
    """Yield the years of a text, but not those of laws."""
    text = _IN_CAPITALS.sub(lambda month: month[0].capitalize(), text)
    known, last = "", 0
    for match in _YEARS.finditer(text):
        if _OF_LAW.search(text, max(match.start() - _LAW, 0), match.start()):
            continue
        is_beside = match.lastgroup == "beside"
        if _STOP.search(text, last, match.start()):
            known = ""
        is_alone = is_beside or bool(
            _ALONE.search(text, max(match.start() - len("during "), 0), match.start())
        )
        for (start, end), label, begins in _read(match, known if is_beside else ""):
            part = _read_part(match) if match.lastgroup == "portion" else None
            year = Year(start, end, label, is_alone, is_beside, begins, part)
            known, last = label or known, end
            yield year


def _read_part(match: re.Match[str]) -> tuple[int, int]:
    """Return the first and the last month of a half or a quarter of a year."""
    months = 3 if (match["of"] or match["letter"]).lower() in ("quarter", "q") else 6
    nth, most = (match["nth"] or "").lower(), 12 // months
    place = most if nth in ("last", "latter") else _NTH.get(nth) or int(match["digit"])
    return (place - 1) * months + 1, min(place, most) * months


def _read(
    match: re.Match[str], last: str
) -> Iterator[tuple[tuple[int, int], str, str]]:
    """Yield the years of a match: where, their labels, and their first months if these are not usual."""
    if match.lastgroup == "span":
        first, begun, over = (
            _number_of(match["from"]),
            int(match["begun"]),
            int(match["over"]),
        )
        if 12 * (over - begun) + _number_of(match["till"]) - first == _TWELVE_MONTHS:
            yield match.span(), *_twelve_months(over, first)
        else:
            yield from (
                (match.span(name), match[name], "") for name in ("begun", "over")
            )
    elif match.lastgroup == "ending":
        yield (
            match.span(),
            *_twelve_months(int(match["ends"]), _number_of(match["month"]) % 12 + 1),
        )
    elif match["one"] and int(match["next"]) - int(match["one"]) != 1:
        yield from ((match.span(name), match[name], "") for name in ("one", "next"))
    elif match.lastgroup != "beside" or (last and _is_number(match["many"])):
        yield match.span(), _label(match, last), ""


def _label(match: re.Match[str], last: str) -> str:
    """Return the label of what names one year; empty if it is unclear."""
    kind, printed = match.lastgroup, match[0].lstrip("'‘’")
    if kind == "beside":
        return _label_beside(match, last)
    if kind == "portion":
        whole = match["whole"]
        return _label_office(int(whole[:4])) if whole[4:] else whole
    if kind == "fiscal":
        return _label_office(_long(match["closes"]) - 1)
    if kind == "pair":
        first = match["first"] or match["one"] or printed[:2]
        end = match["last"] or match["next"] or printed[-2:]
        label = _label_office(_long(first))
        return label if label.endswith(end[-2:]) else str(_long(first))
    if kind == "unclear":
        return ""
    return str(_long(match["day"] or match["iso"] or match["short"] or printed))


def _label_beside(match: re.Match[str], last: str) -> str:
    """Return the year that is counted from the last one: two years earlier."""
    numbers, way = WORDS["number"]["one"], match["way"] or match["other"] or ""
    years = numbers.index(match["many"]) + 1 if match["many"] in numbers else 1
    if not way:
        years = 0
    begins = int(last[:4]) + (years if way.lower() in _LATER else -years)
    if not re.fullmatch(YEAR, str(begins)):
        return ""
    return _label_office(begins) if "/" in last else str(begins)


def _is_number(word: str | None) -> bool:
    """Tell whether “years earlier” may count from another year: two years, and not some years."""
    return word is None or word.lower() in (
        "a",
        "the",
        "previous",
        *WORDS["number"]["one"],
    )


def _label_office(begins: int) -> str:
    """Return the label of a year that begins in April."""
    return make_year(begins, _APRIL).label


def _twelve_months(over: int, first: int) -> tuple[str, str]:
    """Return the label of twelve months that end in a year, and their first month if it is not usual."""
    label = make_year(over - (first > 1), first).label
    return label, "" if first in (1, _APRIL) else f"{over - 1}-{first:02}"


def _number_of(month: str) -> int:
    return _MONTHS.index(month[:3]) + 1


def _long(year: str) -> int:
    return int(year) if len(year) == len("2019") else 2000 + int(year)
