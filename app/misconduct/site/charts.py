"""The gallery of charts, and the page of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import Field

from misconduct.api.charts import chart_document, list_listed
from misconduct.api.current import Current, TheCurrent, find_current
from misconduct.api.parameters import Number, from_query
from misconduct.api.pictures import DRAWING
from misconduct.api.records import RecordId
from misconduct.model.catalogue import Content
from misconduct.model.figure import Row
from misconduct.model.places import name_places
from misconduct.pictures.form import find_moment
from misconduct.queries.points import find_rows_of
from misconduct.site.newest import find_country, list_home
from misconduct.site.pages import PageQuery, describe, send
from misconduct.site.pictures import CARD, draw_registered

router = APIRouter(include_in_schema=False)

MAX_DESCRIBED = 5_000  # characters of a description that search engines read
MOST_RELATED = 2  # cards beside a chart: as many as are as high as its table
CARDS_OF_PAGE = 9
"""Charts of a page of the gallery: more cannot be leafed through on a phone."""

ELSEWHERE = "elsewhere"


class GalleryQuery(PageQuery):
    """The parameters of the gallery: the place that its charts are about."""

    area: str = Field("", description="A nation, or elsewhere.")
    offset: Annotated[Number, Field(ge=0)] = Field(0, description="Charts to skip.")


@router.get("/charts")
async def list_charts(
    request: Request, query: Annotated[GalleryQuery, from_query(GalleryQuery)]
) -> Response:
    """List the charts, those of the readers' country first."""
    current = await find_current(request, query)
    cards = await find_cards(current)
    nations = list_home(current.catalogue)
    by_place = defaultdict[str, list[dict[str, Any]]](list)
    for card in cards:
        place = card["country"] if card["country"] in nations else ELSEWHERE
        by_place[place].append(card)
    order = [one for one in (*nations, ELSEWHERE) if one in by_place]
    chosen = query.area if query.area in by_place else ""
    shown = [card for place in order for card in by_place[place]]
    some = by_place[chosen] if chosen else shown
    until = query.offset + CARDS_OF_PAGE
    return send(
        request,
        "charts.html",
        current,
        cards=await draw_cards(current, some[query.offset : until]),
        total=len(some),
        following=until if until < len(some) else None,
        places=order,
        chosen=chosen,
    )


async def find_cards(current: Current) -> list[dict[str, Any]]:
    """Return the listed charts in the order of what they count, each with its place and its newest time."""
    charts = list_listed(current.catalogue)
    ids = {identity for chart in charts for identity in chart["ids"]}
    table = await find_rows_of(current.tables, sorted(ids))
    cards = [_make_card(chart, table, current) for chart in charts]
    known = current.catalogue.of_kind("indicator")
    leads = {record.get("lead_chart") for record in known.values()}

    def rank(card: Mapping[str, Any]) -> tuple[int, bool]:
        positions = [known[one]["position"] for one in card["indicators"]]
        return min(positions, default=0), card["id"] not in leads

    return sorted(cards, key=rank)


async def draw_cards(
    current: Current, cards: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return cards with their figures."""
    return [
        {**card, "picture": await draw_registered(current, card["id"], CARD)}
        for card in cards
    ]


def _make_card(
    chart: Content, table: Mapping[str, Row], current: Current
) -> dict[str, Any]:
    rows = [table[identity] for identity in chart["ids"] if identity in table]
    areas = [row["area_code"] for row in rows]
    dated = [row for row in rows if row["period_end"]]
    countries = {find_country(area, current.catalogue) for area in areas}
    return {
        "id": chart["id"],
        "title": chart["title"],
        "where": name_places(areas, current.catalogue),
        "time": max(dated, key=find_moment)["time"] if dated else "no day given",
        "country": countries.pop() if len(countries) == 1 else "",
        "indicators": {row["indicator"] for row in rows},
        "areas": {*areas},
    }


@router.get("/charts/{id}")
async def show_chart(
    request: Request, identity: RecordId, current: TheCurrent
) -> Response:
    picture = await draw_registered(current, identity)
    drawing = picture.drawing
    chart = await to_thread.run_sync(
        chart_document, identity, current, drawing, limiter=DRAWING
    )
    query = {"id": ",".join(chart["ids"])}
    rows = drawing.all_rows
    said = {"name": chart["title"], "description": chart["alt"][:MAX_DESCRIBED]}
    known = current.catalogue.of_kind("indicator")
    indicators = dict.fromkeys(row["indicator"] for row in rows)
    return send(
        request,
        "chart.html",
        current,
        chart=chart,
        picture=picture,
        rows=rows,
        indicators=[known[one] for one in indicators if one in known],
        related=await _find_related(current, identity),
        described=describe(request, current, rows, query, **said),
    )


async def _find_related(current: Current, identity: str) -> list[dict[str, Any]]:
    """Return the charts nearest to one: of the same indicator, then of the same place."""
    cards = await find_cards(current)
    own = [card for card in cards if card["id"] == identity]
    if not own:
        return []

    def rank(card: Mapping[str, Any]) -> tuple[bool, bool]:
        return (
            own[0]["indicators"].isdisjoint(card["indicators"]),
            own[0]["areas"].isdisjoint(card["areas"]),
        )

    others = [card for card in cards if card["id"] != identity]
    return await draw_cards(current, sorted(others, key=rank)[:MOST_RELATED])
