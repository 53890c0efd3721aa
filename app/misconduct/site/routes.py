"""All pages, the files that they load, and problems as pages."""

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.staticfiles import StaticFiles

from misconduct.api import problems
from misconduct.api.answers import is_for_people
from misconduct.api.problems import Problem
from misconduct.pictures.canvas import FONTS
from misconduct.site import (
    areas,
    charts,
    check,
    compare,
    figures,
    finding,
    gaps,
    home,
    indicators,
    pictures,
    records,
    releases,
    search,
    topics,
)
from misconduct.site.pages import FOLDER, send

_OF_FIGURES = (home, search, check, figures, compare, areas, indicators, topics, gaps)
_OTHERS = (charts, records, releases, pictures, finding)
PAGES = tuple(module.router for module in (*_OF_FIGURES, *_OTHERS))
"""They are tried in this order."""


def add_pages(api: FastAPI) -> None:
    for router in PAGES:
        api.include_router(router)
    api.state.pages = list_pages()
    api.mount("/static/fonts", StaticFiles(directory=FONTS))
    api.mount("/static", StaticFiles(directory=FOLDER / "static"))


def list_pages() -> list[str]:
    """Return the paths of pages. A path with a dot is that of a file."""
    routes = (route for router in PAGES for route in router.routes)
    paths = (route.path for route in routes if isinstance(route, APIRoute))
    return [path for path in dict.fromkeys(paths) if "." not in path]


def respond(request: Request, problem: Problem) -> Response:
    """Answer a request that has a problem: a browser with a page, any other client with a problem document."""
    path = request.scope["path"]
    if path == "/v1" or path.startswith("/v1/") or not is_for_people(request):
        return problems.write(request, problem)
    page = send(request, "problem.html", status=problem.status, problem=problem)
    page.headers.update(problem.headers)
    return page
