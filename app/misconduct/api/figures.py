"""Lists of figures: all of them, or those of a dataset."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from misconduct.api.answers import FigureFormat, about_table
from misconduct.api.current import Releases, TheReleases
from misconduct.api.found import FoundTable, Selection, TheDataset, find_warnings, list_at, select, send_found
from misconduct.api.parameters import FigureList
from misconduct.api.pictures import find_list_chart, send_picture
from misconduct.api.schemas import FigureListAnswer
from misconduct.api.see_also import see_also
from misconduct.formats import PICTURES
from misconduct.formats.table import Table
from misconduct.model.documents import cells, document, needed_columns, table_columns
from misconduct.model.figure import ADDED_COLUMNS, DEFAULT_COLUMNS, SHOWN_COLUMNS
from misconduct.queries.figures import find_pages

router = APIRouter(prefix="/v1", tags=["figures"])


@list_at(router, "", FigureListAnswer, "list_dataset", "List the figures of a dataset.")
async def list_observations(
    request: Request,
    query: Annotated[FigureList, Query()],
    suffix: FigureFormat,
    releases: TheReleases,
    dataset: TheDataset,
) -> Response:
    """List figures."""
    selection = await select(query, releases, dataset)
    if suffix in PICTURES:
        chart = await find_list_chart(request, query, releases, selection)
        return await send_picture(request, selection.current, chart, query, suffix, selection.name)
    found = await find_table(request, query, suffix, releases, selection)
    return await send_found(request, query, suffix, selection.current, found)


async def find_table(
    request: Request, query: FigureList, suffix: str, releases: Releases, selection: Selection
) -> FoundTable:
    """Return the figures that are found as a table."""
    current, dataset, conditions = selection
    facts = await releases.facts(conditions)
    warnings = await find_warnings(request, conditions, facts, current, releases)
    also = await see_also(request, current, releases, conditions, facts)
    columns = _choose(query.columns, (*DEFAULT_COLUMNS, *ADDED_COLUMNS.get(dataset or "", ())))
    needed, view = needed_columns(columns), current.view
    most, has_labels = query.most(suffix), query.has_labels(suffix)
    table = Table(
        columns=table_columns(columns, has_labels=has_labels),
        pages=find_pages(releases.database, conditions, needed, query.sort, most, query.offset),
        cells=lambda row: cells(row, columns, view, has_labels=has_labels),
        document=lambda row: document(row, columns, view),
        catalogue=current.catalogue,
        about=about_table(request, current, selection.title, warnings, also),
        rows=max(0, min(facts.total - query.offset, most or facts.total)),
    )
    more = {"narrower": conditions.narrower}
    return FoundTable(selection.name, table, facts.total, table.rows, warnings, also, more)


def _choose(query: Sequence[str], default: Sequence[str]) -> Sequence[str]:
    """Return the columns that are asked for: those of a list, all, or by default some."""
    return SHOWN_COLUMNS if "all" in query else list(dict.fromkeys(query)) or default
