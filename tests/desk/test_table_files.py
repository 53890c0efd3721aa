"""Documents are read as they are shown; what cannot be read is refused with the reason."""

import re
import shutil
import subprocess
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.tables.add import add_table
from tests.desk.cases import TABLES, read_cases
from tests.desk.editor import LAYOUT, NO_TOTALS, PLAIN, ROWS, change, is_named
from tests.desk.spreadsheets import write_ods, write_xlsx

TEXTS = {
    # the name of a document, its bytes, and words of the reason
    "a text": ("report.pdf", b"Kent 3", ".ods"),
    "protected": ("report.xlsx", b"\xd0\xcf\x11\xe0" + b"x" * 600, "password"),
    "an old workbook": ("report.xls", b"\xd0\xcf\x11\xe0", "damaged"),
    "Latin-1": ("report.csv", b"Force,Number\nCaf\xe9,3\n", "UTF-8"),
    "an open quotation mark": ("report.csv", b'Force,Number\n"Kent,3\n', "quotation"),
}


def zip_up(path, text, times=1):
    with (
        ZipFile(path, "w", ZIP_DEFLATED) as archive,
        archive.open("content.xml", "w", force_zip64=True) as content,
    ):
        for _ in range(times):
            content.write(text)


def tear(path):
    write_ods(path, {"Table 1": ROWS})
    path.write_bytes(path.read_bytes()[:400])


SHEETS = {
    # the name of a document, what writes it, and words of the reason
    "torn": ("report.ods", tear, "damaged"),
    "of another type": (
        "report.xlsx",
        lambda path: write_ods(path, {"Table 1": ROWS}),
        "damaged",
    ),
    "huge when unpacked": (
        "report.ods",
        lambda path: zip_up(path, b" " * 1_000_000, 110),
        "110,",
    ),
    "a cell at the end of the sheet": (
        "report.xlsx",
        lambda path: write_xlsx(path, ROWS, formats={"XFD1048576": "0"}),
        "cells",
    ),
    "nested too deeply": (
        "report.ods",
        lambda path: zip_up(path, b"<a>" * 300_000),
        "damaged",
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


@pytest.mark.parametrize("what", [*TEXTS, *SHEETS])
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(editor, what):
    name, content, word = (TEXTS | SHEETS)[what]
    document = editor.document.with_name(name)
    if isinstance(content, bytes):
        document.write_bytes(content)
    else:
        content(document)
    with pytest.raises(RegisterError, match=re.escape(word)):
        add_table(editor.data, document, None, None)
    assert [*(editor.data / "tables").iterdir()] == []


def test_an_empty_file_is_told_once(editor):
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_text("")
    keys = dict.fromkeys(("sheet", "header", "rows", "totals"))
    editor.describe(**keys, columns=NO_TOTALS["columns"])
    [mistake] = editor.run().mistakes
    assert "report.csv is empty" in mistake


def test_another_unfinished_table_and_other_documents_are_left_alone(editor):
    (editor.data / "tables/other.yaml").write_text("source: decide\n")
    assert editor.add().mistakes == []
    for slug in ("news-2023-report", "../report", "My table"):
        with pytest.raises(RegisterError, match=slug):
            add_table(editor.data, editor.document, None, slug)


def test_a_document_is_found_in_a_folder_of_the_documents(editor):
    editor.add()
    inside = editor.document.with_name("inside")
    inside.mkdir()
    editor.document.rename(inside / "under-another-name.ods")
    assert editor.verify() == []
    lines = editor.observations.read_text().splitlines()
    editor.observations.write_text("\n".join([lines[0], *lines[2:]]))
    found = editor.verify()
    assert any("under-another-name.ods#B3: '3' is not in" in one for one in found)


@pytest.mark.parametrize("case", read_cases(TABLES / "formats.yaml"), ids=str)
def test_formats_of_numbers_in_xlsx_are_read_if_they_show_them_plainly(editor, case):
    number, number_format, printed = case
    editor.document = editor.document.with_suffix(".xlsx")
    rows = [*PLAIN[:2], ["Kent", number, 4], PLAIN[3]]
    write_xlsx(editor.document, rows, {"B3": number_format})
    editor.describe(**NO_TOTALS)
    mistakes = editor.run().mistakes
    if printed is None:
        says = f"this cell shows '{number} in the format {number_format}', which"
        assert is_named(mistakes, "report.xlsx#B3", says)
        assert len(mistakes) == 1
    else:
        assert (mistakes, editor.figures()["3,2"]["printed"]) == ([], printed)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_in_another_encoding_is_read_as_it_was_published(editor, encoding):
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_bytes("Día,2022\nSábado,3\n".encode(encoding))
    keys = dict.fromkeys(("sheet", "header", "rows", "totals"))
    keys["columns"] = {"Día": "words", "2022": {"year": "calendar"}}
    keys["figure"] = LAYOUT["figure"] | {"area": "gb"}
    editor.describe(**keys)
    assert any("encoding: latin-1" in one for one in editor.run().mistakes)
    editor.describe(**keys, encoding=encoding)
    assert editor.run().mistakes == []
    assert editor.figures()["2,2"]["counted"] == "Sábado"


@pytest.mark.skipif(
    not shutil.which("soffice"),
    reason="this needs LibreOffice: apt-get install libreoffice-calc-nogui",
)
def test_an_old_workbook_is_read_but_for_numbers_whose_look_it_does_not_say(editor):
    profile = f"-env:UserInstallation=file://{editor.data}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xls"]
    found = {}
    for rows in (ROWS, change(B3=3.5, B5=4.5, D3=7.5, D5=10.5)):
        editor.document = editor.document.with_suffix(".xlsx")
        editor.write(rows)
        folder = editor.document.parent
        subprocess.run([*command, editor.document], cwd=folder, check=True)
        editor.document = editor.document.with_suffix(".xls")
        editor.describe()
        found[len(found)] = editor.run().mistakes
    assert found[0] == []
    assert is_named(found[1], "report.xls#B3", "save it as XLSX", "3 more cells")
    assert [row["value"] for row in editor.figures().values()][:3] == ["3", "4", "7"]
