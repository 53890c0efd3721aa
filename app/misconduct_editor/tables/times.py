"""Find the period of each figure: that of its row, of its heading, or of the whole table."""

from collections.abc import Iterator

from ..register import rules
from ..register.cells import read_cell_name
from ..register.layout import Column, StatedPeriod, Total
from ..register.periods import (
    YEAR_FORMS,
    PeriodInWords,
    begin_year,
    is_one_end,
    names_part_of_year,
    read_year,
)
from ..register.reading import Cells
from .described import DescribedTable
from .headings import FoundColumn, FoundColumns
from .numbers import explain_sign, find_words_at_year
from .vocabulary import Vocabulary

SAY_MEANS = "say in means which period it is"


class PeriodReader:
    """Reads the periods of a table, and reports words for a time in which none, or more than a year, can be read."""

    def __init__(
        self, table: DescribedTable, columns: FoundColumns, vocabulary: Vocabulary
    ) -> None:
        self.table, self.columns, self.vocabulary = table, columns, vocabulary
        self.of_table = self._read_period_of_table()

    def find(
        self, row: int, column: FoundColumn, figure: Cells, of_row: PeriodInWords | None
    ) -> PeriodInWords:
        """Return the period of a figure. Its area may say in which month a year begins."""
        number, text, year = column.number, column.heading.text, column.says.year
        if of_row:
            self._check_heading(column)
            period, remedy = of_row, "{is: year, from: July}"
        elif not year:
            period, remedy = self.of_table, "means: 2013-07/2014-06, if it is July"
        else:
            read = self._read(self.table.header[-1], number, text, column.says)
            if read is None:
                return PeriodInWords()
            place = column.heading.find(read.words) or self.table.grid.place(
                row, number
            )
            period, remedy = read._replace(place=place), "{year: financial, from: July}"
        month = period.begins or self.vocabulary.find_financial_year(figure["area"])
        means = begin_year(period.means, month)
        if period.means and not means and figure["area"]:
            label = self.vocabulary.label("area", figure["area"])
            message = (
                f"a financial year of {label!r} begins in which month? write {remedy}"
            )
            self.table.report(row, number, message, label)
        return period._replace(means=means, begins=month)

    def _check_heading(self, column: FoundColumn) -> None:
        """Report a heading with a time, where the rows have years."""
        text = column.heading.text
        if names_part_of_year(text):
            remedy = "save a copy with its year in the heading, as Mar-20, and write {year: month} for it"
            self._report_part(self.table.header[-1], column.number, text, remedy)
        elif column.says.year:
            message = (
                "the rows have years, too: is this column a value, or one to ignore?"
            )
            self.table.report_heading(column.number, message)

    def read_row(self, row: int, total: Total | None) -> PeriodInWords | None:
        """Return the period that the labels of a row give."""
        period = None
        for one in self.columns.labels:
            word = self.table.label(row, one.number)
            if one.says.holds == "year" and (
                not total or read_year(word, one.says.year, self.table.layout.periods)
            ):
                period = self._read(row, one.number, word, one.says) or period
        for one in self.columns.labels:
            text = self.table.grid.text(row, one.number)
            if period and one.says.holds == "words" and names_part_of_year(text):
                self._report_part(
                    row,
                    one.number,
                    text,
                    "months can be in headings, and not in rows that have years",
                )
        return period

    def _read(
        self, row: int, number: int, text: str, column: Column
    ) -> PeriodInWords | None:
        periods = self.table.layout.periods
        self.table.used.update(("periods", words) for words in periods if words in text)
        read = read_year(text, column.year, periods)
        if fault := self._find_fault(text, column, read and read[0]):
            self.table.report(row, number, fault, text)
        if fault or not read:
            return None
        return PeriodInWords(
            read[1], read[0], self.table.grid.place(row, number), column.begins or ""
        )

    def _find_fault(self, text: str, column: Column, year: str | None) -> str | None:
        """Return what to do about words for a time in which nothing, or more than a year, can be read."""
        if not text:
            return "this year is blank: if a year is for several rows, save a copy with it in each of them"
        if text in self.table.layout.periods:
            return None
        if message := explain_sign(text, self.table.layout.signs):
            return message
        if year and (
            sign := find_words_at_year(text, year, is_label=column.holds == "year")
        ):
            remedy = (
                "add it to signs, and say what it means, or all these words to periods"
            )
            return f"{text!r} says {sign!r} of the year: {remedy}"
        if column.year == "month" and read_year(text, "financial", {}):
            return f"{text!r} may be a year or a month: add it to periods, and say which it means"
        if year:
            return None
        form = next((one for one in YEAR_FORMS if read_year(text, one, {})), None)
        if form == "month":
            why = f"{text!r} is a month, or a year of which a spreadsheet made a date, as Oct-09 of 2009-10"
            return f"{why}: write year: month, or add it to periods, and say which year it means"
        remedy = f"write year: {form}, or " if form else ""
        return f"cannot read {text!r} as a year; {remedy}add its words for the time to periods, and say what they mean"

    def _report_part(self, row: int, number: int, text: str, remedy: str) -> None:
        message = f"{text!r} is a part of a year, so the figure is not for the whole year: {remedy}"
        self.table.report(row, number, message, text)

    def _read_period_of_table(self) -> PeriodInWords:
        """Return the period of all figures. In a cell, its words have a place."""
        table, figure = self.table, self.table.layout.figure
        given, path = figure.period, ("figure", "period")
        if given is None or figure.is_undated:
            return PeriodInWords()
        printed = given.printed or ""
        periods = table.layout.periods
        table.used.update(("periods", words) for words in periods if words in printed)
        read = read_year(printed, None, periods)
        means = given.means or (read[1] if read else "")
        for fault in filter(None, self._find_faults_of_period(given, means)):
            table.mistakes.at_key(path, fault)
        if given.cell is None:
            return PeriodInWords(means)
        row, column = read_cell_name(given.cell)
        return PeriodInWords(means, printed, f"cell={row},{column}")

    def _find_faults_of_period(
        self, given: StatedPeriod, means: str
    ) -> Iterator[str | None]:
        printed = given.printed or ""
        says = [column.says for column in self.columns.by_number.values()]
        if any(one.year or one.holds == "year" for one in says):
            yield "the columns give the years, so leave period out"
        if given.cell:
            yield self._find_fault_of_cell(given)
        if not means:
            yield f"{printed!r} is not a plain year: {SAY_MEANS}"
        elif given.means:
            yield rules.period_includes_its_printed_years(means, printed)

    def _find_fault_of_cell(self, given: StatedPeriod) -> str | None:
        """Return what is wrong with the words of a period in the cell that has them."""
        text = self.table.sheet.text(*read_cell_name(given.cell or ""))
        printed = given.printed or ""
        if printed not in text:
            return f"{given.cell} contains {text!r}, not {printed!r}"
        if is_one_end(text, printed) and not given.means:
            return f"{text!r} is no plain year: {SAY_MEANS}"
        return None
