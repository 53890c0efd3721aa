"""Send a release's file: exact length, HEAD, one range, and no database connection held meanwhile (RFC 9110)."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from typing import Literal

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from misconduct.api.state import Service
from misconduct.http.conditional import NotModified, find_part, has_already, write_range
from misconduct.http.middleware import REQUEST
from misconduct.http.protocol import count_at_once
from misconduct.queries.files import BUNDLE, File, read_bytes


def attachment(release: str, name: str, form: str, mark: Literal["", "part", "full"] = "") -> str:
    """Return the Content-Disposition of a table or file. Its name has the release.

    `mark`: rows or columns are chosen, or there are all columns.
    """
    return f'attachment; filename="misconduct-register-{release}-{name}{mark and f"-{mark}"}.{form}"'


def send_file(request: Request, file: File, release: str, caching: Mapping[str, str]) -> Response:
    """Send the file of a release, or the requested range of it. Several ranges are answered with the whole file.

    `caching` are the headers that caches read, but for the validator.

    Raises NotModified, or RangeNotSatisfiable for a range after the end.
    """
    etag = f'"{file.sha256[:32]}"'
    headers = {**caching, "ETag": etag}
    if has_already(request, etag):
        raise NotModified(headers)
    name, _, form = file.name.partition(".")
    disposition = attachment(release, name, form, "" if file.name == BUNDLE else "full")
    headers |= {"Accept-Ranges": "bytes", "Content-Disposition": disposition}
    headers["Repr-Digest"] = _repr_digest(file)
    is_head = bool(request.scope.get("headed"))
    part = None if is_head else find_part(request.scope[REQUEST].headers, etag.encode(), file.length)
    start, end = part or (0, file.length)
    headers["Content-Length"] = str(end - start)
    if part:
        headers["Content-Range"] = write_range(part, file.length).decode()
    status = 206 if part else 200
    if is_head or not file.length:
        return Response(None, status, headers, file.media_type)
    service: Service = request.app.state.service
    pieces = read_bytes(service.database, file, start, end, service.piece_turns, at_once=count_at_once)
    return Streamed(pieces, status, headers, file.media_type)


class Streamed(Response):
    """An answer in pieces. `send` waits until the client has read one, and ends the answer if it has left.

    Starlette's listens for that in a task beside, whose end leaves the last piece to the garbage collector.
    """

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        super().__init__(None, status, headers, media_type)
        self._pieces = pieces
        if headers is None or "Content-Length" not in headers:
            del self.headers["Content-Length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        first = await anext(self._pieces, b"")  # what fails before there is one is a problem, and no broken answer
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _repr_digest(file: File) -> str:
    """Return the Repr-Digest header: the hash of the whole file (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:"
