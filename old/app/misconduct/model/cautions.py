"""What a sum over a listing would get wrong: each warning names the parameter that avoids it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import DIMENSIONS, ValueAbsent
from misconduct.model.filters import DAYS, YEARS
from misconduct.model.period import Coverage, Days, PeriodType, coverage_of, span, unlike_years, year_of

MOST_UNPUBLISHED = 20
"""Questions without an answer that have a warning of their own."""

HIDDEN = (ValueAbsent.SUPPRESSED, ValueAbsent.WITHHELD)
"""Why a number that exists is not in the register."""


_MOST_LABELS = 3
"""Labels of years that a warning names."""


class Kind(NamedTuple):
    """What kind of number figures are, and how many are of it."""

    measure: str
    category: str
    population: str
    statistic: str
    unit: str
    counting_unit: str
    value_absent: str | None
    figures: int


class OfPeriod(NamedTuple):
    """The source and the period of figures, and how many have them."""

    source: str
    period_type: str
    period_start: str | None
    period_end: str | None
    figures: int


THING = (*DIMENSIONS, "unit")
"""What is the same of figures that are about the same thing, beside the days and whether they are a point in time."""


class Facts(NamedTuple):
    """What is known of all figures that match: their kinds, their periods, and which of them other records mention.

    `stated_by_several` has, of each thing that several sources state of the same days, the source of each figure.
    `related` are without regard to the filters `repeats` and `parts`. `undated` is the number of figures that only the
    filters by time leave out, and whose period has no date on one side. `is_sample`: kinds, periods and
    `stated_by_several` are not of all figures.
    """

    kinds: Sequence[Kind]
    periods: Sequence[OfPeriod]
    stated_by_several: Sequence[Mapping[str, str]]
    related: Collection[str]
    undated: int
    is_sample: bool


CAUTIONED = ("repeats", "parts", *YEARS, *DAYS)
"""The parameters that `find_cautions` reads, beside the figures that match."""


def find_cautions(catalogue: Catalogue, facts: Facts, asked: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the warnings about a listing; `asked` are the parameters of the request."""
    shown = _in_list(catalogue, set(facts.related), asked)
    found = [
        *_about_relations(catalogue, shown),
        *_about_sources(catalogue, facts.stated_by_several),
        *_about_kinds(facts.kinds),
    ]
    members = Counter(name for one in shown for name in catalogue.disagreements_of.get(one, ()))
    alike = [name for name in catalogue.kind("disagreement") if members[name] > 1]
    if alike:
        detail = (
            f"Some of these figures look alike and are not equal ({_count(len(alike), 'group', 'groups')}). A sum "
            "mixes them. The disagreements say which one answers which question."
        )
        found.append(notice("look_alikes", "disagreement", detail, alike))
    at_least = "At least " if facts.is_sample else ""
    partly = [one for one in facts.periods if _is_part_of_year(one, catalogue)]
    if partly:
        number = sum(one.figures for one in partly)
        detail = f"{at_least}{_count(number, 'figure is', 'figures are')} for a part of a year. See coverage."
        found.append(notice("part_years", "year", detail, sorted({_days(one).label or "" for one in partly})))
    found += _about_years(facts.periods)
    hidden = [one for one in facts.kinds if one.value_absent in HIDDEN]
    if hidden:
        number = sum(one.figures for one in hidden)
        detail = (
            f"{at_least}{_count(number, 'figure has', 'figures have')} a number that is hidden, and not to be read as "
            "zero. A sum leaves it out, so it is too small. See value_absent."
        )
        found.append(notice("hidden_left_out", None, detail))
    found += _about_time(facts, asked)
    if facts.is_sample:
        number = sum(one.figures for one in facts.kinds)
        detail = (
            f"The warnings are of {number} of these figures, the first ones by id: others may be hidden, or of other "
            "kinds, units, years and sources. Fewer figures are all looked at: add filters."
        )
        found.append(notice("weighed_in_part", None, detail))
    return found


def _about_sources(catalogue: Catalogue, things: Sequence[Mapping[str, str]]) -> Iterable[dict[str, Any]]:
    """Warn of figures of several sources for the same thing and days, which no relation says are one claim."""
    copies, _ = catalogue.copies_and_parts
    several = []
    for source_of in things:
        claims = {copies[one]: source for one, source in source_of.items() if one in copies}
        claims |= {one: source for one, source in source_of.items() if one not in copies}
        if len(found := {*claims.values()}) > 1:
            several.append(found)
    if several:
        sources = sorted(set[str]().union(*several))
        detail = (
            f"{_count(len(several), 'thing is', 'things are')} counted here by several sources, in the same period. A "
            "sum counts them once for each source. Choose one with source, or compare the figures."
        )
        yield notice("stated_by_several", "source", detail, sources)


