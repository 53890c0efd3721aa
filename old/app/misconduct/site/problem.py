"""Problems as pages, for browsers that request a page."""

from __future__ import annotations

from fastapi import Request, Response

from misconduct.api.parameters import RELEASE_PARAMETERS
from misconduct.errors import ApiProblem, Fault
from misconduct.http.negotiation import PAGE, prefers
from misconduct.site.embed import EMBED_POLICY
from misconduct.site.rendering import Pairs, address, render, typed_pairs

FOR_PROGRAMS = ("v1", "static", ".well-known", "oembed", "openapi.json", "healthz", "readyz", "metrics")
FOR_ROBOTS = ("robots.txt", "sitemap.xml", "favicon.ico")


def problem_page(request: Request, problem: ApiProblem) -> Response | None:
    """Show a problem in words, with what to do about it; None if the response is a problem document.

    A frame shows it in place of its chart.
    """
    path = request.scope["path"]
    if path.startswith("/v1/") and path.endswith(".html") and prefers(request, PAGE.media_type, "application/json"):
        headers = {"Content-Security-Policy": EMBED_POLICY, "Vary": "Accept"}
        return Response(render("embed-problem.html", problem=problem), problem.status, headers, PAGE.content_type)
    if path.strip("/").partition("/")[0] in (*FOR_PROGRAMS, *FOR_ROBOTS) or not prefers(
        request, PAGE.media_type, "application/json"
    ):
        return None
    pairs = typed_pairs(request)
    body = render(
        "problem.html",
        problem=problem,
        meant=[(fault, meant_address(path, pairs, fault)) for fault in problem.faults],
        newest=address(path, [pair for pair in pairs if pair[0] not in RELEASE_PARAMETERS]),
        names_release=any(name in RELEASE_PARAMETERS for name, _ in pairs),
        request_id=request.scope["request_id"],
        path=path,
        release=None,
        catalogue=None,
        pinned=False,
        canonical=None,
        to=address_of,
    )
    return Response(body, problem.status, {"Vary": "Accept"}, PAGE.content_type)


def address_of(path: str, **query: str) -> str:
    """Write the address of a page in the latest release."""
    return address(path, query.items())


def meant_address(path: str, pairs: Pairs, fault: Fault) -> str | None:
    """Return the address that was probably meant, if the error suggests one."""
    if fault.did_you_mean is None:
        return None
    if fault.code == "unknown_parameter":
        return address(path, [(fault.did_you_mean if name == fault.parameter else name, text) for name, text in pairs])
    return address(
        path, [*(pair for pair in pairs if pair[0] != fault.parameter), (fault.parameter, fault.did_you_mean)]
    )
