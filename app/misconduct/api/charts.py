"""The charts of the register, each as JSON, SVG and PNG, with the code that embeds it."""

from collections.abc import Mapping
from html import escape
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from misconduct.api.answers import about_release, file_headers, link, send_json
from misconduct.api.current import Current, find_current
from misconduct.api.found import Selection
from misconduct.api.negotiation import PICTURE_TYPES, TABLE_TYPES, ChosenFormat, DrawnFormat, answers
from misconduct.api.parameters import Drawn, Pinned
from misconduct.api.pictures import fill_chart, send_picture
from misconduct.api.records import find_record, record_document, send_list
from misconduct.charts.choose import Chart
from misconduct.charts.draw import Picture, draw
from misconduct.charts.svg import LAID_OUT, Size
from misconduct.formats import PICTURES
from misconduct.model.documents import document
from misconduct.model.figure import DEFAULT_COLUMNS
from misconduct.model.kinds import KINDS
from misconduct.model.shapes import Links, RecordAnswer, RecordListAnswer
from misconduct.queries.filters import Filters

router = APIRouter(tags=["charts"])

FORMER_FORMS = {"dots": "bars", "steps": "divided"}
"""Forms of charts in releases before 3.0.0, and what is drawn instead."""


class OneChart(Pinned, Drawn):
    """The parameters of a chart of the register."""


@router.get("/v1/charts", responses=answers(RecordListAnswer, *TABLE_TYPES))
async def list_charts(request: Request, query: Annotated[Pinned, Query()], suffix: ChosenFormat) -> Response:
    """List the charts of the register."""
    current = await find_current(request, query)
    rows = [
        record_document("chart", content) | {"url": f"{request.state.base_url}/v1/charts/{identity}"}
        for identity, content in current.catalogue.of_kind("chart").items()
    ]
    return send_list(request, current, suffix, rows, [*KINDS["chart"].model.model_fields, "url"])


@router.get("/v1/charts/{id}", responses=answers(RecordAnswer, *PICTURE_TYPES))
async def get_chart(
    request: Request,
    identity: Annotated[str, Path(alias="id", description="Id of a chart: allegations-by-year.")],
    query: Annotated[OneChart, Query()],
    suffix: DrawnFormat,
) -> Response:
    """Return a chart: its figures, and the code that embeds its picture; or the picture as SVG or PNG."""
    current = await find_current(request, query)
    chart = await find_registered(current, identity)
    if suffix in PICTURES:
        return await send_picture(request, chart, query, suffix, file_headers(suffix, identity, current))
    data = chart_document(identity, current, chart)
    own = link(request, suffix="", without=["form", "size", "theme"])
    filters = {name: ",".join(values) for name, values in data["query"].items() if values} | pinned(current)
    links: Links = {
        **{name: link(request, suffix=f".{name}") for name in PICTURES},
        "card": link(request, suffix=".png", without=["theme"], size="card"),
        "oembed": f"{request.state.base_url}/oembed?{urlencode({'url': own}, safe=':/')}",
        "figures": f"{request.state.base_url}/v1/observations?{urlencode(filters)}",
    }
    return send_json(request, current, data, about_release(current), (), **links)


def chart_document(identity: str, current: Current, chart: Chart) -> dict[str, Any]:
    """Return a chart of the register: its words, its figures, and the code that embeds it."""
    sizes: tuple[Size, ...] = ("narrow", "medium", "wide")
    pictures = {size: draw(chart, size) for size in sizes}
    wide = pictures["wide"]
    return {
        **record_document("chart", find_record(current, "chart", identity)),
        "alt": wide.alt,
        "width": wide.width,
        "height": wide.height,
        "embed": embed_code(identity, current, pictures),
        "figures": [document(row, DEFAULT_COLUMNS, chart.view) for row in chart.rows],
    }


async def find_registered(current: Current, identity: str) -> Chart:
    """Return a chart of the register. Raises NotFound."""
    record = find_record(current, "chart", identity)
    filters = Filters(**{name: values for name, values in record["query"].items() if values})
    form: Any = record.get("form") or ""
    chart = Chart(
        view=current.view,
        address=f"{current.view.base_url}/v1/charts/{identity}?release={current.release.number}",
        rows=(),
        day=current.release.day.isoformat(),
        is_newest=current.is_newest,
        title=record["title"],
        subtitle=record.get("subtitle"),
        note=record.get("note"),
        form=FORMER_FORMS.get(form, form) or None,
    )
    return await fill_chart(chart, Selection.of(filters, current), filters)


def pinned(current: Current) -> dict[str, str]:
    """Return the parameter that pins a link to the release of a pinned answer."""
    return {"release": current.release.number} if current.is_pinned else {}


def embed_code(identity: str, current: Current, pictures: Mapping[Size, Picture]) -> str:
    """Return HTML that shows a chart on any page, as a link with the picture that fits the column it stands in.

    A page that removes or forbids style sheets shows the narrow picture. A pinned answer has a pinned picture.
    """
    base, page = current.view.base_url, urlencode(pinned(current))
    name, images, rules = f"misconduct-{identity}", [], []
    for size, picture in pictures.items():
        query = urlencode({"size": size, "theme": "light", **pinned(current)})
        hidden = "" if size == "narrow" else " hidden"
        images.append(
            f'<img class="{size}" src="{escape(f"{base}/v1/charts/{identity}.svg?{query}")}" loading="lazy" '
            f'width="{picture.width}" height="{picture.height}" alt="{escape(picture.alt)}" '
            f'style="width:100%;height:auto"{hidden}>'
        )
        if size != "narrow":
            narrower = "narrow" if size == "medium" else "medium"
            rules.append(
                f"@container(min-width:{LAID_OUT[picture.width]}px){{.{name} .{size}{{display:block!important}}"
                f".{name} .{narrower}{{display:none!important}}}}"
            )
    address = escape(f"{base}/charts/{identity}?{page}".removesuffix("?"))
    return (
        f'<div class="{name}" style="container-type:inline-size"><style>{"".join(rules)}</style>'
        f'<a href="{address}">{"".join(images)}</a></div>'
    )
