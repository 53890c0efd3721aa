"""Numbers that an editor typed from pages: each row a figure of its page or a reason why not, told with its place."""

import csv
import io
import re
from hashlib import sha256
from pathlib import Path

import pytest

from misconduct.errors import RegisterError, ReleaseError
from misconduct.model.figure import complete
from misconduct.releases.folder import read_release
from misconduct_editor.register import transcripts
from misconduct_editor.register.check import read_register
from misconduct_editor.releases.remove import find_in_register, find_target, remove
from misconduct_editor.tables.transcript import add_transcript
from tests.desk.cases import TABLES, read_cases
from tests.desk.editor import CODELISTS
from tests.registers import make_release, write_register

FORCE = {
    "page": "kent-foi-12",
    "address": "https://kent.example/foi-12",
    "publisher": "Kent Police",
}
FORCE |= {
    "title": "Suspended officers (12/24)",
    "published": "2024-03-05",
    "read": "part",
    "counted": "suspended",
}
PAPER = FORCE | {
    "page": "echo-2024-kent",
    "address": "https://echo.example/1",
    "publisher": "Echo",
    "read": "whole",
}
CODES = {
    "measure": "alleged",
    "category": "any",
    "area": "E23000032",
    "population": "officers",
}
CODES |= {"counting_unit": "people", "stated_by": "the_force"}
COUNTED = {
    "counted": "officers suspended from duty",
    "printed": "1,204",
    "period_printed": "now",
    "period": "now",
}
NOT_ONE = {
    "printed": "12",
    "counted": "reference number",
    "reason": "duration",
    "note": "Part of a title.",
}
ROW, IN_PAPER, OTHER = FORCE | COUNTED | CODES, PAPER | COUNTED | CODES, FORCE | NOT_ONE
CAVEATS = """- {id: not_a_finding, text: An accusation is not a finding., routine: true}
- {id: read_in_part, text: A part was read., routine: true}
"""
COLUMNS = "page,address,publisher,title,published,read,counted,printed,hedge,period_printed,id"
COLUMNS += ",indicator,measure,category"
COLUMNS += ",area,population,counting_unit,period,value,value_absent,unit,statistic,qualifier,stated_by,part_of"
COLUMNS += ",denominator,stock_or_flow,repeats,caveats,reason,note,vetting_check,vetting_result"
COLUMNS += ",leads,break,statement"

HEADER = COLUMNS.split(",")
NEW = "The new figures"
CASES = read_cases(TABLES / "transcripts.yaml")


@pytest.fixture
def data(tmp_path):
    return write_register(tmp_path / "data", CODELISTS | {"caveats.yaml": CAVEATS})


