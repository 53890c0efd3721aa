"""Read a printed cell as a number with signs, and a printed heading as a year."""

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping

from misconduct.register.reading import Cells
from misconduct.register.tables.layout import ABSENT, BOUND, YearForm

MAX_CHARACTERS = 20  # of a number

_NUMBER = re.compile(r"[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_QUALIFIERS = {"<": "less_than", "<=": "at_most", "≤": "at_most", ">": "more_than", ">=": "at_least", "≥": "at_least"}
_MONTHS = {name[:3].casefold(): number for number, name in enumerate(calendar.month_name) if name}
_MONTH = rf"(?:Sept|{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in calendar.month_name if name)})"
_PART_OF_YEAR = re.compile(rf"(?i)\b(?:{_MONTH}|[QH]\d|quarter|half)\b")
_RAISED = "⁰¹²³⁴-⁹"
_MARKS = rf'*^~†‡§"{_RAISED}'
_SIGN_AT_END = re.compile(rf"(?<=[\w)&%\]{_MARKS}])\s*((?<![{_MARKS}])[{_MARKS}]+|\[[\w ]+\]|\([a-z\d]\))$")
_ONE_SIGN = re.compile(rf"(.)\1|[{_RAISED}]{{2}}")

YEAR_FORMS: dict[YearForm, re.Pattern[str]] = {
    "ending": re.compile(
        rf"(?i)((?:the )?(?:year|12 months) (?:ending|ended|to) )?(?:\d\d? )?\b({_MONTH})[ -]((?:19|20)\d\d)\b"
    ),
    "financial": re.compile(r"(?<![\d/])((?:19|20)?\d\d) ?[/–-] ?((?:20)?\d\d)(?![\d/])"),
    "calendar": re.compile(r"(?<![\d/–-])((?:18|19|20)\d\d)(?![\d/–-])"),
}
"""How years are printed: year ending March 2020; 2019/20 or 19/20; 2019."""

_YEARS = r"(?:(?:19|20)\d\d(?: ?[/–-] ?\d\d(?:\d\d)?)?|\d\d/\d\d)(?!\d)"
_PERIOD = rf"(?:(?:the )?(?:year|12 months) (?:ending|ended|to) )?(?:(?:\d\d? )?{_MONTH} )?{_YEARS}"
_BEFORE_PERIOD = r"(?:(?:in|for|from|between|during|over|since|as at|at|on) )"
PERIOD_AT_END = re.compile(
    rf"(?i)(?:\s*[,;:(–-]\s*{_BEFORE_PERIOD}*|(?:^|\s){_BEFORE_PERIOD}+|(?:^|\s)(?!\d{{4}}\W*$))"
    rf"(?:(?:{_PERIOD}|(?:\d\d? )?{_MONTH}) ?(?:to|and|–|-) ?)?{_PERIOD}[{_RAISED}]*\W*(?:\[[\w ]+\])?$"
)
"""A period at the end of a title, with the comma or preposition before it. In “Act 2002”, the year is not one."""


def find_sign(text: str, signs: Iterable[str] = ()) -> str | None:
    """Return what seems to be a footnote mark at the end of a word or a number, or a mark made of one of the signs."""
    if match := _SIGN_AT_END.search(text):
        return match[1]
    sign = next(_find_endings(text, signs), None)
    return sign and text.removeprefix(text.rstrip(sign))


def split_signs(text: str, signs: Iterable[str]) -> tuple[str, list[str]]:
    """Return a text without the signs at its end, and the signs. Look for long signs first.

    `**` is never two `*`, and ¹² is note 12: if such a mark is not one of the signs, it stays at the end of the text.
    """
    found: list[str] = []
    while sign := next((one for one in _find_endings(text, signs) if not _is_cut(text, one)), None):
        text, found = text.removesuffix(sign).rstrip(), [sign, *found]
    return text, found


def _find_endings(text: str, signs: Iterable[str]) -> Iterator[str]:
    """Yield the signs that a text ends with, the longest first. A digit or % at the end is part of the number."""
    endings = (one for one in signs if one and text.endswith(one) and text != one)
    yield from sorted((one for one in endings if not re.search(r"[\d%]$", one)), key=len, reverse=True)


def _is_cut(text: str, sign: str) -> bool:
    """Tell whether a sign at the end of a text is only part of a longer mark."""
    return _ONE_SIGN.fullmatch(text.removesuffix(sign)[-1:] + sign[0]) is not None


def read_cell(text: str, signs: Mapping[str, str]) -> Cells | None:
    """Return the cells of a figure that a printed number fills. Return None if it is not a number with known signs.

    The cells are value or value_absent, printed, qualifier and hedge. `<5` is printed 5 with the hedge `<`.
    """
    word, found = (text, []) if text in signs else split_signs(text, signs)
    meaning = signs.get(word, "")
    if any(signs[one] in (*ABSENT, "zero") or BOUND.fullmatch(signs[one]) for one in found):
        return None
    if meaning in ABSENT:
        return {"value_absent": meaning, "qualifier": "exact", "printed": word}
    if meaning == "zero":
        return {"value": "0", "qualifier": "exact", "printed": word}
    if bound := BOUND.fullmatch(meaning or word):
        hedge, printed = (word, word) if meaning else (bound[1], word.removeprefix(bound[1]).strip())
        return {"value": bound[2], "qualifier": _QUALIFIERS[bound[1]], "hedge": hedge, "printed": printed}
    number = word.removesuffix("%").rstrip()
    if meaning or not _NUMBER.fullmatch(number) or len(number) > MAX_CHARACTERS:
        return None
    value = re.sub(r"^(-?)0+(?=\d)", r"\1", number.replace(",", "").replace("−", "-"))
    return {"value": value, "qualifier": "exact", "printed": word}


def read_year(text: str, form: YearForm | None, periods: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the printed words of a year and its period. Return None unless the text has exactly one readable year.

    A financial year runs from April to March. "March 2020" is a year only if the form is `ending`. `periods` explains
    other words.
    """
    if text in periods:
        return text, periods[text]
    found, rest = [], text
    for name, pattern in YEAR_FORMS.items():
        for match in pattern.finditer(rest) if form in (None, name) else ():
            if (name != "ending" or form or match[1]) and (period := _read_match(name, match)):
                found.append((match[0].strip(), period))
                rest = rest.replace(match[0], "")
    return found[0] if len(found) == 1 and not _PART_OF_YEAR.search(rest) else None


def _read_match(form: YearForm, match: re.Match[str]) -> str | None:
    if form == "calendar":
        return match[1]
    if form == "ending":
        last, year = _MONTHS[match[2][:3].casefold()], int(match[3])
        return f"{year}" if last == 12 else f"{year - 1}-{last + 1:02}/{year}-{last:02}"
    first = int(match[1]) if len(match[1]) == 4 else int(match[1]) + (2000 if int(match[1]) < 70 else 1900)
    return f"{first}-04/{first + 1}-03" if (first + 1) % 100 == int(match[2]) % 100 else None
