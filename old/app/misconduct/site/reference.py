"""The reference of the API as a page: first questions with their answers, then every path, parameter and problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Request, Response

from misconduct.api.documentation import ALWAYS, problems
from misconduct.api.parameters import PARAMETERS
from misconduct.api.quick_start import ANSWERED_IN, STARTS
from misconduct.api.request_context import Question
from misconduct.api.routing import DirectRouter
from misconduct.formats import FORMATS
from misconduct.http.problems import MEDIA_TYPE
from misconduct.model import figure, series
from misconduct.model.filters import FILTERS
from misconduct.site.rendering import page, parse_page_request
from misconduct.site.snippets import write_start

router = DirectRouter(include_in_schema=False)

Asked = Annotated[Question, Depends(parse_page_request())]


class Operation(NamedTuple):
    """One path: its parameters by name, those that are its own in full, its formats, and problems that not all have.

    `without` names the filters that it does not take, if it takes most of them.
    """

    path: str
    id: str
    description: list[str]
    own: list[Mapping[str, Any]]
    names: list[str]
    has_filters: bool
    without: list[str]
    formats: list[str]
    problems: list[str]


@router.get("/docs")
async def show_reference(question: Asked, request: Request) -> Response:
    """Show the quick start, and everything that the OpenAPI document says, each thing once."""
    api = request.app.openapi()
    operations = [_operation(path, methods["get"]) for path, methods in api["paths"].items()]
    return page(
        question,
        "reference.html",
        api=api,
        starts=[(one, write_start(question.service.base_url + one.path)) for one in STARTS],
        answered_in=ANSWERED_IN,
        sections=[
            (tag, [one for one in operations if api["paths"][one.path]["get"]["tags"] == [tag["name"]]])
            for tag in api["tags"]
        ],
        tables=[
            ("filters", "Filters", FILTERS.values()),
            ("parameters", "Other parameters", [one for name, one in PARAMETERS.items() if name not in FILTERS]),
        ],
        columns=figure.COLUMNS,
        year_columns=series.COLUMNS,
        gaps=series.GAPS,
        problems=problems(),
        always=ALWAYS,
    )


def _operation(path: str, operation: Mapping[str, Any]) -> Operation:
    given = operation.get("parameters", [])
    named = [one["name"] for one in given if one["in"] == "query" and one == _declared(one["name"])]
    taken = [name for name in FILTERS if name in named]
    has_filters = len(taken) > len(FILTERS) / 2
    answers = operation["responses"].values()
    suffixes = {one.media_type: f".{name}" for name, one in FORMATS.items()}
    media_types = (media_type for one in answers for media_type in one.get("content", {}) if media_type != MEDIA_TYPE)
    return Operation(
        path,
        operation["operationId"],
        operation["description"].split("\n\n"),
        [one for one in given if one["name"] not in named and one["in"] != "header"],
        [name for name in named if not (has_filters and name in FILTERS)],
        has_filters,
        [name for name in FILTERS if name not in named],
        list(dict.fromkeys(suffixes.get(media_type, media_type) for media_type in media_types)),
        _without_common(one.get("x-problems", ()) for one in answers),
    )


def _declared(name: str) -> dict[str, Any] | None:
    return PARAMETERS[name].openapi() if name in PARAMETERS else None


def _without_common(codes: Iterable[Iterable[str]]) -> list[str]:
    common = {kind.code for kind in ALWAYS}
    return [code for some in codes for code in some if code not in common]
