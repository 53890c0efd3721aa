"""Several editors on one folder: one command writes at a time, and none replaces what it has not read."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Container, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from misconduct.errors import MisconductError
from misconduct.register.files import FILES, FOLDERS


class RegisterInUse(MisconductError):
    """Somebody else writes into the register. Nothing was written."""


@contextmanager
def writing_alone(root: Path, patience: float = 0) -> Iterator[None]:
    """Keep out other commands that do this, until the block ends; wait for one so many seconds. Raises RegisterInUse.

    Where nothing can be locked, as on some network drives, nobody is kept out.
    """
    deadline = time.monotonic() + patience
    with ExitStack() as stack:
        with suppress(OSError):
            folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)  # the folder itself: no file is left behind
            stack.callback(os.close, folder)
            while not _lock(folder):
                if time.monotonic() >= deadline:
                    found = f"Another command writes into {root} just now, so this one wrote nothing."
                    raise RegisterInUse(found, hint="When it has ended, try again.")
                time.sleep(0.1)
        yield


def _lock(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
