"""Read the cells of a published table, as they are printed, with the row and column of each (RFC 7111)."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from app.register.mistakes import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DELIMITERS = {"text/csv": ",", "text/tab-separated-values": "\t"}
MEDIA_TYPES = (*DELIMITERS, XLSX)
"""The media types of sources that can be tables."""

MOST_UNPACKED = 100_000_000
"""Bytes of an XLSX file when it is unpacked."""

MOST_CELLS = 5_000_000
"""Cells of a sheet, empty ones included: rows by columns."""

_MOST_PARTS = 1_000


@dataclass(frozen=True)
class Grid:
    """The cells of a table by row and column, which count from 1; the first row of the file is row 1.

    `faults` has what is wrong with cells that cannot be read, by row and column. `length` is that of the text in code
    points, and of another file in bytes.
    """

    name: str
    rows: list[list[str]]
    length: int
    faults: dict[tuple[int, int], Refused] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> str:
        """Return the characters of a cell; an empty text outside the table."""
        inside = 0 < row <= len(self.rows) and 0 < column <= len(self.rows[row - 1])
        return self.rows[row - 1][column - 1] if inside else ""


class UnclosedQuote(Refused):
    """A quote that is opened and not closed, or not where the cell ends; `row` is the row that it begins in."""

    def __init__(self, row: int) -> None:
        super().__init__("csv_syntax", "a quote in this row does not close its cell", 'quotes within a cell as ""')
        self.row = row


def read_grid(path: Path, media_type: str, dialect: Mapping[str, Any]) -> Grid:
    """Read a table: a CSV or TSV file, or one sheet of an XLSX file. Raises Refused if it cannot be read."""
    if media_type == XLSX:
        return _read_sheet(path, dialect["sheetName"])
    if media_type not in MEDIA_TYPES:
        raise Refused("not_a_table", f"the media type {media_type} is not that of a table", ", ".join(MEDIA_TYPES))
    try:
        text = path.read_bytes().decode(dialect["encoding"])
        delimiter = dialect["delimiter"] or DELIMITERS[media_type]
        lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        once: dict[str, str] = {}  # a table repeats its words
        cells: list[list[str]] = []
        cells.extend([once.setdefault(cell, cell) for cell in map(str.strip, row)] for row in rows)
        return Grid(path.name, cells, len(text))
    except LookupError as error:
        raise Refused("unknown_encoding", f"there is no encoding {dialect['encoding']!r}", "utf-8") from error
    except UnicodeDecodeError as error:
        found = f"{path.name} is not {dialect['encoding']} at byte {error.start + 1}"
        raise Refused("not_utf8", found, "dialect: {encoding: windows-1252}, or what it is") from error
    except csv.Error as error:
        if "expected" in str(error) or "unexpected" in str(error):
            raise UnclosedQuote(len(cells) + 1) from error
        raise Refused("csv_syntax", f"{path.name} cannot be read as CSV: {error}") from error


# XLSX -------------------------------------------------------------------------------------------------------------


def _read_sheet(path: Path, name: str | None) -> Grid:
    """Read one sheet of an XLSX file. Raises Refused."""
    from openpyxl import load_workbook  # it takes 20 MB: import it only here

    has_formulas = _examine_archive(path)
    try:
        content = io.BytesIO(path.read_bytes())  # by its name openpyxl would refuse it
        book = load_workbook(content, data_only=True)
        formulas = load_workbook(content) if has_formulas else None
    except (ValueError, KeyError, TypeError, OSError, SyntaxError, zipfile.BadZipFile) as error:  # broken XML or parts
        raise Refused("not_xlsx", f"{path.name} cannot be read as XLSX: {error}"[:200]) from error
    name = _choose_sheet({sheet.title: sheet.sheet_state for sheet in book.worksheets}, name)
    sheet = book[name]
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        found = f"the sheet {name!r} has {sheet.max_row:,} rows and {sheet.max_column:,} columns"
        raise Refused("too_large", found, f"at most {MOST_CELLS:,} cells")
    rows, faults = list[list[str]](), dict[tuple[int, int], Refused]()
    for row in sheet.iter_rows():
        rows.append([])
        for cell in row:
            shown = show_cell(cell.value, cell.number_format)
            if shown is None:
                found = f"the number {cell.value} has a format that cannot be shown: {cell.number_format}"
                faults[cell.row, cell.column] = Refused("unknown_format", found, "a column without it")
            rows[-1].append(shown or "")
    for place, refused in _find_faults(sheet, formulas[name] if formulas else None):
        faults.setdefault(place, refused)
    return Grid(path.name, rows, path.stat().st_size, faults)


def _examine_archive(path: Path) -> bool:
    """Return whether any sheet has formulas. Raises Refused for what would take too much to unpack."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)  # zipfile reads no further than a part says
            if unpacked > MOST_UNPACKED or len(parts) > _MOST_PARTS:
                found = f"{path.name} would be {unpacked:,} bytes in {len(parts):,} parts when unpacked"
                raise Refused("too_large", found, f"at most {MOST_UNPACKED:,} bytes in {_MOST_PARTS:,} parts")
            texts = [archive.read(part) for part in parts if part.filename.endswith((".xml", ".rels"))]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Refused("not_xlsx", f"{path.name} cannot be read as XLSX: {error}") from error
    if any(b"<!DOCTYPE" in text or b"<!ENTITY" in text for text in texts):
        raise Refused("not_xlsx", f"{path.name} declares entities, which no XLSX file needs")
    return any(b"<f" in text for text in texts)


