"""A chart of a new query: how long until it is drawn, and what it costs those who ask for listings meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import NamedTuple

from bench.contenders import CATEGORY, NEW, SOURCE
from bench.drive import Question, drive
from bench.servers import Server

CHART = Question(
    f"/v1/observations.svg?category={CATEGORY}&source={SOURCE}&unit=count"
    "&measure=accused,complained_of,suspended,restricted&value_from=-{n}"
)
"""Of about seven figures: one picture can show them."""
LISTING = Question(NEW)
READERS = 2
"""Connections for listings: two cores have time left for a chart, so that a wait is the chart's doing."""


class Drawn(NamedTuple):
    """Seconds from question to picture, and the p99 of listings beside charts ÷ without."""

    seconds: float
    beside: float


def measure_charts(server: Server, seconds: float, rounds: int) -> Drawn:
    """Asks for charts alone, for listings alone, and for both, in turn."""
    seconds = max(seconds, 1.5)  # or the slowest of a hundred is the only one
    drive(server.url, CHART, 1, connections=1)  # starts the process that draws
    times, ratios = [], []
    for _ in range(rounds):
        drawn = drive(server.url, CHART, seconds, connections=1)
        if drawn.failed:
            raise ValueError(f"{drawn.failed} of {drawn.requests} charts were not drawn")
        times.append(drawn.p50 / 1e3)
        alone = drive(server.url, LISTING, seconds, READERS)
        with ThreadPoolExecutor(1) as others:
            charts = others.submit(drive, server.url, CHART, seconds + 1, 1)
            ratios.append(drive(server.url, LISTING, seconds, READERS).p99 / alone.p99)
            charts.result()
    return Drawn(median(times), median(ratios))
