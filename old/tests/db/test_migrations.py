"""Migrations: up, down, and no drift from the tables."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import partial

import psycopg
import pytest
from alembic import command
from pytest_alembic.tests import (  # noqa: F401
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from misconduct.db import migrate as migrations
from misconduct.db.migrate import MIGRATIONS, migrate, migration_config
from misconduct.db.tables import metadata
from misconduct.errors import DatabaseUnreachable, MigrationRefused, MisconductError
from misconduct.model.observation import Observation
from tests.conftest import create_database, drop_database, urls_of
from tests.figures import observe


@pytest.fixture
def alembic_config():
    return {"script_location": str(MIGRATIONS)}


@pytest.fixture
def alembic_engine(postgres):
    """An empty database as the owner: nothing is migrated yet."""
    name = create_database(postgres, "template0")
    with psycopg.connect(postgres.url("postgres", name), autocommit=True) as admin:
        admin.execute("GRANT USAGE, CREATE ON SCHEMA public TO misconduct_owner")
    url = make_url(urls_of(postgres, name).owner).set(drivername="postgresql+psycopg")
    yield create_engine(url, poolclass=NullPool)
    drop_database(postgres, name)


def test_the_reader_may_select_from_every_table_and_do_nothing_else(database):
    with psycopg.connect(database.owner) as owner:
        granted = owner.execute(
            "SELECT table_name, array_agg(privilege_type::text) FROM information_schema.role_table_grants"
            " WHERE grantee = 'misconduct_reader' GROUP BY 1"
        ).fetchall()
    of_the_version_before = "file_pieces"
    assert dict(granted) == {name: ["SELECT"] for name in (*metadata.tables, of_the_version_before)}


@pytest.fixture
def unmigrated(postgres):
    """The addresses of a database in which the owner has made nothing yet."""
    name = create_database(postgres, "template0")
    with psycopg.connect(postgres.url("postgres", name), autocommit=True) as admin:
        admin.execute("GRANT USAGE, CREATE ON SCHEMA public TO misconduct_owner")
    yield urls_of(postgres, name)
    drop_database(postgres, name)


def refusal(url: str) -> MisconductError:
    with pytest.raises(MigrationRefused) as refused:
        migrate(url)
    assert "sqlalche.me" not in str(refused.value)
    assert "[SQL" not in str(refused.value)
    return refused.value


def change(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_the_last_name_of_a_file_is_the_revision_that_alembic_finds_newest():
    names = sorted(path.stem for path in (MIGRATIONS / "versions").glob("*.py"))
    assert names[-1].startswith(f"{migrations.newest_revision()}_")
    assert [name[:4] for name in names] == sorted(migrations.known_revisions())


def test_what_is_up_to_date_is_left_alone_without_reading_the_migrations(database):
    code = (
        "import sys; from misconduct.db.migrate import migrate; migrate(sys.argv[1]); print('alembic' in sys.modules)"
    )
    run = partial(
        subprocess.run, [sys.executable, "-c", code, database.owner], check=True, capture_output=True, text=True
    )
    assert run().stdout == "False\n"
    change(database.owner, "UPDATE alembic_version SET version_num = '0012'", "DROP TABLE owed_purges")
    assert run().stdout == "True\n"
    with psycopg.connect(database.owner) as owner:
        assert owner.execute(
            "SELECT version_num, to_regclass('owed_purges')::text FROM alembic_version"
        ).fetchall() == [("0014", "owed_purges")]


def test_of_those_who_migrate_at_once_one_does_it_and_the_others_wait(unmigrated):
    """Two services that start on an empty database: both would make the same tables."""
    command = [sys.executable, "-c", "import sys; from misconduct.db.migrate import migrate; migrate(sys.argv[1])"]
    running = [subprocess.Popen([*command, unmigrated.owner], stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in running] == [""] * 3
    with psycopg.connect(unmigrated.owner) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0014",)]


def test_the_program_may_be_in_a_folder_with_any_name(unmigrated, tmp_path, monkeypatch):
    folder = tmp_path / "100% ours"
    shutil.copytree(MIGRATIONS, folder)
    monkeypatch.setattr(migrations, "MIGRATIONS", folder)
    migrate(unmigrated.owner)
    with psycopg.connect(unmigrated.owner) as connection:
        assert connection.execute("SELECT count(*) FROM observations").fetchall() == [(0,)]


def test_a_schema_of_newer_code_is_named_and_left_as_it_is(database):
    change(database.owner, "UPDATE alembic_version SET version_num = '9999'")
    assert str(refusal(database.owner)) == (
        "The database has a schema that this version of the code does not know (revision 9999).\n"
        "Use the version of the code that created it, or a newer one."
    )


def test_the_reader_in_the_place_of_the_owner_is_told_whose_address_is_asked_for(database, unmigrated):
    refused = refusal(database.reader)
    assert refused.message == "The database could not be migrated: permission denied for table alembic_version"
    assert refused.hint.startswith("Is MISCONDUCT_OWNER_URL the owner's address, not the reader's?")
    refused = refusal(unmigrated.reader)
    assert refused.message == (
        "The database could not be migrated: cannot execute CREATE TABLE in a read-only transaction"
    )
    assert refused.hint == ("Is MISCONDUCT_OWNER_URL the owner's address, not the reader's? Is the server a standby?")


def test_an_owner_who_may_make_nothing_is_led_to_the_file_that_grants_it(postgres, unmigrated):
    name = make_url(unmigrated.owner).database
    change(
        postgres.url("postgres", name),
        f"ALTER DATABASE {name} OWNER TO CURRENT_USER",
        f"GRANT CONNECT ON DATABASE {name} TO misconduct_owner",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC, misconduct_owner",
    )
    refused = refusal(unmigrated.owner)
    assert refused.message == "The database could not be migrated: no schema has been selected to create in"
    assert refused.hint.endswith("app/misconduct/db/roles.sql says what the owner may do.")


def test_a_load_gives_the_reader_what_a_dump_without_privileges_has_not(database):
    change(database.owner, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM misconduct_reader")
    migrate(database.owner)
    test_the_reader_may_select_from_every_table_and_do_nothing_else(database)


def test_tables_that_whoever_restored_them_owns_are_told_of(database, postgres):
    change(
        postgres.url("postgres", str(make_url(database.owner).database)),
        "REVOKE ALL ON releases FROM misconduct_reader",
        "ALTER TABLE releases OWNER TO CURRENT_USER",
    )
    refused = refusal(database.owner)
    assert refused.message == "The database could not be migrated: permission denied for table releases"
    assert "Are the tables misconduct_owner's, or of whoever restored them?" in refused.hint


def test_a_database_that_only_reads_is_told_so(postgres, unmigrated):
    name = make_url(unmigrated.owner).database
    change(postgres.admin_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert refusal(unmigrated.owner).hint.endswith("Is the server a standby?")


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_of_another_encoding_is_refused(postgres, encoding):
    """It would hold the bytes of a quotation mark as three characters, and every hash would be right."""
    name = f"in_{encoding.lower()}"
    create = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C' OWNER misconduct_owner"
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(create)
    try:
        with pytest.raises(MigrationRefused, match=f"has the encoding {encoding}, not UTF8"):
            migrate(urls_of(postgres, name).owner)
    finally:
        drop_database(postgres, name)


def test_tables_of_which_nothing_says_whose_they_are_are_left_alone(database):
    change(database.owner, "DROP TABLE alembic_version")
    refused = refusal(database.owner)
    assert refused.message == 'The database could not be migrated: relation "releases" already exists'
    assert refused.hint == (
        "There are tables but no alembic_version, or tables of something else. Is this database for the register only?"
    )


def test_a_server_that_is_down_is_told_in_the_first_line_of_the_driver_alone():
    with pytest.raises(DatabaseUnreachable) as refused:
        migrate("postgresql://misconduct_owner:secret@127.0.0.1:1/misconduct")
    message, hint = str(refused.value).splitlines()
    assert message.endswith("Connection refused")
    assert hint == "Is it running, and is MISCONDUCT_OWNER_URL right?"
    assert "secret" not in message


def test_what_a_stopped_migration_holds_is_given_back(database, monkeypatch):
    """The process is stopped after a statement, as by Ctrl-Z: the system keeps its connection."""
    change(database.owner, "UPDATE alembic_version SET version_num = '0012'", "DROP TABLE owed_purges")

    def stop_after_a_statement(config, _):
        with psycopg.connect(database.reader, autocommit=True) as reader:
            connection = config.attributes["connection"]
            connection.execute(text("ALTER TABLE releases ADD COLUMN further integer"))
            reader.execute("SET statement_timeout = '20s'")
            assert reader.execute("SELECT count(*) FROM releases").fetchone() == (0,)
            connection.execute(text("SELECT 1"))

    monkeypatch.setattr(migrations, "IDLE_SECONDS", 0.5)
    monkeypatch.setattr(command, "upgrade", stop_after_a_statement)
    refused = refusal(database.owner)
    assert refused.message.endswith("terminating connection due to idle-in-transaction timeout")
    assert refused.hint == "Nothing was changed. Was this process stopped meanwhile? Try again."
    monkeypatch.undo()
    migrate(database.owner)


def test_releases_that_are_there_are_kept_and_say_that_nobody_noted_what_built_their_files(unmigrated):
    engine = create_engine(make_url(unmigrated.owner).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        command.upgrade(migration_config(connection), "0003")
        connection.commit()
    change(
        unmigrated.owner,
        "INSERT INTO releases VALUES (1, '1.0.0', '2024-05-01', 'First.', 'digest')",
        "INSERT INTO files VALUES (1, 'observations.csv', 'text/csv', 0, 'hash')",
    )
    migrate(unmigrated.owner)
    with psycopg.connect(unmigrated.reader) as reader:
        assert reader.execute("SELECT number, files_built_by FROM releases").fetchall() == [("1.0.0", None)]
        assert reader.execute("SELECT name FROM files").fetchall() == [("observations.csv",)]


def test_stored_files_keep_their_bytes_and_the_version_before_reads_them(unmigrated):
    engine = create_engine(make_url(unmigrated.owner).set(drivername="postgresql+psycopg"), poolclass=NullPool)

    def to(revision: str) -> None:
        with engine.connect() as connection:
            move = command.upgrade if revision > "0009" else command.downgrade
            move(migration_config(connection), revision)
            connection.commit()

    with engine.connect() as connection:
        command.upgrade(migration_config(connection), "0009")
        connection.commit()
    built = '{"code": "1"}'
    change(
        unmigrated.owner,
        f"INSERT INTO releases (ordinal, number, released, summary, digest, files_built_by) VALUES"
        f" (1, '1.0.0', '2024-05-01', 'First.', 'one', NULL), (2, '1.1.0', '2024-06-01', 'Second.', 'two', '{built}')",
        "INSERT INTO files VALUES (1, 'a.csv', 'text/csv', 6, 'same'), (2, 'a.csv', 'text/csv', 6, 'same'),"
        " (2, 'b.csv', 'text/csv', 2, 'other'), (1, 'charts/x.svg', 'image/svg+xml', 1, 'x')",
        "INSERT INTO file_pieces VALUES (1, 'a.csv', 0, 'abc'), (1, 'a.csv', 1, 'def'), (2, 'a.csv', 0, 'abc'),"
        " (2, 'a.csv', 1, 'def'), (2, 'b.csv', 0, 'gh'), (1, 'charts/x.svg', 0, 'x')",
    )
    pieces = "SELECT release, name, number, convert_from(bytes, 'UTF8') FROM file_pieces ORDER BY 1, 2, 3"
    expected = [
        (1, "a.csv", 0, "abc"),
        (1, "a.csv", 1, "def"),
        (2, "a.csv", 0, "abc"),
        (2, "a.csv", 1, "def"),
        (2, "b.csv", 0, "gh"),
    ]
    to("0010")
    with psycopg.connect(unmigrated.reader) as reader:
        assert reader.execute(pieces).fetchall() == expected
        contents = "SELECT sha256, number, length, convert_from(bytes, 'UTF8') FROM file_contents ORDER BY 1, 2"
        assert reader.execute(contents).fetchall() == [
            ("other", 0, 2, "gh"),
            ("same", 0, 3, "abc"),
            ("same", 1, 3, "def"),
        ]
        found = reader.execute("SELECT release, name, built_by FROM files ORDER BY 1, 2").fetchall()
        assert found == [(1, "a.csv", None), (2, "a.csv", {"code": "1"}), (2, "b.csv", {"code": "1"})]
    change(
        unmigrated.owner,
        "INSERT INTO files VALUES (2, 'c.csv', 'text/csv', 9, 'pressed')",
        "INSERT INTO file_contents (sha256, number, length, bytes) VALUES ('pressed', 0, 9, 'x')",
    )
    to("0009")
    with psycopg.connect(unmigrated.reader) as reader:
        assert reader.execute(pieces).fetchall() == expected
        assert reader.execute("SELECT count(*) FROM files").fetchone() == (3,)


HEDGES = """
    id    | qualifier  | hedge     | value | printed           | statistic
    ccccb | just_under | nearly    | 1000  | 1,000             | count
    ccccc | more_than  | more than | 1000  | 1,000             | count
    ccccd | more_than  | more than | 50    | 50                | share
    ccccf | at_least   | at least  | 7     | 7                 | count
    ccccg | about      | some      | 7     | 7                 | count
    cccch | magnitude  |           |       | Hundreds          | count
    ccccj | magnitude  |           |       | tens of thousands | count
