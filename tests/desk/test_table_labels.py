"""The labels and headings of a table: what is left out, and how far merged headings reach."""

import pytest

from tests.conftest import ROOT
from tests.desk.editor import FORCE, LAYOUT, NO_TOTALS, PLAIN, change, is_named
from tests.desk.spreadsheets import Cell, write_ods, write_xlsx

KINDS = [
    ["Allegations"],
    ["Police force", "Kind", "2021/22"],
    ["Kent", "Sexual", 3],
    ["Kent", "Any", 4],
    ["Essex", "Sexual", 5],
    ["Essex", "Any", 6],
]


@pytest.mark.parametrize(
    ("left_out", "kept"), {"Essex": ["3,3", "4,3"], "Any": ["3,3"]}.items()
)
def test_a_row_is_left_out_by_any_of_its_labels(editor, left_out, kept):
    columns = {"Police force": "area", "Kind": "category", "20*": {"year": "financial"}}
    words = {"Essex": "ignore", left_out: "ignore"}
    outcome = editor.add(KINDS, rows="3-6", totals={}, columns=columns, words=words)
    assert outcome.mistakes == []
    assert [*editor.figures()] == kept


def test_a_total_that_somebody_added_can_be_left_out(editor):
    outcome = editor.add(
        totals=None,
        rows="3-5",
        words={"Total": "ignore"},
        columns=LAYOUT["columns"] | {"Total": "ignore"},
    )
    assert outcome.mistakes == []
    assert [*editor.figures()] == ["3,2", "3,3", "4,2", "4,3"]


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
    groups = [
        cell
        for name in names
        for cell in (Cell(name, attributes=over), Cell(is_covered=True))
    ]
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
    columns = {
        "Police force": "area",
        "None": "value",
        "Total": {"is": "total"},
        "* *": "value",
    }
    figure = LAYOUT["figure"] | {"period": {"from": "title", "means": "2020"}}
    editor.describe(header=[2, 3], rows="4", totals={}, columns=columns, figure=figure)
    assert editor.run().mistakes == []
    assert [row["counted"] for row in editor.figures().values()][2:] == [
        "Other … Reflective",
        "None",
        "Total",
    ]


def test_a_row_between_those_that_the_file_names_is_not_read_and_that_is_said(editor):
    rows = [
        ["Police force", "2021/22"],
        ["Kent", 3],
        ["Share", "4%"],
        ["North Yorkshire", 1],
    ]
    keys = NO_TOTALS | {"header": [1], "rows": None}
    assert is_named(editor.add(rows, **keys).mistakes, "report.ods#B3", "'4%'")
    outcome = editor.add(rows, **keys | {"rows": "2, 4"})
    assert (outcome.mistakes, outcome.sections["Totals"][-1]) == (
        [],
        "Rows with numbers that are not read: 3",
    )
    assert list(editor.figures()) == ["2,2", "4,2"]
    assert editor.verify() == []


def test_an_empty_column_that_the_file_does_not_name_is_left_out(editor):
    assert editor.add(change(PLAIN, D2="Logged"), **NO_TOTALS).mistakes == []
    (mistake,) = editor.add(change(PLAIN, D2="Logged", D4=5), **NO_TOTALS).mistakes
    assert "the heading 'Logged' is missing from columns" in mistake


def test_a_figure_without_other_words_quotes_the_labels_that_gave_only_codes_and_its_heading(
    editor,
):
    rows = [
        ["Police force", "Year", "Number"],
        ["Kent", 2021, 3],
        ["Metropolitan", 2021, 1],
        ["All forces", 2021, 4],
    ]
    keys = {
        "header": [1],
        "rows": "2-3",
        "totals": {"4": {}},
        "words": {"All forces": "gb"},
    }
    keys["columns"] = {"Police force": "area", "Year": "year", "Number": "value"}
    assert editor.add(rows, **keys).mistakes == []
    quoted = {
        place: (row["counted"], row["counted_at"])
        for place, row in editor.figures().items()
    }
    assert quoted["2,3"] == ("Kent … Number", "cell=2,1 cell=1,3")
    assert quoted["4,3"] == ("All forces", "cell=4,1")
    assert editor.add(change(PLAIN), **NO_TOTALS).mistakes == []
    assert editor.figures()["3,2"]["counted"] == "Kent"


