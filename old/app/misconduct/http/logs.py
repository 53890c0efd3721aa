"""Structured logs: JSON for machines, lines for a terminal. No client address, no query text."""

from __future__ import annotations

import atexit
import errno
import io
import logging
import os
import select
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any, TextIO, cast

import orjson

from misconduct.event_log import structlog

MOST_WAITING = 1_000  # pieces of text that wait for the reader of the log; further ones are dropped and counted
AGAIN_SECONDS = 1.0  # between two attempts at a log that cannot be written
LAST_SECONDS = 0.5  # to write what waits when the process ends


class LogWriter(io.TextIOBase):
    """A stream that never raises and never blocks: a thread does the writing.

    Lines that cannot be written (a full disk, a closed pipe) or would wait too long (a stalled reader) are dropped, and
    a later line says how many. Each piece of text is written in one call, so that a pipe takes it whole.
    """

    def __init__(self, target: TextIO) -> None:
        self.target = target
        self._waiting: SimpleQueue[str | threading.Event] = SimpleQueue()
        self._lost = 0
        self._counting = threading.Lock()
        self._begin_once = threading.Lock()
        try:
            self._descriptor: int | None = target.fileno()
        except (OSError, ValueError, AttributeError):
            self._descriptor = None  # a stream in memory

    def write(self, text: str) -> int:
        """Hand the text to the thread."""
        if self._begin_once.acquire(blocking=False):  # with the first text: a thread does not survive a fork
            try:
                threading.Thread(target=self._run, name="log", daemon=True).start()
            except RuntimeError:  # the system has no room for one now; tried again with the next text
                self._begin_once.release()
                self._lose(text)
                return len(text)
        if self._waiting.qsize() < MOST_WAITING:
            self._waiting.put(text)
        else:
            self._lose(text)
        return len(text)

    def drain(self, seconds: float = LAST_SECONDS) -> None:
        """Wait until everything so far is written, for at most this long."""
        if self._begin_once.locked():
            done = threading.Event()
            self._waiting.put(done)
            done.wait(seconds)

    def _run(self) -> None:
        while True:
            with suppress(MemoryError):  # there may be some for the next line
                try:
                    found = self._waiting.get(timeout=AGAIN_SECONDS if self._lost else None)
                except Empty:
                    self._tell_lost()
                    continue
                if isinstance(found, threading.Event):
                    found.set()
                elif not (self._tell_lost() and self._put(found)):
                    self._lose(found)

    def _lose(self, text: str) -> None:
        with self._counting:
            self._lost += text.count("\n")

    def _tell_lost(self) -> bool:
        """Write how many lines were lost, if any. Returns whether nothing is left to report."""
        if not (lost := self._lost):
            return True
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        line = {"event": "log lines lost", "lines": lost, "level": "warning", "timestamp": now}
        if not self._put(_to_json(line, None) + "\n"):
            return False
        with self._counting:
            self._lost -= lost
        return True

    def _put(self, text: str) -> bool:
        """Write the text. Returns whether that worked."""
        try:
            if self._descriptor is None:
                self.target.write(text)
                self.target.flush()
                return True
            return _write_whole(self._descriptor, text.encode(errors="backslashreplace"))
        except Exception:  # noqa: BLE001 (there is nowhere to report it)
            return False


def _write_whole(descriptor: int, text: bytes) -> bool:
    """Write past the stream's buffer, which would keep half a line and a lock that blocks the process's end."""
    written = 0
    while written < len(text):
        try:
            written += os.write(descriptor, text[written:])
        except BlockingIOError:  # another process made the shared pipe non-blocking
            select.select([], [descriptor], [])
        except OSError as error:
            if not written or error.errno not in (errno.ENOSPC, errno.EDQUOT):
                return False
            time.sleep(AGAIN_SECONDS)  # half a line is written: the rest must follow it
    return True


_writer: LogWriter | None = None


def log_writer() -> LogWriter:
    """Return the writer to the current standard error."""
    global _writer  # noqa: PLW0603 (one for the process, as standard error is)
    if _writer is None or _writer.target is not sys.stderr:
        _writer = LogWriter(sys.stderr)
        atexit.register(_writer.drain)
    return _writer


def configure_logging() -> None:
    """Log one event per line on standard error, the libraries' warnings included."""
    is_terminal = sys.stderr.isatty()
    writer = log_writer()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if is_terminal
        else structlog.processors.JSONRenderer(_to_json)
    )
    before: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([] if is_terminal else [_tracebacks()]),
    ]
    structlog.configure(
        processors=[*before, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if is_terminal else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", writer)),
    )
    library_formatter = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer], foreign_pre_chain=before
    )
    handler = logging.StreamHandler(writer)
    handler.setFormatter(library_formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _to_json(event: dict[str, Any], default: Any) -> str:
    return orjson.dumps(event, default).decode()


def _tracebacks() -> structlog.typing.Processor:
    """Render exceptions without the values of variables, which may hold what a client sent."""
    transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=8)
    return structlog.processors.ExceptionRenderer(transform)
