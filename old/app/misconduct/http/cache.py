"""The outermost layer: repeats earlier answers byte for byte without calling the application (docs/decisions/0010).

An answer is a function of the release, the question and the format, so a cached answer stays right until a release
changes it (plain ASGI).
"""

from __future__ import annotations

import time
from asyncio import Future, get_running_loop, shield, wait_for
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Protocol
from urllib.parse import quote_from_bytes, unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.errors import ApiProblem, RangeNotSatisfiable
from misconduct.event_log import log
from misconduct.http.conditional import cutting, find_part, if_none_match_matches, write_range
from misconduct.http.limits import ALWAYS_ANSWERED, MOST_PAIRS, Limits, is_too_long
from misconduct.http.metrics import CacheCounts
from misconduct.http.middleware import (
    COMMON_HEADERS,
    CUT_OFF,
    HAS_LEFT,
    REQUEST,
    BrokenOff,
    Headers,
    RequestIds,
    RequestInfo,
    encode_problem,
    read_trace,
)
from misconduct.http.negotiation import rank_formats, takes_gzip
from misconduct.http.request_log import RequestLog, describe
from misconduct.http.shared_caches import CACHING_HEADERS, PINNED, PINNED_FOR_NOW
from misconduct.model.records import Release
from misconduct.settings import Settings

HIT, COLLAPSED, MISS, BYPASS, METHOD = (
    b"misconduct; " + status for status in (b"hit", b"fwd=miss; collapsed", b"fwd=miss", b"fwd=bypass", b"fwd=method")
)
"""Values of `Cache-Status` (RFC 9211)."""

OK, PARTIAL, NOT_MODIFIED = 200, 206, 304  # numbers: the names in `http` cost more than finding an answer

CONFIRMED = frozenset(name.lower().encode() for name in ("ETag", *CACHING_HEADERS, *COMMON_HEADERS))
"""Headers of a 304: the validator, how long it holds, what decides it, and what every answer has (RFC 9110)."""

OF_ONE_REQUEST = (b"x-request-id", b"cache-status")
KEY_HEADERS = {b"accept", b"accept-encoding"}
"""Headers that are part of the key; an answer that varies by another one is not cached."""

NOT_REMEMBERED = (b"x-request-id", b"traceparent", b"cookie", b"authorization")
"""Headers that are others in each request, or nobody else's business."""

CHOOSING = (b"if-none-match", b"range", b"if-range")
"""Headers that choose what is sent of a cached answer."""

FOR_NOW = PINNED.encode(), PINNED_FOR_NOW.encode()
READ = ("GET", "HEAD")
LONGEST_PATH = 1_000
LONGEST_REMEMBERED = 1_000  # characters of a request whose key is remembered
MOST_REMEMBERED = 2_048
LONGEST_SENT, MOST_SENT = 2_000, 1_024  # bytes of a request that is recalled by them, and how many are
OVERHEAD = 700  # bytes that Python needs for an answer and its places in the store, measured and rounded up


class Releases(Protocol):
    """The known releases. `known` is another object after every change.

    `epoch` is another number after a change in what earlier releases answer.
    """

    @property
    def known(self) -> tuple[Release, ...]: ...
    @property
    def epoch(self) -> int: ...
    @property
    def database_answers(self) -> bool: ...
    @property
    def is_current(self) -> bool: ...
    @property
    def heard(self) -> float: ...


class Answer(NamedTuple):
    """A whole answer; `fields` are its header lines."""

    status: int
    fields: bytes
    body: bytes

    async def send(self, send: Send) -> None:
        """Send it to any ASGI server. Ours writes it as it is (see `protocol`)."""
        pairs = [tuple(line.split(b": ", 1)) for line in self.fields.splitlines()]
        await send({"type": "http.response.start", "status": self.status, "headers": pairs})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(slots=True, eq=False)
class CachedResponse:
    """One whole answer. `fields` and `confirmed` are header lines: those of the answer, and those of its 304.

    `is_immutable`: no newer release changes it. `has_ranges`: parts of it may be sent. `hits` counts how often it was
    asked for again, up to MOST_HITS.
    """

    key: str
    etag: bytes
    fields: bytes
    confirmed: bytes
    body: bytes
    route: str | None
    is_immutable: bool
    has_ranges: bool
    hits: int = 0

    @property
    def size(self) -> int:
        """The bytes it takes in memory."""
        return OVERHEAD + 2 * len(self.key) + len(self.fields) + len(self.confirmed) + len(self.body)


