"""Takes an answer down while it is sent."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Message, Scope, Send

from app.http.kept import Kept, declared_length, keep
from app.http.keys import Key


class Recorder:
    """The `send` of one request. `land` is told of the answer once it is whole, or of None once it cannot be kept.

    That is before the last piece is sent: nobody waits for a slow client.
    """

    def __init__(self, key: Key, scope: Scope, longest: int, land: Callable[[Kept | None], None], send: Send) -> None:
        self._key, self._scope, self._longest, self._land, self._send = key, scope, longest, land, send
        self._start: Message | None = None
        self._missing = 0
        self._pieces: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begin(message)
        elif self._start is not None:
            self._take(self._start, message.get("body", b""))
        await self._send(message)

    def _begin(self, start: Message) -> None:
        length = declared_length(start)
        if length is None or length > self._longest:
            self._land(None)
        else:
            self._start, self._missing = start, length

    def _take(self, start: Message, piece: bytes) -> None:
        self._pieces.append(piece)
        self._missing -= len(piece)
        if not self._missing:
            route = getattr(self._scope.get("route"), "path", None)
            self._land(keep(self._key, start, b"".join(self._pieces), route))
            self._start = None
