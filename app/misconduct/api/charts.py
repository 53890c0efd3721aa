"""The charts of the register, and how WordPress, Ghost and others embed the picture at an address (oEmbed)."""

from html import escape
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from anyio import to_thread
from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from misconduct.api.addresses import TRACKING
from misconduct.api.answers import (
    ChosenFormat,
    FigureFormat,
    answers,
    file_headers,
    send_document,
)
from misconduct.api.current import Current, TheCurrent, find_current, find_recalled
from misconduct.api.figures import compose_figure, find_figure
from misconduct.api.parameters import (
    ChartQuery,
    DrawnTable,
    Number,
    OneChart,
    from_query,
    read_query,
)
from misconduct.api.pictures import (
    DRAWING,
    Pictured,
    find_drawing,
    find_indicator_drawing,
    send_picture,
)
from misconduct.api.problems import PROBLEMS, FormatNotImplemented, NotFound, declare
from misconduct.api.records import find_record, send_list
from misconduct.api.tables import Answer, check_columns, send_rows
from misconduct.formats import FORMATS, PICTURES
from misconduct.model import lists
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import Row
from misconduct.model.shapes import (
    ChartListAnswer,
    EmbeddedPicture,
    TableAnswer,
    as_answer,
)
from misconduct.pictures.canvas import LAYOUTS, Size
from misconduct.pictures.draw import draw
from misconduct.pictures.drawing import Drawing
from misconduct.pictures.words import say_chart
from misconduct.queries.points import find_rows_of

router = APIRouter(tags=["charts"])

BELOW = 90  # pixels below a picture for its table, folded, and a link
LAID_OUT_WIDE = 480  # pixels from which a wide picture is legible
CARD = (1200, 630)


@router.get("/v1/charts", responses=answers(ChartListAnswer, "csv"))
async def list_charts(
    request: Request, suffix: ChosenFormat, current: TheCurrent
) -> Response:
    """List the charts of the register.

    For another service.
    """
    rows = lists.list_charts(current.catalogue, current.view.base_url)
    return send_list(request, current, suffix, rows, lists.names_of(lists.CHARTS))


@router.get("/v1/charts/{id}", responses=answers(TableAnswer, *FORMATS, *PICTURES))
async def get_chart(
    request: Request,
    identity: Annotated[
        str, Path(alias="id", description="Id of a chart: complaints-by-year.")
    ],
    query: Annotated[ChartQuery, from_query(ChartQuery)],
    suffix: FigureFormat,
) -> Response:
    """Return a chart with its rows and the code that embeds its picture; or the picture as SVG or PNG.

    For another service.
    """
    current = await find_current(request, query)
    check_columns(query.columns)
    rows = await find_chart_rows(current, identity)
    drawing = await find_registered(current, identity)
    if suffix in PICTURES:
        headers = file_headers(suffix, identity, current)
        return await send_picture(request, drawing, query, suffix, headers)
    about = await to_thread.run_sync(
        chart_document, identity, current, drawing, limiter=DRAWING
    )
    page, picture = f"/charts/{identity}", f"/v1/charts/{identity}.svg"
    answer = Answer(identity, about["title"], rows, {"chart": about})
    answer = answer._replace(page=page, picture=picture)
    return await send_rows(request, current, query, suffix, answer)


def chart_document(identity: str, current: Current, drawing: Drawing) -> dict[str, Any]:
    """Return a chart of the register with the code that embeds it."""
    frame = fit_frame(drawing)
    return {
        **find_record(current, "chart", identity),
        "alt": drawing.alt,
        "width": frame.width,
        "height": frame.height,
        "embed": embed_code(f"charts/{identity}", current, drawing),
    }


def list_listed(catalogue: Catalogue) -> list[Content]:
    """Return the charts of the register, but for those that only other pages show."""
    charts = catalogue.of_kind("chart").values()
    return [chart for chart in charts if chart.get("listed") is not False]


def find_lead_chart(catalogue: Catalogue, indicator: str = "") -> Content | None:
    """Return the chart that an editor put first: of an indicator, or of the first indicator that has one."""
    charts = catalogue.of_kind("chart")
    known = catalogue.of_kind("indicator")
    records = sorted(known.values(), key=lambda one: one["position"])
    asked = [known[indicator]] if indicator else records
    leads = (charts.get(one.get("lead_chart") or "") for one in asked)
    return next(filter(None, leads), None)


async def find_chart_rows(current: Current, identity: str) -> list[Row]:
    """Return the rows of a chart of the register, in its order."""
    ids = find_record(current, "chart", identity)["ids"]
    table = await find_rows_of(current.tables, ids)
    return [table[figure] for figure in ids if figure in table]


async def find_registered(current: Current, identity: str) -> Drawing:
    """Return the drawing of a chart of the register. Raises NotFound."""
    record = find_record(current, "chart", identity)
    address = f"/v1/charts/{identity}?release={current.release.number}"
    against = [record["against"]] if record["against"] else []
    found = await find_rows_of(current.tables, [*record["ids"], *against])
    rows, said = say_chart(record, f"{current.view.base_url}{address}", found)
    return await find_drawing(current, Pictured(rows, said, form=record["form"]))


class Frame(NamedTuple):
    """The size of a frame: the whole picture, and one line for its folded table."""

    width: int
    height: int

    def within(self, width: int, height: int | None) -> "Frame":
        """Return it in the room that a page has."""
        return Frame(min(self.width, width), min(self.height, height or self.height))