class Sent(NamedTuple):
    """What decides the answer to a request that is known by its bytes."""

    method: str
    key: str
    headers: Headers


Flight = Future[CachedResponse | None]
"""An answer that is being made; None where it cannot be cached."""

Place = tuple[str, bytes | None]
"""A key, and the validators that the client sent: a client that has an answer may get a different one."""


class AnswerCache:
    """Wraps the whole service. It finds the known releases in the scope, where the application's lifespan put them."""

    def __init__(
        self, application: ASGIApp, limits: Limits, settings: Settings, log: RequestLog, counts: CacheCounts
    ) -> None:
        self.application = application
        self.store = Store(settings.cache_bytes)
        self._limits = limits
        self._base_url = settings.public_url
        self._elsewhere = {host.encode(): url for host, url in settings.addresses.items() if url != self._base_url}
        self._counts = counts
        counts.measure = lambda: (len(self.store), self.store.bytes)
        self._known: tuple[Release, ...] = ()
        self._epoch = 0
        self._flights: dict[Place, Flight] = {}
        self._waiting = Counter[Flight]()
        self._wait_seconds = settings.query_seconds / 2  # the rest is for its own answer, if none comes
        self._ids = RequestIds()
        self._log = log
        self._sent: dict[bytes, Sent] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            try:
                await self.application(scope, receive, send)
            finally:
                self._log.close()
        elif REQUEST not in scope and (answer := self.look_up(scope)) is not None:
            await answer.send(send)
        else:
            await self._ask({**scope}, receive, send)  # the layers behind may write to their copy

    def look_up(self, scope: Scope) -> Answer | None:
        """Return the cached answer to a request, or a refusal. None: the application is to be called with this scope.

        Never waits, so that a server can ask before it makes a task: both must cost much less than what they save.
        What was read of the request, and whether it counts as at work, is left in the scope: after None the
        application must be called.
        """
        scope["headers"] = [*scope["headers"]]  # uvicorn adds trailers to its own list, after the key is made
        headers, key = self._read(scope)
        request = RequestInfo(time.monotonic(), self._ids.choose(headers), headers, key)
        if b"traceparent" in headers:
            request.trace = read_trace(headers)
        if (answer := self._find(scope["method"], request, scope["state"]["releases"])) is not None:
            return answer
        request.epoch = self._epoch  # that of the answer for which it may wait
        if request.key is not None:
            request.flight = self._flights.get(_place(request))
        if (problem := self._limits.admit(scope, is_waiting=request.flight is not None)) is not None:
            return self._refuse(problem, scope["method"], request)
        if request.key is not None and request.flight is None and scope["method"] == "GET":
            self._begin_flight(request, scope)
        scope[REQUEST] = request
        return None

    def remember(self, sent: bytes, scope: Scope) -> None:
        """Remember what these bytes ask, for `recall`: exactly one request, which was just answered from memory."""
        headers, key = self._read(scope)
        is_repeatable = len(sent) <= LONGEST_SENT and not any(name in headers for name in NOT_REMEMBERED)
        if key is None or key not in self.store or not is_repeatable:
            return
        if len(self._sent) >= MOST_SENT:
            del self._sent[next(iter(self._sent))]  # the oldest
        self._sent[sent] = Sent(scope["method"], key, {name: headers[name] for name in CHOOSING if name in headers})

    def recall(self, sent: bytes, releases: Releases) -> Answer | None:
        """Return the cached answer to a request that came before with the same bytes. None: it has to be read."""
        known = self._sent.get(sent)
        if known is None:
            return None
        return self._find(
            known.method, RequestInfo(time.monotonic(), self._ids.new(), known.headers, known.key), releases
        )

    def _read(self, scope: Scope) -> tuple[Headers, str | None]:
        """Return the headers, of a repeated one the first, as in the routes; and the key."""
        headers = dict(scope["headers"][::-1])
        address = self._elsewhere.get(headers.get(b"host", b"").lower(), "")
        return headers, read_key(scope, headers, address)

    def _find(self, method: str, request: RequestInfo, releases: Releases) -> Answer | None:
        """Return the cached answer to a request, if there is one."""
        if releases.known is not self._known or releases.epoch != self._epoch:  # () is one object
            self._follow(releases)
        if request.key is None or (cached := self.store.find(request.key)) is None:
            return None
        return self._repeat(cached, HIT if releases.database_answers else _stale(releases), method, request, releases)

    def _follow(self, releases: Releases) -> None:
        """Forget what another state of the register may answer differently: everything, unless the epoch is the same.

        A removal by law changes earlier releases; drafts come and go.
        """
        is_same = releases.epoch == self._epoch
        self.store.drop(lambda cached: not (is_same and cached.is_immutable))
        self._known, self._epoch = releases.known, releases.epoch
        self._flights = {}  # later requests do not wait for earlier answers

    def _repeat(
        self, cached: CachedResponse, status: bytes, method: str, request: RequestInfo, releases: Releases
    ) -> Answer:
        """Return a cached answer, its head, the part that is asked for, or a 304; log it."""
        if not releases.is_current:
            fields, confirmed = (lines.replace(*FOR_NOW) for lines in (cached.fields, cached.confirmed))
            cached = replace(cached, fields=fields, confirmed=confirmed)
        headers, sent = request.headers, request.headers.get(b"if-none-match")
        own = b"x-request-id: %b\r\ncache-status: %b\r\n" % (request.id, status)
        if sent is not None and (
            sent == cached.etag or if_none_match_matches(sent.decode("latin-1"), cached.etag.decode())
        ):
            answer = Answer(NOT_MODIFIED, cached.confirmed + own, b"")
        elif method == "HEAD":
            answer = Answer(OK, cached.fields + own, b"")
        else:
            answer = Answer(OK, cached.fields + own, cached.body)
            if b"range" in headers and cached.has_ranges:
                answer = self._cut(cached, own, request) or answer
        self._counts.hits[answer.status] += 1
        self._log.note(request.id, describe(method, cached.route, answer.status, "hit"), request.began, request.trace)
        return answer

    def _cut(self, cached: CachedResponse, own: bytes, request: RequestInfo) -> Answer | None:
        """Return the part of a cached answer that is asked for, or a 416; None: the whole is asked for."""
        length = len(cached.body)
        try:
            part = find_part(request.headers, cached.etag, length)
        except RangeNotSatisfiable as problem:
            return self._encode(problem, request.id)
        if part is None:
            return None
        start, end = part
        lines = b"content-length: %d\r\ncontent-range: %b\r\n" % (end - start, write_range(part, length))
        fields = cached.fields.replace(b"content-length: %d\r\n" % length, lines, 1)
        return Answer(PARTIAL, fields + own, cached.body[start:end])

    def _refuse(self, problem: ApiProblem, method: str, request: RequestInfo) -> Answer:
        self._counts.refused += 1
        self._log.note(request.id, describe(method, None, problem.status, "refused"), request.began, request.trace)
        return self._encode(problem, request.id)

    def _encode(self, problem: ApiProblem, request_id: bytes) -> Answer:
        return Answer(problem.status, *encode_problem(problem, request_id, self._base_url))

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, unless the answer that another request is getting can be used."""
        request: RequestInfo = scope[REQUEST]
        method = scope["method"]
        send = self._conditional(request, method, _kept_unless_removed(scope, send))
        is_waiting = request.flight is not None and not request.is_leading
        if is_waiting and (answer := await self._wait(request, scope)) is not None:
            await answer.send(send)
            return
        if request.is_leading:
            await self._lead(request, scope, receive, _saying(MISS, send))
        else:
            status = MISS if request.key is not None else BYPASS if method in READ else METHOD
            self._counts.misses += status is MISS and method == "GET"
            await self.application(scope, receive, _saying(status, send))

    def _conditional(self, request: RequestInfo, method: str, send: Send) -> Send:
        """Send what `If-None-Match: *` or `Range` leaves of an answer."""

        async def refuse(problem: RangeNotSatisfiable, request_id: bytes) -> None:
            await self._encode(problem, request_id).send(send)

        is_confirmed = request.headers.get(b"if-none-match", b"").strip() == b"*"
        cut = cutting(request.headers, send, refuse) if method == "GET" and b"range" in request.headers else send
        return _confirming_any(cut) if is_confirmed else cut  # first: a range is of what is sent (RFC 9110, 13.2.2)

    async def _wait(self, request: RequestInfo, scope: Scope) -> Answer | None:
        """Return the answer that another request is getting. None, or a refusal, where it takes long or is not cached.

        After None the request counts as at work; a GET leads those that come now.
        """
        method, flight = scope["method"], request.flight
        self._waiting[flight] += 1
        try:
            with suppress(TimeoutError):
                if (cached := await wait_for(shield(flight), self._wait_seconds)) is not None:
                    return self._repeat(cached, COLLAPSED, method, request, scope["state"]["releases"])
        finally:
            self._waiting[flight] -= 1
            if not self._waiting[flight]:
                del self._waiting[flight]
        if (problem := self._limits.enter(scope)) is not None:
            return self._refuse(problem, method, request)
        if method == "GET":
            self._begin_flight(request, scope)
        return None

    def _begin_flight(self, request: RequestInfo, scope: Scope) -> None:
        """Make later identical requests wait for this one's answer, if there is room to keep it for them.

        Not for one that is always answered: it is never kept, and those that had waited for it would count as at work.
        """
        if not self.store.room or scope["path"] in ALWAYS_ANSWERED:
            return
        request.flight, request.is_leading = get_running_loop().create_future(), True
        self._flights.setdefault(_place(request), request.flight)

    async def _lead(self, request: RequestInfo, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application once for all identical waiting requests, and cache the answer if possible."""
        self._counts.misses += 1
        known, releases, flight, place = self._known, scope["state"]["releases"], request.flight, _place(request)
        has_left = HAS_LEFT.get()
        HAS_LEFT.set(lambda: has_left() and not self._waiting[flight])  # others still want it

        def on_complete(cached: CachedResponse | None) -> None:
            if self._flights.get(place) is flight:
                del self._flights[place]
            if not flight.done():
                flight.set_result(cached)
                if cached is not None and releases.known is known:
                    self.store.add(cached)

        try:
            await self.application(scope, receive, _recording(scope, self.store.largest, on_complete, send))
        finally:
            on_complete(None)


