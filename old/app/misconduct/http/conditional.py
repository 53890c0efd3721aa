"""Conditional requests and single ranges of bytes (RFC 9110, 13 and 14).

A whole answer with `Accept-Ranges: bytes` can be cut. A request for several ranges gets the whole.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.types import Message, Send

from misconduct.errors import PreconditionFailed, RangeNotSatisfiable

Part = tuple[int, int]
"""The position of the first byte, and the one after the last."""

_RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?", re.ASCII)


class NotModified(Exception):
    """The client has this answer already: 304."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers


def has_already(request: Request, etag: str, *, exists: bool = True) -> bool:
    """Return whether `If-None-Match` says that the client has the answer with this validator.

    `exists`: the answer is known to exist, which `*` asks. Raises PreconditionFailed if `If-Match` names another
    version; it is evaluated first, and for every method (RFC 9110, 13.2.2).
    """
    wanted = ",".join(request.headers.getlist("if-match")).strip()
    if wanted and wanted != "*" and etag not in (tag.strip() for tag in wanted.split(",")):
        raise PreconditionFailed("If-Match does not name the current version. Start again without it.")
    sent = request.headers.get("if-none-match", "")
    return if_none_match_matches(sent, etag) if exists else etag_listed(sent, etag)


def if_none_match_matches(sent: str, etag: str) -> bool:
    """Return whether an `If-None-Match` header matches an answer that exists (RFC 9110, 13.1.2)."""
    return sent.strip() == "*" or etag_listed(sent, etag)


def etag_listed(sent: str, etag: str) -> bool:
    """Return whether the header lists this validator. `*` lists none: whether an answer exists is known later.

    The header is searched and not split, as it may have 60,000 members; no validator of ours has a space.
    """
    listed = f",{sent.replace(' ', '').replace(chr(9), '')},"
    return f",{etag}," in listed or f",W/{etag}," in listed


def find_part(request: Mapping[bytes, bytes], etag: bytes, length: int) -> Part | None:
    """Return the part of an answer that a GET with these headers asks for; None: the whole.

    A range of another version (`If-Range`) is ignored, as is one that ends before it begins (RFC 9110, 14.1.1). Raises
    RangeNotSatisfiable for a range after the end.
    """
    match = _RANGE.fullmatch(request.get(b"range", b"").decode("latin-1").strip())
    if match is None or request.get(b"if-range", etag) != etag:
        return None
    first, last = match.groups()
    if (first is None and last is None) or (first and last and int(last) < int(first)):
        return None
    start = length - min(int(last), length) if first is None else int(first)
    end = length if first is None or last is None else min(int(last) + 1, length)
    if start >= end:
        raise RangeNotSatisfiable(f"The answer has {length} bytes.", length=length)
    return start, end


def write_range(part: Part, length: int) -> bytes:
    """Return the `Content-Range` of a part."""
    return b"bytes %d-%d/%d" % (part[0], part[1] - 1, length)


def cutting(
    request: Mapping[bytes, bytes], send: Send, refuse: Callable[[RangeNotSatisfiable, bytes], Awaitable[None]]
) -> Send:
    """Return a `send` that sends only the part that a GET with these headers asks for, if the answer can be cut.

    `refuse` sends the problem if there is no such part; it gets the id of the request.
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
