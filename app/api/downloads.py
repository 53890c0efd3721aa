"""Sending a release's file: exact length, HEAD, one range, and no connection held while it is sent (RFC 9110)."""

from __future__ import annotations

import base64
import re

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from app.api.question import NotModified, has_already
from app.api.service import Service
from app.errors import RangeNotSatisfiable
from app.queries.files import File, read_bytes

IMMUTABLE = "public, max-age=31536000, immutable"
MOVING = "public, max-age=10, stale-while-revalidate=600"
"""For how long a file may be kept: one of a release for ever, one of the latest as long as any answer on it."""

_RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?", re.ASCII)


def send_file(request: Request, file: File, *, cache_control: str = IMMUTABLE, vary: str | None = None) -> Response:
    """The file, or the one range of it that was asked for. More ranges than one are answered by the whole.

    Raises NotModified, or RangeNotSatisfiable for a range behind the end.
    """
    etag = f'"{file.sha256[:32]}"'
    headers = {"ETag": etag, "Cache-Control": cache_control}
    if vary:
        headers["Vary"] = vary
    if has_already(request, etag):
        raise NotModified(headers)
    headers |= {"Accept-Ranges": "bytes", "Content-Disposition": f'attachment; filename="{file.name}"'}
    headers["Repr-Digest"] = _repr_digest(file)
    part = _range(request, file, etag)
    start, end = part or (0, file.length)
    headers["Content-Length"] = str(end - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.length}"
    status = 206 if part else 200
    if request.scope.get("headed") or not file.length:
        return Response(None, status, headers, file.media_type)
    service: Service = request.app.state.service
    pieces = read_bytes(service.database, file, start, end, service.piece_turns)
    return StreamingResponse(pieces, status, headers, file.media_type)


def _range(request: Request, file: File, etag: str) -> tuple[int, int] | None:
    """The asked range, the end exclusive; None: the whole. A range for another version of the file is not one.

    Only GET has ranges (RFC 9110, 14.2).
    """
    match = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if match is None or request.scope.get("headed") or request.headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if first is None and last is None:
        return None
    start = file.length - min(int(last), file.length) if first is None else int(first)
    end = file.length if first is None or last is None else min(int(last) + 1, file.length)
    if start >= end:
        raise RangeNotSatisfiable(f"The file has {file.length} bytes.", length=file.length)
    return start, end


def _repr_digest(file: File) -> str:
    """The hash of the whole file (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:"
