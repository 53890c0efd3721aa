"""Lists of figures: all of them, or those of a dataset; and one figure in full."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from misconduct.api.answers import (
    FORMATS,
    TABLE_TYPES,
    ChosenFormat,
    envelope,
    link,
    send_json,
    send_table,
    table_headers,
)
from misconduct.api.context import TheDatabase, TheReleases, edition, find_current
from misconduct.api.faults import find_faults, given_values
from misconduct.api.parameters import FigureList, OneFigure
from misconduct.api.problems import InvalidParameters, NotFound, suggest
from misconduct.api.releases import Current, Releases
from misconduct.api.schemas import FigureAnswer, FigureListAnswer, answers
from misconduct.db.engine import Database
from misconduct.model.documents import Edition, cells, document, needed_columns, table_columns
from misconduct.model.figure import ADDED_COLUMNS, DEFAULT_COLUMNS, FIGURE_ID, SHOWN_COLUMNS, Row
from misconduct.queries import figures as queries
from misconduct.queries.filters import Conditions, read_filters

router = APIRouter(prefix="/v1", tags=["figures"])

ROWS_OF_JSON = 100
FORMER_DATASETS = ("suspensions", "restrictions")

Dataset = Annotated[str, Path(description="Id of a dataset: allegations, duty-status, vetting-checks.")]


@router.get("/observations", responses=answers(FigureListAnswer, *TABLE_TYPES))
async def list_observations(
    request: Request,
    asked: Annotated[FigureList, Query()],
    form: ChosenFormat,
    database: TheDatabase,
    releases: TheReleases,
) -> Response:
    """List figures, each with what is needed so as not to misread it."""
    return await _list(request, asked, form, database, releases, None)


@router.get("/observations/{id}", responses=answers(FigureAnswer))
async def get_observation(
    request: Request,
    identity: Annotated[str, Path(alias="id", description="Id of a figure: k7m3q.")],
    asked: Annotated[OneFigure, Query()],
    database: TheDatabase,
    releases: TheReleases,
) -> Response:
    """Return one figure with every column."""
    current = await find_current(releases, asked)
    if faults := await find_faults(given_values(request), current, releases):
        raise InvalidParameters(faults)
    if not re.fullmatch(FIGURE_ID, identity):
        raise NotFound(
            f"{identity[:40]!r} is not the id of a figure, such as k7m3q. /v1/observations lists every figure."
        )
    columns = _choose(asked.columns, SHOWN_COLUMNS)
    found = await queries.find_one(database, current.release.number, identity, needed_columns(columns))
    if found is None:
        raise await _absent(database, current, identity)
    return send_json(envelope(request, current, document(found, columns, edition(request, current)), {}), current)


async def _absent(database: Database, current: Current, identity: str) -> NotFound:
    first = await queries.find_first_release(database, identity)
    if first:
        return NotFound(
            f"Release {current.release.number} does not have {identity}. Release {first} is the first that does."
        )
    return NotFound(f"There is no figure {identity[:40]!r}. /v1/observations lists every figure.")


@router.get("/{dataset}", responses=answers(FigureListAnswer, *TABLE_TYPES))
async def list_dataset(
    request: Request,
    dataset: Dataset,
    asked: Annotated[FigureList, Query()],
    form: ChosenFormat,
    database: TheDatabase,
    releases: TheReleases,
) -> Response:
    """List the figures of a dataset."""
    if dataset in FORMER_DATASETS:
        return RedirectResponse(link(request).replace(f"/v1/{dataset}", "/v1/duty-status", 1), 308)
    return await _list(request, asked, form, database, releases, dataset)


async def _list(
    request: Request, asked: FigureList, form: str, database: Database, releases: Releases, dataset: str | None
) -> Response:
    current = await find_current(releases, asked)
    if faults := await find_faults(given_values(request), current, releases):
        raise InvalidParameters(faults)
    if dataset is not None and dataset not in (known := current.catalogue.of_kind("dataset")):
        near = suggest(dataset, [*known, "observations"])
        hint = f" Did you mean /v1/{near}?" if near else " /v1/datasets lists them."
        raise NotFound(f"There is no dataset {dataset[:40]!r} in release {current.release.number}.{hint}", near)
    conditions = read_filters(asked, current.release.number, dataset, current.catalogue)
    columns = _choose(asked.columns, (*DEFAULT_COLUMNS, *ADDED_COLUMNS.get(dataset or "", ())))
    if form in FORMATS:
        return await _send_table(
            request, asked, form, database, current, conditions, columns, dataset or "observations"
        )
    limit = asked.limit or ROWS_OF_JSON
    rows = await queries.find_page(database, conditions, needed_columns(columns), asked.sort, limit, asked.offset)
    is_last = len(rows) < limit and (rows or not asked.offset)
    total = asked.offset + len(rows) if is_last else await queries.count(database, conditions)
    about = edition(request, current)
    following = asked.offset + len(rows)
    number = current.release.number
    answer = envelope(
        request,
        current,
        [document(row, columns, about) for row in rows],
        {"total": total, "returned": len(rows), "narrower": conditions.narrower},
        next=link(request, without=["as_of"], release=number, offset=following) if following < total else None,
        csv=link(request, suffix=".csv", without=["limit", "offset"]),
    )
    return send_json(answer, current)


def _choose(asked: Sequence[str], default: Sequence[str]) -> Sequence[str]:
    """Return the columns that are asked for: those of a list, all, or by default some."""
    return SHOWN_COLUMNS if asked == ["all"] else list(dict.fromkeys(asked)) or default


async def _send_table(
    request: Request,
    asked: FigureList,
    form: str,
    database: Database,
    current: Current,
    conditions: Conditions,
    columns: Sequence[str],
    name: str,
) -> Response:
    """Send all figures as a table: at once if they are few, and otherwise page by page."""
    about, has_labels = edition(request, current), asked.labels == "1"
    header = list(table_columns(columns, has_labels=has_labels))
    pages = queries.find_pages(database, conditions, needed_columns(columns), asked.sort, asked.limit, asked.offset)
    first = await anext(pages)
    if len(first) < queries.ROWS_AT_ONCE:
        return send_table(form, header, _rows(first, columns, about, has_labels), name, current)

    async def encoded() -> AsyncIterator[bytes]:
        yield FORMATS[form].encode(_rows(first, columns, about, has_labels), header)
        async for page in pages:
            yield await run_sync(FORMATS[form].encode, _rows(page, columns, about, has_labels), None)

    headers = table_headers(form, name, current)
    return StreamingResponse(encoded(), headers=headers, media_type=FORMATS[form].media_type)


def _rows(page: list[Row], columns: Sequence[str], about: Edition, has_labels: bool) -> list[list[Any]]:
    return [list(cells(row, columns, about, has_labels=has_labels)) for row in page]
