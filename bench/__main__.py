"""Compare the service with plain parts: `python -m bench`, some six minutes."""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.growth import KINDS, PLACE, TEN, list_paths
from bench.readers import measure_readers
from bench.register import list_questions
from bench.rivals import DATASETTE_CSV, Rivals
from bench.servers import ROOT, Service, run
from misconduct.db.embedded import EmbeddedPostgres

PAGE = "/v1/figures?limit=10&"
BY_YEAR = "/v1/outcomes/by-year?"
FILTER = "indicator=officer_allegations_upheld"
CSV = f"/v1/figures.csv?{FILTER}"
MISSED = "\n## What is missed, and why\n"  # written by hand
QUESTIONS_A_SECOND = 1_400
"""No service answers so many new questions; what has been asked is in a cache."""

Measure = Callable[[int], float]
"""Measures once, in a round with this number."""
Ask = Callable[[int], list[str]]
"""Returns the addresses that are asked in a round."""


class Plan(NamedTuple):
    """How many figures the generated registers have, and how long it is measured."""

    few: int
    many: int
    rounds: int
    seconds: float
    newest: Path


class Goal(NamedTuple):
    """At least or at most what ours ÷ theirs should be, or ours without theirs."""

    name: str
    unit: str
    sign: str
    limit: float
    ours: Measure
    beside: str = ""
    theirs: Measure | None = None


class Ours:
    """The service with the newest release, and with few and many made figures."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        self.urls = dict[str, str]()
        for size, figures in (("few", plan.few), ("many", plan.many)):
            say(f"generating and loading {figures:,} figures")
            run(["-m", "bench.register", str(figures), str(folder / size)])
            self.urls[size] = create_database(postgres, size)
            load = ["-m", "misconduct", "load", "--data", str(folder / size)]
            self.load_seconds, self.load_memory = run(
                load, MISCONDUCT_DATABASE_URL=self.urls[size]
            )
        self.few, self.many = map(self.start_generated, self.urls)
        self.questions = list_questions(folder / "few")
        say("starting twice with the newest release")
        newest = {"MISCONDUCT_HOME": str(folder / "newest")}
        newest |= {"MISCONDUCT_DATA": str(plan.newest)}
        first = self.start(**newest)
        first.stop()
        self.newest = self.start(**newest)
        self.starts = (first.start_seconds, self.newest.start_seconds)
        self.growth = dict[str, list[float]]()

    def start_generated(self, size: str) -> Service:
        """Start the service with a generated register."""
        url, data = self.urls[size], str(self.folder / size)
        return self.start(MISCONDUCT_DATABASE_URL=url, MISCONDUCT_DATA=data)

    def start(self, **settings: str) -> Service:
        """Start the service, and wait until it answers."""
        log = self.folder / f"{len([*self.folder.iterdir()])}.log"
        return Service(log, ["-m", "misconduct", "serve"], **settings).wait("/readyz")

    def ask(self, step: int, path: str) -> list[str]:
        """Return enough questions for a step, others than in another step."""
        number = round(QUESTIONS_A_SECOND * self.plan.seconds)
        places = range(step * number, (step + 1) * number)
        asked = self.questions
        return [path + asked[place % len(asked)] for place in places]

    def turn_pages(self, step: int) -> list[str]:
        """Return further pages of the same few questions."""
        pages = range(step * 1_000, (step + 1) * 1_000)
        asked = self.questions[-10:]
        return [f"{PAGE}{one}&offset={page}" for page in pages for one in asked]

    def grow(self) -> float:
        """Measure further answers; return the greatest growth of a list or question."""
        newest, many = list_paths(self.newest), list_paths(self.many)
        for name in KINDS:
            say(name)
            self.growth[name] = [
                self.newest.median_ms(newest[name]),
                self.many.median_ms(many[name]),
            ]
        return max(
            many / few for name, (few, many) in self.growth.items() if KINDS[name]
        )

    def stop(self) -> None:
        for service in (self.few, self.many, self.newest):
            service.stop()


def list_rates(ours: Ours, rivals: Rivals) -> Iterator[Goal]:
    """Yield how many requests a second are answered."""
    few, seconds = ours.few, ours.plan.seconds
    naive, datasette = rivals.naive, rivals.datasette

    def rate(name: str, limit: float, ask: Ask, beside: str, other: Service) -> Goal:
        mine, theirs = (
            lambda step, one=one: one.rate(rivals.write(ask(step), one), seconds)
            for one in (few, other)
        )
        return Goal(name, "requests/s", "≥", limit, mine, beside, theirs)

    def new(step: int) -> list[str]:
        return ours.ask(step, PAGE)

    def by_year(step: int) -> list[str]:
        return ours.ask(step, BY_YEAR)

    yield rate("1 cached answer", 0.8, lambda _: [PAGE], "bare uvicorn", rivals.bare)
    yield rate("2 new page of ten", 2.2, new, "naive sync ORM", naive)
    yield rate("2 next page of ten", 2.2, ours.turn_pages, "naive sync ORM", naive)
    if datasette:
        others: Ask = lambda step: new(3 + step)  # noqa: E731
        yield rate("2 new page of ten", 5, others, "Datasette", datasette)
    yield rate("3 new by year", 1.5, by_year, "naive async ORM", naive)


def list_times(ours: Ours, rivals: Rivals) -> Iterator[Goal]:
    """Yield how long whole tables and a load take."""
    indicator = FILTER.partition("=")[2]
    copy_out, copy_in = lambda _: rivals.copy_out(indicator), lambda _: rivals.copy_in()
    many, few = (lambda _, one=one: one.seconds(CSV) for one in (ours.many, ours.few))
    yield Goal("4 filtered CSV", "s", "≤", 4, many, "COPY", copy_out)
    if other := rivals.datasette:
        theirs: Measure = lambda _: other.seconds(DATASETTE_CSV + FILTER)  # noqa: E731
        yield Goal("4 filtered CSV of few", "s", "≤", 1, few, "Datasette", theirs)
    load: Measure = lambda _: ours.load_seconds  # noqa: E731
    yield Goal("5 load", "s", "≤", 6, load, "COPY, same indexes", copy_in)


def list_limits(ours: Ours, rivals: Rivals) -> Iterator[Goal]:
    """Yield what the service alone takes at most."""
    numbers: list[tuple[str, str, float, Callable[[], float]]] = [
        ("5 peak memory of the load", "MB", 250, lambda: ours.load_memory),
        ("5 database, for a figure", "kB", 4, lambda: rivals.size / ours.plan.many),
        ("6 first start", "s", 10, lambda: ours.starts[0]),
        ("6 second start", "s", 2, lambda: ours.starts[1]),
        ("6 memory of a worker", "MB", 150, ours.few.memory),
        ("7 sixty slow readers", "MB", 300, lambda: measure_readers(ours.few)),
        ("8 list, filter or question, ÷ newest", "", 20, ours.grow),
        ("8 CSV and Parquet of all", "MB", 300, ours.many.peak_memory),
    ]
    for name, unit, limit, ask in numbers:
        yield Goal(name, unit, "≤", limit, lambda _, ask=ask: ask())
    place, ten = (lambda _, name=name: ours.growth[name][0] for name in (PLACE, TEN))
    yield Goal("9 page of a place", "ms", "≤", 6, place, "ten figures", ten)


def compare(goals: Iterable[Goal], rounds: int) -> Iterator[list[str]]:
    """Measure ours and theirs in turn, and yield rows: medians, and that of ratios."""
    for goal in goals:
        say(goal.name)
        theirs = goal.theirs
        steps = range(rounds if goal.unit == "requests/s" else 1)
        pairs = [(goal.ours(step), theirs(step) if theirs else 1.0) for step in steps]
        number, other = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(one / another for one, another in pairs)
        is_met = ratio <= goal.limit if goal.sign == "≤" else ratio >= goal.limit
        beside = f"{goal.beside}: {short(other)} {goal.unit}" if theirs else ""
        yield [
            goal.name,
            f"{short(number)} {goal.unit}",
            beside,
            f"{ratio:.2f}" if theirs else "",
            f"{goal.sign} {goal.limit}",
            "met" if is_met else "missed",
        ]


def measure(plan: Plan) -> str:
    """Return the report."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)  # the account of Postgres must be able to enter it
        postgres = stack.enter_context(EmbeddedPostgres(folder / "home"))
        ours = Ours(folder, postgres, plan)
        stack.callback(ours.stop)
        answer = ours.few.get(PAGE)
        copied = create_database(postgres, "copied")
        rivals = Rivals(folder, ours.urls, copied, answer)
        stack.callback(rivals.stop)
        listed = (list_rates, list_times, list_limits)
        goals = chain.from_iterable(one(ours, rivals) for one in listed)
        compared = [*compare(goals, plan.rounds)]
    grown = [
        [name, f"{short(few)} ms", f"{short(many)} ms", f"{many / few:.1f}"]
        for name, (few, many) in ours.growth.items()
    ]
    sizes = ["newest release", f"{plan.many:,} figures", "ratio"]
    return "\n\n".join(
        (
            table(["", "ours", "beside", "ratio", "goal", ""], compared),
            table(["Time of an answer", *sizes], grown),
        )
    )


