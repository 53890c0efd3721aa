"""A removal by law leaves nothing of a figure, keeps the releases verifiable, and is never half-done."""

import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars
import psycopg
import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.db.load import load
from misconduct.errors import ReleaseError
from misconduct.releases.folder import list_releases, read_release, read_rows
from misconduct.releases.verify import verify_releases
from misconduct_editor.releases.write import add_to_list, write_release
from tests.releases.test_releases import EMPLOYEES, OFFICERS, RECORDS, figure, release

from ..conftest import Service, copy_first_releases
from ..registers import clutter

LAW = "Data Protection Act 2018, section 47"
ANOTHER = figure("w7vf8", value="1492", printed="1,492", qualifier="exact", repeats="k7m3q")
EARLIER = EMPLOYEES | {"part_of": []}
ABOUT_IT = {
    "caveat": {
        "look_alike": {"id": "look_alike", "text": "The 1,492 are not the 11,492."},
        "of_another": {"id": "of_another", "text": "In 1,492 days."},
    },
    "check": {"is-a-part": {"id": "is-a-part", "type": "sum_of_parts", "whole": "gb7nr", "parts": ["k7m3q", "w7vf8"]}},
    "chart": {
        "both": {"id": "both", "title": "1,492 or 1,131?", "query": {"id": ["k7m3q", "gb7nr"]}},
        "only": {"id": "only", "title": "Officers", "query": {"id": ["k7m3q"]}},
    },
}


def write(data):
    """Write three releases; the first has nothing of the figure. Then the register that an editor has cleaned."""
    previous = None
    for number, rows in (("1.0.0", [EARLIER]), ("1.1.0", [EMPLOYEES, OFFICERS]), ("1.2.0", [OFFICERS, ANOTHER])):
        records = RECORDS | ABOUT_IT if OFFICERS in rows else {"source": RECORDS["source"]}
        made = release(number, figures=rows, previous=previous)
        changes = made.changes if OFFICERS in rows else []
        written = write_release(data / "releases" / number, replace(made, records=records, changes=changes))
        add_to_list(data, written)
        previous = written.digest
    (data / "removals.csv").write_text("day,release,before,after,law\n")
    (data / "caveats.yaml").write_text("- id: of_another\n  text: In 1,492 days.\n")
    return data


KEPT = ("caveats.yaml:2",)
"""The line about something else that lasted 1,492 days."""

COPIES = ("releases/1.1.0/records.jsonl:2", "releases/1.2.0/records.jsonl:2")
"""What the releases say of it in the same words."""


@pytest.fixture
def data(tmp_path):
    return write(tmp_path / "data")


def remove(data, *words, keep=KEPT):
    """Run the command; return its error, and what it printed."""
    kept = [word for place in keep for word in ("--keep", f"{data}/{place}")]
    done = CliRunner().invoke(app, ["remove", "k7m3q", "--law", LAW, "--data", str(data), *kept, *words])
    return done.exception, done.stdout


def contents(data):
    return {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}


def find(data, *words):
    """Return the files that have one of some words; of Parquet, those in which a cell has it."""
    found = set()
    for path, content in contents(data).items():
        text = str(polars.read_parquet(path).rows()) if path.suffix == ".parquet" else content.decode(errors="replace")
        found |= {str(path.relative_to(data)) for word in words if word in text}
    return found


def test_a_removal_is_refused_while_data_quotes_the_figure_and_names_every_line(data):
    (data / "charts.yaml").write_text("- id: both\n  title: 1,492 or 1,131?\n  query:\n    id: [k7m3q, gb7nr]\n")
    (data / "checks.yaml").write_text("- id: against-the-1492\n  note: 11,492 and 1,492,000 and char=1492,1500\n")
    before = contents(data)
    error, _ = remove(data)
    assert isinstance(error, ReleaseError)
    places = [line.partition(": ")[0] for line in str(error).splitlines()[:-1]]
    assert places == [f"{data}/{place}" for place in ("charts.yaml:2", "charts.yaml:4", "checks.yaml:1")]
    assert contents(data) == before


def test_a_dry_run_names_every_line_and_changes_nothing(data):
    before = contents(data)
    error, printed = remove(data, "--dry-run")
    assert error is None
    for place in (
        "kept      {}/caveats.yaml:2: ",
        "rewritten {}/releases/1.1.0/observations.csv:3: ",
        "rewritten {}/releases/1.1.0/records.jsonl:1: ",
        "rewritten {}/releases/1.2.0/changes.csv:2: ",
    ):
        assert place.format(data) in printed
    assert "releases/1.0.0" not in printed
    assert contents(data) == before


