"""Compare how a number is said: as a fact or not, exactly or not, as a change, an average, a rate or a share."""

import re
from fractions import Fraction

from misconduct.article.fields import Reading, Words, label
from misconduct.article.governs import find_governor, find_loose, find_not_yet
from misconduct.article.match import Match
from misconduct.article.statistic import find_direction, find_statistic
from misconduct.article.words import DOWN, UP, WEAK, stem, stems
from misconduct.model.codes import ANY_OF, WORDS
from misconduct.model.figure import Row
from misconduct.model.wording import write_number

_RELATIVE = r"(?:that|who|whom|which|where)\b"
_WHOLE = re.compile(
    rf"(?i)\s*(?:of|in every|in)\s((?:them|whom|which)\b|(?:(?!(?:{ANY_OF['verb']})\b|{_RELATIVE})[\w’'-]+\s?){{1,8}})"
)
"""The words for the whole of a share."""

_STATISTICS = {
    "change": "a change",
    "mean": "an average",
    "rate": "a rate",
    "multiple": "a multiple",
}
_PER = {
    "per_hundred": 100,
    "per_thousand": 1_000,
    "per_hundred_thousand": 100_000,
    "per_million": 1_000_000,
}
_NEUTRAL = WEAK | frozenset(map(stem, WORDS["article"]["neutral"]))
"""Stems of words that only say that something was counted, as in “were logged”, or that change nothing."""

_VERB = re.compile(r"\b[a-z]{2,20}ed\b")
_NEXT_WORDS = 3  # after a number, which say what is counted
AS_FACT, A_NUMBER = "as a fact", "a plain number"
SHARES = ("percent", "proportion")


def read_assertion(match: Match) -> Reading:
    """Read whether the sentence gives the number as a fact. Words that may deny it, or are unknown, are shown."""
    words = find_governor(match.number, match.row) or find_loose(
        match.number, match.row
    )
    words = words or ", ".join(_list_unknown(match)) or None
    theirs = find_not_yet(match.row["counted"] or "") or AS_FACT
    return Reading(words or AS_FACT, theirs, words is None and theirs == AS_FACT)


def _list_unknown(match: Match) -> list[str]:
    """Return verbs of a clause, and words for what it counts, that no list here has: pretended, wives."""
    number, row = match.number, match.row
    own = {*match.known.words_of(row)} | _NEUTRAL
    own |= stems(f"{row['subcategory']} {row['scope']} {row['base']}")
    if row["area"]:
        own |= stems(label(match, "area"))
    words = number.words((number.end, number.clause[1])).split()[:_NEXT_WORDS]
    words += _VERB.findall(number.words(number.clause))
    alien = [word for word in words if word.islower() and not stems(word) <= own]
    unknown = [*dict.fromkeys(alien)]
    is_part = row["part_of"] or row["subcategory"] or row["scope"]
    whole = number.sign("whole", *number.sentence) if is_part else None
    return [*unknown, whole] if whole else unknown


def differ_in_assertion(match: Match) -> Words | None:
    """Find that one of both denies, supposes or plans what the other says as a fact."""
    number, row = match.number, match.row
    if words := find_governor(number, row):
        return Words(words, AS_FACT)
    theirs = find_not_yet(row["counted"] or "")
    is_told = number.text.said_at("governs", *number.sentence) or find_loose(
        number, row
    )
    is_told = is_told or row["measure"] == "recommended"
    return Words(AS_FACT, theirs) if theirs and not is_told else None


def read_value(match: Match) -> Reading:
    """Read the number, which may be rounded."""
    number, row = match.number, match.row
    value = number.reading.in_unit(row["unit"])
    is_same = value is None or value == abs(Fraction(row["value"]))
    return Reading(number.printed, write_number(row), is_same)


def read_qualifier(match: Match) -> Reading:
    """Read the hedges."""
    number, row = match.number, match.row
    is_same = bool(row["hedge"]) and number.qualifier == row["qualifier"]
    return Reading(number.hedge or None, row["hedge"], is_same)


def read_statistic(match: Match) -> Reading:
    """Read whether it is a plain number or share, a change, an average or a rate."""
    number, row, own = match.number, match.row, match.row["statistic"]
    yours = find_statistic(number)
    if own == "change":
        words, way = find_direction(number) or (None, None)
        return Reading(words, row["counted"], way == _direction_of(row))
    if own in ("count", "share"):
        low = number.before.end if number.before else number.sentence[0]
        trend = number.sign("trend", low, number.sentence[1])
        words = yours or trend or number.sign("further", low, number.start)
        return Reading(words, label(match, "statistic") if words else None)
    return Reading(yours, label(match, "statistic"), yours == own)


def differ_in_statistic(match: Match) -> Words | None:
    """Find a number told as a change, an average or a rate, or the other way round."""
    number, row, own = match.number, match.row, match.row["statistic"]
    yours, per = find_statistic(number), number.per
    if own in ("count", "share"):
        return Words(_STATISTICS[yours], label(match, "statistic")) if yours else None
    if own == "change":
        return _differ_in_change(match)
    if own == "rate":
        theirs = f"a rate per {row['base']}"
        if per and per.value != _PER[row["unit"]]:
            return Words(f"per {per.printed}", theirs)
        beside = number.text.sentences[max(number.index - 1, 0)][0]
        is_rate = yours or number.sign("rate", beside, number.sentence[1])
        return None if is_rate else Words(A_NUMBER, theirs)
    return None


def _differ_in_change(match: Match) -> Words | None:
    """Find a change told as a plain number, or a rise as a fall."""
    number, row = match.number, match.row
    words, way = find_direction(number) or (None, None)
    if row["unit"] in SHARES and words and way != _direction_of(row):
        return Words(words, row["counted"])
    is_change = find_statistic(number) or number.sign("trend", *number.sentence)
    is_told = (is_change or number.follows(" by ")) and not number.follows(" to ")
    return None if is_told else Words(A_NUMBER, "a change")


def _direction_of(row: Row) -> str:
    return DOWN if row["value"] < 0 else UP


def read_denominator(match: Match) -> Reading:
    """Read what it is a share of, or a rate per."""
    number, row, words = match.number, match.row, None
    base = row["base"] or row["counted"]
    if row["statistic"] == "rate" and number.per:
        words = number.per.words(number.per.nouns).strip()
    if row["statistic"] == "share":
        found = _WHOLE.match(number.text.text, number.end, number.sentence[1])
        words = found[1].strip() if found else None
    if row["statistic"] not in ("share", "rate"):
        return Reading()
    people = match.known.people_in(words or "") - match.known.people_in(base)
    is_same = bool(words) and not people and stems(base) - WEAK <= stems(words)
    return Reading(words, base, is_same)
