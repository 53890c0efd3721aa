"""Series as a long table: a row for each series and year, the figure or the gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from misconduct.model import figure
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import LABELLED
from misconduct.model.figure import codes_of, notes, row_meta, sheets_beside
from misconduct.model.period import Year
from misconduct.model.series import GAP_COLUMN, OF_FIGURE, SERIES_COLUMN, Series
from misconduct.model.table import FROM_ROOT, Layout, Row, Table, compile_prune, compile_row

CORE = (
    *("series", "measure", "category", "area", "population", "counting_unit", "unit", "year", "value", "qualifier"),
    *("value_absent", "gap", "coverage", "id", "part_of", "repeats"),
)
LAYOUT = Layout(
    {column.name: column for column in (SERIES_COLUMN, *figure.COLUMNS, GAP_COLUMN)},
    CORE,
    (*CORE, "printed", "source", "source_publisher", "source_published", "source_url", "cite_as"),
    figure.LAYOUT.labels,
)
"""The columns of a figure, and those that place it in a series. The core: what a reader needs so as not to misread."""


_OF_SERIES = {SERIES_COLUMN.name, GAP_COLUMN.name, *OF_FIGURE, *(f"{name}_label" for name in LABELLED)}
"""The columns that are the same for all figures of a series, or not of a figure."""

_LISTS = (column.steps[0] for column in figure.COLUMNS if column.type == "texts" and len(column.steps) == 1)
_NOTHING: dict[str, Any] = {**dict.fromkeys(figure.KEYS), **{key: [] for key in _LISTS}}
_NO_PERIOD = dict.fromkeys(column.steps[1] for column in figure.COLUMNS if column.steps[0] == "period")


def as_documents(
    found: Iterable[Series], years: Sequence[Year], catalogue: Catalogue, base_url: str
) -> Iterator[dict[str, Any]]:
    """Write each year of each series as a JSON object: that of its figure, or one with the reason for the gap.

    The figure for a whole window is for no year, so that it is not among them.
    """
    write = figure.as_objects(catalogue, base_url)
    for series in found:
        stated, gaps, empty = series.stated(years), series.gaps(catalogue, years), without_figure(series, catalogue)
        for label, *_ in years:
            about = write(stated[label]) if label in stated else {"period": {**_NO_PERIOD, "year": label}}
            yield {**empty, **about, "gap": gaps.get(label)}


def without_figure(series: Series, catalogue: Catalogue) -> dict[str, Any]:
    """Write the object of a year without a figure, but for the year and the gap: what its series is about."""
    key = series.key
    return {
        "series": series.id,
        **_NOTHING,
        **{name: catalogue.with_label(name, getattr(key, name)) for name in LABELLED},
        "statistic": key.statistic,
        "unit": key.unit,
        "source": catalogue.sources_of_figures[key.source],
        "period": _NO_PERIOD,
        "gap": None,
    }


def as_objects(
    found: Iterable[Series], years: Sequence[Year], catalogue: Catalogue, base_url: str, names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Write each year of each series as a JSON object with only the keys that lead to these columns."""
    prune, meta = compile_prune([LAYOUT.columns[name] for name in names]), row_meta(catalogue)
    return (prune({**one, "meta": meta}) for one in as_documents(found, years, catalogue, base_url))


def as_table(
    found: Sequence[Series],
    years: Sequence[Year],
    catalogue: Catalogue,
    names: Sequence[str],
    warnings: Sequence[str] = (),
) -> Table:
    """Make the table of some series, for the tabular formats."""
    columns = tuple(LAYOUT.columns[name] for name in names)
    flatten, meta = compile_row(columns, shared=("source", "origin")), row_meta(catalogue)
    write = figure.project(tuple(name for name in names if name not in _OF_SERIES)).objects(catalogue, FROM_ROOT)
    places = [names.index(name) if name in names else len(names) for name in ("year", GAP_COLUMN.name)]
    rows = list[Row]()
    for series in found:
        stated, gaps = series.stated(years), series.gaps(catalogue, years)
        empty = {**without_figure(series, catalogue), "meta": meta}
        row: list[Any] = [*flatten(empty), None]  # the last for a cell that was not asked for
        for label, *_ in years:
            if label in stated:
                rows.append(flatten({**empty, **write(stated[label])}))
            else:
                row[places[0]], row[places[1]] = label, gaps[label]
                rows.append(tuple(row[:-1]))

    def sheets() -> dict[str, Table]:
        figures = [o for series in found for o in series.years.values()]
        sources = {series.key.source for series in found} | {o.source for o in figures}
        return sheets_beside(columns, catalogue, codes_of(figures, columns, catalogue), sources)

    return Table(columns, rows, notes(catalogue, warnings), sheets)
