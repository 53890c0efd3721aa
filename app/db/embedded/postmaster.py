"""One run of the `postgres` process: started, watched, shut down."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from app.db.embedded.account import Account
from app.db.embedded.errors import explain
from app.db.embedded.home import Home
from app.db.embedded.log import ServerLog

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


class Postmaster:
    """A running server. `launch` starts one and returns when it takes connections."""

    def __init__(self, process: subprocess.Popen[bytes], watchdog: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._watchdog = watchdog

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    def has_died(self) -> bool:
        """Whether the server is gone."""
        return self._process.poll() is not None

    def shut_down(self) -> None:
        """Fast: roll back what runs, write it all out, end. Too slow: end at once (recovers later)."""
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
        """Somebody else's SIGTERM lets every client stay until it leaves; after `patience` seconds they are sent."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGINT)

    def dismiss_watchdog(self) -> None:
        """Call this as soon as the server is gone: another process may get its number."""
        self._watchdog.kill()
        self._watchdog.wait()
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()


@dataclass(frozen=True, slots=True)
class Launch:
    """What starting a server takes. `alive` is the descriptor of the lock that its processes are to hold."""

    binaries: Path
    home: Home
    account: Account
    log: ServerLog
    socket_folder: Path
    alive: int


def launch(order: Launch, stopping: threading.Event) -> Postmaster:
    """Start the server and wait until it takes connections. Raises EmbeddedDatabaseFailed if it does not."""
    process = _spawn(order)
    postmaster = Postmaster(process, _watch(process.pid, order.account))
    try:
        _wait_until_ready(postmaster, order, stopping)
    except BaseException:
        postmaster.shut_down()
        raise
    return postmaster


def _spawn(order: Launch) -> subprocess.Popen[bytes]:
    options = SETTINGS | {"unix_socket_directories": _quote(order.socket_folder)}
    flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
    with order.log.open() as log_file:
        return order.account.popen(
            [order.binaries / "postgres", "-D", order.home.data, "-p", "5432", *flags],
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            pass_fds=[order.alive],
            start_new_session=True,  # Ctrl-C in the terminal is for us; we then shut it down in order
        )


def _quote(folder: Path) -> str:
    """The setting is a list: a comma in a path would make two of it."""
    return '"' + str(folder).replace('"', '""') + '"'


def _watch(pid: int, account: Account) -> subprocess.Popen[bytes]:
    return account.popen(
        ["/bin/sh", "-c", WATCHDOG, "misconduct-watchdog", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait_until_ready(postmaster: Postmaster, order: Launch, stopping: threading.Event) -> None:
    deadline = time.monotonic() + START_SECONDS
    while read_state(order.home) != "ready":
        if postmaster.has_died():
            raise explain("did not start", order.home.path, order.log.tail())
        if stopping.wait(0.005) or time.monotonic() > deadline:
            raise explain("was not ready in time", order.home.path, order.log.tail())


def read_state(home: Home) -> str:
    """What the server says in its pid file: starting, ready (it takes connections), stopping; else: not up."""
    lines = _read_pid_file(home)
    return lines[7].strip() if len(lines) >= 8 else "not up"


def interrupt_leftover(home: Home, sign: signal.Signals) -> None:
    """Ask a server to end whose user is gone. Only while its lock is held: then the number is a server's."""
    lines = _read_pid_file(home)
    if lines and lines[0].isdecimal():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(lines[0]), sign)


def _read_pid_file(home: Home) -> list[str]:
    try:
        return home.pid_file.read_text().splitlines()
    except OSError:
        return []
