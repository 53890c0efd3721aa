"""Files that were saved go into another database as they were, if they say what the register says."""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path

import polars
import psycopg
import pytest
from typer.testing import CliRunner

from misconduct import cli
from misconduct.bundles import kept_files
from misconduct.bundles.verify import verify_release
from misconduct.db.encoders import encoders
from misconduct.errors import MisconductError
from misconduct.publish import bundle, files
from misconduct.publish.deflated import END, DeflatedFile, temporary_deflater
from misconduct.publish.files import save_files
from misconduct.publish.load import load_register
from misconduct.register import assessments
from misconduct.settings import Settings
from tests.chaos.serving import COMMAND, environment
from tests.cli.test_verify_release import name_a_service, read_members, write_members
from tests.conftest import create_database, drop_database, urls_of
from tests.publish.test_load import files_of
from tests.publish.test_removal import ACCUSED, AFTER, FIRST, SECOND, THIRD
from tests.registers import seal, write_register
from tests.serving import serve
from tests.test_serve import eventually

EVERY = sorted([*ACCUSED, "duty-status.csv", "duty-status.parquet"])
OTHER = {"code": "0", "polars": "0.1", "zlib": "1"}


@pytest.fixture
def register(tmp_path):
    register = tmp_path / "register"
    for number, table in (("1.0.0", FIRST), ("1.1.0", SECOND), ("1.2.0", THIRD)):
        seal(write_register(register, table), number, "2024-05-01")
    return register


