"""For those who run the service: is it alive, is it ready."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.documentation import problem_responses
from app.api.service import ServiceHere
from app.api.v1.models import Health, Readiness
from app.errors import NotReady
from app.formats.json import encode_json

router = APIRouter(tags=["operations"])


def _answer(document: dict[str, str]) -> Response:
    return Response(encode_json(document), headers={"Cache-Control": "no-store"}, media_type="application/json")


@router.get("/healthz", response_model=Health)
async def healthz() -> Response:
    """Whether this process answers. Never touches the database."""
    return _answer({"status": "ok"})


@router.get("/readyz", response_model=Readiness, responses=problem_responses(NotReady))
async def readyz(service: ServiceHere) -> Response:
    """Whether a release is known. With the database down it still is: cached answers are served."""
    release = service.releases.releases[-1]
    database = "answers" if service.releases.database_answers else "does_not_answer"
    return _answer({"status": "ready", "release": release.number, "digest": release.digest, "database": database})
