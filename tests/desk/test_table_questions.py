"""What may be a mistake is asked about, and one line with a reason answers."""

from itertools import chain
from pathlib import Path

import openpyxl
import pytest
import yaml
from openpyxl.comments import Comment

from tests.desk.editor import FORCE, LAYOUT, changes_of, is_named

CASES = yaml.safe_load(
    (Path(__file__).parent / "tables/questions.yaml").read_text("utf-8")
)
FORCES = [["Kent", 3, 4, 5], ["North Yorkshire", 1, 2, 3], ["Metropolitan", 7, 9, 2]]
HEADINGS = ["Police force", "2020/21", "2021/22", "2022/23"]
PLAIN = LAYOUT | {
    "rows": "3-5",
    "totals": {},
    "columns": FORCE | {"20*": {"year": "financial"}},
}


def write(editor, case):
    """Write the table and the file of a case."""
    rows = [[case.get("title", "Allegations")], case.get("headings", HEADINGS)]
    rows += case.get("rows", FORCES)
    rows += [[note] for note in case.get("below", ())]
    editor.document = editor.document.with_suffix(".xlsx")
    keys = PLAIN | case.get("keys", {})
    editor.write(rows, **keys)
    if "comment" in case:
        book = openpyxl.load_workbook(editor.document)
        for cell, text in case["comment"].items():
            book["Table 1"][cell].comment = Comment(text, "the publisher")
        book.save(editor.document)
        editor.describe(**keys)
    return keys


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_question_is_asked_and_answered(editor, case):
    keys = write(editor, case)
    mistakes = editor.run().mistakes
    name = case.get("name")
    if name is None:
        assert mistakes == []
        return
    asked = (yaml.safe_load(one[one.rindex("{") :]) for one in mistakes)
    names = [*map(str, chain(*asked))]
    assert names.count(name) == 1, mistakes
    editor.describe(**keys | {"sure": dict.fromkeys(names, "so it is printed")})
    assert editor.run().mistakes == []
    editor.describe(**keys | {"sure": dict.fromkeys(names, "yes")})
    assert editor.run().mistakes != []


def test_an_answer_to_what_is_not_asked_is_told(editor):
    write(editor, {"keys": {"sure": {"row 4": "so it is printed"}}})
    assert is_named(editor.run().mistakes, "tables/report.yaml:8:8", "'row 4'")


def test_a_new_edition_under_the_period_of_the_old_one_is_asked_about(editor):
    figure = LAYOUT["figure"] | {"period": {"from": "web page", "means": "2022"}}
    keys = {
        "columns": FORCE | {"Number": "value"},
        "figure": figure,
        "headings": ["Police force", "Number"],
    }
    old = {"headings": keys.pop("headings"), "keys": keys}
    new = old | {"rows": [[row[0], row[1] + 5] for row in FORCES]}
    write(editor, old | {"rows": [row[:2] for row in FORCES]})
    assert editor.run().mistakes == []
    write(editor, new)
    assert is_named(editor.run().mistakes, "tables/report.yaml:6:109", "new period")
    write(editor, new | {"keys": keys | {"sure": {"revised": "they say so"}}})
    assert changes_of(editor.run()).startswith("0 new, 3 revised")


AT_ONE_END = ["since 2020", "until 2020", "2020 onwards", "before 2020", "2020+"]


@pytest.mark.parametrize("heading", AT_ONE_END)
def test_a_year_that_is_only_one_end_of_a_time_is_no_year(editor, heading):
    columns = FORCE | {"*": {"year": "calendar"}}
    headings = ["Police force", heading, "2021", "2022"]
    write(editor, {"headings": headings, "keys": {"columns": columns}})
    place = "report.xlsx#B2"
    assert is_named(editor.run().mistakes, place, f"cannot read '{heading}' as a year")
    keys = {"columns": columns, "periods": {heading: "2020/2022"}}
    write(editor, {"headings": headings, "keys": keys})
    assert editor.run().mistakes == []


