"""A real primary and real streaming replicas of it, made from the embedded binaries, over TCP."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.embedded.account import Account, choose_account, find_binaries
from misconduct.db.embedded.home import SUPERUSER, ConnectionInfo, Home
from misconduct.db.migrate import migrate
from tests.test_serve import eventually, free_port

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "replica",
    "hot_standby": "on",
    "max_standby_streaming_delay": "0",  # what is replayed never waits for what is read
    "wal_receiver_status_interval": "1s",
    "fsync": "off",
    "shared_buffers": "32MB",
}


class Server:
    """A server over one data folder."""

    def __init__(
        self, binaries: Path, account: Account, data: Path, facts: ConnectionInfo, *, database: str = "misconduct"
    ) -> None:
        self.port, self.database = free_port(), database
        self.place = f"127.0.0.1:{self.port}"
        self.binaries, self.account, self.data, self.facts = binaries, account, data, facts
        self.start()

    def start(self) -> None:
        """Starts it, and returns once it answers."""
        flags = [flag for name, value in SETTINGS.items() for flag in ("-c", f"{name}={value}")]
        with (self.data.parent / f"{self.data.name}.log").open("a") as log:
            command = [self.binaries / "postgres", "-D", self.data, "-p", str(self.port), *flags]
            self._process = self.account.popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self._answers, seconds=60)

    def _answers(self) -> bool:
        assert self._process.poll() is None
        with suppress(psycopg.OperationalError):
            self.execute("SELECT 1")
            return True
        return False

    def url(self, role: str, *places: str) -> str:
        """The address of the database on these servers; without any, on this one."""
        login = f"postgresql://{role}:{self.facts.passwords[role]}@"
        return f"{login}{','.join(places or [self.place])}/{self.database}"

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Runs one statement as the superuser; returns its rows. On a replica, replay may cancel it: then again."""
        for _ in range(5):
            try:
                with psycopg.connect(self.url(SUPERUSER), autocommit=True) as admin:
                    done = admin.execute(statement)
                    return done.fetchall() if done.description else []
            except psycopg.OperationalError as error:  # the driver has no class for it while it connects
                if "conflict with recovery" not in str(error):
                    raise
                cancelled = error
        raise cancelled

    @contextmanager
    def hung(self) -> Iterator[None]:
        """For the block, no process of the server does anything, as in a machine that is frozen."""
        first = psutil.Process(self._process.pid)
        everything = [first, *first.children(recursive=True)]
        for process in everything:
            process.suspend()
        try:
            yield
        finally:
            for process in everything:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """For the block, a replica hears nothing of its primary and has not noticed, as in a network that swallows all."""
        ((pid,),) = self.execute("SELECT pid FROM pg_stat_wal_receiver")
        receiver = psutil.Process(pid)
        receiver.suspend()
        try:
            yield
        finally:
            receiver.resume()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)

    def die(self) -> None:
        """Ends at once: every connection breaks, and nothing is written out."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)


class Replicated:
    """A primary with an empty, migrated database, and its replicas; `replica` is the first of them."""

    def __init__(self, primary: Server, replicas: list[Server]) -> None:
        self.primary, self.replicas, self.replica = primary, replicas, replicas[0]

    @property
    def owner_url(self) -> str:
        return self.primary.url("misconduct_owner")

    def wait_for_replay(self) -> None:
        """Returns when every replica has everything that the primary has."""
        ((written,),) = self.primary.execute("SELECT pg_current_wal_flush_lsn()::text")
        there = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        for replica in self.replicas:
            try:
                eventually(lambda replica=replica: replica.execute(there) == [(True,)], seconds=30)
            except AssertionError:
                raise AssertionError(f"{replica.place} has not replayed {written}: {self._state_of(replica)}") from None

    def _state_of(self, replica: Server) -> str:
        """What both say of the replication, and who keeps it up: to be read where a test fails."""
        senders = self.primary.execute("SELECT state, sent_lsn, flush_lsn, replay_lsn FROM pg_stat_replication")
        received = replica.execute(
            "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_is_wal_replay_paused()"
        )
        receivers = replica.execute(
            "SELECT pid, status, flushed_lsn, now() - last_msg_receipt_time FROM pg_stat_wal_receiver"
        )
        others = replica.execute("SELECT pid, backend_type, state, wait_event, left(query, 60) FROM pg_stat_activity")
        states = [(one.pid, one.status()) for one in psutil.Process(replica._process.pid).children(recursive=True)]
        log = (replica.data.parent / f"{replica.data.name}.log").read_text()[-1500:]
        return "\n".join(map(str, (senders, received, receivers, others, states, log)))

    @contextmanager
    def lagging(self) -> Iterator[None]:
        """For the block, the replica replays nothing."""
        self.replica.execute("SELECT pg_wal_replay_pause()")
        paused = "SELECT pg_get_wal_replay_pause_state()"
        eventually(lambda: self.replica.execute(paused) == [("paused",)], seconds=30)
        try:
            yield
        finally:
            self.replica.execute("SELECT pg_wal_replay_resume()")


@contextmanager
def replicated(replicas: int = 1, *, migrated: bool = True) -> Iterator[Replicated]:
    """All servers, until the block ends. Unless `migrated`, the database has no tables yet."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    folder.chmod(0o711)  # root's server runs as another user, who must be able to enter
    home, account = folder / "home", choose_account()
    with EmbeddedPostgres(home) as made:
        if migrated:
            migrate(made.owner_url)
    facts = Home(home).read_connection()
    assert facts is not None
    binaries = find_binaries(home, account)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        primary = Server(binaries, account, home / "data", facts)
        stack.callback(primary.stop)
        copies = []
        for number in range(1, replicas + 1):
            copies.append(copy_server(primary, home / f"replica{number}", "-R"))
            stack.callback(copies[-1].stop)
        yield Replicated(primary, copies)


def copy_server(primary: Server, data: Path, *options: str) -> Server:
    """Starts a server over a base backup of another in a new folder; with `-R` it is a replica."""
    primary.account.make_folder(data)
    command = [primary.binaries / "pg_basebackup", "-D", data, "-c", "fast", *options, "-d", primary.url(SUPERUSER)]
    copied = primary.account.run(command)
    assert copied.returncode == 0, copied.stdout
    return Server(primary.binaries, primary.account, data, primary.facts)


class Proxy:
    """One address before several servers, as a balancer of connections is: each new one leads to the next of `ports`."""

    def __init__(self, *ports: int) -> None:
        self.ports = list(ports)
        self._open: list[socket.socket] = []
        self._count = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def lead_to(self, *ports: int) -> None:
        """Ends all connections; new ones lead to these."""
        self.ports = list(ports)
        self._break_off()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()
        self._break_off()
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._server.accept()[0]
                port = self.ports[self._count % len(self.ports)]
                self._count += 1
                server = socket.create_connection(("127.0.0.1", port))
                self._open += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=_forward, args=pair, daemon=True).start()

    def _break_off(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(1 << 16):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(*ports: int) -> Iterator[Proxy]:
    one = Proxy(*ports)
    try:
        yield one
    finally:
        one.close()
