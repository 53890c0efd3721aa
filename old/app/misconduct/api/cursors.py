"""Opaque cursors: where a page starts, valid only for the request and release for which they were made."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import orjson

from misconduct.errors import InvalidCursor

_SEAL_BYTES = 9
_LONGEST = 300
_INTEGER = re.compile(r"-?[0-9]{1,9}")


def encode_cursor(position: list[str], question: str) -> str:
    """Encode the cursor of the page after `position`. `question` is everything that the position depends on."""
    payload = orjson.dumps(position)
    return base64.urlsafe_b64encode(_seal(payload, question) + payload).rstrip(b"=").decode()


def decode_cursor(cursor: str, question: str, length: int) -> list[str]:
    """Decode the position in a cursor: `length` texts. Raises InvalidCursor if it belongs to another request."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position = orjson.loads(raw[_SEAL_BYTES:])
        if _is_position(position, length) and encode_cursor(position, question) == cursor:
            return list(position)
    except ValueError:  # it is not even base64, or not JSON
        pass
    raise InvalidCursor(
        "Start from the first page, and follow links.next with the same filters, sort, shape and release."
    )


def read_integer(part: str) -> int:
    """Read a whole number of a position, which nine digits hold. Raises InvalidCursor."""
    if not _INTEGER.fullmatch(part):
        raise InvalidCursor("Start from the first page.")
    return int(part)


def _is_position(position: Any, length: int) -> bool:
    """Return whether it consists of short texts. The checksum is not secret, so the content may still be nonsense."""
    return (
        isinstance(position, list)
        and len(position) == length
        and all(isinstance(part, str) and len(part) <= _LONGEST and part.isprintable() for part in position)
    )


def _seal(payload: bytes, question: str) -> bytes:
    key = hashlib.sha256(question.encode()).digest()
    return hashlib.blake2b(payload, key=key, digest_size=_SEAL_BYTES).digest()
