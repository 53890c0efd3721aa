"""What the program counts comes in like a table. Nothing about a person does."""

import csv
import re
from datetime import date

import pytest

from misconduct_editor.tables.add import add_table
from tests.desk.editor import LATER, changes_of, is_named
from tests.desk.spreadsheets import write_ods, write_xlsx

CASES = ["case_id,officer_name,kind,finding"]
CASES += [f"22-{number},Secret{number},sexual,proven" for number in range(7)]
CASES += [f"23-{number},Hush{number},sexual,alleged" for number in range(3)]
COUNT = {
    "by": ["kind", "finding"],
    "year": {"case_id": r"^(\d\d)-"},
    "below": 7,
}  # 7 are shown, and 3 are not
COUNTED = {
    "sheet": None,
    "header": None,
    "rows": None,
    "totals": None,
    "published": {"all": 10},
    "count": COUNT,
}
COUNTED["source"] = LATER
COUNTED["figure"] = {
    "area": "E23000032",
    "population": "officers",
    "counting_unit": "allegations",
}
COUNTED["columns"] = {
    "kind": "category",
    "finding": "measure",
    "year": "year",
    "count": "value",
}


@pytest.fixture
def cases(editor):
    """An editor with a file that has a row for each case."""
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_text("\n".join(CASES))
    return editor


