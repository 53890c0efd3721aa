"""What grows with the register and what does not: the same question, with as many matches, in registers of many sizes.

In each size every source has 250 figures, so that a page of one source has the same matches.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import psycopg

from bench.contenders import Field
from bench.drive import Question, drive
from bench.loading import empty, load
from bench.servers import read_memory
from misconduct.db.embedded import EmbeddedPostgres

PAGE = Question("/v1/observations?source=source-7&sort=id&limit=10")
COLD = Question("/v1/observations?source=source-7&sort=id&limit=10&value_from=-{n}")
DISK = "SELECT pg_total_relation_size('observations'), sum(pg_column_size(bytes)) FROM file_contents"
PICTURE = Path(__file__).parent / "growth.svg"


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
    cold_p50: float
    cold_p99: float
    worker: float


def measure_growth(
    server: EmbeddedPostgres, folder: Path, sizes: list[tuple[int, int]], seconds: float, tell: Callable[[str], None]
) -> list[Size]:
    """Every size in turn, each of so many observations in so many releases. One that fails is told, and left out."""
    found = []
    for observations, releases in sizes:
        size = f"{observations:,} observations in {releases} releases"
        try:
            found.append(_measure(server, folder, observations, releases, seconds))
        except (OSError, psycopg.Error, subprocess.CalledProcessError) as error:
            tell(f"growth: {size}: not measured: {error}")
        else:
            tell(f"growth: {size}: p50 {found[-1].p50:.2f} ms")
    return found


def _measure(server: EmbeddedPostgres, folder: Path, observations: int, releases: int, seconds: float) -> Size:
    register = folder / f"register-{observations}-{releases}"
    _generate(register, observations, releases)
    empty(server)
    try:
        seconds_of_load = load(server.owner_url, register)["load"]
    finally:
        shutil.rmtree(register)
    disk, times = _classify_change(server.owner_url), _serve(server.reader_url, folder, seconds)
    return Size(observations, releases, seconds_of_load, *disk, *times)


def _generate(register: Path, observations: int, releases: int) -> None:
    numbers = ["--observations", str(observations), "--releases", str(releases)]
    subprocess.run([sys.executable, "-m", "bench.generate", str(register), *numbers], check=True)


def _classify_change(owner_url: str) -> tuple[int, int]:
    """Bytes of the table with its indexes, and of the files."""
    with psycopg.connect(owner_url) as owner:
        table, files = owner.execute(DISK).fetchone() or (0, 0)
    return int(table), int(files or 0)


def _serve(reader_url: str, folder: Path, seconds: float) -> tuple[float, float, float, float, float, float]:
    """Seconds to the first answer; p50 and p99 of one question and of ever new ones; megabytes of the worker."""
    began = time.perf_counter()
    with Field(folder, reader_url, folder).ours("growth", cache_bytes=0) as ours:
        first_answer = time.perf_counter() - began
        cold, warm = drive(ours.url, COLD, seconds), drive(ours.url, PAGE, seconds)
        worker = read_memory(ours.process.pid, "VmRSS")
    return first_answer, warm.p50, warm.p99, cold.p50, cold.p99, worker


def describe_growth(sizes: list[Size]) -> str:
    """A table; the picture is written beside it."""
    names = (
        "observations|releases|load µs a row|table B a row|files B a row|start s|p50 ms|p99 ms|new p50|p99|worker MB"
    )
    lines = [
        f"|{names}|",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in sizes:
        rows = one.observations
        lines.append(
            f"| {rows:,} | {one.releases} | {one.load_seconds / rows * 1e6:.0f} | {one.table_bytes / rows:.0f} "
            f"| {one.file_bytes / rows:.0f} | {one.first_answer:.2f} | {one.p50:.2f} | {one.p99:.2f} "
            f"| {one.cold_p50:.2f} | {one.cold_p99:.2f} | {one.worker:.0f} |"
        )
    PICTURE.write_text(draw([one for one in sizes if one.releases == sizes[0].releases]))
    return "\n".join(lines) + "\n\n![Time of a page by size of the register](growth.svg)\n"


def draw(sizes: list[Size]) -> str:
    """Bars of the middle time of a page of 10, one for each size, from zero."""
    most = max(one.p50 for one in sizes)
    bars = [
        f'<text x="110" y="{40 * place + 35}" text-anchor="end">{one.observations:,}</text>'
        f'<rect x="120" y="{40 * place + 18}" width="{380 * one.p50 / most:.0f}" height="24" fill="#3b6ea5"/>'
        f'<text x="{130 + 380 * one.p50 / most:.0f}" y="{40 * place + 35}">{one.p50:.1f} ms</text>'
        for place, one in enumerate(sizes)
    ]
    title = escape("Middle time of a page of 10 with as many matches, by number of observations")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 {40 * len(sizes) + 20}" role="img" '
        f'font-family="sans-serif" font-size="13"><title>{title}</title>{"".join(bars)}</svg>\n'
    )
