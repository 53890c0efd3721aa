"""Read the headings of a table, and match each one with a column in the file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from misconduct.register.reading import did_you_mean
from misconduct.register.tables.grid import Grid
from misconduct.register.tables.layout import IGNORE, LABELS, Column, Layout
from misconduct.register.tables.mistakes import Mistakes
from misconduct.register.tables.numbers import find_sign, split_signs
from misconduct.register.tables.words import find_key

_SAY_WHAT_IT_COUNTS = {"measure", "category", "population", "counting_unit"}


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
        return Piece(words, next((one.place for one in self.pieces if words in one.words), self.pieces[-1].place))

    def quote(self, column: Column, year: str) -> Iterator[Piece]:
        """Yield the lines that say what a column counts, without the year."""
        if column.given().keys() & _SAY_WHAT_IT_COUNTS:
            for piece in self.pieces:
                words = " ".join(piece.words.replace(year, "").split()) if year else piece.words
                if words:
                    yield Piece(words, piece.place)


def join_headings(grid: Grid, header: list[int], signs: Mapping[str, str]) -> Iterator[tuple[int, Heading]]:
    """Yield the number and heading of each column. A heading over several columns is in the first of them."""
    over: list[Piece | None] = [None] * len(header)
    for number in range(1, grid.width + 1):
        lines = [split_signs(grid.text(row, number), signs) for row in header]
        for level, (text, _) in enumerate(lines):
            if text:
                over[level:] = [Piece(text, grid.place(header[level], number)), *[None] * (len(header) - level - 1)]
        last = max((level for level, (text, _) in enumerate(lines) if text), default=-1)
        pieces = tuple(one for one in over[: last + 1] if one)
        found = frozenset(sign for _, ends in lines for sign in ends)
        yield number, Heading(" ".join(one.words for one in pieces), pieces, found)


def read_columns(
    grid: Grid, header: list[int], rows: list[int], layout: Layout, mistakes: Mistakes
) -> dict[int, tuple[str, Heading]]:
    """Return the name in the file and the heading of each column, by column number.

    Report columns with cells whose heading matches no name or several, and two columns of labels from one code list.
    """
    found: dict[int, tuple[str, Heading]] = {}
    for number, heading in join_headings(grid, header, layout.signs):
        names = find_key(layout.columns, heading.text) if heading.text else []
        filled = any(grid.text(row, number) for row in rows)
        message = _find_fault(heading, names, layout, is_filled=filled)
        if not message and names and (holds := layout.columns[names[0]].holds) != IGNORE:
            if holds in LABELS and holds in {layout.columns[name].holds for name, _ in found.values()}:
                message = f"another column is also {holds}; choose one, and use words or ignore for the other"
            found[number] = names[0], heading
        if message:
            mistakes.at_place(grid.place(header[-1], number) or f"column={number}", message)
    return found


def _find_fault(heading: Heading, names: list[str], layout: Layout, *, is_filled: bool) -> str | None:
    """Return why a heading does not match exactly one column in the file."""
    for one in heading.pieces:
        if sign := find_sign(one.words, layout.signs):
            return f"the heading {one.words!r} ends with {sign!r}: add it to signs, and say what it means"
    if len(names) > 1:
        return f"the heading {heading.text!r} matches several columns: {', '.join(names)}"
    if heading.text and not names:
        hint = did_you_mean(heading.text, {one: one for one in layout.columns})
        return f"the heading {heading.text!r} is missing from columns{hint}"
    return "this column has cells but no heading: check header" if is_filled and not heading.text else None
