"""Mixed load for a while: two minutes in CI, hours by hand with MISCONDUCT_SOAK_SECONDS."""

from __future__ import annotations

import itertools
import os
import random
import time
from statistics import mean, median
from typing import NamedTuple

import pytest

from tests.chaos.serving import Service, connections
from tests.chaos.traffic import p99, traffic, uncached

SECONDS = float(os.environ.get("MISCONDUCT_SOAK_SECONDS", "120"))
WINDOWS = 12
ADDRESSES = (
    "/v1/observations?value=1071",
    "/v1/observations/k7m3q",
    "/v1/observations/k7m3q/evidence",
    "/v1/observations/by-year",
    "/v1/allegations/by-year?category=sexual_assault",
    "/v1/observations.csv",
    "/v1/observations.jsonl",
    "/v1/allegations.xlsx",
    "/v1/releases/1.1.0/files/observations.parquet",
    "/v1/releases/1.1.0/bundle.zip",
    "/v1/disagreements",
    "/v1/nothing",
    "/v1/observations?year=22",
    "/v1/observations/k7m3q?release=9.9.9",
    "/",
    "/datasets/allegations",
)


class Window(NamedTuple):
    """What was measured in a part of the time: MB, files, connections to the database, seconds."""

    memory: float
    files: float
    connections: float
    p99: float


def mixed() -> str:
    """Mostly what was asked before, a third of it new."""
    return uncached() if random.random() < 0.3 else random.choice(ADDRESSES)


def measure(service: Service, server, answers) -> Window:
    """The window that begins now."""
    first, until = len(answers.all), time.monotonic() + SECONDS / WINDOWS
    samples = []
    while time.monotonic() < until:
        time.sleep(min(1, SECONDS / WINDOWS / 4))
        samples.append((service.memory(), service.process.num_fds(), len(connections(server))))
    memory, files, held = (mean(values) for values in zip(*samples, strict=True))
    return Window(memory, files, held, p99(answers.all[first:]))


@pytest.mark.fault(
    f"mixed load for {SECONDS:.0f} s (longer: MISCONDUCT_SOAK_SECONDS)",
    "memory, file descriptors, connections and p99 flat; no failed request",
)
def test_nothing_grows(server, start, measured):
    service = start(MISCONDUCT_CACHE_BYTES="4000000")  # which is full before the first third is over
    with traffic(service.port, lambda _: mixed(), clients=4, pause=0.01) as answers:
        windows = [measure(service, server, answers) for _ in range(WINDOWS)]
    third = WINDOWS // 3
    then, now = (Window(*map(median, zip(*part, strict=True))) for part in (windows[third:-third], windows[-third:]))
    measured(f"{len(answers.all)} requests {answers.statuses}; middle third → last third:")
    measured(f"{then.memory:.0f} → {now.memory:.0f} MB, {then.files:.0f} → {now.files:.0f} files")
    measured(f"{then.connections:.1f} → {now.connections:.1f} connections")
    measured(f"p99 {then.p99 * 1000:.0f} → {now.p99 * 1000:.0f} ms")
    assert answers.failed == []
    assert now.memory <= then.memory * 1.05 + 5
    assert now.files <= then.files + 3
    assert max(window.connections for window in windows) <= 8
    assert now.p99 <= 2 * then.p99


def test_the_load_is_of_addresses_that_are_there(start):
    """Else the row above would measure problems."""
    service = start()
    statuses = {path: service.get(path).status_code for path in ADDRESSES}
    assert list(itertools.compress(ADDRESSES, (status != 200 for status in statuses.values()))) == [
        "/v1/nothing",
        "/v1/observations?year=22",
        "/v1/observations/k7m3q?release=9.9.9",
    ]
