"""Versions, limits, formats and defaults of the service."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from misconduct.api.documentation import documented
from misconduct.api.parameters import (
    DEFAULT_ROWS,
    DEFAULT_SORT,
    LONGEST_VALUE,
    PARAMETERS,
)
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.changes import MOST_CHANGES
from misconduct.api.v1.compare import MOST as MOST_COMPARED
from misconduct.api.v1.schemas import ConfigAnswer
from misconduct.formats import EVERYWHERE, FORMATS
from misconduct.http.limits import LONGEST_QUERY, MOST_PAIRS
from misconduct.model.figure import ATTRIBUTION, LICENCE
from misconduct.model.parameter import MOST_ROWS, MOST_VALUES
from misconduct.settings import Settings

FORMS = ("json",)

router = DirectRouter(prefix="/v1", tags=["metadata"])

Asked = Annotated[Question, Depends(parse_request((), FORMS))]


@router.get("/config", **documented(ConfigAnswer, (), FORMS))
async def read_config(question: Asked, request: Request) -> Response:
    """Return the limits, formats, defaults and versions of the service, its licence and contact."""
    api = request.app
    document = _config(question, api.version, api.openapi_version)
    return answer(question, lambda: page_document(question, document, total=1))


def _config(question: Question, version: str, openapi: str) -> dict[str, Any]:
    settings = question.service.settings
    documentation = f"{question.service.base_url}/docs"
    return {
        "versions": {"api": "v1", "service": version, "openapi": openapi, "release": question.release.number},
        "limits": _limits(settings),
        "formats": [
            {
                "name": form.name,
                "suffix": f".{form.suffix}",
                "media_type": form.media_type,
                "description": form.description,
                "everywhere": form.name in EVERYWHERE,
            }
            for form in FORMATS.values()
        ],
        "defaults": {
            "format": next(iter(FORMATS)),
            "release": "latest",
            "limit": DEFAULT_ROWS,
            "sort": DEFAULT_SORT,
            "bom": PARAMETERS["bom"].default,
        },
        "contact": settings.contact,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "documentation": documentation,
        "stability": f"{documentation}#stability",
    }


def _limits(settings: Settings) -> dict[str, int | float]:
    return {
        "rows_per_page": MOST_ROWS,
        "export_rows": settings.export_rows,
        "query_bytes": LONGEST_QUERY,
        "parameters_per_query": MOST_PAIRS,
        "values_per_parameter": MOST_VALUES,
        "characters_per_value": LONGEST_VALUE,
        "compared_observations": MOST_COMPARED,
        "listed_changes": MOST_CHANGES,
        "seconds_per_query": settings.query_seconds,
    }
