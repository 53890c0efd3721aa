"""Find the numbers in an article with their words, and tell them from dates, ages and the like."""

import re
from bisect import bisect_right
from calendar import month_name
from collections.abc import Collection, Iterator

from misconduct.model.codes import WORDS
from misconduct.model.number_words import find_hedge, find_numbers, read_bounds, read_number

_MONTH = rf"(?:{'|'.join(month_name[1:])})"
_DAY, _YEAR = r"\d{1,2}(?:st|nd|rd|th)?\b(?![.,]\d)", r"(?:1[89]|20)\d\d(?:[’']?s)?\b(?![.,]\d|%)"
_NO_STATISTIC = re.compile(
    rf"(?P<date>\b(?:{_DAY}\s)?{_MONTH}\s(?:{_DAY}(?:,?\s{_YEAR})?|{_YEAR})|\b{_DAY}\s{_MONTH}\b"
    rf"|(?<!\d)\d{{1,4}}/\d{{1,4}}/\d{{1,4}}|\d{{1,2}}:\d\d\b|(?<![\d.,£$€]){_YEAR})"
    r"|(?P<age>\b[Aa]ge(?:d| of)\s\d{1,3}\b|\b\d{1,3}[\s-]years?[\s-]old\b)"
    r"|(?P<law_section>(?i:\b(?:section|article|paragraph|regulation)s?\s)\d+\w*)"
    r"|(?P<page_furniture>(?<!\d)(?:\+\d{1,3}\s?)?\(?0\d{2,4}\)?[\s-]?\d{3,4}[\s-]?\d{3,4}\b|\b[A-Z]+[/-]?\d[\w/-]*"
    r"|(?i:\bref(?:erence)?\b)[\w\s.:]{0,8}\d[\d/-]*)"  # phone and reference numbers
    r"|(?P<ordinal>(?i:\b(?:first|second)\b))"
    r"|(?P<duration_in_prose>(?<![\w.,])[\w.,]+[\s-](?:year|decade|month|week|day|hour|minute)s?\b)"
)
_PEOPLE = "|".join(WORDS["article"]["person"])
_AGE_BETWEEN_COMMAS = re.compile(
    rf"(?:\b(?i:{_PEOPLE}),|\b[A-Z][\w’'-]{{1,40}}\s[A-Z][\w’'-]{{1,40}},(?=\s\d\d,\s(?:who|was|is|has|had)\b))\s([1-9]\d)(?=,)"
)
_IN_PHRASES = re.compile(r"(?i)one|single|once|twice|thrice|zero|decades?|dozen|hundred|thousand|million")
_SPACES = r"[ \xa0\u2009\u202f]"
_BETWEEN = re.compile(rf"(?i)|/|-|{_SPACES}|(?: of| in| out of| and)?(?: a)? ")
_UNIT = re.compile(rf"{_SPACES}?%|(?: of)?(?: a)?{_SPACES}per ?cent\b")

_RANGE_WORDS = re.compile(r"(?i)\b(between|from)\s$")
_ANY_CHANGE = "|".join(WORDS["article"]["change"]).replace("*", r"\w*")
_CHANGE = re.compile(rf"(?i)\b(?:{_ANY_CHANGE})\b[^.!?]*$")
"""What makes “from 40 to 50” two numbers: complaints rose from 40 to 50."""

_MOST_WORDS = 15  # of a number
_MAX_BEFORE = 200  # characters before a range in which such a word is looked for

UNDECIDED = "decide"
"""The reason of a word that may be a number or not: one, single, decades. Editors decide it."""

FoundNumber = tuple[int, int, str | None]
"""Start and end of a number in a text, and the reason if it is not a statistic."""


def find_numbers_of_article(text: str, dashes: Collection[str] = ("–",)) -> list[FoundNumber]:
    """Return each number in a text, with its words. A range is one number; `dashes` may join it."""
    found: list[FoundNumber] = []
    for number in _find_single_numbers(text):
        if found and (joined := _join_range(text, found[-1], number, dashes)):
            found[-1] = joined
        else:
            found.append(number)
    return found


def _join_range(text: str, first: FoundNumber, second: FoundNumber, dashes: Collection[str]) -> FoundNumber | None:
    """Return two numbers as a range, between 40 and 50, if they clearly are one; 3 to 5 May is a date."""
    (start, end, reason), (begin, stop, other) = first, second
    words = _RANGE_WORDS.search(text, max(start - len("between "), 0), start)
    joint = text[end:begin]
    if joint != " and " if words and words[1].casefold() == "between" else joint not in (" to ", *dashes):
        return None
    is_dash = joint in dashes
    whole = words.start() if words and not is_dash else start
    is_change = joint == " to " and _CHANGE.search(text[max(whole - _MAX_BEFORE, 0) : whole])
    if excluded := {reason, other} - {None, UNDECIDED}:
        if is_change and reason == "date" and not other:
            return None  # it fell from 169 in 2022 to 23
        is_one = {reason, other} & {None, UNDECIDED} and not re.fullmatch(_YEAR, text[begin:stop])
        return (start, stop, excluded.pop()) if is_one else None
    printed = f"{text[start:end]}–{text[begin:stop]}" if is_dash else text[whole:stop]
    is_unclear = is_dash and not _UNIT.search(text, begin, stop) and not re.match(" [a-z]", text[stop : stop + 2])
    if is_change or is_unclear or find_hedge(text, whole, stop) or not range_unit(printed):
        return None
    return whole, stop, None


def range_unit(printed: str) -> str | None:
    """Return the unit of a range, such as between 5 and 10 per cent; None for anything else."""
    for unit in ("percent",) if _UNIT.search(printed) else ("count", "proportion"):
        low, high = read_bounds(None, "between", printed, "count", unit)
        if low is not None and high is not None and low < high:
            return unit
    return None


def _find_single_numbers(text: str) -> Iterator[FoundNumber]:
    plain = [(*match.span(), match.lastgroup) for match in _NO_STATISTIC.finditer(text)]
    plain += [(*match.span(1), "age") for match in _AGE_BETWEEN_COMMAS.finditer(text)]
    plain.sort()
    tokens, after = [*find_numbers(text)], 0
    for index, (start, end, _) in enumerate(tokens):
        if start < after:
            continue
        last = bisect_right(plain, start, key=lambda one: one[0])
        excluded = next((one for one in plain[max(last - 2, 0) : last] if end <= one[1]), None)
        if excluded and excluded[0] >= after:
            after = excluded[1]
            yield excluded
        else:
            after = _find_end(text, tokens[index : index + _MOST_WORDS])
            has_article = text.endswith(("a ", "A "), 0, start) and read_number(text[start - 2 : after])
            reason = UNDECIDED if _IN_PHRASES.fullmatch(text[start:after]) else None
            yield start - 2 if has_article else start, after, reason


def _find_end(text: str, tokens: list[tuple[int, int, str]]) -> int:
    """Return the end of the number that the first token starts: `one in 200`, `7 per cent`."""
    start, end, _ = tokens[0]
    last = end
    for begin, stop, _ in tokens[1:]:
        if not _BETWEEN.fullmatch(text, last, begin):
            break
        last, printed = stop, text[start:stop]
        is_number = read_number(printed) or read_bounds(None, "magnitude", printed, "count", "count")[0]
        if is_number and not re.search(rf"\b{_YEAR}$", printed):
            end = last
    unit = _UNIT.match(text, end)
    return unit.end() if unit else end
