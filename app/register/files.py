"""The register's folder: which files may stand in it, and their lines, read within bounds.

A register may come from a stranger. So links and odd files are not followed, nothing outside the folder is read, and
no row is held that is longer than a megabyte.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.kinds import KINDS
from app.domain.text import UNFIT
from app.errors import MisconductError
from app.register.mistakes import Mistakes, Place, Refused

LONGEST = 1_000_000
"""Bytes in a line, and characters in a row."""

LARGEST = 4_000_000
"""Bytes in a file that is read whole."""

FOLDERS = {
    "codelists": (".csv",),
    "sources": (".yaml",),
    "observations": (".csv",),
    "not-statistics": (".csv",),
    "releases": (".csv", ".yaml"),
}
FILES = tuple(kind.file for kind in KINDS.values() if not kind.file.endswith("/"))
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but for line feed and tab: no text of the register holds one, and Postgres takes no NUL."""

_CONTROL_BYTES = bytes(code for code in (*range(0x20), 0x7F) if chr(code) not in "\n\t")
_C1_LEAD = b"\xc2"
"""The first byte of the controls beyond ASCII (and of some harmless characters) in UTF-8."""

_NEEDED = ("codelists", "sources", "observations", "datasets.yaml")
_FOR_PEOPLE = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt")


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A file of the register; `name` is what people are shown: `data/caveats.yaml`."""

    path: Path
    name: str

    @property
    def stem(self) -> str:
        return self.path.stem


@dataclass(slots=True)
class Layout:
    """The files of a register by folder, in the order of their names; those at the top stand under ``""``."""

    name: str
    folders: dict[str, list[RegisterFile]] = field(default_factory=lambda: defaultdict(list))

    def __getitem__(self, folder: str) -> list[RegisterFile]:
        return sorted(self.folders[folder], key=lambda file: file.name)

    def top(self, name: str) -> RegisterFile | None:
        """The file of that name at the top, if there is one."""
        return next((file for file in self.folders[""] if file.path.name == name), None)


def lay_out(root: Path, mistakes: Mistakes) -> Layout:
    """Finds the files of a register. Whatever else stands in the folder is a mistake, except hidden files.

    Raises MisconductError where there is no folder.
    """
    if not root.is_dir():
        raise MisconductError(f"There is no folder {root}.", hint="Name the register's folder with --register.")
    name = root.resolve().name
    layout = Layout(name)
    for needed in _NEEDED:
        if not (root / needed).exists():
            mistakes.report_at(Place(f"{name}/{needed}"), Refused("missing_file", "this is missing"))
    for path in _entries(root, name, mistakes):
        shown = f"{name}/{path.name}"
        if path.name in FOLDERS and _is_plain(path, shown, mistakes, folder=True):
            _lay_out_folder(path, shown, layout, mistakes)
        elif path.name in FILES and _is_plain(path, shown, mistakes):
            layout.folders[""].append(RegisterFile(path, shown))
        elif path.name not in (*FOLDERS, *FILES, *_FOR_PEOPLE):
            known = (*FOLDERS, *FILES)
            mistakes.report_at(
                Place(shown),
                Refused("unexpected_file", "the register has no such part", ", ".join(known), near=(path.name, known)),
            )
    return layout


def _lay_out_folder(folder: Path, name: str, layout: Layout, mistakes: Mistakes) -> None:
    suffixes = FOLDERS[folder.name]
    for path in _entries(folder, name, mistakes):
        shown = f"{name}/{path.name}"
        if not path.name.endswith(suffixes):
            allowed = f"files whose names end in {' or '.join(suffixes)}"
            mistakes.report_at(Place(shown), Refused("unexpected_file", "no such file belongs here", allowed))
        elif _is_plain(path, shown, mistakes):
            layout.folders[folder.name].append(RegisterFile(path, shown))


def _entries(folder: Path, name: str, mistakes: Mistakes) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        mistakes.report_at(Place(name), Refused("unreadable", f"the folder cannot be read: {error.strerror}"))
        return []


def _is_plain(path: Path, shown: str, mistakes: Mistakes, *, folder: bool = False) -> bool:
    if not _is_utf8(path.name):
        refused = Refused("not_utf8", "this name is not UTF-8", "a name in ASCII")
    elif path.is_symlink():
        refused = Refused("link", "this is a link", "files and folders themselves: a link may lead out of the register")
    elif not (path.is_dir() if folder else path.is_file()):
        refused = Refused("unexpected_file", f"this is no {'folder' if folder else 'file'}")
    else:
        return True
    mistakes.report_at(Place(shown), refused)
    return False


def _is_utf8(name: str) -> bool:
    """Whether a file's name is text: other bytes come from the system as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


