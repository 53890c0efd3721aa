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
    Code("provisional", "Provisional", "The figure may still change: cases are pending, or the source says so."),
    Code("revised", "Revised by the publisher", "The publisher has revised an earlier figure."),
    Code("break", "Not comparable with earlier years", "The figure was counted differently from earlier ones."),
)

STANDING = (
    Code("current", "Current", "The figure has not changed, though its codes may have."),
    Code(
        "continued",
        "Right for its dates",
        "The number is right for its dates. The figure now runs to a later date, and no part of it was revised.",
    ),
    Code(
        "revised",
        "Revised",
        "The figure has changed: it has another number, period or meaning. If it only runs longer, it is continued.",
    ),
    Code("ended", "Withdrawn", "The register no longer has the figure; replaced_by names the one to use, if any."),
    Code("unknown", "Not known", "There is no such figure, or it was never printed with this number."),
)
RELATION = (
    Code("same", "Same", "They say the same."),
    Code("narrower", "Narrower", "The first one covers a part of what the second one covers."),
    Code("broader", "Broader", "The first one covers what the second one covers, and more."),
    Code("different", "Different", "They say different things."),
    Code("unstated", "Not stated", "At least one of them does not say."),
)
VERDICT = (
    Code("same", "They count the same thing", "They agree in everything that is compared."),
    Code("repeated", "One claim, printed again", "They print one claim. Count it once."),
    Code("comparable", "Comparable", "You can compare them: only the area or the period differs."),
    Code("different", "They count different things", "Don’t present them as one statistic."),
    Code("unstated", "Cannot tell", "The sources do not say enough to tell whether they count the same thing."),
)

GAP = (
    Code("filtered_out", "Left out by your filters", "There is a figure for the year, and your filters exclude it."),
    Code("withheld", "Refused", "Publication was refused."),
    Code(
        "not_counted", "None in the file", "The file that this register counted covers the year, and has no such case."
    ),
    Code("none_so_far", "None in the file so far", "The file has no such case yet, and the year is unfinished."),
    Code(
        "other_year",
        "Counted by another kind of year",
        "The source’s years begin in another month: it has 2019/20 and the table 2019, or the other way round.",
    ),
    Code(
        "not_stated", "This source gives no figure", "The source covers the year, but gives no figure. It is not zero."
    ),
    Code("window_undated", "Dates of the period not given", "The period has no dates, and may reach the year."),
    Code("outside_window", "Outside the period", "The file or the figures begin after the year, or end before it."),
)

WARNING = (
    Code(
        "whole_and_parts",
        "A whole and its parts",
        "Some of these figures are parts of others: a sum counts the parts twice. Add count_once=1 to leave out parts.",
    ),
    Code(
        "repeated_claims",
        "Repeated claims",
        "Some of these figures repeat others: a sum counts them twice. Add count_once=1 to leave out repetitions.",
    ),
    Code(
        "unlike_units",
        "Different units",
        "These figures are in different units, or are shares, averages or changes. Do not add them up.",
    ),
    Code("unlike_kinds", "Overlapping groups", "These groups may overlap. Adding them may count people twice."),
    Code(
        "stated_by_several",
        "Several sources",
        "Several sources count the same thing for the same period. Choose one source, or a sum counts it twice.",
    ),
    Code(
        "look_alikes",
        "Figures that look alike",
        "Some of these figures look alike but differ. /v1/disagreements says why.",
    ),
    Code(
        "part_years",
        "Parts of years",
        "Some of these figures cover only part of a year. Do not compare them with whole years.",
    ),
    Code(
        "provisional",
        "Numbers that may still change",
        "Some of these figures may still change: cases are pending, or the source says so.",
    ),
    Code(
        "undated_left_out",
        "Undated figures left out",
        "Some figures may be about these years, but are left out because of their dates.",
    ),
    Code("superseded", "Revised since", "Some figures were revised or withdrawn in a later release."),
)

PROGRAM_LISTS: dict[str, tuple[Code, ...]] = {
    "basis": BASIS,
    "coverage": COVERAGE,
    "dated_by": DATED_BY,
    "gap": GAP,
    "mark": MARK,
    "relation": RELATION,
    "standing": STANDING,
    "verdict": VERDICT,
    "warning": WARNING,
}