@pytest.fixture
def saved(database, register, tmp_path, monkeypatch):
    """The files of three releases in a folder, as another version built them: Parquet and zip in other bytes."""
    sink = polars.LazyFrame.sink_parquet

    def store(target: Path, members: Iterable[tuple[str, DeflatedFile]]) -> Path:
        with zipfile.ZipFile(target, "w") as archive:
            for name, file in members:
                archive.writestr(name, zlib.decompress(b"".join(file.deflated()) + END, -zlib.MAX_WBITS))
        return target

    with monkeypatch.context() as other:
        other.setattr(bundle, "_zip", store)
        other.setattr(
            polars.LazyFrame, "sink_parquet", lambda rows, path, **how: sink(rows, path, **how | {"compression": "lz4"})
        )
        load_register(database.owner, register)
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE files SET built_by = %s", [psycopg.types.json.Jsonb(OTHER)])
    folder = tmp_path / "saved"
    assert save_files(database.reader, folder) == (3 * len(EVERY), [], [], [])
    return folder


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_that_cannot_be_written_leaves_the_one_before_and_says_so_in_a_line(database, saved):
    before = files_in(saved)
    few = 500  # bytes that a file of the process may have, as on a full disk
    done = subprocess.run(
        [*COMMAND, "files", str(saved)],
        env=environment(MISCONDUCT_DATABASE_URL=database.reader, PYTHONDONTWRITEBYTECODE="1"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (few, few)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    first, hint = done.stderr.splitlines()
    assert first == f"{saved}/1.0.0/allegations.csv: File too large."
    assert hint == "The file that was there before still is."
    assert files_in(saved) == before


OF_A_FILE = """WHERE number = 0 AND sha256 = (SELECT sha256 FROM files f JOIN releases r ON r.ordinal = f.release
WHERE r.number = '1.0.0' AND name = 'allegations.parquet')"""
DAMAGE = {
    "a changed byte": f"UPDATE file_contents SET bytes = set_byte(bytes, 40, 255 - get_byte(bytes, 40)) {OF_A_FILE}",
    "cut": f"UPDATE file_contents SET bytes = substring(bytes FOR 40) {OF_A_FILE}",
    "gone": f"DELETE FROM file_contents {OF_A_FILE}",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_replaces_no_copy_which_brings_it_back(database, register, saved, damage):
    before = files_in(saved)
    published = files_of(database.owner)
    with psycopg.connect(database.owner) as owner:
        owner.execute(DAMAGE[damage])
    if damage == "a changed byte":
        changed = saved / "1.1.0" / "bundle.zip"
        changed.write_bytes(b"old")  # those that are intact are copied
    urls = environment(MISCONDUCT_DATABASE_URL=database.reader, MISCONDUCT_OWNER_URL=database.owner)

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([*COMMAND, *arguments], env=urls, capture_output=True, text=True, check=False)

    done = run("files", str(saved))
    told, named, hint = done.stderr.splitlines()
    assert (done.returncode, told) == (1, f"Wrote {3 * len(EVERY) - 1} files to {saved}.")
    assert named == "Damaged in the database, and not copied: 1.0.0/allegations.parquet."
    assert f"`misconduct load --rebuild --files {saved}`" in hint
    assert files_in(saved) == before
    load = ("load", "--register", str(register), "--rebuild")
    shutil.rmtree(saved / "1.1.0")  # as before that release, of which the database has the only files
    assert "built again" not in run(*load, "--files", str(saved)).stderr
    assert files_of(database.owner) == published
    with psycopg.connect(database.owner) as owner:
        owner.execute(DAMAGE[damage])
    done = run(*load)  # without the copy
    said = ", everything replaced, files of 1.0.0 built again, built without a whole copy of what was published: "
    assert (done.returncode, f"{said}1.0.0/allegations.parquet;" in done.stderr) == (0, True)
    assert files_of(database.owner) != published
    done = run(*load, "--files", str(saved))  # the folder has what was published
    assert " (in place of other bytes in the database: 1.0.0/allegations.parquet), " in done.stderr
    assert files_of(database.owner) == published


@pytest.mark.parametrize("name", ["../../outside", "/{outside}", "../../outside.csv"])
def test_no_name_in_the_database_leads_out_of_the_folder(database, saved, tmp_path, name):
    """Whoever can write to it could otherwise replace any file of who copies, and that may be root."""
    name = name.format(outside=tmp_path / "outside")
    with psycopg.connect(database.owner) as owner:
        owner.execute(
            "INSERT INTO files SELECT release, %s, media_type, length, sha256, built_by FROM files"
            " WHERE release = 1 AND name = 'bundle.zip'",
            [name],
        )
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert save_files(database.reader, saved).damaged == [f"1.0.0/{name}"]
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before


def _write_what_is_no_release(folder: Path) -> None:
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "PG_VERSION").write_text("18")


@pytest.mark.parametrize("make", [lambda _: None, Path.mkdir, _write_what_is_no_release])
def test_a_folder_without_files_is_told_before_others_are_built(database, register, saved, tmp_path, make):
    """As with a misspelt name, or a disk that is not mounted: published bytes would be replaced by others."""
    make(tmp_path / "backup")
    published = files_of(database.owner)
    with psycopg.connect(database.owner) as owner:
        owner.execute(DAMAGE["a changed byte"])
    command = [*COMMAND, "load", "--register", str(register), "--rebuild", "--files"]
    urls = environment(MISCONDUCT_OWNER_URL=database.owner)
    refused = subprocess.run(
        [*command, str(tmp_path / "backup")], env=urls, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    folder = tmp_path / "backup"
    lacks = f"{folder} has none of the files that are lacking: 1.0.0/allegations.parquet.\n"
    assert refused.stderr.startswith(lacks if folder.exists() else f"There is no folder {folder}.\n")
    subprocess.run([*command, str(saved)], env=urls, capture_output=True, check=True)
    assert files_of(database.owner) == published


def test_running_services_forget_the_files_that_a_load_brings_anew(database, register, saved):
    with serve(Settings(database_url=database.reader, port=8000, look_seconds=0.05)) as running:
        address = "/v1/releases/1.0.0/files/allegations.parquet"
        before = running.client.get(address)
        assert before.status_code == 200
        with psycopg.connect(database.owner) as owner:
            owner.execute("DELETE FROM files WHERE release = 1 AND name = 'allegations.parquet'")
        load_register(database.owner, register)  # built by this program, and not as `saved` was
        eventually(lambda: running.client.get(address).headers["etag"] != before.headers["etag"], seconds=20)
        listed = {one["name"]: one["sha256"] for one in running.client.get("/v1/releases/1.0.0/files").json()["data"]}
        assert listed["allegations.parquet"] == sha256(running.client.get(address).content).hexdigest()


def test_two_that_copy_into_one_folder_at_once_leave_every_file_whole(database, saved, monkeypatch):
    """Each waits before it gives the first file its name, until the other has written its own."""
    before = files_in(saved)
    replace, together, waited = Path.replace, threading.Barrier(2), threading.local()

    def wait_and_replace(path, target):
        if not hasattr(waited, "once"):
            waited.once = True
            together.wait(30)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", wait_and_replace)
    with ThreadPoolExecutor() as pool:
        copies = [pool.submit(save_files, database.reader, saved) for _ in range(2)]
        assert [copy.result() for copy in copies] == [(3 * len(EVERY), [], [], [])] * 2
    assert files_in(saved) == before


@pytest.mark.parametrize("few", [100, 5_000])  # bytes: too few for hashes of the manifests; for a Parquet file
def test_a_temporary_folder_without_room_ends_a_load_which_has_changed_nothing(register, empty, tmp_path, few):
    (tmp_path / "own").mkdir()
    done = subprocess.run(
        [*COMMAND, "load", "--register", str(register)],
        env=environment(
            MISCONDUCT_DATABASE_URL=empty,
            MISCONDUCT_OWNER_URL=empty,
            PYTHONDONTWRITEBYTECODE="1",
            TMPDIR=str(tmp_path / "own"),
        ),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (few, few)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    first, hint = done.stderr.splitlines()
    said = f"The temporary folder {tmp_path}/own cannot be written: File too large."
    assert first == (said if few == 100 else f"{said} The load was stopped; nothing has changed.")
    assert hint == "Free some space, or name another folder with TMPDIR."
    assert list((tmp_path / "own").iterdir()) == []
    with psycopg.connect(empty) as owner:
        assert owner.execute("SELECT count(*) FROM releases").fetchone() == (0,)


@pytest.fixture
def empty(postgres):
    name = create_database(postgres, "misconduct")
    yield urls_of(postgres, name).owner
    drop_database(postgres, name)


KILLED = "import os; from misconduct.publish.deflated import temporary_deflater as t\nwith t(): os.kill(os.getpid(), 9)"


def test_what_a_killed_load_was_building_is_deleted_after_a_day(tmp_path, monkeypatch):
    subprocess.run([sys.executable, "-c", KILLED], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    [left] = tmp_path.iterdir()
    with temporary_deflater():
        assert left.exists()
    os.utime(left, (time.time() - 90_000,) * 2)
    with temporary_deflater():
        assert not left.exists()


def test_so_are_the_files_that_a_rebuild_would_keep(database, register, tmp_path, monkeypatch):
    def stop(_, folder):
        assert folder.parent == tmp_path
        assert re.fullmatch(r"\.misconduct-[a-z0-9_]{8}", folder.name)
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("misconduct.publish.files.save_files", stop)
    with pytest.raises(KeyboardInterrupt):
        cli._load_once(database.owner, register, Settings(), drafts=False, rebuild=True)


def test_an_empty_database_gets_them_byte_for_byte_with_what_built_them(database, register, saved, empty):
    loaded = load_register(empty, register, kept=saved)
    assert loaded.taken == 3 * len(EVERY)
    assert files_of(empty) == files_of(database.owner)
    with psycopg.connect(empty) as owner:
        assert owner.execute("SELECT DISTINCT built_by FROM files").fetchall() == [(OTHER,)]


@pytest.mark.parametrize("name", ["files [2026]", "file?", "file*"])
def test_a_folder_is_the_one_that_is_named_whatever_its_name(database, register, saved, empty, name):
    saved.rename(saved.with_name(name))
    (saved.parent / "file2").mkdir()  # which a pattern would find
    assert load_register(empty, register, kept=saved.with_name(name)).taken == 3 * len(EVERY)
    assert files_of(empty) == files_of(database.owner)


@pytest.mark.parametrize("note", ["", "{", "5", '{"code": 1}', '{"code": "\\u0000"}', '{"code": "0", "sha256": "0"}'])
def test_a_note_that_is_not_whole_or_of_another_file_is_as_none(saved, register, empty, note):
    (saved / "1.0.0" / "allegations.csv.built-by.json").write_text(note)
    load_register(empty, register, kept=saved)
    with psycopg.connect(empty) as owner:
        [(by,)] = owner.execute("SELECT built_by FROM files WHERE release = 1 AND name = 'allegations.csv'").fetchall()
    assert by is None


def test_a_copy_that_is_stopped_between_a_file_and_its_note_leaves_no_note_of_another_beside_it(
    database, register, saved, empty, monkeypatch
):
    """A removal by law changed the file, and its note is of a version that noted no SHA-256."""
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, AFTER)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    load_register(database.owner, register)
    path, note = (saved / "1.2.0" / name for name in ("observations.csv", "observations.csv.built-by.json"))
    note.write_text(json.dumps(OTHER))
    put, steps = files.put_in_place, iter((True, False))

    def stop(unfinished, to):
        if to in (path, note) and not next(steps):
            raise KeyboardInterrupt
        put(unfinished, to)

    with monkeypatch.context() as stopping:
        stopping.setattr(files, "put_in_place", stop)
        with pytest.raises(KeyboardInterrupt):
            save_files(database.reader, saved)
    load_register(empty, register, kept=saved)
    with psycopg.connect(empty) as owner:
        [(by,)] = owner.execute("SELECT built_by FROM files WHERE release = 3 AND name = 'observations.csv'").fetchall()
    assert by != OTHER
    assert save_files(database.reader, saved) == (4 * len(EVERY), [], [], [])
    assert b"bbbb3" not in path.read_bytes()


def _as_before_an_upgrade(folder: Path) -> None:
    """Write each table as a program did that had other columns, in another order (no figure has a derivation)."""
    for path in folder.glob("*/*.csv"):
        header, *rows = csv.reader(path.read_text().splitlines())
        places = [at for at, name in reversed([*enumerate(header)]) if name not in ("derivation", "coverage")]
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([row[at] for at in places] for row in [header, *rows])
    for path in folder.glob("*/*.parquet"):
        notes = {key: value for key, value in polars.read_parquet_metadata(path).items() if not key.startswith("ARROW")}
        table = polars.read_parquet(path).drop("derivation", "coverage")
        table.select(reversed(table.columns)).write_parquet(path, metadata=notes)


def test_files_of_a_program_with_other_columns_are_lost_to_no_removal_by_law(register, saved, empty, capsys):
    """A removal builds the bundles anew, with other columns than the tables beside them that it does not touch."""
    _as_before_an_upgrade(saved)
    load_register(empty, register, kept=saved)
    published = files_of(empty)
    assert all(published[1, path.name] == path.read_bytes() for path in (saved / "1.0.0").glob("*[vt]"))
    untouched = {key for key in published if key[0] == 1 or key[1].startswith("duty-status.")}
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, AFTER)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    for rebuild in (False, True):
        cli._load_once(empty, register, Settings(), drafts=False, rebuild=rebuild)
        assert "built without" not in capsys.readouterr().err
        found = files_of(empty)
        assert {key for key in published if found[key] == published[key]} == untouched


def test_a_removal_explains_no_other_bytes_of_a_copy_that_has_nothing_of_it(database, register, saved):
    """The database lost the file at the removal, and the copy of the night was to replace the last that was published."""
    path = saved / "1.1.0" / "duty-status.parquet"
    published = path.read_bytes()
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, AFTER)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    with psycopg.connect(database.owner) as owner:
        owner.execute("DELETE FROM files WHERE release = 2 AND name = 'duty-status.parquet'")
    load_register(database.owner, register)
    saving = save_files(database.reader, saved)
    assert (saving.copied, saving.differ) == (4 * len(EVERY) - 1, ["1.1.0/duty-status.parquet"])
    assert path.read_bytes() == published
    assert not any(b"bbbb3" in content for path, content in files_in(saved).items() if path.suffix == ".csv")


def test_without_them_they_are_built_again_and_state_the_same_in_other_bytes(
    database, register, saved, empty, tmp_path
):
    load_register(empty, register)
    here, there = files_of(empty), files_of(database.owner)
    assert {name for release, name in here if here[release, name] == there[release, name]} == {
        "allegations.csv", "duty-status.csv", "observations.csv",
    }  # fmt: skip
    for key in here:
        if key[1].endswith(".parquet"):
            own, other = (polars.read_parquet(content[key]) for content in (here, there))
            assert own.equals(other), key


def _edit(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def _drop_column(path: Path, name: str) -> None:
    rows = [*csv.reader(path.read_text().splitlines())]
    at = rows[0].index(name)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(row[:at] + row[at + 1 :] for row in rows)


def _change_parquet(path: Path) -> None:
    notes = {key: value for key, value in polars.read_parquet_metadata(path).items() if not key.startswith("ARROW")}
    polars.read_parquet(path).with_columns(value=polars.lit(12.5)).write_parquet(path, metadata=notes)


def _round_values(path: Path) -> None:
    notes = {key: value for key, value in polars.read_parquet_metadata(path).items() if not key.startswith("ARROW")}
    polars.read_parquet(path).with_columns(polars.col("value").cast(polars.Float32)).write_parquet(path, metadata=notes)


def _name_a_service(path: Path) -> None:
    members = read_members(path)
    name_a_service(members)
    del members["sealed-observations.csv"], members["charts.csv"]
    write_members(path, members)


def _change_notes(path: Path) -> None:
    notes = {key: value for key, value in polars.read_parquet_metadata(path).items() if not key.startswith("ARROW")}
    polars.read_parquet(path).write_parquet(path, metadata=notes | {"digest": "0" * 64})


def _cut_parquet(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _remove_by_a_forged_release(path: Path) -> None:
    """Take a figure out of a bundle, by a manifest of a later release that no register has."""
    members = read_members(path)
    line = next(line for line in members["releases/1.1.0.csv"].splitlines() if line.startswith(b"observation,bbbb3,"))
    header = members["releases/1.0.0.csv"].splitlines()[0]
    removed = line.replace(b",added,", b",removed,").rsplit(b",", 2)[0] + b",A court.,"
    members["releases/9.9.9.csv"] = header + b"\n" + removed + b"\n"
    for name in ("observations.csv", "sealed-observations.csv"):
        rows = members[name].splitlines(keepends=True)
        members[name] = b"".join(row for row in rows if not row.startswith(b"bbbb3,"))
    write_members(path, members)
    assert verify_release(path).removed == {"observation bbbb3@1": "9.9.9"}
    (path.parent / "observations.csv").write_bytes(members["observations.csv"])


CHANGES = {
    "a cell of a dataset": (lambda folder: _edit(folder / "allegations.csv", b",116,", b",117,"), {"allegations.csv"}),
    "a row of a dataset": (lambda folder: _edit(folder / "allegations.csv", (folder / "allegations.csv").read_bytes().splitlines(keepends=True)[-1], b""), {"allegations.csv"}),
    "a cell of all figures": (lambda folder: _edit(folder / "observations.csv", b",116,", b",117,"), set()),
    "a column of a dataset": (lambda folder: _drop_column(folder / "duty-status.csv", "area"), {"duty-status.csv"}),
    "an empty dataset": (lambda folder: (folder / "duty-status.csv").write_bytes(b""), {"duty-status.csv"}),
    "a column of all figures": (lambda folder: _drop_column(folder / "observations.csv", "area"), set()),
    "a column of a dataset twice": (lambda folder: _edit(folder / "duty-status.csv", b",qualifier", b",printed"), {"duty-status.csv"}),
    "a value in Parquet": (lambda folder: _change_parquet(folder / "duty-status.parquet"), {"duty-status.parquet"}),
    "a type in Parquet": (lambda folder: _round_values(folder / "duty-status.parquet"), {"duty-status.parquet"}),
    "the digest in Parquet": (lambda folder: _change_notes(folder / "duty-status.parquet"), {"duty-status.parquet"}),
    "the end of a Parquet file": (lambda folder: _cut_parquet(folder / "observations.parquet"), {"observations.parquet"}),
    "a place in Parquet before its beginning": (lambda folder: _edit(folder / "duty-status.parquet", b"\x26\x08\x1c", b"\x26\x09\x1c"), {"duty-status.parquet"}),
    "a value in the bundle": (lambda folder: _edit(folder / "bundle.zip", b",116,", b",117,"), {"bundle.zip"}),
    "a service in the bundle": (lambda folder: _name_a_service(folder / "bundle.zip"), {"bundle.zip"}),
    "the bundle of another release": (lambda folder: shutil.copy(folder.parent / "1.0.0" / "bundle.zip", folder), {"bundle.zip"}),
    "a figure that a forged release removed": (lambda folder: _remove_by_a_forged_release(folder / "bundle.zip"), {"bundle.zip", "observations.csv"}),
    "no bundle": (lambda folder: (folder / "bundle.zip").unlink(), {"bundle.zip"}),
    "a file fewer": (lambda folder: (folder / "duty-status.csv").unlink(), {"duty-status.csv"}),
}  # fmt: skip
"""What is done to the files of a release, and those that are then built again: observations.csv is in the bundle."""


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_says_something_else_is_built_again(database, register, saved, empty, change):
    spoil, expected = CHANGES[change]
    spoil(saved / "1.1.0")
    loaded = load_register(empty, register, kept=saved)
    assert loaded.taken == 3 * len(EVERY) - len(expected)
    with psycopg.connect(empty) as owner:
        built = owner.execute("SELECT release, name FROM files WHERE built_by <> %s", [psycopg.types.json.Jsonb(OTHER)])
        assert set(built.fetchall()) == {(2, name) for name in expected}
    assert {name for (_, name), content in files_of(empty).items() if b",117," in content} == set()


def test_files_that_have_what_was_removed_by_law_are_not_taken(database, register, saved, empty):
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, AFTER)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    untouched = ["duty-status.csv", "duty-status.parquet"]  # of the two releases that had it
    assert load_register(empty, register, kept=saved).taken == len(EVERY) + 2 * len(untouched)
    found = files_of(empty)
    assert not any(b"bbbb3" in content for (_, name), content in found.items() if name.endswith(".csv"))
    tables = [polars.read_parquet(content) for (_, name), content in found.items() if name.endswith(".parquet")]
    assert not any("bbbb3" in table["id"] for table in tables)
    published = files_of(database.owner)
    assert all(found[release, name] == published[release, name] for release in (2, 3) for name in untouched)


def test_a_folder_with_none_of_the_files_that_are_lacking_is_refused(database, register, saved, empty):
    """As one of another installation, or an older copy: what was published would be built anew, in other bytes."""
    older = shutil.copytree(saved, saved.with_name("older"), ignore=shutil.ignore_patterns("1.0.0"))
    published = files_of(database.owner)
    with psycopg.connect(database.owner) as owner:
        owner.execute("DELETE FROM files WHERE release = 1 AND name LIKE 'allegations.%'")
    said = f"^{older} has none of the files that are lacking: 1.0.0/allegations.csv, 1.0.0/allegations.parquet\\.\n"
    for rebuild in (False, True):
        with pytest.raises(MisconductError, match=said):
            cli._load_once(database.owner, register, Settings(), drafts=False, rebuild=rebuild, kept=older)
    with pytest.raises(MisconductError, match="none of the files that are lacking"):
        load_register(empty, register, kept=older / "1.1.0")  # one too deep
    loaded = load_register(empty, register, kept=older)
    assert loaded.built_anew == tuple(f"1.0.0/{name}" for name in EVERY)
    assert load_register(database.owner, register, kept=saved).built_anew == ()
    assert files_of(database.owner) == published


def test_a_load_names_each_published_file_of_which_it_finds_no_copy(database, register, saved):
    with psycopg.connect(database.owner) as owner:
        owner.execute("DELETE FROM files WHERE release = 1 AND name LIKE 'allegations.%'")
    (saved / "1.0.0" / "allegations.parquet").unlink()
    loaded = load_register(database.owner, register, kept=saved)
    assert (loaded.taken, loaded.built_anew) == (1, ("1.0.0/allegations.parquet",))


@pytest.mark.parametrize("lost", ["duty-status.parquet", "allegations.csv", "bundle.zip"])
def test_so_does_one_into_an_empty_database_of_a_release_that_had_what_was_removed(
    database, register, saved, empty, tmp_path, lost
):
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, AFTER)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    load_register(database.owner, register)
    save_files(database.reader, saved)
    (saved / "1.1.0" / lost).unlink()
    loaded = load_register(empty, register, kept=saved)
    assert (loaded.taken, loaded.built_anew) == (4 * len(EVERY) - 1, (f"1.1.0/{lost}",))


def test_a_copy_in_other_bytes_than_the_database_has_is_not_replaced(database, register, saved):
    """A file was gone, a load built it anew, and the copy of the next night was to replace what was published."""
    before, published = files_in(saved), files_of(database.owner)
    with psycopg.connect(database.owner) as owner:
        owner.execute("DELETE FROM files WHERE release = 1 AND name = 'allegations.parquet'")
    urls = environment(MISCONDUCT_DATABASE_URL=database.reader, MISCONDUCT_OWNER_URL=database.owner)

    def run(*arguments: str) -> tuple[int, list[str]]:
        done = subprocess.run([*COMMAND, *arguments], env=urls, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr.splitlines()

    status, said = run("files", str(saved))
    assert (status, said[1]) == (1, "Not in the database: 1.0.0/allegations.parquet.")
    status, said = run("load", "--register", str(register))
    told = "files of 1.0.0 built again, built without a whole copy of what was published: 1.0.0/allegations.parquet;"
    assert (status, told in said[0]) == (0, True)
    status, said = run("files", str(saved))
    kept = f"Whole in {saved} in other bytes, and not replaced: 1.0.0/allegations.parquet."
    assert (status, said[1]) == (1, kept)
    assert files_in(saved) == before
    assert run("load", "--register", str(register), "--rebuild", "--files", str(saved))[0] == 0
    assert files_of(database.owner) == published
    assert run("files", str(saved))[0] == 0


@pytest.mark.parametrize("command", [["files", ""], ["load", "--files", ""]])
def test_a_folder_without_a_name_is_not_the_one_that_one_is_in(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(cli.app, command)
    assert (refused.exit_code, "this is empty. Is a variable not set?" in refused.output) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_has_what_was_removed_by_law_is_replaced(database, register, saved):
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, AFTER)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    load_register(database.owner, register)
    assert save_files(database.reader, saved) == (4 * len(EVERY), [], [], [])
    assert not any(b"bbbb3" in content for path, content in files_in(saved).items() if path.suffix == ".csv")


def test_a_database_that_was_never_loaded_has_no_files(empty, tmp_path):
    with psycopg.connect(empty) as owner:
        owner.execute("DROP TABLE files CASCADE")
    with pytest.raises(MisconductError, match="the database has no tables"):
        save_files(empty, tmp_path)


def test_files_of_drafts_are_copied_nowhere(database, register, saved, tmp_path):
    write_register(register, f"{THIRD}    bbbb6 | suspended | other | 2023 | 14 | char=20,22\n")
    load_register(database.owner, register, drafts=True)
    with psycopg.connect(database.owner) as owner:
        owner.execute("DELETE FROM files WHERE name = 'bundle.zip' AND release = (SELECT max(ordinal) FROM releases)")
    found = save_files(database.reader, tmp_path / "other")
    assert (found.missing, sorted(path.name for path in (tmp_path / "other").iterdir())) == (
        [],
        sorted(path.name for path in saved.iterdir()),
    )


def test_drafts_were_never_published_and_no_copy_lacks_them(database, register, saved, empty, tmp_path):
    draft = f"{THIRD}    bbbb6 | suspended | other | 2023 | 14 | char=20,22\n"
    write_register(register, draft)
    load_register(database.owner, register, drafts=True)
    write_register(register, draft.replace("bbbb6", "bbbb7"))
    own = saved.rename(tmp_path / "own")
    kept = shutil.copytree(own, saved)
    for url in (database.owner, empty):
        loaded = load_register(url, register, drafts=True, kept=kept, own=own)
        assert (loaded.current, loaded.built_anew, loaded.exchanged) == ("draft", (), ())


def test_what_a_removal_took_is_built_whatever_the_folder_has(database, register, saved, tmp_path):
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, AFTER)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    loaded = load_register(database.owner, register, kept=tmp_path / "none")
    assert (loaded.rebuilt, loaded.built_anew, loaded.exchanged) == (("1.1.0", "1.2.0"), (), ())


@pytest.mark.parametrize("has_folder", [True, False])
def test_what_a_removal_took_whose_load_was_stopped_is_built_by_the_next(
    database, register, saved, monkeypatch, has_folder
):
    """Nobody misses those files, nor those of the release that removed it, which never had any."""
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, AFTER)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr("misconduct.publish.load.build_files", stop)
        with pytest.raises(KeyboardInterrupt):
            load_register(database.owner, register)
    loaded = load_register(database.owner, register, kept=saved if has_folder else None)
    assert (loaded.rebuilt, loaded.built_anew) == (("1.1.0", "1.2.0", "2.0.0"), ())


@pytest.mark.parametrize("name", ["bundle.zip", "observations.csv", "allegations.csv"])
def test_a_rebuild_keeps_every_whole_file_beside_one_that_is_damaged(database, register, saved, name):
    published = files_of(database.owner)
    with psycopg.connect(database.owner) as owner:
        owner.execute(DAMAGE["a changed byte"].replace("allegations.parquet", name))
    cli._load_once(database.owner, register, Settings(), drafts=False, rebuild=True)
    found = files_of(database.owner)
    assert {key for key in published if found[key] != published[key]} <= {(1, "bundle.zip")}  # zipped otherwise


@pytest.mark.parametrize("built_by", [OTHER, dict(encoders())])
def test_files_with_results_that_only_other_code_can_have_computed_are_kept(
    database, tmp_path, empty, monkeypatch, built_by
):
    """What nothing seals may have been computed otherwise by the program that published it, and by no other."""
    check = "- {id: adds-up, version: 1, type: sum_of_parts, title: Do they?, whole: bbbb2, parts: [bbbb3, bbbb4]}"
    table = "id | value\n bbbb2 | 10\n bbbb3 | 4\n bbbb4 | 6"
    root = write_register(tmp_path / "assessed", table, **{"checks.yaml": check})
    seal(root, "1.0.0", "2024-05-01")
    with monkeypatch.context() as other:
        holds = assessments.assess
        other.setattr(assessments, "assess", lambda *given: holds(*given)._replace(result="undecidable"))
        load_register(database.owner, root)
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE files SET built_by = %s", [psycopg.types.json.Jsonb(built_by)])
        owner.execute("UPDATE releases SET files_built_by = NULL")
    published, saved = files_of(database.owner), tmp_path / "saved"
    save_files(database.reader, saved)
    done = CliRunner().invoke(cli.app, ["verify-release", str(saved / "1.0.0" / "bundle.zip")])
    assert "checks.csv:2:12: result is 'undecidable'; this program computes 'holds'" in done.stderr
    assert "all that is sealed is as it was released, and this program computes other results from it" in done.stderr
    assert done.exit_code == 1
    cli._load_once(database.owner, root, Settings(), drafts=False, rebuild=True)
    if built_by == OTHER:
        load_register(empty, root, kept=saved)
        assert files_of(database.owner) == files_of(empty) == published
    else:
        assert files_of(database.owner) != published
        with pytest.raises(MisconductError, match="has none of the files that are lacking"):
            load_register(empty, root, kept=saved)


@pytest.mark.parametrize("name", ["bundle.zip", "observations.csv", "allegations.csv", "allegations.parquet"])
def test_one_that_the_system_cannot_read_ends_the_load_instead_of_being_built_again(register, saved, empty, name):
    unreadable = saved / "1.1.0" / name
    unreadable.unlink()
    unreadable.symlink_to("/proc/self/mem")  # reading it is an input/output error, for root too
    with pytest.raises(MisconductError, match=f"^{unreadable} cannot be read: Input/output error"):
        load_register(empty, register, kept=saved)
    with psycopg.connect(empty) as owner:
        assert owner.execute("SELECT count(*) FROM releases").fetchone() == (0,)


def test_one_that_a_full_temporary_folder_leaves_no_room_to_unpack_is_not_built_again(register, saved, empty, tmp_path):
    with zipfile.ZipFile(saved / "1.2.0" / "bundle.zip") as archive:
        few = max(member.file_size for member in archive.infolist()) - 1
    done = subprocess.run(
        [*COMMAND, "load", "--register", str(register), "--files", str(saved)],
        env=environment(
            MISCONDUCT_DATABASE_URL=empty, MISCONDUCT_OWNER_URL=empty, PYTHONDONTWRITEBYTECODE="1", TMPDIR=str(tmp_path)
        ),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (few, few)),
        capture_output=True,
        text=True,
        check=False,
    )
    said = (
        f"The temporary folder {tmp_path} cannot be written: File too large. The load was stopped; nothing has changed."
    )
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, said)


def test_a_line_without_an_end_is_not_read_into_memory(saved):
    endless, whole = saved / "1.1.0" / "allegations.csv", saved / "1.1.0" / "observations.csv"
    with endless.open("wb") as file:
        file.truncate(400_000_000)
    tracemalloc.start()
    assert not kept_files._has_rows(endless, partial(kept_files._rows_of, whole, ["accused"]))
    assert files._read_note(endless) is None
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000_000