"""

PERIODS = """
    period_type | period_start | period_end
    year        | 2022         |
    window      | 2019-04      | 2020-03
    window      | 2019-01      | 2019-12
    window      | 2019-04-01   | 2020-03-31
    window      | 2019         | 2019
    window      | 2015-04      | 2015-12
    window      | 2019-04-06   | 2020-04-05
    window      | 2014         | 2024
    window      | 2019-04      |
    window      | 1999-07      | 2000-06
    point       | 2019-04      |
    unstated    |              |
"""


ADDED = ("year", "year_basis", "value_low", "value_high")


def test_figures_that_are_there_get_the_years_that_a_load_gives_them(unmigrated):
    engine = create_engine(make_url(unmigrated.owner).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        command.upgrade(migration_config(connection), "0004")
        connection.commit()
    figures = observe(PERIODS) | observe(HEDGES)
    old = [name for name in Observation._fields if name not in (*ADDED, "derivation")]
    written = f"INSERT INTO observations ({', '.join(old)}) VALUES ({', '.join(['%s'] * len(old))})"
    with psycopg.connect(unmigrated.owner, autocommit=True) as owner:
        owner.cursor().executemany(written, [[getattr(o, name) for name in old] for o in figures.values()])
    migrate(unmigrated.owner)
    with psycopg.connect(unmigrated.owner) as owner:
        found = owner.execute(f"SELECT id, {', '.join(ADDED)} FROM observations ORDER BY id").fetchall()
    assert found == sorted((o.id, *(getattr(o, name) for name in ADDED)) for o in figures.values())
    assert [row[1] for row in found].count(None) == 5
    assert [row[3:] for row in found if row[0].startswith("cccc")] == [
        (None, 999), (1001, None), (50, None), (7, None), (None, None), (200, None), (20_000, None),
    ]  # fmt: skip


FAULTY = """
from alembic import op

