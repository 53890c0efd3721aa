"""The places of columns: a year or a day each, also those without a number."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from misconduct.model.figure import Row
from misconduct.model.points import find_year

NOTHING = "no figure held"


class Slot(NamedTuple):
    """The place of a column: the time below it, and its row; or `words`, which stand in the place of a number."""

    label: str
    row: Row | None
    words: str = ""


def make_slots(
    rows: Sequence[Row], elsewhere: Mapping[int, str] = MappingProxyType({})
) -> list[Slot]:
    """Return a place for each row of a series, and for each year between them that has none.

    `elsewhere` has what is held in such years that is counted otherwise.
    """
    years = [find_year(row) or 0 for row in rows]
    has_years = len({*years}) == len(years)
    is_split = _begins_within_years(rows)
    slots = list[Slot]()
    before = years[0]
    for year, row in zip(years, rows, strict=True):
        for missing in range(before + 1, year):
            words = elsewhere.get(missing, NOTHING)
            slots.append(Slot(label_year(missing, is_split=is_split), None, words))
        label = label_year(year, is_split=is_split)
        if not has_years:
            label = _label_month(row["period_end"])
        words = "" if row["value"] is not None else row["shown"].lower()
        slots.append(Slot(label, row, words))
        before = year
    return slots


def label_year(year: int, *, is_split: bool) -> str:
    """Return a year as an axis has it: 2024, or 2024/25 for twelve months that begin within it."""
    return f"{year}/{(year + 1) % 100:02}" if is_split else str(year)


def _begins_within_years(rows: Sequence[Row]) -> bool:
    """Tell whether the twelve months of rows begin within calendar years."""
    whole = [row for row in rows if row["coverage"] == "whole" and row["period_start"]]
    return any(row["period_start"].month != 1 for row in whole)


def _label_month(day: date) -> str:
    return f"{day:%b %Y}"
