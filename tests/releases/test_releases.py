"""A release never changes, anybody can verify it, and each vouches for the ones before it."""

import csv
import json
import shutil
import subprocess
import tempfile
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import polars
import pytest

from misconduct.errors import ReleaseError
from misconduct.model.figure import REGISTER_COLUMNS, read_cells
from misconduct.releases.folder import FILES, Release, list_releases, read_release
from misconduct.releases.verify import verify_releases
from misconduct_editor.releases.changes import find_changes
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import ROOT, SMALL, Service
from ..registers import clutter

ADDED = {
    "kind": "observation",
    "id": "k7m3q",
    "action": "added",
    "reason": "",
    "replaced_by": "",
}
RECORDS = {
    "source": {
        "a-paper": {
            "id": "a-paper",
            "title": "Nearly 1,000",
            "published": "2024",
            "held": True,
        }
    },
    "code": {
        "measure/accused": {
            "id": "measure/accused",
            "label": "Accused",
            "definition": "Was accused.",
        }
    },
    "unpublished": {
        "dismissals": {
            "id": "dismissals",
            "kind": "unanswered",
            "question": "How many?",
            "explanation": "Nobody says.",
        }
    },
    "disagreement": {"how-many": {"id": "how-many", "members": ["k7m3q", "gb7nr"]}},
    "dataset": {"allegations": {"id": "allegations", "figures": ["k7m3q"]}},
}


def figure(identity, **cells):
    stated = {
        "id": identity,
        "measure": "accused",
        "statistic": "count",
        "unit": "count",
        "source": "a-paper",
    }
    return read_cells(dict.fromkeys(REGISTER_COLUMNS, "") | stated | cells)


OFFICERS = figure(
    "k7m3q",
    period="2014/2024",
    value="1492",
    printed="1,492",
    qualifier="exact",
    at="char=3063,3068",
)
EMPLOYEES = figure(
    "gb7nr",
    value="1131",
    printed="1,131",
    part_of="k7m3q w7vf8",
    period="now",
    qualifier="about",
)


def release(number="1.0.0", figures=(OFFICERS, EMPLOYEES), previous=None):
    about = {
        "number": number,
        "day": "2026-11-20",
        "summary": "Two.",
        "previous": previous,
    }
    return Release(
        figures=list(figures),
        records=RECORDS,
        changes=[ADDED],
        **about,
    )


@pytest.fixture
def data(tmp_path):
    """Three releases in a chain."""
    previous = None
    for number in ("1.0.0", "1.1.0", "1.2.0"):
        written = write_release(
            tmp_path / "releases" / number, release(number, previous=previous)
        )
        add_to_list(tmp_path, written)
        previous = written.digest
    (tmp_path / "removals.csv").write_text("day,release,before,after,law\n")
    return tmp_path


def test_a_release_is_read_as_it_was_written(tmp_path):
    written = write_release(tmp_path / "1.0.0", release(previous="4a75"))
    read = read_release(tmp_path / "1.0.0")
    assert read.figures == [EMPLOYEES, OFFICERS]
    assert (read.figures[0]["value"], read.figures[0]["part_of"]) == (
        Decimal(1131),
        ["k7m3q", "w7vf8"],
    )
    assert read.figures[0]["hedge"] is None
    assert (read.records, read.changes) == (RECORDS, [ADDED])
    assert (read.number, read.day, read.previous) == ("1.0.0", "2026-11-20", "4a75")
    again = write_release(
        tmp_path / "again", release(figures=[EMPLOYEES, OFFICERS], previous="4a75")
    )
    assert again.digest == written.digest


def test_sha256sum_verifies_a_release_and_prints_its_digest(tmp_path):
    written = write_release(tmp_path / "1.0.0", release())
    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=tmp_path / "1.0.0",
        check=True,
    )
    printed = subprocess.run(
        ["sha256sum", "SHA256SUMS"],
        cwd=tmp_path / "1.0.0",
        capture_output=True,
        check=True,
    )
    assert printed.stdout.split()[0].decode() == written.digest


def test_a_release_is_not_overwritten_and_not_read_once_it_was_changed(data):
    with pytest.raises(ReleaseError, match=r"1\.1\.0"):
        write_release(data / "releases/1.1.0", release("1.1.0", figures=[OFFICERS]))
    assert verify_releases(data) == []
    edit(data / "releases/1.1.0/figures.csv")
    with pytest.raises(ReleaseError, match=r"figures\.csv"):
        read_release(data / "releases/1.1.0")


def test_parquet_has_the_columns_of_its_csv_with_types_and_says_where_it_is_from(
    tmp_path,
):
    write_release(tmp_path / "1.0.0", release())
    for name in ("table", "figures"):
        path = tmp_path / f"1.0.0/{name}.parquet"
        with path.with_suffix(".csv").open() as file:
            assert polars.read_parquet(path).columns == next(csv.reader(file))
        about = {
            "release": "1.0.0",
            "licence": "CC BY 4.0",
            "source": "Misconduct Register",
        }
        assert about.items() <= polars.read_parquet_metadata(path).items()
    figures = polars.read_parquet(path)
    assert figures["value"].to_list() == [1131.0, 1492.0]
    assert figures["part_of"].to_list() == ["k7m3q w7vf8", None]


