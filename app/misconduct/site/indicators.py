"""Pages of indicators: what is counted, by topic, and each with its picture and the newest number of every place."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Annotated, NamedTuple

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import Field

from misconduct.api.charts import embed_code, find_lead_chart
from misconduct.api.current import Current, TheCurrent, find_current
from misconduct.api.indicators import find_indicator
from misconduct.api.parameters import TableQuery, from_query
from misconduct.api.pictures import DRAWING
from misconduct.api.problems import NotFound
from misconduct.api.records import RecordId, find_record
from misconduct.api.tables import read_areas
from misconduct.api.values import Several
from misconduct.model import lists
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import Row
from misconduct.model.places import list_forces, list_nations
from misconduct.model.points import TOPICS, find_year, is_part
from misconduct.model.relate import find_reason, say_reason
from misconduct.model.side_by_side import is_nation
from misconduct.queries.points import Wanted, find_newest
from misconduct.site.newest import (
    SIZES,
    alleges_nothing,
    find_country,
    is_less,
)
from misconduct.site.pages import PageQuery, describe, send
from misconduct.site.pictures import WHOLE, PagePicture, draw_indicator, draw_registered

router = APIRouter(include_in_schema=False)

FEWEST_YEARS = 3
"""Years of a place whose numbers are drawn as columns: fewer are told in a sentence."""


FEWEST_BARS = 3
"""Forces of one time that have bars: fewer bars would stand for some numbers and not for most."""


class IndicatorQuery(PageQuery):
    """The parameters of an indicator: the places that its picture has."""

    area: Several = Field([], description="Places of the picture.")


class Forces(NamedTuple):
    """The forces in the order of their sizes, each with its size and its row, if these are held.

    If all rows share a scale, `time` is when they are for, and `most` the end of the scale. Otherwise none has a bar,
    and `why_not` says why if they must not be compared. `parts` is how many rows are of a part only.
    """

    places: Sequence[tuple[str, Row | None, Row | None]]
    parts: int = 0
    time: str = ""
    most: float = 0
    why_not: str = ""


@router.get("/indicators")
async def list_indicators(request: Request, current: TheCurrent) -> Response:
    records = lists.list_indicators(current.catalogue, current.view.base_url)
    datasets = current.catalogue.of_kind("dataset").values()
    topics = [
        (dataset, [one for one in records if one["topic"] == dataset["id"]])
        for dataset in sorted(datasets, key=alleges_nothing)
    ]
    return send(
        request,
        "indicators.html",
        current,
        topics=[one for one in topics if one[1]],
        alleges_nothing=alleges_nothing,
        topic_ids=TOPICS,
    )


@router.get("/indicators/{id}")
async def show_indicator(
    request: Request,
    identity: RecordId,
    query: Annotated[IndicatorQuery, from_query(IndicatorQuery)],
) -> Response:
    current = await find_current(request, query)
    catalogue = current.catalogue
    record = _find_record(current, identity)
    asked_areas = read_areas(query.area, catalogue)
    answer = await find_indicator(current, identity, TableQuery(area=asked_areas))
    rows = await find_newest(current.tables, Wanted(indicators=[identity]))
    newest = sort_home(rows, catalogue)
    forces = await find_forces(current, newest)
    drawn = asked_areas or _choose_drawn(answer.rows, newest, current)
    lead = None if asked_areas else find_lead_chart(catalogue, identity)
    picture, embed = await _find_picture(current, identity, lead, drawn)
    said = {"name": record["label"], "description": record["definition"]}
    first = [row for row in newest if row["area_code"] in drawn]
    return send(
        request,
        "indicator.html",
        current,
        indicator=record,
        lead=lead,
        first=first[0] if first else None,
        picture=picture,
        embed=embed,
        missing=answer.missing if asked_areas else [],
        forces=forces,
        asked=asked_areas,
        elsewhere=_leave_out_forces(newest, forces),
        described=describe(request, current, newest, {"indicator": identity}, **said),
    )


def _leave_out_forces(rows: Sequence[Row], forces: Forces) -> list[Row]:
    """Return the rows of places that do not stand among the forces."""
    codes = {code for code, _, _ in forces.places}
    return [row for row in rows if row["area_code"] not in codes]


def _find_record(current: Current, identity: str) -> Content:
    """Return an indicator. Raises NotFound."""
    record = find_record(current, "indicator", identity)
    return lists.indicator_document(record, current.catalogue, current.view.base_url)


async def _find_picture(
    current: Current, indicator: str, lead: Content | None, areas: Sequence[str]
) -> tuple[PagePicture | None, str]:
    """Return the picture of an indicator, and the code that embeds it unless it is a chart, which has its own."""
    if lead:
        return await draw_registered(current, lead["id"], WHOLE), ""
    asked = {"area": ",".join(areas)}
    try:
        picture = await draw_indicator(current, indicator, WHOLE, **asked)
    except NotFound:  # a place is asked of which nothing is held
        return None, ""
    write = partial(
        embed_code, f"indicators/{indicator}", current, picture.drawing, **asked
    )
    return picture, await to_thread.run_sync(write, limiter=DRAWING)


def sort_home(rows: Iterable[Row], catalogue: Catalogue) -> list[Row]:
    """Return rows with those of the readers' country first, and nations before other places."""
    return sorted(rows, key=lambda row: _rank(row["area_code"], catalogue))


