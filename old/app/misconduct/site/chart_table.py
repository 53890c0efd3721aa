"""The figures of a chart as a table, also for readers who cannot see the chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from misconduct.api.v1.pictures import Charted
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import UNSTATED
from misconduct.model.observation import Observation
from misconduct.model.period import Coverage
from misconduct.model.phrases import (
    COUNTED,
    NAMED,
    NOTHING_NAMED,
    counted_from,
    dates_and_words,
    full_source,
    label_figure,
    write_date,
)
from misconduct.model.series import WITHHELD, Series

Pin = Callable[[str], str]
"""Writes the address of a page in the release that the chart shows, if that is named."""


class Cell(NamedTuple):
    """A text, and the address to which it links."""

    text: str
    link: str | None = None


class ChartTable(NamedTuple):
    """`head` names the columns; the first cell of each row names the row."""

    head: list[str]
    rows: list[list[Cell]]


def tabulate(charted: Charted, to: Pin) -> ChartTable:
    """Tabulate the figures of a chart, by figure or by series and year."""
    catalogue = charted.catalogue
    if not charted.series:
        head = ["Figure as printed", "What it counts", "Period", "Stated by", "Printed in"]
        return ChartTable(head, [_figure(o, catalogue, to) for o in charted.figures])
    rows = [_series(one, charted, to) for one in charted.series]
    return ChartTable(["Series", *(year.label for year in charted.years)], rows)


def _figure(o: Observation, catalogue: Catalogue, to: Pin) -> list[Cell]:
    voice = o.stated_by and catalogue.label("stated_by", o.stated_by)
    return [
        Cell(label_figure(o), to(f"/observations/{o.id}")),
        Cell(_name(o, catalogue)),
        Cell(dates_and_words(o.period_type, o.period_start, o.period_end, o.period_printed)),
        Cell("not stated" if o.stated_by == UNSTATED else voice or COUNTED),
        Cell(counted_from(o) + full_source(catalogue.kind("source")[o.source], write_date)),
    ]


def _series(one: Series, charted: Charted, to: Pin) -> list[Cell]:
    catalogue = charted.catalogue
    gaps = one.gaps(catalogue, charted.years)
    return [Cell(_name(one.key, catalogue)), *(_year(one, year.label, gaps, catalogue, to) for year in charted.years)]


def _year(one: Series, year: str, gaps: dict[str, str], catalogue: Catalogue, to: Pin) -> Cell:
    if year in gaps:
        return Cell("publication refused" if gaps[year] == WITHHELD else gaps[year].replace("_", " "))
    o = one.years[year]
    is_part = catalogue.coverage(o) == Coverage.PART
    return Cell(f"{label_figure(o)} (part of the year)" if is_part else label_figure(o), to(f"/observations/{o.id}"))


def _name(counted: Any, catalogue: Catalogue) -> str:
    """Name what is counted, leaving out what is not stated."""
    codes = ((name, getattr(counted, name)) for name in NAMED)
    return ", ".join(catalogue.label(name, code) for name, code in codes if code not in NOTHING_NAMED)