def create_database(postgres: EmbeddedPostgres, name: str) -> str:
    """Create a database, and return its address."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres.url.replace("/misconduct?", f"/{name}?")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def describe() -> str:
    """Return when, where and of what is measured."""
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=8"]
    done = subprocess.run(git, check=False, capture_output=True, text=True)
    client = "wrk" if shutil.which("wrk") else "httpx (too slow for 1: install wrk)"
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before it began"
    python = platform.python_version()
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return f"{day}, commit {done.stdout.strip()}, {machine}, Python {python}, {client}."


def say(what: str) -> None:
    """Name what is measured now."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def main() -> None:
    """Read the command line, measure, and print the report."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--figures", type=int, default=300_000, help="many are so many")
    parser.add_argument("--smoke", action="store_true", help="only see that it runs")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    asked = parser.parse_args()
    plan = Plan(10_000, asked.figures, 3, 3, ROOT / "data")
    if asked.smoke:
        plan = Plan(1_000, 2_000, 1, 1, ROOT / "tests/register/made")
    about = describe()
    report = measure(plan)
    print(f"{about}\n\n{report}")
    if asked.write:
        written = f"# Results\n\n{about}\n\n{report}\n"
        place = ROOT / "bench/RESULTS.md"
        _, missed, reasons = place.read_text(encoding="utf-8").partition(MISSED)
        place.write_text(f"{written}{missed}{reasons}", encoding="utf-8")


if __name__ == "__main__":
    main()
