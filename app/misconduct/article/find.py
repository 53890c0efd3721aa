"""Find the figures of each number of a text, or those with a number that is easily misprinted as it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from misconduct.article.compare import compare
from misconduct.article.fields import Comparison
from misconduct.article.known import root
from misconduct.article.match import CONTRARY, SOME_DIGITS, Around, Match, find_matches
from misconduct.article.number import Article, Number
from misconduct.article.words import LOWER, UPPER
from misconduct.model.figure import Row
from misconduct.model.near_numbers import LEAST_DIGITS, near_numbers

_MAX_FIGURES, _MAX_NEAR = 5, 3
_MOST_ROUNDED, _MOST_PASSED = 20, 10
"""A rounded number may be off by a twentieth of itself, and “more than” may leave out a tenth."""

_BESIDE = 10  # numbers before and after another one that may be of the same table

_SHARES = {"percent": "proportion", "proportion": "percent"}


@dataclass
class Checked:
    """A number of a text with its figures, the likeliest first, or else those that may be meant."""

    number: Number
    figures: list[Comparison] = field(default_factory=list)
    near: list[tuple[Row, str]] = field(default_factory=list)

    @property
    def row(self) -> Row | None:
        """The figure that the number is most likely to be, or to be meant for."""
        return (
            self.figures[0].row
            if self.figures
            else self.near[0][0]
            if self.near
            else None
        )


def slips_of(number: Number) -> Mapping[int, str]:
    """Return what a number may be a slip for, each with its code; a round one only for what it rounds."""
    if number.unit != "count" or number.value.denominator != 1:
        return {}
    digits = str(number.value)
    if len(digits) < LEAST_DIGITS:
        return {int(digits[::-1]): "swapped"} if len({*digits}) > 1 else {}
    slips = near_numbers(digits)
    if number.value % 100 == 0:
        slips = {near: slip for near, slip in slips.items() if slip == "rounded"}
    return slips


def _rounded_by(number: Number) -> Iterable[int]:
    """Return the counts of the register that a hedged number rounds: about 1,130 for 1,131.

    Even one on the wrong side of its bound is meant: more than 95,000 for 94,940.
    """
    value, digits = int(number.value), str(number.value)
    step = 10 ** (len(digits) - len(digits.rstrip("0")))
    if number.qualifier == "exact" or step == 1 or not len(digits) >= LEAST_DIGITS:
        return ()
    reach = min(step // 2, value // _MOST_ROUNDED)
    low = value - (
        min(step, value // _MOST_PASSED) if number.qualifier in UPPER else reach
    )
    high = value + (
        min(step, value // _MOST_PASSED) if number.qualifier in LOWER else reach
    )
    return (one for one in number.text.known.counts_between(low, high) if one != value)


class Sought(NamedTuple):
    """Figures to find for a text: with its numbers, or with counts that these may be slips for.

    They are of the places that the text names; those with long numbers may be of any place.
    """

    numbers: set[Fraction]
    slips: set[Fraction]
    places: set[str]
    long: set[Fraction]


def seek(article: Article) -> Sought:
    """Return the figures to find for a text."""
    numbers, known = article.numbers, article.text.known
    values = {value for one in numbers for value in _values_of(*one.reading)}
    long = {
        value
        for one in numbers
        if one.digits >= SOME_DIGITS
        for value in _values_of(*one.reading)
    }
    slips = {
        Fraction(slip)
        for one in numbers
        for slip in slips_of(one)
        if slip in known.counts
    }
    slips |= {Fraction(count) for one in numbers for count in _rounded_by(one)}
    return Sought(values, slips, article.text.named, long)


def _values_of(value: Fraction, unit: str) -> list[Fraction]:
    """Return what figures with a number may have as their value: 50, -50, 0.5 and 1 in 50 for 50 per cent."""
    if unit == "percent":
        return [value, -value, value / 100, *([1 / value] if value else [])]
    return [value, 100 * value] if unit == "proportion" else [value, -value]


class TextComparison:
    """Compare a text with figures: those with its numbers, or with the slips of these."""

    def __init__(self, numbers: Iterable[Number], rows: Iterable[Row]) -> None:
        self._by_value = defaultdict[Fraction | int, list[Row]](list)
        for row in rows:
            self._by_value[Fraction(row["value"])].append(row)
        self._having = cache(self._find_having)  # a text may have one number many times
        self._around, self._matches = (
            [*map(Around, numbers)],
            list[list[Match]](),
        )

    def entries(self) -> list[Checked]:
        """Return what was found for each number. One that its own words do not tell is tried again with those after."""
        for _ in self._around:
            self._matches.append(self._match(len(self._matches)))
        for place, matches in enumerate(self._matches):
            self._matches[place] = matches or self._match(place)
        return [self._check(place) for place in range(len(self._around))]

    def _match(self, place: int) -> list[Match]:
        around = self._around[place]
        return find_matches(
            around, self._having(*around.number.reading), self._beside(place)
        )

    def _beside(self, place: int) -> list[Match]:
        """Return the likeliest figures of the numbers before and after one, as far as they are found."""
        near = (
            self._matches[max(place - _BESIDE, 0) : place]
            + self._matches[place + 1 :][:_BESIDE]
        )
        return [matches[0] for matches in near if matches]

    def _find_having(self, value: Fraction, unit: str) -> list[Row]:
        """Return the figures that have a number, its share in the other unit, or it as a rate or as a decrease."""
        rows = [row for one in _values_of(value, unit) for row in self._by_value[one]]
        return [
            row
            for row in rows
            if row["unit"] == _SHARES.get(unit)
            or (
                row["unit"] == unit
                and (row["value"] == value or row["statistic"] == "change")
            )
            or (row["statistic"] == "rate" and row["value"] == value)
        ]

    def _check(self, place: int) -> Checked:
        """Return the figures of a number; each claim once, as it differs least from the text."""
        around, beside, matches = (
            self._around[place],
            self._beside(place),
            self._matches[place],
        )
        entry = Checked(around.number)
        matches = matches or self._find_meant(
            around, beside, _rounded_by(around.number), is_rounded=True
        )
        if not matches:
            slips = slips_of(around.number)
            meant = _group_claims(
                self._find_meant(around, beside, slips, is_near=True)
            )[:_MAX_NEAR]
            entry.near = [
                (claim[0].row, slips[int(claim[0].row["value"])]) for claim in meant
            ]
        for claim in _group_claims(matches)[:_MAX_FIGURES]:
            entry.figures.append(
                min(map(compare, claim), key=lambda one: len(one.differences))
            )
        entry.figures.sort(key=lambda one: -_weigh(one))
        if entry.figures and not entry.figures[0].differences:
            entry.figures = [one for one in entry.figures if not one.differences]
        return entry

    def _find_meant(
        self,
        around: Around,
        beside: Sequence[Match],
        counts: Iterable[int],
        **how: bool,
    ) -> list[Match]:
        """Return figures with other counts that a number may be meant for, if nothing else differs: 430 for 426."""
        rows = [
            row
            for one in counts
            for row in self._by_value.get(one, ())
            if row["former"] is None
        ]
        matches = find_matches(around, rows, beside, **how)
        return [one for one in matches if not compare(one).differences]


def _weigh(one: Comparison) -> float:
    """Return how much speaks for a figure, with what the sentence says against it."""
    return one.score - CONTRARY * len(one.differences)


def _group_claims(matches: Iterable[Match]) -> list[list[Match]]:
    claims = defaultdict[str, list[Match]](list)
    for one in matches:
        claims[root(one.row)].append(one)
    return [*claims.values()]
