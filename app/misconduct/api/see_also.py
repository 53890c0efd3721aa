"""Find what explains an answer: disagreements, what else a number may have been, and questions without an answer."""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

from misconduct.api.current import Current
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import PROSE, Row
from misconduct.model.wording import dates_in_words
from misconduct.queries.figures import Page, find_page
from misconduct.queries.filters import Conditions
from misconduct.queries.numbers import find_former, find_near
from misconduct.queries.question import Question
from misconduct.queries.records import find_records
from misconduct.queries.terms import bind

MAX_BY_WORDS, MAX_BY_ANY_WORD, MAX_EXACT = 5, 3, 100


class Beside(NamedTuple):
    """What explains the answer to a question: ids of records, and figures whose numbers may be meant, each with why."""

    disagreements: list[str]
    unpublished: list[str]
    numbers: list[tuple[str, str]]


async def find_beside(current: Current, conditions: Conditions, total: int) -> Beside:
    """Return what explains the answer to a question, of which `total` figures are found."""
    text, question = conditions.values["q"], conditions.question or Question()
    is_number = bool(question.number and not question.terms)
    if is_number and not any(one.isdecimal() for one in text):
        text = ""  # the words of a number name no record: two in five
    search = partial(find_records, current.tables, text)
    named = await search(("disagreement", "unpublished"), MAX_BY_WORDS)
    records = named
    subject = " ".join(term.words for term in question.subject())
    if not (named or total) and len(subject.split()) > 1:
        kinds = ("unpublished",)
        records = await find_records(
            current.tables, subject, kinds, MAX_BY_ANY_WORD, any_word=True
        )
    numbers = await _find_former(current, conditions, question)
    if not (total and named and is_number):  # a record has the number itself
        numbers += await _find_near(current, conditions, question, total)
    return Beside(
        [one for kind, one in records if kind == "disagreement"],
        [
            one
            for kind, one in records
            if kind == "unpublished" and _is_asked(one, conditions, current.catalogue)
        ],
        numbers,
    )


async def _find_former(
    current: Current, conditions: Conditions, question: Question
) -> list[tuple[str, str]]:
    number = question.number.whole if question.number else None
    if number is None:
        return []
    rows = await find_former(
        current.tables, conditions, [number], current.releases.numbers
    )
    return [(_say_former(row), row["id"]) for row in rows]


def _say_former(row: Row) -> str:
    said = f"it was {row['former_printed']} until release {row['former_release']}"
    if row["former_period"] != row["period"]:
        said += f", for {dates_in_words(row['former_period'])}"
    return said


async def _find_near(
    current: Current, conditions: Conditions, question: Question, total: int
) -> list[tuple[str, str]]:
    """Return near misses of a number that is not found, or only in tables and without a word of a place."""
    number = question.number.whole if question.number else None
    if number is None:
        return []
    values = dict(conditions.values)
    exact = conditions.sql | {"typed": f"value = {bind(number, values)}"}
    only = replace(conditions, sql=exact, values=values)
    found = []
    if total:
        page = Page(MAX_EXACT)
        found = await find_page(current.tables, only, ["read_from", "value"], page)
    is_surer = bool(conditions.asked_codes("area"))  # than a number alone
    if any(is_surer or row["read_from"] in PROSE for row in found):
        return []
    near = await find_near(current.tables, conditions, [f"{number:f}"])
    known = PROGRAM_LISTS["near_miss"]
    return [(known[slip]["definition"].rstrip("."), row["id"]) for row, slip in near]


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
