"""A load is everything or nothing."""

from __future__ import annotations

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import psycopg
import pytest

from misconduct.bundles.database import compare_database
from misconduct.db import encoders
from misconduct.errors import (
    DatabaseChanged,
    DatabaseUnreachable,
    LoadInProgress,
    NothingReleased,
    RegisterDiverged,
    RegisterRefused,
)
from misconduct.publish import files, load
from misconduct.publish.load import load_register
from misconduct.publish.recall import recall_release
from misconduct.publish.withdraw import find_publication
from misconduct.register import editors
from misconduct.register.editors import RegisterInUse
from misconduct.register.make_release import read_newest_release
from misconduct.register.mistakes import Mistakes
from misconduct.register.reader import open_register
from misconduct.settings import Settings
from tests.conftest import PROJECT
from tests.registers import seal, write_register

ONE = """
    id    | year | value
    bbbb2 | 2021 | 116
    bbbb3 | 2022 | 170
"""
TWO = """
    id    | version | year | value
    bbbb2 |         | 2021 | 116
    bbbb3 | 1       | 2022 | 170
    bbbb3 | 2       | 2022 | 169
"""


def released(path: Path, table: str, number: str, day: str) -> Path:
    """A register of which everything is released."""
    seal(write_register(path, table), number, day)
    return path


def contents(database) -> dict[str, list]:
    """Everything the register's tables hold, but for the time of the load."""
    with psycopg.connect(database.owner) as owner:
        return {
            "releases": owner.execute("SELECT ordinal, number, released, digest FROM releases ORDER BY 1").fetchall(),
            "records": owner.execute("SELECT * FROM records ORDER BY 1, 2, 3").fetchall(),
            "lines": owner.execute("SELECT * FROM manifest_lines ORDER BY 1, 2, 3, 4").fetchall(),
            "observations": owner.execute("SELECT * FROM observations ORDER BY id, version").fetchall(),
            "assessments": owner.execute("SELECT * FROM assessments ORDER BY 1, 2, 3").fetchall(),
            "counts": owner.execute("SELECT * FROM counts ORDER BY 1, 2, 3").fetchall(),
        }


def in_force(database) -> list[tuple]:
    with psycopg.connect(database.owner) as owner:
        return owner.execute(
            "SELECT id, version, value::int, added_in, nullif(ended_in, 2147483647) FROM observations ORDER BY 1, 2"
        ).fetchall()


@pytest.fixture
def register(tmp_path):
    return released(tmp_path / "register", ONE, "1.0.0", "2024-05-01")


def test_a_load_brings_all_releases(database, register):
    released(register, TWO, "1.1.0", "2024-06-01")
    assert load_register(database.owner, register).added == ("1.0.0", "1.1.0")
    assert in_force(database) == [("bbbb2", 1, 116, 1, None), ("bbbb3", 1, 170, 1, 2), ("bbbb3", 2, 169, 2, None)]


def test_a_release_is_public_once_it_is_loaded(database, register):
    settings = Settings(database_url=database.reader)
    assert find_publication(settings, register, read_newest_release(register)) is None
    load_register(database.owner, register)
    assert find_publication(settings, register, read_newest_release(register)) == "the database"
    assert (
        find_publication(Settings(owner_url=database.owner), register, read_newest_release(register)) == "the database"
    )
    released(register, TWO, "1.1.0", "2024-06-01")
    assert find_publication(settings, register, read_newest_release(register)) is None


def test_a_database_that_does_not_show_what_it_has_loaded_makes_nothing_a_draft_again(database, register):
    load_register(database.owner, register)
    sealed = read_newest_release(register)
    reader, both = (
        Settings(database_url=database.reader),
        Settings(database_url=database.reader, owner_url=database.owner),
    )
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("REVOKE SELECT ON releases FROM misconduct_reader")
        with pytest.raises(DatabaseUnreachable, match=r"not known: .*permission denied for table releases"):
            find_publication(reader, register, sealed)
        assert find_publication(both, register, sealed) == "the database"
        owner.execute("ALTER TABLE releases RENAME TO elsewhere")
        with pytest.raises(DatabaseUnreachable, match=r'not known: .*relation "releases" does not exist'):
            find_publication(both, register, sealed)


