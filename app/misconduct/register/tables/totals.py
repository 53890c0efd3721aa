"""Compare the totals of a table with its cells, and note which figures each total includes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from misconduct.register.tables.figures import INFINITY, BlockReader, Cell
from misconduct.register.tables.layout import Explained
from misconduct.register.yaml_files import KeyPath


@dataclass(frozen=True)
class Sum:
    """A published total and the cells that it adds up. `name` says which total. `whole` is its cell, if it has one."""

    name: str
    parts: list[Cell]
    low: Decimal
    high: Decimal
    printed: str
    path: KeyPath
    whole: Cell | None = None
    explanation: str | None = None

    @property
    def computed(self) -> tuple[Decimal, Decimal]:
        """Return the lowest and highest possible sum of the cells."""
        return sum((one.low for one in self.parts), Decimal(0)), sum((one.high for one in self.parts), Decimal(0))

    @property
    def agrees(self) -> bool:
        """Tell whether the cells can add up to the total."""
        low, high = self.computed
        return bool(self.parts or self.whole) and low <= self.high and self.low <= high

    @property
    def is_exact(self) -> bool:
        """Tell whether the sum is exact, because none of the cells is hidden."""
        return self.computed[0] == self.computed[1]

    @property
    def comes_to(self) -> str:
        """Return in words what the cells add up to."""
        low, high = self.computed
        if low == high:
            return f"{low:,}"
        return f"{low:,} or more" if high == INFINITY else f"{low:,} to {high:,}"


def find_sums(block: BlockReader, cells: list[Cell]) -> Iterator[Sum]:
    """Yield every total of a table: row totals, column totals, and totals published elsewhere."""
    added = {(one.row, one.column): one for one in cells if one.figure["statistic"] == "count"}
    columns = {number: block.describe(number) for number in block.columns}
    plain = [number for number, column in columns.items() if column.holds == "value"]
    for (row, number), whole in added.items():
        column, total = columns[number], block.totals.get(row)
        if column.holds == "total":
            numbers = [one for one in plain if not column.of or block.columns[one][0] in column.of]
            parts = [added[row, one] for one in numbers if (row, one) in added]
            whole.figure["period"] = whole.figure["period"] or _span_periods(parts)
            yield _make_sum(f"of row {row}", whole, parts, ("columns", block.columns[number][0]), column)
        if total is not None:
            rows = {*(total.of or block.rows)} - {*block.totals}
            parts = [added[one, number] for one in sorted(rows) if (one, number) in added]
            yield _make_sum(f"of column {number}", whole, parts, block.find_path("totals", str(row)), total)
    yield from _find_published_sums(block, cells)


def _make_sum(name: str, whole: Cell, parts: list[Cell], path: KeyPath, described: Explained) -> Sum:
    reason = described.find_reason(whole.row, whole.column)
    return Sum(name, parts, whole.low, whole.high, whole.figure["printed"], path, whole, reason)


def _span_periods(parts: list[Cell]) -> str:
    """Return the period from the first to the last of the parts. It is empty if a part does not have dates."""
    periods = [one.figure["period"] for one in parts]
    if not periods or not all(one[:1].isdigit() for one in periods):
        return ""
    first, last = min(one.split("/")[0] for one in periods), max(one.split("/")[-1] for one in periods)
    return first if first == last else f"{first}/{last}"


def _find_published_sums(block: BlockReader, cells: list[Cell]) -> Iterator[Sum]:
    """Yield the totals published elsewhere: `all`, or `column=word`."""
    headings = {block.grid.text(block.header[-1], number): number for number in range(1, block.grid.width + 1)}
    for name, number in block.block.totals.items():
        if not isinstance(number, int):
            continue
        heading, _, word = name.partition("=")
        column = headings.get(heading)
        parts = [one for one in cells if name == "all" or (column and block.grid.text(one.row, column) == word)]
        yield Sum(name, parts, Decimal(number), Decimal(number), f"{number:,}", block.find_path("totals", name))


def link_parts(sums: Iterable[Sum]) -> None:
    """Note which totals include each cell, if they add up. A smaller total can be part of a larger one."""
    by_column = defaultdict[int, list[tuple[set[int], Cell]]](list)
    for one in sums:
        if one.whole is None or not one.agrees or one.explanation:
            continue
        for part in one.parts:
            part.wholes.append(one.whole)
        if "totals" in one.path:
            by_column[one.whole.column].append(({part.row for part in one.parts}, one.whole))
    for column in by_column.values():
        for rows, whole in column:
            whole.wholes += [greater for others, greater in column if rows < others]
