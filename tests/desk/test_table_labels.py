"""A label that stands once covers the rows below it: up to the next label, whatever row that is in, and no further."""

import pytest

from tests.desk.editor import LAYOUT, is_named
from tests.desk.spreadsheets import Cell, write_ods, write_row, write_xlsx

HEADINGS = [["Allegations"], ["Police force", "Kind", "2021/22"]]
FILLED = {"Police force": {"is": "area", "fill": "down"}, "Kind": "words", "20*": {"year": "financial"}}
KEYS = {"totals": {}, "columns": FILLED}
BETWEEN = {
    # the third row of a table, and what the file says of it
    "a total": (["South total", "Force", 7], {"rows": "3-4, 6", "totals": {"5": {"area": "gb", "of": "3-4"}}}),
    "a row to skip": (["South total", "Force", 7], {"rows": "3-4, 6", "skip": "5"}),
    "a line without numbers": (["South total", "", ""], {"rows": "3-4, 6"}),
}


@pytest.mark.parametrize(("row", "keys"), BETWEEN.values(), ids=BETWEEN)
def test_a_label_does_not_pass_over_one_of_another_row(editor, row, keys):
    rows = [*HEADINGS, ["Kent", "Force", 3], ["Metropolitan", "Force", 4], row, ["", "Drugs", 9]]
    (mistake,) = editor.add(rows, **KEYS | keys).mistakes
    assert is_named([mistake], "report.ods#A6", "'South total' is not a known area")
    assert editor.add(rows, **KEYS | keys, words={"South total": "us"}).mistakes == []
    figures = editor.figures()
    assert [(figures[f"{row},3"]["area"], figures[f"{row},3"]["counted"]) for row in (4, 6)] == [
        ("E23000001", "Force"), ("us", "Drugs … South total"),
    ]  # fmt: skip
    assert figures["6,3"]["counted_at"] == "cell=6,2 cell=5,1"


FORCES = [
    *HEADINGS,
    ["Kent", "All", 7],
    ["", "Sexual", 3],
    ["", "Drugs", 4],
    ["Metropolitan", "All", 5],
    ["", "Sexual", 5],
    ["", "Drugs", 0],
    ["Both", "All", 12],
    ["", "Sexual", 8],
    ["", "Drugs", 4],
]


def test_a_total_in_the_first_row_of_a_force_gives_its_label_to_the_others_and_so_do_totals_of_forces(editor):
    of = {"3": "4-5", "6": "7-8", "9": "3, 6", "10": "4, 7", "11": "5, 8"}
    totals = {row: {"of": of[row]} | ({"area": "gb"} if int(row) > 8 else {}) for row in of}
    assert editor.add(FORCES, **KEYS | {"rows": "4-5, 7-8", "totals": totals}).mistakes == []
    figures = editor.figures()
    assert [row["area"] for row in figures.values()] == ["E23000032"] * 3 + ["E23000001"] * 3 + ["gb"] * 3
    assert [figures[f"{row},3"]["counted"] for row in (3, 5, 9, 10)] == ["All", "Drugs", "All … Both", "Sexual … Both"]
    assert editor.verify() == []


REGIONS = [
    [*HEADINGS[0]],
    ["Region", "Police force", "Kind", "2021/22"],
    ["North", "Kent", "Drugs", 3],
    ["", "", "Force", 4],
    ["South", "", "Drugs", 5],
]


def test_a_label_ends_where_one_before_it_begins(editor):
    columns = {"Region": {"is": "words", "fill": "down"}} | FILLED
    mistakes = editor.add(REGIONS, **KEYS | {"rows": "3-5", "columns": columns}).mistakes
    assert is_named(mistakes, "report.ods#B5", "this label is blank, and no label above covers it")
    assert len(mistakes) == 1
    totals = {"5": {"area": "gb", "of": "3"}}  # of the south, and not of Kent
    outcome = editor.add(
        [*REGIONS[:4], ["South", "", "Drugs", 3]], **KEYS | {"columns": columns, "totals": totals, "rows": "3-4"}
    )
    assert outcome.mistakes == []
    assert editor.figures()["5,4"]["counted"] == "South … Drugs"


