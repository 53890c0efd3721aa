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
_ACTED_ON = re.compile(
    rf"(?i)\b(?!(?:{ANY_OF['neutral']})\b)[a-z]{{2,20}}ed $"
)  # a verb: “accepted 12 complaints”
_AND = re.compile(r",? (?:and|or) (?:\w+ ){0,3}")
"""Words between two verbs that both tell of one number: 735 were sacked and barred."""

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
    measure, text, known = row["measure"], number.text, number.text.known
    if known.negates(row) and NEGATION.search(text.text, *number.clause):
        return None  # both say that something was not done
    least, unclear = (
        known.gravity(measure),
        WORDS["unclear"].get(f"measure/{measure}", ()),
    )
    said = [
        one
        for one in text.said_at("measure", *number.clause)
        if known.gravity(one.code) and text.text[one.start : one.end] not in unclear
    ]
    fitting = _find_fitting(number, row)
    fits = [one for one in said if one.code in fitting]
    others = [
        one
        for one in said
        if one not in fits and not any(_is_joined(number, one, each) for each in fits)
    ]
    graver = [
        one
        for one in others
        if known.gravity(one.code) > (least or 1) or known.gravity(one.code) == _DECIDED
    ]
    if told := [one for one in graver if _is_told(number, one)]:
        return max(told, key=lambda one: known.gravity(one.code)).code
    if least >= ASSESSED and _is_received(number, row):
        return "alleged"
    is_noun = bool(_ACTED_ON.search(number.lead))  # accepted 12 complaints
    lesser = [
        one
        for one in others
        if not (is_noun and number.end <= one.start < number.nouns[1])
    ]
    is_shared = number.before is not None and number.follows(
        " and "
    )  # sustained 26 and 45
    shared = (
        text.said_at("measure", number.sentence[0], number.start) if is_shared else []
    )
    is_excused = any(
        one.code in fitting and known.gravity(one.code) >= least
        for one in (*said, *shared)
    )
    return (
        lesser[0].code if lesser and least and not graver and not is_excused else None
    )


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
    fitting = {*known.above("measure", measure), *known.said("measure", row)}
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
