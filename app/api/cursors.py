"""Cursors: where a page begins, opaque, and valid only for the question and release that it was made for."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import orjson

from app.errors import InvalidCursor

_SEAL_BYTES = 9


def encode_cursor(position: list[str | int], question: str) -> str:
    """A cursor for the page after `position`. `question` is everything the position depends on."""
    payload = orjson.dumps(position)
    return base64.urlsafe_b64encode(_seal(payload, question) + payload).rstrip(b"=").decode()


def decode_cursor(cursor: str, question: str, length: int) -> list[Any]:
    """The position in a cursor, of `length` parts. Raises InvalidCursor for one that is not of this question."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        seal, payload = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
        position = orjson.loads(payload) if seal == _seal(payload, question) else None
        if encode_cursor(position or [], question) != cursor:
            position = None
    except ValueError:
        position = None
    if not isinstance(position, list) or len(position) != length:
        raise InvalidCursor("Start from the first page, and follow links.next with the same parameters and release.")
    return position


def _seal(payload: bytes, question: str) -> bytes:
    key = hashlib.sha256(question.encode()).digest()
    return hashlib.blake2b(payload, key=key, digest_size=_SEAL_BYTES).digest()
