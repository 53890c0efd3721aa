"""Read the sheets of an XLS file. What its cells show is known only for texts, dates and whole numbers."""

from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from .grid import MERGED, Grid, check_size, squeeze

UNSEEN = (
    "an XLS file does not say here how this number is shown: rounded, or as a percentage? "
    "open it in a spreadsheet program, save it as XLSX, and use that copy"
)


def open_xls(path: Path) -> dict[str, partial[Grid]]:
    """Return a function that reads it for each visible sheet, by name."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_path(str(path))
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible is SheetVisibleEnum.Visible
    ]
    return {name: partial(_read_sheet, book, name) for name in visible}


def _read_sheet(book: Any, name: str) -> Grid:
    sheet = book.get_sheet_by_name(name)
    check_size(sheet.total_height * sheet.total_width)
    grid = Grid([])
    for row, values in enumerate(sheet.to_python(skip_empty_area=False), 1):
        grid.rows.append([_show(value) for value in values])
        for column, value in enumerate(values, 1):
            if isinstance(value, float) and not value.is_integer():
                grid.unclear[row, column] = UNSEEN
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        grid.ends[top + 1, left + 1] = right + 1
        for row in range(top + 1, bottom + 2):
            for column in range(left + 1, right + 2):
                if (row, column) != (top + 1, left + 1):
                    grid.blank[row, column] = MERGED
    return grid


def _show(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time | timedelta):
        return str(value)
    return squeeze(str(value))
