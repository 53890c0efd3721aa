"""The charts of the register, and how WordPress, Ghost and others embed the picture at an address (oEmbed)."""

from collections.abc import Mapping
from html import escape
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from anyio import to_thread
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field, ValidationError

from misconduct.api.addresses import TRACKING
from misconduct.api.answers import (
    ChosenFormat,
    FigureFormat,
    answers,
    file_headers,
    send_document,
)
from misconduct.api.current import Current, TheCurrent, find_current
from misconduct.api.faults import find_checked
from misconduct.api.found import (
    DRAWING,
    Selection,
    fill_chart,
    find_chart,
    select,
    send_picture,
)
from misconduct.api.indicators import find_indicator_chart
from misconduct.api.parameters import (
    ChartQuery,
    FigureList,
    Number,
    OneChart,
    OneIndicator,
    from_query,
)
from misconduct.api.problems import PROBLEMS, FormatNotImplemented, NotFound, declare
from misconduct.api.records import find_record, find_records, send_list
from misconduct.api.tables import Answer, check_columns, send_rows
from misconduct.charts.draw import Picture, draw
from misconduct.charts.subject import Chart
from misconduct.charts.svg import LAID_OUT, WIDTHS, Size
from misconduct.formats import FORMATS, PICTURES
from misconduct.model.kinds import KINDS
from misconduct.model.shapes import RecordListAnswer, TableAnswer
from misconduct.queries.filters import Filters

router = APIRouter(tags=["charts"])


@router.get("/v1/charts", responses=answers(RecordListAnswer, "csv"))
async def list_charts(
    request: Request, suffix: ChosenFormat, current: TheCurrent
) -> Response:
    """List the charts of the register."""
    base = f"{current.view.base_url}/v1/charts"
    rows = [
        record | {"url": f"{base}/{record['id']}"}
        for record in find_records(current, "chart")
    ]
    fields = [name for name in KINDS["chart"].model.model_fields if name != "listed"]
    return send_list(
        request, current, suffix, rows, [*fields, "url", "listed"]
    )  # 2.1.0 had no `listed`


@router.get("/v1/charts/{id}", responses=answers(TableAnswer, *FORMATS, *PICTURES))
async def get_chart(
    request: Request,
    identity: Annotated[
        str, Path(alias="id", description="Id of a chart: allegations-by-year.")
    ],
    query: Annotated[ChartQuery, from_query(ChartQuery)],
    suffix: FigureFormat,
) -> Response:
    """Return a chart with its rows and the code that embeds its picture; or the picture as SVG or PNG."""
    current = await find_current(request, query)
    check_columns(query.columns)
    chart = await find_registered(current, identity)
    if suffix in PICTURES:
        return await send_picture(
            request, chart, query, suffix, file_headers(suffix, identity, current)
        )
    about = await to_thread.run_sync(
        chart_document, identity, current, chart, limiter=DRAWING
    )
    rows = [chart.table[row["id"]] for row in chart.rows]
    page, picture = f"/charts/{identity}", f"/v1/charts/{identity}.svg"
    answer = Answer(identity, about["title"], rows, {"chart": about})
    answer = answer._replace(page=page, picture=picture)
    return await send_rows(request, current, query, suffix, answer)


def chart_document(identity: str, current: Current, chart: Chart) -> dict[str, Any]:
    pictures = draw_all(chart)
    wide = pictures["wide"]
    return {
        **find_record(current, "chart", identity),
        "alt": wide.alt,
        "width": wide.width,
        "height": wide.height,
        "embed": embed_code(f"charts/{identity}", current, pictures),
    }


async def find_registered(current: Current, identity: str) -> Chart:
    """Return a chart of the register. Raises NotFound."""
    record = find_record(current, "chart", identity)
    filters = Filters(
        **{name: values for name, values in record["query"].items() if values}
    )
    chart = Chart(
        view=current.view,
        address=f"{current.view.base_url}/v1/charts/{identity}?release={current.release.number}",
        rows=(),
        is_newest=current.is_newest,
        title=record["title"],
        subtitle=record["subtitle"],
        note=record["note"],
        form=record["form"],
    )
    return await fill_chart(chart, Selection.of(filters, current), ids=filters.id)


def pinned(current: Current) -> dict[str, str]:
    return {"release": current.release.number} if current.is_pinned else {}


