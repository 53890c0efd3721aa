"""Mistakes of a register: collected, located, and refused all at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from app.domain.kinds import KINDS
from app.errors import Mistake, RegisterRefused

KEPT = 1_000
UNREAD = frozenset(
    [
        *("missing_file", "link", "unreadable", "too_long", "too_large", "too_many", "empty_file", "wrong_name"),
        *("yaml_syntax", "not_a_list", "not_a_mapping", "csv_syntax", "cell_count", "unknown_column"),
        *("duplicate_column", "missing_column", "bad_id", "bad_code", "mangled_word", "reserved_word", "bad_version"),
    ]
)
"""Mistakes through which a record of a file, or all of them, cannot be read."""

_COMPARED = 5_000  # words with which a misspelt one is compared at most


About = tuple[str, str]
"""Kind and id of a record. An id that ends in `/`, or is empty, is any of the list or kind."""

MANIFEST_LINES: About = ("manifest", "")


class Refused(ValueError):
    """Something that the register may not say; whoever knows its place makes a `Mistake` of it.

    `near` holds the words that would have been right, from which a suggestion is made if anyone will read it.
    `column` names the culprit where several cells were looked at together. `about` is what a mistake may only seem to
    be wrong with, because it could not be read: kind and id of a record, or MANIFEST_LINES.
    """

    def __init__(
        self,
        code: str,
        found: str,
        allowed: str = "",
        *,
        near: tuple[str, Iterable[str]] | None = None,
        column: str = "",
        about: About | None = None,
    ) -> None:
        super().__init__(found)
        self.code, self.found, self.allowed, self.near, self.column = code, found, allowed, near, column
        self.about = about


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file's name as people see it, line and column from 1, or 0 for the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Mistakes:
    """Every mistake found so far. Counts all and keeps a thousand, so that memory is bounded.

    `unread` are the names of files of which not every record could be read, and `has_unread_lines` says whether that is
    so of a manifest. A mistake that is about what may stand there is dropped: its cause was reported. `warnings` are no
    mistakes: they are about what was sealed before anybody knew better, and is as it is.
    """

    def __init__(self) -> None:
        self.total = 0
        self.unread: set[str] = set()
        self.has_unread_lines = False
        self.warnings: list[Mistake] = []
        self._kept: list[Mistake] = []

    @property
    def is_full(self) -> bool:
        """Whether further mistakes are only counted."""
        return len(self._kept) >= KEPT

    def report(self, refused: Refused, locate: Callable[[], Place]) -> None:
        """Adds a mistake. Finding the place and a suggestion may be costly, so both are left out if it is not kept."""
        if refused.about and self.may_hide(refused.about):
            return
        self.total += 1
        if not self.is_full or refused.code in UNREAD:
            place = locate()
            if refused.code in UNREAD:
                self.unread.add(place.file)
        if not self.is_full:
            self._kept.append(_mistake(place, refused))

    def report_at(self, place: Place, refused: Refused) -> None:
        """Adds a mistake whose place is known already."""
        self.report(refused, lambda: place)

    def warn(self, place: Place, refused: Refused) -> None:
        """Adds a warning, if there are not too many."""
        if len(self.warnings) < KEPT:
            self.warnings.append(_mistake(place, refused))

    def may_hide(self, about: About) -> bool:
        """Whether a record may stand in a file that could not be read: an observation in any file of observations."""
        if about == MANIFEST_LINES:
            return self.has_unread_lines
        file = file_of(*about)
        names = (name.partition("/")[2] for name in self.unread)  # within the register
        return any(name == file or (file.endswith("/") and name.startswith(file)) for name in names)

    def in_order(self) -> list[Mistake]:
        """Those kept, by file, line and column."""
        return sorted(self._kept)

    def raise_if_any(self) -> None:
        """Raises RegisterRefused with all of them."""
        if self.total:
            raise RegisterRefused(self.in_order(), self.total)


def file_of(kind: str, identity: str) -> str:
    """The file, within the register, in which a record stands; of an observation, the folder."""
    file = KINDS[kind].file if kind in KINDS else "observations/"
    if not file.endswith("/") or kind not in KINDS:
        return file
    return f"{file}{identity.partition('/')[0]}.csv" if kind == "code" else f"{file}{identity}.yaml"


def _mistake(place: Place, refused: Refused) -> Mistake:
    near = suggest(refused.near)
    return Mistake(place.file, place.line, place.column, refused.code, refused.found, refused.allowed, near)


def suggest(near: tuple[str, Iterable[str]] | None) -> str:
    """The word that was probably meant, or nothing."""
    if near is None:
        return ""
    word, words = near
    by_lower_case = {known.casefold(): known for known in islice(words, _COMPARED)}
    return next(
        (by_lower_case[close] for close in difflib.get_close_matches(word[:100].casefold(), by_lower_case, n=1)), ""
    )
