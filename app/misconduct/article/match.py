"""Find which figures a number in a text is, by the words around it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from misconduct.article.known import SERIES, Known, root
from misconduct.article.stage import NO_CATEGORY, other_stage
from misconduct.article.stems import WEAK, find_stems, stem
from misconduct.article.text import Number, Text, Year
from misconduct.model.figure import Row

MAX_FIGURES = 5
_NEEDED, _FOR_DIGIT, _LEAST, _MORE_IF_NEAR = 8.0, 1.5, 1.0, 3.0
"""What must speak for a figure, in bits. Each digit speaks for it: a long number is hardly ever another figure's."""

_YEAR, _PLACE, _HEDGE, _TABLE = 3.0, 2.0, 1.5, 2.5
"""What the same year, place or hedge says for a figure, and a number beside it that is of the same table."""

_FARTHER = 0.6  # what they say if they stand in another sentence
_NAMED = 3.5  # what it says that place, and people or matter, stand by a long number
_SAME_KIND = 0.1  # decides between figures of which else the same speaks: “in 2017 it was 197 and five”
_CONTRARY, _UNSAID = 2.0, 0.2
"""What another place, noun or stage says against a figure, and the share of what the source's missing words tell."""

_FEW_DIGITS, _SOME_DIGITS, _MANY_DIGITS = 2, 3, 4
_MANY_ROWS = 300  # figures with one number in the places that a text names
_NEARBY = 150  # characters at which a word tells half as much
_HAVING = 10  # characters before a number in which “has” is looked for
_BESIDE = 0.5  # what a word of the sentence beside tells

YearFit = Literal["same", "other", "none"]


@dataclass(frozen=True)
class Match:
    """A figure that a number may be: how much speaks for it, how its year fits, and whether it is of another place."""

    row: Row
    score: float
    year: YearFit
    is_elsewhere: bool


class Beside(NamedTuple):
    """A number near another one, and the figure that it most likely is."""

    number: Number
    row: Row


class Reading:
    """A text as a release knows it: its places, and the words near each number with how near they are."""

    def __init__(self, text: Text, known: Known) -> None:
        self.text, self.known = text, known
        self.places = known.places(text.text)
        self.named = {"unstated", *(code for _, codes in self.places for code in codes)}
        self._words = defaultdict[int, list[tuple[int, str]]](list)
        words = [*self.text.stems]
        for name in ("measure", "category"):
            for one in self.text.said_at(name, 0, len(self.text.text)):
                words += ((one.start, word) for word in self.known.spoken(name, one.code))
        for place, word in words:
            self._words[self.text.index(place)].append((place, word))

    def nearby(self, number: Number) -> Mapping[str, float]:
        """Return the words of a number's sentence and of the one beside, with how near they are."""
        beside = self.text.beside(number.index)
        found = {} if beside is None else {word: _BESIDE for _, word in self._words[beside]}
        for place, word in self._words[number.index]:
            gap = max(number.start - place, place - number.end, 0)
            found[word] = max(found.get(word, 0), 1 / (1 + gap / _NEARBY))
        return found

    def strong(self, number: Number) -> set[str]:
        """Return the words that may tell alone which figure a number is."""
        beside = self.text.beside(number.index) if number.refers else None
        return {word for one in (number.index, beside) if one is not None for _, word in self._words[one]} - WEAK

    def here(self, number: Number) -> tuple[set[str], set[str]]:
        """Return the places that stand by a number, and all that its sentence names; else the last ones before it."""
        low, high = number.sentence

        def named(start: int, end: int) -> list[set[str]]:
            return [codes for place, codes in self.places if start <= place < end]

        by_it = [*named(low, number.start)[-1:], *named(number.end, number.clause[1])]
        nearest = by_it or named(number.end, high)[:1] or named(0, low)[-1:]
        return set().union(*nearest), set().union(*named(low, high))


