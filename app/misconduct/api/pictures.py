"""Pictures of rows of the table: find what is drawn beside them, and send them as SVG or PNG."""

from collections.abc import Iterable, Mapping, Sequence
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
from misconduct.pictures.beside import (
    find_gaps,
    name_sizes,
    pick_sizes,
    pick_totals,
    say_elsewhere,
)
from misconduct.pictures.draw import draw
from misconduct.pictures.drawing import Drawing
from misconduct.pictures.form import choose
from misconduct.pictures.slots import NOTHING
from misconduct.pictures.words import Said, compose
from misconduct.queries.points import Wanted, find_rows

DRAWING = CapacityLimiter(1)
"""Pictures are drawn one after the other: threads beside each other are no faster, and delay all other answers."""

REFUSED = "not published"
MOST_NAMED = 3  # numbers, places or names that an error tells


@dataclass(frozen=True)
class Pictured:
    """The rows that a picture is of, and what a request or an editor says of them.

    `missing` says of places that were asked why they have no row.
    """

    rows: Sequence[Row]
    said: Said
    missing: Sequence[Missing] = ()
    wish: str | None = None


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
    is_whole = rows and wanted.by_kind  # kinds that are not held are told, not drawn
    lacking = [one.detail for one in missing if is_whole and not one.area_code]
    said = Said(address, absent=named, total=len(rows), lacking=lacking)
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
    """Return what is drawn. Raises NotFound if no row is held."""
    catalogue = current.catalogue
    choice = choose(
        pictured.rows, catalogue, pictured.wish, has_all=pictured.said.has_all
    )
    if choice is None:
        raise NotFound(await _say_nothing(current, pictured))
    said = pictured.said
    if choice.form == "columns":
        said = replace(said, elsewhere=await _find_elsewhere(current, choice.rows))
    if choice.form == "bars":
        said = replace(said, against=await _find_sizes(current, choice.rows))
    if not said.has_all and len({row["area_code"] for row in choice.rows}) == 1:
        said = replace(said, totals=await _find_totals(current, choice.rows[0]))
    return compose(choice, said, current.view)


async def _say_nothing(current: Current, pictured: Pictured) -> str:
    """Say that there is nothing to draw, and what is nearest: a number, other places, or what is held of the place."""
    details = [one.detail for one in pictured.missing][:MOST_NAMED]
    nearest = [near for one in pictured.missing for near in one.nearest]
    held = [
        f"{near['name']}, {near['area']}: {near['shown']} ({near['time']})"
        for near in nearest
    ]
    said = [f"The nearest: {'; '.join(held[:MOST_NAMED])}."] if held else []
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
    said = [f"{name}: held of {_name_some(row['area'] for row in rows)}."]
    if missing.area_code:
        of_place = Wanted(areas=[missing.area_code], is_latest=True)
        rows = await find_rows(current.tables, of_place)
        place = current.catalogue.label("area", missing.area_code)
        said.append(f"Held of {place}: {_name_some(row['name'] for row in rows)}.")
    return said


def _name_some(names: Iterable[str]) -> str:
    """Name the first of some things, and say how many more there are."""
    several = [*dict.fromkeys(names)]
    more = len(several) - MOST_NAMED
    if more > 0:
        return f"{', '.join(several[:MOST_NAMED])} and {more} more"
    return ", ".join(several) or "nothing"


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


async def _find_totals(current: Current, row: Row) -> list[Row]:
    """Return what is held of all of which a row is a part."""
    wanted = Wanted(
        indicators=[row["indicator"]], areas=[row["area_code"]], is_all=True
    )
    return pick_totals(await find_rows(current.tables, wanted), row)


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
    """Send a picture as SVG or PNG."""
    is_png = suffix == "png"
    theme = "light" if is_png and query.theme == "auto" else query.theme
    picture = await to_thread.run_sync(
        draw, drawing, query.size, theme, limiter=DRAWING
    )
    body = await request.state.png.draw(picture) if is_png else picture.svg.encode()
    return Response(
        body,
        headers={**headers, "Content-Security-Policy": PICTURE_POLICY},
        media_type=PICTURES[suffix],
    )
