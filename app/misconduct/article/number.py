"""Read the numbers of a text: how each is read, its hedge, its clause, its nouns and its years."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import groupby, pairwise
from typing import NamedTuple

from misconduct.article.known import Known
from misconduct.article.sent import Sent
from misconduct.article.text import (
    POSSESSIVE,
    Found,
    Text,
    find_lists,
    starting_in,
)
from misconduct.article.times import Year, YearFit, find_time
from misconduct.article.tokens import NOT_READ, UNDECIDED, find_numbers_of_article
from misconduct.article.words import SETS
from misconduct.model.codes import WORDS
from misconduct.model.figure import Row
from misconduct.model.number_words import Reading, find_hedge, read_hedge, read_number
from misconduct.model.wording import dates_in_words

_BREAK = r"[;—]|:(?! ?$)|(?<!\d)–|\bwhile\b(?! \w+ing)"
"""No dash of a year: 2024–25; and no colon after the label of a number: “Sustained: 78”."""

_SAYS = r"(?:[A-Z][\w’'-]* ){1,6}(?:said|says|reported|reports)\b"
"""Who says it, behind what is said: “78 were sustained, Spectrum News reported”."""
_SOME_OF = r"(?:not )?\w+ of (?:whom|which|them)\b"
"""What is said of some that a number counts: “1,312, not all of whom were found guilty”."""
_BEFORE = re.compile(rf"{_BREAK}|, (?:and|but|while|with)\b")
_AFTER = re.compile(
    rf"{_BREAK}|, (?:up|down|and|but|while|with|compared|against)\b|, (?={_SAYS}|{_SOME_OF})"
)
_JOINT = re.compile(rf"{_BREAK}|, ")
_WEAK_JOINT = re.compile(r"\b(?:and|against|from)\b")
"""The words at which those between two numbers are divided, if nothing stronger divides them."""

_REFERS = re.compile(
    r"(?i)\b(?:of|among) (?:those|these|them|that number|whom|which|the total)\b"
    r"|^\W*(?:they|it|these|those|another|a further|the rest|(?:that|this) (?:is|was)"
    r"|(?:the|that) (?:equivalent|comparable|corresponding|earlier|previous|total|figure|number))\b"
)
_COMPARED_WITH = re.compile(
    r"(?i)\b(?:on|over|than(?: in)?|against|average of(?: the)?)\s$"
)
_COMPARED_NUMBER = re.compile(
    r"(?i)(?:\b(?:than|before|after|compared (?:with|to))|, against) (?:the )?$"
)
_OF_NOUN = re.compile(r"(?:\s(?:in|at|by|from|across)\s(?:the\s)?)?")
"""The words between a noun and its place, which wins over the subject: “in” in “the Met had 144 officers in Kent”."""

_OF = re.compile(
    r"(?i)(?:\s[\w’'-]+){0,2}\s(?:out )?(?:of|among)\s(?:(?:the|its|all|those|some)\s)?(?:[\w-]+['’]s\s)?"
)
_OF_BEFORE = re.compile(r"(?i)\bof (?:(?:the|its|all) )?$")
"""The words between a part and its whole, and before a whole: “of the” in “151 of the 426”; of the 426, 151."""

_PER = re.compile(r"(?i)\b(?:per|(?:for|in|to) (?:every|each))\s$")
"""The words before the whole of a rate: “per” in “2.8 complaints per 100 officers”."""

_SPACE = re.compile(r"[ \xa0\u2009\u202f]")
_SPACED = re.compile(rf"[1-9]\d{{0,2}}(?:{_SPACE.pattern}\d{{3}}){{1,2}}")
"""A number as South Africa, Canada and France write it, up to many millions."""

_DAY_IN_DIGITS = re.compile(r"\d+([./-])\w+\1\d+")
_DASHES = ("–", "-", "\u2010", "\u2011")  # of ranges; people type any
_NOUN = re.compile(r"[)\]\"”’]*[\s-]+[(\"“‘]*([\w’'-]+)")
_OF_WHOLE = {"the", "its", "their", "those", "these", "them"}
_MOST_NOUNS = 6
"""A word after a number, the words after “of” that name no whole, and how many words may say what is counted."""

_DOZEN, _NEXT = (
    12,
    15,
)  # the least of words that may be numbers, and characters after one in which its noun stands
_MONTH = len("2023-04")
_MAX_UP = 25  # characters before “to” in which "went up" is looked for
_MAX_TREND = 15  # characters before a number in which "down from" is looked for


class Passed(NamedTuple):
    """A number that counts nothing, such as a date, or that cannot be read: where it was sent, and why."""

    at: tuple[int, int]
    printed: str
    reason: str


class Number:
    """A number in a text: where it is, how it is read, its hedge, and what surrounds it."""

    def __init__(self, text: Text, start: int, end: int, reading: Reading) -> None:
        if (
            reading.unit == "proportion"
        ):  # one in 34, as figures hold it: with twelve digits
            reading = reading._replace(value=Fraction(f"{float(reading.value):.12g}"))
        self.text, self.start, self.end, self.reading = text, start, end, reading
        self.value, self.unit = reading
        self.said, self.sign = text.said, text.sign
        self.at = text.place_as_sent(start, end)
        self.printed = text.sent[slice(*self.at)]
        self.hedge = _find_hedge(text, start, end)
        self.qualifier = read_hedge(self.hedge) or "exact"
        self.index = text.index(start)
        self.sentence = text.sentences[self.index]
        self.of_sentence = [self]  # all numbers of its sentence
        self.before: Number | None = None  # in its sentence
        self.after: Number | None = None
        self.listed = [self]  # the numbers of the list that it is in
        self.kept = dict[int, tuple[int, int]]()
        self.place = 0  # among the numbers of the text
        self.per: Number | None = (
            None  # of a rate: 100, in 2.8 complaints per 100 officers
        )

    @cached_property
    def digits(self) -> int:
        """How many of its digits help to find its figure. Zeros at the end do not: 1,000 has one."""
        text = str(self.value.numerator)
        return (
            max(len(text.rstrip("0")), len(text) - 2, 1)
            if self.value.denominator == 1
            else 3
        )

    @cached_property
    def clause(self) -> tuple[int, int]:
        """The range around it up to the joints of its sentence, or those beside other numbers."""
        (low, high), text = self.sentence, self.text.text
        low = max(
            [low, *(match.end() for match in _BEFORE.finditer(text, low, self.start))]
        )
        after = _AFTER.search(text, self.end, high)
        high = after.start() if after else high
        if self.before:
            low = max(low, self._joint(self.before.end, self.start)[1])
        if self.after:
            high = min(high, self._joint(self.end, self.after.start)[0])
        return low, high

    def _joint(self, low: int, high: int) -> tuple[int, int]:
        joint = _JOINT.search(self.text.text, low, high) or _WEAK_JOINT.search(
            self.text.text, low, high
        )
        return joint.span() if joint else (high, low)  # both numbers have the words

    @property
    def first(self) -> int:
        """The place at which it starts, or at which its hedge starts: nearly 144."""
        is_before = self.hedge and self.text.text.endswith(
            f"{self.hedge} ", 0, self.start
        )
        return self.start - len(f"{self.hedge} ") if is_before else self.start

    @property
    def lead(self) -> str:
        """The words before it in its clause, as many as may say something of it."""
        return self.text.before(self.first, self.clause[0])

    def follows(self, words: str) -> bool:
        """Tell whether words stand right before it and its hedge."""
        return self.text.text.endswith(words, 0, self.first)

    def words(self, span: tuple[int, int]) -> str:
        """Return the words of a range, such as its clause."""
        return self.text.text[slice(*span)]

    @property
    def until_next(self) -> int:
        """The place at which the next number of the sentence starts, or else at which the sentence ends."""
        return self.after.start if self.after else self.sentence[1]

    @cached_property
    def nouns(self) -> tuple[int, int]:
        """The range of the few words after it."""
        text, start = self.text.text, self.end
        if self.hedge and text.startswith(
            self.hedge, start, start + len(self.hedge) + 1
        ):
            start += len(self.hedge)  # 144-odd officers
        end, last = start, ""
        for _ in range(_MOST_NOUNS):
            noun = _NOUN.match(text, end, self.clause[1])
            if noun is None or self._ends_nouns(noun, last):
                break
            end, last = noun.end(), noun[1]
        return start, end

    def _ends_nouns(self, noun: re.Match[str], last: str) -> bool:
        """Tell whether a word ends the nouns of a number, as “of” does after a plural: complaints of racism."""
        if noun[1] in SETS["no_noun"]:
            return True
        after = _NOUN.match(self.text.text, noun.end())
        if noun[1] != "of" or not last.endswith("s") or after is None:
            return False
        return after[1] not in _OF_WHOLE | {*WORDS["article"]["police"]}

    @cached_property
    def place_beside(self) -> int | None:
        """The position of a place name that belongs to this number alone: 5,733 in South Wales; Essex’s 6,133."""
        text, places = self.text.text, self.text.places
        if listed := self._pair(places):
            return listed[0]
        if of_noun := _OF_NOUN.match(text, self.nouns[1]):
            after = starting_in(places, self.end, of_noun.end() + 1)
            if after:
                return after[-1][0]
        before = starting_in(places, self.sentence[0], self.start)
        if before and POSSESSIVE.fullmatch(text, before[-1][0], self.first):
            return before[-1][0]
        return None

    def _pair(self, members: Sequence[Found]) -> Found | None:
        """Return its place or its year of a list as long as that of the numbers: 299 and 394 in 2021/22 and 2022/23."""
        lists = self.text.list_members(members, *self.sentence)
        fitting = [one for one in lists if len(one) == len(self.listed)]
        if len(self.listed) < 2 or len(fitting) != 1:
            return None
        return fitting[0][self.listed.index(self)]

    @cached_property
    def refers(self) -> bool:
        """Whether it counts some of what the sentence before it counts, as 12 does in “of these, 12 were dismissed”."""
        return bool(_REFERS.search(self.text.text[self.sentence[0] : self.start]))

    @cached_property
    def is_compared(self) -> bool:
        """Whether another number is compared with it: 593 in “735, up from 593”."""
        text, low = self.text.text, self.sentence[0]
        if _COMPARED_NUMBER.search(text, low, self.first):
            return True
        is_from = text.endswith((" from ", " from the "), low, self.first)
        return is_from and bool(self.sign("trend", self.first - _MAX_TREND, self.first))

    @cached_property
    def apart(self) -> tuple[int, int] | None:
        """The range, a bracket or the words of a number that is compared, whose years say nothing of other numbers."""
        text, (low, high) = self.text.text, self.sentence
        opened = text.rfind("(", low, self.start)
        if opened > text.rfind(")", low, self.start):
            closed = text.find(")", self.end, high)
            return opened, high if closed < 0 else closed
        return (self.start, self.clause[1]) if self.is_compared else None

    def years_in(self, low: int, high: int) -> list[Year]:
        """Return the years of a range that may be its own."""
        found = starting_in(self.text.years, low, high)
        spans = [(one, self.kept.get(one.start)) for one in found]
        return [one for one, span in spans if not span or self._is_in(span)]

    @cached_property
    def own_year(self) -> Year | None:
        """The year by it, or that of its place in a list; of a list that is longer or shorter, none."""
        if listed := self._pair(years := self.text.years):
            return listed
        year = self._find_year()
        lists = self.text.list_members(years, *self.sentence)
        return None if any(year in one for one in lists) else year

    def _find_year(self) -> Year | None:
        """Return the year after it in its clause, or before it with no other number between."""
        after = self.years_in(self.end, self.clause[1])
        own = next((year for year in after if not self._is_base(year)), None)
        if own or self.is_compared:
            return own
        other = self.listed[0].before
        while other and other.apart and not self._is_in(other.apart):
            other = other.before
        before = self.years_in(other.end if other else self.sentence[0], self.start)
        if not before:
            return None
        is_of_other = other and before[-1].start < self.clause[0]
        return None if is_of_other and before[-1].is_beside else before[-1]

    def _is_in(self, span: tuple[int, int]) -> bool:
        return span[0] <= self.start < span[1]

    def fit_year(self, row: Row) -> YearFit:
        """Return how its year agrees with the time of a figure."""
        time = find_time(row)
        if not any(one.year for one in self.years) or not (
            time.year or time.first or time.last
        ):
            return "none"
        if any(map(time.fits, self.years)):
            return "same"
        return "other" if self.own_year or not self.text.names_year_of(time) else "none"

    def names_month(self, row: Row) -> bool:
        """Tell whether its sentence names the month of a count of one moment."""
        month = dates_in_words(str(row["period_start"])[:_MONTH])
        return month in self.words(self.sentence)

    def is_part_of(self, whole: "Number") -> bool:
        """Tell whether the text calls it a part of another number: 53 of 285 reviews; of 285 reviews, 53."""
        if self.after is whole:
            return bool(_OF.fullmatch(self.text.text, self.end, whole.first))
        return self.before is whole and bool(
            _OF_BEFORE.search(self.text.text, whole.sentence[0], whole.first)
        )

    def _is_base(self, year: Year) -> bool:
        """Tell whether a year is only compared with: 345 more than in 2022, an increase of 345 on the previous year."""
        text = self.text.text
        is_day = _DAY_IN_DIGITS.fullmatch(
            text, year.start, year.end
        )  # suspended on 1/4/2021
        return not is_day and bool(_COMPARED_WITH.search(text, self.end, year.start))

    @cached_property
    def years(self) -> Sequence[Year]:
        """The year by it, or else those of the last sentence before it that names any."""
        if self.own_year:
            return [self.own_year]
        if self.is_compared:
            return []
        before = self.years_in(0, self.start)
        last = self.text.index(before[-1].start) if before else 0
        return starting_in(before, self.text.sentences[last][0], self.start)


def _find_hedge(text: Text, start: int, end: int) -> str:
    low, high = find_hedge(text.text, start, end) or (start, start)
    hedge = text.text[low:high]
    is_trend = hedge.endswith(" to") and text.sign(
        "trend", low - _MAX_UP, low
    )  # went up to 18
    before = text.said_at("measure", low - _MAX_TREND, high)
    return (
        "" if is_trend or any(one.end == high for one in before) else hedge
    )  # going back over 1,633


class Article(NamedTuple):
    """A text with its numbers, and what looks like a number and is none."""

    text: Text
    numbers: list[Number]
    passed: list[Passed]


def read_article(source: Sent, known: Known, day: str) -> Article:
    """Read a text, in which “now” is a day, and its numbers."""
    text = Text(source, known, day)
    numbers, passed = list[Number](), list[Passed]()
    for start, end, reason in find_numbers_of_article(text.text, _DASHES):
        if text.is_added(start):
            continue
        reading = _read(text, start, end, reason)
        last = bisect_left(text.years, end, key=lambda year: year.start)
        if last and start < text.years[last - 1].end:
            year = text.years[last - 1]
            whole = _pass(text, min(start, year.start), max(end, year.end), "date")
            passed += [whole] if passed[-1:] != [whole] else []
        elif reading is None:
            passed.append(_pass(text, start, end, reason or NOT_READ))
        else:
            numbers.append(Number(text, start, end, reading))
    passed += _join_rates(numbers)
    text.numbered.update(one.index for one in numbers)
    _number(numbers)
    return Article(text, numbers, passed)


def _pass(text: Text, start: int, end: int, reason: str) -> Passed:
    at = text.place_as_sent(start, end)
    return Passed(at, text.sent[slice(*at)], reason)


def _read(text: Text, start: int, end: int, reason: str | None) -> Reading | None:
    """Return how a number is read, if it is one; also one with spaces, and a word that may be one before its noun."""
    printed = text.text[start:end]
    if reason == NOT_READ and _SPACED.fullmatch(printed):
        return Reading(Fraction(_SPACE.sub("", printed)), "count")
    reading = (
        None if "/" in text.text[max(start - 1, 0) : end + 1] else read_number(printed)
    )
    is_large = reason == UNDECIDED and reading and reading.value >= _DOZEN
    is_counted = is_large and text.said(
        "counting_unit", end, end + _NEXT
    )  # a dozen officers
    return None if reason and not is_counted else reading


def _number(numbers: Sequence[Number]) -> None:
    """Tell numbers their places, and those of their sentences."""
    for place, number in enumerate(numbers):
        number.place = place
    for _, group in groupby(numbers, key=lambda one: one.index):
        of_sentence = [*group]
        for one, other in pairwise(of_sentence):
            one.after, other.before = other, one
        _share_words(of_sentence)


def _share_words(of_sentence: list[Number]) -> None:
    """Tell numbers which of them are in one list, and which years of their sentence are only of one of them."""
    text, kept = of_sentence[0].text, dict[int, tuple[int, int]]()
    members = [(one.start, one) for one in of_sentence]
    for listed in find_lists(text.text, members):
        for _, number in listed:
            number.listed = [one for _, one in listed]
    for number in of_sentence:
        number.of_sentence, number.kept = of_sentence, kept
        if span := number.apart:
            kept.update((year.start, span) for year in starting_in(text.years, *span))


def _join_rates(numbers: list[Number]) -> Iterator[Passed]:
    """Take the whole of a rate from the numbers, and give it to its number: 2.8 complaints per 100 officers."""
    for place, whole in reversed([*enumerate(numbers)]):
        is_after = _PER.search(whole.text.before(whole.start))
        if is_after and str(whole.value).rstrip("0") == "1":
            del numbers[place]
            of_it = [
                one
                for one in numbers[max(place - 1, 0) : place + 1]
                if one.index == whole.index
            ]
            if of_it:
                of_it[0].per = whole
            yield Passed(whole.at, whole.printed, NOT_READ)