def test_a_later_load_brings_only_what_is_new_and_the_result_is_the_same(database, register, postgres):
    load_register(database.owner, register)
    released(register, TWO, "1.1.0", "2024-06-01")
    loaded = load_register(database.owner, register)
    assert (loaded.added, loaded.observations) == (("1.1.0",), 1)
    step_by_step = contents(database)
    with psycopg.connect(database.owner) as owner:
        owner.execute(
            "TRUNCATE releases, records, manifest_lines, assessments, files, file_contents, observations, counts"
        )
    load_register(database.owner, register)
    assert contents(database) == step_by_step


def test_each_release_keeps_what_its_codes_count(database, register):
    more = TWO + "    bbbb4 | 1 | 2023 | 3\n"
    released(register, more, "1.1.0", "2024-06-01")
    load_register(database.owner, register)
    with psycopg.connect(database.owner) as owner:
        found = owner.execute(
            "SELECT release, name, code, content FROM counts WHERE name <> 'category' ORDER BY 1, 2 DESC"
        ).fetchall()
    first, second = (
        {"series": 1, "dated": 1, "alike": [["year", "2021", "2021-01-01", last, figures]]}
        for last, figures in (("2022-12-31", 2), ("2023-12-31", 3))
    )
    assert found == [
        (1, "measure", "accused", first), (1, "area", "E23000001", first),
        (2, "measure", "accused", second), (2, "area", "E23000001", second),
    ]  # fmt: skip


def test_loading_the_same_register_twice_changes_nothing(database, register):
    load_register(database.owner, register)
    before = contents(database)
    loaded = load_register(database.owner, register)
    assert (loaded.added, loaded.observations, contents(database)) == ((), 0, before)


def recalled(database) -> dict[str, str | None]:
    with psycopg.connect(database.owner) as owner:
        return dict(owner.execute("SELECT number, recalled FROM releases").fetchall())


def test_hedged_numbers_near_zero_are_those_that_were_loaded(database, tmp_path):
    root = write_register(
        tmp_path / "small",
        """
        id    | statistic | unit       | qualifier | hedge      | value     | printed
        bbbb2 | share     | proportion | less_than | fewer than | 0.0000005 | one in 2,000,000
        bbbb3 | change    | count      | less_than | fewer than | -0        | -0
        bbbb4 | mean      | count      | at_most   | at most    | 0.30      | 0.30
        """,
    )
    seal(root, "1.0.0", "2024-05-01")
    load_register(database.owner, root)
    assert not load_register(database.owner, root).added


def test_a_release_is_recalled_while_a_load_builds_the_files_of_the_next(database, register):
    released(register, TWO, "1.1.0", "2024-06-01")
    load_register(database.owner, register)
    released(register, TWO + "    bbbb4 | 1 | 2023 | 3\n", "1.2.0", "2024-07-01")

    def recall(stage: str, done: int, _total: int) -> None:
        if stage == load.BUILDING and done == 0:
            assert recall_release(database.owner, "1.1.0", "Wrong.") == "1.0.0"

    load_register(database.owner, register, on_progress=recall)
    assert recalled(database) == {"1.0.0": None, "1.1.0": "Wrong.", "1.2.0": None}


def test_a_recall_while_a_load_deletes_everything_to_write_it_again_is_kept(database, register):
    released(register, TWO, "1.1.0", "2024-06-01")
    load_register(database.owner, register)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("""
            CREATE FUNCTION await_recall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                WHILE NOT EXISTS (SELECT FROM releases WHERE recalled IS NOT NULL) LOOP PERFORM pg_sleep(0.01); END LOOP;
                RETURN NULL;
            END $$;
            CREATE TRIGGER slow BEFORE DELETE ON records FOR EACH STATEMENT EXECUTE FUNCTION await_recall()
        """)
        loading = threading.Thread(target=load_register, args=(database.owner, register), kwargs={"rebuild": True})
        loading.start()
        while not owner.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").fetchone():
            assert loading.is_alive()
        recall_release(database.owner, "1.1.0", "Wrong.")
        loading.join()
    assert recalled(database) == {"1.0.0": None, "1.1.0": "Wrong."}


