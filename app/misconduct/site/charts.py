"""Pages of the charts of the register."""

from fastapi import APIRouter, Request, Response

from misconduct.api.charts import chart_document, find_registered
from misconduct.api.current import find_current
from misconduct.site.figures import Identity, find_lines
from misconduct.site.pages import ThePinned, send
from misconduct.site.pictures import draw_registered
from misconduct.site.records import find_documents

router = APIRouter(include_in_schema=False)


@router.get("/charts")
async def list_charts(request: Request, query: ThePinned) -> Response:
    """Show every chart."""
    current = await find_current(request, query)
    return send(request, "charts.html", current, records=find_documents(current, "chart"))


@router.get("/charts/{id}")
async def show_chart(request: Request, identity: Identity, query: ThePinned) -> Response:
    """Show a chart, the code that embeds it, its pictures, and its figures."""
    current = await find_current(request, query)
    drawn = await find_registered(current, identity)
    chart = chart_document(identity, current, drawn)
    found = await find_lines(current, [row["id"] for row in drawn.rows])
    picture = await draw_registered(current, identity)
    return send(request, "chart.html", current, chart=chart, picture=picture, lines=[*found.values()])
