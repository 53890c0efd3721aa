"""Read whether a text calls a number a change, an average, a rate or a multiple."""

import re

from misconduct.article.number import Number
from misconduct.article.text import NEAR
from misconduct.article.words import DOWN, UP
from misconduct.model.codes import ANY_OF

_TIME = rf"(?:{ANY_OF['time']})\b"
_CHANGED_BY = re.compile(
    rf"(?i)(?:\b(?:{ANY_OF['change']})\b[^.;!?]*\bby|\b(?:{ANY_OF['change_noun']}) of|\b(?:{ANY_OF['change_past']})"
    r"|(?:,|\b(?:is|are|was|were|went|goes)) (?:up|down)|\b(?:extra|additional))\s+$"
)
_MORE = re.compile(
    rf"(?i)(?:\s+(?:{ANY_OF['added']})|(?:[\s-]+(?!(?:no|{ANY_OF['no_object']})\b)[\w’'-]+)?"
    rf"\s+(?:(?:{ANY_OF['added']})(?!\s(?!than))|{ANY_OF['change_noun']}|higher|lower))\b(?!\s(?:was|were|had|have)\b)"
)
_MEAN = re.compile(r"(?i)\b(?:averag\w+|mean of|median|typically|typical)\b")
_RATE = re.compile(
    rf"(?i)(?<!\bin)(?<!\bof)\s(?:(?:every|each)\s{_TIME}|(?:{ANY_OF['rate']})\b(?!\s\w)|(?:in|out of|for) every\s"
    r"|per\s(?!cent\b)\w)"
    rf"|\b(?!(?:{ANY_OF['no_rate']})\b)[\w’'-]+\sa\s{_TIME}(?!\s(?:{ANY_OF['no_rate_after']})\b)"
)
_RATE_BEFORE = re.compile(
    rf"(?i)\b(?:(?:every|each)\s(?!of\s(?-i:[^A-Z]))\w|(?:{ANY_OF['rate']})\b)"
)
_MORE_OR_LESS = re.compile(r"\s(?:[\w’'-]+\s)?(more|higher|fewer|less|lower)\b")
_TIMES = re.compile(
    r"(?i)[\s-]*(?:times (?:more|as|higher|greater|likelier|the|less|fewer|that|over)|fold)\b"
)
"""The words by which a number is a change, an average, a rate or a multiple: “rose by 144”, “144 a month”."""


def find_statistic(number: Number) -> str | None:
    """Return change, mean, rate or multiple if the text calls a number that; None for a plain count or share."""
    text, (low, high) = number.text.text, number.clause
    after = text[number.end : min(high, number.until_next, number.end + NEAR)]
    if _TIMES.match(after):
        return "multiple"
    if _CHANGED_BY.search(number.lead) or _MORE.match(after):
        return "change"
    if _MEAN.search(number.lead) or _MEAN.search(after):
        return "mean"
    return (
        "rate"
        if number.per
        or _RATE.search(after)
        or _RATE_BEFORE.search(text, low, number.first)
        else None
    )


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
