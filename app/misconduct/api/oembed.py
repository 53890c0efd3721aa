"""oEmbed: how WordPress, Ghost and others embed the picture at an address."""

from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError

from misconduct.api.addresses import TRACKING
from misconduct.api.answers import send_document
from misconduct.api.charts import OneChart, find_registered
from misconduct.api.current import find_current
from misconduct.api.found import select
from misconduct.api.parameters import ByYear, FigureList, Number
from misconduct.api.pictures import find_chart
from misconduct.api.problems import PROBLEMS, FormatNotImplemented, NotFound, declare
from misconduct.charts.choose import Chart
from misconduct.charts.draw import draw
from misconduct.charts.svg import WIDTHS, Size
from misconduct.formats import PICTURES

router = APIRouter(tags=["charts"])


class Embedded(BaseModel):
    """The parameters of oEmbed. Platforms send others, too."""

    url: str = Field(description="Address of a chart, a list, a by-year table or a figure.")
    maxwidth: Annotated[Number | None, Field(ge=1)] = Field(None, description="Maximum width in pixels.")
    maxheight: Annotated[Number | None, Field(ge=1)] = Field(None, description="Maximum height in pixels.")
    format: str = Field("json", description="Only json; another format, such as xml, is refused with 501.")


@router.get("/oembed", responses={200: {"model": dict[str, Any]}, **PROBLEMS, **declare(FormatNotImplemented)})
async def embed(request: Request, query: Annotated[Embedded, Query()]) -> Response:
    """Return the picture at an address as oEmbed describes it, for WordPress, Ghost and others."""
    if query.format != "json":
        raise FormatNotImplemented("We have oEmbed as JSON only. Use format=json, or leave it out.")
    base, (path, values) = request.state.base_url, _read_address(query.url, request.state.base_url)
    asked = {"path": f"/v1/{'/'.join(path)}", "query_string": urlencode(values, doseq=True).encode()}
    chart = await _find_addressed(Request({**request.scope, **asked}), path, values)
    size: Size = next((size for size in WIDTHS if WIDTHS[size] <= (query.maxwidth or 640)), "narrow")
    picture = draw(chart, size)
    widest, highest = query.maxwidth or picture.width, query.maxheight or picture.height
    scale = min(1, widest / picture.width, highest / picture.height)
    found = {
        "version": "1.0",
        "type": "photo",
        "title": picture.headline,
        "url": f"{base}/v1/{'/'.join(path)}.png?{urlencode({**values, 'size': size}, doseq=True)}",
        "width": max(1, round(picture.width * scale)),
        "height": max(1, round(picture.height * scale)),
        "provider_name": "Misconduct Register",
        "provider_url": base,
    }
    return send_document(found)


def _read_address(url: str, base: str) -> tuple[list[str], dict[str, list[str]]]:
    """Return the path below /v1 and the query of an address of ours; pages and pictures have the same."""
    try:
        scheme, host, address, query, _ = urlsplit(url)
    except ValueError:
        scheme = host = address = query = ""
    if scheme not in ("http", "https") or host.lower() != urlsplit(base).netloc.lower():
        raise NotFound(f"Only addresses that begin with {base} can be embedded.")
    path = address.removeprefix("/v1").strip("/").rpartition(".")
    names = (path[0] if path[2] in PICTURES else "".join(path)).split("/")
    return names, {name: values for name, values in parse_qs(query).items() if name not in {"size", "theme", *TRACKING}}


async def _find_addressed(request: Request, path: list[str], given: dict[str, list[str]]) -> Chart:
    """Return the chart at a path. Raises Problem."""
    single = {name: values if values[1:] or name == "publisher" else values[0] for name, values in given.items()}
    dataset = None if path[0] == "observations" else path[0]
    try:
        match path:
            case ["charts", identity]:
                current = await find_current(request, OneChart.model_validate(single))
                return await find_registered(current, identity)
            case [_, "by-year"]:
                query: FigureList | ByYear = ByYear.model_validate(single)
            case ["observations", identity]:
                query = FigureList.model_validate({**single, "id": [identity]})
            case [_]:
                query = FigureList.model_validate(single)
            case _:
                raise NotFound("Only charts, lists, by-year tables and figures can be embedded.")
    except ValidationError:
        raise NotFound("The address has a parameter that cannot be read.") from None
    return await find_chart(request, query, await select(request, query, dataset))
