"""uvicorn's HTTP protocol with limits for heads, queues and stalled clients, problems, and a fast path for the cache.

It overrides private parts of uvicorn and was written for uvicorn 0.53 and 0.54. Where another version does not have
them, which `find_missing_hooks` tells, `serving.choose_protocol` warns at the start and takes uvicorn's own protocol:
the answers are the same, without these limits and the fast path.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from app.errors import ApiProblem, MalformedRequest, RequestHeadersTooLarge, RequestTooLong
from app.http.middleware import encode_problem
from app.settings import Settings

HEAD_SECONDS = 10.0  # how long they may take to arrive
LINGER_SECONDS = 2.0  # how long a refused client may go on sending: cut off at once, it would not see the answer
LAST_SECONDS = 1.0  # how long an open connection may still bring a request when the server is told to stop
STALL_SECONDS = 60.0  # how long a client may take nothing of an answer that waits for it
REFUSED = (429, 503)
REFUSED_SECONDS = 0.8  # how long a client is not heard that was refused; it was told to wait longer than that
PIECE = 4_096  # bytes that are parsed at once: so many requests may wait behind one, and take others' time
LONGEST_HEAD = 65_536 - PIECE  # bytes of address and headers, and up to a piece more: no address that is read is longer

VERSIONS = ("1.0", "1.1")
HOST = re.compile(rb"(?:\[[0-9A-Za-z:.~-]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?")

HOOKS: Mapping[tuple[type, str], tuple[str, ...]] = {
    (HttpToolsProtocol, "__init__"): ("cycle", "flow", "parser", "pipeline", "timeout_keep_alive_task"),
    (HttpToolsProtocol, "connection_made"): ("FlowControl", "flow", "transport"),
    (HttpToolsProtocol, "on_message_begin"): ("headers", "scope", "url"),
    (HttpToolsProtocol, "on_headers_complete"): ("_start_asgi_task", "on_response_complete", "flow", "pipeline"),
    (HttpToolsProtocol, "on_response_complete"): (
        *("_start_asgi_task", "_unset_keepalive_if_required", "timeout_keep_alive_handler", "flow", "pipeline"),
    ),
    (RequestResponseCycle, "__init__"): (
        *("default_headers", "disconnected", "keep_alive", "message_event", "on_response"),
        *("response_complete", "response_started", "scope", "transport"),
    ),
    (Multiprocess, "run"): ("join_all", "keep_subprocess_alive"),
    (Multiprocess, "__init__"): ("processes",),
    (Multiprocess, "handle_hup"): ("restart_all",),
    (Process, "__init__"): ("child_conn",),
}
"""The names that are overridden or used here and by `serving.Workers`, by the functions that call or set them."""

MALFORMED = "This cannot be read as HTTP/1.1."
VERSION = "This service reads HTTP/1.0 and HTTP/1.1."
ONE_HOST = "A request needs exactly one Host header with the name of a host."
TOO_LONG = "The address is longer than 64 kB."
TOO_LARGE = "The headers of a request have at most 64 kB in all."


def problem_protocol(settings: Settings, head_seconds: float = HEAD_SECONDS) -> type[asyncio.Protocol]:
    """Return the protocol for uvicorn. It goes to the workers pickled, which a class made here could not.

    Behind a proxy a connection is not a client, so that one client's refusal pauses no connection.
    """
    refused_seconds = 0.0 if settings.trusted_proxies else REFUSED_SECONDS
    protocol = partial(ProblemProtocol, settings.public_url, head_seconds, refused_seconds)
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
    """Pauses reading for two reasons, uvicorn's and ours: it goes on when neither is left."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self.is_held = self._is_paused = False

    def pause_reading(self) -> None:
        self._is_paused = True
        super().pause_reading()

    def resume_reading(self) -> None:
        """Called by uvicorn after each answer, and where the application waits for a body."""
        self._is_paused = False
        if not self.is_held:
            super().resume_reading()

    def hold(self, is_held: bool) -> None:
        """Read nothing while `is_held`."""
        self.is_held = is_held
        if is_held:
            super().pause_reading()
        elif not self._is_paused:
            super().resume_reading()


