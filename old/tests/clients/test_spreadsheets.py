"""A spreadsheet opens the figures as they are: a header that stays, real numbers, text that stays text."""

from __future__ import annotations

import csv
import io
import subprocess

import openpyxl
import pytest

from tests.tools import find_program


@pytest.fixture(scope="module")
def workbook(real):
    return openpyxl.load_workbook(io.BytesIO(real.client.get("/v1/allegations.xlsx?release=1.1.0&detail=full").content))


def column(sheet, name: str) -> list:
    """The cells below the header with that name."""
    place = [cell.value for cell in sheet[1]].index(name)
    return [row[place] for row in sheet.iter_rows(min_row=2)]


def test_the_header_is_frozen_and_stands_out(workbook):
    sheet = workbook["figures"]
    assert sheet.freeze_panes == "B2"
    assert (sheet["A1"].value, sheet["A1"].font.bold) == ("id", True)


def test_numbers_are_numbers_and_texts_are_texts(workbook):
    figures = {row.value: place for place, row in enumerate(column(workbook["figures"], "id"))}
    value, printed, start = (column(workbook["figures"], name) for name in ("value", "printed", "period_start"))
    place = figures["k7m3q"]
    assert (value[place].value, value[place].data_type) == (1492, "n")
    assert (printed[place].value, printed[place].data_type) == ("1,492", "s")
    assert (start[place].value, start[place].data_type) == (2014, "n")


def test_what_is_missing_is_an_empty_cell(workbook):
    sheet = workbook["figures"]
    for value, absent in zip(column(sheet, "value"), column(sheet, "value_absent"), strict=True):
        assert (value.value is None) == (absent.value is not None)


def test_sheets_have_columns_codes_sources_and_what_it_is(workbook):
    assert workbook.sheetnames == ["figures", "columns", "codes", "sources", "about"]
    said = {row[0].value: row[1].value for row in workbook["about"].iter_rows()}
    assert (said["release"], said["licence"]) == ("1.1.0", "https://creativecommons.org/licenses/by/4.0/")
    meaning = {row[0].value: row[2].value for row in workbook["columns"].iter_rows()}
    assert meaning["value"] == "The figure. Empty is not zero: value_absent says why."
    shown = {cell.value for cell in column(workbook["figures"], "source")}
    assert shown <= {cell.value for cell in column(workbook["sources"], "id")}
    codes = {(row[0].value, row[1].value) for row in workbook["codes"].iter_rows()}
    assert {("category", cell.value) for cell in column(workbook["figures"], "category")} <= codes


def test_rows_can_be_filtered_prose_is_wrapped_and_addresses_are_links(workbook):
    sheet = workbook["figures"]
    assert sheet.auto_filter.ref.startswith("A1:")
    header = [cell.value for cell in sheet[1]]
    prose = sheet.cell(2, header.index("source_notes") + 1)
    assert prose.alignment.wrap_text
    assert sheet.column_dimensions[prose.column_letter].width >= 60
    link = sheet.cell(2, header.index("source_url") + 1)
    assert link.hyperlink.target == link.value


def test_libreoffice_opens_it_and_reads_the_same(real, tmp_path):
    office = find_program("soffice", ("libreoffice-calc-nogui",), "a workbook is not opened in LibreOffice")
    book = tmp_path / "figures.xlsx"
    book.write_bytes(real.client.get("/v1/observations.xlsx?sort=id").content)
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        office,
        home,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76",
        "--outdir",
        tmp_path,
        book,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    opened = list(csv.DictReader(io.StringIO((tmp_path / "figures.csv").read_text("utf-8-sig"))))
    wanted = list(csv.DictReader(io.StringIO(real.client.get("/v1/observations.csv?sort=id").text)))
    names = ("id", "measure", "category", "printed", "qualifier", "part_of", "source", "time_period")
    assert [[row[name] for name in names] for row in opened] == [[row[name] for name in names] for row in wanted]
    assert [row["value"] and float(row["value"]) for row in opened] == [
        row["value"] and float(row["value"]) for row in wanted
    ]


def test_csv_for_excel_begins_with_a_byte_order_mark_and_no_other_does(real):
    assert real.client.get("/v1/allegations.csv?bom=1").content[:5] == b"\xef\xbb\xbfid"
    assert real.client.get("/v1/allegations.csv").content[:3] == b"id,"
