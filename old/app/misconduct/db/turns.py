"""Share turns fairly among clients: connections of a pool, beginnings of requests, exports."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TypeAlias, TypeVar

from misconduct.errors import DatabaseUnavailable

T = TypeVar("T")
Given: TypeAlias = "asyncio.Future[Exception | None]"
"""The turn of one who waits: None when it comes, or why it does not."""

HALF_SECONDS, MOST_COUNTED = 30.0, 1_000  # until half of what a client had counts no more; of so many clients
FEWEST, NARROW_SECONDS, WIDEN_SECONDS = 2, 1.0, 10.0  # at work where too many were; between changes to fewer, to more
PATIENCE_SECONDS = 30.0  # wait for a connection for the next piece of an answer that has begun

CLIENT: ContextVar[str] = ContextVar("CLIENT", default="")
"""Whose request is being answered; "": nobody's."""


class Crowded(Exception):
    """As many wait for a turn as may, and the client has as many of them as any."""


class Spent:
    """Counts the seconds that each client has had of something; half of them are forgotten within HALF_SECONDS."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[float, float]] = {}  # seconds, and when they were counted, the longest ago first

    def __call__(self, client: str) -> float:
        seconds, counted = self._of.get(client, (0.0, 0.0))
        return seconds * 0.5 ** ((time.monotonic() - counted) / HALF_SECONDS) if seconds else 0.0

    def add(self, client: str, seconds: float) -> None:
        """Count further seconds of a client."""
        total = self(client) + seconds
        self._of.pop(client, None)
        self._of[client] = total, time.monotonic()
        if len(self._of) > MOST_COUNTED:
            del self._of[next(iter(self._of))]


class Turns:
    """Lets so many work at once. The next is of the client with the fewest at work. Of those with equally few it is of
    the one that had turns for the shortest time lately; where that is not counted, they alternate.

    So one client with much that takes long keeps no other from theirs. One has at most `most_of_one` at once, if given,
    and the last `for_others` are for clients that have none. Where `most_waiting` wait, one more takes the place of the
    newest of the client with most of them, by the same comparison.
    """

    def __init__(
        self, most: int, most_of_one: int | None = None, for_others: int = 0, *, most_waiting: int | None = None
    ) -> None:
        self._most, self._most_of_one, self._for_others = most, most_of_one or most, for_others
        self._free, self._withheld, self._changed = most, 0, float("-inf")
        self._most_waiting, self._spent = most_waiting, Spent()
        self._at_work = Counter[str]()
        self._waiting: dict[str, deque[Given]] = {}

    def locked(self, client: str | None = None) -> bool:
        """Return whether the next one would have to wait: any, or the next of a client."""
        return self._free <= 0 or (client is not None and self.has_enough(client))

    def has_enough(self, client: str) -> bool:
        """Return whether the next one of a client would have to wait for another of its own."""
        own = self._at_work[client]
        return own >= self._most_of_one or (own > 0 and self._free <= self._for_others)

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def take(self, client: str | None = None) -> AsyncIterator[None]:
        """Wait for a turn, and hold it; for the client whose request is being answered, unless another is named.

        Raises Crowded.
        """
        client = await self.acquire(client)
        begun = time.monotonic()
        try:
            yield
        finally:
            self.release(client, time.monotonic() - begun)

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

        Raises TimeoutError or Crowded.
        """
        client = CLIENT.get() if client is None else client
        if not self.locked(client):
            self._begin(client)
            return client
        if self._most_waiting is not None and self.waiting >= self._most_waiting:
            self._make_room(client)
        loop = asyncio.get_running_loop()
        given: Given = loop.create_future()
        # A timer costs less than asyncio.timeout().
        timer = None if seconds is None else loop.call_later(seconds, self._refuse, client, given, TimeoutError())
        self._waiting.setdefault(client, deque()).append(given)
        try:
            if refusal := await given:
                raise refusal
        except asyncio.CancelledError:
            if given.cancelled():
                self._forget(client, given)
            elif given.result() is None:
                self.release(client)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        return client

    def _make_room(self, client: str) -> None:
        """Refuse the newest one that waits of the client with most of them, if this one has fewer. Raises Crowded."""

        def rank(one: str, more: int = 0) -> tuple[int, float]:
            return len(self._waiting.get(one, ())) + more, self._spent(one)

        most = max(self._waiting, key=rank)
        if rank(client, 1) >= rank(most):
            raise Crowded
        self._refuse(most, self._waiting[most][-1], Crowded())

    def _refuse(self, client: str, given: Given, why: Exception) -> None:
        if not given.done():
            self._forget(client, given)
            given.set_result(why)

    def _forget(self, client: str, given: Given) -> None:
        waiting = self._waiting.get(client)
        if waiting and given in waiting:
            waiting.remove(given)
            if not waiting:
                del self._waiting[client]

    def _begin(self, client: str) -> None:
        self._free -= 1
        self._at_work[client] += 1

    def narrow(self) -> None:
        """Let half as many work at once, because what they do takes too long; one more again every WIDEN_SECONDS."""
        left, now = self._most - self._withheld, time.monotonic()
        if left > FEWEST and now - self._changed > NARROW_SECONDS:
            self._withheld, self._changed = self._most - max(left // 2, FEWEST), now
            self._free -= left - (self._most - self._withheld)

    def release(self, client: str, seconds: float = 0.0) -> None:
        """End a turn, which took so many seconds if that is to be counted, and give it to the next."""
        if seconds:
            self._spent.add(client, seconds)
        if self._withheld and time.monotonic() - self._changed > WIDEN_SECONDS:
            self._withheld, self._free, self._changed = self._withheld - 1, self._free + 1, time.monotonic()
        self._at_work[client] -= 1
        if not self._at_work[client]:
            del self._at_work[client]
        self._free += 1
        while self._free > 0 and (waits := [one for one in self._waiting if not self.has_enough(one)]):
            chosen = min(waits, key=lambda one: (self._at_work[one], self._spent(one), one == client))
            waiting = self._waiting.pop(chosen)
            given = waiting.popleft()
            if waiting:
                self._waiting[chosen] = waiting  # behind the others
            if not given.done():  # it may have been cancelled just now
                self._begin(chosen)
                given.set_result(None)


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
