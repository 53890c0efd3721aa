"""Read whether a text calls a number a change, an average, a rate or a multiple."""

import re

from misconduct.article.number import Number
from misconduct.article.text import NEAR
from misconduct.article.words import DOWN, SETS, UP

_BY = re.compile(r"[^.;!?]*\bby\s+|\s+(?:of\s+)?")
_BEFORE_UP = re.compile(r"(?:,|\b(?:is|are|was|were|went|goes)) $")
"""The words between a word of change and its number, and before “up”: “rose by 144”, “a rise of 144”, “, up 144”."""

_MEAN = re.compile(r"(?i)\b(?:averag\w+|mean of|median|typically|typical)\b")
_MORE_OR_LESS = re.compile(r"\s(?:[\w’'-]+\s)?(more|higher|fewer|less|lower)\b")
_TIMES = re.compile(
    r"(?i)[\s-]*(?:times (?:more|as|higher|greater|likelier|the|less|fewer|that|over)|fold)\b"
)
_WORDS = re.compile(r"[\w’'-]+|[^\w\s]")
_MORE = SETS["change_noun"] | {"higher", "lower"}
_EACH = ("a", "per", "every", "each")
_HAD = {"was", "were", "had", "have"}
"""Verbs by which more people are others, and no change: 144 more had resigned."""


def find_statistic(number: Number) -> str | None:
    """Return change, mean, rate or multiple if the text calls a number that; None for a plain count or share."""
    text, (low, high) = number.text.text, number.clause
    after = text[number.end : min(high, number.until_next, number.end + NEAR)]
    words = _WORDS.findall(after.casefold())
    before = _WORDS.findall(text[low : number.first].casefold())
    if _TIMES.match(after):
        return "multiple"
    if _is_changed_by(number) or _is_more(words):
        return "change"
    if _MEAN.search(number.lead) or _MEAN.search(after):
        return "mean"
    is_each = {"every", "each"} & {*before} and "of" not in before
    return "rate" if number.per or is_each or _is_rate(words) else None


def _is_changed_by(number: Number) -> bool:
    """Tell whether a word of change leads to a number: rose by 144, a rise of 144."""
    text, low = number.text, number.clause[0]
    if number.follows("extra ") or number.follows("additional "):
        return True
    for one in text.said_at("sign", low, number.first):
        if one.code.startswith("trend/") and _BY.fullmatch(
            text.text, one.end, number.first
        ):
            is_way = number.words(one[:2]).casefold() in ("up", "down")
            return not is_way or bool(_BEFORE_UP.search(text.before(one.start)))
    return False


def _is_more(words: list[str]) -> bool:
    """Tell whether the first two words after a number make it a change: 27 more than, a 12 per cent rise."""
    first, second, third = [*words, "", "", ""][:3]
    if first in SETS["added"] | _MORE:
        return second not in _HAD
    if first == "no" or first in SETS["no_object"] or not first.isalpha():
        return False
    is_last = third == "than" or not third.isalpha()
    is_added = second in SETS["added"] and is_last
    return (is_added or second in _MORE) and third not in _HAD


def _is_rate(words: list[str]) -> bool:
    """Tell whether words after a number make it a rate: 144 a month, per officer, every year."""
    padded = ["", *words, "", ""]
    for place in range(1, len(words) + 1):
        before, word, after, last = padded[place - 1 : place + 3]
        is_time = after in SETS["time"] and before not in SETS["no_rate"]
        if word in _EACH and is_time and last not in SETS["no_rate_after"]:
            return True
        if word == "per" and after.isalpha() and after != "cent":
            return True
    return False


def find_direction(number: Number) -> tuple[str, str] | None:
    """Return the words by which a number is a rise or a fall, and which: those right after it, or the nearest."""
    if more := _MORE_OR_LESS.match(number.text.text, number.end, number.clause[1]):
        return more[1], UP if more[1] in ("more", "higher") else DOWN
    said = number.text.said_at("sign", *number.clause)
    ways = [one for one in said if one.code in (UP, DOWN)]
    if not ways:
        return None
    way = min(ways, key=lambda one: max(number.start - one.end, one.start - number.end))
    return number.words(way[:2]), way.code
