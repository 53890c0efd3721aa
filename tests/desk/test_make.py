"""A release is made of what changed and why, with the number that the changes need, or refused with every mistake."""

import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import RegisterError, ReleaseError
from misconduct.releases.folder import list_releases, read_release
from misconduct.releases.verify import verify_releases
from tests.desk.cases import TABLES, read_cases
from tests.registers import FIGURES, NEWS, REPORT, clutter, make_release, write_register

ALL = ["bbdjq", "gb7nr", "hnmzc", "k7m3q", "w2rmd"]
NEW = FIGURES["bbdjq"] | {"repeats": "", "category": "any"}
CASES = read_cases(TABLES / "make.yaml")
FILES = {
    "removals.csv": "day,release,before,after,law\n",
    "reasons.csv": "kind,id,action,reason\n",
}


@pytest.fixture
def data(tmp_path):
    """The small register, and its first release."""
    make_release(write_register(tmp_path, FILES), "The first figures.", "2020-01-01")
    return tmp_path


def release(data, number=None, summary="More.", day="2020-01-02"):
    return make_release(data, summary, day, number)


def refusal(data, *arguments):
    """Return the lines of the error; nothing is written."""
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    with pytest.raises(ReleaseError) as error:
        release(data, *arguments)
    assert {
        path: path.read_bytes() for path in data.rglob("*") if path.is_file()
    } == before
    return str(error.value).splitlines()


def edit(path, old, new):
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def give_reasons(data, *lines):
    (data / "reasons.csv").write_text(
        "\n".join(["kind,id,action,reason,replaced_by", *lines, ""])
    )


def test_the_first_release_has_the_register_and_what_is_computed_from_it(data):
    made = read_release(data / "releases/1.0.0")
    assert (made.day, made.summary) == ("2020-01-01", "The first figures.")
    assert made.previous is None
    assert {one["action"] for one in made.changes} == {"added"}
    disagreement = made.records["disagreement"]["how-many"]["outcome"]
    assert (
        disagreement["dimensions"]["period"],
        disagreement["dimensions"]["counted"],
    ) == ("different", "different")
    assert (
        [one["id"] for one in made.figures]
        == made.records["dataset"]["allegations"]["figures"]
        == ALL
    )


def test_a_change_needs_its_reason_and_then_makes_a_release_in_the_chain(data):
    edit(data / "caveats.yaml", "finding.", "verdict.")
    assert [
        one
        for one in refusal(data)
        if one.startswith("reasons.csv:1:1: ") and "not_a_finding" in one
    ]
    give_reasons(data, "caveat,not_a_finding,revised,A plainer word.,")
    made = release(data)
    assert (made.number, made.previous) == ("1.0.1", list_releases(data)[0].digest)
    assert [tuple(one.values()) for one in made.changes] == [
        ("caveat", "not_a_finding", "revised", "A plainer word.", "")
    ]
    assert verify_releases(data) == []
    assert (data / "reasons.csv").read_text() == "kind,id,action,reason,replaced_by\n"
    assert refusal(data) == ["Nothing has changed since release 1.0.1."]


@pytest.mark.parametrize("case", CASES["fields"].values(), ids=CASES["fields"])
def test_a_field_that_codes_or_sources_get_is_no_change_and_another_value_is_one(
    data, case
):
    path = data / case["file"]
    edit(path, *case["added"])
    if path.suffix == ".csv":
        head, first, *lines = path.read_text().splitlines()
        path.write_text("\n".join([head, first, *(f"{line}," for line in lines), ""]))
    assert refusal(data) == ["Nothing has changed since release 1.0.0."]
    edit(data / "caveats.yaml", "finding.", "verdict.")
    give_reasons(data, "caveat,not_a_finding,revised,A plainer word.,")
    assert {change["kind"] for change in release(data).changes} == {"caveat"}
    edit(path, *case["changed"])
    assert [one for one in refusal(data) if "1 revised without a reason" in one]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("Why.", "Why, oh why.", "2:1"),
        ("action", "acton", "1:3"),
        ("Why.", " Why.", "2:4"),
    ],
)
def test_a_mistake_in_the_reasons_themselves_is_named_at_its_place(
    data, old, new, place
):
    edit(data / "caveats.yaml", "finding.", "verdict.")
    (data / "reasons.csv").write_text(
        "kind,id,action,reason\ncaveat,not_a_finding,revised,Why.\n"
    )
    edit(data / "reasons.csv", old, new)
    with pytest.raises(RegisterError, match=f"^reasons.csv:{place}: "):
        release(data)


def test_reasons_that_a_spreadsheet_saved_are_read(data):
    edit(data / "caveats.yaml", "finding.", "verdict.")
    (data / "reasons.csv").write_bytes(
        b"\xef\xbb\xbfkind,id,action,reason\r\ncaveat,not_a_finding,revised,Why.\r\n"
    )
    assert release(data).changes[0]["reason"] == "Why."


