"""Describe routes in OpenAPI beyond their types: parameters, formats, problems and examples."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from pydantic import BaseModel

from misconduct import errors
from misconduct.api.parameters import PARAMETERS
from misconduct.api.v1.schemas import Problem
from misconduct.errors import (
    ApiProblem,
    DatabaseUnavailable,
    ExportTooLarge,
    InternalError,
    InvalidCursor,
    InvalidRequest,
    NotAcceptable,
    NotReady,
    Overloaded,
    RangeNotSatisfiable,
    RequestTooLong,
    TooManyRequests,
    UnknownRelease,
    UpgradeRequired,
)
from misconduct.formats import FORMATS, Format
from misconduct.http.problems import MEDIA_TYPE
from misconduct.model.parameter import Parameter

TAGS = [
    {"name": "figures", "description": "Datasets, lists, by-year tables, and single figures."},
    {"name": "register", "description": "What columns and codes mean; sources, checks, disagreements, corrections."},
    {"name": "evidence", "description": "Where a figure is printed, who stated it, and what it can be compared with."},
    {"name": "releases", "description": "Immutable, numbered states of the register, and their files."},
    {"name": "charts", "description": "Charts of the figures, and how to embed them."},
    {
        "name": "metadata",
        "description": "Citations, DCAT, schema.org, and the configuration of the service.",
    },
    {"name": "operations", "description": "Health checks, for operators."},
]
"""The groups of operations, in the order of the documentation."""

FIRST = ("/v1", "/v1/datasets", "/v1/datasets/{dataset}", "/v1/{dataset}", "/v1/{dataset}/by-year")
"""The paths that come before the others of their group: those that people need first."""

EXAMPLES = {
    "figures": "/v1/observations?release=1.1.0&value=1071",
    "figure": "/v1/observations/k7m3q?release=1.1.0",
    "by_year": "/v1/allegations/by-year?category=sexual_assault&release=1.1.0",
    "mistakes": "/v1/allegations?categroy=sexual_assault&year=22",
}
"""The requests whose responses are in `examples/`, and in OpenAPI."""

EXAMPLES_BASE_URL = "http://localhost:8000"

REFUSALS: tuple[type[ApiProblem], ...] = (Overloaded, TooManyRequests)
"""Problems of `http.limits`, which every route but those for operators can return."""

STREAMED: tuple[type[ApiProblem], ...] = (ExportTooLarge, UpgradeRequired)
"""Problems of what may be sent without a length."""

ALWAYS: tuple[type[ApiProblem], ...] = (
    InvalidRequest,
    UnknownRelease,
    NotAcceptable,
    RequestTooLong,
    InternalError,
    DatabaseUnavailable,
    NotReady,
    RangeNotSatisfiable,
    *REFUSALS,
)
"""Problems that every resource of the register can return."""

HEADERS: dict[str, Any] = {
    "Accept-Ranges": {"description": "`bytes` or `none`.", "schema": {"type": "string"}},
    "ETag": {"description": "Strong validator (RFC 9110).", "schema": {"type": "string"}},
    "Link": {
        "description": "Links: license, canonical, describedby, related, collection, next (RFC 8288).",
        "schema": {"type": "string"},
    },
    "X-Request-Id": {"description": "Id of this request in the service's log.", "schema": {"type": "string"}},
}

CONDITIONAL = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETag of an earlier response. The response is 304 if nothing has changed.",
    "schema": {"type": "string"},
}


def documented(
    model: type[BaseModel],
    parameters: Iterable[str | Parameter],
    formats: Iterable[str],
    *problems: type[ApiProblem],
    example: str | None = None,
) -> dict[str, Any]:
    """Return the keyword arguments of a route: its JSON model, other formats, parameters, problems and an example."""
    parameters = tuple(parameters)
    cursor = (InvalidCursor,) if "cursor" in parameters else ()
    others = {FORMATS[name].media_type: {"schema": _schema_of(FORMATS[name])} for name in formats if name != "json"}
    return {
        "response_model": model,
        "responses": {
            200: {"description": "Success.", "headers": HEADERS, "content": {**_shown(example), **others}},
            206: {"description": "The part that `Range` requests."},
            304: {"description": "Not modified."},
            **problem_responses(*ALWAYS, *cursor, *problems),
        },
        "openapi_extra": {"parameters": [*(_find(one).openapi() for one in parameters), CONDITIONAL]},
    }


def _find(parameter: str | Parameter) -> Parameter:
    return PARAMETERS[parameter] if isinstance(parameter, str) else parameter


def _schema_of(form: Format) -> dict[str, Any]:
    """Return the schema of a format, as generated clients read it: an object, a text, or bytes."""
    if form.is_text:
        return {"type": "string"}
    if form.takes == "document" or form.media_type.endswith("+json"):
        return {"type": "object", "additionalProperties": True}
    return {"type": "string", "format": "binary"}


def _shown(example: str | None) -> dict[str, Any]:
    return {"application/json": _by_reference(example)} if example else {}


def _by_reference(example: str) -> dict[str, Any]:
    return {"examples": {example: {"$ref": f"#/components/examples/{example}"}}}


def problem_responses(*problems: type[ApiProblem]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of some problems by status; problems with the same status differ by code."""
    by_status: dict[int | str, list[type[ApiProblem]]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem)
    return {
        status: {
            "description": f"{HTTPStatus(int(status)).phrase}: " + ", ".join(f"`{p.code}`" for p in group),
            "x-problems": [problem.code for problem in group],
            "content": {MEDIA_TYPE: _problem_content(group)},
        }
        for status, group in sorted(by_status.items())
    }


