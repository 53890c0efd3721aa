"""Make figures from the cells of a table, and from the words and signs about them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from misconduct.model.number_words import read_bounds

from ..register import rules
from ..register.cells import name_column, read_cell_name
from ..register.layout import IGNORE, MARKS, Block
from ..register.periods import PeriodInWords, begin_year, names_part_of_year, read_year
from ..register.reading import Cells
from ..register.yaml_files import KeyPath
from .finding import DATA_SIGNS, is_called_rate, write_rows
from .grid import Grid, UnreadableTableError
from .labels import FoundColumn, LabelReader, Piece, RowLabels, list_quoted
from .mistakes import Mistakes
from .numbers import explain_sign, read_cell, split_label, split_signs
from .sheets import Document
from .vocabulary import Vocabulary, looser

INFINITY = Decimal("Infinity")


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


class BlockReader(LabelReader):
    """Reads the figures from one table on a sheet."""

    def __init__(
        self, document: Document, grid: Grid, block: Block, at: KeyPath, vocabulary: Vocabulary, mistakes: Mistakes
    ) -> None:
        super().__init__(grid, block, at, vocabulary, mistakes)
        self.document = document
        self._caveats = {about: one.id for about, one in self.layout.declare_caveats(self.mistakes.file.slug).items()}
        self._quoted = list_quoted(self.columns)
        self._shared_signs = {sign for one in self.labels for sign in one.heading.signs}
        self._check_rows()
        self._titles, self._period = [*self._read_titles()], self._read_fixed_period()
        rows = [*self.rows, *self.totals]
        self._values = {one: [read for text in self.grid.column(one, rows)
                              if (read := self._read_number(text)) and "value" in read]
                        for one in self.columns}  # fmt: skip
        self._whole = {one for one, reads in self._values.items() if all(_is_whole(read["value"]) for read in reads)}
        self._check_units()

    @property
    def accounted(self) -> set[int]:
        return {*self.header, *self.rows, *self.totals}

    @property
    def between(self) -> range:
        """Return the first to the last of the rows: the file may pass over others among them."""
        return range(min(self.rows, default=0), max(self.rows, default=0))

    def read(self) -> list[Cell]:
        """Return the cells with figures, also those that the editor leaves out."""
        cells, places = [], []
        for row in sorted({*self.rows, *self.totals}):
            labels = self.read_labels(row)
            for column in self.numbers:
                number = column.number
                is_ignored = self.layout.signs.get(self.grid.text(row, number)) == IGNORE
                if is_ignored and (row, number) not in self.grid.blank:
                    continue  # a blank one may be merged or a formula
                places.append((row, number))
                if found := self._read_figure(row, column, labels):
                    cells.append(found)
        self._report_hidden(places)
        self._check_percentages(cells)
        self._require_codes(cells)
        self._check_headings()
        return cells

    def _report_hidden(self, places: list[tuple[int, int]]) -> None:
        """Report the rows and the columns of figures that the sheet hides, all rows at once."""
        if rows := sorted({row for row, _ in places} & self.grid.hidden_rows):
            message = f"the sheet hides row {write_rows(rows)}: list only other rows in rows and totals"
            self.report(*next(place for place in places if place[0] == rows[0]), message)
        for number in sorted({number for _, number in places} & self.grid.hidden_columns):
            first = next(place for place in places if place[1] == number)
            self.report(*first, f"the sheet hides column {name_column(number)}: write ignore for it")

    def _check_headings(self) -> None:
        """Report headings with one name that differ in more than years."""
        said: dict[str, tuple[str, str]] = {}
        for number, column in self.columns.items():
            text, name = column.heading.text, column.name
            if column.year and text not in self.layout.periods:
                rest = " ".join(text.replace(column.year[0], "").split())
                other, its_rest = said.setdefault(name, (text, rest))
                if rest != its_rest:
                    message = f"{text!r} and {other!r} say different things, but are both {name!r}: name each in"
                    self.report(self.header[-1], number, f"{message} columns", text)

    def _check_units(self) -> None:
        """Report headings and titles of what are no counts."""
        shared, has_units = self.block.figure.given(), any(one.says.holds == "unit" for one in self.labels)
        units = [shared.get("unit"), *(column.says.unit for column in self.numbers)]
        for name, title in self.block.figure.counted.items():
            if is_called_rate(title) and not has_units and not any(units):
                self.mistakes.at_key(self.find_path("figure", "counted", name), _ask_about_rate(title))
        for number, column in self.columns.items():
            given, heading = shared | column.says.given(), column.heading.text
            is_number = column.says.has_numbers and self._values[number] and number in self._whole
            if "unit" not in given and not has_units and is_number and is_called_rate(heading):
                self.report(self.header[-1], number, _ask_about_rate(heading), heading)

    def _check_percentages(self, cells: list[Cell]) -> None:
        """Report percentages that may be parts of one."""
        found = defaultdict[int, list[Cell]](list)
        for cell in (one for one in cells if one.figure["unit"] == "percent" and one.figure["value"]):
            found[cell.column].append(cell)
        for column in self.numbers:
            limit, of_column = column.says.at_most, found[column.number]
            numbers = [Decimal(one.figure["value"]) for one in of_column if "%" not in one.figure["printed"]]
            largest = max(numbers, default=Decimal(0))
            if limit is not None and not 0 < largest <= limit:
                message = f"{largest} is the largest percentage here, so at_most: {limit} is wrong or has no effect"
                self.mistakes.at_key(("columns", column.name, "at_most"), message)
            elif limit is None and any(one % 1 for one in numbers) and all(0 <= one <= 1 for one in numbers):
                heading, remedy = column.heading.text, "if it is less than 1%, write at_most: 1 for its column"
                message = f"{largest} in {heading!r} may be {largest:.0%}: write unit: proportion; {remedy}"
                self.report(self.header[-1], column.number, message, heading)

    def _check_rows(self) -> None:
        last = len(self.grid.rows)
        if beyond := [row for row in (*self.rows, *self.totals) if row > last]:
            path = self.find_path("rows" if beyond[0] in self.rows else "totals")
            self.mistakes.at_key(path, f"there is no row {beyond[0]}: the sheet has {last} rows")
            self.rows = [row for row in self.rows if row <= last]
        accounted = self.accounted
        for (row, number), doubt in sorted(self.grid.unclear.items()):
            if row in accounted and (row in self.header or number in self.columns):
                self.report(row, number, doubt)

    def _read_titles(self) -> Iterator[Piece]:
        """Yield the words above the table. Their signs are for all figures."""
        for name, words in self.block.figure.counted.items():
            row, column = read_cell_name(name)
            text, signs = split_label(self.grid.text(row, column), self.layout.signs)
            self._shared_signs.update(signs)
            if words not in text:
                path = self.find_path("figure", "counted", name)
                self.mistakes.at_key(path, f"{name} contains {text!r}, not {words!r}")
            elif doubt := explain_sign(text, self.layout.signs) or self.grid.unclear.get((row, column)):
                self.report(row, column, doubt)
            yield Piece(words, f"cell={row},{column}")

    def _read_fixed_period(self) -> PeriodInWords:
        """Return the period of all figures. On this sheet, its words have a place."""
        given, path = self.block.figure.period, self.find_path("figure", "period")
        if given is None or self.block.figure.is_undated:
            return PeriodInWords()
        if any(one.says.year or one.says.holds == "year" for one in self.columns.values()):
            self.mistakes.at_key(path, "the columns give the years, so leave period out")
        printed, read = given.printed or "", read_year(given.printed or "", None, self.layout.periods)
        self.used.update(("periods", words) for words in self.layout.periods if words in printed)
        means = given.means or (read[1] if read else "")
        fault = rules.period_includes_its_printed_years(means, printed) if given.means else None
        fault = fault if means else f"{printed!r} is not a plain year: say in means which period it is"
        if fault:
            self.mistakes.at_key(path, fault)
        if given.cell is None:
            return PeriodInWords(means)
        sheet, _, name = given.cell.rpartition("!")
        row, column = read_cell_name(name)
        try:
            text = (self.document.read(sheet) if sheet else self.grid).text(row, column)
        except UnreadableTableError as error:
            self.mistakes.at_key(path, str(error))
            return PeriodInWords()
        if printed not in text:
            self.mistakes.at_key(path, f"{given.cell} contains {text!r}, not {printed!r}")
        return PeriodInWords(means) if sheet else PeriodInWords(means, printed, f"cell={row},{column}")

    def _read_figure(self, row: int, column: FoundColumn, labels: RowLabels) -> Cell | None:
        text, number = self.grid.text(row, column.number), column.number
        read = self._read_number(text)
        figure = self._fill_codes(column, labels) | (read or {})
        if read and _is_whole(figure["value"]) and figure["unit"] == "count" and number in self._whole:
            figure["value"] = figure["value"].partition(".")[0]
        fault = rules.find_fault_of_number(figure) if read else self._explain(row, number, text)
        if fault and labels.is_wanted:
            is_sign = DATA_SIGNS.fullmatch(text) is not None  # each sign is a cause of its own
            self.report(row, number, fault, "" if is_sign else text)
        if fault:
            return None
        name = next((one.words for one in labels.quoted if is_called_rate(one.words)), None)
        if name and not (self.block.figure.unit or column.says.unit or "unit" in labels.codes):
            self.report(row, number, f"{_ask_about_rate(name)}, or unit for the column of {name!r}", name)
        signs = [*split_signs(text, self.layout.signs)[1], text, *column.heading.signs, *labels.signs]
        self._add_notes(figure, column, [*signs, *self._shared_signs])
        cell = Cell(row, number, figure, *_find_bounds(figure), labels.is_wanted)
        self._describe(cell, column, labels)
        return cell

    def _fill_codes(self, column: FoundColumn, labels: RowLabels) -> Cells:
        """Return the cells of a figure with the codes of the file, of its column and row, and of its indicator."""
        shared, of_column = self.block.figure, column.says.given()
        given = shared.given() | of_column | labels.codes
        if of_column.get("scope") and labels.codes.get("scope"):
            given["scope"] = f"{of_column['scope']}, {labels.codes['scope']}"
        used = of_column.keys() - (labels.codes.keys() - {"fit", "scope"})
        self.used.update(("columns", column.name, code) for code in used)
        figure = dict.fromkeys(rules.FIGURE_COLUMNS, "") | {"unit": "count"} | self.vocabulary.fill_codes(given)
        figure["statistic"] = figure["statistic"] or ("count" if figure["unit"] == "count" else "share")
        if figure["statistic"] != "count":
            figure["stock_or_flow"] = ""  # what the file says of counts is not for shares and rates
        return figure | {"fit": looser(shared.fit, column.says.fit, labels.codes["fit"])}

    def _add_notes(self, figure: Cells, column: FoundColumn, signs: list[str]) -> None:
        """Add what signs mean, and the caveats of the file, of the column and of signs."""
        figure["mark"] = next((means for sign in signs if (means := self.layout.signs.get(sign)) in MARKS), "") or ""
        notes = [identity for about, identity in self._caveats.items() if about[0] == "signs" and about[1] in signs]
        undated = [self._caveats["figure", "period"]] if self.block.figure.is_undated else []
        figure["caveats"] = " ".join([*self.block.figure.caveats, *column.says.caveats, *notes, *undated])

    def _read_number(self, text: str) -> Cells | None:
        """Read a cell, if it is a number with a clear comma."""
        is_unclear = self.grid.has_semicolons and re.search(r"\d,\d", text)
        return None if is_unclear else read_cell(text, self.layout.signs)

    def _describe(self, cell: Cell, column: FoundColumn, labels: RowLabels) -> None:
        """Add words, place and period."""
        figure, period = cell.figure, self._find_period(cell, column, labels)
        heading, most = [*column.heading.quote(period.words)], rules.MAX_PIECES
        quoted = [*labels.quoted, *(heading if column.number in self._quoted else ())]
        if len(quoted) > most:
            message = f"{len(quoted)} cells say what this counts, but counted can quote only {most}"
            remedy = "use fewer lines in header, or ignore for a column of labels that says nothing new"
            self.report(cell.row, column.number, f"{message}: {remedy}")
        if not self._titles and not quoted:
            quoted = [*labels.plain, *heading][:most]
        titles = self._titles[max(0, len(self._titles) + len(quoted) - most) :]
        cell.titles, cell.begins, pieces = len(titles), period.begins, [*titles, *quoted]
        figure |= {"period": period.means, "counted": rules.BETWEEN_PIECES.join(one.words for one in pieces)}
        place = self.grid.place(cell.row, column.number)
        if not place:
            hidden = {} if figure["qualifier"] == "exact" else {"value": "", "value_absent": "suppressed"}
            figure |= hidden | {"printed": "", "qualifier": "", "hedge": "", "stated_by": ""}
            return
        if all(one.place for one in pieces):
            figure["counted_at"] = " ".join(one.place for one in pieces)
        if period.place:
            figure |= {"period_printed": period.words, "period_at": period.place}
        figure |= {"at": place, "hedge_at": place if figure["hedge"] else ""}

    def _find_period(self, cell: Cell, column: FoundColumn, labels: RowLabels) -> PeriodInWords:
        line, number, text, year = self.header[-1], column.number, column.heading.text, column.says.year
        of_row = self._begin_year(cell, labels.period, "{is: year, from: July}") if labels.period else None
        if of_row and names_part_of_year(text):
            remedy = "save a copy with its year in the heading, as Mar-20, and write {year: month} for it"
            self.report_part(line, number, text, remedy)
        elif of_row and year:
            self.report(line, number, "the rows have years, too: is this column a value, or one to ignore?")
        if of_row or not year:
            return of_row or self._begin_year(cell, self._period, "means: 2013-07/2014-06, if it is July")
        read = self.read_period(line, number, text, column.says)
        if read is None:
            return PeriodInWords()
        period = read._replace(place=column.heading.find(read.words) or self.grid.place(cell.row, number))
        return self._begin_year(cell, period, "{year: financial, from: July}")

    def _begin_year(self, cell: Cell, period: PeriodInWords, remedy: str) -> PeriodInWords:
        """Return a period whose year begins as the file says, or else as in the figure's area."""
        area = cell.figure["area"]
        month = period.begins or self.vocabulary.find_financial_year(area)
        means = begin_year(period.means, month)
        if period.means and not means and area:
            label = self.vocabulary.label("area", area)
            message = f"a financial year of {label!r} begins in which month? write {remedy}"
            self.report(cell.row, cell.column, message, label)
        return period._replace(means=means, begins=month)

    def _explain(self, row: int, number: int, text: str) -> str:
        if (row, number) in self.grid.blank:
            return self.grid.blank[row, number]
        if not text:
            return 'this cell is blank; to leave out blank cells, add "": ignore to signs'
        if text in self.layout.signs:
            return f"{text!r} replaces a number here, so signs cannot explain it in a sentence: use suppressed …"
        if "," in text and re.fullmatch(r"[<>≤≥]?[\d.,]+%?", text):
            return f"{text!r} has a comma that may be for decimals: save a copy with numbers such as 1234.5"
        if read_year(text, None, {}):
            return f"{text!r} is a year, not a number: write year for its column if it has the years of the rows"
        if re.fullmatch(rf"\({rules.GROUPED}\)", text):
            return f"{text!r} is in brackets: if it is minus {text[1:-1]}, save a copy with -{text[1:-1]}"
        if " in the format " in text:
            return f"this cell shows {text!r}, which is not read: format it as a plain number, and save it"
        sign = explain_sign(self.read_label(row, number), self.layout.signs)
        return sign or f"{text!r} is not a number; if it ends with a sign, add the sign and its meaning to signs"

    def _require_codes(self, cells: list[Cell]) -> None:
        for one in [cell for cell in cells if cell.is_wanted and not self.mistakes.by_cause]:
            lacking = ", ".join(name for name in rules.SUBJECT_CODES if not one.figure[name])
            if lacking and one.row in self.totals:
                path = self.find_path("totals", str(one.row))
                self.mistakes.at_key(path, f"add codes for the row of totals {one.row}: {lacking}")
            elif lacking:
                self.mistakes.at_key(self.find_path("figure"), f"add these codes to figure or to a column: {lacking}")


def _is_whole(value: str) -> bool:
    """Tell whether a number is whole, such as 68.0. In Germany 1.000 can mean a thousand."""
    return re.fullmatch(r"-?\d+(\.0|\.00|\.0{4,})?", value) is not None


def _ask_about_rate(name: str) -> str:
    return f"{name!r} seems to have no counts: {rules.NO_COUNTS}; if it has, write unit: count"


def _find_bounds(figure: Cells) -> tuple[Decimal, Decimal]:
    value = Decimal(figure["value"]) if figure["value"] else None
    if value is not None and figure["qualifier"] == "exact":
        return value, value
    low, high = read_bounds(value, figure["qualifier"], figure["printed"], figure["statistic"], figure["unit"])
    return low or Decimal(0), INFINITY if high is None else high