def test_cases_are_counted_and_small_numbers_hidden(cases):
    cases.describe(**COUNTED)
    outcome = cases.run()
    assert outcome.mistakes == []
    with cases.observations.open() as file:
        rows = {row["period"]: row for row in csv.DictReader(file)}
    assert (
        rows["2022"]["value"],
        rows["2022"]["measure"],
        rows["2022"].get("printed", ""),
    ) == ("7", "proven", "")
    assert (rows["2023"]["value"], rows["2023"]["value_absent"]) == ("", "suppressed")
    assert cases.verify() == []
    assert changes_of(cases.run()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    cases.describe(**COUNTED | {"published": {"all": 30}})
    assert is_named(cases.run().mistakes, "tables/report.yaml:4:13", "30")


def test_rare_words_are_joined_before_small_numbers_are_hidden(cases):
    joined = COUNT | {
        "join": {"finding": {"still open": ["alleged", "PROVEN"]}},
        "below": 3,
    }
    words = {"words": {"still open": "alleged"}}
    cases.document.write_text("\n".join([*CASES, "23-9,Hush9,sexual,proven"]))
    cases.describe(**COUNTED | words | {"published": {"all": 11}, "count": joined})
    assert cases.run().mistakes == []
    found = {(one["period"], one["counted"], one["value"]) for one in figures_of(cases)}
    assert found == {
        ("2022", "sexual … still open", "7"),
        ("2023", "sexual … still open", "4"),
    }
    missing = joined | {"join": {"finding": {"still open": ["alleged", "begun"]}}}
    cases.describe(**COUNTED | words | {"published": {"all": 11}, "count": missing})
    assert is_named(cases.run().mistakes, "tables/report.yaml:5:1", "'begun'")


def figures_of(editor):
    with editor.observations.open() as file:
        return [*csv.DictReader(file)]


BAD_COUNTS = {
    "by people": ({"by": ["officer_name"]}, "individual people"),
    "the year of a person": ({"year": {"officer_name": "(.)"}}, "individual people"),
    "a year that is none": ({"year": {"case_id": "(.)"}}, "no year in 10 rows"),
    "a pattern that is none": ({"year": {"case_id": "("}}, "pattern"),
    "a pattern without brackets": ({"year": {"case_id": r"^\d\d"}}, "brackets"),
    "a column that is not there": ({"by": ["kinds"]}, "it has kind, finding"),
}


@pytest.mark.parametrize(("keys", "word"), BAD_COUNTS.values(), ids=BAD_COUNTS)
def test_what_describes_people_is_never_counted_by_nor_printed(cases, keys, word):
    cases.describe(**COUNTED | {"count": COUNT | keys})
    mistakes = cases.run().mistakes
    assert [
        one
        for one in mistakes
        if one.startswith("tables/report.yaml:5:") and word in one
    ], mistakes
    assert re.search("Secret|Hush", "\n".join(mistakes)) is None


def test_the_first_run_never_shows_people(cases):
    with_numbers = [f"{line},{number}" for number, line in enumerate(CASES)]
    for lines in (CASES, with_numbers):
        cases.document.write_text("\n".join(lines))
        outcome = add_table(cases.data, cases.document, None, "report")
        assert outcome.written == cases.layout
        assert re.search("Secret|Hush", f"{cases.layout.read_text()}{outcome}") is None
        cases.layout.unlink()


TRYING_AGAIN = [
    "(.*)",
    r"^(\d\d)(-*)*$",
    r"^(?:a|a)*(\d\d)$",
    r"((\d)+)+$",
    r"(\d\d)+$",
    r"(\d?\d)",
    r"(\d{1,4})",
    r"(\d{4,})",
    r"(\d{400})",
    r"(\d\d)\1",
    r"(?=.*)(\d\d)",
    r"(\d\d)|x",
    r"[a-z]*(\d\d)",
    r"(\d\d)(\d\d)",
    "()",
    "(19",
    "19)",
    "(19)\\",
]


@pytest.mark.parametrize("pattern", TRYING_AGAIN)
def test_a_pattern_that_may_try_a_sign_again_is_refused(cases, pattern):
    cases.describe(**COUNTED | {"count": COUNT | {"year": {"case_id": pattern}}})
    (mistake,) = cases.run().mistakes
    assert is_named([mistake], "tables/report.yaml:5:45", "is not a pattern")


PATTERNS = [
    r"(\d\d)-",
    r"^(\d{2})",
    r"^(\d\d)-\w",
    r"^(.{2})-",
    r"^(\d\d)\-",
    r"^(\d\d)-.",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_plain_pattern_finds_the_year(cases, pattern):
    cases.describe(**COUNTED | {"count": COUNT | {"year": {"case_id": pattern}}})
    assert cases.run().mistakes == []


PLAIN_COUNT = {"by": ["kind"], "year": {"case_id": r"^(\d\d)-"}, "below": 1}
NOTED = COUNTED | {
    "count": PLAIN_COUNT,
    "columns": {"kind": "category", "year": "year", "count": "value"},
}
NOTED["figure"] = COUNTED["figure"] | {"measure": "alleged"}
TEN = ["case_id,kind,note", *(f"22-{number},sexual,all fine" for number in range(10))]
SPOILT = {
    # a line of a file of ten cases, its new text, and words of the mistake
    "a stray quotation mark": (3, '22-2,sexual,"12 feet', ["line 4", "quotation mark"]),
    "two stray quotation marks": (3, '22-2,sexual,6 2"\n22-3,sexual,6 2"', None),
    "two that enclose a row": (
        3,
        '22-2,sexual,"6\n22-3,sexual,6"',
        ["line 4", "line break", "published"],
    ),
    "two that enclose a kind": (
        3,
        '22-2,"' + "sexual " * 20 + '",x',
        ["line 4", "80 characters"],
    ),
    "a quotation mark inside": (
        3,
        '22-2,"sexual" or not,x',
        ["line 4", "cannot be read as CSV"],
    ),
    "a row that is too long": (5, "22-4,sexual,x,y", ["line 6", "4 cells", "3"]),
    "a row that is too short": (9, "22-8,sexual", ["line 10", "2 cells", "3"]),
    "a column twice": (
        0,
        "case_id,kind,kind",
        ["line 1", "two columns are called kind"],
    ),
}


@pytest.mark.parametrize(("line", "text", "words"), SPOILT.values(), ids=SPOILT)
def test_no_case_is_lost_to_a_row_that_cannot_be_read(cases, line, text, words):
    lines = [*TEN]
    lines[line] = text
    cases.document.write_text("\n".join(lines) + "\n\n")
    cases.describe(**NOTED | {"published": {}})
    outcome = cases.run()
    if words is None:
        assert outcome.sections["Counted"] == [
            "report.csv: 12 lines, 11 rows with a case"
        ]
        return
    (mistake,) = outcome.mistakes
    assert mistake.startswith("tables/report.yaml:5:1: report.csv, ")
    assert all(word in mistake for word in words), mistake
    assert "feet" not in mistake


def test_words_that_differ_only_in_capitals_are_counted_as_one(cases):
    cases.document.write_text("\n".join([*TEN, "22-11,Sexual,x", "22-12, SEXUAL ,x"]))
    cases.describe(
        **NOTED | {"published": {"all": 12}, "count": PLAIN_COUNT | {"below": 5}}
    )
    outcome = cases.run()
    assert outcome.mistakes == []
    assert "counted as one word: sexual, Sexual, SEXUAL" in outcome.sections["Counted"]
    with cases.observations.open() as file:
        assert [(row["value"], row["counted"]) for row in csv.DictReader(file)] == [
            ("12", "sexual")
        ]


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_the_cases_of_a_spreadsheet_are_counted_too(cases, suffix):
    cases.document = cases.document.with_suffix(suffix)
    rows = [line.split(",") for line in CASES]
    write_xlsx(cases.document, rows) if suffix == ".xlsx" else write_ods(
        cases.document, {"Table 1": rows}
    )
    cases.describe(**COUNTED | {"sheet": "Table 1"})
    assert cases.run().mistakes == []
    with cases.observations.open() as file:
        assert {row["period"]: row["value"] for row in csv.DictReader(file)} == {
            "2022": "7",
            "2023": "",
        }
    assert cases.verify() == []


TITLED = [
    ["Misconduct cases"],
    ["Extract of 12 February"],
    *([*line.split(",")] for line in CASES),
    ["", "A note"],
]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".ods"])
def test_cases_below_a_title_are_refused_and_no_row_is_quoted(editor, suffix):
    editor.document = editor.document.with_suffix(suffix)
    content = COUNTED | {"sheet": None if suffix == ".csv" else "Table 1"}
    editor.write(TITLED, **content)
    (mistake,) = editor.run().mistakes
    assert (
        "it has Misconduct cases; if other lines are above its headings, save a copy without"
        in mistake
    )
    editor.write(TITLED[2:-1], **content)
    assert editor.run().mistakes == []
    assert sorted(row["value"] for row in figures_of(editor)) == ["", "7"]
    assert editor.verify() == []


