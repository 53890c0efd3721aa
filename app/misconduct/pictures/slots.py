"""The places of columns: a year or a day each, also those without a number."""

from collections.abc import Mapping, Sequence
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

    `elsewhere` has what is held in such years that is counted otherwise. Days of different parts of a year are each
    named, since they are not as far apart as their places; the years between two of them share one place.
    """
    days = _name_days(rows)
    is_split = _begins_within_years(rows)
    slots = list[Slot]()
    before = find_year(rows[0]) or 0
    for row in rows:
        year = find_year(row) or 0
        missing = [
            Slot(label_year(gap, is_split=is_split), None, elsewhere.get(gap, NOTHING))
            for gap in range(before + 1, year)
        ]
        slots += _join_gap(missing) if days else missing
        label = days.get(row["id"]) or label_year(year, is_split=is_split)
        words = "" if row["value"] is not None else row["shown"].lower()
        slots.append(Slot(label, row, words))
        before = year
    return slots


def _name_days(rows: Sequence[Row]) -> dict[str, str]:
    """Return what days are called that do not return each year: by their month, or where two are in one, by the day."""
    ends = [row["period_end"] for row in rows]
    if len({(day.month, day.day) for day in ends if day}) < 2:
        return {}
    if any(row["coverage"] != "point" for row in rows):
        return {}
    months = [f"{day:%b %Y}" for day in ends]
    if len({*months}) < len(months):
        months = [f"{day:%-d %b %Y}" for day in ends]
    return {row["id"]: month for row, month in zip(rows, months, strict=True)}


def _join_gap(missing: Sequence[Slot]) -> list[Slot]:
    """Return one place for years of which nothing is held."""
    if len(missing) < 2 or len({slot.words for slot in missing}) > 1:
        return [*missing]
    label = f"{missing[0].label} to {missing[-1].label}"
    return [missing[0]._replace(label=label)]


def label_year(year: int, *, is_split: bool) -> str:
    """Return a year as an axis has it: 2024, or 2024/25 for twelve months that begin within it."""
    return f"{year}/{(year + 1) % 100:02}" if is_split else str(year)


def _begins_within_years(rows: Sequence[Row]) -> bool:
    """Tell whether the twelve months of rows begin within calendar years."""
    whole = [row for row in rows if row["coverage"] == "whole" and row["period_start"]]
    return any(row["period_start"].month != 1 for row in whole)
