"""Say when a figure is for: in words, and as days, a year and the kind of time.

The words are a key of the table: two figures of a series are for the same time if their words are the same. No reader
of tables takes them for a number or for another day, as some do with `2024`, `2010/11` or `April 2023`.
"""

from calendar import month_name
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from misconduct.model.dates import Coverage, Period, date_bounds, read_period
from misconduct.model.wording import (
    date_in_words,
    moment_in_words,
    months_of_part,
    window_in_words,
)

TimeKind = Literal["day", "year", "part", "window", "undated"]

_TWELVE_MONTHS = 364  # days from the first to the last, which 29 February may add to
_MAX_QUOTED = 30  # characters of a length of time in the source's own words


class Time(NamedTuple):
    """When a figure is for; `time` says it in words.

    `time_kind` is `day` for what is of one moment, however well that is known. `period_start` and `period_end` are the
    first and the last day that it can mean; None where that is open. `year` is where a table by year shows it.
    """

    time_kind: TimeKind
    time: str
    year: int | None
    period_start: date | None
    period_end: date | None
    coverage: Coverage

    @property
    def is_twelve_months(self) -> bool:
        """Whether its days are a year, even if only a part or a moment of that is known."""
        first, last = self.period_start, self.period_end
        if first is None or last is None or self.time_kind == "window":
            return False
        return (last - first).days >= _TWELVE_MONTHS

    @property
    def begins(self) -> int:
        """The month in which its year begins."""
        first = self.period_start
        return first.month if first and self.is_twelve_months else 1


@lru_cache(10_000)
def find_time(
    period: str, published: str | None, quoted: str = "", *, is_stock: bool
) -> Time:
    """Return when a figure is for.

    `period` and `published` are as in the register; empty, or None, if the source does not say. `quoted` are the
    source's words for the period. A stock is of one moment: how many *are* suspended.
    """
    if not period:
        return _date_by_publication(published, quoted, is_stock=is_stock)
    read = read_period(period, published)
    kind = _find_kind(read, is_stock=is_stock)
    coverage = _find_coverage(period, read, is_stock=is_stock)
    words = _say_time(kind, coverage, period, read, quoted)
    if kind == "undated":
        words = _say_undated(published, quoted)
    year = _find_year(kind, read.period_start, read.period_end)
    return Time(kind, words, year, read.period_start, read.period_end, coverage)


def _date_by_publication(published: str | None, quoted: str, *, is_stock: bool) -> Time:
    # RULE printed: a stock that only its publication dates has the days of that; a flow
    # without a period has no date.
    words = _say_undated(published, quoted)
    if not is_stock or not published:
        return Time("undated", words, None, None, None, "unstated")
    first, last = date_bounds(published)
    return Time("day", words, _find_year("day", first, last), first, last, "unstated")


def _find_kind(read: Period, *, is_stock: bool) -> TimeKind:
    # RULE time: a moment (a day, or a stock at some day of a longer time); a year; a part
    # of a year; a window; or no date.
    if read.period_end is None:
        return "undated"
    if read.coverage == "point" or (is_stock and read.coverage != "window"):
        return "day"
    if read.year is None:
        return "window"
    return "part" if read.coverage == "part" else "year"


def _find_coverage(period: str, read: Period, *, is_stock: bool) -> Coverage:
    # RULE coverage: that of the period; a stock of a year is of some moment of it.
    is_some_moment = is_stock and read.year and "/" not in period
    return "point" if is_some_moment else read.coverage


def _find_year(kind: TimeKind, first: date | None, last: date | None) -> int | None:
    # RULE year: of twelve months the year in which they begin; of a moment its year.
    if first is None or last is None:
        return None
    is_one_year = kind == "day" and first.year == last.year
    return first.year if kind == "year" or is_one_year else None


def _say_time(
    kind: TimeKind, coverage: Coverage, period: str, read: Period, quoted: str
) -> str:
    first, last = read.period_start or date.min, read.period_end
    if last is None:
        return ""
    if kind == "day" and first == last:
        return date_in_words(first)
    if kind == "day" and coverage != "part" and first.year == last.year:
        return f"in {moment_in_words(first, last)}"
    if kind == "window" or read.year is None:
        return window_in_words(period, first, last)
    if kind != "part" and coverage != "part":
        return _say_year(read.year, last)
    if "/" in period and len(read.year) == len("2024"):
        return months_of_part(period, quoted, " to ")
    return f"part of {_say_year(read.year, last).removeprefix('in ')}"


def _say_year(label: str, last: date) -> str:
    is_calendar_year = len(label) == len("2024")
    return (
        f"in {label}"
        if is_calendar_year
        else f"year to {month_name[last.month]} {last.year}"
    )


def _say_undated(published: str | None, quoted: str) -> str:
    """Return the length of time in the source's words, if they are one, and the day of printing."""
    has_number = any(letter.isdecimal() for letter in quoted)
    length = f"“{quoted}”" if has_number and len(quoted) <= _MAX_QUOTED else ""
    printed = f"printed {date_in_words(published)}" if published else ""
    return ", ".join(filter(None, (length, printed))) or "no date given"
