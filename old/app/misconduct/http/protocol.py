"""uvicorn's HTTP protocol with limits for heads, queues and stalled clients, problems, and a fast path for the cache.

It overrides private parts of uvicorn and was written for uvicorn 0.53 and 0.54. Where another version does not have
them, which `find_missing_hooks` tells, `serving.choose_protocol` warns at the start and takes uvicorn's own protocol:
the answers are the same, without these limits and the fast path.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from heapq import nlargest
from itertools import islice
from typing import Any, cast

from httptools import HttpParserError, HttpParserUpgrade
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from misconduct.errors import ApiProblem, MalformedRequest, NotReady, RequestHeadersTooLarge, RequestTooLong
from misconduct.http.cache import Answer
from misconduct.http.limits import network_of
from misconduct.http.middleware import CUT_OFF, HAS_LEFT, BrokenOff, encode_problem
from misconduct.settings import Settings

HEAD_SECONDS = 10.0  # for the head of a request to arrive
LINGER_SECONDS = 2.0  # for a refused client to go on sending: disconnected at once, it would not see the answer
SHUTDOWN_SECONDS = 1.0  # for an open connection to send another request when the server is told to stop
STALL_SECONDS = 60.0  # for a client to read some of an answer, before the connection is aborted
MOST_WAITING = 96 * 2**20  # bytes of answers, for slow clients together
MUCH_WAITING, MOST_AT_ONCE, FEW_AT_ONCE = MOST_WAITING // 4, 2**20, 2**17
"""Bytes of a file that are sent at once; where so many wait for slow clients, fewer: so there is room for hundreds."""

MOST_SENT = 32 * 2**20  # bytes of long heads, and of requests behind one that is not answered, of all clients together
FEW_OF_ONE, MANY_OF_ONE = 10, 100  # connections of a client that are many: then those in use make room for others, too
MOST_LOOKED_AT = 1_000  # connections of a client, and clients, when room is made
REFUSED = (429, 503)
REFUSED_SECONDS = 0.8  # before a refused client is read again; it was told to wait longer than that
REQUESTS_AT_ONCE = 4  # that are read of one connection before another gets a turn
PIECE = 4_096  # bytes parsed at once: the requests in it wait behind one another, and take time from other clients
LONGEST_HEAD = 65_536 - PIECE  # bytes of address and headers, and up to a piece more: no longer address is read

STOPPED = "The service was told to stop before it had the answer. Please ask again."

MOST_LINES = 200  # of headers: an empty one costs ten times its bytes in memory, and much more time than they take
MOST_UNSENT = 131_072  # bytes that the kernel takes before it has sent them: it would take megabytes of slow clients
LONGEST_JOINED = 65_536  # bytes of a body that is copied behind its head; a longer one is shared by all who read it

VERSIONS = ("1.0", "1.1")
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
HOST = re.compile(rb"(?:\[[0-9A-Za-z:.~-]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?")

HOOKS: Mapping[tuple[type, str], tuple[str, ...]] = {
    (HttpToolsProtocol, "__init__"): ("cycle", "flow", "parser", "pipeline", "timeout_keep_alive_task"),
    (HttpToolsProtocol, "connection_made"): ("FlowControl", "client", "flow", "transport"),
    (HttpToolsProtocol, "on_message_begin"): ("app_state", "headers", "scope", "url"),
    (HttpToolsProtocol, "on_header"): ("headers",),
    (HttpToolsProtocol, "on_headers_complete"): (
        *("_start_asgi_task", "on_response_complete", "app", "default_headers", "flow", "pipeline", "server_state"),
    ),
    (HttpToolsProtocol, "on_response_complete"): (
        *("_start_asgi_task", "_unset_keepalive_if_required", "timeout_keep_alive_handler", "flow", "pipeline"),
        *("timeout_keep_alive", "total_requests"),
    ),
    (RequestResponseCycle, "__init__"): (
        *("chunked_encoding", "default_headers", "disconnected", "expected_content_length", "flow", "keep_alive"),
        *("message_event", "on_response", "response_complete", "response_started", "scope", "transport"),
    ),
    (Multiprocess, "run"): ("join_all", "keep_subprocess_alive"),
    (Multiprocess, "__init__"): ("processes", "should_exit", "signal_queue", "sockets"),
    (Multiprocess, "restart_all"): ("Process", "start", "wait_until_ready", "terminate", "kill"),
    (Multiprocess, "handle_hup"): ("restart_all",),
    (Process, "__init__"): ("child_conn",),
}
"""The names that are overridden or used here and by `serving.Workers`, by the functions that call or set them."""

MALFORMED = "This is not a valid HTTP request."
VERSION = "This service supports HTTP/1.0 and HTTP/1.1."
ONE_HOST = "A request needs exactly one Host header with a valid host name."
TOO_LONG = "The address is longer than 64 kB."
TOO_LARGE = "The headers of a request may have 64 kB in total."
TOO_MANY = f"A request may have {MOST_LINES} headers."


def problem_protocol(
    settings: Settings, head_seconds: float = HEAD_SECONDS, most_connections: int | None = None
) -> type[asyncio.Protocol]:
    """Return the protocol for uvicorn: a partial, because workers get it pickled, which a class made here cannot be.

    Behind a proxy a connection carries many clients, so refusing one of them does not pause it. Whoever connects when
    there are `most_connections` is closed.
    """
    refused_seconds = 0.0 if settings.trusted_proxies else REFUSED_SECONDS
    protocol = partial(ProblemProtocol, settings.public_url, head_seconds, refused_seconds, most_connections)
    return cast("type[asyncio.Protocol]", protocol)


def find_missing_hooks() -> list[str]:
    """Return which of the HOOKS this version of uvicorn does not have."""
    return [
        f"{name} in {owner.__name__}.{function}"
        for (owner, function), names in HOOKS.items()
        for name in names
        if not (code := getattr(getattr(owner, function, None), "__code__", None)) or name not in code.co_names
    ]


class GatedFlow(FlowControl):
    """Pauses reading for two reasons, uvicorn's and ours, and resumes when neither is left. Keeps what is unread."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self.is_held = self._is_paused = False
        self.client = ""  # its address, of IPv6 its network
        self.unread: list[bytes] = []  # long bodies: the transport keeps each whole until its last byte is sent
        transport.set_write_buffer_limits(0, 0)  # whoever has anything to read is slow: each may keep a long body

    def pause_reading(self) -> None:
        self._is_paused = True
        super().pause_reading()

    def resume_reading(self) -> None:
        """Resume, unless held. uvicorn calls this after each answer, and where the application waits for a body."""
        self._is_paused = False
        if not self.is_held:
            super().resume_reading()

    @contextmanager
    def giving(self, body: bytes) -> Iterator[None]:
        """Note a body while it is written, and until the client has read it."""
        if len(body) > LONGEST_JOINED:
            self.unread.append(body)
            _SLOW.note(self, body)
        yield
        if not self.write_paused:
            self.unread.clear()

    def cut_off(self) -> None:
        """Close the connection at once, whatever the client has yet to read."""
        self._transport.abort()

    def hold(self, is_held: bool) -> None:
        """Pause reading while `is_held`."""
        self.is_held = is_held
        if is_held:
            super().pause_reading()
        elif not self._is_paused:
            super().resume_reading()


