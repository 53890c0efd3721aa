"""Pictures: what the figures that a request finds are drawn from, and how a picture is sent."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from fastapi import Request, Response

from misconduct.api.answers import link
from misconduct.api.found import Selection
from misconduct.api.parameters import ByYear, Drawn, FigureList, Figures
from misconduct.api.problems import NotFound
from misconduct.charts.choose import Chart
from misconduct.charts.draw import draw
from misconduct.formats import PICTURES
from misconduct.model.figure import Row, needed_columns
from misconduct.model.series import USED_COLUMNS, Series, find_years
from misconduct.model.wording import published, publisher
from misconduct.queries.figures import Page, count, find_page
from misconduct.queries.filters import Filters
from misconduct.queries.series import choose_years, find_pages

LISTS = ("caveats", "datasets", "disagreements")
COLUMNS = needed_columns(
    (*USED_COLUMNS, "period", "period_printed", "hedge", "value_low", "value_high", "within", *LISTS)
)
MAX_FIGURES, MAX_FOUND, MAX_TOPICS = 2_000, 100, 3
"""Figures that are read for a picture, and of a search, whose best matches come first; topics that it names."""

ALL = Page()
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
REVISED = "{} been revised or withdrawn since release {}."


async def find_chart(request: Request, query: FigureList | ByYear, selection: Selection) -> Chart:
    """Return the chart of a list, or of a by-year table. Raises NotFound."""
    if isinstance(query, ByYear):
        return await find_by_year_chart(request, query, selection)
    chart, page = begin_chart(request, selection, query), Page(query.sort, query.limit, query.offset)
    return await fill_chart(chart, selection, query, page)


async def find_by_year_chart(request: Request, query: Figures, selection: Selection) -> Chart:
    """Return the chart of a by-year table. Raises NotFound."""
    chart, found = begin_chart(request, selection, query), selection.conditions
    conditions = replace(found, sql=found.sql | {"series": "series IS NOT NULL"}, of_years=True)
    return await fill_chart(chart, selection._replace(conditions=conditions), query)


def begin_chart(request: Request, selection: Selection, filters: Filters) -> Chart:
    """Return the chart of a request without its figures. Its topics are what the request asks for."""
    current, dataset, _ = selection
    catalogue, number = current.catalogue, current.release.number
    sources = [catalogue.of_kind("source")[one] for one in filters.source]
    topics = [
        *([selection.title] if dataset and selection.title else []),
        *(catalogue.of_kind("disagreement")[one]["title"] for one in filters.disagreement),
        *([f"Figures found for “{filters.q}”"] if filters.q else []),
        *(f"Figures from {publisher(source)}, {published(source)}" for source in sources),
        *(catalogue.label("measure", one) for one in filters.measure if not filters.measure[1:]),
        *(catalogue.label("category", one) for one in filters.category if not filters.category[1:]),
    ]
    return Chart(
        current.view,
        address=link(request, suffix="", without=["as_of", "form", "size", "theme"], release=number),
        rows=(),
        topics=topics[:MAX_TOPICS],
        day=current.release.day.isoformat(),
        form=getattr(filters, "form", None),
        is_newest=current.is_newest,
        is_ranked=getattr(filters, "sort", None) in ("value", "-value"),
    )


async def fill_chart(chart: Chart, selection: Selection, filters: Filters, page: Page = ALL) -> Chart:
    """Return a chart with the figures that a request finds. Raises NotFound."""
    current, _, conditions = selection
    database, most = current.database, min(page.limit or MAX_FIGURES, MAX_FOUND if filters.q else MAX_FIGURES)
    rows = await find_page(database, conditions, COLUMNS, page._replace(limit=most))
    if not rows:
        raise NotFound("No figure was found, so there is nothing to draw. Choose other filters.")
    total = await count(database, conditions) if len(rows) == most else len(rows)
    if named := [row for row in rows if row["area"] in filters.area]:  # not the forces inside a country that is named
        rows, total = named, len(named)
    least = 1 if chart.form in ("grid", "table") or conditions.of_years else 2
    series = await _find_series(selection, rows, least)
    have = "This figure has" if len(rows) == 1 else "Some of these figures have"
    return replace(
        chart,
        rows=sorted(rows, key=lambda row: filters.id.index(row["id"])) if filters.id else rows,
        series=series,
        years=choose_years(filters, find_years([span for each in series for span in each.spans()])),
        total=total,
        dataset=conditions.values.get("dataset"),
        revised=REVISED.format(have, current.release.number) if await selection.is_superseded() else None,
        is_ordered=bool(filters.id),
    )


async def _find_series(selection: Selection, rows: Iterable[Row], least: int) -> list[Series]:
    current, _, conditions = selection
    found = Counter(row["series"] for row in rows if row["series"] and (row["year"] or least == 1))
    ids = [series for series, figures in found.items() if figures >= least]
    pages = find_pages(current.database, conditions, ids, current.catalogue, COLUMNS) if ids else None
    return [series async for page in pages for series in page] if pages else []


async def send_picture(
    request: Request, chart: Chart, query: Drawn, suffix: str, headers: Mapping[str, str]
) -> Response:
    """Draw a chart and send it with the headers of a file."""
    is_png = suffix == "png"
    picture = draw(chart, query.size, "light" if is_png and query.theme == "auto" else query.theme)
    body = await request.state.png.draw(picture) if is_png else picture.svg.encode()
    return Response(body, headers={**headers, "Content-Security-Policy": POLICY}, media_type=PICTURES[suffix])
