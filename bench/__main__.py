"""Measure how the service compares with plain parts: `python -m bench`, about seven minutes."""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench import naive
from bench.pictures import draw_goals, draw_times
from bench.readers import measure_readers
from bench.register import YEARS, list_questions
from bench.servers import ROOT, UVICORN, Service, check_out, run
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.model.points import DEFAULT_NAMES

COPY_OUT = f"""COPY (SELECT {", ".join(DEFAULT_NAMES)} FROM points ORDER BY nth)
    TO STDOUT WITH CSV HEADER"""
COLUMNS_OF_TABLE = """
    SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = 'observations'::regclass AND attnum > 0"""
INDEXES_OF_TABLE = """
    SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE tablename = 'observations'"""
PAGE, BY_YEAR, CSV = (
    "/v1/figures?limit=10&",
    "/v1/outcomes/by-year?",
    "/v1/figures.csv",
)
DATASETTE = "/figures/figures.json?_shape=objects&_size=10&_sort_desc=period_end&"
QUESTIONS_A_SECOND = 1_400
"""No service answers so many new questions; what has been asked once is in a cache."""

Measure = Callable[[int], float]
"""Measures once, in a round with this number."""


class Goal(NamedTuple):
    """At least or at most what ours ÷ theirs should be, or our number where there is no other."""

    name: str
    unit: str
    theirs: str
    sign: str
    limit: float
    is_repeated: bool = True


GOALS = (
    Goal("1 cached answer", "requests/s", "bare uvicorn", "≥", 0.75),
    Goal("2 page of ten, new question", "requests/s", "naive sync ORM", "≥", 2.3),
    Goal("2 next page of ten", "requests/s", "naive sync ORM", "≥", 2.3),
    Goal("2 page of ten, new question again", "requests/s", "Datasette", "≥", 5),
    Goal("3 by year, new question", "requests/s", "naive async ORM", "≥", 1.2),
    Goal("4 CSV of all figures", "s", "COPY TO STDOUT", "≤", 3),
    Goal("5 load", "s", "COPY and indexes", "≤", 6, is_repeated=False),
    Goal("5 peak memory of the load", "MB", "", "≤", 250, is_repeated=False),
    Goal("6 page among many figures", "ms", "among few", "≤", 1.3),
    Goal("7 second start", "s", "", "≤", 2),
    Goal("7 memory of a worker", "MB", "", "≤", 150, is_repeated=False),
    Goal("8 memory with sixty slow readers", "MB", "", "≤", 300, is_repeated=False),
)


class Plan(NamedTuple):
    """How many figures the two registers have, how often everything is measured, and for how long."""

    few: int
    many: int
    rounds: int
    seconds: float


