"""Pages of topics: what of it is counted, with the newest numbers, and its charts."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from misconduct.api.current import find_current
from misconduct.api.parameters import TableQuery, from_query
from misconduct.api.tables import read_table
from misconduct.api.topics import find_topic
from misconduct.model.points import TOPICS
from misconduct.site.charts import draw_cards, find_cards
from misconduct.site.indicators import sort_home
from misconduct.site.newest import alleges_nothing, sort_newest
from misconduct.site.pages import PageQuery, describe, send

router = APIRouter(include_in_schema=False)

MOST_CARDS = 6  # charts of a topic


def _add_topic(topic: str) -> None:
    """Add the page of a topic."""

    @router.get(f"/{topic}")
    async def show_topic(
        request: Request, query: Annotated[PageQuery, from_query(PageQuery)]
    ) -> Response:
        current = await find_current(request, query)
        catalogue = current.catalogue
        wanted = read_table(TableQuery(latest="1"), catalogue, topics=[topic])
        answer = await find_topic(current, topic, wanted)
        rows = sort_home(answer.rows, catalogue)
        newest = sort_newest(rows, current)
        known = catalogue.of_kind("indicator")
        cards = [
            card
            for card in await find_cards(current)
            if any(known[one]["topic"] == topic for one in card["indicators"])
        ]
        content = catalogue.of_kind("dataset")[topic]
        said = {"name": answer.title, "description": content["description"]}
        return send(
            request,
            "topic.html",
            current,
            topic=content,
            rows=[*newest.rows, *newest.events, *newest.sizes],
            alleges_nothing=alleges_nothing(content),
            cards=await draw_cards(current, cards[:MOST_CARDS]),
            described=describe(request, current, answer.rows, {"topic": topic}, **said),
        )


for _topic in TOPICS:
    _add_topic(_topic)
