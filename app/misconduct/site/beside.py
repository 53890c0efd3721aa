"""Put figures of a few places side by side: a row for each indicator, and whether its numbers may be compared."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from misconduct.model import wording
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.compare import find_reservations
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.relate import find_reason, say_reason

SMALL = 10
"""Numbers below this are not drawn as bars: that they differ may be chance, and a bar would look like more."""


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


def put_beside(
    rows: Iterable[Row], table: Mapping[str, Row], catalogue: Catalogue
) -> list[Beside]:
    """Return a row for each indicator that several places have, and last one for each headline that only one has.

    The figures are in the order of what comes first; `table` has the row of each.
    """
    indicators, held = catalogue.of_kind("indicator"), defaultdict[str, list[Row]](list)
    for row in rows:
        if (
            row["value"] is not None
            and row["indicator"] in indicators
            and not row["repeats"]
        ):
            held[row["indicator"]].append(row)
    chosen = {
        one: _choose(held[one], catalogue)
        for one in sorted(held, key=lambda one: indicators[one]["position"])
    }
    several = [one for one in chosen if len(chosen[one]) > 1]
    alone = [
        one
        for one in chosen
        if len(chosen[one]) == 1 and indicators[one].get("headline")
    ]
    return [
        _make_row(chosen[one], table, indicators[one], catalogue)
        for one in (*several, *alone)
    ]


def _choose(rows: Sequence[Row], catalogue: Catalogue) -> dict[str, Row]:
    """Return a figure of each place: the first of what most places have, at best for one time; else its first one."""
    by_name = defaultdict[str, list[Row]](list)
    for row in rows:
        by_name[name_counted(row, catalogue)].append(row)
    alike = max(
        by_name.values(),
        key=lambda some: (len({row["area"] for row in some}), bool(_share_times(some))),
    )
    newest = max(_share_times(alike), key=lambda time: (time[1], time[0]), default=None)
    chosen = dict[str, Row]()
    for row in [*(row for row in alike if newest in (None, _find_time(row))), *rows]:
        chosen.setdefault(row["area"], row)
    return chosen


def _share_times(rows: Iterable[Row]) -> set[tuple[date, date]]:
    """Return the times for which each of several places has a figure."""
    times = defaultdict[str, set[tuple[date, date]]](set)
    for row in rows:
        times[row["area"]].update(filter(None, [_find_time(row)]))
    return set.intersection(*times.values()) if len(times) > 1 else set()


def _make_row(
    figures: Mapping[str, Row],
    table: Mapping[str, Row],
    indicator: Content,
    catalogue: Catalogue,
) -> Beside:
    rows, heading = [*figures.values()], catalogue.label("indicator", indicator["id"])
    names = {code: name_counted(row, catalogue) for code, row in figures.items()}
    if len({*names.values()}) == 1:
        heading, names = names[next(iter(names))], dict.fromkeys(names, "")
    shared = [
        one for one in rows[0]["caveats"] if all(one in row["caveats"] for row in rows)
    ]
    shared = shared if rows[1:] else shared[:1]
    caveats = [
        wording.say_caveat(one, catalogue)
        for one in shared
        if not catalogue.fact("no_ranking", one)
    ]
    if not rows[1:]:
        return Beside(figures, heading, names, "", "", caveats)
    of_table = [table[row["id"]] for row in rows]
    why_not = say_reason(find_reason(of_table, catalogue), of_table, catalogue)
    note = " ".join(find_reservations(rows, catalogue))
    return Beside(figures, heading, names, why_not, note, caveats)


def _find_time(row: Row) -> tuple[date, date] | None:
    is_dated = row["dated_by"] == "source" and row["period_start"] and row["period_end"]
    return (row["period_start"], row["period_end"]) if is_dated else None
