"""File locks that the kernel lets go when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FileLock:
    """An exclusive `flock` on `path`. Child processes do not get it, unless its `descriptor` is passed on.

    A child that was passed it holds the lock too, with its own children, until the last of them is gone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    @property
    def descriptor(self) -> int:
        """The open file behind the lock. Only while it is held."""
        if self._descriptor is None:
            raise RuntimeError(f"{self._path} is not locked")
        return self._descriptor

    def try_acquire(self) -> bool:
        """Take the lock if nobody has it. Raises OSError if the file cannot be opened."""
        if self.held:
            return True
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go our hold of it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
