"""The service and its database as processes of their own, which can be killed, stopped and looked at."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import psycopg

from misconduct.db.embedded import EmbeddedPostgres
from tests.chaos.traffic import eventually

PROJECT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from misconduct.cli import app; app(prog_name='misconduct')"]


def search_path(checkout: Path) -> str:
    """Return the PYTHONPATH with which Python takes the code of a checkout, and libraries from where they are."""
    return ":".join([str(checkout), str(checkout / "app"), *sys.path])


def name_package(checkout: Path) -> None:
    """Let a checkout of up to 1.0.0, when `app/` was the package itself, be imported by the name of today."""
    if not (checkout / "app" / "misconduct").exists():
        (checkout / "misconduct").symlink_to("app")


def environment(checkout: Path = PROJECT, **more: str) -> dict[str, str]:
    """Return everything that `COMMAND` needs to run the code of a checkout."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": search_path(checkout), **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """`misconduct serve` on a database that somebody else runs and loads; of another `checkout`, where that is given."""

    def __init__(
        self,
        reader_url: str,
        folder: Path,
        *arguments: str,
        checkout: Path = PROJECT,
        port: int | None = None,
        **settings: str,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.said = folder / f"said-{self.port}"
        with self.said.open("w") as said:
            self.process = psutil.Popen(
                [*COMMAND, "serve", "--port", str(self.port), *arguments],
                env=environment(checkout, MISCONDUCT_DATABASE_URL=reader_url, **settings),
                cwd=checkout,
                stdin=subprocess.DEVNULL,
                stderr=said,
            )

    def wait_until_ready(self) -> Service:
        eventually(self._is_ready, 60)
        return self

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.said.read_text()
        try:
            return self.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=headers, timeout=20)

    def metric(self, name: str) -> float:
        lines = self.get("/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def workers(self) -> list[psutil.Process]:
        """Those that run: not what has ended and only waits for its parent to notice."""
        alive = [child for child in self.process.children() if child.status() != psutil.STATUS_ZOMBIE]
        return [child for child in alive if any("spawn_main" in word for word in child.cmdline())]

    def memory(self) -> float:
        """What all its processes take, in MB."""
        return sum(one.memory_info().rss for one in (self.process, *self.process.children(recursive=True))) / 1e6

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except psutil.TimeoutExpired:
                for one in (*self.process.children(recursive=True), self.process):
                    one.kill()
                self.process.wait()


@contextmanager
def private_server() -> Iterator[EmbeddedPostgres]:
    """A server whose processes a test may do anything to."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    folder.chmod(0o711)  # root's server runs as another user, who must be able to enter
    with EmbeddedPostgres(folder / "home") as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def processes_of(server: EmbeddedPostgres) -> list[psutil.Process]:
    """The server's processes, the first one first."""
    first = psutil.Process(server.pid)
    return [first, *first.children(recursive=True)]


def signal_all(server: EmbeddedPostgres, sign: signal.Signals) -> None:
    for process in processes_of(server):
        process.send_signal(sign)


def stop_at_once(server: EmbeddedPostgres) -> None:
    """An immediate shutdown: nothing is written out, every connection breaks; and it is not revived."""
    os.kill(server.pid, signal.SIGQUIT)
    server.stop()


def connections(server: EmbeddedPostgres) -> list[tuple[str, str]]:
    """State and query of every connection that the service has."""
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        return admin.execute(
            "SELECT coalesce(state, ''), query FROM pg_stat_activity WHERE usename = 'misconduct_reader'"
        ).fetchall()
