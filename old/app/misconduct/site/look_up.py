"""Look up a number: which statistic it is, who stated it, and what it must not be compared with."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import chain
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Response

from misconduct.api.request_context import Question, find_meaning
from misconduct.api.routing import DirectRouter
from misconduct.api.state import StatedTotals
from misconduct.errors import InvalidRequest
from misconduct.model import figure
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import UNSTATED, Unit
from misconduct.model.comparison import DIFFERING, SAME, WORDS, compare
from misconduct.model.locator import text_span
from misconduct.model.observation import Observation
from misconduct.model.parameter import Unreadable, read_words
from misconduct.queries import empty_results, observations
from misconduct.queries.filters import Filters
from misconduct.queries.search import conditions
from misconduct.site.number_input import Typed, read_typed
from misconduct.site.observation import make_page
from misconduct.site.rendering import page, parse_page_request

MOST_SHOWN, MOST_OF_TABLES = 100, 20
MOST_COMPARED, LEAST_COMPARED = 400, 3  # pairs of figures on a page, each a fraction of a millisecond; of each figure
UNREADABLE = (
    "No figure has these words. Enter one number as you found it, such as 1,071, about 1,000, one in 50 or 42%, or "
    "words such as sexual assault."
)

DIMENSIONS = {"measure": "what happened", "category": "kind of misconduct", "area": "police force"}
"""Dimensions whose names mean little to a reader."""

router = DirectRouter(include_in_schema=False)

Asked = Annotated[Question, Depends(parse_page_request(as_typed=("value",)))]


class Unlike(NamedTuple):
    """A figure that must not be compared with one that was found, or only with care, and the dimensions that differ."""

    other: dict[str, Any]
    is_different: bool
    dimensions: list[str]


class Found(NamedTuple):
    """A figure with the number, those unlike it, and the disagreements that have more, which were not compared."""

    figure: dict[str, Any]
    unlike: list[Unlike]
    more: list[Mapping[str, Any]]


@router.get("/look-up")
async def look_up(question: Asked) -> Response:
    """Show all figures with a number, which may be typed as it was printed; if there are none, the nearest numbers."""
    text = next(iter(question.values.get("value", ())), "")
    typed = read_typed(text)
    found, total = await _find(question, text, typed)
    is_unread = bool(text) and typed is None and not found
    in_texts = [o for o in found if o.at and text_span(o.at)] if typed else list(found)
    in_tables = found[len(in_texts) :][:MOST_OF_TABLES]
    asked = [one for name, values in typed.filters().asked if name == "value" for one in values] if typed else []
    has_fall = any(o.value is not None and o.value < 0 for o in found)
    looked_up: dict[str, Any] = {
        "status": 422 if is_unread else 200,
        "text": text,
        "typed": typed,
        "problem": UNREADABLE if is_unread else None,
        "found": found,
        "total": total,
        "all_in_tables": total - len(in_texts),
        "values": [f"{value:f}" for value in asked if value >= 0 or has_fall],
        "origins": len({o.origin for o in in_texts}),
        "counted": _count_units(question, found),
        "uncounted": sum(o.counting_unit == UNSTATED for o in found),
        "most": MOST_SHOWN,
        "totals": await _find_totals(question, typed) if typed else [],
        "most_totals": MOST_OF_TABLES,
        "nearest": await _find_nearest(question, typed) if typed and not found else [],
        "examples": _examples(question),
    }
    beside = await _find_beside(question, in_texts)

    def make() -> Response:
        return page(
            question,
            "look-up.html",
            in_texts=[_set_apart(question, o, *beside[o.id]) for o in in_texts],
            in_tables=list(map(figure.as_objects(question.catalogue, question.service.base_url), in_tables)),
            **looked_up,
        )

    return await make_page(question, chain(found, *(others for others, _ in beside.values())), make)


async def _find(question: Question, text: str, typed: Typed | None) -> tuple[Sequence[Observation], int]:
    """Find the figures with the number, in any unit, those in texts before the many in tables, and how many there are.

    Without a number, find those printed so, or that have the words.
    """
    database, ordinal, sort = question.service.database, question.release.ordinal, observations.TEXTS_FIRST
    if typed:
        filters = typed.filters()
    else:
        try:
            words = await find_meaning(question, read_words(text))
        except (Unreadable, InvalidRequest):
            return [], 0
        filters, sort = Filters(others=tuple(conditions(words))), observations.BEST_FIRST
    page = await observations.find(database, filters, ordinal, sort=sort, limit=MOST_SHOWN)
    if typed:
        fitting = {one for one in {(o.value, o.unit) for o in page.observations} if typed.fits(*one)}  # most are alike
        found = [o for o in page.observations if (o.value, o.unit) in fitting]
        return found, len(found) + page.total - len(page.observations)
    wanted = " ".join(text.casefold().split())
    return [o for o in page.observations if (o.printed or "").casefold() == wanted] or page.observations, page.total


async def _find_totals(question: Question, typed: Typed) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Find the published totals with the number, by which tables were checked: no figures, but they lead to some.

    Totals that are a cell of the file are known to who has the file; those that are a figure are found as figures.
    """
    service, key = question.service, question.release_key
    found = service.stated_totals.get(key)
    if found is None:
        totals = sum(len(table["totals"]) for table in question.catalogue.kind("table").values())
        async with service.encoder.turn_if_long(totals, question.client):  # who asks meanwhile reads none again
            found = service.stated_totals.get(key)
            if found is None:
                found = await asyncio.to_thread(_read_totals, question.catalogue)
                service.stated_totals.keep(key, found)
    return found.get(typed.reading.in_unit(Unit.COUNT), ())