def problems() -> list[type[ApiProblem]]:
    """List the problems by status."""
    kinds = (one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, ApiProblem))
    return sorted((one for one in kinds if one is not ApiProblem), key=lambda one: one.status)


def _problem_content(group: list[type[ApiProblem]]) -> dict[str, Any]:
    example = _by_reference("mistakes") if InvalidRequest in group else {}
    return {"schema": {"$ref": "#/components/schemas/Problem"}, **example}


CONTRACT = next(
    (file for folder in Path(__file__).parents if (file := folder / "openapi" / "openapi.json").is_file()), None
)
"""The committed document: in a wheel it is part of the package, in a checkout beside it."""


def read_openapi(api: FastAPI, base_url: str) -> dict[str, Any]:
    """Return the OpenAPI document with the addresses of this installation, as it is committed.

    A test compares it with the code. To make it took two thirds of a worker's start, and memory that stayed taken.
    """
    if api.openapi_schema is None:
        written = CONTRACT and CONTRACT.read_text(encoding="utf-8")
        api.openapi_schema = _move(written, base_url) if written else make_openapi(api, base_url)
    return api.openapi_schema


def make_openapi(api: FastAPI, base_url: str) -> dict[str, Any]:
    """Return the OpenAPI document of this version of the code."""
    return complete_openapi(FastAPI.openapi(api), base_url)


def _move(document: str, base_url: str) -> dict[str, Any]:
    """Return a document whose examples have addresses of this installation."""
    return dict(orjson.loads(document.replace(EXAMPLES_BASE_URL, json.dumps(base_url)[1:-1])))


def complete_openapi(document: dict[str, Any], base_url: str) -> dict[str, Any]:
    """Complete FastAPI's document with problems, tags and examples, and remove the 422 that is never returned.

    Examples have addresses of this installation.
    """
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update(schema.pop("$defs"), Problem=schema)
    schema["properties"]["code"]["description"] += "".join(f"\n\n`{one.code}`: {one.__doc__}" for one in problems())
    components["examples"] = {name: _example(name, address) for name, address in EXAMPLES.items()}
    document["tags"] = TAGS
    document["paths"] = dict(sorted(document["paths"].items(), key=_place))
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
        if "application/json" in operation["responses"].get("422", {}).get("content", {}):
            del operation["responses"]["422"]
    return _move(json.dumps(document), base_url)


def _place(path: tuple[str, Any]) -> tuple[int, int]:
    """Return the place of a path in the documentation: by group, and in it those of FIRST first."""
    [tag] = path[1]["get"]["tags"]
    group = [one["name"] for one in TAGS].index(tag)
    return group, FIRST.index(path[0]) if path[0] in FIRST else len(FIRST)


def _example(name: str, address: str) -> dict[str, Any]:
    file = Path(__file__).parent / "examples" / f"{name}.json"
    return {"summary": f"GET {address}", "value": json.loads(file.read_text(encoding="utf-8"))}
