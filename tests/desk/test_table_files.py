"""Spreadsheets are read as they are shown; what cannot be read is refused with the reason."""

import re
import shutil
import subprocess
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.tables.add import add_table
from tests.desk.editor import (
    LAYOUT,
    NO_TOTALS,
    PERCENT,
    PLAIN,
    ROWS,
    SOURCE,
    change,
    is_named,
)
from tests.desk.spreadsheets import write_ods, write_xlsx


def test_a_csv_with_a_byte_order_mark_is_read(editor):
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_text(
        "\ufeffPolice force;2021/22\nKent;3\nNorth Yorkshire;1\n", encoding="utf-8"
    )
    editor.describe(sheet=None, header=None, **NO_TOTALS | {"rows": None})
    assert editor.run().mistakes == []
    assert {cell: row["value"] for cell, row in editor.figures().items()} == {
        "2,2": "3",
        "3,2": "1",
    }


def test_xlsx_is_read_as_it_is_shown(editor):
    editor.document = editor.document.with_suffix(".xlsx")
    rows = [
        [None],
        ["Police force", "2021/22", "2022/23"],
        ["Kent", 0.12461, 0.5],
        ["North Yorkshire", 12, 2],
    ]
    formats = {"B3": "0.0%", "C3": "0%", "B4": "#,##0.00", "C4": '"<"0'}
    write_xlsx(editor.document, rows, formats)
    editor.describe(**NO_TOTALS | {"columns": PERCENT})
    (mistake,) = editor.run().mistakes
    assert mistake.startswith("report.xlsx#C4: "), (
        "its format shows another text than the number"
    )
    write_xlsx(editor.document, rows, formats | {"C4": "0"})
    editor.describe(**NO_TOTALS | {"columns": PERCENT})
    assert editor.run().mistakes == []
    shown = {
        cell: (row["printed"], row["value"]) for cell, row in editor.figures().items()
    }
    assert shown == {
        "3,2": ("12.5%", "12.5"), "3,3": ("50%", "50"), "4,2": ("12.00", "12.00"), "4,3": ("2", "2"),
    }  # fmt: skip


def test_formulas_without_results_and_merged_cells_of_xlsx_are_named(editor):
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(
        editor.document, [*PLAIN[:2], ["Kent", "=1+2", 4], PLAIN[3]], merged=["B4:C4"]
    )
    editor.describe(**NO_TOTALS)
    mistakes = editor.run().mistakes
    assert is_named(mistakes, "report.xlsx#B3", "formula")
    assert is_named(mistakes, "report.xlsx#C4", "merged")


def write_bomb(path):
    with (
        ZipFile(path, "w", ZIP_DEFLATED) as archive,
        archive.open("content.xml", "w", force_zip64=True) as content,
    ):
        for _ in range(110):
            content.write(b" " * 1_000_000)


def write_zip(path, text):
    with ZipFile(path, "w") as archive:
        archive.writestr("content.xml", text)


def write_torn(path):
    write_ods(path, {"Table 1": ROWS})
    path.write_bytes(path.read_bytes()[:400])


def write_far(path):
    write_xlsx(path, ROWS, formats={"XFD1048576": "0"})


BAD_FILES = {
    "a text": ("report.pdf", lambda path: path.write_text("Kent 3"), ".ods"),
    "a protected file": (
        "report.xlsx",
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + b"x" * 600),
        "password",
    ),
    "a torn file": ("report.ods", write_torn, "damaged"),
    "a file with other content": (
        "report.xlsx",
        lambda path: write_ods(path, {"Table 1": ROWS}),
        "damaged",
    ),
    "an old workbook": (
        "report.xls",
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0"),
        "damaged",
    ),
    "a file that is huge when unpacked": ("report.ods", write_bomb, "110,"),
    "a cell at the end of the sheet": ("report.xlsx", write_far, "cells"),
    "nested too deeply": (
        "report.ods",
        lambda path: write_zip(path, "<a>" * 300_000),
        "damaged",
    ),
    "Latin-1": (
        "report.csv",
        lambda path: path.write_bytes(b"Force,Number\nCaf\xe9,3\n"),
        "UTF-8",
    ),
    "an open quotation mark": (
        "report.csv",
        lambda path: path.write_text('Force,Number\n"Kent,3\n'),
        "quotation",
    ),
    "no numbers": (
        "report.ods",
        lambda path: write_ods(path, {"A": [["Kent"], ["Metropolitan"]]}),
        "numbers",
    ),
    "several tables": (
        "report.ods",
        lambda path: write_ods(path, {"A": ROWS, "B": ROWS, "C": ROWS}, ["B"]),
        "A, C",
    ),
}


