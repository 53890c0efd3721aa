"""Charts as pages: all of them, and each with its table, its addresses, and how to embed it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.answers import send_bytes
from app.api.parameters import PICTURE_PARAMETERS
from app.api.question import Question
from app.api.site.chart_table import tabulate
from app.api.site.rendering import asked_page, page
from app.api.v1.catalogue import find_record
from app.api.v1.charts import ChartId, chart_document, is_revised, read_specification
from app.errors import NotFound
from app.queries.charts import VEGA_EMBED, read_file

router = APIRouter()

AskedList = Annotated[Question, Depends(asked_page())]
AskedOne = Annotated[Question, Depends(asked_page(PICTURE_PARAMETERS))]


@router.get("/charts")
async def charts_page(question: AskedList) -> Response:
    """All charts."""
    return page(question, "charts.html", charts=list(question.catalogue.kind("chart").values()))


@router.get("/charts/vega-embed.js")
async def vega_embed(question: AskedList) -> Response:
    """What draws a specification in a browser: the same version that drew the pictures, put by when they were drawn."""
    script = await read_file(question.service.database, question.release.ordinal, VEGA_EMBED)
    if script is None:
        raise NotFound("This release has no charts.")
    return send_bytes(question, script, question.headers(), "text/javascript")


@router.get("/charts/{chart_id}")
async def chart_page(question: AskedOne, chart_id: ChartId) -> Response:
    """One chart: the picture, the figures in it, where else to get it, and how to embed it."""
    record = await find_record(question, "chart", chart_id)
    specification = await read_specification(question, chart_id)
    return page(
        question,
        "chart.html",
        chart=chart_document(question, record),
        about=specification["usermeta"],
        table=tabulate(specification),
        revised=await is_revised(question, chart_id),
    )
