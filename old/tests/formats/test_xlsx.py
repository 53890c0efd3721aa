"""A workbook that Excel opens as it is meant: text is text, days are dates, and nothing is cut."""

from __future__ import annotations

import io

import openpyxl
import pytest

from misconduct.errors import ExportTooLarge
from misconduct.formats import xlsx
from misconduct.model.table import Column, Table

TEXT = Column("text", "text", "A text.")


def workbook(table: Table) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(b"".join(xlsx.encode_xlsx(table))))


@pytest.mark.parametrize("text", ["=1+1", "@SUM(1)", "+1+cmd|' /C calc'!A0", "-1", "http://x.example", "1492", "\t=1"])
def test_text_is_text_whatever_it_looks_like(text):
    cell = workbook(Table((TEXT,), [(text,)]))["figures"]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_day_is_a_date_and_a_year_a_number():
    table = Table((Column("day", "date", ""),), [("2014-03-05",), ("2014-03",), ("2014",), ("1829-09-29",), (None,)])
    _, *column = workbook(table)["figures"]["A"]
    assert [cell.is_date for cell in column] == [True, False, False, False]
    assert column[0].value.date().isoformat() == "2014-03-05"
    assert [cell.value for cell in column[1:4]] == ["2014-03", 2014, "1829-09-29"]


def test_a_text_that_no_cell_can_hold_is_refused_and_not_left_out():
    assert workbook(Table((TEXT,), [("x" * 32_767,)]))["figures"]["A2"].value == "x" * 32_767
    with pytest.raises(ExportTooLarge, match="32767 characters, and a text has more"):
        workbook(Table((TEXT,), [("x" * 32_768,)]))


def test_rows_that_no_sheet_can_hold_are_refused(monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_ROWS", 2)
    assert workbook(Table((TEXT,), [("a",), ("b",)]))["figures"].max_row == 3
    with pytest.raises(ExportTooLarge, match="at most 2 rows"):
        workbook(Table((TEXT,), [("a",), ("b",), ("c",)]))


def test_what_belongs_to_it_stands_in_sheets_beside_the_figures():
    sources = Table((Column("id", "text", ""), Column("retrieved", "date", "")), [("paper", "2024-03")])
    found = workbook(Table((TEXT,), [("a",)], {"release": "1.0.0"}, lambda: {"sources": sources}))
    assert {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in found} == {
        "figures": [["text"], ["a"]],
        "columns": [["column", "type", "description"], ["text", "text", "A text."]],
        "sources": [["id", "retrieved"], ["paper", "2024-03"]],
        "about": [["about", "text"], ["release", "1.0.0"]],
    }


def test_only_addresses_of_the_web_are_links():
    column = Column("source_url", "text", "")
    sheet = workbook(Table((column,), [("https://example.org/a",), ("javascript:alert(1)",), ("file:///etc",)]))[
        "figures"
    ]
    assert [cell.hyperlink and cell.hyperlink.target for _, *[cell] in [(0, *row) for row in sheet["A2:A4"]]] == [
        "https://example.org/a", None, None,
    ]  # fmt: skip
