"""The whole bench: `python -m bench [--quick]`, or `make bench`. Writes bench/RESULTS.md.

Data from a seed, peers from packages, one Postgres for all; the load goes to this machine only.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from bench import contenders as c
from bench.contenders import Contender, Field, list_contenders, list_servers, read_ours
from bench.downloads import Download, measure_download
from bench.drive import Question, generator
from bench.forces import measure_forces, rate_forces
from bench.goals import Goal, measure_goal, rate_goals
from bench.growth import Size, describe_growth, measure_growth
from bench.loading import LOAD, empty, generate, measure
from bench.machine import list_versions, tell_version
from bench.peers.files import make_schema, write_datasette, write_parquet, write_sqlite
from bench.peers.install import PLACE, install_peers
from bench.profiles import profile_program, write_profiles
from bench.report import FILE, LOOK, Report
from bench.rounds import run_rounds
from bench.same import compare_answers
from bench.servers import Server
from bench.starting import Start, measure_start, serve_register
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.embedded.account import choose_account, find_binaries

DATA = Path(__file__).parents[1] / "data"
CHARTED = "/v1/charts/{}.svg"


class Plan(NamedTuple):
    """How much is done. `growth`: observations and releases of each register."""

    observations: int
    rounds: int
    seconds: float
    growth: list[tuple[int, int]]
    profiles: bool
    file: Path


def read_plan() -> Plan:
    """The command line. The defaults take less than half an hour on two cores; --quick less than three minutes."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--observations", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--growth", help="sizes, such as 10000,100000,1000000,10000x50 (in 50 releases); none: 0")
    parser.add_argument("--quick", action="store_true", help="a small register, short rounds, no growth")
    asked = parser.parse_args()
    small = asked.quick
    sizes = asked.growth or ("0" if small else "10000,100000,10000x50")
    pairs = [(size + "x1").split("x")[:2] for size in sizes.split(",") if size != "0"]
    return Plan(
        asked.observations or (20_000 if small else 1_000_000),
        asked.rounds or (1 if small else 3),
        asked.seconds or (2 if small else 5),
        [(int(observations), int(releases)) for observations, releases in pairs],
        profiles=not small,
        file=LOOK if small else FILE,
    )


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that root's Postgres, who is another user, may enter."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    plan = read_plan()
    peers = install_peers()
    with temporary_folder() as folder, EmbeddedPostgres(folder / "home") as database:
        tell(f"a register of {plan.observations:,} observations, loaded and copied in turn …")
        generate(folder / "register", plan.observations)
        loaded = measure(database, folder / "register", folder, rounds=1)
        prepare_peers(database, folder)
        bench(plan, peers, folder, database, loaded)
    tell(f"wrote {plan.file}")


def prepare_peers(database: EmbeddedPostgres, folder: Path) -> None:
    """The same figures for everyone else."""
    make_schema(database.owner_url)
    write_sqlite(database.owner_url, folder / "figures.db")
    write_datasette(folder / "datasette.json")
    write_parquet(database.owner_url, folder)


def bench(
    plan: Plan,
    peers: dict[str, str | None],
    folder: Path,
    database: EmbeddedPostgres,
    loaded: dict[str, list[float]],
) -> None:
    """Everything that is asked over HTTP, then what is not, then the report."""
    field = Field(folder, database.reader_url, PLACE / "bin")
    psql = find_binaries(folder / "home", choose_account()) / "psql"
    with ExitStack() as running:
        servers, absent = start_servers(field, folder, running)
        listed = [one for one in list_all(servers) if one.server in servers]
        sizes = compare_answers(listed, servers)
        tell(f"{len(sizes)} contenders give the same answer")
        outcomes = run_rounds(
            listed, servers, database.pid, rounds=plan.rounds, seconds=plan.seconds, tell=tell
        )  # fmt: skip
        limits = write_profiles([one for one in listed if one.server in PROFILED], servers) if plan.profiles else {}
        download = measure_download(servers["cached"], psql, database.owner_url, folder, plan.rounds)
    start = measure_start(folder, DATA, plan.rounds)
    growth = measure_growth(database, folder, plan.growth, plan.seconds, tell)
    forces = measure_forces(folder, plan.seconds, plan.rounds)
    if plan.profiles:
        limits |= profile_load(database, folder)
    goals = [*rate_goals(outcomes), *other_goals(loaded, download, start, growth), *rate_forces(forces)]
    versions = {
        **list_versions(),
        **peers,
        "PostgreSQL": tell_version(str(psql), "--version"),
        "nginx": tell_version("nginx", "-v"),
        "Varnish": tell_version("varnishd", "-V"),
        "load generator": generator(),
        **absent,
    }
    contents = f"{plan.observations:,} observations; rounds of {plan.seconds:g} s: {plan.rounds}; 16 connections"
    command = f"python -m bench {' '.join(sys.argv[1:])}".strip()
    grown = describe_growth(growth) if growth else ""
    Report(command, contents, versions, goals, listed, outcomes, sizes, limits, grown).write(plan.file)


