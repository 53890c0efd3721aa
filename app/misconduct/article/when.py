"""Compare the year of a number with the time of a figure, by days."""

from datetime import date
from functools import cache
from typing import Literal

from misconduct.article.number import Number
from misconduct.article.times import Year
from misconduct.model.figure import Row

YearFit = Literal["same", "other", "none"]
_LONG_YEAR = 400  # days; “the year to September” may have a few more than a year


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


def fit_year(number: Number, row: Row) -> YearFit:
    """Return how the year of a number agrees with the year, or the dates, of a figure. One that is unclear does not."""
    first, last = span_of(row)

    def fits(year: Year) -> bool:
        if not year.year:
            return False
        is_of_office = "/" in (row["year"] or "") and "/" not in year.year  # 2024 is not 2024/25
        if row["year"] and (year.year == row["year"] or row["coverage"] == "whole" or is_of_office):
            is_begun = not year.begins or year.begins == str(row["period_start"])[: len(year.begins)]
            return is_begun and year.year == row["year"]
        if row["dated_by"] != "source" or not (row["period_start"] and row["period_end"]) or lasts_for_years(row):
            return first <= year.year[:4] <= last
        begins, ends = year.days
        return begins <= _measure(str(row["period_start"]), str(row["period_end"]))[1] <= ends

    if not any(one.year for one in number.years) or not (row["year"] or first or last):
        return "none"
    if any(map(fits, number.years)):
        return "same"
    return "other" if number.own_year or not any(map(fits, number.text.different_years)) else "none"
