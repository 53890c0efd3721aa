"""Read at which stage a sentence puts a number: suspended, dismissed, accused; and who accuses whom."""

import re

from misconduct.article.number import Number
from misconduct.article.words import SETS, negates
from misconduct.model.codes import WORDS
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said

ASSESSED, _DECIDED = (
    2,
    3,
)  # the gravity of what somebody did about a matter, and of what is decided
_VERB = re.compile(r"\b[a-z]{2,20}ed\b")
"""A verb, which says the stage, so that the noun does not: “accepted 12 complaints”, “12 complaints discontinued”."""

_AND = re.compile(r",? (?:and|or) (?:\w+ ){0,3}")
"""Words between two verbs that both tell of one number: 735 were sacked and barred."""

_THAT = re.compile(r"(?i)\bthat\s(\w+)")
_AUXILIARIES = SETS["verb"] | {"were", "would", "could"}
"""“That” begins another clause if no verb follows: “recommended on 13 occasions that an officer be prosecuted”."""

_BY = re.compile(r"(?i)(?:\s(?:made|lodged|filed|brought))?\sby\s(?:\w+\s)?")
_FILED = re.compile(
    r"(?i)\s(?:(?:have|had|has)\s)?(?:made|lodged|filed|brought|submitted)\s"
)
"""The words between complaints and the police who made them, and between these and the number of their complaints."""


def other_stage(number: Number, row: Row) -> str | None:
    """Return the measure that the text claims where the source says another.

    A graver one counts even if the text has the source’s word, too. The noun after a number never acquits it.
    """
    known, fitting = number.text.known, _find_fitting(number, row)
    if known.negates(row) and negates(number.words(number.clause)):
        return None  # both say that something was not done
    said, least = _list_said(number, row, fitting), known.gravity(row["measure"])
    fits = [one for one in said if one.code in fitting]
    others = [
        one
        for one in said
        if one not in fits and not any(_is_joined(number, one, fit) for fit in fits)
    ]
    graver = [one for one in others if _is_graver(known.gravity(one.code), least)]
    if graver:
        return max(graver, key=lambda one: known.gravity(one.code)).code
    if not least or any(known.gravity(one.code) >= least for one in fits):
        return None
    if _has_own_words(number, row):
        return None
    verbs = [one for one in others if not _is_noun(number, one)]
    return verbs[0].code if verbs else None


def _is_noun(number: Number, said: Said) -> bool:
    """Tell whether a stage is only the noun that is counted, beside a verb: “complaints” in “12 complaints closed”."""
    counted = number.text.said_at("counting_unit", *number.nouns)
    verbs = {*_VERB.findall(number.words(number.clause))}
    return bool(verbs - SETS["neutral"]) and said.start in {
        one.start for one in counted
    }


def _list_said(number: Number, row: Row, fitting: set[str]) -> list[Said]:
    """Return the stages that a clause says. What stands behind “that” is of somebody else, unless a verb follows."""
    text, known = number.text, number.text.known
    unclear = WORDS["unclear"].get(f"measure/{row['measure']}", ())
    own = f"{row['subcategory']} {row['scope']}"  # such as gun fired
    low, high = number.clause
    that = _THAT.search(text.text, number.end, high)
    if that and that[1] not in _AUXILIARIES:
        high = that.start()
    said = text.said_at("measure", low, high)
    return [
        one
        for one in said
        if known.gravity(one.code)
        and text.text[one.start : one.end] not in unclear
        and (one.code in fitting or number.words(one[:2]) not in own)
    ]


def _has_own_words(number: Number, row: Row) -> bool:
    """Tell whether a clause has words of a stage that are the source’s own: a suspension of up to 30 days."""
    own = f"{row['subcategory']} {row['scope']}"
    said = number.text.said_at("measure", *number.clause)
    return any(number.words(one[:2]) in own for one in said)


def _is_graver(gravity: int, least: int) -> bool:
    return gravity > (least or 1) or gravity == _DECIDED


def _find_fitting(number: Number, row: Row) -> set[str]:
    """Return the stage of the source, the stages above it, and those that its own words name."""
    known = number.text.known
    return {*known.above("measure", row["measure"]), *known.said("measure", row)}


def _is_joined(number: Number, said: Said, other: Said) -> bool:
    """Tell whether two words are joined and of one kind, so that both tell of the number: sacked and barred."""
    known, first, second = number.text.known, *sorted((said, other))
    is_of_kind = known.stage(said.code) == known.stage(other.code)
    return is_of_kind and bool(
        _AND.fullmatch(number.text.text, first.end, second.start)
    )


def accuses(number: Number, *, people: bool) -> bool:
    """Tell whether those that are counted accuse others: 12 officers accused colleagues, 12 complaints by officers."""
    text = number.text
    if people:
        return _accuse_others(number)
    noun = next(iter(text.said_at("measure", *number.nouns)), None)
    if noun is None:
        return False
    after = text.said_at("police", noun.end, number.until_next)[:1]
    before = text.said_at("police", number.sentence[0], number.first)[-1:]
    return any(_BY.fullmatch(text.text, noun.end, one.start) for one in after) or any(
        _FILED.fullmatch(text.text, one.end, number.first) for one in before
    )


def _accuse_others(number: Number) -> bool:
    """Tell whether people are followed by what they say of others: 12 officers accused colleagues."""
    text = number.text
    people = text.said_at("police", *number.nouns) + text.said_at(
        "public", *number.nouns
    )
    verbs = text.said_at("accusing", number.end, number.until_next)
    for verb in verbs[:1]:
        is_theirs = verb.start - 1 in {one.end for one in people}
        after = number.words((verb.end, number.until_next)).split()
        return is_theirs and bool(after) and after[0] not in SETS["no_object"]
    return False