def _place(request: RequestInfo) -> Place:
    return request.key or "", request.headers.get(b"if-none-match")


def _stale(releases: Releases) -> bytes:
    """Return the status while the database is silent, with the seconds since a newer release could be known."""
    return HIT + b"; detail=stale\r\nage: %d" % (time.monotonic() - releases.heard)


# What is sent


def _kept_unless_removed(scope: Scope, send: Send) -> Send:
    """Send what nobody may keep where something was removed by law while the answer was made, which may have it.

    Likewise where a release went away meanwhile: of what was in it the answer may have only a part.

    Shared caches are purged some seconds after that: an answer that begins later would stay in them for a day, and one
    that ends later might, so it is cut off. They may keep none for as long where a removal may not be known yet.
    """
    releases: Releases = scope["state"]["releases"]
    before, is_kept = scope[REQUEST].epoch, True

    async def send_unkept(message: Message) -> None:
        nonlocal is_kept
        if message["type"] == "http.response.start" and releases.epoch != before:
            is_kept = False
            pairs = [pair for pair in message["headers"] if pair[0] != b"cache-control"]
            message = {**message, "headers": [*pairs, (b"cache-control", b"no-store")]}
        elif message["type"] == "http.response.start" and not releases.is_current:
            message = {**message, "headers": [(name, value.replace(*FOR_NOW)) for name, value in message["headers"]]}
        elif message["type"] == "http.response.body" and is_kept and releases.epoch != before:
            log.warning(
                "an answer was broken off", request_id=scope[REQUEST].id.decode(), reason="its release has changed"
            )
            if CUT_OFF in scope:
                scope[CUT_OFF]()
            raise BrokenOff
        await send(message)

    return send_unkept


