"""The whole bench: `python -m bench [--quick]`, or `make bench`. Writes bench/RESULTS.md, its pictures and details.

Data from a seed, peers from packages, one Postgres for all; the load goes to this machine only.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from bench import contenders as c
from bench import quote
from bench.charts import measure_charts
from bench.contenders import Contender, Field, list_contenders, list_servers, read_figures
from bench.downloads import Download, measure_download
from bench.drive import Question, generator
from bench.forces import measure_forces, rate_forces
from bench.goals import (
    FAILURES,
    MEMORY,
    OTHERS,
    PAGES,
    Goal,
    attempt,
    measure_goal,
    processor_goals,
    rate_goals,
    server_goals,
)
from bench.growth import Size, measure_growth
from bench.importing import Import, measure_import
from bench.loading import LOAD, generate, make_database, measure
from bench.machine import list_versions, tell_version
from bench.peers.files import make_schema, write_datasette, write_parquet, write_sqlite
from bench.peers.install import PLACE, install_peers
from bench.profiles import profile_program, write_profiles
from bench.report import FILE, LOOK, Report
from bench.rounds import run_rounds
from bench.same import compare_answers
from bench.servers import Server
from bench.starting import measure_first_start, measure_start, serve_register
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.embedded.account import choose_account, find_binaries
from tests.register.tables import LARGE_TABLE_ROWS

CHARTED, LISTED = "/v1/charts/{}.svg", "/v1/observations?limit={}"


class Plan(NamedTuple):
    """How much is done. `growth`: observations and releases of each register; `kinds`: those of the imported table."""

    observations: int
    rounds: int
    seconds: float
    growth: list[tuple[int, int]]
    kinds: int
    profiles: bool
    file: Path

    def stages(self) -> dict[str, float]:
        """What is done, in order, and about how many seconds it takes on two cores."""
        asked = self.rounds * (self.seconds + 0.3)
        size, grown = self.observations / 1e5, sum(one * (1 + 0.4 * releases) for one, releases in self.growth) / 1e5
        return {
            "installing what is compared": 3,
            "loading the register, and copying its rows": 4 + 22 * size,
            "copying it for the others": 3 + 14 * size,
            "starting from a fresh clone": 15,
            "starting all servers": 20,
            "asking everyone": 28 * (asked + min(1, self.seconds / 2) + 0.3),
            **({"looking where the time goes": 115} if self.profiles else {}),
            "downloading": 1 + 2 * size,
            "drawing beside listings": 1 + 3 * self.rounds * max(2, self.seconds),
            "starting again": 2 + 3 * self.rounds,
            "growth": 4 + 12 * grown + 2 * len(self.growth) * asked,
            "a table of 44 forces": 7 + 12 * asked,
            "importing a table": 2 + self.kinds / 5,
        }


def read_plan() -> Plan:
    """The command line. The defaults take less than 15 minutes on two cores; --quick less than 150 seconds."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--observations", type=int, help="figures of the register; without it, 300,000")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--growth", help="sizes, such as 10000,100000,1000000,10000x50 (in 50 releases); none: 0")
    parser.add_argument("--quick", action="store_true", help="20,000 figures and one short round; for every goal")
    asked = parser.parse_args()
    small = asked.quick
    sizes = asked.growth or ("2000,20000" if small else "10000,100000,300000")
    pairs = [(size + "x1").split("x")[:2] for size in sizes.split(",") if size != "0"]
    return Plan(
        asked.observations or (20_000 if small else 300_000),
        asked.rounds or (1 if small else 3),
        asked.seconds or (0.7 if small else 2),
        [(int(observations), int(releases)) for observations, releases in pairs],
        kinds=10 if small else 127,
        profiles=not small,
        file=LOOK if small else FILE,
    )


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Progress:
    """Tells which stage begins, how long it should take, and how much of all is over."""

    def __init__(self, stages: dict[str, float]) -> None:
        self.stages, self.began, self.done = stages, time.monotonic(), 0

    def begin(self, stage: str) -> None:
        self.done += 1
        over, all_of_it = time.monotonic() - self.began, sum(self.stages.values())
        tell(
            f"[{self.done}/{len(self.stages)}] {stage}: about {self.stages[stage]:.0f} s"
            f" ({_minutes(over)} of about {_minutes(all_of_it)} are over)"
        )

    def end(self) -> None:
        tell(f"all of it took {_minutes(time.monotonic() - self.began)}")


def _minutes(seconds: float) -> str:
    return f"{seconds // 60:.0f}:{seconds % 60:02.0f}"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that root's Postgres, who is another user, may enter."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    plan = read_plan()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # so that all it started ends too
    progress = Progress(plan.stages())
    with temporary_folder() as folder, EmbeddedPostgres(folder / "home") as database:
        bench(plan, progress, folder, database)
    if plan.file == FILE:
        quote.main()
    progress.end()
    tell(f"wrote {plan.file}")


