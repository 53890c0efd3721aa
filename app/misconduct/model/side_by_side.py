"""Say what figures of a line share, and which say less than others."""

from datetime import date

from misconduct.model.catalogue import Catalogue
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


def is_recent(end: date | None, day: date) -> bool:
    """Tell whether a time ended in the six years before a day."""
    since = day.year - RECENT_YEARS, day.month, day.day
    return end is not None and (end.year, end.month, end.day) >= since


def is_nation(area: str, catalogue: Catalogue) -> bool:
    """Tell whether a place is a country, or has a police law of its own."""
    return is_listed(area, catalogue) or not find_around(area, catalogue)


def is_listed(area: str, catalogue: Catalogue) -> bool:
    """Tell whether a place has a position of its own: a country, or a nation of the United Kingdom."""
    return bool(catalogue.codelists.get("area", {}).get(area, {}).get("position"))
