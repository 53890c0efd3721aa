"""A number is what its cell shows. If formatting leaves that open, the cell is refused."""

import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from tests.desk.editor import NO_TOTALS, PLAIN, change, is_named
from tests.desk.spreadsheets import (
    Cell,
    replace_in_xlsx,
    write_ods,
    write_row,
    write_xlsx,
)


def style(name, family, properties, parent=""):
    start = f'<style:style style:name="{name}" style:family="{family}" {parent}>'
    return f"{start}<style:text-properties {properties}/></style:style>"


def size(name, part, properties):
    start = f'<style:style style:name="{name}" style:family="table-{part}">'
    return f"{start}<style:table-{part}-properties {properties}/></style:style>"


STYLES = "".join(
    (
        style("super", "text", 'style:text-position="super 58%"'),
        style("percent", "text", 'style:text-position="33% 58%"'),
        style("like-super", "text", "", 'style:parent-style-name="super"'),
        style("flat", "text", 'style:text-position="0% 100%"'),
        style("bold", "text", 'fo:font-weight="bold" xmlns:fo="urn:oasis"'),
        style("sub", "text", 'style:text-position="sub 58%"'),
        style("below", "text", 'style:text-position="-33% 58%"'),
        style("struck", "text", 'style:text-line-through-style="solid"'),
        style("struck-twice", "text", 'style:text-line-through-type="double"'),
        style("not-struck", "text", 'style:text-line-through-style="none"'),
        style("unseen", "text", 'text:display="none"'),
        style("struck-cell", "table-cell", 'style:text-line-through-style="solid"'),
        size("flat-row", "row", 'style:row-height="0.000cm"'),
        size("thin", "column", 'style:column-width="0in"'),
    )
)


def span(name, text):
    return f'<text:span text:style-name="{name}">{text}</text:span>'


LINK = '<text:a xlink:href="#n" xmlns:xlink="urn:xlink">{}</text:a>'
NOTES = {"signs": {"¹": "See note 1."}}
RAISED = {
    "super": f"3{span('super', '1')}",
    "a height in per cent": f"3{span('percent', '1')}",
    "a style based on another": f"3{span('like-super', '1')}",
    "a span in a span": f"3{span('super', span('bold', '1'))}",
    "a raised span in a bold one": span("bold", f"3{span('super', '1')}"),
    "a link in a span": f"3{span('super', LINK.format('1'))}",
    "a span in a link": f"3{LINK.format(span('super', '1'))}",
}


@pytest.mark.parametrize("markup", RAISED.values(), ids=RAISED)
def test_a_raised_figure_in_ods_is_a_sign(editor, markup):
    write_ods(
        editor.document,
        {"Table 1": change(PLAIN, B3=Cell(markup=markup))},
        styles=STYLES,
    )
    editor.describe(**NO_TOTALS | NOTES)
    assert editor.run().mistakes == []
    figure = editor.figures()["3,2"]
    assert (figure["value"], figure["printed"], figure["caveats"]) == (
        "3",
        "3",
        "report_note_1",
    )


PLAINLY_SHOWN = {
    "bold": (span("bold", "3") + "1", "31"),
    "a flat span in a raised one": (span("super", span("flat", "31")), "31"),
    "not struck in a struck cell": (span("not-struck", "31"), "31"),
    "a comment": ("31<office:annotation><text:p>9</text:p></office:annotation>", "31"),
}


@pytest.mark.parametrize(
    ("markup", "number"), PLAINLY_SHOWN.values(), ids=PLAINLY_SHOWN
)
def test_other_formatting_of_ods_does_not_matter(editor, markup, number):
    cell = Cell(
        markup=markup,
        attributes='table:style-name="struck-cell"' if "not-struck" in markup else "",
    )
    write_ods(editor.document, {"Table 1": change(PLAIN, B3=cell)}, styles=STYLES)
    editor.describe(**NO_TOTALS)
    assert editor.run().mistakes == []
    assert editor.figures()["3,2"]["printed"] == number


UNCLEAR = {
    "struck out": (span("struck", "12") + "3", "struck out"),
    "struck out twice": (span("struck-twice", "12") + "3", "struck out"),
    "hidden": (span("unseen", "9") + "3", "hidden"),
    "a subscript": ("3" + span("sub", "1"), "below the line"),
    "a depth in per cent": ("3" + span("below", "1"), "below the line"),
}