def _confirming_any(send: Send) -> Send:
    """Send a 304 in place of any 200, which is what `If-None-Match: *` asks for (RFC 9110, 13.1.2)."""
    exists = False

    async def send_without_body(message: Message) -> None:
        nonlocal exists
        if message["type"] == "http.response.start" and message["status"] == OK:
            exists = True
            pairs = [pair for pair in message["headers"] if pair[0] in CONFIRMED or pair[0] in OF_ONE_REQUEST]
            message = {**message, "status": NOT_MODIFIED, "headers": pairs}
        elif exists:
            message = {**message, "body": b""}
        await send(message)

    return send_without_body


def _saying(status: bytes, send: Send) -> Send:
    """Send an answer with this `Cache-Status`."""

    async def send_with_status(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"cache-status", status)]}
        await send(message)

    return send_with_status


def _recording(scope: Scope, longest: int, on_complete: Callable[[CachedResponse | None], None], send: Send) -> Send:
    """Send an answer, and call `on_complete` with it once it is whole, or with None once it cannot be cached.

    That is before the last piece is sent, so that nobody waits for a slow client.
    """
    request: RequestInfo = scope[REQUEST]
    start: Message | None = None
    pieces: list[bytes] = []
    missing = 0

    async def send_and_record(message: Message) -> None:
        nonlocal start, missing
        if message["type"] == "http.response.start":
            length = _cacheable_length(message)
            if length is None or length > longest:
                on_complete(None)
            else:
                start, missing = message, length
        elif start is not None:
            pieces.append(message.get("body", b""))
            missing -= len(pieces[-1])
            if not missing:
                on_complete(_cached(scope, request.key or "", start, b"".join(pieces)))
                start = None
        await send(message)

    return send_and_record


