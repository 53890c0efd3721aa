"""Say what a sentence and a source say of one field. All fields and differences are in `model/codes.csv`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from misconduct.article.match import Match
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said
from misconduct.model.wording import lower

Result = Literal["same", "differs", "not_said", "not_read"]
SAYS_NOTHING = ("unstated", "not_applicable", "other", None)


class Difference(NamedTuple):
    """A difference of a text and a figure."""

    code: str
    detail: str


class Reading(NamedTuple):
    """What a sentence says of a field and what its source does, in their words, or None.

    `is_same` is only said where the words of the sentence surely say what the source does. `code` is that of the
    difference, if there is one.
    """

    sentence: str | None = None
    source: str | None = None
    is_same: bool = False
    code: str | None = None

    @property
    def result(self) -> Result:
        """How both compare. Words of the sentence that neither fit nor differ are not read."""
        if self.code:
            return "differs"
        if not self.sentence:
            return "not_said"
        return "same" if self.is_same else "not_read"


@dataclass
class Comparison:
    """A figure as it compares with a number of a text: what is read of each field, the gravest differences first.

    `score` is how much speaks for the figure, in bits.
    """

    row: Row
    score: float
    readings: Mapping[str, Reading]

    @property
    def differences(self) -> list[Difference]:
        """What differs, with the words of both."""
        return [
            Difference(
                one.code,
                f"The source says “{one.source}”, your sentence “{one.sentence}”.",
            )
            for one in self.readings.values()
            if one.code
        ]

    def fields(self) -> Iterator[tuple[str, Reading]]:
        """Yield each field of which the sentence or the source says something."""
        for name, reading in self.readings.items():
            if reading.sentence or reading.source:
                yield name, reading


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
    words = dict.fromkeys(match.number.words(one[:2]) for one in said)
    alien = {one.code for one in said if not is_counted(match, one)}
    fits = any(known.related(name, one.code, own) for one in said if own)
    is_same = fits and alien <= {own, *known.said(name, match.row)}
    return Reading(", ".join(words) or None, source, bool(source) and is_same)