def test_a_recall_waits_for_a_load_that_deleted_everything_to_write_it_again(database, register):
    released(register, TWO, "1.1.0", "2024-06-01")
    load_register(database.owner, register)
    waiting = list[threading.Thread]()

    def recall(stage: str, done: int, _total: int) -> None:
        if stage == load.BUILDING and done == 0:
            waiting.append(threading.Thread(target=recall_release, args=(database.owner, "1.1.0", "Wrong.")))
            waiting[0].start()
            with psycopg.connect(database.owner, autocommit=True) as owner:
                while not owner.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                    assert waiting[0].is_alive()

    load_register(database.owner, register, rebuild=True, on_progress=recall)
    waiting[0].join()
    assert recalled(database) == {"1.0.0": None, "1.1.0": "Wrong."}


def test_a_row_that_somebody_else_holds_is_not_called_another_load(database, register):
    load_register(database.owner, register)
    released(register, TWO, "1.1.0", "2024-06-01")
    with psycopg.connect(database.owner) as other:
        other.execute("LOCK TABLE records IN SHARE MODE")
        with pytest.raises(DatabaseUnreachable, match="nothing has changed: canceling statement due to lock timeout"):
            load_register(database.owner, register)


def test_a_load_that_finds_the_database_damaged_says_so_in_a_line(database, register):
    with psycopg.connect(database.owner) as owner:
        owner.execute("""
            CREATE FUNCTION damaged() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'invalid page in block 7' USING ERRCODE = 'XX001'; END $$;
            CREATE TRIGGER damaged BEFORE INSERT ON records EXECUTE FUNCTION damaged()
        """)
    with pytest.raises(DatabaseUnreachable, match="The load was stopped; nothing has changed: invalid page in block 7"):
        load_register(database.owner, register)


def test_a_first_load_leaves_every_index_as_the_migrations_made_it(database, register):
    def indexes() -> list[tuple]:
        with psycopg.connect(database.owner) as owner:
            found = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
            keys = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('p', 'f') ORDER BY 1"
            return owner.execute(found).fetchall() + owner.execute(keys).fetchall()

    before = indexes()
    load_register(database.owner, register)
    assert indexes() == before


def test_a_load_tells_when_its_files_begin_and_end_and_how_many_figures_they_have(database, register):
    told = []
    load_register(database.owner, register, on_progress=lambda *progress: told.append(progress))
    assert [(done, total) for stage, done, total in told if stage == load.BUILDING] == [(0, 2), (2, 2), (2, 2)]


def test_cells_are_loaded_as_they_are_whatever_characters_they_have(database, tmp_path):
    hedges = ["nearly\tall", "back\\slash", '"quoted"', "\\N", "two\nlines", "{a,b}", "£5", "'"]
    rows = "\n".join(f"{number} | just_under | HEDGE{number}" for number in range(len(hedges)))
    root = write_register(tmp_path / "data", f"value | qualifier | hedge\n{rows}")
    paper = root / "observations/paper.csv"
    with paper.open(newline="") as file:
        header, *found = csv.reader(file)
    at, place = header.index("hedge"), header.index("hedge_at")
    for row in found:
        row[at] = hedges[int(row[at].removeprefix("HEDGE"))]
        row[place] = f"char=0,{len(row[at])}"
    with paper.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *found])
    seal(root, "1.0.0", "2024-05-01")
    load_register(database.owner, root)
    with psycopg.connect(database.owner) as owner:
        loaded = owner.execute("SELECT hedge, also_at, caveats, period_end FROM observations ORDER BY id").fetchall()
    assert loaded == [(hedge, [], [], None) for hedge in hedges]


def test_a_mistake_anywhere_leaves_the_database_as_it_was(database, register):
    load_register(database.owner, register)
    before = contents(database)
    write_register(
        register,
        TWO.replace("169", "168 | 169")
        .replace("value", "value | printed")
        .replace("116", "116 | 116")
        .replace("170", "170 | 170"),
    )
    with pytest.raises(RegisterRefused) as refused:
        load_register(database.owner, register, drafts=True)
    assert "168" in str(refused.value)
    assert contents(database) == before


def test_a_register_without_a_release_says_how_to_make_one(database, tmp_path):
    with pytest.raises(NothingReleased, match="misconduct release"):
        load_register(database.owner, write_register(tmp_path / "register", ONE))


def test_drafts_are_shown_on_request_and_taken_back_without_a_trace(database, register):
    load_register(database.owner, register)
    before = contents(database)
    write_register(register, TWO)
    assert load_register(database.owner, register, drafts=True).current == "draft"
    assert in_force(database) == [("bbbb2", 1, 116, 1, None), ("bbbb3", 1, 170, 1, 2), ("bbbb3", 2, 169, 2, None)]
    assert load_register(database.owner, register).current == "1.0.0"
    assert contents(database) == before


