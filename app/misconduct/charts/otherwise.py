"""Find what else is held than what somebody looks at: of its place in another unit, statistic or scope, or at all."""

from collections import Counter
from collections.abc import Iterable, Sequence

from misconduct.charts.lines import NOT_STATED, Line, Point
from misconduct.charts.times import find_time
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.names import name_counted, name_kind, say_whole
from misconduct.model.order import statistic_of
from misconduct.model.series import Gap
from misconduct.model.wording import lower, say_number

OTHERWISE = "held_otherwise"
"""The code of a reason whose detail is the number that is held."""

ALIKE = ("category", "subcategory", "scope", "population")
"""What a number in another unit shares with the figure beside which it is named."""


def find_otherwise(like: Row, area: str, rows: Iterable[Row], view: ReleaseView) -> Gap | None:
    """Return as a reason the newest other number of a place that counts what a figure does: 458 cases (2022/23)."""
    found = _find_numbers(like, area, rows)
    return Gap("gap", OTHERWISE, _say(found, like, view)) if found else None


def explain_years(
    line: Line, years: Iterable[Year], rows: Sequence[Row], view: ReleaseView, *, is_cut: bool
) -> dict[str, Gap]:
    """Return why years have no figure: what is held of the same kind, scope and people for them, or what sources say.

    `is_cut` tells that filters may have left out figures of the line.
    """
    if is_cut:
        return dict.fromkeys((year.name for year in years), Gap("gap", "not_chosen"))
    why = line.explain(years, view)
    held = {point.row["year"] for point in line.points}
    for year in [name for name in why if why[name] == NOT_STATED and name not in held]:
        alike = [row for row in rows if row["year"] == year and line.points and _is_alike(row, line.key)]
        why[year] = (find_otherwise(line.key, line.area, alike, view) if line.points else line.reason) or why[year]
    return why


def say_newer(point: Point, rows: Iterable[Row], view: ReleaseView) -> str:
    """Return the newest number in another unit than that of a figure, if it is newer: 433 applications (2022)."""
    like, last = point.row, point.time.last
    found = [
        row
        for row in _find_numbers(like, like["area"], rows)
        if row["period_end"] > last and _is_alike(row, like) and statistic_of(row) != statistic_of(like)
    ]
    return _say(found, like, view) if found else ""


def _is_alike(row: Row, like: Row) -> bool:
    return all(row[name] == like[name] for name in ALIKE)


def _find_numbers(like: Row, area: str, rows: Iterable[Row]) -> list[Row]:
    """Return the dated numbers of an indicator and a place, without changes."""
    indicator = like["indicator"]
    own = [row for row in rows if row["area"] == area and row["indicator"] == indicator is not None]
    return [row for row in own if row["value"] is not None and row["statistic"] != "change" and row["period_end"]]


def _say(rows: Iterable[Row], like: Row, view: ReleaseView) -> str:
    row = max(rows, key=lambda row: (row["period_end"], not row["scope"], row["statistic"] == "count"))
    others = view.catalogue.label("population", row["population"]).lower()
    people = f"{others}, " if row["population"] != like["population"] else ""
    time = find_time(row, view.source(row)).label.replace(" (part)", ", in part")
    return f"{_say_with_unit(row, view.catalogue)} ({people}{time})"


def _say_with_unit(row: Row, catalogue: Catalogue) -> str:
    """Return a number with what it counts, of which part: 458 cases; 48% of allegations; 12 deaths, in custody."""
    unit = lower(catalogue.label("counting_unit", row["counting_unit"]))
    others = {"share": say_whole(row), "rate": f"{unit} per {row['base']}", "mean": f"{unit}, average {row['base']}"}
    said = f"{say_number(row, catalogue)} {others.get(row['statistic'], unit)}"
    return ", ".join(filter(None, (said, name_kind(row, catalogue), row["scope"])))


def count_rest(rows: Iterable[Row], drawn: Sequence[Row], catalogue: Catalogue) -> list[tuple[str, int]]:
    """Return how many figures there are beside those that are drawn, by what they count: more figures on complaints, 5.

    Each is called a figure, since “convicted (1)” would say how many people were convicted.
    """
    ids, own = {row["id"] for row in drawn}, {row["indicator"] for row in drawn}
    found, known = Counter[tuple[str, str]](), set[tuple[str, str]]()
    for row in rows:
        if ids.isdisjoint((row["id"], row["repeats"])):
            is_known = row["indicator"] in catalogue.codelists.get("indicator", ())
            name = lower(catalogue.label("indicator", row["indicator"]) if is_known else name_counted(row, catalogue))
            what = "more " if row["indicator"] in own else "", name
            found[what] += 1
            known |= {what} if row["value_absent"] != "suppressed" else set()
    return [
        (f"{what[0]}{'' if what in known else 'hidden '}figure{'s' * (number > 1)} on {what[1]}", number)
        for what, number in found.items()
    ]
