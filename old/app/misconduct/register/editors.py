"""Several editors on one folder: one command writes at a time, and none replaces what it has not read."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from misconduct.errors import MisconductError
from misconduct.register.files import FILES, FOLDERS
from misconduct.register.temporary_folder import name_new, write_out, write_out_folder


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


State = tuple[int, int]
"""The length of a file, and when it was written."""


class SeenFiles:
    """The files of a register as a command found them, and the only way in which one replaces or deletes any of them.

    It is made before the first file is read, and what somebody saves from then on stays. One moment remains: that
    between the last look at a file and its renaming or deletion, which are two calls of the system, one after the
    other. A file that was not there has not even that: what has its name by then is not replaced.
    """

    def __init__(self, root: Path) -> None:
        """Look at each file."""
        self.root = root
        self._states = _look(root)

    def require_unwritten(self, names: Container[str] | None = None) -> None:
        """Raise RegisterInUse if a file was written, made or deleted since; of all files, or of those named."""
        now = _look(self.root)
        for name in sorted(self._states.keys() | now.keys()):
            if self._states.get(name) != now.get(name) and (names is None or name in names):
                raise _changed(self.root / name)

    def put(self, new: Mapping[str, str | Path | None]) -> None:
        """Give files, by their names in the register and in this order, a text, or what another is; or delete them.

        The other is moved: first of all to where it will be, which may be on another drive, or refuse to be written to.
        Raises RegisterInUse if one is no longer as it was found; nothing is then written. Only if somebody saves one in
        the moment in which they are renamed are some replaced already, and named; new ones are taken back.
        What this writes counts as found.
        """
        made = dict[str, Path]()
        try:
            for name, content in new.items():
                if content is not None:
                    (self.root / name).parent.mkdir(exist_ok=True)
                    made[name] = _place_unfinished(self.root / name, content)
                    with suppress(OSError):  # there may be no file yet, and some drives have no modes
                        shutil.copymode(self.root / name, made[name])
                    write_out(made[name])  # before the last look, because it may take long
            self.require_unwritten(new)
            self._rename({name: made.get(name) for name in new})
        finally:
            for file in made.values():
                file.unlink(missing_ok=True)

    def _rename(self, files: Mapping[str, Path | None]) -> None:
        """Give each file its name, or delete it. An error takes back those that are new since the last that was not."""
        begun, replaced = list[str](), list[str]()
        with ExitStack() as taken_back:
            for name, file in files.items():
                path, found = self.root / name, self._states.pop(name, None)
                own = None if file is None else _state(file)
                if _state(path) != found:
                    raise _changed(path, replaced)
                begun.append(name)
                if found:
                    taken_back.pop_all()
                    replaced = begun[:]
                    path.unlink(missing_ok=True) if file is None else file.replace(path)
                elif file and own:
                    taken_back.callback(_take_back, path, own)
                    try:
                        name_new(file, path)
                    except FileExistsError as error:
                        raise _changed(path, replaced) from error
                if own:
                    self._states[name] = own
                write_out_folder(path.parent)
            taken_back.pop_all()


def _look(root: Path) -> dict[str, State]:
    paths, found = [root / name for name in FILES], dict[str, State]()
    for folder in FOLDERS:
        if not (root / folder).is_symlink():
            paths += (root / folder).glob("[!.]*")
    for path in paths:
        if (state := _state(path)) is not None:
            found[path.relative_to(root).as_posix()] = state
    return found


def _state(path: Path) -> State | None:
    try:
        found = path.lstat()
    except OSError:  # most are not there, and whoever reads one says what is wrong with it
        return None
    return found.st_size, found.st_mtime_ns


def _take_back(path: Path, state: State) -> None:
    """Delete a file, unless somebody has saved it since."""
    if _state(path) == state:
        path.unlink(missing_ok=True)


def _changed(path: Path, replaced: Sequence[str] = ()) -> RegisterInUse:
    outcome = ", so nothing was written"
    if replaced:
        more = f" and {len(replaced) - 3:,} more" if len(replaced) > 3 else ""
        outcome = f"; it stays, but these were written before it: {', '.join(replaced[:3])}{more}"
    found = f"Somebody else changed {path} meanwhile{outcome}."
    return RegisterInUse(found, hint="Try again; that change then counts too.")


def _place_unfinished(path: Path, content: str | Path) -> Path:
    """Write a text, or move a file, to a hidden name that nobody else has, beside the file that it is for.

    Return that name.
    """
    unfinished = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        if isinstance(content, Path):
            shutil.move(content, unfinished)
        else:
            with unfinished.open("x", encoding="utf-8", newline="") as file:
                file.write(content)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error  # a full disk does not say which file
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return unfinished
