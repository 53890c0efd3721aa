"""The page that looks a number or words up, and answers with series."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from misconduct.api.current import Current, find_current
from misconduct.api.faults import given_values
from misconduct.api.found import select, warn_of_nothing
from misconduct.api.parameters import FigureList, from_query
from misconduct.api.see_also import find_datasets, see_also
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import PROSE, Row
from misconduct.model.places import name_several
from misconduct.model.warnings import Facts, Missing
from misconduct.queries.filters import Conditions
from misconduct.queries.look_up import Result, find_options
from misconduct.queries.question import Question
from misconduct.queries.reply import Reply, Search, find_reply
from misconduct.site.areas import MAX_BESIDE
from misconduct.site.home import find_answers, find_countries
from misconduct.site.notices import BEFORE, find_notices, find_strange
from misconduct.site.pages import DropEmpty, drop_empty, send
from misconduct.site.phrases import Line, lines

router = APIRouter(include_in_schema=False)

MAX_FOUND = 10
MAX_OPTIONS = 12  # of a facet; what is rarer is found by words
MAX_DATASETS = 3
MAX_NEAREST = 2  # figures that are named in place of one that is not held
FACET_NAMES = {
    "area": "place",
    "measure": "what happened",
    "category": "kind of misconduct",
    "dataset": "subject",
}
_NOT_FACETS = (
    "q",
    "offset",
    "limit",
    "release",
    "size",
    "theme",
    "columns",
    "sort",
)


class LookUp(DropEmpty, FigureList):
    """The parameters of the page: what is looked up, and the filters that narrow it."""

    dataset: str | None = None


@router.get("/look-up")
async def look_up(
    request: Request, query: Annotated[LookUp, from_query(LookUp)]
) -> Response:
    if query.q is None:
        return send(
            request,
            "look_up.html",
            await find_current(request, query),
            q="",
            total=None,
        )
    current, _, conditions = await select(request, query, query.dataset)
    catalogue, tables, limit = (
        current.catalogue,
        current.tables,
        query.limit or MAX_FOUND,
    )
    given = drop_empty(
        {
            name: one
            for name, one in given_values(request).items()
            if name not in _NOT_FACETS
        }
    )
    reply = await find_reply(
        Search(tables, conditions, catalogue, limit, query.offset),
        is_narrowed=bool(given),
    )
    asked, answer = reply.asked, reply.answer
    rows, following = [one.row for one in answer.page], query.offset + len(answer.page)
    listed = lines(rows, current.view, answer.wholes, has_notes=False)
    options = await find_options(tables, answer, catalogue)
    notices, strange = (
        find_notices(query.q, reply, catalogue),
        find_strange(query.q, reply),
    )
    nearest = reply.nearest if reply.missing else {}
    return send(
        request,
        "look_up.html",
        current,
        q=query.q,
        given=given,
        asked=asked,
        reply=reply,
        answer=answer,
        total=answer.total,
        lines=listed,
        alike=_find_alike(listed),
        others=[_find_others(one, catalogue) for one in answer.page],
        differing=[_find_dispute(row, catalogue) for row in rows],
        facet_names=FACET_NAMES,
        facets={
            name: ones[:MAX_OPTIONS]
            for name, ones in options.items()
            if name not in given
        },
        following=following if following < answer.results else None,
        notices=notices,
        before=BEFORE,
        strange=strange,
        countries=find_countries(current) if strange else [],
        nearest=dict(
            zip(
                nearest,
                lines([*nearest.values()][:MAX_NEAREST], current.view),
                strict=False,
            )
        ),
        other_years=lines(reply.other_years, current.view),
        without_year=asked.without([*answer.left_out, *asked.years]),
        datasets=find_datasets(asked.codes, catalogue)[:MAX_DATASETS],
        places=reply.places,
        beside=reply.places if asked.beside and len(reply.places) <= MAX_BESIDE else (),
        is_place=bool(asked.terms)
        and all("area" in one.codes for one in asked.terms)
        and not asked.number,
        **await _find_explanations(current, conditions, reply),
    )


async def _find_explanations(
    current: Current, conditions: Conditions, reply: Reply
) -> dict[str, Any]:
    """Return what explains an answer: why figures differ, what nobody has published, and other numbers."""
    catalogue, asked = current.catalogue, conditions.question or Question()
    rows = [one.row for one in reply.answer.page]
    groups = Counter(one for row in rows for one in row["disagreements"])
    facts = Facts(
        reply.answer.total,
        reply.answer.is_at_least,
        frozenset(),
        groups,
        (),
        0,
        by_year=False,
        missing=Missing({}, {}, {}),
    )
    also, nothing = (
        await see_also(current, conditions, facts),
        warn_of_nothing(conditions, facts, catalogue),
    )
    explained = (
        [one["id"] for one in also if one["kind"] == "disagreement"]
        if asked.number or not rows
        else groups
    )
    differ = [catalogue.of_kind("disagreement")[one] for one in explained]
    unpublished = [
        catalogue.of_kind("unpublished")[one["id"]]
        for one in also
        if one["kind"] == "unpublished"
    ]
    return {
        "is_of_tables": bool(reply.question.number)
        and not any(row["read_from"] in PROSE for row in rows),
        "former": [one for one in also if one["kind"] == "observation"],
        "near": [one for one in also if one["kind"] == "near_miss"],
        "differ": differ,
        "answers": await find_answers(current, differ[0]) if differ else [],
        "unpublished": unpublished,
        "nothing": nothing and nothing["detail"],
    }


def _find_others(result: Result, catalogue: Catalogue) -> tuple[Sequence[str], str]:
    """Return the other places of a result, and what these are together."""
    areas = sorted(result.areas, key=lambda one: catalogue.label("area", one))
    others = [one for one in areas if one != result.row["area"]]
    return others, name_several(others or areas, catalogue)


def _find_dispute(row: Row, catalogue: Catalogue) -> Content | None:
    """Return the disagreement by which a number may be wrong or misread."""
    known = catalogue.of_kind("disagreement")
    records = [
        known[one] for one in row["disagreements"] if catalogue.fact("warning", one)
    ]
    return min(records, key=lambda one: len(one["members"]), default=None)


def _find_alike(listed: Sequence[Line]) -> list[bool]:
    """Tell of each result whether another one looks the same without the words of its source."""
    looks = [
        (line.what, line.when, line.area, line.row["value"], line.said)
        for line in listed
    ]
    return [looks.count(one) > 1 for one in looks]
