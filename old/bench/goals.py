"""What is to be reached, and whether it was: one row for each goal, as a ratio of two things measured in one run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from bench import contenders as c
from bench.rounds import Outcome

IN_THE_WAY = {
    "page of 10 ÷ Datasette": "Datasette answers what it was told beforehand; here every parameter is checked against"
    " the release. A page is one statement: one write and one read on the database's socket, and one of each on the"
    " client's. Routes that call their functions directly, figures written by compiled functions, only the columns"
    " asked for, and head and body in one write have taken a third off its processor time. No part is left"
    " that takes much: of the samples a sixth each is understanding the request and waiting on the database's driver,"
    " a tenth parsing HTTP, a twentieth each FastAPI's layers and routes, and writing figures.",
    "page of 10 ÷ ROAPI": "As with Datasette. Where wrk is not installed, the load generator takes a fifth of a page's"
    " processor time from the same cores, which keeps down the rate of a quick service most.",
    "comparison ÷ page": "It writes three whole figures and compares them in each dimension, a fifth of its processor"
    " time, which is the page's within the noise; Postgres takes as long for both.",
    "by-year table ÷ page": "Its answer has a value or a reason for each year of each row, and Postgres takes twice as"
    " long for it as for the page. Only the cells that are asked for are made; what is left of the rows is the reasons"
    " and the dictionaries of the years (model/series.py), a fifth of the processor time.",
    "building the files": "Each figure's line is written twice as CSV and twice as Parquet (all figures, its dataset)"
    " and has 79 columns, of which `\\copy` finds all and the files compute half. Of 300,000 figures they take 11.5 s"
    " of processor time, Postgres' 2 s included, where `\\copy` takes 1.5 s. What cannot be left out takes 5 s: sorting"
    " and reading, CSV and Parquet as polars alone writes them from memory, deflating, hashing, storing"
    " (docs/decisions/0011). Polars is read while Postgres builds indexes.",
    "validated load ÷": "Every row is hashed, matched with its manifest and judged in one Python process, column by"
    " column (docs/decisions/0029), which takes 1.5 times as long as all that Postgres does for a load of 300,000"
    " figures. Of 20,000, reading code takes half of Python's time, although alembic, asyncpg and structlog are no"
    " longer read. Of 10.3 s by the clock 4.6 go by while rows are read: a second process would take off half of that"
    " at most, and without any of it a load would take 2.3 times as long.",
    "second start": "Two processes read their code side by side, of the service and of the load: 2.2 s of processor"
    " time together, of which FastAPI, SQLAlchemy and pydantic's models take most. Alembic, drawn tracebacks and"
    " looking for garbage, which took a ninth more, are left out.",
    "search ÷ Datasette": "Of few figures FTS5 has little to read. Here two statements are planned for each search, of"
    " its page and of its warnings, which is about a third of Postgres' time; it and the service take a core each.",
    "p99 of listings beside": "A chart takes three or four times as much of the worker as a listing of a new question."
    " The check that it can be read, which lays it out, is the drawing process's (a third of the worker's time for a"
    " chart); what is left, saying what may stand together, needs the release's records, which that process does not"
    " have. It runs at a lower priority.",
    "nginx or Varnish": "A worker that knows a request by its bytes takes a third of the processor time that it took"
    " when this goal was set, and about as much as nginx: a cache in front spares it other work, not this.",
    "2 workers ÷ 1": "Two workers, Postgres and what asks them share two cores; other runs gave 1.7 to 2.3.",
    "chart as SVG ÷ JSON": "Both are bytes from memory, sent by the same code: recorded runs gave 0.91 to 1.10, one"
    " beside other work on the machine 0.83.",
    "long table by year as CSV ÷ naive": "Recorded runs gave 1.07 to 1.14, one beside other work on the machine 0.99.",
    "SDMX-CSV ÷ the same naive": "It has a quarter more bytes than the naive table, and Postgres takes 0.46 ms"
    " for it instead of 0.16. Recorded runs gave 0.87 to 1.01, one beside other work on the machine 0.75.",
    "page of 10, p99 ÷ p50": "As with two workers; other runs gave 1.7 to 2.1.",
    "page of 10 of a new question": "44 times as many figures match, which have to be counted once"
    " (docs/decisions/0025): 0.45 ms of Postgres, which alone is a third of a page of one force. What a sum would get"
    " wrong is read of 500 figures instead of 121, 0.4 ms more, of which their order by id takes 0.08. Asked again, or"
    " by dataset, category, area or measure, nothing is counted.",
    "facets of a dataset": "Each figure that matches is counted for each facet, so it grows with the rows: Postgres"
    " takes 3.9 ms of 5.6 for a table of 44 forces, 0.2 of 1.2 for one. Columns of which few combinations occur are"
    " counted together, in six sets instead of fifteen, which took 7 ms; larger sets are no quicker. The goal leaves"
    " 1.5 ms, in which Postgres reads the 5,324 figures and counts three columns.",
    "page of a dataset, one force": "1.25 to 1.45 while what can be chosen was counted for each page, and 1.03 to 1.14"
    " since it is counted once for each release. What is left is a form with 44 forces to choose from, and a table by"
    " year whose series Postgres finds among those of all forces, 0.4 ms of 15.",
    "CSV of all observations": "A worker reads the stored pieces of the file, inflates and sends them: 0.43 s of"
    " processor time for 210 MB, of which inflating takes half; Postgres and who reads take 0.1 s each, and `\\copy`"
    " 1.5 s. The rest is waiting. Reading the next piece meanwhile was tried, and was no quicker on a busy machine.",
    "… peak memory, with the files": "Reading and copying 300,000 figures stays below 160 MB (docs/decisions/0029)."
    " Building the files adds 240 MB: 140 with CSV alone, and 100 with the Parquet files, each of which holds a row"
    " group. Batches of half as many rows save 30 MB and take a tenth longer.",
    "page of 10 with as many matches": "1.0 to 1.25. In the small register Postgres keeps a plan for any source; in the"
    " large one it plans each page anew, which takes 50 µs of a page's 450. That it does not know how few rows are"
    " asked for is meant (docs/decisions/0025).",
    "look-up of a number": "1.6, and 1.8 by processor time. Of one force 16 figures match, of 44 forces 862, of which"
    " the page reads 100 and shows 20: Postgres takes 0.85 ms to find and sort them, not 0.15 (1.1 before only those"
    " that are read were read whole), and the service 2.1 instead of 1.5.",
    "first start": "Ten seconds of processor time, one process after the other: about six are the start itself, which"
    " compiles 1,200 files and makes a database, two put uv into the environment and two all other packages. It was"
    " thirteen before uv was installed by the pip that Python has.",
    "import of 251,460 rows": "Every cell is placed, read and checked; the script does nothing of this. 5.6 to"
    " 7.3 on two machines.",
    "… peak memory of the import": "All rows of the table are held while they are compared with the register.",
}
"""By how its path begins: what stands in the way of a goal, should it not be reached."""


@dataclass(frozen=True)
class Goal:
    """A path and its limit, which is the most it may be where `at_most`. `value`: None where it was not measured."""

    path: str
    must: float
    value: float | None
    unit: str = "×"
    why: str = ""
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """`met`, or by how much it falls short."""
        if self.value is None:
            return f"not measured: {self.why}"
        short = self.value / self.must - 1 if self.at_most else 1 - self.value / self.must
        return f"**short by {short:.1%}**" if short > 0 else "met"


ABSENT = "was not there, or had answered nothing when a round was over"
EQUAL = 0.97
"""As fast within the noise: one answer, measured twice in turn, differed from itself by 3 % in the median of nine."""
MEMORY = (
    ("answer from memory ÷ bare ASGI of constant bytes", c.CACHED, c.BARE, 0.93),
    ("304 from memory ÷ the same", c.CONFIRMED, c.BARE, 1.2),
    ("chart as SVG ÷ JSON of the same size, both from memory", c.CHART, c.SAME_SIZE, EQUAL),
)
PAGES = (
    ("page of 10 ÷ naive sync ORM", c.UNCACHED, c.SYNC, 10),
    ("page of 10 ÷ naive async ORM", c.UNCACHED, c.ASYNC, 5),
    ("page of 10 ÷ Datasette, prepared query with the join", c.UNCACHED, c.PREPARED, 5),
    ("page of 10 ÷ ROAPI, SQL", c.UNCACHED, c.ROAPI_SQL, 18),
    ("page of 10 ÷ raw asyncpg under bare ASGI (the limit)", c.UNCACHED, c.RAW, 0.6),
    ("comparison ÷ page of 10", c.COMPARISON, c.UNCACHED, 1),
    ("by-year table ÷ page of 10", c.TABLE_BY_YEAR, c.UNCACHED, 1),
)
OTHERS = (
    ("search ÷ Datasette's prepared search (FTS5)", c.SEARCH, c.SEARCH_DATASETTE, 1),
    ("search ÷ naive async ORM (tsvector, GIN)", c.SEARCH, c.SEARCH_NAIVE, 2),
    ("facets (19 of them) ÷ Datasette's (six)", c.FACETS, c.FACETS_DATASETTE, 2),
    ("facets ÷ naive async ORM (six)", c.FACETS, c.FACETS_NAIVE, 1),
    ("long table by year as CSV ÷ naive async ORM", c.LONG, c.LONG_NAIVE, 1),
    ("SDMX-CSV ÷ the same naive table", c.SDMX, c.LONG_NAIVE, 1),
)
"""What is measured, against what, and the least that the ratio of their rates must be."""


def rate_goals(found: Mapping[str, Outcome], rows: Iterable[tuple[str, str, str, float]]) -> Iterator[Goal]:
    """Ratios of requests in a second: the median of the ratios of each round, as both have met the same noise."""
    for path, one, other, must in rows:
        absent = one if one not in found else other
        yield Goal(path, must, _ratio(found, one, other), why=f"{absent} {ABSENT}")


def processor_goals(found: Mapping[str, Outcome], rows: Iterable[tuple[str, str, str, float]]) -> Iterator[Goal]:
    """Ratios of the server's processor time for a request: what makes the load takes as much, and has its own core.

    With wrk, the ratios of the rates are the same.
    """
    for path, one, other, must in rows:
        ours, theirs = found.get(one), found.get(other)
        value = theirs.app_micros / ours.app_micros if ours and theirs else None
        yield Goal(path, must, value, why=f"{one if ours is None else other} {ABSENT}")


def _ratio(found: Mapping[str, Outcome], one: str, other: str) -> float | None:
    if one not in found or other not in found:
        return None
    pairs = zip(found[one].loads, found[other].loads, strict=True)
    return median(ours.rate / theirs.rate for ours, theirs in pairs)


def server_goals(found: Mapping[str, Outcome]) -> Iterator[Goal]:
    """What several processes give, and how long the slowest wait."""
    two, one = found.get(c.TWO), found.get(c.CACHED)
    shares = 2 * one.app_micros / two.app_micros if one and two else None
    why = f"there was no {c.TWO}"
    yield Goal("2 workers ÷ 1, from memory, by processor time (without the load generator's)", 1.8, shares, why=why)
    fronts = {name: value for name in (c.NGINX, c.VARNISH) if (value := _ratio(found, name, c.CACHED)) is not None}
    best = max(fronts, key=lambda name: fronts[name], default="neither was there")
    yield Goal(f"nginx or Varnish as HTTP cache ÷ 1 worker ({best})", 2, fronts.get(best), why=best)
    page = found.get(c.UNCACHED)
    yield Goal("page of 10, p99 ÷ p50 at 16 connections", 2, page.p99 / page.p50 if page else None, at_most=True)


T = TypeVar("T")
FAILURES = (LookupError, ValueError, OSError, RuntimeError, subprocess.SubprocessError)


def attempt(work: Callable[[], T]) -> Callable[[], T]:
    """Does something now. What it gives, or why it failed, comes when the result is asked for."""
    done = Future[T]()
    try:
        done.set_result(work())
    except FAILURES as error:
        done.set_exception(error)
    return done.result


def measure_goal(path: str, must: float, measure: Callable[[], float], unit: str = "×") -> Goal:
    """A goal that has an upper limit, and says so where it was not measured."""
    try:
        value, why = measure(), ""
    except (LookupError, ValueError) as error:
        value, why = None, str(error)
    except FAILURES as error:
        print(error, file=sys.stderr)  # with addresses and paths, which are no part of the results
        value, why = None, "a program that it needs failed"
    return Goal(path, must, value, unit, why, at_most=True)