def write(data, *rows, name="kent"):
    table = csv.DictWriter(text := io.StringIO(), HEADER, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    path = data / f"transcripts/{name}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.getvalue())
    return path


def add(data, *rows, name="kent"):
    """Write and add a transcript without mistakes, and return its rows as they are then."""
    path = write(data, *rows, name=name)
    assert add_transcript(data, path).mistakes == []
    return read(path)


def read(path):
    return [*csv.DictReader(path.read_text().splitlines())]


def find(data, page="kent-foi-12"):
    """Return the source of a page, its figures by place, and its numbers that are none."""
    register = read_register(data)
    figures = {row["at"]: row for row in register.figures if row["source"] == page}
    others = [table for table in register.tables if "reason" in table.columns]
    excluded = [row for table in others if table.name == page for row in table.rows()]
    return register.records["source"][page], figures, excluded


def mistakes_of(data, *rows, name="kent"):
    write(data, *rows, name=name)
    with pytest.raises(RegisterError) as error:
        read_register(data)
    return str(error.value).splitlines()


def type_row(cells):
    """Return a row of a case."""
    base = IN_PAPER if cells.get("paper") else OTHER if cells.get("other") else ROW
    return base | {name: cell for name, cell in cells.items() if name in HEADER}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_typed_rows_come_to(data, case):
    path = write(data, *map(type_row, case["rows"]))
    outcome = add_transcript(data, path)
    left = [*outcome.mistakes]
    for line, column, words in case.get("mistakes", ()):
        place = f"transcripts/kent.csv:{line}:{HEADER.index(column) + 1}: "
        has = [one for one in left if one.startswith(place) and words in one]
        assert has, (place, outcome.mistakes)
        left.remove(has[0])
    assert left == []
    if "figures" in case:
        page = "echo-2024-kent" if case["rows"][0].get("paper") else "kent-foi-12"
        figures = find(data, page)[1]
        for at, cells in case["figures"].items():
            row = figures[at] | {"value": float(figures[at]["value"])}
            assert {name: row[name] for name in cells} == cells
    first = read(path)[0]
    assert case.get("cells", {}).items() <= first.items()
    assert case.get("shown", "") in "\n".join(outcome.sections.get(NEW, ()))


def test_a_page_has_its_source_and_the_reasons_why_numbers_are_none(data):
    add(data, ROW, OTHER, ROW | {"printed": "2", "counted": "men", "part_of": "row=1"})
    source, figures, excluded = find(data)
    expected = {name: FORCE[name] for name in ("publisher", "title", "published")}
    expected |= {"url": FORCE["address"], "held": False, "read": "part"}
    assert {name: getattr(source, name) for name in expected} == expected
    reason = {name: NOT_ONE[name] for name in ("printed", "reason", "note")}
    assert excluded == [reason | {"at": "row=2"}]
    assert figures.keys() == {"row=1", "row=3"}
    assert figures["row=3"]["part_of"] == [figures["row=1"]["id"]]


def test_the_digest_of_a_page_is_that_of_what_was_typed_from_it(data):
    add(data, ROW, IN_PAPER, OTHER)
    page = "https://kent.example/foi-12,Kent Police,Suspended officers (12/24),2024-03-05,part"
    text = f'{page},officers suspended from duty,"1,204",,now\n{page},reference number,12,,\n'
    assert find(data)[0].sha256 == sha256(text.encode()).hexdigest()


def test_a_row_in_the_middle_of_another_page_changes_nothing_of_this_one(data):
    rows = add(data, IN_PAPER, ROW, OTHER)
    before = find(data)
    rows.insert(1, IN_PAPER | {"printed": "7", "counted": "constables"})
    add(data, *rows)
    assert find(data) == before
    assert [*find(data, "echo-2024-kent")[1]] == ["row=1", "row=2"]


def test_a_number_without_a_period_and_a_day_has_neither(data):
    undated = (
        FORCE
        | {"published": ""}
        | COUNTED
        | CODES
        | {"period": "", "period_printed": ""}
    )
    add(data, undated)
    source, figures, _ = find(data)
    assert "shows no day" in source.notes["published"]
    row = complete(figures["row=1"], source.published, (), ())
    assert (row["period_start"], row["period_end"], row["coverage"]) == (
        None,
        None,
        "unstated",
    )


def test_a_number_that_is_printed_nowhere_is_derived(data):
    derived = {
        "printed": "",
        "value": "7",
        "unit": "count",
        "statistic": "count",
        "stated_by": "",
    }
    add(
        data,
        ROW | {"period_printed": "", "period": "2023"} | derived,
    )
    [row] = find(data)[1].values()
    assert (row["at"], row["qualifier"], complete(row, "2024", (), ())["basis"]) == (
        None,
        None,
        "derived",
    )


def test_a_row_without_words_is_no_row_that_was_taken_out(data):
    [row] = add(data, ROW)
    emptied = row | {
        "printed": "",
        "counted": "",
        "stated_by": "",
        "qualifier": "",
        "period_printed": "",
    }
    lines = mistakes_of(data, emptied)
    assert any(
        line.startswith("transcripts/kent.csv:2:7: counted is empty") for line in lines
    ), lines


def test_what_an_editor_says_of_series_is_kept(data):
    """It is no evidence, so the digest of the page stays."""
    words = {"leads": "Newer than the other", "break": "From here it counts cases"}
    rows = [ROW, OTHER]
    plain = add(data, *rows)
    digest = find(data)[0].sha256
    [first, other] = add(data, plain[0] | words, plain[1] | {"statement": "answer"})
    assert {name: first[name] for name in words} == words
    source, figures, _ = find(data)
    assert (source.statement, source.sha256) == ("answer", digest)
    assert {name: figures["row=1"][name] for name in words} == words
    lines = mistakes_of(data, first | {"statement": "article"}, other)
    assert any(line.startswith("transcripts/kent.csv:3:") for line in lines), lines


def test_a_vetting_figure_without_its_check_is_told_its_columns_and_no_dataset_is_blamed(
    data,
):
    lists = data / "codelists"
    with (lists / "measure.csv").open("a") as file:
        file.write("vetting,Vetting check,,,,said,true\n")
    (lists / "vetting_check.csv").write_text(
        "code,label\nnot_applicable,None\nvetting,Vetting\n"
    )
    (lists / "vetting_result.csv").write_text(
        "code,label\nnot_applicable,None\nfailed,Failed\n"
    )
    shown = (
        (data / "datasets.yaml")
        .read_text()
        .replace("conditions:", "conditions:\n  - vetting_check: [vetting]")
    )
    (data / "datasets.yaml").write_text(shown)
    row = ROW | {"measure": "vetting"}
    [line] = add_transcript(data, write(data, row)).mistakes
    assert line.startswith("transcripts/kent.csv:2:")
    assert "needs vetting_check and vetting_result" in line
    add(data, row | {"vetting_check": "vetting", "vetting_result": "failed"})


def test_the_line_of_the_guide_has_each_column_that_the_guide_tells_to_fill_in(data):
    """The header of this file's transcripts is not the guide's: it is read from there."""
    guide = (Path(__file__).parents[2] / "docs/adding-a-transcript.md").read_text()
    [header] = re.findall(r"^    (page,.+)$", guide, re.MULTILINE)
    named = {*re.findall(r"`(\w+)`", guide)} & {*transcripts.COLUMNS}
    assert {
        "part_of",
        "denominator",
        "repeats",
        "vetting_check",
        "vetting_result",
        "stock_or_flow",
    } <= named
    assert named <= {*header.split(",")} <= {*transcripts.COLUMNS}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("page\taddress\nkent, \thttps://kent.example\n", "tabs instead of commas"),
    ],
)
def test_a_transcript_that_is_none_is_told_once(data, text, words):
    path = write(data)
    path.write_text(text)
    [line] = add_transcript(data, path).mistakes
    assert line.startswith("transcripts/kent.csv:1:1: this file ")
    assert words in line


