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

from ..conftest import SMALL, Service
from ..registers import clutter

LAW = "Data Protection Act 2018, section 47"
ANOTHER = figure(
    "w7vf8", value="1492", printed="1,492", qualifier="exact", repeats="k7m3q"
)
EARLIER = EMPLOYEES | {"part_of": []}
ABOUT_IT = {
    "caveat": {
        "look_alike": {"id": "look_alike", "text": "The 1,492 are not the 11,492."},
        "of_another": {"id": "of_another", "text": "In 1,492 days."},
    },
    "check": {
        "is-a-part": {
            "id": "is-a-part",
            "type": "sum_of_parts",
            "whole": "gb7nr",
            "parts": ["k7m3q", "w7vf8"],
        }
    },
    "chart": {
        "both": {
            "id": "both",
            "title": "1,492 or 1,131?",
            "query": {"id": ["k7m3q", "gb7nr"]},
        },
        "only": {"id": "only", "title": "Officers", "query": {"id": ["k7m3q"]}},
    },
}


def write(data):
    """Write three releases; the first has nothing of the figure. Then the register that an editor has cleaned."""
    previous = None
    for number, rows in (
        ("1.0.0", [EARLIER]),
        ("1.1.0", [EMPLOYEES, OFFICERS]),
        ("1.2.0", [OFFICERS, ANOTHER]),
    ):
        records = (
            RECORDS | ABOUT_IT if OFFICERS in rows else {"source": RECORDS["source"]}
        )
        made = release(number, figures=rows, previous=previous)
        changes = made.changes if OFFICERS in rows else []
        written = write_release(
            data / "releases" / number, replace(made, records=records, changes=changes)
        )
        add_to_list(data, written)
        previous = written.digest
    (data / "removals.csv").write_text("day,release,before,after,law\n")
    (data / "caveats.yaml").write_text("- id: of_another\n  text: In 1,492 days.\n")
    return data


KEPT = (
    "caveats.yaml:2",
    "releases/1.1.0/records.jsonl:2",
    "releases/1.2.0/records.jsonl:2",
)
"""The lines about something else that lasted 1,492 days."""


@pytest.fixture
def data(tmp_path):
    return write(tmp_path / "data")


def remove(data, *words, keep=KEPT):
    """Run the command; return its error, and what it printed."""
    kept = [word for place in keep for word in ("--keep", f"{data}/{place}")]
    done = CliRunner().invoke(
        app, ["remove", "k7m3q", "--law", LAW, "--data", str(data), *kept, *words]
    )
    return done.exception, done.stdout


def contents(data):
    return {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}


def find(data, *words):
    """Return the files that have one of some words; of Parquet, those in which a cell has it."""
    found = set()
    for path, content in contents(data).items():
        text = (
            str(polars.read_parquet(path).rows())
            if path.suffix == ".parquet"
            else content.decode(errors="replace")
        )
        found |= {str(path.relative_to(data)) for word in words if word in text}
    return found


def test_a_removal_is_refused_while_data_quotes_the_figure_and_names_every_line(data):
    (data / "charts.yaml").write_text(
        "- id: both\n  title: 1,492 or 1,131?\n  query:\n    id: [k7m3q, gb7nr]\n"
    )
    (data / "checks.yaml").write_text(
        "- id: against-the-1492\n  note: 11,492 and 1,492,000 and char=1492,1500\n"
    )
    before = contents(data)
    error, _ = remove(data)
    assert isinstance(error, ReleaseError)
    places = [line.partition(": ")[0] for line in str(error).splitlines()[:-1]]
    assert places == [
        f"{data}/{place}"
        for place in ("charts.yaml:2", "charts.yaml:4", "checks.yaml:1")
    ]
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
    with_another = {
        f"releases/1.2.0/observations.{form}" for form in ("csv", "parquet")
    }
    assert find(data, "1,492 ", "'1,492'", '"1,492"') - with_another == {
        one.partition(":")[0] for one in KEPT
    }
    read = read_release(data / "releases/1.2.0")
    assert [(row["id"], row["printed"], row["repeats"]) for row in read.figures] == [
        ("w7vf8", "1,492", None)
    ]
    assert (
        read.records["caveat"]["look_alike"]["text"]
        == "The [removed] are not the 11,492."
    )
    assert read.records["caveat"]["of_another"]["text"] == "In 1,492 days."
    assert {name: one["query"] for name, one in read.records["chart"].items()} == {
        "both": {"id": ["gb7nr"]}
    }
    assert {"check", "disagreement"} & read.records.keys() == set()
    assert read_release(data / "releases/1.1.0").figures[0]["part_of"] == ["w7vf8"]

    assert verify_releases(data) == []
    for one in list_releases(data):
        subprocess.run(
            ["sha256sum", "--check", "--strict", "SHA256SUMS"],
            cwd=data / f"releases/{one.number}",
            check=True,
        )
    after, today = (
        {one.number: one.digest for one in list_releases(data)},
        datetime.now(UTC).date().isoformat(),
    )
    assert [tuple(row.values()) for row in read_rows(data / "removals.csv")] == [
        (today, number, before[number], after[number], LAW)
        for number in ("1.1.0", "1.2.0")
    ]
    assert after["1.0.0"] == before["1.0.0"]
    assert find(data, "[removed]") != set()


