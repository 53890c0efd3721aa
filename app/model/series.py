"""A series: what one source states about one thing, year by year, and which years it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.model import codes
from app.model.catalogue import Catalogue
from app.model.editions import Editions
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
from app.model.period import Days, PeriodType, Year, coverage, is_part_of_year, years_of
from app.model.table import FROM_ROOT, OF_THIS_SERVICE, Column, Table, compile_row

SERIES = (
    "category", "measure", "statistic", "population", "counting_unit", "area", "unit", "stated_by", "work",
)  # fmt: skip
"""The key of a series. Figures that differ in any of these never share a row. A work is a source with its editions."""

OF_FIGURE = SERIES[:-1]
"""The part of the key that is columns of a figure."""

LABELLED = tuple(name for name in SERIES if name in codes.LABELLED)

WITHHELD, NOT_STATED = "withheld", "not_stated"
WINDOW_UNDATED, OUTSIDE_WINDOW = "window_undated", "outside_window"

GAPS = {
    WITHHELD: "Publication was refused; `non_publications` names the refusal.",
    NOT_STATED: "The series covers this year, and no source states a figure for it. That is not zero.",
    WINDOW_UNDATED: "The source gives the length of a window but not its dates, so it may reach this year.",
    OUTSIDE_WINDOW: "The series does not reach this year.",
}
"""Why a year of a series has no figure: the codes, the most telling first, each with a sentence."""


class Series(NamedTuple):
    """The figures of one series by the label of their year, and the figure for its whole window, if there is one."""

    key: Observation
    years: Mapping[str, Observation]
    window: Observation | None

    @classmethod
    def gather(cls, observations: Sequence[Observation], editions: Editions) -> Series:
        """Sort the observations of one series into years and window. The key is a figure of the latest edition."""
        in_order = sorted(observations, key=lambda o: (o.period_from is None, o.period_from))
        years = {o.year: o for o in in_order if o.year is not None}
        window = next((o for o in observations if o.year is None), None)
        return cls(min(observations, key=lambda o: _place(o, editions)), years, window)

    def observations(self) -> list[Observation]:
        """Return all its figures."""
        return [*self.years.values(), *filter(None, [self.window])]

    def days(self) -> list[Days]:
        """Return the days that its figures are about, as far as they have dates."""
        return [
            Days(o.year, o.period_from, o.period_until) for o in self.observations() if o.period_from and o.period_until
        ]

    def span(self) -> list[Year]:
        """Return the years that the series covers: those of its window, and each year with a figure."""
        return years_of(self.days())

    def stated(self, years: Iterable[Year]) -> dict[str, Observation]:
        """Return the figures of the given years."""
        return {year.label: self.years[year.label] for year in years if year.label in self.years}

    def gaps(self, catalogue: Catalogue, years: Iterable[Year] | None = None) -> dict[str, str]:
        """Return the years without a figure, each with its reason, a code of GAPS; by default of those it covers."""
        years = self.span() if years is None else list(years)
        days, refused = self.days(), self.non_publications(catalogue, years)
        return {
            year.label: WITHHELD if year.label in refused else self._why_empty(year, days)
            for year in years
            if year.label not in self.years
        }

    def non_publications(self, catalogue: Catalogue, years: Iterable[Year]) -> dict[str, str]:
        """Return the years without a figure whose publication was refused, each with the id of the refusal."""
        refusals = [one for one in catalogue.kind("non_publication").values() if one["covers"]]
        empty = (year.label for year in years if refusals and year.label not in self.years)
        found = ((label, refusal["id"]) for label in empty for refusal in refusals[::-1] if self._is_in(refusal, label))
        return dict(found)

    def _is_in(self, refusal: Mapping[str, Any], label: str) -> bool:
        covers = refusal["covers"]
        named = [(getattr(self.key, name), covers[name]) for name in ("area", "measure", "category") if covers[name]]
        return all(code in codes for code, codes in named) and label in map(str, covers["years"])

    def _why_empty(self, year: Year, days: Sequence[Days]) -> str:
        if days and min(one.first for one in days) <= year.last and max(one.last for one in days) >= year.first:
            return NOT_STATED
        if self.window is None:
            return OUTSIDE_WINDOW
        first, last = self.window.period_from, self.window.period_until
        is_outside = (first is not None and year.last < first) or (last is not None and year.first > last)
        return OUTSIDE_WINDOW if is_outside else WINDOW_UNDATED


def _place(o: Observation, editions: Editions) -> int:
    edition = editions.get(o.source)
    return edition.place if edition else 0


def gather_all(observations: Iterable[Observation], editions: Editions) -> list[Series]:
    """Group observations into series, in the order of their keys.

    If a work states more than one figure for the same series and year, each further one gets a series of its own: a
    whole year comes before its parts, and a later edition before an earlier one.
    """
    found: dict[tuple[str, ...], list[Observation]] = {}
    stated: Counter[tuple[str, ...]] = Counter()
    for o in sorted(observations, key=lambda o: (is_part_of_year(o), _place(o, editions), o.id)):
        if o.period_type in (PeriodType.YEAR, PeriodType.WINDOW):
            work = editions[o.source].work if o.source in editions else o.source
            key = (*(getattr(o, name) for name in OF_FIGURE), work)
            place = (*key, o.year or "")
            stated[place] += 1
            found.setdefault((*key, f"{stated[place]:06}"), []).append(o)
    return [Series.gather(found[key], editions) for key in sorted(found)]


def as_document(series: Series, years: Sequence[Year], catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """Write one row of a by-year table as a JSON object. A gap is null in `values`, with its reason in `gaps`.

    `years` are those of the whole table, so that all its rows have the same keys.
    """
    key, stated, editions = series.key, series.stated(years), catalogue.editions
    edition, sources = editions.get(key.source), {o.source for o in series.observations()}
    return {
        **{name: catalogue.coded[name][getattr(key, name)] for name in LABELLED},
        "statistic": key.statistic,
        "unit": key.unit,
        "source": catalogue.sources_of_figures[key.source],
        "work": edition.work if edition else None,
        "editions": [catalogue.sources_of_figures[slug] for slug in sorted(sources, key=editions.__getitem__)]
        if edition
        else [],
        "window": series.window and _window(series, series.window, catalogue, base_url),
        "values": {label: number(stated[label].value) if label in stated else None for label, _, _ in years},
        "gaps": series.gaps(catalogue, years),
        "non_publications": series.non_publications(catalogue, years),
        "cells": {label: _cell(o, catalogue, base_url) for label, o in stated.items()},
    }


def _window(series: Series, window: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    parts = _parts_of(window, catalogue)
    is_total = any(o.id in parts for o in series.years.values())
    return {**_cell(window, catalogue, base_url), "is_total": is_total}


def _parts_of(whole: Observation, catalogue: Catalogue) -> set[str]:
    """Return the ids of the figures that the register says are parts of this one: here is what makes a total."""
    checks = (one for one in catalogue.kind("check").values() if one["type"] == "yearly_parts")
    relations = (one for one in catalogue.kind("relation").values() if one["type"] == "part_of")
    return {part for one in checks if one["whole"] == whole.id for part in one["parts"]} | {
        part for one in relations if one["of"] == whole.id for part in one["figures"]
    }


def _cell(o: Observation, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    caveats = catalogue.kind("caveat")
    return {
        "id": o.id,
        "version": o.version,
        "source": o.source,
        "value": number(o.value),
        "value_absent": o.value_absent,
        "printed": o.printed,
        "qualifier": o.qualifier,
        "hedge": o.hedge,
        "obs_status": o.obs_status,
        "coverage": coverage(o, catalogue.kind("source")[o.source]["published"]),
        "period": {
            "start": o.period_start,
            "end": o.period_end,
            "duration": o.duration,
            "printed": o.period_printed,
            "year_basis": o.year_basis,
        },
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
    """Make a function that writes one key of each figure after its year: `2021:exact`; nulls are left out."""
    return lambda cells: [f"{year}{between}{cell[key]}" for year, cell in cells.items() if cell[key]]


def _reasons(gaps: Mapping[str, str]) -> list[str]:
    return [f"{year}:{reason}" for year, reason in gaps.items()]


def _periods(cells: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return _by_year("printed", ": ")({year: cell["period"] for year, cell in cells.items()})


def _caveats(cells: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Write each caveat of the figures once, after the years it applies to or `window`: `2021, 2024: …`."""
    about: dict[str, tuple[str, list[str]]] = {}
    for place, cell in cells.items():
        for caveat in cell["caveats"]:
            about.setdefault(caveat["id"], (caveat["text"], []))[1].append(place)
    return [f"{', '.join(places)}: {text}" for text, places in about.values()]


