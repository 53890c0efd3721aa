"""Lay rows out with a column for each year: a row a series."""

from calendar import month_name
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from misconduct.model.figure import Column, Row
from misconduct.model.points import BY_NAME, SERIES, find_year

BEFORE = ("indicator", "name", "area", "area_code", "kind", "scope", "unit")
YEAR_IS = Column("year_is", "text", "What a column of a year is in this row.")
YEARS = Column("years", "integer", "How many years have a number.")
"""It is never empty: readers that guess types, such as DuckDB, need a column of numbers under a word to see that the
first line is a header, for all other headings look like their cells."""
TWELVE_MONTHS = 360  # days, or a few more
DAYS = "last day held in the year"


def widen(
    rows: Iterable[Row], asked: Sequence[tuple[int, int]] = ()
) -> tuple[list[Row], list[Column]]:
    """Return a row for each series, and the columns. A number that is for no year stands in the note of its row.

    A year that is asked has a column though no row is for it, unless it is before or after all that are.
    """
    series, absent = defaultdict[tuple[Any, ...], list[Row]](list), list[Row]()
    for row in rows:
        if row["id"] is None:  # not held
            absent.append(row | {"year_is": None, "years": 0})
        else:
            series[name_series(row)].append(row)
    years = _list_years(series.values(), asked)
    columns = [BY_NAME[name] for name in BEFORE]
    columns += [YEAR_IS, YEARS, *(Column(str(year), "number", "") for year in years)]
    columns += [BY_NAME["note"], BY_NAME["publisher"]]
    return [*map(_widen, series.values()), *absent], columns


def _list_years(
    series: Iterable[Sequence[Row]], asked: Sequence[tuple[int, int]]
) -> list[int]:
    held = {row["year"] for rows in series for row in rows} - {None}
    first, last = min(held, default=0), max(held, default=-1)
    spans = (range(max(begin, first), min(end, last) + 1) for begin, end in asked)
    return sorted(held.union(*spans))


def name_series(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in SERIES)


def find_dated(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of series that have a year, and what is not held. A table by year has no place for others."""
    dated = {name_series(row) for row in rows if row["year"]}
    return [row for row in rows if row["id"] is None or name_series(row) in dated]


def _widen(rows: Sequence[Row]) -> Row:
    first = rows[0]
    cells = {row["year"]: row for row in rows if row["year"]}  # the last stands
    publishers = dict.fromkeys(row["publisher"] for row in rows)
    return {
        **{name: first[name] for name in BEFORE},
        "year_is": _say_year(cells[min(cells)]) if cells else None,
        "years": sum(row["value"] is not None for row in cells.values()),
        **{str(year): row["value"] for year, row in cells.items()},
        "note": "; ".join(_list_notes(rows, cells)) or None,
        "publisher": " and ".join(publishers),
    }


def _list_notes(rows: Sequence[Row], cells: Mapping[int, Row]) -> list[str]:
    """Return the numbers that have no cell, what is to be said of years, and what all rows share."""
    beside = [row for row in rows if row is not cells.get(row["year"])]
    told = defaultdict[str, list[str]](list)
    for times, text in (*_say_cells(cells), *_say_notes(rows, cells)):
        told[times].append(text)
    shared = told.pop("", [])
    notes = [f"{row['shown']} ({row['time']})" for row in beside]
    notes += [f"{times}: {', '.join(texts)}" for times, texts in told.items()]
    return [*notes, *shared]


def _say_year(row: Row) -> str:
    """Return what a year is in a row: its months, or a day in it."""
    first, last = row["period_start"], row["period_end"]
    if not first or not last or (last - first).days < TWELVE_MONTHS:
        return DAYS
    return f"{month_name[first.month]} to {month_name[last.month]}"


def _say_cells(cells: Mapping[int, Row]) -> Iterator[tuple[str, str]]:
    """Say why which years between the first and the last are empty, and which numbers have a hedge."""
    years = range(min(cells), max(cells) + 1) if cells else range(0)
    if absent := [year for year in years if year not in cells]:
        yield _say_years(absent, years), "not held"
    empty = defaultdict[str, list[int]](list)
    for year, row in cells.items():
        if row["value"] is None:
            empty[row["shown"].lower()].append(year)
        elif row["hedge"]:
            yield str(year), row["shown"]
    for reason, of in empty.items():
        yield _say_years(of, sorted(cells)), reason


def _say_notes(
    rows: Sequence[Row], cells: Mapping[int, Row]
) -> Iterator[tuple[str, str]]:
    """Say what the notes of rows have, and for which years or times; what all of them share is for none."""
    found = defaultdict[str, list[Row]](list)
    for row in rows:
        for part in (row["note"] or "").split("; "):
            found[part].append(row)
    found.pop("", None)
    for part, of in found.items():
        years = sorted(row["year"] for row in of if row is cells.get(row["year"]))
        beside = [row["time"] for row in of if find_year(row) not in years]
        times = ", ".join(filter(None, [_say_years(years, sorted(cells)), *beside]))
        yield "" if len(of) == len(rows) else times, part


def _say_years(years: Sequence[int], held: Sequence[int]) -> str:
    """Return years by runs, of which each has all years that are held between its ends."""
    place = {year: place for place, year in enumerate(held)}
    runs = groupby(enumerate(years), key=lambda pair: place[pair[1]] - pair[0])
    said = []
    for _, run in runs:
        of_run = [year for _, year in run]
        span = f"{of_run[0]} to {of_run[-1]}"
        said.append(span if of_run[1:] else str(of_run[0]))
    return ", ".join(said)