KEYS = {
    # rows below a title, keys, and the number of B3 with what else it says
    "a decimal comma": (
        [["Police force", "Rate"], ["Kent", "12,5"]],
        {
            "decimal": ",",
            "columns": FORCE | {"Rate": {"is": "value", "unit": "percent"}},
        },
        {"value": "12.5", "printed": "12,5"},
    ),
    "a point for thousands": (
        [["Police force", "Number"], ["Kent", "1.204"]],
        {"decimal": ",", "columns": FORCE | {"Number": "value"}},
        {"value": "1204", "printed": "1.204"},
    ),
    "a flag in a column of its own": (
        [["Police force", "Number", ""], ["Kent", 3, "R"]],
        {
            "columns": FORCE | {"Number": "value", "column C": {"is": "sign"}},
            "signs": {"R": "revised"},
        },
        {"value": "3", "mark": "revised"},
    ),
    "a column by its letter": (
        [["Police force", "Number", "Number"], ["Kent", 3, 4]],
        {"columns": FORCE | {"column B": "value", "column C": "ignore"}},
        {"value": "3"},
    ),
    "a label that is its own scope": (
        [["Agency", "Number"], ["Aberdeen Police", 3]],
        {"columns": {"Agency": {"is": "scope", "area": "us_me"}, "Number": "value"}},
        {"value": "3", "scope": "Aberdeen Police", "area": "us_me"},
    ),
}


@pytest.mark.parametrize(("rows", "keys", "says"), KEYS.values(), ids=KEYS)
def test_what_a_key_says_of_a_number(editor, rows, keys, says):
    period = {"period": {"from": "web page", "means": "2022"}}
    keys = {"totals": {}, "rows": "3", "figure": LAYOUT["figure"] | period} | keys
    assert editor.add([["Allegations"], *rows], **keys).mistakes == []
    figure = editor.figures()["3,2"]
    assert {name: figure.get(name, "") for name in says} == says
    assert editor.verify() == []


def test_a_label_goes_on_in_the_blank_cells_below_it(editor):
    rows = [["Allegations"], ["Police force", "Year", "Number"], ["Kent", "2021", 3]]
    rows += [["", "2022", 4], ["North Yorkshire", "2021", 1]]
    columns = {"Police force": {"is": "area", "fill_down": True}}
    columns |= {"Year": "year", "Number": "value"}
    keys = {"totals": {}, "rows": "3-5", "columns": columns}
    assert editor.add(rows, **keys).mistakes == []
    areas = {cell: row["area"] for cell, row in editor.figures().items()}
    assert areas == {"3,3": "E23000032", "4,3": "E23000032", "5,3": "E23000009"}


TOTALS = {
    # what the file says of the total, and what its figure then has
    "codes that its label does not give": (
        {"population": "staff"},
        {"population": "staff", "subcategory": "of all kinds"},
    ),
    "a word that is taken away": ({"subcategory": None}, {"subcategory": ""}),
    "a fit that is closer than that of the table": ({"fit": "exact"}, {"fit": "exact"}),
    "nothing: “Total” is no scope": ({}, {"scope": "", "fit": "close"}),
}


@pytest.mark.parametrize(("says", "has"), TOTALS.values(), ids=TOTALS)
def test_what_the_file_says_of_a_total_counts_for_its_figure(editor, says, has):
    rows = [["Allegations"], ["Kind", "Group", "Number"], ["Taser", "Force", 3]]
    rows += [["Baton", "Force", 1], ["Total", "Force", 4]]
    period = {"period": {"from": "web page", "means": "2022"}}
    said = {"category": "any", "subcategory": "of all kinds", "population": "officers"}
    keys = {
        "columns": {
            "Kind": {"is": "scope"},
            "Group": "category",
            "Number": "value",
        },
        "figure": LAYOUT["figure"] | period | {"area": "gb", "fit": "close"},
        "words": {"Force": said},
        "totals": {"5": {"of": "3-4"} | says},
    }
    assert editor.add(rows, **keys).mistakes == []
    figure = editor.figures()["5,3"]
    assert {name: figure.get(name, "") for name in has} == has


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_in_another_encoding_is_read_as_it_was_published(editor, encoding):
    editor.document = editor.document.with_suffix(".csv")
    keys = {"sheet": None, "header": None, "rows": None, "totals": None}
    keys |= {"columns": {"Día": "words", "2022": {"year": "calendar"}}}
    keys["figure"] = LAYOUT["figure"] | {"area": "gb"}
    editor.write([["x"]])
    editor.document.write_bytes("Día,2022\nSábado,3\n".encode(encoding))
    editor.describe(**keys)
    assert any("encoding: latin-1" in one for one in editor.run().mistakes)
    editor.describe(**keys | {"encoding": encoding})
    assert editor.run().mistakes == []
    assert editor.figures()["2,2"]["counted"] == "Sábado"