class Around:
    """What is around a number, as far as it is the same for all figures that it may be."""

    def __init__(self, reading: Reading, number: Number) -> None:
        self.reading, self.number, self.known = reading, number, reading.known
        self.nearby, self.strong = reading.nearby(number), reading.strong(number)
        self.own, self.here = reading.here(number)
        self._around_here = {code for one in self.here for code in self.known.above("area", one)}
        low, high = number.end, number.end + len(number.nouns)
        self.unit = next(iter(reading.text.said("counting_unit", low, high)), None)
        self.noun = _find_noun(number, reading.known)

    def match(self, row: Row, beside: Iterable[Beside], *, is_near: bool) -> Match | None:
        """Return what speaks for a figure; None if nothing does, or if the number counts something else.

        `beside` are figures of its source that other numbers are.
        """
        words, year = self.known.words_of(row), fit_year(self.number, row)
        is_other_year = self.number.digits <= _FEW_DIGITS and self._is_other_year(row, year)
        if is_other_year or (self.noun and self.noun not in words):
            return None
        is_strong = not self.strong.isdisjoint(words)
        support = max((self._support(row, year, one, is_strong) for one in beside), default=0.0)
        is_other_unit = self.unit is not None and not self.known.passes(row["counting_unit"], self.unit)
        is_long = self._has_own(row, year) and self.number.digits >= _MANY_DIGITS
        is_named = not is_near and self._names(row, year)
        if not (is_strong or is_named or ((support or is_long) and not is_other_unit)):
            return None
        is_elsewhere = self._is_elsewhere(row["area"])
        score = self._weigh_words(words, is_alone=not (support or is_named)) + support + self._rank(row, year)
        score += _NAMED if is_named else -_CONTRARY * is_other_unit
        score -= _CONTRARY * is_elsewhere
        return Match(row, score, year, is_elsewhere)

    def _names(self, row: Row, year: YearFit) -> bool:
        """Tell whether a number has by it the place and the matter, or the people, of a figure without kind and year.

        A very long number needs no kind. People need a word of what became of them, or “has” before their number.
        """
        number, text, after = self.number, self.number.text, (self.number.end, self.number.end + len(self.number.nouns))
        least = _SOME_DIGITS if row["category"] in NO_CATEGORY else _MANY_DIGITS
        is_other_year = row["year"] and year != "same"
        if number.digits < least or row["area"] not in self.own & self.here or is_other_year:
            return False
        if row["measure"] in text.said("measure", *after):
            return True
        has = [text.sign(one, number.start - _HAVING, number.start) for one in ("now", "having")]
        is_told = any(has) if row["measure"] == "employed" else text.said("measure", *number.clause)
        who = text.said("population", *after)
        return bool(is_told) and any(self.known.related("population", one, row["population"]) for one in who)

    def _is_other_year(self, row: Row, year: YearFit) -> bool:
        """Tell whether the number has a year of its own, but the figure of a table is for another, or for several."""
        own = self.number.own_year
        if not own or is_of_article(row):
            return False
        return year == "other" if row["year"] else own.is_alone and len({*span_of(row)}) > 1

    def _is_elsewhere(self, area: str) -> bool:
        """Tell whether a figure is of a place that the text, or the sentence where it names any, does not speak of."""
        if area in self.known.no_places:
            return False
        is_here = area in self._around_here or not self.here.isdisjoint(self.known.above("area", area))
        return area not in self.reading.named or (bool(self.here) and not is_here)

    def _weigh_words(self, words: Mapping[str, float], *, is_alone: bool) -> float:
        bits, near = self.known.bits, self.nearby
        said = sum(near[word] * bits(word) * weight for word, weight in words.items() if word in near)
        unsaid = sum(bits(word) for word, weight in words.items() if weight == 1 and word not in near)
        return said - (_UNSAID * unsaid if is_alone else 0)

    def _has_own(self, row: Row, year: YearFit) -> bool:
        """Tell whether the place or the year of a figure stands by the number, which may tell instead of words."""
        number = self.number
        is_here = row["area"] in self.own & self.here
        return is_here or bool(number.own_year and year == "same") or number.digits > _MANY_DIGITS

    def _support(self, row: Row, year: YearFit, beside: Beside, is_strong: bool) -> float:
        """Return what a number beside it tells: a figure of the same table that differs in one thing only."""
        other, number = beside.row, self.number
        if row["id"] == other["id"]:
            return 0
        far = abs(beside.number.index - number.index)
        if far and not (is_strong or self._has_own(row, year) or number.digits >= _MANY_DIGITS):
            return 0
        is_same_series = _series(row) == _series(other)
        is_same_period = is_of_article(row) or row["period"] == other["period"]
        if sum((is_same_series, row["area"] == other["area"], is_same_period)) < 2:
            return 0
        return _TABLE * (_FARTHER if far > 1 else 1) + (_SAME_KIND if row["category"] == other["category"] else 0)

    def _rank(self, row: Row, year: YearFit) -> float:
        """Return what tells of a figure beside the words: year, place, stage and hedge."""
        number, score = self.number, 0.0
        is_other = year == "other" and span_of(row)[0]  # if nobody knows when it began, the words alone decide
        if is_other or (year == "same" and (row["year"] or row["coverage"] == "point")):
            score += (_YEAR if year == "same" else -_YEAR) * (1 if number.own_year else _FARTHER)
        if row["area"] in self.own:
            score += _PLACE * (1 if self.here else _FARTHER)
        if other_stage(number, row, self.known):
            score -= _CONTRARY
        if row["qualifier"] not in ("exact", None) or number.qualifier != "exact":
            score += _HEDGE if row["qualifier"] == number.qualifier or says_hedge(number, row) else -0.5
        return score


