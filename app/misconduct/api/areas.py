"""Areas: places and forces, and everything about some of them on one screen."""

from collections.abc import Collection, Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from misconduct.api.absent import find_absent_of_areas
from misconduct.api.answers import ChosenFormat, answers, choose_from
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import AreaList, AreaQuery, from_query
from misconduct.api.records import send_list
from misconduct.api.tables import (
    Answer,
    check_columns,
    read_area_codes,
    read_list,
    send_rows,
)
from misconduct.formats import FORMATS
from misconduct.model import lists
from misconduct.model.points import EARLIER
from misconduct.model.shapes import AreaListAnswer, TableAnswer
from misconduct.queries.listing import find_held
from misconduct.queries.points import Wanted, find_newest

router = APIRouter(prefix="/v1", tags=["figures"])


@router.get("/areas", responses=answers(AreaListAnswer, "csv"))
async def list_areas(
    request: Request,
    query: Annotated[AreaList, from_query(AreaList)],
    suffix: ChosenFormat,
) -> Response:
    """List places and forces with what is held of each: indicators, rows of default tables, the last year.

    With `indicator` or `topic` they are those that have a row of it.

    For a newsroom app and a local reporter.
    """
    current = await find_current(request, query)
    wanted = read_list(query, current.catalogue)
    codes: Collection[str] = current.catalogue.codelists["area"]
    if wanted:
        codes = await find_held(current.tables, "area_code", codes, wanted)
    rows = [
        row for row in lists.list_areas(current.catalogue) if row["area_code"] in codes
    ]
    return send_list(request, current, suffix, rows, lists.names_of(lists.AREAS))


@router.get("/areas/{codes}", responses=answers(TableAnswer, *FORMATS))
async def get_areas(
    request: Request,
    codes: Annotated[
        str,
        Path(description="Codes or names of one or several areas: met, or met,gmp."),
    ],
    query: Annotated[AreaQuery, from_query(AreaQuery)],
    suffix: Annotated[str, choose_from("json", *FORMATS)],
) -> Response:
    """Return the newest number of each indicator in an area, the one before it, and what is missing.

    `earlier_…` are of the same series, without a break between. `missing` has the questions to every force that have
    no number here, each with the nearest that is held and a request that is ready to send.

    For a newsroom app and a local reporter.
    """
    current = await find_current(request, query)
    check_columns(query.columns)
    asked = read_area_codes(codes, current.catalogue)
    answer = await find_areas(current, asked)
    return await send_rows(request, current, query, suffix, answer)


async def find_areas(current: Current, asked: Sequence[str]) -> Answer:
    """Return the newest rows of some areas, and what is missing."""
    rows = await find_newest(current.tables, Wanted(areas=asked))
    missing = await find_absent_of_areas(current, asked, rows)
    areas = [lists.describe_area(code, current.catalogue) for code in asked]
    title = ", ".join(area["area"] for area in areas)
    name = "-".join(asked)
    page = f"/areas/{','.join(asked)}"
    return Answer(name, title, rows, {"areas": areas}, missing, EARLIER, page=page)