def _read_totals(catalogue: Catalogue) -> StatedTotals:
    found: dict[Fraction | None, list[tuple[str, Mapping[str, Any]]]] = {}
    for table in catalogue.kind("table").values():
        for total in table["totals"]:
            if total["stated"] is not None and (stated := read_typed(str(total["stated"]))):
                found.setdefault(stated.reading.in_unit(Unit.COUNT), []).append((table["id"], total))
    return found


async def _find_nearest(question: Question, typed: Typed) -> list[str]:
    """Find the numbers nearest to the one that was typed, in the form in which they can be typed."""
    database, ordinal = question.service.database, question.release.ordinal
    there = await empty_results.suggest_alternatives(database, typed.nearest_to(), ordinal, ["value"])
    sign = "%" if typed.reading.unit == Unit.PERCENT else ""
    return [f"{value}{sign}" for value in there.get("value", ())]


async def _find_beside(
    question: Question, found: Sequence[Observation]
) -> dict[str, tuple[list[Observation], list[Mapping[str, Any]]]]:
    """Find for each figure the others of its disagreements: of many the first, and the disagreements that have more."""
    catalogue = question.catalogue
    most = max(MOST_COMPARED // max(len(found), 1), LEAST_COMPARED)
    compared: dict[str, list[str]] = {}
    more: dict[str, list[Mapping[str, Any]]] = {}
    for o in found:
        groups = [catalogue.kind("disagreement")[slug] for slug in catalogue.disagreements_of.get(o.id, ())]
        members: dict[str, None] = {}
        for one in chain.from_iterable(group["members"] for group in groups):
            if one != o.id:
                members[one] = None
            if len(members) > most:
                break
        compared[o.id], more[o.id] = [*members][:most], groups if len(members) > most else []
    wanted = sorted({one for ids in compared.values() for one in ids})
    others = await observations.by_ids(question.service.database, wanted, question.release.ordinal) if wanted else []
    by_id = {o.id: o for o in others}
    return {one: ([by_id[other] for other in ids if other in by_id], more[one]) for one, ids in compared.items()}


def _set_apart(
    question: Question, o: Observation, others: Sequence[Observation], more: list[Mapping[str, Any]]
) -> Found:
    """Return a figure with those of the others that are different, or may be."""
    document = figure.as_document(o, question.catalogue, question.service.base_url)
    return Found(document, _list_unlike(question, o, others), more)


def _list_unlike(question: Question, o: Observation, others: Sequence[Observation]) -> list[Unlike]:
    """List the figures that are different, then those that may be."""
    found = []
    for other in others:
        comparison = compare([o, other], question.catalogue)
        verdict = comparison["verdict"]
        if verdict != SAME:
            decisive = (UNSTATED,) if verdict == UNSTATED else DIFFERING
            dimensions = [one["dimension"] for one in comparison["dimensions"] if one["relation"] in decisive]
            words = [DIMENSIONS.get(name, WORDS.get(name, name)) for name in dimensions]
            document = figure.as_document(other, question.catalogue, question.service.base_url)
            found.append(Unlike(document, verdict != UNSTATED, words))
    return sorted(found, key=lambda one: not one.is_different)


def _count_units(question: Question, found: Sequence[Observation]) -> list[tuple[str, int]]:
    """Count the figures by what they say they count: people, cases, claims."""
    units = Counter(o.counting_unit for o in found if o.counting_unit != UNSTATED)
    return [(question.catalogue.label("counting_unit", code).lower(), count) for code, count in units.most_common()]


def _examples(question: Question) -> list[str]:
    """List some numbers to try: those of the disagreement with the most figures."""
    known = [one["computed"]["figures"] for one in question.catalogue.kind("disagreement").values() if one["computed"]]
    figures: list[dict[str, Any]] = max(known, key=len, default=[])
    return list(dict.fromkeys(one["printed"] for one in figures if one["printed"]))[:5]
