"""The places of columns: a year or a day each, also those without a number."""

import re
from calendar import month_name
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from misconduct.model.figure import Row
from misconduct.model.points import find_year

NOTHING = "no figure held"
_MONTHS = re.compile("|".join(filter(None, month_name)))


class Slot(NamedTuple):
    """The place of a column: the time below it, and its row; or `words`, which stand in the place of a number."""

    label: str
    row: Row | None
    words: str = ""


def make_slots(rows: Sequence[Row], elsewhere: Mapping[int, str] = {}) -> list[Slot]:
    """Return a place for each row of a series, and for each year between them that has none.

    `elsewhere` says of such years what is held that is counted otherwise. Days of different parts of a year
    are each named, since they are not as far apart as their places; the years between two of them share one place.
    """
    days = _name_times(rows)
    is_split = _begins_within_years(rows)
    slots = list[Slot]()
    before = find_year(rows[0]) or 0
    for row in rows:
        year = find_year(row) or 0
        missing = [
            Slot(
                label_year(gap, is_split=is_split),
                None,
                elsewhere.get(gap, NOTHING),
            )
            for gap in range(before + 1, year)
        ]
        slots += _join_gap(missing) if days else missing
        label = days.get(row["id"]) or label_year(year, is_split=is_split)
        words = "" if row["value"] is not None else row["shown"].lower()
        slots.append(Slot(label, row, words))
        before = year
    return slots


def _name_times(rows: Sequence[Row]) -> dict[str, str]:
    """Return the times of rows, none of which is for a whole year, in the source's words and short.

    A day that returns each year is named by its year, and one that is alone in its month by the month.
    """
    if any(row["coverage"] not in ("point", "part") for row in rows):
        return {}
    times = [row["time"] for row in rows]
    is_part = any(row["coverage"] == "part" for row in rows)
    if len({*map(leave_out_year, times)}) == 1 and not is_part:
        return {}
    short = [shorten_time(time) for time in times]
    months = [re.sub(r"^\d\d? ", "", time) for time in short]
    if len({*months}) == len(months):
        short = months
    return {row["id"]: time for row, time in zip(rows, short, strict=True)}


def leave_out_year(time: str) -> str:
    """Return a time in words without its year: 31 March, in December."""
    return re.sub(r" ?\d{4}", "", time)


def shorten_time(time: str) -> str:
    """Return a time with the first letters of its months: 24 Jun 2024, Dec 2024."""
    short = _MONTHS.sub(lambda month: month[0][:3], time)
    return short.removeprefix("in ")


def _join_gap(missing: Sequence[Slot]) -> list[Slot]:
    """Return one place for years of which nothing is held."""
    if len(missing) < 2 or any(slot.words != NOTHING for slot in missing):
        return [*missing]
    label = f"{missing[0].label} to {missing[-1].label}"
    return [missing[0]._replace(label=label)]


class Band(NamedTuple):
    """Neighbouring places without a number: what stands there instead, and their times."""

    words: str
    times: str
    first: int
    length: int


def list_bands(slots: Sequence[Slot]) -> list[Band]:
    """Return the bands between columns."""
    found, first = list[Band](), 0
    for words, group in groupby(slots, key=lambda slot: slot.words):
        labels = [slot.label for slot in group]
        times = " to ".join(dict.fromkeys([labels[0], labels[-1]]))
        found += [Band(words, times, first, len(labels))] if words else []
        first += len(labels)
    return found


def label_year(year: int, *, is_split: bool) -> str:
    """Return a year as an axis has it: 2024, or 2024/25 for twelve months that begin within it."""
    return f"{year}/{(year + 1) % 100:02}" if is_split else str(year)


def _begins_within_years(rows: Sequence[Row]) -> bool:
    """Tell whether the twelve months of rows begin within calendar years."""
    whole = [row for row in rows if row["coverage"] == "whole" and row["period_start"]]
    return any(row["period_start"].month != 1 for row in whole)
