"""Compare a figure with the sentence of a number, field by field. Each field has one reader."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from misconduct.article import fields_of_number, fields_of_source, fields_of_subject
from misconduct.article.match import Match
from misconduct.article.reading import GRAVITY, Difference, Reading
from misconduct.article.words import OPPOSED
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import Row

_OF_MATTER = "other_measure other_statistic other_direction other_role other_area other_population other_category"
NO_SLIP = {"governed", "other_year", *_OF_MATTER.split()}
"""A slip of the pen changes none of these, but the number only."""

_READERS: Mapping[str, Callable[[Match], Reading]] = {
    "assertion": fields_of_number.read_assertion,
    "value": fields_of_number.read_value,
    "qualifier": fields_of_number.read_qualifier,
    "statistic": fields_of_number.read_statistic,
    "denominator": fields_of_number.read_denominator,
    "counting_unit": fields_of_subject.read_unit,
    "measure": fields_of_subject.read_measure,
    "category": fields_of_subject.read_category,
    "population": fields_of_subject.read_population,
    "area": fields_of_source.read_area,
    "period": fields_of_source.read_period,
    "stated_by": fields_of_source.read_body,
}
Result = Literal["same", "differs", "not_said", "not_read"]


class Compared(NamedTuple):
    """A field, what the sentence says there and what the source does: their words, or None."""

    field: str
    sentence: str | None
    source: str | None
    result: Result


@dataclass
class Comparison:
    """A figure as it compares with a number of a text: what is read of each field, and what differs, gravest first.

    `score` is how much speaks for the figure, in bits.
    """

    row: Row
    score: float
    readings: Mapping[str, Reading]
    differences: list[Difference]

    @property
    def codes(self) -> set[str]:
        """The codes of all differences."""
        return {one.code for one in self.differences}

    def fields(self) -> Iterator[Compared]:
        """Yield each field of which the sentence or the source says something. A difference is in one that differs."""
        differing = {PROGRAM_LISTS["difference"][code]["field"] for code in self.codes}
        for name, (sentence, source, is_same, _) in self.readings.items():
            result: Result = "not_said" if not sentence else "same" if is_same else "not_read"
            if name in differing or sentence or source:
                yield Compared(name, sentence, source, "differs" if name in differing else result)


def compare(match: Match) -> Comparison:
    """Return how a figure compares with the sentence of its number."""
    readings = {name: read(match) for name, read in _READERS.items()}
    found = [*_find_opposed(match), *(one for reading in readings.values() for one in reading.differences)]
    return Comparison(match.row, match.score, readings, sorted(found, key=lambda one: GRAVITY.index(one.code)))


def _find_opposed(match: Match) -> Iterator[Difference]:
    """Yield what a word of the sentence opposes: minor punishments told as major ones."""
    number, theirs = match.number, _sides_of(match.row["counted"] or "")
    for own in theirs:
        code, of, _ = own.split("/", 2)
        yours = [one for one in number.text.said_at("opposed", *number.clause) if one.code.startswith(f"{code}/{of}/")]
        if yours and theirs.isdisjoint(one.code for one in yours):
            said = number.words(yours[0][:2])
            yield Difference(code, f"The source counts “{match.row['counted']}”, your sentence says “{said}”.")


@cache
def _sides_of(counted: str) -> frozenset[str]:
    return frozenset(one.code for one in OPPOSED.find_said(counted.replace("_", " ")))
