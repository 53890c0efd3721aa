"""Read the headings of a table, and match each one with a column in the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from misconduct_editor.register.cells import name_column
from misconduct_editor.register.layout import IGNORE, LABELS, Column, Layout
from misconduct_editor.register.reading import did_you_mean
from misconduct_editor.tables.grid import Grid
from misconduct_editor.tables.mistakes import Mistakes
from misconduct_editor.tables.numbers import explain_sign, split_signs
from misconduct_editor.tables.vocabulary import find_key

_SAY_WHAT_IT_COUNTS = {"measure", "category", "population", "counting_unit"}


@dataclass(frozen=True)
class Piece:
    """Words from a cell, and the place of the cell. A count of cases has no cells."""

    words: str
    place: str = ""


@dataclass(frozen=True)
class Heading:
    """The heading of a column: its words, those of each line, and the signs at their ends."""

    text: str
    pieces: tuple[Piece, ...]
    signs: frozenset[str]

    def find(self, words: str) -> str:
        """Return the place of the line that contains words; if none does, of the last line."""
        containing = [one for one in self.pieces if words in one.words]
        return next((one.place for one in (*containing, *self.pieces[-1:])), "")

    def quote(self, year: str) -> Iterator[Piece]:
        """Yield its lines without the year."""
        for piece in self.pieces:
            if words := " ".join(piece.words.replace(year, "").split()):
                yield Piece(words, piece.place)


@dataclass(frozen=True)
class FoundColumn:
    """A column of a table, its name in the file, and what the file says about it."""

    number: int
    heading: Heading
    name: str
    says: Column


Columns = dict[int, FoundColumn]


def join_headings(grid: Grid, header: list[int], signs: Iterable[str]) -> Iterator[tuple[int, Heading]]:
    """Yield the number and heading of each column. One without a heading is called by its letter: `column B`.

    A heading over several columns goes to the next one, or to the end of its merged cells if its line has any.
    """
    over: list[Piece | None] = [None] * len(header)
    merged = {row for row, _ in grid.ends}
    ends = [0 if row in merged else grid.width for row in header]
    for number in range(1, grid.width + 1):
        lines = [split_signs(grid.text(row, number), signs) for row in header]
        for level, (text, _) in enumerate(lines):
            if not text and number > ends[level]:
                over[level:] = [None] * (len(header) - level)
            if text:
                ends[level] = max(ends[level], grid.ends.get((header[level], number), number))
                over[level:] = [Piece(text, grid.place(header[level], number)), *[None] * (len(header) - level - 1)]
        last = max((level for level, (text, _) in enumerate(lines) if text), default=-1)
        pieces = tuple(one for one in over[: last + 1] if one)
        found = frozenset(sign for _, ends in lines for sign in ends)
        words = " ".join(one.words for one in pieces) or f"column {name_column(number)}"
        yield number, Heading(words, pieces, found)


def list_quoted(columns: Columns) -> set[int]:
    """Return the columns whose headings say what they count, and not only for which year."""
    plain = {number for number, one in columns.items() if one.says.has_numbers and not one.says.year}
    coded = {number for number, one in columns.items() if one.says.given().keys() & _SAY_WHAT_IT_COUNTS}
    return coded | (plain if len(plain) > 1 else set())


def read_columns(grid: Grid, header: list[int], rows: list[int], layout: Layout, mistakes: Mistakes) -> Columns:
    """Return the columns that the file does not ignore. Report those that it does not name."""
    found: Columns = {}
    for number, heading in join_headings(grid, header, layout.signs):
        first = next((row for row in rows if grid.text(row, number)), 0)
        if not heading.pieces and not first:
            continue
        names = find_key(layout.columns, heading.text)
        if not heading.pieces:  # `*` stands for the text of a heading
            names = [name for name in names if name.startswith("column ")]
        message = _find_fault(heading, names, layout, first)
        if not message and names and (says := layout.columns[names[0]]).holds != IGNORE:
            if says.holds in LABELS and says.holds in {one.says.holds for one in found.values()}:
                message = f"another column is also {says.holds}; choose one, and use words or ignore for the other"
            found[number] = FoundColumn(number, heading, names[0], says)
        if message:
            mistakes.at_cell(grid, header[-1], number, message)
    return found


def _find_fault(heading: Heading, names: list[str], layout: Layout, first: int) -> str | None:
    for one in heading.pieces:
        if message := explain_sign(one.words, layout.signs):
            return f"the heading {message}"
    if len(names) > 1:
        return f"the heading {heading.text!r} matches several columns: {', '.join(names)}"
    if names:
        return None
    if not heading.pieces:
        remedy = f"add {heading.text!r} to columns, or check header, or whether the row has a cell too many"
        return f"this column has cells, first in row {first}, but no heading: {remedy}"
    hint = did_you_mean(heading.text, {one: one for one in layout.columns})
    return f"the heading {heading.text!r} is missing from columns{hint}"