class Candidate:
    """The service of one source tree, with a small and a large register, each in a database of `postgres`."""

    def __init__(
        self, tree: Path, folder: Path, postgres: EmbeddedPostgres, plan: Plan
    ) -> None:
        self.tree, self.folder, self.plan = tree, folder, plan
        folder.mkdir(mode=0o755)
        self.urls = {
            size: create_database(postgres, f"{folder.name}_{size}")
            for size in ("few", "many")
        }
        for size, figures in (("few", plan.few), ("many", plan.many)):
            say(f"{folder.name}: generating and loading {figures:,} figures")
            data = folder / size
            run(["-m", "bench.register", str(figures), str(data)], tree)
            load = ["-m", "misconduct", "load", "--data", str(data)]
            self.load_seconds, self.load_memory = run(
                load, tree, MISCONDUCT_DATABASE_URL=self.urls[size]
            )
        self.questions = {size: list_questions(folder / size) for size in self.urls}
        self.few, self.many = (
            self.start(size, MISCONDUCT_DATABASE_URL=url)
            for size, url in self.urls.items()
        )
        first = self.start(
            "few", MISCONDUCT_HOME=str(folder / "home")
        )  # so that a later start is the second one
        for service in (self.few, self.many, first):
            service.wait("/readyz")
        first.stop()

    def start(self, size: str, **settings: str) -> Service:
        """Start the service with a register."""
        settings["MISCONDUCT_DATA"] = str(self.folder / size)
        return Service(
            self.folder / f"{len([*self.folder.iterdir()])}.log",
            ["-m", "misconduct", "serve"],
            self.tree,
            **settings,
        )

    def start_again(self) -> float:
        """Return the seconds from the command, which starts its own Postgres, to the first answer at /readyz."""
        begun = time.perf_counter()
        service = self.start("few", MISCONDUCT_HOME=str(self.folder / "home")).wait(
            "/readyz"
        )
        seconds = time.perf_counter() - begun
        service.stop()
        return seconds

    def ask(self, step: int, path: str, size: str = "few") -> list[str]:
        """Return enough questions for a step; another step has others, until all have been asked."""
        asked, number = (
            self.questions[size],
            round(QUESTIONS_A_SECOND * self.plan.seconds),
        )
        return [
            path + asked[place % len(asked)]
            for place in range(step * number, (step + 1) * number)
        ]

    def turn_pages(self, step: int) -> list[str]:
        """Return further pages of the same few questions."""
        pages = range(step * 1_000, (step + 1) * 1_000)
        return [
            f"{PAGE}{asked}&offset={page}"
            for page in pages
            for asked in self.questions["few"][-10:]
        ]

    def page_ms(self, step: int, size: str) -> float:
        """Return the milliseconds of a page, of new questions that are asked one after the other."""
        service = {"few": self.few, "many": self.many}[size]
        return service.median_ms(
            self.ask(6 + step, PAGE, size)[: round(100 * self.plan.seconds)]
        )

    def measures(self) -> dict[str, Measure]:
        """Return how each goal is measured."""
        few, seconds = self.few, self.plan.seconds
        return {
            "1 cached answer": lambda _: few.rate([PAGE], seconds),
            "2 page of ten, new question": lambda step: few.rate(
                self.ask(step, PAGE), seconds
            ),
            "2 next page of ten": lambda step: few.rate(self.turn_pages(step), seconds),
            "2 page of ten, new question again": lambda step: few.rate(
                self.ask(3 + step, PAGE), seconds
            ),
            "3 by year, new question": lambda step: few.rate(
                self.ask(step, BY_YEAR), seconds
            ),
            "4 CSV of all figures": lambda _: self.many.seconds(CSV),
            "5 load": lambda _: self.load_seconds,
            "5 peak memory of the load": lambda _: self.load_memory,
            "6 page among many figures": lambda step: self.page_ms(step, "many"),
            "7 second start": lambda _: self.start_again(),
            "7 memory of a worker": lambda _: few.memory(),
            "8 memory with sixty slow readers": lambda _: measure_readers(few),
        }

    def grow(self) -> Iterator[list[str]]:
        """Yield the milliseconds of further answers among few figures and among many."""
        asked = {
            "page of ten": self.ask(9, PAGE)[:20],
            "by year": self.ask(9, BY_YEAR)[:20],
            "a state by year": [f"{BY_YEAR}area=us_ca&year={year}" for year in YEARS],
            "search": [f"/v1/figures?q=dishonesty+{year}" for year in YEARS],
            "a number": [f"/v1/figures?value={number}" for number in range(101, 121)],
            "all figures": ["/v1/figures"],
            "a topic": ["/v1/outcomes?limit=10"],
            "CSV of all figures": [CSV],
            "Parquet of all figures": ["/v1/figures.parquet"],
        }
        for name, paths in asked.items():
            say(name)
            yield [
                name,
                *(
                    f"{short(service.median_ms(paths))} ms"
                    for service in (self.few, self.many)
                ),
            ]

    def stop(self) -> None:
        self.few.stop()
        self.many.stop()


