"""bench/RESULTS.md: what was measured, on what, by which command, and which goals are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.contenders import Contender
from bench.goals import IN_THE_WAY, Goal
from bench.machine import describe_machine
from bench.rounds import Outcome

FILE = Path(__file__).parent / "RESULTS.md"
LOOK = Path(__file__).parents[1] / ".bench" / "RESULTS.md"
"""Where a short look goes, whose numbers are for nobody else."""

HEAD = """# Results

Written by `make bench`: everything in one run on one machine, in turn (A B A B …); rates and times are medians
of the rounds. The ratios matter: absolute numbers depend on this machine, and the load generator shares its cores.
"""
NOTE = """
Every contender was asked for the same ten figures and their total, and gave the same ids, values, printed words and
sources before anything was measured. Our answer contains more than theirs: it is the whole contract (locators, checks,
links). Processor times are for one request, in the server and in Postgres.
"""


@dataclass(frozen=True)
class Report:
    """Everything that one run came to. `sizes` are bytes of an answer, `limits` the function that takes most time."""

    command: str
    contents: str
    versions: Mapping[str, str | None]
    goals: Sequence[Goal]
    contenders: Sequence[Contender]
    outcomes: Mapping[str, Outcome]
    sizes: Mapping[str, int]
    limits: Mapping[str, str]
    growth: str

    def write(self, file: Path) -> None:
        """Writes all of it anew."""
        parts = [
            HEAD,
            f"{datetime.now(UTC):%Y-%m-%d}, `{self.command}`: {self.contents}.\n",
            _machine(self.versions),
            "## Goals\n",
            _goals(self.goals),
            "## All contenders\n",
            _outcomes(self.contenders, self.outcomes, self.sizes),
            NOTE,
            *(("## Growth\n", self.growth) if self.growth else ()),
            *(("## What limits each\n", _limits(self.limits)) if self.limits else ()),
        ]
        file.write_text("\n".join(parts).rstrip() + "\n")


def _machine(versions: Mapping[str, str | None]) -> str:
    here = ", ".join(f"{name} {value}" for name, value in describe_machine().items())
    there = ", ".join(f"{name} {value or '(not installed: not measured)'}" for name, value in versions.items())
    return f"Machine: {here}.\n\nVersions: {there}.\n"


def _goals(goals: Sequence[Goal]) -> str:
    lines = ["| path | must | measured | |", "|---|---|---|---|"]
    for goal in goals:
        sign = "≤" if goal.at_most else "≥"
        unit = "" if goal.unit == "×" else f" {goal.unit}"
        value = "" if goal.value is None else f"{goal.value:.2f}{unit}"
        lines.append(f"| {goal.path} | {sign} {goal.must:g}{unit} | {value} | {goal.verdict} |")
    short = [goal.path for goal in goals if "short" in goal.verdict]
    lines += ["", *(f"- {path}: {why}" for path in short for name, why in IN_THE_WAY.items() if path.startswith(name))]
    return "\n".join(lines) + "\n"


def _outcomes(contenders: Sequence[Contender], outcomes: Mapping[str, Outcome], sizes: Mapping[str, int]) -> str:
    lines = [
        "| | requests/s | spread | p50 ms | p99 ms | µs server | µs Postgres | peak MB | bytes | failed |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for contender in contenders:
        one = outcomes[contender.name]
        app, database = one.app_micros, one.database_seconds / one.requests * 1e6
        lines.append(
            f"| {contender.name} | {one.rate:,.0f} | {one.spread:.0%} | {one.p50:.2f} | {one.p99:.2f} | {app:,.0f} "
            f"| {database:,.0f} | {one.peak_megabytes:,.0f} | {sizes.get(contender.name, 0):,} | {one.failed} |"
        )
    return "\n".join(lines) + "\n"


def _limits(limits: Mapping[str, str]) -> str:
    lines = [f"- {name}: most samples in `{function}`" for name, function in limits.items()]
    return "Profiles are in `bench/profiles/`, one for each path.\n\n" + "\n".join(lines) + "\n"
