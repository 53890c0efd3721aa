"""What an editor's table comes to: its figures, or its mistakes, each at its place. The cases are in `tables/cases/`.

table      the rows of the document; without it, those of the editor. `{cell: …}` is a cell that looks otherwise
like       another case of the file, whose table and keys these are
type       of the document: ods, unless it says csv or xlsx
text       of a CSV document, in place of a table
change     cells in place of others, as a spreadsheet names them
xlsx       what else is done to an XLSX document: `formats` of cells, `merged` areas, a `hidden` row or column
lists      lines more in code lists, by the name of the list
keys       keys of the table's file in place of the editor's, and null for none
codes      what its `figure` says beside what the editor's does, and null for what it does not
mistakes   all mistakes: for each place a list of words that a mistake there has, or such a list for each of several
figures    fields of figures, by row and column of their cells, or of `all` figures
cells      the cells of all figures
parts      the cells whose figures are parts of the figure of a cell
sections   words that the report has below a heading
then       what the editor tries next, over all of this
"""

import pytest

from misconduct.errors import RegisterError
from tests.desk.cases import read_all
from tests.desk.editor import LAYOUT, ROWS, change
from tests.desk.spreadsheets import STYLES, write_ods, write_xlsx

CASES = read_all("cases")


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


def add_lines(editor, lists):
    for name, lines in lists.items():
        with (editor.data / f"codelists/{name}.csv").open("a") as file:
            file.writelines(f"{line}\n" for line in lines)


def write_document(editor, step, table):
    path = editor.document
    if "text" in step:
        path.write_text(step["text"], "utf-8")
    elif path.suffix == ".ods":
        write_ods(path, {"Table 1": table}, styles=STYLES)
    elif path.suffix == ".xlsx":
        write_xlsx(path, table, **step.get("xlsx", {}))
    else:
        path.write_text("\n".join(",".join(map(str, row)) for row in table), "utf-8")


def add(editor, step, table, keys):
    """Return all mistakes, and the sections of the report."""
    add_lines(editor, step.get("lists", {}))
    write_document(editor, step, table)
    editor.describe(**keys)
    try:
        outcome = editor.run()
    except RegisterError as error:
        return str(error).splitlines(), {}
    return outcome.mistakes, outcome.sections


def find_parts(figures, cell):
    """Return the cells whose figures are parts of the figure of a cell."""
    whole = figures[cell]["id"]
    return sorted(at for at, row in figures.items() if whole in row["part_of"].split())


def require_mistakes(found, expected):
    """Require one mistake for each expected: at its place, and with its words."""
    left = [*found]
    for place, words in expected.items():
        for says in words if isinstance(words[0], list) else [words]:
            has = [one for one in left if one.startswith(place)]
            has = [one for one in has if all(str(word) in one for word in says)]
            assert has, (place, says, found)
            left.remove(has[0])
    assert left == []


def require_figures(editor, case):
    figures = editor.figures()
    for cell, fields in case.get("figures", {}).items():
        for row in figures.values() if cell == "all" else [figures[cell]]:
            assert {name: row.get(name, "") for name in fields} == fields
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
        mistakes, sections = add(editor, step, table, keys)
        require_mistakes(mistakes, step.get("mistakes", {}))
        for heading, lines in step.get("sections", {}).items():
            report = "\n".join(sections[heading])
            assert [line for line in lines if line not in report] == []
        if not mistakes:
            require_figures(editor, step)
