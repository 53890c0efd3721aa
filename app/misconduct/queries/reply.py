"""Answer a question: the rows that have all that it asks, or else what is nearest, and how that differs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from misconduct.model.places import MAX_PLACES
from misconduct.queries.held import Held, choose_nearest, choose_words, find_held
from misconduct.queries.question import Question, Term, read_question
from misconduct.queries.results import Answer, Search, find_answer
from misconduct.queries.spelling import respell
from misconduct.queries.terms import Values, write_term

_BEFORE_POLICE = re.compile(
    r"(\w+) (?:city|county|police|constabulary)\b", re.IGNORECASE
)
MOST_NEAREST = 3  # figures that an answer says are nearest


class Guess(NamedTuple):
    """A question with a word as it may be meant, and its first figure, or what is nearest."""

    q: str
    id: str | None
    nearest: Sequence[Held] = ()


class Reply(NamedTuple):
    """What answers a question, and what of it is not held.

    `kept` is the question that the rows answer: it has no words of `left_out`, which no figure has beside the others.
    `unknown` are words that no figure has at all; beside one that is a name, nothing is answered. `nearest` are figures
    that lack something, `of_places` what is nearest in each of several places that has no row, and `home` those of the
    readers' country that lack a year which figures elsewhere have. `size` says how many work for the police where a
    rate is asked.
    """

    q: str
    asked: Question
    kept: Question
    answer: Answer = Answer()
    places: Sequence[str] = ()
    left_out: Sequence[Term] = ()
    unknown: Sequence[Term] = ()
    guesses: Sequence[Guess] = ()
    nearest: Sequence[Held] = ()
    of_places: Mapping[str, Sequence[Held]] = {}
    home: Sequence[Held] = ()
    size: str | None = None

    @property
    def names(self) -> list[str]:
        """Return the names that no figure has; if no place is asked, also what stands before Police or City."""
        before = [] if self.places else _BEFORE_POLICE.findall(self.q)
        return [
            term.words
            for term in self.unknown
            if term.is_proper or term.words in before
        ]


async def find_reply(search: Search) -> Reply:
    """Return the answer to a question as it is asked: it has no figures of anything else."""
    asked = search.conditions.question or Question()
    q = search.conditions.values.get("q", "")
    reply = Reply(q, asked, asked, places=asked.find_places(search.catalogue))
    if asked.unheld or asked.asks_for_gaps or not (asked.terms or asked.number):
        return reply
    answer = await find_answer(search, asked, asked)
    if _is_answered(reply, answer):
        return await _add_beside(search, reply._replace(answer=answer))
    unknown = await _find_unknown(search, asked)
    reply = reply._replace(unknown=unknown)
    rest = asked.without(unknown)
    if reply.names:
        reply = reply._replace(guesses=await _guess(search, reply, rest))
    is_bare = asked.has_subject() and not rest.has_subject() and not rest.number
    if is_bare or not rest.terms:
        return (
            reply  # only a place or a number is left, of which anything could be said
        )
    if reply.names and not reply.places:
        return reply  # the name may be of a place
    return await _find_held(search, reply, rest)


async def _find_held(search: Search, reply: Reply, rest: Question) -> Reply:
    """Return a reply with the rows that have most words of a question, or with what is nearest."""
    optional = rest.optional()
    held = await find_held(search, rest, optional)
    words = choose_words(held, optional)
    left_out = [term for term in optional if term not in (words or ())]
    kept = rest.without(left_out)
    gone = len(left_out) + len(reply.unknown)
    is_named = rest.indicators and any(term.narrows for term in kept.subject())
    is_other = not is_named and gone >= max(len(kept.subject()), 1)
    if words is None or reply.names or (gone and is_other):
        held = [one.lack(reply.unknown) for one in held]
        if not any(term.codes for term in kept.subject()) and reply.unknown:
            return reply  # a word that no list has is near to nothing
        reply = await _add_places(search, reply)
        most = 0 if reply.of_places else MOST_NEAREST
        return reply._replace(nearest=choose_nearest(held, most))
    answer = await find_answer(search, reply.asked, kept)
    reply = reply._replace(answer=answer, kept=kept, left_out=left_out)
    return await _add_beside(search, reply)


def _is_answered(reply: Reply, answer: Answer) -> bool:
    """Tell whether the first figure counts what is asked, and all of it, and is of the place itself."""
    asked, first = reply.asked, answer.first
    if first and reply.places and first.area not in reply.places:
        return False
    is_named = any(term.narrows for term in asked.subject())
    if not first or asked.number or not (is_named and asked.indicators):
        return first is not None
    return first.indicator in asked.indicators and not first.is_part


async def _add_beside(search: Search, reply: Reply) -> Reply:
    """Return a reply with what stands beside its rows.

    That is the size of the force if a rate is asked. If no place is asked, and the first row is from abroad, it is what
    the readers' country holds of another year.
    """
    reply = await _add_places(search, reply)
    first, home = reply.answer.first, search.catalogue.home
    if first and "rate" in reply.asked.statistics:
        area = search.catalogue.label("area", first.area)
        size = read_question(f"officers {area}", search.catalogue)
        found = (await find_answer(search, size, size)).first
        return reply._replace(size=found.id if found else None)
    if not first or first.area in home or reply.places or not reply.asked.years:
        return reply
    near = await find_held(search, reply.kept, within=home)
    return reply._replace(home=[one for one in near if {*one.lacks} == {"year"}][:1])


async def _add_places(search: Search, reply: Reply) -> Reply:
    """Return a reply with what is nearest in each of several places that has no row."""
    found = dict[str, Sequence[Held]]()
    rest = reply.kept.without(reply.kept.places())
    several = [one for term in reply.kept.places() for one in term.either]
    for place in several[:MAX_PLACES]:
        [area, *_] = place.codes["area"]
        if area not in reply.answer.areas:
            alone = rest.keep([place, *rest.terms])
            held = await find_held(search, alone, alone.optional())
            found[area] = choose_nearest(held, 1)
    return reply._replace(of_places=found)


async def _find_unknown(search: Search, asked: Question) -> list[Term]:
    """Return the words that no figure has."""
    words = [term for term in asked.terms if term.kind == "words" and not term.codes]
    if not words:
        return []
    exist, values = list[str](), Values()
    for term in words:
        sql = write_term(term, values)
        found = search.conditions.about(asked, search.catalogue, sql, values)
        exist.append(f"EXISTS ({found.select('')})")
    statement = f"SELECT ARRAY[{', '.join(exist)}] AS exist"
    [row] = await search.tables.rows(statement, search.conditions.values | values)
    return [
        term for term, is_held in zip(words, row["exist"], strict=True) if not is_held
    ]


async def _guess(search: Search, reply: Reply, rest: Question) -> list[Guess]:
    """Return the questions that may be meant: with words as they may be spelt, or else without the names."""
    guesses = list[Guess]()
    for q in respell(reply.q, reply.names, search.catalogue):
        meant = await find_reply(_ask(search, q))
        first = meant.answer.first
        guesses.append(Guess(q, first.id if first else None, meant.nearest))
    if not guesses and any(term.codes for term in rest.subject()):
        names = "|".join(re.escape(name) for name in reply.names)
        q = " ".join(re.sub(rf"(?<!\w)(?:{names})(?!\w)", " ", reply.q).split())
        guesses.append(Guess(q, None))
    return guesses


def _ask(search: Search, q: str) -> Search:
    """Return a search that asks another question."""
    question = read_question(q, search.catalogue)
    conditions = search.conditions.asking(question, search.catalogue)
    values = conditions.values | {"q": q}
    return search._replace(conditions=replace(conditions, values=values))
