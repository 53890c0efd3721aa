"""Compare how a number is said: as a fact or not, exactly or not, as a change, an average, a rate or a share."""

import re
from fractions import Fraction

from misconduct.article.fields import Reading, label
from misconduct.article.governs import find_governor, find_loose, find_not_yet
from misconduct.article.match import Match
from misconduct.article.statistic import find_direction, find_statistic
from misconduct.article.words import DOWN, SETS, UP, WEAK, stem, stems
from misconduct.model.wording import write_number

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
_NEUTRAL = WEAK | frozenset(map(stem, SETS["neutral"]))
"""Stems of words that only say that something was counted, as in “were logged”, or that change nothing."""

_VERB = re.compile(r"\b[a-z]{2,20}ed\b")
AS_FACT, A_NUMBER = "as a fact", "a plain number"
SHARES = ("percent", "proportion")
OTHER = "other_statistic"


def read_assertion(match: Match) -> Reading:
    """Read whether the sentence gives the number as a fact. Words that may deny it, or are unknown, are shown."""
    number, row = match.number, match.row
    theirs = find_not_yet(row["counted"] or "")
    if words := find_governor(number, row):
        return Reading(words, AS_FACT, code="governed")
    words = find_loose(number, row) or ", ".join(_list_unknown(match)) or None
    is_told = number.text.said_at("governs", *number.sentence)
    if theirs and not (words or is_told or row["measure"] == "recommended"):
        return Reading(AS_FACT, theirs, code="governed")
    return Reading(words or AS_FACT, theirs or AS_FACT, not (words or theirs))


def _list_unknown(match: Match) -> list[str]:
    """Return the verbs of a clause that no list here has: pretended."""
    number, row = match.number, match.row
    own = {*match.known.words_of(row)} | _NEUTRAL
    own |= stems(f"{row['subcategory']} {row['scope']} {row['base']}")
    words = _VERB.findall(number.words(number.clause))
    return [word for word in dict.fromkeys(words) if not stems(word) <= own]


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
    own, yours = match.row["statistic"], find_statistic(match.number)
    theirs = label(match, "statistic")
    if own == "change":
        return _read_change(match)
    if own == "rate":
        return _read_rate(match, yours)
    if own in ("count", "share"):
        return Reading(_STATISTICS[yours], theirs, code=OTHER) if yours else Reading()
    return Reading(yours and _STATISTICS[yours], theirs, yours == own)


def _read_change(match: Match) -> Reading:
    """Read a change: told as a plain number, or a rise as a fall, it differs."""
    number, row = match.number, match.row
    words, way = find_direction(number) or (None, None)
    is_same = way == (DOWN if row["value"] < 0 else UP)
    reading = Reading(words, row["counted"], is_same)
    if row["unit"] in SHARES and words and not is_same:
        return reading._replace(code=OTHER)
    is_change = find_statistic(number) or number.sign("trend", *number.sentence)
    is_told = (is_change or number.follows(" by ")) and not number.follows(" to ")
    return reading if is_told else Reading(A_NUMBER, "a change", code=OTHER)


def _read_rate(match: Match, yours: str | None) -> Reading:
    """Read a rate: told as a plain number, or per another number, it differs."""
    number, row, per = match.number, match.row, match.number.per
    theirs = f"a rate per {row['base']}"
    if per and per.value != _PER[row["unit"]]:
        return Reading(f"per {per.printed}", theirs, code=OTHER)
    beside = number.text.sentences[max(number.index - 1, 0)][0]
    if not (yours or number.sign("rate", beside, number.sentence[1])):
        return Reading(A_NUMBER, theirs, code=OTHER)
    return Reading(yours and _STATISTICS[yours], theirs, yours == "rate")


def read_denominator(match: Match) -> Reading:
    """Return what the source has a share of, or a rate per. We do not read what the sentence says of it."""
    row = match.row
    is_of_whole = row["statistic"] in ("share", "rate")
    return Reading(None, (row["base"] or row["counted"]) if is_of_whole else None)
