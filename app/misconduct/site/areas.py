"""Pages of places: a list of those with figures, and for each place what is held about it, and what is not."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from misconduct.api.areas import find_areas
from misconduct.api.charts import list_listed
from misconduct.api.current import Current, find_current
from misconduct.api.gaps import find_gaps
from misconduct.api.parameters import from_query
from misconduct.api.problems import NotFound
from misconduct.api.see_also import find_questions
from misconduct.api.tables import find_notes, read_area_codes
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import Row
from misconduct.model.places import (
    find_around,
    find_places,
    list_forces,
    sort_by_country,
)
from misconduct.model.points import ALL_KINDS, find_year
from misconduct.queries.points import Wanted, find_rows
from misconduct.site.beside import show_beside
from misconduct.site.home import name_forces
from misconduct.site.newest import Newest, list_home, sort_newest
from misconduct.site.pages import PageQuery, SearchQuery, To, describe, send
from misconduct.site.pictures import (
    CARD,
    PAGE,
    PagePicture,
    Room,
    draw_indicator,
    draw_registered,
)

router = APIRouter(include_in_schema=False)

Linked = tuple[PagePicture, str]
"""A picture, and the page that it leads to."""

MOST_FIRST = 5
"""Numbers at the top of a place: as many as stand in a row."""

FEWEST_KINDS = 3
FEWEST_YEARS = 3
"""Kinds and years that are drawn: fewer are told in words."""


class PlaceQuery(SearchQuery):
    """The parameters of the list of places: `beside` names what a place is to stand beside."""

    beside: str = ""


@router.get("/areas")
async def list_areas(
    request: Request, query: Annotated[PlaceQuery, from_query(PlaceQuery)]
) -> Response:
    current = await find_current(request, query)
    catalogue = current.catalogue
    chosen, sought, found = _read_names([query.q, query.beside], catalogue)
    if chosen and not sought:
        return RedirectResponse(To(current)("areas", ",".join(chosen)), 303)
    home = [catalogue.label("area", one) for one in list_home(catalogue)]
    countries = sort_by_country(catalogue.areas, catalogue)
    return send(
        request,
        "areas.html",
        current,
        q=query.q or "",
        beside=query.beside,
        sought=sought,
        chosen=chosen,
        found=found,
        countries=sorted(countries.items(), key=lambda one: one[0] not in home),
        total=len(catalogue.areas),
    )


def _read_names(
    names: Iterable[str | None], catalogue: Catalogue
) -> tuple[list[str], str, list[str]]:
    """Return the places that are named, the first name that means none or several, and what it may mean.

    The place of that one among them is empty.
    """
    chosen, sought, found = list[str](), "", list[str]()
    for words in filter(None, names):
        codes = words.split(",")
        if not {*codes} <= {*catalogue.codelists["area"]}:
            codes = find_places(words, catalogue.areas, catalogue)
            if len(codes) != 1 and not sought:
                sought, found, codes = words, codes, [""]
        chosen += codes
    return chosen, sought, found


@router.get("/areas/{code}")
async def show_area(
    request: Request, code: str, query: Annotated[PageQuery, from_query(PageQuery)]
) -> Response:
    current = await find_current(request, query)
    codes = read_area_codes(code, current.catalogue)
    if ",".join(codes) != code:  # a name
        return RedirectResponse(To(current)("areas", ",".join(codes)), 303)
    if codes[1:]:
        return await show_beside(request, codes, current)
    return await _show_place(request, codes[0], current)


async def _show_place(request: Request, code: str, current: Current) -> Response:
    """Show one place."""
    catalogue = current.catalogue
    answer = await find_areas(current, [code])
    newest = sort_newest(answer.rows, current)
    first = newest.rows[:MOST_FIRST]
    asked = code in list_forces(catalogue, has_nations=True)
    said = {
        "name": f"Figures about {answer.title}",
        "description": ", ".join(row["name"] for row in first),
        "spatialCoverage": [answer.title],
    }
    return send(
        request,
        "area.html",
        current,
        code=code,
        area=catalogue.codelists["area"][code],
        first=first,
        others=[*newest.rows[MOST_FIRST:], *newest.sizes],
        events=newest.events,
        size=next(iter(newest.sizes), None),
        total=len(answer.rows),
        pictures=await find_pictures(current, code, newest),
        forces=name_forces(catalogue),
        gaps=await find_gaps(current, [code]) if asked else [],
        described=describe(request, current, answer.rows, {"area": code}, **said),
        **_find_records(code, answer.rows, catalogue),
    )


def _find_records(
    code: str, rows: Sequence[Row], catalogue: Catalogue
) -> dict[str, Any]:
    """Return places around a place, inside it and named by it, and what is said about its numbers."""
    around, within = find_around(code, catalogue), catalogue.findable("area")[code][1:]
    areas = catalogue.codelists["area"]
    definition = areas[code].get("definition") or ""
    own = areas[code]["label"]  # Northern Ireland does not name Ireland
    words = definition.replace(own, "")
    named = [one for one in areas if areas[one]["label"] in words]
    inside = [one for one in within if one in catalogue.areas]
    notes = find_notes(rows, catalogue)
    differ = [one["id"] for one in notes if one["type"] == "disagreement"]
    sources = {row["source"] for row in rows}
    return {
        "around": around,
        "named": [one for one in named if one not in (code, *around)],
        "inside": sorted(inside, key=lambda one: catalogue.label("area", one)),
        "differ": [catalogue.of_kind("disagreement")[one] for one in differ],
        "unpublished": find_questions({code, *around}, sources, catalogue),
    }


async def find_pictures(current: Current, code: str, newest: Newest) -> list[Linked]:
    """Return the pictures of a place: at most two, which do not draw the same.

    The first is a chart that has one of its first numbers, or else how one changed of which there are several years.
    The second is its kinds.
    """
    rows = await find_rows(current.tables, Wanted(areas=[code], is_all=True))
    first = newest.rows[:MOST_FIRST]
    pictures = list[Linked]()
    if chart := _find_chart(current, first, {row["id"] for row in rows}):
        picture = await draw_registered(current, chart)
        pictures.append((picture, To(current)("charts", chart)))
    elif first:
        several = _find_several(rows)
        changed = [
            row["indicator"] for row in newest.rows if row["indicator"] in several
        ]
        lead = next(iter(changed), first[0]["indicator"])
        pictures += [
            linked
            for linked in await _draw(current, code, lead, PAGE)
            if linked[0].drawing.form != "number"  # which stands above already
        ]
    drawn = {row["kind"] for picture, _ in pictures for row in picture.drawing.rows}
    kinds = _find_kinds(current, rows)
    if kinds and len(drawn) < FEWEST_KINDS:
        sizes = CARD if pictures else PAGE
        pictures += await _draw(current, code, kinds, sizes, by="kind")
    return pictures


def _find_chart(
    current: Current, first: Sequence[Row], held: Collection[str]
) -> str | None:
    """Return the chart with one of the first numbers of a place, or else one that has only its figures.

    One that is drawn comes before a table.
    """
    charts = list_listed(current.catalogue)
    ids = {row["id"] for row in first}

    def rank(chart: Content) -> tuple[bool, bool]:
        return chart.get("form") == "table", ids.isdisjoint(chart["ids"])

    own = [
        one
        for one in charts
        if not ids.isdisjoint(one["ids"]) or {*one["ids"]} <= {*held}
    ]
    return min(own, key=rank)["id"] if own else None


def _find_several(rows: Sequence[Row]) -> set[str]:
    """Return the indicators of which a place has numbers for some years."""
    years = defaultdict[str, set[int | None]](set)
    for row in rows:
        if row["default"] and row["value"] is not None:
            years[row["indicator"]].add(find_year(row))
    return {one for one, of in years.items() if len(of) >= FEWEST_YEARS}


def _find_kinds(current: Current, rows: Sequence[Row]) -> str | None:
    """Return the first indicator that has several kinds at its newest time."""
    known = current.catalogue.of_kind("indicator")
    kinds = defaultdict[tuple[str, str], set[str]](set)
    for row in rows:
        if row["kind"] != ALL_KINDS and row["latest"] and row["value"] is not None:
            kinds[row["indicator"], row["time"]].add(row["kind"])
    several = {one for (one, _), of in kinds.items() if len(of) >= FEWEST_KINDS}
    return min(several, key=lambda one: known[one]["position"], default=None)


async def _draw(
    current: Current, code: str, indicator: str, sizes: Sequence[Room], **more: Any
) -> list[Linked]:
    """Return the picture of an indicator with its page; none if no form shows its rows."""
    try:
        picture = await draw_indicator(current, indicator, sizes, area=code, **more)
    except NotFound:
        return []
    return [(picture, To(current)("indicators", indicator, area=code))]
