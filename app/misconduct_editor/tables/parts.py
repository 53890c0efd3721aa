"""Judge the XML of an XLSX file before openpyxl reads it.

openpyxl makes each cell of an area that is merged, and reads what several sheets have again
for each: a short file can take all memory.
"""

from collections import Counter
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import IO
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZipFile

from .grid import MAX_CELLS, MAX_CHARACTERS, TooManyCellsError

CELLS_OF_OPENPYXL = 4  # so many cells of other libraries take as much memory as one
_MAX_ROWS, _MAX_COLUMNS = 1_048_576, 16_384  # of a sheet: B:C has all its rows
_WITH_AREAS = ("mergeCell", "hyperlink", "comment")
_OF_ONE_SHEET = ("worksheet", "comments", "table", "drawing")
_PIVOTS = ("pivotCacheDefinition", "pivotCacheRecords")
_MOST = {
    # what openpyxl compares with all others: each pair takes up to 20 microseconds
    ("sheet",): 500,
    ("mergeCell",): 10_000,
    ("hyperlink",): 10_000,
    ("mergeCell", "hyperlink"): 100_000,
}


def check_parts(path: Path) -> None:
    """Raise TooManyCellsError if the parts of a file make far more than they are."""
    parts = _Parts()
    with ZipFile(path) as archive:
        for part in archive.infolist():
            with archive.open(part) as file:
                parts.read(file, part.file_size)
    parts.check()


class _Parts:
    """What was found in all parts."""

    def __init__(self) -> None:
        self._found = Counter[str]()
        self._seen = set[tuple[str, str]]()
        self._spanned = self._shared = self._pivots = self._largest_other = 0
        self._formula = self._longest_formula = 0

    def read(self, file: IO[bytes], size: int) -> None:
        self._root = ""
        self._parser = ParserCreate(namespace_separator="}")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        with suppress(ExpatError):  # a picture; if it is a sheet, openpyxl fails there
            self._parser.ParseFile(file)
        if self._root in _PIVOTS:
            self._pivots += size
        elif not self._root:
            self._largest_other = max(self._largest_other, size)

    def check(self) -> None:
        for names, most in _MOST.items():
            if prod(self._found[name] for name in names) > most:
                raise TooManyCellsError
        written_out = (
            self._shared * self._longest_formula,
            self._found["sheet"] * self._pivots,
            self._found["blip"] * self._largest_other,
        )
        if max(written_out) > MAX_CHARACTERS:
            raise TooManyCellsError

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        self._root = self._root or name
        self._found[name] += 1
        if name in _WITH_AREAS and "ref" in attributes:
            self._spanned += _count_cells(attributes["ref"])
            if self._spanned * CELLS_OF_OPENPYXL > MAX_CELLS:
                raise TooManyCellsError
        elif name == "f" and attributes.get("t") == "shared":
            self._shared, self._formula = self._shared + 1, 0
            self._parser.CharacterDataHandler = self._measure
        elif name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            if kind in _OF_ONE_SHEET:
                self._note(kind, attributes.get("Target", "").rpartition("/")[2])
        elif name == "sheet":
            ids = [text for key, text in attributes.items() if key.endswith("}id")]
            self._note(name, " ".join(ids))

    def _measure(self, text: str) -> None:
        self._formula += len(text)
        self._longest_formula = max(self._longest_formula, self._formula)

    def _end(self, _: str) -> None:
        self._parser.CharacterDataHandler = None

    def _note(self, kind: str, part: str) -> None:
        """Refuse a part that stands for several, each of which would be read."""
        if (kind, part) in self._seen:
            raise TooManyCellsError
        self._seen.add((kind, part))


def _count_cells(area: str) -> int:
    """Return how many cells B3:C3, B:C or 3:3 has. openpyxl refuses what is no area."""
    from openpyxl.utils import range_boundaries

    try:
        left, top, right, bottom = range_boundaries(area)
    except ValueError:
        return 0
    columns = (right or _MAX_COLUMNS) - (left or 1) + 1
    rows = (bottom or _MAX_ROWS) - (top or 1) + 1
    return max(0, columns) * max(0, rows)
