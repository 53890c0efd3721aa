"""What a published table costs those who ask: 44 forces × 11 years × 11 kinds, against the same table of one force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.contenders import Field
from bench.drive import Question, drive
from bench.generate import FORCES, TableGenerator
from bench.goals import Goal, measure_goal
from bench.loading import load, make_database
from bench.servers import Server
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.embedded.home import READER

ASKED = {
    "page of 10": ("/v1/observations?limit=10", 1.1),
    "page of 10 of a new question, counted": ("/v1/observations?limit=10&value_from=-{n}", 1.1),
    "by-year table of 10 series": ("/v1/observations/by-year?limit=10&value_from=-{n}", 4),
    "facets of a dataset": ("/v1/datasets/allegations?value_from=-{n}", 2),
    "page of a dataset, one force": ("/datasets/allegations?area=E23000001&value_from=-{n}", 1.1),
    "look-up of a number": ("/look-up?value=2&release=1.0.0", 2),
}
"""What is asked, all but the first anew each time; and the most that its ratio may be."""


def measure_forces(server: EmbeddedPostgres, folder: Path, seconds: float, rounds: int) -> dict[str, float]:
    """The middle time of each question in the large table, as a ratio to that in the small one, asked in turn."""
    with ExitStack() as running:
        large, small = (running.enter_context(_serve(server, folder, forces)) for forces in (FORCES, 1))
        return {
            name: median(_ask(large, path, seconds) / _ask(small, path, seconds) for _ in range(rounds))
            for name, (path, _) in ASKED.items()
        }


def _serve(server: EmbeddedPostgres, folder: Path, forces: int) -> Server:
    """Our service without its cache, and a database of its own, with the table of so many forces."""
    name = f"table_{forces}"
    TableGenerator(folder / name, forces).write()
    load(make_database(server, name), folder / name)
    return Field(folder, server.url(READER, name), folder).ours(name, cache_bytes=0)


def _ask(server: Server, path: str, seconds: float) -> float:
    """The middle time of an answer, with few connections: more than a machine of few cores answers is no measure."""
    return drive(server.url, Question(path), seconds, connections=2).p50


def rate_forces(found: Callable[[], dict[str, float]]) -> Iterator[Goal]:
    """A goal for each question."""
    for name, (_, must) in ASKED.items():
        path = f"{name}, p50: a table of {FORCES} forces ÷ of one"
        yield measure_goal(path, must, lambda name=name: found()[name])
