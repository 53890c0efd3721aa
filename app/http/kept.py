"""An answer as it is kept, and which answers may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import Message

from app.http.keys import Key
from app.http.middleware import COMMON_HEADERS

Pairs = Iterable[tuple[bytes, bytes]]

CONFIRMED = frozenset((b"etag", b"cache-control", b"vary", *(name.lower().encode() for name in COMMON_HEADERS)))
"""What a 304 says: the validator, how long it holds, what decides it, and what every answer has (RFC 9110)."""

OF_ONE_REQUEST = (b"x-request-id", b"cache-status")
DECIDING = {b"accept", b"accept-encoding"}
OVERHEAD = 700
"""Bytes of Python's own for an answer and its places in the store, measured and rounded up."""


@dataclass(slots=True, eq=False)
class Kept:
    """One whole answer. `fields` and `confirmed` are header lines: those of the answer, and those of its 304.

    `lasts`: no newer release changes it. `has_ranges`: parts of it may be sent. `asked` counts how often it was asked
    for again, up to a few.
    """

    key: str
    etag: bytes
    fields: bytes
    confirmed: bytes
    body: bytes
    route: str | None
    lasts: bool
    has_ranges: bool
    asked: int = 0

    @property
    def size(self) -> int:
        """The bytes it takes in memory."""
        return OVERHEAD + 2 * len(self.key) + len(self.fields) + len(self.confirmed) + len(self.body)


def declared_length(start: Message) -> int | None:
    """The length of an answer that may be kept; None for one that may not, or whose length nobody knows yet.

    It must be whole and public, have a strong validator, and depend on nothing that the key does not hold.
    """
    headers = dict(start["headers"])
    if start["status"] != HTTPStatus.OK or not _is_public(headers) or b"content-length" not in headers:
        return None
    return int(headers[b"content-length"])


def _is_public(headers: Mapping[bytes, bytes]) -> bool:
    varies = {name.strip().lower() for name in headers.get(b"vary", b"").split(b",") if name.strip()}
    return (
        headers.get(b"etag", b"").startswith(b'"')
        and headers.get(b"cache-control", b"").startswith(b"public")
        and b"set-cookie" not in headers
        and varies <= DECIDING
    )


def keep(key: Key, start: Message, body: bytes, route: str | None) -> Kept:
    """The answer whose head and body these are.

    A day says less than a release: one that is dated back may still come into force on it.
    """
    pairs = [(name, value) for name, value in start["headers"] if name not in OF_ONE_REQUEST]
    headers = dict(pairs)
    is_moving = b"stale-while-revalidate" in headers[b"cache-control"]
    return Kept(
        key.text,
        headers[b"etag"],
        _encode(pairs),
        _encode((name, value) for name, value in pairs if name in CONFIRMED),
        body,
        route,
        lasts=key.names_release and not is_moving,
        has_ranges=headers.get(b"accept-ranges") == b"bytes",
    )


def _encode(pairs: Pairs) -> bytes:
    return b"".join(b"%s: %s\r\n" % pair for pair in pairs)
