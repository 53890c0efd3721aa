"""Find the address that is meant by a path that there is not."""

import re
from contextlib import suppress

from fastapi import FastAPI, Request, Response
from starlette.routing import Match

from misconduct.api.meanings import find_meanings
from misconduct.api.problems import NotFound, Problem, Respond, write
from misconduct.api.records import LISTED
from misconduct.api.suggestions import HABITS, suggest_parameter
from misconduct.errors import DatabaseUnavailable
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import FIGURE_ID
from misconduct.model.kinds import KINDS

LISTS = ("observations", "datasets", "codelists", "releases", "charts", *(KINDS[kind].path for kind in LISTED))
WITHOUT_IDS = ("standing", "compare", "changes")
MAX_CHARACTERS = 200
"""Of a path that is read; clients choose how long it is."""

_OF_ONE = re.compile(r"/?(.+?)\('?([^']*)'?\)")
_BEFORE = ("api", "v1", "v2", "rest", "odata", "public", "latest", "data")


def answer_unknown_paths(api: FastAPI, respond: Respond = write) -> None:
    """Answer a request for a path that there is not with the one that is meant, if any."""

    @api.exception_handler(404)
    async def unknown(request: Request, _: Exception) -> Response:
        path, releases, near = request.scope["path"], request.state.releases, None
        plain = {"type": "http", "method": "GET", "path": path.rstrip("/"), "headers": []}
        with suppress(Problem, DatabaseUnavailable):  # there may be no release
            near = find_path(path, await releases.catalogue(releases.find()))
        is_page = path.endswith("/") and not path.startswith(("/v1/", "/static/"))
        if is_page and any(one.matches(plain)[0] is Match.FULL for one in request.app.routes):
            near = plain["path"]
        hint = f"Did you mean {near}?" if near else "/docs lists every address."
        return respond(request, NotFound(f"Page not found. {hint}", near))


def find_path(path: str, catalogue: Catalogue) -> str | None:
    """Return the address that a path probably means, if any: of a list, of figures for a year, or of one record."""
    parts = [part for part in _OF_ONE.sub(r"/\1/\2", path[:MAX_CHARACTERS]).split("/") if part]
    while parts[1:] and parts[0].lower() in _BEFORE:
        parts.pop(0)
    if not parts or parts[0] in _BEFORE[:2]:
        return "/v1"
    base, rest = _find_list(parts[0].lower(), catalogue), "".join(parts[1:2])
    if base and base.startswith("/v1/codelists/") and rest:
        return None
    if not base or not rest or base.count("/") != 2 or base[4:] in WITHOUT_IDS:
        return base
    if base[4:] not in ("observations", *catalogue.of_kind("dataset")):
        return f"{base}/{rest}"
    if re.sub(r"\W|_", "", rest.lower()) in ("byyear", "years", "year", "timeseries"):
        return f"{base}/by-year"
    is_figure = base == "/v1/observations" and re.fullmatch(FIGURE_ID, rest)
    return f"{base}?year={rest}" if re.fullmatch(r"[12]\d{3}", rest) else f"{base}/{rest}" if is_figure else base


def _find_list(word: str, catalogue: Catalogue) -> str | None:
    """Return the address of a dataset, of a list of records, or of a code list."""
    known = {**{name: [""] for name in (*LISTS, *WITHOUT_IDS)}, **catalogue.names("dataset")}
    named = HABITS["path"].get(word.replace("-", ""), [word])[0]
    if named in known or named.startswith("/"):
        return f"/v1/{named}".replace("/v1//", "/")
    if meant := find_meanings(word, known, are_proper=False):
        return f"/v1/{meant[0]}"
    codelist = suggest_parameter(word, catalogue.codelists)
    return f"/v1/codelists/{codelist}" if codelist else None