class Rivals:
    """What the service is compared with, on the figures of a candidate."""

    def __init__(
        self, ours: Candidate, folder: Path, postgres: EmbeddedPostgres
    ) -> None:
        self.ours, self.folder, self.postgres = ours, folder, postgres
        folder.mkdir(mode=0o755)
        url, answer = ours.urls["few"], folder / "answer.json"
        naive.fill(url)
        sent = ours.few.get(PAGE)
        answer.write_text(
            json.dumps({"headers": sent.headers.multi_items(), "body": sent.text}),
            encoding="utf-8",
        )
        self.bare = Service(
            folder / "bare.log",
            [*UVICORN, "bench.naive:bare"],
            BENCH_ANSWER=str(answer),
        )
        self.naive = Service(
            folder / "naive.log", [*UVICORN, "bench.naive:app"], BENCH_DATABASE_URL=url
        )
        self.services = [self.bare.wait("/"), self.naive.wait("/docs")]
        if find_spec("datasette"):
            naive.fill_sqlite(url, folder / "figures.db")
            words = ["-m", "datasette", "serve", str(folder / "figures.db")]
            self.services.append(
                Service(folder / "datasette.log", words).wait("/-/versions.json")
            )

    def measures(self) -> dict[str, Measure]:
        """Return how those goals are measured that compare the service with something else."""
        ours, seconds = self.ours, self.ours.plan.seconds
        found: dict[str, Measure] = {
            "1 cached answer": lambda _: self.bare.rate([PAGE], seconds),
            "2 page of ten, new question": lambda step: self.naive.rate(
                ours.ask(step, PAGE), seconds
            ),
            "2 next page of ten": lambda step: self.naive.rate(
                ours.turn_pages(step), seconds
            ),
            "3 by year, new question": lambda step: self.naive.rate(
                ours.ask(step, BY_YEAR), seconds
            ),
            "4 CSV of all figures": lambda _: self.copy_out(),
            "5 load": lambda _: self.copy_in(),
            "6 page among many figures": lambda step: ours.page_ms(step, "few"),
        }
        if find_spec("datasette"):
            found["2 page of ten, new question again"] = lambda step: self.services[
                2
            ].rate(
                [in_datasette(one) for one in ours.ask(3 + step, DATASETTE)], seconds
            )
        return found

    def copy_out(self) -> float:
        """Return the seconds of a COPY of what the CSV has, in its order."""
        begun = time.perf_counter()
        with (
            psycopg.connect(naive.find_tables(self.ours.urls["many"])) as connection,
            connection.cursor().copy(COPY_OUT) as rows,
        ):
            for _ in rows:
                pass
        return time.perf_counter() - begun

    def copy_in(self) -> float:
        """Return the seconds of a COPY of all rows into a new table, and of creating the same indexes."""
        kept = self.folder / "observations.copy"
        url = naive.find_tables(self.ours.urls["many"])
        with psycopg.connect(url) as source, kept.open("wb") as file:
            [[columns]], indexes = (
                source.execute(asked).fetchall()
                for asked in (COLUMNS_OF_TABLE, INDEXES_OF_TABLE)
            )
            with source.cursor().copy(
                "COPY observations TO STDOUT (FORMAT binary)"
            ) as rows:
                file.writelines(rows)
        begun = time.perf_counter()
        with (
            psycopg.connect(create_database(self.postgres, "copied")) as target,
            kept.open("rb") as file,
        ):
            target.execute(f"CREATE TABLE observations ({columns})")
            with target.cursor().copy(
                "COPY observations FROM STDIN (FORMAT binary)"
            ) as writer:
                while block := file.read(1 << 20):
                    writer.write(block)
            for (statement,) in indexes:
                target.execute(statement)
        return time.perf_counter() - begun

    def stop(self) -> None:
        for service in self.services:
            service.stop()


