"""Answer a question: the rows that have all that it asks, or else what is nearest, and what that lacks.

Rows answer that lack nothing but everyday words that no figure has beside the rest: these are left out, and said. If
there are none, nothing answers, and of each mixture of things that figures lack the first is named, fewest first.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.places import MAX_PLACES, find_around
from misconduct.queries.lacks import (
    FAR,
    GRAVITY,
    INSIDE,
    OTHERWISE,
    Column,
    write_lacks,
    write_near,
)
from misconduct.queries.order import write_order
from misconduct.queries.question import Question, Term, read_question
from misconduct.queries.results import Answer, Search, find_answer
from misconduct.queries.spelling import respell
from misconduct.queries.terms import Found, Values, write_term

_BEFORE_POLICE = re.compile(
    r"(\w+) (?:city|county|police|constabulary)\b", re.IGNORECASE
)
MOST_NEAREST = 3  # figures that an answer says are nearest
MOST_LACKING = 3  # columns: what lacks more is not near


class Held(NamedTuple):
    """The first figure that lacks some of what a question asks, and how far it is from that, by column.

    `words` are the details and everyday words that it has, and `without` those that it has not.
    """

    id: str
    area: str
    lacks: Mapping[Column, int]
    words: Sequence[Term]
    without: Sequence[Term]
    is_whole: bool
    nth: int

    @property
    def columns(self) -> set[Column]:
        """Return what it lacks; a word that it does not have is a detail."""
        detail: set[Column] = {"detail"} if self.without else set()
        part: set[Column] = set() if self.is_whole else {"part"}
        return {*self.lacks} | detail | part

    @property
    def is_answer(self) -> bool:
        """Tell whether it has all that is asked; so has a figure from abroad, or of a place inside."""
        has_details = not any(term.narrows for term in self.without)
        is_near = self.lacks.get("area", INSIDE) == INSIDE
        return has_details and is_near and self.lacks.keys() <= {"home", "area"}


class Reply(NamedTuple):
    """What answers a question, and what of it is not held.

    `kept` is the question that the rows answer: it has no words of `left_out`, which no figure has beside the others.
    `unknown` are words that no figure has at all; beside one that is a name, nothing is answered. `guesses` are
    questions that may be meant, each with its first figure if that has all of it. `nearest` are figures that lack
    something, `of_places` what is nearest in each of several places that has no row, and `home` those of the readers'
    country that lack a year which figures elsewhere have. `size` says how many work for the police where a rate is
    asked.
    """

    q: str
    asked: Question
    kept: Question
    answer: Answer = Answer()
    places: Sequence[str] = ()
    left_out: Sequence[Term] = ()
    unknown: Sequence[Term] = ()
    guesses: Mapping[str, str | None] = {}
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
    asked, catalogue = search.question, search.catalogue
    reply = Reply(search.q, asked, asked, places=asked.find_places(catalogue))
    if asked.unheld or asked.asks_for_gaps or not (asked.terms or asked.number):
        return reply
    answer = await find_answer(search, asked, asked)
    if _is_answered(asked, reply.places, answer):
        return await _add_beside(search, reply._replace(answer=answer))
    reply = reply._replace(unknown=await _find_unknown(search))
    rest = asked.without(reply.unknown)
    if reply.names:
        reply = reply._replace(guesses=await _guess(search, reply, rest))
    is_bare = asked.has_subject() and not rest.has_subject() and not rest.number
    if is_bare or not rest.terms:
        return reply  # anything could be said of a place or a number alone
    if reply.names and not reply.places:
        return reply  # the name may be of a place
    return await _find_rest(search, reply, rest)


def _is_answered(asked: Question, places: Sequence[str], answer: Answer) -> bool:
    """Tell whether the first figure counts what is asked, and all of it, and is of the place itself."""
    first = answer.first
    if first and places and first.area not in places:
        return False
    is_named = any(term.narrows for term in asked.subject())
    if not first or asked.number or not (is_named and asked.indicators):
        return first is not None
    return first.indicator in asked.indicators and not first.is_part


async def _find_rest(search: Search, reply: Reply, rest: Question) -> Reply:
    """Return a reply with the rows that have most words of a question, or with what is nearest."""
    held = await find_held(search, rest)
    best = choose_answer(held)
    left_out = best.without if best else []
    kept = rest.without(left_out)
    gone = len(left_out) + len(reply.unknown)
    is_named = rest.indicators and any(term.narrows for term in kept.subject())
    is_other = not is_named and gone >= max(len(kept.subject()), 1)
    if best and not reply.names and not (gone and is_other):
        answer = await find_answer(search, reply.asked, kept)
        reply = reply._replace(answer=answer, kept=kept, left_out=left_out)
        return await _add_beside(search, reply)
    if not any(term.codes for term in kept.subject()) and reply.unknown:
        return reply  # a word that no list has is near to nothing
    held = [one._replace(without=[*one.without, *reply.unknown]) for one in held]
    of_places = _choose_of_places(held, reply, search.catalogue)
    nearest = choose_nearest(held, rest, 0 if any(of_places.values()) else MOST_NEAREST)
    return reply._replace(of_places=of_places, nearest=nearest)


async def _add_beside(search: Search, reply: Reply) -> Reply:
    """Return a reply with what stands beside its rows.

    That is the size of the force if a rate is asked. It is what is nearest in a place that has no row, and if no place
    is asked, and the first row is from abroad, what the readers' country holds of another year.
    """
    first, home = reply.answer.first, search.catalogue.home
    if first and "rate" in reply.asked.statistics:
        area = search.catalogue.label("area", first.area)
        size = read_question(f"officers {area}", search.catalogue)
        found = (await find_answer(search, size, size)).first
        reply = reply._replace(size=found.id if found else None)
    is_abroad = first and first.area not in home and not reply.places
    if not ({*reply.asked.beside} - {*reply.answer.areas}) and not (
        is_abroad and reply.asked.years
    ):
        return reply
    held = await find_held(search, reply.kept)
    of_home = [one for one in held if {*one.lacks} == {"year"}] if is_abroad else []
    of_places = _choose_of_places(held, reply, search.catalogue)
    return reply._replace(of_places=of_places, home=of_home[:1])


def _choose_of_places(
    held: Sequence[Held], reply: Reply, catalogue: Catalogue
) -> dict[str, Sequence[Held]]:
    """Return what is nearest in each of several places that has no row."""
    found = dict[str, Sequence[Held]]()
    several = [one for term in reply.kept.places() for one in term.either]
    for place in several[:MAX_PLACES]:
        [area, *_] = place.codes["area"]
        if area not in reply.answer.areas:
            around = {*place.finds["area"], *find_around(area, catalogue)}
            inside = [one for one in held if one.area in around]
            found[area] = choose_nearest(inside, reply.kept, 1)
    return found


async def _find_unknown(search: Search) -> list[Term]:
    """Return the words that no figure has."""
    terms = search.question.terms
    words = [term for term in terms if term.kind == "words" and not term.codes]
    if not words:
        return []
    values = Values()
    found = [Found(write_term(term, values), values) for term in words]
    exist = ", ".join(f"EXISTS ({one.select('')})" for one in found)
    [row] = await search.tables.rows(f"SELECT ARRAY[{exist}] AS exist", values)
    held = [term for term, is_held in zip(words, row["exist"], strict=True) if is_held]
    for one, other in pairwise(term for term in words if term.is_proper):
        # San Diego: the first word of a name is none of ours if no figure has the last.
        is_one_name = f"{one.words} {other.words}" in search.q
        if is_one_name and other not in held:
            held = [term for term in held if term != one]
    return [term for term in words if term not in held]


async def _guess(search: Search, reply: Reply, rest: Question) -> dict[str, str | None]:
    """Return the questions that may be meant: with words as they may be spelt, or else without the names."""
    guesses = dict[str, str | None]()
    for q in respell(reply.q, reply.names, search.catalogue):
        meant = read_question(q, search.catalogue)
        places = meant.find_places(search.catalogue)
        answer = await find_answer(search, meant, meant)
        is_answered = _is_answered(meant, places, answer)
        guesses[q] = answer.first.id if answer.first and is_answered else None
    if not guesses and any(term.codes for term in rest.subject()):
        names = "|".join(re.escape(name) for name in reply.names)
        q = " ".join(re.sub(rf"(?<!\w)(?:{names})(?!\w)", " ", reply.q).split())
        guesses[q] = None
    return guesses


async def find_held(search: Search, question: Question) -> list[Held]:
    """Return the first figure for each way to lack something; of several places, in each."""
    values = Values()
    words = [*question.details(), *question.optional()]
    has = [f"coalesce({write_term(term, values)}, false)" for term in words]
    lacks = write_lacks(question, search.catalogue, values)
    found = Found(write_near(question, search.catalogue, values), values)
    order = write_order(question, search.catalogue)
    columns = [f"{sql} AS lacks_{column}" for column, sql in lacks.items()]
    columns += [f"ARRAY[{', '.join(has)}]::bool[] AS words"]
    columns += [f"NOT {order.is_part} AS is_whole", "id", "area"]
    ranked = order.number(found.select_first(", ".join(columns)))
    mixture = ["words", "is_whole", *(["area"] if question.beside else [])]
    statement = _write_first_of_each(ranked, [*lacks], mixture)
    rows = await search.tables.rows(statement, values | order.values)
    return [_read_held(row, [*lacks], words) for row in rows]


def _write_first_of_each(
    ranked: str, lacks: Sequence[Column], others: Sequence[str]
) -> str:
    """Return the statement for the first figure of each mixture of what is lacking; NULL is not near."""
    names = [f"lacks_{column}" for column in lacks]
    near = " AND ".join(f"{name} IS NOT NULL" for name in names) or "true"
    keys = ", ".join([*names, *others])
    return f"""
        SELECT DISTINCT ON ({keys}) * FROM ({ranked}) WHERE {near}
        ORDER BY {keys}, nth"""  # noqa: S608


def _read_held(row: Row, columns: Sequence[Column], words: Sequence[Term]) -> Held:
    lacks = {name: row[f"lacks_{name}"] for name in columns if row[f"lacks_{name}"]}
    said = [*zip(words, row["words"], strict=True)]
    return Held(
        row["id"],
        row["area"],
        lacks,
        [term for term, is_said in said if is_said],
        [term for term, is_said in said if not is_said],
        row["is_whole"],
        row["nth"],
    )


def choose_answer(held: Sequence[Held]) -> Held | None:
    """Return the figure with most words of those that lack nothing else; None if each lacks something else.

    A number of all that is counted comes before one with more words: no word of a part only may hide it. Nor is a part
    the answer if the whole is held of another year, or a place inside if one around is held.
    """
    full = [one for one in held if one.is_answer and "area" not in one.lacks]
    others = [one.lacks for one in held if one.columns in ({"year"}, {"area"})]
    if not full and not any(lacks.get("area", FAR) < INSIDE for lacks in others):
        full = [one for one in held if one.is_answer]
    has_other_year = any("year" in lacks for lacks in others)
    if not full or (has_other_year and not any(one.is_whole for one in full)):
        return None
    return max(full, key=lambda one: (one.is_whole, len(one.words), -one.nth))


def choose_nearest(held: Sequence[Held], question: Question, most: int) -> list[Held]:
    """Return the figures that lack least: none that lacks all that another one lacks, and more."""
    chosen = list[Held]()
    near = [one for one in held if one.columns and _is_near(one, question)]
    for one in sorted(near, key=_weigh):
        if not any(other.columns <= one.columns for other in chosen):
            chosen.append(one)
    return chosen[:most]


def _is_near(one: Held, question: Question) -> bool:
    """Tell whether a figure is of the same matter, or shares the place and the kind; or else has most of the words."""
    if len(one.columns) > MOST_LACKING:
        return False
    if not (question.indicators or question.kinds() or question.number):
        return len(one.words) >= len(one.without)
    is_same_matter = one.lacks.get("indicator", 0) <= OTHERWISE
    return is_same_matter or one.columns.isdisjoint({"area", "kind"})


def _weigh(one: Held) -> tuple[float, ...]:
    gravity = sum(GRAVITY[column] for column in one.columns)
    is_other = one.lacks.get("indicator", 0) > OTHERWISE
    distance = sum(one.lacks.values())
    return is_other, len(one.columns), gravity, distance, -len(one.words), one.nth
