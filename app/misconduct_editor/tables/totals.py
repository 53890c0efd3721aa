"""Compare the totals of a table with its cells, and note which figures each total includes."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from ..register.cells import name_cell, name_column
from ..register.yaml_files import KeyPath
from .block import TableBlock
from .figures import INFINITY, Cell
from .finding import write_rows
from .headings import FoundColumn, FoundColumns
from .vocabulary import matches


class Sum(NamedTuple):
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
        (low, high), off = (
            add_up(self.parts),
            Decimal(self.rounding * len(self.parts)) / 2,
        )
        return (
            bool(self.parts or self.whole)
            and low - off <= self.high
            and self.low <= high + off
        )

    @property
    def remedy(self) -> str:
        """Return what to do if its cell does not have the sum of its parts."""
        key, name = self.path[-2:]
        cell = name_cell(self.whole.row, self.whole.column) if self.whole else ""
        why = f"{key}: {{{name}: {{explain: {{{cell}: …}}}}}}"
        return f"name in of what it adds up; if it is printed so, say why in {why}, or in rounding"

    @property
    def adds_up(self) -> str:
        if not self.parts:
            return "blank cells"
        if self.axis == "rows":
            return f"rows {write_rows(one.row for one in self.parts)}"
        return (
            f"columns {' '.join(name_column(one.column) for one in self.parts)}"
            if self.axis
            else "cells"
        )


def add_up(cells: list[Cell]) -> tuple[Decimal, Decimal]:
    """Return the lowest and highest possible sum."""
    return sum((one.low for one in cells), Decimal(0)), sum(
        (one.high for one in cells), Decimal(0)
    )


def say_sum(cells: list[Cell]) -> str:
    """Return what cells add up to, in words: 311, or a range."""
    low, high = add_up(cells)
    if low == high:
        return f"{low:,}"
    return f"{low:,} or more" if high == INFINITY else f"{low:,} to {high:,}"


def find_sums(
    table: TableBlock, columns: FoundColumns, cells: list[Cell]
) -> Iterator[Sum]:
    """Yield every total: of rows, of columns, and those published elsewhere."""
    added = {
        (one.row, one.column): one
        for one in cells
        if one.figure["statistic"] == "count"
    }
    summed = {one.number: one for one in columns.numbers if one.says.holds == "total"}
    of_columns = {
        number: [*_find_columns(columns, one)] for number, one in summed.items()
    }
    of_rows = {
        row: [*_find_rows(table, row)]
        for row, total in table.totals.items()
        if total.of != []
    }
    for (row, number), whole in added.items():
        value = whole.low, whole.high, whole.figure["printed"]
        if number in of_columns:
            parts = [
                added[row, one]
                for one in _leave_out_parts(of_columns, number)
                if (row, one) in added
            ]
            path: KeyPath = ("columns", summed[number].name)
            why = summed[number].says.find_reason(row, number)
            yield Sum(
                f"of row {row}",
                parts,
                *value,
                path,
                whole,
                why,
                table.layout.rounding or 0,
                "columns",
            )
        if row in of_rows:
            parts = [
                added[one, number]
                for one in _leave_out_parts(of_rows, row)
                if (one, number) in added
            ]
            path, why = (
                table.find_path("totals", str(row)),
                table.totals[row].find_reason(row, number),
            )
            name = f"of column {name_column(number)}"
            yield Sum(
                name,
                parts,
                *value,
                path,
                whole,
                why,
                table.layout.rounding or 0,
                "rows",
            )
    headings = {
        table.grid.text(table.header[-1], number): number
        for number in range(1, table.grid.width + 1)
    }
    for name, given in table.block.published.items():
        heading, _, word = name.partition("=")
        column = headings.get(heading)
        parts = [
            one
            for one in cells
            if name == "all" or (column and table.label(one.row, column) == word)
        ]
        yield Sum(
            name,
            parts,
            Decimal(given),
            Decimal(given),
            f"{given:,}",
            table.find_path("published", name),
        )


def _find_rows(table: TableBlock, total: int) -> Iterator[int]:
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
    order = dict[str, int]()  # of the ids in part_of, as releases have them
    for one in sorted(sums, key=lambda one: order.setdefault(one.name, len(order))):
        if one.whole is None:
            continue
        if one.explanation or (one.agrees and not one._replace(rounding=0).agrees):
            why = (
                caveats["explain", one.explanation]
                if one.explanation
                else caveats["rounding",]
            )
            one.whole.figure["caveats"] = " ".join(
                dict.fromkeys([*one.whole.figure["caveats"].split(), why])
            )
        for part in one.parts:
            part.wholes.append(one.whole)
