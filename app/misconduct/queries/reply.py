"""Answer a question, or say what of it is not held and answer the nearest that is."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

from misconduct.db.engine import Tables
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.codes import WORDS
from misconduct.model.figure import Row
from misconduct.model.places import choose_known
from misconduct.model.plain_words import plain
from misconduct.model.side_by_side import OF_ALL_KINDS
from misconduct.model.vocabulary import LIKENESS, suggest
from misconduct.queries.figures import Total, count
from misconduct.queries.filters import Conditions
from misconduct.queries.instead import (
    Lacking,
    find_nearest_held,
    find_obstacles,
    find_other_years,
)
from misconduct.queries.look_up import Answer, find_answer
from misconduct.queries.question import Question, Term, read_question

ALWAYS: Collection[Lacking] = ("unit", "year", "detail")
"""What an answer lacks rather than the subject, even if figures of another subject have all words of a question."""
LIKENESS_OF_PLACES = (
    0.8  # kerela, for Kerala: names are spelt by ear, and have no forms
)
_GROUPS = {word for words in WORDS["by"].values() for word in words}


class Reply(NamedTuple):
    """What is answered, and how that differs from what is asked.

    `asked` is what was asked, with a place as it is spelt, and `question` what the answer is about: that, or that
    without what it `lacks`. `missing` is the indicator that is asked for if it is not held of its kind, place and year,
    and `nearest` what is held instead. `left_out` are terms that no figure has beside the others, and `unknown` words
    that no figure has. `meant` is the question as it may be spelt.
    `obstacles` tell of terms whether a figure has them, and whether one has all others. None has the number
    `unprinted`.
    `other_years` are figures of countries that lack only the year.
    """

    asked: Question
    question: Question
    answer: Answer
    meant: str
    unknown: Sequence[str]
    obstacles: Sequence[tuple[Term, bool, bool]]
    left_out: Sequence[Term]
    nearest: Mapping[Lacking, Row] = {}
    other_years: Sequence[Row] = ()
    places: Sequence[str] = ()
    missing: Content | None = None
    lacks: Lacking | None = None
    unprinted: str = ""


class Search(NamedTuple):
    """Where questions are answered: the conditions of a request, and which page of the results it wants."""

    tables: Tables
    conditions: Conditions
    catalogue: Catalogue
    limit: int
    offset: int

    async def answer(self, question: Question) -> Answer:
        return await find_answer(
            self.tables,
            self.conditions,
            question,
            self.catalogue,
            self.limit,
            self.offset,
        )


async def find_reply(search: Search, *, is_narrowed: bool) -> Reply:
    """Return the answer to a question. `is_narrowed` tells whether filters may leave out figures with its words.

    Of a place that is misspelt, and of which only one is near, or of a misspelt question without figures, it is the
    answer to what was meant.
    """
    text, asked = (
        search.conditions.values["q"],
        search.conditions.question or Question(),
    )
    reply = await _reply_to(search, asked, text, is_narrowed=is_narrowed)
    if reply.meant != text:
        meant = read_question(reply.meant, search.catalogue)
        if (
            len(meant.codes("area")) > len(asked.codes("area"))
            or not reply.answer.total
        ):
            mended = await _reply_to(
                search, meant, reply.meant, is_narrowed=is_narrowed
            )
            return mended._replace(meant=reply.meant)
    return reply


async def _reply_to(
    search: Search, asked: Question, text: str, *, is_narrowed: bool
) -> Reply:
    reply = await _reply_as_asked(search, asked, text, is_narrowed=is_narrowed)
    reply = reply._replace(places=_find_places(search, asked))
    if asked.number and not reply.answer.total:
        reply = reply._replace(unprinted=asked.typed)
        if asked.terms:  # what is asked may be held with another number
            question = replace(asked, number=None)
            answer = await search.answer(question)
            reply = reply._replace(
                question=question, answer=answer, left_out=answer.left_out
            )
    if asked.number or reply.meant != text:
        return reply
    nearest = None
    if not _is_answered(reply):
        nearest = await find_nearest_held(
            search.tables, search.conditions, asked, reply.places, search.catalogue
        )
    if nearest is not None and (reply.places or asked.years or not reply.answer.total):
        reply = await _reply_nearest(search, reply._replace(nearest=nearest))
    elif asked.years and not reply.places:
        others = await find_other_years(
            search.tables, search.conditions, asked, search.catalogue
        )
        reply = reply._replace(other_years=others)
    return reply if reply.answer.total else await _leave_out_last(search, reply)


async def _leave_out_last(search: Search, reply: Reply) -> Reply:
    """Return the answer to a question of which no figure has all: without words, then kinds, the last said first.

    Its places stay, and the first of what else it names. If this is not held of them, it is that of a wider place.
    """
    asked, kinds = reply.question, reply.question.kinds()
    subject = sorted(asked.subject(), key=lambda one: (not one.codes, one in kinds))
    for kept in range(len(subject) - 1, 0, -1):
        dropped = subject[kept:]
        question = asked.keep([one for one in asked.terms if one not in dropped])
        answer = await search.answer(question)
        if answer.page and (
            answer.page[0].row["indicator"] in asked.indicators or not asked.indicators
        ):
            return reply._replace(
                question=question, answer=answer, left_out=[*dropped, *answer.left_out]
            )
    less = [*kinds, *asked.details()] if asked.indicators else subject[1:]
    bare = asked.keep(
        [one for one in asked.terms if one not in less and not one.is_year]
    )
    nearest = await find_nearest_held(
        search.tables, search.conditions, bare, reply.places, search.catalogue
    )
    if not nearest or len(bare.terms) == len(asked.terms):
        return reply
    nearer = await _reply_nearest(
        search, reply._replace(question=bare, nearest=nearest)
    )
    return nearer._replace(missing=reply.missing or nearer.missing)


def _is_answered(reply: Reply) -> bool:
    """Tell whether the first figure is of the place and of an indicator that are asked, and no word is left out."""
    if reply.left_out or not reply.answer.page:
        return False
    first, named = reply.answer.page[0].row, reply.question.indicators
    return (first["indicator"] in named or not named) and (
        first["area"] in reply.places or not reply.places
    )


def _find_places(search: Search, asked: Question) -> list[str]:
    """Return the places that a question names; New York is the city, if nothing is held of the state."""
    known = search.catalogue.areas
    places = (
        choose_known(code, known, search.catalogue) for code in asked.codes("area")
    )
    return list(dict.fromkeys(places))


async def _reply_as_asked(
    search: Search, asked: Question, text: str, *, is_narrowed: bool
) -> Reply:
    """Return the answer to a question as it is typed, unless it would be about anything."""
    tables, conditions, catalogue, *_ = search
    answer = await search.answer(asked)
    terms = [
        one
        for one in (answer.left_out if answer.total else asked.terms)
        if not one.is_year
    ]
    doubtful = [
        one for one in terms if one.narrows or not one.codes
    ]  # perhaps no figure has them
    obstacles = await find_obstacles(tables, conditions, asked, catalogue, doubtful)
    unknown = [
        one.words
        for one, is_held, _ in obstacles
        if not (is_held or one.narrows or is_narrowed)
    ]
    meant = _spell(text, unknown, catalogue)
    has_subject = (
        bool(asked.codes("area") or asked.number)
        if meant != text
        else _has_subject(asked, answer)
    )
    answer = answer if has_subject else answer.without_results()
    return Reply(asked, asked, answer, meant, unknown, obstacles, answer.left_out)


async def _reply_nearest(search: Search, reply: Reply) -> Reply:
    """Return the answer to a question without the one thing that keeps it from what is held."""
    asked, answer, missing = (
        reply.question,
        reply.answer,
        _find_missing(reply.question, search.catalogue),
    )
    first = answer.page[0].row if answer.page else None
    is_complete = first and not answer.left_out
    for lacks, row in reply.nearest.items():
        is_elsewhere = "place" in lacks and first and first["area"] not in reply.places
        if lacks in ALWAYS or is_elsewhere or not is_complete:
            question = _give_up(asked, lacks, row, search.catalogue)
            found = await search.answer(question)
            kept = {one.words for one in question.terms}
            dropped = [
                one
                for one in asked.optional()
                if one.words not in kept and not one.is_year
            ]
            left_out = [*dropped, *found.left_out]
            return reply._replace(
                question=question,
                answer=found,
                left_out=left_out,
                missing=missing,
                lacks=lacks,
            )
    answer = (
        answer.without_results() if answer.left_out or asked.is_about_size else answer
    )  # it is about others
    return reply._replace(answer=answer, missing=missing)


async def find_nearest(search: Search) -> tuple[str, Total, Row] | None:
    """Return a question near to one for which a list finds nothing, how many figures it finds, and look-up's first.

    What is held of other numbers is no answer to a number.
    """
    reply = await find_reply(search, is_narrowed=True)
    text = reply.question.without(reply.answer.left_out)
    asked = search.conditions.asking(
        read_question(text, search.catalogue), search.catalogue
    )
    first = reply.answer.page[0].row if reply.answer.page else None
    return (
        (text, await count(search.tables, asked), first)
        if first and not reply.unprinted
        else None
    )


def _spell(text: str, unknown: Sequence[str], catalogue: Catalogue) -> str:
    """Return a text with known words for unknown ones that are spelt like them, first with those of the same letters.

    Words for groups are never misspelt, nor is a name in capitals: CAPO.
    """
    places = {
        word
        for several in catalogue.names("area").values()
        for word in several[0].split()
    }
    known = [*catalogue.vocabulary.spelled, *WORDS["filler"]["search"]]
    for word in (
        one for one in unknown if one.casefold() not in _GROUPS and not one.isupper()
    ):
        same = next(
            (one for one in known if sorted(one.casefold()) == sorted(word.casefold())),
            None,
        )
        near = (
            same
            or suggest(word, known, LIKENESS)
            or suggest(word, places, LIKENESS_OF_PLACES)
        )
        if near and near.casefold() != word.casefold():
            text = re.sub(rf"\b{re.escape(word)}\b", near, text, flags=re.IGNORECASE)
    return text


def _has_subject(question: Question, answer: Answer) -> bool:
    """Tell whether figures have more of what is asked than its places and years."""
    words = [
        one
        for one in question.terms
        if "area" not in one.codes and not (one.is_year or one.is_of_people)
    ]
    return (
        not words
        or bool(question.number)
        or any(one not in answer.left_out for one in words)
    )


def _find_missing(question: Question, catalogue: Catalogue) -> Content:
    """Return the first of the indicators that a question names; without one, the words that name its subject."""
    known = catalogue.codelists.get("indicator", {})
    words = ", ".join(f"“{one.words}”" for one in question.subject())
    return min(
        (known[one] for one in question.indicators),
        key=itemgetter("position"),
        default={"label": words},
    )


def _give_up(
    question: Question, lacks: Lacking, row: Row, catalogue: Catalogue
) -> Question:
    """Return a question without one thing that it asks, so that it finds a figure that is held."""
    terms, counted = question.terms, question.counting(row["indicator"], catalogue)
    match lacks:
        case "unit":
            return counted
        case "kind":
            label, codes = (
                catalogue.label("category", row["category"]),
                {"category": [row["category"]]},
            )
            kind = Term(
                "words", label, plain(label), codes, codes, narrows=True, is_name=True
            )
            others = [one for one in counted.terms if one not in counted.kinds()]
            return counted.keep(
                [*others, *([] if row["category"] in OF_ALL_KINDS else [kind])]
            )
        case "detail":
            terms = [one for one in terms if one not in question.details()]
        case "year":
            terms = [one for one in terms if not one.is_year]
        case "place":
            name = catalogue.label("area", row["area"])
            terms = question.about(question.codes("area")[0], row["area"], name).terms
        case "unit and year":
            return _give_up(counted, "year", row, catalogue)
        case "place and year":
            return _give_up(
                _give_up(question, "place", row, catalogue), "year", row, catalogue
            )
    named = [
        one._replace(words="")
        for one in counted.terms
        if one.kind == "indicator" and question.indicators
    ]
    return replace(question, terms=[*terms, *named], beside=())
