"""Single ranges of bytes (RFC 9110, 14): which part of an answer is asked for, and an answer cut down to it.

Whatever is sent whole with `Accept-Ranges: bytes` can be cut. More ranges than one are answered by the whole.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from starlette.types import Message, Send

from app.errors import RangeNotSatisfiable

Part = tuple[int, int]
"""The place of the first byte, and the place behind the last one."""

_RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?", re.ASCII)


def find_part(request: Mapping[bytes, bytes], etag: bytes, length: int) -> Part | None:
    """Find the part of an answer that a GET with these headers asks for; None: the whole.

    A range of another version (`If-Range`) is not one. Raises RangeNotSatisfiable for a range after the end.
    """
    match = _RANGE.fullmatch(request.get(b"range", b"").decode("latin-1").strip())
    if match is None or request.get(b"if-range", etag) != etag:
        return None
    first, last = match.groups()
    if first is None and last is None:
        return None
    start = length - min(int(last), length) if first is None else int(first)
    end = length if first is None or last is None else min(int(last) + 1, length)
    if start >= end:
        raise RangeNotSatisfiable(f"There are {length} bytes.", length=length)
    return start, end


def write_range(part: Part, length: int) -> bytes:
    """Write the `Content-Range` of a part."""
    return b"bytes %d-%d/%d" % (part[0], part[1] - 1, length)


def cutting(
    request: Mapping[bytes, bytes], send: Send, refuse: Callable[[RangeNotSatisfiable, bytes], Awaitable[None]]
) -> Send:
    """Send only the part that a GET with these headers asks for, where the answer to it is whole and can be cut.

    `refuse` sends the problem where there is no such part; it gets the id of the request.
    """
    part: Part | None = None
    place = 0
    is_refused = False

    async def send_part(message: Message) -> None:
        nonlocal part, place, is_refused
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            length = int(headers.get(b"content-length", b"0"))
            if length and message["status"] == HTTPStatus.OK and headers.get(b"accept-ranges") == b"bytes":
                try:
                    part = find_part(request, headers[b"etag"], length)
                except RangeNotSatisfiable as problem:
                    is_refused = True
                    await refuse(problem, headers[b"x-request-id"])
            if part:
                pairs = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                pairs += [
                    (b"content-length", b"%d" % (part[1] - part[0])),
                    (b"content-range", write_range(part, length)),
                ]
                message = {**message, "status": HTTPStatus.PARTIAL_CONTENT, "headers": pairs}
        elif part:
            body = message.get("body", b"")
            message = {**message, "body": body[max(part[0] - place, 0) : max(part[1] - place, 0)]}
            place += len(body)
        if not is_refused:
            await send(message)

    return send_part