class SlowClients:
    """The connections whose clients have answers to read, the oldest first, and the `bytes` that are kept for them.

    A body that several are sent is there once. The bytes are counted as they come and go: to add them up for each of
    thousands of connections would stop the worker.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._own: dict[GatedFlow, int] = {}  # what a connection without long bodies has to read
        self._readers: dict[int, int] = {}  # how often a long body is unread, by its id
        self._of: dict[str, dict[GatedFlow, None]] = {}  # the connections of each client, the oldest first
        self._held = Counter[str]()  # bytes that each client has to read, also those that others have to read, too

    def __len__(self) -> int:
        return len(self._own)

    def add(self, flow: GatedFlow, transport: asyncio.WriteTransport) -> None:
        """Add a connection. Where all hold too much, cut off the oldest ones of the client that holds most."""
        self._own[flow] = 0 if flow.unread else transport.get_write_buffer_size()
        self._of.setdefault(flow.client, {})[flow] = None
        self._held[flow.client] += self._own[flow]
        self.bytes += self._own[flow]
        for body in flow.unread:
            self.note(flow, body)
        while len(self) > 1 and self.bytes > MOST_WAITING:
            most = max(islice(self._of, MOST_LOOKED_AT), key=self._held.__getitem__)
            oldest = next(iter(self._of[most]))
            self.remove(oldest)
            oldest.cut_off()

    def note(self, flow: GatedFlow, body: bytes) -> None:
        """Count a long body that is given to a connection, if that is a slow one."""
        if flow in self._own:
            self._readers[id(body)] = self._readers.get(id(body), 0) + 1
            self._held[flow.client] += len(body)
            self.bytes += len(body) * (self._readers[id(body)] == 1)

    def remove(self, flow: GatedFlow) -> None:
        """Forget a connection, if it is there, and what it alone had not read."""
        if flow not in self._own:
            return
        own = self._own.pop(flow)
        self.bytes -= own
        self._held[flow.client] -= own + sum(map(len, flow.unread))
        del self._of[flow.client][flow]
        if not self._of[flow.client]:
            del self._of[flow.client], self._held[flow.client]
        for body in flow.unread:
            self._readers[id(body)] -= 1
            if not self._readers[id(body)]:
                del self._readers[id(body)]
                self.bytes -= len(body)


_SLOW = SlowClients()


def count_at_once() -> int:
    """Return how many bytes of a long body to send at once: the client has to read them before it is sent more."""
    return MOST_AT_ONCE if _SLOW.bytes < MUCH_WAITING else FEW_AT_ONCE


class SentAhead:
    """The connections of which more than a piece is kept and not answered, the oldest first, and its `bytes`."""

    def __init__(self) -> None:
        self.bytes = 0
        self._of: dict[ProblemProtocol, int] = {}

    def __len__(self) -> int:
        return len(self._of)

    def note(self, connection: ProblemProtocol, kept: int) -> None:
        """Note what is kept of a connection by now. Where that of all is too much, cut off the oldest others."""
        before = self._of.get(connection, 0)
        now = kept if kept > PIECE else 0
        if now:
            self._of[connection] = now
        elif before:
            del self._of[connection]
        self.bytes += now - before
        while len(self) > 1 and self.bytes > MOST_SENT:
            oldest = next(iter(self._of))
            self.bytes -= self._of.pop(oldest)
            oldest.flow.cut_off()


_SENT = SentAhead()


class OpenConnections:
    """The open connections of each client, in the order in which they were made."""

    def __init__(self) -> None:
        self._of: dict[str, dict[ProblemProtocol, None]] = {}

    def add(self, connection: ProblemProtocol) -> None:
        """Add a connection."""
        self._of.setdefault(connection.network, {})[connection] = None

    def remove(self, connection: ProblemProtocol) -> None:
        """Forget a connection, if it is there."""
        if connection in (own := self._of.get(connection.network, {})):
            del own[connection]
            if not own:
                del self._of[connection.network]

    def make_room(self, places: int) -> bool:
        """Close the oldest connection on which no request is at work, of the client that has most; tell if one was.

        Without that, a few clients with as many connections as there are descriptors would shut out everybody else. Of
        one who has many, for so many places, a connection is closed whatever it does, if all do something.
        """
        many = max(FEW_OF_ONE, min(MANY_OF_ONE, places // 16))
        for own in nlargest(3, islice(self._of.values(), MOST_LOOKED_AT), key=len):
            looked_at = list(islice(own, MOST_LOOKED_AT))
            idle = (one for one in looked_at if one.is_unused)
            of_many = (one for one in looked_at if len(own) > many and one.makes_room)
            if (last := next(idle, None) or next(of_many, None)) is not None:
                self.remove(last)
                last.flow.cut_off()
                return True
        return False


Turn = tuple[RequestResponseCycle, Any]
"""A request and the application that answers it."""


class ProblemProtocol(HttpToolsProtocol):
    """Answers malformed requests with a problem, and bounds heads and queues of requests.

    A head is everything before a body, and the trailers after a chunked one. A queue is parsed piece by piece, the next
    piece when all requests of the last one are answered, so that at most one read waits unparsed.
    """

    def __init__(
        self,
        base_url: str,
        head_seconds: float,
        refused_seconds: float,
        most_connections: int | None,
        **connection: Any,
    ) -> None:
        super().__init__(**connection)
        self.base_url = base_url
        self.most_connections = most_connections
        self.head_seconds = head_seconds
        self.refused_seconds = refused_seconds
        self.ws_protocol_class = None  # refuse every upgrade, whatever is installed
        self.unparsed = b""
        self.parsing: asyncio.Handle | None = None  # the next piece
        self.turn: Turn | None = None  # the next request to answer
        self.is_answering_in_turn = False
        self.at_work: RequestResponseCycle | None = None
        self.begun = 0  # requests of which anything was read
        self.is_between = True  # whether the parser is before the first byte of a request
        self.is_chunked = False  # the body of the last request: nothing behind it is read, as its answer says
        self.is_in_body = False  # whether it is within a request that has been passed on, and gets its own answer
        self.answered: Any = None  # the scope of the last request that was answered from memory, or refused
        self.idle_since = 0.0
        self.head_bytes: int | None = None  # of the current head; None outside a head
        self.close_timer: asyncio.TimerHandle | None = None
        self.pause: asyncio.TimerHandle | None = None  # runs after a refusal
        self.is_ignoring = False  # everything that still arrives
        self.last_problem: ApiProblem | None = None  # sent after the answers before it
        self.is_finished = False
        self.stopping = False
        self.stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.flow: GatedFlow = GatedFlow(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MOST_UNSENT)
        self._close_in(self.head_seconds)
        self.network = self.flow.client = network_of(self.client[0] if self.client else "")
        self.others: OpenConnections = getattr(self.loop, "open_connections", None) or OpenConnections()
        self.others.add(self)
        if self.most_connections is not None and len(self.connections) > self.most_connections:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop what waits, and tell the request at work that its client left: uvicorn tells only the newest one."""
        self.others.remove(self)
        _SLOW.remove(self.flow)
        _SENT.note(self, 0)
        self.flow.unread.clear()
        self._cancel_close_timer()
        self._cancel_stall_timer()
        for timer in (self.parsing, self.pause):
            if timer is not None:
                timer.cancel()
        self.is_ignoring, self.unparsed, self.turn = True, b"", None
        self.pipeline.clear()
        if self.at_work is not None and not self.at_work.response_complete:
            self.at_work.disconnected = True
            self.at_work.message_event.set()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start the stall timer: the client may read slowly, but must not stop.

        Where all that do hold too much, one of the client that holds most is cut off: that which began first.
        """
        super().pause_writing()
        self._expect_progress()
        _SLOW.add(self.flow, self.transport)

    def resume_writing(self) -> None:
        """Stop the stall timer: the client has read nearly everything."""
        _SLOW.remove(self.flow)
        self.flow.unread.clear()
        if not self.transport.is_closing():
            self._cancel_stall_timer()
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()  # starts the next request
        if self.transport.is_closing():
            self._expect_progress()
        elif self.is_ignoring and not self._is_answering:
            self._finish()
        else:
            self._continue_reading()
        self._forget_request()

    def _forget_request(self) -> None:
        """Let go of a request that is answered, as before the first one: an idle connection would keep its head."""
        if self.is_between and not self._waits and not self._is_answering:
            self.cycle = self.scope = self.at_work = self.answered = None  # type: ignore[assignment]  # as uvicorn does
            self.headers, self.url = [], b""

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection. A recalled answer does not touch the timer, which then goes on."""
        left = self.idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            self._close()

    def shutdown(self) -> None:
        """Stop after the current request; on an idle connection wait a moment for one that is on its way."""
        self.stopping = True
        if self._is_answering:
            super().shutdown()
        else:
            self._close_in(SHUTDOWN_SECONDS)

    def data_received(self, data: bytes) -> None:
        if self.is_ignoring or self.transport.is_closing():
            return
        if not self.unparsed and self._is_idle and self._recall(data):
            return
        self.unparsed += data
        if self.parsing is None:
            self._parse()
        else:
            self._note_sent()

    @property
    def _is_idle(self) -> bool:
        """Whether the next byte begins a request, and every request before it is answered."""
        return self.is_between and not self._waits and not self._is_answering and not self.stopping

    @property
    def is_unused(self) -> bool:
        """Tell whether every answer has been sent, and no request is being answered or waits."""
        return not (self._waits or self._is_answering or self.transport.get_write_buffer_size())

    @property
    def makes_room(self) -> bool:
        """Tell whether the connection may be closed if its client has many; a proxy's, only if answers are unread."""
        return bool(self.refused_seconds or self.transport.get_write_buffer_size())

    def _recall(self, data: bytes) -> bool:
        """Answer a request without reading it, if the cache knows its bytes and still has the answer."""
        recall = None if self.flow.write_paused else getattr(self.app, "recall", None)
        answer = recall(data, self.app_state["releases"]) if recall else None
        if answer is None:
            return False
        self.server_state.total_requests += 1
        self.idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._cancel_close_timer()
            self.timeout_keep_alive_handler()
        _put(self.transport, self.flow, answer, self.server_state.default_headers)
        return True

    def _parse(self) -> None:
        """Parse a piece, unless a request waits. The next piece is scheduled, so that other connections get a turn.

        Without memory for that, the connection is closed: nobody would end it later.
        """
        try:
            self._parse_piece()
            self._note_sent()
        except MemoryError:
            self.transport.abort()

    def _note_sent(self) -> None:
        _SENT.note(self, len(self.unparsed) + (self.head_bytes or 0))

    def _parse_piece(self) -> None:
        self.parsing = None
        if self._waits or self.transport.is_closing():
            return
        end = 0
        for _ in range(REQUESTS_AT_ONCE):
            if (found := self.unparsed.find(b"\r\n\r\n", end, PIECE)) < 0:
                end = PIECE
                break
            end = found + 4
        piece, self.unparsed = self.unparsed[:end], self.unparsed[end:]
        self._unset_keepalive_if_required()
        is_first, begun, self.answered = self._is_idle, self.begun, None
        try:
            self.parser.feed_data(piece)
        except HttpParserUpgrade:
            self.unparsed = b""  # `on_headers_complete` has stopped reading
        except HttpParserError as error:  # also for an exception of a callback, which is its context
            self._refuse(_problem_of(error))
        is_one = self.begun == begun + 1 and not self.is_ignoring  # from its first byte to its last
        if self.answered and is_first and is_one and self._is_idle and not self.transport.is_closing():
            self.app.remember(piece, self.answered)
        self._forget_request()
        self._measure_head(piece)
        self._continue_reading()
        is_waited_for = self.timeout_keep_alive_task is not None or self._is_answering
        if self.close_timer is None and not is_waited_for:
            self._close_in(self.head_seconds)

    @property
    def _waits(self) -> bool:
        """Whether a request, or a refused client, waits for its turn."""
        return bool(self.turn or self.pipeline or self.pause)

    def _continue_reading(self) -> None:
        """Parse or read on, unless something waits."""
        is_held = self._waits or bool(self.unparsed)
        if is_held is not self.flow.is_held:
            self.flow.hold(is_held)
        if self.unparsed and self.parsing is None and not self._waits:
            self.parsing = self.loop.call_soon(self._parse)

    def on_message_begin(self) -> None:
        """Begin a request. Raises MalformedRequest, which ends the parsing, behind one that is the last."""
        if self.is_ignoring:
            raise MalformedRequest(MALFORMED)
        super().on_message_begin()
        self.head_bytes = 0
        self.begun += 1
        self.is_between = self.is_in_body = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a line of the head; no trailer is one of the headers that choose an answer (RFC 9110, 6.5.1)."""
        if self.is_in_body:
            return
        if len(self.headers) >= MOST_LINES:
            raise RequestHeadersTooLarge(TOO_MANY)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Check version and host, and start the request. Raises MalformedRequest, which ends the parsing.

        Bytes after an upgrade belong to a protocol that this server does not speak: they must not become a request.
        """
        self.head_bytes = None
        if self.transport.is_closing():
            return
        self._cancel_close_timer()
        self._unset_keepalive_if_required()  # a cached answer to the previous request may just have set it
        version = self.parser.get_http_version()
        if version not in VERSIONS:
            raise MalformedRequest(VERSION)
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and (hosts or version != "1.0"):
            raise MalformedRequest(ONE_HOST)
        if hosts and HOST.fullmatch(hosts[0].strip(b" \t")) is None:
            raise MalformedRequest(ONE_HOST)
        self.is_ignoring = self.parser.should_upgrade()
        self.is_chunked = any(name == b"transfer-encoding" for name, _ in self.headers)
        super().on_headers_complete()
        self.is_in_body = True

    def on_chunk_header(self) -> None:
        """Begin a head: trailers may follow the last chunk's header, which looks like any other."""
        self.head_bytes = 0

    def on_body(self, _body: bytes) -> None:
        """Leave the body out: nothing reads one."""
        self.head_bytes = None

    def on_message_complete(self) -> None:
        self.head_bytes = None
        self.is_between, self.is_in_body = True, False
        super().on_message_complete()
        if self.cycle.keep_alive and (self.is_chunked or not self.parser.should_keep_alive()):
            self.is_ignoring = True  # where a trailer was `Connection: close`, the parser reads no more
            if not self._is_answering:
                self._finish()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Answer a request. uvicorn calls this when it is the request's turn."""
        self.turn = cycle, app
        if not self.is_answering_in_turn:
            self._answer_in_turn()

    def _answer_in_turn(self) -> None:
        """Answer requests without a task while the cache has the answers, and start a task for the first other one.

        A slow client gets a task, which can wait for it. A refused client has to wait.
        """
        self.is_answering_in_turn = True  # an answer calls `_start_asgi_task` for the next request
        while self.turn is not None and self.pause is None and not self.transport.is_closing():
            (cycle, app), self.turn = self.turn, None
            self.at_work = cycle
            is_last = self.stopping or (self.is_ignoring and self.last_problem is None and cycle is self.cycle)
            cycle.keep_alive = cycle.keep_alive and not is_last
            if self.is_chunked and cycle is self.cycle and cycle.keep_alive:  # a trailer may end the connection
                cycle.default_headers = [*cycle.default_headers, (b"connection", b"close")]
            is_slow = self.flow.write_paused
            look_up = None if is_slow else getattr(app, "look_up", None)
            answer = look_up(cycle.scope) if look_up else None
            if answer is None:
                super()._start_asgi_task(
                    cycle, partial(self._call_until_stopped, cycle, _call_when_read if is_slow else _call, app)
                )
            else:
                if answer.status in REFUSED and self.refused_seconds:
                    self.pause = self.loop.call_later(self.refused_seconds, self._end_pause)
                self.answered = cycle.scope
                _write(cycle, answer)
        self.is_answering_in_turn = False

    def _end_pause(self) -> None:
        """Read a refused client again. Refusing it without a pause would take time from admitted requests."""
        self.pause = None
        if not self.transport.is_closing():
            self._answer_in_turn()
            self._continue_reading()

    async def _call_until_stopped(
        self, cycle: RequestResponseCycle, call: Callable[..., Awaitable[None]], *asgi: Any
    ) -> None:
        """Call the application. What is not done when the time to stop is over gets a problem, or is broken off."""
        try:
            await call(cycle, *asgi)
        except asyncio.CancelledError:  # by uvicorn, which would log an error, and answer 500
            cycle.disconnected = cycle.response_started
            cycle.keep_alive = False
            if cycle.response_started:
                self.transport.close()
            else:
                fields, body = _fields_and_body(NotReady(STOPPED), self.base_url)
                _write(cycle, Answer(503, fields, b"" if cycle.scope["method"] == "HEAD" else body))

    def _measure_head(self, piece: bytes) -> None:
        if self.head_bytes is None or self.is_ignoring:
            return
        self.head_bytes += len(piece)
        if self.head_bytes > LONGEST_HEAD:
            is_address = len(self.url) > LONGEST_HEAD // 2
            self._refuse(RequestTooLong(TOO_LONG) if is_address else RequestHeadersTooLarge(TOO_LARGE))

    def _refuse(self, problem: ApiProblem) -> None:
        """Answer with a problem, after the requests before it, and read no more; behind the last request there is none.

        A request whose body is wrong has its own answer: a second one would be taken for that of another request.
        """
        if self.is_ignoring and self.is_between:
            return
        self.is_ignoring, self.unparsed, self.last_problem = True, b"", None if self.is_in_body else problem
        if not self._is_answering:
            self._finish()

    def _finish(self) -> None:
        """Send the last problem, if there is one, and close. It is called again where answers nest."""
        if self.is_finished:
            return
        self.is_finished = True
        self._cancel_close_timer()
        self.flow.hold(False)
        self.flow.resume_reading()  # and ignore it: closed at once, the client would not see the answer
        self._unset_keepalive_if_required()
        if self.last_problem is not None:
            self.transport.write(_encode(self.last_problem, self.base_url))
        self.transport.write_eof()
        self._close_in(LINGER_SECONDS)

    @property
    def _is_answering(self) -> bool:
        return not getattr(self.cycle, "response_complete", True)  # before the first request there is no cycle

    def _close_in(self, seconds: float) -> None:
        self._cancel_close_timer()
        self.close_timer = self.loop.call_later(seconds, self._close)

    def _close(self) -> None:
        """Close once the client has read what is left, or has stalled."""
        self.transport.close()
        self._expect_progress()

    def _expect_progress(self) -> None:
        self._cancel_stall_timer()
        left = self.transport.get_write_buffer_size()
        self.stall_timer = self.loop.call_later(STALL_SECONDS, self._abort_unless_less_than, left)

    def _abort_unless_less_than(self, left: int) -> None:
        if self.transport.get_write_buffer_size() < left:
            self._expect_progress()
        else:
            self.transport.abort()

    def _cancel_stall_timer(self) -> None:
        if self.stall_timer is not None:
            self.stall_timer.cancel()
            self.stall_timer = None

    def _cancel_close_timer(self) -> None:
        if self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = None