def _rank(area: str, catalogue: Catalogue) -> tuple[bool, bool, int]:
    """Return where a place stands: the readers' country first, nations before other places, all in their order."""
    is_home = area in catalogue.home
    order = [*list_nations(catalogue), *catalogue.codelists["area"]]
    return not is_home, not is_nation(area, catalogue), order.index(area)


def _choose_drawn(
    rows: Sequence[Row], newest: Sequence[Row], current: Current
) -> list[str]:
    """Return the place that a picture begins with: in the readers' country, with a whole and recent number.

    Of several it is the first of which there are some years, or else the first.
    """
    catalogue = current.catalogue
    pairs = {(row["area_code"], find_year(row)) for row in rows if row["id"]}
    years = Counter(area for area, _ in pairs)

    def rank(row: Row) -> tuple[bool, bool, bool]:
        is_far, _, _ = _rank(row["area_code"], catalogue)
        has_few = years[row["area_code"]] < FEWEST_YEARS
        return is_far, is_less(row, current), has_few

    return [row["area_code"] for row in sorted(newest, key=rank)[:1]]


async def find_forces(current: Current, rows: Sequence[Row]) -> Forces:
    """Return the forces of the readers' country with their sizes and rows, if several have one."""
    catalogue = current.catalogue
    forces = list_forces(catalogue, has_nations=True)
    held = {row["area_code"]: row for row in rows if row["area_code"] in forces}
    if len(held) < 2:
        return Forces([])
    sizes = await _find_sizes(current, forces)
    order = sorted(
        forces, key=lambda force: -sizes[force]["value"] if force in sizes else 0
    )
    rows = [*held.values()]
    reason = find_reason(rows, catalogue)
    alike = {_find_alike(row, catalogue) for row in rows}
    is_of_one = not reason and len(alike) == 1 and len(rows) >= FEWEST_BARS
    return Forces(
        [(one, sizes.get(one), held.get(one)) for one in order],
        sum(is_part(row) for row in rows),
        rows[0]["time"],
        max(float(row["value"] or 0) for row in rows) if is_of_one else 0,
        say_reason(reason, rows, catalogue),
    )


def _find_alike(row: Row, catalogue: Catalogue) -> tuple[str, str, str]:
    """Return what rows of one scale share: what is counted, when, and the country whose rules say how."""
    return row["name"], row["time"], find_country(row["area_code"], catalogue)


async def _find_sizes(current: Current, forces: Sequence[str]) -> dict[str, Row]:
    """Return the newest size of each force: of what says it, the first."""
    rows = await find_newest(current.tables, Wanted(topics=[SIZES], areas=forces))
    found = dict[str, Row]()
    for row in rows:
        if row["value"] is not None:
            found.setdefault(row["area_code"], row)
    return found
