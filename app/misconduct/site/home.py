"""The first page, and what explains the register and its API."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ConfigDict

from misconduct.api import problems
from misconduct.api.addresses import TRACKING
from misconduct.api.answers import FILES
from misconduct.api.charts import find_lead_chart
from misconduct.api.current import Current, TheCurrent, find_current
from misconduct.api.gaps import find_gaps
from misconduct.api.parameters import from_query
from misconduct.api.problems import NotFound
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import Row
from misconduct.model.places import list_forces, name_force
from misconduct.model.points import COLUMNS, DEFAULT_NAMES, TOPICS
from misconduct.queries.points import find_rows_of
from misconduct.site.gaps import count_answers
from misconduct.site.newest import find_first, list_home
from misconduct.site.pages import SearchQuery, To, describe, send
from misconduct.site.pictures import (
    PAGE,
    PagePicture,
    draw_indicator,
    draw_registered,
)

router = APIRouter(include_in_schema=False)

FIRST_QUESTIONS = (
    "how-many-were-accused",
    "suspended-or-restricted-now-and-over-ten-years",
    "complaints-logged-and-formally-recorded",
)
MAX_ANSWERS = 3
MOST_SUBJECTS = 4  # allegations, complaints, suspensions and vetting
MOST_TILES = 4
"""Numbers beside the picture of the first page, as many as are as high as it is."""

ABOUT = """Published figures on police misconduct: complaints, allegations, suspensions, vetting and dismissals, each as
printed, with its source, its place in it, and what not to confuse it with."""

WARNINGS = ("mixed_units", "totals_and_parts", "part_years", "superseded")
"""The codes of what a table warns of."""


class HomeQuery(SearchQuery):
    """The parameters of the first page. It ignores any other that a link to it has, and looks a number up."""

    model_config = ConfigDict(extra="ignore")


@router.get("/")
async def show_home(
    request: Request, query: Annotated[HomeQuery, from_query(HomeQuery)]
) -> Response:
    current = await find_current(request, query)
    if query.q:
        return RedirectResponse(To(current)("search", q=query.q), 303)
    catalogue = current.catalogue
    newest = await find_first(current, list_home(catalogue))
    picture, link = await _draw_lead(current, newest.rows[:1])
    drawn = {row["indicator"] for row in picture.drawing.rows} if picture else set()
    tiles = [row for row in newest.rows if row["indicator"] not in drawn][:MOST_TILES]
    known = catalogue.of_kind("disagreement")
    questions = [known[one] for one in FIRST_QUESTIONS if one in known]
    said = {"name": "all figures", "description": ABOUT}
    return send(
        request,
        "home.html",
        current,
        described=describe(request, current, newest.rows, {}, **said),
        subjects=_list_subjects(catalogue),
        picture=picture,
        link=link,
        tiles=tiles,
        events=newest.events,
        questions=[
            (each, await find_answers(current, each, MAX_ANSWERS)) for each in questions
        ],
        forces=name_forces(catalogue),
        gaps=count_answers(await find_gaps(current)),
    )


def _list_subjects(catalogue: Catalogue) -> list[tuple[Content, int]]:
    """Return what the register is mostly about: the first topics, each with how many figures it has."""
    records, counts = catalogue.of_kind("dataset"), catalogue.figures_by_topic
    return [
        (records[one], counts[one]) for one in TOPICS[:MOST_SUBJECTS] if one in records
    ]


async def _draw_lead(
    current: Current, first: Sequence[Row]
) -> tuple[PagePicture | None, str]:
    """Return the first picture, and the page that it leads to: the editor's first chart, or the first series."""
    to = To(current)
    if chart := find_lead_chart(current.catalogue):
        return await draw_registered(current, chart["id"]), to("charts", chart["id"])
    for row in first:
        area, indicator = row["area_code"], row["indicator"]
        try:
            picture = await draw_indicator(current, indicator, PAGE, area=area)
        except NotFound:  # no form shows its rows
            continue
        return picture, to("indicators", indicator)
    return None, ""


def name_forces(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return the codes and names of the forces, by name."""
    codes = list_forces(catalogue, has_nations=True)
    named = [(code, name_force(code, catalogue)) for code in codes]
    return sorted(named, key=lambda force: force[1])


async def find_answers(
    current: Current, disagreement: Content, most: int | None = None
) -> list[tuple[str, Row]]:
    """Return which number answers which question of a disagreement."""
    answers = disagreement.get("answers", ())[:most]
    ids = [answer["observation"] for answer in answers]
    found = await find_rows_of(current.tables, ids)
    return [
        (answer["question"], found[answer["observation"]])
        for answer in answers
        if answer["observation"] in found
    ]


@router.get("/about")
async def show_about(request: Request, current: TheCurrent) -> Response:
    return send(
        request,
        "about.html",
        current,
    )


@router.get("/docs/start")
async def show_start(request: Request) -> Response:
    return send(request, "start.html")


@router.get("/docs")
async def show_reference(request: Request) -> Response:
    paths = [
        _describe(path if method == "get" else f"POST {path}", operation)
        for path, operations in request.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if FILES
        not in operation.get("tags", ())  # they take the parameters of their lists
    ]
    often = Counter(item for path in paths for item in path["parameters"].items())
    shared = {
        name: about for (name, about), number in often.items() if number > 2
    }  # described once for all
    return send(
        request,
        "reference.html",
        paths=paths,
        shared=shared,
        columns=COLUMNS,
        defaults=DEFAULT_NAMES,
        tracking=TRACKING,
        warnings={code: PROGRAM_LISTS["warning"][code] for code in WARNINGS},
        problems=[*problems.Problem.__subclasses__(), problems.Problem],
        unknown=problems.UNKNOWN,
    )


def _describe(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        each for each in operation.get("parameters", ()) if each["in"] == "query"
    ]
    first, _, more = " ".join(operation.get("description", "").split()).partition(". ")
    return {
        "path": path,
        "about": f"{first.rstrip('.')}.",
        "more": more,
        "parameters": {
            each["name"]: each.get("description", "") for each in parameters
        },
    }
