"""Periods at the precision at which they were printed: `2014` stays `2014`, never 2014-01-01."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_YEAR_START = re.compile(r"\d{4}(?:-\d{2})?", re.ASCII)
YEAR_PATTERN = r"^\d{4}([/-]\d{2})?$"
_DURATION = re.compile(r"P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?", re.ASCII)


class PeriodType(StrEnum):
    """The types of period."""

    YEAR = "year"
    WINDOW = "window"
    POINT = "point"
    UNSTATED = "unstated"


UNDATED = (PeriodType.POINT, PeriodType.WINDOW)
"""The types of period that end by the publication of their source, if no date is printed: now, the past decade."""


def bounds(printed: str) -> tuple[date, date]:
    """Return the first and last day of a reduced-precision ISO 8601 date (`2014`, `2014-03`, `2014-03-05`).

    Raises ValueError for anything else.
    """
    match = _DATE.fullmatch(printed)
    if match is None:
        raise ValueError(f"{printed!r} is not a date: YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise ValueError(f"{printed!r} is not a date: {error}") from error
    last_month = int(month or 12)
    return first, first.replace(month=last_month, day=int(day or calendar.monthrange(first.year, last_month)[1]))


def write_dates(period_type: str, start: str | None, end: str | None) -> str:
    """Write the dates of a period as printed: `2018`, `2014–2024`, `since 2018`; an empty text if there are none.

    A year has its label (`2019/20`), because `2019-04` would be read as a month. A window that is open on one side is
    never written as the date that it begins or ends with.
    """
    if period_type == PeriodType.YEAR:
        return year_of(period_type, start, end)[0] or ""
    if period_type == PeriodType.WINDOW and start and not end:
        return f"since {start}"
    if period_type == PeriodType.WINDOW and end and not start:
        return f"until {end}"
    return "–".join(dict.fromkeys(filter(None, (start, end))))


def time_period(period_type: str, start: str, end: str, duration: str | None, published: str | None) -> str | None:
    """Write a period in one cell, as EDTF (ISO 8601-2) and with the labels of years; None if nothing dates it.

    `2022`, `2019/20`, `2014/2024`, `2024-01/2024-04`, `2018/..`, `../2018`; `P10Y` for a length without dates; a
    printed now is `[..2023-03-21]`: some day not after the publication.
    """
    if period_type == PeriodType.YEAR:
        return year_of(period_type, start, end)[0]
    if period_type == PeriodType.WINDOW and (start or end):
        return start if start == end else f"{start or '..'}/{end or '..'}"
    if period_type == PeriodType.POINT:
        return start or (f"[..{published}]" if published else None)
    return duration


def is_duration(text: str) -> bool:
    """Tell whether a text is an ISO 8601 duration in whole years, months, weeks or days (`P10Y`)."""
    return _DURATION.fullmatch(text) is not None


def length_of(duration: str) -> tuple[int, int]:
    """Return the months and days of a duration (`P1Y6M`: 18 and 0)."""
    match = _DURATION.fullmatch(duration)
    years, months, weeks, days = (int(part[:-1]) if part else 0 for part in (match.groups() if match else ()))
    return 12 * years + months, 7 * weeks + days


def span(period_type: str, start: str, end: str) -> tuple[date | None, date | None]:
    """Return the first and last day of a period; None on a side that is open or unstated.

    A `year` covers twelve months from its start, and a `point` what its start covers. Raises ValueError if the parts
    contradict each other.
    """
    first = bounds(start)[0] if start else None
    last = bounds(end or start)[1] if end or start else None
    if period_type == PeriodType.YEAR:
        if end or first is None or not _YEAR_START.fullmatch(start):
            raise ValueError("a year has a start of the form YYYY or YYYY-MM and no end")
        last = _last_of_twelve_months(first)
    if period_type == PeriodType.POINT and end:
        raise ValueError("a point in time has no end")
    if period_type == PeriodType.UNSTATED and (start or end):
        raise ValueError("an unstated period has neither start nor end")
    if period_type == PeriodType.WINDOW and not end:
        last = None
    if period_type == PeriodType.WINDOW and not start:
        first = None
    if first and last and last < first:
        raise ValueError(f"the period ends ({end}) before it starts ({start})")
    return first, last


def read_year_label(text: str) -> str:
    """Read the label of a year as people write it: `2022`, `2019/20` or `2019-20`. Raises ValueError."""
    match = re.fullmatch(YEAR_PATTERN.strip("^$"), text, re.ASCII)
    second = match and match[1] and match[1][1:]
    if match is None or text.startswith("0000") or (second and int(second) != (int(text[:4]) + 1) % 100):
        raise ValueError(f"{text!r} is not a year: 2022, or 2019/20 for twelve months that begin in 2019")
    return text.replace("-", "/")


# Years ------------------------------------------------------------------------------------------------------------


class YearBasis(StrEnum):
    """Which twelve months a year is, as far as they are printed."""

    CALENDAR = "calendar"
    OTHER = "other"
    UNSTATED = "unstated"


class Coverage(StrEnum):
    """How much of its year a figure covers."""

    WHOLE = "whole"
    PART = "part"
    UNSTATED = "unstated"


class Year(NamedTuple):
    """Twelve months with a label. A bare `2022` is placed like the calendar year, which no source need mean by it."""

    label: str
    first: date
    last: date

    @classmethod
    def beginning(cls, first: date) -> Year:
        """Return the twelve months from the first day of a month: `2019`, or `2019/20`."""
        label = f"{first.year:04}" if first.month == 1 else f"{first.year:04}/{(first.year + 1) % 100:02}"
        return cls(label, first, _last_of_twelve_months(first))


class Days(NamedTuple):
    """The days that some figures are about; `label` is that of a year, and None for a window."""

    label: str | None
    first: date
    last: date


class _Placed(Protocol):
    """What `days_of` reads of an observation."""

    @property
    def year(self) -> str | None: ...
    @property
    def period_from(self) -> date | None: ...
    @property
    def period_until(self) -> date | None: ...


def days_of(observations: Iterable[_Placed]) -> list[Days]:
    """Return the days that figures are about, as far as they have dates."""
    return [Days(o.year, o.period_from, o.period_until) for o in observations if o.period_from and o.period_until]


def years_of(parts: Iterable[Days]) -> list[Year]:
    """Return the years of a table: from the first to the last that occurs, in the order of their first days.

    Years that begin in other months than January have ranges of their own. A window lengthens the range of the years
    that begin in its month, else that of the calendar years, or the only range that there is.
    """
    ranges: dict[int, list[date]] = {}
    windows = list[Days]()
    for days in parts:
        if days.label is None:
            windows.append(days)
        else:
            month = days.first.month if "/" in days.label else 1
            ranges.setdefault(month, []).extend(days[1:])
    months = ranges.keys() or {1}
    for days in windows:
        month = next(one for one in (days.first.month, 1, min(months)) if one in months)
        ranges.setdefault(month, []).extend(days[1:])
    found = (year for month, days in ranges.items() for year in _years_between(min(days), max(days), month))
    by_label: dict[str, Year] = {}
    for year in sorted(found, key=lambda year: year.first):
        by_label.setdefault(year.label, year)
    return list(by_label.values())


def unlike_years(parts: Iterable[Days]) -> dict[str, list[date]]:
    """Return the labels that stand for several twelve months, each with the days on which these begin."""
    found: dict[str, set[date]] = {}
    for days in parts:
        if days.label and "/" in days.label:
            found.setdefault(days.label, set()).add(days.first)
    return {label: sorted(begins) for label, begins in sorted(found.items()) if len(begins) > 1}


def _years_between(first: date, last: date, month: int) -> Iterator[Year]:
    """Yield the years that begin in this month and have any of these days."""
    starts = range(first.year - (first.month < month), last.year - (last.month < month) + 1)
    return (Year.beginning(date(year, month, 1)) for year in starts if year > 0 and year + (month > 1) <= date.max.year)


class _Dated(Protocol):
    """What `coverage` reads of an observation."""

    @property
    def period_type(self) -> str: ...
    @property
    def period_start(self) -> str | None: ...
    @property
    def period_end(self) -> str | None: ...


def year_of(period_type: str, start: str | None, end: str | None) -> tuple[str | None, str | None]:
    """Return the label and the basis of the year that a period is, or is a part of; None for what is for no year.

    A year is twelve whole months, whether they are printed as a year or as a window. A shorter window within one
    calendar year is a part of that year.
    """
    found = _find_year(period_type, start or "", end or "")
    return (found[0].label, found[1]) if found else (None, None)


def coverage(observation: _Dated, published: str | None) -> str | None:
    """Return how much of its year a figure covers, by its period and the date of its source; None if it has no year.

    A source that was published before the year was over states a part of it. If its date does not tell, the coverage is
    unstated.
    """
    period = (observation.period_type, observation.period_start or "", observation.period_end or "")
    return coverage_of(*period, published)


def is_part_of_year(observation: _Dated) -> bool:
    """Tell whether a figure is for less than twelve months of its year by its own dates."""
    return coverage(observation, None) == Coverage.PART


@lru_cache(4_096)
def coverage_of(period_type: str, start: str, end: str, published: str | None) -> str | None:
    """Return the same, from the cells of a period."""
    found = _find_year(period_type, start, end)
    if found is None:
        return None
    year, covered = found[0], span(period_type, start, end)
    if covered != (year.first, year.last):
        return Coverage.PART
    if published is None:
        return Coverage.UNSTATED
    earliest, latest = bounds(published)
    if latest <= year.last:
        return Coverage.PART
    return Coverage.WHOLE if earliest > year.last else Coverage.UNSTATED


@lru_cache(4_096)
def _find_year(period_type: str, start: str, end: str) -> tuple[Year, YearBasis] | None:
    """Find the year of a valid period, and its basis."""
    if period_type not in (PeriodType.YEAR, PeriodType.WINDOW):
        return None
    first, last = span(period_type, start, end)
    if first is None or last is None:
        return None
    has_months = max(len(start), len(end)) > len("2022")
    if _are_twelve_months(first, last):
        year = Year.beginning(first)
    elif first.year == last.year:
        year = Year.beginning(first.replace(month=1, day=1))
    else:
        return None
    if year.first.month != 1:
        return year, YearBasis.OTHER
    return year, YearBasis.CALENDAR if has_months else YearBasis.UNSTATED


def _are_twelve_months(first: date, last: date) -> bool:
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    return months == 12 and first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]


def _last_of_twelve_months(first: date) -> date:
    """Return the last day of the twelve months from the first day of a month. Raises ValueError after 9999."""
    if first.month == 1:
        return first.replace(month=12, day=31)
    return first.replace(year=first.year + 1) - timedelta(days=1)
