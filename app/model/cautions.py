"""What a sum over a listing would get wrong: each warning names the parameter that avoids it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.model.catalogue import Catalogue
from app.model.period import Coverage, coverage_of


class Group(NamedTuple):
    """Figures that are alike in what a sum depends on, and how many there are."""

    source: str
    period_type: str
    period_start: str | None
    period_end: str | None
    statistic: str
    unit: str
    counting_unit: str
    figures: int


class Facts(NamedTuple):
    """What is known of all figures that match: their groups, and those of them that relations or disagreements mention.

    `related` are without regard to the filters `repeats` and `parts`. `undated` is the number of figures that only the
    filters by time leave out, and whose period has no date on one side. `is_sample`: the groups are not of all figures.
    """

    groups: Sequence[Group]
    related: Collection[str]
    undated: int
    is_sample: bool


def related_figures(catalogue: Catalogue) -> list[str]:
    """Return the ids of all figures that relations or disagreements mention."""
    relations = catalogue.kind("relation").values()
    related = {figure for one in relations for figure in (*one["figures"], one["of"])}
    return sorted(related.union(*(one["members"] for one in catalogue.kind("disagreement").values())))


def find_cautions(catalogue: Catalogue, facts: Facts, asked: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the warnings about a listing; `asked` are the parameters of the request."""
    found = [*_about_relations(catalogue, set(facts.related), asked)]
    alike = [
        name
        for name, one in catalogue.kind("disagreement").items()
        if len(set(facts.related).intersection(one["members"])) > 1
    ]
    if alike:
        detail = (
            f"Some of these figures look alike and are not equal ({_count(len(alike), 'group', 'groups')}). A sum "
            "mixes them. The disagreements say which one answers which question."
        )
        found.append(notice("look_alikes", "disagreement", detail, alike))
    units = {(one.statistic, one.unit, one.counting_unit) for one in facts.groups}
    if len(units) > 1:
        counted = sorted({one.counting_unit for one in facts.groups})
        name = "counting_unit" if len(counted) > 1 else "statistic"
        values = counted if len(counted) > 1 else sorted({one.statistic for one in facts.groups})
        detail = f"These figures count {len(units)} different things. A sum mixes them. Choose one with {name}."
        found.append(notice("unlike_units", name, detail, values))
    partly = [one for one in facts.groups if _is_part_of_year(one, catalogue)]
    if partly:
        number = sum(one.figures for one in partly)
        detail = f"{_count(number, 'figure is', 'figures are')} for a part of a year. See coverage."
        found.append(notice("part_years", "year", detail, sorted({(one.period_start or "")[:4] for one in partly})))
    if facts.undated:
        detail = (
            f"{_count(facts.undated, 'figure has', 'figures have')} no dates, and cannot be found by time. "
            "Leave out year, period_from and period_to to see them."
        )
        name = next(one for one in ("year", "period_from", "period_to") if one in asked)
        found.append(notice("undated_left_out", name, detail))
    return found


def _about_relations(
    catalogue: Catalogue, related: set[str], asked: Mapping[str, Sequence[Any]]
) -> Iterable[dict[str, Any]]:
    said = catalogue.said_of_figures
    parts = {one: said[one]["part_of"] for one in said if said[one]["part_of"]}
    copies = {one: said[one]["repeats"] for one in said if said[one]["repeats"]}
    shown = related.intersection({*parts, *copies}.union(*parts.values(), copies.values()))
    for name, figures in (("repeats", copies), ("parts", parts)):
        if name in asked:
            shown = shown.difference(figures) if asked[name][0] == "exclude" else shown.intersection(figures)
    claims = {copies.get(one, one): one for one in sorted(shown)}  # a part of a repetition is a part of the claim
    twice = [
        (one, claims[claim])
        for one in sorted(shown)
        for whole in _wholes(one, parts)
        if (claim := copies.get(whole, whole)) in claims
    ]
    if twice:
        number = len({one for one, _ in twice})
        detail = (
            f"{_count(number, 'figure is a part', 'figures are parts')} of others in this list, such as {twice[0][0]} "
            f"of {twice[0][1]}. A sum counts them twice. Use parts=exclude, or rows without part_of."
        )
        yield notice("whole_and_parts", "parts", detail, ["exclude"])
    repeated = len(shown) - len(claims)
    if repeated:
        detail = (
            f"{_count(repeated, 'figure repeats', 'figures repeat')} the claim of another in this list. A sum counts "
            "the claim again. Use repeats=exclude, or rows without repeats."
        )
        yield notice("repeated_claims", "repeats", detail, ["exclude"])
    elsewhere = sorted(one for one in related if copies.get(one, one) not in related)
    if elsewhere and asked.get("repeats") == ["exclude"]:
        detail = (
            f"{_count(len(elsewhere), 'figure repeats a claim', 'figures repeat claims')} whose other printing does "
            f"not match the other filters: {', '.join(elsewhere[:5])}. repeats=exclude leaves these out too."
        )
        yield notice("repeated_elsewhere", "repeats", detail)


def _wholes(figure: str, parts: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what a figure is a part of, directly or through others; the register has no circles."""
    found = list(parts.get(figure, ()))
    for one in found:  # which grows meanwhile
        found += parts.get(one, ())
    return found


def _is_part_of_year(group: Group, catalogue: Catalogue) -> bool:
    published = catalogue.kind("source")[group.source]["published"]
    period = (group.period_type, group.period_start or "", group.period_end or "")
    return coverage_of(*period, published) == Coverage.PART


def find_unpublished(
    catalogue: Catalogue, asked: Mapping[str, Sequence[Any]], dataset: str | None
) -> list[dict[str, Any]]:
    """Return a warning for each question that no source answers and that a request without result seems to ask."""
    return [
        notice("not_published", "measure", f"{one['question']} {one['explanation']}", [one["id"]])
        for one in catalogue.kind("not_published").values()
        if not {*one["measure"]}.isdisjoint(asked.get("measure", ()))
        and ("category" not in asked or not one["category"] or not {*one["category"]}.isdisjoint(asked["category"]))
        and (dataset is None or dataset in one["datasets"])
    ]


def notice(code: str, parameter: str | None, detail: str, available: Sequence[str] = ()) -> dict[str, Any]:
    """Make a warning about a successful answer."""
    return {"code": code, "parameter": parameter, "detail": detail, "available": list(available)}


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
