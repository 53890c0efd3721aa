"""The code lists that belong to the program: what it computes itself, in every release.

All other lists are part of the register (`data/codelists/`), so that each release has its own.
"""

from typing import NamedTuple


class Code(NamedTuple):
    """A code, its label and its definition."""

    code: str
    label: str
    definition: str


COVERAGE = (
    Code("whole", "Whole year", "The figure covers all of its year."),
    Code("part", "Part of the year", "It covers a part of its year, or was published before the year ended."),
    Code("window", "Several years, or another window", "The figure covers a period that is not a year."),
    Code("point", "At one time", "The figure is for a day or a month, or for now."),
    Code("unstated", "Not stated", "The source states no period, or it is unclear how much of the year is covered."),
)
DATED_BY = (
    Code("source", "The source", "The source gives the dates of the period."),
    Code("publication", "The publication", "Only the date of publication bounds the period."),
)
BASIS = (
    Code("stated", "Stated", "The source states the figure."),
    Code("derived", "Derived", "This register counted the figure from a file that the source published."),
)
MARK = (
    Code("provisional", "Provisional", "The source says that the figure may still change."),
    Code("revised", "Revised by the publisher", "The publisher has revised an earlier figure."),
    Code("break", "Not comparable with earlier years", "The figure was made in another way than those before it."),
)

PROGRAM_LISTS: dict[str, tuple[Code, ...]] = {
    "basis": BASIS,
    "coverage": COVERAGE,
    "dated_by": DATED_BY,
    "mark": MARK,
}
