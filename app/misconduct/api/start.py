"""Say where to begin and whom to tell of errors, and answer health checks."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from misconduct.api.answers import JSON_ONLY, send_document
from misconduct.api.current import Releases, TheReleases
from misconduct.api.parameters import Nothing, from_query
from misconduct.api.problems import (
    PROBLEMS,
    NotAcceptable,
    NotFound,
    Responses,
    declare,
)
from misconduct.model.catalogue import Catalogue
from misconduct.model.points import TOPICS
from misconduct.model.shapes import Health, Start, Topic, as_answer
from misconduct.queries.points import count_by_topic
from misconduct.settings import NO_CONTACT

router = APIRouter()

QUESTIONS = {
    "How many allegations were there of each kind, year by year?": "/v1/allegations/by-year",
    "How many were suspended or put on restricted duties?": "/v1/suspensions",
    "What did vetting checks find?": "/v1/vetting",
    "What is held about one force?": "/v1/areas/met",
    "Which statistic is this number?": "/v1/figures?value=1492",
    "How many officers in Kent are suspended?": "/v1/search?q=officers+suspended+in+Kent",
    "Does a number that I printed still stand?": "/v1/standing?id=k7m3q:1492",
}
HEALTH: Responses = {200: {"model": as_answer(Health)}}
START: Responses = {
    200: {"model": as_answer(Start)},
    **PROBLEMS,
    **declare(NotAcceptable),
}


@router.get("/healthz", tags=["operations"], responses=HEALTH)
async def is_alive() -> Response:
    """Answer 200 while the process runs.

    For an operator.
    """
    return send_document({"status": "ok"}, "no-store")


@router.get("/readyz", tags=["operations"], responses=HEALTH)
async def is_ready(releases: TheReleases) -> Response:
    """Answer 200 when a release is loaded and the database answers, and 503 otherwise.

    For an operator.
    """
    if not releases.is_ready:
        reason = (
            "no release is loaded"
            if releases.is_database_up
            else "the database does not answer; the log says why"
        )
        return send_document({"status": "not ready", "reason": reason}, "no-store", 503)
    return send_document(
        {"status": "ok", "release": releases.loaded[-1].number}, "no-store"
    )


@router.get("/v1", tags=["start"], responses=START, dependencies=[JSON_ONLY])
async def start(
    request: Request, _: Annotated[Nothing, from_query(Nothing)], releases: TheReleases
) -> Response:
    """Say where to begin: seven questions, and the topics.

    For an engineer.
    """
    base, release = request.state.base_url, releases.find()
    catalogue = await releases.catalogue()
    document: Start = {
        "title": "Misconduct Register",
        "release": release.number,
        "digest": release.digest,
        "figures": catalogue.on_misconduct,
        "questions": [
            {"question": question, "url": f"{base}{path}"}
            for question, path in QUESTIONS.items()
        ],
        "topics": await _list_topics(releases, catalogue, base),
        "reference": f"{base}/docs",
        "contact": request.state.contact,
        "note": None if request.state.contact else NO_CONTACT,
    }
    return send_document(document)


async def _list_topics(
    releases: Releases, catalogue: Catalogue, base: str
) -> list[Topic]:
    """Return the topics of the newest release."""
    rows = await count_by_topic(releases.newest)
    records = catalogue.of_kind("dataset")
    return [
        {
            "id": topic,
            "title": records[topic]["title"],
            "description": records[topic]["description"],
            "limits": records[topic].get("limits", []),
            "figures": catalogue.figures_by_topic[topic],
            "rows": rows.get(topic, 0),
            "url": f"{base}/v1/{topic}",
        }
        for topic in TOPICS
        if topic in records
    ]


@router.get("/.well-known/security.txt", include_in_schema=False)
async def security_contact(request: Request) -> Response:
    if not request.state.contact:
        raise NotFound(NO_CONTACT)
    expires = (datetime.now(UTC) + timedelta(days=365)).strftime("%Y-%m-%dT00:00:00Z")
    return PlainTextResponse(f"Contact: {request.state.contact}\nExpires: {expires}\n")
