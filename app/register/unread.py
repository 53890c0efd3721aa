"""What may stand in files that could not be read: nothing is said of its absence, so that the cause stands alone."""

from __future__ import annotations

from app.register.entries import file_of
from app.register.mistakes import Mistakes


class Unread:
    """The files of a register of which not every record could be read, as far as it has been read."""

    def __init__(self, root: str, mistakes: Mistakes) -> None:
        self._root, self._mistakes = root, mistakes

    def may_hold(self, kind: str, identity: str) -> bool:
        """Whether the record may stand in such a file. An observation may stand in any file of observations."""
        name = f"{self._root}/{file_of(kind, identity)}"
        return name in self._mistakes.unread or (
            name.endswith("/") and any(file.startswith(name) for file in self._mistakes.unread)
        )
