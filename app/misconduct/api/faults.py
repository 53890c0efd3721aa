"""Name everything that is wrong with a request: with its path, for its model, and for the release that it names."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, get_type_hints

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from misconduct.api.corrections import PATH, Address, Fault, correct
from misconduct.api.current import Current, Releases
from misconduct.api.parameters import (
    AreaList,
    ChangeList,
    ColumnsQuery,
    GapList,
    IndicatorList,
    Pinned,
    RowQuery,
    group,
    read_query,
)
from misconduct.api.paths import INDICATORS, START, read_path
from misconduct.api.problems import Answer, InvalidParameters, NotFound, Problem
from misconduct.api.records import find_record
from misconduct.api.suggestions import (
    guess,
    unknown_parameter,
    with_meaning,
)
from misconduct.api.tables import (
    check_columns,
    read_area_codes,
    read_areas,
    read_list,
    read_wanted,
)
from misconduct.errors import DatabaseUnavailable
from misconduct.formats import PICTURES
from misconduct.model.catalogue import Catalogue
from misconduct.model.points import TOPICS

MAX_FAULTS = (
    40  # faults of one request that are described; thousands would take seconds
)


def answer_faults(api: FastAPI, answer: Answer) -> None:

    @api.exception_handler(404)
    async def unknown(request: Request, _: Exception) -> Response:
        path, hint = request.scope["path"], "/docs lists every address."
        problem = NotFound("Page not found.", value=path)
        problem.meant = await find_meant(request, problem.faults)
        if problem.meant:
            hint = f"Did you mean {problem.meant}?"
        near = problem.meant and problem.meant.removeprefix(request.state.base_url)
        [fault] = problem.faults
        detail = f"{problem.detail} {hint}"
        problem.detail = detail
        problem.faults = [fault._replace(detail=detail, did_you_mean=near)]
        return await answer(request, problem)

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = await _find_faults(request, error)
        return await answer(request, InvalidParameters(faults[:MAX_FAULTS]))


async def _find_faults(request: Request, error: RequestValidationError) -> list[Fault]:
    """Return what is wrong with parameters, and what else would be wrong if that were right."""
    models = _find_models(request.scope["endpoint"])
    known = [name for model in models for name in model.model_fields]
    faults = _describe_all(error, known)
    reported = {fault.parameter for fault in faults}
    releases: Releases = request.state.releases
    with suppress(Problem, DatabaseUnavailable):  # there may be no release
        current = await releases.current(request.query_params.get("release"))
        corrected = _leave_out(_read_request(request), faults)
        further = _find_all(request, corrected, current)
        faults += [one for one in further if one.parameter not in reported]
    return faults


MOST_ROUNDS = (
    4  # of corrections: a parameter, its value, and what these show to be wrong
)


async def find_meant(request: Request, faults: Sequence[Fault]) -> str | None:
    """Return the address that was probably meant, in which nothing is wrong; None if that is not known or was asked."""
    asked = address = _read_request(request)
    releases: Releases = request.state.releases
    with suppress(Problem, DatabaseUnavailable):  # there may be no such release
        for _ in range(MOST_ROUNDS):
            catalogue, path = await releases.catalogue(), address.path
            read = [_complete(fault, path, catalogue) for fault in faults]
            corrected = correct(address, read)
            if corrected is None:
                return None
            address = corrected
            current = await releases.current(dict(address.pairs).get("release"))
            faults = _find_all(request, address, current)
            if address == asked:  # it has nothing to send
                return None
            if not faults:
                return f"{request.state.base_url}{address.write()}"
    return None


def _complete(fault: Fault, path: str, catalogue: Catalogue) -> Fault:
    """Return a fault with what its value means in the form of another service: of a path the address."""
    if fault.did_you_mean is not None or fault.instead is not None:
        return fault
    if fault.parameter != PATH:
        return with_meaning(fault)
    meant = read_path(path, catalogue) if fault.code == "unknown_address" else None
    return fault._replace(
        did_you_mean=meant and meant.path, instead=meant and meant.write_pairs()
    )


def _read_request(request: Request) -> Address:
    suffix = request.scope.get("suffix", "")
    pairs = request.query_params.multi_items()
    return Address(request.scope["path"], suffix, pairs)


def _leave_out(address: Address, faults: Sequence[Fault]) -> Address:
    """Return an address with each fault corrected; a parameter without a correction is left out."""
    for fault in faults:
        left = [pair for pair in address.pairs if pair[0] != fault.parameter]
        address = correct(address, [fault]) or address._replace(pairs=left)
    return address


def _find_all(request: Request, address: Address, current: Current) -> list[Fault]:
    """Return everything that is wrong with an address, also with values that a release has not."""
    if not f"{address.path}/".startswith(
        f"{START}/"
    ):  # pages read their parameters alone
        return []
    for route in request.app.state.routes:
        match = route.path_regex.fullmatch(address.path)
        if match is not None:
            wrong = _find_in_path(route.path, match.groupdict(), current)
            return [*wrong] or _find_in_query(route.endpoint, address, current)
    return [Fault(PATH, "unknown_address", "Page not found.", value=address.path)]


RECORDS = {
    f"{INDICATORS}/{{id}}": "indicator",
    "/v1/charts/{id}": "chart",
    "/v1/sources/{id}": "source",
}
"""The kinds of records that have an address each."""


def _find_in_path(
    path: str, named: Mapping[str, str], current: Current
) -> Sequence[Fault]:
    """Return what is wrong with the name of a topic, of areas or of an indicator in a path."""
    if named.get("topic", TOPICS[0]) not in TOPICS:
        return NotFound("There is no such topic.").faults
    try:
        if "codes" in named:
            read_area_codes(named["codes"], current.catalogue)
        if kind := RECORDS.get(path):
            find_record(current, kind, named["id"])
    except NotFound as error:
        return error.faults
    return []


def _find_in_query(
    endpoint: Callable[..., Any], address: Address, current: Current
) -> list[Fault]:
    given = group(address.pairs)
    for model in _find_models(endpoint):
        try:
            query = read_query(model, given)
        except RequestValidationError as error:
            return _describe_all(error, [*model.model_fields], address.suffix)
        try:
            if isinstance(query, RowQuery):
                read_wanted(query, current.catalogue)
            elif isinstance(query, IndicatorList | AreaList):
                read_list(query, current.catalogue)
            elif isinstance(query, ColumnsQuery):
                check_columns(query.columns)
            elif isinstance(query, GapList | ChangeList):
                read_areas(query.area, current.catalogue)
        except InvalidParameters as found:
            return [*found.faults]
    return []


def _describe_all(
    error: RequestValidationError, known: list[str], suffix: str = ""
) -> list[Fault]:
    """Describe what is wrong with parameters: those that are missing only if no unknown one is meant for it."""
    errors = error.errors()[:MAX_FAULTS]
    if suffix in PICTURES:  # which take others, too
        errors = [one for one in errors if one["type"] != "extra_forbidden"]
    faults = [_describe(one, known) for one in errors]
    meant = {fault.did_you_mean for fault in faults}
    return [
        fault
        for fault, one in zip(faults, errors, strict=True)
        if one["type"] != "missing" or fault.parameter not in meant
    ]


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


_SAID = {
    "Value error, ": "",
    "Input ": "",
    "should be greater than or equal to": "must be at least",
    "should be less than or equal to": "must be at most",
}
"""What pydantic says, and what we say instead."""


def _describe(error: Any, known: list[str]) -> Fault:
    given, message = error.get("input"), _say(error["msg"])
    parameter = _name_parameter(error["loc"][1:], message, known)
    value, code = str(given)[:80], "invalid_value"
    match error["type"]:
        case "extra_forbidden":
            return unknown_parameter(parameter, known, str(given))
        case "literal_error":
            allowed = re.findall("'([^']*)'", error["ctx"]["expected"])
            fault = guess(parameter, str(given), allowed)
            return fault if fault.did_you_mean else with_meaning(fault)
        case "value_error":
            fault = Fault(parameter, code, f"{message}.", None, value)
            return with_meaning(fault) if isinstance(given, str) else fault
        case "missing":
            detail = f"{parameter} is missing."
        case "repeated":
            code = "given_twice"
            detail = f"{parameter} takes one value, and has {len(given)}: {', '.join(given)[:80]}. Give it once."
        case "too_long":
            detail = "{} has {actual_length} values and may have {max_length}.".format(
                parameter, **error["ctx"]
            )
        case _:
            detail = f"{parameter} {message}."
    return Fault(parameter, code, detail, _find_meant(error), value)


def _say(message: str) -> str:
    for theirs, ours in _SAID.items():
        message = message.replace(theirs, ours)
    return message.rstrip(".")


def _name_parameter(place: Sequence[Any], message: str, known: list[str]) -> str:
    """Return the parameter that is wrong; of an error of several, the first that the message names."""
    named = (name for name in known if name in message.split())
    return str(place[0]) if place else next(named, "query")


def _find_meant(error: Any) -> str | None:
    """Return the value that a fault leaves: the last of several, or a bound."""
    if error["type"] == "repeated":
        return str(error["input"][-1])
    if error["type"] in ("less_than_equal", "greater_than_equal"):
        return str(next(iter(error["ctx"].values())))
    return None
