"""Read the headings of a table: which column of the file each one is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from misconduct.register.reading import did_you_mean
from misconduct.register.tables.grid import Grid
from misconduct.register.tables.layout import IGNORE, Column, Layout
from misconduct.register.tables.mistakes import Mistakes
from misconduct.register.tables.numbers import find_sign, split_signs
from misconduct.register.tables.words import find_key

_SAY_WHAT_IT_COUNTS = {"measure", "category", "population", "counting_unit"}


@dataclass(frozen=True)
class Piece:
    """Words of a cell, and its place; in a count of cases there is no cell."""

    words: str
    place: str = ""


@dataclass(frozen=True)
class Heading:
    """The heading of a column: its words, the cell of each of its lines, and the signs at their ends."""

    text: str
    pieces: tuple[Piece, ...]
    signs: frozenset[str]

    def find(self, words: str) -> Piece:
        """Return words with the place of the line that has them."""
        return Piece(words, next((one.place for one in self.pieces if words in one.words), self.pieces[-1].place))

    def quote(self, column: Column, year: str) -> Iterator[Piece]:
        """Yield the lines that say what a column counts, without the year in them."""
        if column.given().keys() & _SAY_WHAT_IT_COUNTS:
            for piece in self.pieces:
                words = " ".join(piece.words.replace(year, "").split()) if year else piece.words
                if words:
                    yield Piece(words, piece.place)


def join_headings(grid: Grid, header: list[int], signs: Mapping[str, str]) -> Iterator[tuple[int, Heading]]:
    """Yield number and heading of each column; a heading over several columns stands over the first of them."""
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
    """Return for each number of a column its name in the file, and its heading.

    A column with cells that no name fits, or several, is a mistake.
    """
    found = {}
    for number, heading in join_headings(grid, header, layout.signs):
        names = find_key(layout.columns, heading.text) if heading.text else []
        filled = next((row for row in rows if grid.text(row, number)), None)
        message = None
        if sign := find_sign(heading.text):
            message = f"the heading {heading.text!r} ends with {sign!r}: say what that means in signs"
        elif len(names) > 1:
            message = f"the heading {heading.text!r} fits several columns: {', '.join(names)}"
        elif names and layout.columns[names[0]].holds != IGNORE:
            found[number] = names[0], heading
        elif heading.text and not names:
            message = f"no column names the heading {heading.text!r}"
            message += did_you_mean(heading.text, {one: one for one in layout.columns})
        elif filled and not heading.text:
            message = "this column has cells and no heading; is header right?"
        if message:
            mistakes.at_place(grid.place(header[-1], number) or f"column={number}", message)
    return found
