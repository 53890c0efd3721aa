"""Warn of what a reader of a list could get wrong: add it up, compare it, or take it for all that there is."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Notice(NamedTuple):
    """A warning: its code, and a sentence about the list."""

    code: str
    detail: str


@dataclass(frozen=True)
class Facts:
    """What is known of all figures that a request finds, also of those on other pages.

    `has_parts` is true if one of them is a part of another one of them; the same goes for repetitions, and for figures
    of several sources that count the same thing. `disagreements` has the number of them in each disagreement.
    `left_out` is the number of figures that `year` leaves out because they are not for a year (then `by_year` is true),
    or that `year_from` and `year_to` leave out because they are without dates.
    """

    total: int
    has_parts: bool
    has_repetitions: bool
    has_unlike_units: bool
    has_other_than_counts: bool
    has_unlike_kinds: bool
    has_several_sources: bool
    has_part_years: bool
    disagreements: Counter[str]
    left_out: int
    by_year: bool


WARNINGS: tuple[tuple[str, str, Callable[[Facts], bool]], ...] = (
    (
        "whole_and_parts",
        "Some of these figures are parts of others: a sum counts the parts twice. Add count_once=1 to leave out parts.",
        lambda facts: facts.has_parts,
    ),
    (
        "repeated_claims",
        "Some of these figures repeat others: a sum counts them twice. Add count_once=1 to leave out repetitions.",
        lambda facts: facts.has_repetitions,
    ),
    (
        "unlike_units",
        "These figures are in different units. Do not add them up.",
        lambda facts: facts.has_unlike_units,
    ),
    (
        "unlike_units",
        "Some of these figures are shares, averages or changes. Do not add them up.",
        lambda facts: facts.has_other_than_counts and not facts.has_unlike_units,
    ),
    (
        "unlike_kinds",
        "These groups may overlap. Adding them may count people twice.",
        lambda facts: facts.has_unlike_kinds,
    ),
    (
        "stated_by_several",
        "Several sources count the same thing for the same period. Choose one source, or a sum counts it twice.",
        lambda facts: facts.has_several_sources,
    ),
    (
        "look_alikes",
        "Some of these figures look alike but differ. /v1/disagreements says why.",
        lambda facts: any(figures > 1 for figures in facts.disagreements.values()),
    ),
    (
        "part_years",
        "Some of these figures cover only part of a year. Do not compare them with whole years.",
        lambda facts: facts.has_part_years,
    ),
)
"""The code and the sentence of each warning, and when it applies. Those about sums come first."""


def find_warnings(facts: Facts) -> Iterator[Notice]:
    """Yield the warnings about a list."""
    for code, detail, applies in WARNINGS:
        if applies(facts):
            yield Notice(code, detail)
    if facts.left_out:
        is_one = facts.left_out == 1
        are, have = ("is", "has") if is_one else ("are", "have")
        reason = f"{are} not for a single year" if facts.by_year else f"{have} no dates"
        figures = "1 figure" if is_one else f"{facts.left_out} figures"
        yield Notice("undated_left_out", f"{figures} {reason} and {are} left out.")


def warn_of_revisions(release: str, newest: str) -> Notice:
    """Return the warning that figures of a release have been revised or withdrawn since."""
    detail = (
        f"Some of these figures were revised or withdrawn after release {release}. Compare them with release {newest}."
    )
    return Notice("superseded", detail)
