"""Read what a sentence claims of a number: a stage, a change or a rate, who accuses whom, what happened in a year."""

import re
from collections.abc import Callable, Iterable

from misconduct.article.known import NEGATION
from misconduct.article.text import Number
from misconduct.article.times import MONTH
from misconduct.model.codes import ANY_OF, WORDS
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said

ASSESSED, _DECIDED = 2, 3  # the gravity of what somebody did about a matter, and of what is decided
_ONLY_POSSIBLE = re.compile(r"\b(?:could|may|might|would|should|must|will|to|can|yet|if|whether|none)(?: \w+){0,2}\W+$")
_ACTED_ON = re.compile(rf"(?i)\b(?!(?:{ANY_OF['neutral']})\b)[a-z]{{2,20}}ed $")  # a verb: “accepted 12 complaints”
_AND = re.compile(r",? (?:and|or) (?:\w+ ){0,3}")
"""Words between two verbs that both tell of one number: 735 were sacked and barred."""

_OF_OTHERS = re.compile(
    r"\b(?:after|since|before|when|because|following|despite|until|whose|as)\b(?! (?:being|they|having|he|she|their)\b)"
)
"""Words after which somebody else is meant: “after” in “144 were suspended after a constable was convicted”."""

_MAX_BEFORE = 30  # characters before a word in which “could be” is looked for

_TIME = rf"(?:{ANY_OF['time']})\b"
_CHANGED_BY = re.compile(
    rf"(?i)(?:\b(?:{ANY_OF['change']})\b[^.;!?]*\bby|\b(?:{ANY_OF['change_noun']}) of|\b(?:{ANY_OF['change_past']})"
    r"|(?:,|\b(?:is|are|was|were|went|goes)) (?:up|down))\s+$"
)
_MORE = re.compile(
    rf"(?i)(?:[\s-]+(?!(?:no|{ANY_OF['no_object']})\b)[\w’'-]+)?\s+(?:{ANY_OF['added']}|{ANY_OF['change_noun']}|higher|lower)\b"
    r"(?!\s(?:was|were|had|have)\b)"
)
_MEAN = re.compile(r"(?i)\b(?:averag\w+|mean of|median|typically|typical)\b")
_RATE = re.compile(
    rf"(?i)(?<!\bin)(?<!\bof)\s(?:(?:every|each)\s{_TIME}|(?:{ANY_OF['rate']})\b|(?:in|out of|for) every\s"
    r"|per\s(?!cent\b)\w)"
    rf"|\b(?!(?:{ANY_OF['no_rate']})\b)[\w’'-]+\sa\s{_TIME}(?!\s(?:{ANY_OF['no_rate_after']})\b)"
)
_RATE_BEFORE = re.compile(rf"(?i)\b(?:(?:every|each)\s(?!of\s(?-i:[^A-Z]))\w|(?:{ANY_OF['rate']})\b)")
_EXTRA = re.compile(r"(?i)\b(?:extra|additional)\s$")
_TIMES = re.compile(r"(?i)[\s-]*(?:times (?:more|as|higher|greater|likelier|the|less|fewer|that|over)|fold)\b")
"""The words by which a number is a change, an average, a rate or a multiple: “rose by 144”, “144 a month”."""

_IN_YEAR = re.compile(
    r"(?i)\b(?:(?:in|during|over|for)\s(?:(the whole of|all of|the course of)\s|the (?:whole |calendar )?year\s)?"
    r"|(throughout)\s)$|\byear\s$"
)
_WHO = re.compile(
    rf"(?i)[)\]\"”’'*_]*\s(?:[\w’-]+\s){{0,3}}?(?:{ANY_OF['public']}|{ANY_OF['police']})(?:\sand\s\w+)?(?=\s)"
)
_ACCUSING = re.compile(rf"(?i)\s(?:{ANY_OF['accusing']})\s(?!(?:{ANY_OF['no_object']})\b)[\w’]")
_BY_POLICE = re.compile(rf"(?i)(?:\s(?:made|lodged|filed|brought))?\sby\s(?:\w+\s)?(?:{ANY_OF['police']})\b")
_FILED = re.compile(rf"(?i)\b(?:{ANY_OF['police']})\s(?:(?:have|had|has)\s)?(?:made|lodged|filed|brought|submitted)\s$")
_IN_MONTH = re.compile(
    r"(?i)(?:(\w+)\s)?\b(?:in|during|at the (?:end|start) of|as (?:of|at)|on \d\d?\w*(?: of)?)\s"
    rf"{MONTH},?\s(?:\d\d?,\s)?$"
)
"""The words before the year of a month in which something is counted, with the word before them: “in April 2023”."""

