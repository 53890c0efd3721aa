"""Periods at the precision at which they were printed: `2014` stays `2014`, never 2014-01-01."""

from __future__ import annotations

import calendar
import re
from datetime import date
from enum import StrEnum

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_DURATION = re.compile(r"P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?", re.ASCII)


class PeriodType(StrEnum):
    """How a figure relates to time."""

    YEAR = "year"
    WINDOW = "window"
    POINT = "point"
    UNSTATED = "unstated"


def bounds(printed: str) -> tuple[date, date]:
    """First and last day of a reduced-precision ISO 8601 date (`2014`, `2014-03`, `2014-03-05`).

    Raises ValueError for anything else.
    """
    match = _DATE.fullmatch(printed)
    if match is None:
        raise ValueError(f"{printed!r} is no date: YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise ValueError(f"{printed!r} is no date: {error}") from error
    last_month = int(month or 12)
    return first, first.replace(month=last_month, day=int(day or calendar.monthrange(first.year, last_month)[1]))


def write_dates(period_type: str, start: str | None, end: str | None) -> str:
    """Write the dates of a period as printed: `2018`, `2014–2024`, `since 2018`; the empty text where there are none.

    A window that is open on one side is never written as the date that it begins or ends with.
    """
    if period_type == PeriodType.WINDOW and start and not end:
        return f"since {start}"
    if period_type == PeriodType.WINDOW and end and not start:
        return f"until {end}"
    return "–".join(dict.fromkeys(filter(None, (start, end))))


def is_duration(text: str) -> bool:
    """Whether the text is an ISO 8601 duration in whole years, months, weeks or days (`P10Y`)."""
    return _DURATION.fullmatch(text) is not None


def span(period_type: str, start: str, end: str) -> tuple[date | None, date | None]:
    """The days that a period covers, as far as it says: None where it is open or unstated.

    A `year` and a `point` cover what their start covers. Raises ValueError where the parts do not fit together.
    """
    first = bounds(start)[0] if start else None
    last = bounds(end or start)[1] if end or start else None
    if period_type == PeriodType.YEAR and (end or not re.fullmatch(r"\d{4}", start)):
        raise ValueError("a year has a start of the form YYYY and no end")
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
