"""Find what governs a number: words by which a sentence denies, supposes, plans or excludes what it counts.

The words and their classes are in `words.csv`. Those of `governs_number` stand directly before the number. Those of
`governs` stand before its verb, with no word between that begins another clause, or deny a whole sentence behind it.
"""

import re
from collections.abc import Iterator
from functools import cache

from misconduct.article.number import Number
from misconduct.article.stages import ASSESSED
from misconduct.article.text import NEAR, starting_in
from misconduct.article.words import GOVERNORS
from misconduct.model.codes import ANY_OF
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said

_NOT_YET = ("supposed", "planned")
_OTHER_CLAUSE = re.compile(rf"(?i)\b(?:{ANY_OF['other_clause']})\b")
_VERB = re.compile(r"(?i)\b(?:is|are|was|were|has|have|had)\b")
_THAT = re.compile(r"(?i)\b(?:that|it|they|he|she|(?!accusing)\w{3,20}ing)\b")
"""Words between a denial and what is denied: “it” in “denied it had suspended 144”."""

_DENIED_AFTER = re.compile(
    r"(?i)\b(?:(?:is|was|be|been)(?: \w+ly)?(?: as)?(?: an?)?|which (?:[\w’-]+ ){0,3}[\w’-]+) $"
)
"""The words before a denial that comes last: “is” in “that 144 were suspended is untrue”."""

_ARTICLE = re.compile(
    r"\s(?:(?:the|those|these|all|some|for|of the|of those|of these) )?"
)
_ALL = re.compile(
    r"(?i)\b(?:all|every\w*|each|any\w*|none|nobody|no)\b(?:\s[\w’-]+){0,4}\s(but) (?:the )?$"
)
_LOOSE = re.compile(rf"(?i)\b(?:{ANY_OF['not_a_fact']})\b|n[’']t\b")
"""Closed classes: negators, modals and conditions. One near a number is shown, and not judged."""

_PART = re.compile(
    rf"(?i)\b({ANY_OF['part_of']})\s(?:of\s)?(?:(?:the|those|these|some|all)\s)*$"
)
_OF_IT = re.compile(r"\s(?:of\s)?(?:(?:the|those|these|all)\s)*")
"""The words right before a number by which some of it is meant, or more: half of the 735, three times 859."""


def find_governor(number: Number, row: Row) -> str | None:
    """Return the words of what governs a number: rejected. None that the source has itself."""
    text, counted, known = number.text.text, row["counted"] or "", number.text.known
    own = {*_NOT_YET} if find_not_yet(counted) else set()
    if known.gravity(row["measure"]) < ASSESSED or row["measure"] == "suspension_ended":
        own.add("reversed")
    for one in _find_governors(number):
        words = text[one.start : one.end]
        if _class_of(one) not in own and words.casefold() not in counted.casefold():
            return words
    is_asked = number.words(number.sentence).rstrip("”\"’' \n").endswith("?")
    return "?" if is_asked else None


def find_loose(number: Number, row: Row) -> str | None:
    """Return a word beside a number by which it may be no fact: “not”, “could”, “half of”."""
    text, (low, high) = number.text.text, number.sentence
    if part := _PART.search(text, low, number.first):
        return part[1]
    share = number.before
    if (
        share
        and share.unit != "count"
        and _OF_IT.fullmatch(text, share.end, number.first)
    ):
        return share.printed
    low = max(low, share.end) if share else low
    high = min(high, number.after.start) if number.after else high
    counted = (row["counted"] or "").casefold()
    for found in _LOOSE.finditer(text, low, high):
        if found[0].casefold() not in counted:
            return found[0]
    return None


@cache
def find_not_yet(counted: str) -> str | None:
    """Return the word by which a source itself only supposes or plans: they would be rechecked."""
    for one in GOVERNORS.find(counted):
        if _class_of(one) in _NOT_YET:
            return counted[one.start : one.end]
    return None


def _class_of(one: Said) -> str:
    """Return the class of a word that governs: supposed."""
    return one.code.partition("/")[2]


def _find_governors(number: Number) -> Iterator[Said]:
    text, (low, high), start = number.text.text, number.clause, number.first
    for one in number.text.said_at("governs", low, start):
        if one.code.startswith("governs_number/"):
            is_own = one.code.endswith("/compared") and _has_own_place_or_year(number)
            if _ARTICLE.fullmatch(text, one.end, start) and not is_own:
                yield one
        elif one.code == "governs/reversed" or _governs_after(number, one, start):
            yield one
    if but := _ALL.search(text, max(low, start - NEAR), start):
        yield Said(*but.span(1), "governs_number/all_but")
    for one in number.text.said_at("governs", number.end, high):
        if _governs_before(number, one):
            yield one


def _has_own_place_or_year(number: Number) -> bool:
    """Tell whether a place or a year follows a number in its clause, so that it is a claim: double the 144 of 2022."""
    span = (number.end, number.clause[1])
    years = starting_in(number.text.years, *span)
    return bool(years or starting_in(number.text.places, *span))


def _governs_after(number: Number, one: Said, start: int) -> bool:
    """Tell whether a word before a number governs it: could suspend 144."""
    text, between = number.text.text, number.text.text[one.end : start]
    if _OTHER_CLAUSE.search(between) or not number.said("measure", *number.clause):
        return False
    is_defined = text.endswith((" the ", " these ", " those "), 0, start)
    if _class_of(one) in _NOT_YET and is_defined:
        return False  # asked whether the 735 who were barred can appeal
    if one.code == "governs/almost" and number.sign("trend", one.end, start):
        return False  # nearly doubled from 394
    if "," in between and not text[one.start].isupper():
        return False  # unlike “If, as some say, 144”
    return one.code != "governs/denied" or bool(_THAT.search(between))


def _governs_before(number: Number, one: Said) -> bool:
    """Tell whether a word after a number governs it: 144 could be suspended; that 144 were suspended is untrue."""
    between = number.words((number.end, one.start))
    if one.code == "governs/denied":
        return bool(_DENIED_AFTER.search(number.text.before(one.start, number.end)))
    if one.code == "governs/reversed":
        return True
    if one.code.startswith("governs_number/") or _OTHER_CLAUSE.search(between):
        return False
    nouns = {said.start for said in number.text.said_at("counting_unit", *number.nouns)}
    stages = number.text.said_at("measure", number.end, one.start)
    has_verb = bool(_VERB.search(between)) and one.code != "governs/almost"
    return not has_verb and all(said.start in nouns for said in stages)