def test_a_known_word_between_signs_has_no_sign(editor):
    measures = editor.data / "codelists/measure.csv"
    measures.write_text(
        measures.read_text().replace("accused |", "accused | **Pending** |")
    )
    rows = [
        ["Allegations"],
        ["Police force", "Stage", "2021/22", "2022/23"],
        ["Kent", "**Pending**", 3, 4],
    ]
    keys = {
        "rows": "3",
        "totals": {},
        "columns": FORCE | {"Stage": "measure", "20*": {"year": "financial"}},
    }
    assert editor.add(rows, **keys).mistakes == []
    assert editor.figures()["3,3"]["measure"] == "alleged"
    assert is_named(
        editor.add(change(rows, B3="**Closed**"), **keys).mistakes,
        "report.ods#B3",
        "is not a known measure",
    )
    assert is_named(
        editor.add(change(rows, B3="Closed**"), **keys).mistakes,
        "report.ods#B3",
        "ends with '**'",
    )
    editor.write(rows, **keys)
    editor.layout.unlink()
    editor.run()
    assert "signs" not in editor.layout.read_text()


@pytest.mark.parametrize(
    ("word", "suggested"),
    [
        ("Zealand", ""),
        ("Western Australia", ""),
        ("Sowth Carolina", "us_sc (South Carolina)"),
        ("Kint", "E23000032 (Kent"),
        ("North Yorkshre", "E23000009"),
        ("Nu England", ""),
    ],
)
def test_a_code_is_suggested_if_each_word_is_near_one_of_its_words(
    editor, word, suggested
):
    with (editor.data / "codelists/area.csv").open("a") as file:
        file.write("us_sc,South Carolina,us,,\ngb_eng,England,gb,,\n")
    (mistake,) = editor.add(change(PLAIN, A3=word), **NO_TOTALS).mistakes
    assert (
        mistake.endswith("add it to words, with a code or ignore")
        if not suggested
        else suggested in mistake
    )


def use_real_measures(editor):
    (editor.data / "codelists/measure.csv").write_text(
        (ROOT / "data/codelists/measure.csv").read_text()
    )
    found = "dismissed, warning, other_sanction, suspended"
    (editor.data / "datasets.yaml").write_text(
        f"- {{id: outcomes, title: Outcomes, description: All., conditions: [{{measure: [{found}]}}]}}\n"
        "- {id: officers, title: Officers, description: All., conditions: [{population: [officers]}]}\n"
    )


@pytest.mark.parametrize(
    "word",
    [
        "Suspension",
        "suspensions",
        "Suspended",
        "Dismissed",
        "Dismissal",
        "Fired",
        "Referred",
    ],
)
def test_a_known_word_with_two_meanings_is_never_coded_in_silence(editor, word):
    use_real_measures(editor)
    rows = [
        ["Allegations"],
        ["Police force", "Outcome", "2021/22"],
        ["Kent", word, 3],
        ["Kent", "Written warning", 4],
    ]
    keys = {"rows": "3-4", "totals": {}}
    keys["columns"] = FORCE | {"Outcome": "measure", "20*": {"year": "financial"}}
    (mistake,) = editor.add(rows, **keys).mistakes
    assert is_named(
        [mistake], "report.ods#B3", f"{word!r} may mean ", " or ", "add it to words"
    )
    editor.write(rows, **keys)
    editor.layout.unlink()
    editor.run()
    assert f"{word}: decide   # measure; it may mean " in editor.layout.read_text()
    assert "Written warning" not in editor.layout.read_text()
    assert (
        editor.add(
            rows, **keys, words={word: {"measure": "other_sanction", "fit": "narrower"}}
        ).mistakes
        == []
    )


@pytest.mark.parametrize("word", ["Suspension from duty", "Sacked", "Written warning"])
def test_a_known_word_with_one_meaning_is_coded(editor, word):
    use_real_measures(editor)
    rows = [["Allegations"], ["Police force", "Outcome", "2021/22"], ["Kent", word, 3]]
    keys = {
        "rows": "3",
        "totals": {},
        "columns": FORCE | {"Outcome": "measure", "20*": {"year": "financial"}},
    }
    assert editor.add(rows, **keys).mistakes == []


TARGETS = [
    ["Allegations"],
    ["Police force", "Kind", "2021/22"],
    ["Kent", "Target", 3],
    ["Kent", "Achieved", 4],
]


