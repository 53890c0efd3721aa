"""Compare the years of a text with the time of a figure, by days."""

from datetime import date
from functools import cache
from typing import Literal, NamedTuple

from misconduct.article.times import Year
from misconduct.model.figure import Row

YearFit = Literal["same", "other", "none"]
_LONG_YEAR = 400  # days; “the year to September” may have a few more than a year


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
        is_of_office = "/" in self.year and "/" not in year.year  # 2024 is not 2024/25
        if self.year and (year.year == self.year or self.is_whole or is_of_office):
            return year.year == self.year and self.start.startswith(year.begins)
        if not year.year or not self.start:
            return bool(year.year) and self.first <= year.year[:4] <= self.last
        begins, ends = year.days
        return begins <= _measure(self.start, self.end)[1] <= ends


def find_time(row: Row) -> Time:
    """Return the time of a figure."""
    is_exact = row["dated_by"] == "source" and row["period_start"] and row["period_end"] and not lasts_for_years(row)
    days = (str(row["period_start"]), str(row["period_end"])) if is_exact else ("", "")
    return Time(row["year"] or "", row["coverage"] == "whole", *days, *span_of(row))


def span_of(row: Row) -> tuple[str, str]:
    """Return the first and the last year that a figure can be for; empty if they are not known."""
    first, last = row["period_start"] or row["published"], row["period_end"] or row["published"] or row["known_by"]
    return str(first or "")[:4], str(last or "")[:4]


def lasts_for_years(row: Row) -> bool:
    """Tell whether a figure is of several years."""
    start, end = row["period_start"], row["period_end"]
    return row["coverage"] == "window" and bool(start and end) and _measure(str(start), str(end))[0] > _LONG_YEAR


@cache
def _measure(start: str, end: str) -> tuple[int, str]:
    """Return how many days the period of a figure has, and its middle day, which is in the year in which most are."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return (last - first).days + 1, str(first + (last - first) // 2)
