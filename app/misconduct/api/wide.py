"""Lay rows out with a column for each year: a row a series."""

from calendar import month_name
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from misconduct.model.figure import Column, Row
from misconduct.model.points import BY_NAME, SERIES

BEFORE = ("indicator", "name", "area", "area_code", "kind", "scope", "unit")
YEAR_IS = Column("year_is", "text", "What a column of a year is in this row.")
YEARS = Column("years", "integer", "How many years have a number.")
"""It is never empty: readers that guess types, such as DuckDB, need a column of numbers under a word to see that the
first line is a header, for all other headings look like their cells."""
TWELVE_MONTHS = 360  # days, or a few more
DAYS = "last day held in the year"


def widen(rows: Iterable[Row]) -> tuple[list[Row], list[Column]]:
    """Return a row for each series, and the columns. What no cell can say stands in the note of its row."""
    series, absent = defaultdict[tuple[Any, ...], list[Row]](list), list[Row]()
    for row in rows:
        if row["id"] is None:  # not held
            absent.append(row | {"year_is": None, "years": 0})
        else:
            series[name_series(row)].append(row)
    held = {row["year"] for several in series.values() for row in several} - {None}
    columns = [BY_NAME[name] for name in BEFORE]
    columns += [YEAR_IS, YEARS]
    columns += [Column(str(year), "number", "") for year in sorted(held)]
    columns += [BY_NAME["note"], BY_NAME["publisher"]]
    return [*map(_widen, series.values()), *absent], columns


def name_series(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in SERIES)


def find_dated(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of series that have a year, and what is not held. A table by year has no place for others."""
    dated = {name_series(row) for row in rows if row["year"]}
    return [row for row in rows if row["id"] is None or name_series(row) in dated]


def _widen(rows: Sequence[Row]) -> Row:
    cells = {row["year"]: row for row in rows if row["year"]}  # the last stands
    publishers = dict.fromkeys(row["publisher"] for row in rows)
    return {
        **{name: rows[0][name] for name in BEFORE},
        "year_is": _say_year(cells[min(cells)]),
        "years": sum(row["value"] is not None for row in cells.values()),
        **{str(year): row["value"] for year, row in cells.items()},
        "note": "; ".join(_find_notes(rows, cells)) or None,
        "publisher": " and ".join(publishers),
    }


def _say_year(row: Row) -> str:
    """Return what a year is in a row: its months, or a day in it."""
    first, last = row["period_start"], row["period_end"]
    if not first or not last or (last - first).days < TWELVE_MONTHS:
        return DAYS
    return f"{month_name[first.month]} to {month_name[last.month]}"


def _find_notes(rows: Sequence[Row], cells: dict[int, Row]) -> list[str]:
    """Return numbers that have no cell, hedges, and notes; with their years, unless all rows have the note."""
    beside, years = list[str](), defaultdict[str, list[str]](list)
    for row in rows:
        said = [*filter(None, (row["note"] or "").split("; "))]
        is_cell = row is cells.get(row["year"])
        if not is_cell:
            beside.append(f"{row['shown']} ({row['time']})")
        elif row["value"] is None or row["hedge"]:
            said.append(row["shown"])
        for part in said:
            years[part].append(str(row["year"]) if is_cell else row["time"])
    notes = [
        part if len(of) == len(rows) else f"{part} ({', '.join(of)})"
        for part, of in years.items()
    ]
    return [*beside, *notes]
