"""Find what explains an answer: disagreements, what else a number may have been, and questions without an answer."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from misconduct.api.current import Current
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import PROSE, Row
from misconduct.model.kinds import KINDS
from misconduct.model.shapes import SeeAlso
from misconduct.model.warnings import Facts
from misconduct.model.wording import (
    as_printed,
    capitalise,
    date_in_words,
    dates_in_words,
    describe_figure,
    why_unpublished,
)
from misconduct.queries.figures import Page, find_page
from misconduct.queries.filters import Conditions
from misconduct.queries.numbers import find_former, find_near
from misconduct.queries.records import find_records
from misconduct.queries.terms import bind

MAX_SHOWN, MAX_BY_WORDS, MAX_BY_ANY_WORD, MAX_EXACT = 8, 5, 3, 100


async def see_also(
    current: Current, conditions: Conditions, facts: Facts
) -> list[SeeAlso]:
    values, catalogue, question = (
        conditions.values,
        current.catalogue,
        conditions.question,
    )
    if facts.total and not {"q", "value"} & values.keys():
        return []
    text, is_number = (
        values.get("q", ""),
        bool(question and question.number and not question.terms),
    )
    if is_number and not any(one.isdecimal() for one in text):
        text = ""  # the words of a number name no record: two in five
    search = partial(find_records, current.tables, text)
    named = await search(("disagreement", "unpublished"), MAX_BY_WORDS)
    records = [
        *named,
        *_of_figures(facts.disagreements, catalogue),
        *(
            ()
            if facts.total or facts.left_out
            else _find_unpublished(values, catalogue)
        ),
    ]
    records = records or await search(("unpublished",), MAX_BY_ANY_WORD, any_word=True)
    records = [
        one
        for one in records
        if one[0] == "disagreement" or _is_asked(one[1], conditions, catalogue)
    ]
    is_explained = bool(
        facts.total and named and is_number
    )  # a record has the number itself
    numbers = await _find_former(current, conditions)
    numbers += [] if is_explained else await _find_near(current, conditions, facts)
    return [*numbers, *_link_records(current, records)]


async def _find_former(current: Current, conditions: Conditions) -> list[SeeAlso]:
    numbers = [*conditions.values.get("value", ()), *_find_typed(conditions)]
    former = (
        await find_former(current.tables, conditions, numbers, current.releases.numbers)
        if numbers
        else []
    )
    return [_link_former(row, current) for row in former]


def _find_typed(conditions: Conditions) -> list[Decimal]:
    """Return the number that a search asks for, as a list. It is empty if there is none, or only a share."""
    typed = conditions.question.number if conditions.question else None
    return [] if typed is None or typed.whole is None else [typed.whole]


def _link_former(row: Row, current: Current) -> SeeAlso:
    number, when = row["former_printed"], f"until release {row['former_release']}"
    why = "This figure had the number before it was revised."
    if row["former_period"] != row["period"]:
        when = f"for {dates_in_words(row['former_period'])}"
    if row["former_weight"] == "continued":
        until = date_in_words(row["period"].rpartition("/")[2])
        why = f"{capitalise(number)} is {when}. The figure now runs to {until}: {as_printed(row)}."
    link = _link_figure("observation", row, why, current)
    return {**link, "title": f"{number} {when}, now {link['title']}"}


async def _find_near(
    current: Current, conditions: Conditions, facts: Facts
) -> list[SeeAlso]:
    """Return near misses of numbers that are not found, or only in tables and without a word of a place."""
    tables, typed = current.tables, _find_typed(conditions)
    numbers: list[Decimal] = [*conditions.asked.get("value", ()), *typed]
    if not numbers:
        return []
    values = dict(conditions.values)
    exact = conditions.sql | {
        "typed": f"value = {bind(typed[0], values)}" if typed else "true"
    }
    only = replace(conditions, sql=exact, values=values)
    found = (
        await find_page(tables, only, ["read_from", "value"], Page(None, MAX_EXACT))
        if facts.total
        else []
    )
    is_surer = bool(conditions.asked_codes("area"))  # than a number alone
    held = {row["value"] for row in found if is_surer or row["read_from"] in PROSE}
    if not (sought := [one for one in numbers if one not in held]):
        return []
    known = PROGRAM_LISTS["near_miss"]
    near = await find_near(tables, conditions, [f"{number:f}" for number in sought])
    return [
        _link_figure("near_miss", row, known[slip]["definition"], current)
        for row, slip in near
    ]


def _link_figure(kind: str, row: Row, why: str, current: Current) -> SeeAlso:
    url = f"{current.view.base_url}/v1/figures/{row['id']}"
    return {
        "kind": kind,
        "id": row["id"],
        "title": describe_figure(row, current.catalogue),
        "url": url,
        "why": why,
    }


def _of_figures(
    found: Mapping[str, int], catalogue: Catalogue
) -> Iterable[tuple[str, str]]:
    known = catalogue.of_kind("disagreement")
    for identity in sorted(
        found, key=lambda one: (-found[one], -len(known[one]["members"]), one)
    ):
        yield "disagreement", identity


def _find_unpublished(
    values: Mapping[str, Any], catalogue: Catalogue
) -> Iterable[tuple[str, str]]:
    for identity, record in catalogue.of_kind("unpublished").items():
        named = [
            name
            for name in ("measure", "category")
            if name in values and record.get(name)
        ]
        is_there = values.get("dataset") in (None, *record.get("datasets", ()))
        if (
            named
            and is_there
            and all(
                catalogue.find_all(name, record[name]) & {*values[name]}
                for name in named
            )
        ):
            yield "unpublished", identity


def _is_asked(identity: str, conditions: Conditions, catalogue: Catalogue) -> bool:
    """Tell whether a question without an answer is about the place and the stage that are asked, if it has them."""
    record = catalogue.of_kind("unpublished")[identity]
    for name, codes in (
        ("area", _find_areas(record, catalogue)),
        ("measure", {*record.get("measure", ())}),
    ):
        its, their = (
            catalogue.find_all(name, some)
            for some in (codes, conditions.asked_codes(name))
        )
        if its and their and its.isdisjoint(their):
            return False
    return True


def _find_areas(question: Content, catalogue: Catalogue) -> set[str]:
    return {*question.get("area", ())} or {
        *catalogue.vocabulary.find_meant("area", question["question"])
    }


def find_questions(
    areas: set[str], sources: set[str], catalogue: Catalogue
) -> list[Content]:
    named = [
        (one, _find_areas(one, catalogue))
        for one in catalogue.of_kind("unpublished").values()
    ]
    return [
        one
        for one, its in named
        if (its & areas if its else sources & {*one.get("searched", ())})
    ]


def find_datasets(
    codes: Callable[[str], Collection[str]], catalogue: Catalogue
) -> list[Content]:
    """Return the datasets that have figures with the codes of a question: its stages, or else its kinds."""
    datasets = catalogue.of_kind("dataset").values()
    for name in ("measure", "category"):
        if meant := {*codes(name)}:
            return [
                one
                for one in datasets
                if meant & one.get("codes", {}).get(name, {}).keys()
            ]
    return []


def _link_records(
    current: Current, records: Iterable[tuple[str, str]]
) -> Iterator[SeeAlso]:
    ending = f"?release={current.release.number}" if current.is_pinned else ""
    for kind, identity in [*dict.fromkeys(records)][:MAX_SHOWN]:
        record, url = (
            current.catalogue.of_kind(kind)[identity],
            f"{current.view.base_url}/v1/{KINDS[kind].path}",
        )
        differ = "It explains why figures that look alike differ."
        why = differ if kind == "disagreement" else why_unpublished(record)
        title = record.get("title") or record["question"]
        yield {
            "kind": kind,
            "id": identity,
            "title": title,
            "url": f"{url}/{identity}{ending}",
            "why": why,
        }