def prepare_peers(database: EmbeddedPostgres, folder: Path) -> None:
    """The same figures for everyone else."""
    make_schema(database.owner_url)
    write_sqlite(database.owner_url, folder / "figures.db")
    write_datasette(folder / "datasette.json")
    write_parquet(database.owner_url, folder)


def bench(plan: Plan, progress: Progress, folder: Path, database: EmbeddedPostgres) -> None:
    """The register in, everything that is asked over HTTP, what is not, then the report."""
    progress.begin("installing what is compared")
    peers = install_peers()
    progress.begin("loading the register, and copying its rows")
    generate(folder / "register", plan.observations)
    loaded = measure(database, folder / "register", folder, rounds=1)
    progress.begin("copying it for the others")
    prepare_peers(database, folder)
    field = Field(folder, database.reader_url, PLACE / "bin")
    psql = find_binaries(folder / "home", choose_account()) / "psql"
    times = {"rounds": plan.rounds, "seconds": plan.seconds, "tell": tell}
    progress.begin("starting from a fresh clone")
    path = "first start: from a fresh clone to the first answer, packages in the cache"
    first = measure_goal(path, 15, attempt(lambda: measure_first_start(folder)), "s")
    with ExitStack() as running:
        progress.begin("starting all servers")
        servers, absent = start_servers(field, folder, running)
        listed = [one for one in list_all(servers) if one.server in servers]
        sizes = compare_answers(listed, servers)
        tell(f"{len(sizes)} contenders give the same answers")
        progress.begin("asking everyone")
        outcomes = run_rounds(listed, servers, database.pid, **times)
        limits: dict[str, str] = {}
        if plan.profiles:
            progress.begin("looking where the time goes")
            try:
                limits |= write_profiles([one for one in listed if one.server in PROFILED], servers)
                limits |= profile_load(database, folder)
            except FAILURES as error:
                tell(f"not looked at: {error}")
        progress.begin("downloading")
        download = measure_download(servers["cached"], psql, database.owner_url, folder, plan.rounds)
        progress.begin("drawing beside listings")
        drawn = attempt(lambda: measure_charts(servers["uncached"], plan.seconds, plan.rounds))
    progress.begin("starting again")
    started = attempt(lambda: measure_start(folder, plan.rounds))
    progress.begin("growth")
    growth = measure_growth(database, folder, plan.growth, **times)
    progress.begin("a table of 44 forces")
    forces = attempt(lambda: measure_forces(database, folder, plan.seconds, plan.rounds))
    progress.begin("importing a table")
    imported = attempt(lambda: measure_import(folder, plan.kinds, 1))
    goals = {
        "From memory": [*processor_goals(outcomes, MEMORY), *server_goals(outcomes)],
        "From the database": [*rate_goals(outcomes, PAGES), *rate_goals(outcomes, OTHERS)],
        "A chart of a new query": [
            measure_goal("from the question to the picture, p50", 0.3, lambda: drawn().seconds, "s"),
            measure_goal("p99 of listings beside it ÷ without", 1.5, lambda: drawn().beside),
        ],
        "Growth": [*growth_goals(growth), *rate_forces(forces)],
        "Everything in and out": [
            *load_goals(loaded, download),
            *import_goals(LARGE_TABLE_ROWS * plan.kinds, imported),
        ],
        "Start and memory": [
            first,
            measure_goal("second start of `misconduct serve` to the first answer", 1.5, lambda: started()[0], "s"),
            measure_goal("a worker's memory, without the code that workers share", 95, lambda: started()[1], "MB"),
        ],
    }
    versions = {
        **list_versions(),
        **peers,
        "PostgreSQL": tell_version(str(psql), "--version"),
        "nginx": tell_version("nginx", "-v"),
        "Varnish": tell_version("varnishd", "-V"),
        "load generator": generator(),
        **absent,
    }
    Report(
        command=f"python -m bench {' '.join(sys.argv[1:])}".strip(),
        contents=f"{plan.observations:,} figures; rounds of {plan.seconds:g} s: {plan.rounds}; 16 connections",
        versions=versions,
        goals=goals,
        contenders=listed,
        outcomes=outcomes,
        sizes=sizes,
        limits=limits,
        growth=growth,
        loaded=loaded,
        download=download,
        observations=plan.observations,
    ).write(plan.file)


