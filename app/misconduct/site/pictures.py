"""Pictures on our own pages, and in frames of others."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from misconduct.api.charts import find_registered
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import (
    Drawn,
    DrawnTable,
    OneChart,
    TableQuery,
    from_query,
    read_query,
)
from misconduct.api.pictures import (
    DRAWING,
    find_drawing,
    find_indicator_drawing,
    find_pictured,
)
from misconduct.api.problems import NotFound
from misconduct.api.records import RecordId
from misconduct.pictures.canvas import COLOURS, Size, Theme, write_styles
from misconduct.pictures.draw import draw_inline
from misconduct.pictures.drawing import Drawing
from misconduct.site.pages import FRAME_POLICY, To, send

router = APIRouter(include_in_schema=False)

FILES = {"CSV": "csv", "Excel": "xlsx", "PNG": "png", "SVG": "svg"}
"""The files beside a picture: those of its rows, and then its own."""

OF_PAGE = ("paper", "ink", "muted", "rule", "tint", "mark", "line", "high")
"""The colours of pictures that pages have, too."""


Room = tuple[Size, int | None]
"""A size, and how wide the figures are if that is not the width of the size."""

CARD: Sequence[Room] = [("narrow", None)]
PAGE: Sequence[Room] = [("wide", None), ("narrow", None)]
WHOLE: Sequence[Room] = [("wide", 1080), *PAGE]
"""The rooms of pictures: a card or a column, beside a column, and the width of the page."""


class PagePicture(NamedTuple):
    """A picture inside a page: its words, its figures drawn for wide and narrow columns, its address, and its files."""

    drawing: Drawing
    svg: Markup
    path: str
    query: Mapping[str, Any]
    files: Mapping[str, str]


@router.get("/static/pictures.css")
async def send_styles(theme: Theme = "auto") -> Response:
    """Send the style sheet of the pictures inside our pages, and in frames also that of the page in one theme."""
    styles = write_styles(theme, within=".chart svg ")
    if theme != "auto":
        styles += _write_page_colours(theme)
    return Response(
        styles,
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=86400"},
    )


def _write_page_colours(theme: Theme) -> str:
    colours = COLOURS[theme]
    found = [f"--{name}:{colours[name]}" for name in OF_PAGE]
    return f":root{{color-scheme:{theme};{';'.join(found)}}}"


async def draw_picture(
    drawing: Drawing,
    current: Current,
    path: str,
    query: Mapping[str, Any],
    sizes: Sequence[Room] = PAGE,
) -> PagePicture:
    """Return the picture at a path of the API for a page, drawn once for each room that it may have."""
    asked = To(current).query(query)
    files = {name: f"{path}.{suffix}{asked}" for name, suffix in FILES.items()}
    svg = await to_thread.run_sync(_draw_all, drawing, sizes, limiter=DRAWING)
    return PagePicture(drawing, Markup(svg), path, query, files)  # noqa: S704


def _draw_all(drawing: Drawing, sizes: Sequence[Room]) -> str:
    return "".join(draw_inline(drawing, size, width) for size, width in sizes)


async def draw_registered(
    current: Current, identity: str, sizes: Sequence[Room] = PAGE
) -> PagePicture:
    """Return the picture of a chart of the register. Raises NotFound."""
    drawing = await find_registered(current, identity)
    return await draw_picture(drawing, current, f"/v1/charts/{identity}", {}, sizes)


async def draw_indicator(
    current: Current, indicator: str, sizes: Sequence[Room], **asked: Any
) -> PagePicture:
    """Return the picture of an indicator, as its table is asked for. Raises NotFound if it has nothing."""
    path = f"/v1/indicators/{indicator}"
    pinned = urlencode({**asked, "release": current.release.number}, safe=",")
    address = f"{current.view.base_url}{path}?{pinned}"
    query = read_query(TableQuery, {name: [value] for name, value in asked.items()})
    pictured = await find_pictured(current, indicator, query, address)
    drawing = await find_drawing(current, pictured)
    return await draw_picture(drawing, current, path, asked, sizes)


@router.get("/embed/charts/{id}")
async def frame_chart(
    request: Request,
    identity: RecordId,
    query: Annotated[OneChart, from_query(OneChart)],
) -> Response:
    """Send a chart of the register for a frame of another page."""
    current = await find_current(request, query)
    picture = await draw_registered(current, identity)
    page = To(current)("charts", identity)
    return _send_frame(request, current, query, page, picture)


@router.get("/embed/indicators/{id}")
async def frame_indicator(
    request: Request,
    identity: RecordId,
    query: Annotated[DrawnTable, from_query(DrawnTable)],
) -> Response:
    """Send the picture of an indicator for a frame of another page."""
    current = await find_current(request, query)
    try:
        drawing = await find_indicator_drawing(request, current, identity, query)
    except NotFound as nothing:
        return _send_frame(request, current, query, "/", nothing=nothing)
    path = f"/v1/indicators/{identity}"
    picture = await draw_picture(drawing, current, path, {})
    asked = {"area": ",".join(query.area)} if query.area else {}
    page = To(current)("indicators", identity, **asked)
    return _send_frame(request, current, query, page, picture)


def _send_frame(
    request: Request,
    current: Current,
    query: Drawn,
    page: str,
    picture: PagePicture | None = None,
    nothing: NotFound | None = None,
) -> Response:
    """Send a page that others may frame, the only one of ours: a picture, or what is held where there is none."""
    answer = send(
        request,
        "embed.html",
        current,
        nothing.status if nothing else 200,
        picture=picture,
        detail=nothing.detail if nothing else "",
        size=query.size if "size" in query.model_fields_set else "",
        theme=query.theme,
        page=page,
    )
    answer.headers["Content-Security-Policy"] = FRAME_POLICY
    return answer
