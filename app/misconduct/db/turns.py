"""Share the connections of a pool fairly among clients."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

Whose = Callable[[], str]
"""Returns the client of a request; it is called only where clients compete."""

CLIENT: ContextVar[Whose] = ContextVar("CLIENT", default=str)
"""Whose request is being answered; "": nobody's."""


class Turns:
    """Lets so many work at once. The next is of the client with the fewest at work; of several, who has waited longest.

    Where that is the same for all, it is not of the one whose turn ended. So one client with many queries that take
    long keeps no other from theirs.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._at_work: list[Whose] = []
        self._waiting: dict[asyncio.Future[None], tuple[Whose, str]] = {}

    def locked(self) -> bool:
        """Return whether the next one would have to wait."""
        return self._free == 0

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for a turn, and hold it."""
        whose = await self.acquire()
        try:
            yield
        finally:
            self.release(whose)

    async def acquire(self) -> Whose:
        """Wait for a turn. Returns what `release` has to be given."""
        whose = CLIENT.get()
        if self._free:
            self._free -= 1
            self._at_work.append(whose)
            return whose
        given = asyncio.get_running_loop().create_future()
        self._waiting[given] = whose, whose()
        try:
            await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled():
                self.release(whose)
            raise
        finally:
            self._waiting.pop(given, None)
        return whose

    def release(self, whose: Whose) -> None:
        """End a turn, and give it to the next."""
        self._at_work.remove(whose)
        waiting = {given: who for given, who in self._waiting.items() if not given.done()}
        if not waiting:
            self._free += 1
            return
        busy, ended = Counter(one() for one in self._at_work), whose()
        given, (whose, _) = min(waiting.items(), key=lambda one: (busy[one[1][1]], one[1][1] == ended))
        del self._waiting[given]
        self._at_work.append(whose)
        given.set_result(None)
