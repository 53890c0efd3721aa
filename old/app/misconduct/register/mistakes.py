"""Collect the mistakes of a register, with their places, and report all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from misconduct.errors import Mistake, RegisterRefused
from misconduct.model import suggestions
from misconduct.model.kinds import KINDS

KEPT = 1_000
MOST = 2_000_000
MAKES_UNREADABLE = frozenset(
    [
        *("missing_file", "link", "unreadable", "too_long", "too_large", "too_many", "empty_file", "wrong_name"),
        "merge_conflict",
        *("yaml_syntax", "not_a_list", "not_a_mapping", "csv_syntax", "cell_count", "unknown_column"),
        *("duplicate_column", "missing_column", "bad_id", "bad_code", "mangled_word", "reserved_word", "bad_version"),
    ]
)
"""Codes of mistakes because of which a record of a file, or all of them, cannot be read."""

_LONGEST = 1_000  # characters: a longer message has a cell or a word in it that nobody reads


About = tuple[str, str]
"""Kind and id of a record. An id that ends in `/`, or is empty, stands for any of that list or kind."""

MANIFEST_LINES: About = ("manifest", "")


class Refused(ValueError):
    """Something that the register may not say. A caller who knows the place makes a `Mistake` of it.

    `near` has the valid words, from which a suggestion is made if the mistake is kept. `column` is the cell at fault
    where a check reads several. `about` is the record that may only seem wrong because it could not be read, or
    MANIFEST_LINES.
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
    """A place in a file: the file's name in messages, and line and column from 1, or 0 for the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Mistakes:
    """Every mistake found so far. Counts at most so many and keeps a thousand, to limit time and memory.

    `unreadable_files` names the files of which not every record could be read; `manifests_incomplete` says whether that
    includes a manifest. A mistake about a record that may be in one of them is dropped, because its cause was reported.
    `warnings` are not mistakes: they are about released records that would be refused as drafts. What has one of the
    codes `but` is none either.
    """

    def __init__(self, most: int = MOST, but: Collection[str] = ()) -> None:
        self.total, self._most, self._but = 0, most, but
        self.unreadable_files: set[str] = set()
        self._unread: set[str] = set()  # the same within the register, and their folders
        self.manifests_incomplete = False
        self.warnings: list[Mistake] = []
        self._kept: list[Mistake] = []

    @property
    def is_full(self) -> bool:
        """Whether further mistakes are only counted."""
        return len(self._kept) >= KEPT

    def report(self, refused: Refused, locate: Callable[[], Place]) -> None:
        """Add a mistake. Finding the place and a suggestion may be slow, so both are skipped if it is not kept.

        Raises RegisterRefused at the last one that is counted: a small bundle may unpack to millions.
        """
        if refused.code in self._but or (refused.about and self.may_be_unread(refused.about)):
            return
        self.total += 1
        if not self.is_full or refused.code in MAKES_UNREADABLE:
            place = locate()
            if refused.code in MAKES_UNREADABLE:
                self.leave_unread(place.file)
        if not self.is_full:
            self._kept.append(_mistake(place, refused))
        if self.total == self._most:
            raise RegisterRefused(self.in_order(), self.total, is_cut_short=True)

    def leave_unread(self, file: str) -> None:
        """Note a file of which not every record could be read."""
        if file not in self.unreadable_files:
            self.unreadable_files.add(file)
            within = file.partition("/")[2]
            self._unread |= {within, *(within[: place + 1] for place, sign in enumerate(within) if sign == "/")}

    def report_at(self, place: Place, refused: Refused) -> None:
        """Add a mistake whose place is already known."""
        self.report(refused, lambda: place)

    def like(self) -> Mistakes:
        """Return an empty list with the same limits, for what may be taken or not."""
        return Mistakes(self._most, self._but)

    def take(self, others: Mistakes) -> None:
        """Add the mistakes that were found apart."""
        self.total += others.total
        for file in others.unreadable_files:
            self.leave_unread(file)
        self._kept += others._kept[: max(KEPT - len(self._kept), 0)]

    def warn(self, place: Place, refused: Refused) -> None:
        """Add a warning, up to the limit."""
        if len(self.warnings) < KEPT:
            self.warnings.append(_mistake(place, refused))

    def may_be_unread(self, about: About) -> bool:
        """Return whether a record may be in an unreadable file: an observation, in any file of observations."""
        if about == MANIFEST_LINES:
            return self.manifests_incomplete
        return file_of(*about) in self._unread

    def in_order(self) -> list[Mistake]:
        """Return the kept mistakes by file, line and column."""
        return sorted(self._kept)

    def raise_if_any(self) -> None:
        """Raise RegisterRefused with all of them."""
        if self.total:
            raise RegisterRefused(self.in_order(), self.total)


def file_of(kind: str, identity: str) -> str:
    """Return the file, within the register, of a record; for an observation, the folder."""
    file = KINDS[kind].file if kind in KINDS else "observations/"
    if not file.endswith("/") or kind not in KINDS:
        return file
    if kind == "mapping":
        return f"{file}{identity}.sssom.tsv"
    return f"{file}{identity.partition('/')[0]}.csv" if kind == "code" else f"{file}{identity}.yaml"


def _mistake(place: Place, refused: Refused) -> Mistake:
    near = suggest(refused.near)
    found = refused.found if len(refused.found) <= _LONGEST else f"{refused.found[:80]} … {refused.found[-80:]}"
    return Mistake(place.file, place.line, place.column, refused.code, found, refused.allowed, near)


def suggest(near: tuple[str, Iterable[str]] | None) -> str:
    """Return the word that was probably meant, or an empty text."""
    return (suggestions.suggest(*near) or "") if near else ""