Turn = tuple[RequestResponseCycle, Any]
"""A request and the application that answers it."""


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's own HTTP, but requests that cannot be read get a problem, and their heads and queues are bounded.

    A head is what comes before a body and, as trailers, behind a chunked one. Of a queue a piece is parsed at a time,
    and the next when all of its requests are answered: what waits unparsed is what one read has brought.
    """

    def __init__(self, base_url: str, head_seconds: float, refused_seconds: float, **connection: Any) -> None:
        super().__init__(**connection)
        self.base_url = base_url
        self.head_seconds = head_seconds
        self.refused_seconds = refused_seconds
        self.ws_protocol_class = None  # no upgrade is taken, whatever is installed
        self.unparsed = b""
        self.parsing: asyncio.Handle | None = None  # the next piece
        self.turn: Turn | None = None  # the request that is answered next, when nothing is in its way
        self.is_taking_turns = False
        self.at_work: RequestResponseCycle | None = None
        self.head_bytes: int | None = None  # None: what comes next is no part of a head
        self.closing: asyncio.TimerHandle | None = None
        self.pause: asyncio.TimerHandle | None = None  # after a refusal
        self.is_ignoring = False  # whatever else arrives
        self.last_problem: ApiProblem | None = None  # which waits for the answers before it
        self.stopping = False
        self.stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.flow: GatedFlow = GatedFlow(transport)
        self._close_in(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what waits, and tell the request at work that its client is gone: uvicorn tells the newest alone."""
        self._stay_open()
        self._take_on()
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
        """Called when the client takes less than it is sent: it may be slow, but not for ever still."""
        super().pause_writing()
        self._expect_progress()

    def resume_writing(self) -> None:
        """Called when the client has taken what it was sent, or nearly."""
        if not self.transport.is_closing():
            self._take_on()
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()  # takes the next one's turn
        if self.transport.is_closing():
            self._expect_progress()
        elif self.is_ignoring and not self._is_answering:
            self._end()
        else:
            self._read_on()

    def timeout_keep_alive_handler(self) -> None:
        """Called when the connection was idle for long enough."""
        self._close()

    def shutdown(self) -> None:
        """Called when the server is to stop. A request may be on its way on an idle connection: it is answered, too."""
        self.stopping = True
        if self._is_answering:
            super().shutdown()
        else:
            self._close_in(LAST_SECONDS)

    def data_received(self, data: bytes) -> None:
        if self.is_ignoring or self.transport.is_closing():
            return
        self.unparsed += data
        if self.parsing is None:
            self._parse()

    def _parse(self) -> None:
        """Parse a piece, unless a request waits. The next one comes after others had their turn."""
        self.parsing = None
        if self._waits or self.transport.is_closing():
            return
        piece, self.unparsed = self.unparsed[:PIECE], self.unparsed[PIECE:]
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(piece)
        except HttpParserUpgrade:
            self.unparsed = b""  # as `on_headers_complete` has seen to it, nothing more is read
        except HttpParserError as error:  # also for an exception of a callback, which is its context
            cause = error.__context__
            self._refuse(cause if isinstance(cause, ApiProblem) else MalformedRequest(MALFORMED))
        self._measure_head(piece)
        self._read_on()
        is_waited_for = self.timeout_keep_alive_task is not None or self._is_answering
        if self.closing is None and not is_waited_for:
            self._close_in(self.head_seconds)

    @property
    def _waits(self) -> bool:
        """Whether a request, or a client that was refused, waits for its turn."""
        return bool(self.turn or self.pipeline or self.pause)

    def _read_on(self) -> None:
        """Parse or read what comes next, as soon as nothing waits."""
        is_held = self._waits or bool(self.unparsed)
        if is_held is not self.flow.is_held:
            self.flow.hold(is_held)
        if self.unparsed and self.parsing is None and not self._waits:
            self.parsing = self.loop.call_soon(self._parse)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head_bytes = 0

    def on_headers_complete(self) -> None:
        """Called for each request. An exception ends the parsing.

        What follows an upgrade belongs to another protocol, which nobody here speaks: it must not become a request.
        """
        self.head_bytes = None
        if self.transport.is_closing():
            return
        self._stay_open()
        self._unset_keepalive_if_required()  # an answer from memory, to the request before, may just have armed it
        version = self.parser.get_http_version()
        if version not in VERSIONS:
            raise MalformedRequest(VERSION)
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and (hosts or version != "1.0"):
            raise MalformedRequest(ONE_HOST)
        if hosts and HOST.fullmatch(hosts[0].strip(b" \t")) is None:
            raise MalformedRequest(ONE_HOST)
        self.is_ignoring = self.parser.should_upgrade()
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """After the last chunk's header, which looks like any other, come trailers."""
        self.head_bytes = 0

    def on_body(self, body: bytes) -> None:
        self.head_bytes = None
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.head_bytes = None
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Called when it is a request's turn."""
        self.turn = cycle, app
        if not self.is_taking_turns:
            self._take_turns()

    def _take_turns(self) -> None:
        """Answer the next requests without a task, for as long as the application has the answers in its memory.

        Not to a slow client, which would have to be waited for; and not at once to a client that was refused.
        """
        self.is_taking_turns = True  # an answer calls `_start_asgi_task` for the next request
        while self.turn is not None and self.pause is None and not self.transport.is_closing():
            (cycle, app), self.turn = self.turn, None
            self.at_work = cycle
            is_last = self.stopping or (self.is_ignoring and self.last_problem is None and cycle is self.cycle)
            cycle.keep_alive = cycle.keep_alive and not is_last
            look_up = None if self.flow.write_paused else getattr(app, "look_up", None)
            answer = look_up(cycle.scope) if look_up else None
            if answer is None:
                super()._start_asgi_task(cycle, app)
            else:
                if answer.status in REFUSED and self.refused_seconds:
                    self.pause = self.loop.call_later(self.refused_seconds, self._hear_again)
                _write(cycle, *answer)
        self.is_taking_turns = False

    def _hear_again(self) -> None:
        """Called when a refused client has waited: to refuse it again and again takes the time of those taken on."""
        self.pause = None
        if not self.transport.is_closing():
            self._take_turns()
            self._read_on()

    def _measure_head(self, piece: bytes) -> None:
        if self.head_bytes is None or self.is_ignoring:
            return
        self.head_bytes += len(piece)
        if self.head_bytes > LONGEST_HEAD:
            is_address = len(self.url) > LONGEST_HEAD // 2
            self._refuse(RequestTooLong(TOO_LONG) if is_address else RequestHeadersTooLarge(TOO_LARGE))

    def _refuse(self, problem: ApiProblem) -> None:
        """Answer with a problem, after what was asked before it, and read no more."""
        self.is_ignoring, self.unparsed, self.last_problem = True, b"", problem
        if not self._is_answering:
            self._end()

    def _end(self) -> None:
        """Say the last word, if there is one, and close."""
        self._stay_open()
        if self.last_problem is None:
            self._close()
            return
        self.flow.hold(False)
        self.flow.resume_reading()  # and ignore: closed at once, the client would not see the answer
        self._unset_keepalive_if_required()
        self.transport.write(_encode(self.last_problem, self.base_url))
        self.transport.write_eof()
        self._close_in(LINGER_SECONDS)

    @property
    def _is_answering(self) -> bool:
        return not getattr(self.cycle, "response_complete", True)  # before the first request there is no cycle

    def _close_in(self, seconds: float) -> None:
        self._stay_open()
        self.closing = self.loop.call_later(seconds, self._close)

    def _close(self) -> None:
        """Closes when the client has taken what is left, for which it has no longer than for anything else."""
        self.transport.close()
        self._expect_progress()

    def _expect_progress(self) -> None:
        self._take_on()
        left = self.transport.get_write_buffer_size()
        self.stalled = self.loop.call_later(STALL_SECONDS, self._cut_off_unless_less_than, left)

    def _cut_off_unless_less_than(self, left: int) -> None:
        if self.transport.get_write_buffer_size() < left:
            self._expect_progress()
        else:
            self.transport.abort()

    def _take_on(self) -> None:
        if self.stalled is not None:
            self.stalled.cancel()
            self.stalled = None

    def _stay_open(self) -> None:
        if self.closing is not None:
            self.closing.cancel()
            self.closing = None


def _write(cycle: RequestResponseCycle, status: int, fields: bytes, body: bytes) -> None:
    """What `cycle.send` does with a whole answer, without a look at each header, which takes half of its time."""
    own = [b"%s: %s\r\n" % pair for pair in cycle.default_headers]
    if not cycle.keep_alive:
        own.append(b"connection: close\r\n")
    cycle.response_started = cycle.response_complete = True
    cycle.transport.write(b"".join((STATUS_LINE[status], *own, fields, b"\r\n", body)))
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


def _encode(problem: ApiProblem, base_url: str) -> bytes:
    """The problem as the bytes of an HTTP answer."""
    fields, body = encode_problem(problem, uuid.uuid4().hex.encode(), base_url)
    return b"".join((STATUS_LINE[problem.status], fields, b"connection: close\r\n\r\n", body))