def profile_load(database: EmbeddedPostgres, folder: Path) -> dict[str, str]:
    """Where the time of a load goes, its files included."""
    register = folder / "register-to-profile"
    generate(register, 100_000)
    url = make_database(database, "profiled")
    return profile_program("load of 100000 figures with files", LOAD, url, str(register))


PROFILED = ("bare", "raw", "cached", "uncached")


def start_servers(field: Field, folder: Path, running: ExitStack) -> tuple[dict[str, Server], dict[str, None]]:
    """Everyone, each on a port of its own; and those that did not start, who are named as not measured."""
    servers: dict[str, Server] = {}
    absent: dict[str, None] = {}
    constant = folder / "constant"

    def start(name: str, make: object) -> None:
        try:
            servers[name] = running.enter_context(make())  # type: ignore[operator]
        except (OSError, RuntimeError) as error:
            tell(f"{name} is not measured: {error}")
            absent[name] = None

    known = list_servers(field, constant)
    start("cached", known.pop("cached"))
    constant.write_bytes(urlopen(servers["cached"].url + c.PAGE).read())
    for name, make in known.items():
        start(name, make)
    start("two", lambda: field.ours("two", workers=2))
    start("nginx", lambda: field.nginx(servers["cached"].url))
    start("varnish", lambda: field.varnish(servers["cached"].url))
    start("register", lambda: serve_register(folder))
    return servers, absent


def list_all(servers: dict[str, Server]) -> list[Contender]:
    """The contenders, with those that need to know a running server first."""
    with urlopen(servers["cached"].url + c.PAGE) as answer:
        etag, document = answer.headers["etag"], json.load(answer)
    found = list_contenders(etag, [figure["id"] for figure in document["data"]])
    found += [
        Contender(c.TWO, "two", Question(c.PAGE), read_figures),
        Contender(c.NGINX, "nginx", Question(c.PAGE), read_figures),
        Contender(c.VARNISH, "varnish", Question(c.PAGE), read_figures),
    ]
    return found + (list_charts(servers["register"]) if "register" in servers else [])


def list_charts(server: Server) -> list[Contender]:
    """A chart, and the JSON listing that is nearest to it in bytes."""

    def length(path: str) -> int:
        return len(urlopen(server.url + path).read())

    charts = json.load(urlopen(server.url + "/v1/charts"))["data"]
    if not charts:
        return []
    picture = CHARTED.format(charts[0]["id"])
    size, limits = length(picture), range(1, 201)
    at = bisect_left(limits, size, key=lambda limit: length(LISTED.format(limit)))
    nearest = min(
        (LISTED.format(limit) for limit in limits[max(0, at - 1) : at + 1]), key=lambda one: abs(length(one) - size)
    )
    return [Contender(c.CHART, "register", Question(picture)), Contender(c.SAME_SIZE, "register", Question(nearest))]


def growth_goals(growth: list[Size]) -> Iterator[Goal]:
    """A page in the largest and in the smallest register."""
    times = {one.observations: one.p50 for one in growth if one.releases == 1}

    def page_growth() -> float:
        if len(times) < 2:
            raise ValueError("one size is no growth (--growth)")
        return times[max(times)] / times[min(times)]

    yield measure_goal("page of 10 with as many matches, p50: largest ÷ smallest register", 1.1, page_growth)


def load_goals(loaded: dict[str, list[float]], download: Download) -> Iterator[Goal]:
    """The register in, and everything out."""

    def loading(one: str, other: str) -> float:
        return loaded[one][0] / loaded[other][0]

    yield measure_goal("CSV of all observations ÷ `\\copy … TO`", 0.5, lambda: download.ours / download.copied)
    yield measure_goal("… the server's memory grows by", 8, lambda: download.grown, "MB")
    yield measure_goal("building the files ÷ `\\copy … TO`", 2.5, lambda: loading("files", "copy of flat"))
    for name, what in (("indexed COPY", "into the table with its indexes"), ("raw COPY", "and then the same indexes")):
        yield measure_goal(f"validated load ÷ raw COPY {what}", 1.7, lambda name=name: loading("load", name))
    yield measure_goal("… peak memory, with the files", 300, lambda: loaded["peak"][0], "MB")


def import_goals(count: int, imported: Callable[[], Import]) -> Iterator[Goal]:
    """A published table in."""
    rows = f"import of {count:,} rows"
    path = f"{rows} ÷ a script that copies them with `csv` and checks none, by processor time"
    yield measure_goal(path, 4, lambda: imported().ours / imported().script)
    path = "… processor time of the import, for each 1,000 rows"
    yield measure_goal(path, 0.1, lambda: 1e3 * imported().ours / count, "s")
    yield measure_goal("… peak memory of the import", 350, lambda: imported().peak, "MB")


if __name__ == "__main__":
    main()
