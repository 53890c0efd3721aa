"""What OpenAPI says of a route beyond its types: parameters, formats, problems. One table each, no second truth."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from app.api.parameters import PARAMETERS
from app.api.problems import MEDIA_TYPE
from app.api.v1.models import Problem
from app.errors import (
    ApiProblem,
    DatabaseUnavailable,
    InternalError,
    InvalidCursor,
    InvalidRequest,
    NotAcceptable,
    NotReady,
    RequestTooLong,
    UnknownRelease,
)
from app.formats import FORMATS

ALWAYS: tuple[type[ApiProblem], ...] = (
    InvalidRequest,
    UnknownRelease,
    NotAcceptable,
    RequestTooLong,
    InternalError,
    DatabaseUnavailable,
    NotReady,
)
"""Problems that every resource of the register can answer with."""

HEADERS: dict[str, Any] = {
    "ETag": {"description": "Strong validator (RFC 9110).", "schema": {"type": "string"}},
    "Link": {"description": "license, canonical and next (RFC 8288).", "schema": {"type": "string"}},
    "X-Request-Id": {"description": "Names this request in our log.", "schema": {"type": "string"}},
}

CONDITIONAL = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "An ETag that you have: 304 where nothing has changed.",
    "schema": {"type": "string"},
}


def documented(
    model: type[BaseModel], parameters: Iterable[str], formats: Iterable[str], *problems: type[ApiProblem]
) -> dict[str, Any]:
    """Keyword arguments of a route: its JSON model, its other formats, its parameters and its problems."""
    parameters = tuple(parameters)
    cursor = (InvalidCursor,) if "cursor" in parameters else ()
    others = {FORMATS[name].media_type: {"schema": {"type": "string"}} for name in formats if name != "json"}
    return {
        "response_model": model,
        "responses": {
            200: {"description": "The answer.", "headers": HEADERS, "content": others},
            304: {"description": "You have this answer already."},
            **problem_responses(*ALWAYS, *cursor, *problems),
        },
        "openapi_extra": {"parameters": [*(PARAMETERS[name].openapi() for name in parameters), CONDITIONAL]},
    }


def problem_responses(*problems: type[ApiProblem]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of some problems, by status; those that share one are told apart by their code."""
    by_status: dict[int | str, list[type[ApiProblem]]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem)
    return {
        status: {
            "description": f"{HTTPStatus(int(status)).phrase}: " + " ".join(f"`{p.code}`: {p.__doc__}" for p in group),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, group in sorted(by_status.items())
    }


def add_problem_schema(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the schema of problems, which no route returns and so none brings."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(schema.pop("$defs"), Problem=schema)
    return document
