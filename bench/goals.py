"""What is to be reached, and whether it was: one row for each goal, as a ratio of two things measured in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from bench import contenders as c
from bench.rounds import Outcome

IN_THE_WAY = {
    "page of 10 ÷ Datasette": "Half of the time for a page is spent between the socket and the route: the server, the"
    " layers around the service, routing and dependencies (profiles/page-of-10-with-its-total.txt). The query takes a"
    " sixth, and so does the answer, which is twice as long as Datasette's.",
    "building the files": "Each figure's line is stored three times (all figures, its dataset, the bundle) and encoded"
    " twice as Parquet. Of the processor time of a build, CSV lines and Parquet take a quarter each, storing a tenth"
    " and reading a tenth (docs/decisions/0011).",
    "validated load ÷": "Every row is read and checked in Python, about 30 µs each"
    " (profiles/load-of-100000-figures-with-files.txt); COPY checks nothing. A second process would halve it.",
    "304 from memory": "Both take as long as the server needs to read a request and write an answer; the rest is"
    " within the noise of the machine.",
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


def rate_goals(found: Mapping[str, Outcome]) -> Iterator[Goal]:
    """Ratios of requests in a second, and of times."""

    def ratio(one: str, other: str) -> float | None:
        """The median of the ratios of each round: both have met the same noise."""
        if one not in found or other not in found:
            return None
        pairs = zip(found[one].loads, found[other].loads, strict=True)
        return median(ours.rate / theirs.rate for ours, theirs in pairs)

    rows = (
        ("answer from memory ÷ bare ASGI of constant bytes", c.CACHED, c.BARE, 0.93),
        ("304 from memory ÷ the same", c.CONFIRMED, c.BARE, 1.2),
        ("page of 10 ÷ naive sync ORM", c.UNCACHED, c.SYNC, 10),
        ("page of 10 ÷ naive async ORM", c.UNCACHED, c.ASYNC, 5),
        ("page of 10 ÷ Datasette, prepared query with the join", c.UNCACHED, c.PREPARED, 5),
        ("page of 10 ÷ ROAPI, SQL", c.UNCACHED, c.ROAPI_SQL, 18),
        ("page of 10 ÷ raw asyncpg under bare ASGI (the limit)", c.UNCACHED, c.RAW, 0.6),
        ("by-year table ÷ page of 10", c.TABLE_BY_YEAR, c.UNCACHED, 1),
        ("comparison ÷ page of 10", c.COMPARISON, c.UNCACHED, 1),
        ("chart as SVG ÷ JSON of the same size, both from memory", c.CHART, c.SAME_SIZE, 1),
    )
    for path, one, other, must in rows:
        absent = one if one not in found else other
        yield Goal(path, must, ratio(one, other), why=f"there was no {absent}")
    two, one = found.get(c.TWO), found.get(c.CACHED)
    shares = 2 * one.app_micros / two.app_micros if one and two else None
    yield Goal("2 workers ÷ 1, from memory, by processor time (without the load generator's)", 1.8, shares)
    fronts = {name: value for name in (c.NGINX, c.VARNISH) if (value := ratio(name, c.CACHED)) is not None}
    best = max(fronts, key=lambda name: fronts[name], default="neither was there")
    yield Goal(f"nginx or Varnish as HTTP cache ÷ 1 worker ({best})", 2, fronts.get(best))
    page = found.get(c.UNCACHED)
    yield Goal("page of 10, p99 ÷ p50 at 16 connections", 2, page.p99 / page.p50 if page else None, at_most=True)


def measure_goal(path: str, must: float, measure: Callable[[], float], unit: str = "×") -> Goal:
    """A goal that has an upper limit, and says so where it was not measured."""
    try:
        value, why = measure(), ""
    except (LookupError, ValueError) as error:
        value, why = None, str(error)
    return Goal(path, must, value, unit, why, at_most=True)
