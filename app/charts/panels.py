"""Lay figures out in the panels of a picture: a row for each figure and for each gap.

A row is a dict: the columns of FIGURE_COLUMNS, named as in every table, and these:

- `panel`: which panel it is in, from 0
- `lines`: the text beside it, a list of lines; `label`: the figure as printed, with its hedge
- `row`: its place from the top (bars); or `year`, and its `place` from the left, from 0 (columns and lines)
- `gap`: why there is no figure for that year, a code of `model.series.GAPS`; None if there is one
- `part_year`: whether the figure is for part of that year
- `segment`: what a line may join; it never joins across a gap or a break
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from app.charts.labels import figure_lines, gap_label, series_heading, series_name, shared_words
from app.model.catalogue import Catalogue
from app.model.figure import COLUMNS, as_row
from app.model.observation import Observation
from app.model.period import Coverage, Year, coverage, years_of
from app.model.phrases import label_figure
from app.model.series import GAPS, Series, gather_all

FIGURE_COLUMNS = (
    "id", "version", "release", "measure_label", "statistic", "category_label", "area_label", "population_label",
    "counting_unit_label", "period_type", "period_start", "period_end", "duration", "period_printed", "value",
    "value_absent", "unit", "printed", "qualifier", "hedge", "obs_status", "stated_by_label", "source", "source_title",
    "source_publisher", "source_published", "caveat_texts", "cite_as",
)  # fmt: skip
_PLACES = [(name, [column.name for column in COLUMNS].index(name)) for name in FIGURE_COLUMNS]

BREAK = "B"
"""SDMX status of a figure that cannot be compared with those before it in its series."""

NO_FIGURE = "No figure of this release is in this chart."

Row = dict[str, Any]


class Panel(NamedTuple):
    """One part of a picture, with its own scale. `breaks` are the places of the years before which a break is drawn.

    `name` is a short heading, for the description of the picture in words.
    """

    heading: str
    rows: list[Row]
    unit: str
    breaks: tuple[int, ...] = ()
    name: str = ""


class Panels(NamedTuple):
    """What a picture shows: `subtitle` applies to all of it, and `without` is shown if there is no panel."""

    subtitle: str
    panels: list[Panel]
    observations: list[Observation]
    years: Sequence[Year] = ()
    without: str = NO_FIGURE


def bar_panels(observations: Sequence[Observation], catalogue: Catalogue) -> Panels:
    """Make a bar for each figure, the largest first; figures that differ in statistic or unit get separate panels."""
    ordered = sorted(observations, key=lambda o: (o.value is None, -(o.value or 0), o.id))
    panels = []
    for number, (statistic, unit) in enumerate(dict.fromkeys((o.statistic, o.unit) for o in ordered)):
        shown = [o for o in ordered if (o.statistic, o.unit) == (statistic, unit)]
        rows = [
            _figure(o, catalogue, number)
            | {"row": place, "lines": figure_lines(o, ordered, catalogue), "part_year": False}
            for place, o in enumerate(shown)
        ]
        panels.append(Panel("", rows, unit))
    return Panels(shared_words(ordered, catalogue), panels, ordered)


def year_panels(observations: Iterable[Observation], catalogue: Catalogue, *, allow_breaks: bool) -> Panels:
    """Make a panel for each series that covers years; each year has a figure in it, or a gap.

    With `allow_breaks`, series that differ only in population or counting unit share a panel if no year overlaps.
    """
    grouped = group_series(observations, allow_breaks=allow_breaks)
    found = [one for together in grouped for one in together]
    years = years_of(days for one in found for days in one.days())
    panels = []
    for number, together in enumerate(grouped):
        rows = _year_rows(together, years, number, catalogue)
        heading = "\n".join(series_heading(one, found, catalogue) for one in together)
        name = ", ".join(series_name(together[0], found, catalogue))
        panels.append(Panel(heading, rows, together[0].key.unit, _breaks(rows), name))
    shown = [o for one in found for o in (*one.years.values(), *filter(None, [one.window]))]
    return Panels("", panels, shown, years)


def group_series(observations: Iterable[Observation], *, allow_breaks: bool) -> list[list[Series]]:
    """Group the series that cover years by the panel that shows them."""
    found = [one for one in gather_all(observations) if one.span()]
    return _joined(found) if allow_breaks else [[one] for one in found]


def _figure(o: Observation, catalogue: Catalogue, panel: int) -> Row:
    row = as_row(o, catalogue)
    return {name: row[place] for name, place in _PLACES} | {"panel": panel, "label": label_figure(o), "gap": None}


def _year_rows(together: Sequence[Series], years: Sequence[Year], panel: int, catalogue: Catalogue) -> list[Row]:
    """Make a row for each year: the figure that one of the series states, or the gap."""
    reasons = [one.gaps(catalogue, years) for one in together]
    stated = {year: (part, o) for part, one in enumerate(together) for year, o in one.years.items()}
    rows: list[Row] = []
    for place, year in enumerate(label for label, _, _ in years):
        if year in stated:
            part, o = stated[year]
            is_part = coverage(o, catalogue.kind("source")[o.source]["published"]) == Coverage.PART
            row = _figure(o, catalogue, panel) | {"part_year": is_part, "series": part}
            row["lines"] = row["label"].split(" ")
        else:
            row = _gap(min((one[year] for one in reasons), key=[*GAPS].index), panel)
        rows.append(row | {"year": year, "place": place, "segment": _segment(rows, row)})
    return rows


def _gap(reason: str, panel: int) -> Row:
    empty = dict.fromkeys(FIGURE_COLUMNS)
    return empty | {"panel": panel, "gap": reason, "label": gap_label(reason), "lines": [], "part_year": False}


def _segment(before: Sequence[Row], row: Row) -> int | None:
    """Return the number of the line that a figure is part of: that of the year before, unless there is a break."""
    if row["value"] is None:
        return None
    last = before[-1] if before else None
    if last is not None and last["segment"] is not None:
        return int(last["segment"]) + int(_breaks_with(last, row))
    return max((one["segment"] for one in before if one["segment"] is not None), default=-1) + 1


def _breaks_with(last: Row, row: Row) -> bool:
    return bool(last["series"] != row["series"] or row["obs_status"] == BREAK)


def _breaks(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return the places of the years whose figure cannot be compared with the one before it."""
    figures = [row for row in rows if row["gap"] is None]
    return tuple(row["place"] for last, row in pairwise(figures) if _breaks_with(last, row))


def _joined(found: Sequence[Series]) -> list[list[Series]]:
    """Group the series that differ only in population or counting unit, in the order of their years."""
    groups: dict[tuple[str, ...], list[Series]] = {}
    for one in found:
        key = one.key
        alike = (key.category, key.measure, key.statistic, key.area, key.unit)
        groups.setdefault(alike, []).append(one)
    joined: list[list[Series]] = []
    for group in groups.values():
        years = [year for one in group for year in one.years]
        parts = [sorted(group, key=lambda one: min(one.years, default=""))]
        joined += parts if len(years) == len(set(years)) else [[one] for one in group]
    return joined