def test_a_pattern_that_finds_no_year_is_told_how_dates_of_a_spreadsheet_are_read(
    editor,
):
    editor.document = editor.document.with_suffix(".xlsx")
    rows = [["kind", "finding", "received"], ["sexual", "proven", date(2023, 12, 30)]]
    count = COUNT | {"year": {"received": "/(....)$"}}
    editor.write(rows, **COUNTED | {"sheet": "Table 1", "count": count})
    (mistake,) = editor.run().mistakes
    assert (
        "no year in 1 rows, such as line 2; a date of a spreadsheet is read like 2023-12-30"
        in mistake
    )


def test_a_kind_of_case_that_is_called_a_total_adds_nothing_up(cases):
    cases.document.write_text("\n".join(CASES).replace("proven", "All proven"))
    cases.describe(**COUNTED | {"words": {"All proven": "proven"}})
    assert cases.run().mistakes == []
    assert "All proven" in figures_of(cases)[0]["counted"]


def test_a_blank_word_says_what_it_means_and_is_not_quoted(cases):
    """A column of kinds may be blank where none was named. A bare `*` is for words, and takes no blank."""
    cases.document.write_text(
        "\n".join(
            [
                *CASES[:-3],
                *(f"22-1{number},Hush{number},,alleged" for number in range(9)),
            ]
        )
    )
    every = {
        "kind": {
            "is": "category",
            "words": {"*": {"category": "sexual", "fit": "narrower"}},
        }
    }
    keys = COUNTED | {"columns": COUNTED["columns"] | every, "published": {"all": 16}}
    cases.describe(**keys)
    (mistake,) = cases.run().mistakes
    assert is_named([mistake], "tables/report.yaml:5:1", "say in words what that means")
    every["kind"]["words"][""] = {"category": "any"}
    cases.describe(**keys)
    assert cases.run().mistakes == []
    with cases.observations.open() as file:
        found = {
            row["counted"]: (row["category"], row["value"])
            for row in csv.DictReader(file)
        }
    assert found == {"sexual … proven": ("sexual", "7"), "alleged": ("any", "9")}


def test_a_column_of_many_words_may_name_people_and_is_refused(cases):
    """The heading says nothing of people, but most of its words stand there once."""
    names = [
        "case_id,kind,finding",
        *(f"22-{number},sexual,Officer {number}" for number in range(12)),
    ]
    cases.document.write_text("\n".join(names))
    cases.describe(**COUNTED | {"published": {"all": 12}})
    (mistake,) = cases.run().mistakes
    assert (
        "finding has more than 200 different words, or most only once, so they may name people"
        in mistake
    )
    assert "Officer 3" not in mistake


def test_another_file_for_a_name_is_told_with_the_words_that_it_lacks(cases):
    cases.describe(
        **COUNTED
        | {
            "count": COUNT
            | {"join": {"finding": {"alleged": ["Alleged", "Still Open"]}}}
        }
    )
    cases.document.write_text("\n".join(CASES[:-1]))
    mistakes = cases.run().mistakes
    assert is_named(
        mistakes, "tables/report.yaml:5:1", "join: no row has 'Still Open' in finding"
    )
    assert is_named(mistakes, "tables/report.yaml:1:216", "another SHA-256", "--slug")
