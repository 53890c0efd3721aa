"""An editor looks at drafts: what is served follows the files."""

from __future__ import annotations

import queue
import shutil

import psycopg
import pytest
from structlog.testing import capture_logs

from misconduct.errors import LoadInProgress
from misconduct.publish import follow
from misconduct.publish.follow import following_drafts, list_files
from misconduct.publish.load import load_register
from misconduct.publish.owed import find_owed
from misconduct.register.editors import SeenFiles
from tests.registers import seal, write_register
from tests.test_serve import eventually

TABLE = "id | value\n bbbb2 | 5"
DRAFT = "\n bbbb3 | 6"
LONG = 60  # seconds; a machine may be busy


@pytest.fixture
def data(tmp_path):
    data = write_register(tmp_path / "data", TABLE)
    seal(data, "1.0.0")
    return write_register(data, TABLE + DRAFT)


@pytest.fixture
def told(data, database):
    """What is told while the register is followed."""
    files, told = list_files(data), queue.Queue()
    load_register(database.owner, data, drafts=True)
    with following_drafts(database.owner, data, files, told.put):
        yield lambda: told.get(timeout=LONG)


def loaded(database):
    with psycopg.connect(database.owner) as owner:
        return owner.execute("SELECT id, value::int FROM observations ORDER BY id").fetchall()


def edit(data, old, new):
    """Changes the file of figures in one step, as editors of text do."""
    paper = data / "observations" / "paper.csv"
    text = paper.read_text()
    assert old in text
    SeenFiles(data).put({"observations/paper.csv": text.replace(old, new)})


def test_a_changed_draft_is_loaded_again(data, database, told):
    assert loaded(database) == [("bbbb2", 5), ("bbbb3", 6)]
    edit(data, "6", "7")
    assert told() == "The files changed; shown is draft."
    assert loaded(database) == [("bbbb2", 5), ("bbbb3", 7)]
    draft = (data / "observations" / "paper.csv").read_text().splitlines(keepends=True)[-1]
    edit(data, draft, "")
    assert told() == "The files changed; shown is 1.0.0."
    assert loaded(database) == [("bbbb2", 5)]


def test_whoever_loads_other_drafts_into_the_same_database_is_told_of(data, database, told, tmp_path, monkeypatch):
    monkeypatch.setattr(follow, "COMPARE_SECONDS", 0.0)
    shutil.copytree(data, tmp_path / "other")
    edit(tmp_path / "other", "6", "9")
    load_register(database.owner, tmp_path / "other", drafts=True)
    assert told() == (
        "Another command loaded into this database, so these drafts are not shown until one of the files changes. "
        "Give each register a database, or a MISCONDUCT_HOME, of its own."
    )
    edit(data, "6", "7")
    assert told() == "The files changed; shown is draft."
    load_register(database.owner, data)
    assert told().startswith("Another command loaded into this database")


def test_following_begins_while_the_database_is_away_and_tells_of_no_other_command_when_it_is_back(
    data, database, monkeypatch
):
    monkeypatch.setattr(follow, "COMPARE_SECONDS", 0.0)
    load_register(database.owner, data, drafts=True)
    away, looks, told = psycopg.OperationalError("away"), queue.Queue(), queue.Queue()

    def connect(url):
        looks.put(1)
        if looks.qsize() < 3:
            raise away
        return psycopg.connect(url)

    monkeypatch.setattr(follow, "connect", connect)
    with following_drafts(database.owner, data, list_files(data), told.put):
        eventually(lambda: looks.qsize() > 4, LONG)
        edit(data, "6", "7")
        assert told.get(timeout=LONG) == "The files changed; shown is draft."
    assert told.empty()


def test_mistakes_are_told_and_what_is_shown_stays_until_they_are_mended(data, database, told):
    edit(data, ",6,,count", ",9,,count")
    assert told() == (
        "data/observations/paper.csv:3:78: value is 9, but '6' says 6 (count)\n"
        "1 mistake; what is shown has not changed."
    )  # fmt: skip
    assert loaded(database) == [("bbbb2", 5), ("bbbb3", 6)]
    edit(data, "6", "9")
    assert told() == "The files changed; shown is draft."
    assert loaded(database) == [("bbbb2", 5), ("bbbb3", 9)]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("not\nforeseen"), {"error": "ValueError", "reason": "not"}),
        (AssertionError(), {"error": "AssertionError", "reason": ""}),
        (LoadInProgress("Another load."), None),
    ],
)
def test_a_load_that_failed_for_a_passing_reason_is_tried_again_without_a_change(
    data, database, told, monkeypatch, error, said
):
    monkeypatch.setattr(follow, "AGAIN_SECONDS", 0.05)
    tries = queue.Queue()

    def load(*_, **__):
        tries.put(1)
        raise error

    with capture_logs() as logged, monkeypatch.context() as failing:
        failing.setattr(follow, "load_register", load)
        edit(data, "6", "7")
        for _ in range(3):
            tries.get(timeout=LONG)
    if said is None:
        assert told() == str(error)
    event = {"event": "the drafts were not loaded", "log_level": "warning"}
    assert logged == ([event | said] if said else [])  # once
    assert told() == "The files changed; shown is draft."
    assert loaded(database) == [("bbbb2", 5), ("bbbb3", 7)]


def test_what_is_no_part_of_the_register_is_not_followed(data, database, told):
    files = list_files(data)
    (data / ".swap").write_text("x")
    (data / "sources" / ".swap").write_text("x")
    assert list_files(data) == files
    (data / "README.md").write_text("x")
    assert told() == "The files changed; shown is draft."


def test_a_removal_by_law_is_told_with_the_purge_that_is_owed(data, database, told):
    seal(write_register(data, "id | value\n bbbb3 | 6"), "2.0.0", "2024-06-01", removed=["bbbb2@1=A court."])
    said = [told()]
    while not said[-1].endswith("2.0.0."):  # what was loaded in between was refused
        said.append(told())
    assert said[-2:] == [
        f"What the law removed is gone from 1.0.0. {follow.OWED}",
        "The files changed; shown is 2.0.0.",
    ]
    assert [one.paths[:1] for one in find_owed(database.owner)] == [["/observations/bbbb2"]]
