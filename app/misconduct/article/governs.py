"""Find what governs a number: words by which a sentence denies, supposes, plans or excludes what it counts.

The words and their classes are in `words.csv`. Those of `governs_number` stand directly before the number. Those of
`governs` stand before its verb, with no word between that begins another clause, or deny a whole sentence behind it.
"""

import re
from collections.abc import Iterator
from functools import cache

from misconduct.article.number import Number
from misconduct.article.stages import ASSESSED
from misconduct.article.text import starting_in
from misconduct.article.words import GOVERNORS, negates
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said

_NOT_YET = ("supposed", "planned")
_VERB = re.compile(r"(?i)\b(?:is|are|was|were|has|have|had)\b")
_THAT = re.compile(r"(?i)\b(?:that|it|they|he|she|(?!accusing)\w{3,20}ing)\b")
"""Words between a denial and what is denied: “it” in “denied it had suspended 144”."""

_DENIED_AFTER = re.compile(
    r"(?i)\b(?:(?:is|was|be|been)(?: \w+ly)?(?: as)?(?: an?)?|which (?:[\w’-]+ ){0,3}[\w’-]+) $"
)
"""The words before a denial that comes last: “is” in “that 144 were suspended is untrue”."""

_ARTICLE = re.compile(r"\s(?:(?:of|for)\s)?(?:(?:the|those|these|all|some)\s)*")


def find_governor(number: Number, row: Row) -> str | None:
    """Return the words of what governs a number: rejected. None that the source has itself."""
    text, counted, known = number.text.text, row["counted"] or "", number.text.known
    own = {*_NOT_YET} if find_not_yet(counted) else set()
    if known.gravity(row["measure"]) < ASSESSED or row["measure"] == "suspension_ended":
        own.add("reversed")
    for one in _find_governors(number):
        if text.startswith((" not be ", "n’t be ", "n't be "), one.end):
            continue  # could not be substantiated
        words = text[one.start : one.end]
        if _class_of(one) not in own and words.casefold() not in counted.casefold():
            return words
    rest = number.words((number.end, number.sentence[1])).rstrip("”\"’' \n")
    return "?" if rest.endswith("?") and ";" not in rest else None


def find_loose(number: Number, row: Row) -> str | None:
    """Return a word beside a number by which it may be no fact: “not”, “could”, “half of”."""
    text, (low, high), share = number.text, number.sentence, number.before
    parts = text.said_at("part_of", low, number.first)
    if parts and _ARTICLE.fullmatch(text.text, parts[-1].end, number.first):
        return number.words(parts[-1][:2])
    if share:
        low = share.end
        if share.unit != "count" and _ARTICLE.fullmatch(text.text, low, number.first):
            return share.printed
    span = (low, min(high, number.until_next))
    counted = (row["counted"] or "").casefold()
    for one in text.said_at("not_a_fact", *span):
        words = number.words(one[:2])
        if words.casefold() not in counted and words != "May":
            return words
    return "not" if negates(number.words(span)) and not negates(counted) else None


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
    text, between = number.text, number.text.text[one.end : start]
    is_other_clause = text.said_at("other_clause", one.end, start)
    if is_other_clause or not number.said("measure", *number.clause):
        return False
    is_defined = text.text.endswith((" the ", " these ", " those "), 0, start)
    if _class_of(one) in _NOT_YET and is_defined:
        return False  # asked whether the 735 who were barred can appeal
    if "," in between and not text.text[one.start].isupper():
        return False  # unlike “If, as some say, 144”
    return one.code != "governs/denied" or bool(_THAT.search(between))


def _governs_before(number: Number, one: Said) -> bool:
    """Tell whether a word after a number governs it: 144 could be suspended; that 144 were suspended is untrue."""
    between = number.words((number.end, one.start))
    if one.code == "governs/denied":
        return bool(_DENIED_AFTER.search(number.text.before(one.start, number.end)))
    if one.code == "governs/reversed":
        return True
    is_other_clause = number.text.said_at("other_clause", number.end, one.start)
    if one.code.startswith("governs_number/") or is_other_clause:
        return False
    nouns = {said.start for said in number.text.said_at("counting_unit", *number.nouns)}
    stages = number.text.said_at("measure", number.end, one.start)
    return not _VERB.search(between) and all(said.start in nouns for said in stages)
