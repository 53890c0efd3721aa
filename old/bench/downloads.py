"""A release's CSV over HTTP against `psql \\copy … TO` of the same rows, in turn."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.request import urlopen

from bench.servers import Server, read_memory

FILE = "/v1/observations.csv?detail=full"  # the file of the release; fewer columns are an export
OF_ALL = ("observations.csv", "observations.parquet", "bundle.zip")


class Download(NamedTuple):
    """Seconds of both, megabytes by which the server's memory grew at most, and the bytes of the release's files."""

    ours: float
    copied: float
    grown: float
    files: list[tuple[str, int]]


def measure_download(server: Server, psql: Path, owner_url: str, folder: Path, rounds: int) -> Download:
    """Both write the same bytes into a file. `\\copy` reads them from the table `flat` of `bench.loading`."""
    before = read_memory(server.process.pid, "VmRSS")
    command = [str(psql), owner_url, "-qc", f"\\copy flat TO {folder / 'copied'} CSV HEADER"]
    ours, copied = [], []
    for _ in range(rounds):
        copied.append(_time(lambda: subprocess.run(command, check=True)))
        ours.append(_time(lambda: _save(server.url + FILE, folder / "downloaded")))
    grown = read_memory(server.process.pid, "VmHWM") - before
    files = json.load(urlopen(server.url + "/v1/releases/latest/files"))["data"]
    of_all = [(one["name"], one["length"]) for one in files if one["name"] in OF_ALL]
    return Download(median(ours), median(copied), grown, of_all)


def _save(url: str, file: Path) -> None:
    with urlopen(url, timeout=600) as answer, file.open("wb") as out:
        shutil.copyfileobj(answer, out, 1 << 20)


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
