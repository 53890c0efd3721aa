"""Put figures of a few places side by side: a row for each indicator, and whether its numbers may be compared."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from misconduct.model import wording
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.caveats import say_in_short
from misconduct.model.compare import compare
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.order import why_not_together

SMALL = 10
"""Numbers below this are not drawn as bars: that they differ may be chance, and a bar would look like more."""

Group = Mapping[str, Sequence[Row]]
"""Figures by place."""


class Beside(NamedTuple):
    """A figure of each place that has one. Those that must not be compared say why; others may need a note.

    `names` are what they count, if that is not the heading. `caveats` are those that all of them have.
    """

    figures: Mapping[str, Row]
    heading: str
    names: Mapping[str, str]
    why_not: str
    note: str
    caveats: Sequence[str]

    @property
    def is_shared(self) -> bool:
        """Tell whether several places have a figure."""
        return len(self.figures) > 1

    @property
    def top(self) -> Any:
        """Return the end of the scale that several share, or None."""
        most = max(row["value"] for row in self.figures.values())
        return None if self.why_not or len(self.figures) == 1 or most < SMALL else most


def choose_newest(rows: Iterable[Row]) -> Row | None:
    """Return the newest number, a final count of all that its indicator has if there is one; None of nothing.

    Of several that are equally new it is the first in the order of the documents, not the largest.
    """

    def rank(row: Row) -> tuple[Any, ...]:
        is_of_all = not (row["scope"] or row["subcategory"]) and row["fit"] != "narrower"
        is_final = row["coverage"] != "part" and row["mark"] != "provisional"
        return row["statistic"] == "count", is_of_all, is_final, row["recency"]

    found = [row for row in rows if row["value"] is not None and not row["repeats"]]
    return max(sorted(found, key=lambda row: str(row["place"])), key=rank, default=None)  # the first of equal ones


def put_beside(places: Group, catalogue: Catalogue) -> list[Beside]:
    """Return a row for each indicator that several places have, and last one for each headline that only one has."""
    indicators = catalogue.of_kind("indicator")
    held = defaultdict[str, dict[str, list[Row]]](lambda: defaultdict(list))
    for code, rows in places.items():
        for row in rows:
            if row["value"] is not None and row["indicator"] in indicators and not row["repeats"]:
                held[row["indicator"]][code].append(row)
    ordered = sorted(held, key=lambda one: (len(held[one]) == 1, indicators[one]["position"]))
    shown = [one for one in ordered if len(held[one]) > 1 or indicators[one].get("headline")]
    return [_judge(_choose(held[one], catalogue), indicators[one], catalogue) for one in shown]


def _choose(group: Group, catalogue: Catalogue) -> dict[str, Row]:
    """Return a figure of each place: what most places have, at best for one time, of the newest; else its newest."""
    by_name = defaultdict[str, dict[str, list[Row]]](lambda: defaultdict(list))
    for code, rows in group.items():
        for row in rows:
            by_name[name_counted(row, catalogue)][code].append(row)
    most = max(map(len, by_name.values()))
    often = [places for places in by_name.values() if len(places) == most]
    often = [places for places in often if _share_times(places)] or often  # rates of one year, not numbers of two
    first = choose_newest(row for places in often for rows in places.values() for row in rows)
    alike = by_name[name_counted(first, catalogue)] if first else {}
    newest = max(_share_times(alike), key=lambda time: (time[1], time[0]), default=None)
    chosen = {
        code: choose_newest(row for row in alike.get(code, rows) if newest in (None, _find_time(row)))
        or choose_newest(rows)
        for code, rows in group.items()
    }
    return {code: row for code, row in chosen.items() if row}


def _share_times(places: Group) -> set[tuple[date, date]]:
    """Return the times for which each of several places has a figure."""
    times = [{*filter(None, map(_find_time, rows))} for rows in places.values()]
    return set.intersection(*times) if times[1:] else set()


def _judge(figures: Mapping[str, Row], indicator: Content, catalogue: Catalogue) -> Beside:
    rows, heading = [*figures.values()], catalogue.label("indicator", indicator["id"])
    names = {code: name_counted(row, catalogue) for code, row in figures.items()}
    if len({*names.values()}) == 1:
        heading, names = names[next(iter(names))], dict.fromkeys(names, "")
    shared = [one for one in rows[0]["caveats"] if all(one in row["caveats"] for row in rows)]
    shared = shared if rows[1:] else shared[:1]
    caveats = [wording.say_caveat(one, catalogue) for one in shared if not catalogue.fact("no_ranking", one)]
    if not rows[1:]:
        return Beside(figures, heading, names, "", "", caveats)
    why_not = " ".join(_say_why_not(rows, catalogue))
    note = " ".join(compare(rows, catalogue).reservations)
    return Beside(figures, heading, names, why_not, note, caveats)


def _say_why_not(rows: Sequence[Row], catalogue: Catalogue) -> Iterable[str]:
    """Yield why figures of several places must not be compared; nothing if they may be."""
    warned = dict.fromkeys(one for row in rows for one in row["caveats"] if catalogue.fact("no_ranking", one))
    said = [*(say_in_short(one, catalogue) for one in warned), why_not_together(rows, catalogue)]
    yield from filter(None, dict.fromkeys(said))
    if len({name_counted(row, catalogue) for row in rows}) > 1:
        yield "They do not count the same."
    if len({_find_time(row) for row in rows}) > 1 or _find_time(rows[0]) is None:
        yield "They are not for the same time."


def _find_time(row: Row) -> tuple[date, date] | None:
    is_dated = row["dated_by"] == "source" and row["period_start"] and row["period_end"]
    return (row["period_start"], row["period_end"]) if is_dated else None
