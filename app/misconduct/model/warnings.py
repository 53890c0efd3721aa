"""Warn of what a reader of a list could get wrong: add it up, compare it, or take it for all that there is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from misconduct.model.codes import PROGRAM_LISTS


class Warned(NamedTuple):
    """A warning: its code, and a sentence about the list."""

    code: str
    detail: str


@dataclass(frozen=True)
class Facts:
    """What is known of all figures that a request finds, also of those on other pages.

    `warned_of` are the codes of the warnings that they need. `disagreements` has the number of them in each
    disagreement. `left_out` is the number of figures that filters by year leave out although they may be about these
    years; `by_year` is true if one of the filters is `year`.
    """

    total: int
    warned_of: frozenset[str]
    disagreements: Counter[str]
    left_out: int
    by_year: bool


def warn(facts: Facts) -> Iterator[Warned]:
    """Yield the warnings about a list."""
    for warning in PROGRAM_LISTS["warning"]:
        if warning.code in facts.warned_of:
            yield Warned(warning.code, warning.definition)
    if facts.left_out:
        reason = "undated, or for several years, a moment, or a year that begins in another month"
        yield warn_of_left_out(
            facts.left_out, reason if facts.by_year else "without dates, or only partly in these years"
        )


def warn_of_left_out(number: int, reason: str) -> Warned:
    """Return the warning that figures are left out."""
    figures = "1 figure is" if number == 1 else f"{number} figures are"
    return Warned("undated_left_out", f"{figures} left out: {reason}.")


def warn_of_revisions(release: str, newest: str) -> Warned:
    """Return the warning that figures of a release have been revised or withdrawn since."""
    detail = (
        f"Some of these figures were revised or withdrawn after release {release}. Compare them with release {newest}."
    )
    return Warned("superseded", detail)
