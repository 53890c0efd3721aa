"""A published table comes in by one file: each cell is read once, with its place, or refused at its place."""

import re

import pytest
import yaml
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct_editor.tables.add import add_table
from tests.desk.cases import read_cases
from tests.desk.editor import (
    FORCE,
    LAYOUT,
    NO_TOTALS,
    PLAIN,
    ROWS,
    change,
    changes_of,
    is_named,
)
from tests.desk.spreadsheets import write_ods


def test_the_first_run_writes_a_file_and_the_next_names_each_line_to_decide(editor):
    write_ods(editor.document, {"Table 1": ROWS, "Cover": [["Police"]]})
    command = [
        "add",
        str(editor.document),
        "--sheet",
        "Table 1",
        "--slug",
        "report",
        "--data",
        str(editor.data),
    ]
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, editor.layout.exists(), editor.observations.exists()) == (
        0,
        True,
        False,
    )
    text = editor.layout.read_text()
    assert {"header: [2]", "sheet: Table 1", "totals: {5: {area: decide}}"} <= {
        *text.splitlines()
    }
    assert "rows: 3-4   # those that add up others belong in totals" in text
    lines = [
        number for number, line in enumerate(text.splitlines(), 1) if "decide" in line
    ]
    assert [int(one) for one in re.findall(r"line (\d+):", done.output)] == lines
    done = CliRunner().invoke(app, command)
    named = set(
        re.findall(r"tables/report\.yaml:(\d+:\d+): decide", str(done.exception))
    )
    places = {
        f"{number}:{match.start() + 1}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in re.finditer(r"[\w.*]+(?=: decide)", line)
    }
    assert named == places
    assert not editor.observations.exists()


TITLES = read_cases("test_tables", "TITLES")


@pytest.mark.parametrize(("title", "words"), TITLES.items())
def test_the_first_version_quotes_a_title_without_the_period_at_its_end(
    editor, title, words
):
    write_ods(editor.document, {"Table 1": [[title], *ROWS[1:]]})
    add_table(editor.data, editor.document, None, "report")
    assert yaml.safe_load(editor.layout.read_text())["figure"]["counted"] == {
        "A1": words
    }
    figure, signs = (
        LAYOUT["figure"] | {"counted": {"A1": words}},
        {"[note 1]": "See note 1.", "¹": "See note 1."},
    )
    mistakes = editor.add([[title], *ROWS[1:]], figure=figure, signs=signs).mistakes
    assert all("which is not in the period" in one for one in mistakes), mistakes


def test_a_title_that_is_only_a_period_is_not_quoted(editor):
    write_ods(editor.document, {"Table 1": [["Year ending March 2020"], *ROWS[1:]]})
    add_table(editor.data, editor.document, None, "report")
    assert "counted" not in yaml.safe_load(editor.layout.read_text())["figure"]


def test_each_cell_becomes_a_figure_with_its_place(editor):
    outcome = editor.add(figure=LAYOUT["figure"] | {"counted": {"A1": "Allegations"}})
    assert outcome.mistakes == []
    figures = editor.figures()
    assert {cell: row["value"] for cell, row in figures.items()} == {
        "3,2": "3", "3,3": "4", "3,4": "7", "4,2": "1", "4,3": "2", "4,4": "3", "5,2": "4", "5,3": "6", "5,4": "10",
    }  # fmt: skip
    kent, total = figures["3,2"], figures["5,4"]
    assert (kent["area"], kent["period"], kent["period_printed"], kent["period_at"], kent["stated_by"]) == (
        "E23000032", "2021-04/2022-03", "2021/22", "cell=2,2", "home_office",
    )  # fmt: skip
    assert (kent["counted"], kent["counted_at"], kent["printed"]) == (
        "Allegations",
        "cell=1,1",
        "3",
    )
    assert (total["area"], total["period"]) == ("gb", "2021-04/2023-03")
    wholes = {figures["3,4"]["id"], figures["5,2"]["id"]}
    assert ({*kent["part_of"].split()}, total["part_of"]) == (wholes, "")
    assert editor.verify() == []


def test_another_run_changes_nothing(editor):
    editor.add()
    before = editor.observations.read_bytes()
    outcome = editor.run()
    assert changes_of(outcome) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    assert editor.observations.read_bytes() == before


YEARS = {"20*": {"year": "calendar"}, "Total": "total"}
SUMMED = {"rows": "3-4", "totals": {"5": {"area": "gb"}}, "columns": FORCE | YEARS}
BOUNDS = {"<": "less_than", "<=": "at_most", "≤": "at_most"}
BOUNDS |= {">": "more_than", ">=": "at_least", "≥": "at_least"}
YEAR_TO_MARCH = {
    "cell": "A1",
    "printed": "year ending March 2023",
    "means": "2022-04/2023-03",
}
READ = read_cases("test_tables", "READ")