def _cacheable_length(start: Message) -> int | None:
    """Return the length of an answer that may be cached; None for one that may not, or whose length is unknown.

    It must be whole and public, have a strong validator, and depend on nothing that the key does not hold.
    """
    headers = dict(start["headers"])
    varies = {name.strip().lower() for name in headers.get(b"vary", b"").split(b",") if name.strip()}
    may_be_cached = (
        start["status"] == OK
        and headers.get(b"etag", b"").startswith(b'"')
        and headers.get(b"cache-control", b"").startswith(b"public")
        and b"set-cookie" not in headers
        and varies <= KEY_HEADERS
    )
    return int(headers[b"content-length"]) if may_be_cached and b"content-length" in headers else None


def _cached(scope: Scope, key: str, start: Message, body: bytes) -> CachedResponse:
    """Return an answer as it is cached.

    It is immutable where the request names a release. A day does not name one: a release that is dated back may still
    come into force on it.
    """
    pairs = [(name, value) for name, value in start["headers"] if name not in OF_ONE_REQUEST]
    headers = dict(pairs)
    names_release = any(name == b"release" for name, _ in _read_pairs(scope["query_string"]))
    return CachedResponse(
        key,
        headers[b"etag"],
        _encode_lines(pairs),
        _encode_lines((name, value) for name, value in pairs if name in CONFIRMED),
        body,
        getattr(scope.get("route"), "path", None),
        is_immutable=names_release and headers[b"cache-control"] == PINNED.encode(),
        has_ranges=headers.get(b"accept-ranges") == b"bytes",
    )


