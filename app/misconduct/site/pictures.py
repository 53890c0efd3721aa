"""Pictures on our own pages: SVG that stands in the page, with a link from each number to its figure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Response
from markupsafe import Markup

from misconduct.api.charts import find_registered
from misconduct.api.current import Current
from misconduct.charts.choose import Chart
from misconduct.charts.draw import draw_inline
from misconduct.charts.svg import WIDTHS, paint
from misconduct.site.pages import To, to_pages

router = APIRouter(include_in_schema=False)

STYLES = paint("auto", within=".picture ")
PICTURES = {"PNG": "png", "SVG": "svg"}
FILES = {"CSV": "csv", "Excel": "xlsx", **PICTURES}
"""What the files beside a picture are called: those of it, and before them those of its figures."""


class PagePicture(NamedTuple):
    """A picture in each width, of which the style sheet shows one, and its files."""

    svg: Markup
    files: Mapping[str, str]


@router.get("/static/pictures.css")
async def send_styles() -> Response:
    """Send the colours of the pictures that stand in pages, light and dark."""
    return Response(STYLES, media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})


def draw_list(chart: Chart, current: Current, path: str, query: Mapping[str, Any]) -> PagePicture:
    """Return the picture of a list, which is at a path of the API."""
    to = to_pages(current)
    return PagePicture(_draw(chart, to), {name: f"{path}.{suffix}{to.query(query)}" for name, suffix in FILES.items()})


async def draw_registered(current: Current, identity: str) -> PagePicture:
    """Return the picture of a chart of the register. Raises NotFound."""
    to, chart = to_pages(current), await find_registered(current, identity)
    found = current.catalogue.of_kind("chart")[identity]["query"]
    query = {name: ",".join(values) for name, values in found.items() if values}
    files = {name: f"/v1/observations.{suffix}{to.query(query)}" for name, suffix in FILES.items()}
    files |= {name: f"/v1/charts/{identity}.{suffix}{to.query({})}" for name, suffix in PICTURES.items()}
    return PagePicture(_draw(chart, to), files)


def _draw(chart: Chart, to: To) -> Markup:
    pictures = {size: draw_inline(chart, size, lambda identity: to("observations", identity)) for size in WIDTHS}
    return Markup("".join(f'<div class="{size}">{picture}</div>' for size, picture in pictures.items()))  # noqa: S704