def _about_years(periods: Sequence[OfPeriod]) -> Iterable[dict[str, Any]]:
    """Warn of years that have one label and begin in different months: 2020/21 from April, and from October."""
    days = [(one.source, _days(one)) for one in periods]
    unlike = unlike_years(one for _, one in days)
    if unlike:
        labels, more = ", ".join([*unlike][:_MOST_LABELS]), len(unlike) - _MOST_LABELS
        months = {one.month: f"{one:%B}" for one in sorted(set[date]().union(*unlike.values()))}
        begins = " and ".join(months[number] for number in sorted(months))
        detail = (
            f"Years with one label begin in different months: {labels}{f' and {more} more' if more > 0 else ''} in "
            f"{begins}. A sum or a column by year mixes them. Choose one source with source, or see period_start."
        )
        yield notice("unlike_years", "source", detail, sorted({source for source, one in days if one.label in unlike}))


def _days(group: OfPeriod) -> Days:
    cells = (group.period_type, group.period_start or "", group.period_end or "")
    first, last = span(*cells)
    return Days(year_of(*cells)[0], first or date.min, last or date.max)


def _about_kinds(kinds: Sequence[Kind]) -> Iterable[dict[str, Any]]:
    def values(name: str) -> list[str]:
        return sorted({getattr(one, name) for one in kinds})

    units = {(one.statistic, one.unit, one.counting_unit) for one in kinds}
    if len(units) > 1:
        name = "counting_unit" if len(values("counting_unit")) > 1 else "statistic"
        detail = f"These figures are in {len(units)} different units. A sum mixes them. Choose one with {name}."
        yield notice("unlike_units", name, detail, values(name))
    several = [name for name in ("measure", "category", "population") if len(values(name)) > 1]
    if several:
        detail = (
            f"These figures differ in {' and '.join(several)}. Nobody says that one does not include another, so a "
            f"sum may count the same people or cases several times. Choose one with {several[0]}."
        )
        yield notice("several_kinds", several[0], detail, values(several[0]))


def _about_time(facts: Facts, asked: Mapping[str, Sequence[Any]]) -> Iterable[dict[str, Any]]:
    name = next((one for one in (*YEARS, *DAYS) if one in asked), "")
    if facts.undated:
        figures, days = _count(facts.undated, "figure is", "figures are"), [one for one in DAYS if one in asked]
        detail = f"{figures} left out, because no date is printed. Without {' and '.join(days)} they are there."
        if name in YEARS:
            detail = (
                f"{figures} left out, because no year is printed. period_from and period_to also find what is printed "
                "as now, by the day of publication."
            )
        yield notice("undated_left_out", name, detail)
    first, last = (asked.get(one, [None])[0] for one in ("period_from", "period_to"))
    beyond = [one for one in facts.periods if _reaches_beyond(one, first, last)] if first or last else []
    if beyond:
        number = sum(one.figures for one in beyond)
        reaching = _count(number, "figure is for a period that reaches", "figures are for periods that reach")
        about = "At least " if facts.is_sample else ""
        detail = (
            f"{about}{reaching} beyond the days asked for. A total of ten years is not a figure of one of them. Choose "
            "with within, year or period_type."
        )
        yield notice("windows_reach_beyond", "period_type", detail, ["year", "point"])


def _reaches_beyond(group: OfPeriod, first: date | None, last: date | None) -> bool:
    if group.period_type != PeriodType.WINDOW:
        return False
    starts, ends = span(group.period_type, group.period_start or "", group.period_end or "")
    return bool((first and (starts is None or starts < first)) or (last and (ends is None or ends > last)))


def _in_list(catalogue: Catalogue, related: set[str], asked: Mapping[str, Sequence[Any]]) -> set[str]:
    """Return which of the figures that other records mention are left by the filters `repeats` and `parts`."""
    copies, parts = catalogue.copies_and_parts
    shown = related - left_out_ids(catalogue, related, asked)
    for name, figures in (("repeats", copies), ("parts", parts)):
        if asked.get(name) == ["only"]:
            shown.intersection_update(figures)
    return shown


