"""Name everything that is wrong with a request: what its model refuses, and values that the release does not have."""

from collections.abc import Mapping
from typing import Any, get_type_hints

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from misconduct.api.current import Current, Releases, find_current
from misconduct.api.parameters import Pinned
from misconduct.api.problems import Fault, InvalidParameters, Problem, Respond, write
from misconduct.api.suggestions import suggest, unknown_parameter, unknown_value
from misconduct.errors import DatabaseUnavailable
from misconduct.model.catalogue import Content
from misconduct.model.figure import SHOWN_COLUMNS
from misconduct.queries.filters import FILTERS, MAX_VALUES, split

MAX_FAULTS = 40
"""Faults of one request that are described; thousands would take seconds."""

MAX_GUESSES = 10
"""How many unknown values get a suggestion: each is compared with every code."""


def given_values(request: Request) -> dict[str, list[str]]:
    """Return the values of each parameter as given; those between commas are several, except of a publisher."""
    given = {name: request.query_params.getlist(name) for name in request.query_params}
    return {name: values if name == "publisher" else split(values) for name, values in given.items()}


async def find_checked(query: Pinned, releases: Releases) -> Current:
    """Return the release that a request names. Raises Problem, also for values that the release does not have."""
    current = await find_current(releases, query)
    if faults := await find_faults(dict(query), current, releases):
        raise InvalidParameters(faults)
    return current


async def find_faults(values: Mapping[str, Any], current: Current, releases: Releases) -> list[Fault]:
    """Return every value of a filter by codes or records, and every column, that there is not in the release.

    A value that only the newest release has is said to be there. `values` are those of each parameter.
    """
    newest, faults = releases.find(), []
    codes = (await releases.catalogue(newest)).findable
    named = {name: mark.names for name, mark in FILTERS.items() if mark.names}
    for parameter, value in ((name, value) for name in named for value in values.get(name, ())):
        names = named[parameter]
        if value in (findable := current.catalogue.findable(names)):
            continue
        known = sorted(findable)
        if value in (newer := codes(names)):
            detail = f"Release {current.release.number} has no {parameter} {value!r}; release {newest.number} has it."
            faults.append(Fault(parameter, "unknown_value", detail, None, known[:100]))
        else:
            meant = None
            if len(faults) < MAX_GUESSES:
                words = current.catalogue.codelists.get(names, {})
                meant = find_by_words(value, words) or suggest(value, known) or suggest(value, newer)
            faults.append(unknown_value(parameter, value, known, meant))
    unknown = [name for name in values.get("columns", ()) if name not in (*SHOWN_COLUMNS, "all")]
    return faults + [
        unknown_value("columns", name, SHOWN_COLUMNS, suggest(name, SHOWN_COLUMNS), "column") for name in unknown
    ]


def find_by_words(value: str, codes: Mapping[str, Content]) -> str | None:
    """Return the code with a label, or with words of published tables or of earlier releases: Use of force, accused."""
    plain = value.casefold()
    for code, content in codes.items():
        if plain in (content["label"].casefold(), *(words.casefold() for words in content.get("words", ()))):
            return code
    return None


def answer_invalid_requests(api: FastAPI, respond: Respond = write) -> None:
    """Answer a request that a model of parameters refuses with all of its faults."""

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        known = _known_parameters(request)
        faults = [_describe(fault, known) for fault in error.errors()[:MAX_FAULTS]]
        given = {name: values[:MAX_VALUES] for name, values in given_values(request).items() if name in known}
        releases: Releases = request.state.releases
        try:
            current = await releases.current(releases.find(request.query_params.get("release")))
            reported = {fault.parameter for fault in faults}
            found = await find_faults(given, current, releases)
            faults += [fault for fault in found if fault.parameter not in reported]
        except (Problem, DatabaseUnavailable):  # there is no release to look codes up in: report the rest
            pass
        return respond(request, InvalidParameters(faults))


def _known_parameters(request: Request) -> list[str]:
    """Return the names of the query parameters of the route of a request."""
    hints = get_type_hints(request.scope["endpoint"]).values()
    models = [hint for hint in hints if isinstance(hint, type) and issubclass(hint, BaseModel)]
    return [name for model in models for name in model.model_fields]


def _describe(error: Any, known: list[str]) -> Fault:
    """Say what pydantic found in our words."""
    kind, given, place = error["type"], error.get("input"), error["loc"][1:]
    parameter = str(place[0]) if place else next((name for name in known if name in error["msg"].split()), "query")
    if kind == "extra_forbidden":
        return unknown_parameter(parameter, known)
    if kind == "literal_error":
        allowed = [one.strip(" '") for one in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return unknown_value(parameter, str(given), allowed, suggest(str(given), allowed))
    if kind == "missing":
        return Fault(parameter, "invalid_value", f"{parameter} is missing.")
    if kind == "too_long":
        detail = "{} has {actual_length} values and may have {max_length}.".format(parameter, **error["ctx"])
        return Fault(parameter, "invalid_value", detail)
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    return Fault(parameter, "invalid_value", f"{parameter} {message}." if kind != "value_error" else f"{message}.")
