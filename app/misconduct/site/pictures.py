"""Pictures on our own pages and in frames of others, and tables of figures, from the first year on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from misconduct.api.charts import find_registered
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import Drawn, DrawnTable, OneChart, from_query
from misconduct.api.pictures import DRAWING, find_indicator_drawing
from misconduct.api.records import RecordId
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.series import Series, find_years, month_of
from misconduct.model.wording import say_gap
from misconduct.pictures.canvas import COLOURS, Theme, write_styles
from misconduct.pictures.draw import draw_inline
from misconduct.pictures.drawing import Drawing
from misconduct.site.pages import FRAME_POLICY, To, send
from misconduct.site.phrases import find_marks

router = APIRouter(include_in_schema=False)

FILES = {"CSV": "csv", "Excel": "xlsx", "PNG": "png", "SVG": "svg"}
"""The files beside a picture: those of its rows, and then its own."""

MAX_ROWS = 60  # of a table below a picture

NOTES = {
    "revised": "* The publisher revised this number.",
    "break": "| From this year on it was counted in another way.",
    "part": "(part) The number is for a part of the year.",
    "provisional": "(provisional) The number may still change.",
}


class PagePicture(NamedTuple):
    """A picture inside a page: its words, its figures drawn for wide and narrow columns, and its files."""

    drawing: Drawing
    svg: Markup
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
    names = {"accent": "high", "pale": "tint", "border": "line"}
    names |= {name: name for name in ("paper", "ink", "muted", "rule")}
    found = [f"--{name}:{colours[colour]}" for name, colour in names.items()]
    return f":root{{color-scheme:{theme};{';'.join(found)}}}"


async def draw_picture(
    drawing: Drawing, current: Current, path: str, query: Mapping[str, Any]
) -> PagePicture:
    """Return the picture at a path of the API for a page."""
    asked = To(current).query(query)
    files = {name: f"{path}.{suffix}{asked}" for name, suffix in FILES.items()}
    svg = await to_thread.run_sync(_draw_both, drawing, limiter=DRAWING)
    return PagePicture(drawing, Markup(svg), files)  # noqa: S704


def _draw_both(drawing: Drawing) -> str:
    return draw_inline(drawing, "wide") + draw_inline(drawing, "narrow")


async def draw_registered(current: Current, identity: str) -> PagePicture:
    """Return the picture of a chart of the register. Raises NotFound."""
    drawing = await find_registered(current, identity)
    return await draw_picture(drawing, current, f"/v1/charts/{identity}", {})


async def draw_lead(
    current: Current, indicators: Iterable[Mapping[str, Any]]
) -> PagePicture | None:
    """Return the chart that shows the first of some indicators for which an editor has named one."""
    for indicator in indicators:
        if chart := indicator.get("lead_chart"):
            return await draw_registered(current, chart)
    return None


@router.get("/embed/charts/{id}")
async def frame_chart(
    request: Request,
    identity: RecordId,
    query: Annotated[OneChart, from_query(OneChart)],
) -> Response:
    """Send a chart of the register for a frame of another page."""
    current = await find_current(request, query)
    picture = await draw_registered(current, identity)
    return _send_frame(
        request, current, picture, query, To(current)("charts", identity)
    )


@router.get("/embed/indicators/{id}")
async def frame_indicator(
    request: Request,
    identity: RecordId,
    query: Annotated[DrawnTable, from_query(DrawnTable)],
) -> Response:
    """Send the picture of an indicator for a frame of another page."""
    current = await find_current(request, query)
    drawing = await find_indicator_drawing(request, current, identity, query)
    path = f"/v1/indicators/{identity}"
    picture = await draw_picture(drawing, current, path, {})
    asked = {"area": ",".join(query.area)} if query.area else {}
    page = To(current)("indicators", identity, **asked)
    return _send_frame(request, current, picture, query, page)


def _send_frame(
    request: Request,
    current: Current,
    picture: PagePicture,
    query: Drawn,
    page: str,
) -> Response:
    """Send a page that others may frame: the only ones of ours."""
    answer = send(
        request,
        "embed.html",
        current,
        picture=picture,
        size=query.size if "size" in query.model_fields_set else "",
        theme=query.theme,
        page=page,
    )
    answer.headers["Content-Security-Policy"] = FRAME_POLICY
    return answer


class YearTable(NamedTuple):
    """The years of a table, its rows by their headings, and what a reader must know of marks and empty cells."""

    years: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str]


def tabulate(rows: Sequence[Row], catalogue: Catalogue) -> list[YearTable]:
    """Return figures by year as tables, one for years that begin in the same month, with the headlines first."""
    by_series = defaultdict[str, list[Row]](list)
    for row in rows:
        if row["series"] and row["coverage"] != "point":
            by_series[row["series"]].append(row | {"is_found": True})
    sources, indicators = catalogue.of_kind("source"), catalogue.of_kind("indicator")
    found = [Series(some, sources) for some in by_series.values()]
    found.sort(
        key=lambda one: (
            indicators.get(one.key["indicator"], {}).get("position", 0),
            one.key["place"],
        )
    )
    by_month = defaultdict[int, list[Series]](list)
    for one in found:
        for month in {month_of(row) for row in one.years.values()}:
            by_month[month].append(one)
    return [_make_table(some, month, catalogue) for month, some in by_month.items()]


def _make_table(found: Sequence[Series], month: int, catalogue: Catalogue) -> YearTable:
    spans = [span for one in found for span in one.spans() if span.month == month]
    years = [year for year in reversed(find_years(spans)) if year.first.month == month]
    years = [
        year for year in years if any(one.find(year) for one in found[:MAX_ROWS])
    ]  # windows span years of none
    shown, several = found[:MAX_ROWS], len({one.key["area"] for one in found}) > 1
    rows = [
        {
            "heading": catalogue.label("area", one.key["area"]) if several else "",
            "name": name_counted(one.key | {"whole": None}, catalogue),
            "years": {year.label: row for year in years if (row := one.find(year))},
            "window": one.window,
        }
        for one in shown
    ]
    notes = [*_find_notes(rows, _find_reasons(shown, years, catalogue))]
    more = (
        [f"{len(found) - MAX_ROWS:,} more rows are in the files."]
        if len(found) > MAX_ROWS
        else []
    )
    return YearTable([year.label for year in years], rows, [*notes, *more])


def _find_reasons(
    found: Sequence[Series], years: Sequence[Year], catalogue: Catalogue
) -> list[str]:
    """Return why years have no number."""
    gaps = [gap for one in found for gap in one.gaps(years).values()]
    return [*dict.fromkeys(say_gap(gap, catalogue) for gap in gaps)]


def _find_notes(rows: Sequence[Row], reasons: Sequence[str]) -> Iterator[str]:
    figures = [
        figure
        for row in rows
        for figure in (*row["years"].values(), row["window"])
        if figure
    ]
    marks = {mark for figure in figures for mark in find_marks(figure)}
    yield from (text for mark, text in NOTES.items() if mark in marks)
    if any(figure["value"] == 0 for figure in figures):
        yield "0 is what the document has. It need not mean that nothing happened."
    if reasons:
        yield f"– No number: {'; '.join(reasons).removesuffix('.')}."
