"""Log one line per request, with its route's template and nothing about the client.

Lines are encoded by hand and written in batches: written one by one, a line costs as much as a cached answer; like
this, a tenth.
"""

from __future__ import annotations

import logging
import time
from asyncio import get_running_loop
from functools import lru_cache

import orjson

from misconduct.event_log import log
from misconduct.http.logs import log_writer

WRITE_SECONDS = 0.2
LINES_AT_ONCE = 12  # of 300 bytes at most: POSIX has a pipe take 4,096 without another writer in between

Line = tuple[bytes, bytes, float, float, bytes]


class RequestLog:
    """Collects lines and writes them every WRITE_SECONDS."""

    def __init__(self, *, is_written: bool) -> None:
        self._waiting: list[Line] = []
        self._is_written = is_written and log.is_enabled_for(logging.INFO)

    def note(self, request_id: bytes, what: bytes, began: float, trace: bytes = b"") -> None:
        """Log an answer that ends now, to a request that began then (time.monotonic); `describe` makes `what`."""
        if not self._is_written:
            return
        if not self._waiting:
            get_running_loop().call_later(WRITE_SECONDS, self.write)
        self._waiting.append((request_id, what, time.monotonic() - began, time.time(), trace))

    def write(self) -> None:
        """Write what waits, in pieces that a pipe takes whole: several workers write to the same one."""
        lines, self._waiting = self._waiting, []
        for start in range(0, len(lines), LINES_AT_ONCE):
            log_writer().write(b"".join(map(_encode, lines[start : start + LINES_AT_ONCE])).decode())

    def close(self) -> None:
        """Write what waits, and give the writing thread a moment: a signal may end the process after this."""
        self.write()
        log_writer().drain()


@lru_cache(1_024)
def describe(method: str, route: str | None, status: int | None, cache: str | None = None) -> bytes:
    """Return the part of a line that many answers share."""
    from_memory = {"cache": cache} if cache else {}
    what = {"method": method, "route": route, "status": status, **from_memory, "event": "request", "level": "info"}
    return orjson.dumps(what)[1:-1]


def _encode(line: Line) -> bytes:
    request_id, what, taken, ended, trace = line
    seconds, tenths = int(ended), int(taken * 10_000)
    named = b'"trace_id":"%b",' % trace if trace else b""
    return b'{"request_id":"%b",%b%b,"milliseconds":%d.%d,"timestamp":"%b.%06dZ"}\n' % (
        *(request_id, named, what, tenths // 10, tenths % 10),
        *(_clock(seconds), int((ended - seconds) * 1_000_000)),
    )


@lru_cache(4)
def _clock(seconds: int) -> bytes:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)).encode()
