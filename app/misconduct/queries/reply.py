"""Answer a question, and find what of it is not held, and what is nearest to that."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from misconduct.db.engine import Tables
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import WORDS
from misconduct.model.places import choose_known
from misconduct.model.vocabulary import LIKENESS, suggest
from misconduct.queries.filters import Conditions
from misconduct.queries.instead import (
    Lacking,
    find_nearest_held,
    find_obstacles,
    find_other_years,
)
from misconduct.queries.question import Question, Term
from misconduct.queries.results import Answer, find_answer

ALWAYS: Collection[Lacking] = ("unit", "year", "detail")
"""What an answer lacks rather than the subject, even if figures of another subject have all words of a question."""
LIKENESS_OF_PLACES = (
    0.8  # kerela, for Kerala: names are spelt by ear, and have no forms
)
_GROUPS = {word for words in WORDS["by"].values() for word in words}


class Reply(NamedTuple):
    """What answers a question, and what of it is not held.

    `unknown` are words that no figure has, and `meant` is the question with these as they may be spelt, or nothing.
    `obstacles` are terms without which figures have all others. `nearest` is what is held instead of what is not, by
    what it lacks, or None if nothing is said to be missing. `dropped` are terms that what is nearest, or `shorter`,
    which has figures of fewer words, does not have. `other_years` are figures of countries that lack only the year.
    """

    asked: Question
    answer: Answer
    places: Sequence[str]
    unknown: Sequence[str] = ()
    meant: str = ""
    obstacles: Sequence[Term] = ()
    nearest: Mapping[Lacking, str] | None = None
    other_years: Sequence[str] = ()
    dropped: Sequence[Term] = ()
    shorter: Sequence[str] = ()


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

    async def nearest(
        self, question: Question, places: Sequence[str]
    ) -> Mapping[Lacking, str] | None:
        return await find_nearest_held(
            self.tables, self.conditions, question, places, self.catalogue
        )


async def find_reply(search: Search) -> Reply:
    """Return the answer to a question as it is asked: it has no figures of anything else."""
    asked = search.conditions.question or Question()
    reply = await _read_words(search, asked)
    if reply.meant or any(word[0].isupper() for word in reply.unknown):
        return reply._replace(answer=reply.answer.without_results())
    if not _has_subject(asked, reply.answer):
        reply = reply._replace(answer=reply.answer.without_results())
    if asked.number:
        is_unprinted = not reply.answer.total and asked.terms
        return await _find_other_number(search, reply) if is_unprinted else reply
    nearest = None
    if not _is_answered(reply):
        nearest = await search.nearest(asked, reply.places)
    if nearest is not None and (reply.places or asked.years or not reply.answer.total):
        reply = reply._replace(nearest=nearest)
        if not _stands_beside(reply, nearest):
            reply = reply._replace(answer=reply.answer.without_results())
    elif asked.years and not reply.places:
        others = await find_other_years(
            search.tables, search.conditions, asked, search.catalogue
        )
        reply = reply._replace(other_years=others)
    is_empty = not (reply.answer.total or reply.nearest)
    return await _leave_out_last(search, reply) if is_empty else reply


async def _read_words(search: Search, asked: Question) -> Reply:
    """Return the answer to a question, with the words that no figure has."""
    tables, conditions, catalogue, *_ = search
    answer = await search.answer(asked)
    terms = answer.left_out if answer.total else asked.terms
    # Perhaps no figure has these.
    doubtful = [
        one for one in terms if not one.is_year and (one.narrows or not one.codes)
    ]
    found = await find_obstacles(tables, conditions, asked, catalogue, doubtful)
    unknown = [
        term.words for term, is_held, _ in found if not (is_held or term.narrows)
    ]
    text = conditions.values["q"]
    meant = _spell(text, unknown, catalogue)
    return Reply(
        asked,
        answer,
        _find_places(search, asked),
        unknown,
        meant if meant != text else "",
        [term for term, _, has_others in found if has_others],
    )


async def _find_other_number(search: Search, reply: Reply) -> Reply:
    """Return a reply with the figures that have all that is asked but the number."""
    answer = await search.answer(replace(reply.asked, number=None))
    return reply._replace(shorter=[one.id for one in answer.page])


async def _leave_out_last(search: Search, reply: Reply) -> Reply:
    """Return a reply with what is held of fewer words of its question: without words, then kinds, the last said first.

    Its places stay, and the first of what else it names. If this is not held of them, it is that of a wider place.
    """
    asked, kinds = reply.asked, reply.asked.kinds()
    subject = sorted(asked.subject(), key=lambda one: (not one.codes, one in kinds))
    for kept in range(len(subject) - 1, 0, -1):
        dropped = subject[kept:]
        question = asked.keep([one for one in asked.terms if one not in dropped])
        answer = await search.answer(question)
        if answer.page and (
            answer.page[0].indicator in asked.indicators or not asked.indicators
        ):
            shorter = [one.id for one in answer.page]
            return reply._replace(dropped=dropped, shorter=shorter)
    dropped = [*kinds, *asked.details()] if asked.indicators else subject[1:]
    dropped = [*dropped, *(one for one in asked.years if one not in dropped)]
    if not dropped:
        return reply
    bare = asked.keep([one for one in asked.terms if one not in dropped])
    nearest = await search.nearest(bare, reply.places)
    return reply._replace(dropped=dropped, nearest=nearest) if nearest else reply


def _is_answered(reply: Reply) -> bool:
    """Tell whether the first figure is of the place and of an indicator that are asked, and no word is left out."""
    if reply.answer.left_out or not reply.answer.page:
        return False
    first, named = reply.answer.page[0], reply.asked.indicators
    return (first.indicator in named or not named) and (
        first.area in reply.places or not reply.places
    )


def _stands_beside(reply: Reply, nearest: Collection[Lacking]) -> bool:
    """Tell whether figures with all words of a question answer it, though the very thing is not held."""
    if reply.answer.left_out or reply.asked.is_about_size or not reply.answer.page:
        return False
    is_elsewhere = reply.answer.page[0].area not in reply.places
    return not any(
        lacks in ALWAYS or ("place" in lacks and is_elsewhere) for lacks in nearest
    )


def _find_places(search: Search, asked: Question) -> list[str]:
    """Return the places that a question names; New York is the city, if nothing is held of the state."""
    known = search.catalogue.areas
    places = (
        choose_known(code, known, search.catalogue) for code in asked.codes("area")
    )
    return list(dict.fromkeys(places))


def _spell(text: str, unknown: Sequence[str], catalogue: Catalogue) -> str:
    """Return a text with known words for unknown ones that are spelt like them, first with those of the same letters.

    Words for groups are never misspelt, nor is a name, which begins with a capital.
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
