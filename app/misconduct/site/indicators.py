"""Pages of indicators: what is counted, by subject, and each with the newest number of every place."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import Field

from misconduct.api.charts import embed_code
from misconduct.api.current import Current, TheCurrent
from misconduct.api.faults import find_checked
from misconduct.api.found import Selection
from misconduct.api.parameters import TableQuery, from_query
from misconduct.api.pictures import DRAWING, find_drawing, find_pictured
from misconduct.api.records import RecordId, find_record
from misconduct.model import lists
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import Row
from misconduct.model.places import list_forces, list_nations, sort_by_country
from misconduct.model.points import is_part
from misconduct.model.side_by_side import is_nation, is_recent
from misconduct.queries.filters import Filters, Several
from misconduct.queries.points import Wanted, find_newest
from misconduct.site.pages import PageQuery, describe, send
from misconduct.site.phrases import alleges_nothing
from misconduct.site.pictures import draw_picture, draw_registered

router = APIRouter(include_in_schema=False)

MOST_DRAWN = 12
"""Places that the picture of an indicator has at most."""

MOST_NAMED = 3
"""Places whose number stands beside the name of an indicator: as many as fit into two lines."""


class IndicatorQuery(PageQuery):
    """The parameters of an indicator: the places that its picture has."""

    area: Several = Field([], description="Places of the picture.")


Group = Sequence[Row]
"""The newest row of an indicator of one place, and those of others that count the same."""


async def find_headlines(
    current: Current, areas: Sequence[str]
) -> tuple[list[Group], list[Group]]:
    """Return the newest rows of areas, what people ask for first in front: what alleges something, and events."""
    if not areas:  # a register of no nation; without areas, all rows are wanted
        return [], []
    catalogue = current.catalogue
    rows = await find_newest(current.tables, Wanted(areas=areas))
    groups = _group(rows, areas, current)
    groups.sort(key=lambda group: not is_headline(group, catalogue))
    events = {
        indicator["id"]
        for indicator in catalogue.of_kind("indicator").values()
        if alleges_nothing(catalogue.of_kind("dataset")[indicator["topic"]])
    }
    alleging = [group for group in groups if group[0]["indicator"] not in events]
    return alleging, [group for group in groups if group[0]["indicator"] in events]


def is_headline(group: Group, catalogue: Catalogue) -> bool:
    """Tell whether people ask for an indicator first."""
    indicator = catalogue.of_kind("indicator")[group[0]["indicator"]]
    return bool(indicator.get("headline"))


def find_indicators_of(current: Current, topic: str) -> list[Content]:
    """Return the indicators of a topic in their order."""
    records = current.catalogue.of_kind("indicator").values()
    some = [record for record in records if record["topic"] == topic]
    return sorted(some, key=lambda record: record["position"])


async def find_topic(current: Current, dataset: str) -> list[Group]:
    """Return the newest rows of what a dataset counts, of the first places that have one."""
    indicators = [record["id"] for record in find_indicators_of(current, dataset)]
    if not indicators:
        return []
    rows = await find_newest(current.tables, Wanted(indicators=indicators))
    return _group(rows, _sort_places(current.catalogue), current)


def _group(rows: Iterable[Row], areas: Sequence[str], current: Current) -> list[Group]:
    """Group rows by their indicator. Those of which only a part or an old number is held come last.

    The first of a group is that of the first area with a new number of all, if any has one. Others, only nations beside
    a nation, are in its group if theirs counts the same.
    """
    known, day = current.catalogue.of_kind("indicator"), current.release.day
    order = {area: place for place, area in enumerate(areas)}
    found = defaultdict[str, list[Row]](list)
    for row in sorted(rows, key=lambda row: order[row["area_code"]]):
        found[row["indicator"]].append(row)

    def says_less(row: Row) -> bool:
        last = row["period_end"]
        return is_part(row) or (last is not None and not is_recent(last, day))

    groups = list[Group]()
    for indicator in sorted(found, key=lambda one: known[one]["position"]):
        first, *others = sorted(found[indicator], key=says_less)
        alike = [
            row
            for row in others
            if (row["name"], says_less(row)) == (first["name"], says_less(first))
        ]
        if is_nation(first["area_code"], current.catalogue):
            alike = [
                row for row in alike if is_nation(row["area_code"], current.catalogue)
            ]
        groups.append([first, *alike][:MOST_NAMED])
    return sorted(groups, key=lambda group: says_less(group[0]))


def _sort_places(catalogue: Catalogue) -> Sequence[str]:
    """Return all places: the nations in their order, then the others in that of the code list."""
    return [*dict.fromkeys([*list_nations(catalogue), *catalogue.codelists["area"]])]


@router.get("/indicators")
async def list_indicators(request: Request, current: TheCurrent) -> Response:
    records = lists.list_indicators(current.catalogue, current.view.base_url)
    topics = [
        (dataset, [one for one in records if one["topic"] == dataset["id"]])
        for dataset in sorted(
            current.catalogue.of_kind("dataset").values(), key=alleges_nothing
        )
    ]
    return send(
        request,
        "indicators.html",
        current,
        topics=[one for one in topics if one[1]],
        alleges_nothing=alleges_nothing,
    )


@router.get("/indicators/{id}")
async def show_indicator(
    request: Request,
    identity: RecordId,
    query: Annotated[IndicatorQuery, from_query(IndicatorQuery)],
) -> Response:
    current = await find_checked(request, query)
    catalogue = current.catalogue
    known = find_record(current, "indicator", identity)
    record = lists.indicator_document(known, current.catalogue, current.view.base_url)
    rows = await find_newest(current.tables, Wanted(indicators=[identity]))
    found = {row["area_code"]: row for row in rows}
    is_held = not catalogue.find_all("area", query.area).isdisjoint(found)
    drawn = query.area if is_held else _choose_drawn(found, catalogue)
    pictured = await _draw_of_page(current, record, drawn, is_asked=bool(query.area))
    countries = sort_by_country(found, catalogue)
    everything, said = (
        Selection.of(Filters(indicator=[identity]), current),
        {"description": record["definition"]},
    )
    return send(
        request,
        "indicator.html",
        current,
        indicator=record,
        **pictured,
        not_held=[] if is_held else query.area,
        countries={
            name: [[found[one]] for one in _put_nations_first(places, catalogue)]
            for name, places in sorted(
                countries.items(), key=lambda one: _find_order(one[1], catalogue)
            )
        },
        unread=[one for one in list_forces(catalogue) if one not in found],
        described=await describe(
            request, everything, {"indicator": identity}, name=record["label"], **said
        ),
    )


async def _draw_of_page(
    current: Current, record: Content, areas: Sequence[str], *, is_asked: bool
) -> dict[str, Any]:
    """Return the picture of a page, its embed code and its card: the lead chart, or some places.

    A reader who asks for places gets these.
    """
    lead = "" if is_asked else record.get("lead_chart")
    if not lead and not areas:
        return {"picture": None}
    path, asked = f"indicators/{record['id']}", {"area": ",".join(areas)}
    if lead:
        path, asked = f"charts/{lead}", {}
        picture = await draw_registered(current, lead)
    else:
        base, number = current.view.base_url, current.release.number
        address = f"{base}/v1/{path}?area={asked['area']}&release={number}"
        table = TableQuery(area=[*areas])
        pictured = await find_pictured(current, record["id"], table, address)
        drawing = await find_drawing(current, pictured)
        picture = await draw_picture(drawing, current, f"/v1/{path}", asked)
    embed = await to_thread.run_sync(
        partial(embed_code, path, current, picture.drawing, **asked), limiter=DRAWING
    )
    return {"picture": picture, "embed": embed, "card": f"/v1/{path}"}


def _choose_drawn(places: Collection[str], catalogue: Catalogue) -> list[str]:
    """Return the places that a picture begins with: nations, or if no nation is held, the first places."""
    nations = [one for one in list_nations(catalogue) if one in places]
    return (nations or [one for one in _sort_places(catalogue) if one in places])[
        :MOST_DRAWN
    ]


def _put_nations_first(
    places: Mapping[str, Sequence[str]], catalogue: Catalogue
) -> list[str]:
    """Return the places of a country in their order, its nations before its forces."""
    every = [one for code, inside in places.items() for one in (code, *inside)]
    return sorted(every, key=lambda one: not is_nation(one, catalogue))


def _find_order(places: Mapping[str, Sequence[str]], catalogue: Catalogue) -> int:
    nations = list_nations(catalogue)
    known = [*places, *(one for inside in places.values() for one in inside)]
    return min(
        (nations.index(one) for one in known if one in nations), default=len(nations)
    )