_OF_DOCUMENT = re.compile(rf"(?i)\b(?:{ANY_OF['document']})\b")
UP, DOWN = "trend/up", "trend/down"
_WHOLE = re.compile(r"\s*(?:of|in every|in)\s((?:[\w’'-]+\s?){1,4})")
_NEAR = 60  # characters around a number in which words say that it is a change, an average or a rate


def other_stage(number: Number, row: Row) -> str | None:
    """Return the measure that the text claims where the source says another.

    A graver one counts even if the text has the source’s word, too. The noun after a number never acquits it.
    """
    measure, text, known = row["measure"], number.text, number.text.known
    if known.negates(row) and NEGATION.search(text.text, *number.clause):
        return None  # both say that something was not done
    theirs, least = known.said("measure", row), known.gravity(measure)

    def agrees(one: str) -> bool:
        return one in theirs or known.related("measure", one, measure)

    either = WORDS["unclear"].get(f"measure/{measure}", ())  # “referred” to managers, or to another body
    said = [one for one in text.said_at("measure", *number.clause) if text.text[one.start : one.end] not in either]
    claimed = [one for one in said if known.gravity(one.code)]
    contrary = [one for one in claimed if not agrees(one.code) and not _is_conjoined(number, one, claimed, agrees)]
    sacked = [one for one in text.said_at("measure", number.end, number.until_next) if one.code == "dismissed"]
    if not (agrees("dismissed") or all(_is_conjoined(number, one, claimed, agrees) for one in sacked)):
        return "dismissed"  # whatever else fits
    grave = [one for one in contrary if known.gravity(one.code) > (least or 1) or known.gravity(one.code) == _DECIDED]
    told = [one for one in grave if _is_told(number, one)]
    if told:
        return max(told, key=lambda one: known.gravity(one.code)).code
    is_joined = number.before is not None and text.text.endswith(" and ", 0, start_of(number))
    shared = text.said_at("measure", number.sentence[0], number.start) if is_joined else []  # sustained 26 and 45
    if not least or grave or any(agrees(one.code) for one in (*claimed, *shared)):
        return None
    is_acted_on = _ACTED_ON.search(text.text, max(number.clause[0], number.start - _NEAR), start_of(number))
    return next((one.code for one in contrary if not (is_acted_on and number.end <= one.start < number.nouns[1])), None)


def _is_conjoined(number: Number, said: Said, claimed: Iterable[Said], agrees: Callable[[str], bool]) -> bool:
    """Tell whether a stage is joined with a word of the same kind that fits: sacked and put on the barred list."""
    stage, text = number.text.known.stage, number.text.text
    fitting = (one for one in claimed if agrees(one.code) and stage(one.code) == stage(said.code))
    return any(_AND.fullmatch(text, min(one.end, said.end), max(one.start, said.start)) for one in fitting)


def _is_told(number: Number, said: Said) -> bool:
    """Tell whether a stage is said of the number itself, and not of somebody else or as what could happen."""
    text, (low, _) = number.text.text, number.clause
    if _ONLY_POSSIBLE.search(text, max(said.start - _MAX_BEFORE, low), said.start):
        return False
    if said.start < number.start:
        return "," not in text[said.end : number.start]
    return not _OF_OTHERS.search(text, number.end, said.start)


def is_denied(number: Number, row: Row) -> bool:
    """Tell whether the text only says that it is not so: 18 people did not die."""
    low, high = number.clause
    denied = {one.code for one in number.text.denied if low <= one.start < high}
    return (
        not number.text.known.negates(row)
        and row["measure"] in denied
        and row["measure"] not in number.said("measure", low, high)
    )


