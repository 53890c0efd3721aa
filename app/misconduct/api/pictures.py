"""Pictures: what the figures that a request finds are drawn from, and how a picture is sent."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from fastapi import Request, Response

from misconduct.api.answers import caching, link
from misconduct.api.current import Current, Releases
from misconduct.api.parameters import ByYear, Drawn, FigureList, Figures
from misconduct.api.problems import NotFound
from misconduct.charts.choose import Chart
from misconduct.charts.draw import draw
from misconduct.db.engine import Database
from misconduct.formats import PICTURES
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import needed_columns
from misconduct.model.figure import Row
from misconduct.model.series import USED_COLUMNS, Series, find_years
from misconduct.model.wording import date_words
from misconduct.queries.figures import count, find_page
from misconduct.queries.filters import Conditions, Filters
from misconduct.queries.series import choose_years, find_pages
from misconduct.queries.warnings import has_revised

COLUMNS = needed_columns(
    (*USED_COLUMNS, "period", "period_printed", "hedge", "value_low", "value_high", "mark", "within")
)
MAX_FIGURES = 2_000
"""Figures that are read for a picture."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
NOTICE = "{} been revised or withdrawn since release {}."


async def find_chart(
    request: Request,
    releases: Releases,
    current: Current,
    conditions: Conditions,
    filters: Filters,
    **said: Any,
) -> Chart:
    """Return the chart of the figures that a request finds, with what else is `said` of it. Raises NotFound."""
    query = filters if isinstance(filters, FigureList) else FigureList()
    limit = min(query.limit or MAX_FIGURES, MAX_FIGURES)
    rows = await find_page(releases.database, conditions, COLUMNS, query.sort, limit, query.offset)
    if not rows:
        raise NotFound("No figure was found, so there is nothing to draw. Choose other filters.")
    total = await count(releases.database, conditions) if len(rows) == MAX_FIGURES else len(rows)
    rows = [row for row in rows if row["area"] in filters.area] or rows  # not the forces inside a country that is named
    series = await _find_series(
        releases.database, current.catalogue, conditions, rows, 1 if said.get("form") == "grid" else 2
    )
    number, numbers = current.release.number, [one.number for one in releases.known]
    is_revised = not current.is_newest and await has_revised(releases.database, conditions, numbers)
    revised = NOTICE.format("This figure has" if len(rows) == 1 else "Some of these figures have", number)
    chart = Chart(
        view=current.view,
        address=link(request, suffix="", without=["as_of", "form", "size", "theme"], release=number),
        rows=sorted(rows, key=lambda row: filters.id.index(row["id"])) if filters.id else rows,
        series=series,
        years=choose_years(filters, find_years([span for one in series for span in one.spans()])),
        total=total,
        notice=revised if is_revised else None,
        is_ordered=bool(filters.id),
    )
    return replace(chart, **said)


async def find_list_chart(
    request: Request,
    releases: Releases,
    current: Current,
    conditions: Conditions,
    query: Figures,
    dataset: str | None,
) -> Chart:
    """Return the chart of a list, or of a by-year table, which has only figures of series. Raises NotFound."""
    if isinstance(query, ByYear):
        conditions = replace(conditions, sql=conditions.sql | {"series": "series IS NOT NULL"}, of_years=True)
    said = name_request(query, dataset, current.catalogue)
    return await find_chart(request, releases, current, conditions, query, **said, form=query.form)


async def _find_series(
    database: Database, catalogue: Catalogue, conditions: Conditions, rows: Collection[Row], least: int
) -> list[Series]:
    """Return the series of which the rows have figures of several years, or `least`."""
    found: dict[str, int] = {}
    for row in rows:
        if row["series"] and (row["year"] or least == 1):
            found[row["series"]] = found.get(row["series"], 0) + 1
    ids = [one for one, figures in found.items() if figures >= least]
    pages = find_pages(database, conditions, ids, catalogue, COLUMNS) if ids else None
    return [one async for page in pages for one in page] if pages else []


def name_request(filters: Filters, dataset: str | None, catalogue: Catalogue) -> dict[str, str]:
    """Return what a request is for: the `subject` of its chart, or its `topic`, in so far as it says either."""
    if dataset:
        return {"topic": str(catalogue.of_kind("dataset")[dataset]["title"])}
    if len(filters.disagreement) == 1:
        return {"subject": str(catalogue.of_kind("disagreement")[filters.disagreement[0]]["title"])}
    if filters.q:
        return {"subject": f"Figures found for “{filters.q}”"}
    if len(filters.source) == 1:
        source = catalogue.of_kind("source")[filters.source[0]]
        date = date_words(source.get("published") or "") or "undated"
        return {"subject": f"Figures printed by {source.get('publisher') or source.get('title')}, {date}"}
    codes = {name: getattr(filters, name) for name in ("measure", "category")}
    labels = [catalogue.label(name, found[0]) for name, found in codes.items() if len(found) == 1]
    return {"topic": labels[0]} if labels else {}


async def send_picture(
    request: Request, current: Current, chart: Chart, query: Drawn, form: str, name: str
) -> Response:
    """Draw a chart and send it, to be saved as `<name>-<release>.<form>`."""
    is_png = form == "png"
    picture = draw(chart, query.size, "light" if is_png and query.theme == "auto" else query.theme)
    body = await request.state.png.draw(picture) if is_png else picture.svg.encode()
    filename = f'inline; filename="{name}-{current.release.number}.{form}"'
    headers = caching(current.is_pinned) | {"Content-Disposition": filename, "Content-Security-Policy": POLICY}
    return Response(body, headers=headers, media_type=PICTURES[form])
