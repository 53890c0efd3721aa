"""Compare the totals of a table with its cells, and note which figures each total includes."""

from collections import defaultdict
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
    """A published total, its cell if it has one, and the cells that it adds up.

    `axis` is what tells its parts apart: the `row` or the `column`; `covers` has those that it adds up.
    """

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
    covers: frozenset[int] = frozenset()

    @property
    def agrees(self) -> bool:
        """Tell whether the cells can add up to it. Each rounded one can be off by half."""
        (low, high), off = add_up(self.parts), Decimal(self.rounding * len(self.parts)) / 2
        return bool(self.parts or self.whole) and low - off <= self.high and self.low <= high + off

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
        if self.axis == "row":
            return f"rows {write_rows(one.row for one in self.parts)}"
        return f"columns {' '.join(name_column(one.column) for one in self.parts)}" if self.axis else "cells"


def add_up(cells: list[Cell]) -> tuple[Decimal, Decimal]:
    """Return the lowest and highest possible sum."""
    return sum((one.low for one in cells), Decimal(0)), sum((one.high for one in cells), Decimal(0))


def say_sum(cells: list[Cell]) -> str:
    """Return what cells add up to, in words: 311, or a range."""
    low, high = add_up(cells)
    if low == high:
        return f"{low:,}"
    return f"{low:,} or more" if high == INFINITY else f"{low:,} to {high:,}"


def find_sums(table: TableBlock, columns: FoundColumns, cells: list[Cell]) -> Iterator[Sum]:
    """Yield every total: of rows, of columns, and those published elsewhere."""
    added = {(one.row, one.column): one for one in cells if one.figure["statistic"] == "count"}
    summed = {one.number: one for one in columns.numbers if one.says.holds == "total"}
    of_columns = {number: [*_find_columns(columns, one)] for number, one in summed.items()}
    of_rows = {row: table.rows if total.of is None else [one for one in total.of if one != row]
               for row, total in table.totals.items() if total.of != []}  # fmt: skip
    for (row, number), whole in added.items():
        value = whole.low, whole.high, whole.figure["printed"]
        if number in of_columns:
            parts = [added[row, one] for one in _leave_out_parts(of_columns, number) if (row, one) in added]
            path: KeyPath = ("columns", summed[number].name)
            why, covers = summed[number].says.find_reason(row, number), _expand(of_columns, number)
            yield Sum(f"of row {row}", parts, *value, path, whole, why, table.layout.rounding or 0, "column", covers)
        if row in of_rows:
            parts = [added[one, number] for one in _leave_out_parts(of_rows, row) if (one, number) in added]
            path, why = table.find_path("totals", str(row)), table.totals[row].find_reason(row, number)
            name, covers = f"of column {name_column(number)}", _expand(of_rows, row)
            yield Sum(name, parts, *value, path, whole, why, table.layout.rounding or 0, "row", covers)
    headings = {table.grid.text(table.header[-1], number): number for number in range(1, table.grid.width + 1)}
    for name, given in table.block.published.items():
        heading, _, word = name.partition("=")
        column = headings.get(heading)
        parts = [one for one in cells if name == "all" or (column and table.label(one.row, column) == word)]
        yield Sum(name, parts, Decimal(given), Decimal(given), f"{given:,}", table.find_path("published", name))


def _find_columns(columns: FoundColumns, total: FoundColumn) -> Iterator[int]:
    """Yield the columns that a total adds up, of its own year if it has one."""
    year = total.year and total.year[1]
    for number, one in columns.by_number.items():
        is_of_year = not total.says.year or (one.year and one.year[1]) == year
        is_named = one is not total and any(_is_name_of(name, one) for name in total.says.of)
        if is_of_year and ((one.says.has_numbers and is_named) or (one.says.holds == "value" and not total.says.of)):
            yield number


def _is_name_of(name: str, column: FoundColumn) -> bool:
    return name in (column.name, column.heading.text) or ("*" in name and matches(name, column.heading.text))


def _leave_out_parts(totals: Mapping[int, list[int]], total: int) -> list[int]:
    """Return what a total names, but for what others in it add up."""
    parts = {part for one in totals[total] for part in totals.get(one, ())}
    return [one for one in totals[total] if one not in parts]


def _expand(totals: Mapping[int, list[int]], total: int) -> frozenset[int]:
    """Return what a total adds up, directly or not, and these totals."""
    found, waiting = set[int](), [*totals[total]]
    while waiting:
        one = waiting.pop()
        if one not in found:
            waiting += totals.get(one, ())
        found.add(one)
    return frozenset(found)


def set_periods(sums: Iterable[Sum]) -> None:
    """Give totals across columns the days of their parts, from first to last."""
    for total in sorted(sums, key=lambda one: len(one.covers)):  # the totals in a total come first
        periods = [one.figure["period"] for one in total.parts]
        are_dates = periods and all(one[:1].isdigit() for one in periods)
        if are_dates and total.whole and not total.whole.figure["period"]:
            ends = min(one.split("/")[0] for one in periods), max(one.split("/")[-1] for one in periods)
            total.whole.figure["period"] = "/".join(dict.fromkeys(ends))


def link_parts(sums: Iterable[Sum], caveats: Mapping[KeyPath, str]) -> None:
    """Note the totals of cells and totals, and say in a caveat why one does not add up.

    Only the smallest total names a part: a force is part of its region, and the region part of the country.
    """
    totals, cells = defaultdict[str, dict[int, Sum]](dict), defaultdict[str, dict[int, Cell]](dict)
    for one in sums:
        if one.whole is None:
            continue
        totals[one.name][getattr(one.whole, one.axis)] = one
        cells[one.name] |= {getattr(cell, one.axis): cell for cell in (*one.parts, one.whole)}
        if one.explanation or (one.agrees and not one._replace(rounding=0).agrees):
            why = caveats["explain", one.explanation] if one.explanation else caveats["rounding",]
            one.whole.figure["caveats"] = " ".join(dict.fromkeys([*one.whole.figure["caveats"].split(), why]))
    for name, found in totals.items():
        leaves = {place: one.covers - found.keys() for place, one in found.items()}
        for place, cell in cells[name].items():
            greater = [other for other in found if _is_inside(place, other, found, leaves)]
            least = [one for one in greater if not any(_is_inside(less, one, found, leaves) for less in greater)]
            cell.wholes += [whole for other in least if (whole := found[other].whole)]


def _is_inside(place: int, other: int, totals: Mapping[int, Sum], leaves: Mapping[int, frozenset[int]]) -> bool:
    """Tell whether a total adds up a line, or all that it adds up and more."""
    return place in totals[other].covers or (place in leaves and leaves[place] < leaves[other])
