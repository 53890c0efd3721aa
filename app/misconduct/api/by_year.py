"""By-year tables: what each source states about one thing, year by year, and why some years have no figure."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from misconduct.api.answers import (
    FIGURE_TYPES,
    PICTURE_TYPES,
    FigureFormat,
    about_table,
    envelope,
    link,
    page_links,
    send_figures,
    send_json,
)
from misconduct.api.current import Current, Releases, TheReleases
from misconduct.api.figures import FORMER_DATASETS, ROWS_OF_JSON, find_notices, read_conditions
from misconduct.api.parameters import ByYear
from misconduct.api.pictures import find_list_chart, send_picture
from misconduct.api.schemas import ByYearAnswer, answers
from misconduct.formats import FORMATS, PICTURES
from misconduct.formats.table import Table
from misconduct.model.by_year import Long, Wide
from misconduct.model.series import Year
from misconduct.model.warnings import warn_of_left_out
from misconduct.queries.filters import Conditions
from misconduct.queries.series import choose_years, find_extent, find_pages, find_series_ids

router = APIRouter(prefix="/v1", tags=["figures"])


@router.get("/observations/by-year", responses=answers(ByYearAnswer, *FIGURE_TYPES, *PICTURE_TYPES))
async def list_by_year(
    request: Request,
    query: Annotated[ByYear, Query()],
    form: FigureFormat,
    releases: TheReleases,
) -> Response:
    """List series by year: a row for each, or with `shape=long` for each of its years."""
    return await _answer(request, query, form, releases, None)


@router.get("/{dataset}/by-year", responses=answers(ByYearAnswer, *FIGURE_TYPES, *PICTURE_TYPES))
async def list_dataset_by_year(
    request: Request,
    dataset: Annotated[str, Path(description="Id of a dataset: allegations, duty-status, vetting-checks.")],
    query: Annotated[ByYear, Query()],
    form: FigureFormat,
    releases: TheReleases,
) -> Response:
    """List the series of a dataset by year."""
    if dataset in FORMER_DATASETS:
        return RedirectResponse(link(request).replace(f"/v1/{dataset}", "/v1/duty-status", 1), 308)
    return await _answer(request, query, form, releases, dataset)


async def _answer(request: Request, query: ByYear, form: str, releases: Releases, dataset: str | None) -> Response:
    current, conditions = await read_conditions(query, releases, dataset)
    conditions = replace(conditions, of_years=True)
    title = current.catalogue.of_kind("dataset")[dataset]["title"] if dataset else "Figures"
    if form in PICTURES:
        chart = await find_list_chart(request, releases, current, conditions, query, dataset)
        return await send_picture(request, current, chart, query, form, f"{dataset or 'observations'}-by-year")
    is_long = query.shape == "long"
    extent = await find_extent(releases.database, conditions, has_years=is_long)
    years = choose_years(query, extent.years)
    layout = _lay_out(query, form, current, years, dataset)
    limit = query.limit or (None if form in FORMATS else ROWS_OF_JSON)
    ids = await find_series_ids(releases.database, conditions, limit, query.offset, has_years=is_long)
    pages = find_pages(releases.database, conditions, ids, current.catalogue)
    shown = _shown(conditions, years, is_long=is_long)
    facts = replace(await releases.facts(shown), left_out=0)  # the table says itself what it leaves out
    warnings = [*await find_notices(shown, facts, current, releases)]
    if extent.left_out:
        reason = "not for a single year" if is_long else "neither for a single year nor for a window such as ten years"
        warnings.append(warn_of_left_out(extent.left_out, reason))
    if form in FORMATS:
        table = Table(
            columns=layout.columns,
            pages=([row for series in page for row in layout.rows(series)] async for page in pages),
            cells=layout.cells,
            document=layout.document,
            catalogue=current.catalogue,
            about=about_table(request, current, f"{title}, by year", warnings),
            rows=len(ids) * (len(years) if is_long else 1),
        )
        return await send_figures(form, table, f"{dataset or 'observations'}-by-year", current, warnings)
    found = [series async for page in pages for series in page]
    data = [layout.document(row) for series in found for row in layout.rows(series)]
    meta = {
        "total": extent.series,
        "returned": len(ids),
        "narrower": conditions.narrower,
        "years": [year.label for year in years],
    }
    links = page_links(request, current, query.offset + len(ids), extent.series)
    return send_json(envelope(request, current, data, meta, warnings, **links), current)


def _shown(conditions: Conditions, years: list[Year], *, is_long: bool) -> Conditions:
    """Return which figures a table shows: those of its years, and in a wide one also those of windows."""
    windows = "" if is_long else " OR year IS NULL"
    shown = f"series IS NOT NULL AND (year = ANY(%(shown_years)s){windows})"
    values = {**conditions.values, "shown_years": [year.label for year in years]}
    return replace(conditions, shown=shown, values=values)


def _lay_out(query: ByYear, form: str, current: Current, years: list[Year], dataset: str | None) -> Wide | Long:
    """Return the shape that is asked for. XLSX always has labels, since people read it."""
    view, has_labels = current.view, query.labels == "1" or form == "xlsx"
    if query.shape == "long":
        return Long(years, view, dataset, has_labels=has_labels)
    return Wide(years, view, has_labels=has_labels)