def _choose_sheet(states: Mapping[str, str], name: str | None) -> str:
    """Return the name of the sheet to read. Raises Refused unless it is there and can be seen."""
    visible = [title for title, state in states.items() if state == "visible"]
    if name is None and len(visible) == 1:
        return visible[0]
    if name is None:
        raise Refused("no_sheet", f"there are {len(visible)} sheets", f"sheetName: one of {', '.join(visible)}")
    if name not in states:
        raise Refused("no_sheet", f"there is no sheet {name!r}", ", ".join(visible), near=(name, visible))
    if name not in visible:
        raise Refused("hidden_sheet", f"the sheet {name!r} is hidden: nobody has published it", ", ".join(visible))
    return name


def _find_faults(sheet: Any, formulas: Any) -> Iterator[tuple[tuple[int, int], Refused]]:
    """Yield cells that do not say what a reader sees: formulas without a result, merged and hidden cells."""
    for row in formulas.iter_rows() if formulas else ():
        for cell in row:
            if cell.data_type == "f" and sheet.cell(cell.row, cell.column).value is None:
                found = "this cell has a formula without a result"
                yield (cell.row, cell.column), Refused("no_result", found, "a file that a spreadsheet has saved")
    for merged in sheet.merged_cells.ranges:
        found = f"this cell is merged with cell={merged.min_row},{merged.min_col}"
        for place in list(merged.cells)[1:]:
            yield place, Refused("merged_cell", found, "one word or number in each cell that is read")
    yield from _find_hidden(sheet)


def _find_hidden(sheet: Any) -> Iterator[tuple[tuple[int, int], Refused]]:
    """Yield cells with something in hidden rows and columns."""
    rows = {number for number, one in sheet.row_dimensions.items() if one.hidden}
    groups = (range(one.min, one.max + 1) for one in sheet.column_dimensions.values() if one.hidden)
    columns = {number for group in groups for number in group}
    for cell in (cell for row in sheet.iter_rows() for cell in row) if rows or columns else ():
        if cell.value is not None and (cell.row in rows or cell.column in columns):
            found = "this cell is hidden: nobody has published it"
            yield (
                (cell.row, cell.column),
                Refused("hidden_cell", found, "suppressOutput for its column, or skip its row"),
            )


_SECTION = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_COLOUR = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]", re.IGNORECASE)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<literal>.)|[_*].|(?P<digits>[#0?][#0?,.]*|\.[#0?]+)|(?P<plain>[-+() %£$€:])'
)


def show_cell(value: Any, code: str) -> str | None:
    """Return a cell as its spreadsheet shows it, given its number format; None if that is not known."""
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime | date):
        return f"{value:%Y}" if code.lower() == "yyyy" else f"{value:%Y-%m-%d}"
    if not isinstance(value, int | float):
        return None
    if code == "General":
        return str(int(value)) if value == int(value) else f"{value:.10g}"
    sections = _SECTION.split(_COLOUR.sub("", code))
    at = 1 if value < 0 and len(sections) > 1 else 2 if value == 0 and len(sections) > 2 else 0
    sign = "-" if value < 0 and at == 0 else ""
    return _show_number(abs(Decimal(repr(value))), sections[at], sign)


def _show_number(value: Decimal, section: str, sign: str) -> str | None:
    """Return a number in one section of a number format; None for dates, fractions, scales and conditions."""
    tokens, shown = list(_TOKEN.finditer(section)), list[str]()
    patterns = [token["digits"] for token in tokens if token["digits"]]
    is_known = sum(len(token[0]) for token in tokens) == len(section)
    if not is_known or len(patterns) > 1 or any(pattern.endswith(",") for pattern in patterns):
        return None
    if any(token["plain"] == "%" for token in tokens):
        value *= 100
    for token in tokens:
        shown.append(
            _digits(value, token["digits"])
            if token["digits"]
            else token["quoted"] or token["literal"] or token["plain"] or ""
        )
    return f"{sign}{''.join(shown).strip()}"


def _digits(value: Decimal, pattern: str) -> str:
    whole, _, decimals = pattern.partition(".")
    rounded = value.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    for optional in reversed(decimals):
        if optional == "0" or not text.endswith("0"):
            break
        text = text[:-1]
    before, point, after = text.rstrip(".").partition(".")
    least = whole.count("0")
    before = before.zfill(least) if before != "0" or least else ""
    return f"{before}{point}{after}"
