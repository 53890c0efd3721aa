"""Charts as a list, pictures and specifications. All were drawn when the release was loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Path, Response

from app.api.documentation import documented
from app.api.parameters import PARAMETERS, PICTURE_PARAMETERS, TABLE_PARAMETERS
from app.api.request_context import Question, parse_request
from app.api.responses import answer, link_header, page_document, send_bytes
from app.api.v1.record_schemas import RECORDS, ChartSpecification
from app.api.v1.records import find_record
from app.errors import NotFound, Removed
from app.formats import EVERYWHERE
from app.http.negotiation import PICTURE
from app.model.kinds import is_by_year
from app.model.record_tables import records_table
from app.model.records import DRAFT
from app.queries import charts

FORMS = EVERYWHERE
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png", "json": "application/json"}

router = APIRouter(prefix="/v1", tags=["charts"])
ChartPage, ChartAnswer = RECORDS["chart"]

Asked = Annotated[Question, Depends(parse_request(TABLE_PARAMETERS, FORMS))]
AskedPicture = Annotated[Question, Depends(parse_request(PICTURE_PARAMETERS, (PICTURE.name,)))]
ChartId = Annotated[str, Path(description="Id of a chart.", examples=["how-many-were-accused"])]


def _as_picture(suffix: str) -> dict[str, Any]:
    """Describe a route that sends a stored picture or specification."""
    declared = documented(ChartSpecification, PICTURE_PARAMETERS, (), NotFound, Removed)
    if suffix != "json":
        del declared["response_model"]
        content = {MEDIA_TYPES[suffix]: {"schema": {"type": "string", "format": "binary"}}}
        declared["responses"][200] = {"description": "The chart.", "content": content}
        declared["response_class"] = Response
    return declared


@router.get("/charts", **documented(ChartPage, TABLE_PARAMETERS, FORMS))
async def list_charts(question: Asked) -> Response:
    """List the charts, with links to each as a picture, a document to embed, and a specification with its data."""
    records = [chart_document(question, record) for record in question.catalogue.kind("chart").values()]
    return answer(
        question,
        lambda: page_document(question, records, total=len(records)),
        lambda: records_table("chart", records),
    )


@router.get("/charts/{chart_id}.svg", **_as_picture("svg"))
async def read_chart_svg(question: AskedPicture, chart_id: ChartId) -> Response:
    """Return a chart as SVG: `<img src="…/v1/charts/how-many-were-accused.svg">`.

    Without `release` the chart changes with the latest release. Missing figures are drawn as missing, never as zero.
    """
    return await _picture(question, chart_id, "svg")


@router.get("/charts/{chart_id}.png", **_as_picture("png"))
async def read_chart_png(question: AskedPicture, chart_id: ChartId) -> Response:
    """Return a chart as PNG at double resolution, for places that do not accept SVG."""
    return await _picture(question, chart_id, "png")


@router.get("/charts/{chart_id}.json", **_as_picture("json"))
async def read_chart_specification(question: AskedPicture, chart_id: ChartId) -> Response:
    """Return the Vega-Lite specification of a chart, with its data and its citation (`usermeta`)."""
    return await _picture(question, chart_id, "json")


@router.get("/charts/{chart_id}", **documented(ChartAnswer, TABLE_PARAMETERS, FORMS, NotFound, Removed))
async def read_chart(question: Asked, chart_id: ChartId) -> Response:
    """Return one chart: its title, its filters, and links to its pictures."""
    record = chart_document(question, await find_record(question, "chart", chart_id))
    return answer(question, lambda: page_document(question, record, total=1), lambda: records_table("chart", [record]))


def chart_document(question: Question, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a chart as a response shows it, with its links."""
    base_url = question.service.base_url
    pinned = urlencode({"release": question.release.number}) if question.names_release else ""
    itself = f"{base_url}/v1/charts/{record['id']}"
    page = _with(f"{base_url}/charts/{record['id']}", pinned)
    listing = "observations/by-year" if is_by_year(record) else "observations"
    filters = {name: codes for name, codes in record["query"].items() if name in PARAMETERS} | {"narrower": "0"}
    return {
        **record,
        "links": {
            "page": page,
            **{suffix: _with(f"{itself}.{suffix}", pinned) for suffix in ("svg", "png", "json", "html")},
            "oembed": f"{base_url}/oembed?{urlencode({'url': page})}",
            "figures": _with(f"{base_url}/v1/{listing}", "&".join(filter(None, [urlencode(filters, True), pinned]))),
        },
    }


def _with(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


async def read_specification(question: Question, chart_id: str) -> dict[str, Any]:
    """Return the light specification of a chart in the requested size. Raises NotFound or Removed."""
    await find_record(question, "chart", chart_id)
    name = f"{_asked(question, 'size')}-light.json"
    return dict(orjson.loads(await _bytes(question, chart_id, name)))


async def _picture(question: Question, chart_id: str, suffix: str) -> Response:
    await find_record(question, "chart", chart_id)
    theme = "dark" if _asked(question, "theme") == "dark" else "light"
    ending = "-notice" if question.wants_notice and await is_revised(question, chart_id) else ""
    body = await _bytes(question, chart_id, f"{_asked(question, 'size')}-{theme}{ending}.{suffix}")
    headers = question.headers() | {"Content-Security-Policy": PICTURE_POLICY, "Link": link_header(question)}
    if suffix == "png":  # is compressed already
        return Response(body, headers=headers, media_type=MEDIA_TYPES[suffix])
    return send_bytes(question, body, headers, MEDIA_TYPES[suffix])


async def is_revised(question: Question, chart_id: str) -> bool:
    """Return whether a figure in a chart of a named release has since been revised or ended."""
    newest = question.service.releases.releases[-1].ordinal
    if question.release.ordinal == newest or question.release.number == DRAFT:
        return False
    shown = orjson.loads(await _bytes(question, chart_id, "wide-light.json"))["usermeta"]["observations"]
    return await charts.are_revised(question.service.database, [tuple(one) for one in shown], newest)


async def _bytes(question: Question, chart_id: str, name: str) -> bytes:
    path = charts.picture_path(chart_id, name)
    found = await charts.read_file(question.service.database, question.release.ordinal, path)
    if found is None:
        raise NotFound(f"This service was loaded without the pictures of {chart_id!r}.")
    return found


def _asked(question: Question, name: str) -> str:
    return str(next(iter(question.values.get(name, ())), PARAMETERS[name].default))
