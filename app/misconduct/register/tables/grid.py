"""Read a sheet or a CSV file as rows of text, as a reader sees each cell."""

import csv
import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from misconduct.errors import RegisterError

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
}
"""The types of tables that we can read, by the end of their names."""

MAX_BYTES = 100_000_000  # of an unpacked file; the largest Home Office tables are 40 MB
MAX_CELLS = 2_000_000  # of a sheet, including empty cells
MAX_REPEATS = 1_000  # of an empty row or cell, which spreadsheets often repeat to the end of the sheet

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_SPACES = (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))  # characters without any width
_PROTECTED = b"\xd0\xcf\x11\xe0"  # the first bytes of a file protected with a password, and of any XLS file
_NUMBER_FORMAT = re.compile(r"(#,##)?0(?:\.(0+))?(%)?")


class UnreadableTableError(RegisterError):
    """A file that we cannot read as a table. The message says why, and what to do."""


@dataclass
class Grid:
    """The text of each cell of a sheet. Rows and columns count from 1, as in spreadsheets.

    `covered` has the cells hidden under a merged cell, and `unfinished` the cells whose formula has no result.
    `hidden_rows` and `hidden_columns` are those that the sheet does not show. If a count or a script made the rows,
    `origin` says which cell of the document each cell is from.
    """

    rows: list[list[str]]
    covered: set[tuple[int, int]] = field(default_factory=set)
    unfinished: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    origin: dict[tuple[int, int], tuple[int, int]] | None = None

    def place(self, row: int, column: int) -> str:
        """Return the place of a cell in the document; empty if it is not from a single cell."""
        cell = (row, column) if self.origin is None else self.origin.get((row, column))
        return f"cell={cell[0]},{cell[1]}" if cell else ""

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell; empty outside the sheet."""
        cells = self.rows[row - 1] if 0 < row <= len(self.rows) else []
        return cells[column - 1] if 0 < column <= len(cells) else ""

    def column(self, number: int, rows: list[int]) -> list[str]:
        """Return the texts of a column in some rows."""
        return [self.text(row, number) for row in rows]

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return max(map(len, self.rows), default=0)


def read_cell_name(name: str) -> tuple[int, int]:
    """Return the row and column of a cell such as B7. Raises ValueError for anything else."""
    match = re.fullmatch(r"([A-Z]{1,3})([1-9]\d{0,6})", name)
    if match is None:
        raise ValueError(f"{name!r} is not the name of a cell; write it like B7")
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match[2]), column


def read_cell_names(names: str) -> set[tuple[int, int]]:
    """Return the row and column of each cell in a list such as `B7 C7`. Raises ValueError."""
    return {read_cell_name(one) for one in names.split(" ")}


Sheets = dict[str, Callable[[], Grid]]
"""A function for each visible sheet of a file, by name, that reads it. A CSV file has one, without a name."""


def open_sheets(path: Path) -> Sheets:
    """Open a spreadsheet or a CSV file. Raises UnreadableTableError that says what is wrong and what to do."""
    suffix = _check_file(path)
    openers = {".ods": _open_ods, ".xlsx": _open_xlsx, ".xls": _open_xls}
    if suffix not in openers:
        return {"": partial(_read_csv, path, suffix)}
    with _naming_damage(path):
        return openers[suffix](path)


def read_sheet(path: Path, sheets: Sheets, name: str | None) -> Grid:
    """Read a sheet of an open file; without a name, the only one. Raises UnreadableTableError."""
    if len(sheets) == 1 and (name is None or "" in sheets):
        (name,) = sheets
    if name not in sheets:
        raise UnreadableTableError(f"{path.name} has no visible sheet {name!r}; it has {', '.join(sheets)}")
    with _naming_damage(path):
        return sheets[name]()


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    """Say that a file is damaged if a library cannot read it. The file can be from anyone and fail in any way."""
    try:
        yield
    except UnreadableTableError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"[:200]
        message = f"{path.name} is damaged, protected with a password, or not a spreadsheet ({what})"
        raise UnreadableTableError(message) from error


def _check_file(path: Path) -> str:
    """Return the suffix of a file. Raises UnreadableTableError if it cannot be a table."""
    suffix = path.suffix.lower()
    if suffix not in MEDIA_TYPES:
        raise UnreadableTableError(f"{path.name} is not a type of table we can read: use {', '.join(MEDIA_TYPES)}")
    if not path.is_file():
        raise UnreadableTableError(f"{path} does not exist")
    size = path.stat().st_size
    if suffix in (".ods", ".xlsx"):
        with path.open("rb") as file:
            if file.read(4) == _PROTECTED:
                raise UnreadableTableError(f"{path.name} is protected with a password; save a copy without one")
        with _naming_damage(path), ZipFile(path) as archive:
            size = sum(one.file_size for one in archive.infolist())
    if size > MAX_BYTES:
        message = (
            f"{path.name} unpacks to {size:,} bytes, but the limit is {MAX_BYTES:,}; save only the sheet that you need"
        )
        raise UnreadableTableError(message)
    return suffix


def _check_size(cells: int) -> None:
    if cells > MAX_CELLS:
        message = f"the sheet has more than {MAX_CELLS:,} cells; save a copy with only the cells of the table"
        raise UnreadableTableError(message)


def _squeeze(text: str) -> str:
    return " ".join(text.translate(_UNSEEN).split())


def _read_csv(path: Path, suffix: str) -> Grid:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path.name} is not UTF-8 at byte {error.start}; save a copy as “CSV UTF-8”"
        raise UnreadableTableError(message) from error
    separator = "\t" if suffix == ".tsv" else max(",;\t", key=text[:10_000].count)
    rows, number = list[list[str]](), 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            rows.append([_squeeze(cell) for cell in row])
            _check_size(number := number + len(row))
    except csv.Error as error:
        message = f"{path.name} cannot be read as CSV: {error}; is a quotation mark missing?"
        raise UnreadableTableError(message) from error
    return Grid(rows)


def _open_ods(path: Path) -> Sheets:
    with ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("content.xml"))  # noqa: S314 - expat limits what entities expand to
    for space in (one for tag in _SPACES for one in root.iter(tag)):
        space.text = " "
    raised = {
        one.get(f"{_STYLE}name")
        for one in root.iter(f"{_STYLE}style")
        if any((part.get(f"{_STYLE}text-position") or "").startswith("super") for part in one)
    }
    for span in root.iter(f"{_TEXT}span"):
        if span.get(f"{_TEXT}style-name") in raised:  # a footnote: 3¹ is not 31
            span.text = (span.text or "").translate(_RAISED)
    hidden = {
        one.get(f"{_STYLE}name")
        for one in root.iter(f"{_STYLE}style")
        if any(part.get(f"{_TABLE}display") == "false" for part in one)
    }
    return {
        str(one.get(f"{_TABLE}name")): partial(_read_ods, one)
        for one in root.iter(f"{_TABLE}table")
        if one.get(f"{_TABLE}style-name") not in hidden
    }


def _read_ods(table: ElementTree.Element) -> Grid:
    """Read the text that a sheet shows (“12.5%”), because the number in the file can differ (0.12499)."""
    grid, number = Grid([], hidden_columns=_find_hidden_columns(table)), 0
    for line in table.iter(f"{_TABLE}table-row"):
        cells: list[str] = []
        for cell in line:
            if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            text = _squeeze(" ".join("".join(one.itertext()) for one in cell.findall(f"{_TEXT}p")))
            repeats = max(1, int(cell.get(f"{_TABLE}number-columns-repeated", "1")))
            repeats = repeats if text else min(repeats, MAX_REPEATS)
            _check_size(number + len(cells) + repeats)
            row, column = len(grid.rows) + 1, len(cells) + 1
            places = {(row, column + more) for more in range(repeats)}
            if cell.tag == f"{_TABLE}covered-table-cell":
                grid.covered |= places
            elif cell.get(f"{_TABLE}formula") and not text:
                grid.unfinished |= places
            cells += [text] * repeats
        while cells and not cells[-1]:
            cells.pop()
        repeats = max(1, int(line.get(f"{_TABLE}number-rows-repeated", "1")))
        repeats = repeats if cells else min(repeats, MAX_REPEATS)
        number += max(1, len(cells)) * repeats
        _check_size(number)
        grid.hidden_rows |= _find_hidden(line, len(grid.rows) + 1, repeats)
        grid.rows += [cells] * repeats
    while grid.rows and not grid.rows[-1]:
        grid.rows.pop()
    return grid


def _find_hidden_columns(table: ElementTree.Element) -> set[int]:
    found, last = set[int](), 0
    for column in table.iter(f"{_TABLE}table-column"):
        repeats = max(1, int(column.get(f"{_TABLE}number-columns-repeated", "1")))
        _check_size(last + repeats)
        found |= _find_hidden(column, last + 1, repeats)
        last += repeats
    return found


def _find_hidden(element: ElementTree.Element, first: int, repeats: int) -> set[int]:
    """Return the numbers of repeated rows or columns if the sheet does not show them."""
    is_shown = element.get(f"{_TABLE}visibility", "visible") == "visible"
    return set() if is_shown else set(range(first, first + repeats))


def _open_xlsx(path: Path) -> Sheets:
    formulas, sheets = _load_workbook(path, values=False), _load_workbook(path, values=True).worksheets
    return {one.title: partial(_read_xlsx, one, formulas[one.title]) for one in sheets if one.sheet_state == "visible"}


def _load_workbook(path: Path, *, values: bool) -> Any:
    import openpyxl

    with warnings.catch_warnings(action="ignore"):  # about features that openpyxl skips: colours, drop-down lists
        return openpyxl.load_workbook(path, data_only=values, rich_text=values)


def _read_xlsx(sheet: Any, formulas: Any) -> Grid:
    """Work out the text that a sheet shows, from the numbers in the file and their formats."""
    _check_size(4 * sheet.max_row * sheet.max_column)  # openpyxl uses more memory for each cell than other libraries
    rows = [[_shown(cell.value, cell.number_format) for cell in row] for row in sheet.iter_rows()]
    covered = {
        (row, column)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
        if (row, column) != (area.min_row, area.min_col)
    }
    unfinished = {
        (cell.row, cell.column)
        for row in formulas.iter_rows()
        for cell in row
        if cell.data_type == "f" and not rows[cell.row - 1][cell.column - 1]
    }
    hidden_rows = {number for number, row in sheet.row_dimensions.items() if row.hidden}
    widths = [one for one in sheet.column_dimensions.values() if one.hidden]
    hidden_columns = {number for one in widths for number in range(one.min, one.max + 1)}
    return Grid(rows, covered, unfinished, hidden_rows, hidden_columns)


def _is_raised(part: Any) -> bool:
    """Tell whether a part of a text in a cell is set as superscript."""
    return getattr(getattr(part, "font", None), "vertAlign", None) == "superscript"


def _shown(value: Any, number_format: str) -> str:
    """Return a value as a spreadsheet shows it in the usual formats; in other formats, as it is in the file."""
    if isinstance(value, list):  # of texts, each with its font
        value = "".join(str(one).translate(_RAISED) if _is_raised(one) else str(one) for one in value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if not isinstance(value, int | float) or isinstance(value, bool):
        return _squeeze("" if value is None else str(value))
    sections = re.sub(r"[_*].", "", number_format).split(";")  # room for a sign, or a character that fills
    positive = sections[2] if value == 0 and len(sections) > 2 else sections[0]
    if positive in ("General", "@"):
        return f"{value:.15g}"
    match = _NUMBER_FORMAT.fullmatch(positive)
    if not match:
        return f"{value:.15g} in the format {number_format}"  # which may hide it, scale it, or write words around it
    comma, decimals, percent = match.groups()
    number = Decimal(f"{value:.15g}") * (100 if percent else 1)
    shown = number.quantize(Decimal(1).scaleb(-len(decimals or "")), ROUND_HALF_UP)
    return f"{shown:{',' if comma else ''}f}{percent or ''}"


def _open_xls(path: Path) -> Sheets:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_path(path)
    visible = [one.name for one in book.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
    return {one: partial(_read_xls, book, one) for one in visible}


def _read_xls(book: Any, name: str) -> Grid:
    sheet = book.get_sheet_by_name(name)
    _check_size(sheet.total_height * sheet.total_width)
    rows = sheet.to_python(skip_empty_area=False)
    return Grid([[_shown(cell, _format_of(cell)) for cell in row] for row in rows])


def _format_of(cell: Any) -> str:
    """Return the format of a cell of XLS: whole numbers are shown plainly, and nothing tells how others are."""
    is_whole = not isinstance(cell, float) or cell.is_integer()
    return "General" if is_whole else "that cannot be read from XLS: save the file as XLSX"
