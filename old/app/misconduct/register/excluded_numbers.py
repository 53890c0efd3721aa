"""Read `not-statistics/*.csv`: the other numbers in a document, with the reason why each is not a statistic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from misconduct.register.csv_files import Row, Table
from misconduct.register.files import RegisterFile
from misconduct.register.mistakes import Mistakes, Refused
from misconduct.register.references import KnownIds
from misconduct.register.rules import check_place

COLUMNS = ("printed", "at", "reason", "note")


class ExcludedNumber(NamedTuple):
    """A number that is not a statistic, with its row."""

    table: Table
    row: Row
    printed: str
    at: str


def read_excluded_numbers(file: RegisterFile, known: KnownIds, mistakes: Mistakes) -> list[ExcludedNumber]:
    """Read one file and return its valid rows. Report what is wrong with the others."""
    table, lines_of = Table(file, COLUMNS, COLUMNS[:3], mistakes), dict[str, int]()
    right: list[ExcludedNumber] = []
    for row in table.rows():
        printed, at, reason, _ = row.cells
        faults = [*_faults(printed, at, reason, known)]
        if at in lines_of:
            faults.append(
                Refused("duplicate_place", f"{at} is already in line {lines_of[at]}", "each place once", column="at")
            )
        lines_of[at] = row.line
        for refused in faults:
            table.refuse(row, refused.column, refused)
        if not faults:
            right.append(ExcludedNumber(table, row, printed, at))
    return right


def _faults(printed: str, at: str, reason: str, known: KnownIds) -> Iterator[Refused]:
    try:
        if not printed:
            yield Refused("empty_cell", "printed is empty", column="printed")
        check_place(printed, at, "at")
    except Refused as refused:
        yield refused
    try:
        known.require("not_statistic_reason", reason)
    except Refused as refused:
        refused.column = "reason"
        yield refused
