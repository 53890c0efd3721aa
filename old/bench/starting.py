"""How long the service takes to its first answer, from a fresh clone and when all is there; what a worker weighs."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from bench.servers import Server, descendants, free_port

PROJECT = Path(__file__).parents[1]
PLACE, HOME = PROJECT / ".bench", "home-of-register"
ADDRESSES = ("/v1/observations", "/v1/observations.csv", "/v1/allegations/by-year", "/v1/sources", "/", "/docs")


def measure_first_start(folder: Path) -> float:
    """Seconds from a fresh clone to the first answer of `make serve`: packages, database, load and files.

    The packages are in the caches of pip and uv, as this checkout has them: so the clone lies beside it, on its disk.
    Raises ValueError where it did not come to an answer.
    """
    PLACE.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="clone-", dir=PLACE) as clone:
        Path(clone).chmod(0o755)  # root's Postgres, who is another user, takes its programs from there
        port, began = free_port(), time.perf_counter()
        env = {"MISCONDUCT_HOME": str(folder / HOME), "PORT": str(port)}
        try:
            subprocess.run(["git", "clone", "--quiet", PROJECT, clone], check=True, capture_output=True)
            command = ["make", "-C", clone, "serve"]
            with Server(command, port, folder / "first.log", probe="/v1/observations", env=env, patience=300):
                return time.perf_counter() - began
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            print(error, file=sys.stderr)  # with paths, which are no part of the results
            raise ValueError("a fresh clone did not start") from error


def measure_start(folder: Path, rounds: int) -> tuple[float, float]:
    """Seconds to the first answer when everything is there, and megabytes of the worker: starts again and again.

    Each start has another port: nothing that is kept depends on it. What does count is bytecode: where nobody wrote
    any, each start compiles 1,200 files, which takes as long as the rest and leaves 30 MB behind. `make` sees to it.
    """
    seconds, worker = [], 0.0
    for _ in range(rounds):
        began = time.perf_counter()
        with serve_register(folder) as server:
            seconds.append(time.perf_counter() - began)
            worker = _weigh(server)
    return median(seconds), worker


def serve_register(folder: Path) -> Server:
    """`misconduct serve` of our register, with a database of its own, which the first start makes."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("misconduct")), "serve", "--register", str(PROJECT / "data")]
    env = {"MISCONDUCT_HOME": str(folder / HOME), "PORT": str(port), "PYTHONDONTWRITEBYTECODE": ""}  # as with `make`
    return Server(command, port, folder / "register.log", probe="/v1/observations", env=env, patience=600)


def _weigh(server: Server) -> float:
    """Megabytes of the process that answers, after it has answered a little of everything.

    The memory that it wrote to, which is what a further worker costs. What VmRSS counts besides, 23 MB, is the code of
    shared libraries, which all workers have in common; a share of that (PSS) would depend on what else runs.
    """
    for address in ADDRESSES:
        urlopen(server.url + address, timeout=30).close()
    ours = [pid for pid in [server.process.pid, *descendants(server.process.pid)] if "python" in _name(pid)]
    return max(map(_read_private, ours))


def _read_private(pid: int) -> float:
    """Megabytes that no other process can share; 0 where the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:")) / 1024


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().partition("\0")[0]
    except OSError:
        return ""