def test_the_data_package_describes_every_file(tmp_path):
    write_release(tmp_path / "1.0.0", release())
    package = json.loads((tmp_path / "1.0.0/datapackage.json").read_bytes())
    assert (package["version"], package["licenses"][0]["name"]) == (
        "1.0.0",
        "CC-BY-4.0",
    )
    assert package["citation"].startswith(
        f"Misconduct Register, release 1.0.0 of {package['created'][:10]}."
    )
    files = {path.name: path.read_bytes() for path in (tmp_path / "1.0.0").iterdir()}
    del files["datapackage.json"], files["SHA256SUMS"]
    described = {
        one["path"]: (one["bytes"], one["hash"]) for one in package["resources"]
    }
    assert described == {
        name: (len(file), f"sha256:{sha256(file).hexdigest()}")
        for name, file in files.items()
    }
    [table] = [one for one in package["resources"] if one["path"] == "table.csv"]
    [value] = [one for one in table["schema"]["fields"] if one["name"] == "value"]
    assert value["type"] == "number"
    assert "not zero" in value["description"]


def edit(path, before="1492", after="1493"):
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))


def edit_with_sums(data):
    folder = data / "releases/1.0.0"
    edit(folder / "figures.csv")
    subprocess.run(
        "rm SHA256SUMS; sha256sum * > .sums; mv .sums SHA256SUMS",
        shell=True,
        cwd=folder,
        check=True,
    )


def correct_list(data):
    """Let releases.csv name the digest that release 1.0.0 has now."""
    edit(
        data / "releases.csv",
        list_releases(data)[0].digest,
        read_release(data / "releases/1.0.0").digest,
    )


def leave_out(data):
    shutil.rmtree(data / "releases/1.1.0")
    edit(
        data / "releases.csv",
        (data / "releases.csv").read_text().splitlines(keepends=True)[2],
        "",
    )


def overwrite(data):
    shutil.rmtree(data / "releases/1.0.0")
    write_release(data / "releases/1.0.0", release(figures=[OFFICERS]))


@pytest.mark.parametrize(
    ("tamper", "place"),
    [
        (
            lambda data: edit(data / "releases/1.0.0/figures.csv"),
            "releases/1.0.0/figures.csv",
        ),
        (edit_with_sums, "releases/1.0.0/SHA256SUMS"),
        (
            lambda data: (edit_with_sums(data), correct_list(data)),
            "releases/1.1.0/datapackage.json",
        ),
        (lambda data: shutil.rmtree(data / "releases/1.1.0"), "releases/1.1.0"),
        (leave_out, "releases/1.2.0/datapackage.json"),
        (
            lambda data: (data / "releases/1.0.0/more.csv").touch(),
            "releases/1.0.0/more.csv",
        ),
        (
            lambda data: (data / "releases/1.0.0/changes.csv").unlink(),
            "releases/1.0.0/changes.csv",
        ),
        (lambda data: (data / "releases/9.0.0").mkdir(), "releases/9.0.0"),
        (overwrite, "releases/1.0.0/SHA256SUMS"),
        (lambda data: edit(data / "releases.csv", "1.2.0,", "0.2.0,"), "releases.csv"),
        (
            lambda data: edit(
                data / "releases.csv", "1.2.0,2026-11-20", "1.2.0,2026-11-19"
            ),
            "releases.csv",
        ),
        (
            lambda data: edit(data / "releases.csv", "Two.", "Three."),
            "releases/1.0.0/datapackage.json",
        ),
    ],
)
def test_tampering_is_named(data, tamper, place):
    tamper(data)
    assert verify_releases(data)[0].startswith(f"{data}/{place}: ")


def test_a_service_ignores_other_files_in_a_release_and_only_verify_names_the_visible_ones(
    small,
):
    folder = Path(
        tempfile.mkdtemp(prefix="misconduct-clutter-")
    )  # the account of Postgres must be able to enter it
    folder.chmod(0o755)
    data = shutil.copytree(SMALL, folder / "data")
    clutter(data)
    assert verify_releases(data) == []
    (data / "releases/2.0.0/notes.txt").write_text("Read me.")
    (problem,) = verify_releases(data)
    assert problem.startswith(
        f"{data}/releases/2.0.0/notes.txt: This file is not part of the release."
    )
    service = Service(folder, data)
    try:
        address = "/v1/releases/2.0.0/all.zip"
        sent = service.wait().client.get(address).content
        assert sent == small.client.get(address).content
    finally:
        service.stop()
        shutil.rmtree(folder)


CHANGED = [name for name in FILES if name != "versions.jsonl"]  # which is empty


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_byte_of_any_file_is_named(data, name):
    path = data / "releases/1.0.0" / name
    first, *others = path.read_bytes()
    path.write_bytes(bytes([first ^ 1, *others]))
    assert verify_releases(data)[0].startswith(f"{path}: ")


def test_a_removal_that_removals_csv_explains_is_accepted(data):
    before = list_releases(data)[0].digest
    overwrite(data)
    correct_list(data)
    assert "1.1.0/datapackage.json" in verify_releases(data)[0]
    edit(
        data / "removals.csv",
        "law\n",
        f"law\n2026-11-27,1.0.0,{before},{list_releases(data)[0].digest},An order\n",
    )
    assert verify_releases(data) == []


def test_changes_are_what_editors_changed():
    assert find_changes(None, [OFFICERS], {}) == [
        {"kind": "observation", "id": "k7m3q", "action": "added"}
    ]
    computed = {"dataset": {"allegations": {"id": "allegations", "figures": []}}}
    changes = find_changes(
        release(),
        [OFFICERS, EMPLOYEES | {"value": Decimal(1132)}],
        RECORDS | computed | {"code": {}},
    )
    found = [tuple(one.values()) for one in changes]
    assert found == [
        ("code", "measure/accused", "ended"),
        ("observation", "gb7nr", "revised"),
    ]


def test_the_releases_of_this_repository_are_as_they_were_made():
    assert verify_releases(ROOT / "data") == []