@pytest.mark.parametrize("label", ["Target", "Forecast", "Planned cases"])
def test_a_label_of_a_plan_is_asked_about(editor, label):
    rows, keys = change(TARGETS, B3=label), {"rows": "3-4", "totals": {}}
    keys["columns"] = FORCE | {"Kind": "words", "20*": {"year": "financial"}}
    (mistake,) = editor.add(rows, **keys).mistakes
    assert is_named([mistake], "report.ods#B3", f"{label!r} may be no fact", "signs")
    keys["columns"]["Kind"] = {"is": "words", "words": {label: "ignore"}}
    assert editor.add(rows, **keys).mistakes == []
    assert [*editor.figures()] == ["4,3"]


@pytest.mark.parametrize("label", ["*Kent", "* Kent", "†Kent", "¹ Kent"])
def test_a_mark_before_a_label_is_a_sign_as_behind_it(editor, label):
    rows, sign = change(PLAIN, A3=label), label.removesuffix("Kent").strip()
    assert is_named(
        editor.add(rows, **NO_TOTALS).mistakes, "report.ods#A3", f"begins with {sign!r}"
    )
    assert (
        editor.add(rows, **NO_TOTALS, signs={sign: "Without the airport."}).mistakes
        == []
    )
    figure = editor.figures()["3,2"]
    assert (figure["area"], figure["counted"], figure["caveats"]) == (
        "E23000032",
        "Kent",
        "report_note_1",
    )


def test_a_letter_that_is_a_sign_is_no_part_of_a_word(editor):
    rows = change(PLAIN, A3="Kent t", B3="3t", A4="t North Yorkshire")
    assert editor.add(rows, **NO_TOTALS, signs={"t": "revised"}).mistakes == []
    assert [row["mark"] for row in editor.figures().values()] == ["revised"] * 4
    assert editor.add(change(PLAIN), **NO_TOTALS, signs={"t": "revised"}).mistakes == []
    assert {row["mark"] for row in editor.figures().values() if "mark" in row} <= {""}


@pytest.mark.parametrize(
    ("word", "other"),
    [("Unsubstantiated", "substantiated"), ("Non-compliant", "compliant")],
)
def test_the_opposite_of_a_word_is_not_suggested(editor, word, other):
    measures = editor.data / "codelists/measure.csv"
    measures.write_text(
        measures.read_text().replace("accused |", f"accused | {other} |")
    )
    rows = [["Allegations"], ["Police force", "Stage", "2021/22"], ["Kent", word, 3]]
    keys = {
        "rows": "3",
        "totals": {},
        "columns": FORCE | {"Stage": "measure", "20*": {"year": "financial"}},
    }
    assert "did you mean" not in editor.add(rows, **keys).mistakes[0]
    misspelt = editor.add(change(rows, B3=f"{other}t"), **keys).mistakes[0]
    assert "did you mean " in misspelt


def test_each_sign_in_place_of_a_number_is_named(editor):
    mistakes = editor.add(
        change(PLAIN, B3="..", C3="-", B4="n/a", C4=".."), **NO_TOTALS
    ).mistakes
    assert len(mistakes) == 3
    assert is_named(mistakes, "report.ods#B3", "'..'", "C4")
    assert is_named(mistakes, "report.ods#C3", "'-'")
    assert is_named(mistakes, "report.ods#B4", "'n/a'")


def test_a_negative_count_is_told_with_a_remedy_and_not_at_all_in_a_row_that_is_left_out(
    editor,
):
    rows = change(PLAIN, B3=-4)
    (mistake,) = editor.add(
        rows, **NO_TOTALS | {"figure": LAYOUT["figure"] | {"counting_unit": "posts"}}
    ).mistakes
    assert is_named(
        [mistake],
        "report.ods#B3",
        "'-4' is not a count",
        "write {'-4': ignore} in signs",
    )
    assert "counting_unit: posts" not in mistake
    assert editor.add(rows, **NO_TOTALS, words={"Kent": "ignore"}).mistakes == []
    assert editor.add(rows, **NO_TOTALS, signs={"-4": "ignore"}).mistakes == []
    assert [*editor.figures()] == ["3,3", "4,2", "4,3"]


def test_of_two_columns_from_one_list_the_file_must_choose_one(editor):
    rows = [
        ["Allegations"],
        ["Country", "Police force", "2021/22"],
        ["United Kingdom", "Kent", 3],
    ]
    keys = NO_TOTALS | {
        "rows": "3",
        "columns": FORCE | {"Country": "area", "20*": {"year": "financial"}},
    }
    (mistake,) = editor.add(rows, **keys).mistakes
    assert is_named(
        [mistake], "report.ods#B2", "another column is also area; choose one"
    )