def draw_all(chart: Chart) -> dict[Size, Picture]:
    return {size: draw(chart, size) for size in reversed(WIDTHS)}


def embed_code(
    path: str, current: Current, pictures: Mapping[Size, Picture], **asked: str
) -> str:
    """Return HTML that links a page with the picture that fits its column; without style sheets, the narrow one.

    `path` is that of the page, and of the picture below /v1; `asked` are parameters that both take. The texts of a
    picture are still small enough if it is drawn half as wide again, as far as it grows then.
    """
    base, page = (
        current.view.base_url,
        urlencode({**asked, **pinned(current)}, safe=","),
    )
    name, images, rules = f"misconduct-{path.rpartition('/')[2]}", [], []
    for size, picture in pictures.items():
        query = urlencode(
            {**asked, "size": size, "theme": "light", **pinned(current)}, safe=","
        )
        most, hidden = (";max-width:480px", "") if size == "narrow" else ("", " hidden")
        images.append(
            f'<img class="{size}" src="{escape(f"{base}/v1/{path}.svg?{query}")}" loading="lazy" '
            f'width="{picture.width}" height="{picture.height}" alt="{escape(picture.alt)}" '
            f'style="width:100%{most};height:auto"{hidden}>'
        )
        if size != "narrow":
            narrower = "narrow" if size == "medium" else "medium"
            rules.append(
                f"@container(min-width:{LAID_OUT[picture.width]}px){{.{name} .{size}{{display:block!important}}"
                f".{name} .{narrower}{{display:none!important}}}}"
            )
    address = escape(f"{base}/{path}?{page}".removesuffix("?"))
    return (
        f'<div class="{name}" style="container-type:inline-size"><style>{"".join(rules)}</style>'
        f'<a href="{address}">{"".join(images)}</a></div>'
    )


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
        200: {"model": dict[str, Any]},
        **PROBLEMS,
        **declare(FormatNotImplemented),
    },
)
async def embed(
    request: Request, query: Annotated[Embedded, from_query(Embedded)]
) -> Response:
    """Return the picture at an address as oEmbed describes it, for WordPress, Ghost and others."""
    if query.format != "json":
        raise FormatNotImplemented(
            "We have oEmbed as JSON only. Use format=json, or leave it out."
        )
    base, (path, values) = (
        request.state.base_url,
        _read_address(query.url, request.state.base_url),
    )
    asked = {
        "path": f"/v1/{'/'.join(path)}",
        "query_string": urlencode(values, doseq=True).encode(),
    }
    chart = await _find_addressed(Request({**request.scope, **asked}), path, values)
    size, picture, scale = await to_thread.run_sync(
        _fit, chart, query.maxwidth, query.maxheight, limiter=DRAWING
    )
    found = {
        "version": "1.0",
        "type": "photo",
        "title": picture.title,
        "url": f"{base}/v1/{'/'.join(path)}.png?{urlencode({**values, 'size': size}, doseq=True)}",
        "width": max(1, round(picture.width * scale)),
        "height": max(1, round(picture.height * scale)),
        "provider_name": "Misconduct Register",
        "provider_url": base,
    }
    return send_document(found)


def _fit(
    chart: Chart, widest: int | None, highest: int | None
) -> tuple[Size, Picture, float]:
    """Return the widest size that fits, or the one that has to be scaled down least; its picture, and the scale."""
    drawn = [(size, draw(chart, size)) for size in WIDTHS]
    scaled = [
        (
            size,
            one,
            min(
                1,
                (widest or one.width) / one.width,
                (highest or one.height) / one.height,
            ),
        )
        for size, one in drawn
    ]
    return max(scaled, key=lambda one: one[2])


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
) -> Chart:
    single = {
        name: values if values[1:] else values[0] for name, values in given.items()
    }
    try:
        match path:
            case ["charts", identity]:
                current = await find_current(request, OneChart.model_validate(single))
                return await find_registered(current, identity)
            case ["indicators", identity]:
                one = OneIndicator.model_validate(single)
                return await find_indicator_chart(
                    request, await find_checked(request, one), identity, one
                )
            case ["figures", identity]:
                query = FigureList.model_validate({**single, "id": [identity]})
                selection = await select(request, query, None)
                return await find_chart(request, query, selection)
            case _:
                raise NotFound("Only charts, indicators and figures can be embedded.")
    except ValidationError:
        raise NotFound("The address has a parameter that cannot be read.") from None
