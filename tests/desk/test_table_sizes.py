"""A small file that unpacks to a huge table is refused before it takes the memory of the machine."""

import subprocess
import sys
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from misconduct_editor.tables.sheets import Document
from tests.desk.editor import ROWS
from tests.desk.spreadsheets import Cell, replace_in_xlsx, write_ods, write_row, write_xlsx

READ = """
import pathlib, resource, sys
from misconduct.errors import RegisterError
from misconduct_editor.tables.sheets import Document
resource.setrlimit(resource.RLIMIT_AS, (500_000_000, 500_000_000))
try:
    grid = Document(pathlib.Path(sys.argv[1])).read(None)
    print(len(grid.rows), "rows,", grid.width, "columns, hidden:", grid.hidden_columns)
except RegisterError as error:
    print(error)
"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHARED_STRINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
SHARING = '<c t="s"><v>0</v></c>'
TOO_MANY = " has too many cells or too much text; save a copy with only the cells of the table"


def read_in_little_memory(path):
    """Read a table in a process with 500 MB of memory, and return what it prints."""
    return subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, check=True).stdout.strip()


def merge(areas):
    """Return the XML that ends a sheet with merged cells."""
    cells = "".join(f'<mergeCell ref="{one}"/>' for one in areas)
    return f"</sheetData><mergeCells>{cells}</mergeCells>"


HUGE_SHEETS = {
    # what replaces what in the XML of the sheet
    "a million empty cells": ("</sheetData>", f"<row>{'<c/>' * 1_000_000}</row></sheetData>"),
    "elements without a meaning": ("</sheetData>", f"</sheetData>{'<a/>' * 4_000_000}"),
    "a merged cell": ("</sheetData>", merge(["A1:XFD1048576"])),
    "merged cells of whole rows": ("</sheetData>", merge(f"A{row}:XFD{row}" for row in range(1, 1_001))),
    "merged cells of whole columns": ("</sheetData>", merge(f"{one}1:{one}1048576" for one in "ABCDEFGHIJ")),
    "a link": ("</sheetData>", '</sheetData><hyperlinks><hyperlink ref="A1:XFD1048576"/></hyperlinks>'),
}


@pytest.mark.parametrize("name", HUGE_SHEETS)
def test_a_small_spreadsheet_with_a_huge_sheet_is_refused(tmp_path, name):
    write_xlsx(tmp_path / "report.xlsx", ROWS)
    replace_in_xlsx(tmp_path / "report.xlsx", *HUGE_SHEETS[name])
    assert read_in_little_memory(tmp_path / "report.xlsx") == f"report.xlsx{TOO_MANY}"


def test_a_small_spreadsheet_whose_cells_share_a_long_text_is_refused(tmp_path):
    path = tmp_path / "report.xlsx"
    write_xlsx(path, ROWS)
    replace_in_xlsx(path, "</sheetData>", f"<row>{SHARING * 3_000}</row></sheetData>")
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED_STRINGS}"/>'
    replace_in_xlsx(path, "</Types>", f"{part}</Types>", "[Content_Types].xml")
    with ZipFile(path, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}"><si><t>{"Kent" * 50_000}</t></si></sst>')
    assert read_in_little_memory(path) == f"report.xlsx{TOO_MANY}"


def test_a_small_ods_with_millions_of_elements_is_refused(tmp_path):
    with ZipFile(tmp_path / "report.ods", "w", ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", f"<a>{'<a/>' * 9_000_000}</a>")
    assert read_in_little_memory(tmp_path / "report.ods") == f"report.ods{TOO_MANY}"


WITHOUT_END = 'table:number-rows-repeated="1000000000000"'
EMPTY = write_row([], WITHOUT_END)
HUGE_ROWS = {
    # rows of ODS after those of the table, and what is read
    "empty rows without end": (EMPTY, "5 rows, 4 columns, hidden: set()"),
    "hidden rows without end": (
        write_row([], f'{WITHOUT_END} table:visibility="collapse"'),
        "5 rows, 4 columns, hidden: set()",
    ),
    "rows without end": (write_row([1], WITHOUT_END), None),
    "a cell far to the right": (write_row([Cell(repeated=10**12), 1]), None),
    "a cell far below": (EMPTY + write_row([1]), None),
    "merged cells without end": (write_row([Cell(repeated=10**12, is_covered=True)]), None),
}


@pytest.mark.parametrize(("rows", "says"), HUGE_ROWS.values(), ids=HUGE_ROWS)
def test_what_an_ods_repeats_without_end_is_left_out_or_refused(tmp_path, rows, says):
    write_ods(tmp_path / "report.ods", {"Table 1": [*ROWS, rows]})
    assert read_in_little_memory(tmp_path / "report.ods") == (says or f"report.ods{TOO_MANY}")


def test_columns_are_hidden_only_as_far_as_the_sheet_goes(tmp_path):
    write_xlsx(tmp_path / "report.xlsx", ROWS)
    columns = '<cols><col min="3" max="20000000" hidden="1"/></cols>'
    replace_in_xlsx(tmp_path / "report.xlsx", "<sheetData>", f"{columns}<sheetData>")
    assert read_in_little_memory(tmp_path / "report.xlsx") == "5 rows, 4 columns, hidden: {3, 4}"


def test_a_long_line_with_an_open_quotation_mark_takes_little_memory(tmp_path):
    (tmp_path / "report.csv").write_text(f'"{"a" * 10_000_000}\nKent,3\n')
    message = "report.csv, line 1: this cannot be read as CSV (field larger than field limit (131072))"
    assert read_in_little_memory(tmp_path / "report.csv") == f"{message}; is a quotation mark missing?"


def test_the_separator_is_found_although_a_long_quoted_text_begins_the_file(tmp_path):
    words = "What he said, and what she “said”, " * 1_800
    (tmp_path / "report.csv").write_text(f'"{words}""so"", he said";Number\nKent;3\n', encoding="utf-8")
    assert Document(tmp_path / "report.csv").read(None).rows[1] == ["Kent", "3"]
