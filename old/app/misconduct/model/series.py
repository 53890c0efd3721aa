"""A series: what one source states about one thing, year by year, and which years it leaves out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from misconduct.model import codes
from misconduct.model.catalogue import Catalogue, Refusal
from misconduct.model.editions import Editions
from misconduct.model.figure import (
    SOURCE_COLUMNS,
    citation_url,
    codes_of,
    notes,
    number,
    row_meta,
    sheets_beside,
)
from misconduct.model.observation import FIRST_LETTERS, LETTERS, Observation
from misconduct.model.period import Days, PeriodType, Year, days_of, is_part_of_year, years_of
from misconduct.model.table import (
    FROM_ROOT,
    OF_THIS_SERVICE,
    SENTENCES,
    Column,
    Layout,
    Table,
    compile_prune,
    compile_row,
)

SERIES = (
    "category", "measure", "statistic", "population", "counting_unit", "area", "unit", "stated_by", "work",
)  # fmt: skip
"""The key of a series. Figures that differ in any of these never share a row. A work is a source with its editions."""

OF_FIGURE = SERIES[:-1]
"""The part of the key that is columns of a figure."""

LABELLED = tuple(name for name in SERIES if name in codes.LABELLED)

FILTERED_OUT, WITHHELD, NOT_COUNTED, NOT_STATED = "filtered_out", "withheld", "not_counted", "not_stated"
WINDOW_UNDATED, OUTSIDE_WINDOW = "window_undated", "outside_window"

GAPS = {
    FILTERED_OUT: "A figure of the series is published for this year, and the filters of the request leave it out.",
    WITHHELD: "Publication was refused; `non_publications` names the refusal.",
    NOT_COUNTED: "This register counted no figure for this year. Do not read it as zero.",
    NOT_STATED: "The series covers this year, and no source states a figure for it. Do not read it as zero.",
    WINDOW_UNDATED: "The source gives the length of a window but not its dates, so it may reach this year.",
    OUTSIDE_WINDOW: "The figures of the series begin after this year, or end before it.",
}
"""Why a year of a series has no figure: the codes, the most telling first, each with a sentence."""


class LeftOut(NamedTuple):
    """The period of a figure of a series that the filters of a request leave out: as much of it as a gap tells."""

    year: str | None
    period_from: date | None
    period_until: date | None


class Series(NamedTuple):
    """The figures of one series by the label of their year, and the figure for its whole window, if there is one.

    `variant` is 1, or a higher number for the further figures that its work states for the same things and years.
    `left_out` are the figures of its key, of whatever variant, that the filters of a request leave out.
    """

    key: Observation
    years: Mapping[str, Observation]
    window: Observation | None
    work: str
    variant: int
    left_out: Sequence[LeftOut] = ()

    @classmethod
    def gather(
        cls, observations: Sequence[Observation], editions: Editions, variant: int, left_out: Sequence[LeftOut] = ()
    ) -> Series:
        """Sort the observations of one series into years and window. The key is a figure of the latest edition."""
        in_order = sorted(observations, key=lambda o: (o.period_from is None, o.period_from, o.id))
        years = {o.year: o for o in in_order if o.year is not None}
        window = next((o for o in observations if o.year is None), None)
        key = min(observations, key=lambda o: _place(o, editions))
        return cls(key, years, window, _work(key, editions), variant, left_out)

    @property
    def id(self) -> str:
        """Its id, which follows from its key alone, so that it is the same in every release: `hvz8m2cktp`.

        Further figures of the same key have the same one with their variant: `hvz8m2cktp-2`.
        """
        return _write_id((*_key(self.key), self.work)) + (f"-{self.variant}" if self.variant > 1 else "")

    def observations(self) -> list[Observation]:
        """Return all its figures."""
        return [*self.years.values(), *filter(None, [self.window])]

    def days(self) -> list[Days]:
        """Return the days that its figures are about, as far as they have dates."""
        return days_of(self.observations())

    def span(self) -> list[Year]:
        """Return the years that the series covers: those of its window, and each year with a figure."""
        return years_of(self.days())

    def own(self, years: Iterable[Year]) -> list[Year]:
        """Return the given years as this series has them: those of another one may begin in another month."""
        months = {days.first.month for days in self.days() if days.label and "/" in days.label}
        if len(months) != 1:
            return [*years]
        [month] = months
        return [Year.beginning(year.first.replace(month=month)) if "/" in year.label else year for year in years]

    def stated(self, years: Iterable[Year]) -> dict[str, Observation]:
        """Return the figures of the given years."""
        return {year.label: self.years[year.label] for year in years if year.label in self.years}

    def gaps(self, catalogue: Catalogue, years: Sequence[Year] | None = None) -> dict[str, str]:
        """Return the years without a figure, each with its reason, a code of GAPS; by default of those it covers."""
        years = self.span() if years is None else self.own(years)
        days, refused = [*self.days(), *days_of(self.left_out)], self.non_publications(catalogue, years)
        # From the first day that its figures are about to the last; without any, no year is between them.
        begin, end = (
            min((one.first for one in days), default=date.max),
            max((one.last for one in days), default=date.min),
        )
        # What is before the first of these days, or after the last, is outside the window, as far as it has dates.
        stated, filtered_out = self.years, {one.year for one in self.left_out}
        windows = [one for one in (self.window, *self.left_out) if one and one.year is None]
        first_day = min((one.period_from or date.min for one in windows), default=date.max)
        last_day = max((one.period_until or date.max for one in windows), default=date.min)
        is_derived = bool(self.key.derivation)  # no source states any of its years
        return {
            label: FILTERED_OUT
            if label in filtered_out
            else WITHHELD
            if label in refused
            else NOT_COUNTED
            if is_derived
            else NOT_STATED
            if begin <= last and end >= first
            else OUTSIDE_WINDOW
            if last < first_day or first > last_day
            else WINDOW_UNDATED
            for label, first, last in years
            if label not in stated
        }

    def non_publications(self, catalogue: Catalogue, years: Iterable[Year]) -> dict[str, str]:
        """Return the years without a figure whose publication was refused, each with the id of the refusal."""
        found, refusals = dict[str, str](), catalogue.refusals
        if not refusals:
            return found  # tables have many empty years
        published = {*self.years, *(one.year for one in self.left_out)}
        for label in (year.label for year in years if year.label in refusals and year.label not in published):
            of_year = refusals[label]
            alike = (of_year.get((name, getattr(self.key, name)), ()) for name in ("area", "measure", "category"))
            firsts = (next(filter(self._is_refused, some), None) for some in alike)  # each list is in order
            if first := min(filter(None, firsts), default=None):
                found[label] = first.id
        return found

    def _is_refused(self, refusal: Refusal) -> bool:
        return all(getattr(self.key, name) in codes for name, codes in refusal.codes.items())


@lru_cache(10_000)
def _write_id(key: tuple[str, ...]) -> str:
    rest = int.from_bytes(hashlib.sha256("\n".join(key).encode()).digest()[:8])
    letters = []
    for alphabet in (FIRST_LETTERS, *[LETTERS] * 9):
        rest, place = divmod(rest, len(alphabet))
        letters.append(alphabet[place])
    return "".join(letters)


def key_of(o: Observation, editions: Editions) -> tuple[str, ...]:
    """Return the key of the series of a figure, without its variant."""
    return (*_key(o), _work(o, editions))


def _key(o: Observation) -> Iterator[str]:
    """Yield the cells of a figure by which it belongs to a series; nobody states one that this register counted."""
    return (getattr(o, name) or "" for name in OF_FIGURE)


def _place(o: Observation, editions: Editions) -> int:
    edition = editions.get(o.source)
    return edition.place if edition else 0


def _work(o: Observation, editions: Editions) -> str:
    return editions[o.source].work if o.source in editions else o.source


AllLeftOut = Mapping[tuple[str, ...], Sequence[LeftOut]]
"""What the filters of a request leave out, by the key of the series to which it belongs."""


def gather_all(
    observations: Iterable[Observation], editions: Editions, left_out: AllLeftOut | None = None
) -> list[Series]:
    """Group observations into series, in the order of their keys.

    If a work states more than one figure for the same series and year, each further one gets a series of its own: a
    whole year comes before its parts, and a later edition before an earlier one.
    """
    found: dict[tuple[str, ...], list[Observation]] = {}
    stated: Counter[tuple[str, ...]] = Counter()
    for o in sorted(observations, key=lambda o: (is_part_of_year(o), _place(o, editions), o.id)):
        if o.period_type in (PeriodType.YEAR, PeriodType.WINDOW):
            key = key_of(o, editions)
            place = (*key, o.year or "")
            stated[place] += 1
            found.setdefault((*key, f"{stated[place]:06}"), []).append(o)
    others = left_out or {}
    return [Series.gather(found[key], editions, int(key[-1]), others.get(key[:-1], ())) for key in sorted(found)]


def _own(name: str) -> Callable[..., Any]:
    read = attrgetter(name)
    return lambda o, *_: read(o)


_CELL: dict[str, Callable[[Observation, Catalogue, str], Any]] = {
    **{name: _own(name) for name in ("id", "version", "source")},
    "value": lambda o, *_: number(o.value),
    **{name: _own(name) for name in ("value_absent", "printed", "qualifier", "hedge", "obs_status")},
    "coverage": lambda o, catalogue, _: catalogue.coverage(o),
    "period": lambda o, *_: {
        "start": o.period_start,
        "end": o.period_end,
        "duration": o.duration,
        "printed": o.period_printed,
        "year_basis": o.year_basis,
    },
    "caveats": lambda o, catalogue, _: [
        {"id": caveat, "text": catalogue.kind("caveat")[caveat]["text"]} for caveat in o.caveats
    ],
    "cite_as": lambda o, catalogue, base_url: citation_url(base_url, o.id, catalogue.release.number),
}
"""What finds each key of a cell, or of a window, in a figure."""


def as_documents(
    found: Iterable[Series],
    years: Sequence[Year],
    catalogue: Catalogue,
    base_url: str,
    kept: tuple[Iterable[str], Iterable[str]] = (_CELL, _CELL),
) -> Iterator[dict[str, Any]]:
    """Write each series as a JSON object: a row of a by-year table.

    Whatever is null in `values` has its reason in `gaps`. `years` are those of the whole table, so that all its rows
    have the same keys. `kept` are the keys of windows, and those of cells.
    """
    editions, sources = catalogue.editions, catalogue.sources_of_figures
    no_values = dict.fromkeys(year.label for year in years)
    of_window, of_cells = ([(name, _CELL[name]) for name in names] for names in kept)
    for series in found:
        key, stated, gaps = series.key, series.stated(years), series.gaps(catalogue, years)
        absent = {label: o.value_absent for label, o in stated.items() if o.value_absent}
        if absent:  # each at its place among the years
            gaps |= absent
            gaps = {label: gaps[label] for label in no_values if label in gaps}
        edition, window, shown = editions.get(key.source), series.window, list[str]()
        if edition:
            shown = sorted({o.source for o in series.observations()}, key=editions.__getitem__)
        yield {
            "series": series.id,
            **{name: catalogue.with_label(name, getattr(key, name)) for name in LABELLED},
            "statistic": key.statistic,
            "unit": key.unit,
            "source": sources[key.source],
            "work": edition.work if edition else None,
            "editions": [sources[slug] for slug in shown],
            "window": window
            and {
                **{name: find(window, catalogue, base_url) for name, find in of_window},
                "is_total": _is_total(series, window, catalogue),
            },
            "values": {**no_values, **{label: number(o.value) for label, o in stated.items()}},
            "gaps": gaps,
            "non_publications": series.non_publications(catalogue, years),
            "cells": {
                label: {name: find(o, catalogue, base_url) for name, find in of_cells} for label, o in stated.items()
            },
        }


def _is_total(series: Series, window: Observation, catalogue: Catalogue) -> bool:
    parts = catalogue.parts_of.get(window.id, ())
    return any(o.id in parts for o in series.years.values())


SERIES_COLUMN = Column("series", "code", "Id of the series: the same in every release.", example="hvz8m2cktp")
GAP_COLUMN = Column(
    "gap",
    "code",
    f"Why the row has no figure: {', '.join(GAPS)}. Empty where it has one.",
    optional=True,
    example="not_stated",
)
YEARS = "years"

KEY_COLUMNS: tuple[Column, ...] = (
    SERIES_COLUMN,
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
    Column("window_hedge", "text", "The hedging words as printed", path="window.hedge"),
    Column("window_obs_status", "text", "Its SDMX observation status", path="window.obs_status"),
    Column("window_id", "text", "Id of its observation", path="window.id"),
    Column("window_cite_as", "text", f"Address of exactly this reading, {OF_THIS_SERVICE}", path="window.cite_as"),
)


def _by_year(between: str = ":") -> Callable[[Mapping[str, Any]], list[str]]:
    """Make a function that writes what is known of each year after it: `2021:exact`; nulls are left out."""
    return lambda known: [f"{year}{between}{one}" for year, one in known.items() if one]


def _reasons(gaps: Mapping[str, str]) -> list[str]:
    return [f"{year}:{reason}" for year, reason in gaps.items()]


def _periods(periods: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return _by_year(": ")({year: period["printed"] for year, period in periods.items()})


def _caveats(caveats: Mapping[str, Sequence[Mapping[str, str]]]) -> list[str]:
    """Write each caveat of the figures once, after the years it applies to or `window`: `2021, 2024: …`."""
    about: dict[str, tuple[str, list[str]]] = {}
    for place, found in caveats.items():
        for caveat in found:
            about.setdefault(caveat["id"], (caveat["text"], []))[1].append(place)
    return [f"{', '.join(places)}: {text}" for text, places in about.values()]


_YEARS_COLUMN = Column(YEARS, "number", "Stands for one column for each year, such as 2022.", path="values")

NOTE_COLUMNS: tuple[Column, ...] = (
    Column(
        "gaps",
        "texts",
        f"Years without a number, each with the reason: value_absent of the figure, else {', '.join(GAPS)}",
        cell=_reasons,
    ),
    Column(
        "values_absent",
        "texts",
        "Years whose figure has no number, each with the reason",
        path="cells.value_absent",
        cell=_by_year(),
    ),
    Column("printed", "texts", "Year figures exactly as printed", SENTENCES, path="cells.printed", cell=_by_year(": ")),
    Column("periods_printed", "texts", "The printed words of the years", SENTENCES, path="cells.period", cell=_periods),
    Column(
        "hedges",
        "texts",
        "The printed words that make a year figure less than exact",
        SENTENCES,
        path="cells.hedge",
        cell=_by_year(": "),
    ),
    Column("qualifiers", "texts", "How firmly each year figure is stated", path="cells.qualifier", cell=_by_year()),
    Column(
        "obs_statuses",
        "texts",
        "SDMX observation status of each year figure",
        path="cells.obs_status",
        cell=_by_year(),
    ),
    Column("ids", "texts", "Ids of the observations by year", path="cells.id", cell=_by_year()),
    Column(
        "cite_as",
        "texts",
        f"Address of exactly that reading of each year figure, {OF_THIS_SERVICE}",
        path="cells.cite_as",
        cell=_by_year(),
    ),
    Column(
        "caveats",
        "texts",
        "Notes that travel with the figures, each after the years that it is about",
        SENTENCES,
        path="cells.caveats",
        cell=_caveats,
    ),
    Column("release", "text", "Release that this row was taken from", path="meta.release"),
    Column("licence", "text", "Licence of this row", path="meta.licence"),
    Column("attribution", "text", "Name to credit", path="meta.attribution"),
    Column(
        "coverages",
        "texts",
        "How much of its year each figure covers: whole, part or unstated",
        path="cells.coverage",
        cell=_by_year(),
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
    Column("sources", "texts", "Source of each year figure", path="cells.source", cell=_by_year()),
)

COLUMNS = (*KEY_COLUMNS, _YEARS_COLUMN, *NOTE_COLUMNS)

CORE = (
    *("series", "measure", "category", "area", "population", "counting_unit", "statistic", "unit", "stated_by"),
    *(YEARS, "window_start", "window_end", "window_value", "window_id", "window_is_total"),
    *("gaps", "non_publications", "qualifiers", "coverages", "ids", "source"),
)
LAYOUT = Layout(
    {column.name: column for column in COLUMNS},
    CORE,
    (
        *(*CORE, "printed", "window_printed", "window_qualifier"),
        *("source_publisher", "source_published", "source_url"),
    ),
    {**{name: f"{name}_label" for name in LABELLED}, "source": "source_title"},
)
"""The columns of a wide table. JSON has the cells of each year together, under the year."""


def as_objects(
    found: Iterable[Series], years: Sequence[Year], catalogue: Catalogue, base_url: str, names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Write the series as JSON objects with only the keys that lead to these columns."""
    prune, kept = _compile(tuple(names))
    meta = row_meta(catalogue)
    for document in as_documents(found, years, catalogue, base_url, kept):
        yield prune({**document, "meta": meta}) | ({"cells": document["cells"]} if kept[1] else {})


