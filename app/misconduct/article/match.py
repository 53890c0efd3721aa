"""Find which figures a number in a text is, by the words around it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log2
from typing import Literal, NamedTuple

from misconduct.article.known import Known, root
from misconduct.article.stage import other_stage
from misconduct.article.text import Number, Text, Year
from misconduct.article.words import LISTS, WEAK, stem
from misconduct.model.figure import Row

MAX_FIGURES = 5
_SHARE = {1: 0.4, 2: 0.4, 3: 0.2, 4: 0.0}
"""The share of a source's own words that the text must have, by the digits of the number."""

_NEEDED = {1: 5.5, 2: 5.5, 3: 4.0, 4: 2.5}
"""What the words around a number must tell, in bits, by its digits: every small number equals some figure."""

_MORE_IF_NEAR = 3.0
_LEAST_ALONE = 100
"""Smaller numbers of tables need their year beside them."""

_NEARBY = 150  # characters at which a word tells half as much
_BESIDE = 0.5  # what a word of the sentence before tells
ALIKE = {
    "officer_allegations": {"allegations"},
    "deaths": {"people", "incidents"},
    "complaints": {"allegations"},
    "incidents": {"deaths"},
    "other": {"people"},
    "unstated": {"cases", "allegations", "complaints", "deaths", "incidents", "decisions"},
}
"""Counting units that people call by the name of others."""

YearFit = Literal["same", "beside", "near", "none", "other"]
"""How the years near a number agree with a figure's: in its clause, in the sentence beside, elsewhere, or not."""


@dataclass(frozen=True)
class Match:
    """A figure that a number may be: how much speaks for it, how its year fits, and whether it is of another place."""

    row: Row
    score: float
    year: YearFit
    is_elsewhere: bool


@dataclass
class Reading:
    """A text as a release knows it: its places, and the words near each number with how near they are."""

    text: Text
    known: Known
    places: list[tuple[int, set[str]]] = field(init=False)
    named: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.places = self.known.places(self.text.text)
        self.named = {code for _, codes in self.places for code in codes}
        self._words = [[*self._words_of(low, high)] for low, high in self.text.sentences]

    def _words_of(self, low: int, high: int) -> Iterator[tuple[int, str]]:
        yield from ((place, word) for place, word in self.text.stems if low <= place < high)
        for name in ("measure", "category"):
            for one in self.text.said_at(name, low, high):
                yield from ((one.start, word) for word in self.known.spoken(name, one.code))

    def nearby(self, number: Number) -> Iterator[tuple[int, str, float]]:
        """Yield the words of a number's sentence and of the one beside: where, the word, and how near it is."""
        for place, word in self._words[number.index]:
            gap = max(number.start - place, place - number.end, 0)
            yield place, word, 1 / (1 + gap / _NEARBY)
        if (beside := self.text.beside(number.index)) is not None:
            yield from ((place, word, _BESIDE) for place, word in self._words[beside])

    def strong(self, number: Number) -> set[str]:
        """Return the words that may tell alone which figure a number is."""
        beside = self.text.beside(number.index) if number.refers else None
        return {word for one in (number.index, beside) if one is not None for _, word in self._words[one]} - WEAK

    def here(self, number: Number) -> set[str]:
        """Return the places that its sentence names."""
        low, high = number.sentence
        return {code for place, codes in self.places for code in codes if low <= place < high}


class _Weighed(NamedTuple):
    bits: float
    share: float
    is_strong: bool


class Around:
    """What is around a number, as far as it is the same for all figures that it may be."""

    def __init__(self, reading: Reading, number: Number) -> None:
        self.reading, self.number, self.known = reading, number, reading.known
        self.nearby = [*reading.nearby(number)]
        self.strong, self.here = reading.strong(number), reading.here(number)
        low, high = number.end, number.end + len(number.nouns)
        self.unit = next(iter(reading.text.said("counting_unit", low, high)), None)
        self.noun = _find_noun(number)

    def weigh(self, row: Row) -> _Weighed:
        """Return what the words near the number tell of a figure. A word counts once: as itself, or for a code."""
        own, best = self.known.words_of(row), dict[int, tuple[float, str, float]]()
        for place, word, near in self.nearby:
            if word in own:
                value = self.known.bits(word) * own[word]
                best[place] = max(best.get(place, (0, "", 0)), (value, word, near))
        nearest = dict[str, tuple[float, float]]()
        for value, word, near in best.values():
            nearest[word] = max(nearest.get(word, (0, 0)), (near, value))
        total = sum(self.known.bits(word) for word, weight in own.items() if weight == 1 and word not in WEAK)
        shared = sum(self.known.bits(word) for word in nearest if own[word] == 1 and word not in WEAK)
        bits = sum(near * value for near, value in nearest.values())
        return _Weighed(bits, shared / total if total else 0, not self.strong.isdisjoint(own))

    def rank(self, row: Row, year: YearFit, is_elsewhere: bool, supported: Collection[str]) -> float:
        """Return what tells of a figure beside the words: year, place, unit, document, stage and hedge."""
        number, own = self.number, row["counting_unit"]
        score = {"same": 1.5, "beside": 1.0, "other": -1.0}.get(year, 0.0)
        score += 0.5 if row["area"] in self.here else -2 if is_elsewhere else 0
        if self.unit:
            score += 1 if self.unit == own else 0 if self.unit in ALIKE.get(own, ()) else -1
        score += 1.5 if is_of_article(row) and row["source"] in supported else 0
        score -= 2 if self.noun and self.noun not in self.known.words_of(row) else 0
        score -= 1.5 if other_stage(number, row, self.known) else 0
        if row["qualifier"] not in ("exact", None) or number.qualifier != "exact":
            score += 1.5 if row["qualifier"] == number.qualifier else -0.5
        return score

    def is_elsewhere(self, area: str) -> bool:
        """Tell whether the sentence names places, but none that includes the area or is inside it."""
        return bool(self.here) and not any(self.known.related("area", area, one) for one in self.here)