def compare(
    ours: Mapping[str, Measure], theirs: Mapping[str, Measure], rounds: int
) -> Iterator[list[str]]:
    """Measure in turn, ours and theirs, and yield the rows of the table: medians, and the median of the ratios."""
    for goal in GOALS:
        mine, other = ours[goal.name], theirs.get(goal.name)
        if goal.theirs and not other:
            continue
        say(goal.name)
        steps = range(rounds if goal.is_repeated else 1)
        pairs = [(mine(step), other(step) if other else 1.0) for step in steps]
        number, against = (statistics.median(one) for one in zip(*pairs, strict=True))
        ratio = statistics.median(one / another for one, another in pairs)
        is_met = ratio <= goal.limit if goal.sign == "≤" else ratio >= goal.limit
        compared = (
            [f"{short(against)} {goal.unit}", f"{ratio:.2f}"] if other else ["", ""]
        )
        yield [
            goal.name,
            f"{short(number)} {goal.unit}",
            *compared,
            f"{goal.sign} {goal.limit}",
            "met" if is_met else "missed",
        ]


def measure(plan: Plan, against: str | None) -> tuple[str, dict[str, str]]:
    """Return the report, and its pictures by name: the comparison with rivals, or with another commit."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)  # the account of Postgres must be able to enter it
        postgres = stack.enter_context(EmbeddedPostgres(folder / "home"))
        ours = Candidate(ROOT, folder / "ours", postgres, plan)
        stack.callback(ours.stop)
        if against:
            theirs = Candidate(
                check_out(against, folder / "tree"), folder / "theirs", postgres, plan
            )
            stack.callback(theirs.stop)
            others = {
                name: one
                for name, one in theirs.measures().items()
                if "again" not in name
            }
            rows = [row[:4] for row in compare(ours.measures(), others, plan.rounds)]
            return table(["", "here", against, "ratio"], rows), {}
        rivals = Rivals(ours, folder / "rivals", postgres)
        stack.callback(rivals.stop)
        ratios = [*compare(ours.measures(), rivals.measures(), plan.rounds)]
        sizes, times = [f"{figures:,} figures" for figures in plan[:2]], [*ours.grow()]
        report = [table(["", "ours", "theirs", "ratio", "goal", ""], ratios)]
        report.append(table(["Time of an answer", *sizes], times))
        return "\n\n".join(report), {
            "ratios.svg": draw_goals(ratios),
            "times.svg": draw_times(sizes, times),
        }


def create_database(postgres: EmbeddedPostgres, name: str) -> str:
    """Create a database, and return its address."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres.url.replace("/misconduct?", f"/{name}?")


def in_datasette(asked: str) -> str:
    """Write a question in the words of Datasette."""
    years = re.sub(r"year=(\d+)\.\.(\d+)", r"year__gte=\1&year__lte=\2", asked)
    return years.replace("area=", "area_code__in=")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown, with columns of equal width."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    padded = (
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        for line in lines
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def describe() -> str:
    """Return when, where and of what is measured."""
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=8"]
    commit = subprocess.run(
        git, check=False, capture_output=True, text=True
    ).stdout.strip()
    client = (
        "wrk" if shutil.which("wrk") else "httpx (too slow for ratio 1: install wrk)"
    )
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before it began"
    return f"{datetime.now(UTC):%Y-%m-%d}, commit {commit}, {machine}, Python {platform.python_version()}, {client}."


def say(what: str) -> None:
    """Name what is measured now."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def main() -> None:
    """Read the command line, measure, and print the report."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--figures", type=int, default=300_000, help="figures of the large register"
    )
    parser.add_argument("--against", metavar="REV", help="compare with another commit")
    parser.add_argument(
        "--smoke",
        action="store_true",
        help="only see that everything runs, with 2,000 figures",
    )
    parser.add_argument(
        "--write", action="store_true", help="also write bench/RESULTS.md"
    )
    asked = parser.parse_args()
    plan = (
        Plan(1_000, 2_000, 1, 1) if asked.smoke else Plan(10_000, asked.figures, 3, 3)
    )
    about = describe()
    report, pictures = measure(plan, asked.against)
    print(f"{about}\n\n{report}")
    if asked.write:
        folder = ROOT / "bench"
        for name, picture in pictures.items():
            (folder / name).write_text(picture, encoding="utf-8")
        shown = "\n\n".join(f"![{name}]({name})" for name in pictures)
        (folder / "RESULTS.md").write_text(
            f"# Results\n\n{about}\n\n{report}\n\n{shown}\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
