"""A series: what one source states about one thing, year by year, and which years it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.domain.catalogue import Catalogue
from app.domain.figure import SOURCE_KEYS, citation_url, number
from app.domain.observation import Observation
from app.domain.table import Column, Row, Table

SERIES = (
    "category", "measure", "statistic", "population", "counting_unit", "area", "unit", "stated_by", "source",
)  # fmt: skip
"""What tells two series apart. Figures that differ in any of these never share a row."""

LABELLED = ("category", "measure", "population", "counting_unit", "area", "stated_by")

NOT_STATED = "not_stated"


class Series(NamedTuple):
    """The year figures of one series by year, and the figure for its whole window where there is one."""

    key: Observation
    years: Mapping[int, Observation]
    window: Observation | None

    @classmethod
    def gather(cls, observations: Sequence[Observation]) -> Series:
        """Sorts the observations of one series into years and window."""
        years = {int(o.period_start or 0): o for o in observations if o.period_type == "year"}
        window = next((o for o in observations if o.period_type == "window"), None)
        return cls(observations[0], years, window)

    def span(self) -> range:
        """The calendar years that the series covers: its window's, and every year it states a figure for."""
        ends = list(self.years)
        if self.window and self.window.period_from and self.window.period_until:
            ends += [self.window.period_from.year, self.window.period_until.year]
        return range(min(ends), max(ends) + 1) if ends else range(0)

    def gaps(self) -> dict[int, str]:
        """The years inside the series for which no source states a figure, each with its reason."""
        return {year: NOT_STATED for year in self.span() if year not in self.years}


def as_document(series: Series, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """One row of a by-year table as a JSON object. A gap is null in `values` and has its reason in `gaps`."""
    key = series.key
    source = catalogue.kind("source")[key.source]
    return {
        **{name: catalogue.coded(name, getattr(key, name)) for name in LABELLED},
        "statistic": key.statistic,
        "unit": key.unit,
        "source": {name: source[name] for name in SOURCE_KEYS},
        "window": series.window and _cell(series.window, catalogue, base_url),
        "values": {
            str(year): number(series.years[year].value) if year in series.years else None for year in series.span()
        },
        "gaps": {str(year): reason for year, reason in series.gaps().items()},
        "cells": {str(year): _cell(o, catalogue, base_url) for year, o in series.years.items()},
    }


def _cell(o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    caveats = catalogue.kind("caveat")
    return {
        "id": o.id,
        "version": o.version,
        "value": number(o.value),
        "value_absent": o.value_absent,
        "printed": o.printed,
        "qualifier": o.qualifier,
        "hedge": o.hedge,
        "obs_status": o.obs_status,
        "period": {"start": o.period_start, "end": o.period_end, "duration": o.duration, "printed": o.period_printed},
        "caveats": [{"id": caveat, "text": caveats[caveat]["text"]} for caveat in o.caveats],
        "cite_as": citation_url(base_url, o.id, catalogue.release.number),
    }


KEY_COLUMNS: tuple[Column, ...] = (
    *(
        column
        for name in LABELLED
        for column in (Column(name, "text", f"{name}: code"), Column(f"{name}_label", "text", f"{name}, in words"))
    ),
    Column("statistic", "text", "count, share, mean or change"),
    Column("unit", "text", "Unit of the values"),
    Column("source", "text", "Source that prints the figures"),
    Column("source_title", "text", "Title of the source"),
    Column("source_publisher", "text", "Publisher of the source"),
    Column("window", "text", "The whole window, as printed"),
    Column("window_value", "number", "The figure for the whole window"),
    Column("window_printed", "text", "That figure exactly as printed"),
)

NOTE_COLUMNS: tuple[Column, ...] = (
    Column("gaps", "texts", "Years for which no source states a figure, each with the reason"),
    Column("printed", "texts", "Year figures exactly as printed, with hedges"),
    Column("statuses", "texts", "SDMX observation status of each year figure"),
    Column("caveats", "texts", "Notes that travel with the figures", " | "),
    Column("ids", "texts", "Ids of the observations by year"),
    Column("release", "text", "Release that this row was taken from"),
)


def as_table(found: Sequence[Series], catalogue: Catalogue) -> Table:
    """Series as a wide table: a row per series, a column per year; empty where there is a gap."""
    covered = [year for series in found for year in series.span()]
    years = range(min(covered), max(covered) + 1) if covered else range(0)
    year_columns = (Column(str(year), "number", f"Figure for {year}") for year in years)
    columns = (*KEY_COLUMNS, *year_columns, *NOTE_COLUMNS)
    return Table(columns, [_as_row(series, years, catalogue) for series in found])


def _as_row(series: Series, years: Iterable[int], catalogue: Catalogue) -> Row:
    key, window = series.key, series.window
    source = catalogue.kind("source")[key.source]
    labelled = (part for name in LABELLED for part in catalogue.coded(name, getattr(key, name)).values())
    stated = series.years
    every = [*stated.values(), *([window] if window else [])]
    caveats = catalogue.kind("caveat")
    return (
        *labelled,
        key.statistic,
        key.unit,
        key.source,
        source["title"],
        source["publisher"],
        window and window.period_printed,
        number(window.value) if window else None,
        window and window.printed,
        *(number(stated[year].value) if year in stated else None for year in years),
        [f"{year}:{reason}" for year, reason in series.gaps().items()],
        [f"{year}:{' '.join(filter(None, (o.hedge, o.printed)))}" for year, o in stated.items()],
        [f"{year}:{o.obs_status}" for year, o in stated.items()],
        list(dict.fromkeys(caveats[caveat]["text"] for o in every for caveat in o.caveats)),
        [f"{year}:{o.id}" for year, o in stated.items()],
        catalogue.release.number,
    )