def _find_noun(number: Number, known: Known) -> str | None:
    """Return the stem of a plural after a number that no figure counts: 1,633 burglaries."""
    first = number.nouns.split()[:1]
    is_plural = first and first[0].islower() and first[0].endswith("s") and not first[0].endswith("ss")
    lists = [known.vocabulary.of_sentences(name) for name in ("counting_unit", "population")]
    is_known = not is_plural or any(one.find_said(first[0]) for one in lists)
    return None if is_known else stem(first[0])


def says_hedge(number: Number, row: Row) -> bool:
    """Tell whether the sentence of a number has the word that hedges a figure: it estimated, for estimated."""
    words = {word for _, word in find_stems(row["hedge"] or "")}
    low, high = number.sentence
    return not words.isdisjoint(word for place, word in number.text.stems if low <= place < high)


def is_of_article(row: Row) -> bool:
    """Tell whether a figure is from a text, and not from a table."""
    return bool(row["read_from"] == "text")


def span_of(row: Row) -> tuple[str, str]:
    """Return the first and the last year that a figure can be for; empty if they are not known."""
    first, last = row["period_start"] or row["published"], row["period_end"] or row["published"] or row["known_by"]
    return str(first or "")[:4], str(last or "")[:4]


def fit_year(number: Number, row: Row) -> YearFit:
    """Return how the year of a number agrees with the year, or the dates, of a figure."""
    first, last = span_of(row)

    def fits(year: Year) -> bool:
        return year.year == row["year"] if row["year"] else first <= year.year[:4] <= last

    if not number.years or not (row["year"] or first or last):
        return "none"
    if any(map(fits, number.years)):
        return "same"
    return "other" if number.own_year or not any(map(fits, number.text.years)) else "none"


def find_matches(
    around: Around, rows: Iterable[Row], beside: Collection[Beside] = (), *, is_near: bool = False
) -> list[Match]:
    """Return the figures that a number is likely to be, the likeliest first. `beside` are those of other numbers.

    One of a place that the text does not name is found only if it is a long number, and beside others of its series.
    Among very many figures with a number, such as 0, only those of the place by it can be told apart.
    """
    number, named = around.number, around.reading.named
    series = {_series(one.row) for one in beside if abs(one.number.index - number.index) < 2}
    is_long = number.digits >= _MANY_DIGITS and not is_near
    needed = max(_NEEDED - _FOR_DIGIT * number.digits, _LEAST) + (_MORE_IF_NEAR if is_near else 0)
    usable = [row for row in rows if row["area"] in named or (is_long and _series(row) in series)]
    if len(usable) > _MANY_ROWS:
        usable = [row for row in usable if row["area"] in around.own][:_MANY_ROWS]
    of_source = defaultdict[str, list[Beside]](list)
    for one in beside:
        of_source[one.row["source"]].append(one)
    matches = (around.match(row, of_source.get(row["source"], ()), is_near=is_near) for row in usable)
    found = [match for match in matches if match and match.score >= needed]
    found.sort(key=lambda one: (-one.score, bool(one.row["repeats"]), -int(span_of(one.row)[1] or 0)))
    return [one for one in found if one.row["area"] in named] or found


def _series(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in SERIES)


def group_claims(matches: Sequence[Match]) -> Mapping[str, list[Match]]:
    """Return matches by the claim that they state, in their order."""
    claims = defaultdict[str, list[Match]](list)
    for one in matches:
        claims[root(one.row)].append(one)
    return claims
