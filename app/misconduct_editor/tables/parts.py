"""Measure a spreadsheet before a library opens it: a few kilobytes can unpack to more than fits into memory."""

from pathlib import Path
from typing import IO
from xml.etree.ElementTree import ParseError, XMLParser
from zipfile import ZipFile

from misconduct_editor.tables.grid import check_size

_TEXTS = {"v", "f", "t"}  # inside a cell of XLSX; openpyxl uses less memory for them than for other elements
_AREAS = {"mergeCell", "hyperlink", "comment"}  # openpyxl makes a cell for each place in their areas
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


def check_parts(path: Path) -> None:
    """Raise TooManyCellsError if a library would make too much of the elements in a spreadsheet."""
    meter = _Meter(3 if path.suffix.lower() == ".xlsx" else 1)
    with ZipFile(path) as archive:
        for part in archive.infolist():
            with archive.open(part) as file:
                _feed(XMLParser(target=meter), file)  # noqa: S314 - expat limits entities


def _feed(parser: XMLParser, file: IO[bytes]) -> None:
    try:
        while piece := file.read(65_536):
            parser.feed(piece)
    except ParseError:
        pass  # a picture, or damaged: then the library will not read on from here either


class _Meter:
    """Adds up the elements of XML, of which the parser keeps none. With a weight of 3, a cell and its text are 4."""

    def __init__(self, weight: int) -> None:
        self.weight, self.size = weight, 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Add an element."""
        name = tag.rpartition("}")[2]
        self.size += 1 if name in _TEXTS else self.weight
        if name in _AREAS and "ref" in attributes:
            self.size += 4 * _count_places(attributes["ref"])
        check_size(self.size)


def _count_places(area: str) -> int:
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(area)
    width, height = (right or _LAST_COLUMN) - (left or 1) + 1, (bottom or _LAST_ROW) - (top or 1) + 1
    return max(0, width) * max(0, height)
