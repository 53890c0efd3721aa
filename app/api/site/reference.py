"""The reference of the API, rendered here from its OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app import errors
from app.api.question import Question
from app.api.site.rendering import asked_page, page
from app.domain import figure, series

router = APIRouter()

Asked = Annotated[Question, Depends(asked_page())]


@router.get("/docs")
async def reference(question: Asked, request: Request) -> Response:
    """Every path, parameter and problem, as OpenAPI has it, to read."""
    api = request.app.openapi()
    operations = [(path, methods["get"]) for path, methods in api["paths"].items()]
    year_columns = (*series.KEY_COLUMNS, *series.NOTE_COLUMNS)
    return page(
        question,
        "reference.html",
        api=api,
        operations=operations,
        columns=figure.COLUMNS,
        year_columns=year_columns,
        problems=_problems(),
    )


def _problems() -> list[Any]:
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ApiProblem))
    return sorted((kind for kind in kinds if kind is not errors.ApiProblem), key=lambda kind: kind.status)
