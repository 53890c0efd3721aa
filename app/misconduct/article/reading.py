"""Say what a sentence and a source say of one field. All fields and differences are in `model/codes.csv`."""

from collections.abc import Sequence
from typing import NamedTuple

from misconduct.article.match import Match
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.wording import lower

GRAVITY = [*PROGRAM_LISTS["difference"]]
"""The codes of differences, the gravest first."""

SAYS_NOTHING = ("unstated", "not_applicable", "other", None)


class Difference(NamedTuple):
    """A difference of a text and a figure; `suggest` has words to print where these are safe."""

    code: str
    detail: str
    suggest: str | None = None


class Reading(NamedTuple):
    """What a sentence says of a field and what its source does, in their words, or None, and what differs.

    `is_same` is only said where the words of the sentence surely say what the source does.
    """

    sentence: str | None = None
    source: str | None = None
    is_same: bool = False
    differences: Sequence[Difference] = ()

    @property
    def is_unread(self) -> bool:
        """Whether the sentence says something that may be the same or not."""
        return bool(self.sentence) and not self.is_same


def label(match: Match, name: str, code: str | None = None) -> str:
    """Return what a code is called inside a sentence; without a code, that of the figure."""
    words = match.known.catalogue.label(name, code or match.row[name])
    return words if name in ("area", "stated_by") else lower(words)
