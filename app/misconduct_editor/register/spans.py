"""Hold the words of a time against a period: 2015-2019 is no single year, and “since 2018” does not end in 2018.

Only words of which each is understood are judged: of “June last year” nobody can tell the year.
"""

import calendar
import re
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from misconduct.model.dates import NOW, date_bounds, printed_days, read_period

from .periods import find_month

_MONTH = rf"(?:Sept|{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in calendar.month_name if name)})\b\.?"
_DAY = r"\d\d?(?:st|nd|rd|th)?"
_YEAR = r"(?<!\d)(?:19|20)\d\d(?!\d)"
_DATE = re.compile(
    rf"(?i)(?:\b(?P<day>{_DAY}) (?:of )?)?\b(?P<month>{_MONTH})(?: (?P<day_behind>{_DAY})(?!\d))?"
    rf"(?:,? ?(?:of )?(?P<year>{_YEAR}))?"
    rf"|(?P<first>{_YEAR}) ?[/–-] ?(?P<last>(?:19|20)?\d\d?)(?![\d-])|(?P<only>{_YEAR})"
)
"""1 March 2020, March 1, 2020, March 2020, 1 March, March; 2019/20, 2019/0, 2015-2019; 2019."""

_PLAIN = re.compile(
    r"(?i)(?:\W|\b(?:a|an|and|as|at|annual|before|between|beginning|by|calendar|during|end|ended|ending|financial|fiscal|for|from|"
    r"in|now|of|on|onwards|over|period|present|reporting|since|throughout|till|the|to|until|up|after|years?|months?)\b)*"
)
"""The other words of a time of which we understand each."""

_MONTH_DAYS = 31

_SINCE = re.compile(r"(?i)\b(?:since|after|onwards|from)\b|\bto (?:date|now)\b|present")
_UNTIL = re.compile(r"(?i)\b(?:ending|ended|until|till|to|by|before|as (?:of|at))\b")


class Span(NamedTuple):
    """The first and the last day of a time, and whether it is a year of which the words do not say the first month."""

    first: date
    last: date
    is_label: bool = False


def find_contradiction(words: str, period: str) -> bool:
    """Tell whether the words of a time clearly say another one than a period does."""
    spans, (first, last) = read_spans(words), _read_days(period)
    if not spans or period == NOW or (first is None and last is None):
        return False
    begins, ends = spans[0], spans[-1]
    if len(spans) > 1:
        return not (_begins(begins, first) and _ends(ends, last))
    if _SINCE.search(words) and not (first and last and _is_in(begins, first, last)):
        return not _begins(begins, first)
    if re.search(r"(?i)\bsince\b", words):
        return True  # it ends where it begins
    if _UNTIL.search(words) and not (first and last and _is_in(begins, first, last)):
        return not _ends(ends, last)
    return not (first and last and _is_in(begins, first, last))


def find_outside(
    text: str, periods: Collection[str], published: str | None
) -> Iterator[str]:
    """Yield the years of a title that no period reaches, or its month if that is neither end of the only period."""
    stated = [one for one in {*periods} if one == NOW or any(_read_days(one))]
    read = [read_period(one, published) for one in stated]
    firsts = [one.period_start or date.min for one in read]
    lasts = [one.period_end or date.max for one in read]
    months = list[str]()
    for words, span in _find_dates(text, published):
        years = dict.fromkeys((span.first.year, span.last.year))
        outside = [one for one in years if not _is_between(one, firsts, lasts)]
        if outside and not (span.is_label and _may_reach(span, firsts, lasts)):
            yield from map(str, outside)
        elif (span.last - span.first).days < _MONTH_DAYS and len(firsts) == 1:
            if _begins(span, firsts[0]) or _ends_about(span, lasts[0]):
                return
            months.append(words)
    yield from months[:1]


def _find_dates(text: str, published: str | None) -> Iterator[tuple[str, Span]]:
    """Yield the times of a title, but for the day on which it was published."""
    for match in _DATE.finditer(text):
        if match["month"] and not match["year"]:
            continue
        span = _read(match, match["year"])
        is_day = span.first == span.last
        if not (is_day and published and str(span.first).startswith(published)):
            yield match[0], span


def _is_between(year: int, firsts: list[date], lasts: list[date]) -> bool:
    return bool(firsts) and min(firsts).year <= year <= max(lasts).year


def _may_reach(span: Span, firsts: list[date], lasts: list[date]) -> bool:
    """Tell whether a year that begins in April, or in July, may be among some times."""
    begins, ends = span.first.replace(month=4), span.last.replace(month=6, day=30)
    return bool(firsts) and begins <= max(lasts) and min(firsts) <= ends


def _ends_about(span: Span, last: date) -> bool:
    return span.first - timedelta(days=1) <= last <= span.last


def _begins(span: Span, first: date | None) -> bool:
    if first is None:
        return False
    return first.year == span.first.year if span.is_label else first == span.first


def _ends(span: Span, last: date | None) -> bool:
    """Tell whether a time ends with the words: the year to April can end where April begins."""
    if last is None:
        return False
    ends = (span.last, span.first - timedelta(days=1))
    return last.year == span.last.year if span.is_label else last in ends


def _is_in(span: Span, first: date, last: date) -> bool:
    """Tell whether a time is what words name, or a day or month in it."""
    is_point = (
        (last - first).days < _MONTH_DAYS and span.first <= first and last <= span.last
    )
    if span.is_label:
        return is_point or (
            first.year == span.first.year and (last - first).days in (364, 365)
        )
    return is_point or (first, last) == (span.first, span.last)


def _read_days(period: str) -> tuple[date | None, date | None]:
    """Return the days of a period; none if it is no period, which is told elsewhere."""
    try:
        return printed_days(period)
    except ValueError:
        return None, None


def read_spans(words: str) -> list[Span]:
    """Return the times that words name; none if some of the words are unclear."""
    spans, waiting = list[Span](), list[re.Match[str]]()
    for match in _DATE.finditer(words):
        if match["month"] and not match["year"]:
            waiting.append(match)
            continue
        if waiting and not match["month"]:
            return []
        spans += [_read(one, match["year"]) for one in (*waiting, match)]
        waiting = []
    is_clear = _PLAIN.fullmatch(_DATE.sub(" ", words)) and not waiting
    return spans if is_clear else []


def _read(match: re.Match[str], year: str | None) -> Span:
    if match["only"]:
        return Span(*date_bounds(match["only"]))
    if match["first"]:
        begins, last = match["first"], match["last"]
        ends = begins[: len(begins) - len(last)] + last
        is_label = int(ends) == int(begins) + 1
        return Span(date_bounds(begins)[0], date_bounds(ends)[1], is_label)
    day = re.sub(r"\D", "", match["day"] or match["day_behind"] or "")
    written = f"{year}-{find_month(match['month']):02}" + (
        f"-{int(day):02}" if day else ""
    )
    return Span(*date_bounds(written))
