"""Read dates and periods as sources print them, and find the days that they can mean.

A date is as precise as printed: `2014`, `2014-03` or `2014-03-05`. A period is one cell, in the notation of ISO 8601-2:

    2022                a year
    2014/2024           from the beginning of one date to the end of another; `..` leaves a side open: 2022-11/..
    2023-03-31          a point in time: a day, or a month
    now                 the source says "now", "currently" or "so far", without a date
    P10Y                a length of time up to the source's publication: "the last 10 years"
    (empty)             the source states no period

Any twelve whole months count as a year: 2019-04/2020-03 is the year 2019/20.
"""

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

Coverage = Literal["whole", "part", "window", "point", "unstated"]
DatedBy = Literal["source", "publication"]

NOW = "now"
OPEN = ".."
EXAMPLES = ("2022", "2014/2024", "2022-11/..", "2023-03-31", NOW, "P10Y")

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_DURATION = re.compile(
    r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})D)?", re.ASCII
)
_YEAR_LABEL = re.compile(r"(\d{4})(?:[/–-](\d{2}))?", re.ASCII)


class Days(NamedTuple):
    """The first and the last day of a date or a period; None where it is open."""

    first: date | None
    last: date | None


class Period(NamedTuple):
    """The possible days of a period, where its dates come from, and the year it belongs to: columns of a figure.

    `year` is the label of the year that the period fills or falls within. `coverage` is how much of that year is
    covered; for other periods it is `window`, `point` or `unstated`.
    """

    period_start: date | None
    period_end: date | None
    dated_by: DatedBy | None
    year: str | None
    coverage: Coverage


def date_bounds(text: str) -> tuple[date, date]:
    """Return the first and last day of a date. Raises ValueError unless it is YYYY, YYYY-MM or YYYY-MM-DD."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date: YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    try:
        first = date(int(year), int(month or "1"), int(day or "1"))
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date: {error}") from error
    last_month = int(month or "12")
    return first, first.replace(
        month=last_month, day=int(day or calendar.monthrange(first.year, last_month)[1])
    )


def read_year_label(text: str) -> str:
    """Return the label of a year: `2022`, or `2019/20` for twelve months that begin in 2019. Raises ValueError."""
    match = _YEAR_LABEL.fullmatch(text)
    if (
        match is None
        or text.startswith("0000")
        or (match[2] and int(match[2]) != (int(match[1]) + 1) % 100)
    ):
        raise ValueError(
            f"{text!r} is not a year, such as 2022, or 2019/20 for April 2019 to March 2020"
        )
    return text.replace("-", "/").replace("–", "/")


def read_duration(period: str) -> tuple[int, int] | None:
    """Return the months and days of a length of time such as P10Y; None for other periods."""
    match = _DURATION.fullmatch(period)
    if match is None:
        return None
    years, months, days = (int(part or 0) for part in match.groups())
    return 12 * years + months, days


def printed_days(period: str) -> Days:
    """Return the first and last day that the source itself gives. Raises ValueError for what is not a period."""
    if period in ("", NOW) or read_duration(period):
        return Days(None, None)
    start, slash, end = period.partition("/")
    if re.fullmatch(r"\d{4}/\d\d", period):
        raise ValueError(
            f"{period!r} is not a period: write its months, such as {start}-04/{int(start) + 1}-03"
        )
    if not slash:
        if not _DATE.fullmatch(period):
            raise ValueError(
                f"{period!r} is not a period, such as {', '.join(EXAMPLES)}"
            )
        return Days(*date_bounds(period))
    if start == end == OPEN:
        raise ValueError(f"{period!r} has no date on either side")
    first = None if start == OPEN else date_bounds(start)[0]
    last = None if end == OPEN else date_bounds(end)[1]
    if first and last and last < first:
        raise ValueError(f"the period {period!r} ends before it starts")
    return Days(first, last)


@lru_cache(10_000)
def read_period(period: str, published: str | None) -> Period:
    """Return the dates of a period. `published` is the date of its source, or None. Raises ValueError.

    The day of publication bounds what the source leaves open: "now" is some day of its publication, and a figure
    without a period was known by then.
    """
    first, last = printed_days(period)
    publication = Days(*date_bounds(published)) if published else Days(None, None)
    if first is None and last is None:
        return _undated(period, publication)
    if first is None or last is None:
        dated_by: DatedBy = "source" if last or not publication.last else "publication"
        return Period(first, last or publication.last, dated_by, None, "window")
    if "/" not in period and len(period) > len("2022"):
        return Period(first, last, "source", None, "point")
    year = make_year(first.year, 1 if first.year == last.year else first.month)
    if first.year != last.year and (first, last) != (year.first, year.last):
        return Period(first, last, "source", None, "window")
    return Period(
        first,
        last,
        "source",
        year.label,
        _coverage(year, Days(first, last), publication),
    )


def _undated(period: str, publication: Days) -> Period:
    dated_by: DatedBy | None = "publication" if publication.last else None
    if period == NOW:
        return Period(*publication, dated_by, None, "point")
    if duration := read_duration(period):
        start = _before(publication.first, *duration) if publication.first else None
        return Period(start, publication.last, dated_by, None, "window")
    return Period(None, publication.last, dated_by, None, "unstated")


class Year(NamedTuple):
    """A column of a table by year. Twelve months: 2022, or 2019/20 if they begin in another month than January.

    Or a day or month, as printed: 2019-03-31, 2023-04.
    """

    label: str
    first: date
    last: date

    @property
    def name(self) -> str:
        """Return its label without the month that a table adds to tell two years apart: 2019/20 for 2019/20(July)."""
        return self.label.partition("(")[0]

    @property
    def is_day(self) -> bool:
        return "-" in self.label


def make_year(begins: int, month: int) -> Year:
    """Return the twelve months that begin in a month of a calendar year."""
    if month == 1:
        return Year(f"{begins:04}", date(begins, 1, 1), date(begins, 12, 31))
    last = date(begins + 1, month, 1) - timedelta(days=1)
    return Year(f"{begins:04}/{last.year % 100:02}", date(begins, month, 1), last)


def _coverage(year: Year, covered: Days, publication: Days) -> Coverage:
    """Return how much of its year a period covers: all that it names, unless its source is older than its last day."""
    was_over = publication.last is None or publication.last > year.last
    return "whole" if covered == (year.first, year.last) and was_over else "part"


def _before(day: date, months: int, days: int) -> date:
    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) - timedelta(days=days)