def _find_noun(number: Number) -> str | None:
    """Return the stem of a plural after a number that no figure counts: 1,633 burglaries."""
    first = number.nouns.split()[:1]
    is_plural = first and first[0].islower() and first[0].endswith("s") and not first[0].endswith("ss")
    is_known = not is_plural or any(LISTS[name].find(first[0]) for name in ("counting_unit", "population"))
    return None if is_known else stem(first[0])


def is_of_article(row: Row) -> bool:
    """Tell whether a figure is from a text, and not from a table."""
    return (row["at"] or "").startswith("char=")


def span_of(row: Row) -> tuple[str, str]:
    """Return the first and the last year that a figure can be for; empty if they are not known."""
    first, last = row["period_start"] or row["published"], row["period_end"] or row["published"]
    return str(first or "")[:4], str(last or "")[:4]


def fit_year(number: Number, row: Row) -> YearFit:
    """Return how the years near a number agree with the year, or the dates, of a figure."""
    first, last = span_of(row)

    def fits(year: Year) -> bool:
        return year.year == row["year"] if row["year"] else bool(first) and first <= year.year[:4] <= last

    text = number.text
    if number.years and (first or last):
        return "same" if any(map(fits, number.years)) else "other"
    beside = text.beside(number.index)
    low, high = text.sentences[beside] if beside is not None else (0, 0)
    if any(fits(year) for year in text.years if low <= year.start < high):
        return "beside"
    return "near" if any(map(fits, text.years)) else "none"


def _may_be(number: Number, row: Row, year: YearFit, known_already: Collection[str]) -> bool:
    """Tell whether a number may be a figure by its year. The small numbers of tables equal any other."""
    if is_of_article(row):
        return True
    is_small = number.value < _LEAST_ALONE
    if not row["year"]:
        return not (is_small and year == "other")
    is_beside = year in ("same", "beside") or row["id"] in known_already
    return is_beside or (year in ("near", "other") and not is_small)


def find_matches(
    reading: Reading,
    number: Number,
    rows: Sequence[Row],
    supported: Collection[str] = (),
    known_already: Collection[str] = (),
    *,
    is_near: bool = False,
) -> list[Match]:
    """Return the figures that a number is likely to be, the likeliest first, and of each claim only one.

    `supported` are the documents that other numbers beside it are from, and `known_already` figures that the text has
    named before.
    """
    usable = [row for row in rows if row["area"] in reading.named or row["area"] == "unstated"]
    fitting = [(row, year) for row in usable if _may_be(number, row, year := fit_year(number, row), known_already)]
    if not fitting:
        return []
    around = Around(reading, number)
    weighed = [(row, year, around.weigh(row)) for row, year in fitting]
    rivals = {root(row) for row, _, one in weighed if one.is_strong}  # others are none: no word speaks for them
    needed = _NEEDED[number.digits] + (_MORE_IF_NEAR if is_near else 0) + log2(max(len(rivals), 1))
    least = 0.4 if is_near else _SHARE[number.digits]
    found = []
    for row, year, one in weighed:
        if one.is_strong and one.share >= least:
            is_elsewhere = around.is_elsewhere(row["area"])
            score = one.bits + around.rank(row, year, is_elsewhere, supported)
            if score >= needed:
                found.append(Match(row, score, year, is_elsewhere))
    return sorted(found, key=lambda one: (-one.score, bool(one.row["repeats"]), one.row["id"]))


def group_claims(matches: Sequence[Match]) -> Mapping[str, list[Match]]:
    """Return matches by the claim that they state, in their order."""
    claims = defaultdict[str, list[Match]](list)
    for one in matches:
        claims[root(one.row)].append(one)
    return claims
