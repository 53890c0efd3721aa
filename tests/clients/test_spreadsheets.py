"""A spreadsheet opens the figures as they are: a header that stays, real numbers, text that stays text."""

from __future__ import annotations

import io

import openpyxl
import pytest


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
    assert (start[place].value, start[place].data_type) == ("2014", "s")


def test_what_is_missing_is_an_empty_cell(workbook):
    sheet = workbook["figures"]
    for value, absent in zip(column(sheet, "value"), column(sheet, "value_absent"), strict=True):
        assert (value.value is None) == (absent.value is not None)


def test_the_second_sheet_has_release_licence_sources_and_columns(workbook):
    assert workbook.sheetnames == ["figures", "sources and notes"]
    rows = [[cell.value for cell in row] for row in workbook["sources and notes"].iter_rows()]
    said = {row[0]: row[1] for row in reversed(rows)}
    assert (said["release"], said["licence"]) == ("1.1.0", "https://creativecommons.org/licenses/by/4.0/")
    assert said["value"] == "The figure. Empty is not zero: value_absent says why."
    shown = {cell.value for cell in column(workbook["figures"], "source")}
    assert shown <= set(said)
    assert "title" in next(row for row in rows if row[0] == "id")


def test_csv_for_excel_begins_with_a_byte_order_mark_and_no_other_does(real):
    assert real.client.get("/v1/allegations.csv?bom=1").content[:5] == b"\xef\xbb\xbfid"
    assert real.client.get("/v1/allegations.csv").content[:3] == b"id,"
