"""`misconduct doctor`: every fault that it should find is caused, and it says what to do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from misconduct.db import encoders
from misconduct.db.urls import Urls
from misconduct.doctor.contents import empty_database
from misconduct.doctor.examine import examine, examine_names
from misconduct.doctor.finding import Finding, as_lines
from misconduct.publish.load import load_register
from misconduct.settings import Settings
from tests.conftest import PROJECT
from tests.registers import seal, write_register

TABLE = "id | value\n bbbb2 | 116\n bbbb3 | 170"
encoders_here = encoders.encoders()
SOUND = {"base_url": "https://figures.example", "contact": "desk@figures.example", "port": 8000}


@pytest.fixture
def register(tmp_path, database) -> Path:
    """A register with one release, which the database holds."""
    data = write_register(tmp_path / "data", TABLE)
    seal(data, "1.0.0", "2024-05-01")
    load_register(database.owner, data)
    return data


def look(database: Urls, register: Path, **others) -> dict[str, Finding]:
    """The findings by their subject; of several the last that is not ok."""
    settings = Settings(**{"database_url": database.reader, "owner_url": database.owner, **SOUND, **others})
    findings = examine(settings, register)
    return {one.subject: one for one in sorted(findings, key=lambda one: one.state != "ok")}


def change(database: Urls, *statements: str) -> None:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("noted", ["NULL", 'files_built_by || \'{"code": "0"}\''])
def test_results_of_another_version_are_found_until_they_are_computed_again(database, register, noted):
    assert look(database, register)["encoders"].state == "ok"
    change(database, f"UPDATE releases SET files_built_by = {noted}")
    finding = look(database, register)["encoders"]
    assert finding.state == "warn"
    assert finding.found == "the results of checks of 1.0.0 were computed by another version of the code"
    assert "`misconduct load`" in finding.to_do
    load_register(database.owner, register)
    assert look(database, register)["encoders"].state == "ok"


def test_files_that_another_version_built_are_counted_and_kept(database, register):
    change(database, "UPDATE files SET built_by = built_by || '{\"polars\": \"0\"}' WHERE name = 'bundle.zip'")
    finding = look(database, register)["encoders"]
    assert (finding.state, finding.found) == (
        "ok",
        "results are by this code; of 5 files, 1 are kept as another version built them",
    )


def test_connections_that_end_while_hosts_are_asked_are_opened_again(database, postgres, register, monkeypatch):
    def end_all(_url):
        with psycopg.connect(postgres.admin_url, autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename <> current_user AND datname = %s",
                [name],
            )
        return iter(())

    name = psycopg.conninfo.conninfo_to_dict(database.reader)["dbname"]
    monkeypatch.setattr("misconduct.doctor.examine.examine_hosts", end_all)
    found = look(database, register)
    assert {one.subject: one.state for one in found.values() if one.state == "fail"} == {}
    assert found["contents"].state == "ok"


def test_a_manifest_that_cannot_be_read_is_a_finding_among_the_others(database):
    socket = psycopg.conninfo.conninfo_to_dict(database.reader)["host"]
    with tempfile.TemporaryDirectory(prefix="mt-") as name:
        data = write_register(Path(name) / "data", TABLE)
        Path(name).chmod(0o755)
        seal(data, "1.0.0", "2024-05-01")
        load_register(database.owner, data)
        manifest = data / "releases" / "1.0.0.csv"
        manifest.chmod(0)
        before = os.geteuid()
        if before == 0:  # which may read everything: the server's user may not
            os.seteuid(Path(socket).stat().st_uid)
        try:
            findings = look(database, data)
        finally:
            os.seteuid(before)
    failed = {one.subject: one.found for one in findings.values() if one.state == "fail"}
    assert failed == dict.fromkeys(["releases", "contents"], f"not examined: Permission denied: {manifest}")
    assert findings["files"].state == "ok"


def test_another_address_does_not_outdate_files(database, register):
    assert look(database, register, base_url="https://new.example")["encoders"].state == "ok"


def test_every_finding_is_ok_in_a_sound_installation(database, register):
    findings = look(database, register)
    assert [one for one in findings.values() if one.state != "ok"] == []
    assert set(findings) == {
        "address", "contact", "database", "clock", "connections", "hosts", "replication", "reader", "limits",
        "contents", "files", "encoders", "caches", "releases", "indexes", "owner", "migrations", "settings",
    }  # fmt: skip
    assert findings["releases"].found == f"all 1 up to 1.0.0 have the digests of {register}"
    assert all((one.state == "ok") == (one.to_do == "") for one in findings.values())


@pytest.mark.parametrize(
    ("statements", "subject", "found"),
    [
        (["GRANT INSERT ON observations TO misconduct_reader"], "reader", "it may do more than read: INSERT on observations"),
        (["GRANT CREATE ON SCHEMA public TO misconduct_reader"], "reader", "it may do more than read: CREATE in schema public"),
        (["CREATE SCHEMA other", "GRANT CREATE ON SCHEMA other TO PUBLIC"], "reader", "it may do more than read: CREATE in schema other"),
        (["REVOKE SELECT ON observations FROM misconduct_reader"], "schema", "the reader cannot see observations.added_in, observations.also_at, observations.area and more"),
        (["REVOKE SELECT ON releases FROM misconduct_reader"], "releases", "permission denied for table releases"),
        (["ALTER TABLE observations RENAME hedge TO hedged"], "schema", "the reader cannot see observations.hedge"),
        (["UPDATE alembic_version SET version_num = '0002'"], "migrations", "at 0002; the code has "),
        (["DROP TABLE alembic_version"], "migrations", "at None; the code has "),
        (["UPDATE releases SET digest = repeat('0', 64)"], "releases", "1.0.0 does not have the digest that "),
        (["DELETE FROM file_contents WHERE sha256 = (SELECT sha256 FROM files WHERE name = 'bundle.zip')"], "files", "1.0.0/bundle.zip is incomplete"),
        (["DELETE FROM files"], "files", "release 1.0.0 has no files"),
        (["TRUNCATE releases CASCADE"], "releases", "none is loaded"),
    ],
)  # fmt: skip
def test_what_is_broken_in_the_database_fails_and_says_what_to_do(database, register, statements, subject, found):
    change(database, *statements)
    finding = look(database, register)[subject]
    assert finding.state == "fail"
    assert finding.found.startswith(found)
    assert finding.to_do


def test_of_an_empty_database_one_line_says_that_it_is(database, register):
    change(
        database,
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "GRANT USAGE ON SCHEMA public TO misconduct_reader",
    )
    findings = look(database, register)
    assert [one.subject for one in findings.values() if one.state == "fail"] == ["schema"]
    assert findings["schema"].found == "the reader sees no tables"
    assert findings["schema"].to_do.startswith("Run `misconduct load`.")


def test_an_index_that_is_missing_or_invalid_is_warned_of_with_the_statement_that_builds_it(
    postgres, database, register
):
    change(database, "DROP INDEX observations_area_id_idx", "ALTER TABLE counts DROP CONSTRAINT counts_pkey")
    name = psycopg.conninfo.conninfo_to_dict(database.owner)["dbname"]
    with psycopg.connect(postgres.admin_url, dbname=name) as admin:
        admin.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'observations_source_id_idx'::regclass"
        )
    finding = look(database, register)["indexes"]
    assert finding.state == "warn"
    assert finding.found == "missing or invalid: counts_pkey, observations_area_id_idx, observations_source_id_idx"
    change(database, *finding.to_do.removeprefix("As the owner: ").split("; "))
    assert look(database, register)["indexes"].state == "ok"


def test_files_that_are_missing_are_built_by_a_load(database, register):
    change(database, "DELETE FROM files WHERE name LIKE 'observations.%'")
    finding = look(database, register)["files"]
    assert finding.found == "1.0.0/observations.csv is missing; 1.0.0/observations.parquet is missing"
    assert finding.to_do.startswith("Run `misconduct load --files FOLDER` with what `misconduct files` copied last")
    load_register(database.owner, register)
    assert look(database, register)["files"].state == "ok"


def test_a_reader_that_may_make_temporary_tables_or_is_more_than_a_reader_fails(postgres, database, register):
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        name = psycopg.conninfo.conninfo_to_dict(database.owner)["dbname"]
        admin.execute(f"GRANT TEMP ON DATABASE {name} TO misconduct_reader")
    assert look(database, register)["reader"].found == "it may do more than read: TEMP in this database"
    as_owner = look(database, register, database_url=database.owner)
    assert as_owner["reader"].state == "fail"
    assert "INSERT on" in as_owner["reader"].found


def test_sessions_without_limits_are_warned_of(postgres, database, register):
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        name = psycopg.conninfo.conninfo_to_dict(database.owner)["dbname"]
        admin.execute(f"ALTER ROLE misconduct_reader IN DATABASE {name} SET statement_timeout = 0")
    said = "its role has settings that roles.sql does not set: statement_timeout=0"
    assert look(database, register)["limits"][:3] == ("limits", "fail", said)


@pytest.mark.parametrize("setting", ["search_path = nowhere", "statement_timeout = '900ms'", "work_mem = '6GB'"])
def test_settings_that_the_reader_gave_itself_are_named(database, register, setting):
    name = psycopg.conninfo.conninfo_to_dict(database.owner)["dbname"]
    with psycopg.connect(database.reader, autocommit=True) as thief:
        thief.execute("SET default_transaction_read_only = off")
        thief.execute(f"ALTER ROLE misconduct_reader IN DATABASE {name} SET {setting}".encode())
    findings = look(database, register)
    assert findings["limits"].state == "fail"
    named = setting.replace(" = ", "=").replace("'", "")
    assert findings["limits"].found == f"its role has settings that roles.sql does not set: {named}"
    assert findings["limits"].to_do.startswith("Run app/misconduct/db/roles.sql, which sets them back.")


def test_what_the_reader_gave_itself_does_not_write_on_the_terminal(database, register):
    """It would erase the line that tells of it, and hide what follows."""
    name = psycopg.conninfo.conninfo_to_dict(database.owner)["dbname"]
    with psycopg.connect(database.reader, autocommit=True) as thief:
        thief.execute("SET default_transaction_read_only = off")
        forged = r"E'\x1b[2K\rok    limits: in order\n\x1b[8m\x7f'"
        thief.execute(f"ALTER ROLE misconduct_reader IN DATABASE {name} SET search_path = {forged}".encode())
    [line] = [line for line in as_lines(look(database, register).values()) if line.startswith("fail  limits: ")]
    assert r"search_path=\x1b[2K\rok    limits: in order\n\x1b[8m" in line.replace('"', "")
    assert line.isprintable()
    status, out, _ = run(database, register, "--json")
    assert status == 1
    assert any("\x1b[8m" in one["found"] and "\x7f" in one["found"] for one in json.loads(out))
    assert out.replace("\n", "").isprintable()


def test_limits_that_the_address_takes_away_or_gives_are_those_of_the_sessions(postgres, database, register):
    limited = database.reader + ("&" if "?" in database.reader else "?") + "options="
    found = look(database, register, database_url=f"{limited}-c%20statement_timeout%3D0")
    assert found["limits"][:3] == ("limits", "warn", "not limited: statement_timeout")
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute("ALTER ROLE misconduct_reader RESET lock_timeout")
        try:
            given = look(database, register, database_url=f"{limited}-c%20lock_timeout%3D3s")
            assert given["limits"].state == "ok"
        finally:
            admin.execute("ALTER ROLE misconduct_reader SET lock_timeout = '2s'")


def test_a_reader_whose_role_has_lost_a_limit_is_warned_of(postgres, database, register):
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute("ALTER ROLE misconduct_reader RESET lock_timeout")
        try:
            assert look(database, register)["limits"][:3] == ("limits", "warn", "not limited: lock_timeout")
        finally:
            admin.execute("ALTER ROLE misconduct_reader SET lock_timeout = '2s'")


def test_a_release_that_is_not_loaded_yet_is_warned_of(database, register):
    write_register(register, TABLE + "\n bbbb4 | 7")
    seal(register, "1.1.0", "2024-06-01")
    finding = look(database, register)["releases"]
    assert finding == ("releases", "warn", "1.1.0 is not loaded; 1.0.0 is", "Run `misconduct load`.")


def test_a_release_that_the_register_lacks_asks_first_whether_it_is_the_right_register(database, register, tmp_path):
    other = write_register(tmp_path / "other", TABLE + "\n bbbb4 | 7")
    shutil.copytree(register / "releases", other / "releases")
    seal(other, "1.3.0", "2024-06-01")
    load_register(database.owner, other)
    finding = look(database, register)["releases"]
    assert finding.state == "fail"
    assert finding.found == f"1.3.0 is loaded, and there is no {register}/releases/1.3.0.csv"
    assert finding.to_do == (
        "Is this the register that was loaded? If not, name that one with --register. If it is, put the missing file back, or "
        "load into an empty database. To get an empty database, rename or drop this one and run app/misconduct/db/roles.sql, which "
        "creates it."
    )


def test_a_wrong_digest_names_the_file_and_how_to_start_again(database, register):
    change(database, "UPDATE releases SET digest = repeat('0', 64)")
    finding = look(database, register)["releases"]
    assert finding.found == f"1.0.0 does not have the digest that {register}/releases/1.0.0.csv gives"
    assert finding.to_do == (
        "Find out which of the two was changed (`misconduct verify-release`), then load into an empty database. To "
        "get an empty database, rename or drop this one and run app/misconduct/db/roles.sql, which creates it."
    )


def test_the_embedded_database_is_emptied_by_its_folder(tmp_path):
    expected = (
        f"To get an empty database, stop everything that uses it and move {tmp_path} away: the next start creates it."
    )
    assert empty_database(Settings(home=tmp_path, database_url=None, owner_url=None)) == expected


def test_a_schema_of_newer_code_asks_for_that_code_and_for_no_load(database, register):
    change(
        database, "UPDATE alembic_version SET version_num = '9999'", "ALTER TABLE observations RENAME hedge TO hedged"
    )
    findings = look(database, register)
    assert findings["migrations"].found.startswith("at 9999; the code has ")
    assert findings["migrations"].found.endswith(", and does not know 9999")
    for subject in ("migrations", "schema"):
        assert findings[subject].to_do == "Use the version of the code that created it, or a newer one."


def test_a_register_that_is_not_here_is_only_warned_of(database, register, tmp_path):
    assert look(database, tmp_path / "nowhere")["releases"].state == "warn"


def test_a_database_that_does_not_answer_fails_without_showing_its_password(database, register):
    finding = look(database, register, database_url="postgresql://misconduct_reader:secret@127.0.0.1:1/misconduct")["database"]  # fmt: skip
    assert finding.state == "fail"
    assert finding.found.startswith("MISCONDUCT_DATABASE_URL does not answer: ")
    assert "secret" not in str(finding)
    finding = look(database, register, owner_url="postgresql://misconduct_owner:secret@127.0.0.1:1/misconduct")["database"]  # fmt: skip
    assert finding.found.startswith("MISCONDUCT_OWNER_URL does not answer: ")


def test_a_refused_connection_keeps_its_reason(database, register):
    finding = look(database, register, database_url="postgresql://misconduct_reader@127.0.0.1:1/misconduct")["database"]
    assert finding.found.endswith("Connection refused")


def test_an_address_with_an_unescaped_at_is_not_shown(database, register):
    address = "postgresql://misconduct_reader:pass@word@127.0.0.1:5432/misconduct"
    for setting in ("database_url", "owner_url"):
        finding = look(database, register, **{setting: address})["database"]
        assert finding == (
            "database",
            "fail",
            f"MISCONDUCT_{setting.upper()} has more than one @.",
            "In a password, write @ as %40, : as %3A, / as %2F and ? as %3F (RFC 3986).",
        )


def test_an_unknown_setting_is_reported_with_the_nearest_one():
    names = ["MISCONDUCT_RATELIMIT", "misconduct_contcat", "MISCONDUCT_PORT", "MISCONDUCT_HOME", "PORT", "RATELIMIT"]
    finding = examine_names(names)
    assert (finding.subject, finding.state) == ("settings", "warn")
    assert finding.found == (
        "nothing reads MISCONDUCT_PORT, MISCONDUCT_RATELIMIT (did you mean MISCONDUCT_RATE_LIMIT?), "
        "misconduct_contcat (did you mean MISCONDUCT_CONTACT?)"
    )
    assert finding.to_do == "Correct or remove them; docs/operations.md lists the settings."


def test_no_setting_that_readme_names_is_warned_of():
    named = set(re.findall(r"MISCONDUCT_[A-Z_]+\b", (PROJECT / "README.md").read_text("utf-8")))
    passwords = {"MISCONDUCT_OWNER_PASSWORD", "MISCONDUCT_READER_PASSWORD"}
    assert "MISCONDUCT_REGISTER_PATH" in named
    assert examine_names(named | passwords | {"MISCONDUCT_CHROMIUM"}).state == "ok"


def test_without_the_owner_the_migrations_are_not_seen_and_that_is_said(database, register):
    finding = look(database, register, owner_url=None)["migrations"]
    assert (finding.state, finding.found[:11]) == ("ok", "not checked")


def test_settings_that_a_public_service_should_have_are_warned_of(database, register):
    findings = look(database, register, base_url=None, contact=None)
    assert (findings["address"].state, findings["contact"].state) == ("warn", "warn")


def test_without_a_database_doctor_says_how_to_create_one(tmp_path):
    findings = examine(Settings(home=tmp_path / "home", port=8000), tmp_path)
    assert findings[-1].to_do == "`misconduct serve` or `misconduct load` creates one."
    assert not (tmp_path / "home").exists()


def run(database: Urls, register: Path, *arguments: str) -> tuple[int, str, str]:
    command = [
        sys.executable,
        "-c",
        "from misconduct.cli import app; app(prog_name='misconduct')",
        "doctor",
        *arguments,
    ]
    environment = {"MISCONDUCT_DATABASE_URL": database.reader, "MISCONDUCT_OWNER_URL": database.owner}
    done = subprocess.run(
        [*command, "--register", str(register)], check=False, capture_output=True, text=True, cwd=PROJECT, env={**os.environ, **environment}
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_the_command_prints_a_line_for_each_and_exits_with_1_only_on_failure(database, register):
    status, out, err = run(database, register)
    assert (status, err) == (0, "")
    assert "\nok    reader: it may select, and nothing else\n" in out
    assert "\nwarn  contact: no contact is set\n      → Set MISCONDUCT_CONTACT" in out
    change(database, "UPDATE releases SET digest = repeat('0', 64)")
    status, out, _ = run(database, register, "--json")
    assert status == 1
    assert [one["subject"] for one in json.loads(out) if one["state"] == "fail"] == ["releases"]
    assert all(set(one) == {"subject", "state", "found", "to_do"} for one in json.loads(out))


def test_an_invalid_address_fails_and_an_unknown_setting_warns(database, register, monkeypatch):
    monkeypatch.setenv("MISCONDUCT_RATELIMIT", "600/minute")
    status, out, err = run(database._replace(reader="garbage"), register)
    assert (status, err) == (1, "")
    assert "\nfail  database: MISCONDUCT_DATABASE_URL is not a database address such as " in out
    assert out.startswith("warn  settings: nothing reads MISCONDUCT_RATELIMIT (did you mean MISCONDUCT_RATE_LIMIT?)\n")
    assert "garbage" not in out
