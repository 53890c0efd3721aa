"""The server's log: one file in the home that cannot grow for ever."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

KEPT_BYTES = 2_000_000


class ServerLog:
    """What Postgres writes to stderr, at most about `limit` bytes, and as much again in `<name>.1`."""

    def __init__(self, path: Path, limit: int = KEPT_BYTES) -> None:
        self._path = path
        self._limit = limit

    def open(self) -> BinaryIO:
        """Open for appending; append mode is what makes it safe to empty the file under a running server."""
        return os.fdopen(os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0)

    def tail(self, lines: int = 8) -> str:
        """The last lines, as text."""
        return "\n".join(self._read_end(8_000).decode(errors="replace").splitlines()[-lines:])

    def trim(self) -> None:
        """Move a log that has grown too long aside, its oldest lines dropped."""
        if self._path.exists() and self._path.stat().st_size > self._limit:
            self._path.with_name(f"{self._path.name}.1").write_bytes(self._read_end(self._limit))
            os.truncate(self._path, 0)

    def _read_end(self, size: int) -> bytes:
        if not self._path.exists():
            return b""
        with self._path.open("rb") as log:
            log.seek(max(0, self._path.stat().st_size - size))
            return log.read()