@pytest.mark.parametrize(("rows", "keys", "cell", "says"), READ.values(), ids=READ)
def test_a_cell_is_read_as_it_is_meant(editor, rows, keys, cell, says):
    outcome = editor.add(rows, **(NO_TOTALS | keys))
    assert outcome.mistakes == []
    figure = editor.figures()[cell]
    assert {name: figure.get(name, "") for name in says} == says
    assert editor.verify() == []


REGIONS = [
    ["Allegations by force"],
    ["Police force", "2021/22", "2022/23", "Total"],
    ["Kent", 3, 4, 7],
    ["Metropolitan", 5, "[c]", "[c]"],
    ["South", 8, 10, 18],
    ["North Yorkshire", 1, 2, 3],
    ["Total", 9, 12, 21],
]
SUMS = {
    "rows": "3-4, 6",
    "totals": {
        "5": {"area": "gb", "category": "sexual", "of": "3-4"},
        "7": {"area": "gb"},
    },
}
SUMS |= {"signs": {"[c]": "suppressed"}}


def test_subtotals_are_compared_within_the_bounds_of_hidden_cells_and_named_as_wholes(
    editor,
):
    outcome = editor.add(REGIONS, **SUMS)
    assert outcome.mistakes == []
    within = "for 3 of them we can only check a range, because numbers are suppressed or not exact"
    assert outcome.sections["Totals"][0] == f"11 of 11 totals add up ({within})"
    figures = editor.figures()
    assert {*figures["3,2"]["part_of"].split()} == {
        figures[one]["id"] for one in ("3,4", "5,2")
    }  # and that of 7,2
    assert {*figures["5,2"]["part_of"].split()} == {
        figures[one]["id"] for one in ("5,4", "7,2")
    }
    assert editor.verify() == []
    too_small = editor.add(change(REGIONS, C5=3, D5=11), **SUMS)
    assert is_named(too_small.mistakes, "report.ods#C5", "published as 3", "4 or more")
    assert is_named(
        too_small.mistakes, "report.ods#C7", "published as 12, but rows 5-6 add up to 5"
    )
    assert too_small.sections["Totals"][0].startswith(
        "8 of 11 totals add up (for 2 of them"
    )


def test_a_total_that_does_not_come_out_is_accepted_with_its_explanation_and_keeps_its_parts(
    editor,
):
    rows = change(D3=8, C5=5)
    assert len(editor.add(rows).mistakes) == 4
    outcome = editor.add(rows, explain={"C5 D3 D5": "One case has two forces."})
    assert outcome.mistakes == []
    assert any(
        "One case has two forces." in line for line in outcome.sections["Totals"]
    )
    figures = editor.figures()
    assert {*figures["3,3"]["part_of"].split()} == {
        figures["3,4"]["id"],
        figures["5,3"]["id"],
    }
    assert [figures[one]["caveats"] for one in ("3,2", "3,4", "5,3", "5,4")] == [
        "",
        *["report_total_1"] * 3,
    ]


def test_a_total_adds_up_the_columns_that_it_names(editor):
    rows = change(E2="All", B1="Alleged", C1="", A1="")
    columns = {
        "Police force": "area",
        "2021*": {"year": "financial"},
        "2022*": {"year": "financial"},
    }
    columns |= {"Total": {"is": "total", "of": ["2021*"]}, "All": "ignore"}
    rows = change(D3=3, D4=1, D5=4, E2="All", E3=7, E4=3, E5=10)
    assert editor.add(rows, columns=columns).mistakes == []
    assert (editor.figures()["3,4"]["value"], editor.figures()["3,4"]["period"]) == (
        "3",
        "2021-04/2022-03",
    )


SPELLINGS = {
    # what a cell says, and the value of its figure; None if it is refused. All other cells are whole.
    "3": "3", "1,204": "1204", "12,345,678": "12345678", "68.0": "68", "68.00": "68", "0": "0", "007": "7",
    "<1,000": "1000", "≥ 5": "5", "0,045": None, "0,5": None, "12,5": None, "1,2": None, "1,2345": None,
    "1,204,": None, "1.204": None, "1.000": None, "68.5": None, "1 204": "1204", "1’204": "1204", "1'204": "1204",
    "15–12": None, "3-4": None, "-3": None, "−3": None, "(3)": None, "3?": None, "ca. 3": None, "~3": None,
    "3 (4)": None, "1e3": None, "١٢": None, "½": None, "3½": None, "12th": None, "O": None, "l2": None, "three": None,
    "3k": None, "£3": None, "3 %": None, "3%": None, "00:03": None, "3/4": None, "3;4": None, "2.1.3": None,
    "+3": None, "3.": None, ".5": None, "1204": "1204", "1,204.0": "1204", "0,000": None, "3 3": None, "#3": None,
    "": None, "1,20,400": "120400", "1,00,00,000": "10000000", "12 345 678": "12345678", "<1 204": "1204",
    "1 204.0": "1204", "1 20": None, "12,04": None, "01 204": None, "1,204 300": None, "1 2,045": None,
    "1,2,045": None, "1'20": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SPELLINGS.items())
