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
from misconduct.article.words import GOVERNORS, MULTIPLES
from misconduct.model.codes import ANY_OF
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said

NOT_YET = {"supposed", "planned"}
_OTHER_CLAUSE = re.compile(rf"(?i)\b(?:{ANY_OF['other_clause']})\b")
_VERB = re.compile(r"(?i)\b(?:is|are|was|were|has|have|had)\b")
_CONTENT = re.compile(
    r"(?i)\b(?:that|it|they|he|she|having|(?!accusing)\w{3,20}ing|to (?:say|claim|suggest|think|speak)"
    r"|(?:claims?|reports?|suggestions?|rumours?|stories|ideas?|notion) of)\b"
)
"""The words between a denial and what is denied: “it” in “denied it had suspended 144”."""

_DENIED_AFTER = re.compile(
    r"(?i)\b(?:(?:is|was|be|been)(?: \w+ly)?(?: as)?(?: an?)?|which (?:[\w’-]+ ){0,3}[\w’-]+) $"
)
"""The words before a denial that comes last: “is” in “that 144 were suspended is untrue”."""

_ARTICLE = re.compile(r"\s(?:(?:the|those|these|all|some|for) )?")
_ALL = re.compile(
    r"(?i)\b(?:all|every\w*|each|any\w*|none|nobody|no)\b(?:\s[\w’-]+){0,4}\s(but) (?:the )?$"
)


def find_governor(number: Number, row: Row) -> tuple[str, str] | None:
    """Return the class and the words of what governs a number: denied, “rejected”. None that the source has itself."""
    text, counted, known = number.text.text, row["counted"] or "", number.text.known
    own = {*NOT_YET} if find_not_yet(counted) else set()
    if known.gravity(row["measure"]) < ASSESSED or row["measure"] == "suspension_ended":
        own.add("reversed")
    for one in _find_governors(number):
        words = text[one.start : one.end]
        if class_of(one) not in own and words.casefold() not in counted.casefold():
            return class_of(one), words
    return None


@cache
def find_not_yet(counted: str) -> tuple[str, str] | None:
    """Return the class and the word by which a source itself only supposes or plans: they would be rechecked."""
    found = (
        (class_of(one), counted[one.start : one.end]) for one in GOVERNORS.find(counted)
    )
    return next((one for one in found if one[0] in NOT_YET), None)


def class_of(one: Said) -> str:
    """Return the class of a word that governs: supposed."""
    return one.code.partition("/")[2]


def _find_governors(number: Number) -> Iterator[Said]:
    text, (low, high), start = number.text.text, number.clause, number.first
    for one in number.text.said_at("governs", low, start):
        if one.code.startswith("governs_number/"):
            is_beside = _ARTICLE.fullmatch(text, one.end, start)
            if is_beside and not (
                one.code.endswith("/compared") and _has_own_place_or_year(number)
            ):
                yield one
        elif one.code == "governs/reversed" or _governs_after(number, one, start):
            yield one
    if but := _ALL.search(text, max(low, start - NEAR), start):
        yield Said(*but.span(1), "governs_number/all_but")
    yield from (
        one
        for one in number.text.said_at("governs", number.end, high)
        if _governs_before(number, one)
    )


def _has_own_place_or_year(number: Number) -> bool:
    """Tell whether a place or a year follows a number in its clause, so that it is a claim: double the 144 of 2022."""
    span = (number.end, number.clause[1])
    return bool(
        starting_in(number.text.years, *span) or starting_in(number.text.places, *span)
    )


def _governs_after(number: Number, one: Said, start: int) -> bool:
    """Tell whether a word before a number governs it: could suspend 144."""
    text, between = number.text.text, number.text.text[one.end : start]
    if _OTHER_CLAUSE.search(between) or not number.said("measure", *number.clause):
        return False
    if class_of(one) in NOT_YET and text.endswith(
        (" the ", " these ", " those "), 0, start
    ):
        return False  # asked whether the 735 who were barred can appeal
    if one.code == "governs/almost" and any(
        said.start == 1 for said in MULTIPLES.find_said(between)
    ):
        return False  # nearly doubled from 394
    if (
        "," in between and not text[one.start].isupper()
    ):  # unlike “If, as some say, 144”
        return False
    return one.code != "governs/denied" or bool(_CONTENT.search(between))


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
