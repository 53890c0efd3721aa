"""The outermost layer: what was answered before is answered again, byte for byte, and nothing behind it is asked.

An answer is a function of the release, the question and the form, so whatever is kept stays right until a release
comes (plain ASGI).
"""

from __future__ import annotations

import time
from asyncio import Future, get_running_loop, shield, wait_for
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.records import DRAFT, Release
from app.errors import RangeNotSatisfiable
from app.http.conditional import cutting, find_part, holds, write_range
from app.http.kept import CONFIRMED, OF_ONE_REQUEST, Kept
from app.http.keys import READ, Headers, Key, read_headers, read_key
from app.http.limits import Shedding
from app.http.middleware import RequestIds
from app.http.recorder import Recorder
from app.http.request_log import RequestLog, describe
from app.http.store import Store
from app.settings import Settings

HIT, COLLAPSED, MISS, BYPASS, METHOD = (
    b"misconduct; " + status for status in (b"hit", b"fwd=miss; collapsed", b"fwd=miss", b"fwd=bypass", b"fwd=method")
)
"""What `Cache-Status` says of an answer (RFC 9211)."""

OK, PARTIAL, NOT_MODIFIED = 200, 206, 304  # as numbers: the names of `http` take longer than a look into the store

Flight = Future[Kept | None]
Place = tuple[str, bytes | None]


class Releases(Protocol):
    """What must be known of the releases: `known` is another object after every change."""

    @property
    def known(self) -> tuple[Release, ...]: ...
    @property
    def removals(self) -> str: ...
    @property
    def database_answers(self) -> bool: ...
    @property
    def heard(self) -> float: ...


class Answer(NamedTuple):
    """A whole answer; `fields` are its header lines."""

    status: int
    fields: bytes
    body: bytes

    async def send(self, send: Send) -> None:
        """Sends it to any server. Our own takes it as it is (see `wire`)."""
        pairs = [tuple(line.split(b": ", 1)) for line in self.fields.splitlines()]
        await send({"type": "http.response.start", "status": self.status, "headers": pairs})
        await send({"type": "http.response.body", "body": self.body})


