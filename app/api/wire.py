"""What never reaches the application, only the protocol: no HTTP at all, and request heads without an end."""

from __future__ import annotations

import asyncio
import uuid
from functools import partial
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.api.envelope import encode_problem
from app.errors import ApiProblem, MalformedRequest, RequestHeadersTooLarge, RequestTooLong

HEAD_SECONDS = 10.0  # how long they may take to arrive
LINGER_SECONDS = 2.0  # how long a refused client may go on sending: cut off at once, it would not see the answer
LAST_SECONDS = 1.0  # how long an open connection may still bring a request when the server is told to stop
STALL_SECONDS = 60.0  # how long a client may take nothing of an answer that waits for it
REFUSED = (429, 503)
REFUSED_SECONDS = 0.8  # how long a client is not heard that was refused; it was told to wait longer than that
PIECE = 4_096  # bytes that are read between two looks at the length
LONGEST_HEAD = 65_536 - PIECE  # bytes of address and headers, and up to a piece more: no address that is read is longer

MALFORMED = "This cannot be read as HTTP/1.1."
TOO_LONG = "The address is longer than 64 kB."
TOO_LARGE = "The headers of a request have at most 64 kB in all."


def problem_protocol(base_url: str, head_seconds: float = HEAD_SECONDS) -> type[asyncio.Protocol]:
    """The protocol for uvicorn. It goes to the workers pickled, which a class made here could not."""
    return cast("type[asyncio.Protocol]", partial(ProblemProtocol, base_url, head_seconds))


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's own HTTP, but requests that cannot be read get a problem, and their heads are bounded.

    A head is what comes before a body and, as trailers, behind a chunked one.
    """

    def __init__(self, base_url: str, head_seconds: float, **connection: Any) -> None:
        super().__init__(**connection)
        self.base_url = base_url
        self.head_seconds = head_seconds
        self.head_bytes: int | None = None  # None: what comes next is no part of a head
        self.closing: asyncio.TimerHandle | None = None
        self.refused = False
        self.stopping = False
        self.stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._close_in(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stay_open()
        self._take_on()
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
        super().on_response_complete()
        if self.transport.is_closing():
            self._expect_progress()

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
        for start in range(0, len(data), PIECE):
            if self.refused:
                return
            piece = data[start : start + PIECE]
            super().data_received(piece)
            self._measure_head(piece)
        is_waited_for = self.timeout_keep_alive_task is not None or self._is_answering
        if self.closing is None and not is_waited_for:
            self._close_in(self.head_seconds)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head_bytes = 0

    def on_headers_complete(self) -> None:
        self.head_bytes = None
        self._stay_open()
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

    def _unsupported_upgrade_warning(self) -> None:
        """Called for an upgrade to another protocol, which is ignored: it is nothing that an operator could mend."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (the server's own words help nobody)
        """Called for what cannot be read."""
        self._refuse(MalformedRequest(MALFORMED))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Answers at once, without a task, where the application has the answer in its memory.

        Not while a slow client or a queue of requests is in the way: the one would have to be waited for, and each of
        the others would be answered from within the one before.
        """
        cycle.keep_alive = cycle.keep_alive and not self.stopping
        recall = None if self.pipeline or self.flow.write_paused else getattr(app, "recall", None)
        answer = recall(cycle.scope) if recall else None
        if answer is None:
            super()._start_asgi_task(cycle, app)
        else:
            _write(cycle, *answer)
            if answer.status in REFUSED:
                self._hear_later()

    def _hear_later(self) -> None:
        """Reads nothing for a moment: to refuse one client again and again would take the time of those taken on."""
        self.flow.pause_reading()
        self.loop.call_later(REFUSED_SECONDS, self._hear_again)

    def _hear_again(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _measure_head(self, piece: bytes) -> None:
        if self.head_bytes is None or self.refused:
            return
        self.head_bytes += len(piece)
        if self.head_bytes > LONGEST_HEAD:
            is_address = len(self.url) > LONGEST_HEAD // 2
            self._refuse(RequestTooLong(TOO_LONG) if is_address else RequestHeadersTooLarge(TOO_LARGE))

    def _refuse(self, problem: ApiProblem) -> None:
        """Answers with a problem and hears no more. In the middle of another answer there is no place for it."""
        self.refused = True
        if self._is_answering:
            self._close()
            return
        self.transport.write(_encode(problem, self.base_url))
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
