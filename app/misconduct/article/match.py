"""Find which figures a number in a text is, by the words around it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from misconduct.article.known import SERIES, Known, root
from misconduct.article.number import Number
from misconduct.article.places import Places
from misconduct.article.stages import other_stage
from misconduct.article.statistic import find_statistic
from misconduct.article.times import YearFit, span_of
from misconduct.article.words import WEAK, find_stems, stem, stems
from misconduct.model.figure import PROSE, Row

_NEEDED = 8.0  # bits that must speak for a figure: some 250 (8 bits) of the register are a 5, as many a 6
_FOR_DIGIT = (
    1.5  # that each digit more saves; a long number is hardly ever another figure’s
)
_LEAST = 1.0  # that even the longest needs, so that some word must fit
_MORE_IF_NEAR = 3.0  # for a slip, since a number has some sixty near ones
_YEAR, _PLACE, _HEDGE = 3.0, 2.0, 1.5
"""Weights of the same year, place and hedge: a place has figures of some ten years, and a text names few places."""

_TABLE = 2.5  # what it says that a number beside is of the same table, less than a year: tables have many numbers
_SAME_KIND = 0.1  # decides between figures of which else the same speaks: “in 2017 it was 197 and five”
_FARTHER = 0.6  # the share of this that counts if they stand in another sentence, which may be about another thing
_NAMED = 3.5  # what it says that place, and people or matter, stand by a long number: enough for three digits
CONTRARY = 2.0  # what another place, noun or stage says against a figure: as much as the place says for it
_UNSAID = 0.2  # the share of a source’s missing words that counts against it, since texts leave out most of them

FEW_DIGITS, SOME_DIGITS, MANY_DIGITS = 2, 3, 4
_MANY_ROWS = 300  # figures with one number in the places that a text names; more, such as of 0, take too long
_NEARBY = 150  # characters at which a word tells half as much: about a sentence
_HAVING = 10  # characters before a number in which “has” is looked for
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

    def match(
        self, row: Row, beside: Iterable[Match], *, is_near: bool
    ) -> Match | None:
        """Return what speaks for a figure; None if nothing does, or if the number counts something else."""
        words, year = self.known.words_of(row), self.number.fit_year(row)
        if (
            self._is_worked_out and row["statistic"] != "change"
        ):  # 67 files, 27 more than in 2023
            return None
        if self._is_other_year(row, year) or (self.noun and self.noun not in words):
            return None
        is_strong, has_own = not self.strong.isdisjoint(words), self._has_own(row, year)
        has_many = self.number.digits >= MANY_DIGITS
        is_clear = is_strong or has_own or has_many
        support = max(
            (self._support(row, one, is_clear) for one in beside), default=0.0
        )
        is_other_unit = self.unit is not None and not self.known.passes(
            row["counting_unit"], self.unit
        )
        is_long = has_own and has_many
        is_named = not is_near and self._names(row, year)
        if not (is_strong or is_named or ((support or is_long) and not is_other_unit)):
            return None
        is_elsewhere = self.places.exclude(row["area"])
        if (
            is_elsewhere and self.number.digits < SOME_DIGITS
        ):  # so short a number stands in the tables of most places
            return None
        score = (
            support
            + self._weigh_words(words, is_alone=not (support or is_named))
            + self._rank(row, year)
        )
        score += _NAMED if is_named else -CONTRARY * is_other_unit
        score -= CONTRARY * is_elsewhere
        return Match(self.number, row, score, year, self.places)

    def agree(self, row: Row) -> Match | None:
        """Return a figure by its words and year alone, which need not be clear; None if it counts something else."""
        words, year = self.known.words_of(row), self.number.fit_year(row)
        if self.noun and self.noun not in words:
            return None
        return Match(
            self.number, row, self._weigh_words(words, is_alone=True), year, self.places
        )

    def find_alone(self, rows: Iterable[Row]) -> list[Match]:
        """Return the one claim of all places that has the number, its noun and its stage, if the text names no place.

        If it names a wide one, such as the United Kingdom, it is the one claim of all places inside.
        """
        wide = self.places.sure if self.text.named - {"unstated"} else None
        fitting = [row for row in rows if row["former"] is None and self._fits(row)]
        if wide is not None:
            fitting = [
                row
                for row in fitting
                if not wide.isdisjoint(self.known.above("area", row["area"]))
            ]
        is_one = len({root(row) for row in fitting}) == 1
        found = (
            Match(self.number, row, _NEEDED, self.number.fit_year(row), self.places)
            for row in fitting
        )
        return [*found] if is_one else []

    def _fits(self, row: Row) -> bool:
        """Tell whether a figure has the noun and the stage of a number, and no other people, kind or year."""
        number, said, known = self.number, self.text.said, self.known
        is_of_noun = (
            self.unit is not None
            and known.passes(row["counting_unit"], self.unit)
            and self.noun is None
        )
        if (
            number.digits < SOME_DIGITS
            or not is_of_noun
            or row["measure"] not in said("measure", *number.clause)
        ):
            return False
        codes = {
            "population": said("population", *number.nouns),
            "category": said("category", *number.clause),
        }
        is_alike = all(
            known.related(name, one, row[name])
            for name, several in codes.items()
            for one in several
        )
        return (
            is_alike
            and number.fit_year(row) != "other"
            and not other_stage(number, row)
        )

    def _names(self, row: Row, year: YearFit) -> bool:
        """Tell whether the place and the matter, or the people, of a figure without kind and year are by the number.

        If it is very long, the figure may have a kind. People need a word of what became of them, or “has” before it.
        """
        number, text = self.number, self.text
        least = SOME_DIGITS if row["category"] in NO_CATEGORY else MANY_DIGITS
        is_other_year = (
            row["year"]
            and year != "same"
            and row["measure"] not in text.said("measure", *number.clause)
        )
        if (
            number.own_year
            and year == "same"
            and not (row["subcategory"] or row["scope"])
        ):
            least -= 1  # its year tells as much as a digit
        if (
            number.digits < least
            or row["area"] not in self.places.sure
            or is_other_year
        ):
            return False
        if row["measure"] in text.said("measure", *number.nouns):
            return True
        has = [
            text.sign(one, number.start - _HAVING, number.start)
            for one in ("now", "having")
        ]
        is_told = (
            any(has)
            if row["measure"] == "employed"
            else text.said("measure", *number.clause)
        )
        who = text.said("population", *number.nouns)
        return bool(is_told) and any(
            self.known.related("population", one, row["population"]) for one in who
        )

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
        """Return what tells of a figure beside the words: year, place, stage and hedge."""
        number, score = self.number, 0.0
        is_other = (
            year == "other" and span_of(row)[0]
        )  # if nobody knows when it began, the words alone decide
        if is_other or (year == "same" and (row["year"] or row["coverage"] == "point")):
            score += (_YEAR if year == "same" else -_YEAR) * (
                1 if number.own_year else _FARTHER
            )
        if other_stage(number, row) and not (
            year == "same" and row["area"] in self.places.own
        ):
            score -= CONTRARY
        if row["area"] in self.places.own:
            score += _PLACE * (1 if self.places.here else _FARTHER)
        if row["qualifier"] not in ("exact", None) or number.qualifier != "exact":
            score += (
                _HEDGE
                if row["qualifier"] == number.qualifier or says_hedge(number, row)
                else -0.5
            )
        return score


def _find_noun(number: Number) -> str | None:
    """Return the stem of a plural after a number that no figure counts: 1,633 burglaries, 131 doubtful decisions."""
    words = number.text.text[slice(*number.nouns)].split()[:2]
    words = (
        words if len([*find_stems(" ".join(words))]) == len(words) else words[:1]
    )  # not: of its
    place = next(
        (
            place
            for place, one in enumerate(words)
            if one.endswith("s") and not one.endswith("ss")
        ),
        None,
    )
    if place is None or not all(map(str.islower, words[: place + 1])):
        return None
    lists = [
        number.text.known.vocabulary.of_sentences(name)
        for name in ("counting_unit", "population")
    ]
    is_counted = stem(words[place]) in WEAK or any(
        one.find_said(" ".join(words[: place + 1])) for one in lists
    )
    return None if is_counted else stem(words[place])


def says_hedge(number: Number, row: Row) -> bool:
    """Tell whether the sentence has the word of a figure's hedge: it estimated, for estimated."""
    return not stems(row["hedge"]).isdisjoint(
        word for _, word in number.text.words[number.index]
    )


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
    number, named = around.number, around.text.named
    series = {
        _series(one.row) for one in beside if abs(one.number.index - number.index) < 2
    }
    is_long = number.digits >= MANY_DIGITS and not is_near
    digits = (
        max(number.digits, SOME_DIGITS) if is_rounded else number.digits
    )  # that it rounds tells as much
    needed = max(_NEEDED - _FOR_DIGIT * digits, _LEAST) + (
        _MORE_IF_NEAR if is_near else 0
    )
    usable = [
        row
        for row in rows
        if row["area"] in named or (is_long and _series(row) in series)
    ]
    if len(usable) > _MANY_ROWS:
        usable = [row for row in usable if row["area"] in around.places.own][
            :_MANY_ROWS
        ]
    matches = (around.match(row, beside, is_near=is_near) for row in usable)
    found = [match for match in matches if match and match.score >= needed]
    found = found or ([] if is_near else around.find_alone(rows))
    found.sort(
        key=lambda one: (
            -one.score,
            bool(one.row["repeats"]),
            -int(span_of(one.row)[1] or 0),
        )
    )
    return found


def _series(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in SERIES)
