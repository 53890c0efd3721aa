"""XLSX: a sheet of figures with a frozen header, and a sheet of notes that says what its columns mean."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from app.domain.table import Cell, Column, Table

MOST_ROWS = 1_048_575
"""Rows below the header that a sheet can hold."""


def encode_xlsx(table: Table) -> Iterator[bytes]:
    """The table as one workbook. Text is written as text, whatever it looks like; numbers are numbers."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        bold = workbook.add_format({"bold": True})
        _write_figures(workbook.add_worksheet("figures"), table, bold)
        _write_notes(workbook.add_worksheet("notes"), table, bold)
    yield buffer.getvalue()


def _write_figures(sheet: Any, table: Table, bold: Any) -> None:
    sheet.freeze_panes(1, 1)
    sheet.write_row(0, 0, [column.name for column in table.columns], bold)
    for line, row in enumerate(table.rows, start=1):
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            if cell is not None:
                _write_cell(sheet, line, place, column, cell)


def _write_cell(sheet: Any, line: int, place: int, column: Column, cell: Cell) -> None:
    if isinstance(cell, int | float):
        sheet.write_number(line, place, cell)
    else:
        text = cell if isinstance(cell, str) else column.separator.join(cell or ())
        sheet.write_string(line, place, text)


def _write_notes(sheet: Any, table: Table, bold: Any) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    lines = [*table.notes.items(), ("", ""), *((column.name, column.description) for column in table.columns)]
    for line, (name, text) in enumerate(lines):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, text)
