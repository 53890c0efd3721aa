"""Say what a sentence and a source say of one field. All fields and differences are in `model/codes.csv`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from misconduct.article.match import Match
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import Row
from misconduct.model.wording import lower

GRAVITY = [*PROGRAM_LISTS["difference"]]
"""The codes of differences, the gravest first."""

Result = Literal["same", "differs", "not_said", "not_read"]
SAYS_NOTHING = ("unstated", "not_applicable", "other", None)


class Difference(NamedTuple):
    """A difference of a text and a figure; `suggest` has words to print where these are safe."""

    code: str
    detail: str
    suggest: str | None = None


class FieldReading(NamedTuple):
    """What a sentence says of a field and what its source does, in their words, or None, and what differs.

    `is_same` is only said where the words of the sentence surely say what the source does.
    """

    sentence: str | None = None
    source: str | None = None
    is_same: bool = False
    differences: Sequence[Difference] = ()


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
    readings: Mapping[str, FieldReading]
    differences: list[Difference]

    @property
    def codes(self) -> set[str]:
        """The codes of all differences."""
        return {one.code for one in self.differences}

    def fields(self) -> Iterator[Compared]:
        """Yield each field of which the sentence or the source says something. A difference is in one that differs."""
        differing = {PROGRAM_LISTS["difference"][code]["field"] for code in self.codes}
        for name, (sentence, source, is_same, _) in self.readings.items():
            result: Result = (
                "not_said" if not sentence else "same" if is_same else "not_read"
            )
            if name in differing or sentence or source:
                yield Compared(
                    name, sentence, source, "differs" if name in differing else result
                )


def label(match: Match, name: str, code: str | None = None) -> str:
    """Return what a code is called inside a sentence; without a code, that of the figure."""
    words = match.known.catalogue.label(name, code or match.row[name])
    return words if name in ("area", "stated_by") else lower(words)
