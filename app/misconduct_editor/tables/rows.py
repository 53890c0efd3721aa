"""Rows with their cells: what the script of a table makes of a sheet.

A script is `data/tables/<slug>.py`, beside the file of the table. Its function `read` takes the sheet and yields rows.
The file then says what each of their cells is, as it does for the columns of a plain table.
"""

import ast
import re
import runpy
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..register.cells import name_cell
from .grid import Cell, Grid, Place, UnreadableTableError, check_size

__all__ = ["Cell", "Grid", "Row", "count_cases", "list_cases"]

ALLOWED = {"collections", "decimal", "itertools", "re", "typing", __name__}
"""What a script can import: a sheet and plain Python are enough to read a table, the same one each time."""

MAX_WORDS = 200  # of what we count by; with more, they may name people and not kinds
MAX_CHARACTERS = 80  # of a word that we count by
MIN_WORDS = 10  # with more, at most half may occur only once
COUNT = "count"

_PERSONAL = re.compile(
    r"(?i)(^|_)(ids?|names?|surname|forename|firstname|lastname|complainant|victim|race|ethnicity|sex|gender|religion|age"
    r"|dob|birth|badge|shield|warrant|address|postcode|unit|email|phone|years_of_service|rank)($|_)"
)
# The id of no person. It often begins with a year.
_CASE_NUMBER = re.compile(
    r"(?i)(case|complaint|incident|allegation|report)\W?(id|no|number)"
)


class Row(NamedTuple):
    """Cells by the names that the file has in `columns`, and lists of the cells that its number adds up."""

    cells: Mapping[str, Cell]
    of: Sequence[Sequence[Cell]] = ()


@dataclass
class MadeTable:
    """The rows of a script as a table below one line of headings, and which rows each of its totals adds up."""

    grid: Grid
    sums: dict[int, list[list[int]]]


def make_table(script: Path, sheet: Grid) -> MadeTable:
    """Run the script of a table, and put its rows below each other. What is doubtful in the sheet stays so."""
    rows = [*_run(script)(sheet)]
    names = [*dict.fromkeys(name for row in rows for name in row.cells)]
    if not rows:
        raise UnreadableTableError(f"{script.name} yields no rows of this sheet")
    check_size(len(rows) * len(names))
    grid = Grid([names], has_semicolons=sheet.has_semicolons)
    grid.moved = {(1, column): None for column, _ in enumerate(names, 1)}
    for number, row in enumerate(rows, 2):
        cells = [row.cells.get(name, Cell("")) for name in names]
        grid.rows.append([cell.text for cell in cells])
        for column, cell in enumerate(cells, 1):
            _check_text(script, sheet, cell)
            _copy_doubts(sheet, cell.place, grid, (number, column))
    return MadeTable(grid, _find_sums(grid, rows))


def _check_text(script: Path, sheet: Grid, cell: Cell) -> None:
    """Require that a cell says what stands at its place, whole or a part that cuts no word or number."""
    if cell.place is None:
        return
    whole = sheet.text(*cell.place)
    part = rf"(?<![\w.,]){re.escape(cell.text)}(?![.,]?\w)"
    if cell.text != whole and not re.search(part, whole):
        raise UnreadableTableError(
            f"{script.name} gives {cell.text!r} at {name_cell(*cell.place)}, where {whole!r} stands"
        )


def _copy_doubts(sheet: Grid, there: Place | None, grid: Grid, here: Place) -> None:
    grid.moved[here] = there
    if there is None:
        return
    for doubts, ours in ((sheet.unclear, grid.unclear), (sheet.blank, grid.blank)):
        if there in doubts:
            ours[here] = doubts[there]
    if there[0] in sheet.hidden_rows:
        grid.hidden_rows.add(here[0])
    if there[1] in sheet.hidden_columns:
        grid.hidden_columns.add(here[1])


def _find_sums(grid: Grid, rows: list[Row]) -> dict[int, list[list[int]]]:
    """Return the rows that each total adds up. Of several with a cell, the last has the number."""
    at = {place: here[0] for here, place in grid.moved.items() if place}
    sums = dict[int, list[list[int]]]()
    for number, row in enumerate(rows, 2):
        for cells in row.of:
            found = [at[cell.place] for cell in cells if cell.place in at]
            sums.setdefault(number, []).append(found)
    return sums


