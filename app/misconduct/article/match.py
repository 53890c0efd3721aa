"""Find which figures a number in a text is, by the words around it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from misconduct.article.known import SERIES, Known, root
from misconduct.article.number import Number
from misconduct.article.places import Places
from misconduct.article.stages import ASSESSED
from misconduct.article.statistic import find_statistic
from misconduct.article.times import YearFit, span_of
from misconduct.article.words import WEAK, stem, stems
from misconduct.model.figure import PROSE, Row

_NEEDED = 8.0  # bits that must speak for a figure: some 250 (8 bits) of the register are a 5, as many a 6
_FOR_DIGIT = (
    1.5  # that each digit more saves; a long number is hardly ever another figure’s
)
_LEAST = 1.0  # that even the longest needs, so that some word must fit
_MORE_IF_NEAR = 3.0  # for a slip, since a number has some sixty near ones
_YEAR, _PLACE = 3.0, 2.0
"""Weights of the same year and place: a place has figures of some ten years, and a text names few places."""

_MONTH = 1.0  # of a count of one moment
_TABLE = 2.5  # what it says that a number beside is of the same table, less than a year: tables have many numbers
_SAME_KIND = 0.1  # decides between figures of which else the same speaks: “in 2017 it was 197 and five”
_FARTHER = 0.6  # the share that what stands in another sentence tells
_LOOSE = 8.0  # bits that must speak for a figure of another place or year than the text names
_TOLD = 3.5  # what it says that a text says of people in this place and year what became of them
_LEAD = 2.0  # by which it must be better than all others
CONTRARY = 2.0  # what another place, noun or stage says against a figure: as much as the place says for it
_UNSAID = 0.2  # the share of a source’s missing words that counts against it, since texts leave out most of them

FEW_DIGITS, SOME_DIGITS, MANY_DIGITS = 2, 3, 4
_MANY_ROWS = 100  # figures with one number in the places that a text names; more, such as of 0, take too long
_HAVING = 10  # characters before a number in which “has” is looked for
_NEARBY = 150  # characters at which a word tells half as much: about a sentence
_BESIDE = 0.5  # the share that a word of the sentence beside tells, which is that of a word far away in its own

NO_CATEGORY = ("not_applicable", "unstated", "any", "several_kinds")


@dataclass(frozen=True)
class Match:
    """A figure that a number may be, and how much speaks for it, in bits."""

    number: Number
    row: Row
    score: float
    year: YearFit
    places: Places

    @property
    def known(self) -> Known:
        """What is known of the release."""
        return self.number.text.known


class Around:
    """The words and places around a number, which are the same for all figures that it may be.

    `nearby` has the words of its sentence and of the one beside, with how near they are; `strong` those that may tell
    alone which figure it is.
    """

    def __init__(self, number: Number) -> None:
        self.number, self.text, self.known = number, number.text, number.text.known
        of_sentence, of_beside = (
            self.text.words[number.index],
            self.text.words[self.text.beside(number.index)],
        )
        self.nearby = {word: _BESIDE for _, word in of_beside}
        for place, word in of_sentence:
            gap = max(number.start - place, place - number.end, 0)
            self.nearby[word] = max(self.nearby.get(word, 0), 1 / (1 + gap / _NEARBY))
        telling = (
            [*of_sentence, *of_beside]
            if number.refers or self.text.is_listed(number.index)
            else of_sentence
        )
        self.strong = {word for _, word in telling} - WEAK
        self.places = Places(number)
        self.unit = next(iter(self.text.said("counting_unit", *number.nouns)), None)
        self.noun = _find_noun(number)
        self._is_worked_out = (
            number.before is not None and find_statistic(number) == "change"
        )

    def match(self, row: Row, beside: Iterable[Match]) -> Match | None:
        """Return what speaks for a figure; None if nothing does, or if the number counts something else."""
        words, year = self.known.words_of(row), self.number.fit_year(row)
        if self._is_other(row, year, words):
            return None
        is_strong, has_own = not self.strong.isdisjoint(words), self._has_own(row, year)
        has_many = self.number.digits >= MANY_DIGITS
        is_clear = is_strong or has_own or has_many
        support = max(
            (self._support(row, one, is_clear) for one in beside), default=0.0
        )
        is_other_unit = self._is_other_unit(row)
        is_long = has_own and has_many
        if not (is_strong or ((support or is_long) and not is_other_unit)):
            return None
        is_elsewhere = self.places.exclude(row["area"])
        if is_elsewhere and self.number.digits < SOME_DIGITS:
            return None  # so short a number stands in the tables of most places
        score = support + self._weigh_words(words, is_alone=not support)
        score += self._rank(row, year) - CONTRARY * (is_other_unit + is_elsewhere)
        return Match(self.number, row, score, year, self.places)

    def _is_other(self, row: Row, year: YearFit, words: Collection[str]) -> bool:
        """Tell whether the number is no change, of another year or of another noun: 67 files, 27 more than in 2023."""
        is_other = self._is_worked_out and row["statistic"] != "change"
        is_other = is_other or self._is_other_year(row, year)
        return is_other or self.noun not in (None, *words)

    def _is_other_unit(self, row: Row) -> bool:
        return self.unit is not None and not self.known.passes(row, self.unit)

    def match_loosely(self, row: Row) -> Match | None:
        """Return what speaks for a figure by its number and words, whatever its place and its year."""
        words, year = self.known.words_of(row), self.number.fit_year(row)
        is_other_unit = self._is_other_unit(row)
        is_long = self.number.digits >= MANY_DIGITS
        is_told = self._is_told(row, year)
        is_other = is_other_unit and not (is_long or is_told)
        is_other = is_other or self.noun not in (None, *words)
        is_clear = is_told or not self.strong.isdisjoint(words)
        if is_other or row["former"] or not is_clear:
            return None
        if self.number.digits < SOME_DIGITS and row["area"] not in self.places.sure:
            return None
        score = self._weigh_words(words, is_alone=not is_told)
        score += _FOR_DIGIT * self.number.digits
        score += _TOLD * is_told - CONTRARY * is_other_unit
        score += _YEAR * (year == "same") + _PLACE * (row["area"] in self.places.own)
        return Match(self.number, row, score, year, self.places)

    def _is_told(self, row: Row, year: YearFit) -> bool:
        """Tell whether a text says of people in the place of a figure, and in its year, what became of them."""
        number = self.number
        is_then = year == "same" if number.own_year else number.digits >= SOME_DIGITS
        is_there = row["area"] in self.places.sure
        nouns = {one.start for one in self.text.said_at("counting_unit", *number.nouns)}
        said = self.text.said_at("measure", *number.clause)
        is_told = self.known.gravity(row["measure"]) > 0 and any(
            one.start not in nouns and self.known.gravity(one.code) >= ASSESSED
            for one in said
        )
        if row["measure"] == "employed":
            before = (number.start - _HAVING, number.start)
            signs = (self.text.sign(one, *before) for one in ("now", "having"))
            is_told = is_told or any(signs)
        return is_then and is_there and is_told and self.unit is not None

    def _is_other_year(self, row: Row, year: YearFit) -> bool:
        """Tell whether a short number has a year, but the figure of a table is for another, or for several."""
        own = self.number.own_year
        if not own or row["read_from"] in PROSE or self.number.digits > FEW_DIGITS:
            return False
        return (
            year == "other"
            if row["year"]
            else own.is_alone and len({*span_of(row)}) > 1
        )

    def _weigh_words(self, words: Mapping[str, float], *, is_alone: bool) -> float:
        bits, near = self.known.bits, self.nearby
        said = sum(
            near[word] * bits.get(word, 0) * weight
            for word, weight in words.items()
            if word in near
        )
        unsaid = sum(
            bits.get(word, 0)
            for word, weight in words.items()
            if weight == 1 and word not in near
        )
        return said - (_UNSAID * unsaid if is_alone else 0)

    def _has_own(self, row: Row, year: YearFit) -> bool:
        """Tell whether the place or the year of a figure stands by the number, or that is very long."""
        is_here = row["area"] in self.places.sure
        is_of_year = bool(self.number.own_year) and year == "same"
        return is_here or is_of_year or self.number.digits > MANY_DIGITS

    def _support(self, row: Row, beside: Match, may_be_far: bool) -> float:
        """Return what a number beside tells: a figure of the same table that differs in one thing."""
        other, far = beside.row, abs(beside.number.index - self.number.index)
        if (
            row["source"] != other["source"]
            or row["id"] == other["id"]
            or (far and not may_be_far)
        ):
            return 0
        is_same_series = _series(row) == _series(other)
        is_same_period = row["read_from"] in PROSE or row["period"] == other["period"]
        if sum((is_same_series, row["area"] == other["area"], is_same_period)) < 2:
            return 0
        is_of_same = (
            is_same_period
            and row["area"] == other["area"]
            and row["value"] <= other["value"]
        )
        if is_of_same and self.number.is_part_of(beside.number):
            return _NEEDED
        of_kind = _SAME_KIND if row["category"] == other["category"] else 0
        return _TABLE * (_FARTHER if far > 1 else 1) + of_kind

    def _rank(self, row: Row, year: YearFit) -> float:
        """Return what tells of a figure beside the words: year, month and place."""
        number = self.number
        score: float = _SAME_KIND * (row["qualifier"] == number.qualifier)
        is_other = (
            year == "other" and span_of(row)[0]
        )  # if nobody knows when it began, the words alone decide
        if is_other or (year == "same" and (row["year"] or row["coverage"] == "point")):
            share = 1 if number.own_year else _FARTHER
            score += share * (_YEAR if year == "same" else -_YEAR)
        if row["coverage"] == "point" and number.names_month(row):
            score += _MONTH
        if row["area"] in self.places.own:
            score += _PLACE * (1 if self.places.here else _FARTHER)
        return score


def _find_noun(number: Number) -> str | None:
    """Return the stem of a plural after a number that no figure counts: 1,633 burglaries, 131 doubtful decisions."""
    known = number.text.known
    words = number.words(number.nouns).split()[:2]
    is_word = number.printed.isalpha()  # four, which needs a noun that is counted
    for place, word in enumerate(words):
        said = " ".join(words[: place + 1])
        is_weak = not stems(word) or (stem(word) in WEAK and not is_word)
        if not word.islower() or is_weak or known.is_counted(said):
            return None
        if word.endswith("s") and not word.endswith("ss"):
            return stem(word)
    return None


def find_matches(
    around: Around,
    rows: Iterable[Row],
    beside: Collection[Match] = (),
    *,
    is_near: bool = False,
    is_rounded: bool = False,
) -> list[Match]:
    """Return what a number is likely to be, the likeliest first. `beside` are figures of numbers near it.

    One of a place that the text does not name is found only by a long number beside others of its series.
    Among very many figures with a number, such as 0, only those of the place by it can be told apart.
    """
    is_long = around.number.digits >= MANY_DIGITS and not is_near
    digits = around.number.digits
    if is_rounded:
        digits = max(digits, SOME_DIGITS)  # that it rounds tells as much
    needed = max(_NEEDED - _FOR_DIGIT * digits, _LEAST)
    needed += _MORE_IF_NEAR if is_near else 0
    usable = _list_usable(around, rows, beside if is_long else ())
    matches = (around.match(row, beside) for row in usable)
    found = [match for match in matches if match and match.score >= needed]
    if not (found or is_near or is_rounded):
        found = _find_loosely(around, rows)
    found.sort(key=_rank_match)
    return found


def _rank_match(match: Match) -> tuple[float, bool, int]:
    last = int(span_of(match.row)[1] or 0)
    return -match.score, bool(match.row["repeats"]), -last


def _list_usable(
    around: Around, rows: Iterable[Row], beside: Iterable[Match]
) -> list[Row]:
    """Return the figures of places that the text names, and those of series of the numbers beside."""
    series = {
        _series(one.row)
        for one in beside
        if abs(one.number.index - around.number.index) < 2
    }
    named = around.text.named
    usable = [row for row in rows if row["area"] in named or _series(row) in series]
    if len(usable) <= _MANY_ROWS:
        return usable
    own = [row for row in usable if row["area"] in around.places.own]
    return own[:_MANY_ROWS]


def _find_loosely(around: Around, rows: Iterable[Row]) -> list[Match]:
    """Return the one claim that has the number and the words of a text, whatever its place and its year."""
    matches = filter(None, map(around.match_loosely, rows))
    found = sorted(matches, key=lambda one: -one.score)
    first = [one for one in found if root(one.row) == root(found[0].row)]
    kind = [(one.row["area"], _series(one.row)) for one in first]
    others = [
        one.score
        for one in found
        if one not in first and (one.row["area"], _series(one.row)) not in kind
    ]
    least = max(_LOOSE, others[0] + _LEAD if others else 0)
    return first if first and first[0].score >= least else []


def _series(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in SERIES)
