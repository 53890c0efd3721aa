"""Codes that the program depends on: the closed lists, the coded columns, and words that cannot be ids.

Labels and definitions are in `data/codelists/`, which may contain no other codes of the closed lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from misconduct.model.observation import FIELDS, OF_LIST, Mark
from misconduct.model.period import PeriodType


class Statistic(StrEnum):
    """The kinds of number. The denominator of a share is its population."""

    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"
    CHANGE = "change"
    MEDIAN = "median"
    RATE = "rate"


class Unit(StrEnum):
    """The units of a value."""

    COUNT = "count"
    PERCENT = "percent"
    PROPORTION = "proportion"
    PER_THOUSAND = "per_thousand"


WHOLES: Mapping[str, int] = {Unit.PERCENT: 100, Unit.PROPORTION: 1, Unit.PER_THOUSAND: 1000}
"""What the whole is of which a share says how much, by the unit of the share."""


class ValueAbsent(StrEnum):
    """The reasons why a figure has no number."""

    MAGNITUDE_ONLY = "magnitude_only"
    NOT_STATED = "not_stated"
    WITHHELD = "withheld"
    NOT_APPLICABLE = "not_applicable"
    SUPPRESSED = "suppressed"
    RANGE_ONLY = "range_only"


class Qualifier(StrEnum):
    """How firmly a source states a figure."""

    EXACT = "exact"
    ABOUT = "about"
    JUST_UNDER = "just_under"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"
    BETWEEN = "between"
    ESTIMATED = "estimated"
    MAGNITUDE = "magnitude"


FIRM = (Qualifier.EXACT, None)
"""The qualifiers of a figure that is its number and nothing near it: printed without a hedge, or counted here."""

DIMENSIONS = tuple(name for name, field in FIELDS.items() if field.mark is Mark.DIMENSION)
"""What distinguishes two statistics, besides period and source. Each is also the name of a code list."""

CODED = tuple(name for name, field in FIELDS.items() if field.mark in OF_LIST)
"""Every column of an observation that holds a code; each is also the name of a code list."""

LABELLED = tuple(name for name, field in FIELDS.items() if field.is_labelled)
"""The codes that answers show with their labels."""

CLOSED_LISTS: dict[str, type[StrEnum]] = {
    "statistic": Statistic,
    "period_type": PeriodType,
    "value_absent": ValueAbsent,
    "unit": Unit,
    "qualifier": Qualifier,
}

UNSTATED = "unstated"

MANGLED = frozenset(["na", "none", "null", "nan", "inf", "infinity", "true", "false"])
"""Words, in upper or lower case, that pandas or spreadsheets would convert, and so cannot be ids."""
