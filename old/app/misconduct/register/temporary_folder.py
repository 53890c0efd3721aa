"""Temporary folders, and how what is finished leaves them.

One without room is told with its name, and what something stopped is deleted after a day.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from misconduct.errors import TemporaryFolderFull

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_A_DAY = 86_400
_UNFINISHED = re.compile(r"\.misconduct-[a-z0-9_]{8}")  # as tempfile names them: other hidden folders are an editor's


@contextmanager
def naming_temporary_folder() -> Iterator[None]:
    """Raise TemporaryFolderFull if there is no room for what the block writes to the temporary folder."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        found = f"The temporary folder {gettempdir()} cannot be written: {error.strerror}."
        raise TemporaryFolderFull(found, hint="Free some space, or name another folder with TMPDIR.") from error


@contextmanager
def unfinished_files(parent: Path) -> Iterator[Path]:
    """Make a hidden folder, and delete it; and those of this account that something stopped more than a day ago."""
    with suppress(OSError):  # a folder for everybody's temporary files may not be listed
        for folder in parent.iterdir():
            with suppress(OSError, RecursionError):
                stat = folder.lstat()
                is_old = _UNFINISHED.fullmatch(folder.name) and time.time() - stat.st_mtime > _A_DAY
                if is_old and stat.st_uid == os.geteuid() and folder.is_dir() and not folder.is_symlink():
                    shutil.rmtree(folder)
    with TemporaryDirectory(prefix=".misconduct-", dir=parent) as made:
        yield Path(made)


def name_new(unfinished: Path, path: Path) -> None:
    """Give a file its name in one step. Raises FileExistsError, and then replaces nothing."""
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        raise
    except OSError:  # some drives have no hard links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        unfinished.replace(path)
    else:
        unfinished.unlink()


def put_in_place(unfinished: Path, path: Path, *, is_new: bool = False) -> Path:
    """Give a file its name in one step, and return that when a power cut can take neither the name nor the contents.

    It gets the mode of the file that it replaces. With `is_new`, nothing is replaced: raises FileExistsError.
    """
    write_out(unfinished)
    if is_new:
        name_new(unfinished, path)
    else:
        with suppress(OSError):  # there may be no file yet, and some drives have no modes
            shutil.copymode(path, unfinished)
        unfinished.replace(path)
    write_out_folder(path.parent)
    return path


def write_out(path: Path) -> None:
    """Return when a power cut cannot take the contents of a file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_out_folder(path: Path) -> None:
    """Return when a power cut cannot take the names in a folder."""
    with suppress(OSError):  # some network drives cannot write a folder out
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
