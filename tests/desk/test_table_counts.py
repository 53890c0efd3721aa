"""A script makes the rows of a table, and counts cases. Nothing about a person comes in."""

import csv
import re

import pytest

from misconduct_editor.tables.add import add_table
from tests.desk.editor import LATER, LAYOUT, ROWS, changes_of, is_named
from tests.desk.spreadsheets import write_ods, write_xlsx

CASES = ["case_id,officer_name,kind,finding"]
CASES += [f"22-{number},Secret{number},sexual,proven" for number in range(7)]
CASES += [f"23-{number},Hush{number},sexual,alleged" for number in range(3)]
HEAD = (
    "from misconduct_editor.tables.rows import Cell, Row, count_cases, list_cases\n\n"
)
SCRIPT = """
def read(sheet):
    cases = []
    for case in list_cases(sheet, ["kind", "finding", "case_id"]):
        year = "20" + case.pop("case_id")[:2]
        cases.append({**case, "year": year})
    return count_cases(cases, below=7)
"""


def count(below=7, finding=None, old="", new=""):
    """Return a script that counts; `finding` is what it makes of a finding, and `new` replaces a piece of it."""
    script = SCRIPT.replace("below=7", f"below={below}").replace(old, new or old)
    if finding:
        line = f'        case["finding"] = {finding!r}.get(case["finding"], case["finding"])\n'
        script = script.replace("        cases.append", f"{line}        cases.append")
    return HEAD + script


COUNTED = {
    **dict.fromkeys(("sheet", "header", "rows", "totals", "country")),
    "published": {"all": 10},
    "source": LATER,
    "figure": {
        "area": "E23000032",
        "population": "officers",
        "counting_unit": "allegations",
    },
    "columns": {
        "kind": "category",
        "finding": "measure",
        "year": "year",
        "count": "value",
    },
    "script": count(),
}


@pytest.fixture
def cases(editor):
    """An editor with a file that has a row for each case."""
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_text("\n".join(CASES))
    return editor


def figures_of(editor):
    with editor.observations.open() as file:
        return [*csv.DictReader(file)]


def list_counts(editor):
    rows = figures_of(editor)
    return {(row["period"], row["counted"], row["value"]) for row in rows}


