"""Read at which stage a sentence puts a number: suspended, dismissed, accused; and who accuses whom."""

import re

from misconduct.article.number import Number
from misconduct.article.words import NEGATION, WEAK, stems
from misconduct.model.codes import ANY_OF, WORDS
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said

ASSESSED, _DECIDED = (
    2,
    3,
)  # the gravity of what somebody did about a matter, and of what is decided
_ACTED_ON = re.compile(rf"(?i)\b(?!(?:{ANY_OF['neutral']})\b)[a-z]{{2,20}}ed\b")
"""A verb, which says the stage, so that the noun does not: “accepted 12 complaints”, “12 complaints discontinued”."""

_AND = re.compile(r",? (?:and|or) (?:\w+ ){0,3}")
"""Words between two verbs that both tell of one number: 735 were sacked and barred."""

_THAT = re.compile(rf"(?i)\bthat\s(?!(?:{ANY_OF['verb']}|were|would|could)\b)")
"""The word behind which another clause begins: “recommended on 13 occasions that an officer be prosecuted”."""

_CAME_IN = re.compile(rf"(?i)\b(?:{ANY_OF['came_in']}) $")
_ACCUSING = re.compile(
    rf"(?i)[)\]\"”’'*_]*\s(?:[\w’-]+\s){{0,3}}?(?:{ANY_OF['public']}|{ANY_OF['police']})(?:\sand\s\w+)?"
    rf"\s(?:{ANY_OF['accusing']})\s(?!(?:{ANY_OF['no_object']})\b)[\w’]"
)
_BY_POLICE = re.compile(
    rf"(?i)(?:\s(?:made|lodged|filed|brought))?\sby\s(?:\w+\s)?(?:{ANY_OF['police']})\b"
)
_FILED = re.compile(
    rf"(?i)\b(?:{ANY_OF['police']})\s(?:(?:have|had|has)\s)?(?:made|lodged|filed|brought|submitted)\s$"
)


def other_stage(number: Number, row: Row) -> str | None:
    """Return the measure that the text claims where the source says another.

    A graver one counts even if the text has the source’s word, too. The noun after a number never acquits it.
    """
    known, fitting = number.text.known, _find_fitting(number, row)
    if known.negates(row) and NEGATION.search(number.text.text, *number.clause):
        return None  # both say that something was not done
    said, least = _list_said(number, row, fitting), known.gravity(row["measure"])
    fits = [one for one in said if one.code in fitting]
    others = [one for one in said if one not in fits]
    others = [one for one in others if not _joins_any(number, one, fits)]
    graver = [one for one in others if _is_graver(known.gravity(one.code), least)]
    if told := [one for one in graver if _is_told(number, one)]:
        return max(told, key=lambda one: known.gravity(one.code)).code
    if least >= ASSESSED and _is_received(number, row):
        return "alleged"
    if graver or not least or _is_excused(number, fits, fitting, least):
        return None
    verbs = [one for one in others if not _is_noun(number, one)]
    return verbs[0].code if verbs else None


def _is_noun(number: Number, said: Said) -> bool:
    """Tell whether a stage is only the noun that is counted, beside a verb: “complaints” in “12 complaints closed”."""
    counted = number.text.said_at("counting_unit", *number.nouns)
    has_verb = _ACTED_ON.search(number.words(number.clause))
    return bool(has_verb) and said.start in {one.start for one in counted}


def _list_said(number: Number, row: Row, fitting: set[str]) -> list[Said]:
    """Return the stages that a clause says. What stands behind “that” is of somebody else, unless a verb follows."""
    text, known = number.text, number.text.known
    unclear = WORDS["unclear"].get(f"measure/{row['measure']}", ())
    own = f"{row['subcategory']} {row['scope']}"  # such as gun fired
    low, high = number.clause
    that = _THAT.search(text.text, number.end, high)
    said = text.said_at("measure", low, that.start() if that else high)
    return [
        one
        for one in said
        if known.gravity(one.code)
        and text.text[one.start : one.end] not in unclear
        and (one.code in fitting or number.words(one[:2]) not in own)
    ]


def _is_graver(gravity: int, least: int) -> bool:
    return gravity > (least or 1) or gravity == _DECIDED


def _is_excused(
    number: Number, fits: list[Said], fitting: set[str], least: int
) -> bool:
    """Tell whether a clause, or the verb that it shares with a number before, has a stage that fits and is as grave."""
    codes = [one.code for one in fits]
    if number.before is not None and number.follows(" and "):  # sustained 26 and 45
        codes += number.said("measure", number.sentence[0], number.start)
    gravity = number.text.known.gravity
    return any(one in fitting and gravity(one) >= least for one in codes)


def _joins_any(number: Number, said: Said, others: list[Said]) -> bool:
    return any(_is_joined(number, said, one) for one in others)


def _find_fitting(number: Number, row: Row) -> set[str]:
    """Return the stage of the source, the stages above it, and those that its own words name.

    Of two stages that the source joins, one alone is less: “suspended” of “suspended or on restricted duties”.
    """
    text, known, measure = number.text, number.text.known, row["measure"]
    parts = {
        one.code
        for one in text.said_at("measure", *number.clause)
        if measure in known.above("measure", one.code)[1:]
        and not text.text.startswith(" or ", one.end)
    }
    own = {*known.said("measure", row)}
    if " or " not in (row["counted"] or ""):
        parts -= own
    fitting = {*known.above("measure", measure)} | own
    return fitting - parts if len(parts) == 1 else fitting


def _is_joined(number: Number, said: Said, other: Said) -> bool:
    """Tell whether two words are joined and of one kind, so that both tell of the number: sacked and barred."""
    known, first, second = number.text.known, *sorted((said, other))
    is_of_kind = known.stage(said.code) == known.stage(other.code)
    return is_of_kind and bool(
        _AND.fullmatch(number.text.text, first.end, second.start)
    )


def _is_received(number: Number, row: Row) -> bool:
    """Tell whether a text only says that complaints came in, with no word of what the source says became of them."""
    clause = number.words(number.clause)
    later = (
        stems(row["counted"]) - WEAK - number.text.known.nouns_in(row["counted"] or "")
    )
    is_told = any(
        number.text.known.gravity(one) >= ASSESSED
        for one in number.said("measure", *number.clause)
    )
    return (
        bool(_CAME_IN.search(number.lead) and later)
        and not is_told
        and later.isdisjoint(stems(clause))
    )


def _is_told(number: Number, said: Said) -> bool:
    """Tell whether a stage is said of the number itself, and not of somebody else before it."""
    return said.start > number.start or "," not in number.words(
        (said.end, number.start)
    )


def accuses(number: Number, *, people: bool) -> bool:
    """Tell whether those that are counted accuse others: 12 officers accused colleagues, 12 complaints by officers."""
    text = number.text.text
    if people:
        return bool(_ACCUSING.match(text, number.nouns[0], number.until_next))
    noun = next(iter(number.text.said_at("measure", *number.nouns)), None)
    return noun is not None and bool(
        _BY_POLICE.match(text, noun.end) or _FILED.search(number.lead)
    )
