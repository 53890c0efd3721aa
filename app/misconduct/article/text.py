"""Read a text: its sentences and clauses, and the years and numbers in it.

Places are code points of the text that is read, which may have fewer than the text that was sent.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple, TypeVar

from misconduct.article.known import Known
from misconduct.article.sent import Sent, name_cells
from misconduct.article.times import Year, find_years
from misconduct.article.tokens import NOT_READ, find_numbers_of_article
from misconduct.article.words import GOVERNORS, OPPOSED, find_stems
from misconduct.model.codes import ANY_OF
from misconduct.model.number_words import Reading, find_hedge, find_numbers, read_hedge, read_number
from misconduct.model.vocabulary import SIGNS, Said

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’')]*\s+(?=[A-Z“\"'‘(0-9])|\n\s*\n|\n(?=\S)")
_PUNCTUATION = (*".!?…\"”’':;,",)
_BEFORE = re.compile(r"[;:–—]|, (?:and|but|while|with)\b|\bwhile\b")
_AFTER = re.compile(r"[;:–—]|, (?:up|down|and|but|while|with|compared|against)\b|\bwhile\b")
_JOINT = re.compile(r"[;:–—]|\bwhile\b|, ")
_WEAK_JOINT = re.compile(r"\b(?:and|against|from)\b")
"""What divides the words between two numbers, if they have no other joint."""

_REFERS = re.compile(
    r"(?i)\b(?:of|among) (?:those|these|them|that number|whom|which|the total)\b"
    r"|^\W*(?:they|it|these|those|another|a further|the rest|(?:that|this) (?:is|was))\b"
)
_COMPARED = re.compile(r"(?i)\b(?:than|unlike|except|outside)(?:\s(?:in|for|the))*\s$")
"""The words before a place that is only compared with: “than in” in “more than in Islington”."""

_COMPARED_WITH = re.compile(r"(?i)\b(?:on|than(?: in)?|against)\s$")
_PER = re.compile(r"(?i)\b(?:per|(?:for|in|to) (?:every|each))\s$")
"""The words before the whole of a rate: “per” in “2.8 complaints per 100 officers”."""

_FELL = rf"(?i)(?:{ANY_OF['change_past']})\s(?:[a-z]+ly\s)?"
_CHANGED = re.compile(rf"{_FELL}(?:(?:by|to|from)\s(?:[a-z]+\s)?\d|[\d.,]+(?:%|\sper\s?cent))")  # not: dropped 12 cases
_DAY_IN_DIGITS = re.compile(r"\d+([./-])\w+\1\d+")
_DASHES = ("–", "-", "\u2010", "\u2011")  # of ranges; people type any
_NO_NOUN = rf"(?:{ANY_OF['no_noun']})\b|(?<=s\s)of\s(?!(?:the|its|their|those|these|them|{ANY_OF['police']})\b)"
_NOUNS = re.compile(rf"(?:[)\]\"”’]*[\s-]+[(\"“‘]*(?!{_NO_NOUN})[\w’'-]+){{0,6}}")
_LISTS = ("measure", "category", "population", "counting_unit")
"""The lists whose codes sentences say."""

MAX_WORDS = 2_000
"""Words and digits that may be parts of numbers. No article has more; to join them takes time."""

_LONGEST_SENTENCE = 2000  # characters; where there is no full stop, what is far away says nothing
_MAX_UP = 25  # characters before “to” in which "went up" is looked for
_MAX_PER = len("for every ")
_THAN = 20  # characters before a place in which “more than” is looked for
_MAX_TREND = 15  # characters before a number in which "down from" is looked for


Found = TypeVar("Found", bound=tuple[object, ...])


def starting_in(found: Sequence[Found], low: int, high: int) -> Sequence[Found]:
    """Return what starts in a range, of what is sorted by its start, which comes first in each."""
    first, last = (bisect_left(found, place, key=itemgetter(0)) for place in (low, high))
    return found[first:last]


class Passed(NamedTuple):
    """A number that counts nothing, such as a date, or that cannot be read: where, and why."""

    start: int
    end: int
    reason: str


class TooManyNumbersError(ValueError):
    """A text has more than `MAX_WORDS` words of numbers."""


class Text:
    """A text as a release knows it, and what is found in it. Raises TooManyNumbersError.

    `words` has the words of each sentence with where they stand, `named` all places that the text may speak of, and
    `places` where those stand with which nothing is only compared.
    `day` is that of which it says “now”, and `today` its year.
    """

    def __init__(self, source: Sent, known: Known, day: str) -> None:
        source = name_cells(source)
        self._source, self.sent, self.known = source, source.sent, known
        self.day, self.today = day, int(day[:4])
        self.text = text = source.text
        if sum(1 for _ in find_numbers(text)) > MAX_WORDS:
            raise TooManyNumbersError
        ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
        self._starts = [start for low, high in pairwise(ends) for start in range(low, high, _LONGEST_SENTENCE)]
        self.sentences = [*pairwise([*self._starts, len(text)])]
        self.years = [*find_years(text)]
        self.different_years = [*{(one.year, one.begins): one for one in self.years}.values()]
        self._said = {name: known.vocabulary.of_sentences(name).find_said(text) for name in _LISTS}
        self.bodies = [one for one in known.bodies.find(text) if not text[one.end + 1 : one.end + 2].isupper()]
        said = {*self._said["measure"]}
        of_bodies = {place for body in self.bodies for place in range(body.start, body.end)}
        self._said["measure"] = [one for one in self._said["measure"] if one.start not in of_bodies]
        self._said["measure"] = [one for one in self._said["measure"] if not _CHANGED.match(text, one.start)]
        self._said |= {"sign": SIGNS.find_said(text), "opposed": OPPOSED.find_said(text)}
        self._said["governs"] = [*GOVERNORS.find(text)]
        self.denied = [one for one in known.vocabulary.of_sentences("measure").find(text) if one not in said]
        self.said = cache(self._find_said)  # asked for each figure that a number may be
        places = known.places(text)
        self.named = {"unstated"}.union(*(codes for _, codes in places))
        self.places = [one for one in places if not _COMPARED.search(text, max(one[0] - _THAN, 0), one[0])]
        self.words = self._find_words()
        self.numbers, self.passed = list[Number](), list[Passed]()
        self._read_numbers()

    def _find_words(self) -> Mapping[int, list[tuple[int, str]]]:
        found = defaultdict[int, list[tuple[int, str]]](list)
        for place, word in find_stems(self.text):
            found[self.index(place)].append((place, word))
        for name in ("measure", "category"):
            for one in self._said[name]:
                found[self.index(one.start)] += ((one.start, word) for word in self.known.spoken(name, one.code))
        return found

    def _read_numbers(self) -> None:
        text = self.text
        for start, end, reason in find_numbers_of_article(text, _DASHES):
            if self._is_added(start):
                continue
            reading = None if "/" in text[max(start - 1, 0) : end + 1] else read_number(text[start:end])
            last = bisect_left(self.years, end, key=lambda year: year.start)
            if last and start < self.years[last - 1].end:
                year = self.years[last - 1]
                whole = Passed(min(start, year.start), max(end, year.end), "date")
                self.passed += [whole] if self.passed[-1:] != [whole] else []
            elif reading is None or reason:
                self.passed.append(Passed(start, end, reason or NOT_READ))
            else:
                self.numbers.append(Number(self, start, end, reading))
        self._join_rates()
        for place, number in enumerate(self.numbers):
            number.place = place
        self._numbered = {one.index for one in self.numbers}
        for one, other in pairwise(self.numbers):
            if one.index == other.index:
                one.after, other.before = other, one

    def _join_rates(self) -> None:
        """Take the whole of a rate from the numbers, and give it to its number: 2.8 complaints per 100 officers."""
        for place, whole in reversed([*enumerate(self.numbers)]):
            is_after = _PER.search(self.text, max(whole.start - _MAX_PER, 0), whole.start)
            if is_after and str(whole.value).rstrip("0") == "1":
                del self.numbers[place]
                beside = self.numbers[max(place - 1, 0) : place + 1]
                of_it = [one for one in beside if one.index == whole.index]
                if of_it:
                    of_it[0].per = whole
                self.passed.append(Passed(whole.start, whole.end, NOT_READ))

    def _is_added(self, place: int) -> bool:
        return self._source.starts[place] == self._source.ends[place]

    def as_read(self, start: int, end: int) -> str:
        """Return a range of the text as it was sent, without what is added to the cells of tables."""
        return "".join(self.text[place] for place in range(start, end) if not self._is_added(place))

    def place_as_sent(self, one: "Number | Passed") -> tuple[int, int]:
        """Return where a number starts and ends in the text as it was sent."""
        return self._source.starts[one.start], self._source.ends[one.end - 1]

    def index(self, place: int) -> int:
        """Return which sentence a place is in."""
        return bisect_right(self._starts, place) - 1

    def beside(self, index: int) -> int:
        """Return the sentence that one speaks of: before it, after a heading, or above a list; -1 if there is none."""
        if self.is_listed(index):
            while self._is_item(index - 1):
                index -= 1
        elif index + 1 < len(self.sentences) and self._is_open(index):
            return index + 1
        return index - 1

    def is_listed(self, index: int) -> bool:
        """Tell whether a sentence is a line of a list, which speaks of what is above the list."""
        return self._is_item(index) and (self._is_item(index - 1) or self._is_item(index + 1))

    def _is_open(self, index: int) -> bool:
        return not self.text[slice(*self.sentences[index])].rstrip().endswith(_PUNCTUATION)

    def _is_item(self, index: int) -> bool:
        """Tell whether a sentence may be a line of a list: with a number, and no full stop."""
        return index in self._numbered and self._is_open(index)

    def said_at(self, name: str, low: int, high: int) -> list[Said]:
        """Return where codes of a list, or signs, are said in a range."""
        return [one for one in starting_in(self._said[name], low, high) if one.end <= high]

    def _find_said(self, name: str, low: int, high: int) -> list[str]:
        return list(dict.fromkeys(one.code for one in self.said_at(name, low, high)))

    def sign(self, code: str, low: int, high: int) -> str | None:
        """Return the words of a sign, such as `trend` or `trend/up`, in a range, if they are there."""
        found = next((one for one in self.said_at("sign", low, high) if f"{one.code}/".startswith(f"{code}/")), None)
        return self.text[found.start : found.end] if found else None


class Number:
    """A number in a text: where it is, how it is read, its hedge, and what surrounds it."""

    def __init__(self, text: Text, start: int, end: int, reading: Reading) -> None:
        self.text, self.start, self.end, self.reading = text, start, end, reading
        self.value, self.unit = reading
        self.said, self.sign = text.said, text.sign
        self.printed = text.sent[slice(*text.place_as_sent(self))]
        self.hedge = _find_hedge(text, start, end)
        self.qualifier = read_hedge(self.hedge) or "exact"
        self.index = text.index(start)
        self.sentence = text.sentences[self.index]
        self.before: Number | None = None  # in its sentence
        self.after: Number | None = None
        self.place = 0  # among the numbers of the text
        self.per: Number | None = None  # of a rate: 100, in 2.8 complaints per 100 officers

    @cached_property
    def digits(self) -> int:
        """How many digits tell it from others: 1,000 says as little as 1."""
        text = str(self.value.numerator)
        return max(len(text.rstrip("0")), len(text) - 2, 1) if self.value.denominator == 1 else 3

    @cached_property
    def clause(self) -> tuple[int, int]:
        """The range around it up to the joints of its sentence, or those beside other numbers."""
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
        joint = _JOINT.search(self.text.text, low, high) or _WEAK_JOINT.search(self.text.text, low, high)
        return joint.span() if joint else (high, low)  # both numbers have the words

    @property
    def first(self) -> int:
        """Where it starts with its hedge: nearly 144."""
        is_before = self.hedge and self.text.text.endswith(f"{self.hedge} ", 0, self.start)
        return self.start - len(f"{self.hedge} ") if is_before else self.start

    def follows(self, words: str) -> bool:
        """Tell whether words stand right before it and its hedge."""
        return self.text.text.endswith(words, 0, self.first)

    def words(self, span: tuple[int, int]) -> str:
        """Return the words of a range, such as its clause."""
        return self.text.text[slice(*span)]

    @property
    def until_next(self) -> int:
        """Where the next number of its sentence starts, or where the sentence ends."""
        return self.after.start if self.after else self.sentence[1]

    @cached_property
    def nouns(self) -> tuple[int, int]:
        """The range of the few words after it."""
        text, start = self.text.text, self.end
        if self.hedge and text.startswith(self.hedge, start, start + len(self.hedge) + 1):
            start += len(self.hedge)  # 144-odd officers
        match = _NOUNS.match(text, start, self.clause[1])
        return match.span() if match else (start, start)

    @cached_property
    def refers(self) -> bool:
        """Whether it is of those of the sentence before: of these, 12 were dismissed."""
        return bool(_REFERS.search(self.text.text[self.sentence[0] : self.start]))

    @cached_property
    def own_year(self) -> Year | None:
        """The year by it: after it in its clause, or before it with no other number between."""
        first = self.before.end if self.before else self.sentence[0]
        after = next(
            (year for year in starting_in(self.text.years, self.end, self.clause[1]) if not self._is_base(year)), None
        )
        is_from = self.text.text.endswith(" from ", first, self.start)
        if after or (is_from and self.sign("trend", self.start - _MAX_TREND, self.start)):
            return after  # 2,984 in 2019, down from 3,074
        before = starting_in(self.text.years, first, self.start)
        is_other = before and before[-1].is_beside and self.before and before[-1].start < self.clause[0]
        return before[-1] if before and not is_other else None  # up from 120 a year before, and 701

    def _is_base(self, year: Year) -> bool:
        """Tell whether a year is only compared with: 345 more than in 2022, an increase of 345 on the previous year."""
        text = self.text.text
        is_day = _DAY_IN_DIGITS.fullmatch(text, year.start, year.end)  # suspended on 1/4/2021
        return not is_day and bool(_COMPARED_WITH.search(text, self.end, year.start))

    @cached_property
    def years(self) -> Sequence[Year]:
        """The year by it, or else those of the last sentence before it that names any."""
        if self.own_year:
            return [self.own_year]
        before = starting_in(self.text.years, 0, self.start)
        last = self.text.index(before[-1].start) if before else 0
        return starting_in(before, self.text.sentences[last][0], self.start)


def _find_hedge(text: Text, start: int, end: int) -> str:
    low, high = find_hedge(text.text, start, end) or (start, start)
    hedge = text.text[low:high]
    is_trend = hedge.endswith(" to") and text.sign("trend", low - _MAX_UP, low)  # went up to 18
    before = text.said_at("measure", low - _MAX_TREND, high)
    return "" if is_trend or any(one.end == high for one in before) else hedge  # going back over 1,633