def test_a_register_with_another_past_is_refused(database, register, tmp_path):
    load_register(database.owner, register)
    other = released(tmp_path / "other", ONE.replace("116", "117"), "1.0.0", "2024-05-02")
    before = contents(database)
    with pytest.raises(RegisterDiverged, match=r"1\.0\.0"):
        load_register(database.owner, other)
    assert contents(database) == before


def test_mistakes_in_a_register_with_another_past_are_told_before_that_it_has_one(database, register):
    load_register(database.owner, register)
    for suffix in (".csv", ".yaml"):
        (register / "releases" / f"1.0.0{suffix}").unlink()
    with pytest.raises(RegisterDiverged, match=r"register/releases/1\.0\.0\.csv"):
        load_register(database.owner, register)
    write_register(register, TWO)
    with pytest.raises(RegisterRefused, match="bbbb3@2 is here, but no release has bbbb3@1"):
        load_register(database.owner, register)


def test_readers_see_the_old_release_until_the_new_one_is_whole(database, register, monkeypatch):
    load_register(database.owner, register)
    released(register, TWO, "1.1.0", "2024-06-01")
    held, go_on = threading.Event(), threading.Event()
    write = load._write

    def write_and_wait(*arguments):
        written = write(*arguments)
        held.set()
        go_on.wait(10)
        return written

    monkeypatch.setattr(load, "_write", write_and_wait)
    loading = threading.Thread(target=load_register, args=(database.owner, register))
    loading.start()
    held.wait(10)
    with psycopg.connect(database.reader) as reader:
        assert reader.execute("SELECT array_agg(number) FROM releases").fetchone() == (["1.0.0"],)
        assert reader.execute("SELECT count(*) FROM observations").fetchone() == (2,)
    go_on.set()
    loading.join()
    with psycopg.connect(database.reader) as reader:
        assert reader.execute("SELECT count(*) FROM observations").fetchone() == (3,)


def test_two_loads_take_turns_and_the_one_that_waits_too_long_says_so(database, register, monkeypatch):
    monkeypatch.setattr(load, "LOCK_SECONDS", 1)
    with psycopg.connect(database.owner) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [load.LOAD_LOCK])
        with pytest.raises(LoadInProgress):
            load_register(database.owner, register)
    assert load_register(database.owner, register).added == ("1.0.0",)


LOAD_AND_HANG = """
import sys, time
from pathlib import Path
from misconduct.publish import files, load
write = load._write
def hang(*arguments):
    write(*arguments)
    print("written", flush=True)
    time.sleep(60)
load._write = hang
load.load_register(sys.argv[1], Path(sys.argv[2]))
"""


def test_a_release_that_is_loaded_just_now_is_not_withdrawn(database, register, monkeypatch):
    load_register(database.owner, register)
    released(register, TWO, "1.1.0", "2024-06-01")
    settings, sealed = Settings(database_url=database.reader), read_newest_release(register)
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD_AND_HANG, database.owner, str(register)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "written\n"
        with pytest.raises(DatabaseUnreachable, match=r"not known: .*a load is running"):  # also of another copy
            find_publication(settings, register, sealed)
        monkeypatch.setattr(editors, "_PATIENCE", 0.2)
        with pytest.raises(RegisterInUse, match="is loaded just now"), editors.withdrawing(register):
            pass
    finally:
        process.kill()
        process.communicate()
    with editors.withdrawing(register), pytest.raises(RegisterInUse, match="A release is withdrawn from"):
        load_register(database.owner, register)
    wait_for_no_load(database)
    assert find_publication(settings, register, sealed) is None
    assert load_register(database.owner, register).added == ("1.1.0",)


def wait_for_no_load(database) -> None:
    for _ in range(100):
        with psycopg.connect(database.owner) as owner:
            if not owner.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").fetchall():
                return
        time.sleep(0.05)


def test_a_killed_load_leaves_the_old_release_and_the_next_one_succeeds(database, register):
    load_register(database.owner, register)
    before = contents(database)
    released(register, TWO, "1.1.0", "2024-06-01")
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD_AND_HANG, database.owner, str(register)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert contents(database) == before
    wait_for_no_load(database)
    assert load_register(database.owner, register).added == ("1.1.0",)