@lru_cache(64)
def _compile(
    names: tuple[str, ...],
) -> tuple[Callable[[Mapping[str, Any]], dict[str, Any]], tuple[Iterable[str], Iterable[str]]]:
    """Return what prunes a document to these columns, and the keys that are kept of its window and its cells."""
    columns = [LAYOUT.columns[name] for name in names]
    prune = compile_prune([column for column in columns if column.steps[0] != "cells"])
    steps = [dict.fromkeys(one.steps[1] for one in columns if one.steps[0] == part) for part in ("window", "cells")]
    return prune, ([one for one in steps[0] if one in _CELL], steps[1])


def as_table(
    found: Sequence[Series],
    years: Sequence[Year],
    catalogue: Catalogue,
    names: Sequence[str],
    warnings: Sequence[str] = (),
) -> Table:
    """Make a wide table: a row for each series, a column for each year; a gap is an empty cell."""
    year_columns = [Column(label, "number", f"Figure for {label}", path=f"values.{label}") for label, _, _ in years]
    chosen = [[LAYOUT.columns[name]] if name != YEARS else year_columns for name in names]
    columns = tuple(column for several in chosen for column in several)
    flatten, meta = compile_row(columns), row_meta(catalogue)
    rows = []
    for document in as_documents(found, years, catalogue, FROM_ROOT):
        cells = document["cells"]
        known = {key: {label: cell[key] for label, cell in cells.items()} for key in _CELL_KEYS}
        if document["window"]:
            known["caveats"]["window"] = document["window"]["caveats"]
        rows.append(flatten({**document, "meta": meta, "cells": known}))

    def sheets() -> dict[str, Table]:
        figures = [o for series in found for o in series.observations()]
        return sheets_beside(columns, catalogue, codes_of(figures, columns, catalogue), {o.source for o in figures})

    return Table(columns, rows, notes(catalogue, warnings), sheets)


_CELL_KEYS = tuple(column.steps[1] for column in COLUMNS if column.steps[0] == "cells")
