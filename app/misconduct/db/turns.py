"""Share turns fairly among clients: connections of a pool, beginnings of requests, exports."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TypeVar

from misconduct.errors import DatabaseUnavailable

T = TypeVar("T")

PATIENCE_SECONDS = 30.0  # wait for a connection for the next piece of an answer that has begun

CLIENT: ContextVar[str] = ContextVar("CLIENT", default="")
"""Whose request is being answered; "": nobody's."""


class Turns:
    """Lets so many work at once. The next is of the client with the fewest at work; those with equally few alternate.

    So one client with much that takes long keeps no other from theirs. One has at most `most_of_one` at once, if given,
    and the last `for_others` are for clients that have none. `spent` says what a client has had lately: of those with
    equally few at work the one that has had least is next.
    """

    def __init__(
        self,
        most: int,
        most_of_one: int | None = None,
        for_others: int = 0,
        *,
        spent: Callable[[str], float] = lambda _client: 0.0,
    ) -> None:
        self._spent = spent
        self._free, self._most_of_one, self._for_others = most, most_of_one or most, for_others
        self._at_work = Counter[str]()
        self._waiting: dict[str, deque[asyncio.Future[bool]]] = {}

    def locked(self, client: str | None = None) -> bool:
        """Return whether the next one would have to wait: any, or the next of a client."""
        return self._free == 0 or (client is not None and self.has_enough(client))

    def has_enough(self, client: str) -> bool:
        """Return whether the next one of a client would have to wait for another of its own."""
        own = self._at_work[client]
        return own >= self._most_of_one or (own > 0 and self._free <= self._for_others)

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return sum(not given.done() for waiting in self._waiting.values() for given in waiting)

    @asynccontextmanager
    async def take(self, client: str | None = None) -> AsyncIterator[None]:
        """Wait for a turn, and hold it; for the client whose request is being answered, unless another is named."""
        client = await self.acquire(client)
        try:
            yield
        finally:
            self.release(client)

    @contextmanager
    def hold_free(self, client: str) -> Iterator[None]:
        """Hold a turn that does not have to be waited for: `locked` says so."""
        self._begin(client)
        try:
            yield
        finally:
            self.release(client)

    async def acquire(self, client: str | None = None, *, seconds: float | None = None) -> str:
        """Wait for a turn, for so many seconds at most, if given. Returns what `release` has to be given.

        Raises TimeoutError.
        """
        client = CLIENT.get() if client is None else client
        if not self.locked(client):
            self._begin(client)
            return client
        loop = asyncio.get_running_loop()
        given = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, _give_up, given)  # costs less than a timeout()
        self._waiting.setdefault(client, deque()).append(given)
        try:
            if not await given:
                raise TimeoutError
        except asyncio.CancelledError:
            if not given.cancelled() and given.result():
                self.release(client)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        return client

    def _begin(self, client: str) -> None:
        self._free -= 1
        self._at_work[client] += 1

    def release(self, client: str) -> None:
        """End a turn, and give it to the next."""
        self._at_work[client] -= 1
        if not self._at_work[client]:
            del self._at_work[client]
        self._free += 1
        while self._free and (waits := [one for one in self._waiting if not self.has_enough(one)]):
            chosen = min(waits, key=lambda one: (self._at_work[one], self._spent(one), one == client))
            waiting = self._waiting.pop(chosen)
            given = waiting.popleft()
            if waiting:
                self._waiting[chosen] = waiting  # behind the others
            if not given.done():  # those who gave up are left in it
                self._begin(chosen)
                given.set_result(True)


def _give_up(given: asyncio.Future[bool]) -> None:
    if not given.done():
        given.set_result(False)


class AllInUse(DatabaseUnavailable):
    """No connection became free for as long as a request may wait for one."""


async def ask_in_turn(turns: Turns, ask: Callable[[], Awaitable[T]]) -> T:
    """Ask for the next piece of an answer in a turn of its client's.

    It waits longer for a connection than a page does, because giving up would cut the answer short; so does the first
    piece of a download. Raises AllInUse.
    """
    gives_up = 0.0
    while True:
        try:
            async with turns.take():
                return await ask()
        except AllInUse:
            gives_up = gives_up or time.monotonic() + PATIENCE_SECONDS
            if time.monotonic() > gives_up:
                raise
