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


def widen(
    rows: Iterable[Row], asked: Sequence[tuple[int, int]] = ()
) -> tuple[list[Row], list[Column], str]:
    """Return a row for each series, the columns, and what is said of rows that are for no year.

    A year that is asked has a column though no row is for it, unless it is before or after all that are.
    """
    series = dict[tuple[Any, ...], dict[int, Row]]()
    without, absent = list[Row](), list[Row]()
    for row in rows:
        if row["id"] is None:  # not held: it has no year, and nothing is left out
            absent.append(row)
            continue
        if row["year"] is None:
            without += [row] if row["value"] is not None else []
            continue
        key = tuple(row[name] for name in SERIES)
        series.setdefault(key, {})[row["year"]] = row  # the last of a year stands
    held = {year for cells in series.values() for year in cells}
    first, last = min(held, default=0), max(held, default=-1)
    spans = (range(max(begin, first), min(end, last) + 1) for begin, end in asked)
    years = sorted(held.union(*spans))
    columns = [BY_NAME[name] for name in BEFORE]
    columns += [YEAR_IS, *(Column(str(year), "number", "") for year in years)]
    columns += [BY_NAME["note"], BY_NAME["publisher"]]
    wide = [_widen(cells) for cells in series.values()]
    wide += [row | {"year_is": None} for row in absent]
    return wide, columns, _say_left_out(without)


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
    are = "row is" if len(rows) == 1 else "rows are"
    return f"{len(rows)} {are} for no year, and only in the long table: {named}{more}"
