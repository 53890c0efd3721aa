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
from typing import Any, Literal, NamedTuple, Protocol

from misconduct.model.codes import Qualifier, Statistic, Unit
from misconduct.model.parameter import (
    Parameter,
    read_beginning_of_year,
    read_first_day,
    read_interval,
    read_last_day,
    read_number,
    read_year,
)
from misconduct.model.period import UNDATED, PeriodType, bounds


class Vocabulary(Protocol):
    """The codes and records of a release, which its catalogue has (`misconduct.model.catalogue`)."""

    @property
    def codes(self) -> Mapping[str, Mapping[str, Any]]:
        """The codes by list."""

    @property
    def narrower_codes(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """The codes directly below each code that has any, by list and code."""

    @property
    def notations(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """The codes with each notation of other schemes, by list and notation."""

    def kind(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the records of one kind by id."""


Codes = Callable[[Vocabulary], Mapping[str, Any]]
"""Finds the values of a filter in a release, each with its record."""


class Test(NamedTuple):
    """A test of one column of observations.

    `in`, `not in` and `overlaps` (of a column of lists) take codes, `words` an English text, the others a value, and
    `null` and `not null` nothing.
    """

    column: str
    operator: Literal["in", "not in", "overlaps", "words", "<=", ">=", "null", "not null"]
    value: Any = None


Alternatives = tuple[tuple[Test, ...], ...]
"""A condition: at least one alternative holds, and in it every test."""


@dataclass(frozen=True, kw_only=True)
class Filter(Parameter):
    """A condition on a column of observations; of several values any will do.

    `compare` is the operator between the column and the value. `resolve` turns the values into codes of the column,
    where they are not that themselves. `alternatives` makes the whole condition, where it is more than that. `codes`
    finds what values there are, where they are codes; `kind` is the kind of record that they name. `alternative_value`
    turns a value of the column into one of the filter, to say what would match; None: by `alternatives` that cannot be
    said. `label` is for people.
    """

    label: str
    column: str
    compare: Callable[[Any, Any], Any] = operator.eq
    resolve: Callable[[Sequence[Any], Vocabulary], Iterable[str]] | None = None
    alternatives: Callable[[Sequence[Any], Vocabulary], Alternatives] | None = None
    codes: Codes | None = None
    kind: str | None = None
    alternative_value: Callable[[str, Vocabulary], str | None] | None = None

    @property
    def takes_codes(self) -> bool:
        """Whether its values are codes that the register declares: by these a chart may choose its figures."""
        return self.codes is not None and self.alternatives is None

    @property
    def finds_narrower(self) -> bool:
        """Tell whether a code also finds the codes that are narrower than it, unless `narrower=0`."""
        return self.takes_codes and self.kind is None


SEVERAL = "Repeat, or separate by commas, for several."


def _code(name: str, label: str, description: str, example: str, **more: Any) -> Filter:
    """Declare a filter by the codes of the list that has the name of its column."""
    more = {"column": name, "codes": lambda catalogue: catalogue.codes.get(name, {}), "commas": True, **more}
    return Filter(name, f"{description} {SEVERAL}", example, repeatable=True, label=label, **more)


def _record(name: str, kind: str, label: str, description: str, example: str, **more: Any) -> Filter:
    """Declare a filter by the ids of records of one kind."""
    return _code(name, label, description, example, codes=lambda catalogue: catalogue.kind(kind), kind=kind, **more)


def with_narrower(name: str, codes: Sequence[str], catalogue: Vocabulary) -> list[str]:
    """Return codes of a list, followed by those that are narrower than one of them (SKOS narrowerTransitive)."""
    narrower, found = catalogue.narrower_codes.get(name, {}), list(dict.fromkeys(codes))
    seen = {*found}
    for code in found:  # which grows meanwhile
        further = [one for one in dict.fromkeys(narrower.get(code, ())) if one not in seen]
        found += further
        seen.update(further)
    return found


def _classified(list_name: str, label: str, description: str, example: str) -> Filter:
    """Declare a filter by the codes that figures get by classification: from one column, or by their ids."""

    def alternatives(codes: Sequence[str], catalogue: Vocabulary) -> Alternatives:
        wanted: dict[str, list[str]] = {}
        other_figures: list[str] = []
        for one in catalogue.kind("classification").values():
            found, _, code = one["code"].partition("/")
            for column, values in one["of"].items() if found == list_name else ():
                if code in codes:
                    wanted.setdefault(column, []).extend(values)
                elif column == "observation":
                    other_figures.extend(values)
        by_id = ((Test("id", "in", tuple(wanted.pop("observation", ()))),),)
        rest = Test("id", "not in", tuple(other_figures))
        return (*by_id, *((Test(column, "in", tuple(values)), rest) for column, values in sorted(wanted.items())))

    return _code(list_name, label, description, example, column="id", alternatives=alternatives)


def _related(name: str, kind: str, description: str) -> Filter:
    """Declare a filter that leaves out the figures with a relation, or all others."""

    def alternatives(wanted: Sequence[str], catalogue: Vocabulary) -> Alternatives:
        relations = catalogue.kind("relation").values()
        figures = {figure for one in relations if one["type"] == kind for figure in one["figures"]}
        again = (one["figures"] for one in relations if one["type"] == "repeats" and one["of"] in figures)
        found = tuple(sorted(figures.union(*again)))  # what is printed again is a part of the same
        return ((Test("id", "not in" if wanted[0] == "exclude" else "in", found),),)

    label = {"repeats": "Repetitions", "parts": "Parts of other figures"}[name]
    choices = ("exclude", "only")
    return Filter(name, description, "exclude", label=label, column="id", choices=choices, alternatives=alternatives)


def _ends_on_or_after(days: Sequence[date], catalogue: Vocabulary) -> Alternatives:
    sources = tuple(sorted(_sources_dated(catalogue, lambda _, last: last >= days[0])))
    undated = Test("period_until", "null"), Test("period_type", "in", UNDATED), Test("source", "in", sources)
    return ((Test("period_until", ">=", days[0]),), undated)


def _begins_on_or_before(days: Sequence[date], catalogue: Vocabulary) -> Alternatives:
    sources = tuple(sorted(_sources_dated(catalogue, lambda _, last: last <= days[0])))
    undated = Test("period_from", "null"), Test("period_type", "in", UNDATED), Test("source", "in", sources)
    return ((Test("period_from", "<=", days[0]),), undated)


_OPEN = tuple(one for one in Qualifier if one not in (Qualifier.JUST_UNDER, Qualifier.BETWEEN))
"""The qualifiers whose words allow any value beyond their bound. *Nearly* is not one: it means close by."""


def _allowed(columns: Sequence[str], operator: Literal["<=", ">="], value: Any) -> Alternatives:
    """Find what may be at most or at least this, as far as the printed words allow: some value of theirs is.

    It is tested with the first of these columns that is not null, unless the words leave that side open: with the
    bound of the other side, and none of this one.
    """
    bounded = (
        (*(Test(before, "null") for before in columns[:place]), Test(column, operator, value))
        for place, column in enumerate(columns)
    )
    here, other, _ = columns
    return (*bounded, (Test(here, "null"), Test(other, "not null"), Test("qualifier", "in", _OPEN)))


def _publisher(name: str, label: str, column: str, description: str, example: str) -> Filter:
    """Declare a filter by the publisher of the source in a column."""

    def alternatives(publishers: Sequence[str], catalogue: Vocabulary) -> Alternatives:
        wanted = {*publishers}
        sources = (slug for slug, one in catalogue.kind("source").items() if one["publisher"] in wanted)
        return ((Test(column, "in", tuple(sources)),),)

    return Filter(
        name,
        f"{description} Repeat for several.",
        example,
        repeatable=True,
        label=label,
        column=column,
        alternatives=alternatives,
        codes=lambda catalogue: {
            one["publisher"]: one for one in catalogue.kind("source").values() if one["publisher"]
        },
        alternative_value=lambda source, catalogue: catalogue.kind("source")[source]["publisher"],
    )


def _years(name: str, label: str, description: str, example: str, operator: Literal["<=", ">="]) -> Filter:
    """Declare a filter by the calendar year in which a year begins, which is the first in its label."""

    def alternatives(years: Sequence[int], _: Vocabulary) -> Alternatives:
        day = date(years[0], 1, 1) if operator == ">=" else date(years[0], 12, 31)
        return ((Test("year", "not null"), Test("period_from", operator, day)),)

    return Filter(
        name,
        description,
        example,
        read_beginning_of_year,
        label=label,
        column="year",
        alternatives=alternatives,
        alternative_value=lambda year, _: year,
    )


YEARS, DAYS = ("year", "year_from", "year_to"), ("period_from", "period_to", "within")
"""The filters by year, which choose the columns of a table by year, and those by day."""


def chooses_year(asked: Mapping[str, Sequence[Any]], label: str) -> bool:
    """Tell whether the filters by year of a request choose the year with this label."""
    begins = int(label[:4])
    first, last = (asked.get(name, [begins])[0] for name in ("year_from", "year_to"))
    return first <= begins <= last and label in asked.get("year", [label])


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
            "id",
            f"Id of an observation. {SEVERAL}",
            "k7m3q,gb7nr",
            repeatable=True,
            commas=True,
            label="Id",
            column="id",
        ),
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
            "Figures that may be at least this, as far as their words allow: 1000 finds 1,000 and more than 500, but "
            "not nearly 1,000.",
            "1000",
            read_number,
            label="At least",
            column="value",
            compare=operator.ge,
            alternatives=lambda values, _: (
                *_allowed(("value_high", "value_low", "value"), ">=", values[0]),
                (Test("qualifier", "in", (Qualifier.MAGNITUDE,)),),  # scores may be any number
            ),
        ),
        Filter(
            "value_to",
            "Figures that may be at most this, as far as their words allow: 2000 finds 2,000 and fewer than 3,000, but "
            "not more than 2,000.",
            "2000",
            read_number,
            label="At most",
            column="value",
            compare=operator.le,
            alternatives=lambda values, _: _allowed(("value_low", "value_high", "value"), "<=", values[0]),
        ),
        _code(
            "area",
            "Police force",
            "Area: a code of the list area, or its notation in another scheme, such as GSS, ISO 3166 or FIPS.",
            "E23000001",
        ),
        _code("measure", "What happened", "What is counted: accused, suspended, under review …", "accused"),
        _code("statistic", "Kind of statistic", "Kind of statistic.", "count", choices=tuple(Statistic)),
        _code("category", "Kind of misconduct", "Kind of misconduct.", "sexual_assault"),
        _code("population", "Among whom", "Population: officers, staff, the public …", "officers"),
        _code("counting_unit", "What is counted", "Counting unit: people, cases, calls …", "people"),
        Filter(
            "year",
            "Figures for this year or a part of it: 2022; 2019/20 or 2019-20 for twelve months that begin in 2019. "
            f"{SEVERAL}",
            "2022",
            read_year,
            repeatable=True,
            commas=True,
            label="Year",
            column="year",
        ),
        _years("year_from", "Year from", "Figures for years that begin in this year or later.", "2019", ">="),
        _years("year_to", "Year to", "Figures for years that begin in this year or earlier.", "2023", "<="),
        Filter(
            "within",
            "Figures whose period lies wholly within this one: two dates with a slash between them, or one date.",
            "2014/2024",
            read_interval,
            label="Period within",
            column="period_from",
            alternatives=lambda found, _: (
                (Test("period_from", ">=", found[0].first), Test("period_until", "<=", found[0].last)),
            ),
        ),
        Filter(
            "period_from",
            "Figures whose period ends on or after this day. A printed now ends by its publication.",
            "2014",
            read_first_day,
            label="Period ends on or after",
            column="period_until",
            alternatives=_ends_on_or_after,
        ),
        Filter(
            "period_to",
            "Figures whose period begins on or before this day. A printed now began by its publication.",
            "2024-12-31",
            read_last_day,
            label="Period begins on or before",
            column="period_from",
            alternatives=_begins_on_or_before,
        ),
        _code("period_type", "Kind of period", "Kind of reference period.", "year", choices=tuple(PeriodType)),
        _record("source", "source", "Source", "Source that prints the figure.", "eye-of-media-2024-disclosure"),
        _publisher("publisher", "Publisher", "source", "Publisher of the source.", "Police Oracle"),
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
        _publisher(
            "origin_publisher",
            "First published by",
            "origin",
            "Publisher of the source in which the claim first appeared.",
            "Metropolitan Police",
        ),
        _record(
            "caveat",
            "caveat",
            "Note",
            "Note that travels with the figure.",
            "almost_200_and_196",
            column="caveats",
            alternatives=lambda caveats, _: ((Test("caveats", "overlaps", tuple(caveats)),),),
            alternative_value=lambda caveat, _: caveat,
        ),
        _classified("population_group", "Group of people", "Coarse group in which it is counted.", "officers"),
        _classified("vetting_check", "Vetting check", "Check of the workforce that found it.", "workforce_check"),
        _classified("vetting_result", "Result of a check", "What a check of the workforce found.", "accused"),
        _classified("stock_or_flow", "Stock or flow", "As at one time (stock), or over a period (flow).", "stock"),
        _classified("stage", "Stage", "How far the matter had gone.", "allegation"),
        _related(
            "repeats",
            "repeats",
            "exclude: without figures that repeat the claim of another one found. only: only repetitions.",
        ),
        _related("parts", "part_of", "exclude: without stated parts of another figure found. only: only these."),
        _code("unit", "Unit", "How the value is expressed.", "percent", choices=tuple(Unit)),
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
            "Only figures that belong to this disagreement.",
            "how-many-were-accused",
            column="id",
            resolve=_members,
        ),
    )
}


def name_code(name: str, code: str, catalogue: Vocabulary) -> str:
    """Return a value of a filter in words: the label of a code, the title of a record, else the value itself."""
    one = FILTERS[name]
    if one.kind is not None:
        return str(catalogue.kind(one.kind).get(code, {}).get("title") or code)
    return str(catalogue.codes.get(name, {}).get(code, {}).get("label", code))


def find_codes(name: str, text: str, catalogue: Vocabulary) -> Sequence[str]:
    """Return the codes that a value of a filter by codes may mean: itself, or those that have it as notation."""
    codes = FILTERS[name].codes
    if codes is None or text in codes(catalogue):
        return [text]
    return catalogue.notations.get((name, text), [])


RANGES = tuple((name, f"{name.removesuffix('_from')}_to") for name in FILTERS if name.endswith("_from"))
"""Filters for the least and the most of the same thing."""