def profile_load(database: EmbeddedPostgres, folder: Path) -> dict[str, str]:
    """Where the time of a load goes, its files included."""
    register = folder / "register-to-profile"
    generate(register, 100_000)
    empty(database)
    return profile_program("load of 100000 figures with files", LOAD, database.owner_url, str(register))


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
    start("register", lambda: serve_register(folder, DATA))
    return servers, absent


def list_all(servers: dict[str, Server]) -> list[Contender]:
    """The contenders, with those that need to know a running server first."""
    with urlopen(servers["cached"].url + c.PAGE) as answer:
        etag, document = answer.headers["etag"], json.load(answer)
    found = list_contenders(etag, [figure["id"] for figure in document["data"]])
    found += [
        Contender(c.TWO, "two", Question(c.PAGE), read_ours),
        Contender(c.NGINX, "nginx", Question(c.PAGE), read_ours),
        Contender(c.VARNISH, "varnish", Question(c.PAGE), read_ours),
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
    size = length(picture)
    listings = [f"/v1/observations?limit={limit}" for limit in (*range(1, 30), *range(30, 200, 10))]
    nearest = min(listings, key=lambda path: abs(length(path) - size))
    return [Contender(c.CHART, "register", Question(picture)), Contender(c.SAME_SIZE, "register", Question(nearest))]


def other_goals(loaded: dict[str, list[float]], download: Download, start: Start, growth: list[Size]) -> Iterator[Goal]:
    """Goals that are no rates."""

    def loading(one: str, other: str) -> float:
        return loaded[one][0] / loaded[other][0]

    def page_growth() -> float:
        if len(sizes) < 2:
            raise ValueError("one size is no growth (--growth)")
        times = {one.observations: one.p50 for one in growth if one.releases == 1}
        return times[sizes[-1]] / times[sizes[0]]

    sizes = sorted(one.observations for one in growth if one.releases == 1)
    between = f"{sizes[-1]:,} ÷ {sizes[0]:,}" if sizes else "largest ÷ smallest register"
    yield measure_goal(f"page of 10 with as many matches, p50: {between} observations", 1.1, page_growth)
    yield measure_goal("CSV of all observations ÷ `\\copy … TO`", 0.5, lambda: download.ours / download.copied)
    yield measure_goal("… the server's memory grows by", 8, lambda: download.grown, "MB")
    yield measure_goal("building the files ÷ `\\copy … TO`", 2.5, lambda: loading("files", "copy of flat"))
    for name, what in (("indexed COPY", "into the table with its indexes"), ("raw COPY", "and then the same indexes")):
        yield measure_goal(f"validated load ÷ raw COPY {what}", 1.7, lambda name=name: loading("load", name))
    yield measure_goal("… peak memory, with the files", 300, lambda: loaded["peak"][0], "MB")
    yield measure_goal("second start of `misconduct serve` to the first answer", 1.5, lambda: start.second, "s")
    yield measure_goal("a worker's memory", 95, lambda: start.worker, "MB")


if __name__ == "__main__":
    main()
