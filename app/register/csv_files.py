"""CSV files of the register, row by row, with the place of every cell."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from operator import itemgetter
from typing import NamedTuple

from app.register.files import Lines, RegisterFile
from app.register.mistakes import Mistakes, Place, Refused, suggest

Cells = tuple[str, ...]

MOST_COLUMNS = 100
"""In a header whose columns are looked at one by one."""


class Row(NamedTuple):
    """One row: the line (from 1) in which it begins, its text, and its cells in the order of the table's columns."""

    line: int
    text: str
    cells: Cells


class Table:
    """A CSV file with a header. Columns that it does not have are empty."""

    def __init__(self, file: RegisterFile, columns: Cells, required: Collection[str], mistakes: Mistakes) -> None:
        self.file, self.columns, self._required, self._mistakes = file, columns, required, mistakes
        self._lines = Lines(file, mistakes)
        self._header: list[str] = []

    @property
    def absent(self) -> list[str]:
        """The columns that the header does not have."""
        return [column for column in self.columns if column not in self._header]

    @property
    def size(self) -> int:
        """Bytes read so far."""
        return self._lines.size

    def rows(self) -> Iterator[Row]:
        """The rows under the header; those that cannot be split into its cells are reported."""
        rows = self._split()
        line, text, self._header = next(rows, (1, "", []))
        if not self._has_good_header(Row(line, text, ())):
            return
        positions = [self._header.index(column) if column in self._header else -1 for column in self.columns]
        choose, width = itemgetter(*positions), len(self._header)
        for line, text, cells in rows:
            if len(cells) == width:
                cells.append("")  # what a column that is not there holds
                yield Row(line, text, choose(cells))
            else:
                self._report_width(Row(line, text, ()), len(cells), width)

    def refuse(self, row: Row, column: str, refused: Refused) -> None:
        """Reports a mistake in a cell of a row."""
        self._mistakes.report(refused, lambda: self.place(row, column))

    def place(self, row: Row, column: str) -> Place:
        """Where the cell of that column begins; the row's beginning if there is no such cell."""
        index = self._header.index(column) if column in self._header else 0
        down, across = cell_start(row.text, index)
        return Place(self.file.name, row.line + down, across)

    def _split(self) -> Iterator[tuple[int, str, list[str]]]:
        rows, lines, line = csv.reader(self._lines, strict=True), self._lines, 1
        while True:
            try:
                for cells in rows:
                    yield line, lines.take_row(), cells
                    line = lines.number + 1
            except csv.Error as error:
                found = f"this row cannot be read as CSV: {error}"
                allowed = 'a cell in double quotes ends with one; inside, "" stands for one'
                self.refuse(Row(line, lines.take_row(), ()), "", Refused("csv_syntax", found, allowed))
                line = lines.number + 1
            else:
                return

    def _has_good_header(self, row: Row) -> bool:
        """Whether the rows can be read. A column that is missing because it is misspelt is not reported twice."""
        header, meant = self._header, set[str]()
        if len(header) > MOST_COLUMNS:
            found = f"this header has {len(header):,} columns"
            self.refuse(row, "", Refused("cell_count", found, ", ".join(self.columns)))
            return False
        unknown = [column for column in header if column not in self.columns]
        twice = [column for column in dict.fromkeys(header) if header.count(column) > 1]
        for column in unknown:
            near = (column, [name for name in self.absent if name not in meant])
            meant.add(suggest(near))
            found = f"there is no column {column!r}"
            self.refuse(row, column, Refused("unknown_column", found, ", ".join(self.columns), near=near))
        for column in twice:
            self.refuse(row, column, Refused("duplicate_column", f"the column {column!r} stands here more than once"))
        missing = [column for column in self.absent if column in self._required and column not in meant]
        for column in missing:
            self.refuse(row, "", Refused("missing_column", f"the column {column!r} is missing"))
        return not unknown and not twice and not missing

    def _report_width(self, row: Row, found: int, width: int) -> None:
        hint = "" if found < width else "; a cell that holds a comma stands in double quotes"
        self.refuse(row, "", Refused("cell_count", f"this row has {found} cells", f"{width}, as in the header{hint}"))


def cell_start(row: str, index: int) -> tuple[int, int]:
    """Line (from 0) and column (from 1) at which the cell of that index (from 0) begins in a row's text."""
    cell, is_quoted, start = 0, False, 0
    for position, character in enumerate(row):
        if cell == index:
            break
        if character == '"':
            is_quoted = not is_quoted
        elif character == "," and not is_quoted:
            cell, start = cell + 1, position + 1
    return row.count("\n", 0, start), start - row.rfind("\n", 0, start)


def parse_version(text: str) -> int:
    """A version's number. Raises Refused."""
    if not (text.isascii() and text.isdigit()) or text.startswith("0") or len(text) > 6:
        raise Refused("bad_version", f"{text!r} is no version", "1, 2, 3, …", column="version")
    return int(text)
