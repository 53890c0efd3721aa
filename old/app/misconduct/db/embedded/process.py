"""Create the data folder, start the `postgres` process, watch it, shut it down, and create its roles.

Only for the process that holds the owner's lock.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from misconduct.db.embedded.account import ENVIRONMENT, Account, choose_account, find_binaries
from misconduct.db.embedded.errors import REBUILD, EmbeddedDatabaseFailed, explain
from misconduct.db.embedded.home import OWNER, READER, SUPERUSER, ConnectionInfo, FileLock, Home

ROLES = Path(__file__).parent.parent / "roles.sql"
SETTINGS = {
    "listen_addresses": "",  # no TCP at all
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "wal_level": "minimal",  # no replica hangs on it: bulk loads write less
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_wal_size": "1GB",
    "jit": "off",  # costs more than it saves in queries of milliseconds
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
# Runs beside the server and reads from a pipe whose other end is in our process alone. When we are gone, even
# by SIGKILL, the pipe ends and the server gets a fast shutdown. (Linux's PR_SET_PDEATHSIG would tie it to the
# thread that started it, and other systems have none.)
WATCHDOG = """
read -r _
kill -INT "$1" 2>/dev/null || exit 0
for _ in 1 2 3 4 5 6 7 8 9 10; do
    sleep 1
    kill -0 "$1" 2>/dev/null || exit 0
done
kill -QUIT "$1"
"""
START_SECONDS = 120  # a crash in the middle of a large load has that much to replay on a slow disk
FAST_SECONDS = 20  # how long a fast shutdown may take before an immediate one
IMMEDIATE_SECONDS = 5
LEFTOVER_SECONDS = 15  # how long a server whose user is gone may take to end, before it is told to end at once


def start_server(home: Home, stopping: threading.Event) -> tuple[Postmaster, ConnectionInfo]:
    """Start the server, whatever state the last run left behind; make the data folder first if there is none.

    A load that fills the disk ends the server. It recovers in the room that `Home.keep_reserve` has set aside.

    Raises EmbeddedDatabaseFailed or OSError. Gives up when `stopping` is set.
    """
    try:
        started = _start_server(home, stopping)
    except (EmbeddedDatabaseFailed, OSError):
        if stopping.is_set() or not home.give_reserve():
            raise
        started = _start_server(home, stopping)
    with contextlib.suppress(OSError):
        home.keep_reserve()
    return started


def _start_server(home: Home, stopping: threading.Event) -> tuple[Postmaster, ConnectionInfo]:
    account = choose_account()
    alive = FileLock(home.server_lock)
    try:
        _wait_until_nothing_runs(home, alive, stopping)
        binaries = find_binaries(home.path, account)
        info = _prepare_connection(home, account)
        if not home.data.exists():
            _init_data(binaries, home, account, info.passwords[SUPERUSER], alive.descriptor)
        _remove_leftovers(home, info.socket)
        process = _spawn(binaries, home, account, info.socket_folder, alive.descriptor)
    finally:
        alive.release()  # the server has its own hold of it now
    postmaster = Postmaster(process, _watch(process.pid, account))
    try:
        _wait_until_ready(postmaster, home, stopping)
        return postmaster, _bring_roles_up_to_date(binaries, home, info)
    except BaseException:
        postmaster.shut_down()
        raise


class Postmaster:
    """A running server, with the watchdog beside it."""

    def __init__(self, process: subprocess.Popen[bytes], watchdog: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._watchdog = watchdog

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    def has_died(self) -> bool:
        """Return whether the server has ended."""
        return self._process.poll() is not None

    def shut_down(self) -> None:
        """Roll back, write everything out, and end. If that takes too long, end at once (it recovers later)."""
        steps = ((signal.SIGINT, FAST_SECONDS), (signal.SIGQUIT, IMMEDIATE_SECONDS), (signal.SIGKILL, None))
        for sign, seconds in steps:
            self._process.send_signal(sign)
            try:
                self._process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        self.dismiss_watchdog()

    def end_shutdown(self, patience: float) -> None:
        """Turn somebody else's SIGTERM, which waits for every client, into a fast shutdown after `patience` seconds."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGINT)

    def dismiss_watchdog(self) -> None:
        """End the watchdog. Call this as soon as the server has ended: another process may get its number."""
        self._watchdog.kill()
        self._watchdog.wait()
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()


# Before the server runs


def _wait_until_nothing_runs(home: Home, alive: FileLock, stopping: threading.Event) -> None:
    """Wait for a server that a killed process left behind, and that may still be shutting down; tell it to, twice."""
    for sign in (signal.SIGINT, signal.SIGQUIT):
        if alive.try_acquire():
            return
        lines = home.read_pid_file()
        if lines and lines[0].isdecimal():  # the lock is held, so the number is a server's
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(lines[0]), sign)
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while time.monotonic() < deadline and not stopping.wait(0.02):
            if alive.try_acquire():
                return
    raise explain("is still running from before and does not stop", home.path, home.log.tail())


