"""One line a request, with its route's template and nothing about the client; put together here and written together.

By itself a line costs as much as an answer from memory; like this, a tenth.
"""

from __future__ import annotations

import logging
import time
from asyncio import get_running_loop
from functools import lru_cache

import orjson
import structlog

from app.http.logs import log_writer

WRITE_SECONDS = 0.2
LINES_AT_ONCE = 12  # of 300 bytes at most: POSIX has a pipe take 4,096 without another writer in between

Line = tuple[bytes, bytes, float, float]


class RequestLog:
    """Lines that wait to be written."""

    def __init__(self, *, is_written: bool) -> None:
        self._waiting: list[Line] = []
        self._is_written = is_written and structlog.get_logger().is_enabled_for(logging.INFO)

    def note(self, request_id: bytes, what: bytes, began: float) -> None:
        """Notes an answer of now, which `describe` describes, to a request that began then (seconds since 1970)."""
        if not self._is_written:
            return
        if not self._waiting:
            get_running_loop().call_later(WRITE_SECONDS, self.write)
        self._waiting.append((request_id, what, began, time.time()))

    def write(self) -> None:
        """Writes what waits, in pieces that a pipe takes whole: several workers write to the same one."""
        lines, self._waiting = self._waiting, []
        for start in range(0, len(lines), LINES_AT_ONCE):
            log_writer().write(b"".join(map(_encode, lines[start : start + LINES_AT_ONCE])).decode())

    def close(self) -> None:
        """Writes what waits, and gives the thread that writes a moment: the process may end by a signal after this."""
        self.write()
        log_writer().drain()


@lru_cache(1_024)
def describe(method: str, route: str | None, status: int | None, cache: str | None = None) -> bytes:
    """What the lines of many answers have in common."""
    from_memory = {"cache": cache} if cache else {}
    what = {"method": method, "route": route, "status": status, **from_memory, "event": "request", "level": "info"}
    return orjson.dumps(what)[1:-1]


def _encode(line: Line) -> bytes:
    request_id, what, began, ended = line
    seconds, tenths = int(ended), int((ended - began) * 10_000)
    return b'{"request_id":"%b",%b,"milliseconds":%d.%d,"timestamp":"%b.%06dZ"}\n' % (
        *(request_id, what, tenths // 10, tenths % 10),
        *(_clock(seconds), int((ended - seconds) * 1_000_000)),
    )


@lru_cache(4)
def _clock(seconds: int) -> bytes:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)).encode()