@pytest.mark.parametrize(("name", "write", "word"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    editor, name, write, word
):
    document = editor.document.with_name(name)
    write(document)
    with pytest.raises(RegisterError, match=re.escape(word)):
        add_table(editor.data, document, None, None)
    assert [*(editor.data / "tables").iterdir()] == []


def test_another_unfinished_table_and_other_documents_are_left_alone(editor):
    (editor.data / "tables/other.yaml").write_text("source: decide\n")
    assert editor.add().mistakes == []
    for slug in ("news-2023-report", "../report", "My table"):
        with pytest.raises(RegisterError, match=slug):
            add_table(editor.data, editor.document, None, slug)


def test_a_publisher_that_nobody_knows_needs_a_code(editor):
    (mistake,) = editor.add(source={"publisher": "Customs"}).mistakes
    assert mistake.startswith("tables/report.yaml:1:")
    assert (
        "nobody is called 'Customs' yet; add it to codelists/stated_by.csv" in mistake
    )
    with (editor.data / "codelists/stated_by.csv").open("a") as file:
        file.write("customs,Customs\n")
    assert editor.run().mistakes == []
    assert {row["stated_by"] for row in editor.figures().values()} == {"customs"}


@pytest.mark.parametrize(("hidden", "place"), [("3", "B3"), ("C", "C3")])
def test_hidden_rows_and_columns_of_xlsx_are_named(editor, hidden, place):
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(editor.document, PLAIN, hidden=hidden)
    editor.describe(
        **NO_TOTALS
        | {"columns": {"Police force": "area", "20*": {"year": "financial"}}}
    )
    assert is_named(editor.run().mistakes, f"report.xlsx#{place}", "hides")


def test_a_source_without_a_date_and_a_caveat_for_all_figures_are_accepted(editor):
    notes = SOURCE["notes"] | {"published": "The file has no date."}
    figure = LAYOUT["figure"] | {"caveats": ["not_a_finding"]}
    assert (
        editor.add(figure=figure, source={"published": None, "notes": notes}).mistakes
        == []
    )
    assert {row["caveats"] for row in editor.figures().values()} == {"not_a_finding"}
    assert editor.verify() == []


def test_a_document_is_found_in_a_folder_of_the_documents(editor):
    editor.add()
    inside = editor.document.with_name("inside")
    inside.mkdir()
    editor.document.rename(inside / "report.ods")
    assert editor.verify() == []
    lines = editor.observations.read_text().splitlines()
    editor.observations.write_text("\n".join([lines[0], *lines[2:]]))
    assert any("'3' is not in" in one for one in editor.verify())


FORMATS = {
    # number, format of its cell, and what the figure prints; None if the format is not read
    (3, "[Blue]0"): "3", (3, "###0"): "3", (1204, "#,###"): "1,204", (1204, "# ##0"): "1 204", (3, "# ##0"): "3",
    (1204, "#\\ ##0"): "1 204", (1204, "#,##0 ;(#,##0)"): "1,204", (1204, "#,##0_);[Red]\\(#,##0\\)"): "1,204",
    (3, "General;-General"): "3", (3, "0;[Red]-0"): "3", (3, "[Color 10]General"): "3", (0, "#,##0"): "0",
    (3, '0" or more"'): None, (3, '"about "0'): None, (3, "0000"): None, (0, "#,###"): None, (3, ";;;"): None,
    (3, "0,"): None, (3, "[>2]0"): None, (1234567, "# ##0"): None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("number", "number_format", "printed"),
    [(*one, printed) for one, printed in FORMATS.items()],
)
def test_formats_of_numbers_in_xlsx_are_read_if_they_show_them_plainly(
    editor, number, number_format, printed
):
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(
        editor.document,
        [*PLAIN[:2], ["Kent", number, 4], PLAIN[3]],
        {"B3": number_format},
    )
    editor.describe(**NO_TOTALS)
    mistakes = editor.run().mistakes
    if printed is None:
        (mistake,) = mistakes
        assert mistake.startswith("report.xlsx#B3: ")
        assert (
            f"this cell shows '{number} in the format {number_format}', which is not read"
            in mistake
        )
    else:
        assert (mistakes, editor.figures()["3,2"]["printed"]) == ([], printed)


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [("#,##0 ;(#,##0)", "(5)"), ("0;\\(0\\)", "(5)"), ("0", "-5")],
)
def test_a_negative_number_in_brackets_is_asked_about(editor, number_format, shown):
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(
        editor.document, [*PLAIN[:2], ["Kent", -5, 4], PLAIN[3]], {"B3": number_format}
    )
    editor.describe(**NO_TOTALS)
    (mistake,) = editor.run().mistakes
    remedy = (
        "is in brackets: if it is minus 5, save a copy with -5"
        if shown == "(5)"
        else "is not a count"
    )
    assert mistake.startswith(f"report.xlsx#B3: {shown!r} {remedy}")


@pytest.mark.parametrize(
    "number_format", ['0;-0;"-"', '_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-']
)
def test_words_that_a_format_of_xlsx_shows_for_zero_are_read_as_shown(
    editor, number_format
):
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(
        editor.document,
        [*PLAIN[:2], ["Kent", 0, 1204], PLAIN[3]],
        dict.fromkeys(("B3", "C3"), number_format),
    )
    editor.describe(**NO_TOTALS | {"signs": {"-": "zero"}})
    assert editor.run().mistakes == []
    (zero, other) = (editor.figures()[place] for place in ("3,2", "3,3"))
    assert [
        (one["value"], one["printed"].replace(",", "")) for one in (zero, other)
    ] == [("0", "-"), ("1204", "1204")]


@pytest.mark.skipif(
    not shutil.which("soffice"),
    reason="this needs LibreOffice: apt-get install libreoffice-calc-nogui",
)
def test_an_old_workbook_is_read_but_for_numbers_whose_look_it_does_not_say(editor):
    profile = f"-env:UserInstallation=file://{editor.data}/profile"
    for rows, mistakes in ((ROWS, 0), (change(B3=3.5, B5=4.5, D3=7.5, D5=10.5), 4)):
        editor.document = editor.document.with_suffix(".xlsx")
        editor.write(rows)
        command = ["soffice", profile, "--headless", "--convert-to", "xls"]
        folder = editor.document.parent
        subprocess.run([*command, editor.document], cwd=folder, check=True)
        editor.document = editor.document.with_suffix(".xls")
        editor.describe()
        found = editor.run().mistakes
        assert bool(found) == bool(mistakes), found
    assert is_named(found, "report.xls#B3", "save it as XLSX", "3 more cells")
    assert [row["value"] for row in editor.figures().values()][:3] == ["3", "4", "7"]
