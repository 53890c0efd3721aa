"""Routes that call their functions directly, instead of having the dependencies of each request solved.

FastAPI solves them in three exit stacks, for what no route here has: bodies, uploads, dependencies that yield. What a
function takes is known when its route is made. The choice of the route and its description in OpenAPI are FastAPI's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import iscoroutinefunction, signature
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send


class DirectRoute(APIRoute):
    """A route whose function takes the request, texts of its path, or what other functions make of the request."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **described: Any) -> None:
        super().__init__(path, endpoint, **described)
        # `$`, with which Starlette ends it, also matches before a last line feed, which no header may repeat.
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")
        found = self.dependant
        makers: dict[str | None, Any] = {found.request_param_name: lambda request: request}
        makers |= {field.name: _text(field.alias) for field in found.path_params}
        makers |= {one.name: one.call for one in found.dependencies}
        takers = (make for make in makers.values() if len(signature(make).parameters) != 1)
        if others := [*(signature(endpoint).parameters.keys() - makers), *takers]:
            raise TypeError(f"{endpoint.__name__} takes more than a request: {others}")
        self._makers = [(name, make, iscoroutinefunction(make)) for name, make in makers.items() if name]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for which this route was chosen."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)  # says what is allowed
            return
        request = Request(scope, receive, send)
        given = {name: await make(request) if is_async else make(request) for name, make, is_async in self._makers}
        response = await self.endpoint(**given)
        await response(scope, receive, send)


def _text(name: str) -> Callable[[Request], str]:
    return lambda request: str(request.path_params[name])


class DirectRouter(APIRouter):
    """A router of such routes."""

    def __init__(self, **described: Any) -> None:
        super().__init__(route_class=DirectRoute, generate_unique_id_function=lambda route: route.name, **described)