def test_nothing_is_left_of_a_removed_figure_but_the_lines_about_something_else(data):
    before = {one.number: one.digest for one in list_releases(data)}
    assert remove(data)[0] is None
    assert find(data, "k7m3q") == set()
    with_another = {f"releases/1.2.0/observations.{form}" for form in ("csv", "parquet")}
    assert find(data, "1,492 ", "'1,492'", '"1,492"') - with_another == {one.partition(":")[0] for one in KEPT + COPIES}
    read = read_release(data / "releases/1.2.0")
    assert [(row["id"], row["printed"], row["repeats"]) for row in read.figures] == [("w7vf8", "1,492", None)]
    assert read.records["caveat"]["look_alike"]["text"] == "The [removed] are not the 11,492."
    assert read.records["caveat"]["of_another"]["text"] == "In 1,492 days."
    assert {name: one["query"] for name, one in read.records["chart"].items()} == {"both": {"id": ["gb7nr"]}}
    assert {"check", "disagreement"} & read.records.keys() == set()
    assert read_release(data / "releases/1.1.0").figures[0]["part_of"] == ["w7vf8"]

    assert verify_releases(data) == []
    for one in list_releases(data):
        subprocess.run(
            ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=data / f"releases/{one.number}", check=True
        )
    after, today = {one.number: one.digest for one in list_releases(data)}, datetime.now(UTC).date().isoformat()
    assert [tuple(row.values()) for row in read_rows(data / "removals.csv")] == [
        (today, number, before[number], after[number], LAW) for number in ("1.1.0", "1.2.0")
    ]
    assert after["1.0.0"] == before["1.0.0"]
    assert find(data, "[removed]") != set()


def test_a_line_that_is_kept_keeps_its_copies_in_the_releases_and_nothing_else(data):
    """A row of another document that says 1,492 stays everywhere; older words of a kept record do not."""
    row = {"printed": "1,492", "at": "char=9,14", "reason": "duration", "note": "Days."}
    last = read_release(data / "releases/1.2.0")
    source = last.figures[0]["source"]
    other = {"id": "of_another", "text": "Of 1,492, in 1,492 days."}
    excluded = [row | {"source": one} for one in ("another", source)]
    made = replace(last, number="1.3.0", previous=last.digest, excluded=excluded)
    made = replace(made, records=last.records | {"caveat": last.records["caveat"] | {"of_another": other}})
    add_to_list(data, write_release(data / "releases/1.3.0", made))
    (data / "not-statistics").mkdir()
    (data / "not-statistics/another.csv").write_text('printed,at,reason,note\n"1,492","char=9,14",duration,Days.\n')
    keep = (*KEPT, "not-statistics/another.csv:2")
    _, printed = remove(data, "--dry-run", keep=keep)
    told = {place: fate for fate, place in (line.split(": ")[0].split() for line in printed.splitlines()[:-1])}
    assert {told[f"{data}/{one}"] for one in keep + COPIES} == {"kept"}
    assert remove(data, keep=keep)[0] is None
    read = read_release(data / "releases/1.3.0")
    assert [one["source"] for one in read.excluded] == ["another"]
    assert read.records["caveat"]["of_another"]["text"] == "Of [removed], in [removed] days."
    assert read_release(data / "releases/1.2.0").records["caveat"]["of_another"]["text"] == "In 1,492 days."


def test_words_that_are_kept_stay_in_a_record_that_names_the_figure(data):
    """The editor takes the id out of the record, and keeps its title: the releases then say the same."""
    chart = "- id: both\n  title: 1,492 or 1,131?\n  query:\n    id: [gb7nr]\n"
    (data / "charts.yaml").write_text(chart)
    assert remove(data, keep=(*KEPT, "charts.yaml:2"))[0] is None
    charts = [read_release(data / f"releases/{one}").records["chart"]["both"] for one in ("1.1.0", "1.2.0")]
    assert [(one["title"], one["query"]) for one in charts] == [("1,492 or 1,131?", {"id": ["gb7nr"]})] * 2


def test_a_line_of_a_release_that_is_kept_keeps_no_other(data):
    assert remove(data, keep=(*KEPT, "releases/1.1.0/records.jsonl:2"))[0] is None
    assert "The [removed] are not" in (data / "releases/1.1.0/records.jsonl").read_text()


def test_earlier_counts_of_a_removed_figure_go_and_those_of_others_stay(data):
    """The lines of others stay as they are, and a changed line of such a file is noticed."""
    of_it = {"figure": "k7m3q", "day": "2018-07", "number": "1,400", "source": "a-paper"}
    others = [of_it | {"figure": "w7vf8", "day": day} for day in ("2018-07", "2019")]
    last = read_release(data / "releases/1.2.0")
    made = replace(last, number="1.3.0", previous=last.digest, earlier=[*others, of_it])
    add_to_list(data, write_release(data / "releases/1.3.0", made))
    assert read_release(data / "releases/1.3.0").earlier == [of_it, *others]
    assert remove(data, keep=KEPT)[0] is None
    assert find(data, "k7m3q") == set()
    assert read_release(data / "releases/1.3.0").earlier == others
    assert verify_releases(data) == []
    path = data / "releases/1.3.0/earlier-counts.csv"
    path.write_text(path.read_text().replace("1,400", "1,401"))
    assert [one for one in verify_releases(data) if "earlier-counts.csv: This file has changed" in one] != []


