"""Admit work by turns: each class has some, lets a few requests wait for one, and refuses others at once.

Answers from memory need no turn, and a request has none while it waits for what its client sends or reads. Who has a
turn has a connection to the database, since the pool has one for each.
"""

import asyncio
from collections import Counter
from typing import NamedTuple

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.api.addresses import POSTED
from misconduct.api.answers import find_best
from misconduct.api.problems import Respond, Unavailable
from misconduct.formats import FORMATS, MEDIA_TYPES, PICTURES


class Limits(NamedTuple):
    """How many requests of a class are worked on at once, and how many are there in all: also those that wait for
    their turn, for at most some seconds, and those whose client is still reading.
    """

    turns: int
    most: int
    seconds: float


CLASSES = {
    "cheap": Limits(turns=4, most=200, seconds=2),
    "query": Limits(turns=4, most=200, seconds=2),
    # A reader may be slow, and has a page of 500 rows in memory until then, of at most 1 MB.
    "table": Limits(turns=2, most=100, seconds=10),
    # A page may have many pictures, of which each takes up to a quarter of a second.
    "picture": Limits(turns=2, most=40, seconds=8),
    # Each has a process of its own, and a text may come slowly.
    "comparison": Limits(turns=2, most=20, seconds=2),
}
"""docs/operations.md has these numbers, and a test holds them against it."""

TURNS = sum(limits.turns for limits in CLASSES.values())
CONNECTIONS = TURNS + 1  # of a process to the database: one watches for releases

REASONS = ("full", "late", "unavailable")
"""Why a request is refused: too many are there, its turn did not come in time, or its work could not be done."""

BUSY = "Too many requests of this kind are being answered. Please try again in a few seconds."
SLICE = 65_536  # bytes; uvicorn takes a whole piece, and waits for a slow reader only at the next
ALWAYS = ("/healthz", "/readyz")
BY_START = {
    "/static/": "cheap",
    "/v1/releases": "cheap",  # files, and what they are
    "/embed/": "picture",
}
ONE_FIGURE = ("/v1/figures/", "/figures/")


def name_class(scope: Scope) -> str | None:
    """Return the class of the work that a request needs, or None if it is always admitted."""
    path = scope["path"]
    if path in ALWAYS:
        return None
    if scope["method"] == "POST" and path in POSTED:
        return "comparison"
    for start, name in BY_START.items():
        if path.startswith(start):
            return name
    suffix = _find_format(scope)
    if suffix in FORMATS:
        return "table"
    if suffix in PICTURES:
        return "picture"
    return "cheap" if path.startswith(ONE_FIGURE) else "query"


def _find_format(scope: Scope) -> str | None:
    """Return the format that the address or the header Accept names. A page is none."""
    if "suffix" in scope or not scope["path"].startswith("/v1/"):
        return scope.get("suffix")
    accept = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
    is_page = "text/html" in accept
    return None if is_page else find_best(accept or "*/*", [*MEDIA_TYPES])


class Line:
    """The requests of a class, those that have their turn and those that wait for it."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.inside = limits, 0
        self.refused = Counter[str]()
        self.turn = asyncio.Semaphore(limits.turns)

    async def is_late(self) -> bool:
        """Wait for a turn, and tell whether there is none in time."""
        try:
            async with asyncio.timeout(self.limits.seconds):
                await self.turn.acquire()
        except TimeoutError:
            return True
        return False


class Turn:
    """The turn of one request, which others have while it waits for its client."""

    def __init__(self, line: Line, receive: Receive, send: Send) -> None:
        self._line, self._receive, self._send = line, receive, send
        self._is_held, self._is_received = True, False

    async def receive(self) -> Message:
        """Receive a piece of a text. What comes after it says only that the client has gone."""
        if self._is_received:
            return await self._receive()
        self.give()
        message = await self._receive()
        await self._take()
        self._is_received = not message.get("more_body")
        return message

    async def send(self, message: Message) -> None:
        """Send a piece of an answer. One that has begun waits for its next turn as long as that takes."""
        if message["type"] == "http.response.start":
            self._line.refused["unavailable"] += message["status"] == 503
            await self._send(message)
            return
        self.give()
        if not message.get("more_body"):
            await self._send(message)
            return
        body = memoryview(message.get("body", b""))
        for start in range(0, len(body), SLICE):
            piece = bytes(body[start : start + SLICE])
            await self._send({**message, "body": piece})
        await self._take()

    def give(self) -> None:
        """Let another request have the turn."""
        if self._is_held:
            self._line.turn.release()
        self._is_held = False

    async def _take(self) -> None:
        await self._line.turn.acquire()
        self._is_held = True


class Admission:
    """Let a request through when its class has a turn for it, and otherwise answer 503."""

    def __init__(self, app: ASGIApp, respond: Respond) -> None:
        self.app, self._respond = app, respond
        self.lines = {name: Line(limits) for name, limits in CLASSES.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = name_class(scope) if scope["type"] == "http" else None
        if name is None:
            await self.app(scope, receive, send)
            return
        line = self.lines[name]
        reason = "full" if line.inside >= line.limits.most else ""
        line.inside += 1
        try:
            if not reason and await line.is_late():
                reason = "late"
            if reason:
                line.refused[reason] += 1
                refusal = self._respond(Request(scope), Unavailable(BUSY))
                await refusal(scope, receive, send)
                return
            turn = Turn(line, receive, send)
            has_text = scope["method"] == "POST"
            try:
                await self.app(scope, turn.receive if has_text else receive, turn.send)
            finally:
                turn.give()
        finally:
            line.inside -= 1
