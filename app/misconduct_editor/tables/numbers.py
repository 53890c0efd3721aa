"""Read a printed cell as a number with signs."""

import re
from collections.abc import Iterable, Iterator, Mapping

from misconduct.model.number_words import read_bounds

from ..register.layout import ABSENT
from ..register.reading import Cells
from ..register.rules import GROUPED, ungroup

MAX_CHARACTERS = 20  # of a number

_BOUND = re.compile(rf"(<=|>=|<|>|≤|≥) ?({GROUPED})%?")
_NUMBER = re.compile(rf"[-−]?{GROUPED}")
_QUALIFIERS = {"<": "less_than", "<=": "at_most", "≤": "at_most", ">": "more_than", ">=": "at_least", "≥": "at_least"}
_RAISED = "⁰¹²³⁴-⁹"
_MARKS = rf'*^~†‡§"{_RAISED}'
_SIGN_AT_END = re.compile(rf"(?<=[\w)&%\]{_MARKS}])\s*((?<![{_MARKS}])[{_MARKS}]+|\[[\w ]+\]|\([a-z\d]\))$")
_ONE_SIGN = re.compile(rf"(.)\1|[{_RAISED}]{{2}}")


def find_sign(text: str, signs: Iterable[str] = ()) -> str | None:
    """Return what seems to be a footnote mark at the end of a text."""
    if (match := _SIGN_AT_END.search(text)) and not text.startswith(match[1]):
        return match[1]
    sign = next(_find_endings(text, signs), None)
    return sign and text.removeprefix(text.rstrip(sign))


def explain_sign(text: str, signs: Iterable[str]) -> str | None:
    sign = find_sign(text, signs)
    return f"{text!r} ends with {sign!r}: add it to signs, and say what it means" if sign else None


def split_signs(text: str, signs: Iterable[str]) -> tuple[str, list[str]]:
    """Return a text without the signs at its end, and the signs.

    `**` is never two `*`, and ¹² is note 12: unless such a mark is itself a sign, it stays.
    """
    found: list[str] = []
    while ends := [one for one in _find_endings(text, signs)
                   if not _ONE_SIGN.fullmatch(text.removesuffix(one)[-1:] + one[0])]:  # fmt: skip
        text, found = text.removesuffix(ends[0]).rstrip(), [ends[0], *found]
    return text, found


def _find_endings(text: str, signs: Iterable[str]) -> Iterator[str]:
    """Yield the signs at the end of a text, the longest first. 1 and % belong to numbers."""
    endings = (one for one in signs if one and text.endswith(one) and not text.startswith(one))
    yield from sorted((one for one in endings if not re.search(r"[\d%]$", one)), key=len, reverse=True)


def read_cell(text: str, signs: Mapping[str, str]) -> Cells | None:
    """Return the cells that a printed number fills, or None. `<5` is 5 with the hedge `<`."""
    word, found = (text, []) if text in signs else split_signs(text, signs)
    meaning = signs.get(word, "")
    if any(signs[one] in (*ABSENT, "zero") for one in found):
        return None
    if meaning in ABSENT:
        return {"value_absent": meaning, "qualifier": "exact", "printed": word}
    if meaning == "zero":
        return {"value": "0", "qualifier": "exact", "printed": word}
    if meaning:
        return None
    if bound := _BOUND.fullmatch(word):
        value, printed = ungroup(bound[2]), word.removeprefix(bound[1]).strip()
        return {"value": value, "qualifier": _QUALIFIERS[bound[1]], "hedge": bound[1], "printed": printed}
    if "–" in word and None not in read_bounds(None, "between", word, "count", "count"):
        return {"value_absent": "range_only", "qualifier": "between", "printed": word}
    number = word.removesuffix("%").rstrip()
    if not _NUMBER.fullmatch(number) or len(number) > MAX_CHARACTERS:
        return None
    value = re.sub(r"^(-?)0+(?=\d)", r"\1", ungroup(number))
    return {"value": value, "qualifier": "exact", "printed": word}