def test_cases_are_counted_and_small_numbers_hidden(cases):
    cases.describe(**COUNTED)
    assert cases.run().mistakes == []
    shown, hidden = sorted(figures_of(cases), key=lambda row: row["period"])
    assert (shown["value"], shown["measure"], shown.get("printed", "")) == (
        "7",
        "proven",
        "",
    )
    assert (hidden["value"], hidden["value_absent"]) == ("", "suppressed")
    assert cases.verify() == []
    assert changes_of(cases.run()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    cases.describe(**COUNTED | {"published": {"all": 30}})
    assert is_named(cases.run().mistakes, "tables/report.yaml:4:13", "30")


COUNTS = {
    # further lines of the file, keys, and what is counted
    "rare words are joined": (
        ["23-9,Hush9,sexual,proven"],
        {
            "script": count(3, {"proven": "still open", "alleged": "still open"}),
            "words": {"still open": "alleged"},
            "published": {"all": 11},
        },
        {("2022", "sexual … still open", "7"), ("2023", "sexual … still open", "4")},
    ),
    "words that differ only in capitals are one": (
        ["22-9,x, SEXUAL ,Proven"],
        {"script": count(3), "published": {"all": 11}},
        {("2022", "sexual … proven", "8"), ("2023", "sexual … alleged", "3")},
    ),
    "a kind of case that is called a total adds nothing up": (
        ["22-9,x,sexual,All proven"] * 7,
        {"words": {"All proven": "proven"}, "published": {"all": 17}},
        {
            ("2022", "sexual … proven", "7"),
            ("2022", "sexual … All proven", "7"),
            ("2023", "sexual … alleged", ""),
        },
    ),
    "a blank word says what it means and is not quoted": (
        [f"22-1{number},x,,alleged" for number in range(9)],
        {"words": {"": {"category": "any"}}, "published": {"all": 19}},
        {
            ("2022", "sexual … proven", "7"),
            ("2022", "alleged", "9"),
            ("2023", "sexual … alleged", ""),
        },
    ),
}


@pytest.mark.parametrize(("lines", "keys", "found"), COUNTS.values(), ids=COUNTS)
def test_what_is_counted(cases, lines, keys, found):
    cases.document.write_text("\n".join([*CASES, *lines]))
    cases.describe(**COUNTED | keys)
    assert cases.run().mistakes == []
    assert list_counts(cases) == found


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_the_cases_of_a_spreadsheet_are_counted_too(cases, suffix):
    cases.document = cases.document.with_suffix(suffix)
    rows = [line.split(",") for line in CASES]
    if suffix == ".xlsx":
        write_xlsx(cases.document, rows)
    else:
        write_ods(cases.document, {"Table 1": rows})
    cases.describe(**COUNTED | {"sheet": "Table 1"})
    assert cases.run().mistakes == []
    assert sorted(row["value"] for row in figures_of(cases)) == ["", "7"]
    assert cases.verify() == []


TEN = [f"22-{number},x,sexual,proven" for number in range(10)]
MANY = [f"22-{number},x,sexual,Officer {number}" for number in range(12)]
REFUSED = {
    # a script, the lines of the file but for the first, and words of the mistake
    "by people": (
        count(old='"kind"', new='"officer_name"'),
        TEN,
        "individual people",
    ),
    "a column that is not there": (count(old='"kind"', new='"kinds"'), TEN, "kinds"),
    "a column that may name people": (count(), MANY, "may name people"),
    "a stray quotation mark": (
        count(),
        [*TEN, '22-2,x,"sexual,proven'],
        "quotation mark",
    ),
    "two quotation marks that enclose a row": (
        count(),
        ['22-2,"6,sexual,proven', '22-3,6",sexual,proven', *TEN],
        "line break",
    ),
    "two quotation marks that enclose a kind": (
        count(),
        [*TEN, '22-2,x,"' + "sexual " * 20 + '",proven'],
        "80 characters",
    ),
    "a row that is too long": (count(), [*TEN, "22-4,x,sexual,x,y"], "5 cells"),
    "a row that is too short": (count(), [*TEN, "22-8,sexual"], "2 cells"),
    "a column twice": (
        count(old='"kind"', new='"x"'),
        TEN,
        "there is not one column x",
    ),
    "a network": ("import socket\n" + count(), TEN, "imports socket"),
    "no function": (HEAD, TEN, "no function read"),
    "no Python": ("def read(", TEN, "not Python"),
    "a fault": (
        HEAD + "def read(sheet):\n    yield Row({'x': 1 / 0})",
        TEN,
        "ZeroDivisionError",
    ),
    "no rows": (HEAD + "def read(sheet):\n    return []", TEN, "no rows"),
}


@pytest.mark.parametrize(("script", "lines", "word"), REFUSED.values(), ids=REFUSED)
def test_a_script_that_loses_a_case_or_names_people_is_refused_and_quotes_no_row(
    cases, script, lines, word
):
    header = CASES[0].replace("officer_name", "x") if "column x" in word else CASES[0]
    header = header.replace("kind,finding", "x,x") if "column x" in word else header
    cases.document.write_text("\n".join([header, *lines]) + "\n\n")
    cases.describe(**COUNTED | {"published": {}, "script": script})
    (mistake,) = cases.run().mistakes
    assert mistake.startswith("tables/report.yaml:")
    assert word in mistake
    assert "Officer 3" not in mistake
    assert not cases.observations.exists()


def test_the_first_run_never_shows_people(cases):
    with_numbers = [f"{line},{number}" for number, line in enumerate(CASES)]
    for lines in (CASES, with_numbers):
        cases.document.write_text("\n".join(lines))
        outcome = add_table(cases.data, cases.document, None, "report")
        assert outcome.written == cases.layout
        written = cases.layout.read_text() + cases.script.read_text()
        assert re.search("Secret|Hush", f"{written}{outcome}") is None
        cases.layout.unlink()


LONG = """
def read(sheet):
    for row in (3, 4, 5):
        for column in (2, 3, 4):
            of = [[sheet.cell(row, part) for part in (2, 3)]] if column == 4 else []
            of += [[sheet.cell(part, column) for part in (3, 4)]] if row == 5 else []
            labels = {"force": sheet.cell(row, 1), "year": sheet.cell(2, column)}
            yield Row({**labels, "number": sheet.cell(row, column)}, of)
"""
MADE = {
    **dict.fromkeys(("header", "rows", "totals")),
    "columns": {
        "force": "area",
        "year": {"is": "year", "from": "April"},
        "number": "value",
    },
    "words": {"Total": "gb"},
    "script": HEAD + LONG,
}


def test_the_rows_of_a_script_give_the_same_figures_as_a_file(editor):
    figure = {"figure": LAYOUT["figure"] | {"counted": {"A1": "Allegations"}}}
    assert editor.add(**figure).mistakes == []
    before = editor.figures()
    outcome = editor.add(**MADE | figure)
    assert outcome.mistakes == []
    assert changes_of(outcome) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    assert editor.figures() == before
    assert editor.verify() == []


MADE_WRONG = {
    # a piece of the script, its new text, keys, the place of the mistake and a word of it
    "a total that does not come out": (
        "(3, 4)]] if row",
        "(3,)]] if row",
        {},
        "report.ods#B5",
        "published as 4",
    ),
    "a number that stands elsewhere": (
        "sheet.cell(row, column)}",
        "Cell('9', (row, column))}",
        {},
        "tables/report.yaml:1:1",
        "gives '9' at B3, where '3' stands",
    ),
    "a part of a number": (
        "sheet.cell(row, column)}",
        "sheet.cell(row, column).find('[0-9]')}",
        {},
        "tables/report.yaml:1:1",
        "gives '1' at D5, where '10' stands",
    ),
    "rows in the file, too": (
        "",
        "",
        {"rows": "3-4"},
        "tables/report.yaml:3:1",
        "script",
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "keys", "place", "word"), MADE_WRONG.values(), ids=MADE_WRONG
)
def test_what_a_script_says_is_held_against_the_sheet(
    editor, old, new, keys, place, word
):
    script = MADE["script"].replace(old, new) if old else MADE["script"]
    mistakes = editor.add(ROWS, **MADE | {"script": script} | keys).mistakes
    assert is_named(mistakes, place, word), mistakes