class AnswerCache:
    """Wraps the whole service. `hits` and `misses` count what it could answer, and what not; `refused` is apart."""

    def __init__(
        self,
        application: ASGIApp,
        releases: Callable[[], Releases],
        shedding: Shedding,
        settings: Settings,
        log: RequestLog,
    ) -> None:
        self.application = application
        self.shedding = shedding
        self.store = Store(settings.cache_bytes)
        self.hits = self.misses = self.refused = 0
        self._releases = releases
        self._known: tuple[Release, ...] = ()
        self._removals = ""
        self._flights: dict[Place, Flight] = {}
        self._crowd_seconds = settings.query_seconds / 2  # the rest is for one's own answer, if none comes
        self._ids = RequestIds()
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._live(scope, receive, send)
        elif (answer := self.recall(scope)) is not None:
            await answer.send(send)
        else:
            await self._ask(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.application(scope, receive, send)
        finally:
            self._log.close()

    def recall(self, scope: Scope) -> Answer | None:
        """The answer to a request, where it is kept; or a refusal, where no more is taken on.

        Never waits, so that a server can ask before it makes a task: both must cost much less than what they save.
        """
        began, headers, book = time.time(), read_headers(scope), self._releases()
        key = read_key(scope, headers)
        kept = self._find(key, book) if key else None
        if kept is None:
            return self._refuse(scope, headers, began)
        return self._repeat(kept, HIT if book.database_answers else _stale(book), scope, headers, began)

    def _find(self, key: Key, book: Releases) -> Kept | None:
        """The answer that is kept, after what a new release changes was forgotten."""
        if book.known is not self._known:
            self._follow(book)
        return self.store.find(key.text)

    def _follow(self, book: Releases) -> None:
        """Forgets what another state of the register may answer differently: everything, unless the past is the same.

        A removal by law reaches back; drafts come and go.
        """
        past = {release.digest for release in self._known if release.number != DRAFT}
        is_same_past = book.removals == self._removals and past <= {release.digest for release in book.known}
        self.store.drop(lambda kept: not (is_same_past and kept.lasts))
        self._known, self._removals = book.known, book.removals
        self._flights = {}  # who asks from now on waits for no answer of before

    def _repeat(self, kept: Kept, status: bytes, scope: Scope, headers: Headers, began: float) -> Answer:
        """An answer that is kept, or its head, or only that it still holds; logged as given."""
        self.hits += 1
        request_id, method, sent = self._ids.of(headers), scope["method"], headers.get(b"if-none-match")
        own = b"x-request-id: %b\r\ncache-status: %b\r\n" % (request_id, status)
        if sent is not None and (sent == kept.etag or holds(sent.decode("latin-1"), kept.etag.decode())):
            answer = Answer(NOT_MODIFIED, kept.confirmed + own, b"")
        elif method == "HEAD":
            answer = Answer(OK, kept.fields + own, b"")
        else:
            answer = Answer(OK, kept.fields + own, kept.body)
            if b"range" in headers and kept.has_ranges:
                answer = self._cut(kept, headers, own, request_id) or answer
        self._log.note(request_id, describe(method, kept.route, answer.status, "hit"), began)
        return answer

    def _cut(self, kept: Kept, headers: Headers, own: bytes, request_id: bytes) -> Answer | None:
        """The part of a kept answer that is asked for, or that there is none; None: the whole is asked for."""
        length = len(kept.body)
        try:
            part = find_part(headers, kept.etag, length)
        except RangeNotSatisfiable as problem:
            return Answer(problem.status, *self.shedding.encode(problem, request_id))
        if part is None:
            return None
        start, end = part
        lines = b"content-length: %d\r\ncontent-range: %b\r\n" % (end - start, write_range(part, length))
        fields = kept.fields.replace(b"content-length: %d\r\n" % length, lines, 1)
        return Answer(PARTIAL, fields + own, kept.body[start:end])

    def _refuse(self, scope: Scope, headers: Headers, began: float) -> Answer | None:
        problem = self.shedding.refuse(scope)
        if problem is None:
            return None
        self.refused += 1
        request_id = self._ids.of(headers)
        answer = self.shedding.encode(problem, request_id)
        self._log.note(request_id, describe(scope["method"], None, problem.status, "refused"), began)
        return Answer(problem.status, *answer)

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Has the service answer, unless another request for the same is just getting an answer."""
        began, headers, method = time.time(), read_headers(scope), scope["method"]
        if headers.get(b"if-none-match", b"").strip() == b"*":
            send = _only_that_it_is_there(send)
        if method == "GET" and b"range" in headers:
            send = cutting(headers, send, self._refuser(send))
        key = read_key(scope, headers)
        if key is None:
            await self.application({**scope}, receive, _saying(BYPASS if method in READ else METHOD, send))
            return
        place = key.text, headers.get(b"if-none-match")  # who has something already may get another answer
        if (kept := await self._wait(place)) is not None:
            await self._repeat(kept, COLLAPSED, scope, headers, began).send(send)
        elif method == "HEAD":
            await self.application({**scope}, receive, _saying(MISS, send))
        else:
            await self._lead(key, place, {**scope}, receive, _saying(MISS, send))

    def _refuser(self, send: Send) -> Callable[[RangeNotSatisfiable, bytes], Awaitable[None]]:
        async def refuse(problem: RangeNotSatisfiable, request_id: bytes) -> None:
            await Answer(problem.status, *self.shedding.encode(problem, request_id)).send(send)

        return refuse

    async def _wait(self, place: Place) -> Kept | None:
        """The answer that another request for the same is getting; None where there is none, or it is of no use."""
        flight = self._flights.get(place)
        if flight is None:
            return None
        with suppress(TimeoutError):
            return await wait_for(shield(flight), self._crowd_seconds)
        return None

    async def _lead(self, key: Key, place: Place, scope: Scope, receive: Receive, send: Send) -> None:
        """Has the service answer, for everyone who asks the same meanwhile, and keeps what may be kept."""
        self.misses += 1
        known = self._known
        flight: Flight = get_running_loop().create_future()
        self._flights.setdefault(place, flight)

        def land(kept: Kept | None) -> None:
            if self._flights.get(place) is flight:
                del self._flights[place]
            if not flight.done():
                flight.set_result(kept)
                if kept is not None and self._releases().known is known:
                    self.store.add(kept)

        try:
            await self.application(scope, receive, Recorder(key, scope, self.store.largest, land, send))
        finally:
            land(None)


def _stale(book: Releases) -> bytes:
    """What an answer says while the database is silent: for how long nobody can have known of a newer release."""
    return HIT + b"; detail=stale\r\nage: %d" % (time.monotonic() - book.heard)


def _only_that_it_is_there(send: Send) -> Send:
    """Sends of an answer that is there nothing but that: it is what `If-None-Match: *` asks (RFC 9110, 13.1.2)."""
    is_there = False

    async def send_without_body(message: Message) -> None:
        nonlocal is_there
        if message["type"] == "http.response.start" and message["status"] == OK:
            is_there = True
            pairs = [pair for pair in message["headers"] if pair[0] in CONFIRMED or pair[0] in OF_ONE_REQUEST]
            message = {**message, "status": NOT_MODIFIED, "headers": pairs}
        elif is_there:
            message = {**message, "body": b""}
        await send(message)

    return send_without_body


def _saying(status: bytes, send: Send) -> Send:
    """Sends an answer that says where it came from."""

    async def send_with_status(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"cache-status", status)]}
        await send(message)

    return send_with_status
