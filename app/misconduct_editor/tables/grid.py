"""The text of each cell of a sheet, as a reader sees it."""

from dataclasses import dataclass, field

from misconduct.errors import RegisterError

MAX_CELLS = 2_000_000  # of a sheet, including empty cells

MERGED = "this cell is merged with another one, but each figure needs a separate cell"
NO_RESULT = "this formula has no result: open the file in a spreadsheet program and save it"
"""Why a blank cell may not have been left blank."""


_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))  # characters without any width


class UnreadableTableError(RegisterError):
    """A file that we cannot read as a table. The message says why, and what to do."""


class TooManyCellsError(Exception):
    """A spreadsheet that would take too much memory."""


@dataclass
class Grid:
    """The text of each cell of a sheet. Rows and columns count from 1, as in spreadsheets.

    `ends` has the last column of each cell that is merged with others beside it.
    `blank` says of the cells under a merged cell, and of those whose formula has no result, why they may be blank.
    `hidden_rows` and `hidden_columns` are those that the sheet does not show. `unclear` says of cells with text that is
    struck out, hidden or lowered why we cannot read them. `has_semicolons` is set for a CSV file with semicolons
    between its cells. If a count made the rows, `is_counted` is set, and they have no place in the document.
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
        """Return the place of a cell in the document; empty if it is not from a single cell."""
        return "" if self.is_counted else f"cell={row},{column}"

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell; empty outside the sheet."""
        cells = self.rows[row - 1] if 0 < row <= len(self.rows) else []
        return cells[column - 1] if 0 < column <= len(cells) else ""

    def column(self, number: int, rows: list[int]) -> list[str]:
        """Return the texts of a column in some rows."""
        return [self.text(row, number) for row in rows]

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return max(map(len, self.rows), default=0)


def check_size(cells: int) -> None:
    """Raise TooManyCellsError if a sheet has too many cells."""
    if cells > MAX_CELLS:
        raise TooManyCellsError


def squeeze(text: str) -> str:
    """Return a text without characters that have no width, and with single spaces."""
    return " ".join(text.translate(_UNSEEN).split())