class Lines:
    """The lines of a file, decoded. Mistakes of encoding are reported; a replacement stands for what was wrong."""

    def __init__(self, file: RegisterFile, mistakes: Mistakes) -> None:
        self.file, self._mistakes = file, mistakes
        self.number, self.size = 0, 0
        self._row: list[str] = []
        self._taken = 0
        self._has_told_of_returns = False

    def __iter__(self) -> Iterator[str]:
        try:
            with self.file.path.open("rb") as stream:
                while line := stream.readline(LONGEST + 1):
                    self.number += 1
                    self.size += len(line)
                    if self.size - self._taken > LONGEST:
                        self._report(Refused("too_long", "a line or row is longer than 1 MB", "at most 1 MB"), 1)
                        return
                    text = self._decode(line)
                    self._row.append(text)
                    yield text
        except OSError as error:
            self._report(Refused("unreadable", f"the file cannot be read: {error.strerror}"), 0)

    def take_row(self) -> str:
        """The text read since the last call, which is a row for whoever calls after each; it may not get too long."""
        row = "".join(self._row)
        self._row.clear()
        self._taken = self.size
        return row

    def _report(self, refused: Refused, column: int) -> None:
        self._mistakes.report_at(Place(self.file.name, self.number, column), refused)

    def _decode(self, line: bytes) -> str:
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            text = self._replace_bytes(line, error)
        if self.number == 1 and text.startswith("\ufeff"):
            self._report(Refused("byte_order_mark", "the file begins with a byte-order mark", "UTF-8 without one"), 1)
            text = text[1:]
        is_suspect = len(line.translate(None, _CONTROL_BYTES)) < len(line) or _C1_LEAD in line
        return self._replace_controls(text) if is_suspect else text

    def _replace_bytes(self, line: bytes, error: UnicodeDecodeError) -> str:
        column = len(line[: error.start].decode()) + 1
        found = f"byte {error.start + 1} of this line (0x{line[error.start]:02x}) is not UTF-8"
        self._report(Refused("not_utf8", found, "UTF-8; is the file in Latin-1 or Windows-1252?"), column)
        return line.decode(errors="replace")

    def _replace_controls(self, text: str) -> str:
        if "\r" in text and not self._has_told_of_returns:
            self._has_told_of_returns = True
            found = "a carriage return stands here (Windows line ends?)"
            self._report(Refused("carriage_return", found, "lines that end in a line feed only"), text.index("\r") + 1)
        text = text.replace("\r", "")
        if control := CONTROL.search(text):
            found = f"a control character ({name_character(control[0])}) stands here"
            self._report(Refused("control_character", found, "text"), control.start() + 1)
        return CONTROL.sub("\ufffd", text)


def name_character(character: str) -> str:
    """How Unicode names a code point: `U+0007`."""
    return f"U+{ord(character):04X}"


def find_unfit(text: str) -> Refused | None:
    """Returns what is wrong with a text that holds a character which no text may hold."""
    match = None if text.isascii() else UNFIT.search(text)
    if match is None:
        return None
    kind = "a control of direction" if match[0] < "\ufdd0" else "no character of Unicode"
    allowed = "text; the marks U+200E, U+200F and U+061C say a direction" if match[0] < "\ufdd0" else "text"
    return Refused("unfit_character", f"{name_character(match[0])} stands in this text: it is {kind}", allowed)


def read_text(file: RegisterFile, mistakes: Mistakes) -> str:
    """The whole text of a file that is read whole; what lies beyond 4 MB is left out and reported."""
    lines, parts = Lines(file, mistakes), []
    for line in lines:
        lines.take_row()
        if lines.size > LARGEST:
            mistakes.report_at(Place(file.name, lines.number, 1), Refused("too_large", "the file is larger than 4 MB"))
            break
        parts.append(line)
    return "".join(parts)
