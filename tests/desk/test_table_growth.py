"""Reading the files of a stranger takes at most linear time in the length of a cell, and in how many there are."""

import time
from contextlib import suppress

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.reading import Reader
from misconduct_editor.register.yaml_files import read_yaml
from misconduct_editor.tables.add import add_table
from misconduct_editor.tables.sheets import Document
from tests.desk.editor import LAYOUT, NO_TOTALS, ROWS
from tests.desk.spreadsheets import replace_in_xlsx, write_ods, write_xlsx

SIZE = 10_000
UNITS = [
    "1 ",
    "1,",
    "2019 ",
    "2019-",
    "in 2019 ",
    "March 2019 to ",
    "*",
    "[r]",
    "(a)",
    "[",
    "per ",
    "total ",
    "2019p ",
]
PLACES = {"a title": "A1", "a heading": "B2", "a label": "A3", "a number": "B3"}


def measure(editor, unit, place, size):
    """Return the time to draft and to read a table with a long text in one cell."""
    rows = [
        ["Allegations"],
        ["Police force", "2021/22", "2022/23"],
        ["Kent", 3, 4],
        ["North Yorkshire", 1, 2],
    ]
    rows[int(place[1]) - 1][ord(place[0]) - ord("A")] = (unit * (size // len(unit)))[
        :size
    ] + "!"
    write_ods(editor.document, {"Table 1": rows})
    spent = []
    for _ in range(2):
        editor.layout.unlink(missing_ok=True)
        begun = time.process_time()
        with suppress(RegisterError):  # a long text can make it no table
            add_table(editor.data, editor.document, None, "report")
        editor.describe(
            **NO_TOTALS
            | {
                "figure": LAYOUT["figure"],
                "signs": {"[r]": "revised", "*": "See the note."},
            }
        )
        add_table(editor.data, editor.document, None, "report")
        spent.append(time.process_time() - begun)
    return min(spent)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_long_text_in_a_cell_takes_linear_time(editor, place):
    slow = {}
    for unit in UNITS:
        less, more = (measure(editor, unit, place, size) for size in (SIZE, 4 * SIZE))
        if (
            more > 2.6**2 * less
        ):  # doubled twice, since other processes disturb short measurements
            slow[unit] = (less, more)
    assert not slow


MANY = 500
MOST_TIMES = 2.6**2  # for four times as many, as above
FLOOR = 0.05  # seconds that a small file takes anyhow


def spend(function, *arguments):
    """Return the least time of two calls."""
    spent = []
    for _ in range(2):
        begun = time.process_time()
        with suppress(RegisterError):
            function(*arguments)
        spent.append(time.process_time() - begun)
    return min(spent)


def is_linear(times):
    less, more = times
    return more <= MOST_TIMES * max(less, FLOOR)


PIECES = {
    # parts of the XML of a sheet, a number of times, and what is around them
    "merged cells": ('<mergeCell ref="D{0}:E{0}"/>', "mergeCells"),
    "links": ('<hyperlink ref="D{0}" location="a"/>', "hyperlinks"),
    "lists": ('<dataValidation type="whole" sqref="D{0}"/>', "dataValidations"),
    "formats": ('<cfRule type="expression" priority="1"/>', "conditionalFormatting"),
    "breaks": ('<brk id="{0}" max="9999999"/>', "rowBreaks"),
}


@pytest.mark.parametrize(("piece", "around"), PIECES.values(), ids=PIECES)
def test_many_parts_of_a_sheet_take_linear_time(tmp_path, piece, around):
    path, times = tmp_path / "report.xlsx", []
    for many in (MANY, 4 * MANY):
        write_xlsx(path, ROWS)
        parts = "".join(piece.format(row) for row in range(9, 9 + many))
        end = "</sheetData>"
        replace_in_xlsx(path, end, f"{end}<{around}>{parts}</{around}>")
        times.append(spend(lambda: Document(path).read(None)))
    assert is_linear(times)


def test_hidden_columns_and_rows_of_filters_take_linear_time(tmp_path):
    path, times = tmp_path / "report.xlsx", []
    for many in (2_000, 8_000):
        write_xlsx(path, [[1] * many])
        columns = "".join(
            f'<col min="{number}" max="99999" hidden="1"/>' for number in range(1, many)
        )
        replace_in_xlsx(path, "<sheetData>", f"<cols>{columns}</cols><sheetData>")
        times.append(spend(lambda: Document(path).read(None)))
    assert is_linear(times)


def test_styles_that_are_based_on_styles_take_linear_time(tmp_path):
    path, times = tmp_path / "report.ods", []
    for many in (1_000, 4_000):
        styles = "".join(
            f'<style:style style:name="s{number}" style:family="table-cell" '
            f'style:parent-style-name="s{number + 1}"/>'
            for number in range(many)
        )
        cell = '<table:table-cell table:style-name="s{0}"><text:p>1</text:p></table:table-cell>'
        cells = "".join(cell.format(number) for number in range(many))
        rows = [*ROWS, f"<table:table-row>{cells}</table:table-row>"]
        write_ods(path, {"Table 1": rows}, styles=styles)
        times.append(spend(lambda: Document(path).read(None)))
    assert is_linear(times)


@pytest.mark.parametrize("cell", ["", "3", "2019/20"])
def test_a_wide_table_takes_linear_time(editor, cell):
    editor.document = editor.document.with_suffix(".csv")
    drafting, reading = [], []
    for many in (1_000, 4_000):
        rows = [["Force", *[cell] * many], ["Kent", *[3] * many], ["York", *[4] * many]]
        text = "\n".join(",".join(map(str, row)) for row in rows)
        editor.document.write_text(text)
        add = (add_table, editor.data, editor.document, None, "report")
        editor.layout.unlink(missing_ok=True)
        drafting.append(spend(*add))
        editor.describe(**NO_TOTALS | {"sheet": None, "header": [1], "rows": "2-3"})
        reading.append(spend(*add))
    assert is_linear(drafting)
    assert is_linear(reading)


RECORDS = [
    "- id: x\n  text: A.\n",
    "- &a x\n",
    "- *a\n",
    "- !e x\n",
    "- {<<: x}\n",
    "- [[[x]]]\n",
]
RECORDS += [
    "- '",
    "- a: b: c\n",
    "-\n",
    "#\n",
    "[",
    "- [",
    "{",
    "- {",
    "? ",
    "- ? ",
    "a: ",
    "- - ",
    "|\n",
    "%T\n",
    "x",
]


@pytest.mark.parametrize("record", RECORDS)
def test_a_long_file_takes_linear_time(tmp_path, record):
    times = []
    for size in (20_000, 80_000):
        (tmp_path / "caveats.yaml").write_text(record * (size // len(record)))
        times.append(
            spend(lambda: [*read_yaml(Reader(tmp_path), "caveats.yaml", is_list=True)])
        )
    assert is_linear(times)
