"""Make figures from the cells of a table. Each figure has its cell, and the words and signs that say what it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from misconduct.model.number_words import read_bounds
from misconduct.register.reading import Cells
from misconduct.register.rules import BETWEEN_PIECES, FIGURE_COLUMNS, MAX_PIECES, SUBJECT_CODES
from misconduct.register.tables.grid import Grid, read_cell_name
from misconduct.register.tables.headings import Heading, Piece, read_columns
from misconduct.register.tables.labels import LabelReader, PeriodInWords, RowLabels
from misconduct.register.tables.layout import IGNORE, MARKS, Block, Column, Layout, Total
from misconduct.register.tables.mistakes import Mistakes
from misconduct.register.tables.numbers import find_sign, read_cell, read_year, split_signs
from misconduct.register.tables.words import Vocabulary, looser
from misconduct.register.yaml_files import KeyPath

INFINITY = Decimal("Infinity")


@dataclass(eq=False)
class Cell:
    """A figure with its place in the table, its lowest and highest possible value, and the totals that include it."""

    row: int
    column: int
    figure: Cells
    low: Decimal
    high: Decimal
    is_wanted: bool = True
    wholes: list["Cell"] = field(default_factory=list)


class BlockReader:
    """Reads the figures from one table on a sheet."""

    def __init__(
        self, grid: Grid, block: Block, layout: Layout, vocabulary: Vocabulary, mistakes: Mistakes, at: KeyPath
    ) -> None:
        self.grid, self.block, self.layout, self.mistakes, self.at = grid, block, layout, mistakes, at
        self.header = block.header or [1]
        self.totals = {int(row): one for row, one in block.totals.items() if isinstance(one, Total)}
        rows = block.rows or [row for row in range(self.header[-1] + 1, len(grid.rows) + 1) if any(grid.rows[row - 1])]
        self.rows = [row for row in rows if row not in self.totals]
        self.columns = read_columns(grid, self.header, [*self.rows, *self.totals], layout, mistakes)
        self.codes = {number: block.figure.given() | self.describe(number).given() for number in self.columns}
        self.labels = LabelReader(grid, block, layout, vocabulary, mistakes)
        self.left_out = {read_cell_name(name) for name in layout.leave_out}
        self._notes = {sign: identity for sign, (identity, _) in layout.notes(mistakes.file.slug).items()}

    @property
    def accounted(self) -> set[int]:
        """Return the rows of the sheet that the block explains."""
        return {*self.header, *self.rows, *self.totals}

    def describe(self, number: int) -> Column:
        """Return what the file says about a column."""
        return self.layout.columns[self.columns[number][0]]

    def read(self) -> list[Cell]:
        """Return the cells with figures, including those that the editor leaves out."""
        fixed, period = [*self._read_fixed_words()], self._read_fixed_period()
        labels = {row: self.labels.read(row, self.columns) for row in self.rows}
        labels |= {row: self._read_total(row, total) for row, total in self.totals.items()}
        cells = []
        for row, said in labels.items():
            for number, (name, heading) in self.columns.items():
                column = self.layout.columns[name]
                if column.has_numbers and not self._is_left_out((row, number)):
                    self._check_is_shown(row, number)
                    found = self._read_figure(row, number, said, heading, column)
                    if found:
                        self._describe(found, fixed, period, said, heading, column)
                        cells.append(found)
        self._require_codes(cells)
        return cells

    def _is_left_out(self, cell: tuple[int, int]) -> bool:
        """Tell whether the editor leaves out a cell. A blank one may be a formula without a result, or merged."""
        if cell in self.grid.unfinished or cell in self.grid.covered:
            return cell in self.left_out
        return cell in self.left_out or self.layout.signs.get(self.grid.text(*cell)) == IGNORE

    def _check_is_shown(self, row: int, number: int) -> None:
        """Report a cell that the publisher hides."""
        if row in self.grid.hidden_rows or number in self.grid.hidden_columns:
            message = "the sheet hides this cell: take its row out of rows, or write ignore for its column"
            self.mistakes.at_place(self.grid.place(row, number), message)

    def _read_fixed_words(self) -> Iterator[Piece]:
        """Yield the words from cells above the table."""
        for name, words in self.block.figure.counted.items():
            row, column = read_cell_name(name)
            if words not in (text := self.grid.text(row, column)):
                self.mistakes.at_key(
                    self.find_path("figure", "counted", name), f"{name} contains {text!r}, not {words!r}"
                )
            yield Piece(words, f"cell={row},{column}")

    def _read_fixed_period(self) -> PeriodInWords | None:
        """Return the period from a cell above the table."""
        if (given := self.block.figure.period) is None:
            return None
        row, column = read_cell_name(given.cell)
        path = self.find_path("figure", "period")
        if given.printed not in (text := self.grid.text(row, column)):
            self.mistakes.at_key(path, f"{given.cell} contains {text!r}, not {given.printed!r}")
        read = read_year(given.printed, None, self.layout.periods)
        if given.means is None and read is None:
            self.mistakes.at_key(path, f"{given.printed!r} is not a plain year: say in means which period it is")
        return Piece(given.printed, f"cell={row},{column}"), given.means or (read[1] if read else "")

    def _read_total(self, row: int, total: Total) -> RowLabels:
        """Return the codes that the file gives for a row of totals, and its year."""
        years = {number: one for number, one in self.columns.items() if self.describe(number).holds == "year"}
        return RowLabels({"fit": "exact"} | total.given(), period=self.labels.read(row, years).period)

    def _read_figure(self, row: int, number: int, labels: RowLabels, heading: Heading, column: Column) -> Cell | None:
        """Return the number in a cell with its codes. If it cannot be read, report it and return None."""
        text = self.grid.text(row, number)
        read = read_cell(text, self.layout.signs)
        figure = dict.fromkeys(FIGURE_COLUMNS, "") | {"unit": "count"}
        figure |= self.codes[number] | labels.codes | (read or {})
        if read is None or _is_no_count(figure):
            self.labels.report(row, number, self._explain(row, number, text, is_number=read is not None))
            return None
        figure["fit"] = looser(self.block.figure.fit, column.fit, labels.codes["fit"])
        figure["statistic"] = figure["statistic"] or ("count" if figure["unit"] == "count" else "share")
        found = [*split_signs(text, self.layout.signs)[1], text, *heading.signs, *labels.signs]
        figure["mark"] = next((means for sign in found if (means := self.layout.signs.get(sign)) in MARKS), "") or ""
        notes = [identity for sign, identity in self._notes.items() if sign in found]
        figure["caveats"] = " ".join([*self.block.figure.caveats, *notes])
        return Cell(row, number, figure, *_find_bounds(figure), labels.is_wanted)

    def _describe(
        self, cell: Cell, fixed: list[Piece], period: PeriodInWords | None, labels: RowLabels, heading: Heading,
        column: Column,
    ) -> None:  # fmt: skip
        """Add the period, the words and the place of a figure."""
        if column.year:
            read = self.labels.read_period(self.header[-1], cell.column, heading.text, column)
            period = read and (heading.find(read[0].words), read[1])
        piece, means = labels.period or period or (Piece(""), "")
        place = self.grid.place(cell.row, cell.column)
        pieces = [*fixed, *labels.quoted, *heading.quote(column, piece.words)][:MAX_PIECES]
        cell.figure["counted"] = BETWEEN_PIECES.join(one.words for one in pieces)
        cell.figure["period"] = means
        if self.block.count:
            cell.figure |= _without_print(cell.figure)
            return
        if all(one.place for one in pieces):
            cell.figure["counted_at"] = " ".join(one.place for one in pieces)
        if piece.place:
            cell.figure |= {"period_printed": piece.words, "period_at": piece.place}
        cell.figure |= {"at": place, "hedge_at": place if cell.figure["hedge"] else ""}

    def _explain(self, row: int, number: int, text: str, *, is_number: bool) -> str:
        """Say why a cell is not a figure."""
        if is_number:
            is_thousand = re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text)
            thousand = f"; or does it mean {text.replace('.', ',')}?" if is_thousand else ""
            return f"{text!r} is not a count; if the column contains shares, add unit: percent{thousand}"
        if (row, number) in self.grid.unfinished:
            return "this formula has no result: open the file in a spreadsheet program and save it"
        if (row, number) in self.grid.covered:
            return "this cell is merged with another one, but each figure needs a separate cell"
        if not text:
            return 'this cell is blank; to leave out blank cells, add "": ignore to signs'
        if text in self.layout.signs:
            return f"{text!r} replaces a number here, so signs cannot explain it in a sentence: use suppressed, '< 5' …"
        if sign := find_sign(split_signs(text, self.layout.signs)[0], self.layout.signs):
            return f"{text!r} ends with {sign!r}: add it to signs, and say what it means"
        return f"{text!r} is not a number; if it has a sign, add the sign and its meaning to signs"

    def _require_codes(self, cells: list[Cell]) -> None:
        if self.mistakes.places:
            return
        for one in cells:
            lacking = ", ".join(name for name in SUBJECT_CODES if not one.figure[name])
            if lacking and one.row in self.totals:
                path = self.find_path("totals", str(one.row))
                self.mistakes.at_key(path, f"add codes for the row of totals {one.row}: {lacking}")
            elif lacking and one.is_wanted:
                self.mistakes.at_key(self.find_path("figure"), f"add these codes to figure or to a column: {lacking}")

    def find_path(self, *path: str) -> KeyPath:
        """Return the path of a key in the block. If the block does not have it, return its path in the file."""
        at = (*self.at, *path)
        return at if at in self.mistakes.file.places.by_path else path


def _is_no_count(figure: Cells) -> bool:
    """Tell whether a number cannot be a count although its unit is count. In Germany 1.000 can mean a thousand."""
    is_whole = figure["value"].isdecimal() and "%" not in figure["printed"]
    return figure["unit"] == "count" and not is_whole and not figure["value_absent"]


def _find_bounds(figure: Cells) -> tuple[Decimal, Decimal]:
    """Return the lowest and highest value that a figure can have. A hidden figure can have any value."""
    if not figure["value"]:
        return Decimal(0), INFINITY
    value = Decimal(figure["value"])
    if figure["qualifier"] == "exact":
        return value, value
    low, high = read_bounds(value, figure["qualifier"], figure["printed"], figure["statistic"], figure["unit"])
    return low or Decimal(0), INFINITY if high is None else high


def _without_print(figure: Cells) -> Cells:
    """Return the cells of a number that this register counted: nothing printed, and small numbers hidden."""
    hidden = {} if figure["qualifier"] == "exact" else {"value": "", "value_absent": "suppressed"}
    return hidden | {"printed": "", "qualifier": "", "hedge": "", "stated_by": ""}
