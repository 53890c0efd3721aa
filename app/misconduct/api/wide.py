"""Lay rows out with a column for each year: a row a series."""

from calendar import month_name
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from misconduct.model.figure import Column, Row
from misconduct.model.points import BY_NAME, SERIES

BEFORE = ("indicator", "name", "area", "area_code", "kind", "scope", "unit")
YEAR_IS = Column("year_is", "text", "What a column of a year is in this row.")
TWELVE_MONTHS = 360  # days, or a few more
DAYS = "last day held in the year"
NAMED = 2  # rows without a year that are named; more are only counted


def widen(rows: Iterable[Row]) -> tuple[list[Row], list[Column], str]:
    """Return a row for each series, the columns, and what is said of rows that are for no year."""
    series = dict[tuple[Any, ...], dict[int, Row]]()
    without = list[Row]()
    for row in rows:
        if row["year"] is None:
            without += [row] if row["value"] is not None else []
            continue
        key = tuple(row[name] for name in SERIES)
        series.setdefault(key, {})[row["year"]] = row  # the last of a year stands
    years = sorted({year for cells in series.values() for year in cells})
    columns = [BY_NAME[name] for name in BEFORE]
    columns += [YEAR_IS, *(Column(str(year), "number", "") for year in years)]
    columns += [BY_NAME["note"], BY_NAME["publisher"]]
    return [_widen(cells) for cells in series.values()], columns, _say_left_out(without)


def _widen(cells: Mapping[int, Row]) -> Row:
    first = cells[min(cells)]
    publishers = dict.fromkeys(row["publisher"] for row in cells.values())
    return {
        **{name: first[name] for name in (*BEFORE, "source")},
        "year_is": _say_year(first),
        **{str(year): row["value"] for year, row in cells.items()},
        "note": "; ".join(_say_cells(cells)) or None,
        "publisher": " and ".join(publishers),
    }


def _say_year(row: Row) -> str:
    """Return what a year is in a row: its months, or a day in it."""
    first, last = row["period_start"], row["period_end"]
    if not first or not last or (last - first).days < TWELVE_MONTHS:
        return DAYS
    return f"{month_name[first.month]} to {month_name[last.month]}"


def _say_cells(cells: Mapping[int, Row]) -> Iterable[str]:
    """Say why years between the first and the last are empty, by runs, and which numbers have a hedge."""
    reasons = [
        (year, cells[year]["shown"].lower() if year in cells else "not held")
        for year in range(min(cells), max(cells) + 1)
        if year not in cells or cells[year]["value"] is None
    ]
    runs = groupby(
        enumerate(reasons), key=lambda pair: (pair[1][0] - pair[0], pair[1][1])
    )
    for (_, reason), run in runs:
        years: Sequence[int] = [year for _, (year, _) in run]
        span = f"{years[0]} to {years[-1]}" if years[1:] else str(years[0])
        yield f"{span}: {reason}"
    for year, row in cells.items():
        if row["hedge"] and row["value"] is not None:
            yield f"{year}: {row['shown']}"


def _say_left_out(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    named = "; ".join(
        f"{row['name']}, {row['area']}: {row['shown']} ({row['time']})"
        for row in rows[:NAMED]
    )
    more = " …" if rows[NAMED:] else ""
    return f"{len(rows)} rows are for no year, and stand only in the long table: {named}{more}"
