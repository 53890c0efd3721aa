"""A file that repeats cells without end is refused before it takes the memory of the machine."""

import subprocess
import sys
from zipfile import ZipFile

import pytest
from openpyxl.comments import Comment

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
TOO_MANY = " has too many cells; save a copy with only the cells of the table"


def read_in_little_memory(path):
    """Read a table in a process with 500 MB of memory, and return what it prints."""
    return subprocess.run(
        [sys.executable, "-c", READ, path], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_cell_far_away_from_the_others_is_refused(tmp_path):
    write_xlsx(tmp_path / "report.xlsx", ROWS)
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    replace_in_xlsx(tmp_path / "report.xlsx", "</sheetData>", f"{far}</sheetData>")
    assert read_in_little_memory(tmp_path / "report.xlsx") == f"report.xlsx{TOO_MANY}"


SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
NAMES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def link(ref):
    return f'<hyperlinks><hyperlink ref="{ref}" location="a"/></hyperlinks>'


def merge(*areas):
    merged = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    return f"<mergeCells>{merged}</mergeCells>"


def share(formula, cells):
    first = f'<c r="A9"><f t="shared" si="0" ref="A9:Z99">{formula}</f><v>1</v></c>'
    others = '<c><f t="shared" si="0"/><v>1</v></c>' * cells
    return f'<row r="9">{first}{others}</row></sheetData>'


def name_sheets(*parts):
    return "<sheets>" + "".join(
        f'<sheet xmlns:r="{NAMES}" name="s{number}" sheetId="{number}" r:id="{part}"/>'
        for number, part in enumerate(parts, 9)
    )


END = "</sheetData>"
SHORT = {
    # a piece of the XML of an XLSX file, and what stands in its place
    "a merged cell": (SHEET, END, END + merge("A1:XFD1048576")),
    "merged columns": (SHEET, END, END + merge("A:C")),
    "merged rows": (SHEET, END, END + merge("7:99")),
    "cells merged again": (SHEET, END, END + merge(*["A9:Z9999"] * 99)),
    "areas that count backwards": (
        SHEET,
        END,
        END + merge(*["XFD9:A99999"] * 99, "A1:XFD1048576"),
    ),
    "many merged cells": (
        SHEET,
        END,
        END + merge(*(f"D{row}:E{row}" for row in range(9, 10_010))),
    ),
    "a link": (SHEET, END, END + link("A1:XFD1048576")),
    "a link of columns": (SHEET, END, END + link("C:XFD")),
    "a long shared formula": (SHEET, END, share("1+" * 9_999, 9_999)),
    "sheets of one part": (BOOK, "<sheets>", name_sheets("rId1", "rId1")),
    "many sheets": (BOOK, "<sheets>", name_sheets(*map(str, range(501)))),
    "parts of one name": (
        "xl/_rels/workbook.xml.rels",
        "</Rel",
        f'<Relationship Type="{NAMES}/worksheet" Id="x" Target="./sheet1.xml"/></Rel',
    ),
}


@pytest.mark.parametrize(("part", "old", "new"), SHORT.values(), ids=SHORT)
def test_a_short_file_that_makes_many_cells_is_refused(tmp_path, part, old, new):
    path = tmp_path / "report.xlsx"
    write_xlsx(path, ROWS)
    replace_in_xlsx(path, old, new, part)
    assert read_in_little_memory(path) == f"report.xlsx{TOO_MANY}"


def test_a_comment_of_all_cells_is_refused(tmp_path):
    path = tmp_path / "report.xlsx"

    def comment(sheet):
        sheet["A1"].comment = Comment("As of May.", "A force")

    write_xlsx(path, ROWS, change=comment)
    replace_in_xlsx(path, 'ref="A1"', 'ref="A1:XFD1048576"', "xl/comments/comment1.xml")
    assert read_in_little_memory(path) == f"report.xlsx{TOO_MANY}"


def test_links_in_merged_cells_are_refused_if_they_are_many(tmp_path):
    """openpyxl looks for each of them in all merged cells."""
    path = tmp_path / "report.xlsx"
    write_xlsx(path, ROWS)
    merged = merge(*(f"D{row}:E{row}" for row in range(9, 609)))
    links = "".join(link(f"E{row}")[12:-13] for row in range(9, 609))
    links = f"<hyperlinks>{links}</hyperlinks>"
    replace_in_xlsx(path, END, END + merged + links)
    assert read_in_little_memory(path) == f"report.xlsx{TOO_MANY}"


def test_a_text_that_many_cells_share_is_refused(tmp_path):
    path = tmp_path / "report.xlsx"
    write_xlsx(path, ROWS)
    cells = '<c t="s"><v>0</v></c>' * 10_000
    replace_in_xlsx(path, END, f'<row r="9">{cells}</row>{END}')
    strings = (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    )
    part = f'<Override PartName="/strings.xml" ContentType="{strings}"/></Types>'
    replace_in_xlsx(path, "</Types>", part, "[Content_Types].xml")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with ZipFile(path, "a") as archive:
        text = f"<si><t>{'a' * 30_000}</t></si>"
        archive.writestr("strings.xml", f'<sst xmlns="{main}">{text}</sst>')
    assert read_in_little_memory(path) == f"report.xlsx{TOO_MANY}"


def test_a_format_that_many_cells_share_is_refused(tmp_path):
    path = tmp_path / "report.xlsx"
    cells = {f"A{row}": "0.000000000" for row in range(6, 3_006)}
    write_xlsx(path, [*ROWS, *[[1]] * 3_000], formats=cells)
    long = f'0.{"0" * 50_000}"'
    replace_in_xlsx(path, '0.000000000"', long, "xl/styles.xml")
    assert read_in_little_memory(path) == f"report.xlsx{TOO_MANY}"


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
    "rows of merged cells": (
        write_row([Cell(repeated=10**5, is_covered=True)]) * 21,
        None,
    ),
    "wide": (write_row([Cell("a", repeated=16_385)]), None),
    "a long text in many cells": (
        write_row([Cell("a" * 9_999, repeated=12_000)]),
        None,
    ),
    "merged cells without end": (
        write_row([Cell(repeated=10**12, is_covered=True)]),
        None,
    ),
}


