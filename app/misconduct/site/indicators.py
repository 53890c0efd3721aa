"""Pages of indicators: what is counted, by subject, and each with the newest number of every place."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import Field

from misconduct.api.charts import draw_all, embed_code
from misconduct.api.current import Current, TheCurrent
from misconduct.api.faults import find_checked
from misconduct.api.found import DRAWING, Selection, find_chart
from misconduct.api.indicators import find_indicators, indicator_document
from misconduct.api.parameters import FigureList, from_query
from misconduct.api.records import RecordId, find_record
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.names import name_counted
from misconduct.model.places import list_forces, list_nations, sort_by_country
from misconduct.model.side_by_side import is_nation, says_less
from misconduct.queries.figures import find_first_of_places
from misconduct.queries.filters import Filters, Several
from misconduct.site.pages import PageQuery, To, describe, send
from misconduct.site.phrases import Line, alleges_nothing, lines
from misconduct.site.pictures import draw_list

router = APIRouter(include_in_schema=False)

MOST_DRAWN = 12
"""Places that the picture of an indicator has at most."""

MOST_NAMED = 3
"""Places whose number stands beside the name of an indicator: as many as fit into two lines."""


class IndicatorQuery(PageQuery):
    """The parameters of an indicator: the places that its picture has."""

    area: Several = Field([], description="Places of the picture.")


Headlines = Sequence[tuple[Content, Sequence[Line]]]
"""Indicators that people ask for first, each with its first figure of some places."""


async def find_headlines(
    current: Current, places: Sequence[str]
) -> tuple[Headlines, Headlines]:
    """Return the headlines of places: those that allege something, and events such as deaths."""
    known = current.catalogue.of_kind("indicator")
    headlines = await _find_named(
        [one for one in known if known[one].get("headline")], places, current
    )
    events = {
        one["id"]
        for one in current.catalogue.of_kind("dataset").values()
        if alleges_nothing(one)
    }
    alleging = [one for one in headlines if one[0]["topic"] not in events]
    return alleging, [one for one in headlines if one[0]["topic"] in events]


async def find_topic(current: Current, dataset: str) -> Headlines:
    """Return what a dataset counts: each of its indicators, with its first figure of the first places that have one."""
    known = current.catalogue.of_kind("indicator")
    return await _find_named(
        [one for one in known if known[one]["topic"] == dataset], None, current
    )


async def _find_named(
    indicators: Collection[str], places: Sequence[str] | None, current: Current
) -> list[tuple[Content, Sequence[Line]]]:
    """Return indicators, each with its first figure of some places or of all.

    It is of the first place that has a number. Others, only nations beside a nation, are named if theirs counts the
    same. Indicators stand in the order of the catalogue; those whose number is old, no count or of one kind come last.
    """
    catalogue = current.catalogue
    found = await _find_first(
        current, {"indicator": indicators} | ({"area": places} if places else {})
    )
    order = {
        one: number for number, one in enumerate(places or _sort_places(catalogue))
    }

    def find_limits(row: Row) -> tuple[bool, int]:
        return says_less(row, catalogue, current.release.day), order[row["area"]]

    def choose(rows: Iterable[Row]) -> list[Row]:
        first, *others = sorted(rows, key=find_limits)
        name, is_limited = name_counted(first, catalogue), find_limits(first)[0]
        alike = [
            one
            for one in others
            if (name_counted(one, catalogue), find_limits(one)[0]) == (name, is_limited)
        ]
        if is_nation(first["area"], catalogue):
            alike = [one for one in alike if is_nation(one["area"], catalogue)]
        return [first, *alike][:MOST_NAMED]

    chosen = {one: choose(rows) for one, rows in found.items()}
    records = sorted(
        (catalogue.codelists["indicator"][one] for one in chosen),
        key=lambda one: one["position"],
    )
    records.sort(key=lambda one: find_limits(chosen[one["id"]][0])[0])
    return [(one, lines(chosen[one["id"]], current.view)) for one in records]


async def _find_first(
    current: Current, values: Mapping[str, Collection[str]]
) -> Mapping[str, list[Row]]:
    """Return the first figure of each place, by indicator; without parts of an indicator or of a place."""
    conditions = Selection.of(
        Filters.model_validate(values), current
    ).conditions.exactly(*values)
    found = defaultdict[str, list[Row]](list)
    for row in await find_first_of_places(
        current.tables, conditions, TABLE_COLUMNS, current.catalogue
    ):
        found[row["indicator"]].append(row)
    return found


def _sort_places(catalogue: Catalogue) -> Sequence[str]:
    """Return all places: the nations in their order, then the others in that of the code list."""
    return [*dict.fromkeys([*list_nations(catalogue), *catalogue.codelists["area"]])]


@router.get("/indicators")
async def list_indicators(request: Request, current: TheCurrent) -> Response:
    records = find_indicators(current)
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
    record = indicator_document(find_record(current, "indicator", identity), current)
    rows = (await _find_first(current, {"indicator": [identity]}))[identity]
    found = {line.row["area"]: line for line in lines(rows, current.view)}
    is_held = not catalogue.find_all("area", query.area).isdisjoint(found)
    drawn = query.area if is_held else _choose_drawn(found, catalogue)
    picture, embed = None, ""
    if drawn:
        asked = {"area": ",".join(drawn)}
        figures = FigureList(indicator=[identity], area=drawn)
        chart = await find_chart(request, figures, Selection.of(figures, current))
        chart = replace(
            chart,
            address=f"{current.view.base_url}/v1/indicators/{identity}{To(current).query(asked)}",
        )
        filters = {"indicator": identity, **asked}
        picture = await to_thread.run_sync(
            draw_list, chart, current, "/v1/observations", filters, limiter=DRAWING
        )
        embed = embed_code(
            f"indicators/{identity}",
            current,
            await to_thread.run_sync(draw_all, chart, limiter=DRAWING),
            **asked,
        )
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
        picture=picture,
        embed=embed,
        not_held=[] if is_held else query.area,
        countries={
            name: [found[one] for one in _put_nations_first(places, catalogue)]
            for name, places in sorted(
                countries.items(), key=lambda one: _find_order(one[1], catalogue)
            )
        },
        unread=[one for one in list_forces(catalogue) if one not in found],
        described=await describe(
            request, everything, {"indicator": identity}, name=record["label"], **said
        ),
    )


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
