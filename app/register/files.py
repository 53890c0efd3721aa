"""The register's folder: which files may stand in it, and their lines, read within bounds.

A register may come from a stranger. So links and odd files are not followed, nothing outside the folder is read, and
no row is held that is longer than a megabyte.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

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
FILES = ("caveats.yaml", "datasets.yaml")
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

    folders: dict[str, list[RegisterFile]] = field(default_factory=lambda: defaultdict(list))

    def __getitem__(self, folder: str) -> list[RegisterFile]:
        return sorted(self.folders[folder], key=lambda file: file.name)

    def top(self, name: str) -> RegisterFile | None:
        """The file of that name at the top, if there is one."""
        return next((file for file in self.folders[""] if file.path.name == name), None)


def lay_out(root: Path, mistakes: Mistakes) -> Layout:
    """Finds the files of a register. Whatever else stands in the folder is a mistake, except hidden files."""
    layout, name = Layout(), root.resolve().name
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
    if path.is_symlink():
        refused = Refused("link", "this is a link", "files and folders themselves: a link may lead out of the register")
    elif not (path.is_dir() if folder else path.is_file()):
        refused = Refused("unexpected_file", f"this is no {'folder' if folder else 'file'}")
    else:
        return True
    mistakes.report_at(Place(shown), refused)
    return False


class Lines:
    """The lines of a file, decoded. Mistakes of encoding are reported; a replacement stands for what was wrong.

    `row` is the text since it was last emptied, so that whoever reads rows can tell where in one a cell begins.
    """

    def __init__(self, file: RegisterFile, mistakes: Mistakes) -> None:
        self.file, self._mistakes = file, mistakes
        self.number, self.size, self.row = 0, 0, ""
        self._has_told_of_returns = False

    def __iter__(self) -> Iterator[str]:
        try:
            with self.file.path.open("rb") as stream:
                while line := stream.readline(LONGEST + 1):
                    self.number += 1
                    self.size += len(line)
                    if len(line) > LONGEST or len(self.row) > LONGEST:
                        self._report(Refused("too_long", "a line or row is longer than 1 MB", "at most 1 MB"), 1)
                        return
                    text = self._decode(line)
                    self.row += text
                    yield text
        except OSError as error:
            self._report(Refused("unreadable", f"the file cannot be read: {error.strerror}"), 0)

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
        return self._replace_controls(text) if "\r" in text or "\0" in text else text

    def _replace_bytes(self, line: bytes, error: UnicodeDecodeError) -> str:
        column = len(line[: error.start].decode()) + 1
        found = f"byte {error.start + 1} of this line (0x{line[error.start]:02x}) is not UTF-8"
        self._report(Refused("not_utf8", found, "UTF-8; is the file in Latin-1 or Windows-1252?"), column)
        return line.decode(errors="replace")

    def _replace_controls(self, text: str) -> str:
        if "\0" in text:
            self._report(Refused("nul", "a NUL character stands here", "text"), text.index("\0") + 1)
        if "\r" in text and not self._has_told_of_returns:
            self._has_told_of_returns = True
            found = "a carriage return stands here (Windows line ends?)"
            self._report(Refused("carriage_return", found, "lines that end in a line feed only"), text.index("\r") + 1)
        return text.replace("\0", "\ufffd").replace("\r", "")


def read_text(file: RegisterFile, mistakes: Mistakes) -> str:
    """The whole text of a file that is read whole; what lies beyond 4 MB is left out and reported."""
    lines, parts = Lines(file, mistakes), []
    for line in lines:
        lines.row = ""
        if lines.size > LARGEST:
            mistakes.report_at(Place(file.name, lines.number, 1), Refused("too_large", "the file is larger than 4 MB"))
            break
        parts.append(line)
    return "".join(parts)
