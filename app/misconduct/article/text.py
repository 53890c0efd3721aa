"""Read a text: its sentences and clauses, and the places, years and numbers in it. All places are code points."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from misconduct.article.numbers import find_numbers_of_article
from misconduct.article.words import LISTS, Said, find_stems
from misconduct.model.number_words import Reading, find_hedge, read_hedge, read_number

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’')]*\s+(?=[A-Z“\"'‘(0-9])|\n\s*\n|\n(?=\S)")
_PUNCTUATION = (*".!?…\"”’':;,",)
_BEFORE = re.compile(r"[;:–—]|, (?:and|but|while|with)\b|\bwhile\b|, ")
_AFTER = re.compile(r"[;:–—]|, (?:up|down|and|but|while|with|compared)\b|\bwhile\b|\d")
_REFERS = re.compile(
    r"(?i)\b(?:of|among) (?:those|these|them|that number|whom|which|the total)\b"
    r"|^\W*(?:they|these|those|another|a further|the rest)\b"
)
_YEAR = re.compile(r"(?<![\d,.£$€])((?:19|20)\d\d)(?:[/–-](\d\d(?:\d\d)?))?(?![\d,]*\d|%)")
_YEAR_TO_MARCH = re.compile(
    r"(?i)\b(?:year|12 months|twelve months) (?:to|ending|ended)(?: in| the end of| 31)* march $"
)
_YEAR_BEFORE = re.compile(
    r"(?i)[\w\s]{0,12}\b(?:(?:a|the|previous|one) ?year (?:earlier|before)|year earlier)|[\w\s]{0,8}the previous year"
)
_MONEY = re.compile(r"(?:[£$€₹]|\bRs\.?)\s?$")
_MONEY_AFTER = re.compile(r"\s?(?:pounds|dollars|euros|rupees|crore|lakh|pence)\b")

_NOUNS = re.compile(r"(?:[\s-]+[\w’'-]+){0,6}")
_MAX_BEFORE_YEAR = 45  # characters before a year in which "the year to March" is looked for


class Year(NamedTuple):
    """A year that a text names: where, and as figures write it: 2022, or 2019/20."""

    start: int
    end: int
    year: str

    def before(self) -> "Year":
        """Return the year before it."""
        first = int(self.year[:4]) - 1
        return self._replace(year=f"{first}/{(first + 1) % 100:02}" if "/" in self.year else str(first))


class Passed(NamedTuple):
    """A number that counts nothing, such as a date, or that cannot be read: where, and why."""

    start: int
    end: int
    reason: str


class Text:
    """A text, and what is found in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
        self.sentences = [*zip(self.starts, [*self.starts[1:], len(text)], strict=True)]
        self.years = [*_find_years(text)]
        self.stems = [*find_stems(text)]
        self._said = {name: phrases.find(text) for name, phrases in LISTS.items()}
        self.numbers, self.passed = list[Number](), list[Passed]()
        for start, end, reason in find_numbers_of_article(text):
            reading = None if "/" in text[max(start - 1, 0) : end + 1] else read_number(text[start:end])
            if reading is None or reason or (reason := self._why_passed(start, end)):
                self.passed.append(Passed(start, end, reason or "not_read"))
            else:
                self.numbers.append(Number(self, start, end, reading))

    def _why_passed(self, start: int, end: int) -> str | None:
        if any(year.start < end and start < year.end for year in self.years):
            return "date"
        is_money = _MONEY.search(self.text, max(start - 4, 0), start) or _MONEY_AFTER.match(self.text, end)
        return "money" if is_money else None

    def beside(self, index: int) -> int | None:
        """Return the sentence that another one speaks of: the one before or, for a heading, the one after."""
        heading = self.text[slice(*self.sentences[index])].rstrip()
        if not heading.endswith(_PUNCTUATION) and index + 1 < len(self.starts):
            return index + 1
        return index - 1 if index else None

    def said_at(self, name: str, low: int, high: int) -> list[Said]:
        """Return where codes of a list are said in a range."""
        return [one for one in self._said[name] if low <= one.start and one.end <= high]

    def said(self, name: str, low: int, high: int) -> list[str]:
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
        self.printed = text.text[start:end]
        hedge = find_hedge(text.text, start, end)
        self.hedge = text.text[slice(*hedge)] if hedge else ""
        self.qualifier = read_hedge(self.hedge) or "exact"
        self.index = bisect_right(text.starts, start) - 1
        self.sentence = text.sentences[self.index]

    def in_unit(self, unit: str) -> Fraction:
        """Return the value of a share in percent or as a proportion; for other units, the value."""
        if self.unit == "percent" and unit == "proportion":
            return self.value / 100
        return self.value * 100 if self.unit == "proportion" and unit == "percent" else self.value

    @cached_property
    def digits(self) -> int:
        """How many digits tell it from others, at most four: 1,000 says as little as 1."""
        text = str(self.value.numerator)
        return max(min(max(len(text.rstrip("0")), len(text) - 2) if self.value.denominator == 1 else 3, 4), 1)

    @cached_property
    def others(self) -> "list[Number]":
        """The other numbers of its sentence."""
        return [one for one in self.text.numbers if one.index == self.index and one is not self]

    @cached_property
    def clause(self) -> tuple[int, int]:
        """The range around it up to other numbers and the joints of its sentence."""
        low, high = self.sentence
        before = [match.end() for match in _BEFORE.finditer(self.text.text, low, self.start)]
        after = _AFTER.search(self.text.text, self.end, high)
        ends = [other.end for other in self.others if other.end <= self.start]
        return max([low, *before[-1:], *ends]), after.start() if after else high

    @cached_property
    def until_next(self) -> int:
        """Where the next number of its sentence starts, or where the sentence ends."""
        return min([*(other.start for other in self.others if other.start > self.start), self.sentence[1]])

    @cached_property
    def nouns(self) -> str:
        """The few words after it."""
        match = _NOUNS.match(self.text.text, self.end, self.sentence[1])
        return match[0] if match else ""

    @cached_property
    def refers(self) -> bool:
        """Tell whether it is explicitly of those of the sentence before: of these, 12 were dismissed."""
        return bool(_REFERS.search(self.text.text[self.sentence[0] : self.start]))

    @cached_property
    def years(self) -> list[Year]:
        """The years that its words name: after it, else before it, else in its sentence."""
        (low, high), text = self.sentence, self.text
        before = [year for year in text.years if year.start < self.start]
        if before and _YEAR_BEFORE.match(text.text, self.end, high):
            return [before[-1].before()]
        inside, first = [year for year in text.years if low <= year.start < high], self.clause[0]
        after = [year for year in inside if self.end <= year.start < self.until_next]
        return after[:1] or [year for year in inside if first <= year.start < self.start] or inside


def _find_years(text: str) -> Iterator[Year]:
    for match in _YEAR.finditer(text):
        first, last = match[1], match[2] and (match[2] if len(match[2]) == len(match[1]) else match[1][:2] + match[2])
        if _YEAR_TO_MARCH.search(text, max(match.start() - _MAX_BEFORE_YEAR, 0), match.start()):
            yield Year(*match.span(), f"{int(first) - 1}/{first[2:]}")
        else:
            is_next = last and int(last) == int(first) + 1
            yield Year(*match.span(), f"{first}/{last[2:]}" if is_next else first)
