"""Choose what a picture draws, or says, beside its rows: other counts of years between, and the sizes of forces."""

from collections import Counter
from collections.abc import Iterable, Sequence

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.points import ALL_KINDS, find_year


def find_gaps(rows: Iterable[Row]) -> list[int]:
    """Return the years between the first and the last row that have no row."""
    years = {find_year(row) or 0 for row in rows}
    return sorted({*range(min(years), max(years))} - years)


def say_elsewhere(others: Iterable[Row], drawn: Row) -> dict[int, str]:
    """Return what is held of the same people in years between rows, by its year: a total, of the longest time."""
    alike = [row for row in others if row["people"] == drawn["people"]]
    alike.sort(key=lambda row: (row["kind"] != ALL_KINDS, -_find_length(row)))
    found = dict[int, str]()
    for row in alike:
        found.setdefault(find_year(row) or 0, say_otherwise(row, drawn))
    return found


def _find_length(row: Row) -> int:
    """Return how many days a row is of, as far as both ends are known."""
    first, last = row["period_start"], row["period_end"]
    return (last - first).days if first and last else 0


DIFFERING = ("people", "kind", "scope", "unit")


def say_otherwise(row: Row, drawn: Row, names: Sequence[str] = DIFFERING) -> str:
    """Return a number that is not among those that are drawn, with what tells it apart."""
    differs = [str(row[name]) for name in names if row[name] != drawn[name]]
    if not differs and row["coverage"] == "part":
        return f"{row['shown']}, {row['time']}"
    if not differs:
        return f"{row['shown']}, not drawn"
    return f"{row['shown']} counted otherwise ({', '.join(differs)})"


def name_sizes(rows: Sequence[Row], catalogue: Catalogue) -> str | None:
    """Return the indicator that has the sizes of forces whose bars are drawn; None if bars are of one place."""
    has_several = len({row["area_code"] for row in rows}) > 1
    indicator = catalogue.of_kind("indicator")[rows[0]["indicator"]]
    return indicator.get("against") if has_several else None


FURTHEST = 366  # days between a number and the size of its force


def pick_sizes(candidates: Iterable[Row], first: Row) -> dict[str, Row]:
    """Return the sizes of forces on one day within a year of a number: the day of which most forces have one."""
    sizes = [
        row
        for row in candidates
        if row["total"]
        and row["value"]
        and row["coverage"] == "point"
        and _count_days(row, first) <= FURTHEST
    ]
    if not sizes:
        return {}
    days = Counter(row["period_end"] for row in sizes)
    sizes.sort(key=lambda row: _count_days(row, first))
    day = max((row["period_end"] for row in sizes), key=days.__getitem__)
    return {row["area_code"]: row for row in sizes if row["period_end"] == day}


def _count_days(row: Row, other: Row) -> int:
    days: int = (row["period_end"] - other["period_end"]).days
    return abs(days)
