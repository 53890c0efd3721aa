"""Find what is held of a place in another unit, statistic or scope than what somebody looks at."""

from collections.abc import Iterable

from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.lines import Point
from misconduct.model.order import STATISTIC
from misconduct.model.say_number import say_with_unit
from misconduct.model.times import find_time

KIND = ("category", "subcategory")


def say_otherwise(like: Row, area: str, rows: Iterable[Row], view: ReleaseView) -> str:
    """Return the newest number of a place that counts what a figure does: held otherwise: 458 cases (2022/23)."""
    found = _find_numbers(like, area, rows)
    return f"held otherwise: {_say(found, like, view)}" if found else ""


def say_otherwise_of_year(like: Row, year: str, rows: Iterable[Row], view: ReleaseView) -> str:
    """Return what is held for a year of the place and the kind of a figure."""
    alike = [row for row in rows if row["year"] == year and all(row[name] == like[name] for name in KIND)]
    return say_otherwise(like, like["area"], alike, view)


def say_newer(point: Point, rows: Iterable[Row], view: ReleaseView) -> str:
    """Return the newest number in another unit than that of a figure, if it is newer: 433 applications (2022)."""
    like, last = point.row, point.time.last
    found = [
        row
        for row in _find_numbers(like, like["area"], rows)
        if row["period_end"] > last
        and all(row[name] == like[name] for name in (*KIND, "scope"))
        and any(row[name] != like[name] for name in STATISTIC)
    ]
    return _say(found, like, view) if found else ""


def _find_numbers(like: Row, area: str, rows: Iterable[Row]) -> list[Row]:
    """Return the dated numbers of an indicator and a place, without changes."""
    indicator = like["indicator"]
    own = [row for row in rows if row["area"] == area and row["indicator"] == indicator is not None]
    return [row for row in own if row["value"] is not None and row["statistic"] != "change" and row["period_end"]]


def _say(rows: Iterable[Row], like: Row, view: ReleaseView) -> str:
    row = max(rows, key=lambda row: (row["period_end"], not row["scope"], row["statistic"] == "count"))
    others = view.catalogue.label("population", row["population"]).lower()
    people = f"{others}, " if row["population"] != like["population"] else ""
    return f"{say_with_unit(row, view.catalogue)} ({people}{find_time(row, view.source(row)).label})"