def find_statistic(number: Number) -> str | None:
    """Return change, mean, rate or multiple if the text calls a number that; None for a plain count or share."""
    text, (low, high) = number.text.text, number.clause
    before = text[max(low, number.start - _NEAR) : start_of(number)]
    after = text[number.end : min(high, number.until_next, number.end + _NEAR)]
    if _TIMES.match(after):
        return "multiple"
    if _CHANGED_BY.search(before) or _EXTRA.search(before) or _MORE.match(after):
        return "change"
    if _MEAN.search(before) or _MEAN.search(after):
        return "mean"
    return "rate" if number.per or _RATE.search(after) or _RATE_BEFORE.search(text, low, start_of(number)) else None


def find_direction(number: Number) -> Said | None:
    """Return the word by which the clause of a number says that it is a rise or a fall: the nearest."""
    ways = [one for one in number.text.said_at("sign", *number.clause) if one.code in (UP, DOWN)]
    return min(ways, key=lambda one: max(number.start - one.end, one.start - number.end), default=None)


def find_whole(number: Number) -> str | None:
    """Return the words for what a number is a share of: “all officers” in “79% of all officers”."""
    found = _WHOLE.match(number.text.text, number.end, number.sentence[1])
    return found[1].strip() if found else None


def says_now(number: Number) -> str | None:
    """Return the words by which a sentence speaks of today; one verb may tell of two numbers: has 860 and 201."""
    words, text = number.sign("now", *number.clause), number.text.text
    is_joined = number.before and text.endswith(" and ", 0, start_of(number))
    if words or not is_joined or not number.before or number.text.said_at("sign", number.end, number.until_next):
        return words
    return says_now(number.before)


def says_change(number: Number) -> bool:
    """Tell whether the sentence has a word of a change: rose, an increase."""
    return number.text.text.endswith(" by ", 0, start_of(number)) or bool(number.sign("trend", *number.sentence))


def start_of(number: Number) -> int:
    """Return where a number starts with its hedge: nearly 144."""
    is_before = number.hedge and number.text.text.endswith(f"{number.hedge} ", 0, number.start)
    return number.start - len(f"{number.hedge} ") if is_before else number.start


def find_event(number: Number, measure: str) -> str | None:
    """Return the year in which something is said to have happened: suspended 144 officers in 2023, or last year."""
    text, (low, high), year = number.text.text, number.clause, number.own_year
    if words := number.sign("one_year", low, high):
        return words
    before = text[max(year.start - _NEAR, 0) : year.start] if year else ""
    in_year = _IN_YEAR.search(before)
    if not year or year.is_beside or not in_year:
        return None
    is_whole, start = bool(in_year.lastindex), start_of(number)
    said = (one for one in number.text.said_at("measure", low, high) if one.code == measure)
    is_act = any(
        is_whole or number.end <= one.start < year.start or not (one.end > start or text[one.end : start].strip())
        for one in said
    )
    return text[year.start : year.end] if is_act else None


def find_month(number: Number) -> str | None:
    """Return the month for which the text gives a number: in April 2023. It may only be that of a document."""
    year = number.own_year
    if year is None or not year.month or (number.before and year.start < number.clause[0]):
        return None
    before = _IN_MONTH.search(number.text.text[max(year.start - _NEAR, 0) : year.start])
    is_of_document = before and (is_of_document_only(number) or _OF_DOCUMENT.search(before[1] or ""))
    return year.month if before and not is_of_document else None


def is_of_document_only(number: Number) -> bool:
    """Tell whether the year before a number may only be that of a document: in 2023 the force said that 144."""
    year, text = number.own_year, number.text.text
    return year is not None and bool(_OF_DOCUMENT.search(text, year.end, number.start))


def accuses(number: Number, *, people: bool) -> bool:
    """Tell whether those that are counted accuse others: 12 officers accused colleagues, 12 complaints by officers."""
    text, start = number.text.text, number.nouns[0]
    after = text[start : number.until_next]
    if people and (who := _WHO.match(after)):
        return bool(_ACCUSING.match(after, who.end()))
    noun = next(iter(number.text.said_at("measure", *number.nouns)), None)
    before = text[max(number.clause[0], number.start - _NEAR) : start_of(number)]
    return noun is not None and bool(_BY_POLICE.match(text, noun.end) or _FILED.search(before))