def test_what_computers_leave_is_no_obstacle_but_a_copy_of_the_figure_is_named(data):
    clutter(data)
    for name in (".backup/observations.csv", ".~lock.csv"):
        (data / "releases" / name).parent.mkdir(exist_ok=True)
        (data / "releases" / name).write_text("id\nk7m3q\n")
    error, _ = remove(data)
    assert [line.partition(": ")[0] for line in str(error).splitlines()[:-1]] == [
        f"{data}/releases/.backup/observations.csv:2",
        f"{data}/releases/.~lock.csv:2",
    ]
    shutil.rmtree(data / "releases/.backup")
    (data / "releases/.~lock.csv").unlink()
    assert remove(data)[0] is None


def test_a_line_that_names_the_figure_cannot_be_kept(data):
    error, _ = remove(data, keep=(*KEPT, "releases/1.1.0/observations.csv:3"))
    assert "releases/1.1.0/observations.csv:3: You cannot keep this: it names the figure." in str(error)
    error, _ = remove(data, keep=(*KEPT, "releases/1.1.0/observations.csv:999"))
    assert "observations.csv:999: You cannot keep this: it is not in the list." in str(error)


@pytest.mark.parametrize("step", range(12))
def test_after_a_crash_the_same_command_finishes(data, step, monkeypatch):
    names, done = ("rename", "replace", "touch", "unlink"), []

    def crash(name, move):
        def moved(*args, **more):
            if args[0].is_relative_to(data) and len(done) == step:
                raise KeyboardInterrupt
            done.append(name)
            return move(*args, **more)

        return moved

    with monkeypatch.context() as patch:
        for name in names:
            patch.setattr(Path, name, crash(name, getattr(Path, name)))
        with suppress(KeyboardInterrupt):
            remove(data)
    error, _ = remove(data)
    assert error is None or "No release has the figure" in str(error)
    assert verify_releases(data) == []
    assert find(data, "k7m3q") == set()
    assert [path.name for path in data.glob(".*")] == []


def test_load_takes_it_out_of_a_running_service():
    folder = Path(tempfile.mkdtemp(prefix="misconduct-remove-"))
    folder.chmod(0o755)
    data = copy_first_releases(folder / "data")
    service = Service(folder, data)
    try:
        client = service.wait().client
        assert client.get("/v1/observations/k7m3q").json()["data"]["value"] == 1492
        assert remove(data, keep=())[0] is None
        url = f"host={next(folder.glob('postgres-*'))} user=misconduct dbname=misconduct"
        assert {"1.0.0", "3.0.1"} <= {*load(url, data)}
        with psycopg.connect(url) as connection:
            tables = ("observations", "records", "changes")
            left = [connection.execute(f"SELECT count(*) FROM {one} WHERE {one}::text ~ 'k7m3q'") for one in tables]
            assert [one.fetchone() for one in left] == [(0,)] * 3
        deadline = time.monotonic() + 20
        while client.get("/v1/observations/k7m3q").status_code == 200 and time.monotonic() < deadline:
            time.sleep(0.2)
        for path in ("/v1/observations/k7m3q", "/v1/observations/k7m3q?release=3.0.0"):
            assert client.get(path).status_code == 404
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_small_number_is_looked_for_only_where_the_figure_is_named(tmp_path):
    data, previous = tmp_path / "data", None
    few, caveat = figure("b8888", value="8", printed="8"), {"id": "forces", "text": "In 8 forces, as of 8 May."}
    source = RECORDS["source"][few["source"]]
    records = {"source": {few["source"]: source | {"title": "The 8 and others"}}, "caveat": {"forces": caveat}}
    for number, rows in (("1.0.0", [EARLIER]), ("1.1.0", [EARLIER, few])):
        made = replace(release(number, figures=rows, previous=previous), records=records, changes=[])
        written = write_release(data / "releases" / number, made)
        add_to_list(data, written)
        previous = written.digest
    (data / "removals.csv").write_text("day,release,before,after,law\n")
    (data / "caveats.yaml").write_text("- id: forces\n  text: In 8 forces.\n")
    first = list_releases(data)[0].digest
    done = CliRunner().invoke(app, ["remove", "b8888", "--law", LAW, "--data", str(data)])
    assert done.exception is None
    assert find(data, "b8888") == set()
    read = read_release(data / "releases/1.1.0")
    assert read.records["caveat"]["forces"]["text"] == "In 8 forces, as of 8 May."
    assert read.records["source"][few["source"]]["title"] == "The [removed] and others"
    assert list_releases(data)[0].digest == first
    assert verify_releases(data) == []
