"""Mistakes in typed rows are asked about: each case of `planted.yaml` is right, then wrong, then answered."""

from pathlib import Path

import pytest
import yaml

from misconduct_editor.register.check import read_records
from misconduct_editor.register.reading import Reader, Table
from misconduct_editor.register.transcripts import COLUMNS, NEEDED, read_pages
from misconduct_editor.tables.pages import ask_about_pages, find_speakers
from misconduct_editor.tables.vocabulary import Vocabulary
from tests.conftest import ROOT

PLANTED = yaml.load(
    (Path(__file__).parent / "planted.yaml").read_text("utf-8"), Loader=yaml.BaseLoader
)
USUAL = dict.fromkeys(COLUMNS, "") | PLANTED.pop("usual")
CASES = {name: case for kind in PLANTED.values() for name, case in kind.items()}


@pytest.fixture(scope="module")
def ask():
    """Return a function that returns the questions of rows, by the code lists and pages of this register."""
    speakers = find_speakers(read_pages(Reader(ROOT / "data")))
    vocabulary = Vocabulary([*read_records(Reader(ROOT / "data"))])

    def ask(*rows):
        columns = {name: [row[name] for row in rows] for name in COLUMNS}
        lines = [*range(2, len(rows) + 2)]
        table = Table("transcripts/x.csv", [*COLUMNS], lines, columns)
        return [one.message for one in ask_about_pages(table, vocabulary, speakers)]

    return ask


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_planted_is_asked_and_answered(ask, case):
    rows = [USUAL | row for row in case["rows"]]
    assert ask(*rows) == []
    wrong = [*rows[:-1], rows[-1] | case["plant"]]
    found = ask(*wrong)
    if "asked" not in case:
        assert found == []
        return
    answer = f"sure {case['asked']}: "
    assert [one for one in found if f"in note: {answer}why" in one], found
    remedies = [one.rpartition("in note: ")[2] for one in found]
    answers = [one.replace(": why", ": so it is printed") for one in remedies]
    assert ask(*wrong[:-1], wrong[-1] | {"note": " | ".join(answers)}) == []
    assert ask(*wrong[:-1], wrong[-1] | {"note": f"{answer}yes"}) != []


def test_an_answer_to_what_is_not_asked_is_told(ask):
    note = {"note": "sure 2019: so it is printed"}
    assert ask(USUAL | note) == ["'2019' is not asked about: leave it out"]


def test_nothing_is_asked_of_the_rows_of_this_register():
    """Each question of a real row is a mistake, or is answered in its note."""
    reader = Reader(ROOT / "data")
    speakers = find_speakers(read_pages(Reader(ROOT / "data")))
    vocabulary = Vocabulary([*read_records(Reader(ROOT / "data"))])
    for table in reader.read_tables("transcripts/", COLUMNS, NEEDED):
        assert [*map(str, ask_about_pages(table, vocabulary, speakers))] == []
