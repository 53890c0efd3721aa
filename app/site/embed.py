"""The HTML document of a chart, to embed in an iframe."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Response

from app.api.documentation import documented
from app.api.parameters import PICTURE_PARAMETERS
from app.api.request_context import Question, parse_request
from app.api.responses import link_header, send_bytes
from app.api.v1.charts import ChartAnswer, ChartId, is_revised, read_specification
from app.errors import NotFound, Removed
from app.http.negotiation import PAGE
from app.site.rendering import render

EMBED_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-ancestors *; base-uri 'none'; form-action 'none'"
)

router = APIRouter(tags=["charts"])

Asked = Annotated[Question, Depends(parse_request(PICTURE_PARAMETERS, (PAGE.name,)))]


@router.get(
    "/v1/charts/{chart_id}.html",
    responses={
        **documented(ChartAnswer, PICTURE_PARAMETERS, (), NotFound, Removed)["responses"],
        200: {"description": "The document.", "content": {"text/html": {"schema": {"type": "string"}}}},
    },
    openapi_extra=documented(ChartAnswer, PICTURE_PARAMETERS, ())["openapi_extra"],
    response_class=Response,
)
async def read_chart_document(question: Asked, chart_id: ChartId) -> Response:
    """Return a chart as an HTML document for an iframe, with its figures as a table.

    The picture adapts to the available width and colour scheme. JavaScript, cookies and storage are not required; with
    JavaScript, the document reports its height to the embedding page.
    """
    specification = await read_specification(question, chart_id)
    pinned = {"release": question.release.number} if question.names_release else {}
    body = render(
        "embed.html",
        specification=specification,
        revised=question.wants_notice and await is_revised(question, chart_id),
        theme=question.values.get("theme", ["auto"])[0],
        query=urlencode(pinned | ({"notice": "1"} if question.wants_notice else {})),
        base_url=question.service.base_url,
    )
    headers = question.headers() | {"Content-Security-Policy": EMBED_POLICY, "Link": link_header(question)}
    return send_bytes(question, body, headers, PAGE.content_type)
