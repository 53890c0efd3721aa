"""What an editor's table comes to: its figures, or its mistakes, each at its place. The cases are in `tables/cases/`.

table      the rows of the document; without it, those of the editor
like       another case of the file, whose table and keys these are
type       of the document: ods, unless it says csv or xlsx
change     cells in place of others, as a spreadsheet names them
keys       keys of the table's file in place of the editor's, and null for none
codes      what its `figure` says beside what the editor's does, and null for what it does not
mistakes   all mistakes: for each place a list of words that one mistake there has
figures    fields of figures, by row and column of their cells
cells      the cells of all figures
parts      the cells whose figures are parts of the figure of a cell
sections   lines that the report has below a heading
then       what the editor tries next, over all of this
"""

from pathlib import Path

import pytest
import yaml

from tests.desk.editor import LAYOUT, ROWS, change

FOLDER = Path(__file__).parent / "tables/cases"
CASES = {
    f"{path.stem}: {name}": (case, cases)
    for path in sorted(FOLDER.glob("*.yaml"))
    for cases in [yaml.safe_load(path.read_text("utf-8"))]
    for name, case in cases.items()
}


def take_over(step, table, keys):
    """Return a table and keys with what a step changes in them."""
    table = step.get("table", table)
    if "change" in step:
        table = change(table, **step["change"])
    keys = keys | step.get("keys", {})
    if "codes" in step:
        codes = keys.get("figure", LAYOUT["figure"]) | step["codes"]
        keys["figure"] = {name: code for name, code in codes.items() if code}
    return table, keys


def gather(case, cases):
    """Return the table, the keys and the type of a case, over those of the case that it is like."""
    table, keys, suffix = ROWS, {}, "ods"
    if "like" in case:
        table, keys, suffix = gather(cases[case["like"]], cases)
    return *take_over(case, table, keys), case.get("type", suffix)


def find_parts(figures, cell):
    """Return the cells whose figures are parts of the figure of a cell."""
    whole = figures[cell]["id"]
    return sorted(at for at, row in figures.items() if whole in row["part_of"].split())


def require_mistakes(found, expected):
    """Require one mistake for each expected: at its place, and with its words."""
    left = [*found]
    for place, words in expected.items():
        has = [one for one in left if one.startswith(place)]
        has = [one for one in has if all(str(word) in one for word in words)]
        assert has, (place, words, found)
        left.remove(has[0])
    assert left == []


def require_figures(editor, case):
    figures = editor.figures()
    for cell, fields in case.get("figures", {}).items():
        assert {name: figures[cell].get(name, "") for name in fields} == fields
    if "cells" in case:
        assert [*figures] == case["cells"]
    for cell, parts in case.get("parts", {}).items():
        assert find_parts(figures, cell) == parts
    assert editor.verify() == []


@pytest.mark.parametrize(("case", "cases"), CASES.values(), ids=CASES)
def test_a_table_comes_to(editor, case, cases):
    table, keys, suffix = gather(case, cases)
    editor.document = editor.document.with_suffix(f".{suffix}")
    for step in (case, *case.get("then", ())):
        if step is not case:
            table, keys = take_over(step, table, keys)
        outcome = editor.add(table, **keys)
        require_mistakes(outcome.mistakes, step.get("mistakes", {}))
        for heading, lines in step.get("sections", {}).items():
            assert {*lines} <= {*outcome.sections[heading]}
        if not outcome.mistakes:
            require_figures(editor, step)