NOTE_COLUMNS: tuple[Column, ...] = (
    Column("gaps", "texts", f"Years without a figure, each with the reason: {', '.join(GAPS)}", cell=_reasons),
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
    Column("attribution", "text", "Whom to credit", path="meta.attribution"),
    Column(
        "coverages",
        "texts",
        "How much of its year each figure covers: whole, part or unstated",
        path="cells",
        cell=_by_year("coverage"),
    ),
    Column(
        "non_publications",
        "texts",
        "Years whose publication was refused, each with the id of the refusal",
        cell=_reasons,
    ),
    Column(
        "window_is_total",
        "boolean",
        "true where the register says that the figures of the years are parts of the figure for the window",
        path="window.is_total",
    ),
    Column("work", "text", "Slug of the work of which the sources of the row are editions; empty for most"),
    Column("sources", "texts", "Source of each year figure", path="cells", cell=_by_year("source")),
)


def as_table(
    found: Sequence[Series], years: Sequence[Year], catalogue: Catalogue, warnings: Sequence[str] = ()
) -> Table:
    """Make a wide table: a row for each series, a column for each year; a gap is an empty cell."""
    year_columns = (Column(label, "number", f"Figure for {label}", path=f"values.{label}") for label, _, _ in years)
    columns = (*KEY_COLUMNS, *year_columns, *NOTE_COLUMNS)
    flatten, meta = compile_row(columns), row_meta(catalogue)
    rows = []
    for series in found:
        document = as_document(series, years, catalogue, FROM_ROOT)
        window = {"window": document["window"]} if document["window"] else {}
        rows.append(flatten({**document, "meta": meta, "figures": {**document["cells"], **window}}))
    shown = {o.source for series in found for o in series.observations()}
    about = notes(catalogue) | ({"warnings": " ".join(warnings)} if warnings else {})
    return Table(columns, rows, about, lambda: sources_table(catalogue, shown))
