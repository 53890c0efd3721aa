"""Find the files of a register's folder, and read their lines within limits.

A register may come from a stranger. So links and special files are not followed, nothing outside the folder is read,
and no row longer than a megabyte is kept in memory.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from misconduct.errors import MisconductError
from misconduct.model.kinds import KINDS
from misconduct.model.text import UNFIT
from misconduct.register.mistakes import Mistakes, Place, Refused

LONGEST = 1_000_000
"""Bytes in a line, and characters in a row."""

_BLOCK = 256_000
"""Bytes that are read at once."""

LARGEST = 4_000_000
"""Bytes in a file that is read whole."""

FOLDERS = {
    "codelists": (".csv",),
    "sources": (".yaml",),
    "observations": (".csv",),
    "not-statistics": (".csv",),
    "tables": (".yaml",),
    "mappings": (".sssom.tsv",),
    "releases": (".csv", ".yaml"),
}
DECISIONS = "decisions.csv"
FILES = (*(kind.file for kind in KINDS.values() if not kind.file.endswith("/")), DECISIONS)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters except line feed and tab. No text of the register contains one, and Postgres rejects NUL."""

_CONTROL_BYTES = bytes(code for code in (*range(0x20), 0x7F) if chr(code) not in "\n\t")
_C1_LEAD = b"\xc2"
"""The first byte in UTF-8 of the control characters beyond ASCII, and of some harmless characters."""

_NEEDED = ("codelists", "sources", "observations", "datasets.yaml")
_FOR_PEOPLE = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt")


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A file of the register. `name` is the name in messages: `data/caveats.yaml`."""

    path: Path
    name: str

    @property
    def stem(self) -> str:
        return self.path.stem


@dataclass(slots=True)
class Layout:
    """The files of a register by folder, sorted by name; those at the top are under ``""``."""

    name: str
    folders: dict[str, list[RegisterFile]] = field(default_factory=lambda: defaultdict(list))

    def __getitem__(self, folder: str) -> list[RegisterFile]:
        return sorted(self.folders[folder], key=lambda file: file.name)

    def top(self, name: str) -> RegisterFile | None:
        """Return the file of that name at the top, if it exists."""
        return next((file for file in self.folders[""] if file.path.name == name), None)

    def lay_over(self, folder: Path) -> None:
        """Put the files of a folder in the places of those with the same names, as if they had been written."""
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            above, shown = name.rpartition("/")[0], f"{self.name}/{name}"
            self.folders[above] = [file for file in self.folders[above] if file.name != shown]
            self.folders[above].append(RegisterFile(path, shown))


def scan_folder(root: Path, mistakes: Mistakes, overlay: Path | None = None) -> Layout:
    """Find the files of a register, with those of `overlay` laid over them. Report anything else, except hidden files.

    Raises MisconductError if the folder does not exist.
    """
    if not root.is_dir():
        raise MisconductError(f"There is no folder {root}.", hint="Name the register's folder with --register.")
    name = root.resolve().name
    layout = Layout(name)
    folders = [folder for folder in (root, overlay) if folder]
    for needed in (file for file in _NEEDED if not any((folder / file).exists() for folder in folders)):
        mistakes.report_at(Place(f"{name}/{needed}"), Refused("missing_file", "this is missing"))
    for path in _entries(root, name, mistakes):
        shown = f"{name}/{path.name}"
        if path.name in FOLDERS and _is_plain(path, shown, mistakes, folder=True):
            _scan_subfolder(path, shown, layout, mistakes)
        elif path.name in FILES and _is_plain(path, shown, mistakes):
            layout.folders[""].append(RegisterFile(path, shown))
        elif path.name not in (*FOLDERS, *FILES, *_FOR_PEOPLE):
            known = (*FOLDERS, *FILES)
            mistakes.report_at(
                Place(shown),
                Refused(
                    "unexpected_file",
                    "the register has no file or folder of this name",
                    ", ".join(known),
                    near=(path.name, known),
                ),
            )
    if overlay:
        layout.lay_over(overlay)
    return layout


def find_files(root: Path, folder: str, mistakes: Mistakes) -> list[RegisterFile]:
    """Find the files of one folder of a register, whatever the rest is like. Report links and what does not belong."""
    path, layout = root / folder, Layout(root.resolve().name)
    if (path.exists() or path.is_symlink()) and _is_plain(path, f"{layout.name}/{folder}", mistakes, folder=True):
        _scan_subfolder(path, f"{layout.name}/{folder}", layout, mistakes)
    return layout[folder]


def _scan_subfolder(folder: Path, name: str, layout: Layout, mistakes: Mistakes) -> None:
    suffixes = FOLDERS[folder.name]
    for path in _entries(folder, name, mistakes):
        shown = f"{name}/{path.name}"
        if not path.name.endswith(suffixes):
            allowed = f"files whose names end in {' or '.join(suffixes)}"
            mistakes.report_at(Place(shown), Refused("unexpected_file", "this file does not belong here", allowed))
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
        refused = Refused("unexpected_file", f"this is not a {'folder' if folder else 'file'}")
    else:
        return True
    mistakes.report_at(Place(shown), refused)
    return False


def _is_utf8(name: str) -> bool:
    """Return whether a file name is text: the system gives other bytes as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


_CONFLICT = (b"<<<<<<< ", b">>>>>>> ")
"""How the first and the last line begin where git could not merge two versions of a file."""

