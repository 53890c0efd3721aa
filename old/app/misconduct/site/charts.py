"""The pages of charts: those of the register, and the chart of any query, each with code to embed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response

from misconduct.api.parameters import RELEASE_PARAMETERS
from misconduct.api.request_context import Question
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.charts import ChartId, chart_document
from misconduct.api.v1.pictures import PLACES, Charted, Place, chart_record, page_of
from misconduct.api.v1.records import find_record
from misconduct.errors import NoSuchChart
from misconduct.site.chart_table import tabulate
from misconduct.site.embed_code import HINTS, THEMES, VERSIONS, WAYS, Choice, write_embed
from misconduct.site.pictures import Refusal, explain, open_query, show_chart, show_records
from misconduct.site.rendering import links_within, page, parse_page_request

OWN = ("version", "look", "way")
"""What the form chooses, beside the query of the chart."""

CHARTS_SHOWN = 30  # on the page of all; of others it has the titles

router = DirectRouter(include_in_schema=False)

Asked = Annotated[Question, Depends(parse_page_request())]
AskedChart = Annotated[Question, Depends(parse_page_request((*RELEASE_PARAMETERS, "notice"), as_typed=OWN))]


@router.get("/charts")
async def show_charts(question: Asked) -> Response:
    """Show all charts of the release."""
    records = question.catalogue.kind("chart").values()
    return page(question, "charts.html", shown=await show_records(question, islice(records, CHARTS_SHOWN)))


@router.get("/charts/{chart_id}")
async def show_one(question: AskedChart, chart_id: ChartId) -> Response:
    """Show one chart of the register: the picture, its figures, its downloads, and how to embed it."""
    record = await find_record(question, "chart", chart_id)
    choice, question = _choice(question)
    asked = replace(question, values={**question.values, "notice": ["1"]})
    try:
        charted = await chart_record(asked, record)
    except NoSuchChart as refused:
        there = chart_document(question, record)["links"]["figures"]
        return _refuse(question, refused, there, Refusal(refused.detail))
    itself, names = chart_document(question, record), {"chart_id": chart_id}
    return await _send(question, charted, choice, path=f"/v1/charts/{chart_id}", names=names, record=itself)


def _add_route(place: Place) -> None:
    """Add the page of the charts of one address of the API."""
    path = place.path.removeprefix("/v1")
    understand = parse_page_request(place.parameters, as_typed=OWN)

    async def show_query(request: Request, question: Question = Depends(understand)) -> Response:
        choice, question = _choice(question)
        asked = replace(question, path="/v1" + question.path.removeprefix("/chart"))
        try:
            charted = await place.arrange(asked, request.path_params)
        except NoSuchChart as refused:
            there = page_of(asked, request.path_params)
            return _refuse(question, refused, there, explain(question, refused))
        return await _send(asked, charted, choice, path=asked.path, names=request.path_params, shown_at=question.path)

    router.add_api_route(f"/chart{path}", show_query, name=f"page of {place.name}")


for each in PLACES[1:]:
    _add_route(each)


def _choice(question: Question) -> tuple[Choice, Question]:
    """Return what the form chose, and the question without it. What is unknown is as if nothing was chosen."""
    default = Choice("frozen" if question.names_release else "live", "light", "iframe")
    typed = (next(iter(question.values.get(name, ())), "") for name in OWN)
    chosen = [
        text if text in table else first
        for text, table, first in zip(typed, (VERSIONS, THEMES, WAYS), default, strict=True)
    ]
    rest = {name: values for name, values in question.values.items() if name not in (*OWN, "notice")}
    return Choice(*chosen), replace(question, values=rest)


def _refuse(question: Question, refused: NoSuchChart, there: str, refusal: Refusal) -> Response:
    return page(
        question, "chart.html", status=refused.status, refused=refused, refusal=refusal, there=there, chart=None
    )


async def _send(
    question: Question,
    charted: Charted,
    choice: Choice,
    *,
    path: str,
    names: Mapping[str, str],
    record: dict[str, Any] | None = None,
    shown_at: str | None = None,
) -> Response:
    """Send the page of a chart at a path of the API, with these names in it."""
    chart, base_url = charted.chart, question.service.base_url
    newest = page_of(question, names, newest=True)
    pinned = f"{open_query(newest)}release={charted.catalogue.release.number}"
    to = links_within(question.release.number if question.names_release else None)
    pairs = [(name, str(text)) for name, values in sorted(question.values.items()) for text in values]
    return page(
        replace(question, path=shown_at or question.path),
        "chart.html",
        refused=None,
        chart=record,
        shown=await show_chart(question, chart, path),
        charted=charted,
        table=tabulate(charted, to),
        there=page_of(question, names),
        choice=choice,
        chosen=dict(zip(OWN, choice, strict=True)),
        oembed=f"{base_url}/oembed?{urlencode({'url': replace(question, path=path).link('.html')})}",
        cited=base_url + pinned,
        tables=(("version", "Version", VERSIONS), ("look", "Colours", THEMES), ("way", "As", WAYS)),
        hints=HINTS,
        kept=[pair for pair in pairs if pair[0] != "title"],
        title=next((text for name, text in pairs if name == "title"), ""),
        takes_title=record is None,
        embed=write_embed(question, path, base_url + (newest if choice.version == "live" else pinned), charted, choice),
        data=replace(question, path=path).link(".csv").removeprefix(base_url),
        specification=replace(question, path=path).link(".json" if record else ".vl.json").removeprefix(base_url),
    )
