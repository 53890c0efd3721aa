"""The closed lists: codes on which this program's behaviour depends.

Their labels and definitions stand in `data/codelists/`, which must hold exactly these codes.
"""

from __future__ import annotations

from enum import StrEnum

from app.model.observation import FIELDS, Mark
from app.model.period import PeriodType


class Statistic(StrEnum):
    """What kind of number it is. The denominator of a share is its population."""

    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"
    CHANGE = "change"


class Unit(StrEnum):
    """The unit in which the value is given."""

    COUNT = "count"
    PERCENT = "percent"
    PROPORTION = "proportion"


class ValueAbsent(StrEnum):
    """Why a figure has no number."""

    MAGNITUDE_ONLY = "magnitude_only"
    NOT_STATED = "not_stated"
    WITHHELD = "withheld"


class Qualifier(StrEnum):
    """How firmly the source states the figure."""

    EXACT = "exact"
    ABOUT = "about"
    JUST_UNDER = "just_under"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    ESTIMATED = "estimated"
    MAGNITUDE = "magnitude"


DIMENSIONS = tuple(name for name, field in FIELDS.items() if field.mark is Mark.DIMENSION)
"""What tells two statistics apart, beside their period and source. Each is also the name of a code list."""

CODED = tuple(name for name, field in FIELDS.items() if field.mark in (Mark.DIMENSION, Mark.CODE, Mark.OPEN_CODE))
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

RESERVED = frozenset(
    [
        *("by-year", "compare", "evidence", "history", "prov", "standing", "changes", "files", "bundle"),
        *("latest", "draft", "drafts", "embed", "oembed", "docs", "openapi", "config", "charts"),
        *("observations", "datasets", "codelists", "sources", "releases"),
        *("checks", "disagreements", "corrections", "non-publications"),
    ]
)
"""Words that are paths of the API and so cannot be ids."""

MANGLED = frozenset(["na", "none", "null", "nan", "inf", "infinity", "true", "false"])
"""Words, in any case, that pandas and spreadsheets read as something else, and so cannot be ids."""
