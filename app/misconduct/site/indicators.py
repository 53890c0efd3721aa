"""Pages of indicators: what is counted, by subject, and each with the newest number of every place."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from fastapi import APIRouter, Request, Response

from misconduct.api.current import Current, TheCurrent
from misconduct.api.found import Selection, find_chart
from misconduct.api.indicators import find_indicators, indicator_document
from misconduct.api.parameters import FigureList
from misconduct.api.records import RecordId, find_record
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import TABLE_COLUMNS
from misconduct.model.order import says_less
from misconduct.model.places import sort_by_country
from misconduct.queries.figures import find_first_of_places
from misconduct.queries.filters import Filters
from misconduct.site.pages import send
from misconduct.site.phrases import Line, alleges_nothing, lines
from misconduct.site.pictures import draw_chart

router = APIRouter(include_in_schema=False)

MOST_DRAWN = 12
"""Places that the picture of an indicator has at most."""

FORCES = ("E23", "W15")
"""How the standard codes of the police forces of England and Wales begin."""

Headlines = Sequence[tuple[Content, Sequence[Line]]]
"""Indicators that people ask for first, each with its first figure of some places."""


def list_nations(catalogue: Catalogue) -> list[str]:
    """Return the countries, and the nations of the United Kingdom, in their order."""
    areas = catalogue.codelists["area"]
    return sorted((one for one in areas if areas[one].get("position")), key=lambda one: areas[one]["position"])


async def find_headlines(current: Current, places: Sequence[str]) -> tuple[Headlines, Headlines]:
    """Return the headlines of places: those that allege something, and events such as deaths.

    They stand in the order of the catalogue; those whose first number is old, no count, or of one kind, come last.
    """
    indicators = {
        one: record for one, record in current.catalogue.of_kind("indicator").items() if record.get("headline")
    }
    found = await _find_first(current, {"indicator": [*indicators], "area": [*places]})
    events = {one["id"] for one in current.catalogue.of_kind("dataset").values() if alleges_nothing(one)}
    both: tuple[list[tuple[Content, Sequence[Line]]], list[tuple[Content, Sequence[Line]]]] = ([], [])

    def find_limits(line: Line) -> tuple[bool, int]:
        return says_less(line.row, current.catalogue, current.release.day), places.index(line.row["area"])

    of_places = {one: sorted(of_one, key=find_limits) for one, of_one in found.items()}
    for one in sorted(found, key=lambda one: (find_limits(of_places[one][0])[0], indicators[one]["position"])):
        both[indicators[one]["topic"] in events].append((current.catalogue.codelists["indicator"][one], of_places[one]))
    return both


async def _find_first(current: Current, values: Mapping[str, Sequence[str]]) -> Mapping[str, list[Line]]:
    """Return the first figure of each place, by indicator; without parts of an indicator or of a place."""
    conditions = Selection.of(Filters.model_validate(values), current).conditions
    conditions.values |= values
    rows = await find_first_of_places(current.database, conditions, TABLE_COLUMNS, current.release.day)
    found = defaultdict[str, list[Line]](list)
    for line in lines(rows, current.view):
        found[line.row["indicator"]].append(line)
    return found


@router.get("/indicators")
async def list_indicators(request: Request, current: TheCurrent) -> Response:
    records = find_indicators(current)
    topics = [
        (dataset, [one for one in records if one["topic"] == dataset["id"]])
        for dataset in sorted(current.catalogue.of_kind("dataset").values(), key=alleges_nothing)
    ]
    return send(
        request, "indicators.html", current, topics=[one for one in topics if one[1]], alleges_nothing=alleges_nothing
    )


@router.get("/indicators/{id}")
async def show_indicator(request: Request, identity: RecordId, current: TheCurrent) -> Response:
    catalogue = current.catalogue
    record = indicator_document(find_record(current, "indicator", identity), current)
    found = {line.row["area"]: line for line in (await _find_first(current, {"indicator": [identity]}))[identity]}
    drawn = _choose_drawn(found, catalogue)
    picture = None
    if drawn:
        query = FigureList(indicator=[identity], area=drawn)
        chart = await find_chart(request, query, Selection.of(query, current))
        picture = await draw_chart(chart, current, "/v1/observations", {"indicator": identity, "area": ",".join(drawn)})
    countries = sort_by_country(found, catalogue)
    return send(
        request,
        "indicator.html",
        current,
        indicator=record,
        picture=picture,
        countries={
            name: [found[one] for code, inside in places.items() for one in (code, *inside)]
            for name, places in sorted(countries.items(), key=lambda one: _find_order(one[1], catalogue))
        },
        unread=[one for one in catalogue.codelists["area"] if one.startswith(FORCES) and one not in found],
    )


def _choose_drawn(places: Collection[str], catalogue: Catalogue) -> list[str]:
    """Return the places that a picture begins with: nations, or if no nation is held, the first places."""
    nations = [one for one in list_nations(catalogue) if one in places]
    return (nations or [one for one in catalogue.codelists["area"] if one in places])[:MOST_DRAWN]


def _find_order(places: Mapping[str, Sequence[str]], catalogue: Catalogue) -> int:
    nations = list_nations(catalogue)
    known = [*places, *(one for inside in places.values() for one in inside)]
    return min((nations.index(one) for one in known if one in nations), default=len(nations))
