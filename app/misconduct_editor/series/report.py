"""What an editor reads before a release: what its series are like, and which leading figures moved."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from misconduct.model.figure import Row

QUERIES = Path(__file__).with_name("report.sql")
SECTION = re.compile(r"^-- # (.+)\n((?:(?!-- #).*\n)+)", re.MULTILINE)
SERIES = ("kind", "scope", "unit", "people", "category", "statistic", "base")
"""What tells the series of an indicator and area apart."""


class Section(NamedTuple):
    """A part of the report: its title, the names of its columns, and its rows."""

    title: str
    columns: list[str]
    rows: list[tuple[Any, ...]]


def write_sections(database: duckdb.DuckDBPyConnection) -> Iterator[Section]:
    """Yield the parts of the report about one release, in the order of `report.sql`."""
    for title, query in SECTION.findall(QUERIES.read_text("utf-8")):
        found = database.sql(query)
        yield Section(title, found.columns, found.fetchall())


def find_moved(before: Iterable[Row], after: Iterable[Row]) -> Section:
    """Return which leading figures moved between the tables of two releases, which may be read from their files.

    A leading figure is the newest of the series that leads an indicator and area. It is `new` or `gone`; it is now of
    an `other series`; or in the same one it is a `newer figure`, or an `other figure` of the same time.
    """
    was, now = _find_leading(before), _find_leading(after)
    rows = []
    for key in sorted({*was, *now}):
        old, new = was.get(key), now.get(key)
        if what := _compare(old, new):
            sentences = (row["sentence"] if row else None for row in (old, new))
            rows.append((what, *key, *sentences))
    return Section(
        "Leading figures that moved",
        ["what", "indicator", "area_code", "was", "now"],
        sorted(rows, key=lambda row: row[:3]),
    )


def say_section(section: Section) -> str:
    """Return a section as lines of text: its title with the number of rows, then a table."""
    if not section.rows:
        return f"{section.title}: none\n"
    cells = [section.columns, *section.rows]
    lines = (
        "    " + " | ".join("" if cell is None else str(cell) for cell in row)
        for row in cells
    )
    return "\n".join([f"{section.title}: {len(section.rows)}", *lines, ""])


def _find_leading(table: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """Return the leading figure of each indicator and area. In a file, 1 is a text."""
    return {
        (row["indicator"], row["area_code"]): row
        for row in table
        if str(row["lead"]) == str(row["latest"]) == "1"
    }


def _compare(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    if old is None or new is None:
        return "new" if old is None else "gone"
    if old["id"] == new["id"]:
        return ""
    if any((old[name] or None) != (new[name] or None) for name in SERIES):
        return "other series"
    return "other figure" if old["time"] == new["time"] else "newer figure"
