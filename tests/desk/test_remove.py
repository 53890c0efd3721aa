"""A removal by law leaves nothing of a figure, keeps the releases verifiable, and is never half-done."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import polars
import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import ReleaseError
from misconduct.model.points import KEY
from misconduct.releases.folder import list_releases, read_release, read_rows
from misconduct.releases.verify import verify_releases
from misconduct_editor.releases import remove as removal
from misconduct_editor.releases.remove import Target, leave_out
from misconduct_editor.releases.write import write_release
from misconduct_editor.series.choose import choose

from ..conftest import SMALL
from ..registers import clutter

LAW = "Data Protection Act 2018, section 47"
NEWEST = read_release(SMALL / "releases/2.0.0")
ACCUSED = "k7m3q"  # the 1,492, which disagreements, checks, charts and a document name
POINT, BESIDE = "h6xgz", ["nzzhq", "vb869"]  # a point, and the figures beside it


@pytest.fixture
def data(tmp_path):
    """The releases of the small register, beside a register that an editor has cleaned."""
    data = shutil.copytree(SMALL, tmp_path / "data")
    (data / "caveats.yaml").write_text("- id: of_another\n  text: In 1,492 days.\n")
    return data


def remove(data, *words):
    """Run the command; return its error, and what it printed."""
    command = ["remove", *words, "--law", LAW, "--data", str(data)]
    done = CliRunner().invoke(app, command)
    return done.exception, done.stdout


def contents(data):
    return {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}


def find(data, word):
    """Return the files that have a word; of Parquet, those in which a cell has it."""
    found = set()
    for path, content in contents(data).items():
        text = content.decode(errors="replace")
        if path.suffix == ".parquet":
            text = str(polars.read_parquet(path).rows())
        if word in text:
            found.add(str(path.relative_to(data)))
    return found


def target(*names):
    records = [tuple(name.split("/")) for name in names if "/" in name]
    ids = [name for name in names if "/" not in name]
    return Target(frozenset(ids), frozenset(records))


def rows_of(release):
    return {row["id"]: row for row in release.table}


def test_a_removal_is_refused_while_data_names_the_figure_and_names_every_line(data):
    charts = "- id: both\n  title: 1,492?\n  ids: [k7m3q, gb7nr]\n"
    (data / "charts.yaml").write_text(charts)
    (data / "datasets.yaml").write_text("- id: k7m3q-and-k7m3\n- id: slip\n")
    before = contents(data)
    error, _ = remove(data, ACCUSED)
    assert isinstance(error, ReleaseError)
    places = [line.partition(": ")[0] for line in str(error).splitlines()[:-1]]
    assert places == [f"{data}/charts.yaml:3"]
    assert contents(data) == before


def test_a_record_in_data_is_named_by_its_id_and_not_where_its_words_stand(data):
    """A record may be called by an everyday word."""
    text = "- id: read_in_part\n  text: It is read_in_part.\n- text: Of read_in_part.\n"
    (data / "caveats.yaml").write_text(text)
    error, _ = remove(data, "caveat/read_in_part")
    places = [line.partition(": ")[0] for line in str(error).splitlines()[:-1]]
    assert places == [f"{data}/caveats.yaml:1"]


def test_what_no_release_has_and_what_figures_need_are_refused(data):
    before = contents(data)
    error, _ = remove(data, "bbbbb", "caveat/none", "code/measure/alleged", ACCUSED)
    named = [line.partition(":")[0] for line in str(error).splitlines()]
    assert [line for line in named if "code/measure/alleged" in line]
    assert [line for line in named if "bbbbb" in line]
    assert [line for line in named if "caveat/none" in line]
    assert len(named) == 3
    assert contents(data) == before


def test_a_dry_run_names_what_has_the_number_and_changes_nothing(data):
    before = contents(data)
    error, printed = remove(data, ACCUSED, "--dry-run")
    assert error is None
    named = {line.partition(" ")[0] for line in printed.splitlines()}
    assert "disagreement/how-many-were-accused" in named
    assert "disagreement/almost-200-and-196" not in named
    assert contents(data) == before
    _, printed = remove(data, POINT, "--dry-run")
    assert "nzzhq" in {line.partition(" ")[0] for line in printed.splitlines()}


CASES = {
    "a figure that records name": [ACCUSED],
    "a point, of which another takes the place": [POINT],
    "a figure beside a point": BESIDE[:1],
    "a point and all beside it": [POINT, *BESIDE],
    "a whole of a share": ["bwvx4"],
    "a figure that took the place of one that ended": ["d8z2x"],
    "a figure that ended": ["vszdc"],
    "a caveat": ["caveat/read_in_part"],
    "a figure and a disagreement": ["gb7nr", "disagreement/workforce-size"],
}


@pytest.mark.parametrize("names", CASES.values(), ids=CASES)
def test_nothing_of_it_is_left_in_any_file_of_a_release(tmp_path, names):
    left = leave_out(NEWEST, target(*names))
    assert left != NEWEST
    write_release(tmp_path / "2.0.0", left)
    for name in names:
        assert find(tmp_path, name.partition("/")[2] or name) == set()


def test_every_release_that_had_it_is_written_again_and_can_be_verified(data):
    before = {listed.number: listed.digest for listed in list_releases(data)}
    earlier = read_rows(data / "removals.csv")
    assert remove(data, ACCUSED, "vszdc", "caveat/read_in_part")[0] is None
    for word in (ACCUSED, "vszdc", "read_in_part"):
        assert find(data, word) == set()
    assert verify_releases(data) == []
    after = {listed.number: listed.digest for listed in list_releases(data)}
    for number in after:
        folder = data / "releases" / number
        check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
        subprocess.run(check, cwd=folder, check=True)
    today = datetime.now(UTC).date().isoformat()
    added = read_rows(data / "removals.csv")[len(earlier) :]
    assert [tuple(row.values()) for row in added] == [
        (today, number, before[number], after[number], LAW) for number in after
    ]


def check_series(release):
    """Require that each figure is a point, or beside one, and that keys are unique."""
    points = [row["id"] for row in release.table]
    beside = [row["id"] for row in release.others]
    assert sorted([*points, *beside]) == sorted(row["id"] for row in release.figures)
    assert {row["point"] for row in release.others} <= {*points}
    keys = [tuple(row[name] for name in KEY) for row in release.table if row["default"]]
    assert len(keys) == len({*keys})


def test_figures_stay_points_or_beside_them_whatever_is_removed():
    random = Random(103)
    ids = [row["id"] for row in NEWEST.figures]
    points = sorted({row["point"] for row in NEWEST.others})
    for names in (points, random.sample(ids, 20), random.sample(ids, 90)):
        check_series(leave_out(NEWEST, target(*names)))


def test_the_first_figure_beside_a_point_takes_its_place_and_nothing_else_moves():
    left = leave_out(NEWEST, target(POINT))
    before, after = rows_of(NEWEST), rows_of(left)
    assert before.keys() - after.keys() == {POINT}
    assert after.keys() - before.keys() == {"nzzhq"}
    placed = ("default", "lead", "total", "scale")
    for name in placed:
        assert after["nzzhq"][name] == before[POINT][name]
    beside = [row for row in left.others if row["id"] in BESIDE]
    assert [(row["point"], row["id"], row["why"]) for row in beside] == [
        ("nzzhq", "vb869", "no number")
    ]
    for identity in before.keys() & after.keys():
        for name in placed:
            assert after[identity][name] == before[identity][name]


def test_a_release_keeps_the_words_of_its_table_where_the_removal_changes_none():
    """The program that made it may have had other words and other rules."""
    rows = [row | {"name": f"{row['name']}, formerly"} for row in NEWEST.table]
    left = leave_out(replace(NEWEST, table=rows), target(POINT))
    taking = [row["id"] for row in left.table if "formerly" not in row["name"]]
    assert taking == ["nzzhq"]


def test_the_note_of_a_point_no_longer_prints_what_was_removed_beside_it():
    rows = [
        row | {"value": Decimal(707), "printed": "707", "hedge": None}
        if row["id"] == "nzzhq"
        else row
        for row in NEWEST.figures
    ]
    release = replace(NEWEST, figures=rows)
    choice = choose(release)
    release = replace(release, table=choice.table, others=choice.others)
    assert "707" in rows_of(release)[POINT]["note"]
    left = leave_out(release, target("nzzhq"))
    assert "707" not in (rows_of(left)[POINT]["note"] or "")


def test_the_newest_number_that_is_left_is_the_newest_of_its_series():
    newest = next(
        row
        for row in NEWEST.table
        if row["latest"] and row["lead"] and row["area_code"] == "us_pa_philadelphia"
    )
    left = leave_out(NEWEST, target(newest["id"]))
    same = ("indicator", "area_code", "kind", "scope", "unit", "statistic", "base")
    of_series = [
        row
        for row in left.table
        if all(row[name] == newest[name] for name in same) and row["lead"]
    ]
    assert of_series
    assert sum(row["latest"] for row in of_series) == 1


def test_records_that_have_nothing_left_go_and_others_are_judged_again():
    left = leave_out(NEWEST, target(ACCUSED, "g5kcg"))
    before, after = NEWEST.records, left.records
    gone = before["disagreement"].keys() - after["disagreement"].keys()
    assert gone == {"almost-200-and-196", "measures-and-officers-accused"}
    accused = after["disagreement"]["how-many-were-accused"]
    assert accused["members"] == [
        *("gb7nr", "cxqbc", "mw44s", "frdkf", "rxctb", "w2rmd", "wrgv2")
    ]
    assert "k7m3q" not in {answer["observation"] for answer in accused["answers"]}
    judged = set()
    for evidence in accused["outcome"]["evidence"]:
        judged.update(evidence["observations"])
    assert judged == {*accused["members"]}
    assert after["chart"]["how-many-were-accused"]["ids"][0] == "gb7nr"


def test_only_pictures_that_showed_a_removed_figure_are_drawn_again():
    """Others stay as they were drawn, whatever the program draws today."""
    drawn = {name: f"{svg}<!-- then -->" for name, svg in NEWEST.pictures.items()}
    before = replace(NEWEST, pictures=drawn)
    left = leave_out(before, target(ACCUSED, "vfwwp", "jqnc4"))
    again = {name for name, svg in left.pictures.items() if svg != drawn[name]}
    named = {
        name
        for name, chart in NEWEST.records["chart"].items()
        if ACCUSED in chart["ids"]
    }
    assert named <= again < drawn.keys() - {"suspended-and-restricted"}
    assert drawn.keys() - left.pictures.keys() == {"suspended-and-restricted"}
    assert left.pictures.keys() == left.records["chart"].keys()


def test_the_words_around_the_place_of_a_figure_go_with_it():
    source = next(row["source"] for row in NEWEST.figures if row["id"] == ACCUSED)
    row = next(row for row in NEWEST.figures if row["id"] == ACCUSED)
    shared = {
        place
        for other in NEWEST.figures
        if other["source"] == source and other["id"] != ACCUSED
        for place in [other["at"]]
    }
    before = NEWEST.records["source"][source]["quotes"]
    after = leave_out(NEWEST, target(ACCUSED)).records["source"][source]["quotes"]
    assert row["at"] in before
    assert (row["at"] in after) == (row["at"] in shared)
    assert {*after} <= {*before}


def test_a_removed_caveat_is_named_by_no_figure_and_noted_by_no_row():
    notes = " ".join(row["note"] or "" for row in NEWEST.table)
    shown = {
        name: record["short"].rstrip(".")
        for name, record in NEWEST.records["caveat"].items()
        if record.get("short") and record["short"].rstrip(".") in notes
    }
    name, text = min(shown.items())
    left = leave_out(NEWEST, target(f"caveat/{name}"))
    assert not any(name in row["caveats"] for row in left.figures)
    assert not any(name in (row["note_ids"] or "").split() for row in left.table)
    assert not any(text in (row["note"] or "") for row in left.table)
    assert len(left.table) == len(NEWEST.table)


def test_an_id_inside_a_text_is_replaced():
    caveat = {"id": "of-two", "text": "See k7m3q and k7m3qx, not -k7m3q."}
    records = NEWEST.records | {"caveat": NEWEST.records["caveat"] | {"of-two": caveat}}
    left = leave_out(replace(NEWEST, records=records), target(ACCUSED))
    text = left.records["caveat"]["of-two"]["text"]
    assert text == "See [removed] and k7m3qx, not -k7m3q."


def test_a_release_without_the_figure_stays_as_it_is(data):
    newest = next(
        row["id"]
        for row in read_release(data / "releases/2.0.0").figures
        if row["id"] not in (data / "releases/1.1.0/figures.csv").read_text()
    )
    digests = [listed.digest for listed in list_releases(data)]
    assert remove(data, newest)[0] is None
    after = [listed.digest for listed in list_releases(data)]
    assert after[:2] == digests[:2]
    assert after[2] != digests[2]


def test_what_computers_leave_is_no_obstacle_but_a_copy_of_the_figure_is_named(data):
    clutter(data)
    for name in (".backup/figures.csv", ".~lock.csv"):
        (data / "releases" / name).parent.mkdir(exist_ok=True)
        (data / "releases" / name).write_text("id\nk7m3q\n")
    error, _ = remove(data, ACCUSED)
    assert [line.partition(": ")[0] for line in str(error).splitlines()[:-1]] == [
        f"{data}/releases/.backup/figures.csv:2",
        f"{data}/releases/.~lock.csv:2",
    ]


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """A register of which a removal was written, and not yet moved into place."""
    data = shutil.copytree(SMALL, tmp_path_factory.mktemp("staged") / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(removal, "finish_removal", lambda _: False)
        removal.remove(data, target(ACCUSED), LAW, "2026-12-01")
    assert find(data, ACCUSED) != set()
    return data


@pytest.mark.parametrize("step", range(9))
def test_after_a_crash_the_same_command_finishes(staged, tmp_path, step, monkeypatch):
    data = shutil.copytree(staged, tmp_path / "data")
    done = []

    def crash(move):
        def moved(*args, **more):
            if len(done) == step:
                raise KeyboardInterrupt
            done.append(move)
            return move(*args, **more)

        return moved

    with monkeypatch.context() as patch:
        for owner, name in (
            *((Path, "rename"), (Path, "replace"), (Path, "rmdir")),
            (shutil, "rmtree"),
        ):
            patch.setattr(owner, name, crash(getattr(owner, name)))
        with pytest.raises(KeyboardInterrupt):
            removal.finish_removal(data)
    assert remove(data, ACCUSED)[0] is None
    assert verify_releases(data) == []
    assert find(data, ACCUSED) == set()
    assert [path.name for path in data.glob(".*")] == []


def test_a_folder_that_is_half_deleted_is_finished(staged, tmp_path):
    """As when a removal is ended while it deletes what it had staged."""
    data = shutil.copytree(staged, tmp_path / "data")
    assert removal.finish_removal(data)
    (data / ".removal").mkdir()
    assert remove(data, ACCUSED)[0] is None
    assert [path.name for path in data.glob(".*")] == []