def _encode_lines(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%s: %s\r\n" % pair for pair in pairs)


# Keys


def read_key(scope: Scope, headers: Headers, address: str = "") -> str | None:
    """Return the key of a request: equal for requests that have the same answer, or parts of it.

    `address` is what the answer's links begin with, if it is not the public address. None where the request names a
    version (`If-Match`), does not read, or is too long.
    """
    if scope["method"] not in READ or b"if-match" in headers:
        return None
    path, query = scope["path"], scope["query_string"]
    accept, encoding = headers.get(b"accept", b""), headers.get(b"accept-encoding", b"")
    if len(path) + len(query) + len(accept) + len(encoding) <= LONGEST_REMEMBERED:
        return _remembered_key(path, query, accept, encoding, address)
    return _make_key(path, query, accept, encoding, address)


def _make_key(path: str, query: bytes, accept: bytes, encoding: bytes, address: str) -> str | None:
    """Make a key. Only the path may hold a space, and it comes last, so that two questions never have one key."""
    if len(path) > LONGEST_PATH or is_too_long(query) or query.count(b"&") >= MOST_PAIRS:
        return None
    pairs = sorted(_read_pairs(query), key=lambda pair: pair[0])  # of one name in the order that was sent
    ranks, gzip = rank_formats(accept.decode("latin-1")), takes_gzip(encoding.decode("latin-1"))
    asked = "&".join(f"{quote_from_bytes(name, '')}={quote_from_bytes(value, '')}" for name, value in pairs)
    return f"{address} {ranks} {'gzip' if gzip else 'plain'} {asked} {path}"


_remembered_key = lru_cache(MOST_REMEMBERED)(_make_key)


def _read_pairs(query: bytes) -> Iterable[tuple[bytes, bytes]]:
    """Yield the parameters as `parameters.read_query` reads them."""
    for pair in query.split(b"&"):
        if pair:
            name, _, value = (unquote_to_bytes(part.replace(b"+", b" ")) for part in pair.partition(b"="))
            yield name, value


# Which answers are kept when there is no room for all: S3-FIFO (Yang et al., SOSP 2023), bounded in bytes

SMALL_SHARE = 0.1  # of the room, for new answers
LARGEST = 1 / 16  # of the room, for one answer
PROMOTING_HITS = 2
MOST_HITS = 3  # rounds that an answer survives without another request
GHOST_BYTES = 160  # for each answer that is remembered as evicted
GHOST_SHARE = 0.05  # of the room


class Queue(deque[CachedResponse]):
    """Answers, first in, first out, and how many bytes they take."""

    bytes = 0

    def push(self, cached: CachedResponse) -> None:
        self.append(cached)
        self.bytes += cached.size

    def pop_oldest(self) -> CachedResponse:
        cached = self.popleft()
        self.bytes -= cached.size
        return cached


class Store:
    """Answers by key, which never take more than `room` bytes.

    A new answer stays in a small queue, a tenth of the room. It moves to the main queue only if it is asked for twice
    more, or comes back soon after it was evicted; there it stays for as long as it is asked for. A robot that asks for
    a million addresses evicts nothing but its own answers.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self.largest = int(room * LARGEST)
        self._answers: dict[str, CachedResponse] = {}
        self._small, self._main = Queue(), Queue()
        self._ghosts: OrderedDict[int, None] = OrderedDict()  # hashes of keys: a rare collision promotes too early
        self._most_ghosts = int(room * GHOST_SHARE / GHOST_BYTES)

    def __len__(self) -> int:
        return len(self._answers)

    def __contains__(self, key: object) -> bool:
        return key in self._answers

    @property
    def bytes(self) -> int:
        """The bytes that are taken."""
        return self._small.bytes + self._main.bytes + len(self._ghosts) * GHOST_BYTES

    def find(self, key: str) -> CachedResponse | None:
        """Return the answer with this key, and count the hit."""
        cached = self._answers.get(key)
        if cached is not None and cached.hits < MOST_HITS:
            cached.hits += 1
        return cached

    def add(self, cached: CachedResponse) -> None:
        """Keep an answer, unless it is too large or its key is there."""
        if cached.size > self.largest or cached.key in self._answers:
            return
        came_back = hash(cached.key) in self._ghosts
        self._ghosts.pop(hash(cached.key), None)
        while self.bytes + cached.size > self.room:
            if self._small.bytes > self.room * SMALL_SHARE or not self._main:
                self._evict_from_small()
            else:
                self._evict_from_main()
        self._answers[cached.key] = cached
        (self._main if came_back else self._small).push(cached)

    def drop(self, condition: Callable[[CachedResponse], bool]) -> None:
        """Forget every answer that meets the condition."""
        for queue in (self._small, self._main):
            for _ in range(len(queue)):
                cached = queue.pop_oldest()
                if condition(cached):
                    del self._answers[cached.key]
                else:
                    queue.push(cached)

    def _evict_from_small(self) -> None:
        cached = self._small.pop_oldest()
        if cached.hits >= PROMOTING_HITS:
            cached.hits = 0
            self._main.push(cached)
            return
        del self._answers[cached.key]
        self._ghosts[hash(cached.key)] = None
        if len(self._ghosts) > self._most_ghosts:
            self._ghosts.popitem(last=False)

    def _evict_from_main(self) -> None:
        cached = self._main.pop_oldest()
        if cached.hits:
            cached.hits -= 1
            self._main.push(cached)
        else:
            del self._answers[cached.key]
