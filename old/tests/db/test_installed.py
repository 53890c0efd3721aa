"""Postgres 15 and 18, set up by somebody who is no superuser there; and TLS, with Debian's 15: the embedded one has none."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest

from misconduct.db.direct import connect
from misconduct.db.embedded.account import choose_account, find_binaries
from misconduct.db.embedded.home import SUPERUSER, ConnectionInfo
from misconduct.db.migrate import migrate
from misconduct.doctor.examine import examine
from misconduct.errors import DatabaseUnavailable, MigrationRefused
from misconduct.publish.load import load_register
from misconduct.settings import Settings
from tests.conftest import PROJECT
from tests.db.replication import Server
from tests.db.test_urls import ask
from tests.registers import seal, write_register
from tests.serving import serve
from tests.tools import find_program

OWNER, READER = "misconduct_owner", "misconduct_reader"
ADMIN = "admin"
SQL = PROJECT / "app" / "misconduct" / "db" / "roles.sql"
WORDS = ("Übung", "alle", "Zahl", "ähnlich", "a-b", "ab", "A b", "éclair")


class Installed:
    """A server of Debian's version 15, or the embedded 18, with an administrator who may only make roles and databases."""

    def __init__(self, folder: Path, version: int) -> None:
        self.folder, self.account, self.version = folder, choose_account(), version
        embedded = self.binaries = find_binaries(folder, self.account)
        self.psql = embedded / "psql"
        if version == 15:
            where = "/usr/lib/postgresql/15/bin/postgres"
            self.binaries = Path(find_program(where, ["postgresql-15"], "Postgres 15 is not tried")).parent
        self.passwords = {name: secrets.token_hex(8) for name in (SUPERUSER, OWNER, READER, ADMIN, "second")}
        data = folder / "data"
        self.account.make_folder(data)
        (folder / "password").write_text(self.passwords[SUPERUSER])
        self.account.own(folder / "password")
        initdb = [self.binaries / "initdb", "-D", data, "-U", SUPERUSER, "--pwfile", folder / "password"]
        made = self.account.run([*initdb, "-A", "scram-sha-256", "--no-locale", "-E", "UTF8"])
        assert made.returncode == 0, made.stdout
        if version == 15:
            self._certify(data)
        facts = ConnectionInfo(str(folder), self.passwords)
        self.server = Server(self.binaries, self.account, data, facts, database="postgres")
        self.as_superuser(f"CREATE ROLE {ADMIN} LOGIN CREATEROLE CREATEDB PASSWORD '{self.passwords[ADMIN]}'")

    def _certify(self, data: Path) -> None:
        """A certificate for 127.0.0.1 by an authority of our own, and one for the reader."""
        (self.folder / "san").write_text("subjectAltName=IP:127.0.0.1")
        new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout"
        sign = "x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
        for command in (
            f"req -x509 {new} ca.key -out ca.pem -subj /CN=ca -days 2",
            f"req -x509 {new} other.key -out other.pem -subj /CN=other -days 2",
            f"req {new} server.key -out server.csr -subj /CN=db",
            f"{sign} -in server.csr -extfile san -out server.pem",
            f"req {new} reader.key -out reader.csr -subj /CN={READER}",
            f"{sign} -in reader.csr -out reader.pem",
        ):
            subprocess.run(["openssl", *command.split()], cwd=self.folder, check=True, capture_output=True)
        for name in ("server.key", "server.pem", "ca.pem"):
            shutil.copy(self.folder / name, data / name)
            self.account.own(data / name)
        (data / "server.key").chmod(0o600)
        (data / "pg_hba.conf").write_text(
            f"hostssl certain {READER} all cert\nhostssl certain all all scram-sha-256\nhost all all all scram-sha-256\n"
        )
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(
                "ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\nssl_ca_file = 'ca.pem'\n"
            )

    def url(self, role: str, database: str = "misconduct") -> str:
        return f"postgresql://{role}:{self.passwords[role]}@{self.server.place}/{database}"

    def as_superuser(self, statement: str) -> list[tuple[object, ...]]:
        with connect(self.url(SUPERUSER, "postgres")) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def set_up(self, *variables: str, role: str = ADMIN, password_of: str = READER) -> str:
        """Runs roles.sql; returns what psql says on standard error."""
        flags = [flag for variable in variables for flag in ("-v", variable)]
        environment = {
            **os.environ,
            "MISCONDUCT_OWNER_PASSWORD": self.passwords[OWNER],
            "MISCONDUCT_READER_PASSWORD": self.passwords[password_of],
        }
        done = subprocess.run(
            [self.psql, "-X", "-q", *flags, "-f", SQL, self.url(role, "postgres")],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stderr


@pytest.fixture(scope="module", params=[18, 15])
def installed(request) -> Iterator[Installed]:
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    folder.chmod(0o711)
    found = Installed(folder, request.param)
    found.set_up()
    yield found
    found.server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def register(tmp_path_factory) -> Path:
    data = write_register(tmp_path_factory.mktemp("register"), "id | value\n bbbb2 | 116\n bbbb3 | 170")
    seal(data, "1.0.0", "2024-05-01")
    return data


def test_whoever_is_no_superuser_sets_it_up_loads_serves_and_the_doctor_agrees(installed, register):
    migrate(installed.url(OWNER))
    load_register(installed.url(OWNER), register)
    settings = Settings(
        database_url=installed.url(READER), owner_url=installed.url(OWNER), port=8000,
        base_url="https://figures.example", contact="desk@figures.example",
    )  # fmt: skip
    with serve(settings) as running:
        running.wait_for_release("1.0.0")
        assert httpx.get(f"{running.url}/v1/observations").json()["meta"]["total"] == 2
    findings = examine(settings, register)
    assert [one for one in findings if one.state != "ok"] == []
    assert findings[3].found == f"PostgreSQL {installed.version} answers as misconduct_reader in misconduct"


def test_a_server_on_which_the_roles_were_never_made_is_told_so(installed):
    installed.as_superuser("CREATE DATABASE bare TEMPLATE template0")
    installed.as_superuser(f"ALTER ROLE {READER} RENAME TO away")
    try:
        with pytest.raises(MigrationRefused) as refused:
            migrate(installed.url(SUPERUSER, "bare"))
    finally:
        installed.as_superuser(f"ALTER ROLE away RENAME TO {READER}")
        installed.as_superuser("DROP DATABASE bare")
    assert str(refused.value).splitlines() == [
        'The database could not be migrated: role "misconduct_reader" does not exist',
        "Has app/misconduct/db/roles.sql been run on this server? It makes the roles.",
    ]


def test_text_has_the_same_order_on_every_version(installed, postgres):
    """The order is that of code points."""
    urls = (installed.url(OWNER), postgres.owner_url)
    orders = []
    for url in urls:
        with connect(url) as connection:
            question = (
                "SELECT word, lower(word), word ~ '^[[:alpha:]]+$', to_tsvector('english', word)::text"
                " FROM unnest(%s::text[]) AS word ORDER BY word"
            )
            orders.append(connection.execute(question.encode(), [list(WORDS)]).fetchall())
    assert orders[0] == orders[1]
    assert [row[0] for row in orders[0]] == sorted(WORDS)


def test_run_again_it_sets_back_what_the_reader_changed_of_itself_and_keeps_its_limit_of_connections(installed):
    installed.as_superuser(f"ALTER ROLE {READER} CONNECTION LIMIT 300")
    with connect(installed.url(READER)) as thief:
        thief.execute("SET default_transaction_read_only = off")
        for change in (
            "SET statement_timeout = '1ms'", "RESET lock_timeout", "SET search_path = nowhere",
            "IN DATABASE misconduct SET search_path = nowhere", "PASSWORD 'mine'",
        ):  # fmt: skip
            thief.execute(f"ALTER ROLE {READER} {change}".encode())
    installed.set_up()
    assert ask(installed.url(READER), "SELECT 1") == (1,)
    assert installed.as_superuser("SELECT setconfig FROM pg_db_role_setting WHERE setdatabase <> 0") == []
    ((limit, settings),) = installed.as_superuser(
        f"SELECT rolconnlimit, rolconfig FROM pg_roles WHERE rolname = '{READER}'"
    )
    assert limit == 300
    assert sorted(settings) == [
        "default_transaction_read_only=on", "idle_in_transaction_session_timeout=10s", "lock_timeout=2s",
        "statement_timeout=4s",
    ]  # fmt: skip


def test_a_second_reader_and_a_second_database(installed, register):
    installed.set_up("reader=second", "database=blue", password_of="second")
    installed.set_up("reader=second", password_of="second")
    owner = installed.url(OWNER, "blue")
    migrate(owner)
    load_register(owner, register)
    settings = Settings(
        database_url=installed.url("second", "blue"), owner_url=owner, port=8000,
        base_url="https://figures.example", contact="desk@figures.example",
    )  # fmt: skip
    assert [one for one in examine(settings, register) if one.state != "ok"] == []
    with connect(installed.url("second")) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("CREATE TEMP TABLE mine ()")


def test_a_database_that_was_there_before_lets_the_owner_in(installed):
    """As the console of a managed service makes it, for the role that one is given."""
    with connect(installed.url(ADMIN, "postgres")) as connection:
        connection.execute("CREATE DATABASE console TEMPLATE template0 ENCODING 'UTF8'")
    installed.set_up("database=console")
    migrate(installed.url(OWNER, "console"))
    assert ask(installed.url(READER, "console"), "SELECT count(*) FROM releases") == (0,)


def test_a_reader_that_was_shut_out_is_not_let_in_again(installed):
    may_log_in = f"SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname IN ('{OWNER}', '{READER}', 'second')"
    installed.set_up("reader=second", password_of="second")
    installed.as_superuser(f"ALTER ROLE {READER} NOLOGIN")
    try:
        installed.set_up("reader=second", "shared=1", password_of="second", role=SUPERUSER)
        assert sorted(installed.as_superuser(may_log_in)) == [(OWNER,), ("second",)]
    finally:
        installed.as_superuser(f"ALTER ROLE {READER} LOGIN")


def test_a_run_that_the_server_stopped_before_the_new_reader_had_its_password_is_done_again(installed):
    command = [installed.psql, "-X", "-q", "-v", "reader=third", "-f", SQL, installed.url(ADMIN, "postgres")]
    password = {b"MISCONDUCT_READER_PASSWORD": b"\xff"}  # which is no text in the encoding of the server
    done = subprocess.run(command, env=os.environb | password, capture_output=True, check=False)
    stopped = "SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = 'third'"
    assert (done.returncode, installed.as_superuser(stopped)) == (3, [(True,)])
    installed.set_up("reader=third", password_of="second")


@pytest.mark.parametrize("name", [SUPERUSER, ADMIN, OWNER, "other", "pg_monitor"])
def test_no_role_that_is_somebody_elses_becomes_a_reader(installed, name):
    """It would lose its rights, its settings and its password: with the only superuser, nobody could mend that."""
    roles = "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolpassword, rolconnlimit FROM pg_authid ORDER BY 1"
    installed.as_superuser("DROP ROLE IF EXISTS other")
    installed.as_superuser("CREATE ROLE other LOGIN PASSWORD 'its own'")
    before = installed.as_superuser(roles), installed.as_superuser("SELECT * FROM pg_db_role_setting ORDER BY 1, 2")
    for role in (SUPERUSER, ADMIN):
        done = subprocess.run(
            [installed.psql, "-X", "-q", "-v", f"reader={name}", "-f", SQL, installed.url(role, "postgres")],
            env={**os.environ, "MISCONDUCT_READER_PASSWORD": "new"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 3
        assert (
            f"ERROR:  The role {name} is there, and is no reader of this program; nothing was changed." in done.stderr
        )
    assert before == (
        installed.as_superuser(roles),
        installed.as_superuser("SELECT * FROM pg_db_role_setting ORDER BY 1, 2"),
    )


@pytest.fixture(scope="module")
def certain(installed) -> Installed:
    """The server with a database that is reached by TLS only, where the reader needs a certificate."""
    if installed.version != 15:
        pytest.skip("the embedded Postgres has no TLS")
    installed.set_up("database=certain")
    return installed


def test_verify_full_with_an_authority_and_a_certificate_of_the_client(certain):
    question = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    trusted = f"?sslmode=verify-full&sslrootcert={certain.folder}/ca.pem"
    reader = f"postgresql://{READER}@{certain.server.place}/certain{trusted}"
    reader += f"&sslcert={certain.folder}/reader.pem&sslkey={certain.folder}/reader.key"
    for url in (certain.url(OWNER, "certain") + trusted, reader):
        assert ask(url, f"{question} AND EXISTS (SELECT)") == (True,)
        with connect(url) as loading:
            assert loading.execute(question.encode()).fetchone() == (True,)


@pytest.mark.parametrize(("host", "authority"), [("127.0.0.1", "other.pem"), ("localhost", "ca.pem")])
def test_verify_full_refuses_another_authority_and_another_name(certain, host, authority):
    url = certain.url(OWNER, "certain").replace("@127.0.0.1", f"@{host}")
    url += f"?sslmode=verify-full&sslrootcert={certain.folder}/{authority}"
    with pytest.raises(DatabaseUnavailable):
        ask(url, "SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="certificate"), closing(connect(url)):
        pass


def test_run_by_a_superuser_it_takes_everything_away_and_monitoring_still_gets_in(installed, register):
    installed.set_up("database=green", role=SUPERUSER)
    installed.as_superuser("CREATE ROLE watcher LOGIN PASSWORD 'w' IN ROLE pg_monitor")
    installed.as_superuser("CREATE ROLE stranger LOGIN PASSWORD 's'")
    for database in ("green", "postgres"):
        with connect(f"postgresql://watcher:w@{installed.server.place}/{database}") as connection:
            connection.execute("SELECT * FROM pg_stat_activity")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            connect(f"postgresql://stranger:s@{installed.server.place}/{database}")
    with connect(installed.url(READER, "green")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT pg_advisory_lock(1)")


def test_a_superuser_is_warned_of_a_role_without_a_password(installed):
    assert "no password" not in installed.set_up(role=SUPERUSER)
    installed.as_superuser(f"ALTER ROLE {OWNER} PASSWORD NULL")
    command = [installed.psql, "-X", "-q", "-f", SQL, installed.url(SUPERUSER, "postgres")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"WARNING: no password: {OWNER} (" in done.stderr
