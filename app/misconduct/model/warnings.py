"""Warn of what a reader of a list could get wrong: add it up, compare it, or take it for all that there is."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.shapes import Warned
from misconduct.model.wording import capitalise, say_caveat

MOST_READ = 5_000
"""How many of the figures that a request finds are read for its total, for its warnings, and for the order of a search.

Reading these takes a tenth of a second; an answer with more says "at least".
"""


class Missing(NamedTuple):
    """Filters, and values of filters, for which a request finds nothing.

    `values` are those of each filter that find nothing beside others that do. If nothing at all is found, `without`
    has how many figures there are without each condition, and in which datasets, or the indicators or places that have
    most of them. `near_years` has how many figures there are for years that overlap those asked for, but begin in
    another month.
    """

    values: Mapping[str, Sequence[Any]]
    without: Mapping[str, tuple[int, Sequence[str]]]
    near_years: Mapping[str, int]


@dataclass(frozen=True)
class Facts:
    """Facts about the figures that a request finds, also about those on other pages.

    Of very many only some are read: then `total` is how many there are at least.

    `warned_of` are the codes of the warnings that they need. `disagreements` has the number of them in each
    disagreement. `caveats` are those that all of them have. `left_out` is the number of figures that the filter
    by year leaves out although they may be about these years.
    """

    total: int
    is_at_least: bool
    warned_of: frozenset[str]
    disagreements: Counter[str]
    caveats: Sequence[str]
    left_out: int
    missing: Missing


def warn(facts: Facts, catalogue: Catalogue) -> list[Warned]:
    reason = (
        "without a date, or for several years, another kind of year, or a day or month"
    )
    shared = [
        Warned(code="caveat", detail=say_caveat(one, catalogue))
        for one in facts.caveats
    ]
    left_out = [warn_of_left_out(facts.left_out, reason)] if facts.left_out else []
    return warn_of(facts.warned_of) + left_out + shared


def caveats_last(warnings: Sequence[Warned]) -> list[Warned]:
    """Return warnings in their order, but for what all figures share: that may be long, so it comes last."""
    return sorted(warnings, key=lambda one: one["code"] == "caveat")


def warn_of(codes: Collection[str]) -> list[Warned]:
    known = PROGRAM_LISTS["warning"]
    return [
        Warned(code=code, detail=known[code]["definition"])
        for code in known
        if code in codes
    ]


def warn_of_left_out(number: int, reason: str) -> Warned:
    left_out = (
        f"{say_number(number)} figure{' is' if number == 1 else 's are'} left out"
    )
    return Warned(code="undated_left_out", detail=f"{capitalise(left_out)}: {reason}.")


def say_number(figures: int) -> str:
    """Say how many figures were read: of `MOST_READ` there may be more."""
    return f"{'at least ' if figures >= MOST_READ else ''}{figures:,}"