def files_of(owner_url: str) -> dict[tuple[int, str], bytes]:
    """The bytes of every stored file, by release and name."""
    with psycopg.connect(owner_url) as owner:
        rows = owner.execute(
            "SELECT release, name, p.length, bytes FROM files JOIN file_contents p USING (sha256) ORDER BY 1, 2, number"
        )
        found: dict[tuple[int, str], bytes] = {}
        for release, name, length, piece in rows:
            whole = piece if len(piece) == length else zlib.decompress(piece)
            found[release, name] = found.get((release, name), b"") + whole
        return found


@pytest.mark.slow
def test_no_file_names_the_service_that_it_is_got_from(database):
    load_register(database.owner, PROJECT / "data")
    stored = files_of(database.owner)
    assert {Path(name).suffix for _, name in stored} == {".csv", ".parquet", ".zip"}
    ours = rb"(?:https?:)?//[^\s\"'<>|]*/(?:v1|observations)/"
    assert {(name, found) for (_, name), content in stored.items() for found in re.findall(ours, content)} == set()
    assert b",/v1/observations/cxqbc?release=1.2.0," in stored[3, "observations.csv"]
    assert b"localhost" not in b"".join(stored.values())


def test_files_are_built_once_and_kept_whatever_code_or_libraries_are_installed_later(database, register, monkeypatch):
    load_register(database.owner, register)
    as_built = files_of(database.owner)
    there = encoders.encoders()
    elsewhere = {**there, "code": "0", "polars": "0.1"}
    for module in (encoders, load, files):
        monkeypatch.setattr(module, "encoders", lambda: elsewhere)
    released(register, TWO, "1.1.0", "2024-06-01")
    loaded = load_register(database.owner, register)
    assert (loaded.added, loaded.rebuilt) == (("1.1.0",), ())
    assert {key: one for key, one in files_of(database.owner).items() if key[0] == 1} == as_built
    with psycopg.connect(database.reader) as reader:
        built = reader.execute("SELECT DISTINCT release, built_by FROM files ORDER BY 1").fetchall()
    assert built == [(1, there), (2, elsewhere)]


def test_a_file_that_is_missing_is_built_again_and_no_other(database, register):
    load_register(database.owner, register)
    as_built = files_of(database.owner)
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE file_contents SET bytes = 'old', length = 3 FROM files f WHERE f.sha256 = file_contents.sha256 AND name = 'bundle.zip'")  # fmt: skip
        owner.execute("DELETE FROM files WHERE name = 'observations.csv'")
    assert load_register(database.owner, register).rebuilt == ("1.0.0",)
    assert files_of(database.owner) == {**as_built, (1, "bundle.zip"): b"old"}
    assert load_register(database.owner, register).rebuilt == ()


def test_equal_files_are_stored_once_and_bytes_that_no_file_has_are_deleted(database, register):
    load_register(database.owner, register)
    before = files_of(database.owner)
    with psycopg.connect(database.owner) as owner:
        owner.execute("INSERT INTO files SELECT release, 'copy', media_type, length, sha256 FROM files WHERE name = 'bundle.zip'")  # fmt: skip
        owner.execute("INSERT INTO file_contents VALUES (0, 'unused', repeat('0', 64), 6)")
    load_register(database.owner, register)
    assert files_of(database.owner) == {**before, (1, "copy"): before[1, "bundle.zip"]}
    with psycopg.connect(database.owner) as owner:
        assert owner.execute("SELECT count(DISTINCT sha256) FROM file_contents").fetchone() == (
            3,
        )  # both tables have all figures


def test_a_sum_that_is_no_whole_number_of_53_bits_is_loaded_again_as_what_it_was(database, tmp_path):
    """It is written 1.8e+16, of which Postgres makes an integer."""
    check = "- {id: adds-up, version: 1, type: sum_of_parts, title: Do they?, whole: bbbb2, parts: [bbbb3, bbbb4]}"
    table = "id | value\n bbbb2 | 5\n bbbb3 | 9000000000000000\n bbbb4 | 9000000000000000"
    root = write_register(tmp_path / "assessed", table, **{"checks.yaml": check.replace("}", ", explanation: No.}")})
    seal(root, "1.0.0", "2024-05-01")
    load_register(database.owner, root)
    assert load_register(database.owner, root).added == ()


