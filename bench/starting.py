"""How long `misconduct serve` takes to its first answer when everything is there already, and what a worker weighs."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.request import urlopen

from bench.servers import Server, descendants, free_port, read_memory

ADDRESSES = ("/v1/observations", "/v1/observations.csv", "/v1/allegations/by-year", "/v1/sources", "/", "/docs")


class Start(NamedTuple):
    """Seconds of the first start, which makes the database, and of a later one; megabytes of the one worker."""

    first: float
    second: float
    worker: float


def measure_start(folder: Path, register: Path, rounds: int) -> Start:
    """Starts the whole service with a database of its own, again and again."""
    seconds, worker = [], 0.0
    for _ in range(rounds + 1):
        began = time.perf_counter()
        with serve_register(folder, register, "home-of-start") as server:
            seconds.append(time.perf_counter() - began)
            worker = _classify_change(server)
    return Start(seconds[0], median(seconds[1:]), worker)


def serve_register(folder: Path, register: Path, home: str = "home-of-register") -> Server:
    """`misconduct serve` with a database of its own."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("misconduct")), "serve", "--register", str(register)]
    env = {"MISCONDUCT_HOME": str(folder / home), "PORT": str(port)}
    return Server(command, port, folder / f"{home}.log", probe="/v1/observations", env=env, patience=600)


def _classify_change(server: Server) -> float:
    """Megabytes of the process that answers, after it has answered a little of everything."""
    for address in ADDRESSES:
        urlopen(server.url + address, timeout=30).close()
    ours = [pid for pid in [server.process.pid, *descendants(server.process.pid)] if "python" in _name(pid)]
    return max(read_memory(pid, "VmRSS") for pid in ours)


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().partition("\0")[0]
    except OSError:
        return ""
