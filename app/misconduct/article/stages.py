"""Read at which stage a sentence puts a number: suspended, dismissed, accused; and who accuses whom."""

import re
from collections.abc import Callable, Iterable

from misconduct.article.number import Number
from misconduct.article.words import NEGATION, WEAK, stems
from misconduct.model.codes import ANY_OF, WORDS
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said

ASSESSED, _DECIDED = 2, 3  # the gravity of what somebody did about a matter, and of what is decided
_ACTED_ON = re.compile(rf"(?i)\b(?!(?:{ANY_OF['neutral']})\b)[a-z]{{2,20}}ed $")  # a verb: “accepted 12 complaints”
_AND = re.compile(r",? (?:and|or) (?:\w+ ){0,3}")
"""Words between two verbs that both tell of one number: 735 were sacked and barred."""

_CAME_IN = re.compile(rf"(?i)\b(?:{ANY_OF['came_in']}) $")
_WHO = re.compile(
    rf"(?i)[)\]\"”’'*_]*\s(?:[\w’-]+\s){{0,3}}?(?:{ANY_OF['public']}|{ANY_OF['police']})(?:\sand\s\w+)?(?=\s)"
)
_ACCUSING = re.compile(rf"(?i)\s(?:{ANY_OF['accusing']})\s(?!(?:{ANY_OF['no_object']})\b)[\w’]")
_BY_POLICE = re.compile(rf"(?i)(?:\s(?:made|lodged|filed|brought))?\sby\s(?:\w+\s)?(?:{ANY_OF['police']})\b")
_FILED = re.compile(rf"(?i)\b(?:{ANY_OF['police']})\s(?:(?:have|had|has)\s)?(?:made|lodged|filed|brought|submitted)\s$")


def other_stage(number: Number, row: Row) -> str | None:
    """Return the measure that the text claims where the source says another.

    A graver one counts even if the text has the source’s word, too. The noun after a number never acquits it.
    """
    measure, text, known = row["measure"], number.text, number.text.known
    if known.negates(row) and NEGATION.search(text.text, *number.clause):
        return None  # both say that something was not done
    theirs, least = known.said("measure", row), known.gravity(measure)
    either = WORDS["unclear"].get(f"measure/{measure}", ())  # “referred” to managers, or to another body
    said = [one for one in text.said_at("measure", *number.clause) if text.text[one.start : one.end] not in either]
    below = [one for one in said if measure in [*known.above("measure", one.code)][1:]]
    alone = {one.code for one in below if not text.text.startswith(" or ", one.end)}

    def agrees(one: str) -> bool:
        """Tell whether a stage is the source’s, wider, or not only a part: suspended, for suspended or restricted."""
        is_part = any(one == part.code for part in below)
        return one in known.above("measure", measure) or (alone != {one} if is_part else one in theirs)

    claimed = [one for one in said if known.gravity(one.code)]
    contrary = [one for one in claimed if not agrees(one.code) and not _is_conjoined(number, one, claimed, agrees)]
    sacked = [one for one in text.said_at("measure", number.end, number.until_next) if one.code == "dismissed"]
    if not (agrees("dismissed") or all(_is_conjoined(number, one, claimed, agrees) for one in sacked)):
        return "dismissed"  # whatever else fits
    grave = [one for one in contrary if known.gravity(one.code) > (least or 1) or known.gravity(one.code) == _DECIDED]
    told = [one for one in grave if _is_told(number, one)]
    if told:
        return max(told, key=lambda one: known.gravity(one.code)).code
    is_joined = number.before is not None and number.follows(" and ")
    shared = text.said_at("measure", number.sentence[0], number.start) if is_joined else []  # sustained 26 and 45
    if least >= ASSESSED and _is_received(number, row):
        return "alleged"
    excusing = (one for one in (*claimed, *shared) if known.gravity(one.code) >= least)  # no complaints, of findings
    if not least or grave or any(agrees(one.code) for one in excusing):
        return None
    is_acted_on = _ACTED_ON.search(number.lead)
    return next((one.code for one in contrary if not (is_acted_on and number.end <= one.start < number.nouns[1])), None)


def _is_received(number: Number, row: Row) -> bool:
    """Tell whether a text only says that complaints came in, with no word of what the source says became of them."""
    verb = _CAME_IN.search(number.lead)
    later = stems(row["counted"]) - WEAK - number.text.known.nouns_in(row["counted"] or "")
    claimed = (one.code for one in number.text.said_at("measure", *number.clause))
    is_told = any(number.text.known.gravity(one) >= ASSESSED for one in claimed)
    return bool(verb and later) and not is_told and later.isdisjoint(stems(number.words(number.clause)))


def _is_conjoined(number: Number, said: Said, claimed: Iterable[Said], agrees: Callable[[str], bool]) -> bool:
    """Tell whether a stage is joined with a word of the same kind that fits: sacked and put on the barred list."""
    stage, text = number.text.known.stage, number.text.text
    fitting = (one for one in claimed if agrees(one.code) and stage(one.code) == stage(said.code))
    return any(_AND.fullmatch(text, min(one.end, said.end), max(one.start, said.start)) for one in fitting)


def _is_told(number: Number, said: Said) -> bool:
    """Tell whether a stage is said of the number itself, and not of somebody else before it."""
    return said.start > number.start or "," not in number.words((said.end, number.start))


def is_denied(number: Number, row: Row) -> bool:
    """Tell whether the text only says that it is not so: 18 people did not die."""
    low, high = number.clause
    denied = {one.code for one in number.text.denied if low <= one.start < high}
    return (
        not number.text.known.negates(row)
        and row["measure"] in denied
        and row["measure"] not in number.said("measure", low, high)
    )


def accuses(number: Number, *, people: bool) -> bool:
    """Tell whether those that are counted accuse others: 12 officers accused colleagues, 12 complaints by officers."""
    text, start = number.text.text, number.nouns[0]
    after = text[start : number.until_next]
    if people and (who := _WHO.match(after)):
        return bool(_ACCUSING.match(after, who.end()))
    noun = next(iter(number.text.said_at("measure", *number.nouns)), None)
    return noun is not None and bool(_BY_POLICE.match(text, noun.end) or _FILED.search(number.lead))
