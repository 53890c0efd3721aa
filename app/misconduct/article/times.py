"""Read the years of a text in their common spellings: 2019, 2019-20, FY20, the year to March 2020, a year later."""

import re
from calendar import month_abbr, month_name
from collections.abc import Iterator
from typing import NamedTuple

from misconduct.model.codes import WORDS
from misconduct.model.dates import make_year

_NAMES = [name for number in range(1, 13) for name in (month_name[number], month_abbr[number])]
MONTH = rf"(?:{'|'.join(sorted({*_NAMES, 'Sept'}, key=len, reverse=True))})\b\.?"
YEAR = r"(?:19|20)\d\d"
_SPELLED = {word: f"20{number}" for number, word in enumerate(WORDS["number"]["ten"], 10)} | {
    f"twenty {one}".strip(): f"20{number}" for number, one in enumerate(["", *WORDS["number"]["one"]], 20)
}
SPELLED = rf"(?i:\btwenty[ -](?:{'|'.join(_SPELLED).replace('twenty ', 'twenty[ -]')})\b(?!-))"
"""A year in words that nobody takes for a number: twenty nineteen."""

SHORT_PAIR = r"(?<![\w/.,£$€])['‘’]?\d\d/\d\d(?![\w/]|\.\d)"
_JOINT = r"\s?[/–-]\s?"
_ENDING = r"(?:year|(?:12|twelve) months)\s(?:to|ending|ended|until|up to)\b(?:\s?-?(?:in|on|the|end of|end|late)\b)*"
_ONES = "|".join(["a", "the", "previous", *WORDS["number"]["one"]])
_TIMES = re.compile(
    rf"(?i:\b{_ENDING}[\s-](?:\d\d?(?:st|th)?\s)?(?P<month>{MONTH})(?:\s\d\d?(?:st|th)?,?)?\s(?P<ending>{YEAR})\b)"
    rf"|(?i:\b(?:\d\d?(?:st)?\s)?(?P<from>{MONTH})\s(?P<begun>{YEAR})\s?(?:to|and|until|through|[–-])\s?(?:the\send\sof\s)?"
    rf"(?:\d\d?(?:st|th)?\s)?(?P<till>{MONTH})\s(?P<over>{YEAR})\b)"
    rf"|\bFY\s?['‘’]?(?P<fiscal>{YEAR}|\d\d)(?:{_JOINT}(?P<fiscal_end>(?:20)?\d\d))?\b"
    rf"|(?P<unclear>(?i:\b(?:last|this|current|previous|latest|past)\s(?:financial|fiscal|tax|reporting)\syear\b(?!\W+\d)"
    rf"|\b(?:financial|fiscal|tax)\s(?:year\s)?(?:of\s)?{YEAR}\b(?![/–-]\d)|\b{YEAR}\s(?:financial|fiscal|tax)\syear\b"
    rf"|\b(?:(?:three|six|nine|3|6|9)\smonths|quarter|half)\s(?:to|ending|ended)\s(?:\d\d?\s)?{MONTH}\s{YEAR}\b)"
    rf"|(?<![\d,.£$€]){YEAR}/\d\d/\d\d\b)"
    rf"|(?<![\w,.£$€/])\d\d?[./]\d\d?[./](?P<dated>{YEAR}|\d\d)(?![\w/]|\.\d)"
    rf"|(?<!from\s)(?<!between\s)\b(?P<one>{YEAR})\sto\s(?P<next>{YEAR})\b"
    rf"|(?<![\d,.£$€])(?P<first>{YEAR})(?:[/–-](?P<last>\d\d(?:\d\d)?))?(?![\d,]*\d|%)"
    rf"|(?P<pair>{SHORT_PAIR})|(?<=\b[Ii]n )['‘’](?P<short>\d\d)\b(?!s)|(?P<spelled>{SPELLED})"
    rf"|(?i:\b(?P<many>{_ONES})\syears?\s(?P<way>earlier|before|previously|later|after|on(?!\syear))\b|\bthe\s(?P<beside>previous|following|next)\syear\b)"
)
_ALONE = re.compile(r"\b(?:in|during|for) $", re.IGNORECASE)
_LATER = ("later", "after", "on", "following", "next")
_APRIL = 4
_COUNTED = {*WORDS["number"]["one"]}


class Year(NamedTuple):
    """A year that a text names: where, and as figures write it: 2022, or 2019/20; empty if it cannot be read.

    `is_alone` tells whether the text says in, during or for it, `is_beside` whether it counts from the year before.
    """

    start: int
    end: int
    year: str
    is_alone: bool = False
    is_beside: bool = False
    begins: str = ""
    """Its first month, if that is neither January nor April."""


def find_years(text: str) -> Iterator[Year]:
    """Yield the years of a text."""
    last = ""
    for match in _TIMES.finditer(text):
        is_beside = bool(match["many"] or match["beside"])
        is_alone = is_beside or bool(_ALONE.search(text, max(match.start() - len("during "), 0), match.start()))
        for (start, end), year, begins in _read(match, last):
            yield Year(start, end, year, is_alone, is_beside, begins)
            last = year or last


def _read(match: re.Match[str], last: str) -> Iterator[tuple[tuple[int, int], str, str]]:
    """Yield the years of a match: where, their labels, and their first months if these are not usual."""
    if match["unclear"]:
        yield match.span(), "", ""
    elif match["month"]:
        yield match.span(), *_twelve_months(int(match["ending"]), _number_of(match["month"]) % 12 + 1)
    elif match["from"]:
        first, begun, over = _number_of(match["from"]), int(match["begun"]), int(match["over"])
        if 12 * (over - begun) + _number_of(match["till"]) - first == 11:  # noqa: PLR2004
            yield match.span(), *_twelve_months(over, first)
        else:
            yield match.span("begun"), match["begun"], ""
            yield match.span("over"), match["over"], ""
    elif match["many"] or match["beside"]:
        if last:
            years = (WORDS["number"]["one"].index(match["many"].lower()) + 1) if match["many"] in _COUNTED else 1
            way = 1 if (match["way"] or match["beside"]).lower() in _LATER else -1
            yield match.span(), make_year(int(last[:4]) + way * years, _APRIL if "/" in last else 1).label, ""
    elif match["fiscal"] and not match["fiscal_end"]:
        yield match.span(), make_year(int(_long(match["fiscal"])) - 1, _APRIL).label, ""
    elif match["spelled"]:
        yield match.span(), _SPELLED[" ".join(re.split(r"[ -]", match["spelled"].lower())[1:])], ""
    else:
        pair = (match["pair"] or "").lstrip("'‘’").split("/")
        firsts = (match[one] for one in ("fiscal", "first", "one", "short", "dated"))
        first = _long(next(filter(None, firsts), pair[0]))
        end = match["fiscal_end"] or match["last"] or match["next"] or pair[-1]
        label = make_year(int(first), _APRIL).label
        if match["next"] and not label.endswith(end[-2:]):
            yield match.span("one"), first, ""
            yield match.span("next"), end, ""
        else:
            yield match.span(), label if end and label.endswith(end[-2:]) else first, ""


def _twelve_months(over: int, first: int) -> tuple[str, str]:
    """Return the label of twelve months that end in a year, and their first month if it is not usual."""
    label = make_year(over - (first > 1), first).label
    return label, "" if first in (1, _APRIL) else f"{over - 1}-{first:02}"


def _number_of(month: str) -> int:
    return next(
        number for number, abbreviated in enumerate(month_abbr) if abbreviated and month.title().startswith(abbreviated)
    )


def _long(year: str) -> str:
    return year if len(year) > 2 else f"20{year}"  # noqa: PLR2004
