"""Read a text: its sentences, and the years, the places and the words for codes in them.

Places are code points of the text that is read, which may have fewer than the text that was sent.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from operator import itemgetter
from typing import Any, TypeVar

from misconduct.article.known import Known
from misconduct.article.sent import Sent, name_cells
from misconduct.article.times import MONTH, Time, find_years
from misconduct.article.words import CLASSES, GOVERNORS, SETS, find_stems
from misconduct.model.codes import WORDS
from misconduct.model.vocabulary import SIGNS, Said

_SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"”’')]*\s+(?=[A-Z“\"'‘(0-9])|\n\s*\n|\n(?=\S|\t)"
)
_PUNCTUATION = (*".!?…\"”’':;,",)
_COMPARED = re.compile(r"(?i)\b(?:unlike|except|outside)(?:\s(?:in|for|the))*\s$")
"""The words before a place of which nothing is said: “unlike in Islington”."""

POSSESSIVE = re.compile(r"[\w’'-]+(?: (?:and |of )?[A-Z][\w’'-]*){0,6}(?<=['’]s) ")
"""A name that owns what follows: “Essex’s” in “more than Essex’s 6,133”."""

_CHANGED = re.compile(
    r"\s(?:[a-z]+ly\s)?(?:(?:by|to|from)\s(?:[a-z]+\s)?\d|[\d.,]+(?:%|\sper\s?cent))"
)
"""What follows a word of change that is no stage: “dropped by 12”, and not “dropped 12 cases”."""

_NAME = re.compile(r"[A-Z][\w-]+(?: [A-Z][\w’-]+){1,5}")
"""A name of several words, in one line: Kent State University."""

_GOES_ON = re.compile(r".[A-Z]", re.DOTALL)
_LISTED = re.compile(
    r"(?<!between )(?<!from )(?:(?:(?:and|or) |\d[\d/.,–-]* )+"
    r"|(?:(?:and|or|of|the|upon) |[A-Z][\w’'.,-]* )+)"
)
"""A member of a list, and what stands between it and the next: “Kent and”, “2,216,”, “2021/22 and”."""

_MONTH = re.compile(MONTH)
_OF_POLICE = SETS["force"] | {*WORDS["article"]["police"]}
"""What may follow the name of a place and not make it another: Kent Police, Kent Officers, Kent April 2023."""

LISTS = ("measure", "category", "population", "counting_unit")
"""The lists whose codes sentences say."""

_LONGEST_SENTENCE = 2000  # characters
NEAR = 60  # characters from a place in which words say something of it


Place = tuple[int, set[str]]
"""Where a place is named, and its codes."""

Found = TypeVar("Found", bound=tuple[Any, ...])


def _find_starts(text: str) -> list[int]:
    """Return where sentences start. What has no full stop is cut: what is far away says nothing."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    return [
        start
        for low, high in pairwise(ends)
        for start in range(low, high, _LONGEST_SENTENCE)
    ]


def starting_in(found: Sequence[Found], low: int, high: int) -> Sequence[Found]:
    """Return what starts in a range, of what is sorted by its start, which comes first in each."""
    first, last = (
        bisect_left(found, place, key=itemgetter(0)) for place in (low, high)
    )
    return found[first:last]


def find_lists(text: str, members: Sequence[Found]) -> list[list[Found]]:
    """Return which members stand beside each other in a list, with only names, digits and “and” between them."""
    lists = list[list[Found]]()
    for one in members:
        if lists and _LISTED.fullmatch(text, lists[-1][-1][0], one[0]):
            lists[-1].append(one)
        else:
            lists.append([one])
    return lists


