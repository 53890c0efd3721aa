"""The first page, and what explains the register and its API."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ConfigDict

from misconduct.api import problems
from misconduct.api.addresses import TRACKING
from misconduct.api.answers import FILES
from misconduct.api.current import Current, TheCurrent, find_current
from misconduct.api.found import Selection
from misconduct.api.parameters import from_query
from misconduct.model.catalogue import Content
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.places import NO_COUNTRY, list_nations, sort_by_country
from misconduct.model.points import COLUMNS, DEFAULT_NAMES
from misconduct.queries.filters import Filters
from misconduct.site.figures import find_lines
from misconduct.site.indicators import Group, find_headlines, is_headline
from misconduct.site.pages import SearchQuery, To, describe, send
from misconduct.site.phrases import Line, alleges_nothing
from misconduct.site.pictures import draw_lead

router = APIRouter(include_in_schema=False)

FIRST_QUESTIONS = (
    "how-many-were-accused",
    "suspended-or-restricted-now-and-over-ten-years",
)
MAX_ANSWERS = 3
ABOUT = """Published figures on police misconduct: complaints, allegations, suspensions, vetting and dismissals, each as
printed, with its source, its place in it, and what not to confuse it with."""
FIRST_NATIONS, MAX_HEADLINES = 4, 10
"""Nations, in their order, and what people ask for first, of which the first page has the newest numbers."""


WARNINGS = ("mixed_units", "totals_and_parts", "part_years", "superseded")
"""The codes of what a table warns of. Our pages have others, too."""


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
    records = current.catalogue.of_kind
    questions = [
        records("disagreement")[one]
        for one in FIRST_QUESTIONS
        if one in records("disagreement")
    ]
    nations = list_nations(current.catalogue)[:FIRST_NATIONS]
    headlines, events = await find_headlines(current, nations)
    everything = Selection.of(Filters(), current)
    return send(
        request,
        "home.html",
        current,
        described=await describe(
            request, everything, {}, name="all figures", description=ABOUT
        ),
        datasets=sorted(records("dataset").values(), key=alleges_nothing),
        picture=await draw_lead(current, _list_indicators(current, headlines)),
        headlines=headlines[:MAX_HEADLINES],
        events=[one for one in events if is_headline(one, current.catalogue)],
        questions=[
            (each, await find_answers(current, each, MAX_ANSWERS)) for each in questions
        ],
        countries=find_countries(current),
    )


def _list_indicators(current: Current, groups: Iterable[Group]) -> list[Content]:
    """Return the indicators of some newest rows."""
    records = current.catalogue.of_kind("indicator")
    return [records[group[0]["indicator"]] for group in groups]


def find_countries(current: Current) -> list[str]:
    """Return the countries that figures are about, that with most places first."""
    areas = current.catalogue.areas
    return [
        one for one in sort_by_country(areas, current.catalogue) if one != NO_COUNTRY
    ]


async def find_answers(
    current: Current, disagreement: Content, most: int | None = None
) -> list[tuple[str, Line]]:
    answers = disagreement.get("answers", ())[:most]
    found = await find_lines(current, [answer["observation"] for answer in answers])
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
