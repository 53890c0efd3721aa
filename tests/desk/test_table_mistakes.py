"""Every mistake in a table, or in its file, is named at its cell or its line, and then nothing is written."""

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.check import read_register
from tests.desk.cases import read_cases
from tests.desk.editor import FORCE, LAYOUT, NO_TOTALS, PLAIN, is_named

NO_MONTHS = NO_TOTALS | {"columns": FORCE | {"*": {"year": "calendar"}}}
STAR = {"signs": {"*": "See note 1."}}
TWO_LINES = (
    NO_TOTALS
    | STAR
    | {
        "header": [1, 2],
        "columns": FORCE | {"Alleged *": {"year": "financial"}, "*": "ignore"},
    }
)
YEARS = [
    ["Allegations"],
    ["Year", "Police force", "Number"],
    ["2022", "Kent", 3],
    ["2023", "Kent", 4],
]
IN_YEARS = NO_TOTALS | STAR | {"columns": FORCE | {"Year": "year", "Number": "value"}}
REFUSED = read_cases("test_table_mistakes", "REFUSED")


@pytest.mark.parametrize(
    ("rows", "keys", "place", "word"), REFUSED.values(), ids=REFUSED
)
def test_a_mistake_is_named_at_its_place_and_nothing_is_written(
    editor, rows, keys, place, word
):
    try:
        mistakes = editor.add(rows, **keys).mistakes
    except RegisterError as error:
        mistakes = str(error).splitlines()
    line = place.removeprefix("line ")
    start = f"report.ods#{place}: " if line == place else f"tables/report.yaml:{line}:"
    assert [one for one in mistakes if one.startswith(start) and word in one], mistakes
    assert not editor.observations.exists()


def test_a_heading_that_is_not_as_in_the_file_is_told_once_and_at_its_line(editor):
    columns = LAYOUT["columns"] | {"Police forces": "area"}
    del columns["Police force"]
    [mistake] = editor.add(columns=columns).mistakes
    assert is_named(
        [mistake],
        "tables/report.yaml:7:59",
        "the heading 'Police forces'; did you mean Police force?",
    )


def test_columns_with_one_heading_are_told_the_way_out(editor):
    rows = [["Allegations"], ["Police force", "N", "%", "%"], ["Kent", 3, 10, 20]]
    keys = {
        "rows": "3",
        "totals": {},
        "columns": FORCE | {"N": "value", "%": {"is": "value", "unit": "percent"}},
    }
    keys["figure"] = LAYOUT["figure"] | {"period": {"from": "title", "means": "2022"}}
    [mistake] = editor.add(rows, **keys).mistakes
    assert is_named(
        [mistake],
        "report.ods#D3",
        "both are called '%'",
        "a line above",
        "both lines in header",
    )
    rows = [["Allegations"], ["", "", "Men", "Women"], *rows[1:]]
    keys |= {
        "header": [2, 3],
        "rows": "4",
        "columns": FORCE | {"N": "value", "* %": {"is": "value", "unit": "percent"}},
    }
    assert editor.add(rows, **keys).mistakes == []


def test_an_empty_file_is_told_once(editor):
    editor.document = editor.document.with_suffix(".csv")
    editor.write(
        PLAIN[1:],
        sheet=None,
        header=None,
        rows=None,
        totals=None,
        columns=NO_TOTALS["columns"],
    )
    editor.document.write_text("")
    [mistake] = editor.run().mistakes
    assert "report.csv is empty" in mistake


CODED = {"indicator": "complaints", "stock_or_flow": "flow"}
ALIKE = [
    ["Complaints"],
    ["Police force", "Kind", "2021/22"],
    ["Kent", "Slow", 3],
    ["Kent", "Late", 4],
]
NO_TOTALS = NO_TOTALS | {"source": {"title": "Complaints"}}
KINDS = NO_TOTALS | {"columns": FORCE | {"Kind": "words", "20*": {"year": "financial"}}}
"""A table of which only its words tell the rows apart."""


def test_an_indicator_that_does_not_exist_is_named_and_nothing_is_written(offering):
    assert offering.add(PLAIN, **NO_TOTALS, figure=CODED).mistakes == []
    (told,) = offering.add(
        PLAIN, **NO_TOTALS, figure=CODED | {"indicator": "complants"}
    ).mistakes
    assert told.startswith(
        "tables/report.yaml:6:10: there is no indicator 'complants'; did you mean complaints?"
    )


def test_what_check_says_of_codes_is_told_before_figures_are_written(offering):
    mistakes = offering.add(
        PLAIN,
        **NO_TOTALS,
        figure=CODED | {"stock_or_flow": "stock", "base": "officers"},
    ).mistakes
    assert is_named(
        mistakes,
        "report.ods#B3",
        "complaints has the stock_or_flow flow, not stock",
        "3 more figures",
    )
    assert is_named(mistakes, "report.ods#B3", "a count has no base", "3 more figures")
    (told,) = offering.add(ALIKE, **KINDS, figure=CODED).mistakes
    assert told.startswith(
        "report.ods#C4: nothing tells it from “Slow”: give one of them a subcategory or a scope"
    )


def test_what_is_undecided_and_what_is_wrong_are_told_together(editor):
    mistakes = editor.add(heading=[2], source={"licence": "decide"}).mistakes
    assert is_named(mistakes, "tables/report.yaml:1:99", "decide source.licence")
    assert is_named(mistakes, "tables/report.yaml:8:1", "there is no key 'heading'")


def test_a_table_that_was_described_and_not_added_is_named(editor):
    editor.write()
    with pytest.raises(
        RegisterError,
        match=r"^tables/report.yaml:1:1: this table has no figures yet: run misconduct",
    ):
        read_register(editor.data)


def test_a_key_of_the_source_is_compared_with_those_of_sources(editor):
    editor.write()
    editor.layout.write_text(
        editor.layout.read_text().replace('"publisher"', '"publshr"')
    )
    mistakes = editor.run().mistakes
    assert is_named(
        mistakes,
        "tables/report.yaml:1:34",
        "there is no key 'publshr'; did you mean publisher?",
    )
