"""Problems as pages, for browsers outside /v1."""

from fastapi import Request, Response

from misconduct.api import problems
from misconduct.api.answers import is_for_people
from misconduct.api.problems import Problem
from misconduct.site.pages import send


def respond(request: Request, problem: Problem) -> Response:
    """Answer a request that has a problem: a browser with a page, any other client with a problem document."""
    path = request.scope["path"]
    if path == "/v1" or path.startswith("/v1/") or not is_for_people(request):
        return problems.write(request, problem)
    page = send(request, "problem.html", status=problem.status, problem=problem)
    page.headers.update(problem.headers)
    return page
