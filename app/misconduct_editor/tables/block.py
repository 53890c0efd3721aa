"""One table on a sheet: its cells, what its file says about them, and where its mistakes are told."""

from dataclasses import dataclass, field
from functools import cached_property

from ..register.layout import Block, Layout, Total
from ..register.yaml_files import KeyPath
from .grid import Grid
from .mistakes import Mistakes
from .numbers import split_label


@dataclass
class TableBlock:
    """A table on a sheet. `at` is its path in the file, and `used` are the keys of the file that have an effect."""

    grid: Grid
    block: Block
    at: KeyPath
    mistakes: Mistakes
    used: set[KeyPath] = field(default_factory=set)

    @property
    def layout(self) -> Layout:
        return self.mistakes.file.layout

    @property
    def header(self) -> list[int]:
        return self.block.header or [1]

    @property
    def totals(self) -> dict[int, Total]:
        return self.block.totals

    @cached_property
    def rows(self) -> list[int]:
        """Return the rows that are no totals: those that the file names, or else all below the headings."""
        last = len(self.grid.rows)
        below = (
            row
            for row in range(self.header[-1] + 1, last + 1)
            if any(self.grid.rows[row - 1])
        )
        return [
            row
            for row in self.block.rows or below
            if row not in self.totals and row <= last
        ]

    @property
    def accounted(self) -> set[int]:
        return {*self.header, *self.rows, *self.totals}

    @property
    def between(self) -> range:
        """Return the first to the last of the rows: the file may pass over others among them."""
        return range(min(self.rows, default=0), max(self.rows, default=0))

    def label(self, row: int, column: int) -> str:
        """Return the text of a cell without signs."""
        return split_label(self.grid.text(row, column), self.layout.signs)[0]

    def find_path(self, *path: str) -> KeyPath:
        """Return the path of a key in the block, or else in the file."""
        at = (*self.at, *path)
        return at if at in self.mistakes.file.places.by_path else path

    def report(self, row: int, column: int, message: str, text: str = "") -> None:
        """Report a mistake at a cell, whose text the message may quote."""
        self.mistakes.at_cell(self.grid, row, column, message, text)

    def report_heading(self, column: int, message: str, text: str = "") -> None:
        self.report(self.header[-1], column, message, text)
