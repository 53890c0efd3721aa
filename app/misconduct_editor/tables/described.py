"""A table: its cells, what its file says about them, and where its mistakes are told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ..register.layout import Layout, Total
from ..register.yaml_files import KeyPath
from .grid import Grid
from .mistakes import Mistakes
from .numbers import split_label


@dataclass
class DescribedTable:
    """A table on a sheet, or one that a script made of it.

    `sheet` is what was published; `sums` are the rows that each total of a script adds up; `used` are the keys of the
    file that have an effect.
    """

    grid: Grid
    mistakes: Mistakes
    sheet: Grid
    sums: dict[int, list[list[int]]] | None = None
    used: set[KeyPath] = field(default_factory=set)

    @property
    def layout(self) -> Layout:
        return self.mistakes.file.layout

    @property
    def is_made(self) -> bool:
        """Tell whether a script made it."""
        return self.sums is not None

    @property
    def header(self) -> list[int]:
        return self.layout.header or [1]

    @cached_property
    def totals(self) -> dict[int, Total]:
        if self.sums is not None:
            return dict.fromkeys(self.sums, Total())
        return self.layout.totals

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
            for row in self.layout.rows or below
            if row not in self.totals and row <= last
        ]

    @property
    def accounted(self) -> set[int]:
        return {*self.header, *self.rows, *self.totals}

    def list_places(self) -> Iterator[tuple[int, int]]:
        """Yield where the cells of the table stand in the sheet."""
        for row in self.accounted:
            for column in range(1, self.grid.width + 1):
                if place := self.grid.find(row, column):
                    yield place

    @property
    def between(self) -> range:
        """Return the first to the last of the rows: the file may pass over others among them."""
        return range(min(self.rows, default=0), max(self.rows, default=0))

    def label(self, row: int, column: int) -> str:
        """Return the text of a cell without signs."""
        return split_label(self.grid.text(row, column), self.layout.signs)[0]

    def report(self, row: int, column: int, message: str, text: str = "") -> None:
        """Report a mistake at a cell, whose text the message may quote."""
        self.mistakes.at_cell(self.grid, row, column, message, text)

    def report_heading(self, column: int, message: str, text: str = "") -> None:
        self.report(self.header[-1], column, message, text)
