"""Pages of the charts of the register."""

from fastapi import APIRouter, Request, Response

from misconduct.api.charts import chart_document, find_registered
from misconduct.api.current import TheReleases, find_current
from misconduct.site.figures import Identity, find_lines
from misconduct.site.pages import ThePinned, send
from misconduct.site.pictures import draw_registered
from misconduct.site.records import find_documents

router = APIRouter(include_in_schema=False)


@router.get("/charts")
async def list_charts(request: Request, query: ThePinned, releases: TheReleases) -> Response:
    """Show every chart."""
    current = await find_current(releases, query)
    return send(request, "charts.html", current, records=find_documents(current, "chart"))


@router.get("/charts/{id}")
async def show_chart(request: Request, identity: Identity, query: ThePinned, releases: TheReleases) -> Response:
    """Show a chart, the code that embeds it, its pictures, and its figures."""
    current = await find_current(releases, query)
    drawn = await find_registered(request, releases, current, identity)
    chart = chart_document(request, identity, current, drawn)
    found = await find_lines(current, releases.database, [row["id"] for row in drawn.rows])
    picture = await draw_registered(request, releases, current, identity)
    return send(request, "chart.html", current, chart=chart, picture=picture, lines=[*found.values()])
