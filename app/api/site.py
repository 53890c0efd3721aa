"""For people: the home page and the reference of the API, rendered here, with nothing from any other host."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import errors
from app.api.service import ServiceHere
from app.domain import figure, series
from app.errors import NotFound

HERE = Path(__file__).parent
STATIC_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}

router = APIRouter(include_in_schema=False)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def page(template: str, **values: Any) -> Response:
    """A page as HTML. Everything that comes from the register is escaped."""
    body = _templates().get_template(template).render(**values)
    return Response(body, headers={"Cache-Control": "public, max-age=60"}, media_type="text/html")


@router.get("/")
async def home(service: ServiceHere) -> Response:
    """What this is, and where to begin."""
    release = service.releases.releases[-1]
    catalogue = await service.releases.catalogue(release)
    return page(
        "home.html",
        release=release,
        datasets=catalogue.kind("dataset").values(),
        base_url=service.base_url,
        contact=service.settings.contact,
    )


@router.get("/docs")
async def reference(request: Request) -> Response:
    """Every path, parameter and problem, as OpenAPI has it, to read."""
    api = request.app.openapi()
    operations = [(path, methods["get"]) for path, methods in api["paths"].items()]
    year_columns = (*series.KEY_COLUMNS, *series.NOTE_COLUMNS)
    return page(
        "reference.html",
        api=api,
        operations=operations,
        columns=figure.COLUMNS,
        year_columns=year_columns,
        problems=_problems(),
    )


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """A style sheet or picture of the pages."""
    file = next((file for file in (HERE / "static").iterdir() if file.name == name), None)
    if file is None or file.suffix not in STATIC_TYPES:
        raise NotFound("There is no such file.")
    return Response(
        file.read_bytes(), headers={"Cache-Control": "public, max-age=3600"}, media_type=STATIC_TYPES[file.suffix]
    )


def _problems() -> list[Any]:
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ApiProblem))
    return sorted((kind for kind in kinds if kind is not errors.ApiProblem), key=lambda kind: kind.status)
