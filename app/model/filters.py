"""The filters of a listing of figures, each declared once.

From a row of `FILTERS` follow the query parameter, its description in OpenAPI, the SQL condition
(`queries.filters`), the field of the form on a dataset's page, the check that a code exists, and whether a chart may
choose its figures by it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from app.model.codes import Qualifier, Statistic
from app.model.parameter import Parameter, read_first_day, read_last_day, read_number, read_year
from app.model.period import PeriodType, bounds


class Vocabulary(Protocol):
    """The codes and records of a release, which its catalogue has (`app.model.catalogue`)."""

    @property
    def codes(self) -> Mapping[str, Mapping[str, Any]]:
        """The codes by list."""

    def kind(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the records of one kind by id."""


Codes = Callable[[Vocabulary], Mapping[str, Any]]
"""Finds the values of a filter in a release, each with its record."""


@dataclass(frozen=True, kw_only=True)
class Filter(Parameter):
    """A condition on a column of observations; of several values any will do.

    `compare` is the operator between the column and the value. `resolve` turns the values into codes of the column,
    where they are not that themselves. `codes` finds what values there are, where they are codes; `kind` is the kind of
    record that they name. `label` is for people.
    """

    label: str
    column: str
    compare: Callable[[Any, Any], Any] = operator.eq
    resolve: Callable[[Sequence[Any], Vocabulary], Iterable[str]] | None = None
    codes: Codes | None = None
    kind: str | None = None

    @property
    def takes_codes(self) -> bool:
        """Whether its values are codes that the register declares: by these a chart may choose its figures."""
        return self.codes is not None and self.name != "publisher"


def _code(name: str, label: str, description: str, example: str, **more: Any) -> Filter:
    """Declare a filter by the codes of the list that has the name of its column."""
    more = {"column": name, "codes": lambda catalogue: catalogue.codes.get(name, {}), **more}
    return Filter(name, f"{description} Repeat for several.", example, repeatable=True, label=label, **more)


def _record(name: str, kind: str, label: str, description: str, example: str, **more: Any) -> Filter:
    """Declare a filter by the ids of records of one kind."""
    return _code(name, label, description, example, codes=lambda catalogue: catalogue.kind(kind), kind=kind, **more)


def _publishers(catalogue: Vocabulary) -> Mapping[str, Any]:
    return {one["publisher"]: one for one in catalogue.kind("source").values() if one["publisher"]}


def _sources_of(publishers: Sequence[str], catalogue: Vocabulary) -> Iterable[str]:
    return (slug for slug, one in catalogue.kind("source").items() if one["publisher"] in publishers)


def _sources_dated(catalogue: Vocabulary, fits: Callable[[date, date], bool]) -> Iterable[str]:
    """Yield the sources whose first and last possible day of publication fit; an undated source never does."""
    dated = ((slug, one["published"]) for slug, one in catalogue.kind("source").items())
    return (slug for slug, published in dated if published is not None and fits(*bounds(published)))


def _members(disagreements: Sequence[str], catalogue: Vocabulary) -> Iterable[str]:
    return (member for one in disagreements for member in catalogue.kind("disagreement")[one]["members"])


FILTERS: dict[str, Filter] = {
    one.name: one
    for one in (
        Filter(
            "value",
            "Exactly this value. Repeat for several.",
            "1071",
            read_number,
            repeatable=True,
            label="Exactly",
            column="value",
        ),
        Filter(
            "value_from",
            "At least this value.",
            "1000",
            read_number,
            label="At least",
            column="value",
            compare=operator.ge,
        ),
        Filter(
            "value_to",
            "At most this value.",
            "2000",
            read_number,
            label="At most",
            column="value",
            compare=operator.le,
        ),
        _code("area", "Police force", "Police force (ONS code).", "E23000001"),
        _code("measure", "What happened", "What happened.", "accused"),
        _code("statistic", "Kind of statistic", "Kind of statistic.", "count", choices=tuple(Statistic)),
        _code("category", "Kind of misconduct", "Kind of misconduct.", "sexual_assault"),
        _code("population", "Among whom", "Group in which it is counted.", "officers"),
        _code("counting_unit", "What is counted", "Unit that is counted.", "people"),
        Filter(
            "year",
            "Figures for this year or a part of it: 2022; 2019/20 or 2019-20 for twelve months that begin in 2019. "
            "Repeat for several.",
            "2022",
            read_year,
            repeatable=True,
            label="Year",
            column="year",
        ),
        Filter(
            "period_from",
            "Figures whose period ends on or after this day.",
            "2014",
            read_first_day,
            label="Period ends on or after",
            column="period_until",
            compare=operator.ge,
        ),
        Filter(
            "period_to",
            "Figures whose period begins on or before this day.",
            "2024-12-31",
            read_last_day,
            label="Period begins on or before",
            column="period_from",
            compare=operator.le,
        ),
        _code("period_type", "Kind of period", "Kind of reference period.", "year", choices=tuple(PeriodType)),
        _record("source", "source", "Source", "Source that prints the figure.", "eye-of-media-2024-disclosure"),
        Filter(
            "publisher",
            "Publisher of the source. Repeat for several.",
            "Police Oracle",
            repeatable=True,
            label="Publisher",
            column="source",
            resolve=_sources_of,
            codes=_publishers,
        ),
        Filter(
            "published_from",
            "Source published on or after this day.",
            "2023-01",
            read_first_day,
            label="Published on or after",
            column="source",
            resolve=lambda days, catalogue: _sources_dated(catalogue, lambda _, last: last >= days[0]),
        ),
        Filter(
            "published_to",
            "Source published on or before this day.",
            "2024",
            read_last_day,
            label="Published on or before",
            column="source",
            resolve=lambda days, catalogue: _sources_dated(catalogue, lambda first, _: first <= days[0]),
        ),
        _code("stated_by", "Stated by", "Who made the statement, according to the source.", "metropolitan_police"),
        _record(
            "origin",
            "source",
            "First appeared in",
            "Source in which the claim first appeared.",
            "eye-of-media-2024-disclosure",
        ),
        _code("obs_status", "Status", "SDMX observation status.", "A"),
        _code(
            "qualifier",
            "How precisely stated",
            "How precisely the figure is stated.",
            "exact",
            choices=tuple(Qualifier),
        ),
        _record(
            "disagreement",
            "disagreement",
            "Disagreement",
            "Members of a disagreement.",
            "how-many-were-accused",
            column="id",
            resolve=_members,
        ),
    )
}

RANGES = tuple((name, f"{name.removesuffix('_from')}_to") for name in FILTERS if name.endswith("_from"))
"""Filters for the least and the most of the same thing."""
