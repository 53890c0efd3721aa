"""Tell at which stage a text puts a matter: alleged, proven, dismissed. The gravest that is said of a number counts."""

import re

from misconduct.article.text import Number
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said

_DECIDED = 3  # the gravity of what is decided
_CONTENT = re.compile(r"\W*(?:to have|to|(?:of|that|about|over|for)\b(?!.*\b(?:was|were|is|are|has|have|had|been)\b))")
"""What joins an accusation with what is alleged: claims of abused authority, said to have committed."""

_ONLY_POSSIBLE = re.compile(r"\b(?:could|may|might|would|should|must|will|to|can|yet|if|whether|none)(?: \w+){0,2}\W+$")
_OF_OTHERS = re.compile(
    r"\b(?:after|since|before|when|because|following|despite|until|whose|as)\b(?! (?:being|they|having|he|she|their)\b)"
)
"""What begins words about somebody else: 144 were suspended after a constable was convicted."""

_MAX_BEFORE = 30  # characters before a word in which “could be” is looked for


def other_stage(number: Number, row: Row) -> str | None:
    """Return the measure that the text claims where the source says another.

    A graver one counts even if the text has the source’s word, too. The noun after a number never acquits it.
    """
    measure, text, known = row["measure"], number.text, number.text.known
    theirs, least = known.said("measure", row), known.gravity(measure)

    def agrees(one: str) -> bool:
        return one in theirs or known.related("measure", one, measure)

    if "dismissed" in text.said("measure", number.end, number.until_next) and not agrees("dismissed"):
        return "dismissed"  # whatever else fits
    claimed = [one for one in text.said_at("measure", *number.clause) if known.gravity(one.code)]
    contrary = [one for one in claimed if not agrees(one.code)]
    grave = [one for one in contrary if known.gravity(one.code) > (least or 1) or known.gravity(one.code) == _DECIDED]
    told = [one for one in grave if _is_told(number, one)]
    if told:
        return max(told, key=lambda one: known.gravity(one.code)).code
    if not least or grave or any(agrees(one.code) for one in claimed if not _is_noun(number, one)):
        return None
    return next((one.code for one in contrary), None)


def _is_told(number: Number, said: Said) -> bool:
    """Tell whether a stage is said of a number, and not of something else in its clause, or as possible only."""
    text, (low, _) = number.text.text, number.clause
    if _ONLY_POSSIBLE.search(text, max(said.start - _MAX_BEFORE, low), said.start):
        return False
    if said.start < number.start:
        return "," not in text[said.end : number.start]
    before = [one for one in number.text.said_at("measure", low, said.start) if one.code != said.code]
    if before and _CONTENT.match(text[before[-1].end : said.start]):
        return False
    return not _OF_OTHERS.search(text, number.end, said.start)


def _is_noun(number: Number, said: Said) -> bool:
    """Tell whether words are what the number counts: 12 complaints."""
    units = number.text.said_at("counting_unit", *number.nouns)[:1]
    return any(one.start <= said.start < one.end for one in units)


def is_denied(number: Number, row: Row) -> bool:
    """Tell whether the text only says that it is not so: 18 people did not die."""
    low, high = number.clause
    denied = {one.code for one in number.text.denied if low <= one.start < high}
    return row["measure"] in denied and row["measure"] not in number.said("measure", low, high)
