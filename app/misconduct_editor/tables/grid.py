"""The text of each cell of a sheet, as a reader sees it: struck out, hidden, lowered or raised."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from misconduct.errors import RegisterError

MAX_CELLS = 2_000_000  # of a sheet, including empty cells

# Why a blank cell may not have been left blank.
MERGED = "this cell is merged with another one, but each figure needs a separate cell"
NO_TEXT = "this cell has a value, but shows none: open the file in a spreadsheet program and save it"
NO_RESULT = (
    "this formula has no result: open the file in a spreadsheet program and save it"
)

STRUCK, HIDDEN, LOWERED = (
    f"some of this cell’s text is {how}: save a copy in which the cell says only what counts"
    for how in ("struck out", "hidden", "set below the line")
)
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNSEEN = dict.fromkeys(
    map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")
)  # characters without any width


class UnreadableTableError(RegisterError):
    """A file that we cannot read as a table. The message says why, and what to do."""


Place = tuple[int, int]
"""The row and column of a cell."""


class Cell(NamedTuple):
    """A text of a table, and where it stands in the document: nowhere, if it was counted."""

    text: str
    place: Place | None = None

    def find(self, pattern: str) -> "Cell":
        """Return the part of its text that a pattern finds, at the same place."""
        match = re.search(pattern, self.text)
        return Cell(match[0] if match else "", self.place)


@dataclass
class Grid:
    """The text of each cell of a sheet. Rows and columns count from 1, as in spreadsheets.

    `ends` has the last column of each cell that is merged sideways. `blank` says why other cells may be blank, and
    `unclear` why we cannot read those that are struck out, hidden or lowered. `moved` says where in the document some
    cells stand, or that they stand nowhere: those that a script makes, and labels that go on in the rows below.
    `is_text` is for CSV, where each row has all its cells, and `broken` is the first row there with a line break.
    """

    rows: list[list[str]]
    blank: dict[Place, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    unclear: dict[Place, str] = field(default_factory=dict)
    has_semicolons: bool = False
    is_text: bool = False
    broken: int = 0
    ends: dict[Place, int] = field(default_factory=dict)
    comments: dict[Place, str] = field(default_factory=dict)
    moved: dict[Place, Place | None] = field(default_factory=dict)

    def place(self, row: int, column: int) -> str:
        """Return the place of a cell in the document. What a script counted has none."""
        found = self.find(row, column)
        return f"cell={found[0]},{found[1]}" if found else ""

    def find(self, row: int, column: int) -> Place | None:
        return self.moved.get((row, column), (row, column))

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell for a script: its text, and where it stands."""
        return Cell(self.text(row, column), (row, column))

    def text(self, row: int, column: int) -> str:
        cells = self.rows[row - 1] if 0 < row <= len(self.rows) else []
        return cells[column - 1] if 0 < column <= len(cells) else ""

    def column(self, number: int, rows: list[int]) -> list[str]:
        return [self.text(row, number) for row in rows]

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)


def check_size(cells: int) -> None:
    """Refuse a sheet that repeats cells without end, or has one far away from the others."""
    if cells > MAX_CELLS:
        message = (
            "a sheet has too many cells; save a copy with only the cells of the table"
        )
        raise UnreadableTableError(message)


def squeeze(text: str) -> str:
    """Return a text with single spaces, and no characters without width."""
    return " ".join(text.translate(_UNSEEN).split())


class Look(NamedTuple):
    """Why a text may not count, and whether it is raised."""

    doubt: str | None = None
    is_raised: bool = False


def join_texts(runs: Iterable[tuple[str, Look]]) -> tuple[str, str | None]:
    """Return the text of a cell, and why it is unclear. Raised digits are a footnote: 3¹ is not 31."""
    found = [
        (text.translate(_RAISED) if look.is_raised else text, look)
        for text, look in runs
    ]
    doubts = (look.doubt for text, look in found if text.strip() and look.doubt)
    return squeeze("".join(text for text, _ in found)), next(doubts, None)
