"""Read CSV files of the register, row by row or many rows at once, with the place of every cell."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from operator import itemgetter
from typing import NamedTuple

from misconduct.register.files import LONGEST, Lines, RegisterFile
from misconduct.register.mistakes import Mistakes, Place, Refused, suggest

Cells = tuple[str, ...]

_BATCH = 1_000

MOST_COLUMNS = 100
"""A header with more is not examined column by column."""


class Row(NamedTuple):
    """A row: the line (from 1) where it begins, its text, and its cells in the order of the table's columns."""

    line: int
    text: str
    cells: Cells


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table by column: the line where each begins, their texts, and the cells of each column."""

    lines: Sequence[int]
    texts: Sequence[str]
    columns: Mapping[str, Cells]

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, number: int) -> Row:
        return Row(self.lines[number], self.texts[number], tuple(cells[number] for cells in self.columns.values()))

    def __iter__(self) -> Iterator[Row]:
        return map(self.__getitem__, range(len(self)))

    def choose(self, numbers: Sequence[int]) -> Rows:
        """Return some of the rows."""
        if len(numbers) == len(self):
            return self

        def chosen(cells: Sequence[str]) -> Cells:
            return tuple(map(cells.__getitem__, numbers))

        columns = {name: chosen(cells) for name, cells in self.columns.items()}
        return Rows([self.lines[number] for number in numbers], chosen(self.texts), columns)


class Table:
    """A CSV file with a header. Columns that it lacks are empty."""

    def __init__(self, file: RegisterFile, columns: Cells, required: Collection[str], mistakes: Mistakes) -> None:
        self.file, self.columns, self._required, self._mistakes = file, columns, required, mistakes
        self._lines = Lines(file, mistakes)
        self._header: list[str] = []

    @property
    def absent(self) -> list[str]:
        """List the columns that the header lacks."""
        return [column for column in self.columns if column not in self._header]

    @property
    def size(self) -> int:
        """Bytes read so far."""
        return self._lines.size

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header. Report those that do not have a cell for each column."""
        rows = self._split()
        if not self._read_header(rows):
            return
        positions = [self._header.index(column) if column in self._header else -1 for column in self.columns]
        choose, width = itemgetter(*positions), len(self._header)
        for line, text, cells in rows:
            if len(cells) == width:
                cells.append("")  # the cell of a missing column
                yield Row(line, text, choose(cells))
            else:
                self._report_width(Row(line, text, ()), len(cells), width)

    def batches(self) -> Iterator[Rows]:
        """Yield the same rows, many at once: limited in rows and in text."""
        rows = self._split()
        if not self._read_header(rows):
            return
        width, batch, size = len(self._header), list[tuple[int, str, list[str]]](), 0
        for row in rows:
            if len(row[2]) != width:
                self._report_width(Row(*row[:2], ()), len(row[2]), width)
                continue
            batch.append(row)
            size += len(row[1])
            if len(batch) == _BATCH or size > LONGEST:
                yield self._by_column(batch)
                batch, size = [], 0
        if batch:
            yield self._by_column(batch)

    def _by_column(self, batch: list[tuple[int, str, list[str]]]) -> Rows:
        lines, texts, cells = zip(*batch, strict=True)
        there = dict(zip(self._header, zip(*cells, strict=True), strict=True))
        absent = ("",) * len(batch)
        return Rows(lines, texts, {name: there.get(name, absent) for name in self.columns})

    def refuse(self, row: Row, column: str, refused: Refused) -> None:
        """Report a mistake in a cell of a row."""
        self._mistakes.report(refused, lambda: self.place(row, column))

    def place(self, row: Row, column: str) -> Place:
        """Return where the cell of that column begins, or the row if it has no such cell."""
        index = self._header.index(column) if column in self._header else 0
        down, across = cell_start(row.text, index)
        return Place(self.file.name, row.line + down, across)

    def _split(self) -> Iterator[tuple[int, str, list[str]]]:
        lines = self._lines
        for texts in lines.blocks():
            try:
                several = [*csv.reader(texts, strict=True)]
            except csv.Error:
                break
            if len(several) < len(texts):
                break  # a row has several lines
            yield from zip(count(lines.number + 1), texts, several)
        rows, line = csv.reader(lines, strict=True), lines.number + 1
        while True:
            try:
                for cells in rows:
                    yield line, lines.pop_row_text(), cells
                    line = lines.number + 1
            except csv.Error as error:
                found = f"this row cannot be read as CSV: {error}"
                allowed = 'close the double quotes; inside them, write "" for a double quote'
                self.refuse(Row(line, lines.pop_row_text(), ()), "", Refused("csv_syntax", found, allowed))
                line = lines.number + 1
            else:
                return

    def _read_header(self, rows: Iterator[tuple[int, str, list[str]]]) -> bool:
        """Return whether the rows below the header can be read. One that could not be read lacks no column."""
        unread, was_unread = self._mistakes.unreadable_files, self.file.name in self._mistakes.unreadable_files
        line, text, self._header = next(rows, (1, "", []))
        if self.file.name in unread and not was_unread:
            return False
        return self._has_good_header(Row(line, text, ()))

    def _has_good_header(self, row: Row) -> bool:
        """Return whether the rows can be read. A misspelt column is not reported as missing as well."""
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
            self.refuse(row, column, Refused("duplicate_column", f"the column {column!r} appears more than once"))
        missing = [column for column in self.absent if column in self._required and column not in meant]
        for column in missing:
            self.refuse(row, "", Refused("missing_column", f"the column {column!r} is missing"))
        return not unknown and not twice and not missing

    def _report_width(self, row: Row, found: int, width: int) -> None:
        hint = "" if found < width else "; put a cell that contains a comma in double quotes"
        self.refuse(row, "", Refused("cell_count", f"this row has {found} cells", f"{width}, as in the header{hint}"))


def cell_start(row: str, index: int) -> tuple[int, int]:
    """Return the line (from 0) and column (from 1) where the cell of that index (from 0) begins in a row's text."""
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
    """Parse a version number. Raises Refused."""
    if not (text.isascii() and text.isdigit()) or text.startswith("0") or len(text) > 6:
        raise Refused("bad_version", f"{text!r} is not a version", "1, 2, 3, …", column="version")
    return int(text)
