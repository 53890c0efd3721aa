"""Lists of figures, and by-year tables: of all figures, or of those of a dataset."""

from dataclasses import replace
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Query, Request, Response

from misconduct.api.answers import (
    FIGURE_TYPES,
    PICTURE_TYPES,
    FigureFormat,
    Remarks,
    about_release,
    about_table,
    answers,
    file_headers,
    page_links,
    send_figures,
    send_json,
)
from misconduct.api.found import Selection, find_remarks, select
from misconduct.api.parameters import ByYear, FigureList
from misconduct.api.pictures import find_chart, send_picture
from misconduct.formats import FORMATS, PICTURES
from misconduct.formats.table import Table
from misconduct.model.by_year import Long, Wide
from misconduct.model.documents import cells, document, table_columns
from misconduct.model.figure import ADDED_COLUMNS, DEFAULT_COLUMNS, SHOWN_COLUMNS, needed_columns
from misconduct.model.shapes import ByYearAnswer, ByYearMeta, FigureListAnswer, FigureMeta
from misconduct.model.warnings import warn_of_left_out
from misconduct.queries import series
from misconduct.queries.figures import Page, find_pages, select_for

router = APIRouter(prefix="/v1", tags=["figures"])

LIST = answers(FigureListAnswer, *FIGURE_TYPES, *PICTURE_TYPES)
BY_YEAR = answers(ByYearAnswer, *FIGURE_TYPES, *PICTURE_TYPES)

ListQuery = Annotated[FigureList, Query()]
ByYearQuery = Annotated[ByYear, Query()]
Dataset = Annotated[str, Path(description="Id of a dataset: allegations, duty-status, vetting-checks.")]


@router.get("/observations/by-year", responses=BY_YEAR)
async def list_by_year(request: Request, query: ByYearQuery, suffix: FigureFormat) -> Response:
    """List series by year: a row for each, or with `shape=long` for each of its years."""
    return await _answer(request, query, suffix)


@router.get("/{dataset}/by-year", responses=BY_YEAR)
async def list_dataset_by_year(
    request: Request, dataset: Dataset, query: ByYearQuery, suffix: FigureFormat
) -> Response:
    """List the series of a dataset by year."""
    return await _answer(request, query, suffix, dataset)


@router.get("/observations", responses=LIST)
async def list_observations(request: Request, query: ListQuery, suffix: FigureFormat) -> Response:
    """List figures, each with what is needed so as not to misread it."""
    return await _answer(request, query, suffix)


@router.get("/{dataset}", responses=LIST)
async def list_dataset(request: Request, dataset: Dataset, query: ListQuery, suffix: FigureFormat) -> Response:
    """List the figures of a dataset."""
    return await _answer(request, query, suffix, dataset)


class Found(NamedTuple):
    """The table that a request finds, its remarks, and what `meta` of an answer in JSON says of it."""

    table: Table
    remarks: Remarks
    meta: FigureMeta


async def _answer(request: Request, query: FigureList | ByYear, suffix: str, dataset: str | None = None) -> Response:
    """Send what is found in the format that is asked for: as a picture, whole as a table, or as a page in JSON."""
    selection = await select(request, query, dataset)
    current, name = selection.current, selection.name + ("-by-year" if isinstance(query, ByYear) else "")
    headers = file_headers(suffix, name, current)
    if suffix in PICTURES:
        chart = await find_chart(request, query, selection)
        return await send_picture(request, chart, query, suffix, headers)
    if isinstance(query, ByYear):
        found = await _find_series(request, query, suffix, selection)
    else:
        found = await _find_figures(request, query, suffix, selection)
    if suffix in FORMATS:
        return await send_figures(found.table, found.remarks, suffix, headers)
    data = [found.table.document(row) async for page in found.table.pages for row in page]
    links = page_links(request, current, query.offset + found.meta["returned"], found.meta["total"])
    return send_json(request, current, data, found.meta, found.remarks.warnings, **links)


async def _find_figures(request: Request, query: FigureList, suffix: str, selection: Selection) -> Found:
    """Return the figures that are found as a table."""
    current, dataset, conditions = selection
    facts = await current.releases.facts(conditions)
    remarks = await find_remarks(request, selection, facts)
    by_default = (*DEFAULT_COLUMNS, *ADDED_COLUMNS.get(dataset or "", ()))
    columns = SHOWN_COLUMNS if "all" in query.columns else list(dict.fromkeys(query.columns)) or by_default
    view, most, has_labels = current.view, query.most(suffix), query.has_labels(suffix)
    page = Page(query.sort, most, query.offset)
    table = Table(
        columns=table_columns(columns, has_labels=has_labels),
        pages=find_pages(current.database, conditions, select_for(suffix, needed_columns(columns)), page),
        cells=lambda row: cells(row, columns, view, has_labels=has_labels),
        document=lambda row: document(row, columns, view),
        catalogue=current.catalogue,
        about=about_table(request, current, selection.title, remarks),
        rows=max(0, min(facts.total - query.offset, most or facts.total)),
    )
    meta: FigureMeta = {
        "total": facts.total,
        "returned": table.rows,
        "narrower": conditions.narrower,
        "see_also": remarks.see_also,
        **about_release(current),
    }
    return Found(table, remarks, meta)


async def _find_series(request: Request, query: ByYear, suffix: str, selection: Selection) -> Found:
    """Return the series that are found as a table."""
    current, conditions = selection.current, replace(selection.conditions, of_years=True)
    is_long, database, has_labels = query.shape == "long", current.database, query.has_labels(suffix)
    extent = await series.find_extent(database, conditions, query.most(suffix), query.offset, has_years=is_long)
    years = series.choose_years(query, extent.years)
    labels = [year.label for year in years]
    shown = selection._replace(conditions=conditions.of_table(labels, has_windows=not is_long))
    remarks = await find_remarks(request, shown, await current.releases.facts(shown.conditions))
    if extent.left_out:
        windows = "neither for a single year nor for a window such as ten years"
        left_out = warn_of_left_out(extent.left_out, "not for a single year" if is_long else windows)
        kept = [one for one in remarks.warnings if extent.series or one["code"] != "found_nothing"]  # but not here
        remarks = remarks._replace(warnings=[*kept, left_out])
    layout: Wide | Long = Wide(years, current.view, has_labels=has_labels)
    if is_long:
        layout = Long(years, current.view, selection.dataset, has_labels=has_labels)
    pages = series.find_pages(database, conditions, extent.ids, current.catalogue)
    table = Table(
        columns=layout.columns,
        pages=([row for each in page for row in layout.rows(each)] async for page in pages),
        cells=layout.cells,
        document=layout.document,
        catalogue=current.catalogue,
        about=about_table(request, current, f"{selection.title}, by year", remarks),
        rows=len(extent.ids) * (len(years) if is_long else 1),
    )
    meta: ByYearMeta = {
        "total": extent.series,
        "returned": len(extent.ids),
        "narrower": conditions.narrower,
        "years": labels,
        "see_also": remarks.see_also,
        **about_release(current),
    }
    return Found(table, remarks, meta)