@pytest.mark.parametrize(("markup", "word"), UNCLEAR.values(), ids=UNCLEAR)
@pytest.mark.parametrize("cell", ["A3", "B2", "B3"])
def test_a_cell_of_ods_with_text_that_may_not_count_is_refused(
    editor, markup, word, cell
):
    write_ods(
        editor.document,
        {"Table 1": change(PLAIN, **{cell: Cell(markup=markup)})},
        styles=STYLES,
    )
    editor.describe(**NO_TOTALS)
    assert is_named(editor.run().mistakes, f"report.ods#{cell}", word)


def test_a_whole_cell_or_column_that_is_struck_out_is_refused(editor):
    cell = Cell("3", attributes='table:style-name="struck-cell"')
    write_ods(editor.document, {"Table 1": change(PLAIN, B3=cell)}, styles=STYLES)
    editor.describe(**NO_TOTALS)
    assert is_named(editor.run().mistakes, "report.ods#B3", "struck out")
    columns = '<table:table-column/><table:table-column table:default-cell-style-name="struck-cell"/>'
    write_ods(editor.document, {"Table 1": PLAIN}, styles=STYLES, columns=columns)
    editor.describe(**NO_TOTALS)
    assert is_named(
        editor.run().mistakes, "report.ods#B2", "struck out", "more cells, such as"
    )


KENT, REST = PLAIN[2], [*PLAIN[:2], PLAIN[3]]


def test_each_of_the_same_rows_with_a_struck_out_or_merged_cell_is_refused(editor):
    same = [Cell(markup=span("struck", "1")), Cell(is_covered=True)]
    rows = [
        *PLAIN[:3],
        write_row(["North Yorkshire", *same], 'table:number-rows-repeated="2"'),
    ]
    write_ods(editor.document, {"Table 1": rows}, styles=STYLES)
    editor.describe(**NO_TOTALS | {"rows": "3, 5"})
    mistakes = editor.run().mistakes
    assert is_named(mistakes, "report.ods#B5", "struck out")
    assert is_named(mistakes, "report.ods#C5", "merged")


NOT_SHOWN = {
    "a row without height": (
        [*PLAIN[:2], write_row(KENT, 'table:style-name="flat-row"'), PLAIN[3]],
        "",
        "B3",
    ),
    "a row in a folded group": (
        [
            *PLAIN[:2],
            f'<table:table-row-group table:display="false">{write_row(KENT)}</table:table-row-group>',
            PLAIN[3],
        ],
        "",
        "B3",
    ),
    "a column without width": (
        PLAIN,
        '<table:table-column/><table:table-column table:style-name="thin"/>',
        "B3",
    ),
}


@pytest.mark.parametrize(
    ("rows", "columns", "place"), NOT_SHOWN.values(), ids=NOT_SHOWN
)
def test_rows_and_columns_that_ods_does_not_show_are_refused(
    editor, rows, columns, place
):
    write_ods(editor.document, {"Table 1": rows}, styles=STYLES, columns=columns)
    editor.describe(**NO_TOTALS)
    assert is_named(editor.run().mistakes, f"report.ods#{place}", "hides")


def rich(*parts):
    return CellRichText(
        *(TextBlock(InlineFont(**font), text) if font else text for text, font in parts)
    )


def put(name, value):
    return lambda sheet: sheet.__setitem__(name, value)


def set_font(name, **font):
    return lambda sheet: setattr(sheet[name], "font", Font(**font))


XLSX = {
    # what is done to the sheet, the number that B3 then says, or a word of the mistake
    "a raised figure": (
        put("B3", rich(("3", {}), ("1", {"vertAlign": "superscript"}))),
        "3",
    ),
    "a subscript": (
        put("B3", rich(("3", {}), ("1", {"vertAlign": "subscript"}))),
        "below the line",
    ),
    "struck out": (put("B3", rich(("12", {"strike": True}), ("3", {}))), "struck out"),
    "a struck cell": (set_font("B3", strike=True), "struck out"),
    "a plain part of a struck cell": (
        lambda sheet: (
            set_font("B3", strike=True)(sheet),
            put("B3", rich(("1", {}), ("2", {"b": True})))(sheet),
        ),
        "struck out",
    ),
    "no row has a height": (
        lambda sheet: setattr(sheet.sheet_format, "zeroHeight", True),
        "hides row 3",
    ),
    "an escaped line break": (put("B3", "3_x000D_"), "3"),
}


@pytest.mark.parametrize(("do", "says"), XLSX.values(), ids=XLSX)
def test_xlsx_is_read_by_its_formatting(editor, do, says):
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(editor.document, PLAIN, change=do)
    editor.describe(**NO_TOTALS | NOTES)
    mistakes = editor.run().mistakes
    if says.isdecimal():
        assert (mistakes, editor.figures()["3,2"]["printed"]) == ([], says)
    else:
        assert is_named(mistakes, "report.xlsx#B3", says), mistakes


