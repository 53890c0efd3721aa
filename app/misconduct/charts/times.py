"""Say of a figure when it is for: the kind of time, which tells what may stand in one row, and its name."""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.series import month_of
from misconduct.model.wording import date_in_words, dates_in_words, part_of_year, published

YEAR, MONTHS, DAY, WINDOW, UNDATED = "year", "months", "day", "window", "undated"

_LENGTH = re.compile(r"P(\d+)([YMD])")
_UNITS = {"Y": "years", "M": "months", "D": "days"}


class Time(NamedTuple):
    """When a figure is for: the kind of time, its first and last day, and its name.

    `size` tells times of one kind apart: the month in which a year begins, or the number of months.
    """

    kind: str
    size: int
    first: date
    last: date
    label: str

    def order(self) -> tuple[date, date]:
        """Return by what times are sorted: a moment by the first day that it can mean, all else by its last."""
        return (self.first, self.last) if self.kind == DAY else (self.last, self.first)

    @classmethod
    def empty(cls) -> "Time":
        return cls(UNDATED, 0, date.min, date.min, "")


def find_time(row: Row, view: ReleaseView) -> Time:
    """Return when a figure is for. What the source says of “now” was so when it was published."""
    first, last = row["period_start"], row["period_end"]
    if not row["period"] or not last:
        when = published(view.source(row))
        label = "no date given" if when == "undated" else f"printed {when}"
        return Time(UNDATED, 0, date.min, last or date.min, label)
    first = first or date.min
    if row["stock_or_flow"] == "stock" or row["coverage"] == "point":
        label = row["year"] or date_in_words(_shared_date(first, last))
        return Time(DAY, 0, first, last, label)
    if row["year"] and row["coverage"] != "part":
        return Time(YEAR, month_of(row), first, last, row["year"])
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    if row["year"]:
        return Time(MONTHS, months, first, last, part_of_year(row))
    return Time(WINDOW, months if first > date.min else 0, first, last, _name_window(row, last))


def _shared_date(first: date, last: date) -> str:
    """Return the day, the month or the year that two days are the ends of."""
    if first == last:
        return str(first)
    return str(first)[:7] if (first.year, first.month) == (last.year, last.month) else str(first.year)


def _name_window(row: Row, last: date) -> str:
    if match := _LENGTH.fullmatch(row["period"]):
        number, unit = int(match[1]), _UNITS[match[2]]
        return f"{f'{number} {unit}' if number > 1 else f'a {unit[:-1]}'} to {date_in_words(str(last)[:7])}"
    return dates_in_words(row["period"])


def name_span(times: Iterable[Time]) -> str:
    """Return the first and the last of some times: 2017/18 to 2024/25; of unlike times the years."""
    known = sorted({one for one in times if one.kind != UNDATED}, key=Time.order)
    if not known:
        return ""
    labels = list(dict.fromkeys([min(known, key=lambda one: one.first).label, known[-1].label]))
    if labels[1:] and (len({one.kind for one in known}) > 1 or any(" to " in label for label in labels)):
        labels = list(dict.fromkeys(str(day.year) for day in (min(one.first for one in known), known[-1].last)))
    return " to ".join(labels)
