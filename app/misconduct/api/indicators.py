"""Indicators: what is counted, how it is called, and the newest number of each place that has one."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request, Response

from misconduct.api.answers import (
    ChosenFormat,
    DrawnFormat,
    answers,
    file_headers,
    link,
    send_json,
)
from misconduct.api.current import Current, TheCurrent
from misconduct.api.faults import find_checked
from misconduct.api.found import Selection, begin_chart, fill_chart, send_picture
from misconduct.api.parameters import OneIndicator, from_query
from misconduct.api.records import find_record, find_records, send_list
from misconduct.charts.subject import Chart
from misconduct.formats import PICTURES
from misconduct.model.documents import shower
from misconduct.model.figure import needed_columns
from misconduct.model.kinds import KINDS
from misconduct.model.shapes import IndicatorAnswer, IndicatorListAnswer
from misconduct.queries.figures import find_first_of_places
from misconduct.queries.filters import FILTERS

router = APIRouter(prefix="/v1", tags=["figures"])

PLACE_COLUMNS = ("id", "title", "area", "year", "period_start", "period_end", "value", "printed", "hedge", "unit",
                 "mark", "source", "cite_as")  # fmt: skip
"""The columns of the newest figure of each place, in the answer about one indicator."""


def indicator_document(record: dict[str, Any], current: Current) -> dict[str, Any]:
    """Return an indicator with its label, which names its usual people, and its address."""
    label = current.catalogue.label("indicator", record["id"])
    return {
        "id": record["id"],
        "label": label,
        **record,
        "url": f"{current.view.base_url}/v1/indicators/{record['id']}",
    }


def find_indicators(current: Current) -> list[dict[str, Any]]:
    """Return all indicators in their order."""
    records = sorted(
        find_records(current, "indicator"), key=lambda one: one["position"]
    )
    return [indicator_document(record, current) for record in records]


async def find_indicator_chart(
    request: Request, current: Current, identity: str, query: OneIndicator
) -> Chart:
    """Return the chart of the figures of an indicator that filters find. Raises NotFound."""
    find_record(current, "indicator", identity)
    filters = query.model_copy(update={"indicator": [identity]})
    selection = Selection.of(filters, current)
    return await fill_chart(
        begin_chart(request, selection, filters), selection, ids=filters.id
    )


@router.get("/indicators", responses=answers(IndicatorListAnswer, "csv"))
async def list_indicators(
    request: Request, suffix: ChosenFormat, current: TheCurrent
) -> Response:
    """List what is counted, in the order in which people ask for it: names, definitions, places and years held."""
    header = [
        "id",
        "label",
        *KINDS["indicator"].model.model_fields,
        *KINDS["indicator"].computed,
        "url",
    ]
    return send_list(
        request, current, suffix, find_indicators(current), list(dict.fromkeys(header))
    )


@router.get("/indicators/{id}", responses=answers(IndicatorAnswer, *PICTURES))
async def get_indicator(
    request: Request,
    identity: Annotated[
        str, Path(alias="id", description="Id of an indicator: suspended_on_a_day.")
    ],
    query: Annotated[OneIndicator, from_query(OneIndicator)],
    suffix: DrawnFormat,
) -> Response:
    """Return one indicator: what it counts and what it does not, and the newest figure of each place that has one.

    As SVG or PNG it is a picture of its figures. The filters of a list choose figures, also here.
    """
    current = await find_checked(request, query)
    record = find_record(current, "indicator", identity)
    if suffix in PICTURES:
        chart = await find_indicator_chart(request, current, identity, query)
        return await send_picture(
            request, chart, query, suffix, file_headers(suffix, identity, current)
        )
    selection = Selection.of(
        query.model_copy(update={"indicator": [identity]}), current
    )
    conditions = selection.conditions.exactly("indicator")
    rows = await find_first_of_places(
        current.tables, conditions, needed_columns(PLACE_COLUMNS), current.catalogue
    )
    order = {
        code: place for place, code in enumerate(current.catalogue.codelists["area"])
    }
    show = shower(PLACE_COLUMNS, current.view)
    places = [
        show(row)
        for row in sorted(rows, key=lambda row: order.get(row["area"], len(order)))
    ]
    asked = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name in FILTERS
    ]
    pinned = [("release", current.release.number)] if current.is_pinned else []
    figures = f"{current.view.base_url}/v1/observations?{urlencode([('indicator', identity), *asked, *pinned])}"
    pictures = {name: link(request, suffix=f".{name}") for name in PICTURES}
    return send_json(request, current, indicator_document(record, current) | {"places": places}, figures=figures,
                     **pictures)  # fmt: skip
