"""The text of each cell of a sheet, as a reader sees it: struck out, hidden, lowered or raised."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from misconduct.errors import RegisterError

from ..register.reading import MAX_COLUMNS

MAX_CELLS = 2_000_000  # of a sheet, including empty cells
MAX_CHARACTERS = 100_000_000  # of its texts, as of a file
MAX_LENGTH = 131_072  # characters of a cell, as Python's reader of CSV has it

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


class TooManyCellsError(Exception):
    """A sheet that repeats cells without end, or has one far away from the others."""


@dataclass
class Grid:
    """The text of each cell of a sheet. Rows and columns count from 1, as in spreadsheets.

    `ends` has the last column of each cell that is merged sideways. `blank` says why other cells may be blank, and
    `unclear` why we cannot read those that are struck out, hidden or lowered. If `is_counted`, rows have no place.
    """

    rows: list[list[str]]
    blank: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    unclear: dict[tuple[int, int], str] = field(default_factory=dict)
    has_semicolons: bool = False
    is_counted: bool = False
    ends: dict[tuple[int, int], int] = field(default_factory=dict)

    def place(self, row: int, column: int) -> str:
        """Return the place of a cell in the document. What we counted has none."""
        return "" if self.is_counted else f"cell={row},{column}"

    def text(self, row: int, column: int) -> str:
        cells = self.rows[row - 1] if 0 < row <= len(self.rows) else []
        return cells[column - 1] if 0 < column <= len(cells) else ""

    def column(self, number: int, rows: list[int]) -> list[str]:
        return [self.text(row, number) for row in rows]

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)


def check_size(cells: int) -> None:
    if cells > MAX_CELLS:
        raise TooManyCellsError


def check_texts(grid: Grid) -> None:
    """Refuse a grid in which few texts of the file stand in many cells, or without end."""
    characters = 0
    for row in grid.rows:
        characters += sum(map(len, row))
    if characters > MAX_CHARACTERS or grid.width > MAX_COLUMNS:
        raise TooManyCellsError
    longest = max((max(map(len, row), default=0) for row in grid.rows), default=0)
    if longest > MAX_LENGTH:
        raise UnreadableTableError(
            f"a cell has {longest:,} characters, and may have {MAX_LENGTH:,}; "
            "save a copy with only the cells of the table"
        )


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
