"""The CSV files of a bundle, row by row, within bounds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from app.domain.table import Table
from app.formats.csv import encode_csv
from app.register.files import LONGEST, RegisterFile
from app.register.mistakes import Mistakes, Place, Refused

SHOWN, BEFORE = 60, 20
"""Characters of a cell that a message shows, and how many of them stand before the first that is not as sealed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the file and line where it begins, and its cells by column."""

    file: RegisterFile
    line: int
    cells: Mapping[str, str]

    def refuse(self, mistakes: Mistakes, code: str, found: str, allowed: str = "", column: str = "") -> None:
        """Reports a mistake of this row, at the cell's number where a column is named."""
        number = [*self.cells].index(column) + 1 if column else 0
        mistakes.report_at(Place(self.file.name, self.line, number), Refused(code, found, allowed))


def read_rows(file: RegisterFile, mistakes: Mistakes) -> Iterator[Row]:
    """The rows under the header, up to the first that cannot be read, which is reported."""
    lines = _Lines(file)
    rows, header, line = csv.reader(lines, strict=True), list[str](), 1
    try:
        header = next(rows, [])
        for cells in rows:
            line, began = rows.line_num, line + 1
            if len(cells) != len(header) or len(set(header)) < len(header):
                found = f"this row has {len(cells)} cells, and the header {len(set(header))} columns"
                mistakes.report_at(Place(file.name, began, 1), Refused("cell_count", found))
                return
            yield Row(file, began, dict(zip(header, cells, strict=True)))
    except (csv.Error, ValueError) as error:
        mistakes.report_at(Place(file.name, lines.number, 1), Refused("csv_syntax", f"this cannot be read: {error}"))


def compare(row: Row, expected: Mapping[str, str], mistakes: Mistakes) -> None:
    """Reports every cell that is not as expected. Columns that this version of the program does not know are left."""
    for column in row.cells.keys() & expected.keys():
        if row.cells[column] != expected[column]:
            found, sealed = excerpts(row.cells[column], expected[column])
            allowed = f"what is sealed makes it {sealed!r}"
            row.refuse(mistakes, "not_sealed", f"{column} is {found!r}", allowed, column)


def below(base_url: str, cells: dict[str, str]) -> dict[str, str]:
    """Return the cells as a bundle has them whose addresses begin with `base_url`: old bundles name their service."""
    return cells | {"cite_as": base_url + cells["cite_as"]} if "cite_as" in cells else cells


def excerpts(one: str, other: str) -> tuple[str, str]:
    """Of two texts the same part, where they first differ, with … for what is left out."""
    first = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    start = max(first - BEFORE, 0) if first >= SHOWN - BEFORE else 0
    return _excerpt(one, start), _excerpt(other, start)


def _excerpt(text: str, start: int) -> str:
    end = start + SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def encode_rows(table: Table) -> Iterator[dict[str, str]]:
    """The rows of a table as a CSV file has them, by column."""
    text = b"".join(encode_csv(table)).decode()
    return csv.DictReader(io.StringIO(text, newline=""), strict=True)


class _Lines:
    """The lines of a file; none is held that is longer than a megabyte."""

    def __init__(self, file: RegisterFile) -> None:
        self._file, self.number = file, 0

    def __iter__(self) -> Iterator[str]:
        with self._file.path.open("rb") as stream:
            while line := stream.readline(LONGEST + 1):
                self.number += 1
                if len(line) > LONGEST:
                    raise ValueError("a line is longer than 1 MB")
                yield line.decode()
