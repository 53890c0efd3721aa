"""Lists of figures: all of them, or those of a dataset."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from misconduct.api.answers import (
    FIGURE_TYPES,
    PICTURE_TYPES,
    FigureFormat,
    Warnings,
    about_table,
    envelope,
    link,
    page_links,
    send_figures,
    send_json,
)
from misconduct.api.current import Current, Releases, TheReleases
from misconduct.api.faults import find_checked
from misconduct.api.parameters import FigureList, Figures
from misconduct.api.pictures import find_list_chart, send_picture
from misconduct.api.problems import NotAcceptable, NotFound
from misconduct.api.schemas import FigureListAnswer, answers
from misconduct.api.see_also import see_also
from misconduct.api.suggestions import suggest
from misconduct.db.engine import Database
from misconduct.formats import FORMATS, PICTURES
from misconduct.formats.table import Table
from misconduct.model.documents import cells, document, needed_columns, table_columns
from misconduct.model.figure import ADDED_COLUMNS, DEFAULT_COLUMNS, SHOWN_COLUMNS
from misconduct.model.warnings import Facts, find_warnings, warn_of_revisions
from misconduct.queries import figures as queries
from misconduct.queries.filters import Conditions, read_filters
from misconduct.queries.warnings import has_revised

router = APIRouter(prefix="/v1", tags=["figures"])

ROWS_OF_JSON = 100
FORMER_DATASETS = ("suspensions", "restrictions")


class FoundFigures(NamedTuple):
    """The release of a list of figures, which figures are in it, and what is known of them."""

    current: Current
    conditions: Conditions
    facts: Facts
    warnings: Warnings


Dataset = Annotated[str, Path(description="Id of a dataset: allegations, duty-status, vetting-checks.")]


@router.get("/observations", responses=answers(FigureListAnswer, *FIGURE_TYPES, *PICTURE_TYPES))
async def list_observations(
    request: Request,
    query: Annotated[FigureList, Query()],
    form: FigureFormat,
    releases: TheReleases,
) -> Response:
    """List figures, each with what is needed so as not to misread it."""
    return await _list(request, query, form, releases, None)


@router.get("/{dataset}", responses=answers(FigureListAnswer, *FIGURE_TYPES, *PICTURE_TYPES))
async def list_dataset(
    request: Request,
    dataset: Dataset,
    query: Annotated[FigureList, Query()],
    form: FigureFormat,
    releases: TheReleases,
) -> Response:
    """List the figures of a dataset."""
    if dataset in FORMER_DATASETS:
        return RedirectResponse(link(request).replace(f"/v1/{dataset}", "/v1/duty-status", 1), 308)
    return await _list(request, query, form, releases, dataset)


async def _list(request: Request, query: FigureList, form: str, releases: Releases, dataset: str | None) -> Response:
    current, conditions, facts, warnings = await find_list(query, releases, dataset)
    if form in PICTURES:
        chart = await find_list_chart(request, releases, current, conditions, query, dataset)
        return await send_picture(request, current, chart, query, form, dataset or "observations")
    columns = _choose(query.columns, (*DEFAULT_COLUMNS, *ADDED_COLUMNS.get(dataset or "", ())))
    if form in FORMATS:
        return await _send_table(
            request, query, form, releases.database, current, conditions, facts, columns, dataset, warnings
        )
    limit = query.limit or ROWS_OF_JSON
    rows = await queries.find_page(
        releases.database, conditions, needed_columns(columns), query.sort, limit, query.offset
    )
    view = current.view
    answer = envelope(
        request,
        current,
        [document(row, columns, view) for row in rows],
        {
            "total": facts.total,
            "returned": len(rows),
            "narrower": conditions.narrower,
            "see_also": await see_also(request, current, releases, conditions, facts),
        },
        warnings,
        **page_links(request, current, query.offset + len(rows), facts.total),
    )
    return send_json(answer, current)


async def find_list(query: FigureList, releases: Releases, dataset: str | None) -> FoundFigures:
    """Return what a request for figures finds. Raises Problem if it names what the release does not have."""
    current, conditions = await read_conditions(query, releases, dataset)
    facts = await releases.facts(conditions)
    return FoundFigures(current, conditions, facts, await find_notices(conditions, facts, current, releases))


async def read_conditions(query: Figures, releases: Releases, dataset: str | None) -> tuple[Current, Conditions]:
    """Return the release that a request is about, and which figures it asks for. Raises Problem."""
    current = await find_checked(query, releases)
    if dataset is not None and dataset not in (known := current.catalogue.of_kind("dataset")):
        if "." in dataset:
            raise NotAcceptable(f"Available as json, {', '.join(FORMATS)}. Put one of them at the end of the address.")
        near = suggest(dataset, [*known, "observations"])
        hint = f" Did you mean /v1/{near}?" if near else " /v1/datasets lists them."
        raise NotFound(f"There is no dataset {dataset[:40]!r} in release {current.release.number}.{hint}", near)
    return current, read_filters(query, current.release.number, dataset, current.catalogue)


async def find_notices(conditions: Conditions, facts: Facts, current: Current, releases: Releases) -> Warnings:
    """Return the warnings about figures that are found. Those of an earlier release may have been revised since."""
    warnings, numbers = list(find_warnings(facts)), [one.number for one in releases.known]
    if current.release.number != numbers[-1] and await has_revised(releases.database, conditions, numbers):
        warnings.append(warn_of_revisions(current.release.number, numbers[-1]))
    return warnings


def _choose(query: Sequence[str], default: Sequence[str]) -> Sequence[str]:
    """Return the columns that are asked for: those of a list, all, or by default some."""
    return SHOWN_COLUMNS if "all" in query else list(dict.fromkeys(query)) or default


async def _send_table(
    request: Request,
    query: FigureList,
    form: str,
    database: Database,
    current: Current,
    conditions: Conditions,
    facts: Facts,
    columns: Sequence[str],
    dataset: str | None,
    warnings: Warnings,
) -> Response:
    """Send all figures as a table. XLSX always has labels, since people read it."""
    view, has_labels = current.view, query.labels == "1" or form == "xlsx"
    title = current.catalogue.of_kind("dataset")[dataset]["title"] if dataset else "Figures"
    needed = needed_columns(columns)
    table = Table(
        columns=table_columns(columns, has_labels=has_labels),
        pages=queries.find_pages(database, conditions, needed, query.sort, query.limit, query.offset),
        cells=lambda row: cells(row, columns, view, has_labels=has_labels),
        document=lambda row: document(row, columns, view),
        catalogue=current.catalogue,
        about=about_table(request, current, title, warnings),
        rows=min(facts.total - query.offset, query.limit or facts.total),
    )
    return await send_figures(form, table, dataset or "observations", current, warnings)
