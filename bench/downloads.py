"""A release's CSV over HTTP against `psql \\copy … TO` of the same rows, in turn."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.request import urlopen

from bench.servers import Server, read_memory

FILE = "/v1/observations.csv"


class Download(NamedTuple):
    """Seconds of both, the bytes that came, and megabytes by which the server's memory grew at most."""

    ours: float
    copied: float
    length: int
    grown: float


def measure_download(server: Server, psql: Path, owner_url: str, folder: Path, rounds: int) -> Download:
    """Both write the same bytes into a file. `\\copy` reads them from the table `flat` of `bench.loading`."""
    before = read_memory(server.process.pid, "VmRSS")
    command = [str(psql), owner_url, "-qc", f"\\copy flat TO {folder / 'copied'} CSV HEADER"]
    ours, copied = [], []
    for _ in range(rounds):
        copied.append(_time(lambda: subprocess.run(command, check=True)))
        ours.append(_time(lambda: _save(server.url + FILE, folder / "downloaded")))
    grown = read_memory(server.process.pid, "VmHWM") - before
    return Download(median(ours), median(copied), (folder / "downloaded").stat().st_size, grown)


def _save(url: str, file: Path) -> None:
    with urlopen(url, timeout=600) as answer, file.open("wb") as out:
        shutil.copyfileobj(answer, out, 1 << 20)


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
