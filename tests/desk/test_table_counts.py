"""A script makes the rows of a table, and counts cases. Nothing about a person comes in."""

import csv
import re

import pytest

from misconduct_editor.tables.add import add_table
from tests.desk.cases import TABLES, read_cases
from tests.desk.editor import LATER, LAYOUT, changes_of, is_named
from tests.desk.spreadsheets import write_ods, write_xlsx

TABLE = read_cases(TABLES / "counts.yaml")
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


def count(below=7, finding=None):
    """Return a script that counts; `finding` is what it makes of a finding."""
    script = SCRIPT.replace("below=7", f"below={below}")
    if finding:
        line = f'        case["finding"] = {finding!r}.get(case["finding"], case["finding"])\n'
        script = script.replace("        cases.append", f"{line}        cases.append")
    return HEAD + script


FIGURE = {
    "area": "E23000032",
    "population": "officers",
    "counting_unit": "allegations",
}
COUNTED = {
    **dict.fromkeys(("sheet", "header", "rows", "totals", "country")),
    "published": {"all": 10},
    "source": LATER,
    "figure": FIGURE,
    "columns": {"kind": "category", "finding": "measure", "year": "year"},
    "script": count(),
}
COUNTED["columns"]["count"] = "value"


@pytest.fixture
def cases(editor):
    """An editor with a file that has a row for each case."""
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_text("\n".join(CASES))
    return editor


def figures_of(editor):
    with editor.observations.open() as file:
        return sorted(csv.DictReader(file), key=lambda row: row["period"])


def test_cases_are_counted_and_small_numbers_hidden(cases):
    cases.describe(**COUNTED)
    assert cases.run().mistakes == []
    shown, hidden = figures_of(cases)
    assert (shown["value"], shown["measure"]) == ("7", "proven")
    assert shown.get("printed", "") == ""
    assert (hidden["value"], hidden["value_absent"]) == ("", "suppressed")
    assert cases.verify() == []
    assert changes_of(cases.run()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    cases.describe(**COUNTED | {"published": {"all": 30}})
    assert is_named(cases.run().mistakes, "tables/report.yaml:4:13", "30")


@pytest.mark.parametrize("case", TABLE["counted"].values(), ids=TABLE["counted"])
def test_what_is_counted(cases, case):
    cases.document.write_text("\n".join([*CASES, *case["lines"]]))
    script = count(case.get("below", 7), case.get("finding"))
    cases.describe(**COUNTED | {"script": script} | case["keys"])
    assert cases.run().mistakes == []
    names = ("period", "counted", "value")
    found = [[row[name] for name in names] for row in figures_of(cases)]
    assert sorted(found) == sorted(case["counts"])


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
    assert [row["value"] for row in figures_of(cases)] == ["7", ""]
    assert cases.verify() == []


TEN = [f"22-{number},x,sexual,proven" for number in range(10)]


def change_script(case, script):
    script = HEAD + case["script"] if "script" in case else script
    assert case.get("find", "") in script
    return script.replace(case.get("find", "\0"), case.get("replace", ""))


@pytest.mark.parametrize("case", TABLE["refused"].values(), ids=TABLE["refused"])
def test_a_script_that_loses_a_case_or_names_people_is_refused_and_quotes_no_row(
    cases, case
):
    lines = [case.get("header", CASES[0]), *TEN, *case.get("lines", ())]
    cases.document.write_text("\n".join(lines) + "\n\n")
    script = change_script(case, count())
    cases.describe(**COUNTED | {"published": {}, "script": script})
    (mistake,) = cases.run().mistakes
    assert mistake.startswith("tables/report.yaml:")
    assert case["says"] in mistake
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
    "columns": {"force": "area", "year": {"is": "year", "from": "April"}},
    "words": {"Total": "gb"},
    "script": HEAD + LONG,
}
MADE["columns"]["number"] = "value"


def test_the_rows_of_a_script_give_the_same_figures_as_a_file(editor):
    figure = {"figure": LAYOUT["figure"] | {"counted": {"A1": "Allegations"}}}
    assert editor.add(**figure).mistakes == []
    before = editor.figures()
    outcome = editor.add(**MADE | figure)
    assert outcome.mistakes == []
    assert changes_of(outcome) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    assert editor.figures() == before
    assert editor.verify() == []


@pytest.mark.parametrize("case", TABLE["made"].values(), ids=TABLE["made"])
def test_what_a_script_says_is_held_against_the_sheet(editor, case):
    keys = {"script": change_script(case, MADE["script"]), **case.get("keys", {})}
    mistakes = editor.add(**MADE | keys).mistakes
    assert is_named(mistakes, case["at"], case["says"]), mistakes