def _prepare_connection(home: Home, account: Account) -> ConnectionInfo:
    """Return passwords and socket folder, old or new. They are on disk before anything is created with them."""
    kept = home.read_connection()
    if kept is None and home.data.exists() and not (home.data / "PG_VERSION").exists():
        hint = "name another folder with MISCONDUCT_HOME"
        raise EmbeddedDatabaseFailed(f"{home.data} is not the folder of a database.", hint=hint)
    if kept is None and home.data.exists():
        raise EmbeddedDatabaseFailed(f"The passwords of the database in {home.path} are lost.", hint=REBUILD)
    folder = str(home.choose_socket_folder(Path(kept.socket_folder) if kept else None, account))
    info = ConnectionInfo(folder) if kept is None else replace(kept, socket_folder=folder)
    if not home.data.exists():
        info = replace(info, roles_digest=None)
    if info != kept:
        home.write_connection(info)
    return info


def _init_data(binaries: Path, home: Home, account: Account, password: str, alive: int) -> None:
    """Create the data folder with `password` for the superuser, whole or not at all.

    `alive` is the descriptor of a lock that initdb holds for as long as it runs, even if we are killed.
    """
    unfinished = home.path / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    account.make_folder(unfinished)
    with _password_file(home, account, password) as password_file:
        done = account.run(
            [
                binaries / "initdb",
                f"--pgdata={unfinished}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",  # not the C library's or ICU's: sorts alike on every machine
                "--builtin-locale=C.UTF-8",
                "--data-checksums",
                "--no-instructions",
            ],
            pass_fds=[alive],
        )
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise explain("could not be created", home.path, "\n".join(done.stdout.splitlines()[-8:]))
    unfinished.rename(home.data)


@contextmanager
def _password_file(home: Home, account: Account, password: str) -> Iterator[Path]:
    path = home.path / "password.new"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)
    account.own(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _remove_leftovers(home: Home, socket: Path) -> None:
    """Remove files that say that a server runs: postgres may take another process with that number for it."""
    for left in (home.pid_file, socket.with_name(f"{socket.name}.lock"), socket):
        left.unlink(missing_ok=True)


# The server


def _spawn(binaries: Path, home: Home, account: Account, socket_folder: str, alive: int) -> subprocess.Popen[bytes]:
    quoted = '"' + socket_folder.replace('"', '""') + '"'  # the setting is a list: a comma would make two of a path
    options = SETTINGS | {"unix_socket_directories": quoted}
    flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
    with home.log.open() as log_file:
        return account.popen(
            [binaries / "postgres", "-D", home.data, "-p", "5432", *flags],
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            pass_fds=[alive],
            start_new_session=True,  # Ctrl-C in the terminal is for us; we then shut it down in order
        )


def _watch(pid: int, account: Account) -> subprocess.Popen[bytes]:
    return account.popen(
        ["/bin/sh", "-c", WATCHDOG, "misconduct-watchdog", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait_until_ready(postmaster: Postmaster, home: Home, stopping: threading.Event) -> None:
    deadline = time.monotonic() + START_SECONDS
    while home.read_state() != "ready":
        if postmaster.has_died():
            raise explain("did not start", home.path, home.log.tail())
        if stopping.wait(0.005) or time.monotonic() > deadline:
            raise explain("was not ready in time", home.path, home.log.tail())


def _bring_roles_up_to_date(binaries: Path, home: Home, info: ConnectionInfo) -> ConnectionInfo:
    """Run roles.sql: an older home gets the newer grants, and what the reader changed of its role is set back."""
    _run_roles(binaries, home, info)
    digest = hashlib.sha256(ROLES.read_bytes()).hexdigest()
    if info.roles_digest != digest:
        info = replace(info, roles_digest=digest)
        home.write_connection(info)
    return info


def _run_roles(binaries: Path, home: Home, info: ConnectionInfo) -> None:
    done = subprocess.run(
        [binaries / "psql", "-X", "-q", "-f", ROLES, info.url(SUPERUSER, "postgres", with_password=False)],
        env=ENVIRONMENT
        | {
            "PGPASSWORD": info.passwords[SUPERUSER],  # an argument would be seen by everyone who lists processes
            "MISCONDUCT_OWNER_PASSWORD": info.passwords[OWNER],
            "MISCONDUCT_READER_PASSWORD": info.passwords[READER],
        },
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise explain("rejected its roles", home.path, done.stderr)
