"""Tables by year on pages: the rows of `Wide` that a picture draws, with their names, the newest year first."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from misconduct.charts.choose import Chart, Plan
from misconduct.charts.entries import Line, find_reach, name_gap
from misconduct.model.by_year import Wide, find_marks
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.wording import statement_and_kind

NOT_COVERED = "the source does not cover the year"

NOTES = {
    "revised": "* The publisher revised this number.",
    "break": "(break) From this year on it was counted in another way.",
    "part": "(part) The number is for a part of the year.",
    "provisional": "(provisional) The number may still change.",
}
ZERO = "0 is what the document has. It need not mean that nothing happened."


class YearTable(NamedTuple):
    """The years of a table, its rows by their headings, and what a reader must know of marks and empty cells."""

    years: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str]


def tabulate(chart: Chart, plan: Plan) -> list[YearTable]:
    """Return what a picture draws by year as tables. Rows of several measures stand below the labels of these.

    All are in the order of the alphabet, since the largest number of complaints is not the first step of anything.
    """
    by_years = defaultdict[bool, list[Line]](list)
    for block in plan.blocks:  # a whole is a block before its parts
        for line in sorted(block.lines, key=lambda line: line.name):
            by_years["/" in line.slots[0].year].append(line)
    return [_make_table(lines, chart) for lines in by_years.values()]


def _make_table(lines: Sequence[Line], chart: Chart) -> YearTable:
    drawn = {slot.year for line in lines for slot in line.slots if slot.entry}
    years = [year for year in chart.years if ("/" in year.label) == ("/" in min(drawn))]
    layout = Wide([one for one in years if min(drawn) <= one.label <= max(drawn)], chart.view, has_labels=False)
    series, catalogue = {one.key["id"]: one for one in chart.series}, chart.view.catalogue
    has_measures, rows = len({line.key["measure"] for line in lines}) > 1, []
    for line in lines:
        [row] = layout.rows(series[line.key["id"]])
        row["heading"] = catalogue.label("measure", row["measure"]) if has_measures else ""
        row["name"] = line.name or statement_and_kind(row, catalogue)
        row["years"] = {label: one for label, one in row["years"].items() if one and find_reach(one) is not None}
        row["window"] = line.window and line.window.row
        rows.append(row)
    rows.sort(key=lambda row: str(row["heading"]))
    labels = [year.label for year in layout.years]
    return YearTable(labels, rows, [*_find_notes(rows, labels, catalogue)])


def _find_notes(rows: Sequence[Row], labels: Sequence[str], catalogue: Catalogue) -> Iterator[str]:
    figures = [figure for row in rows for figure in (*row["years"].values(), row["window"]) if figure]
    marks = {mark for figure in figures for mark in find_marks(figure)}
    yield from (text for mark, text in NOTES.items() if mark in marks)
    if any(figure["value"] == 0 for figure in figures):
        yield ZERO
    empty = [row["gaps"][label] for row in rows for label in reversed(labels) if label not in row["years"]]
    if empty:
        reasons = dict.fromkeys(name_gap(gap, catalogue) or NOT_COVERED for gap in empty)
        yield f"– No number: {'; '.join(reasons).removesuffix('.')}."