_BETWEEN_RECORDS = (b"- ", b"---", b"#", b"\n", *_CONFLICT)
"""How a line of YAML begins that belongs to no record that began before it."""


class Lines:
    """The decoded lines of a file, up to a merge conflict.

    Encoding mistakes are reported, and replacement characters take their place.
    """

    def __init__(self, file: RegisterFile, mistakes: Mistakes) -> None:
        self.file, self._mistakes = file, mistakes
        self.number, self.size = 0, 0
        self._row: list[str] = []
        self._taken = 0
        self._carriage_return_reported = False
        self.has_conflict = False

    def blocks(self) -> Iterator[list[str]]:
        """Yield many lines at once, without their ends, as long as there is nothing to report about them.

        A block counts as read when the next one is asked for. What was not read is left to `__iter__`.
        """
        with suppress(OSError), self.file.path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                block += stream.readline(LONGEST - _BLOCK)
                text = _decode_clean(block) if len(block) < LONGEST else ""
                if not text or (text[0] == "\ufeff" and not self.size):
                    return
                lines = text.removesuffix("\n").split("\n")
                yield lines
                self.number += len(lines)
                self.size = self._taken = self.size + len(block)

    def __iter__(self) -> Iterator[str]:
        try:
            with self.file.path.open("rb") as stream:
                stream.seek(self.size)
                while line := stream.readline(LONGEST + 1):
                    self.number += 1
                    self.size += len(line)
                    if self.size - self._taken > LONGEST:
                        self._report(Refused("too_long", "a line or row is longer than 1 MB", "at most 1 MB"), 1)
                        return
                    if line.startswith(_CONFLICT):
                        self._report_conflicts(line, stream)
                        return
                    text = self._decode(line)
                    self._row.append(text)
                    yield text
        except OSError as error:
            self._report(Refused("unreadable", f"the file cannot be read: {error.strerror}"), 0)

    def pop_row_text(self) -> str:
        """Return the text read since the last call. Called after each row, it limits their length."""
        row = "".join(self._row)
        self._row.clear()
        self._taken = self.size
        return row

    def _report(self, refused: Refused, column: int) -> None:
        self._mistakes.report_at(Place(self.file.name, self.number, column), refused)

    def _report_conflicts(self, line: bytes, rest: BinaryIO) -> None:
        """Report this and every further place that git could not merge, once each.

        Lines that both sides end with alike are behind it, once: of two new records the first would lose them.
        """
        self.has_conflict, first = True, 0
        is_list = self.file.path.suffix == ".yaml" and self.file.path.parent.name != "releases"  # those have one record
        while line:
            first = first or (self.number if line.startswith(_CONFLICT) else 0)
            is_last = line.startswith(_CONFLICT[1])
            line = rest.readline(LONGEST + 1)
            if first and (is_last or not line):
                found = "merge conflict: two branches changed these lines, and git kept both"
                allowed = "the lines that are right, without those that begin with <<<<<<<, ======= and >>>>>>>"
                if is_list and line and not line.startswith(_BETWEEN_RECORDS):
                    ends = f"each ends with the lines from {self.number + 1} up to the next record"
                    allowed += f"; of two new records {ends}: copy them to the first"
                self._mistakes.report_at(Place(self.file.name, first, 1), Refused("merge_conflict", found, allowed))
                first = 0
            self.number += 1

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
        if "\r" in text and not self._carriage_return_reported:
            self._carriage_return_reported = True
            found = "there is a carriage return here (Windows line endings?)"
            self._report(Refused("carriage_return", found, "line feeds only"), text.index("\r") + 1)
        text = text.replace("\r", "")
        if control := CONTROL.search(text):
            found = f"there is a control character ({name_character(control[0])}) here"
            self._report(Refused("control_character", found, "text"), control.start() + 1)
        return CONTROL.sub("\ufffd", text)


def _decode_clean(block: bytes) -> str:
    """Decode lines about which there is nothing to report; an empty text if there may be."""
    if block.startswith(_CONFLICT) or any(b"\n" + mark in block for mark in _CONFLICT):
        return ""
    if len(block.translate(None, _CONTROL_BYTES)) < len(block):
        return ""
    with suppress(UnicodeDecodeError):
        text = block.decode()
        return "" if _C1_LEAD in block and CONTROL.search(text) else text
    return ""


def name_character(character: str) -> str:
    """Return the Unicode name of a code point: `U+0007`."""
    return f"U+{ord(character):04X}"


def find_disallowed_character(text: str) -> Refused | None:
    """Return what is wrong with a text that contains a disallowed character."""
    match = None if text.isascii() else UNFIT.search(text)
    if match is None:
        return None
    kind = "a direction control" if match[0] < "\ufdd0" else "not a Unicode character"
    allowed = "text; the marks U+200E, U+200F and U+061C say a direction" if match[0] < "\ufdd0" else "text"
    return Refused("unfit_character", f"this text contains {name_character(match[0])}, {kind}", allowed)


def read_text(file: RegisterFile, mistakes: Mistakes) -> str:
    """Read the whole text of a file: nothing of one with a merge conflict, and 4 MB at most. Both are reported."""
    lines, parts = Lines(file, mistakes), []
    for line in lines:
        lines.pop_row_text()
        if lines.size > LARGEST:
            mistakes.report_at(Place(file.name, lines.number, 1), Refused("too_large", "the file is larger than 4 MB"))
            break
        parts.append(line)
    return "" if lines.has_conflict else "".join(parts)
