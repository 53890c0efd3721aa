"""A series: what one source states about one thing, year by year, and which years it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.model import codes
from app.model.catalogue import Catalogue
from app.model.figure import (
    SENTENCES,
    SOURCE_COLUMNS,
    citation_url,
    notes,
    number,
    row_meta,
    sources_table,
)
from app.model.observation import Observation
from app.model.table import FROM_ROOT, OF_THIS_SERVICE, Column, Table, compile_row

SERIES = (
    "category", "measure", "statistic", "population", "counting_unit", "area", "unit", "stated_by", "source",
)  # fmt: skip
"""What tells two series apart. Figures that differ in any of these never share a row."""

LABELLED = tuple(name for name in SERIES if name in codes.LABELLED)

NOT_STATED = "not_stated"
OUTSIDE_WINDOW = "outside_window"
WINDOW_UNDATED = "window_undated"


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

    def span(self) -> Sequence[int]:
        """The calendar years that the series covers: its window's, and every year it states a figure for."""
        ends = list(self.years)
        if self.window and self.window.period_from and self.window.period_until:
            ends += [self.window.period_from.year, self.window.period_until.year]
        return range(min(ends), max(ends) + 1) if ends else range(0)

    def stated(self, years: Iterable[int]) -> dict[int, Observation]:
        """The figures of these years."""
        return {year: self.years[year] for year in years if year in self.years}

    def gaps(self, catalogue: Catalogue, years: Iterable[int] | None = None) -> dict[int, str]:
        """The years, without `years` those that the series covers, for which it has no figure, each with its reason.

        The reason is `non-publication:` and the id of the refusal that covers it, `not_stated`, `window_undated`
        (whether the window reaches that year is not known), or `outside_window` (the series does not reach it).
        """
        refusals, covered = list(catalogue.kind("non_publication").values()), self.span()
        return {
            year: _refusal(self.key, year, refusals) or (NOT_STATED if year in covered else self._why_not_covered(year))
            for year in (covered if years is None else years)
            if year not in self.years
        }

    def _why_not_covered(self, year: int) -> str:
        if self.window is None:
            return OUTSIDE_WINDOW
        first, last = self.window.period_from, self.window.period_until
        is_outside = (first is not None and year < first.year) or (last is not None and year > last.year)
        return OUTSIDE_WINDOW if is_outside else WINDOW_UNDATED


def gather_all(observations: Iterable[Observation]) -> list[Series]:
    """All series of some observations, in the order of their keys.

    What one source states for the same series and year more than once gets a series of its own.
    """
    found: dict[tuple[str, ...], list[Observation]] = {}
    stated: Counter[tuple[str, ...]] = Counter()
    for o in sorted(observations, key=lambda o: o.id):
        if o.period_type in ("year", "window"):
            key = tuple(getattr(o, name) for name in SERIES)
            place = (*key, o.period_type, (o.period_start or "") if o.period_type == "year" else "")
            stated[place] += 1
            found.setdefault((*key, f"{stated[place]:06}"), []).append(o)
    return [Series.gather(found[key]) for key in sorted(found)]


def _refusal(key: Observation, year: int, refusals: Sequence[Mapping[str, Any]]) -> str | None:
    for refusal in refusals:
        if refusal["covers"] and _covers(refusal["covers"], key, year):
            return f"non-publication:{refusal['id']}"
    return None


def _covers(coverage: Mapping[str, Any], key: Observation, year: int) -> bool:
    codes = all(
        getattr(key, name) in (coverage[name] or [getattr(key, name)]) for name in ("area", "measure", "category")
    )
    return codes and year in coverage["years"]


def as_document(series: Series, years: Sequence[int], catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """One row of a by-year table as a JSON object. A gap is null in `values` and has its reason in `gaps`.

    `years` are those of the table, so that all its rows have the same keys.
    """
    key = series.key
    return {
        **{name: catalogue.coded[name][getattr(key, name)] for name in LABELLED},
        "statistic": key.statistic,
        "unit": key.unit,
        "source": catalogue.sources_of_figures[key.source],
        "window": series.window and _cell(series.window, catalogue, base_url),
        "values": {str(year): number(series.years[year].value) if year in series.years else None for year in years},
        "gaps": {str(year): reason for year, reason in series.gaps(catalogue, years).items()},
        "cells": {str(year): _cell(o, catalogue, base_url) for year, o in series.stated(years).items()},
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
        for column in (
            Column(name, "text", f"{name}: code", path=f"{name}.code"),
            Column(f"{name}_label", "text", f"{name}, in words", path=f"{name}.label"),
        )
    ),
    Column("statistic", "text", "count, share, mean or change"),
    Column("unit", "text", "Unit of the values"),
    *SOURCE_COLUMNS,
    Column("window_start", "date", "Start of the whole window, as precise as printed", path="window.period.start"),
    Column("window_end", "date", "End of the whole window, as precise as printed", path="window.period.end"),
    Column(
        "window_duration",
        "text",
        "ISO 8601 duration of the whole window, where that is what is printed",
        path="window.period.duration",
    ),
    Column("window_period_printed", "text", "The printed words of the whole window", path="window.period.printed"),
    Column("window_value", "number", "The figure for the whole window", path="window.value"),
    Column("window_value_absent", "text", "Why it has no number", path="window.value_absent"),
    Column("window_printed", "text", "That figure exactly as printed", path="window.printed"),
    Column("window_qualifier", "text", "How firmly it is stated", path="window.qualifier"),
    Column("window_hedge", "text", "The printed words that make it so", path="window.hedge"),
    Column("window_obs_status", "text", "Its SDMX observation status", path="window.obs_status"),
    Column("window_id", "text", "Id of its observation", path="window.id"),
    Column("window_cite_as", "text", f"Address of exactly this reading, {OF_THIS_SERVICE}", path="window.cite_as"),
)