def test_a_page_is_in_one_file_under_one_name(data):
    add(data, ROW)
    again = mistakes_of(data, OTHER, name="more")
    assert any(
        "transcripts/more.csv:2:1: the page kent-foi-12 is already in transcripts/kent.csv:2"
        in one
        for one in again
    )
    other = mistakes_of(data, FORCE | {"page": "kent-other"} | NOT_ONE, name="more")
    assert any(
        "the address https://kent.example/foi-12 of 2024-03-05 is already in" in one
        for one in other
    )
    write(
        data,
        FORCE | {"page": "kent-foi-12-2025", "published": "2025"} | NOT_ONE,
        name="more",
    )
    assert find(data, "kent-foi-12-2025")[0].published == "2025"


def test_an_empty_row_is_told(data):
    rows = add(data, ROW)
    [line] = mistakes_of(data, *rows, {})
    assert line == "transcripts/kent.csv:3:1: this row is empty: take it out"


def test_following_what_is_told_of_a_number_is_enough(data):
    path = write(data, ROW | {"printed": "1.204"})
    assert add_transcript(data, path).mistakes != []
    [row] = add(data, read(path)[0] | {"value": "1204"})
    assert row["value"] == "1204"


def test_a_count_is_what_its_indicator_says_it_is(offering):
    rows = [FORCE | COUNTED | {"indicator": one, "area": "E23000032", "stated_by": "the_force", "printed": number}
            for one, number in [("complaints", "1,204"), ("suspended_on_a_day", "71")]]  # fmt: skip
    path = write(
        offering.data,
        *(row | {"period": "2023", "period_printed": "2023"} for row in rows),
    )
    add_transcript(offering.data, path)
    assert [row["stock_or_flow"] for row in read(path)] == ["flow", "unstated"]


