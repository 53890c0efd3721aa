"""Compare the totals of a table with its cells, and note which figures each total includes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from ..register.cells import name_cell, name_column
from ..register.yaml_files import KeyPath
from .described import DescribedTable
from .figures import INFINITY, Cell
from .finding import write_rows
from .headings import FoundColumn, FoundColumns
from .vocabulary import matches

Counts = dict[tuple[int, int], Cell]
"""The counts of a table, by row and column."""


@dataclass(frozen=True)
class Sum:
    """A published total, its cell if it has one, and the cells that it adds up: `rows` or `columns`."""

    name: str
    parts: list[Cell]
    low: Decimal
    high: Decimal
    printed: str
    path: KeyPath
    whole: Cell | None = None
    explanation: str | None = None
    rounding: int = 0
    axis: str = ""

    @property
    def agrees(self) -> bool:
        """Tell whether the cells can add up to it. Each rounded one can be off by half."""
        low, high = add_up(self.parts)
        off = Decimal(self.rounding * len(self.parts)) / 2
        has_cells = bool(self.parts or self.whole)
        return has_cells and low - off <= self.high and self.low <= high + off

    @property
    def is_exact(self) -> bool:
        return replace(self, rounding=0).agrees

    @property
    def adds_up(self) -> str:
        if not self.parts:
            return "blank cells"
        if self.axis == "rows":
            return f"rows {write_rows(part.row for part in self.parts)}"
        if self.axis == "columns":
            names = (name_column(part.column) for part in self.parts)
            return f"columns {' '.join(names)}"
        return "cells"


def add_up(cells: list[Cell]) -> tuple[Decimal, Decimal]:
    """Return the lowest and highest possible sum."""
    low = sum((cell.low for cell in cells), Decimal(0))
    return low, sum((cell.high for cell in cells), Decimal(0))


def say_sum(cells: list[Cell]) -> str:
    """Return what cells add up to, in words: 311, or a range."""
    low, high = add_up(cells)
    if low == high:
        return f"{low:,}"
    return f"{low:,} or more" if high == INFINITY else f"{low:,} to {high:,}"


def find_sums(
    table: DescribedTable, columns: FoundColumns, cells: list[Cell]
) -> list[Sum]:
    """Return every total: of rows, of columns, and those published elsewhere."""
    counts = {
        (cell.row, cell.column): cell
        for cell in cells
        if cell.figure["statistic"] == "count"
    }
    found = [*_sum_columns(table, columns, counts)]
    found += (
        _sum_made_rows(table, counts) if table.is_made else _sum_rows(table, counts)
    )
    found.sort(key=lambda sum_: _find_position(sum_.whole))
    return [*found, *_list_published(table, cells)]


def _find_position(whole: Cell | None) -> tuple[int, int]:
    return (whole.row, whole.column) if whole else (0, 0)


def _sum(
    table: DescribedTable, whole: Cell, parts: list[Cell], path: KeyPath, axis: str
) -> Sum:
    """Return the total in a cell, with the reason why it does not add up."""
    name = f"row {whole.row}" if axis == "columns" else ""
    name = name or f"column {name_column(whole.column)}"
    found = Sum(
        f"of {name}",
        parts,
        whole.low,
        whole.high,
        whole.figure["printed"],
        path,
        whole,
        None,
        table.layout.rounding or 0,
        axis,
    )
    place = table.grid.find(whole.row, whole.column)
    if found.agrees or not place:
        return found
    return replace(found, explanation=table.layout.find_reason(place))


def _sum_columns(
    table: DescribedTable, columns: FoundColumns, counts: Counts
) -> Iterator[Sum]:
    totals = [one for one in columns.numbers if one.says.holds == "total"]
    named = {one.number: [*_find_columns(columns, one)] for one in totals}
    for total in totals:
        path = ("columns", total.name)
        numbers = _leave_out_parts(named, total.number)
        for (row, number), whole in counts.items():
            if number == total.number:
                parts = [counts[row, part] for part in numbers if (row, part) in counts]
                yield _sum(table, whole, parts, path, "columns")


def _sum_rows(table: DescribedTable, counts: Counts) -> Iterator[Sum]:
    named = {
        row: [*_find_rows(table, row)]
        for row, total in table.totals.items()
        if total.of != []
    }
    for row in named:
        path = ("totals", str(row))
        rows = _leave_out_parts(named, row)
        for (own, number), whole in counts.items():
            if own == row:
                parts = [
                    counts[part, number] for part in rows if (part, number) in counts
                ]
                yield _sum(table, whole, parts, path, "rows")


def _sum_made_rows(table: DescribedTable, counts: Counts) -> Iterator[Sum]:
    """Yield the totals that a script names: each of a list of rows."""
    for row, lists in (table.sums or {}).items():
        for (own, number), whole in counts.items():
            for rows in lists if own == row else ():
                parts = [
                    counts[part, number] for part in rows if (part, number) in counts
                ]
                yield _sum(table, whole, parts, (), "")


def _list_published(table: DescribedTable, cells: list[Cell]) -> Iterator[Sum]:
    headings = {
        table.grid.text(table.header[-1], number): number
        for number in range(1, table.grid.width + 1)
    }
    for name, given in table.layout.published.items():
        heading, _, word = name.partition("=")
        column = headings.get(heading)
        parts = [
            cell
            for cell in cells
            if name == "all" or (column and table.label(cell.row, column) == word)
        ]
        path, number = ("published", name), Decimal(given)
        yield Sum(name, parts, number, number, f"{given:,}", path)


def _find_rows(table: DescribedTable, total: int) -> Iterator[int]:
    """Yield the rows that a total names, or else all, with the totals that name theirs."""
    of, totals = table.totals[total].of, table.totals
    every = sorted([*table.rows, *(row for row, one in totals.items() if one.of)])
    yield from (row for row in (every if of is None else of) if row != total)


def _find_columns(columns: FoundColumns, total: FoundColumn) -> Iterator[int]:
    """Yield the columns that a total names, or else all, with the totals that name theirs; only those of its year."""
    year = total.year and total.year[1]
    for number, one in columns.by_number.items():
        is_of_year = not total.says.year or (one.year and one.year[1]) == year
        is_named = any(_is_name_of(name, one) for name in total.says.of)
        is_part = (
            is_named if total.says.of else one.says.holds == "value" or one.says.of
        )
        if one is not total and one.says.has_numbers and is_of_year and is_part:
            yield number


def _is_name_of(name: str, column: FoundColumn) -> bool:
    return name in (column.name, column.heading.text) or (
        "*" in name and matches(name, column.heading.text)
    )


def _leave_out_parts(totals: Mapping[int, list[int]], total: int) -> list[int]:
    """Return what a total names, but for what others in it add up."""
    parts = {part for one in totals[total] for part in totals.get(one, ())}
    return [one for one in totals[total] if one not in parts]


def set_periods(sums: Iterable[Sum]) -> None:
    """Give totals across columns the days of their parts, from first to last: first the totals in a total."""
    undated = [
        (one.whole, one.parts)
        for one in sums
        if one.parts and one.whole and not one.whole.figure["period"]
    ]
    while dated := [
        one
        for one in undated
        if all(part.figure["period"][:1].isdigit() for part in one[1])
    ]:
        for whole, parts in dated:
            periods = [part.figure["period"] for part in parts]
            ends = (
                min(one.split("/")[0] for one in periods),
                max(one.split("/")[-1] for one in periods),
            )
            whole.figure["period"] = "/".join(dict.fromkeys(ends))
        undated = [one for one in undated if not one[0].figure["period"]]


def link_parts(sums: Iterable[Sum], caveats: Mapping[KeyPath, str]) -> None:
    """Note the totals of cells and totals, and say in a caveat why one does not add up."""
    for one in sums:
        if one.whole is None:
            continue
        if one.explanation or (one.agrees and not one.is_exact):
            why = (
                caveats["explain", one.explanation]
                if one.explanation
                else caveats["rounding",]
            )
            had = one.whole.figure["caveats"].split()
            one.whole.figure["caveats"] = " ".join(dict.fromkeys([*had, why]))
        for part in one.parts:
            part.wholes.append(one.whole)


def explain_sum(one: Sum, place: tuple[int, int] | None) -> str:
    """Return what to do about a total that its cells do not add up to."""
    added = (
        f"{one.adds_up} add up to {say_sum(one.parts)}"
        if one.parts or one.whole
        else "no row has that word"
    )
    message = f"the total {one.name} is published as {one.printed}, but {added}"
    if not one.whole or not place:
        return message
    why = f"explain: {{{name_cell(*place)}: …}}"
    return f"{message}; name in of what it adds up; if it is printed so, say why in {why}, or in rounding"
