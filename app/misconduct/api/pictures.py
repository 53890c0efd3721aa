"""Pictures of rows of the table: find what is drawn beside them, and send them as SVG or PNG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response

from misconduct.api.absent import find_absent
from misconduct.api.answers import PICTURE_POLICY, link
from misconduct.api.current import Current
from misconduct.api.parameters import Drawn, TableQuery
from misconduct.api.problems import NotFound
from misconduct.api.records import find_record
from misconduct.api.tables import Missing, read_table
from misconduct.formats import PICTURES
from misconduct.model.figure import Row
from misconduct.model.relate import find_reason, say_reason
from misconduct.pictures.beside import (
    find_gaps,
    name_sizes,
    pick_sizes,
    say_elsewhere,
)
from misconduct.pictures.draw import NoRoom, draw
from misconduct.pictures.drawing import Drawing, Form
from misconduct.pictures.form import (
    Choice,
    arrange,
    choose,
    take_newest,
)
from misconduct.pictures.slots import NOTHING
from misconduct.pictures.words import (
    MOST_TOLD,
    Said,
    compose,
    name_rows,
    say_some,
)
from misconduct.queries.points import Wanted, find_rows

DRAWING = CapacityLimiter(1)
"""Pictures are drawn one after the other: threads beside each other are no faster, and delay all other answers."""

REFUSED = "not published"
NO_CARD = "A card has no room for this picture. Take size=wide or size=narrow."


@dataclass(frozen=True)
class Pictured:
    """The rows that a picture is of, and what a request or an editor says of them.

    `missing` says of places that were asked why they have no row.
    """

    rows: Sequence[Row]
    said: Said
    missing: Sequence[Missing] = ()
    form: Form | None = None


async def find_pictured(
    current: Current, indicator: str, query: TableQuery, address: str
) -> Pictured:
    """Return what a picture of an indicator is of: the rows of its table, and what is absent."""
    wanted = read_table(query, current.catalogue, indicators=[indicator])
    rows = await find_rows(current.tables, wanted)
    absent, missing = await find_absent(current, indicator, wanted, rows)
    refused = {one.area_code for one in missing if one.reason == "refused"}
    named = [
        (row["area"], REFUSED if row["area_code"] in refused else NOTHING)
        for row in absent
    ]
    said = Said(address, absent=named, total=len(rows))
    return Pictured(rows, said, missing)


async def find_indicator_drawing(
    request: Request, current: Current, indicator: str, query: TableQuery
) -> Drawing:
    """Return what a picture of an indicator draws. Raises NotFound."""
    find_record(current, "indicator", indicator)
    number = current.release.number
    address = link(request, suffix="", without=["size", "theme"], release=number)
    pictured = await find_pictured(current, indicator, query, address)
    return await find_drawing(current, pictured)


async def find_drawing(current: Current, pictured: Pictured) -> Drawing:
    """Return what is drawn. Raises NotFound if no row is held, or no form shows those that are."""
    said, choice = pictured.said, _choose(current, pictured)
    if choice is None and pictured.rows:
        raise NotFound(_say_apart(current, pictured.rows))
    if choice is None:
        raise NotFound(await _say_nothing(current, pictured))
    if choice.form == "columns":
        said = replace(said, elsewhere=await _find_elsewhere(current, choice.rows))
    if choice.form == "bars":
        said = replace(said, against=await _find_sizes(current, choice.rows))
    return compose(choice, said, current.view)


def _choose(current: Current, pictured: Pictured) -> Choice | None:
    if pictured.said.title:
        return arrange(pictured.rows, pictured.form)
    return choose(pictured.rows, current.catalogue)


def _say_apart(current: Current, rows: Sequence[Row]) -> str:
    """Say that no form shows rows together, why, and which of them and which charts are drawn alone."""
    catalogue, newest = current.catalogue, take_newest(rows)
    why = say_reason(find_reason(newest, catalogue), newest, catalogue)
    ids = {row["id"] for row in rows}
    charts = [
        f"“{chart['title']}”"
        for chart in catalogue.of_kind("chart").values()
        if not ids.isdisjoint(chart["ids"])
    ]
    said = [f"No picture shows these {len(rows):,} rows together.", why]
    said.append(f"Each of these has one: {say_some(name_rows(newest).values())}.")
    said += [f"Charts: {say_some(charts)}."] if charts else []
    return " ".join(filter(None, said))


async def _say_nothing(current: Current, pictured: Pictured) -> str:
    """Say that there is nothing to draw, and what is nearest: a number, other places, or what is held of the place."""
    details = [one.detail for one in pictured.missing][:MOST_TOLD]
    nearest = [near for one in pictured.missing for near in one.nearest]
    held = [
        f"{near['name']}, {near['area']}: {near['shown']} ({near['time']})"
        for near in nearest
    ]
    said = [f"The nearest: {say_some(held)}."] if held else []
    if not held and pictured.missing:
        said = await _list_held(current, pictured.missing[0])
    return " ".join(["There is nothing to draw.", *details, *said])


async def _list_held(current: Current, missing: Missing) -> list[str]:
    """Say for which places an indicator is held, and what is held of a place."""
    indicator = missing.indicator or ""
    of_indicator = Wanted(indicators=[indicator], is_latest=True)
    rows = await find_rows(current.tables, of_indicator)
    rows.sort(key=lambda row: row["value"] or 0, reverse=True)
    name = current.catalogue.label("indicator", indicator)
    said = [f"{name}: held of {say_some(row['area'] for row in rows)}."]
    if missing.area_code:
        of_place = Wanted(areas=[missing.area_code], is_latest=True)
        rows = await find_rows(current.tables, of_place)
        place = current.catalogue.label("area", missing.area_code)
        said.append(f"Held of {place}: {say_some(row['name'] for row in rows)}.")
    return said


async def _find_elsewhere(current: Current, rows: Sequence[Row]) -> dict[int, str]:
    """Return what is held in the years between rows that is counted otherwise, by its year."""
    first, gaps = rows[0], find_gaps(rows)
    if not gaps:
        return {}
    wanted = Wanted(
        indicators=[first["indicator"]],
        areas=[first["area_code"]],
        years=[(year, year) for year in gaps],
        is_all=True,
        is_every=True,
    )
    return say_elsewhere(await find_rows(current.tables, wanted), first)


async def _find_sizes(current: Current, rows: Sequence[Row]) -> dict[str, Row]:
    """Return the size of each force whose bar is drawn."""
    indicator = name_sizes(rows, current.catalogue)
    if not indicator:
        return {}
    areas = sorted({row["area_code"] for row in rows})
    wanted = Wanted(indicators=[indicator], areas=areas, is_all=True)
    return pick_sizes(await find_rows(current.tables, wanted), rows[0])


async def send_picture(
    request: Request,
    drawing: Drawing,
    query: Drawn,
    suffix: str,
    headers: Mapping[str, str],
) -> Response:
    """Send a picture as SVG or PNG. Raises NotFound if it has no room on a card."""
    is_png = suffix == "png"
    theme = "light" if is_png and query.theme == "auto" else query.theme
    drawn = to_thread.run_sync(draw, drawing, query.size, theme, limiter=DRAWING)
    try:
        picture = await drawn
    except NoRoom:
        raise NotFound(NO_CARD) from None
    body = await request.state.png.draw(picture) if is_png else picture.svg.encode()
    return Response(
        body,
        headers={**headers, "Content-Security-Policy": PICTURE_POLICY},
        media_type=PICTURES[suffix],
    )
