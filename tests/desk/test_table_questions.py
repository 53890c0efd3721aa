"""What may be a mistake is asked about, and one line with a reason answers."""

from itertools import chain

import openpyxl
import pytest
import yaml
from openpyxl.comments import Comment

from tests.desk.cases import TABLES, read_cases
from tests.desk.editor import FORCE, LAYOUT

CASES = read_cases(TABLES / "questions.yaml")
FORCES = [["Kent", 3, 4, 5], ["North Yorkshire", 1, 2, 3], ["Metropolitan", 7, 9, 2]]
HEADINGS = ["Police force", "2020/21", "2021/22", "2022/23"]
COLUMNS = {"columns": FORCE | {"20*": {"year": "financial"}}}
PLAIN = LAYOUT | {"rows": "3-5", "totals": {}} | COLUMNS


def write(editor, case):
    """Write the table and the file of a case."""
    rows = [[case.get("title", "Allegations")], case.get("headings", HEADINGS)]
    rows += case.get("rows", FORCES)
    rows += [[note] for note in case.get("below", ())]
    editor.document = editor.document.with_suffix(".xlsx")
    editor.write(rows)
    if "comment" in case:
        book = openpyxl.load_workbook(editor.document)
        for cell, text in case["comment"].items():
            book["Table 1"][cell].comment = Comment(text, "the publisher")
        book.save(editor.document)
    keys = PLAIN | case.get("keys", {})
    editor.describe(**keys)
    return keys


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_question_is_asked_and_answered(editor, case):
    keys = write(editor, case)
    mistakes = editor.run().mistakes
    if "name" not in case:
        assert mistakes == []
        return
    asked = (yaml.safe_load(one[one.rindex("{") :]) for one in mistakes)
    names = [*map(str, chain(*asked))]
    assert names.count(case["name"]) == 1, mistakes
    for answer, is_enough in {"so it is printed": True, "yes": False}.items():
        editor.describe(**keys | {"sure": dict.fromkeys(names, answer)})
        assert (editor.run().mistakes == []) is is_enough
