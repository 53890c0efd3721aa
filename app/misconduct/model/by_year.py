"""The rows and columns of by-year tables: wide, a row for each series; or long, a row for each of its years."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.documents import (
    ReleaseView,
    cell_reader,
    labelled,
    show,
    shower,
    table_columns,
)
from misconduct.model.figure import COUNTED, Column, Row, default_columns, with_label
from misconduct.model.series import Gap, Series, find_edition
from misconduct.model.shapes import (
    SERIES_COLUMNS,
    SERIES_KEYS,
    WINDOW_KEYS,
    YEAR_KEYS,
    GapOfYear,
    SeriesRow,
    YearRow,
)

WINDOW_COLUMNS = {
    "value": Column(
        "window_value", "number", "The figure for the whole window, such as ten years."
    ),
    "printed": Column("window_printed", "text", "That figure exactly as printed."),
    "period_start": Column(
        "window_start", "day", "First day that the window can mean."
    ),
    "period_end": Column("window_end", "day", "Last day that it can mean."),
    "id": Column("window_id", "text", "Id of that figure."),
}
WINDOW_QUALIFIER = Column(
    "window_qualifier",
    "code",
    "How firmly the source states that figure.",
    refers_to="qualifier",
)
MARKS = "Years whose number is for a part of it (part), hedged (about), provisional or revised."
SOURCES = Column(
    "sources",
    "list",
    "Documents that the numbers of the row are from, the newest first.",
)
GAP = Column("gap", "code", "Why there is no number for the year.", refers_to="gap")
AFTER_GAP = ("cite_as", "mark", *COUNTED, "denominator", "title")
NAMED = (*COUNTED, "title")


class Wide:
    """A table with a row for each series and a column for each year, null without a number: `gaps` says why.

    In JSON, `gap` of a row is what most of its empty years share. Without `has_empty` the row leaves these years out.
    """

    def __init__(
        self,
        years: Sequence[Year],
        view: ReleaseView,
        *,
        has_labels: bool,
        has_empty: bool,
    ) -> None:
        self.years, self.view, self.has_empty = years, view, has_empty
        self._of_series, self._of_window, self._named = (
            cell_reader(names, view, has_labels=has_labels)
            for names in (SERIES_COLUMNS, ("qualifier",), NAMED)
        )
        self._show_series, self._show_year = (
            shower(names, view) for names in (SERIES_KEYS, YEAR_KEYS)
        )
        self.columns = [
            *table_columns(SERIES_COLUMNS, has_labels=has_labels),
            *(
                Column(year.label, "number", f"The figure for {year.label}.")
                for year in years
            ),
            *WINDOW_COLUMNS.values(),
            Column("gaps", "list", "Years without a number, each with the reason."),
            Column("ids", "list", "Ids of the figures by year."),
            Column("marks", "list", MARKS),
            *with_label(WINDOW_QUALIFIER, has_labels),
            *table_columns(NAMED, has_labels=has_labels),
            SOURCES,
        ]

    def rows(self, series: Series) -> list[Row]:
        of_years = {year.label: series.find(year) for year in self.years}
        shown = [*filter(None, (*of_years.values(), series.window))]
        shown.sort(
            key=lambda row: (find_edition(row, self.view.source(row)), row["source"]),
            reverse=True,
        )
        gaps, sources = (
            series.gaps(self.years),
            [*dict.fromkeys(row["source"] for row in shown)],
        )
        return [
            series.key
            | {
                "whole": None,
                "years": of_years,
                "gaps": gaps,
                "window": series.window,
                "sources": sources,
            }
        ]

    def cells(self, row: Row) -> list[Any]:
        years, window = row["years"], row["window"]
        marks = {label: find_marks(figure) for label, figure in years.items() if figure}
        marks |= {
            "window": [
                mark for mark in find_marks(window) if mark != window["qualifier"]
            ]
            if window
            else []
        }
        return [
            *self._of_series(row),
            *(figure and figure["value"] for figure in years.values()),
            *(window and window[name] for name in WINDOW_COLUMNS),
            [f"{label}:{gap.code}" for label, gap in row["gaps"].items()],
            [
                f"{label}:{figure['id']}"
                for label, figure in years.items()
                if figure and figure["id"]
            ],
            [f"{label}:{mark}" for label, found in marks.items() for mark in found],
            *self._of_window(window or {"qualifier": None}),
            *self._named(row),
            row["sources"],
        ]

    def document(self, row: Row) -> SeriesRow:
        view, gaps = self.view, row["gaps"]
        empty: Any = dict.fromkeys(YEAR_KEYS)
        of_empty = Counter(
            gaps[label] for label, figure in row["years"].items() if not figure
        )
        shared = max(of_empty, key=of_empty.__getitem__, default=None)
        return {
            **self._show_series(row),
            "years": {
                label: {
                    **(self._show_year(figure) if figure else empty),
                    "gap": _explain(gaps.get(label), view.catalogue),
                }
                for label, figure in row["years"].items()
                if self.has_empty or figure or gaps[label] != shared
            },
            "gap": _explain(shared, view.catalogue),
            "window": row["window"] and show(row["window"], WINDOW_KEYS, view),
            "sources": row["sources"],
        }


class Long:
    """A table with a row for each series and year: its figure, or the codes of the series and the gap."""

    def __init__(
        self,
        years: Sequence[Year],
        view: ReleaseView,
        dataset: str | None,
        *,
        has_labels: bool,
    ) -> None:
        self.years, self.view, self.has_labels = years, view, has_labels
        names = (*default_columns(dataset), "series")
        self.names = [name for name in names if name not in AFTER_GAP]
        of_figures, after = (
            table_columns(names, has_labels=has_labels)
            for names in (self.names, AFTER_GAP)
        )
        self._before, self._after = (
            cell_reader(names, view, has_labels=has_labels)
            for names in (self.names, AFTER_GAP)
        )
        self._show_before, self._show_after = (
            shower(names, view) for names in (self.names, AFTER_GAP)
        )
        self.columns = [*of_figures, *with_label(GAP, has_labels), *after]

    def rows(self, series: Series) -> list[Row]:
        empty = dict.fromkeys(series.key) | {
            name: series.key[name] for name in SERIES_KEYS if name != "title"
        }
        gaps = series.gaps(self.years)
        return [
            (series.find(year) or empty)
            | {"year": year.label, "gap": gaps.get(year.label)}
            for year in self.years
        ]

    def cells(self, row: Row) -> list[Any]:
        gap = row["gap"]
        reason = (
            [gap.code, self.view.catalogue.label(gap.codelist, gap.code)]
            if gap
            else [None, None]
        )
        return [*self._before(row), *reason[: 1 + self.has_labels], *self._after(row)]

    def document(self, row: Row) -> YearRow:
        gap = _explain(row["gap"], self.view.catalogue)
        return {**self._show_before(row), "gap": gap, **self._show_after(row)}


def find_marks(figure: Row) -> list[str]:
    """Return what a number must not be read without: that it is for a part of the year, its hedge, and its mark."""
    part = "part" if figure["coverage"] == "part" else None
    hedge = None if figure["qualifier"] == "exact" else figure["qualifier"]
    return [mark for mark in (part, hedge, figure["mark"]) if mark]


def _explain(gap: Gap | None, catalogue: Catalogue) -> GapOfYear | None:
    return (
        {**labelled(gap.codelist, gap.code, catalogue), "detail": gap.detail}
        if gap
        else None
    )
