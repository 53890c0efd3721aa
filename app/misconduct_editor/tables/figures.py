"""Make figures from the cells of a table, and from the words and signs about them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from misconduct.model.number_words import read_bounds

from ..register import rules
from ..register.cells import read_cell_name
from ..register.layout import IGNORE, MARKS
from ..register.periods import read_year
from ..register.reading import Cells
from .described import DescribedTable
from .doubts import (
    ask_about_rate,
    check_headings,
    check_hidden,
    check_percentages,
    check_rows,
    check_units,
)
from .finding import DATA_SIGNS, is_called_rate
from .headings import FoundColumn, FoundColumns, Piece
from .labels import LabelReader, RowLabels
from .numbers import explain_sign, read_cell, split_label, split_signs
from .times import PeriodReader
from .vocabulary import Vocabulary, looser

INFINITY = Decimal("Infinity")
_PRINTED = ("printed", "qualifier", "hedge", "stated_by")
"""What a figure says of a number in a document: nothing, if a script counted it."""

_EXCHANGED = str.maketrans(",.", ".,")


@dataclass(eq=False)
class Cell:
    """A figure, its place and bounds, and how many titles it quotes."""

    row: int
    column: int
    figure: Cells
    low: Decimal
    high: Decimal
    is_wanted: bool = True
    titles: int = 0
    begins: str = ""  # the month in which financial years begin there
    wholes: list["Cell"] = field(default_factory=list)


class FigureReader:
    """Reads the figures from a table on a sheet."""

    def __init__(
        self, table: DescribedTable, columns: FoundColumns, vocabulary: Vocabulary
    ) -> None:
        self.table, self.columns, self.vocabulary = table, columns, vocabulary
        self.periods = PeriodReader(table, columns, vocabulary)
        self.labels = LabelReader(table, columns, self.periods, vocabulary)
        self._caveats = {
            about: one.id
            for about, one in table.layout.declare_caveats(
                table.mistakes.file.slug
            ).items()
        }
        self._quoted = columns.quoted
        self._shared_signs = {
            sign for one in columns.labels for sign in one.heading.signs
        }
        self._titles = [*self._read_titles()]
        self._whole = {one.number for one in columns.numbers if self._is_whole(one)}

    def read(self) -> list[Cell]:
        """Return the cells with figures, also those that the editor leaves out."""
        table, columns = self.table, self.columns
        check_rows(table, columns)
        check_units(table, columns, self._whole)
        cells, places = [], []
        for row in sorted({*table.rows, *table.totals}):
            labels = self.labels.read(row)
            for column in columns.numbers:
                place = row, column.number
                is_ignored = table.layout.signs.get(table.grid.text(*place)) == IGNORE
                if is_ignored and place not in table.grid.blank:
                    continue  # a blank one may be merged or a formula
                places.append(place)
                if found := self._read_figure(row, column, labels):
                    cells.append(found)
        check_hidden(table, places)
        percent = [
            one
            for one in cells
            if one.figure["unit"] == "percent" and one.figure["value"]
        ]
        check_percentages(
            table,
            columns,
            [(one.column, one.figure["printed"], one.low) for one in percent],
        )
        self._require_codes(cells)
        check_headings(table, columns)
        return cells

    def _is_whole(self, column: FoundColumn) -> bool:
        """Tell whether a column has numbers, and only whole ones."""
        rows = [*self.table.rows, *self.table.totals]
        reads = [
            self._read_number(text)
            for text in self.table.grid.column(column.number, rows)
        ]
        values = [read["value"] for read in reads if read and "value" in read]
        return bool(values) and all(map(_is_whole, values))

    def _read_titles(self) -> Iterator[Piece]:
        """Yield the words above the table. Their signs are for all figures."""
        for name, words in self.table.layout.figure.counted.items():
            row, column = read_cell_name(name)
            text, signs = split_label(
                self.table.sheet.text(row, column), self.table.layout.signs
            )
            self._shared_signs.update(signs)
            if words not in text:
                self.table.mistakes.at_key(
                    ("figure", "counted", name),
                    f"{name} contains {text!r}, not {words!r}",
                )
            elif doubt := explain_sign(
                text, self.table.layout.signs
            ) or self.table.sheet.unclear.get((row, column)):
                self.table.report(row, column, doubt)
            yield Piece(words, f"cell={row},{column}")

    def _read_figure(
        self, row: int, column: FoundColumn, labels: RowLabels
    ) -> Cell | None:
        text, number = self.table.grid.text(row, column.number), column.number
        read = self._read_number(text)
        figure = self._fill_codes(column, labels) | (read or {})
        if read and self._is_plain_count(figure, number):
            figure["value"] = figure["value"].partition(".")[0]
        fault = (
            rules.find_fault_of_number(figure | {"at": "cell"})
            if read
            else self._explain(row, number, text)
        )
        if fault and labels.is_wanted:
            # each sign is a cause of its own
            is_sign = DATA_SIGNS.fullmatch(text) is not None
            self.table.report(row, number, fault, "" if is_sign else text)
        if fault:
            return None
        self._check_rate(row, column, labels)
        signs = [
            *self._read_flags(row, number),
            *split_signs(text, self.table.layout.signs)[1],
            text,
        ]
        self._add_notes(figure, column, [*signs, *column.heading.signs, *labels.signs])
        cell = Cell(row, number, figure, *_find_bounds(figure), labels.is_wanted)
        self._describe(cell, column, labels)
        return cell

    def _is_plain_count(self, figure: Cells, number: int) -> bool:
        """Tell whether a number is a count in a column of whole numbers, such as 68.0."""
        is_count = figure["unit"] == "count" and number in self._whole
        return is_count and _is_whole(figure["value"])

    def _check_rate(self, row: int, column: FoundColumn, labels: RowLabels) -> None:
        """Ask for the unit of a row that is called a rate."""
        unit = self.table.layout.figure.unit or column.says.unit
        for piece in labels.quoted:
            if is_called_rate(piece.words) and not unit and "unit" not in labels.codes:
                asked = f"{ask_about_rate(piece.words)}, or unit for the column of {piece.words!r}"
                self.table.report(row, column.number, asked, piece.words)
                return

    def _fill_codes(self, column: FoundColumn, labels: RowLabels) -> Cells:
        """Return the cells of a figure with the codes of the file, of its column and row, and of its indicator."""
        shared, of_column = self.table.layout.figure, column.says.given()
        given = shared.given() | of_column | labels.codes
        scopes = [of_column.get("scope"), labels.codes.get("scope")]
        if "scope" in labels.codes:
            given["scope"] = ", ".join(filter(None, scopes))
        used = of_column.keys() - (labels.codes.keys() - {"fit", "scope"})
        self.table.used.update(("columns", column.name, code) for code in used)
        figure = (
            dict.fromkeys(rules.FIGURE_COLUMNS, "")
            | {"unit": "count"}
            | self.vocabulary.fill_codes(given)
        )
        figure["statistic"] = figure["statistic"] or (
            "count" if figure["unit"] == "count" else "share"
        )
        if figure["statistic"] != "count":
            figure["stock_or_flow"] = (
                ""  # what the file says of counts is not for shares and rates
            )
        fit = labels.fit or looser(shared.fit, column.says.fit, *labels.fits)
        return figure | {"fit": fit}

    def _add_notes(self, figure: Cells, column: FoundColumn, own: list[str]) -> None:
        """Add what signs mean, its own and those of all, and the caveats of the file, of the column and of signs."""
        signs = [*own, *self._shared_signs]
        said = [self.table.layout.signs.get(sign, "") for sign in signs]
        figure["mark"] = next((means for means in said if means in MARKS), "")
        notes = [
            identity
            for about, identity in self._caveats.items()
            if about[0] == "signs" and about[1] in signs
        ]
        undated = (
            [self._caveats["figure", "period"]]
            if self.table.layout.figure.is_undated
            else []
        )
        figure["caveats"] = " ".join(
            [*self.table.layout.figure.caveats, *column.says.caveats, *notes, *undated]
        )

    def _read_flags(self, row: int, number: int) -> list[str]:
        """Return the signs of a number in columns of their own."""
        found = [self.table.grid.text(row, one) for one in self.columns.signs[number]]
        for flag, column in zip(found, self.columns.signs[number], strict=True):
            if flag and flag not in self.table.layout.signs:
                message = f"{flag!r} is a sign: add it to signs, and say what it means"
                self.table.report(row, column, message, flag)
        return found

    def _read_number(self, text: str) -> Cells | None:
        """Read a cell, if it is a number with a clear comma. With a decimal comma, a point groups thousands."""
        signs, decimal = self.table.layout.signs, self.table.layout.decimal
        if decimal == "," and text not in signs:
            read = read_cell(text.translate(_EXCHANGED), signs)
            if read and read.get("printed"):
                read["printed"] = read["printed"].translate(_EXCHANGED)
            return read
        is_unclear = self.table.grid.has_semicolons and re.search(r"\d,\d", text)
        return None if is_unclear else read_cell(text, signs)

    def _describe(self, cell: Cell, column: FoundColumn, labels: RowLabels) -> None:
        """Add words, place and period."""
        figure = cell.figure
        period = self.periods.find(cell.row, column, figure, labels.period)
        pieces = self._quote(cell, column, labels, period.words)
        cell.begins, figure["period"] = period.begins, period.means
        figure["counted"] = rules.BETWEEN_PIECES.join(one.words for one in pieces)
        place = self.table.grid.place(cell.row, column.number)
        if not place:
            figure |= dict.fromkeys(_PRINTED, "") | _hide(figure)
            return
        if all(one.place for one in pieces):
            figure["counted_at"] = " ".join(one.place for one in pieces)
        if period.place:
            figure |= {"period_printed": period.words, "period_at": period.place}
        figure |= {"at": place, "hedge_at": place if figure["hedge"] else ""}

    def _quote(
        self, cell: Cell, column: FoundColumn, labels: RowLabels, year: str
    ) -> list[Piece]:
        """Return the words that say what a figure counts: titles, labels, and headings that need be told apart."""
        most, heading = rules.MAX_PIECES, list[Piece]()
        if not self.table.is_made:  # there, it is the script's word
            heading = [*column.heading.quote(year)]
        quoted = [*labels.quoted, *(heading if column.number in self._quoted else ())]
        if len(quoted) > most:
            message = f"{len(quoted)} cells say what this counts, but counted can quote only {most}"
            remedy = "use fewer lines in header, or ignore for a column of labels that says nothing new"
            self.table.report(cell.row, column.number, f"{message}: {remedy}")
        if not self._titles and not quoted:
            quoted = [*labels.plain, *heading][:most]
        titles = self._titles[max(0, len(self._titles) + len(quoted) - most) :]
        cell.titles = len(titles)
        return [*titles, *quoted]

    def _explain(self, row: int, number: int, text: str) -> str:
        if (row, number) in self.table.grid.blank:
            return self.table.grid.blank[row, number]
        if not text:
            return (
                'this cell is blank; to leave out blank cells, add "": ignore to signs'
            )
        if text in self.table.layout.signs:
            return f"{text!r} replaces a number here, so signs cannot explain it in a sentence: use suppressed …"
        if "," in text and re.fullmatch(r"[<>≤≥]?[\d.,]+%?", text):
            return f"{text!r} has a comma that may be for decimals: write decimal: ',' if all commas are"
        if read_year(text, None, {}):
            return f"{text!r} is a year, not a number: write year for its column if it has the years of the rows"
        if re.fullmatch(rf"\({rules.GROUPED}\)", text):
            return f"{text!r} is in brackets: if it is minus {text[1:-1]}, save a copy with -{text[1:-1]}"
        if " in the format " in text:
            return f"this cell shows {text!r}, which is not read: format it as a plain number, and save it"
        sign = explain_sign(self.table.label(row, number), self.table.layout.signs)
        return (
            sign
            or f"{text!r} is not a number; if it ends with a sign, add the sign and its meaning to signs"
        )

    def _require_codes(self, cells: list[Cell]) -> None:
        table = self.table
        for one in [
            cell for cell in cells if cell.is_wanted and not table.mistakes.by_cause
        ]:
            lacking = ", ".join(
                name for name in rules.SUBJECT_CODES if not one.figure[name]
            )
            if lacking and one.row in table.totals:
                table.mistakes.at_key(
                    ("totals", str(one.row)),
                    f"add codes for the row of totals {one.row}: {lacking}",
                )
            elif lacking:
                table.mistakes.at_key(
                    ("figure",),
                    f"add these codes to figure or to a column: {lacking}",
                )


def _hide(figure: Cells) -> Cells:
    """Return what stands for a number that a script hides: it is not exact."""
    if figure["qualifier"] == "exact":
        return {}
    return {"value": "", "value_absent": "suppressed"}


def _is_whole(value: str) -> bool:
    """Tell whether a number is whole, such as 68.0. In Germany 1.000 can mean a thousand."""
    return re.fullmatch(r"-?\d+(\.0|\.00|\.0{4,})?", value) is not None


def _find_bounds(figure: Cells) -> tuple[Decimal, Decimal]:
    value = Decimal(figure["value"]) if figure["value"] else None
    if value is not None and figure["qualifier"] == "exact":
        return value, value
    low, high = read_bounds(
        value,
        figure["qualifier"],
        figure["printed"],
        figure["statistic"],
        figure["unit"],
    )
    return low or Decimal(0), INFINITY if high is None else high
