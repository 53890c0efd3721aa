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
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Self

import httpx

ROOT = Path(__file__).parents[1]
PORTS = cycle(range(8230, 8240))
START_SECONDS = 600
CONNECTIONS = 8
UVICORN = ["-m", "uvicorn", "--no-access-log", "--ws", "none", "--no-server-header"]
"""The options with which the service runs."""

LUA = """
local paths, place = {}, 0
for line in io.lines("PATHS") do paths[#paths + 1] = line end
request = function()
  place = place % #paths + 1
  return wrk.format("GET", paths[place])
end
"""


class Service:
    """A running server. Its output is in `log`."""

    def __init__(self, log: Path, words: Sequence[str], **settings: str) -> None:
        self.port = next(filter(_is_free, PORTS))
        self.url, self.log = f"http://127.0.0.1:{self.port}", log
        words = [sys.executable, *words, "--port", str(self.port)]
        plain = {"Accept-Encoding": "identity"}
        self.client = httpx.Client(base_url=self.url, timeout=300, headers=plain)
        self.begun = time.perf_counter()
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=_clean(settings), stdout=output, stderr=output
            )

    def wait(self, path: str) -> Self:
        """Wait until it answers at a path, and note the seconds that this took."""
        while self.process.poll() is None:
            with suppress(httpx.TransportError):
                if self.client.get(path).status_code == 200:
                    self.start_seconds = time.perf_counter() - self.begun
                    return self
            if time.perf_counter() > self.begun + START_SECONDS:
                break
            time.sleep(0.02)
        raise SystemExit(f"{self.log}: it did not start\n{self.log.read_text()}")

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
        return self._read_memory("VmRSS")

    def peak_memory(self) -> float:
        """Return the most resident memory since it started, in MB."""
        return self._read_memory("VmHWM")

    def _read_memory(self, field: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        _, _, found = status.partition(f"{field}:")
        return int(found.split()[0]) / 1024

    def rate(self, paths: Sequence[str], seconds: float) -> float:
        """Return the requests per second of connections that ask for paths in turn."""
        self.get(paths[-1])
        return (_wrk if shutil.which("wrk") else _httpx)(self.url, paths, seconds)

    def stop(self) -> None:
        """Stop it as an operator does."""
        self.client.close()
        self.process.terminate()
        self.process.wait(timeout=60)


def run(words: Sequence[str], **settings: str) -> tuple[float, float]:
    """Run Python. Return the seconds that it took, and its peak memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], env=_clean(settings), cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with status {process.returncode}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return time.perf_counter() - begun, usage.ru_maxrss / unit


def _clean(settings: dict[str, str]) -> dict[str, str]:
    """Return the environment of a program of this folder, with no other settings."""
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("MISCONDUCT_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return kept | {"PYTHONPATH": f"{ROOT / 'app'}{os.pathsep}{ROOT}"} | settings


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _wrk(url: str, paths: Sequence[str], seconds: float) -> float:
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder) / "paths", Path(folder) / "ask.lua"
        listed.write_text("\n".join(paths))
        script.write_text(LUA.replace("PATHS", str(listed)))
        limits = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
        words = ["wrk", *limits, "-s", str(script), url]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
    said = dict(
        line.strip().split(":") for line in done.stdout.splitlines()[3:] if ":" in line
    )
    if "errors" in done.stdout or "Non-2xx" in done.stdout:
        raise SystemExit(f"{url}{paths[0]}: requests failed\n{done.stdout}")
    return float(said["Requests/sec"])


def _httpx(url: str, paths: Sequence[str], seconds: float) -> float:
    ahead, until = cycle(paths), time.perf_counter() + seconds

    async def ask(client: httpx.AsyncClient) -> int:
        answered = 0
        while time.perf_counter() < until:
            (await client.get(next(ahead))).raise_for_status()
            answered += 1
        return answered

    async def ask_all() -> int:
        plain = {"Accept-Encoding": "identity"}
        async with httpx.AsyncClient(base_url=url, headers=plain) as client:
            asking = (ask(client) for _ in range(CONNECTIONS))
            return sum(await asyncio.gather(*asking))

    return asyncio.run(ask_all()) / seconds
