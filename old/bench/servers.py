"""Servers as processes of their own: started, waited for, watched, stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A program that answers HTTP on a port of this machine for as long as the block runs."""

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        log: Path,
        *,
        probe: str = "/",
        env: Mapping[str, str] = {},
        patience: float = 60,
    ) -> None:
        self.command, self.log, self.env, self.patience = command, log, env, patience
        self.url = f"http://127.0.0.1:{port}"
        self._probe = probe

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, env={**os.environ, **self.env}, start_new_session=True
            )
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)  # its own session: nobody else's
            self.process.wait()

    def _wait(self) -> None:
        """Returns when it answers anything at all."""
        until = time.monotonic() + self.patience
        while time.monotonic() < until and self.process.poll() is None:
            try:
                urlopen(Request(self.url + self._probe), timeout=5).close()
            except HTTPError:
                return
            except OSError:
                time.sleep(0.05)
            else:
                return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # with all that it started
        self.process.wait()
        raise RuntimeError(f"{self.command[0]} did not answer: {self.log.read_text()[-500:]}")

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the process and all it started, so far."""
        return sum(_cpu_seconds(pid) for pid in [self.process.pid, *descendants(self.process.pid)])

    def wait_until_idle(self, seconds: float = 60) -> None:
        """Waits until what was asked is done, or so many seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            before = self.cpu_seconds
            time.sleep(0.2)
            if self.cpu_seconds - before < 0.04:
                return

    @property
    def peak_megabytes(self) -> float:
        """The most memory it ever had; of several processes, the sum of theirs."""
        return sum(read_memory(pid, "VmHWM") for pid in [self.process.pid, *descendants(self.process.pid)])


def cpu_of(pid: int) -> float:
    """Processor seconds of a process and all it started, so far."""
    return sum(_cpu_seconds(one) for one in [pid, *descendants(pid)])


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    found, parents = [], {}
    for folder in Path("/proc").glob("[0-9]*"):
        if (fields := _stat(int(folder.name))) is not None:
            parents[int(folder.name)] = int(fields[1])
    waiting = [pid]
    while waiting:
        above = waiting.pop()
        below = [child for child, parent in parents.items() if parent == above]
        found += below
        waiting += below
    return found


def read_memory(pid: int, name: str) -> float:
    """Megabytes from a line of /proc's status, such as VmRSS; 0 where the process is gone."""
    status = Path(f"/proc/{pid}/status")
    try:
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    except OSError:
        return 0.0
    return int(lines[name].split()[0]) / 1024 if name in lines else 0.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu_seconds(pid: int) -> float:
    fields = _stat(pid)
    return 0.0 if fields is None else (int(fields[11]) + int(fields[12])) / TICKS


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc's stat behind the name, which may hold anything; None where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
