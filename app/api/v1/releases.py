"""The releases: immutable, numbered states of the whole register."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from app.api.answers import answer, page_document
from app.api.documentation import documented
from app.api.question import Question, asked
from app.api.v1.models import RecordAnswer, RecordPage
from app.domain.records import Release
from app.domain.table import Column, Table

FORMS = ("json", "csv")
COLUMNS = tuple(
    Column(name, "text", description)
    for name, description in (
        ("number", "Number of the release."),
        ("released", "UTC day."),
        ("summary", "What it brought."),
        ("digest", "Seals it and all releases before it."),
        ("cite_as", "Its address."),
    )
)

router = APIRouter(prefix="/v1", tags=["releases"])

Asked = Annotated[Question, Depends(asked((), FORMS))]
Number = Annotated[str, Path(description="Number of a release, or latest.", examples=["1.0.0"])]


@router.get("/releases", **documented(RecordPage, (), FORMS))
async def list_releases(question: Asked) -> Response:
    """All releases, the newest first. A release never changes; its digest seals it and all before it."""
    base_url = question.service.base_url
    found = [_document(release, base_url) for release in reversed(question.service.releases.releases)]
    return answer(
        question,
        lambda: page_document(question, found, total=len(found)),
        lambda: _table(found),
    )


@router.get("/releases/{number}", **documented(RecordAnswer, (), FORMS))
async def read_release(question: Asked, number: Number) -> Response:
    """One release."""
    found = _document(question.service.releases.resolve(number, None), question.service.base_url)
    return answer(question, lambda: page_document(question, found, total=1), lambda: _table([found]))


def _document(release: Release, base_url: str) -> dict[str, Any]:
    return {
        "number": release.number,
        "released": release.released.isoformat(),
        "summary": release.summary,
        "digest": release.digest,
        "cite_as": f"{base_url}/v1/releases/{release.number}",
    }


def _table(found: list[dict[str, Any]]) -> Table:
    return Table(COLUMNS, [tuple(release[column.name] for column in COLUMNS) for release in found])
