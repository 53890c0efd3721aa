"""The reader's password in the wrong hands: what can be done with it, tried on the schema as it is migrated."""

from __future__ import annotations

import psycopg
import pytest

from misconduct.db.tables import metadata
from misconduct.publish.load import load_register
from tests.conftest import create_database, drop_database, urls_of
from tests.registers import seal, write_register

TABLES = [*metadata.tables]
DENIED = psycopg.errors.InsufficientPrivilege


@pytest.fixture(scope="module")
def loaded(postgres, tmp_path_factory):
    """A database with a release, and a schema and a table that are nobody's business."""
    name = create_database(postgres, "misconduct")
    database = urls_of(postgres, name)
    data = write_register(tmp_path_factory.mktemp("reader") / "data", "id | value\n bbbb2 | 5")
    seal(data, "1.0.0")
    load_register(database.owner, data)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA private")
        owner.execute("CREATE TABLE private.secrets (secret text)")
        owner.execute("CREATE TABLE public.later (secret text)")
        owner.execute("CREATE SEQUENCE public.counter")
    yield database
    drop_database(postgres, name)


@pytest.fixture
def reader(loaded):
    """A session that has lifted every limit that a session can lift."""
    with psycopg.connect(loaded.reader, autocommit=True) as connection:
        for limit in ("default_transaction_read_only = off", "transaction_read_only = off", "statement_timeout = 0", "lock_timeout = 0", "idle_in_transaction_session_timeout = 0"):  # fmt: skip
            connection.execute(f"SET {limit}".encode())
        yield connection


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "attempt",
    [
        "INSERT INTO {} SELECT * FROM {} LIMIT 0",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} RENAME TO mine",
        "DROP TABLE {}",
        "COPY {} FROM STDIN",
        "COPY {} TO PROGRAM 'cat'",
        "COPY {} TO '/tmp/mine'",
        "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
        "LOCK TABLE {} IN ROW EXCLUSIVE MODE",
        "CREATE TRIGGER mine BEFORE INSERT ON {} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE INDEX mine ON {} ((1))",
        "ALTER TABLE {} OWNER TO misconduct_reader",
        "ALTER TABLE {} ENABLE ROW LEVEL SECURITY",
        "SELECT 1 FROM {} FOR SHARE",
    ],
)
def test_no_table_can_be_written_changed_or_locked(reader, table, attempt):
    with pytest.raises(DENIED), reader.transaction():
        reader.execute(attempt.replace("{}", table).encode())


def test_every_table_can_be_read(reader):
    for table in TABLES:
        reader.execute(f"SELECT * FROM {table} LIMIT 1".encode())


@pytest.mark.parametrize(
    "attempt",
    [
        "SELECT * FROM private.secrets",
        "SELECT * FROM later",
        "SELECT * FROM alembic_version",
        "SELECT nextval('counter')",
        "SELECT setval('counter', 5)",
        "CREATE TEMP TABLE mine (n int)",
        "CREATE TABLE private.mine (n int)",
        "CREATE TABLE mine AS SELECT 1",
        "CREATE VIEW mine AS SELECT 1",
        "CREATE MATERIALIZED VIEW mine AS SELECT 1",
        "CREATE SCHEMA mine",
        "CREATE SEQUENCE mine",
        "CREATE TYPE mine AS (n int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE c AS '/lib/x86_64-linux-gnu/libc.so.6', 'system'",
        "CREATE SERVER mine FOREIGN DATA WRAPPER mine",
        "CREATE PUBLICATION mine FOR ALL TABLES",
        "CREATE SUBSCRIPTION mine CONNECTION 'host=127.0.0.1' PUBLICATION mine",
        "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "CREATE TABLESPACE mine LOCATION '/tmp'",
        "SET ROLE misconduct_owner",
        "SET ROLE pg_read_server_files",
        "SET SESSION AUTHORIZATION misconduct_owner",
        "ALTER ROLE misconduct_reader SUPERUSER",
        "ALTER ROLE misconduct_reader CONNECTION LIMIT -1",
        "ALTER ROLE misconduct_owner PASSWORD 'mine'",
        "GRANT misconduct_owner TO misconduct_reader",
        "ALTER SYSTEM SET archive_command = 'true'",
        "ALTER DATABASE misconduct SET statement_timeout = 0",
        "SET temp_file_limit = -1",
        "SET session_preload_libraries = 'mine'",
        "SET log_statement = 'all'",
        "LOAD '$libdir/../mine'",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "COPY (SELECT 1) TO '/tmp/mine'",
        "DO $$ BEGIN EXECUTE 'CREATE TABLE mine (n int)'; END $$",
        "DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''id'''; END $$",
        "SELECT pg_read_file('postmaster.pid')",
        "SELECT pg_read_binary_file('/etc/passwd')",
        "SELECT pg_stat_file('postmaster.pid')",
        "SELECT pg_ls_dir('.')",
        "SELECT pg_ls_waldir()",
        "SELECT lo_create(0)",
        "SELECT lo_creat(-1)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_put(1, 0, 'x')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/mine')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_advisory_lock_shared(1)",
        "SELECT pg_try_advisory_xact_lock(1)",
        "SELECT pg_logical_emit_message(false, 'a', 'b')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity",
        "SELECT pg_switch_wal()",
        "SELECT pg_promote()",
        "SELECT pg_stat_reset()",
        "SELECT pg_create_logical_replication_slot('mine', 'pgoutput')",
        "SELECT pg_current_logfile()",
        "SELECT * FROM pg_authid",
        "SELECT rolpassword FROM pg_authid",
        "SELECT * FROM pg_shadow",
        "SELECT * FROM pg_hba_file_rules",
        "SELECT * FROM pg_largeobject",
        "SELECT * FROM pg_statistic",
        "SELECT * FROM pg_config",
        "SHOW data_directory",
        "SHOW hba_file",
        "CHECKPOINT",
    ],
)
def test_nothing_beside_reading_is_allowed_even_without_limits(reader, attempt):
    with pytest.raises(psycopg.Error) as refused:
        reader.execute(attempt.encode())
    assert isinstance(refused.value, (DENIED, psycopg.errors.UndefinedObject)), refused.value


def test_what_is_seen_of_others_holds_no_secret(reader):
    others = reader.execute("SELECT query FROM pg_stat_activity WHERE usename <> current_user").fetchall()
    assert {query for (query,) in others} <= {"<insufficient privilege>", None}
    passwords = reader.execute("SELECT DISTINCT rolpassword FROM pg_roles").fetchall()
    assert {password for (password,) in passwords} <= {"********", None}


def test_a_read_only_session_refuses_before_any_grant_is_asked(loaded):
    with psycopg.connect(loaded.reader, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TABLE mine (n int)")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SET statement_timeout = '50ms'; SELECT pg_sleep(5)")
