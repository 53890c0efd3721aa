"""What grows with the register and what does not: the same question, with as many matches, in registers of many sizes.

In each size every source has 250 figures, so that a page of one source has the same matches.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psycopg

from bench.contenders import Field
from bench.drive import Question, drive
from bench.loading import load, make_database
from bench.servers import read_memory
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.embedded.home import READER

PAGE = Question("/v1/observations?source=source-7&sort=id&limit=10")
NEW = Question("/v1/observations?source=source-7&sort=id&limit=10&value_from=-{n}")
DISK = "SELECT pg_total_relation_size('observations'), sum(pg_column_size(bytes)) FROM file_contents"

Tell = Callable[[str], None]


class Size(NamedTuple):
    """One register: seconds, bytes a row, milliseconds, megabytes."""

    observations: int
    releases: int
    load_seconds: float
    table_bytes: int
    file_bytes: int
    first_answer: float
    p50: float
    p99: float
    new_p50: float
    new_p99: float
    worker: float


def measure_growth(
    server: EmbeddedPostgres, folder: Path, sizes: list[tuple[int, int]], *, rounds: int, seconds: float, tell: Tell
) -> list[Size]:
    """Loads every size, each of so many observations in so many releases, and then asks all of them in turn.

    One that fails is told, and left out.
    """
    with ExitStack() as running:
        started = []
        for observations, releases in sizes:
            size = f"{observations:,} observations in {releases} releases"
            try:
                loaded = _load(server, folder, observations, releases)
                began = time.perf_counter()
                field = Field(folder, server.url(READER, _name(observations, releases)), folder)
                ours = running.enter_context(field.ours(_name(observations, releases), cache_bytes=0))
            except (OSError, RuntimeError, psycopg.Error, subprocess.CalledProcessError) as error:
                tell(f"{size}: not measured: {error}")
            else:
                started.append((observations, releases, loaded, time.perf_counter() - began, ours))
                tell(f"{size}: loaded in {loaded[0]:.0f} s")
        asked = [[(drive(one[-1].url, NEW, seconds), drive(one[-1].url, PAGE, seconds)) for one in started]
                 for _ in range(rounds)]  # fmt: skip
        found = []
        for (*size, loaded, first_answer, ours), times in zip(started, zip(*asked, strict=True), strict=True):
            middle = (median(getattr(one[kind], p) for one in times) for kind in (1, 0) for p in ("p50", "p99"))
            found.append(Size(*size, *loaded, first_answer, *middle, read_memory(ours.process.pid, "VmRSS")))
    return found


def _name(observations: int, releases: int) -> str:
    return f"growth_{observations}_{releases}"


def _load(server: EmbeddedPostgres, folder: Path, observations: int, releases: int) -> tuple[float, int, int]:
    """Loads a register of that size. Returns seconds, and bytes of the table with its indexes and of the files."""
    name = _name(observations, releases)
    owner_url, register = make_database(server, name), folder / name
    numbers = ["--observations", str(observations), "--releases", str(releases)]
    subprocess.run([sys.executable, "-m", "bench.generate", str(register), *numbers], check=True)
    try:
        seconds = load(owner_url, register)["load"]
    finally:
        shutil.rmtree(register)
    with psycopg.connect(owner_url) as owner:
        table, files = owner.execute(DISK).fetchone() or (0, 0)
    return seconds, int(table), int(files or 0)


def describe_growth(sizes: list[Size]) -> str:
    """A table."""
    names = (
        "observations|releases|load µs a row|table B a row|files B a row"
        "|start s|p50 ms|p99 ms|new p50|new p99|worker MB"
    )
    lines = [f"|{names}|", "|---" * (names.count("|") + 1) + "|"]
    for one in sizes:
        rows = one.observations
        lines.append(
            f"| {rows:,} | {one.releases} | {one.load_seconds / rows * 1e6:.0f} | {one.table_bytes / rows:.0f} "
            f"| {one.file_bytes / rows:.0f} | {one.first_answer:.2f} | {one.p50:.2f} | {one.p99:.2f} "
            f"| {one.new_p50:.2f} | {one.new_p99:.2f} | {one.worker:.0f} |"
        )
    return "\n".join(lines) + "\n"
