"""Start services, send them requests, and read what they use."""

import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Self

import httpx

ROOT = Path(__file__).parents[1]
PORTS = cycle(range(8230, 8240))
START_SECONDS = 120
CONNECTIONS = 8
UVICORN = (
    "-m",
    "uvicorn",
    "--no-access-log",
    "--ws",
    "none",
    "--no-server-header",
)
"""The options with which the service runs."""

LUA = """
local paths, place = {}, 0
for line in io.lines("PATHS") do paths[#paths + 1] = line end
request = function()
  place = place % #paths + 1
  return wrk.format("GET", paths[place])
end
done = function(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("result %d %d %d", summary.requests, summary.duration, failed))
end
"""


class Service:
    """A running server. Its output is in `log`."""

    def __init__(
        self, log: Path, arguments: Sequence[str], tree: Path = ROOT, **environment: str
    ) -> None:
        self.port = next(filter(_is_free, PORTS))
        self.url, self.log = f"http://127.0.0.1:{self.port}", log
        words = [sys.executable, *arguments, "--port", str(self.port)]
        self.client = httpx.Client(
            base_url=self.url, timeout=300, headers={"Accept-Encoding": "identity"}
        )
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                words,
                cwd=log.parent,
                env=python_path(tree) | environment,
                stdout=output,
                stderr=output,
            )

    def wait(self, path: str) -> Self:
        """Wait until it answers at a path."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with suppress(httpx.TransportError):
                if self.client.get(path).status_code == 200:
                    return self
            time.sleep(0.02)
        raise SystemExit(
            f"{self.log}: the server did not start\n{self.log.read_text()}"
        )

    def get(self, path: str) -> httpx.Response:
        """Return an answer, which must have status 200."""
        return self.client.get(path).raise_for_status()

    def seconds(self, path: str) -> float:
        """Return how long an answer takes until its last byte."""
        begun = time.perf_counter()
        with self.client.stream("GET", path) as response:
            response.raise_for_status()
            for _ in response.iter_raw():
                pass
        return time.perf_counter() - begun

    def median_ms(self, paths: Sequence[str]) -> float:
        """Return the median time of answers that are asked for one after the other."""
        return statistics.median(self.seconds(path) for path in paths) * 1000

    def memory(self) -> float:
        """Return the resident memory in MB."""
        return read_memory(self.process.pid)

    def rate(self, paths: Sequence[str], seconds: float) -> float:
        """Return the requests per second of eight connections that ask for the paths in turn."""
        self.get(paths[-1])
        return (_wrk if shutil.which("wrk") else _httpx)(self.url, paths, seconds)

    def stop(self) -> None:
        """Stop it as an operator does."""
        self.client.close()
        self.process.terminate()
        self.process.wait(timeout=60)


def read_memory(process: int) -> float:
    """Return the resident memory of a process in MB."""
    words = ["ps", "-o", "rss=", "-p", str(process)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def python_path(tree: Path) -> dict[str, str]:
    """Return the environment in which Python imports the program of a source tree, and its bench."""
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("MISCONDUCT_")
    }
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PYTHONPATH": f"{tree / 'app'}{os.pathsep}{tree}"}


def run(
    arguments: Sequence[str], tree: Path = ROOT, **environment: str
) -> tuple[float, float]:
    """Run Python, and return the seconds that it took and its peak memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], env=python_path(tree) | environment, cwd=tree
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(
            f"{' '.join(arguments)} ended with status {process.returncode}"
        )
    return time.perf_counter() - begun, usage.ru_maxrss / (
        1024 * 1024 if sys.platform == "darwin" else 1024
    )


def check_out(revision: str, folder: Path) -> Path:
    """Write the files of a commit into a new folder, and return it."""
    folder.mkdir()
    files = subprocess.run(
        [
            "git",
            "-C",
            str(ROOT),
            "archive",
            revision,
            "app",
            "alembic",
            "bench",
            "data",
        ],
        check=True,
        stdout=subprocess.PIPE,
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=files.stdout, check=True)
    return folder


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _wrk(url: str, paths: Sequence[str], seconds: float) -> float:
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder) / "paths", Path(folder) / "ask.lua"
        listed.write_text("\n".join(paths))
        script.write_text(LUA.replace("PATHS", str(listed)))
        words = [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{max(1, round(seconds))}s",
            "-s",
            str(script),
            url,
        ]
        output = subprocess.run(
            words, check=True, capture_output=True, text=True
        ).stdout
    requests, microseconds, failed = map(int, output.partition("result ")[2].split())
    if failed:
        raise SystemExit(f"{url}{paths[0]}: {failed} of {requests} requests failed")
    return requests / microseconds * 1e6


def _httpx(url: str, paths: Sequence[str], seconds: float) -> float:
    ahead, until, answered = cycle(paths), time.perf_counter() + seconds, Counter[int]()

    async def ask(client: httpx.AsyncClient) -> None:
        while time.perf_counter() < until:
            answered[
                (await client.get(next(ahead))).raise_for_status().status_code
            ] += 1

    async def ask_all() -> None:
        async with httpx.AsyncClient(
            base_url=url, headers={"Accept-Encoding": "identity"}
        ) as client:
            await asyncio.gather(*(ask(client) for _ in range(CONNECTIONS)))

    asyncio.run(ask_all())
    return answered.total() / seconds
