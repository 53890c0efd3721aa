"""Documents, in which places count, and a folder in which they are found by their hash, whatever their names."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from app.domain.locator import text_span
from app.domain.number_words import find_numbers
from app.errors import MisconductError

Atoms = Collection[int | tuple[int, int]]
"""What a place covers: code points of a text, cells of a table."""

_LARGEST = 100_000_000  # bytes of a file that is taken for a document
_SIMILAR = 0.5  # the part of a source's printed words by which a changed copy of its document is known
_TABLE_PLACE = re.compile(r"(row|col|cell)=(\d+)(?:([-,])(\d+))?")


class Document(Protocol):
    """A document that was read."""

    def extent(self, place: str) -> Atoms:
        """What a place covers; nothing where the document has no such place."""

    def exact(self, place: str) -> str:
        """The characters at a place."""

    def numbers(self) -> Iterator[tuple[str, str]]:
        """Every number in the document: its place and its characters."""


class TextDocument:
    """A text: `char=0,5`."""

    def __init__(self, text: str) -> None:
        self.text = text

    def extent(self, place: str) -> Atoms:
        span = text_span(place)
        return range(*span) if span and span.end <= len(self.text) else ()

    def exact(self, place: str) -> str:
        span = text_span(place)
        return self.text[slice(*span)] if span else ""

    def numbers(self) -> Iterator[tuple[str, str]]:
        return ((str(span), characters) for span, characters in find_numbers(self.text))

    def nearest(self, words: str, place: str) -> str | None:
        """The place nearest to another one at which the words stand; None if there is none, or two as near."""
        span = text_span(place)
        starts = [match.start() for match in re.finditer(re.escape(words), self.text)]
        if span is None or not starts:
            return None
        nearest, *others = sorted(starts, key=lambda start: abs(start - span.start))
        is_unique = not others or abs(others[0] - span.start) > abs(nearest - span.start)
        return f"char={nearest},{nearest + len(words)}" if is_unique else None


class TableDocument:
    """A CSV file: `cell=4,2`, `row=1`, `col=2-3` (RFC 7111); the header is row 1. Cells are joined by commas."""

    def __init__(self, text: str) -> None:
        rows = csv.reader(io.StringIO(text, newline=""))
        self.cells = {(r, c): cell for r, row in enumerate(rows, 1) for c, cell in enumerate(row, 1)}

    def extent(self, place: str) -> Atoms:
        match = _TABLE_PLACE.fullmatch(place)
        if match is None:
            return ()
        axis, first, last = match[1], int(match[2]), int(match[4] or match[2])
        if axis == "cell":
            return [cell for cell in [(first, last)] if cell in self.cells]
        return [cell for cell in self.cells if first <= cell[axis == "col"] <= last]

    def exact(self, place: str) -> str:
        return ",".join(self.cells[cell] for cell in self.extent(place) if isinstance(cell, tuple))

    def numbers(self) -> Iterator[tuple[str, str]]:
        return ((f"cell={r},{c}", cell) for (r, c), cell in self.cells.items() if any(find_numbers(cell)))


class DocumentFolder:
    """The files of a folder, by the SHA-256 of their bytes."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise MisconductError(f"There is no folder {folder}.", hint="Name the folder that holds the documents.")
        files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size <= _LARGEST)
        self._paths = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in files}

    def find(self, sha256: str) -> Path | None:
        """The file with that hash."""
        return self._paths.get(sha256)

    def find_changed(self, words: Iterable[str], known: Collection[str]) -> Path | None:
        """The file that holds most of the words a document should hold, if it holds half of them; not a known one."""
        wanted = set(words)
        scores = {path: _score(path, wanted) for sha256, path in self._paths.items() if sha256 not in known}
        best = max(scores, key=scores.__getitem__, default=None)
        return best if best is not None and scores[best] >= _SIMILAR else None


def read_document(path: Path, media_type: str) -> Document:
    """The document in a file. Raises UnicodeDecodeError where it is not UTF-8."""
    text = path.read_bytes().decode()
    return TableDocument(text) if media_type == "text/csv" else TextDocument(text)


def _score(path: Path, wanted: set[str]) -> float:
    """The part of the words that stand in the file; longer words say more."""
    text = path.read_bytes().decode(errors="replace")
    return sum(len(word) for word in wanted if word in text) / (sum(map(len, wanted)) or 1)
