"""XLSX: sheets of figures, of what their columns mean, of their codes and sources, and about the whole."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import Any

from misconduct.errors import ExportTooLarge
from misconduct.model.table import SENTENCES, Cell, Column, ColumnType, Table

MOST_ROWS = 50_000
"""Rows below the header. A sheet can hold a million, but even these take some 25 seconds to write."""

MOST_CHARACTERS = 32_767
"""Characters that a cell can hold. XlsxWriter silently leaves out a longer text."""

MADE = datetime(1980, 1, 1)  # noqa: DTZ001 (Excel has no zones)
"""The creation date of every workbook: fixed, so that the same figures give the same bytes."""

FIRST_YEAR = 1901
"""Excel has no earlier dates, or wrong ones."""


WIDTHS: dict[ColumnType, int] = {"integer": 8, "number": 10, "boolean": 8, "date": 12}
"""Of columns by their type, in characters."""

LINKS = ("url", "source_url", "printed_at")
LINK = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)
MOST_LINKS = 10_000
"""Rows whose addresses are links; a sheet can hold 65,530."""

YEAR = re.compile(r"[12]\d{3}", re.ASCII)


def encode_xlsx(table: Table) -> Iterator[bytes]:
    """The table as one workbook. Text is written as text, whatever it looks like; numbers are numbers, days dates.

    No more than one row is in memory: XlsxWriter puts them in a temporary file, each as soon as the next one begins.
    Raises ExportTooLarge where there are more than MOST_ROWS, or a cell cannot hold its text.
    """
    import xlsxwriter

    with TemporaryDirectory(ignore_cleanup_errors=True) as own:  # it leaves files after a failure
        content = _encode(table, xlsxwriter.Workbook, own)
    yield content


def _encode(table: Table, make_workbook: Any, folder: str) -> bytes:
    buffer = io.BytesIO()
    options = {
        "tmpdir": folder,
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with make_workbook(buffer, options) as workbook:
        workbook.set_properties({"created": MADE})
        styles = {
            "bold": workbook.add_format({"bold": True}),
            "day": workbook.add_format({"num_format": "yyyy-mm-dd"}),
            "prose": workbook.add_format({"text_wrap": True, "valign": "top"}),
        }
        _write_table(workbook.add_worksheet("figures"), table, styles)
        meaning = (
            Column("column", "text", ""),
            Column("type", "text", ""),
            Column("description", "text", "", SENTENCES),
        )
        described = [(column.name, column.type, column.description) for column in table.columns]
        _write_table(workbook.add_worksheet("columns"), Table(meaning, described), styles)
        for name, beside in table.sheets().items() if table.sheets else ():
            _write_table(workbook.add_worksheet(name), beside, styles)
        about = (Column("about", "text", ""), Column("text", "text", "", SENTENCES))
        _write_table(workbook.add_worksheet("about"), Table(about, list(table.notes.items())), styles)
    return buffer.getvalue()


def _write_table(sheet: Any, table: Table, styles: dict[str, Any]) -> None:
    """Write a header that stays in sight and has filters, and the rows."""
    for place, column in enumerate(table.columns):
        is_prose = column.separator == SENTENCES
        width = 70 if is_prose else WIDTHS.get(column.type, 16)
        sheet.set_column(place, place, max(width, len(column.name) + 3), styles["prose"] if is_prose else None)
        sheet.write_string(0, place, column.name, styles["bold"])
    line = 0
    for line, row in enumerate(table.rows, start=1):
        if line > MOST_ROWS:
            raise ExportTooLarge(f"XLSX has at most {MOST_ROWS} rows. CSV, JSONL and Parquet can have more.")
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            _write_cell(sheet, (line, place), column, cell, styles)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, line, max(len(table.columns) - 1, 0))


def _write_cell(sheet: Any, at: tuple[int, int], column: Column, cell: Cell, styles: dict[str, Any]) -> None:
    if cell is None or cell in ("", []):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(*at, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(*at, cell)
    elif _is_year(column, cell):
        sheet.write_number(*at, int(str(cell)))
    elif column.type == "date" and (day := _whole_day(str(cell))):
        sheet.write_datetime(*at, day, styles["day"])
    elif column.name in LINKS and LINK.fullmatch(str(cell)) and at[0] < MOST_LINKS:
        sheet.write_url(*at, str(cell))
    else:
        sheet.write_string(*at, _fitting(column.name, cell if isinstance(cell, str) else column.joined(cell)))


def _is_year(column: Column, cell: Cell) -> bool:
    """Tell whether a cell is a plain year; 2019/20 is a text."""
    return (column.type == "date" or column.name in ("year", "time_period")) and bool(YEAR.fullmatch(str(cell)))


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
