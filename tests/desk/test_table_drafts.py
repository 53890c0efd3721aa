"""The first version of a table's file proposes what can be seen in the table, and can be followed.

The cases are in `tables/drafts.yaml`.
"""

import re

import pytest
import yaml

from misconduct.errors import RegisterError
from misconduct_editor.tables.add import add_table, layout_path
from tests.desk.cases import TABLES, read_cases
from tests.desk.spreadsheets import write_ods

CASES = read_cases(TABLES / "drafts.yaml")
UNDECIDED = re.compile(r"^tables/report.yaml:\d+:\d+: decide ")


def draft(editor, case):
    """Write the document of a case and the first version of its file; return what the command found."""
    if "text" in case:
        editor.document = editor.document.with_suffix(".csv")
        lines = (case.get("forty", "").format(number) for number in range(40))
        editor.document.write_text(case["text"] + "".join(lines))
    else:
        write_ods(editor.document, {"Table 1": case["table"]})
    return add_table(editor.data, editor.document, None, "report")


def has(found, expected):
    """Tell whether a file has what is expected, and nothing where null is expected."""
    if isinstance(expected, dict):
        return all(has((found or {}).get(name), one) for name, one in expected.items())
    return found == expected


def offers(line):
    return re.match(r"(# (indicator|period) may be [^:]*)", line)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_first_version_proposes(request, case):
    editor = request.getfixturevalue("offering" if "register" in case else "editor")
    if "refused" in case:
        with pytest.raises(RegisterError, match=re.escape(case["refused"])):
            draft(editor, case)
        return
    outcome = draft(editor, case)
    written = editor.layout.read_text()
    layout = yaml.load(written, yaml.BaseLoader)
    assert has(layout, case.get("has", {})), written
    for name, expected in case.get("is", {}).items():
        assert layout[name] == expected
    if "offers" in case:
        lines = [line for line in written.splitlines() if offers(line)]
        assert len(lines) == len(case["offers"])
        assert all(map(str.startswith, lines, case["offers"])), lines
    assert all(line in written for line in case.get("lines") or ())
    assert editor.script.exists() is case.get("script", False)
    assert case.get("found") in (None, *outcome.sections["Found"])
    mistakes = add_table(editor.data, editor.document, None, "report").mistakes
    assert [one for one in mistakes if not UNDECIDED.match(one)] == []
    assert mistakes


NAMES = {
    "deaths-2019-20": "deaths",
    "summary2024": "summary",
    "2021": "table",
    "by-month-2019-2024": "by-month",
}


@pytest.mark.parametrize(("name", "slug"), NAMES.items())
def test_the_name_of_a_file_is_without_its_year(editor, name, slug):
    document = editor.document.with_stem(name)
    assert layout_path(editor.data, document, None, None).stem == slug


@pytest.mark.parametrize("sheet", ["Table 1", None])
def test_another_sheet_than_that_of_the_file_is_refused_with_a_remedy(editor, sheet):
    editor.write(sheet=sheet)
    (said,) = add_table(editor.data, editor.document, "Table 9", "report").mistakes
    assert f"is for {sheet or 'the only sheet'}, but you gave Table 9: leave" in said


def test_numbers_of_cases_that_are_repeated_in_a_long_file_are_no_counts(editor):
    cases = "\n".join(f"{67000 + number // 3},sexual" for number in range(250))
    draft(editor, {"text": f"CCR,kind\n{cases}"})
    layout = yaml.load(editor.layout.read_text(), yaml.BaseLoader)
    assert editor.script.exists()
    assert layout["columns"] == {"year": "year", "count": "value"}


def test_force_may_be_a_kind_or_whoever_counted(editor):
    codes = "code,label,words\nany,Any kind,\nuse_of_force,Use of force,Force\nsexual,Sexual,\n"
    (editor.data / "codelists/category.csv").write_text(codes)
    rows = [["Cases"], ["Police force", "Kind", "Number"], ["Kent", "Sexual", 31]]
    draft(editor, {"table": [*rows, ["Metropolitan", "Force", 12]]})
    written = editor.layout.read_text()
    layout = yaml.load(written, yaml.BaseLoader)
    assert (layout["columns"]["Kind"], layout["words"]) == (
        "category",
        {"Force": "decide"},
    )
    assert "  Force: decide   # category; it may mean use_of_force or any" in written
