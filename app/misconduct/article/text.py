"""Read a text: its sentences and clauses, and the years and numbers in it. All places are code points.

They are places of the text without its invisible characters, which belong to no number and no word.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from typing import NamedTuple

from misconduct.article.numbers import find_numbers_of_article
from misconduct.article.stems import find_stems
from misconduct.model.hedges import find_hedge, read_hedge
from misconduct.model.number_words import Reading, find_numbers, read_number
from misconduct.model.plain_words import is_invisible
from misconduct.model.vocabulary import SIGNS, Said, Vocabulary

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’')]*\s+(?=[A-Z“\"'‘(0-9])|\n\s*\n|\n(?=\S)")
_PUNCTUATION = (*".!?…\"”’':;,",)
_BEFORE = re.compile(r"[;:–—]|, (?:and|but|while|with)\b|\bwhile\b")
_AFTER = re.compile(r"[;:–—]|, (?:up|down|and|but|while|with|compared|against)\b|\bwhile\b")
_JOINT = re.compile(r"[;:–—]|\bwhile\b|, ")
_WEAK_JOINT = re.compile(r"\b(?:and|against|from)\b")
"""What divides the words between two numbers, if they have no other joint."""

_REFERS = re.compile(
    r"(?i)\b(?:of|among) (?:those|these|them|that number|whom|which|the total)\b"
    r"|^\W*(?:they|these|those|another|a further|the rest|(?:that|this|it) (?:is|was))\b"
)
_YEAR = re.compile(
    r"(?<![\d,.£$€])(?P<first>(?:19|20)\d\d)(?:[/–-](?P<last>\d\d(?:\d\d)?))?(?![\d,]*\d|%)"
    r"|(?i:\b(?:a|the|one|previous) year (?:earlier|before)\b|\bthe previous year\b)"
)
_ALONE = re.compile(r"\b(?:in|during|for) $", re.IGNORECASE)
_YEAR_TO_MARCH = re.compile(
    r"(?i)\b(?:year|12 months|twelve months) (?:to|ending|ended)(?: in| the end of| 31)* march $"
)
_MONEY = re.compile(r"(?:[£$€₹]|\bRs\.?)\s?$")
_MONEY_AFTER = re.compile(r"\s?(?:pounds|dollars|euros|rupees|crore|lakh|pence)\b")
_DASHES = ("–", "-", "\u2010", "\u2011")  # of ranges; people type any
_NOUNS = re.compile(
    r"(?:[\s-]+(?!(?:whose|who|whom|which|that|were|was|are|is|had|have|has|over|for|in|with|by|from|about|against|to|at|on|after|under)\b)[\w’'-]+){0,6}"
)
_LISTS = ("measure", "category", "population", "counting_unit")
"""The lists whose codes sentences say."""

MAX_WORDS = 2_000
"""Words and digits that may be parts of numbers. No article has more; to join them takes time."""

_LONGEST_SENTENCE = 2000  # characters; where there is no full stop, what is far away says nothing
_MAX_TREND = 15  # characters before a number in which "down from" is looked for
_MAX_BEFORE_YEAR = 45  # characters before a year in which "the year to March" is looked for


class Year(NamedTuple):
    """A year that a text names: where, and as figures write it: 2022, or 2019/20."""

    start: int
    end: int
    year: str
    is_alone: bool
    """Whether the text says in, during or for it."""


class Passed(NamedTuple):
    """A number that counts nothing, such as a date, or that cannot be read: where, and why."""

    start: int
    end: int
    reason: str


class TooManyNumbersError(ValueError):
    """A text has more than `MAX_WORDS` words of numbers."""


class Text:
    """A text, and what is found in it. Raises TooManyNumbersError."""

    def __init__(self, sent: str, vocabulary: Vocabulary) -> None:
        self.sent = sent
        invisible = {one for one in {*sent} if is_invisible(one)}
        self._kept: Sequence[int] = range(len(sent))
        if invisible:
            self._kept = [place for place, one in enumerate(sent) if one not in invisible]
        self.text = text = "".join(sent[place] for place in self._kept) if invisible else sent
        if sum(1 for _ in find_numbers(text)) > MAX_WORDS:
            raise TooManyNumbersError
        ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
        self.starts = [start for low, high in pairwise(ends) for start in range(low, high, _LONGEST_SENTENCE)]
        self.sentences = [*pairwise([*self.starts, len(text)])]
        self.years = [*_find_years(text)]
        self.stems = [*find_stems(text)]
        self._said = {name: vocabulary.of_sentences(name).find_said(text) for name in _LISTS}
        self._said["sign"] = SIGNS.find_said(text)
        self.said = cache(self._said_once)  # asked for each figure that a number may be
        self.numbers, self.passed = list[Number](), list[Passed]()
        for start, end, reason in find_numbers_of_article(text, _DASHES):
            reading = None if "/" in text[max(start - 1, 0) : end + 1] else read_number(text[start:end])
            last = bisect_left(self.years, end, key=lambda year: year.start)
            if last and start < self.years[last - 1].end:
                year = self.years[last - 1]
                whole = Passed(min(start, year.start), max(end, year.end), "date")
                self.passed += [whole] if self.passed[-1:] != [whole] else []
            elif reading is None or reason or self._is_money(start, end):
                self.passed.append(Passed(start, end, reason or ("money" if reading else "not_read")))
            else:
                self.numbers.append(Number(self, start, end, reading))

    def place_as_sent(self, one: "Number | Passed") -> tuple[int, int]:
        """Return where a number starts and ends in the text as it was sent."""
        return self._kept[one.start], self._kept[one.end - 1] + 1

    def _is_money(self, start: int, end: int) -> bool:
        is_before = _MONEY.search(self.text, max(start - len("Rs. "), 0), start)
        return bool(is_before or _MONEY_AFTER.match(self.text, end))

    def index(self, place: int) -> int:
        """Return which sentence a place is in."""
        return bisect_right(self.starts, place) - 1

    def is_heading(self, index: int) -> bool:
        """Tell whether a sentence ends without a mark, and another one follows."""
        end = self.text[slice(*self.sentences[index])].rstrip()
        return not end.endswith(_PUNCTUATION) and index + 1 < len(self.starts)

    def beside(self, index: int) -> int | None:
        """Return the sentence that another one speaks of: the one before or, for a heading, the one after."""
        return index + 1 if self.is_heading(index) else index - 1 if index else None

    def said_at(self, name: str, low: int, high: int) -> list[Said]:
        """Return where codes of a list, or signs, are said in a range."""
        said = self._said[name]
        first, last = (bisect_left(said, place, key=lambda one: one.start) for place in (low, high))
        return [one for one in said[first:last] if one.end <= high]

    def _said_once(self, name: str, low: int, high: int) -> list[str]:
        """Return the codes of a list that are said in a range, each once, in their order."""
        return list(dict.fromkeys(one.code for one in self.said_at(name, low, high)))

    def sign(self, code: str, low: int, high: int) -> str | None:
        """Return the words of a sign, such as `trend`, in a range, if they are there."""
        found = next((one for one in self.said_at("sign", low, high) if one.code == code), None)
        return self.text[found.start : found.end] if found else None


class Number:
    """A number in a text: where it is, how it is read, the hedge beside it, and what surrounds it."""

    def __init__(self, text: Text, start: int, end: int, reading: Reading) -> None:
        self.text, self.start, self.end, (self.value, self.unit) = text, start, end, reading
        self.printed = text.sent[slice(*text.place_as_sent(self))]
        hedge = find_hedge(text.text, start, end)
        if hedge and text.text[slice(*hedge)].endswith(" to") and text.sign("trend", hedge[0] - 25, hedge[0]):
            hedge = None  # went up to 18
        if hedge and any(one.end == hedge[1] for one in text.said_at("measure", hedge[0] - _MAX_TREND, hedge[1])):
            hedge = None  # going back over 1,633
        self.hedge = text.text[slice(*hedge)] if hedge else ""
        self.qualifier = read_hedge(self.hedge) or "exact"
        self.index = text.index(start)
        self.sentence = text.sentences[self.index]

    def in_unit(self, unit: str) -> Fraction:
        """Return the value of a share in percent or as a proportion; for other units, the value."""
        if self.unit == "percent" and unit == "proportion":
            return self.value / 100
        return self.value * 100 if self.unit == "proportion" and unit == "percent" else self.value

    @cached_property
    def digits(self) -> int:
        """How many digits tell it from others: 1,000 says as little as 1."""
        text = str(self.value.numerator)
        return max(len(text.rstrip("0")), len(text) - 2, 1) if self.value.denominator == 1 else 3

    @cached_property
    def others(self) -> "list[Number]":
        """The other numbers of its sentence."""
        return [one for one in self.text.numbers if one.index == self.index and one is not self]

    @cached_property
    def before(self) -> "Number | None":
        """The number before it in its sentence."""
        return next((one for one in reversed(self.others) if one.start < self.start), None)

    @cached_property
    def after(self) -> "Number | None":
        """The number after it in its sentence."""
        return next((one for one in self.others if one.start > self.start), None)

    @cached_property
    def clause(self) -> tuple[int, int]:
        """The range around it up to the joints of its sentence, and the joints that divide it from other numbers."""
        (low, high), text = self.sentence, self.text.text
        low = max([low, *(match.end() for match in _BEFORE.finditer(text, low, self.start))])
        after = _AFTER.search(text, self.end, high)
        high = after.start() if after else high
        if self.before:
            low = max(low, self._joint(self.before.end, self.start)[1])
        if self.after:
            high = min(high, self._joint(self.end, self.after.start)[0])
        return low, high

    def _joint(self, low: int, high: int) -> tuple[int, int]:
        """Return what divides the words between two numbers; if nothing does, both have them."""
        joint = _JOINT.search(self.text.text, low, high) or _WEAK_JOINT.search(self.text.text, low, high)
        return joint.span() if joint else (high, low)

    @property
    def until_next(self) -> int:
        """Where the next number of its sentence starts, or where the sentence ends."""
        return self.after.start if self.after else self.sentence[1]

    @cached_property
    def nouns(self) -> str:
        """The few words after it."""
        match = _NOUNS.match(self.text.text, self.end, self.clause[1])
        return match[0] if match else ""

    @cached_property
    def refers(self) -> bool:
        """Tell whether it is explicitly of those of the sentence before: of these, 12 were dismissed."""
        return bool(_REFERS.search(self.text.text[self.sentence[0] : self.start]))

    @cached_property
    def own_year(self) -> Year | None:
        """The year that stands by it: after it in its clause, or before it with no other number between."""
        years = self.text.years
        first = self.before.end if self.before else self.sentence[0]
        after = next((year for year in years if self.end <= year.start < self.clause[1]), None)
        is_from = self.text.text.endswith(" from ", first, self.start)
        if after or (is_from and self.text.sign("trend", self.start - _MAX_TREND, self.start)):
            return after  # 2,984 in 2019, down from 3,074
        return next((year for year in reversed(years) if first <= year.start < self.start), None)

    @cached_property
    def years(self) -> list[Year]:
        """The year by it, or else those of the last sentence before it that names any."""
        text = self.text
        if self.own_year:
            return [self.own_year]
        before = text.years[: bisect_left(text.years, self.start, key=lambda year: year.start)]
        low = text.starts[text.index(before[-1].start)] if before else 0
        return [year for year in before if year.start >= low]


def _find_years(text: str) -> Iterator[Year]:
    year = ""
    for match in _YEAR.finditer(text):
        first, last = match["first"], match["last"]
        if first and _YEAR_TO_MARCH.search(text, max(match.start() - _MAX_BEFORE_YEAR, 0), match.start()):
            year = _join(int(first) - 1)
        elif first:
            year = _join(int(first)) if last and int(last[-2:]) == (int(first) + 1) % 100 else first
        elif year:
            yield Year(*match.span(), _join(int(year[:4]) - 1) if "/" in year else str(int(year[:4]) - 1), True)
            continue
        if first:
            yield Year(*match.span(), year, bool(_ALONE.search(text, max(match.start() - 8, 0), match.start())))


def _join(first: int) -> str:
    return f"{first}/{(first + 1) % 100:02}"