def _run(script: Path) -> Callable[[Grid], Iterable[Row]]:
    """Return the function of a script, or say what it imports that it need not."""
    try:
        tree = ast.parse(script.read_text("utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise UnreadableTableError(f"{script.name} is not Python: {error}") from error
    for node in ast.walk(tree):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        if unknown := {*names} - ALLOWED:
            raise UnreadableTableError(
                f"{script.name} imports {', '.join(sorted(unknown))}: it may import {', '.join(sorted(ALLOWED))}"
            )
    read = runpy.run_path(str(script)).get("read")
    if not callable(read):
        raise UnreadableTableError(f"{script.name} has no function read(sheet)")
    return _naming_faults(script, read)


def _naming_faults(
    script: Path, read: Callable[[Grid], Iterable[Row]]
) -> Callable[[Grid], Iterable[Row]]:
    def run(sheet: Grid) -> Iterator[Row]:
        try:
            yield from read(sheet)
        except UnreadableTableError:
            raise
        except Exception as error:  # an editor's own program can fail in any way
            what = f"{type(error).__name__}: {error}"
            raise UnreadableTableError(f"{script.name} fails: {what}") from error

    return run


def is_personal(column: str) -> bool:
    """Tell whether a heading is about individual people."""
    words = re.sub(r"[^A-Za-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column))
    return _PERSONAL.search(words) is not None


def list_cases(sheet: Grid, columns: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield the named columns of a sheet with a row for each case. No message quotes a row."""
    places = _find_columns(sheet.rows[0], columns)
    for row, cells in enumerate(sheet.rows[1:], 2):
        if not any(cells):
            continue
        case = {name: sheet.text(row, column) for name, column in places.items()}
        fault = ""
        if sheet.is_text and len(cells) != len(sheet.rows[0]):
            fault = f"has {len(cells)} cells, but the heading has {len(sheet.rows[0])}"
        elif any(len(text) > MAX_CHARACTERS for text in case.values()):
            fault = f"has a cell of more than {MAX_CHARACTERS} characters, so it names no kind"
        if fault:
            raise UnreadableTableError(
                f"row {row} {fault}: is a quotation mark missing or too many?"
            )
        yield case


def _find_columns(headings: list[str], columns: Collection[str]) -> dict[str, int]:
    """Return the numbers of columns, of which none is about individual people."""
    barred = [
        name
        for name in columns
        if is_personal(name) and not _CASE_NUMBER.fullmatch(name.replace("_", " "))
    ]
    if barred:
        raise UnreadableTableError(
            f"{', '.join(barred)}: you cannot count by columns about individual people"
        )
    if absent := [name for name in columns if headings.count(name) != 1]:
        shown = ", ".join(name for name in headings if not is_personal(name))
        raise UnreadableTableError(
            f"there is not one column {', '.join(absent)}; there are {shown}"
        )
    return {name: headings.index(name) + 1 for name in columns}


def count_cases(cases: Iterable[Mapping[str, str]], below: int) -> Iterator[Row]:
    """Yield a row for all cases that say the same, with their number. Numbers below a threshold are written like <5.

    Words that differ only in capitals count as one.
    """
    found = [*cases]
    spellings = defaultdict[tuple[str, str], Counter[str]](Counter)
    for case in found:
        for name, word in case.items():
            spellings[name, word.casefold()][word] += 1
    _check_words(spellings)
    usual = {key: spelt.most_common(1)[0][0] for key, spelt in spellings.items()}
    numbers = Counter[tuple[tuple[str, str], ...]]()
    for case in found:
        said = ((name, usual[name, word.casefold()]) for name, word in case.items())
        numbers[tuple(said)] += 1
    for words, number in sorted(numbers.items()):
        cells = {name: Cell(word) for name, word in words}
        shown = str(number) if number >= below else f"<{below}"
        yield Row({**cells, COUNT: Cell(shown)})


def _check_words(spellings: Mapping[tuple[str, str], Counter[str]]) -> None:
    """Refuse columns that may name people and not kinds."""
    for name in dict.fromkeys(name for name, _ in spellings):
        numbers = [
            spelt.total() for (column, _), spelt in spellings.items() if column == name
        ]
        is_rare = len(numbers) > MIN_WORDS and 2 * numbers.count(1) > len(numbers)
        if len(numbers) > MAX_WORDS or is_rare:
            raise UnreadableTableError(
                f"{name} has more than {MAX_WORDS} different words, or most only once, "
                "so they may name people and not kinds"
            )
