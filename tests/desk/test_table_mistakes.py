"""Every mistake in a table, or in its file, is named at its cell or its line, and then nothing is written."""

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.check import read_register
from tests.desk.editor import FORCE, LAYOUT, NO_TOTALS, PLAIN, ROWS, change, is_named
from tests.desk.spreadsheets import Cell

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
REFUSED = {
    # rows, keys, place of the mistake, and a word of it
    "a total that does not come out": (change(B5=5), {}, "B5", "published as 5"),
    "a total of a row": (change(B3=4, B5=5, D5=11), {}, "D3", "published as 7"),
    "an explanation that is not needed": (
        ROWS,
        {"explain": {"B5": "Rounded."}},
        "line 8",
        "explanation",
    ),
    "a mark on a heading": (change(PLAIN, B2="2021/22*"), NO_TOTALS, "B2", "2021/22*"),
    "a mark on a label": (change(A3="Kent^"), {}, "A3", "'^'"),
    "a mark on a number": (change(B3="3~"), {}, "B3", "3~"),
    "two marks at a number, of which one is explained": (
        change(B3="3**"),
        STAR,
        "B3",
        "'**'",
    ),
    "two marks at a label": (change(A3="Kent**"), STAR, "A3", "'**'"),
    "two marks at a heading": (change(B2="2021/22**"), STAR, "B2", "'**'"),
    "two marks at a heading over others": (
        change(PLAIN, A1="", B1="Alleged**"),
        TWO_LINES,
        "B2",
        "'**'",
    ),
    "two marks that are rarely signs": (
        change(B2="2021/22##"),
        {"signs": {"#": "See note 1."}},
        "B2",
        "'##'",
    ),
    "two marks at a year": (change(YEARS, A3="2022**"), IN_YEARS, "A3", "'**'"),
    "three marks, of which two are explained": (
        change(B3="3***"),
        {"signs": {"**": "See note 2.", "*": "See note 1."}},
        "B3",
        "***",
    ),
    "another mark before one that is explained": (change(B3="3†*"), STAR, "B3", "'†'"),
    "another mark after one that is explained": (
        change(B2="2021/22*[1]"),
        STAR,
        "B2",
        "'[1]'",
    ),
    "note 12, if only 1 and 2 are explained": (
        change(B3="3¹²"),
        {"signs": {"¹": "See note 1.", "²": "See note 2."}},
        "B3",
        "'¹²'",
    ),
    "note 10": (change(B2="2021/22¹⁰"), {"signs": {"¹": "See note 1."}}, "B2", "'¹⁰'"),
    "a raised figure": (change(B2="2021/22¹"), {}, "B2", "'¹'"),
    "a month for a year": (change(PLAIN, B2="March 2021"), NO_MONTHS, "B2", "periods"),
    "a thousand, or one": (
        change(B3="1.000"),
        {},
        "B3",
        "if it means 1,000, write that as value, or save a copy",
    ),
    "thirty digits": (change(B3="9" * 30), {}, "B3", "999"),
    "a row of totals without a code": (
        ROWS,
        {"totals": {"5": {"measure": "alleged"}}},
        "A5",
        "or give it in totals",
    ),
    "a sign": (change(B3="[c]"), {}, "B3", "[c]"),
    "a number outside": (
        change(A7="Note", B7=12),
        {},
        "B7",
        "'12' is outside header, rows and totals",
    ),
    "a number between the rows and the totals": (
        [*ROWS[:4], ["Note", 12], ROWS[4]],
        {"totals": {"6": {"area": "gb"}}},
        "B5",
        "add its row to one of these; to leave it out, write ignore for its label in words",
    ),
    "a column that nothing names": (
        change(E2="Officers", E3=5, E4=5, E5=10),
        {},
        "E2",
        "Officers",
    ),
    "a column without a heading": (change(E3=5), {}, "E2", "heading"),
    "a column named twice": (
        ROWS,
        {"columns": LAYOUT["columns"] | {"2021*": {"year": "financial"}}},
        "B2",
        "2021*",
    ),
    "an unknown word": (change(A3="Kint"), {}, "A3", "Kent"),
    "a word with two codes": (change(A3="Yorkshire"), {}, "A3", "E23000010"),
    "two lines for a word": (
        change(A3="Kent & Co"),
        {"words": {"* & *": "ignore", "Kent*": "ignore"}},
        "A3",
        "* & *",
    ),
    "an unknown code": (ROWS, {"words": {"Kent": "E99"}}, "line 8", "E99"),
    "an unknown code of all": (
        ROWS,
        {"figure": LAYOUT["figure"] | {"measure": "aleged"}},
        "line 6",
        "alleged",
    ),
    "a fraction": (change(B3="3.5"), {}, "B3", "unit: percent"),
    "a fraction of one": (change(B3="0.125"), {}, "B3", "unit: percent"),
    "a share in a column of counts": (change(B3="3%"), {}, "B3", "percent"),
    "a negative count": (change(B3="-3"), {}, "B3", "-3"),
    "a formula without a result": (
        change(B3=Cell(attributes='table:formula="of:=1+2"')),
        {},
        "B3",
        "formula",
    ),
    "a formula where blanks are ignored": (
        change(B3=Cell(attributes='table:formula="of:=1+2"')),
        {"signs": {"": "ignore"}},
        "B3",
        "formula",
    ),
    "a merged cell where blanks are ignored": (
        change(C3=Cell(is_covered=True)),
        {"signs": {"": "ignore"}},
        "C3",
        "merged",
    ),
    "a hidden row": (change(B3=Cell("3", is_hidden=True)), {}, "B3", "hides"),
    "a merged cell over figures": (
        change(C3=Cell(is_covered=True)),
        {},
        "C3",
        "merged",
    ),
    "a blank cell": (change(B3=""), {}, "B3", "blank"),
    "a blank label": (change(A4=""), {}, "A4", "save a copy with it in each of them"),
    "a heading that is no year": (change(B2="2021/23"), {}, "B2", "2021/23"),
    "two rows that say the same": (
        change(A4="Kent"),
        {},
        "B4",
        "row 4 says the same as row 3",
    ),
    "a name of a column that is not there": (
        ROWS,
        {"columns": LAYOUT["columns"] | {"Force": "ignore"}},
        "line 7",
        "Force",
    ),
    "a word that is not there": (
        ROWS,
        {"words": {"Essex": "ignore"}},
        "line 8",
        "Essex",
    ),
    "words that do not stand there": (
        ROWS,
        {"figure": LAYOUT["figure"] | {"counted": {"A1": "Deaths"}}},
        "line 6",
        "Deaths",
    ),
    "a code that is missing": (
        ROWS,
        {"figure": {"measure": "alleged"}},
        "line 6",
        "counting_unit",
    ),
    "a sheet that is not there": (ROWS, {"sheet": "Table 2"}, "line 2", "Table 1"),
    "another file": (
        ROWS,
        {"source": {"file": "report-2.ods", "sha256": "0" * 64}},
        "line 1",
        "report-2.ods",
    ),
    "another content": (
        ROWS,
        {"source": {"sha256": "0" * 64}},
        "line 1",
        "report.ods has another SHA-256 than source says of report.ods",
    ),
    "an unknown key": (ROWS, {"headers": [2]}, "line 8", "header"),
    "a label for several rows": (
        ROWS,
        {"columns": FORCE | {"20*": {"fill": "down"}}},
        "line 7",
        "no key 'fill'",
    ),
    "a column of months": (
        ROWS,
        {"columns": FORCE | {"20*": "month"}},
        "line 7",
        "is must be",
    ),
    "a column of notes": (
        ROWS,
        {"columns": FORCE | {"20*": "notes"}},
        "line 7",
        "is must be",
    ),
    "years that end in a month": (
        ROWS,
        {"columns": FORCE | {"20*": {"year": "ending"}}},
        "line 7",
        "year must be",
    ),
    "commas": (ROWS, {"comma": "decimal"}, "line 8", "no key 'comma'"),
    "a bound for a sign": (
        ROWS,
        {"signs": {"[low]": "< 5"}},
        "line 8",
        "cannot mean '< 5'",
    ),
    "rows backwards": (ROWS, {"rows": "4-3"}, "line 4", "4-3"),
    "a row of totals that is not there": (
        ROWS,
        {"totals": {"5": {"area": "gb"}, "9": {"area": "gb"}}},
        "B9",
        "blank",
    ),
    "a sum of rows that are not there": (
        ROWS,
        {"totals": {"5": {"area": "gb", "of": "13-14"}}},
        "B5",
        "name in of",
    ),
    "a total that the file states": (ROWS, {"published": {"all": 31}}, "line 8", "31"),
    "a total of words that are not there": (
        ROWS,
        {"published": {"Police force=Essex": 0}},
        "line 8",
        "Essex",
    ),
    "an unfinished year without a figure": (
        ROWS,
        {"unfinished": ["2021/22", "2023/24"]},
        "line 8",
        "2023/24",
    ),
    "an unfinished year that is none": (
        ROWS,
        {"unfinished": ["2021-2022"]},
        "line 8",
        "2021-2022",
    ),
    "a caveat that is not there": (
        ROWS,
        {"figure": LAYOUT["figure"] | {"caveats": ["no_such"]}},
        "line 6",
        "no_such",
    ),
    "a fit that is misspelt": (
        ROWS,
        {"figure": LAYOUT["figure"] | {"fit": "narower"}},
        "line 6",
        "narrower",
    ),
    "a fit of a word that is misspelt": (
        ROWS,
        {"words": {"Kent": {"area": "E23000032", "fit": "narower"}}},
        "line 8",
        "did you mean narrower",
    ),
    "a publisher who is nearly known": (
        ROWS,
        {"source": {"publisher": "Home Offices"}},
        "line 1",
        "did you mean",
    ),
    "a row of totals among the rows": (
        ROWS,
        {"rows": "3-5", "totals": {}},
        "A5",
        "list its row in totals",
    ),
    "a rounding that is none": (ROWS, {"rounding": 10}, "line 8", "B3 is 3"),
    "rows that the sheet does not have": (
        ROWS,
        {"rows": "3-4, 70"},
        "line 4",
        "no row 70",
    ),
    "headings that say different things": (
        change(B2="2021/22 %"),
        {},
        "C2",
        "'2021/22 %'",
    ),
    "a period beside years": (
        ROWS,
        {"figure": LAYOUT["figure"] | {"period": {"from": "title", "means": "2010"}}},
        "line 6",
        "leave period out",
    ),
    "a word without a code of its column": (
        ROWS,
        {"words": {"Kent": {"fit": "close"}}},
        "line 8",
        "gives no area",
    ),
    "a total that adds up other rows": (
        change(B5=3, C5=4, D5=7),
        {},
        "B5",
        "published as 3, but rows 3-4 add up to 4; name in of what it adds up",
    ),
    "a total of other columns": (
        change(D3=3),
        {},
        "D3",
        "published as 3, but columns B C add up to 7; name in of",
    ),
    "a total of a word that is nearly there": (
        change(A3="Kent Police"),
        {"published": {"Police force=Kent Polise": 7}},
        "line 8",
        "the total Police force=Kent Polise is published as 7, but no row has that word",
    ),
    "a total of a column that is nearly there": (
        ROWS,
        {"published": {"Police farce=Kent": 7}},
        "line 8",
        "the total Police farce=Kent is published as 7, but no row has that word",
    ),
    "an area that is new": (
        ROWS,
        {"totals": {"5": {"area": "ie"}}},
        "line 5",
        "add it to codelists/area.csv",
    ),
    "a fit that is none": (
        ROWS,
        {"figure": LAYOUT["figure"] | {"fit": "rather"}},
        "line 6",
        "no fit 'rather'",
    ),
    "a cell for a time to come": (
        change(PLAIN, C2="2024/25", C3="..", C4=".."),
        NO_TOTALS | {"signs": {"..": "not_available"}},
        "C3",
        "2024-04/2025-03 begins after its source was published, 2023-11: leave it out",
    ),
    "a year ending in March that is called a financial one": (
        change(PLAIN, B2="Year ending March 2022"),
        NO_TOTALS | {"columns": FORCE | {"*": {"year": "financial"}}},
        "B2",
        "cannot read 'Year ending March 2022' as a year; add its words for the time to periods",
    ),
    "a financial year for a period": (
        ROWS,
        {"periods": {"x": "2023/24"}},
        "line 8",
        "2023-04/2024-03, if it begins in April",
    ),
    "a row with a cell too many": (change(E4=5), {}, "E2", "first in row 4"),
    "a hidden row among the rows": (
        change(B3=Cell("3", is_hidden=True)),
        {},
        "B3",
        "list only other rows in rows",
    ),
    "an invalid cell to explain": (
        ROWS,
        {"explain": {"5": "Rounded."}},
        "line 8",
        "B7",
    ),
}


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
