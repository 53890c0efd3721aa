"""Say when a figure is for: the kind of time, which tells what may stand in one row, and its name."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from misconduct.model.catalogue import Content
from misconduct.model.figure import Row
from misconduct.model.series import month_of
from misconduct.model.wording import (
    moment_in_words,
    part_of_year,
    published,
    window_in_words,
)

YEAR, MONTHS, DAY, WINDOW, UNDATED = "year", "months", "day", "window", "undated"
NO_DATE = "no date given"
MAX_PRINTED = 30  # characters of a time in the words of its source


class Time(NamedTuple):
    """When a figure is for: the kind of time, its first and last day, and its name.

    `size` tells times of one kind apart: the month in which a year begins, or a number of months.
    """

    kind: str
    size: int
    first: date
    last: date
    label: str

    def order(self) -> tuple[date, date]:
        """Return by what times are sorted: a moment by the first day that it can mean, all else by its last."""
        return (self.first, self.last) if self.kind == DAY else (self.last, self.first)


def find_time(row: Row, source: Content) -> Time:
    """Return when a figure is for. What the source says of “now” was so when it was published.

    A time without dates is called as its source does: “over the last 12 months”.
    """
    first, last = row["period_start"] or date.min, row["period_end"]
    if not row["period"] or not last:
        when = published(source)
        printed = row["period_printed"] or ""
        is_length = len(printed) <= MAX_PRINTED and any(
            one.isdecimal() for one in printed
        )  # and no “currently”
        label = (
            f"printed {when}"
            if when != "undated"
            else f"“{printed}”"
            if is_length
            else NO_DATE
        )
        return Time(UNDATED, 0, date.min, last or date.min, label)
    if row["coverage"] != "window" and (
        row["stock_or_flow"] == "stock" or row["coverage"] == "point"
    ):
        is_part = row["coverage"] == "part" and "/" in row["period"]
        label = (
            part_of_year(row)
            if is_part
            else row["year"] or moment_in_words(first, last)
        )
        return Time(DAY, 0, first, last, label)
    if row["year"] and row["coverage"] != "part":
        return Time(YEAR, month_of(row), first, last, row["year"])
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    if row["year"]:
        return Time(MONTHS, months, first, last, part_of_year(row))
    return Time(
        WINDOW, months, first, last, window_in_words(row["period"], first, last)
    )


def name_span(times: Iterable[Time]) -> str:
    """Return the first and the last of some times: 2017/18 to 2024/25; of unlike times the years.

    Where a time has no date, it is the day of printing, if all have the same, or empty.
    """
    dated = sorted({*times}, key=Time.order)
    if any(one.kind == UNDATED for one in dated):
        return dated[0].label if len(dated) == 1 and dated[0].label != NO_DATE else ""
    known = [
        one for one in dated if one.first > date.min
    ] or dated  # without what has no beginning
    if not known:
        return ""
    labels = list(
        dict.fromkeys([min(known, key=lambda one: one.first).label, known[-1].label])
    )
    if labels[1:] and (
        len({one.kind for one in known}) > 1 or any(" to " in label for label in labels)
    ):
        first, last = min(one.first for one in known), max(one.last for one in known)
        labels = list(dict.fromkeys(str(day.year) for day in (first, last)))
    are_unlike = len({(one.kind, one.size) for one in known}) > 1  # 2023/24 and 2024
    return (
        " and " if are_unlike and len({one.label for one in known}) == 2 else " to "
    ).join(labels)