def test_each_new_figure_is_shown_with_its_page(data):
    many = [
        ROW | {"printed": str(number), "counted": f"kind {number}"}
        for number in range(60, 90)
    ]
    shown = add_transcript(data, write(data, *many)).sections[NEW]
    assert len(shown) == 30
    assert all("kent-foi-12 row=" in one for one in shown)
    share = ROW | {"printed": "90%", "counted": "a share"}
    [line] = add_transcript(
        data, write(data, *read(data / "transcripts/kent.csv"), share)
    ).sections[NEW]
    assert "90%." in line


def test_rows_that_are_added_make_a_release_without_a_reason(data):
    rows = add(data, ROW)
    make_release(data, "A page.", "2024-05-01")
    add(data, *rows, ROW | {"printed": "3", "counted": "sergeants"})
    made = make_release(data, "More of it.", "2024-06-01")
    assert (made.number, [one["action"] for one in made.changes]) == (
        "1.1.0",
        ["added"],
    )
    digests = [
        read_release(data / f"releases/{one}").records["source"]["kent-foi-12"][
            "sha256"
        ]
        for one in ("1.0.0", "1.1.0")
    ]
    assert digests[0] != digests[1]


def test_a_number_that_was_mistyped_is_revised_by_us(data):
    [row] = add(data, ROW)
    make_release(data, "A page.", "2024-05-01")
    add(data, row | {"printed": "1,240", "value": "1240"})
    with pytest.raises(ReleaseError, match="revised without a reason"):
        make_release(data, "Mended.", "2024-06-01")
    (data / "reasons.csv").write_text(
        f"kind,id,action,reason\nobservation,{row['id']},revised,Mistyped.\n"
    )
    assert make_release(data, "Mended.", "2024-06-01").number == "2.0.0"


def test_a_row_that_is_taken_out_by_law_keeps_its_number(data):
    other = ROW | {"printed": "35,871", "counted": "callers"}
    rows = add(data, ROW | {"printed": "2"}, other)
    make_release(data, "A page.", "2024-05-01")
    target = find_target(data, [rows[0]["id"]])
    [line] = find_in_register(data, target)
    assert line.startswith(f"{data}/transcripts/kent.csv:2: ")
    empty = {
        name: cell
        for name, cell in rows[0].items()
        if name in FORCE and name != "counted"
    }
    write(data, empty, rows[1])
    assert [*find(data)[1]] == ["row=2"]
    remove(data, target, "A law.", "2024-06-01")
    assert [
        row["at"]
        for row in read_release(data / "releases/1.0.0").figures
        if row["source"] == "kent-foi-12"
    ] == ["row=2"]


def test_a_transcript_keeps_the_order_of_its_columns(data):
    path = write(data, ROW | {"hedge": "about"})
    header, *rows = csv.reader(path.read_text().splitlines())
    order = sorted(
        range(len(header)), key=lambda column: header[column] != "note"
    )  # the note first
    order = [column for column in order if header[column] != "qualifier"]
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [[row[column] for column in order] for row in (header, *rows)]
        )
    assert add_transcript(data, path).mistakes == []
    assert [*read(path)[0]] == [*(header[column] for column in order), "qualifier"]