async def _call_when_read(cycle: RequestResponseCycle, *call: Any) -> None:
    """Call the application once the client has read the answers before: until then another would be kept for it."""
    await cycle.flow.drain()
    if not cycle.disconnected:
        await _call(cycle, *call)


async def _call(cycle: RequestResponseCycle, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Call the application, and write the head of its answer together with the body.

    uvicorn writes one after the other: each is a call of the system, and wakes the client.
    """
    head: Message | None = None
    send = _without_chunks(cycle, send) if scope["http_version"] == "1.0" else send
    scope[CUT_OFF] = cycle.transport.abort
    HAS_LEFT.set(lambda: cycle.disconnected)

    async def send_together(message: Message) -> None:
        nonlocal head
        if message["type"] == "http.response.start" and head is None:
            head = message
            return
        start, head = head, None
        if start is not None:
            if (whole := _join_whole(cycle, start, message)) is not None:
                cycle.message_event.set()
                _write(cycle, whole)
                return
            await send(start)
        with cast(GatedFlow, cycle.flow).giving(message.get("body", b"")):
            await send(message)
        if message.get("more_body", False):
            await _wait_until_read(cycle)

    try:
        await app(scope, receive, send_together)
    except BrokenOff:
        cycle.disconnected = True  # so that uvicorn has no error to log
        cycle.transport.close()
    finally:
        if head is not None:
            await send(head)


def _without_chunks(cycle: RequestResponseCycle, send: Send) -> Send:
    """Return what sends an answer to a client of HTTP/1.0, which would take the sizes of chunks for the body.

    So an answer without a length ends with the connection (RFC 9112, 6.1). Until the last byte is with the kernel, the
    connection would be reset, however it ends, also by SIGKILL: half an answer must not look whole.
    """
    has_length = False

    async def send_plain(message: Message) -> None:
        nonlocal has_length
        if message["type"] == "http.response.start":
            has_length = b"content-length" in dict(message["headers"])
            cycle.chunked_encoding = None if has_length else False
            if not has_length:
                cycle.transport.set_write_buffer_limits(0)  # so that `drain` waits for all
                linger(is_reset=True)
        elif not has_length:
            cycle.expected_content_length = len(message.get("body", b""))  # else uvicorn expects none
            if not message.get("more_body", False):
                await send({**message, "more_body": True})
                await _wait_until_read(cycle)
                linger(is_reset=False)
                message = {"type": "http.response.body"}
        await send(message)

    def linger(*, is_reset: bool) -> None:
        how = struct.pack("ii", is_reset, 0)
        cycle.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, how)

    return send_plain


async def _wait_until_read(cycle: RequestResponseCycle) -> None:
    """Wait until the client has read a piece: else the next would be kept, too. Raises BrokenOff if it has left."""
    await cycle.flow.drain()
    if cycle.disconnected:
        raise BrokenOff


def _problem_of(error: HttpParserError) -> ApiProblem:
    """Return what is wrong with a request, as the parser or a callback found. Raises a callback's MemoryError."""
    cause = error.__context__
    if isinstance(cause, MemoryError):
        raise cause from None
    return cause if isinstance(cause, ApiProblem) else MalformedRequest(MALFORMED)


def _join_whole(cycle: RequestResponseCycle, start: Message, last: Message) -> Answer | None:
    """Return an answer whose body is one short piece; None where uvicorn has to decide what is sent."""
    headers, body = dict(start["headers"]), last.get("body", b"")
    lines = [b"%b: %b" % pair for pair in start["headers"]]
    is_whole = (
        not last.get("more_body", False)
        and headers.get(b"content-length") == b"%d" % len(body)
        and len(body) <= LONGEST_JOINED
        and headers.keys().isdisjoint((b"connection", b"transfer-encoding"))
        and cycle.keep_alive
        and not (cycle.disconnected or cycle.flow.write_paused)
        and not CONTROL.search(b"".join(lines))
    )
    return Answer(start["status"], b"\r\n".join((*lines, b"")), body) if is_whole else None


def _write(cycle: RequestResponseCycle, answer: Answer) -> None:
    """Write a whole answer as `cycle.send` does, without its check of each header, which takes half of its time."""
    own = cycle.default_headers if cycle.keep_alive else [*cycle.default_headers, (b"connection", b"close")]
    cycle.response_started = cycle.response_complete = True
    _put(cycle.transport, cast(GatedFlow, cycle.flow), answer, own)
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


def _put(transport: asyncio.WriteTransport, flow: GatedFlow, answer: Answer, own: list[tuple[bytes, bytes]]) -> None:
    lines = [b"%s: %s\r\n" % pair for pair in own]
    body = answer.body
    if len(body) <= LONGEST_JOINED:
        transport.write(b"".join((STATUS_LINE[answer.status], *lines, answer.fields, b"\r\n", body)))
        return
    with flow.giving(body):
        transport.write(b"".join((STATUS_LINE[answer.status], *lines, answer.fields, b"\r\n")))
        transport.write(body)


def _fields_and_body(problem: ApiProblem, base_url: str) -> tuple[bytes, bytes]:
    return encode_problem(problem, uuid.uuid4().hex.encode(), base_url)


def _encode(problem: ApiProblem, base_url: str) -> bytes:
    """Return a problem as the bytes of an HTTP answer."""
    fields, body = _fields_and_body(problem, base_url)
    return b"".join((STATUS_LINE[problem.status], fields, b"connection: close\r\n\r\n", body))
