"""Read the headings of a table, each with its column in the file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from ..register.cells import name_column
from ..register.layout import IGNORE, LABELS, Column
from ..register.periods import read_year
from ..register.reading import did_you_mean
from .described import DescribedTable
from .grid import Cell, Grid
from .numbers import explain_no_fact, explain_sign, split_label
from .vocabulary import find_key

_SAY_WHAT_IT_COUNTS = {"measure", "category", "population", "counting_unit"}


class Piece(NamedTuple):
    """Words from a cell, and its place."""

    words: str
    place: str = ""


class Heading(NamedTuple):
    """The words of a heading, those of each line, and its signs."""

    text: str
    pieces: tuple[Piece, ...]
    signs: frozenset[str]

    def find(self, words: str) -> str:
        """Return the place of the line with some words, or else of the last line."""
        containing = [one for one in self.pieces if words in one.words]
        return next((one.place for one in (*containing, *self.pieces[-1:])), "")

    def quote(self, year: str) -> Iterator[Piece]:
        for piece in self.pieces:
            if words := " ".join(piece.words.replace(year, "").split()):
                yield Piece(words, piece.place)


class FoundColumn(NamedTuple):
    """A column of a table, its name and meaning in the file, and the year in its heading: words, period."""

    number: int
    heading: Heading
    name: str
    says: Column
    year: tuple[str, str] | None


@dataclass(frozen=True)
class FoundColumns:
    """The columns that the file does not ignore, all headings, and names in the file that no heading has."""

    by_number: dict[int, FoundColumn]
    headings: set[str]
    unused: set[str]

    @property
    def labels(self) -> list[FoundColumn]:
        return [one for one in self.by_number.values() if not one.says.has_numbers]

    @property
    def numbers(self) -> list[FoundColumn]:
        return [one for one in self.by_number.values() if one.says.has_numbers]

    @cached_property
    def signs(self) -> dict[int, list[int]]:
        """Return the columns of signs of each column of numbers: of those that they name, or else of the one before."""
        found = defaultdict[int, list[int]](list)
        for number, column in self.by_number.items():
            if column.says.holds == "sign":
                before = [one for one in self.numbers if one.number < number]
                named = [one for one in self.numbers if one.name in column.says.of]
                for one in named or before[-1:]:
                    found[one.number].append(number)
        return found

    @property
    def quoted(self) -> set[int]:
        """Return the columns whose headings say more than the year."""
        found = self.by_number.items()
        plain = {
            number
            for number, one in found
            if one.says.has_numbers and not one.says.year
        }
        coded = {
            number
            for number, one in found
            if one.says.given().keys() & _SAY_WHAT_IT_COUNTS
        }
        of_year = defaultdict[object, set[str]](set)
        for one in self.by_number.values():
            if one.says.year:
                of_year[one.year, str(one.says.given())].add(one.name)
        names = set[str]().union(
            *(found for found in of_year.values() if len(found) > 1)
        )  # only their words differ
        named = {number for number, one in found if one.name in names}
        return coded | named | (plain if len(plain) > 1 else set())


def join_headings(
    grid: Grid, header: list[int], signs: Iterable[str]
) -> Iterator[tuple[int, Heading]]:
    """Yield the number and heading of each column. One without a heading is called by its letter: `column B`.

    A heading over several columns goes to the next one, or to the end of its merged cells if its line has any.
    """
    over, merged = dict[int, Piece](), {row for row, _ in grid.ends}
    ends = {row: 0 if row in merged else grid.width for row in header}
    for number in range(1, grid.width + 1):
        lines = {row: split_label(grid.text(row, number), signs) for row in header}
        for row, (text, _) in lines.items():
            if text or number > ends[row]:  # what stood over it ends, and all below
                over = {one: piece for one, piece in over.items() if one < row}
            if text:
                ends[row] = max(ends[row], grid.ends.get((row, number), number))
                over[row] = Piece(text, grid.place(row, number))
        yield number, _join(number, lines, over)


def _join(
    number: int, lines: Mapping[int, tuple[str, list[str]]], over: Mapping[int, Piece]
) -> Heading:
    """Return the heading of a column: what stands over it, down to its last text."""
    last = max((row for row, (text, _) in lines.items() if text), default=0)
    pieces = tuple(piece for row, piece in over.items() if row <= last)
    words = " ".join(one.words for one in pieces) or f"column {name_column(number)}"
    found = frozenset(chain.from_iterable(signs for _, signs in lines.values()))
    return Heading(words, pieces, found)


def read_columns(table: DescribedTable) -> FoundColumns:
    """Return the columns that the file does not ignore, and report those that it does not explain."""
    known, labels, columns = table.layout.columns, set[str](), dict[int, FoundColumn]()
    found = [*join_headings(table.grid, table.header, table.layout.signs)]
    headings = {heading.text for _, heading in found}
    unused = _find_unused(known, found)
    for number, heading in found:
        first = _find_first(table, number)
        names = _find_names(known, number, heading)
        # a misspelt one is told at its line
        is_misspelt = not names and did_you_mean(heading.text, unused)
        if is_misspelt or (not first and not (heading.pieces and names)):
            continue
        if fault := _find_fault(table, heading, names, first):
            table.report_heading(number, fault)
            continue
        says = known[names[0]]
        if says.holds == IGNORE:
            continue
        if says.holds in labels:
            fault = f"another column is also {says.holds}; choose one, and use words or ignore for the other"
            table.report_heading(number, fault)
        labels |= {says.holds} & {*LABELS}
        columns[number] = _find_column(table, number, heading, names[0])
    return FoundColumns(columns, headings, unused)


def _find_column(
    table: DescribedTable, number: int, heading: Heading, name: str
) -> FoundColumn:
    """Return a column with the year in its heading, and its labels filled down."""
    says = table.layout.columns[name]
    if says.fill_down:
        _fill_down(table, number)
    year = says.year and read_year(heading.text, says.year, table.layout.periods)
    return FoundColumn(number, heading, name, says, year or None)


def _find_names(
    known: Mapping[str, Column], number: int, heading: Heading
) -> list[str]:
    """Return the names that a heading has in the file. Without a text, it has only that of its letter."""
    letter = f"column {name_column(number)}"
    if letter in known or not heading.pieces:
        return [letter] if letter in known else []
    return find_key(known, heading.text)


def _find_unused(
    known: Mapping[str, Column], found: Iterable[tuple[int, Heading]]
) -> set[str]:
    """Return the names in the file that no heading has."""
    unused = {*known}
    for number, heading in found:
        unused -= {f"column {name_column(number)}", *find_key(known, heading.text)}
    return unused


def _find_first(table: DescribedTable, number: int) -> int:
    """Return the first row with a text in a column, or 0."""
    rows = (*table.rows, *table.totals)
    return next((row for row in rows if table.grid.text(row, number)), 0)


def _fill_down(table: DescribedTable, number: int) -> None:
    """Let a label go on in the blank cells below it. They stand where it does."""
    last: Cell | None = None
    for row in sorted({*table.rows, *table.totals}):
        cells = table.grid.rows[row - 1]
        if table.grid.text(row, number):
            last = table.grid.cell(row, number)
        elif last and row not in table.totals:
            cells.extend([""] * (number - len(cells)))
            cells[number - 1] = last.text
            table.grid.moved[row, number] = last.place
            table.grid.blank.pop((row, number), None)
            table.grid.unclear.pop((row, number), None)


def _find_fault(
    table: DescribedTable, heading: Heading, names: list[str], first: int
) -> str | None:
    for one in heading.pieces:
        if message := explain_sign(one.words, table.layout.signs) or explain_no_fact(
            one.words
        ):
            return f"the heading {message}"
    if len(names) > 1:
        return (
            f"the heading {heading.text!r} matches several columns: {', '.join(names)}"
        )
    if names:
        return None
    if not heading.pieces:
        remedy = f"add {heading.text!r} to columns, or check header, or whether the row has a cell too many"
        return f"this column has cells, first in row {first}, but no heading: {remedy}"
    return f"the heading {heading.text!r} is missing from columns"
