"""Report what is read, but may mean something else: hidden rows, headings that differ, rates among counts."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from ..register.cells import name_column
from ..register.rules import NO_COUNTS
from ..register.yaml_files import KeyPath
from .described import DescribedTable
from .finding import is_called_rate, write_rows
from .headings import FoundColumns


def ask_about_rate(name: str) -> str:
    return (
        f"{name!r} seems to have no counts: {NO_COUNTS}; if it has, write unit: count"
    )


def check_rows(table: DescribedTable, columns: FoundColumns) -> None:
    """Report rows that are not there, and texts that are struck out, hidden or lowered."""
    last = len(table.grid.rows)
    if beyond := [row for row in (*table.layout.rows, *table.totals) if row > last]:
        key = "rows" if beyond[0] in table.layout.rows else "totals"
        table.mistakes.at_key(
            (key,), f"there is no row {beyond[0]}: the sheet has {last} rows"
        )
    for (row, number), doubt in sorted(table.grid.unclear.items()):
        if row in table.accounted and (
            row in table.header or number in columns.by_number
        ):
            table.report(row, number, doubt)


def check_hidden(table: DescribedTable, places: Collection[tuple[int, int]]) -> None:
    """Report the rows and the columns of figures that the sheet hides, all rows at once."""
    if rows := sorted({row for row, _ in places} & table.grid.hidden_rows):
        message = f"the sheet hides row {write_rows(rows)}: list only other rows in rows and totals"
        table.report(*next(place for place in places if place[0] == rows[0]), message)
    for number in sorted({number for _, number in places} & table.grid.hidden_columns):
        first = next(place for place in places if place[1] == number)
        table.report(
            *first, f"the sheet hides column {name_column(number)}: write ignore for it"
        )


def check_headings(table: DescribedTable, columns: FoundColumns) -> None:
    """Report headings with one name that differ in more than years."""
    said: dict[str, tuple[str, str]] = {}
    for number, column in columns.by_number.items():
        text, name = column.heading.text, column.name
        if column.year and text not in table.layout.periods:
            rest = " ".join(text.replace(column.year[0], "").split())
            other, its_rest = said.setdefault(name, (text, rest))
            if rest != its_rest:
                message = f"{text!r} and {other!r} say different things, but are both {name!r}: name each in"
                table.report_heading(number, f"{message} columns", text)


def check_units(table: DescribedTable, columns: FoundColumns, whole: set[int]) -> None:
    """Report headings and titles of what are no counts. `whole` are the columns with whole numbers only."""
    shared, has_units = (
        table.layout.figure.given(),
        any(one.says.holds == "unit" for one in columns.labels),
    )
    units = [shared.get("unit"), *(column.says.unit for column in columns.numbers)]
    source = table.mistakes.file.source
    titles: dict[KeyPath, str] = {("source", "title"): str(source.title or "")}
    for name, words in table.layout.figure.counted.items():
        titles["figure", "counted", name] = words
    for path, title in titles.items():
        if is_called_rate(title) and not has_units and not any(units):
            table.mistakes.at_key(path, ask_about_rate(title))
    for column in columns.numbers:
        given, heading = shared | column.says.given(), column.heading.text
        if (
            "unit" not in given
            and not has_units
            and column.number in whole
            and is_called_rate(heading)
        ):
            table.report_heading(column.number, ask_about_rate(heading), heading)


def check_percentages(
    table: DescribedTable,
    columns: FoundColumns,
    printed: Collection[tuple[int, str, Decimal]],
) -> None:
    """Report percentages that may be parts of one. `printed` are their columns, texts and values."""
    found = defaultdict[int, list[Decimal]](list)
    for number, text, value in printed:
        if "%" not in text:
            found[number].append(value)
    for column in columns.numbers:
        numbers, heading = found[column.number], column.heading.text
        if any(one % 1 for one in numbers) and all(0 <= one <= 1 for one in numbers):
            remedy = "if they are less than 1%, save a copy with % behind them"
            message = f"{max(numbers)} in {heading!r} may be {max(numbers):.0%}: write unit: proportion; {remedy}"
            table.report_heading(column.number, message, heading)