class Text:
    """A text as a release knows it, and what is found in it.

    `words` has the words of each sentence with where they stand, `named` all places that the text may speak of, and
    `places` where those stand with which nothing is only compared.
    `day` is that of which it says “now”, and `today` its year.
    """

    def __init__(self, source: Sent, known: Known, day: str) -> None:
        source = name_cells(source)
        self._source, self.sent, self.known = source, source.sent, known
        self.day, self.today = day, int(day[:4])
        self.text = text = source.text
        self._starts = _find_starts(text)
        self.sentences = [*pairwise([*self._starts, len(text)])]
        self.years = [*find_years(text)]
        self.names_year_of = cache(self._names_year_of)
        self.bodies = [
            one for one in known.bodies.find(text) if not _GOES_ON.match(text, one.end)
        ]
        self._said = self._find_codes()
        # asked, like the years, for each figure that a number may be
        self.said = cache(self._find_said)
        self.strange, self.places, self.named = self._find_places()
        self.words = self._find_words()
        # the sentences that have numbers, once these are read
        self.numbered = set[int]()

    def _find_places(self) -> tuple[list[Place], list[Place], set[str]]:
        """Return where names are that only begin like a place, where places are, and all that the text may be of."""
        named = self.known.places(self.text)
        strange = [one for one in named if self._is_in_name(one[0])]
        places = [one for one in named if one not in strange]
        places = sorted([*places, *self._find_nations(places)], key=itemgetter(0))
        codes = {"unstated"}.union(*(codes for _, codes in places))
        own = [one for one in places if not _COMPARED.search(self.before(one[0]))]
        return strange, own, codes

    def _find_codes(self) -> dict[str, list[Said]]:
        """Return where words stand for the codes of each list, and for other things."""
        text, vocabulary = self.text, self.known.vocabulary
        said = {name: vocabulary.of_sentences(name).find_said(text) for name in LISTS}
        of_bodies = {
            place for body in self.bodies for place in range(body.start, body.end)
        }
        said["sign"], said["governs"] = SIGNS.find_said(text), [*GOVERNORS.find(text)]
        said |= {name: [] for name in WORDS["article"]}
        for one in CLASSES.find(text):
            said[one.code].append(one)
        of_bodies |= {one.start for one in said["body"]}
        changed = {one.start for one in said["sign"] if one.code.startswith("trend/")}
        said["measure"] = [
            one
            for one in said["measure"]
            if of_bodies.isdisjoint((one.start, one.end + 1))
            and not (one.start in changed and _CHANGED.match(text, one.end))
        ]
        return said

    def _is_in_name(self, place: int) -> bool:
        """Tell whether a place is a word of a longer name that nobody here knows: Kent State University, Met Office."""
        name = _NAME.match(self.text, place)
        if name is None:
            return False
        vocabulary, words = self.known.vocabulary, name[0]
        own = [one.end for one in vocabulary.places.find(words) if one.start == 0]
        after = words[max(own, default=0) :]
        rest = after.lstrip()
        if after == rest or rest.split()[0].isupper():
            return False
        if _MONTH.match(rest) or rest.split()[0].casefold() in _OF_POLICE:
            return False
        said = (
            one.start
            for each in LISTS
            for one in vocabulary.of_sentences(each).find(rest)
        )
        return 0 not in said

    def _names_year_of(self, time: Time) -> bool:
        return any(
            map(time.fits, {(one.year, one.begins): one for one in self.years}.values())
        )

    def _find_nations(
        self, places: Sequence[tuple[int, set[str]]]
    ) -> Iterator[tuple[int, set[str]]]:
        """Yield where a text speaks of the nation of a place that it has named: nationally."""
        for one in self.said_at("sign", 0, len(self.text)):
            before = starting_in(places, 0, one.start)
            if one.code == "nationwide" and before:
                yield one.start, {self.known.nation_of(code) for code in before[-1][1]}

    def _find_words(self) -> Mapping[int, list[tuple[int, str]]]:
        found = defaultdict[int, list[tuple[int, str]]](list)
        for place, word in find_stems(self.text):
            found[self.index(place)].append((place, word))
        for name in ("measure", "category"):
            for one in self._said[name]:
                found[self.index(one.start)] += (
                    (one.start, word) for word in self.known.spoken(name, one.code)
                )
        return found

    def list_members(
        self, members: Sequence[Found], low: int, high: int
    ) -> list[list[Found]]:
        """Return the lists of years or places in a range: in 2021/22 and 2022/23, not between these."""
        lists = find_lists(self.text, starting_in(members, low, high))
        return [one for one in lists if len(one) > 1]

    def is_added(self, place: int) -> bool:
        """Tell whether a place is in what is added to the cells of tables."""
        return self._source.starts[place] == self._source.ends[place]

    def before(self, place: int, low: int = 0) -> str:
        """Return the words before a place and after another, as many as may say something of it."""
        return self.text[max(place - NEAR, low) : place]

    def as_read(self, start: int, end: int) -> str:
        """Return a range of the text as it was sent, without what is added to the cells of tables."""
        return "".join(
            self.text[place] for place in range(start, end) if not self.is_added(place)
        )

    def place_as_sent(self, start: int, end: int) -> tuple[int, int]:
        """Return where a range starts and ends in the text as it was sent."""
        return self._source.starts[start], self._source.ends[end - 1]

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
        return self._is_item(index) and (
            self._is_item(index - 1) or self._is_item(index + 1)
        )

    def _is_open(self, index: int) -> bool:
        return (
            not self.text[slice(*self.sentences[index])].rstrip().endswith(_PUNCTUATION)
        )

    def _is_item(self, index: int) -> bool:
        """Tell whether a sentence may be a line of a list: with a number, and no full stop."""
        return index in self.numbered and self._is_open(index)

    def said_at(self, name: str, low: int, high: int) -> list[Said]:
        """Return where codes of a list, or signs, are said in a range."""
        return [
            one for one in starting_in(self._said[name], low, high) if one.end <= high
        ]

    def _find_said(self, name: str, low: int, high: int) -> list[str]:
        return list(dict.fromkeys(one.code for one in self.said_at(name, low, high)))

    def sign(self, code: str, low: int, high: int) -> str | None:
        """Return the words of a sign, such as `trend` or `trend/up`, in a range, if they are there."""
        found = next(
            (
                one
                for one in self.said_at("sign", low, high)
                if f"{one.code}/".startswith(f"{code}/")
            ),
            None,
        )
        return self.text[found.start : found.end] if found else None
