"""A temporary folder without room is told with its name."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import gettempdir

from misconduct.errors import TemporaryFolderFull

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
