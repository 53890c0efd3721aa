"""Decide what is said about an answer of look-up: how its first figure differs from what was asked, and what it lacks.

The words of each notice are in `templates/look_up.html`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import WORDS
from misconduct.model.figure import Row
from misconduct.model.places import find_around, list_forces
from misconduct.queries.question import find_signs
from misconduct.queries.reply import Reply

BEFORE = 2  # notices that stand before the first figure, so that it is on the first screen of a phone

UNHELD = WORDS["unheld"]
"""What is never counted here, with the words that ask for it."""


class Notice(NamedTuple):
    """What is said: its code, and what its words need."""

    code: str
    of: Mapping[str, Any] = {}


def find_notices(text: str, reply: Reply, catalogue: Catalogue) -> list[Notice]:
    """Return what is to be said of an answer to a text, the weightiest first."""
    row = reply.answer.page[0].row if reply.answer.page else None
    strange = find_strange(text, reply)
    notices = [*_tell_asked(text, reply, strange), *_tell_missing(reply, catalogue)]
    notices += _tell_first(reply, row, catalogue) if row else ()
    notices += [*_tell_left_out(reply, strange), *_tell_else(text, reply, catalogue)]
    return [*notices, Notice("countries")] if strange else notices


def find_strange(text: str, reply: Reply) -> list[str]:
    """Return the unknown words that may be names, since they begin with a capital."""
    return [one for one in reply.unknown if one[0].isupper() and reply.meant == text]


def _tell_asked(text: str, reply: Reply, strange: list[str]) -> Iterator[Notice]:
    """Tell what is wrong with the question itself."""
    if reply.meant != text:
        yield Notice(
            "spelt", {"meant": reply.meant, "is_answered": bool(reply.answer.total)}
        )
    if reply.asked.is_ranking:
        yield Notice("ranking")
    if strange:
        yield Notice("strange", {"words": strange})
    for what, words in UNHELD.items():
        if re.search(rf"\b(?:{'|'.join(words)})\b", text, re.IGNORECASE):
            yield Notice("unheld", {"what": what})
    if reply.unprinted and reply.answer.total:
        yield Notice("unprinted")


def _tell_missing(reply: Reply, catalogue: Catalogue) -> Iterator[Notice]:
    """Tell what is not held of what was asked, and what is that is nearest to it."""
    if not reply.missing:
        return
    asked, vocabulary = reply.asked, catalogue.vocabulary
    kinds = (
        [*dict.fromkeys(one.words for one in [*asked.kinds(), *asked.details()])]
        if reply.missing.get("id")
        else []
    )
    named = {*asked.indicators}.isdisjoint
    yield Notice(
        "missing",
        {
            "kinds": [
                one for one in kinds if named(vocabulary.find_meant("indicator", one))
            ]
        },
    )


def _tell_first(reply: Reply, row: Row, catalogue: Catalogue) -> Iterator[Notice]:
    """Tell in what the first figure is not what was asked."""
    asked, places, page = reply.asked, reply.places, reply.answer.page
    has_base = asked.per.lower() in (row["base"] or "")
    if asked.statistics and not (row["statistic"] in asked.statistics and has_base):
        yield Notice("no_statistic")
    elif not asked.statistics and row["statistic"] != "count" and not asked.number:
        yield Notice("statistic")
    if asked.is_now and row["stock_or_flow"] == "flow":
        yield Notice("of_time")
    if asked.years and row["coverage"] == "part" and not reply.lacks:
        yield Notice("part_year")
    if len(places) == 1 and places[0] in find_around(row["area"], catalogue):
        yield Notice(
            "inside", {"has_others": any(one.row["area"] in places for one in page)}
        )
    # of a part that names no figure of which it is one, or only one of all kinds
    if page[0].is_part and not asked.number and (not row["part_of"] or asked.kinds()):
        yield Notice("part", {"has_whole": not all(one.is_part for one in page)})


def _tell_left_out(reply: Reply, strange: list[str]) -> Iterator[Notice]:
    """Tell which words, years and places the figures lack."""
    if not reply.answer.total:
        return
    told = [*reply.asked.kinds(), *reply.asked.details()] if reply.missing else []
    words = [
        one
        for one in reply.left_out
        if not (one.is_year or one.is_of_people or one.words in strange)
    ]
    words = [
        one for one in words if one.words and one not in told
    ]  # a word may be given up
    years = [one for one in reply.left_out if one.is_year]
    without = [
        one
        for one in reply.places
        if reply.asked.beside and one not in reply.answer.areas
    ]
    if words:
        yield Notice("words", {"words": words})
    if years and not reply.missing:
        yield Notice("years", {"years": years})
    if without:
        yield Notice("without", {"places": without})
    if reply.asked.newest:
        yield Notice("newest")
    if (
        (reply.asked.newest or years)
        and reply.answer.page
        and reply.answer.page[0].row["period_end"]
    ):
        yield Notice("time")


def _tell_else(text: str, reply: Reply, catalogue: Catalogue) -> Iterator[Notice]:
    """Tell what is held for other years, what of the question was not read, and how to ask for what is not held."""
    if reply.other_years:
        yield Notice("other_years")
    signs = [
        one
        for one in find_signs(text)
        if not (one == "&" and reply.asked.codes("area"))
    ]
    if signs:
        yield Notice("signs", {"signs": signs})
    if reply.missing and reply.missing.get("ask"):
        forces = list_forces(catalogue, has_nations=True)
        is_of_force = (
            reply.missing.get("force_question")
            and reply.places
            and reply.places[0] in forces
        )
        yield Notice("ask", {"force": reply.places[0] if is_of_force else None})
