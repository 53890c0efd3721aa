"""A published table comes in by one file. What its cells are read as is in `tables/cases/`."""

import re

import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from tests.desk.cases import TABLES, read_cases
from tests.desk.editor import NO_TOTALS, PLAIN, ROWS, change, changes_of
from tests.desk.spreadsheets import write_ods

NUMBERS = read_cases(TABLES / "numbers.yaml")


def test_the_first_run_writes_a_file_and_the_next_names_each_line_to_decide(editor):
    write_ods(editor.document, {"Table 1": ROWS, "Cover": [["Police"]]})
    command = ["add", str(editor.document), "--sheet", "Table 1", "--slug", "report"]
    command += ["--data", str(editor.data)]
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, editor.observations.exists()) == (0, False)
    lines = editor.layout.read_text().splitlines()
    assert {"header: [2]", "sheet: Table 1", "totals: {5: {area: decide}}"} <= {*lines}
    assert any(line.startswith("rows: 3-4   # those that add up") for line in lines)
    undecided = [number for number, line in enumerate(lines, 1) if "decide" in line]
    found = re.findall(r"line (\d+):", done.output)
    assert [int(one) for one in found] == undecided
    error = str(CliRunner().invoke(app, command).exception)
    places = {
        f"{number}:{match.start() + 1}"
        for number, line in enumerate(lines, 1)
        for match in re.finditer(r"[\w.*]+(?=: decide)", line)
    }
    assert {*re.findall(r"tables/report\.yaml:(\d+:\d+): decide", error)} == places
    assert not editor.observations.exists()


def test_another_run_changes_nothing(editor):
    editor.add()
    before = editor.observations.read_bytes()
    outcome = editor.run()
    assert changes_of(outcome) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    assert editor.observations.read_bytes() == before


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_no_spelling_of_a_number_is_misread(editor, text, value):
    mistakes = editor.add(change(PLAIN, B3=text, C3="9", B4="8"), **NO_TOTALS).mistakes
    if value is None:
        (mistake,) = mistakes
        assert mistake.startswith("report.ods#B3: ")
        return
    figure = editor.figures()["3,2"]
    printed = figure["printed"].lstrip("<≥ ")
    assert (figure["value"], printed) == (value, text.lstrip("<≥ "))
    assert editor.verify() == []
