"""The CSV tables of a bundle, row by row, within bounds; compared with what the sealed records make them."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile, zip_longest

from misconduct.bundles import LONGEST_LINE
from misconduct.formats.csv import encode_csv
from misconduct.model.catalogue import MANY_SAID
from misconduct.model.kinds import KINDS
from misconduct.model.record_tables import COMPUTED_COLUMNS
from misconduct.model.table import Table
from misconduct.register.files import RegisterFile
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.rules import DERIVED

Cells = Mapping[str, str]
"""The cells of a row, by column."""

SHOWN, BEFORE = 60, 20
"""Characters of a cell that a message shows, and how many of them precede the first difference."""


OTHERWISE = "computed_otherwise"
"""The code of a cell that is computed from what is sealed, and not as this program computes it."""

COMPUTED: Mapping[str, Collection[str]] = {
    **{
        f"{KINDS[kind].table}.csv": {str(KINDS[kind].computed), *(one.name for one in COMPUTED_COLUMNS.get(kind, ()))}
        for kind in ("check", "disagreement")
    },
    "observations.csv": {*MANY_SAID, "repeats", "denominator", *(name for names, _ in DERIVED for name in names)},
}
"""The columns of such cells, by table."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the file and line where it begins, and its cells."""

    file: RegisterFile
    line: int
    cells: Cells

    @property
    def place(self) -> Place:
        """Where the row begins."""
        return Place(self.file.name, self.line, 1)

    def compare(self, expected: Cells, mistakes: Mistakes) -> None:
        """Report every cell that is not as expected, in the columns that are there."""
        if self.cells == expected:
            return
        for number, (column, cell) in enumerate(self.cells.items(), 1):
            if cell != expected.get(column, cell):
                found, sealed = excerpts(cell, expected[column])
                is_computed = column in COMPUTED.get(self.file.name, ())
                allowed = f"this program computes {sealed!r}" if is_computed else f"it should be {sealed!r}"
                refused = Refused(OTHERWISE if is_computed else "not_sealed", f"{column} is {found!r}", allowed)
                mistakes.report_at(Place(self.file.name, self.line, number), refused)


def read_rows(file: RegisterFile, mistakes: Mistakes) -> Iterator[Row]:
    """Yield the rows under the header, up to the first that cannot be read, which is reported."""
    lines = BoundedLines(file)
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


def read_header(file: RegisterFile) -> list[str]:
    """Return the names in the header; none if it cannot be read."""
    with suppress(csv.Error, ValueError):
        return next(csv.reader(BoundedLines(file), strict=True), [])
    return []


def encode_rows(table: Table, base_url: str = "") -> Iterator[dict[str, str]]:
    """Yield the rows of a table as a CSV file has them.

    Addresses begin with `base_url`, because old bundles name their service.
    """
    text = b"".join(encode_csv(table)).decode()
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(rows)
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        if base_url and "cite_as" in cells:
            cells["cite_as"] = base_url + cells["cite_as"]
        yield cells


def compare_table(
    file: RegisterFile, table: Table, base_url: str, mistakes: Mistakes, lacked: Collection[str] = ()
) -> None:
    """Report every row of a table of records, in any order, that is not the one that the sealed records make.

    The columns that the bundle's program `lacked` may be absent, here and in `compare_in_order`.
    """
    key = "id" if any(column.name == "id" for column in table.columns) else table.columns[0].name
    sealed = _with_columns_of(file, encode_rows(table, base_url), lacked, mistakes)
    expected = {row[key]: row for row in sealed}
    for row in read_rows(file, mistakes):
        identity = row.cells.get(key, "")
        if identity in expected:
            row.compare(expected.pop(identity), mistakes)
        else:
            _report_unexpected(row, key, mistakes)
    for identity in expected:
        _report_absent(file, key, identity, mistakes)


def _with_columns_of(
    file: RegisterFile, expected: Iterable[Cells], lacked: Collection[str], mistakes: Mistakes
) -> Iterator[Cells]:
    """Yield the rows expected. Report columns that they do not have, and those with cells that are missing."""
    header = read_header(file)
    places, absent = {column: place for place, column in enumerate(header, 1)}, set[str]()
    for number, row in enumerate(expected):
        if not number:
            absent = row.keys() - places.keys() - {*lacked}
            for column in [column for column in places if column not in row]:
                found = f"nothing vouches for the column {column[:80]!r}: this program makes none of that name"
                refused = Refused("unexpected_column", found, "a newer program, if one made the bundle")
                mistakes.report_at(Place(file.name, 1, places[column]), refused)
        for column in sorted(column for column in absent if row[column]):
            absent.discard(column)
            mistakes.report_at(Place(file.name, 1), Refused("absent", f"the column {column!r} is missing"))
        yield row


def compare_in_order(
    file: RegisterFile, expected: Iterable[Cells], mistakes: Mistakes, lacked: Collection[str] = ()
) -> None:
    """Compare the rows of `observations.csv` with those expected, which are in the same order.

    From the first row that is not the one expected only ids are compared.
    """
    rows = _with_columns_of(file, expected, lacked, mistakes)
    for row, sealed in (pairs := zip_longest(read_rows(file, mistakes), rows)):
        if row is None or sealed is None or row.cells.get("id") != sealed["id"]:
            break
        row.compare(sealed, mistakes)
    else:
        return
    before = mistakes.total
    rest = [(row, sealed), *pairs]
    absent = {sealed["id"]: None for _, sealed in rest if sealed}
    for other in (other for other, _ in rest if other):
        if other.cells.get("id", "") in absent:
            del absent[other.cells["id"]]
        else:
            _report_unexpected(other, "id", mistakes)
    for identity in absent:
        _report_absent(file, "id", identity, mistakes)
    if mistakes.total == before and row:
        found = "the rows are not in the order of sealed-observations.csv"
        mistakes.report_at(Place(file.name, row.line), Refused("disorder", found))


def _report_unexpected(row: Row, key: str, mistakes: Mistakes) -> None:
    found = f"no row with {key} {row.cells.get(key, '')[:80]!r} belongs here, or it occurs twice"
    mistakes.report_at(Place(row.file.name, row.line), Refused("not_sealed", found))


def _report_absent(file: RegisterFile, key: str, identity: str, mistakes: Mistakes) -> None:
    mistakes.report_at(Place(file.name), Refused("absent", f"the row with {key} {identity!r} is missing"))


def excerpts(one: str, other: str) -> tuple[str, str]:
    """Return the part of each text around their first difference, with … for what is left out."""
    first = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    start = max(first - BEFORE, 0) if first >= SHOWN - BEFORE else 0
    return _excerpt(one, start), _excerpt(other, start)


def _excerpt(text: str, start: int) -> str:
    end = start + SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


class BoundedLines:
    """The lines of a file; none is held that is longer than LONGEST_LINE."""

    def __init__(self, file: RegisterFile) -> None:
        self._file, self.number = file, 0

    def __iter__(self) -> Iterator[str]:
        with self._file.path.open("rb") as stream:
            while line := stream.readline(LONGEST_LINE + 1):
                self.number += 1
                if len(line) > LONGEST_LINE:
                    raise ValueError("a line is longer than 16 MB")
                yield line.decode()
