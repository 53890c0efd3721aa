"""Find the address that an unknown path means."""

import re
from contextlib import suppress

from fastapi import FastAPI, Request, Response

from misconduct.api.problems import NotFound, Problem, Respond, write
from misconduct.api.records import LISTED
from misconduct.api.suggestions import HABITS, suggest_parameter
from misconduct.errors import DatabaseUnavailable
from misconduct.model.catalogue import Catalogue
from misconduct.model.kinds import KINDS
from misconduct.model.vocabulary import find_meanings

LISTS = ("observations", "datasets", "codelists", "releases", "charts", *(KINDS[kind].path for kind in LISTED))
WITHOUT_IDS = ("standing", "compare", "changes")
MAX_CHARACTERS = 200  # of a path that is read; clients choose how long it is
_BEFORE = ("api", "v1", "v2", "latest")


def answer_unknown_paths(api: FastAPI, respond: Respond = write) -> None:
    """Answer a request for an unknown path with the path that is meant, if any."""

    @api.exception_handler(404)
    async def unknown(request: Request, _: Exception) -> Response:
        releases, near = request.state.releases, None
        with suppress(Problem, DatabaseUnavailable):  # there may be no release
            near = find_path(request.scope["path"], await releases.catalogue(releases.find()))
        hint = f"Did you mean {near}?" if near else "/docs lists every address."
        return respond(request, NotFound(f"Page not found. {hint}", near))


def find_path(path: str, catalogue: Catalogue) -> str | None:
    """Return the address that a path probably means, if any: of a list, of a by-year table, or of one record."""
    parts = [part for part in path[:MAX_CHARACTERS].split("/") if part]
    while parts and parts[0].lower() in _BEFORE:
        parts.pop(0)
    if not parts:
        return "/v1"
    base, rest = _find_list(parts[0].lower(), catalogue), "".join(parts[1:2])
    if not rest or base is None or base.removeprefix("/v1/") not in (*LISTS, *catalogue.of_kind("dataset")):
        return base
    if re.sub(r"\W|_", "", rest.lower()) in ("byyear", "years", "year", "timeseries"):
        return f"{base}/by-year"
    return base if base.removeprefix("/v1/") in catalogue.of_kind("dataset") else f"{base}/{rest}"


def _find_list(word: str, catalogue: Catalogue) -> str | None:
    """Return the address of a dataset, of a list of records, or of a code list."""
    known = {**{name: [""] for name in (*LISTS, *WITHOUT_IDS)}, **catalogue.names("dataset")}
    named = HABITS["path"].get(word, [word])[0]
    if named in known or named.startswith("/"):
        return f"/v1/{named}".replace("/v1//", "/")
    if meant := find_meanings(word, known, are_proper=False):
        return f"/v1/{meant[0]}"
    codelist = suggest_parameter(word, catalogue.codelists)
    return f"/v1/codelists/{codelist}" if codelist else None