def test_no_spelling_of_a_number_is_misread(editor, text, value):
    outcome = editor.add(change(PLAIN, B3=text, C3="9", B4="8"), **NO_TOTALS)
    if value is None:
        assert [one for one in outcome.mistakes if one.startswith("report.ods#B3: ")], (
            outcome
        )
        assert len(outcome.mistakes) == 1
    else:
        assert outcome.mistakes == []
        figure = editor.figures()["3,2"]
        assert (figure["value"], figure["printed"].lstrip("<≥ ")) == (
            value,
            text.lstrip("<≥ "),
        )
        assert editor.verify() == []


def test_a_change_may_have_a_minus_and_groups_of_digits(editor):
    columns = {
        "Police force": "area",
        "20*": {"year": "financial", "statistic": "change"},
    }
    assert (
        editor.add(
            change(PLAIN, B3="−1 204", B4="-1,20,400"),
            **NO_TOTALS | {"columns": columns},
        ).mistakes
        == []
    )
    assert [editor.figures()[one]["value"] for one in ("3,2", "4,2")] == [
        "-1204",
        "-120400",
    ]


def test_a_column_with_a_fraction_is_not_whole_and_its_remedy_is_right(editor):
    rows = change(PLAIN, B3="68.0", B4="12.5")
    assert is_named(
        editor.add(rows, **NO_TOTALS).mistakes, "report.ods#B4", "'12.5' is not a count"
    )
    assert (
        editor.add(
            rows,
            **NO_TOTALS
            | {"columns": FORCE | {"20*": {"year": "financial", "statistic": "mean"}}},
        ).mistakes
        == []
    )
    assert editor.figures()["3,2"]["value"] == "68.0"


def test_a_comma_in_a_file_with_semicolons_may_be_for_decimals_so_it_is_refused(editor):
    editor.document = editor.document.with_suffix(".csv")
    columns = FORCE | {"20*": {"year": "financial", "unit": "percent"}}
    keys = NO_TOTALS | {"sheet": None, "header": None, "rows": None, "columns": columns}
    editor.document.write_text(
        "Police force;2021/22\nKent;1,234\nNorth Yorkshire;12.5\n"
    )
    editor.describe(**keys)
    (mistake,) = editor.run().mistakes
    assert mistake.startswith(
        "report.csv#B2: '1,234' has a comma that may be for decimals: write decimal"
    )
    editor.document.write_text(
        "Police force;2021/22\nKent;1.234\nNorth Yorkshire;12.5\n"
    )
    editor.describe(**keys)
    assert editor.run().mistakes == []
    assert [row["value"] for row in editor.figures().values()] == ["1.234", "12.5"]
    assert editor.verify() == []


SEPARATED = {
    "semicolons in a note": 'Police force,2021/22,Note\nKent,3,"a; b; c; d; e"\nNorth Yorkshire,1,"x;y;z"\n',
    "tabs": "Police force\t2021/22\tNote\nKent\t3\ta, b, c\nNorth Yorkshire\t1\tx, y\n",
}


@pytest.mark.parametrize("text", SEPARATED.values(), ids=SEPARATED)
def test_the_separator_of_a_csv_file_is_one_outside_quotation_marks(editor, text):
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_text(text)
    columns = FORCE | {"20*": {"year": "financial"}, "Note": "ignore"}
    editor.describe(
        **NO_TOTALS | {"sheet": None, "header": None, "rows": None, "columns": columns}
    )
    assert editor.run().mistakes == []
    assert [row["value"] for row in editor.figures().values()] == ["3", "1"]


def test_a_range_is_read_as_printed(editor):
    assert editor.add(change(PLAIN, B3="12–15"), **NO_TOTALS).mistakes == []
    figure = editor.figures()["3,2"]
    assert [figure[name] for name in ("value", "value_absent", "qualifier", "printed")] == [
        "", "range_only", "between", "12–15",
    ]  # fmt: skip
    assert editor.verify() == []


def test_a_note_at_the_heading_of_labels_is_for_all_figures(editor):
    columns = NO_TOTALS["columns"]
    rows = change(PLAIN, A2="Police force*")
    assert (
        editor.add(
            rows,
            **NO_TOTALS | {"columns": columns, "signs": {"*": "Without the railways."}},
        ).mistakes
        == []
    )
    assert {row["caveats"] for row in editor.figures().values()} == {"report_note_1"}
