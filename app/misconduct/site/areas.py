"""Pages of places: a list of those with figures, and for each place what is held about it, and what is not."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from misconduct.api.current import Current, find_current
from misconduct.api.found import ALL, Selection, find_warnings
from misconduct.api.parameters import TableQuery, from_query
from misconduct.api.pictures import find_drawing, find_pictured
from misconduct.api.problems import InvalidParameters, NotFound
from misconduct.api.see_also import find_questions
from misconduct.api.tables import read_areas
from misconduct.model.catalogue import EARLIER_COUNTS, Catalogue, Content
from misconduct.model.figure import Row
from misconduct.model.places import (
    find_around,
    find_places,
    list_forces,
    sort_by_country,
)
from misconduct.queries.figures import Page, find_order
from misconduct.queries.filters import Filters
from misconduct.queries.points import find_rows_of
from misconduct.queries.question import Question
from misconduct.site.beside import put_beside
from misconduct.site.indicators import find_headlines
from misconduct.site.pages import PageQuery, SearchQuery, To, describe, send
from misconduct.site.phrases import Line, alleges_nothing, lines, say_warnings
from misconduct.site.pictures import FILES, YearTable, tabulate

router = APIRouter(include_in_schema=False)

MAX_LISTED, MAX_OPEN = 10, 2
"""Figures in no table that are listed of a dataset; and datasets that are unfolded, or of more only the first."""

MAX_FIGURES = 20_000
"""Figures of a page of a place at most."""

MAX_BESIDE = 3
"""Places that stand side by side, as many as a telephone has room for."""


class Drawn(NamedTuple):
    """A picture by the addresses of its files, its alternative text, and the tables of its figures by year."""

    files: Mapping[str, str]
    alt: str
    tables: Sequence[YearTable]


class Held(NamedTuple):
    """The figures of a dataset about a place; `others` are the first in no table."""

    dataset: Content
    figures: int
    picture: Drawn
    others: Sequence[Line]
    total_others: int


class BesideQuery(PageQuery):
    """The parameters of a place: the codes or the name of what it is to stand beside."""

    beside: str = ""


class PlaceQuery(SearchQuery, BesideQuery):
    """The parameters of the list of places."""


@router.get("/areas")
async def list_areas(
    request: Request, query: Annotated[PlaceQuery, from_query(PlaceQuery)]
) -> Response:
    current = await find_current(request, query)
    places = current.catalogue.areas
    chosen, sought, found = list[str](), "", list[str]()
    for words in filter(None, (query.q, query.beside)):
        codes = words.split(",")
        meant = (
            codes
            if {*codes} <= places
            else find_places(words, places, current.catalogue)
        )
        if meant == codes or len(meant) == 1:
            chosen += meant
        elif not sought:
            sought, found = words, meant
            chosen.append("")  # its place among them
    if chosen and not sought:
        return RedirectResponse(To(current)("areas", ",".join(chosen)), 303)
    countries = sort_by_country(places, current.catalogue)
    facts: dict[str, Any] = {
        "found": found,
        "countries": countries,
        "total": len(places),
        "beside": query.beside,
    }
    return send(
        request,
        "areas.html",
        current,
        q=query.q or "",
        sought=sought,
        chosen=chosen,
        **facts,
    )


@router.get("/areas/{code}")
async def show_area(
    request: Request, code: str, query: Annotated[BesideQuery, from_query(BesideQuery)]
) -> Response:
    current = await find_current(request, query)
    if query.beside:
        return RedirectResponse(To(current)("areas", q=code, beside=query.beside), 303)
    catalogue = current.catalogue
    areas, codes = (
        catalogue.codelists.get("area", {}),
        list(dict.fromkeys(code.split(","))),
    )
    if any(one not in areas for one in codes):
        return await _lead_to_areas(codes, current)
    if codes[1:]:
        return await _show_beside(request, codes, current)
    code, label = codes[0], catalogue.label("area", codes[0])
    definition = areas[code].get("definition") or ""
    around, within = find_around(code, catalogue), catalogue.findable("area")[code][1:]
    known = current.catalogue.areas
    selection = _select([code], current)
    earlier = catalogue.of_kind(EARLIER_COUNTS)
    rows, facts = (
        await selection.figures(Page(MAX_FIGURES)),
        await selection.facts(),
    )
    again = [row for row in rows if row["id"] in earlier]
    ranked = await _sort(rows, current)
    kinds = await _find_kinds(code, current, rows, ranked)
    about = " ".join(kind.dataset["description"] for kind in kinds)
    said = {
        "name": f"Figures about {label}",
        "description": about,
        "spatialCoverage": [label],
    }
    return send(
        request,
        "area.html",
        current,
        code=code,
        area=areas[code],
        named=[
            one
            for one in areas
            if one not in (code, *around) and areas[one]["label"] in definition
        ],
        kinds=kinds,
        headlines=(await find_headlines(current, [code])),
        again=again,
        editions=sorted(
            {
                (one["day"], one["source"])
                for row in again
                for one in earlier[row["id"]]["counts"]
            }
        ),
        missing=[
            one
            for one in _sort_datasets(catalogue)
            if one not in [kind.dataset for kind in kinds]
        ],
        around=[one for one in around if one in known],
        inside=sorted(
            (one for one in within if one in known),
            key=lambda one: catalogue.label("area", one),
        ),
        warnings=say_warnings(await find_warnings(selection, facts)) if rows else [],
        differ=[
            catalogue.of_kind("disagreement")[one]
            for one, _ in facts.disagreements.most_common()
        ],
        unpublished=find_questions(
            {code, *around}, {row["source"] for row in rows}, catalogue
        ),
        most_open=MAX_OPEN,
        asked_forces=list_forces(catalogue, has_nations=True),
        alleges_nothing=alleges_nothing,
        described=await describe(request, selection, {"area": code}, **said),
    )


async def _lead_to_areas(names: Sequence[str], current: Current) -> Response:
    """Lead to places that are named and not given by their codes. Raises NotFound."""
    try:
        found = read_areas(names, current.catalogue)
    except InvalidParameters as error:
        name = error.faults[0].value
        detail = f"There is no place {name[:80]!r}. /areas finds places by name."
        raise NotFound(detail) from None
    return RedirectResponse(To(current)("areas", ",".join(found)), 303)


def _select(codes: Sequence[str], current: Current) -> Selection:
    """Return the figures of some places. Places inside them have pages of their own."""
    selection = Selection.of(Filters(area=[*codes]), current)
    return selection._replace(conditions=selection.conditions.exactly("area"))


async def _sort(rows: Sequence[Row], current: Current) -> list[Row]:
    """Return figures in the order of what comes first."""
    ids = [row["id"] for row in rows]
    order = await find_order(current.tables, ids, Question(), current.catalogue)
    return sorted(rows, key=lambda row: order[row["id"]])


async def _show_beside(
    request: Request, codes: Sequence[str], current: Current
) -> Response:
    """Show two or three places side by side. Raises NotFound for more."""
    if len(codes) > MAX_BESIDE:
        raise NotFound(
            f"At most {MAX_BESIDE} places stand side by side. /areas finds places by name."
        )
    selection = _select(codes, current)
    figures = await selection.figures(ALL)
    table = await find_rows_of(current.tables, [row["id"] for row in figures])
    ordered = await _sort(figures, current)
    rows = put_beside(ordered, table, current.catalogue)
    datasets = [next(iter(one.figures.values()))["datasets"] for one in rows]
    kinds = [one for one in _sort_datasets(current.catalogue) if alleges_nothing(one)]
    events = [(kind, [row for row, of_row in zip(rows, datasets, strict=True) if kind["id"] in of_row])
              for kind in kinds]  # fmt: skip
    others = [
        row
        for row, of_row in zip(rows, datasets, strict=True)
        if not any(one["id"] in of_row for one in kinds)
    ]
    return send(
        request,
        "beside.html",
        current,
        codes=codes,
        others=others,
        events=[one for one in events if one[1]],
    )


def _sort_datasets(catalogue: Catalogue) -> list[Content]:
    """Return the datasets; those that allege nothing come last, under headings that say so."""
    return sorted(catalogue.of_kind("dataset").values(), key=alleges_nothing)


async def _find_kinds(
    code: str, current: Current, rows: Sequence[Row], ranked: Sequence[Row]
) -> list[Held]:
    """Return what each dataset holds of a place, with a picture of what comes first."""
    found = list[Held]()
    indicators = set[str]()
    for dataset in _sort_datasets(current.catalogue):
        identity = dataset["id"]
        figures = [row for row in rows if identity in row["datasets"]]
        if not figures:
            continue
        tables = tabulate(figures, current.catalogue)
        known = [row["indicator"] for row in ranked if identity in row["datasets"]]
        first = next((one for one in known if one not in indicators), known[0])
        indicators.add(first)
        picture = await _picture(code, current, first, tables)
        shown = [row for table in tables for row in table.rows]
        drawn = {
            one["id"]
            for row in shown
            for one in (*row["years"].values(), row["window"])
            if one
        }
        others = [row for row in figures if row["id"] not in drawn]
        some = lines(others[:MAX_LISTED], current.view, rows)
        found.append(Held(dataset, len(figures), picture, some, len(others)))
    return found


async def _picture(
    code: str, current: Current, indicator: str, tables: Sequence[YearTable]
) -> Drawn:
    address = f"/v1/indicators/{indicator}"
    asked = To(current).query({"area": code})
    files = {name: f"{address}.{suffix}{asked}" for name, suffix in FILES.items()}
    table = TableQuery(area=[code])
    pictured = await find_pictured(current, indicator, table, f"{address}{asked}")
    return Drawn(files, (await find_drawing(current, pictured)).alt, tables)
