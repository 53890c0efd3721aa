"""Read a printed cell as a number with signs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from misconduct.model.codes import WORDS
from misconduct.model.number_words import read_bounds

from ..register.layout import ABSENT
from ..register.reading import Cells
from ..register.rules import GROUPED, ungroup

MAX_CHARACTERS = 20  # of a number

_BOUND = re.compile(rf"(<=|>=|<|>|≤|≥) ?({GROUPED})%?")
_NUMBER = re.compile(rf"[-−]?{GROUPED}")
_QUALIFIERS = {
    "<": "less_than",
    "<=": "at_most",
    "≤": "at_most",
    ">": "more_than",
    ">=": "at_least",
    "≥": "at_least",
}
_RAISED = "⁰¹²³⁴-⁹"
_MARKS = rf'*^~†‡§"{_RAISED}'
_SIGN_AT_END = re.compile(
    rf"(?<=[\w)&%\]{_MARKS}])\s*((?<![{_MARKS}])[{_MARKS}]+|\[[\w ]+\]|\([a-z\d]\))$"
)
_SIGN_BEFORE = re.compile(rf"[*^~†‡§{_RAISED}]+(?= ?[^\W\d_])")
_ONE_SIGN = re.compile(rf"(.)\1|[{_RAISED}]{{2}}")


_NO_FACT = re.compile(rf"(?i)\b(?:{'|'.join(WORDS['no_fact']['table'])})\b")
_AT_YEAR = re.compile(rf"(?i)\b(?:{'|'.join(WORDS['at_year']['table'])})\b")
_SAYS_NO_MORE = re.compile(
    r"(?i)\b(?:fy|cy|financial|fiscal|calendar|years?|total|all|the|for|in|of)\b"
)


def find_sign(text: str, signs: Iterable[str] = ()) -> str | None:
    """Return what seems to be a footnote mark at the end of a text."""
    if (match := _SIGN_AT_END.search(text)) and not text.startswith(match[1]):
        return match[1]
    sign = next(_find_endings(text, signs), None)
    return sign and text.removeprefix(text.rstrip(sign))


def find_sign_before(label: str) -> str | None:
    """Return what seems to be a footnote mark before a label: * in *Total, but not in *Pending*."""
    match = _SIGN_BEFORE.match(label)
    return match[0] if match and not label.endswith(match[0]) else None


def explain_sign(text: str, signs: Iterable[str]) -> str | None:
    """Return what to do about a mark at a text that `signs` does not explain."""
    before, behind = find_sign_before(text), find_sign(text, signs)
    where = f"begins with {before!r}" if before else f"ends with {behind!r}"
    return (
        f"{text!r} {where}: add it to signs, and say what it means"
        if before or behind
        else None
    )


def explain_no_fact(text: str) -> str | None:
    """Return what to do about words that may stand for a plan, and not for what happened."""
    match = _NO_FACT.search(text)
    if match is None:
        return None
    sign = text[match.start() :] if match.start() else match[0]
    return f"{text!r} may be no fact: ignore it, or add {sign!r} to signs, and say in a sentence what it means"


def find_words_at_year(text: str, year: str, *, is_label: bool) -> str | None:
    """Return letters at a year, such as p in 2022p, or in a column of years any other words."""
    before, _, behind = text.partition(year)
    if not is_label and len(before.strip()) > 2:
        before = "".join(takewhile(str.isalpha, reversed(before)))[::-1]
    if not is_label and len(behind.strip()) > 2 and not _AT_YEAR.search(behind):
        behind = "".join(takewhile(str.isalpha, behind))
    words = (one.strip() for one in (behind, before))
    return next(
        (one for one in words if any(map(str.isalpha, _SAYS_NO_MORE.sub("", one)))),
        None,
    )


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
    """Yield the signs at the end of a text, the longest first. 1 and % belong to numbers, letters to longer words."""
    endings = (
        one for one in signs if one and text.endswith(one) and not text.startswith(one)
    )
    endings = (
        one
        for one in endings
        if not (one[0].isalpha() and text[-len(one) - 1].isalpha())
    )
    yield from sorted(
        (one for one in endings if not re.search(r"[\d%]$", one)), key=len, reverse=True
    )


def split_label(text: str, signs: Iterable[str]) -> tuple[str, list[str]]:
    """Return a label or heading without the signs before and behind it, and the signs."""
    label, behind = split_signs(text, signs)
    sign = max(
        (one for one in signs if _stands_before(one, label)), key=len, default=""
    )
    return (
        (label.removeprefix(sign).lstrip(), [sign, *behind])
        if sign
        else (label, behind)
    )


def _stands_before(sign: str, label: str) -> bool:
    """Tell whether a sign stands before a label: not r in region, - in -5, or ** in **Pending**."""
    if (
        not sign
        or sign[-1] in "-−–<>0123456789"
        or not label.startswith(sign)
        or label.endswith(sign)
    ):
        return False
    rest = label.removeprefix(sign)
    return rest.lstrip()[:1].isalnum() and not (
        sign[-1].isalpha() and rest[0].isalpha()
    )


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
        return {
            "value": value,
            "qualifier": _QUALIFIERS[bound[1]],
            "hedge": bound[1],
            "printed": printed,
        }
    if "–" in word and None not in read_bounds(None, "between", word, "count", "count"):
        return {"value_absent": "range_only", "qualifier": "between", "printed": word}
    number = word.removesuffix("%").rstrip()
    if not _NUMBER.fullmatch(number) or len(number) > MAX_CHARACTERS:
        return None
    value = re.sub(r"^(-?)0+(?=\d)", r"\1", ungroup(number))
    return {"value": value, "qualifier": "exact", "printed": word}
