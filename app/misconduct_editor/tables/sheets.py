"""Open a published file and read its sheets. A CSV file has one sheet, without a name."""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from zipfile import ZipFile

from ..register.cells import MEDIA_TYPES
from ..register.reading import number_rows
from .grid import (
    Grid,
    UnreadableTableError,
    check_size,
    squeeze,
)
from .ods import open_ods
from .xls import open_xls
from .xlsx import open_xlsx

MAX_BYTES = 100_000_000  # of an unpacked file; the largest Home Office tables are 40 MB
_START = 64_000  # characters in which we look for the separator

_QUOTED = re.compile(r'"[^"]*(?:"|$)')

Lines = Iterator[tuple[int, list[str]]]
"""Rows of a CSV file, each with the number of its first line."""


class Document:
    """A published file, and its visible sheets by name."""

    def __init__(self, path: Path, encoding: str = "utf-8-sig") -> None:
        self.path, self.encoding = path, encoding
        self._read: dict[str | None, Grid] = {}

    @cached_property
    def sheets(self) -> dict[str, Callable[[], Grid]]:
        """Functions that read the sheets."""
        suffix = _check_file(self.path)
        openers = {".ods": open_ods, ".xlsx": open_xlsx, ".xls": open_xls}
        if suffix not in openers:
            return {"": partial(_read_csv, self.path, self.encoding)}
        with _naming_damage(self.path):
            return {**openers[suffix](self.path)}

    def read(self, name: str | None) -> Grid:
        """Return a sheet; the only one needs no name."""
        if len(self.sheets) == 1 and name is None:
            (name,) = self.sheets
        if name not in self.sheets:
            choices = f"visible sheet {name!r}; it has {', '.join(self.sheets)}"
            message = f"has no {'sheets: leave the name out' if '' in self.sheets else choices}"
            raise UnreadableTableError(f"{self.path.name} {message}")
        if name not in self._read:
            with _naming_damage(self.path):
                grid = self.sheets[name]()
            self._read[name] = grid
        return self._read[name]


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    """Say that a file is damaged: one from anyone can make a library fail in any way."""
    try:
        yield
    except UnreadableTableError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"[:200]
        message = f"{path.name} is damaged, protected with a password, or not a spreadsheet ({what})"
        raise UnreadableTableError(message) from error


def _check_file(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in MEDIA_TYPES:
        raise UnreadableTableError(
            f"{path.name} is not a type of table we can read ({', '.join(MEDIA_TYPES)}): use one of those"
        )
    if not path.is_file():
        raise UnreadableTableError(f"{path} does not exist")
    size = path.stat().st_size
    if suffix in (".ods", ".xlsx"):
        with _naming_damage(path), ZipFile(path) as archive:
            size = sum(one.file_size for one in archive.infolist())
    if size > MAX_BYTES:
        message = f"unpacks to {size:,} bytes, but the limit is {MAX_BYTES:,}; save only the sheet that you need"
        raise UnreadableTableError(f"{path.name} {message}")
    return suffix


def _find_separator(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        text = file.read(_START)
    start = text.rpartition("\n")[0] or text  # only whole lines, if there are any
    return (
        "\t"
        if path.suffix.lower() == ".tsv"
        else max(",;\t", key=_QUOTED.sub("", start).count)
    )


def read_lines(path: Path, encoding: str) -> Lines:
    try:
        with path.open(encoding=encoding, newline="") as file:
            separator = _find_separator(path, encoding)
            yield from number_rows(csv.reader(file, delimiter=separator, strict=True))
    except ValueError as error:
        line, why = error.args
        message = f"{path.name}, line {line}: this cannot be read as CSV ({why}); is a quotation mark missing?"
        if isinstance(why, UnicodeError):
            name = "UTF-8" if encoding == "utf-8-sig" else encoding
            message = f"{path.name} is not {name} after line {line}; write the right one in encoding: latin-1, utf-16 …"
        raise UnreadableTableError(message) from error


def _read_csv(path: Path, encoding: str) -> Grid:
    rows, number, broken = list[list[str]](), 0, 0
    for _, cells in read_lines(path, encoding):
        number += max(1, len(cells))
        check_size(number)
        rows.append([squeeze(cell) for cell in cells])
        if not broken and any("\n" in cell for cell in cells):
            broken = len(rows)
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise UnreadableTableError(
            f"{path.name} is empty: save it again, or fetch the file again"
        )
    has_semicolons = _find_separator(path, encoding) == ";"
    return Grid(rows, has_semicolons=has_semicolons, is_text=True, broken=broken)
