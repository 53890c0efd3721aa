"""Several editors on one folder: one command writes at a time, and none replaces what it has not read."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Container, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from misconduct.errors import MisconductError
from misconduct.register.files import FILES, FOLDERS


class RegisterInUse(MisconductError):
    """Somebody else writes into the register. Nothing was written."""


_PATIENCE = 30.0
"""Seconds for which a load and a withdrawal wait for one another."""


def writing_alone(root: Path, patience: float = 0) -> AbstractContextManager[None]:
    """Keep out others that do this until the block ends; wait for one so many seconds. Raises RegisterInUse."""
    return _locked(root, fcntl.LOCK_EX, patience, f"Another command writes into {root} just now")


def loading(root: Path) -> AbstractContextManager[None]:
    """Keep releases from being withdrawn until the block ends: one that is loaded is public. Raises RegisterInUse."""
    return _locked(root / "releases", fcntl.LOCK_SH, _PATIENCE, f"A release is withdrawn from {root} just now")


def withdrawing(root: Path) -> AbstractContextManager[None]:
    """Keep the register from being loaded until the block ends. Raises RegisterInUse."""
    return _locked(root / "releases", fcntl.LOCK_EX, _PATIENCE, f"{root} is loaded just now, and public in a moment")


@contextmanager
def _locked(folder: Path, how: int, patience: float, found: str) -> Iterator[None]:
    """Lock a folder until the block ends. Where nothing can be locked, as on some network drives, all may go on."""
    deadline = time.monotonic() + patience
    with ExitStack() as stack:
        with suppress(OSError):
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # the folder itself: no file is left behind
            stack.callback(os.close, opened)
            while not _lock(opened, how):
                if time.monotonic() >= deadline:
                    raise RegisterInUse(f"{found}, so this one wrote nothing.", hint="When it has ended, try again.")
                time.sleep(0.1)
        yield


def _lock(folder: int, how: int) -> bool:
    try:
        fcntl.flock(folder, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def look(root: Path) -> dict[str, tuple[int, int]]:
    """Return the length of each file of a register and when it was written, by its name in the folder."""
    paths, found = [root / name for name in FILES], dict[str, tuple[int, int]]()
    for folder in FOLDERS:
        if not (root / folder).is_symlink():
            paths += (root / folder).glob("[!.]*")
    for path in paths:
        with suppress(OSError):  # most are not there, and whoever reads one says what is wrong with it
            state = path.lstat()
            found[path.relative_to(root).as_posix()] = (state.st_size, state.st_mtime_ns)
    return found


def require_unwritten(root: Path, before: Mapping[str, tuple[int, int]], names: Container[str] | None = None) -> None:
    """Raise RegisterInUse if a file was written, made or deleted since `look`; of all files, or of those named."""
    now = look(root)
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name) and (names is None or name in names):
            found = f"Somebody else changed {root / name} meanwhile, so nothing was written."
            raise RegisterInUse(found, hint="Try again; that change then counts too.")
