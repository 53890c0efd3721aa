"""What a picture draws by year as tables for pages: a row for each series, and the newest year first."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from misconduct.charts.choose import Plan
from misconduct.charts.entries import Entry, Line, trim
from misconduct.model.catalogue import Catalogue
from misconduct.model.wording import statement_and_kind

NOT_COVERED = "the source does not cover the year"

NOTES = {
    "revised": "* The publisher revised this number.",
    "break": "(break) From this year on it was counted in another way.",
    "part": "(part) The number is for a part of the year.",
    "provisional": "(provisional) The number may still change.",
    "zero": "0 is what the document has. It need not mean that nothing happened.",
}


@dataclass(frozen=True)
class YearTable:
    """The rows of a table under their headings, each with what it is called."""

    groups: Mapping[str, Sequence[tuple[str, Line]]]

    @property
    def lines(self) -> list[Line]:
        """Its rows."""
        return [line for group in self.groups.values() for _, line in group]

    @property
    def years(self) -> list[str]:
        """Its columns, the newest first."""
        return [slot.year for slot in reversed(self.lines[0].slots)]

    @property
    def notes(self) -> list[str]:
        """What a reader must know of its marks, and why cells are empty."""
        slots = [slot for line in self.lines for slot in line.slots]
        reasons = dict.fromkeys(slot.reason or NOT_COVERED for slot in slots if not slot.entry)
        marks = {mark for line in self.lines for entry in line.entries for mark in find_marks(entry)}
        empty = [f"– No number: {'; '.join(reasons).removesuffix('.')}."] if reasons else []
        return [*(text for mark, text in NOTES.items() if mark in marks), *empty]


def find_marks(entry: Entry) -> Iterator[str]:
    """Yield what a number in a table must not be read without."""
    row = entry.row
    yield from ["part"] * (row["coverage"] == "part")
    yield from [row["mark"]] * (row["mark"] in NOTES)
    yield from ["zero"] * (row["value"] == 0)


def tabulate(plan: Plan, catalogue: Catalogue) -> list[YearTable]:
    """Return what a picture draws by year as tables. Rows of several measures stand below the labels of these.

    All are in the order of the alphabet, since the largest number of complaints is not the first step of anything.
    """
    by_years = defaultdict[tuple[str, ...], list[Line]](list)
    for block in plan.blocks:  # a whole is a block before its parts
        for line in sorted(block.lines, key=lambda line: line.name):
            by_years[tuple(slot.year for slot in line.slots)].append(line)
    tables = []
    for alike in by_years.values():
        lines = trim(alike, to_figures=True)
        has_measures = len({line.key["measure"] for line in lines}) > 1
        groups = defaultdict[str, list[tuple[str, Line]]](list)
        for line in lines:
            heading = catalogue.label("measure", line.key["measure"]) if has_measures else ""
            groups[heading].append((line.name or statement_and_kind(line.key, catalogue), line))
        tables.append(YearTable({heading: groups[heading] for heading in sorted(groups)}))
    return tables