def test_a_line_that_is_kept_keeps_no_other(data):
    """Each line is kept by its file and its number: what else says the same is rewritten."""
    assert remove(data, keep=KEPT[:2])[0] is None
    texts = [
        read_release(data / f"releases/{one}").records["caveat"]
        for one in ("1.1.0", "1.2.0")
    ]
    assert [one["of_another"]["text"] for one in texts] == [
        "In 1,492 days.",
        "In [removed] days.",
    ]
    assert [one["look_alike"]["text"] for one in texts] == [
        "The [removed] are not the 11,492."
    ] * 2


def test_the_summary_of_a_release_is_kept_or_rewritten(data):
    """It stands in the description of the release, and in the list of all releases."""
    last = read_release(data / "releases/1.2.0")
    for number in ("1.3.0", "1.3.1"):
        last = replace(
            last, number=number, previous=last.digest, summary="Of 1,492 days."
        )
        last = write_release(data / "releases" / number, last)
        add_to_list(data, last)
    _, printed = remove(data, "--dry-run")
    [(file, line)] = [
        place.rsplit(":", 1)
        for place in (
            one.split()[1].removesuffix(":") for one in printed.splitlines()[:-1]
        )
        if "1.3.0/datapackage.json" in place
    ]
    assert (
        remove(data, keep=(*KEPT, f"{file.removeprefix(f'{data}/')}:{line}"))[0] is None
    )
    told = {one.number: one.summary for one in list_releases(data)}
    assert (told["1.3.0"], told["1.3.1"]) == ("Of 1,492 days.", "Of [removed] days.")
    assert verify_releases(data) == []


def test_earlier_counts_of_a_removed_figure_go_and_those_of_others_stay(data):
    """The lines of others stay as they are, and a changed line of such a file is noticed."""
    of_it = {
        "figure": "k7m3q",
        "day": "2018-07",
        "number": "1,400",
        "source": "a-paper",
    }
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
    assert [
        one
        for one in verify_releases(data)
        if "earlier-counts.csv: This file has changed" in one
    ] != []


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
    assert (
        "releases/1.1.0/observations.csv:3: You cannot keep this: it names the figure."
        in str(error)
    )
    error, _ = remove(data, keep=(*KEPT, "releases/1.1.0/observations.csv:999"))
    assert "observations.csv:999: You cannot keep this: it is not in the list." in str(
        error
    )


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
    data = shutil.copytree(SMALL, folder / "data")
    service = Service(folder, data)
    try:
        client = service.wait().client
        assert client.get("/v1/observations/k7m3q").json()["data"]["value"] == 1492
        assert remove(data, keep=())[0] is None
        url = (
            f"host={next(folder.glob('postgres-*'))} user=misconduct dbname=misconduct"
        )
        assert {"1.0.0", "1.1.0", "2.0.0"} == {*load(url, data)}
        with psycopg.connect(url) as connection:
            tables = ("observations", "records", "changes")
            left = [
                connection.execute(
                    f"SELECT count(*) FROM {one} WHERE {one}::text ~ 'k7m3q'"
                )
                for one in tables
            ]
            assert [one.fetchone() for one in left] == [(0,)] * 3
        deadline = time.monotonic() + 20
        while (
            client.get("/v1/observations/k7m3q").status_code == 200
            and time.monotonic() < deadline
        ):
            time.sleep(0.2)
        for path in ("/v1/observations/k7m3q", "/v1/observations/k7m3q?release=1.1.0"):
            assert client.get(path).status_code == 404
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)


FEW = figure(
    "b8888", value="17", printed="17", counted="officers", caveats="reply the_source"
)
TOGETHER = {"id": "together", "title": "17 or twenty?", "members": ["b8888", "gb7nr"]}
SAYING = {  # records that the figure names, or that name it: what each says of the number
    "caveat": {
        "reply": {
            "id": "reply",
            "text": "We did not say: about seventeen.\n17, never.",
        },
        "the_source": {"id": "the_source", "text": "Some 17ish were named."},
        "another": {"id": "another", "text": "In 17 forces, or seventeen."},
    },
    "disagreement": {
        "together": TOGETHER
        | {"question": "Seventeen?", "reasons": ["period"], "explanation": "17+"}
    },
    "chart": {
        "of-both": {
            "id": "of-both",
            "title": "Seventeen, or 20?",
            "query": {"disagreement": ["together"]},
        },
        "of-another": {
            "id": "of-another",
            "title": "Seventeen forces",
            "query": {"id": ["gb7nr"]},
        },
    },
    "correction": {
        "wrong": {
            "id": "wrong",
            "source": "another",
            "reading": "17.",
            "affects": ["b8888"],
        }
    },
    "unpublished": {
        "none": {
            "id": "none",
            "question": "Who were the 17?",
            "searched": [FEW["source"]],
        }
    },
}
IN_DATA = {
    "caveats.yaml": "- id: another\n  text: In 17 forces, or seventeen.\n"
    "- text: >-\n    We did not say:\n    about\n    seventeen.\n  id: reply\n",
    "charts.yaml": "- id: of-another\n  title: Seventeen forces\n- id: of-both\n  title: Seventeen, or 20?\n",
    "disagreements.yaml": "- id: together\n  title: 17 or twenty?\n",
    "reasons.csv": "kind,id,action,reason\ncaveat,reply,revised,Seventeen\ncaveat,another,revised,17 forces\n",
}