def _about_relations(catalogue: Catalogue, shown: Collection[str]) -> Iterable[dict[str, Any]]:
    copies, _ = catalogue.copies_and_parts
    claims = {copies.get(one, one): one for one in sorted(shown)}  # a part of a repetition is a part of the claim
    wholes = _find_wholes(catalogue, shown, claims)
    twice = sorted(wholes)
    if twice:
        detail = (
            f"{_count(len(twice), 'figure is a part', 'figures are parts')} of others in this list, such as {twice[0]} "
            f"of {claims[wholes[twice[0]]]}. A sum counts them twice. Use parts=exclude in a list, or rows "
            "without part_of."
        )
        yield notice("whole_and_parts", "parts", detail, ["exclude"])
    repeated = len(shown) - len(claims)
    if repeated:
        detail = (
            f"{_count(repeated, 'figure repeats', 'figures repeat')} the claim of another in this list. A sum counts "
            "the claim again. Use repeats=exclude, or rows without repeats."
        )
        yield notice("repeated_claims", "repeats", detail, ["exclude"])


def _find_wholes(catalogue: Catalogue, shown: Collection[str], claims: Collection[str]) -> dict[str, str]:
    """Return which of the figures `shown` are parts of what is among these claims, directly or through others, each
    with the nearest such claim."""
    copies, parts = catalogue.copies_and_parts
    reached, level = set[str](), {one for one in shown if one in parts}
    while level:
        reached |= level
        level = {whole for one in level for whole in parts[one] if whole in parts} - reached
    found: dict[str, str] = {}
    for part in [one for one in parts if one in reached] if reached else ():  # in their order, wholes first
        direct = [claim for whole in parts[part] if (claim := copies.get(whole, whole)) in claims]
        through = (found[whole] for whole in parts[part] if whole in found)
        if nearest := next(chain(direct, through), None):
            found[part] = nearest
    return {one: found[one] for one in shown if one in found}


def _is_part_of_year(group: OfPeriod, catalogue: Catalogue) -> bool:
    published = catalogue.kind("source")[group.source]["published"]
    period = (group.period_type, group.period_start or "", group.period_end or "")
    return coverage_of(*period, published) == Coverage.PART


def left_out_ids(catalogue: Catalogue, found: Collection[str], asked: Mapping[str, Sequence[Any]]) -> set[str]:
    """Return which of the figures `found` the parameters repeats=exclude and parts=exclude leave out.

    Of each claim one printing stays: the one that the others repeat, if it is among them. A part is left out if its
    whole, or a printing of the same claim, is among them.
    """
    if ["exclude"] not in (asked.get("repeats"), asked.get("parts")):
        return set()
    copies, _ = catalogue.copies_and_parts
    claims: dict[str, list[str]] = {}
    for one in sorted(found, key=lambda one: (one in copies, one)):
        claims.setdefault(copies.get(one, one), []).append(one)
    left_out = set[str]()
    if asked.get("repeats") == ["exclude"]:
        left_out |= {one for printings in claims.values() for one in printings[1:]}
    if asked.get("parts") == ["exclude"]:
        left_out.update(_find_wholes(catalogue, found, claims))
    return left_out


def find_unpublished(
    catalogue: Catalogue, asked: Mapping[str, Sequence[Any]], dataset: str | None
) -> list[dict[str, Any]]:
    """Return a warning for each question that no source answers and that a request seems to ask."""
    found = [
        one
        for one in catalogue.kind("not_published").values()
        if not {*one["measure"]}.isdisjoint(asked.get("measure", ()))
        and (not one["category"] or not {*one["category"]}.isdisjoint(asked.get("category", ())))
        and (dataset is None or dataset in one["datasets"])
    ]
    told = [
        notice("not_published", "measure", f"{one['question']} {one['explanation']}", [one["id"]])
        for one in found[:MOST_UNPUBLISHED]
    ]
    if further := [one["id"] for one in found[MOST_UNPUBLISHED:]]:
        detail = f"No source answers {_count(len(further), 'further question', 'further questions')} about it."
        told.append(notice("not_published", "measure", detail, further))
    return told


def notice(code: str, parameter: str | None, detail: str, available: Sequence[str] = ()) -> dict[str, Any]:
    """Make a warning about a successful answer."""
    return {"code": code, "parameter": parameter, "detail": detail, "available": list(available)}


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
