"""oEmbed 1.0: how to embed a chart, for content management systems."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson
from fastapi import APIRouter, Request, Response

from app.api.documentation import problem_responses
from app.api.parameters import OEMBED_PARAMETERS, PARAMETERS, describe_faults, read_query
from app.api.state import Service, ServiceDep
from app.api.v1.schemas import OEmbed
from app.errors import Fault, InvalidRequest, NotFound, NotReady, RequestTooLong, UnknownRelease
from app.formats.json import encode_json
from app.model.records import Release
from app.queries.charts import picture_path, read_file

AROUND = 96
"""Height in pixels of an embedded document without its picture: the link and the closed table."""

WIDEST, NARROWEST = 640, 320
IN_PINNED = ("release", "as_of", "notice", "theme")
SUFFIXES = ("", "html", "svg", "png", "json")

router = APIRouter(tags=["charts"])


@router.get(
    "/oembed",
    response_model=OEmbed,
    responses={
        200: {"content": {"text/xml": {"schema": {"type": "string", "format": "binary"}}}},
        **problem_responses(InvalidRequest, NotFound, UnknownRelease, NotReady, RequestTooLong),
    },
    openapi_extra={
        "parameters": [{**PARAMETERS[name].openapi(), "required": name == "url"} for name in OEMBED_PARAMETERS]
    },
)
async def read_oembed(request: Request, service: ServiceDep) -> Response:
    """Return how to embed a chart, given the URL of its page, picture or document (oEmbed 1.0).

    The URL must be one of this service. It is never fetched.
    """
    values, faults = read_query(request.scope["query_string"], OEMBED_PARAMETERS)
    faults = [fault for fault in faults if fault.code != "unknown_parameter"]  # WordPress sends one of its own: dnt
    if "url" not in values:
        faults.append(Fault("url", "missing_parameter", "Give the URL of a chart: ?url=…"))
    if faults:
        raise describe_faults(faults)
    chart, release, kept = await _find(service, values["url"][0])
    width, height = await _fit(service, release, chart["id"], values)
    found = _oembed(service.base_url, chart, kept, width, height)
    is_xml = values.get("format") == ["xml"]
    headers = {"Cache-Control": "public, max-age=600"}
    media_type = "text/xml" if is_xml else "application/json"
    return Response(_as_xml(found) if is_xml else encode_json(found), headers=headers, media_type=media_type)


async def _find(service: Service, url: str) -> tuple[dict[str, Any], Release, dict[str, str]]:
    """Find the chart that a URL of this service names, its release, and the parameters to keep.

    Raises NotFound for any other URL.
    """
    parts, here = _split(url), urlsplit(service.base_url)
    chart_id = _chart_of(parts.path.removeprefix(here.path.rstrip("/")))
    if (parts.scheme, parts.netloc) != (here.scheme, here.netloc) or chart_id is None:
        raise NotFound(f"Only charts of this service can be embedded: {service.base_url}/charts/…")
    kept = {name: texts[0] for name, texts in parse_qs(parts.query).items() if name in IN_PINNED}
    values, faults = read_query(urlencode(kept).encode(), IN_PINNED)
    if faults:
        raise InvalidRequest("The URL is invalid. See errors.", faults)
    release = service.releases.resolve(values.get("release", [None])[0], values.get("as_of", [None])[0])
    chart = (await service.releases.catalogue(release)).kind("chart").get(chart_id)
    if chart is None:
        raise NotFound(f"There is no chart {chart_id[:60]!r} in release {release.number}.")
    return dict(chart), release, kept


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # such as http://[::1
        return urlsplit("")


def _chart_of(path: str) -> str | None:
    """Return the id of the chart that a path of this service names, if any."""
    for beginning in ("/v1/charts/", "/charts/"):
        if path.startswith(beginning):
            name, _, suffix = path.removeprefix(beginning).partition(".")
            return name if suffix in SUFFIXES and "/" not in name else None
    return None


async def _fit(service: Service, release: Release, chart_id: str, values: dict[str, list[Any]]) -> tuple[int, int]:
    """Return the width and height in pixels: at most 640 wide, and as high as the picture is then, or may be."""
    width = min(values.get("maxwidth", [WIDEST])[0], WIDEST)
    name = "wide" if width > NARROWEST * 1.5 else "narrow"
    specification = await read_file(service.database, release.ordinal, picture_path(chart_id, f"{name}-light.json"))
    picture = orjson.loads(specification or b"{}").get("usermeta", {}).get("picture", {"width": width, "height": 480})
    height = round(picture["height"] * min(width / picture["width"], 1)) + AROUND
    return width, min(values.get("maxheight", [height])[0], height)


def _oembed(base_url: str, chart: dict[str, Any], kept: dict[str, str], width: int, height: int) -> dict[str, Any]:
    query = f"?{urlencode(kept)}" if kept else ""
    itself = f"{base_url}/v1/charts/{chart['id']}"
    title = escape(chart["title"])
    return {
        "version": "1.0",
        "type": "rich",
        "title": chart["title"],
        "provider_name": "Misconduct Register",
        "provider_url": base_url,
        "cache_age": 600,
        "width": width,
        "height": height,
        # WordPress loads what follows links and heights only for a frame after a quotation, which it hides; elsewhere
        # it is hidden from the start.
        "html": (
            f'<blockquote hidden><a href="{escape(base_url)}/charts/{chart["id"]}{escape(query)}">{title}</a>'
            "</blockquote>"
            f'<iframe src="{escape(itself)}.html{escape(query)}" width="{width}" height="{height}" title="{title}" '
            'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" loading="lazy" '
            'style="border:0;max-width:100%"></iframe>'
        ),
        "thumbnail_url": f"{itself}.png{query}",
        "thumbnail_width": 2 * WIDEST,
        "thumbnail_height": 2 * (height - AROUND),
    }


def _as_xml(found: dict[str, Any]) -> bytes:
    root = Element("oembed")
    for name, value in found.items():
        SubElement(root, name).text = str(value)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
