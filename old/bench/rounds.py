"""Asks everyone in turn, round by round (A B A B …), so that what disturbs the machine disturbs all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from bench.contenders import Contender
from bench.drive import CONNECTIONS, Load, drive
from bench.same import fetch
from bench.servers import Server, cpu_of


@dataclass
class Outcome:
    """What one contender came to: a load for each round, and the processor time it took in all."""

    loads: list[Load] = field(default_factory=list)
    app_seconds: float = 0.0
    database_seconds: float = 0.0
    peak_megabytes: float = 0.0

    @property
    def rate(self) -> float:
        """Requests in a second, the median of the rounds."""
        return median(load.rate for load in self.loads)

    @property
    def spread(self) -> float:
        """How far the rounds lie apart, as a part of the median."""
        rates = [load.rate for load in self.loads]
        return (max(rates) - min(rates)) / self.rate

    @property
    def p50(self) -> float:
        return median(load.p50 for load in self.loads)

    @property
    def p99(self) -> float:
        return median(load.p99 for load in self.loads)

    @property
    def failed(self) -> int:
        return sum(load.failed for load in self.loads)

    @property
    def app_micros(self) -> float:
        """Microseconds of the server's processors for one request."""
        return self.app_seconds / self.requests * 1e6

    @property
    def requests(self) -> int:
        return sum(load.requests for load in self.loads)


def write_rate(rate: float) -> str:
    """Whole requests a second, or two digits of less than ten."""
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def run_rounds(
    contenders: list[Contender],
    servers: Mapping[str, Server],
    database: int,
    *,
    rounds: int,
    seconds: float,
    tell: Callable[[str], None],
) -> dict[str, Outcome]:
    """What those came to who answered in every round, by name. `database` is the process id of Postgres.

    Whom the usual connections would make answer in none of a round's seconds is asked by as many as there are
    processors, for longer; and nobody else before it is done with what nobody waits for any more.
    """
    outcomes = {contender.name: Outcome() for contender in contenders}
    processors, alone = os.cpu_count() or 1, dict[str, float]()
    for number, contender in _in_turn(contenders, rounds):
        server, outcome = servers[contender.server], outcomes[contender.name]
        if number == 1:
            began = time.perf_counter()
            fetch(server, contender.question)
            alone[contender.name] = time.perf_counter() - began
        is_slow = alone[contender.name] * CONNECTIONS / processors > seconds
        how = (max(seconds, 5 * alone[contender.name]), processors) if is_slow else (seconds, CONNECTIONS)
        if number == 1 and not is_slow:
            drive(server.url, contender.question, min(1, seconds / 2))  # warms caches, plans and pools
        app, below = server.cpu_seconds, cpu_of(database)
        outcome.loads.append(drive(server.url, contender.question, *how))
        outcome.app_seconds += server.cpu_seconds - app
        outcome.database_seconds += max(0.0, cpu_of(database) - below)  # what ended meanwhile is not counted
        outcome.peak_megabytes = max(outcome.peak_megabytes, server.peak_megabytes)
        if is_slow:
            server.wait_until_idle()
        tell(f"round {number}: {contender.name:40}{write_rate(outcome.loads[-1].rate):>10} requests/s")
    return {name: outcome for name, outcome in outcomes.items() if all(load.rate for load in outcome.loads)}


def _in_turn(contenders: list[Contender], rounds: int) -> Iterator[tuple[int, Contender]]:
    for number in range(1, rounds + 1):
        for contender in contenders:
            yield number, contender
