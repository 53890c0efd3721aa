"""Pages of figures: one with its evidence, and the list of all."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from misconduct.api.current import Current, TheRecalled, find_current
from misconduct.api.figures import (
    describe_figure,
    find_figure,
    find_listed,
    read_figures,
)
from misconduct.api.parameters import FigureQuery, from_query
from misconduct.api.records import RecordId
from misconduct.model.figure import Row
from misconduct.model.wording import date_in_words, join
from misconduct.queries.figures import find_family
from misconduct.queries.points import find_rows_of
from misconduct.site.pages import DropEmpty, drop_empty, send

router = APIRouter(include_in_schema=False)

ROWS_OF_PAGE = 30  # figures: as many as can be leafed through on a phone
MOST_BESIDE = 12  # figures of a relation that a page names

RELATIONS = {
    "part_of": "It is a part of",
    "part_of_period": "It is inside a longer time of",
    "parts": "Its stated parts are",
    "denominator": "It is a share of",
}
"""How a page says what other figures are to one."""


class ListQuery(DropEmpty, FigureQuery):
    """The parameters of the list of figures."""


@router.get("/figures")
async def list_figures(
    request: Request, query: Annotated[ListQuery, from_query(ListQuery)]
) -> Response:
    """List figures as `/v1/figures` does, a page of them."""
    current = await find_current(request, query)
    wanted = read_figures(query, current.catalogue)
    page = await find_listed(current, query, wanted, ROWS_OF_PAGE)
    following = query.offset + len(page.rows)
    has_more = following < page.total.number or page.total.is_at_least
    params = request.query_params
    given = drop_empty({name: params.getlist(name) for name in params})
    kept = {name: given[name] for name in given if name not in ("offset", "release")}
    return send(
        request,
        "figures.html",
        current,
        rows=page.rows,
        total=page.total,
        given=kept,
        named=_name_choice(query, current),
        area=wanted.areas[0] if len(wanted.areas) == 1 else None,
        following=following if page.rows and has_more else None,
    )


def _name_choice(query: FigureQuery, current: Current) -> str:
    """Return what a list is about: topics, indicators and places."""
    topics, label = current.catalogue.of_kind("dataset"), current.catalogue.label
    areas = current.catalogue.codelists["area"]
    named = [str(topics[one]["title"]) for one in query.topic]
    named += [label("indicator", one) for one in query.indicator]
    named += [label("area", one) if one in areas else one for one in query.area]
    return ", ".join(named)


@router.get("/figures/{id}")
async def show_figure(
    request: Request, identity: RecordId, current: TheRecalled
) -> Response:
    found = await find_figure(identity, current)
    figure: Any = await describe_figure(found)
    family = await _sort_family(current, found.row)
    related = await _find_related(current, figure, [row["id"] for row in family])
    return send(
        request,
        "figure.html",
        current,
        figure=figure,
        row=found.of_table,
        of_register=found.row,
        family=family,
        indicator=current.catalogue.of_kind("indicator").get(found.row["indicator"]),
        standing=_say_standing(figure, current),
        say_changed=say_changed,
        **related,
    )


async def _find_related(
    current: Current, figure: Mapping[str, Any], family: Sequence[str]
) -> dict[str, Any]:
    """Return the figures that one must not be added to, those that it is confused with, and why they differ."""
    ids = {name: _list_ids(figure[name]) for name in RELATIONS}
    differing = {one["id"]: one["note"] for one in figure["disagrees_with"]}
    wanted = [*differing, *(one for of in ids.values() for one in of[:MOST_BESIDE])]
    table = await find_rows_of(current.tables, wanted)
    known = current.catalogue.of_kind("disagreement")
    others = [table[one] for one in differing if one in table and one not in family]
    return {
        "relations": [
            (RELATIONS[name], [table[one] for one in of if one in table])
            for name, of in ids.items()
        ],
        "others": _leave_out_copies(others),
        "differ": [
            known[one] for one in dict.fromkeys(differing.values()) if one in known
        ],
    }


def _list_ids(found: Any) -> list[str]:
    """Return the ids of the figures in one relation to another: a list, words or none."""
    return found.split() if isinstance(found, str) else [*(found or ())]


def _leave_out_copies(rows: Sequence[Row]) -> list[Row]:
    """Return rows without those that print the claim of another one again."""
    ids = {row["id"] for row in rows}
    return [row for row in rows if row["repeats"] not in ids]


async def _sort_family(current: Current, row: Row) -> list[Row]:
    """Return the figures that print one claim, the first to print it first; none of one."""
    claim = row["repeats"] or row["id"]
    ids = await find_family(current.tables, claim)
    rows = await find_rows_of(current.tables, ids)

    def rank(row: Row) -> tuple[str, bool]:
        # A month without a day may be its last.
        return f"{row['published'] or ''}~", row["id"] != claim

    return sorted(rows.values(), key=rank) if ids[1:] else []


def say_changed(row: Row, first: Row) -> str:
    """Return what a copy changed of the first that printed a claim."""
    names = {
        "value": "number",
        "hedge": "hedge",
        "time": "time",
        "area": "place",
        "name": "what is counted",
    }
    changed = [word for name, word in names.items() if row[name] != first[name]]
    return f"changed: {join(changed)}" if changed else "the same"


def _say_standing(figure: Mapping[str, Any], current: Current) -> str:
    """Say whether the register has changed a figure, since when, and why."""
    standing = figure["standing"]
    day = date_in_words(current.releases.find_folder(standing["since"]).day)
    label = current.catalogue.label("standing", standing["status"])
    instead = standing["print_instead"]
    said = [
        f"{label}, since release {standing['since']} of {day}.",
        standing["reason"],
        standing["detail"],
        f"Print instead: {instead}." if instead else "",
        standing["late"],
    ]
    return " ".join(filter(None, said))
