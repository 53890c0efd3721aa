"""Read the headings of a table, and match each one with a column in the file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from misconduct.register.reading import did_you_mean
from misconduct.register.tables.grid import Grid, name_column
from misconduct.register.tables.layout import IGNORE, LABELS, Layout
from misconduct.register.tables.mistakes import Mistakes
from misconduct.register.tables.numbers import find_sign, split_signs
from misconduct.register.tables.vocabulary import find_key

_SAY_WHAT_IT_COUNTS = {"measure", "category", "population", "counting_unit"}

Columns = dict[int, tuple[str, "Heading"]]
"""The columns of a table by number: the name that each has in the file, and its heading."""


@dataclass(frozen=True)
class Piece:
    """Words from a cell, and the place of the cell. A count of cases has no cells."""

    words: str
    place: str = ""


@dataclass(frozen=True)
class Heading:
    """The heading of a column: its words, the cell of each of its lines, and the signs at their ends."""

    text: str
    pieces: tuple[Piece, ...]
    signs: frozenset[str]

    def find(self, words: str) -> Piece:
        """Return words with the place of the line that contains them."""
        places = [one.place for one in self.pieces]
        return Piece(
            words, next((one.place for one in self.pieces if words in one.words), places[-1] if places else "")
        )

    def quote(self, year: str) -> Iterator[Piece]:
        """Yield its lines without the year."""
        for piece in self.pieces:
            words = " ".join(piece.words.replace(year, "").split()) if year else piece.words
            if words:
                yield Piece(words, piece.place)


def join_headings(grid: Grid, header: list[int], signs: Mapping[str, str]) -> Iterator[tuple[int, Heading]]:
    """Yield the number and heading of each column. A heading over several columns is in the first of them.

    A column without a heading is called by its letter: `column B`.
    """
    over: list[Piece | None] = [None] * len(header)
    for number in range(1, grid.width + 1):
        lines = [split_signs(grid.text(row, number), signs) for row in header]
        for level, (text, _) in enumerate(lines):
            if text:
                over[level:] = [Piece(text, grid.place(header[level], number)), *[None] * (len(header) - level - 1)]
        last = max((level for level, (text, _) in enumerate(lines) if text), default=-1)
        pieces = tuple(one for one in over[: last + 1] if one)
        found = frozenset(sign for _, ends in lines for sign in ends)
        words = " ".join(one.words for one in pieces) or f"column {name_column(number)}"
        yield number, Heading(words, pieces, found)


def list_quoted(columns: Columns, layout: Layout) -> set[int]:
    """Return the columns whose headings say what they count, and not only for which year.

    These are columns with codes of their own, and columns of numbers without years if there are several of them.
    """
    described = {number: layout.columns[name] for number, (name, _) in columns.items()}
    plain = {number for number, column in described.items() if column.has_numbers and not column.year}
    coded = {number for number, column in described.items() if column.given().keys() & _SAY_WHAT_IT_COUNTS}
    return coded | (plain if len(plain) > 1 else set())


def read_columns(grid: Grid, header: list[int], rows: list[int], layout: Layout, mistakes: Mistakes) -> Columns:
    """Return the name in the file and the heading of each column, by column number.

    Report columns with cells whose heading matches no name or several, and two columns of labels from one code list.
    """
    found: Columns = {}
    for number, heading in join_headings(grid, header, layout.signs):
        if not heading.pieces and not any(grid.text(row, number) for row in rows):
            continue
        names = find_key(layout.columns, heading.text)
        if not heading.pieces:  # `*` stands for the text of a heading
            names = [name for name in names if name.startswith("column ")]
        message = _find_fault(heading, names, layout)
        if not message and names and (holds := layout.columns[names[0]].holds) != IGNORE:
            if holds in LABELS and holds in {layout.columns[name].holds for name, _ in found.values()}:
                message = f"another column is also {holds}; choose one, and use words or ignore for the other"
            found[number] = names[0], heading
        if message:
            mistakes.at_cell(grid, header[-1], number, message)
    return found


def _find_fault(heading: Heading, names: list[str], layout: Layout) -> str | None:
    """Return why a heading does not match exactly one column in the file."""
    for one in heading.pieces:
        if sign := find_sign(one.words, layout.signs):
            return f"the heading {one.words!r} ends with {sign!r}: add it to signs, and say what it means"
    if len(names) > 1:
        return f"the heading {heading.text!r} matches several columns: {', '.join(names)}"
    if names:
        return None
    if not heading.pieces:
        return f"this column has cells but no heading: add {heading.text!r} to columns, or check header"
    hint = did_you_mean(heading.text, {one: one for one in layout.columns})
    return f"the heading {heading.text!r} is missing from columns{hint}"