def test_a_total_whose_code_the_file_gives_is_not_quoted_with_the_label_of_a_force(editor):
    rows = [*HEADINGS, ["Kent", "Drugs", 3], ["", "Force", 4], ["", "All forces", 7]]
    assert editor.add(rows, **KEYS | {"rows": "3-4", "totals": {"5": {"area": "gb"}}}).mistakes == []
    assert editor.figures()["5,3"]["counted"] == "All forces"


def test_a_label_in_a_row_that_the_sheet_hides_is_a_mistake(editor):
    hidden = write_row(["Metropolitan", "Force", 4], 'table:visibility="collapse"')
    write_ods(editor.document, {"Table 1": [*HEADINGS, ["Kent", "Force", 3], hidden, ["", "Drugs", 9]]})
    editor.describe(**KEYS | {"rows": "3, 5", "skip": "4", "figure": LAYOUT["figure"]})
    assert is_named(editor.run().mistakes, "report.ods#A5", "the sheet hides row 4")


MERGED = [
    ["Officers"],
    ["Police force", "Sanctions", "", "Other outcomes", "", ""],
    ["", "Dismissed", "Warned", "Reflective", "None", "Total"],
    ["Kent", 3, 4, 5, 6, 18],
]


def write_merged(editor, rows, suffix):
    """Write a table whose group headings are merged cells, B2:C2 and D2:E2."""
    editor.document = editor.document.with_suffix(suffix)
    if suffix == ".xlsx":
        write_xlsx(editor.document, rows, merged=["B2:C2", "D2:E2", "A2:A3"])
        return
    over = 'table:number-columns-spanned="2" table:number-rows-spanned="1"'
    force, *names = filter(None, rows[1])
    groups = [cell for name in names for cell in (Cell(name, attributes=over), Cell(is_covered=True))]
    write_ods(editor.document, {"Table 1": [rows[0], [force, *groups], *rows[2:]]})


@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
def test_a_heading_ends_with_its_merged_cells(editor, suffix):
    columns = {"Police force": "area", "Total": {"is": "total"}, "* *": "value"}
    keys = {"header": [2, 3], "rows": "4", "totals": {}, "columns": columns}
    figure = LAYOUT["figure"] | {"period": {"from": "title", "means": "2020"}}
    write_merged(editor, MERGED, suffix)
    editor.describe(**keys, figure=figure)
    assert editor.run().mistakes == []
    figures = editor.figures()
    assert [row["counted"] for row in figures.values()] == [
        "Sanctions … Dismissed", "Sanctions … Warned", "Other outcomes … Reflective", "Other outcomes … None", "Total",
    ]  # fmt: skip
    assert figures["4,6"]["counted_at"] == "cell=3,6"


def test_a_heading_of_one_column_ends_there_if_others_are_merged(editor):
    rows = [MERGED[0], ["Police force", "Sanctions", "", "Other", "", ""], *MERGED[2:]]
    editor.document = editor.document.with_suffix(".xlsx")
    write_xlsx(editor.document, rows, merged=["B2:C2"])
    columns = {"Police force": "area", "None": "value", "Total": {"is": "total"}, "* *": "value"}
    figure = LAYOUT["figure"] | {"period": {"from": "title", "means": "2020"}}
    editor.describe(header=[2, 3], rows="4", totals={}, columns=columns, figure=figure)
    assert editor.run().mistakes == []
    assert [row["counted"] for row in editor.figures().values()][2:] == ["Other … Reflective", "None", "Total"]


def test_a_label_ends_with_its_merged_cells(editor):
    rows = [*HEADINGS, ["Kent", "Force", 3], ["", "Drugs", 4], ["", "Sexual", 5]]
    editor.document = editor.document.with_suffix(".xlsx")
    for area, mistakes in {"A3:A4": ["A5"], "A3:A5": []}.items():
        write_xlsx(editor.document, rows, merged=[area])
        editor.describe(**KEYS | {"rows": "3-5"})
        found = editor.run().mistakes
        assert [one.split(":")[0].partition("#")[2] for one in found] == mistakes
        assert all("no label above covers it" in one for one in found)