@pytest.mark.parametrize("cells", CASES["evidence"].values(), ids=CASES["evidence"])
def test_evidence_that_moved_is_no_revision_and_needs_no_reason(data, cells):
    """A release still has it, so that a wrong place can be mended."""
    write_register(data, FILES, k7m3q=cells)
    made = release(data)
    assert (made.changes, made.number) == ([], "1.0.1")
    figures = read_release(data / "releases/1.0.1").figures
    figure = next(one for one in figures if one["id"] == "k7m3q")
    assert {name: figure[name] for name in cells} == cells
    assert refusal(data) == ["Nothing has changed since release 1.0.1."]


@pytest.mark.parametrize("case", CASES["changes"].values(), ids=CASES["changes"])
def test_the_number_says_how_grave_the_changes_are(data, case):
    figures = {"bbbbb": NEW} if case["figures"] == "a new one" else case["figures"]
    write_register(data, FILES, **figures)
    give_reasons(data, f"observation,*,{case['action']},Why.,")
    made = release(data)
    assert [one["action"] for one in made.changes] == [case["action"]]
    assert made.number == case["number"]


@pytest.mark.parametrize(("edited", "number"), [(REPORT, "1.1.0"), (NEWS, "2.0.0")])
def test_a_publisher_revises_only_the_figures_of_its_own_new_edition(
    data, edited, number
):
    """k7m3q is of the report. Beside a new edition of the news, it is this register that corrects it."""
    write_register(data, FILES, k7m3q={"value": "1132", "printed": "1,132"})
    edit(data / f"sources/{edited}.yaml", "sha256: ", f"sha256: {'0' * 64} # ")
    give_reasons(
        data, "observation,*,revised,Why.,", "source,*,revised,A new edition.,"
    )
    assert release(data).number == number


def test_an_editor_who_corrects_a_wrong_code_says_that_the_figure_is_revised(data):
    write_register(data, FILES, k7m3q={"category": "any"}, hnmzc={"category": "any"})
    give_reasons(
        data,
        "observation,k7m3q,revised,It is not sexual.,",
        "observation,*,recoded,Shared codes.,",
    )
    made = release(data)
    assert [(one["id"], one["action"]) for one in made.changes] == [
        ("hnmzc", "recoded"),
        ("k7m3q", "revised"),
    ]
    assert made.number == "2.0.0"


def test_one_reason_may_be_for_all_and_an_ended_figure_is_replaced(data):
    lines = (data / f"observations/{NEWS}.csv").read_text().splitlines(keepends=True)
    (data / f"observations/{NEWS}.csv").write_text("".join(lines[:-1]))
    for code in ("Alleged,", "Proven,"):
        edit(data / "codelists/measure.csv", code, f"{code[:-1]} today,")
    give_reasons(
        data,
        "code,*,revised,Clearer.,",
        "code,measure/proven,revised,Upheld.,",
        "observation,bbdjq,ended,X,k7m3q",
    )
    made = release(data, "4.0.0")
    found = [(one["id"], one["reason"], one["replaced_by"]) for one in made.changes]
    assert found == [
        ("measure/alleged", "Clearer.", ""),
        ("measure/proven", "Upheld.", ""),
        ("bbdjq", "X", "k7m3q"),
    ]
    assert made.number == "4.0.0"


def test_everything_that_is_wrong_is_told_at_once(data):
    edit(data / "disagreements.yaml", "[k7m3q, hnmzc]", "[k7m3q, bbbbb]")
    new = FIGURES["k7m3q"] | {"at": "char=50,55"}
    texts = {"disagreements.yaml": (data / "disagreements.yaml").read_text()}
    write_register(data, FILES | texts, bbbbb=new | {"origin": "news-2023-report"})
    give_reasons(
        data,
        "chart,how-many,revised,,",
        "chart,x,ended,X,y",
        "disagreement,how-many,revised,X,other",
    )
    found = refusal(data, "1.0.9", " ", "2019-12-31")
    places = (
        "disagreements.yaml:4:3: ",
        *(f"reasons.csv:{line}:1: " for line in (2, 2, 3, 3, 4)),
    )
    assert all(
        map(
            str.startswith,
            found,
            (*places, "1.0.9 is too low", "The summary is empty", "Release 1.0.0"),
        )
    )
    assert len(found) == 9
    assert "'2.0'" in refusal(data, "2.0")[6]


@pytest.mark.parametrize("is_cluttered", [False, True])
def test_the_commands_show_a_release_make_it_and_make_ids(
    data, monkeypatch, is_cluttered
):
    if is_cluttered:
        clutter(data)

    def run(*arguments):
        return (
            CliRunner()
            .invoke(app, [*arguments, "--data", str(data)], catch_exceptions=False)
            .output.split()
        )

    write_register(data, FILES, bbbbb=NEW)
    shown = run("release", "--summary", "One more.", "--dry-run")
    assert (shown[0], shown[-3:], len(list_releases(data))) == (
        "1.1.0",
        ["observation", "added", "1"],
        1,
    )
    assert run("release", "--summary", "One more.")[2] == list_releases(data)[1].digest
    assert len({*run("id", "200")}) == 200
    (data / f"observations/{NEWS}.csv").unlink()
    drawn = iter(
        "k7m3qbbbbbhnmzccdfgh"
    )  # three that are in the register, or in a release
    monkeypatch.setattr("secrets.choice", lambda _: next(drawn))
    assert run("id") == ["cdfgh"]