FLAT = {
    "a row without height": ('<row r="3"', '<row r="3" ht="0" customHeight="1"', "hides row 3"),
    "a column without width": (
        "<sheetData>", '<cols><col min="2" max="3" width="0" customWidth="1"/></cols><sheetData>', "hides column B",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "word"), FLAT.values(), ids=FLAT)
def test_rows_and_columns_of_xlsx_without_size_are_refused(editor, old, new, word):
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(editor.document, PLAIN)
    replace_in_xlsx(editor.document, old, new)
    editor.describe(**NO_TOTALS)
    assert is_named(editor.run().mistakes, "report.xlsx#B3", word)


FILTERED = 'table:visibility="filter"'


def test_rows_that_only_a_filter_hides_are_read_and_drafted(editor):
    rows = [*PLAIN[:3], write_row(["North Yorkshire", 1, 2], FILTERED)]
    write_ods(editor.document, {"Table 1": rows})
    editor.run()
    assert "rows: 3-4 " in editor.layout.read_text()
    editor.describe(**NO_TOTALS)
    assert editor.run().mistakes == []
    assert [*editor.figures()] == ["3,2", "3,3", "4,2", "4,3"]


def filter_rows(sheet, criteria=True):
    sheet.auto_filter.ref = "A2:C4"
    if criteria:
        sheet.auto_filter.add_filter_column(0, ["Kent"])


@pytest.mark.parametrize(("criteria", "is_read"), [(True, True), (False, False)])
def test_a_filter_of_xlsx_hides_no_rows_if_it_is_in_use(editor, criteria, is_read):
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(
        editor.document,
        PLAIN,
        hidden="4",
        change=lambda sheet: filter_rows(sheet, criteria),
    )
    editor.describe(**NO_TOTALS)
    assert (editor.run().mistakes == []) is is_read


def test_a_row_hidden_by_hand_outside_a_filter_stays_refused(editor):
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(
        editor.document,
        [*PLAIN, ["Metropolitan", 5, 6]],
        hidden="5",
        change=filter_rows,
    )
    editor.describe(**NO_TOTALS | {"rows": "3-5"})
    assert is_named(editor.run().mistakes, "report.xlsx#B5", "the sheet hides row 5")


def test_many_hidden_rows_are_one_message(editor):
    hidden = [[Cell("Kent", is_hidden=True), 30 + row, 40 + row] for row in range(6)]
    write_ods(
        editor.document,
        {"Table 1": [*PLAIN, *hidden[:3], ["Metropolitan", 50, 60], *hidden[3:]]},
    )
    editor.describe(**NO_TOTALS | {"rows": "3-11"})
    (mistake,) = [one for one in editor.run().mistakes if "hides" in one]
    assert is_named([mistake], "report.ods#B5", "the sheet hides row 5-7, 9-11")
    editor.describe(**NO_TOTALS | {"rows": "3-4, 8"})
    outcome = editor.run()
    assert outcome.mistakes == []
    assert (
        outcome.sections["Totals"][-1]
        == "Rows with numbers that are not read: 5-7, 9-11"
    )
    assert [*editor.figures()] == ["3,2", "3,3", "4,2", "4,3", "8,2", "8,3"]


@pytest.mark.parametrize("cell", ["A3", "B2", "B3"])
def test_text_of_its_own_under_a_merged_cell_of_ods_is_unclear(editor, cell):
    shown = change(PLAIN)[int(cell[1]) - 1][ord(cell[0]) - ord("A")]
    write_ods(
        editor.document,
        {"Table 1": change(PLAIN, **{cell: Cell(str(shown), is_covered=True)})},
    )
    editor.describe(**NO_TOTALS)
    assert is_named(
        editor.run().mistakes, f"report.ods#{cell}", "merged with another one"
    )


VALUES = [
    'office:value-type="float" office:value="3"',
    'office:value-type="string" office:string-value="Kent"',
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("cell", ["A3", "B2", "B3"])
def test_a_value_of_ods_without_text_is_never_called_blank(editor, value, cell):
    write_ods(
        editor.document, {"Table 1": change(PLAIN, **{cell: Cell(attributes=value)})}
    )
    for signs in ({}, {"": "ignore"}):
        editor.describe(**NO_TOTALS, signs=signs)
        mistakes = editor.run().mistakes
        assert is_named(
            mistakes, f"report.ods#{cell}", "has a value, but shows none", "save it"
        )
        assert not is_named(mistakes, f"report.ods#{cell}", "blank")