revision, down_revision, branch_labels, depends_on = "faulty", "{newest}", None, None


def upgrade():
    op.execute("INSERT INTO releases DEFAULT VALUES")
"""


def test_a_fault_of_a_migration_itself_is_not_taken_for_the_databases(database, tmp_path, monkeypatch):
    newest = migrations.newest_revision()
    folder = shutil.copytree(MIGRATIONS, tmp_path / "alembic")
    (folder / "versions" / "faulty.py").write_text(FAULTY.format(newest=newest))
    monkeypatch.setattr(migrations, "MIGRATIONS", folder)
    with pytest.raises(IntegrityError):
        migrate(database.owner)


def order_of_columns(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'observations' ORDER BY ordinal_position"
        )
        return [name for (name,) in found]


def test_a_table_with_figures_keeps_the_order_of_its_columns(unmigrated):
    engine = create_engine(make_url(unmigrated.owner).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        command.upgrade(migration_config(connection), "0009")
        connection.commit()
    before = order_of_columns(unmigrated.owner)
    assert before[:4] == ["id", "version", "source", "measure"]
    (figure,) = observe("id | value\nbbbb2 | 116").values()
    names = ", ".join(Observation._fields)
    with psycopg.connect(unmigrated.owner, autocommit=True) as owner:
        owner.execute(f"INSERT INTO observations ({names}) VALUES ({', '.join(['%s'] * len(figure))})", figure)
    migrate(unmigrated.owner)
    with psycopg.connect(unmigrated.reader) as reader:
        assert reader.execute("SELECT id, value::int FROM observations").fetchall() == [("bbbb2", 116)]
    assert order_of_columns(unmigrated.owner) == before


def test_a_new_table_has_first_what_filters_read(database):
    order = order_of_columns(database.owner)
    assert sorted(order) == sorted(Observation._fields)
    assert order[:7] == ["version", "added_in", "ended_in", "value", "value_low", "value_high", "qualifier"]
    assert order.index("stated_by") < order.index("printed")


def test_statistics_of_whole_texts_go_and_are_not_made_again(unmigrated):
    engine = create_engine(make_url(unmigrated.owner).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        command.upgrade(migration_config(connection), "0013")
        connection.commit()
    kept = "SELECT tablename FROM pg_stats WHERE schemaname = 'public' AND attname IN ('content', 'bytes')"
    with psycopg.connect(unmigrated.owner, autocommit=True) as owner:
        owner.execute("INSERT INTO releases VALUES (1, '1.0.0', '2024-05-01', 'A release.', '')")
        for number in range(3):
            owner.execute(
                "INSERT INTO records VALUES ('caveat', %s, 1, %s, '', 1, 2)",
                [str(number), json.dumps({"text": f"{number}"})],
            )
            owner.execute("INSERT INTO assessments VALUES (1, 'check', %s, %s)", [str(number), f'"{number}"'])
            owner.execute("INSERT INTO counts VALUES (1, 'category', %s, %s)", [str(number), f'"{number}"'])
            owner.execute(
                "INSERT INTO file_contents (sha256, number, length, bytes) VALUES (%s, 0, 1, %s)",
                [str(number), bytes([number])],
            )
        owner.execute("ANALYZE")
        assert sorted(owner.execute(kept)) == [("assessments",), ("counts",), ("file_contents",), ("records",)]
    migrate(unmigrated.owner)
    with psycopg.connect(unmigrated.owner, autocommit=True) as owner:
        assert owner.execute(kept).fetchall() == []
        owner.execute("ANALYZE")
        assert owner.execute(kept).fetchall() == []
        stored = "SELECT attstorage FROM pg_attribute WHERE attrelid = 'file_contents'::regclass AND attname = 'bytes'"
        assert owner.execute(stored).fetchall() == [("e",)]