@pytest.mark.parametrize(("rows", "says"), HUGE_ROWS.values(), ids=HUGE_ROWS)
def test_what_an_ods_repeats_without_end_is_left_out_or_refused(tmp_path, rows, says):
    write_ods(tmp_path / "report.ods", {"Table 1": [*ROWS, rows]})
    assert read_in_little_memory(tmp_path / "report.ods") == (
        says or f"report.ods{TOO_MANY}"
    )


def test_columns_are_hidden_only_as_far_as_the_sheet_goes(tmp_path):
    write_xlsx(tmp_path / "report.xlsx", ROWS)
    columns = '<cols><col min="3" max="20000000" hidden="1"/></cols>'
    replace_in_xlsx(tmp_path / "report.xlsx", "<sheetData>", f"{columns}<sheetData>")
    assert (
        read_in_little_memory(tmp_path / "report.xlsx")
        == "5 rows, 4 columns, hidden: {3, 4}"
    )


def test_a_long_line_with_an_open_quotation_mark_takes_little_memory(tmp_path):
    (tmp_path / "report.csv").write_text(f'"{"a" * 10_000_000}\nKent,3\n')
    message = "report.csv, line 1: this cannot be read as CSV (field larger than field limit (131072))"
    assert (
        read_in_little_memory(tmp_path / "report.csv")
        == f"{message}; is a quotation mark missing?"
    )


WIDE = {
    # lines of a CSV file, and the line that is named
    "commas": ("Kent" + "," * 3_000_000 + "\n", 1),
    "commas in the second line": ("Force,2023\n" + "," * 3_000_000 + "\n", 2),
    "cells with line breaks": ("Force,2023\n" + '"\n",' * 20_000 + "\n", 2),
    "quotation marks": ('"",' * 20_000 + "\n", 1),
}


@pytest.mark.parametrize(("text", "line"), WIDE.values(), ids=WIDE)
def test_a_line_of_more_cells_than_a_spreadsheet_has_is_refused(tmp_path, text, line):
    (tmp_path / "report.csv").write_text(text)
    assert read_in_little_memory(tmp_path / "report.csv").startswith(
        f"report.csv, line {line}: "
    )


@pytest.mark.parametrize("last", ["", "Kent,3\n"])
def test_millions_of_empty_lines_are_refused(tmp_path, last):
    (tmp_path / "report.csv").write_text(f"Force,2023\n{chr(10) * 3_000_000}{last}")
    assert read_in_little_memory(tmp_path / "report.csv") == f"report.csv{TOO_MANY}"


@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
def test_a_cell_with_a_text_without_end_is_refused(tmp_path, suffix):
    path = tmp_path / f"report{suffix}"
    if suffix == ".ods":
        write_ods(path, {"Table 1": [*ROWS, ["a" * 200_000]]})
    else:
        write_xlsx(path, ROWS)
        replace_in_xlsx(
            path, END, f'<row r="9"><c t="str"><v>{"a" * 200_000}</v></c></row>{END}'
        )
    assert "200,000 characters" in read_in_little_memory(path)


def test_the_separator_is_found_although_a_long_quoted_text_begins_the_file(tmp_path):
    words = "What he said, and what she “said”, " * 1_800
    (tmp_path / "report.csv").write_text(
        f'"{words}""so"", he said";Number\nKent;3\n', encoding="utf-8"
    )
    assert Document(tmp_path / "report.csv").read(None).rows[1] == ["Kent", "3"]
