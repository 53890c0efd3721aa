"""Say what figures of a line share, and which say less than others."""

from collections.abc import Collection
from datetime import date
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.places import find_around

RECENT_YEARS = 6

TOTALS = ("any", "not_applicable")
"""The categories of what is of every kind. Beside kinds, what is of a kind that is not stated is no total."""

OF_ALL_KINDS = (*TOTALS, "unstated")
"""The categories of what is not of one kind."""

STATISTIC = ("indicator", "statistic", "base", "unit", "counting_unit")
"""What figures share that count the same, of whatever kind, place and time."""

ENTRY = (*STATISTIC, "area", "category", "subcategory", "scope", "population")
"""What figures share that differ only in their time and their source."""


def entry_of(row: Row) -> tuple[Any, ...]:
    """Return what a figure shares with those of other times and other sources."""
    return tuple(row[name] for name in ENTRY)


def statistic_of(row: Row) -> tuple[Any, ...]:
    """Return what a figure shares with those of other kinds, places, times and sources."""
    return tuple(row[name] for name in STATISTIC)


def is_recent(end: date | None, day: date) -> bool:
    """Tell whether a time ended in the six years before a day."""
    since = day.year - RECENT_YEARS, day.month, day.day
    return end is not None and (end.year, end.month, end.day) >= since


def is_of_kind(row: Row, asked: Collection[str], catalogue: Catalogue) -> bool:
    """Tell whether a figure is of one kind of misconduct; of the kinds that are asked for it is the total."""
    allowed = (
        catalogue.of_kind("indicator").get(row["indicator"], {}).get("category", ())
    )
    says_nothing = len(allowed) < 2 or row["category"] in {
        *TOTALS,
        *allowed[:1],
        *asked,
    }
    return bool(row["subcategory"]) or not says_nothing


def says_less(row: Row, catalogue: Catalogue, day: date) -> bool:
    """Tell whether a number is old, no count, or of less than all that its indicator counts."""
    return (
        not is_recent(row["period_end"], day)
        or row["statistic"] != "count"
        or bool(row["scope"])
        or is_of_kind(row, (), catalogue)
    )


def is_nation(area: str, catalogue: Catalogue) -> bool:
    """Tell whether a place is a country, or has a police law of its own."""
    return is_listed(area, catalogue) or not find_around(area, catalogue)


def is_listed(area: str, catalogue: Catalogue) -> bool:
    """Tell whether a place has a position of its own: a country, or a nation of the United Kingdom."""
    return bool(catalogue.codelists.get("area", {}).get(area, {}).get("position"))