def test_results_that_other_code_computed_are_computed_again_and_not_taken_for_changed(database, tmp_path):
    check = "- {id: adds-up, version: 1, type: sum_of_parts, title: Do they?, whole: bbbb2, parts: [bbbb3, bbbb4]}"
    table = "id | value\n bbbb2 | 10\n bbbb3 | 4\n bbbb4 | 6"
    root = write_register(tmp_path / "assessed", table, **{"checks.yaml": check})
    seal(root, "1.0.0", "2024-05-01")
    load_register(database.owner, root)
    outcome = {"result": "holds", "stated": 10, "computed": 10, "unlike": [], "missing_years": []}
    with psycopg.connect(database.owner) as owner:
        owner.execute("""UPDATE assessments SET content = content || '{"stated": "10"}'""")
        owner.execute("UPDATE records SET content = content - 'asserted' WHERE kind = 'check'")
    with pytest.raises(DatabaseChanged, match="the result of check adds-up in release 1 was changed"):
        load_register(database.owner, root)
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE releases SET files_built_by = NULL")
    load_register(database.owner, root)
    with psycopg.connect(database.owner) as owner:
        assert owner.execute("SELECT content FROM assessments").fetchall() == [(outcome,)]


def test_what_other_code_derived_from_a_row_is_derived_again_and_not_taken_for_changed(database, register):
    load_register(database.owner, register)
    read = "SELECT id, year, value_low FROM observations ORDER BY id"
    with psycopg.connect(database.owner) as owner:
        loaded = owner.execute(read).fetchall()
        owner.execute("UPDATE observations SET value_low = 7, year = '1999'")
    with pytest.raises(DatabaseChanged, match="was changed"):
        load_register(database.owner, register)
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE releases SET files_built_by = NULL")
    with psycopg.connect(database.reader) as reader:
        found = [*compare_database(reader, open_register(register, Mistakes()), 1, lambda _done, _all: None)]
    assert [one.partition(" has other ")[0] for one in found] == [f"observation {one} version 1" for one, *_ in loaded]
    assert sorted(load_register(database.owner, register).derived_anew) == [one for one, *_ in loaded]
    with psycopg.connect(database.owner) as owner:
        assert owner.execute(read).fetchall() == loaded
        owner.execute("UPDATE observations SET value = 7")
        owner.execute("UPDATE releases SET files_built_by = NULL")
    with pytest.raises(DatabaseChanged, match="was changed"):
        load_register(database.owner, register)


@pytest.mark.parametrize(
    ("change", "how"),
    [
        ("DELETE FROM counts WHERE name = 'measure' AND release = 2", "measure accused in release 2 is missing"),
        ("UPDATE counts SET content = jsonb_set(content, '{alike,0,4}', '9') WHERE name = 'area'", "area .* in release 1 was changed"),
        ("UPDATE counts SET content = '5' WHERE name = 'measure'", "measure accused in release 1 was changed"),
        ("INSERT INTO counts SELECT release, name, 'other', content FROM counts WHERE name = 'area'", "area other in release 1 was changed"),
    ],
)  # fmt: skip
def test_a_count_that_was_changed_since_the_load_is_named(database, register, change, how):
    released(register, TWO, "1.1.0", "2024-06-01")
    load_register(database.owner, register)
    load_register(database.owner, register)
    with psycopg.connect(database.owner) as owner:
        owner.execute(change)
    with pytest.raises(DatabaseChanged, match=f"the count of {how}"):
        load_register(database.owner, register)
    load_register(database.owner, register, rebuild=True)
    load_register(database.owner, register)
    with psycopg.connect(database.owner) as owner:
        owner.execute("DELETE FROM counts WHERE release = 1")  # as if an earlier program had loaded it
    load_register(database.owner, register)


def test_the_encoders_are_known_by_every_byte_of_their_sources(tmp_path, monkeypatch):
    for package in encoders.PACKAGES:
        shutil.copytree(PROJECT / "app" / "misconduct" / package, tmp_path / package)
    monkeypatch.setattr(encoders, "PACKAGE", tmp_path)
    as_here = encoders.encoders.__wrapped__()
    assert as_here == encoders.encoders()
    source = tmp_path / "formats" / "csv.py"
    source.write_bytes(source.read_bytes() + b"#")
    assert encoders.encoders.__wrapped__()["code"] != as_here["code"]
    assert set(as_here) == {"code", "zlib", *encoders.LIBRARIES}
