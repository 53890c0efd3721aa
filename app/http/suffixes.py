"""Suffixes and HEAD, before routing (plain ASGI), so that OpenAPI has one path and one method a resource.

`/v1/allegations.csv` is `/v1/allegations` in CSV. HEAD is GET without the body.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.formats import FORMATS

_SUFFIXED = re.compile(r"(/v1/(?!releases/[^/]+/(?:files|bundle)|charts/[^/]*\.json$).*[^/])\.([a-z][a-z0-9]{0,9})")


class Suffixes:
    """Takes a format's suffix off the path, and the body off an answer to HEAD."""

    def __init__(self, application: ASGIApp) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        if (match := _SUFFIXED.fullmatch(scope["path"])) and match[2] in FORMATS:
            scope.update(path=match[1], raw_path=match[1].encode(), suffix=match[2])
        if scope["method"] == "HEAD":
            scope.update(method="GET", headed=True)
            send = _without_body(send)
        await self.application(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head
