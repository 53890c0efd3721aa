"""What was measured: bench/RESULTS.md, a page for users with three pictures, and bench/DETAILS.md with all the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import contenders as c
from bench.contenders import Contender
from bench.downloads import Download
from bench.goals import IN_THE_WAY, Goal
from bench.growth import Size, describe_growth
from bench.machine import describe_machine
from bench.pictures import Group, Row, draw_bars, draw_dots
from bench.rounds import Outcome, write_rate

FILE, DETAILS = (Path(__file__).parent / name for name in ("RESULTS.md", "DETAILS.md"))
LOOK = Path(__file__).parents[1] / ".bench" / "RESULTS.md"
"""Where a short look goes, with its details and pictures; its numbers are for nobody else."""

HEAD = """# How fast

Written by `make bench`: everything in one run on one machine, in turn (A B A B …); each number is the median of the
rounds. **The ratios matter**: absolute numbers depend on this machine, and what asks shares its cores.
"""
NOTE = """Nothing was measured before everyone had given the same figures (`bench/same.py`); our answers contain more
than theirs. [All contenders, processor times, versions and profiles](DETAILS.md).
"""
PEERS = {
    "A page of 10 with its total": {
        c.UNCACHED: "this service, not from memory",
        c.RAW: "raw asyncpg, no framework",
        c.PREPARED: "Datasette, prepared query",
        c.ASYNC: "FastAPI + ORM, async",
        c.SYNC: "FastAPI + ORM, sync",
        c.ROAPI_SQL: "ROAPI, SQL",
    },
    "The same page, asked again": {
        c.CACHED: "this service, from memory",
        c.CONFIRMED: "… 304, nothing changed",
        c.NGINX: "… behind nginx",
        c.BARE: "the same server, constant bytes",
    },
    "A search by words": {
        c.SEARCH: "this service",
        c.SEARCH_DATASETTE: "Datasette, SQLite FTS5",
        c.SEARCH_NAIVE: "FastAPI + ORM, tsvector",
    },
    "Facets": {c.FACETS: "this service", c.FACETS_DATASETTE: "Datasette", c.FACETS_NAIVE: "FastAPI + ORM"},
}
"""The groups of the first picture, and how each contender is called there."""
OURS = {c.UNCACHED, c.CACHED, c.CONFIRMED, c.NGINX, c.SEARCH, c.FACETS}


@dataclass(frozen=True)
class Report:
    """Everything that one run came to. `sizes` are bytes of an answer, `limits` the function that takes most time."""

    command: str
    contents: str
    versions: Mapping[str, str | None]
    goals: Mapping[str, Sequence[Goal]]
    contenders: Sequence[Contender]
    outcomes: Mapping[str, Outcome]
    sizes: Mapping[str, int]
    limits: Mapping[str, str]
    growth: Sequence[Size]
    loaded: Mapping[str, Sequence[float]]
    download: Download
    observations: int

    def write(self, file: Path) -> None:
        """Writes all of it anew: the page, the details and the pictures beside it."""
        folder = file.parent
        (folder / "rates.svg").write_text(self._draw_rates())
        (folder / "everything.svg").write_text(self._draw_everything())
        pictures = ["![Requests a second](rates.svg)\n", "![Everything in and out](everything.svg)\n"]
        if alike := [one for one in self.growth if one.releases == 1]:
            (folder / "growth.svg").write_text(draw_growth(alike))
            pictures.append("![A page by size of the register](growth.svg)\n")
        here = ", ".join(f"{name} {value}" for name, value in describe_machine().items())
        when = f"{datetime.now(UTC):%Y-%m-%d}, `{self.command}`: {self.contents}. Machine: {here}.\n"
        page = [HEAD, when, *pictures, "## Goals\n", _goals(self.goals), NOTE]
        file.write_text("\n".join(page).rstrip() + "\n")
        versions = ", ".join(f"{name} {value or '(not there)'}" for name, value in self.versions.items())
        details = [
            "# Details of the bench\n\nWritten by `make bench` with [the results](RESULTS.md).\n",
            when,
            f"Versions: {versions}.\n",
            "## All contenders\n\nProcessor times are for one request, in the server and in Postgres.\n",
            _outcomes(self.contenders, self.outcomes, self.sizes),
            *(("## Growth\n", describe_growth(self.growth)) if self.growth else ()),
            *(("## What takes most of the time\n", _limits(self.limits)) if self.limits else ()),
        ]
        (folder / DETAILS.name).write_text("\n".join(details).rstrip() + "\n")

    def _draw_rates(self) -> str:
        groups: list[Group] = []
        for heading, named in PEERS.items():
            rates = [(name, key, self.outcomes[key].rate) for key, name in named.items() if key in self.outcomes]
            groups.append((heading, [Row(name, rate, write_rate(rate), key in OURS) for name, key, rate in rates]))
        note = "blue: this service. 16 connections (the slowest: fewer), one process each; each line: ten times"
        return draw_dots("Requests answered in a second", note, groups)

    def _draw_everything(self) -> str:
        load, count = self.loaded, self.observations
        seconds = {
            "Out: every figure as CSV": {
                "download of the release's file": self.download.ours,
                "psql \\copy of the same rows": self.download.copied,
            },
            "Out: building the files of a release": {
                "CSV, Parquet and bundle of everything": load["files"][0],
                "psql \\copy, one CSV": load["copy of flat"][0],
            },
            "In: loading a register": {
                "read, checked and stored": load["load"][0],
                "COPY, then the same indexes": load["raw COPY"][0],
                "COPY into the indexed table": load["indexed COPY"][0],
            },
        }
        groups: list[Group] = []
        for heading, rows in seconds.items():
            ours = next(iter(rows))
            groups.append((heading, [Row(name, value, f"{value:.1f} s", name == ours) for name, value in rows.items()]))
        files = [Row(name, size / count, f"{size / count:,.0f} B") for name, size in self.download.files]
        title = f"Everything in and out: {count:,} figures"
        return draw_bars(
            title,
            "blue: this service. Each group has a scale of its own, from zero",
            [*groups, ("Bytes for each figure", files)],
        )


def draw_growth(sizes: Sequence[Size]) -> str:
    """Bars of the middle time of a page of 10, known and new, one for each size, from zero."""
    kinds = (("Asked before: its total is known", "p50"), ("A new question: it is counted", "new_p50"))
    groups: list[Group] = []
    for heading, key in kinds:
        times = [(one.observations, getattr(one, key)) for one in sizes]
        groups.append((heading, [Row(f"{size:,} figures", time, f"{time:.1f} ms") for size, time in times]))
    note = "middle time at 16 connections, with as many matches in each register"
    return draw_bars("A page of 10, by size of the register", note, groups, is_one_scale=True)


def _goals(groups: Mapping[str, Sequence[Goal]]) -> str:
    lines = ["| | must be | measured | |", "|---|---|---|---|"]
    for heading, goals in groups.items():
        lines.append(f"| **{heading}** | | | |")
        for goal in goals:
            unit = "" if goal.unit == "×" else f" {goal.unit}"
            value = "" if goal.value is None else f"{goal.value:.{0 if goal.unit == 'MB' else 2}f}{unit}"
            sign = "≤" if goal.at_most else "≥"
            lines.append(f"| {goal.path} | {sign} {goal.must:g}{unit} | {value} | {goal.verdict} |")
    short = [goal.path for goals in groups.values() for goal in goals if "short" in goal.verdict]
    why = [f"- {path}: {why}" for path in short for name, why in IN_THE_WAY.items() if path.startswith(name)]
    return "\n".join([*lines, "", *(["What is in the way:", "", *why, ""] if why else [])])


def _outcomes(contenders: Sequence[Contender], outcomes: Mapping[str, Outcome], sizes: Mapping[str, int]) -> str:
    lines = [
        "| | requests/s | spread | p50 ms | p99 ms | µs server | µs Postgres | peak MB | bytes | failed |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for contender in contenders:
        if contender.name not in outcomes:
            lines.append(f"| {contender.name} | none in time |" + " |" * 8)
            continue
        one = outcomes[contender.name]
        app, database = one.app_micros, one.database_seconds / one.requests * 1e6
        lines.append(
            f"| {contender.name} | {write_rate(one.rate)} | {one.spread:.0%} | {one.p50:.2f} | {one.p99:.2f} "
            f"| {app:,.0f} | {database:,.0f} | {one.peak_megabytes:,.0f} | {sizes.get(contender.name, 0):,} "
            f"| {one.failed} |"
        )
    return "\n".join(lines) + "\n"


def _limits(limits: Mapping[str, str]) -> str:
    lines = [f"- {name}: most samples in `{function}`" for name, function in limits.items()]
    return "Profiles are in `bench/profiles/`, one for each path.\n\n" + "\n".join(lines) + "\n"
