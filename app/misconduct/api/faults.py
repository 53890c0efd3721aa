"""Name everything that is wrong with a request: with its path, for its model, and for the release that it names."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, get_type_hints

from anyio import to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from misconduct.api.corrections import Fault, Pairs, mend
from misconduct.api.current import Current, Releases, find_current
from misconduct.api.parameters import Pinned, RowQuery, group, read_query
from misconduct.api.problems import InvalidParameters, NotFound, Problem, Respond
from misconduct.api.suggestions import (
    HABITS,
    guess,
    unknown_code,
    unknown_parameter,
    unknown_value,
)
from misconduct.api.tables import read_wanted
from misconduct.errors import DatabaseUnavailable
from misconduct.model.catalogue import Catalogue
from misconduct.model.points import TOPICS
from misconduct.model.vocabulary import LONGEST_GUESS, find_meanings
from misconduct.queries.filters import FILTERS, MAX_VALUES

MAX_FAULTS = (
    40  # faults of one request that are described; thousands would take seconds
)
MAX_GUESSES = (
    10  # how many unknown values get a suggestion: each is compared with every code
)

LISTS = (
    *("figures", "indicators", "areas", "charts", "gaps", "notes", "sources"),
    *("codes", "releases", "standing", "changes", "search"),
)
"""The addresses that a mistyped one may mean, beside those of topics."""
MAX_PATH = 200  # characters of a path that is read; clients choose how long it is


def given_values(request: Request) -> dict[str, list[str]]:
    """Return the values of each parameter; those between commas are several, except of a publisher."""
    return {
        name: values
        if name == "publisher"
        else [part for one in values for part in one.split(",", MAX_VALUES)]
        for name, values in group(request.query_params.multi_items()).items()
    }


async def find_checked(request: Request, query: Pinned) -> Current:
    """Return the release that a request names. Raises Problem, also for unknown values of filters."""
    current = await find_current(request, query)
    if faults := await find_faults(dict(query), current):
        raise InvalidParameters(faults)
    return current


async def find_faults(values: Mapping[str, Any], current: Current) -> list[Fault]:
    given = (
        (name, one)
        for name, mark in FILTERS.items()
        if mark.names
        for one in values.get(name, ())
    )
    unknown = [
        (name, one)
        for name, one in given
        if one not in current.catalogue.findable(FILTERS[name].names)
    ]
    faults = list[Fault]()
    if unknown:  # ten guesses take a second
        newest = await current.releases.current()
        faults = await to_thread.run_sync(
            _describe_unknown, unknown, current.catalogue, newest
        )
    return faults


def _describe_unknown(
    unknown: Iterable[tuple[str, str]], catalogue: Catalogue, newest: Current
) -> list[Fault]:
    faults = list[Fault]()
    for parameter, value in unknown:
        if len(faults) < MAX_GUESSES and len(value) <= LONGEST_GUESS:
            faults.append(unknown_code(parameter, value, catalogue, newest.view))
        else:
            faults.append(
                unknown_value(
                    parameter,
                    value,
                    sorted(catalogue.findable(FILTERS[parameter].names)),
                )
            )
    return faults


def answer_faults(api: FastAPI, respond: Respond) -> None:

    @api.exception_handler(404)
    async def unknown(request: Request, _: Exception) -> Response:
        releases, near = request.state.releases, None
        with suppress(Problem, DatabaseUnavailable):  # there may be no release
            near = find_path(request.scope["path"], await releases.catalogue())
        hint = f"Did you mean {near}?" if near else "/docs lists every address."
        detail = f"Page not found. {hint}"
        value = request.scope["path"]
        return respond(request, NotFound(detail, near, value=value))

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        known = [
            name
            for model in _find_models(request.scope["endpoint"])
            for name in model.model_fields
        ]
        faults = [_describe(fault, known) for fault in error.errors()[:MAX_FAULTS]]
        releases: Releases = request.state.releases
        with suppress(Problem, DatabaseUnavailable):  # there may be no release
            current = await releases.current(request.query_params.get("release"))
            faults += await _find_further(request, faults, current)
        return respond(request, InvalidParameters(faults))


async def _find_further(
    request: Request, faults: Sequence[Fault], current: Current
) -> list[Fault]:
    """Return what is wrong with the values of a request of which some parameters cannot be read."""
    models = _find_models(request.scope["endpoint"])
    of_rows = next((one for one in models if issubclass(one, RowQuery)), None)
    if of_rows is None:
        names = {name for model in models for name in model.model_fields}
        reported = {fault.parameter for fault in faults}
        given = {
            name: values[:MAX_VALUES]
            for name, values in given_values(request).items()
            if name in names - reported
        }
        return await find_faults(given, current)
    pairs: Pairs = request.query_params.multi_items()
    for fault in faults:  # what has no remedy is left out
        left = [pair for pair in pairs if pair[0] != fault.parameter]
        pairs = mend(pairs, [fault]) or left
    try:
        query = read_query(of_rows, group(pairs))
        read_wanted(query, current.catalogue)
    except InvalidParameters as found:
        return [*found.faults]
    except RequestValidationError as error:  # a value that other services write so
        known = [*of_rows.model_fields]  # a picture takes others, too
        errors = [one for one in error.errors() if one["type"] != "extra_forbidden"]
        return [_describe(fault, known) for fault in errors[:MAX_FAULTS]]
    return []


@cache
def _find_models(endpoint: Callable[..., Any]) -> list[type[BaseModel]]:
    hints = [
        Pinned if hint is Current else hint
        for hint in get_type_hints(endpoint).values()
    ]
    return [
        hint for hint in hints if isinstance(hint, type) and issubclass(hint, BaseModel)
    ]


def describe_parameters(endpoint: Callable[..., Any]) -> list[dict[str, Any]]:
    """Return the parameters in the query of an endpoint, as OpenAPI has them."""
    described = []
    for schema in (model.model_json_schema() for model in _find_models(endpoint)):
        for name, field in schema["properties"].items():
            kept = {
                key: value
                for key, value in field.items()
                if (key, value) != ("default", None)
            }
            is_required = name in schema.get("required", ())
            found = {
                "name": name,
                "in": "query",
                "required": is_required,
                "schema": kept,
            }
            described.append(found | {"description": field.get("description", "")})
    return described


def _describe(error: Any, known: list[str]) -> Fault:
    given, place, message = (
        error.get("input"),
        error["loc"][1:],
        error["msg"].removeprefix("Value error, ").rstrip("."),
    )
    message = message.removeprefix("Input ").replace(
        "should be greater than or equal to", "must be at least"
    )
    message = message.replace("should be less than or equal to", "must be at most")
    parameter = (
        str(place[0])
        if place
        else next((name for name in known if name in message.split()), "query")
    )
    match error["type"]:
        case "extra_forbidden":
            return unknown_parameter(parameter, known, str(given))
        case "literal_error":
            return guess(
                parameter, str(given), re.findall("'([^']*)'", error["ctx"]["expected"])
            )
        case "missing":
            detail = f"{parameter} is missing."
        case "repeated":
            detail = f"{parameter} takes one value, and has {len(given)}: {', '.join(given)[:80]}. Give it once."
        case "too_long":
            detail = "{} has {actual_length} values and may have {max_length}.".format(
                parameter, **error["ctx"]
            )
        case "value_error":
            detail = f"{message}."
        case _:
            detail = f"{parameter} {message}."
    code = "given_twice" if error["type"] == "repeated" else "invalid_value"
    return Fault(parameter, code, detail, _find_meant(error), str(given)[:80])


def _find_meant(error: Any) -> str | None:
    """Return the value that a fault leaves: the last of several, or a bound."""
    if error["type"] == "repeated":
        return str(error["input"][-1])
    if error["type"] in ("less_than_equal", "greater_than_equal"):
        return str(next(iter(error["ctx"].values())))
    return None


def find_path(path: str, catalogue: Catalogue) -> str | None:
    """Return the list that is probably meant by an address that does not exist, by its first word."""
    words = [
        one
        for one in re.split(r"[/.]", path[:MAX_PATH].lower())
        if one not in ("", "api", "v1", "v2", "latest")
    ]
    if not words:
        return "/v1"
    if known := HABITS["path"].get(words[0]):
        return known[0]
    names = catalogue.names("dataset")
    lists = {one: [""] for one in LISTS} | {one: names[one] for one in TOPICS}
    return next(
        (f"/v1/{one}" for one in find_meanings(words[0], lists, are_proper=False)), None
    )
