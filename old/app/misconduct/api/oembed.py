"""oEmbed 1.0: how to embed a chart, for content management systems."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import Request, Response
from starlette.routing import compile_path

from misconduct.api.documentation import CONDITIONAL, REFUSALS, problem_responses
from misconduct.api.parameters import OEMBED_PARAMETERS, PARAMETERS, describe_faults, read_query
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import send_document
from misconduct.api.routing import DirectRouter
from misconduct.api.state import Service, ServiceDep
from misconduct.api.v1.pictures import CARD, FRAMES, PLACES, Charted, page_of
from misconduct.api.v1.schemas import OEmbed
from misconduct.charts.drawing import SIZES
from misconduct.charts.svg import PNG_PIXELS
from misconduct.errors import (
    DatabaseUnavailable,
    Fault,
    InternalError,
    InvalidRequest,
    NoSuchChart,
    NotFound,
    NotReady,
    Removed,
    RequestTooLong,
    UnknownRelease,
)
from misconduct.formats import SUFFIXES
from misconduct.formats.json import encode_json
from misconduct.http.negotiation import PAGE

AROUND = 28
"""Height in pixels of an embedded document without its picture: the link and the closed table."""

WIDEST = SIZES["wide"].width

OF_PAGES = (
    (re.compile(r"/(charts|observations)/([^/]+)"), r"/v1/\1/\2"),
    (re.compile(r"/chart/(.+)"), r"/v1/\1"),
    (re.compile(r"/datasets/([^/]+)"), r"/v1/\1"),
    (re.compile(r"/disagreements/([^/]+)"), "/v1/observations"),
)
"""The addresses of pages, each with that of its chart."""

_SUFFIX = re.compile(rf"\.({'|'.join(map(re.escape, sorted(SUFFIXES | {PAGE.name}, key=len, reverse=True)))})$")

router = DirectRouter(tags=["charts"])

_PLACES = [(place, compile_path(place.path)[0], parse_request(place.parameters, (PAGE.name,))) for place in PLACES]


@router.get(
    "/oembed",
    response_model=OEmbed,
    responses={
        200: {"content": {"text/xml": {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "Not modified."},
        **problem_responses(InvalidRequest, NoSuchChart, NotFound, UnknownRelease, Removed, RequestTooLong),
        **problem_responses(InternalError, DatabaseUnavailable, NotReady, *REFUSALS),
    },
    openapi_extra={
        "parameters": [
            *({**PARAMETERS[name].openapi(), "required": name == "url"} for name in OEMBED_PARAMETERS),
            CONDITIONAL,
        ]
    },
)
async def read_oembed(request: Request, service: ServiceDep) -> Response:
    """Return how to embed a chart, given the URL of its page, picture or document (oEmbed 1.0).

    The URL must be one of this service: of a chart, a figure, a disagreement, or the figures of a dataset with their
    filters. It is never fetched.
    """
    values, faults = read_query(request.scope["query_string"], OEMBED_PARAMETERS)
    faults = [fault for fault in faults if fault.code != "unknown_parameter"]  # WordPress sends one of its own: dnt
    if "url" not in values:
        faults.append(Fault("url", "missing_parameter", "Give the URL of a chart: ?url=…"))
    if faults:
        raise describe_faults(faults)
    question, charted, page = await _find(request, service, values["url"][0])
    found = _oembed(question, charted, page, values)
    is_xml = values.get("format") == ["xml"]
    media_type = "text/xml" if is_xml else "application/json"
    return send_document(request, _as_xml(found) if is_xml else encode_json(found), media_type)


async def _find(request: Request, service: Service, url: str) -> tuple[Question, Charted, str]:
    """Arrange the chart that a URL of this service names; return it with its page. Raises NotFound for other URLs."""
    parts, pairs = _split(url), parse_qsl(_split(url).query)
    named = unquote(parts.path).removeprefix(urlsplit(service.settings.public_url).path).rstrip("/")
    path = _address_of_chart(named) if _is_here(parts, service) else ""
    if named.startswith("/disagreements/"):
        pairs.append(("disagreement", named.rpartition("/")[2]))
    for place, pattern, understand in _PLACES:
        if (match := pattern.match(path)) is None:
            continue
        kept = urlencode([pair for pair in pairs if pair[0] in place.parameters])
        scope = {**request.scope, "path": path, "query_string": kept.encode(), "path_params": match.groupdict()}
        headers = [pair for pair in request.scope["headers"] if pair[0] == b"host"]
        try:
            question = await understand(Request({**scope, "headers": headers}))
            charted = await place.arrange(question, match.groupdict())
            return question, charted, service.base_url + page_of(question, match.groupdict())
        except InvalidRequest as wrong:
            raise InvalidRequest(f"The URL is invalid. {wrong.detail}", wrong.faults) from wrong
    raise NotFound(f"Only charts of this service can be embedded, such as {service.base_url}/charts/…")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # such as http://[::1
        return urlsplit("")


def _is_here(parts: SplitResult, service: Service) -> bool:
    """Return whether an address is one of this service: http or https, and a host that links may have."""
    hosts = {*service.settings.addresses, urlsplit(service.settings.public_url).netloc.lower()}
    return parts.scheme in ("http", "https") and parts.netloc.lower() in hosts


def _address_of_chart(path: str) -> str:
    """Return the path of the API that has the chart of a page, a picture or a document; empty if there is none."""
    if path.startswith("/v1/"):
        return _SUFFIX.sub("", path)
    return next((pattern.sub(chart, path) for pattern, chart in OF_PAGES if pattern.fullmatch(path)), "")


def _oembed(question: Question, charted: Charted, page: str, values: dict[str, list[Any]]) -> dict[str, Any]:
    """Write the answer: at most 640 pixels wide, and as high as the picture is then, or may be."""
    chart, base_url = charted.chart, question.service.base_url
    most_width, most_height = values.get("maxwidth", [WIDEST])[0], values.get("maxheight", [None])[0]
    width = min(most_width, WIDEST)
    size = next(name for name, most in FRAMES.items() if most is None or width <= most)
    drawn_width, drawn_height = chart.measured[size]
    height = round(drawn_height * min(width / drawn_width, 1)) + AROUND
    source, title = escape(question.link(".html", without=("size",))), escape(chart.title)
    return {
        "version": "1.0",
        "type": "rich",
        "title": chart.title,
        "provider_name": "Misconduct Register",
        "provider_url": base_url,
        "cache_age": 600,
        "width": width,
        "height": min(height, most_height or height),
        # WordPress loads what follows links and heights only for a frame after a quotation, which it hides; elsewhere
        # it is hidden from the start.
        "html": (
            f'<blockquote hidden><a href="{escape(page)}">{title}</a></blockquote>'
            f'<iframe src="{source}" width="{width}" height="{min(height, most_height or height)}" title="{title}" '
            'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" loading="lazy" '
            'frameborder="0" style="border:0;max-width:100%"></iframe>'
        ),
        **_thumbnail(question, charted, values),
    }


def _thumbnail(question: Question, charted: Charted, values: dict[str, list[Any]]) -> dict[str, Any]:
    """Return the largest PNG that fits into the room there is; oEmbed allows none that is larger."""
    most_width, most_height = (values.get(name, [float("inf")])[0] for name in ("maxwidth", "maxheight"))
    for size in (CARD, *reversed(FRAMES)):
        scale = 1 if size == CARD else PNG_PIXELS
        width, height = (scale * side for side in charted.chart.measured[size])
        if width <= most_width and height <= most_height:
            address = question.link(".png", without=("theme",), size=size)
            return {"thumbnail_url": address, "thumbnail_width": width, "thumbnail_height": height}
    return {}


def _as_xml(found: dict[str, Any]) -> bytes:
    root = Element("oembed")
    for name, value in found.items():
        SubElement(root, name).text = str(value)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
