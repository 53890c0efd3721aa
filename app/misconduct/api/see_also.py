"""Find what explains an answer: disagreements, what else a number may have been, and questions without an answer."""

from functools import partial
from typing import NamedTuple

from misconduct.api.current import Current
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import Row
from misconduct.model.wording import dates_in_words
from misconduct.queries.numbers import find_former, find_near, is_printed
from misconduct.queries.question import Question
from misconduct.queries.records import find_records
from misconduct.queries.results import Search

MAX_BY_WORDS, MAX_BY_ANY_WORD = 5, 3


class Beside(NamedTuple):
    """What explains the answer to a question: ids of records, and figures whose numbers may be meant, each with why."""

    disagreements: list[str]
    unpublished: list[str]
    numbers: list[tuple[str, str]]


async def find_beside(current: Current, search: Search, total: int) -> Beside:
    """Return what explains the answer to a question, of which `total` figures are found."""
    text, question = search.q, search.question
    is_number = bool(question.number and not question.terms)
    if is_number and not any(one.isdecimal() for one in text):
        text = ""  # the words of a number name no record: two in five
    find = partial(find_records, current.tables)
    records = named = await find(text, ("disagreement", "unpublished"), MAX_BY_WORDS)
    subject = " ".join(term.words for term in question.subject())
    if not (named or total) and len(subject.split()) > 1:
        records = await find(subject, ("unpublished",), MAX_BY_ANY_WORD, any_word=True)
    numbers = list[tuple[str, str]]()
    if question.number and question.number.whole is not None:
        has_record = bool(named and is_number)  # which has the number itself
        numbers = await _find_numbers(current, question, total, has_record=has_record)
    return Beside(
        [one for kind, one in records if kind == "disagreement"],
        [
            one
            for kind, one in records
            if kind == "unpublished" and _is_asked(one, question, current.catalogue)
        ],
        numbers,
    )


async def _find_numbers(
    current: Current, question: Question, total: int, *, has_record: bool
) -> list[tuple[str, str]]:
    """Return the figures that had a number once, and near misses unless the number is surely meant itself."""
    former = await _find_former(current, question)
    if total and (has_record or await is_printed(current.tables, question)):
        return former
    return former + await _find_near(current, question)


async def _find_former(current: Current, question: Question) -> list[tuple[str, str]]:
    """Return the figures that had a number in an earlier release."""
    rows = await find_former(current.tables, question, current.releases.numbers)
    return [(_say_former(row), row["id"]) for row in rows]


def _say_former(row: Row) -> str:
    said = f"it was {row['former_printed']} until release {row['former_release']}"
    if row["former_period"] != row["period"]:
        said += f", for {dates_in_words(row['former_period'])}"
    return said


async def _find_near(current: Current, question: Question) -> list[tuple[str, str]]:
    """Return near misses of a number."""
    near = await find_near(current.tables, question)
    known = PROGRAM_LISTS["near_miss"]
    return [(known[slip]["definition"].rstrip("."), one) for one, slip in near]


def _is_asked(identity: str, question: Question, catalogue: Catalogue) -> bool:
    """Tell whether a question without an answer is about the place and the stage that are asked, if it has them."""
    record = catalogue.of_kind("unpublished")[identity]
    for name, codes in (
        ("area", _find_areas(record, catalogue)),
        ("measure", {*record.get("measure", ())}),
    ):
        its, their = (
            catalogue.find_all(name, some) for some in (codes, question.codes(name))
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
