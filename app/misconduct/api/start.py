"""The start of the API: three questions, each with a link; a contact for errors; and health checks."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse

from misconduct.api.answers import send_document
from misconduct.api.current import TheReleases
from misconduct.api.negotiation import JSON_ONLY, answers
from misconduct.api.parameters import Nothing
from misconduct.api.problems import NotFound

router = APIRouter()

QUESTIONS = {
    "How many allegations were there of each kind, year by year?": "/v1/allegations/by-year",
    "How many were suspended or put on restricted duties?": "/v1/duty-status",
    "What did vetting checks find?": "/v1/vetting-checks",
}


@router.get("/healthz", tags=["operations"])
async def is_alive() -> Response:
    """Answer 200 while the process runs."""
    return send_document({"status": "ok"}, "no-store")


@router.get("/readyz", tags=["operations"])
async def is_ready(releases: TheReleases) -> Response:
    """Answer 200 when a release is loaded and the database answers, and 503 otherwise."""
    if not releases.is_ready:
        reason = "no release is loaded" if releases.is_database_up else "the database does not answer; the log says why"
        return send_document({"status": "not ready", "reason": reason}, "no-store", 503)
    return send_document({"status": "ok", "release": releases.known[-1].number}, "no-store")


@router.get("/v1", tags=["start"], responses=answers(dict[str, Any]), dependencies=[JSON_ONLY])
async def start(request: Request, _: Annotated[Nothing, Query()], releases: TheReleases) -> Response:
    """Say where to begin."""
    base, release = request.state.base_url, releases.find()
    document = {
        "title": "Misconduct Register",
        "release": release.number,
        "digest": release.digest,
        "questions": [{"question": question, "url": f"{base}{path}"} for question, path in QUESTIONS.items()],
        "datasets": f"{base}/v1/datasets",
        "reference": f"{base}/docs",
        "contact": request.state.contact,
    }
    return send_document(document)


@router.get("/.well-known/security.txt", include_in_schema=False)
async def security_contact(request: Request) -> Response:
    """Return the contact for vulnerabilities (RFC 9116), if the operator has set one."""
    if not request.state.contact:
        raise NotFound("This copy has no contact: MISCONDUCT_CONTACT is not set.")
    expires = (datetime.now(UTC) + timedelta(days=365)).strftime("%Y-%m-%dT00:00:00Z")
    return PlainTextResponse(f"Contact: {request.state.contact}\nExpires: {expires}\n")
