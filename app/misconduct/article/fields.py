"""Say what a sentence and a source say of one field. All fields and differences are in `model/codes.csv`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from misconduct.article.match import Match
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said
from misconduct.model.wording import lower

GRAVITY = [*PROGRAM_LISTS["difference"]]
"""The codes of differences, the gravest first."""

Result = Literal["same", "differs", "not_said", "not_read"]
SAYS_NOTHING = ("unstated", "not_applicable", "other", None)


class Words(NamedTuple):
    """What differs: the words of the sentence, and those of its source."""

    sentence: str
    source: str


class Difference(NamedTuple):
    """A difference of a text and a figure."""

    code: str
    detail: str


class Reading(NamedTuple):
    """What a sentence says of a field and what its source does, in their words, or None.

    `is_same` is only said where the words of the sentence surely say what the source does.
    """

    sentence: str | None = None
    source: str | None = None
    is_same: bool = False


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
        for name, (sentence, source, is_same) in self.readings.items():
            if name in differing:
                yield Compared(name, sentence, source, "differs")
            elif sentence or source:
                result: Result = "same" if is_same else "not_read"
                yield Compared(
                    name, sentence, source, result if sentence else "not_said"
                )


def label(match: Match, name: str, code: str | None = None) -> str:
    """Return what a code is called inside a sentence; without a code, that of the figure."""
    words = match.known.catalogue.label(name, code or match.row[name])
    return words if name in ("area", "stated_by") else lower(words)


def is_counted(match: Match, said: Said) -> bool:
    """Tell whether the source itself has the words by which a sentence says a code."""
    words = match.number.words(said[:2]).casefold()
    return words in (match.row["counted"] or "").casefold()


def read_code(match: Match, name: str, low: int, high: int) -> Reading:
    """Read a code: the same if the sentence says the source’s, and none broader, narrower or other."""
    known, own = match.known, match.row[name]
    said = match.number.text.said_at(name, low, high)
    source = None if own in SAYS_NOTHING else label(match, name)
    if not said:
        return Reading(None, source)
    words = dict.fromkeys(match.number.words(one[:2]) for one in said)
    alien = {one.code for one in said if not is_counted(match, one)}
    codes = {one.code for one in said}
    fits = any(known.related(name, one, own) for one in codes)
    is_same = fits and alien <= {own, *known.said(name, match.row)}
    return Reading(", ".join(words), source, bool(source) and is_same)
