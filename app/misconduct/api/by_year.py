"""By-year tables: what each source states about one thing, year by year, and why some years have no figure."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from misconduct.api.answers import FigureFormat, Warnings, about_table
from misconduct.api.current import Releases, TheReleases
from misconduct.api.found import FoundTable, Selection, TheDataset, find_warnings, list_at, select, send_found
from misconduct.api.parameters import ByYear
from misconduct.api.pictures import find_by_year_chart, send_picture
from misconduct.api.schemas import ByYearAnswer
from misconduct.api.see_also import see_also
from misconduct.formats import PICTURES
from misconduct.formats.table import Table
from misconduct.model.by_year import Long, Wide
from misconduct.model.dates import Year
from misconduct.model.warnings import warn_of_left_out
from misconduct.queries.filters import Conditions
from misconduct.queries.series import Extent, choose_years, find_extent, find_pages, find_series_ids

router = APIRouter(prefix="/v1", tags=["figures"])


@list_at(router, "/by-year", ByYearAnswer, "list_dataset_by_year", "List the series of a dataset by year.")
async def list_by_year(
    request: Request,
    query: Annotated[ByYear, Query()],
    suffix: FigureFormat,
    releases: TheReleases,
    dataset: TheDataset,
) -> Response:
    """List series by year: a row for each, or with `shape=long` for each of its years."""
    selection = await select(query, releases, dataset)
    if suffix in PICTURES:
        chart = await find_by_year_chart(request, query, releases, selection)
        return await send_picture(request, selection.current, chart, query, suffix, f"{selection.name}-by-year")
    found = await find_table(request, query, suffix, releases, selection)
    return await send_found(request, query, suffix, selection.current, found)


async def find_table(
    request: Request, query: ByYear, suffix: str, releases: Releases, selection: Selection
) -> FoundTable:
    """Return the series that are found as a table."""
    current, conditions = selection.current, replace(selection.conditions, of_years=True)
    is_long, database = query.shape == "long", releases.database
    extent = await find_extent(database, conditions, has_years=is_long)
    years = choose_years(query, extent.years)
    ids = await find_series_ids(database, conditions, query.most(suffix), query.offset, has_years=is_long)
    pages = find_pages(database, conditions, ids, current.catalogue)
    shown = _shown(conditions, years, is_long=is_long)
    facts = replace(await releases.facts(shown), left_out=0)  # the table says itself what it leaves out
    warnings = [
        *await find_warnings(request, shown, facts, current, releases),
        *_warn_of_left_out(extent, is_long=is_long),
    ]
    also = await see_also(request, current, releases, shown, facts)
    layout = _lay_out(query, suffix, selection, years)
    table = Table(
        columns=layout.columns,
        pages=([row for series in page for row in layout.rows(series)] async for page in pages),
        cells=layout.cells,
        document=layout.document,
        catalogue=current.catalogue,
        about=about_table(request, current, f"{selection.title}, by year", warnings, also),
        rows=len(ids) * (len(years) if is_long else 1),
    )
    more = {"narrower": conditions.narrower, "years": [year.label for year in years]}
    return FoundTable(f"{selection.name}-by-year", table, extent.series, len(ids), warnings, also, more)


def _shown(conditions: Conditions, years: list[Year], *, is_long: bool) -> Conditions:
    """Return which figures a table shows: those of its years, and in a wide one also those of windows."""
    windows = "" if is_long else " OR year IS NULL"
    shown = f"series IS NOT NULL AND (year = ANY(%(shown_years)s){windows})"
    values = {**conditions.values, "shown_years": [year.label for year in years]}
    return replace(conditions, shown=shown, values=values)


def _warn_of_left_out(extent: Extent, *, is_long: bool) -> Warnings:
    """Return the warning about figures that are in no series."""
    if not extent.left_out:
        return []
    reason = "not for a single year" if is_long else "neither for a single year nor for a window such as ten years"
    return [warn_of_left_out(extent.left_out, reason)]


def _lay_out(query: ByYear, suffix: str, selection: Selection, years: list[Year]) -> Wide | Long:
    """Return the shape that is asked for."""
    view, has_labels = selection.current.view, query.has_labels(suffix)
    if query.shape == "long":
        return Long(years, view, selection.dataset, has_labels=has_labels)
    return Wide(years, view, has_labels=has_labels)