def fit_frame(drawing: Drawing, size: Size | None = None) -> Frame:
    """Return how large a frame is: of one size, or as wide as a page has room and high enough for a narrow one."""
    sizes: list[Size] = [size] if size else ["wide", "narrow"]
    pictures = [draw(drawing, one) for one in sizes]
    height = max(picture.height for picture in pictures) + BELOW
    return Frame(LAYOUTS[sizes[0]].width, height)


def pinned(current: Current) -> dict[str, str]:
    return {"release": current.release.number} if current.is_pinned else {}


def embed_code(path: str, current: Current, drawing: Drawing, **asked: str) -> str:
    """Return HTML that frames the picture at a path. `asked` are the parameters of the picture."""
    query = urlencode({**asked, **pinned(current)}, safe=",")
    address = f"{current.view.base_url}/embed/{path}?{query}".removesuffix("?")
    return write_frame(address, drawing, fit_frame(drawing))


def write_frame(address: str, drawing: Drawing, frame: Frame) -> str:
    """Return an iframe, which has no script and whose title begins with a number."""
    return (
        f'<iframe src="{escape(address)}" title="{escape(name_frame(drawing))}" '
        f'width="{frame.width}" height="{frame.height}" loading="lazy" '
        f'style="width:100%;max-width:{frame.width}px;border:0"></iframe>'
    )


def name_frame(drawing: Drawing) -> str:
    """Return the title of a picture, with its number in front unless the title has it."""
    marked = [row for row in drawing.rows if row["id"] in drawing.highlight]
    shown = str((marked or [*drawing.rows])[0]["shown"])
    return drawing.title if shown in drawing.title else f"{shown}: {drawing.title}"


class Embedded(BaseModel):
    """The parameters of oEmbed. Platforms send others, too."""

    url: str = Field(description="Address of a chart, an indicator or a figure.")
    maxwidth: Annotated[Number | None, Field(ge=1)] = Field(
        None, description="Maximum width in pixels."
    )
    maxheight: Annotated[Number | None, Field(ge=1)] = Field(
        None, description="Maximum height in pixels."
    )
    format: str = Field(
        "json",
        description="Only json; another format, such as xml, is refused with 501.",
    )


@router.get(
    "/oembed",
    responses={
        200: {"model": as_answer(EmbeddedPicture)},
        **PROBLEMS,
        **declare(FormatNotImplemented),
    },
)
async def embed(
    request: Request, query: Annotated[Embedded, from_query(Embedded)]
) -> Response:
    """Return the picture at an address as oEmbed describes it, for WordPress, Ghost and others.

    For another service.
    """
    if query.format != "json":
        raise FormatNotImplemented(
            "We have oEmbed as JSON only. Use format=json, or leave it out."
        )
    base = request.state.base_url
    path, values = _read_address(query.url, base)
    drawing = await _find_addressed(request, path, values)
    widest = query.maxwidth or LAYOUTS["wide"].width
    size: Size = "wide" if widest >= LAID_OUT_WIDE else "narrow"
    frame = await to_thread.run_sync(fit_frame, drawing, size, limiter=DRAWING)
    frame = frame.within(widest, query.maxheight)
    name, card = "/".join(path), urlencode({**values, "size": "card"}, doseq=True)
    framed = urlencode({**values, "size": size}, doseq=True)
    picture = f"{base}/v1/{name}.png?{card}"
    html = write_frame(f"{base}/embed/{name}?{framed}", drawing, frame)
    if path[0] == "figures":  # which have no frame
        html = f'<img src="{escape(picture)}" alt="{escape(drawing.alt)}" width="{frame.width}">'
    return send_document(_describe_picture(drawing, frame, html, picture, base))


def _describe_picture(
    drawing: Drawing, frame: Frame, html: str, picture: str, base: str
) -> EmbeddedPicture:
    return {
        "version": "1.0",
        "type": "rich",
        "title": name_frame(drawing),
        "html": html,
        "width": frame.width,
        "height": frame.height,
        "thumbnail_url": picture,
        "thumbnail_width": CARD[0],
        "thumbnail_height": CARD[1],
        "provider_name": "Misconduct Register",
        "provider_url": base,
    }


def _read_address(url: str, base: str) -> tuple[list[str], dict[str, list[str]]]:
    try:
        scheme, host, address, query, _ = urlsplit(url)
    except ValueError:
        scheme = host = address = query = ""
    if scheme not in ("http", "https") or host.lower() != urlsplit(base).netloc.lower():
        raise NotFound(f"Only addresses that begin with {base} can be embedded.")
    path = address.removeprefix("/v1").strip("/").rpartition(".")
    names = (path[0] if path[2] in PICTURES else "".join(path)).split("/")
    return names, {
        name: values
        for name, values in parse_qs(query).items()
        if name not in {"size", "theme", *TRACKING}
    }


async def _find_addressed(
    request: Request, path: list[str], given: dict[str, list[str]]
) -> Drawing:
    """Return the drawing of the page or picture at an address. Raises NotFound."""
    address = {
        "path": f"/v1/{'/'.join(path)}",
        "query_string": urlencode(given, doseq=True).encode(),
    }
    request = Request({**request.scope, **address})
    try:
        match path:
            case ["charts", identity]:
                query = read_query(OneChart, given)
                current = await find_current(request, query)
                return await find_registered(current, identity)
            case ["indicators", identity]:
                asked = read_query(DrawnTable, given)
                current = await find_current(request, asked)
                return await find_indicator_drawing(request, current, identity, asked)
            case ["figures", identity]:
                query = read_query(OneChart, given)
                current = await find_recalled(request, query)
                return compose_figure(await find_figure(identity, current))
            case _:
                raise NotFound("Only charts, indicators and figures can be embedded.")
    except RequestValidationError:
        raise NotFound("The address has a parameter that cannot be read.") from None
