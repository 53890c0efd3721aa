"""What a sheet does not show is no figure. Most cases of how cells look are in `tables/cases/looks.yaml`."""

import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from tests.desk.editor import NO_TOTALS, PLAIN, is_named
from tests.desk.spreadsheets import (
    STYLES,
    Cell,
    replace_in_xlsx,
    write_ods,
    write_row,
    write_xlsx,
)

KENT = PLAIN[2]
STRUCK = 'table:default-cell-style-name="struck-cell"'
FOLDED = '<table:table-row-group table:display="false">{}</table:table-row-group>'
HIDDEN = {
    # the third row of an ODS sheet, what its second column is, and the mistake
    "no height": (write_row(KENT, 'table:style-name="flat-row"'), "", "B3", "hides"),
    "folded": (FOLDED.format(write_row(KENT)), "", "B3", "hides"),
    "no width": (KENT, 'table:style-name="thin"', "B3", "hides"),
    "a column that is struck out": (KENT, STRUCK, "B2", "struck out"),
}


@pytest.mark.parametrize(
    ("row", "column", "place", "word"), HIDDEN.values(), ids=HIDDEN
)
def test_what_ods_does_not_show_is_refused(editor, row, column, place, word):
    rows = [*PLAIN[:2], row, PLAIN[3]]
    columns = f"<table:table-column/><table:table-column {column}/>"
    write_ods(editor.document, {"Table 1": rows}, styles=STYLES, columns=columns)
    editor.describe(**NO_TOTALS)
    assert is_named(editor.run().mistakes, f"report.ods#{place}", word)


def test_each_of_the_same_rows_with_a_struck_out_or_merged_cell_is_refused(editor):
    same = [Cell(markup="<struck>1</struck>"), Cell(is_covered=True)]
    repeated = 'table:number-rows-repeated="2"'
    rows = [*PLAIN[:3], write_row(["North Yorkshire", *same], repeated)]
    write_ods(editor.document, {"Table 1": rows}, styles=STYLES)
    editor.describe(**NO_TOTALS | {"rows": "3, 5"})
    mistakes = editor.run().mistakes
    assert is_named(mistakes, "report.ods#B5", "struck out")
    assert is_named(mistakes, "report.ods#C5", "merged")


def test_rows_that_only_a_filter_hides_are_read_and_drafted(editor):
    filtered = write_row(["North Yorkshire", 1, 2], 'table:visibility="filter"')
    write_ods(editor.document, {"Table 1": [*PLAIN[:3], filtered]})
    editor.run()
    assert "rows: 3-4 " in editor.layout.read_text()
    editor.describe(**NO_TOTALS)
    assert editor.run().mistakes == []
    assert [*editor.figures()] == ["3,2", "3,3", "4,2", "4,3"]


def test_many_hidden_rows_are_one_message(editor):
    hidden = [[Cell("Kent", is_hidden=True), 30 + row, 40 + row] for row in range(6)]
    rows = [*PLAIN, *hidden[:3], ["Metropolitan", 50, 60], *hidden[3:]]
    write_ods(editor.document, {"Table 1": rows})
    editor.describe(**NO_TOTALS | {"rows": "3-11"})
    (mistake,) = [one for one in editor.run().mistakes if "hides" in one]
    assert is_named([mistake], "report.ods#B5", "the sheet hides row 5-7, 9-11")
    editor.describe(**NO_TOTALS | {"rows": "3-4, 8"})
    outcome = editor.run()
    assert outcome.mistakes == []
    assert outcome.sections["Totals"][-1].endswith("not read: 5-7, 9-11")


def rich(*parts):
    return CellRichText(
        *(TextBlock(InlineFont(**font), text) if font else text for text, font in parts)
    )


def put(value, **font):
    """Return what puts a value into B3, and gives the whole cell a font."""

    def change(sheet):
        sheet["B3"] = value
        sheet["B3"].font = Font(**font)

    return change


PLAIN_AND_BOLD = rich(("1", {}), ("2", {"b": True}))
XLSX = {
    # what is done to the sheet, the number that B3 then says, or a word of the mistake
    "raised": (put(rich(("3", {}), ("1", {"vertAlign": "superscript"}))), "3"),
    "lowered": (put(rich(("3", {}), ("1", {"vertAlign": "subscript"}))), "below"),
    "struck out": (put(rich(("12", {"strike": True}), ("3", {}))), "struck out"),
    "a struck cell": (put("3", strike=True), "struck out"),
    "a part of a struck cell": (put(PLAIN_AND_BOLD, strike=True), "struck"),
    "an escaped line break": (put("3_x000D_"), "3"),
}


def add_xlsx(editor, table=PLAIN, change=lambda sheet: None, replace=(), **keys):
    """Return the mistakes in an XLSX file; `replace` is a piece of its XML, and another."""
    hidden = keys.pop("hidden", "")
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(editor.document, table, hidden=hidden, change=change)
    if replace:
        replace_in_xlsx(editor.document, *replace)
    editor.describe(**NO_TOTALS | keys)
    return editor.run().mistakes


@pytest.mark.parametrize(("do", "says"), XLSX.values(), ids=XLSX)
def test_xlsx_is_read_by_its_formatting(editor, do, says):
    mistakes = add_xlsx(editor, change=do, signs={"¹": "See note 1."})
    if says.isdecimal():
        assert editor.figures()["3,2"]["printed"] == says
    else:
        assert is_named(mistakes, "report.xlsx#B3", says), mistakes


COLUMNS = '<cols><col min="2" max="3" width="0" customWidth="1"/></cols><sheetData>'
FLAT = {
    # a piece of the XML of a sheet, what stands in its place, and words of the mistake
    "a row": ('<row r="3"', '<row r="3" ht="0" customHeight="1"', "hides row 3"),
    "a column": ("<sheetData>", COLUMNS, "hides column B"),
    "all rows": ("<sheetFormatPr ", '<sheetFormatPr zeroHeight="1" ', "hides row 3"),
}


@pytest.mark.parametrize(("old", "new", "word"), FLAT.values(), ids=FLAT)
def test_rows_and_columns_of_xlsx_without_size_are_refused(editor, old, new, word):
    mistakes = add_xlsx(editor, replace=(old, new))
    assert is_named(mistakes, "report.xlsx#B3", word)


def offer_filter(sheet):
    sheet.auto_filter.ref = "A2:C4"


def filter_kent(sheet):
    offer_filter(sheet)
    sheet.auto_filter.add_filter_column(0, ["Kent"])


def test_only_a_filter_that_is_in_use_hides_no_rows_of_xlsx(editor):
    assert add_xlsx(editor, hidden="4", change=filter_kent) == []
    unused = add_xlsx(editor, hidden="4", change=offer_filter)
    assert any("hides" in one for one in unused), unused
    longer = [*PLAIN, ["Metropolitan", 5, 6]]
    outside = add_xlsx(editor, longer, filter_kent, hidden="5", rows="3-5")
    assert is_named(outside, "report.xlsx#B5", "the sheet hides row 5")
