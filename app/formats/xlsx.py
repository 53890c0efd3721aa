"""XLSX: a sheet of figures with a frozen header, and sheets of sources and of what the columns mean."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.errors import ExportTooLarge
from app.model.table import Cell, Column, Table

MOST_ROWS = 50_000
"""Rows below the header. A sheet can hold a million, but even these take some 25 seconds to write."""

MOST_CHARACTERS = 32_767
"""Characters that a cell can hold. XlsxWriter silently leaves out a longer text."""

MADE = datetime(1980, 1, 1)  # noqa: DTZ001 (Excel has no zones)
"""The creation date of every workbook: fixed, so that the same figures give the same bytes."""

FIRST_YEAR = 1901
"""Excel has no earlier dates, or wrong ones."""


def encode_xlsx(table: Table) -> Iterator[bytes]:
    """The table as one workbook. Text is written as text, whatever it looks like; numbers are numbers, days dates.

    No more than one row is in memory: XlsxWriter puts them in a temporary file, each as soon as the next one begins.
    Raises ExportTooLarge where there are more than MOST_ROWS, or a cell cannot hold its text.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties({"created": MADE})
        styles = {"bold": workbook.add_format({"bold": True}), "day": workbook.add_format({"num_format": "yyyy-mm-dd"})}
        figures = workbook.add_worksheet("figures")
        figures.freeze_panes(1, 1)
        _write_table(figures, table, styles)
        _write_notes(workbook.add_worksheet("sources and notes"), table, styles)
    yield buffer.getvalue()


def _write_table(sheet: Any, table: Table, styles: dict[str, Any], first: int = 0) -> int:
    """Write header and rows from the line `first` on; return the line after them."""
    line = first
    for place, column in enumerate(table.columns):
        sheet.write_string(line, place, column.name, styles["bold"])
    for line, row in enumerate(table.rows, start=first + 1):
        if line > MOST_ROWS:
            raise ExportTooLarge(f"XLSX has at most {MOST_ROWS} rows. CSV, JSONL and Parquet can have more.")
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            _write_cell(sheet, (line, place), column, cell, styles)
    return line + 1


def _write_cell(sheet: Any, at: tuple[int, int], column: Column, cell: Cell, styles: dict[str, Any]) -> None:
    if cell is None or cell in ("", []):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(*at, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(*at, cell)
    elif column.type == "date" and (day := _whole_day(str(cell))):
        sheet.write_datetime(*at, day, styles["day"])
    else:
        sheet.write_string(*at, _fitting(column.name, cell if isinstance(cell, str) else column.joined(cell)))


def _fitting(name: str, text: str) -> str:
    if len(text.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
        raise ExportTooLarge(
            f"A cell of XLSX holds {MOST_CHARACTERS} characters, and a {name} has more. CSV, JSONL and Parquet hold it."
        )
    return text


def _whole_day(text: str) -> datetime | None:
    """Parse a day; None for a month or a year, and for a day that Excel cannot hold."""
    if len(text) != len("2014-03-05") or int(text[:4]) < FIRST_YEAR:
        return None
    return datetime.fromisoformat(text)


def _write_notes(sheet: Any, table: Table, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    line = 0
    for line, (name, text) in enumerate(table.notes.items(), start=1):
        sheet.write_string(line - 1, 0, name, styles["bold"])
        sheet.write_string(line - 1, 1, text)
    if table.sources:
        line = _write_table(sheet, table.sources(), styles, line + 1)
    for number, column in enumerate(table.columns, start=line + 1):
        sheet.write_string(number, 0, column.name, styles["bold"])
        sheet.write_string(number, 1, column.description)
