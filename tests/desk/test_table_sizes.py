"""A file that repeats cells without end is refused before it takes the memory of the machine."""

import subprocess
import sys

import pytest

from misconduct_editor.tables.sheets import Document
from tests.desk.editor import ROWS
from tests.desk.spreadsheets import (
    Cell,
    replace_in_xlsx,
    write_ods,
    write_row,
    write_xlsx,
)

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
TOO_MANY = "a sheet has too many cells; save a copy with only the cells of the table"


def read_in_little_memory(path):
    """Read a table in a process with 500 MB of memory, and return what it prints."""
    return subprocess.run(
        [sys.executable, "-c", READ, path], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_cell_far_away_from_the_others_is_refused(tmp_path):
    write_xlsx(tmp_path / "report.xlsx", ROWS)
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    replace_in_xlsx(tmp_path / "report.xlsx", "</sheetData>", f"{far}</sheetData>")
    assert read_in_little_memory(tmp_path / "report.xlsx") == TOO_MANY


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
    "merged cells without end": (
        write_row([Cell(repeated=10**12, is_covered=True)]),
        None,
    ),
}


@pytest.mark.parametrize(("rows", "says"), HUGE_ROWS.values(), ids=HUGE_ROWS)
def test_what_an_ods_repeats_without_end_is_left_out_or_refused(tmp_path, rows, says):
    write_ods(tmp_path / "report.ods", {"Table 1": [*ROWS, rows]})
    assert read_in_little_memory(tmp_path / "report.ods") == (says or TOO_MANY)


def test_the_separator_is_found_although_a_long_quoted_text_begins_the_file(tmp_path):
    words = "What he said, and what she “said”, " * 1_800
    (tmp_path / "report.csv").write_text(
        f'"{words}""so"", he said";Number\nKent;3\n', encoding="utf-8"
    )
    assert Document(tmp_path / "report.csv").read(None).rows[1] == ["Kent", "3"]