@pytest.fixture
def saying(tmp_path):
    """A register from which the row of a figure was deleted, but not what other records say of its number."""
    data, previous = tmp_path / "data", None
    for number, rows in (("1.0.0", [EARLIER]), ("1.1.0", [EARLIER, FEW])):
        records = {"source": RECORDS["source"]} | (SAYING if FEW in rows else {})
        changes = [
            {"kind": "caveat", "id": one, "action": "added", "reason": "17."}
            for one in ("reply", "another")
        ]
        made = replace(
            release(number, figures=rows, previous=previous),
            records=records,
            changes=changes,
        )
        written = write_release(data / "releases" / number, made)
        add_to_list(data, written)
        previous = written.digest
    (data / "removals.csv").write_text("day,release,before,after,law\n")
    for name, text in IN_DATA.items():
        (data / name).write_text(text)
    return data


def test_a_number_is_followed_into_every_record_that_the_figure_names_or_that_names_it(
    saying,
):
    """Also in words and beside other hedges, and though it has two digits; but not into other records."""
    words = ["remove", "b8888", "--law", LAW, "--data", str(saying)]
    error = CliRunner().invoke(app, words).exception
    places = [
        line.partition(": ")[0].removeprefix(f"{saying}/")
        for line in str(error).splitlines()[:-1]
    ]
    assert places == [
        "caveats.yaml:6",
        "charts.yaml:4",
        "disagreements.yaml:2",
        "reasons.csv:2",
    ]

    for name, cleaned in {
        "caveats.yaml": "- id: another\n  text: In 17 forces, or seventeen.\n- id: reply\n  text: We did not.\n",
        "charts.yaml": "- id: of-another\n  title: Seventeen forces\n",
        "disagreements.yaml": "[]\n",
        "reasons.csv": "kind,id,action,reason\ncaveat,another,revised,17 forces\n",
    }.items():
        (saying / name).write_text(cleaned)
    assert CliRunner().invoke(app, words).exception is None
    assert find(saying, "b8888") == set()
    last = read_release(saying / "releases/1.1.0")
    assert {one: record["text"] for one, record in last.records["caveat"].items()} == {
        "reply": "We did not say: about [removed].\n[removed], never.",
        "the_source": "Some [removed]ish were named.",
        "another": "In 17 forces, or seventeen.",
    }
    assert "disagreement" not in last.records
    assert {one: record["title"] for one, record in last.records["chart"].items()} == {
        "of-another": "Seventeen forces",
        "of-both": "[removed], or 20?",
    }
    assert last.records["correction"]["wrong"]["reading"] == "[removed]."
    assert last.records["unpublished"]["none"]["question"] == "Who were the [removed]?"
    assert {one["id"]: one["reason"] for one in last.changes} == {
        "reply": "[removed].",
        "another": "17.",
    }
    assert verify_releases(saying) == []


def test_a_small_number_is_looked_for_only_where_the_figure_is_named(tmp_path):
    data, previous = tmp_path / "data", None
    few, caveat = (
        figure("b8888", value="8", printed="8"),
        {"id": "forces", "text": "In 8 forces, as of 8 May."},
    )
    source = RECORDS["source"][few["source"]]
    records = {
        "source": {few["source"]: source | {"title": "The 8 and others"}},
        "caveat": {"forces": caveat},
    }
    for number, rows in (("1.0.0", [EARLIER]), ("1.1.0", [EARLIER, few])):
        made = replace(
            release(number, figures=rows, previous=previous),
            records=records,
            changes=[],
        )
        written = write_release(data / "releases" / number, made)
        add_to_list(data, written)
        previous = written.digest
    (data / "removals.csv").write_text("day,release,before,after,law\n")
    (data / "caveats.yaml").write_text("- id: forces\n  text: In 8 forces.\n")
    first = list_releases(data)[0].digest
    done = CliRunner().invoke(
        app, ["remove", "b8888", "--law", LAW, "--data", str(data)]
    )
    assert done.exception is None
    assert find(data, "b8888") == set()
    read = read_release(data / "releases/1.1.0")
    assert read.records["caveat"]["forces"]["text"] == "In 8 forces, as of 8 May."
    assert read.records["source"][few["source"]]["title"] == "The [removed] and others"
    assert list_releases(data)[0].digest == first
    assert verify_releases(data) == []
