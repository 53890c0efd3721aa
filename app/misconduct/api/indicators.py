"""Indicators: what is counted, how it is called, and the newest number of each place that has one."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request, Response

from misconduct.api.absent import find_absent
from misconduct.api.answers import (
    ChosenFormat,
    FigureFormat,
    answers,
    file_headers,
    link,
)
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import (
    DrawnTable,
    IndicatorList,
    TableQuery,
    from_query,
)
from misconduct.api.pictures import find_indicator_drawing, send_picture
from misconduct.api.records import find_record, send_list
from misconduct.api.tables import Answer, read_list, read_table, send_rows
from misconduct.formats import FORMATS, PICTURES
from misconduct.model import lists
from misconduct.model.catalogue import Content
from misconduct.model.shapes import IndicatorListAnswer, TableAnswer
from misconduct.pictures.form import choose
from misconduct.queries.listing import find_held
from misconduct.queries.points import find_rows

router = APIRouter(prefix="/v1", tags=["figures"])


@router.get("/indicators", responses=answers(IndicatorListAnswer, "csv"))
async def list_indicators(
    request: Request,
    query: Annotated[IndicatorList, from_query(IndicatorList)],
    suffix: ChosenFormat,
) -> Response:
    """List what is counted, in the order in which people ask for it: names, definitions, places and years held.

    With `area` they are those of which it has a row.

    For a newsroom app and a researcher.
    """
    current = await find_current(request, query)
    wanted = read_list(query, current.catalogue)
    rows = lists.list_indicators(current.catalogue, current.view.base_url)
    if wanted:
        ids = [row["id"] for row in rows]
        held = await find_held(current.tables, "indicator", ids, wanted)
        rows = [row for row in rows if row["id"] in held]
    return send_list(request, current, suffix, rows, lists.names_of(lists.INDICATORS))


@router.get("/indicators/{id}", responses=answers(TableAnswer, *FORMATS, *PICTURES))
async def get_indicator(
    request: Request,
    identity: Annotated[
        str, Path(alias="id", description="Id of an indicator: suspended_on_a_day.")
    ],
    query: Annotated[TableQuery, from_query(TableQuery, pictures=DrawnTable)],
    suffix: FigureFormat,
) -> Response:
    """Return how an indicator changed, and where: its definition, and the rows of the series that lead in each area.

    A place that is asked for and not held is a row, too, and an object of `missing` with the nearest that is held. As
    SVG or PNG it is a picture of the same rows.

    For a newsroom app, a researcher and another service.
    """
    current = await find_current(request, query)
    if isinstance(query, DrawnTable):
        drawing = await find_indicator_drawing(request, current, identity, query)
        headers = file_headers(suffix, identity, current)
        return await send_picture(request, drawing, query, suffix, headers)
    answer = await find_indicator(current, identity, query)
    if choose(answer.rows, current.catalogue):
        without = ["limit", "offset", "columns", "wide"]
        picture = link(request, suffix=".svg", without=without)
        picture = picture.removeprefix(request.state.base_url)
        answer = answer._replace(picture=picture)
    return await send_rows(request, current, query, suffix, answer)


async def find_indicator(current: Current, identity: str, query: TableQuery) -> Answer:
    """Return the table of an indicator. Raises NotFound and InvalidParameters."""
    record = find_record(current, "indicator", identity)
    wanted = read_table(query, current.catalogue, indicators=[identity])
    rows = await find_rows(current.tables, wanted)
    absent, missing = await find_absent(current, identity, wanted, rows)
    about = {"indicator": describe_indicator(record, current)}
    title = current.catalogue.label("indicator", identity)
    answer = Answer(identity, title, [*rows, *absent], about, missing)
    if rows:
        path = f"/indicators/{identity}"
        asked = f"?{urlencode({'area': ','.join(wanted.areas)}, safe=',')}"
        asked = asked if wanted.areas else ""
        answer = answer._replace(page=f"{path}{asked}")
    return answer


def describe_indicator(record: Content, current: Current) -> dict[str, Any]:
    """Return what an indicator counts, and what not to confuse with it."""
    return {
        "id": record["id"],
        "name": current.catalogue.label("indicator", record["id"]),
        "definition": record["definition"],
        "not_to_confuse": record.get("not_to_confuse", []),
        "counted_otherwise": record.get("counted_otherwise", []),
    }
