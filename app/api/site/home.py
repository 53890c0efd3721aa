"""The home page: what this is, and where to begin."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.question import Question
from app.api.site.rendering import asked_page, page

router = APIRouter()

Asked = Annotated[Question, Depends(asked_page())]


@router.get("/")
async def home(question: Asked) -> Response:
    """What this is, and where to begin."""
    return page(
        question,
        "home.html",
        datasets=question.catalogue.kind("dataset").values(),
        contact=question.service.settings.contact,
    )
