"""The HTML document of a chart, to embed in an iframe: beside each address that has charts, with the suffix `.html`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response

from misconduct.api.documentation import documented
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import link_header, send_bytes
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.charts import ChartAnswer
from misconduct.api.v1.pictures import FRAMES, PLACES, Place, asked, page_of
from misconduct.errors import NoSuchChart, NotFound, Removed
from misconduct.http.negotiation import PAGE
from misconduct.site.rendering import links_within, render

EMBED_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-ancestors *; base-uri 'none'; form-action 'none'"
)

CHART_ID = {
    "name": "chart_id",
    "in": "path",
    "required": True,
    "description": "Id of a chart.",
    "schema": {"type": "string", "examples": ["how-many-were-accused"]},
}

router = DirectRouter(tags=["charts"])


def _add_route(place: Place) -> None:
    described = documented(ChartAnswer, place.parameters, (), NotFound, Removed, NoSuchChart)
    page = {"description": "The document.", "content": {"text/html": {"schema": {"type": "string"}}}}
    understand = parse_request(place.parameters, (PAGE.name,))

    async def read_document(request: Request, question: Question = Depends(understand)) -> Response:
        return await _send_document(question, place, request.path_params)

    router.add_api_route(
        f"{place.path}.html",
        read_document,
        name=f"read_{place.name}_document",
        description=(
            f"Return {place.what} as an HTML document for an iframe, with its figures as a table.\n\n"
            "The picture adapts to the available width; `theme=auto` also adapts it to the reader's colour scheme. "
            "JavaScript, cookies and storage are not required; with JavaScript, the document reports its height to "
            "the embedding page."
        ),
        responses={**described["responses"], 200: page},
        openapi_extra={"parameters": [CHART_ID, *described["openapi_extra"]["parameters"]]},
        include_in_schema=place.name == "chart",  # the others are said to be beside the addresses of the figures
        response_class=Response,
    )


for each in PLACES:
    _add_route(each)


async def _send_document(question: Question, place: Place, names: dict[str, str]) -> Response:
    question = replace(question, path=question.path.removesuffix(".html"))
    charted = await place.arrange(question, names)
    theme = asked(question, "theme") or "light"
    base_url, of_release = question.service.base_url, question.release.number if question.names_release else None

    def picture(size: str, shade: str, *media: str) -> dict[str, Any]:
        address = question.link(".svg", without=("notice",), size=size, theme=shade).removeprefix(base_url)
        width, height = charted.chart.measured[size]
        return {"media": " and ".join(media), "address": address, "width": width, "height": height}

    shades: dict[str, list[tuple[str, ...]]] = {  # on paper it is light
        "dark": [("light", "print"), ("dark",)],
        "auto": [("dark", "screen", "(prefers-color-scheme: dark)"), ("light",)],
    }
    pictures = [
        picture(size, shade, *media, *([f"(max-width: {most}px)"] if most else []))
        for shade, *media in shades.get(theme, [("light",)])
        for size, most in FRAMES.items()
    ]
    address = question.link(".html")
    body = render(
        "embed.html",
        question=question,
        charted=charted,
        theme=theme,
        pictures=pictures,
        page=page_of(question, names),
        newest=page_of(question, names, newest=True),
        to=links_within(of_release),
        canonical=question.service.settings.public_url + page_of(question, names, newest=True),
        oembed=f"{base_url}/oembed?{urlencode({'url': address})}",
    )
    headers = {**question.headers(), "Content-Security-Policy": EMBED_POLICY, "Link": link_header(question)}
    return send_bytes(question, body, headers, PAGE.content_type)
