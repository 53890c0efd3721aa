"""Read the sheets of an XLSX file: the texts that its numbers and formats show."""

import re
import warnings
from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from .grid import (
    LOWERED,
    MERGED,
    NO_RESULT,
    STRUCK,
    Grid,
    Look,
    check_size,
    join_texts,
    squeeze,
)

_COLOURS = "black|blue|cyan|green|magenta|red|white|yellow|colou?r ?\\d+"
_HARMLESS = re.compile(
    rf"(?i)[_*].|\[(?:{_COLOURS})\]|\\(?=[ ()-])"
)  # room for a sign, a character that fills
_WORDS = re.compile(r'"([^"]*)"\?*')  # in place of a number: "-" for zero
_NUMBER_FORMAT = re.compile(r"(?:#([, ])##|#*)([0#])(?:\.(0+))?(%)?")


def open_xlsx(path: Path) -> dict[str, partial[Grid]]:
    """Return a function that reads it for each visible sheet, by name."""
    import openpyxl

    with warnings.catch_warnings(
        action="ignore"
    ):  # about features that openpyxl skips: colours, drop-down lists
        formulas = openpyxl.load_workbook(path, keep_links=False)
        book = openpyxl.load_workbook(
            path, data_only=True, rich_text=True, keep_links=False
        )
    visible = [one for one in book.worksheets if one.sheet_state == "visible"]
    return {
        one.title: partial(_read_sheet, one, formulas[one.title]) for one in visible
    }


def _read_sheet(sheet: Any, formulas: Any) -> Grid:
    check_size(sheet.max_row * sheet.max_column)
    grid = Grid([])
    for row in sheet.iter_rows():
        grid.rows.append([_read_into(grid, cell) for cell in row])
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f" and not grid.text(cell.row, cell.column):
                grid.blank[cell.row, cell.column] = NO_RESULT
    for area in sheet.merged_cells.ranges:
        if area.max_col > area.min_col:
            grid.ends[area.min_row, area.min_col] = area.max_col
    grid.hidden_rows = _find_hidden_rows(sheet)
    wide = [
        (one.min or one.index, one.max or one.index)
        for one in sheet.column_dimensions.values()
        if one.hidden or one.width == 0
    ]
    grid.hidden_columns = _cover(wide, sheet.max_column)
    return grid


def _read_into(grid: Grid, cell: Any) -> str:
    """Return the text of a cell, and note in the grid what is doubtful of it."""
    from openpyxl.cell.cell import MergedCell

    place = cell.row, cell.column
    text, doubt = _read_cell(cell)
    if doubt:
        grid.unclear[place] = doubt
    if isinstance(cell, MergedCell):
        grid.blank[place] = MERGED
    elif cell.comment:
        grid.comments[place] = squeeze(cell.comment.text)
    return text


def _find_hidden_rows(sheet: Any) -> set[int]:
    heights = sheet.row_dimensions
    hidden = {
        number for number, row in heights.items() if row.hidden or row.height == 0
    }
    if sheet.sheet_format.zeroHeight:
        # then the sheet hides all rows that do not say otherwise
        shown = {number for number, row in heights.items() if row.height}
        hidden |= {*range(1, sheet.max_row + 1)} - shown
    return hidden - _find_filtered(sheet)


def _find_filtered(sheet: Any) -> set[int]:
    """Return the rows of filters that are in use: they only choose what is seen, so their rows are not hidden."""
    from openpyxl.utils import range_boundaries

    filters = [
        sheet.auto_filter,
        *(table.autoFilter for table in sheet.tables.values()),
    ]
    areas = [
        range_boundaries(one.ref)
        for one in filters
        if one and one.ref and one.filterColumn
    ]
    return _cover([(top + 1, bottom) for _, top, _, bottom in areas], sheet.max_row)


def _cover(spans: Iterable[tuple[int, int]], last: int) -> set[int]:
    """Return the numbers of spans, up to the last."""
    covered = set[int]()
    for start, end in spans:
        covered.update(range(start, min(end, last) + 1))
    return covered


def _read_cell(cell: Any) -> tuple[str, str | None]:
    """Return the text of a cell, and why it is unclear."""
    from openpyxl.cell.rich_text import TextBlock

    if cell.value is None:
        return "", None
    parts = cell.value if isinstance(cell.value, list) else [cell.value]
    fonts = [part.font if isinstance(part, TextBlock) else cell.font for part in parts]
    runs = []
    for part, font in zip(parts, fonts, strict=True):
        position = getattr(font, "vertAlign", None)
        doubt = (
            STRUCK
            if getattr(font, "strike", None)
            else LOWERED
            if position == "subscript"
            else None
        )
        runs.append(
            (_show(part, cell.number_format), Look(doubt, position == "superscript"))
        )
    return join_texts(runs)


def _show(value: Any, number_format: str) -> str:
    """Return a value as spreadsheets show it, or for unusual formats as in the file."""
    from openpyxl.utils.escape import unescape

    if isinstance(value, datetime):
        return value.date().isoformat()
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(unescape(str(value)))
    sections = _split_format(number_format)
    used = sections[2] if value == 0 and len(sections) > 2 else sections[0]
    for_negatives = sections[1] if len(sections) > 1 else f"-{used}"
    shown = _write(Decimal(f"{abs(value):.15g}"), used)
    if shown is None or (value < 0 and for_negatives not in (f"-{used}", f"({used})")):
        return f"{value:.15g} in the format {number_format}"  # which may hide it, scale it, or write words around it
    return for_negatives.replace(used, shown) if value < 0 else shown


@lru_cache
def _split_format(number_format: str) -> list[str]:
    """Return the parts of a format. Many cells share one, which can be long."""
    return [one.strip() for one in _HARMLESS.sub("", number_format).split(";")]


def _write(number: Decimal, section: str) -> str | None:
    """Write a number in a plain format; None if it is not plain."""
    if section in ("General", "@"):
        return str(number)
    if words := _WORDS.fullmatch(section):
        return words[1]
    match = _NUMBER_FORMAT.fullmatch(section)
    if match is None:
        return None
    separator, last, decimals, percent = match.groups()
    rounded = (number * (100 if percent else 1)).quantize(
        Decimal(1).scaleb(-len(decimals or "")), ROUND_HALF_UP
    )
    shown = f"{rounded:{',' if separator else ''}f}".replace(",", separator or "")
    is_shown_so = (last == "0" or rounded >= 1) and (
        separator != " " or rounded < 10**6
    )
    return f"{shown}{percent or ''}" if is_shown_so else None
