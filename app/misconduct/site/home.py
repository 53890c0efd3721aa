"""The first page, and what explains the register and its API."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from misconduct.api import problems
from misconduct.api.addresses import TRACKING
from misconduct.api.current import Current, TheCurrent
from misconduct.model.catalogue import Content
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import COLUMNS, DEFAULT_COLUMNS, SHOWN_COLUMNS, Row
from misconduct.model.places import NO_COUNTRY, sort_by_country
from misconduct.queries.figures import find_holdings, find_scope
from misconduct.site.figures import find_lines
from misconduct.site.pages import FOLDER, send
from misconduct.site.phrases import Line
from misconduct.site.pictures import draw_registered

router = APIRouter(include_in_schema=False)

FIRST_QUESTIONS = ("how-many-were-accused", "suspended-or-restricted-now-and-over-ten-years")
FIRST_CHART = "how-many-were-accused"
FIRST_UNPUBLISHED = ("dismissals", "findings", "suspended-for-sexual-misconduct")
MAX_ANSWERS = 3


@router.get("/")
async def show_home(request: Request, current: TheCurrent) -> Response:
    scope = await find_scope(current.database, current.release.number)
    records = current.catalogue.of_kind
    questions = _choose(records("disagreement"), FIRST_QUESTIONS)
    chart = records("chart").get(FIRST_CHART)
    return send(
        request,
        "home.html",
        current,
        scope=scope,
        deaths=records("dataset").get("after-contact", {}).get("figures", 0),
        questions=[(each, await find_answers(current, each, MAX_ANSWERS)) for each in questions],
        chart=chart,
        picture=await draw_registered(current, chart["id"]) if chart else None,
        countries=await _find_countries(current),
        unpublished=_choose(records("unpublished"), FIRST_UNPUBLISHED),
    )


class Country(NamedTuple):
    """A country, the years of its figures, and where the page of places has it."""

    name: str
    anchor: int
    years: str


async def _find_countries(current: Current) -> list[Country]:
    """Return the countries, the one with most places first."""
    held = defaultdict[str, list[Row]](list)
    for row in await find_holdings(current.database, current.release.number):
        held[row["area"]].append(row)
    found, countries = [], sort_by_country(held.keys() - {"unstated"}, current.catalogue)
    for anchor, (name, places) in enumerate(countries.items(), 1):
        codes = [one for code, inside in places.items() for one in (code, *inside)]
        rows = [row for code in codes for row in held[code]]
        years = sorted(row[end] for row in rows for end in ("first_year", "last_year") if row[end])
        span = f"{years[0]}–{years[-1]}" if years else ""
        found.append(Country(name, anchor, span))
    return [one for one in found if one.name != NO_COUNTRY]


def _choose(records: Mapping[str, Content], first: Sequence[str]) -> list[Content]:
    return [records[identity] for identity in first if identity in records]


async def find_answers(current: Current, disagreement: Content, most: int | None = None) -> list[tuple[str, Line]]:
    answers = disagreement.get("answers", ())[:most]
    found = await find_lines(current, [answer["observation"] for answer in answers])
    return [(answer["question"], found[answer["observation"]]) for answer in answers if answer["observation"] in found]


@router.get("/about")
async def show_about(request: Request, current: TheCurrent) -> Response:
    return send(request, "about.html", current, scope=await find_scope(current.database, current.release.number))


@router.get("/robots.txt")
async def send_robots() -> Response:
    return FileResponse(FOLDER / "static/robots.txt")


@router.get("/docs/start")
async def show_start(request: Request) -> Response:
    return send(request, "start.html")


@router.get("/docs")
async def show_reference(request: Request) -> Response:
    paths = [
        _describe(path if method == "get" else f"POST {path}", operation)
        for path, operations in request.app.openapi()["paths"].items()
        for method, operation in operations.items()
    ]
    often = Counter(item for path in paths for item in path["parameters"].items())
    shared = {name: about for (name, about), number in often.items() if number > 2}  # described once for all
    return send(
        request,
        "reference.html",
        paths=paths,
        shared=shared,
        columns=[COLUMNS[name] for name in SHOWN_COLUMNS],
        defaults=DEFAULT_COLUMNS,
        tracking=TRACKING,
        warnings=PROGRAM_LISTS["warning"],
        problems=[*problems.Problem.__subclasses__(), problems.Problem],
    )


def _describe(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    first, _, more = " ".join(operation.get("description", "").split()).partition(". ")
    return {
        "path": path,
        "about": f"{first.rstrip('.')}.",
        "more": more,
        "parameters": {each["name"]: each.get("description", "") for each in parameters},
    }
