"""Find the numbers of a text. Each is read whole or not at all, with a reason: a date, an age, signs glued to it."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator

from misconduct.article.times import MONTH, SHORT_PAIR, YEAR, find_any
from misconduct.article.words import SETS
from misconduct.model.codes import WORDS
from misconduct.model.number_words import (
    find_hedge,
    find_numbers,
    read_bounds,
    read_number,
)
from misconduct.model.vocabulary import SIGNS

NOT_READ, MONEY = "not_read", "money"
"""The reasons of what may be a number of the text, but not one that can be compared."""

UNDECIDED = "decide"
"""The reason of a word that may be a number or not: one, single, decades. Editors decide it."""

_DAY = r"\d{1,2}(?:st|nd|rd|th)?\b(?![.,]\d)"
_YEAR = rf"{YEAR.replace('19', '1[89]')}(?:[’']?s)?\b(?![.,]\d|%)"
_NAME = r"[A-Z][\w’'-]{1,40}"
_AMOUNT = r"\d[\d.,]{0,20}"  # longer ones are no amounts
_SCALE = r"(?:\s?(?:k|m|mn|bn|thousand|million|billion|lakh|crore)\b)?"
_NO_FIGURES = {
    "money": (rf"[£$€₹]\s?{_AMOUNT}(?:[-–]{_AMOUNT})?{_SCALE}",),
    "date": (
        rf"\b(?:{_DAY}\s(?:of\s)?)?{MONTH}\s(?:{_DAY}(?:,?\s{_YEAR})?|{_YEAR})|\b{_DAY}\s{MONTH}",
        r"(?<!\d)\d{1,4}/\d{1,4}/\d{1,4}|(?<![\d.])\d\d?\.\d\d?\.(?:\d\d)?\d\d\b|\bFY\s?['‘’]?\d[\d/–-]*",
        r"\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.m\b\.?|[ap]m\b|o[’']clock)|\d{1,2}:\d\d\b|(?<=\b[Ii]n )['‘’]\d\d\b",
        rf"(?:(?<=\b[Ii]n )|(?<=\bfor )|(?<=\bto )|(?<=\band )|(?<=['‘’])){SHORT_PAIR}|(?<![\d.,£$€]){_YEAR}",
    ),
    "age": (
        r"\b[Aa]ge(?:d|s)?(?: of| between)?\s\d{1,3}(?: (?:and|to) \d{1,3})?\b|\b(?:[Uu]nder|[Oo]ver)-\d\ds?\b",
        r"\b(?:\d{1,3}-? (?:and|to|or) )?\d{1,3}[\s-]years?[\s-]olds?\b",
        rf"\b{_NAME}\s{_NAME}(?:,\s|\s\()[1-9]\d[,)]+(?=\s(?:who|was|is|has|had|said|of|from)\b)",
    ),
    "law_section": (r"(?i:\b(?:section|article|paragraph|regulation)s?\s)\d+\w*",),
    "page_furniture": (  # numbers of telephones, references, constables, rooms, notes and houses
        r"(?<!\d)(?:\+\d{1,3}\s?)?\(?0\d{2,4}\)?[\s-]?\d{3,4}[\s-]?\d{3,4}\b|\+\d{1,3}(?:\s\d+)+|#\s?\d+",
        r"\b[A-Z]+[/-]?\d[\w/-]*|(?i:\bref(?:erence)?\b)[\w\s.:]{0,8}\d[\d/-]*|\[\d+\](?!\()",
    ),
    "ordinal": (r"(?i:\b(?:first|second|\d+(?:st|nd|rd|th)|half-time)\b)",),
    "duration_in_prose": (
        r"(?<![\w.,])[\w.,]{1,30}[\s-](?:year|decade|month|week|day|hour|minute)s?\b",
    ),
    NOT_READ: (  # minus, a leading point, odd separators, dozens, points, and what is glued with a hyphen
        rf"(?<![^\s(])[-−–+]{_AMOUNT}|\b(?i:minus)\s{_AMOUNT}|(?<![\d.])(?<!\bc)(?<!\bca)\.\d+",
        r"(?<![\d.,])\d{1,3}(?:[ '’\u2000-\u2008\u200a·\uff0c\u066c]\d{3})+(?![\d\w]|[.,]\d)",
        r"(?<![\d.,/–-])(?<!\b[Oo]f )(?<!\b[Oo]f the )\d{1,3}(?: ,| ?, )\d{3}(?![\d,]|\.\d| (?:and|or)\b)",  # no list
        r"(?<![\d.,])(?<!\d )\d{1,3} \d{1,2}(?![\w/:]|[ .,]\d)|\b\d{1,12} (?:dozen|score)\b",
        rf"{_AMOUNT}(?:[\u2012\u2212…~]{_AMOUNT}|\s?‰)",
        rf"{_AMOUNT}\s?(?:pp|ppts?|(?:percentage |per cent )?points?)\b",
    ),
}
_BY_WORD = (
    (
        "page_furniture",
        re.compile(r"\b[A-Za-z]+\.?\s?\d[\w.-]*"),
        SETS["numbered"] | SETS["numbered_names"],
    ),
    (
        "page_furniture",
        re.compile(rf"\b\d+\w?(?:\s{_NAME}){{2,3}}"),
        SETS["street"],
    ),
    (
        MONEY,
        re.compile(rf"\b[A-Z][A-Za-z]{{1,2}}\.?\s?{_AMOUNT}{_SCALE}"),
        SETS["currency"],
    ),
    (
        "age",
        re.compile(rf"\b[A-Za-z]+(?:,\s|(?:\s{_NAME}){{1,2}}\s\()[1-9]\d(?=[,)])"),
        SETS["person"],
    ),
)
"""What is no statistic if one of its words is in a set: page 12, 12 High Street, INR 12, the officer, 34."""

_NO_STATISTIC = find_any(
    {reason: "|".join(ones) for reason, ones in _NO_FIGURES.items()}
)
_RUN = re.compile(r"[^\W_]+(?:(?:[.,'’/]|(?<=\d):(?=\d))[^\W_]+)*")
_WHOLE = re.compile(
    r"(?:(?:c|ca|approx)\.)?(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d\d)+,\d{3})(?:\.\d+)?[¼-¾⅐-⅞]?(?:k|m|mn|bn|pc|ish|K)?"
    r"(?:[’']s)?|\D*"
)
"""What characters without a space may be together: a whole number, or a word without digits."""

_NEXT_WORD = re.compile(r"\s?(\w+|[€£$₹])")
_COMPOUND = re.compile(r"(?<!\d)\d{1,12}-([a-z]+)")
_IN_PHRASES = re.compile(
    r"(?i)one|single|once|twice|thrice|zero|decades?|dozen|hundred|thousand|million"
)
_SPACES = r"[ \xa0\u2009\u202f]"
_BETWEEN = re.compile(
    rf"(?i)|/|-|-in-|{_SPACES}|(?: of| in| out of| in every| out of every| and)?(?: a)? "
)
_POINT = re.compile(r"\s+point\s+", re.IGNORECASE)
_UNIT = re.compile(rf"{_SPACES}?%|(?<=\d)pc\b|(?: of)?(?: a)?{_SPACES}per ?cent\b")
_PARTS = {"half", "quarter", *WORDS["number"]["part"]}
_OF_WHOLE = re.compile(
    r"(?i)[,.;:!?)]|$|\s+(?:(?:of|the|its|their|all|that|those|a|is|are|was|were|has|have|had|said|say|would)\b|$)|[”\"’']"
)
"""What follows a share: a fifth of, half the officers. A fifth officer is none."""

_RANGE_WORDS = re.compile(r"(?i)\b(between|from)\s$")
_MOST_WORDS = 15  # of a number
_MOST_CUT = (
    30  # characters beside a place in which the rest of a longer number is looked for
)
_MAX_BEFORE = 200  # characters before a range in which such a word is looked for

FoundNumber = tuple[int, int, str | None]
"""Start and end of a number in a text, and the reason if it is not a statistic."""


def find_numbers_of_article(
    text: str, dashes: Collection[str] = ("–",)
) -> list[FoundNumber]:
    """Return each number in a text, with its words. A range is one number; `dashes` may join it."""
    found: list[FoundNumber] = []
    for number in _find_single_numbers(text):
        if found and (joined := _join_range(text, found[-1], number, dashes)):
            found[-1] = joined
        else:
            found.append(number)
    return found


def find_longer(text: str, start: int, end: int) -> str | None:
    """Return what cannot be read, of which a place cuts a number: .5 for 5, 144B for 144."""
    if (
        text[start].isdigit()
        and text[start - 1 : start] == "."
        and not text[max(start - 2, 0) : start - 1].isalnum()
    ):
        return text[start - 1 : end]
    for run in _RUN.finditer(text, max(start - _MOST_CUT, 0), end + _MOST_CUT):
        is_cut = run.start() < start < run.end() or run.start() < end < run.end()
        if (
            is_cut
            and any(map(str.isdigit, text[start:end]))
            and not _WHOLE.fullmatch(run[0])
        ):
            return run[0]
    return None


def _join_range(
    text: str, first: FoundNumber, second: FoundNumber, dashes: Collection[str]
) -> FoundNumber | None:
    """Return two numbers as a range, between 40 and 50, if they clearly are one; 3 to 5 May is a date."""
    (start, end, reason), (begin, stop, other) = first, second
    words = _RANGE_WORDS.search(text, max(start - len("between "), 0), start)
    joint, joints = text[end:begin], (" to ", *dashes)
    if words and words[1].casefold() == "between":
        joints = (" and ",)
    if joint not in joints:
        return None
    is_dash = joint in dashes
    whole = words.start() if words and not is_dash else start
    is_change = joint == " to " and _is_change(text, whole)
    if {reason, other} - {None, UNDECIDED}:
        return _join_excluded(text, first, second, is_change=is_change)
    printed = f"{text[start:end]}–{text[begin:stop]}" if is_dash else text[whole:stop]
    is_unclear = is_change or (is_dash and not _has_unit(text, begin, stop))
    if is_unclear or find_hedge(text, whole, stop) or not range_unit(printed):
        return None
    return whole, stop, None


def _is_change(text: str, start: int) -> bool:
    """Tell whether two numbers are the ends of a change: complaints rose from 40 to 50."""
    before = re.split(r"[.!?]", text[max(start - _MAX_BEFORE, 0) : start])[-1]
    return any(one.code.startswith("trend/") for one in SIGNS.find(before))


def _join_excluded(
    text: str, first: FoundNumber, second: FoundNumber, *, is_change: bool
) -> FoundNumber | None:
    """Return as one what is no range of statistics, if only one of both has a reason for it: 3 to 5 May."""
    (start, _, reason), (begin, stop, other) = first, second
    if is_change and reason == "date" and not other:
        return None  # it fell from 169 in 2022 to 23
    reasons = {reason, other} - {None, UNDECIDED}
    is_one = bool({reason, other} & {None, UNDECIDED})
    is_year = re.fullmatch(_YEAR, text[begin:stop])
    return (start, stop, reasons.pop()) if is_one and not is_year else None


def _has_unit(text: str, begin: int, stop: int) -> bool:
    """Tell whether a number of a text has “per cent”, or a word in small letters behind it."""
    is_before_word = re.match(" [a-z]", text[stop : stop + 2])
    return bool(_UNIT.search(text, begin, stop) or is_before_word)


def range_unit(printed: str) -> str | None:
    """Return the unit of a range, such as between 5 and 10 per cent; None for anything else."""
    for unit in ("percent",) if _UNIT.search(printed) else ("count", "proportion"):
        low, high = read_bounds(None, "between", printed, "count", unit)
        if low is not None and high is not None and low < high:
            return unit
    return None


def _find_single_numbers(text: str) -> Iterator[FoundNumber]:
    plain = _find_no_statistics(text)
    tokens, after = [*find_numbers(text)], 0
    for index, (start, end, printed) in enumerate(tokens):
        if start < after:
            continue
        last = bisect_right(plain, start, key=lambda one: one[0])
        near = plain[max(last - 3, 0) : last]
        excluded = next((one for one in near if end <= one[1]), None)
        if excluded and excluded[0] >= after:
            first, after, reason = excluded
            yield start if reason == MONEY else first, after, reason
            continue
        after, is_broken = _find_end(text, tokens[index : index + _MOST_WORDS])
        is_part = printed.casefold() in _PARTS and after == end
        is_ordinal = bool(is_part and not _OF_WHOLE.match(text, end))
        reason = NOT_READ if is_broken else _find_reason(text, start, after)
        if is_ordinal and reason in (None, UNDECIDED):
            reason = "ordinal"
        yield _find_start(text, start, after), after, reason


def _find_start(text: str, start: int, end: int) -> int:
    """Return where a number starts, which may be its article: a third."""
    has_article = text.endswith(("a ", "A "), 0, start)
    return start - 2 if has_article and read_number(text[start - 2 : end]) else start


def _find_no_statistics(text: str) -> list[tuple[int, int, str | None]]:
    """Return where a text has dates, ages, money and the like, with the reason why these are no statistics."""
    plain = [(*match.span(), match.lastgroup) for match in _NO_STATISTIC.finditer(text)]
    for reason, pattern, words in _BY_WORD:
        for match in pattern.finditer(text):
            own = {*re.findall(r"[A-Za-z]+", match[0])}
            if words & (own | {word.casefold() for word in own}):
                plain.append((*match.span(), reason))
    plain += [
        (*match.span(), NOT_READ)
        for match in _COMPOUND.finditer(text)
        if match[1] not in SETS["compound"]
    ]
    broken = (run for run in _RUN.finditer(text) if not _WHOLE.fullmatch(run[0]))
    plain += [(*run.span(), NOT_READ) for run in broken]
    return sorted(plain, key=lambda one: (one[0], one[2] == NOT_READ))


def _find_reason(text: str, start: int, end: int) -> str | None:
    after = _NEXT_WORD.match(text, end)
    if after and (after[1] in SETS["money"] or after[1] in "€£$₹"):
        return MONEY
    return UNDECIDED if _IN_PHRASES.fullmatch(text[start:end]) else None


def _find_end(text: str, tokens: list[tuple[int, int, str]]) -> tuple[int, bool]:
    """Return the end of the number that the first token starts: `one in 200`, `7 per cent`.

    Also tell whether it cannot be read whole: `one point two million`, `nineteen eighty four`.
    """
    start, end, _ = tokens[0]
    last, is_broken = end, False
    for begin, stop, _ in tokens[1:]:
        if _POINT.fullmatch(text, last, begin):
            last, end, is_broken = stop, stop, True
            continue
        if not _BETWEEN.fullmatch(text, last, begin):
            break
        last, printed = stop, text[start:stop]
        is_number = (
            read_number(printed)
            or read_bounds(None, "magnitude", printed, "count", "count")[0]
        )
        is_broken = is_broken or (not is_number and printed.replace(" ", "").isalpha())
        if is_broken or (is_number and not re.search(rf"\b{_YEAR}$", printed)):
            end = last
    unit = _UNIT.match(text, end)
    return unit.end() if unit else end, is_broken