def _by_year(key: str, between: str = ":") -> Callable[[Mapping[str, Mapping[str, Any]]], list[str]]:
    """Make what writes one key of the figures of a row, each behind its year; what is null or empty is left out."""
    return lambda cells: [f"{year}{between}{cell[key]}" for year, cell in cells.items() if cell[key]]


def _reasons(gaps: Mapping[str, str]) -> list[str]:
    return [f"{year}:{reason}" for year, reason in gaps.items()]


def _periods(cells: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return _by_year("printed", ": ")({year: cell["period"] for year, cell in cells.items()})


def _caveats(cells: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Write the notes of figures, each once, behind the years it is about or `window`: `2021, 2024: …`."""
    about: dict[str, tuple[str, list[str]]] = {}
    for place, cell in cells.items():
        for caveat in cell["caveats"]:
            about.setdefault(caveat["id"], (caveat["text"], []))[1].append(place)
    return [f"{', '.join(places)}: {text}" for text, places in about.values()]


NOTE_COLUMNS: tuple[Column, ...] = (
    Column("gaps", "texts", "Years without a figure, each with the reason", cell=_reasons),
    Column(
        "values_absent",
        "texts",
        "Years whose figure has no number, each with the reason",
        path="cells",
        cell=_by_year("value_absent"),
    ),
    Column(
        "printed", "texts", "Year figures exactly as printed", SENTENCES, path="cells", cell=_by_year("printed", ": ")
    ),
    Column("periods_printed", "texts", "The printed words of the years", SENTENCES, path="cells", cell=_periods),
    Column(
        "hedges",
        "texts",
        "The printed words that make a year figure less than exact",
        SENTENCES,
        path="cells",
        cell=_by_year("hedge", ": "),
    ),
    Column("qualifiers", "texts", "How firmly each year figure is stated", path="cells", cell=_by_year("qualifier")),
    Column(
        "obs_statuses",
        "texts",
        "SDMX observation status of each year figure",
        path="cells",
        cell=_by_year("obs_status"),
    ),
    Column("ids", "texts", "Ids of the observations by year", path="cells", cell=_by_year("id")),
    Column(
        "cite_as",
        "texts",
        f"Address of exactly that reading of each year figure, {OF_THIS_SERVICE}",
        path="cells",
        cell=_by_year("cite_as"),
    ),
    Column(
        "caveats",
        "texts",
        "Notes that travel with the figures, each behind the years that it is about",
        SENTENCES,
        path="figures",
        cell=_caveats,
    ),
    Column("release", "text", "Release that this row was taken from", path="meta.release"),
    Column("licence", "text", "Licence of this row", path="meta.licence"),
    Column("attribution", "text", "Whom to name", path="meta.attribution"),
)


def as_table(
    found: Sequence[Series], years: Sequence[int], catalogue: Catalogue, warnings: Sequence[str] = ()
) -> Table:
    """Series as a wide table: a row per series, a column for each of the years; empty where there is a gap."""
    year_columns = (Column(str(year), "number", f"Figure for {year}", path=f"values.{year}") for year in years)
    columns = (*KEY_COLUMNS, *year_columns, *NOTE_COLUMNS)
    flatten, meta = compile_row(columns), row_meta(catalogue)
    rows = []
    for series in found:
        document = as_document(series, years, catalogue, FROM_ROOT)
        window = {"window": document["window"]} if document["window"] else {}
        rows.append(flatten({**document, "meta": meta, "figures": {**document["cells"], **window}}))
    shown = {series.key.source for series in found}
    about = notes(catalogue) | ({"warnings": " ".join(warnings)} if warnings else {})
    return Table(columns, rows, about, lambda: sources_table(catalogue, shown))
