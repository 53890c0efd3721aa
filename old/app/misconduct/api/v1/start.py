"""The root of the API: where to go from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from misconduct.api.documentation import documented
from misconduct.api.quick_start import PLACES, STARTS
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.schemas import StartAnswer
from misconduct.api.well_known import API_CATALOGUE
from misconduct.http.negotiation import PAGE

Asked = Annotated[Question, Depends(parse_request((), ("json", PAGE.name)))]


def start_router(show_page: Callable[[Question, dict[str, Any]], Response]) -> APIRouter:
    """Return the route of the root. `show_page` shows the same to those who ask for HTML."""
    router = DirectRouter(tags=["figures"])

    async def read_start(question: Asked) -> Response:
        """Say where to go: three questions with their addresses, the lists, the files and the documentation."""
        base_url = question.service.base_url
        links = {
            "questions": [{"question": one.question, "url": base_url + one.path} for one in STARTS],
            **{name: base_url + path for name, (path, _) in PLACES.items()},
        }
        if question.representation.form is PAGE:
            sent = show_page(question, links)
        else:
            sent = answer(question, lambda: page_document(question, links, total=1))
        sent.headers["Link"] = f'<{base_url}{API_CATALOGUE}>; rel="api-catalog"'
        return sent

    described = documented(StartAnswer, (), ("json",))
    router.add_api_route("/v1", read_start, **described)
    router.add_api_route("/v1/", read_start, include_in_schema=False)
    return router
