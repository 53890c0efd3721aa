"""Find what is where in a published file: its tables, periods, notes and totals."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import NamedTuple

from ..register.cells import name_cell
from ..register.periods import ANY_PERIOD, YEAR_FORMS, read_year
from ..register.rules import DECIDE
from .grid import Grid, UnreadableTableError
from .numbers import (
    find_sign,
    find_sign_before,
    find_words_at_year,
    read_cell,
    split_signs,
)
from .rows import is_personal
from .sheets import Document

DATA_SIGNS = re.compile(r"\[\w+\]|[-–.:*]{1,2}|#[A-Z/0]+[!?]?|(?i:n/?a|null)")
MAX_HEADER_LINES = 3
MIN_CASES = 10  # rows of a sheet without numbers that may have a row for each case
MAX_COUNTS = 200  # rows; in a longer file, a column in which every number is another one is a column of ids
MAX_SIGNS = 100  # in a real table, there are a few
MAX_YEAR = 30  # characters of a year with signs
_ID = re.compile(
    r"(?i)(?<![a-z])(ref(erence)?(?![a-z])|(case|complaint|incident|report)[\W_]?(no|number)\W*$)"
)


class FoundBlock(NamedTuple):
    header: list[int]
    rows: list[int]


def is_data(text: str) -> bool:
    """Tell whether a text is a number, or replaces one."""
    word = text.removesuffix(find_sign(text) or "").rstrip()
    return read_cell(word, {}) is not None or DATA_SIGNS.fullmatch(text) is not None


def is_called_total(label: str) -> bool:
    """Tell whether a label is like Sub-total, All forces or 9. Total (1 to 8)."""
    form = r"(?i)(\W*\w{1,3}[.):] ?)?((grand |sub[- ]?)?totals?\b|all(?= (?!other)|$))|.*\btotals?$"
    return re.match(form, label) is not None


_PER = r"per(?=[ _-]?(?:\d|cents?\b|capita|head|hundred|thousand|million|officers?\b|person\b|inhabitant|resident))"


def is_called_rate(heading: str) -> bool:
    """Tell whether a heading is like overturn_pct or Complaints per 1,000 officers, and not like one per force."""
    words = "rates?|pct|shares?|proportions?|percent(?:ages?)?|" + _PER
    return re.search(rf"(?i)(?<![a-z])(?:{words})(?![a-z])|%", heading) is not None


def find_tables(
    document: Document, sheet: str | None
) -> tuple[str | None, Grid, list[FoundBlock]]:
    """Return a sheet and its tables. The only sheet needs no name."""
    if sheet is None and len(document.sheets) > 1:
        choices = ", ".join(document.sheets)
        raise UnreadableTableError(
            f"{document.path.name} has several sheets: add --sheet with one of {choices}"
        )
    grid = document.read(sheet)
    blocks = _find_csv_blocks(grid) if "" in document.sheets else _find_blocks(grid)
    if not blocks and len(grid.rows) < MIN_CASES:
        message = f"{document.path.name} has no numbers under a heading; we took row {find_top(grid)} for the headings"
        comma = next(
            (
                text
                for cells in grid.rows
                for text in cells
                if re.fullmatch(r"\d+,\d+", text)
            ),
            None,
        )
        if comma and grid.has_semicolons:
            message += f"; {comma!r} may have a comma for decimals: save a copy with numbers such as 1234.5"
        raise UnreadableTableError(message)
    return sheet or next(iter(document.sheets)) or None, grid, blocks


def find_top(grid: Grid) -> int:
    """Return the first row of more than one cell, which may have headings."""
    return next(
        (row for row, cells in enumerate(grid.rows, 1) if sum(map(bool, cells)) > 1), 1
    )


def split_runs(rows: Iterable[int]) -> list[list[int]]:
    return [
        [row for _, row in run]
        for _, run in groupby(enumerate(rows), key=lambda one: one[1] - one[0])
    ]


def write_rows(rows: Iterable[int]) -> str:
    """Write row numbers as 7-9, 11."""
    return ", ".join(
        f"{run[0]}-{run[-1]}" if run[0] < run[-1] else f"{run[0]}"
        for run in split_runs(rows)
    )


def _find_blocks(grid: Grid) -> list[FoundBlock]:
    """Return the tables of a sheet. If most of its rows have more words than numbers, a column of counts makes one."""
    blocks, counted = [*_find_runs(grid)], _find_counted_block(grid)
    if counted and 2 * sum(len(one.rows) for one in blocks) < len(counted.rows):
        return [counted]
    return blocks


def _find_runs(grid: Grid) -> Iterator[FoundBlock]:
    """Yield rows of numbers that follow each other, with the headings above them."""
    for rows in split_runs(
        row for row, cells in enumerate(grid.rows, 1) if _is_data_row(cells)
    ):
        top = rows[0]
        while (
            top > 1
            and rows[0] - top < MAX_HEADER_LINES
            and sum(map(bool, grid.rows[top - 2])) > 1
        ):
            top -= 1
        if top < rows[0]:
            yield FoundBlock([*range(top, rows[0])], rows)


def _is_data_row(cells: list[str]) -> bool:
    filled = [*filter(None, cells)]
    numbers = [*filter(is_data, filled)]
    is_year = [YEAR_FORMS["calendar"].fullmatch(one) for one in numbers]
    return len(filled) > 1 and 2 * len(numbers) >= len(filled) and not all(is_year)


def _find_csv_blocks(grid: Grid) -> list[FoundBlock]:
    """Return the tables of a CSV file: without titles one, with a column of counts."""
    if find_top(grid) > 1 and (blocks := _find_blocks(grid)):
        return blocks
    counted = _find_counted_block(grid)
    return (
        [counted._replace(rows=_list_rows(grid, counted.header[0]))] if counted else []
    )


def _find_counted_block(grid: Grid) -> FoundBlock | None:
    """Return the rows that have a number in a column of counts, below the first row of headings."""
    top = find_top(grid)
    rows = _list_rows(grid, top)
    columns = [
        one
        for one in range(1, grid.width + 1)
        if is_count_column(grid.text(top, one), grid.column(one, rows))
    ]
    counted = [row for row in rows if any(grid.text(row, one) for one in columns)]
    return FoundBlock([top], counted) if counted else None


def _list_rows(grid: Grid, top: int) -> list[int]:
    return [
        row for row in range(top + 1, len(grid.rows) + 1) if any(grid.rows[row - 1])
    ]


def is_count_column(heading: str, cells: list[str]) -> bool:
    """Tell whether a column has numbers, but no years, and no ids of people or cases."""
    filled = [cell for cell in cells if cell]
    if is_personal(heading) or not filled or not all(map(is_data, filled)):
        return False
    is_long, lengths = len(filled) > MAX_COUNTS, {len(cell) for cell in filled}
    is_id = (is_long or _ID.search(heading)) and len({*filled}) == len(filled)
    is_code = is_long and len(lengths) == 1 and max(lengths) > 3  # ids of cases: 67127
    return not (
        is_id
        or is_code
        or all(YEAR_FORMS["calendar"].fullmatch(cell) for cell in filled)
    )


def find_periods(grid: Grid, top: int) -> Iterator[dict[str, str]]:
    """Yield the periods in the cells above a table."""
    for row, cells in enumerate(grid.rows[: top - 1], 1):
        for column, text in enumerate(cells, 1):
            for words in (match[0].strip() for match in ANY_PERIOD.finditer(text)):
                means = {} if read_year(words, None, {}) else {"means": DECIDE}
                yield {"cell": name_cell(row, column), "printed": words} | means


def find_signs(grid: Grid, block: FoundBlock) -> list[str]:
    """Return what seem to be signs in a table."""
    found: list[str] = []
    for text in chain.from_iterable(
        grid.rows[row - 1] for row in (1, *block.header, *block.rows)
    ):
        for sign in re.findall(r"\[note \w+\]", text) or filter(
            None, [_find_last_sign(text)]
        ):
            if (
                sign not in found
                and len(found) < MAX_SIGNS
                and split_signs(f"a{sign}", found)[0] != "a"
            ):
                found.append(sign)
    return found


def _find_last_sign(text: str) -> str | None:
    """Return what is a sign at a text, or the whole of it."""
    if is_data(text):
        return find_sign(text) or (text if read_cell(text, {}) is None else None)
    year = read_year(text, None, {}) if len(text) <= MAX_YEAR else None
    at_year = find_words_at_year(text, year[0], is_label=False) if year else None
    return find_sign(text) or find_sign_before(text) or at_year
