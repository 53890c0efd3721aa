"""What is changed in the database itself is named by `misconduct doctor` and refused by `misconduct load`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from misconduct.cli import DATA
from misconduct.db.urls import Urls
from misconduct.doctor import contents
from misconduct.doctor.examine import BYTES, ROWS, examine
from misconduct.doctor.finding import Finding
from misconduct.errors import DatabaseChanged, DatabaseUnreachable
from misconduct.publish.load import load_register
from misconduct.settings import Settings
from tests.conftest import PROJECT, create_database, drop_database, urls_of
from tests.registers import seal, write_register

ADDRESS = "https://figures.example"

ROWS_CHANGED = {
    "UPDATE observations SET value = 9999, printed = '9,999' WHERE id = 'cxqbc' AND version = 1": "observation cxqbc version 1 was changed",
    "UPDATE observations SET printed = '9', sha256 = sha256('forged') WHERE id = 'cxqbc' AND version = 2": "observation cxqbc version 2 was changed",
    "UPDATE observations SET period_until = 'infinity' WHERE {fourth}": "observation {fourth} version 1 was changed",
    "UPDATE observations SET duration = '' WHERE {fifth}": "observation {fifth} version 1 was changed",
    "UPDATE observations SET also_at = ARRAY['a', NULL] WHERE {sixth}": "observation {sixth} version 1 was changed",
    "UPDATE observations SET ended_in = 2 WHERE {seventh}": "observation {seventh} version 1 is in force in other releases than the manifests say",
    "DELETE FROM observations WHERE id = 'k7m3q' AND version = 1": "observation k7m3q version 1 is missing",
    "INSERT INTO observations SELECT (jsonb_populate_record(o, '{{\"id\": \"zzzzz\"}}')).* FROM observations o WHERE {fourth}": "observation zzzzz version 1 is in no release",
    "UPDATE records SET content = content || '{{\"label\": \"Pigs\"}}' WHERE kind = 'code' AND id = 'unit/percent'": "code unit/percent version 1 was changed",
    "UPDATE records SET ended_in = 2 WHERE kind = 'code' AND id = 'unit/proportion'": "code unit/proportion version 1 is in force in other releases than the manifests say",
    "INSERT INTO records SELECT kind, 'unit/pigs', 1, content, sha256, added_in, ended_in FROM records WHERE id = 'unit/count'": "code unit/pigs version 1 is in no release",
    "DELETE FROM records WHERE kind = 'code' AND id = 'unit/count'": "code unit/count version 1 is missing",
    "UPDATE manifest_lines SET reason = 'None.' WHERE kind = 'caveat' AND id = 'broken_sentence' AND version = 2": "manifest line 2 caveat broken_sentence version 2 added was changed",
    "UPDATE releases SET summary = 'None.' WHERE ordinal = 1": "release 1.0.0 was changed",
}  # fmt: skip
"""Statements that change the database, and what doctor reports."""

EDIT = next(iter(ROWS_CHANGED))
BYTE = """UPDATE file_contents SET bytes = set_byte(bytes, 9, get_byte(bytes, 9) # 1)
WHERE sha256 = (SELECT sha256 FROM files WHERE release = 1 AND name = 'observations.csv') AND number = 0"""
REMOVAL = ("DELETE FROM files WHERE {0}",)


@pytest.fixture(scope="module")
def loaded(postgres) -> Iterator[str]:
    """A database with the real register, of which tests take copies."""
    name = create_database(postgres, "misconduct")
    load_register(urls_of(postgres, name).owner, PROJECT / DATA)
    yield name
    drop_database(postgres, name)


@pytest.fixture
def copied(postgres, loaded) -> Iterator[Urls]:
    name = create_database(postgres, loaded)
    yield urls_of(postgres, name)
    drop_database(postgres, name)


def change(database: Urls, *statements: str) -> None:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        for statement in statements:
            assert connection.execute(statement.encode()).rowcount != 0, statement


def look(database: Urls, register: Path, subject: str, **others) -> Finding:
    settings = Settings(database_url=database.reader, owner_url=database.owner, base_url=ADDRESS, port=8000)
    (finding,) = (one for one in examine(settings, register, **others) if one.subject == subject)
    return finding


def run(database: Urls, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from misconduct.cli import app; app(prog_name='misconduct')", *arguments]
    environment = {
        "MISCONDUCT_DATABASE_URL": database.reader,
        "MISCONDUCT_OWNER_URL": database.owner,
        "MISCONDUCT_BASE_URL": ADDRESS,
    }
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=PROJECT, env={**os.environ, **environment}
    )


def test_every_changed_row_is_named_by_doctor_and_a_load_is_refused(copied):
    with psycopg.connect(copied.owner) as connection:
        query = "SELECT id FROM observations WHERE id NOT IN ('k7m3q', 'cxqbc') AND version = 1 AND period_until < 'infinity' ORDER BY id LIMIT 4"
        ids = [identity for (identity,) in connection.execute(query)]
    named = dict(zip(("fourth", "fifth", "sixth", "seventh"), ids, strict=True))
    where = {name: f"id = '{identity}' AND version = 1" for name, identity in named.items()}
    change(copied, *(statement.format(**where) for statement in ROWS_CHANGED))
    finding = look(copied, PROJECT / DATA, "contents")
    assert finding.state == "fail"
    assert sorted(finding.found.split("; ")) == sorted(found.format(**named) for found in ROWS_CHANGED.values())
    assert "`misconduct load --rebuild`" in finding.to_do
    with pytest.raises(DatabaseChanged, match=r"was changed since it was loaded: .*; and 9 more\."):
        load_register(copied.owner, PROJECT / DATA)


def test_computed_results_are_computed_again(copied):
    change(
        copied,
        "UPDATE assessments SET content = content || '{\"result\": \"fine\"}' WHERE kind = 'check' AND release = 3",
    )
    found = look(copied, PROJECT / DATA, "contents").found.split("; ")
    assert found[0].startswith("the result of check ")
    assert all(one.endswith(" in release 3 was changed") for one in found[:-1])


def test_every_changed_file_is_named_by_doctor(copied):
    missing = ("release = 1 AND name = 'bundle.zip'", "release = 2 AND name = 'allegations.parquet'")
    change(copied, BYTE, "UPDATE files SET sha256 = repeat('0', 64) WHERE release = 3 AND name = 'bundle.zip'")
    change(copied, *(statement.format(where) for where in missing for statement in REMOVAL))
    finding = look(copied, PROJECT / DATA, "files")
    assert finding.state == "fail"
    assert set(finding.found.split("; ")) == {
        "1.0.0/bundle.zip is missing",
        "1.1.0/allegations.parquet is missing",
        "1.0.0/observations.csv does not match its SHA-256",
        "1.2.0/bundle.zip is incomplete",
    }
    assert "`misconduct load --rebuild --files FOLDER`" in finding.to_do


def test_a_piece_of_a_file_under_another_number_is_named(copied):
    change(copied, f"UPDATE file_contents SET number = 1 {BYTE[BYTE.index('WHERE') :]}")
    found = look(copied, PROJECT / DATA, "files", whole=True)
    assert (found.state, found.found) == ("fail", "1.0.0/observations.csv does not match its SHA-256")


def test_a_rebuild_repairs_what_was_changed(copied):
    change(copied, EDIT, BYTE, "DELETE FROM observations WHERE id = 'k7m3q' AND version = 1")
    done = run(copied, "doctor", "--register", "data")
    assert done.returncode == 1
    assert (
        "\nfail  contents: observation cxqbc version 1 was changed; observation k7m3q version 1 is missing\n"
        in done.stdout
    )
    assert "\nfail  files: 1.0.0/observations.csv does not match its SHA-256\n" in done.stdout
    refused = run(copied, "load", "--register", "data")
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        "The database was changed since it was loaded: observation cxqbc version 1 was changed;"
    )
    rebuilt = run(copied, "load", "--register", "data", "--rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "everything replaced" in rebuilt.stderr
    found = {one["subject"]: one for one in json.loads(run(copied, "doctor", "--register", "data", "--json").stdout)}
    assert (found["contents"]["state"], found["files"]["state"]) == ("ok", "ok")
    assert run(copied, "load", "--register", "data").returncode == 0


ODD = """
id | version | value | unit | qualifier | printed | also_at | caveats | period_type | period_start | period_end | category
bbbb2 | 1 | 0.50 | percent | exact | 0.50 | char=1,5 char=11,15 | rounded early | year | 2022 | | a
bbbb3 | 1 | -0 | count | exact | -0 | | | year | 2022 | | b
bbbb4 | 1 | 0.00000010 | proportion | exact | 0.0000001 | | | window | 2019-02 | 2022-11-30 | c
bbbb5 | 1 | | count | magnitude | Hundreds “é” \\ , | | | point | 1802 | | d
bbbb6 | 1 | 170 | count | exact | 170 | | | unstated | | | e
bbbb7 | 1 | 171 | count | exact | 171 | | | year | 2022 | | f
"""
NEXT = "bbbb7 | 2 | 172 | count | exact | 172 | | | year | 2022 | | f\n"


def test_an_unchanged_database_passes_with_every_kind_of_row(database, tmp_path):
    register = write_register(tmp_path / "data", ODD)
    seal(register, "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    write_register(register, ODD + NEXT)
    seal(register, "1.1.0", "2024-06-01", ended=["bbbb6=Withdrawn."], reasons=["bbbb7=Misread."])
    load_register(database.owner, register)
    assert look(database, register, "contents").state == "ok"
    rows = register / "observations" / "paper.csv"
    kept = [line for line in rows.read_text("utf-8").splitlines(keepends=True) if not line.startswith("bbbb3,")]
    rows.write_text("".join(kept), "utf-8")
    seal(register, "1.2.0", "2024-07-01", removed=["bbbb3@1=A court order."])
    assert look(database, register, "contents").state == "ok", "a release that is not loaded yet changes nothing"
    load_register(database.owner, register)
    rows.write_text("".join([*kept, kept[-1].replace("bbbb7,2,", "bbbb7,3,").replace("172", "173")]), "utf-8")
    load_register(database.owner, register, drafts=True)
    finding = look(database, register, "contents")
    assert finding[1:3] == ("ok", "every row has the hash that its release lists, except the draft's")
    change(database, "UPDATE observations SET value = 174 WHERE version = 3")
    assert look(database, register, "contents").found == "observation bbbb7 version 3 was changed"
    load_register(database.owner, register)  # which takes the draft away


def test_files_are_read_as_far_as_the_bytes_go_and_all_of_them_with_whole(copied, monkeypatch):
    monkeypatch.setattr(contents, "SAMPLE_BYTES", 1)
    some, every = (look(copied, PROJECT / DATA, "files", whole=whole) for whole in (False, True))
    assert some.state == every.state == "ok"
    assert " and 1 of them, chosen at random, match their SHA-256 (" in some.found
    assert every.found.startswith("all ")
    assert every.found.endswith(" match their SHA-256")


def test_progress_is_told_of_rows_and_bytes(copied):
    told = []
    look(copied, PROJECT / DATA, "files", on_progress=lambda *progress: told.append(progress))
    assert {stage: done for stage, done, total in told if done == total}.keys() == {ROWS, BYTES}


def test_doctor_says_when_there_is_nothing_to_compare_with(copied, tmp_path):
    finding = look(copied, tmp_path / "nowhere", "contents")
    assert (finding.state, finding.found) == ("warn", f"not compared: there is no register in {tmp_path / 'nowhere'}")
    other = write_register(tmp_path / "other", "id | value\n bbbb2 | 116")
    seal(other, "1.0.0", "2024-05-01")
    assert look(copied, other, "contents").found == f"not compared: the releases are not those of {other}"
    broken = Path(shutil.copytree(PROJECT / DATA, tmp_path / "broken"))
    (broken / "caveats.yaml").write_text("- [")
    assert look(copied, broken, "contents").found == f"not compared: {broken} has mistakes"


@pytest.mark.parametrize("style", ["German", "SQL, DMY"])
def test_a_database_that_writes_dates_and_texts_in_its_own_way_is_loaded_and_examined(
    postgres, database, tmp_path, style
):
    name = psycopg.conninfo.conninfo_to_dict(database.owner)["dbname"]
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} SET DateStyle = {style}")
        admin.execute(f"ALTER DATABASE {name} SET standard_conforming_strings = off")
    register = write_register(tmp_path / "data", "id | value\n bbbb2 | 116")
    seal(register, "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    settings = Settings(database_url=database.reader, owner_url=database.owner)
    found = {(one.subject, one.state) for one in examine(settings, register)}
    assert found >= {("clock", "ok"), ("contents", "ok"), ("caches", "ok")}
    write_register(register, "id | value\n bbbb2 | 116\n bbbb3 | 117")
    seal(register, "1.1.0", "2024-06-01")
    assert load_register(database.owner, register).added == ("1.1.0",)  # what is there was not changed


def test_a_load_into_a_standby_says_what_is_wrong(postgres, database, tmp_path):
    register = write_register(tmp_path / "data", "id | value\n bbbb2 | 116")
    seal(register, "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    write_register(register, "id | value\n bbbb2 | 116\n bbbb3 | 117")
    seal(register, "1.1.0", "2024-06-01")
    name = psycopg.conninfo.conninfo_to_dict(database.owner)["dbname"]
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(DatabaseUnreachable) as refused:
        load_register(database.owner, register)
    assert refused.value.message.startswith("The load was stopped; nothing has changed: cannot execute ")
    assert refused.value.hint.endswith("Is the server a standby?")
