"""Read the sheets of an ODS file, each cell with the text that it shows."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, product
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from .grid import (
    HIDDEN,
    LOWERED,
    MERGED,
    NO_RESULT,
    NO_TEXT,
    STRUCK,
    Grid,
    Look,
    Place,
    check_size,
    join_texts,
    squeeze,
)

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_VALUES = [
    f"{_OFFICE}{name}value" for name in ("", "string-", "date-", "time-", "boolean-")
]
_COVERED = f"{_TABLE}covered-table-cell"
_SPACES = {f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"}
_READ = {
    "column-width",
    "display",
    "row-height",
    "text-line-through-style",
    "text-line-through-type",
    "text-position",
}
"""The properties of styles that we read."""
_NO_SIZE = re.compile(r"0+(\.0+)?[a-z]*")

Properties = dict[str, str]


def open_ods(path: Path) -> dict[str, partial[Grid]]:
    """Return a function that reads it for each visible sheet, by name."""
    with ZipFile(path) as archive:
        names = [
            name for name in ("styles.xml", "content.xml") if name in archive.namelist()
        ]
        roots = [ElementTree.fromstring(archive.read(name)) for name in names]  # noqa: S314 - expat limits entities
    styles = _Styles(roots)
    return {
        str(table.get(f"{_TABLE}name")): partial(_SheetReader(table, styles).read)
        for table in roots[-1].iter(f"{_TABLE}table")
        if styles.find("table", table).get("display") != "false"
    }


class _Styles:
    def __init__(self, roots: list[Element]) -> None:
        self._own: dict[tuple[str, str | None], tuple[str | None, Properties]] = {}
        for style in (style for root in roots for style in root.iter(f"{_STYLE}style")):
            properties = {
                name.rpartition("}")[2]: text
                for part in style
                for name, text in part.items()
                if name.rpartition("}")[2] in _READ
            }
            key = str(style.get(f"{_STYLE}family")), str(style.get(f"{_STYLE}name"))
            self._own[key] = style.get(f"{_STYLE}parent-style-name"), properties
        self._whole = dict[tuple[str, str | None], Properties]()

    def find(
        self, family: str, element: Element, otherwise: str | None = None
    ) -> Properties:
        """Return the properties of an element's style, and of its parents."""
        space = _TEXT if family in ("text", "paragraph") else _TABLE
        name, chain = element.get(f"{space}style-name", otherwise), list[str | None]()
        while (family, name) in self._own and (family, name) not in self._whole:
            self._whole[family, name] = {}  # a style may be based on itself
            chain.append(name)
            name = self._own[family, name][0]
        found = self._whole.get((family, name), {})
        for name in reversed(chain):
            found = found | self._own[family, name][1]
            self._whole[family, name] = found
        return found


class _SheetReader:
    """Reads what a sheet shows (“12.5%”), not the number in the file (0.12499)."""

    def __init__(self, table: Element, styles: _Styles) -> None:
        self.table, self.styles, self.number, self.grid = table, styles, 0, Grid([])
        self.column_styles: list[str | None] = []
        self.doubted = 0

    def read(self) -> Grid:
        grid = self.grid
        for column, repeats, is_hidden in self._repeat("column"):
            first = len(self.column_styles) + 1
            check_size(first + repeats)
            grid.hidden_columns |= (
                {*range(first, first + repeats)} if is_hidden else set()
            )
            self.column_styles += [
                column.get(f"{_TABLE}default-cell-style-name")
            ] * repeats
        row, hidden = 1, list[range]()
        for line, repeats, is_hidden in self._repeat("row"):
            rows = range(row, row + repeats)
            row = rows.stop
            hidden += [rows] if is_hidden else []
            if cells := self._read_row(
                line, rows
            ):  # spreadsheets often repeat an empty row to the end of the sheet
                gap = rows.start - 1 - len(grid.rows)
                self.number += gap + len(cells) * repeats
                check_size(self.number)
                grid.rows += [[]] * gap + [cells] * repeats
        last = len(grid.rows)
        grid.hidden_rows = {
            one
            for rows in hidden
            for one in range(rows.start, min(rows.stop, last + 1))
        }
        return grid

    def _repeat(self, kind: str) -> Iterator[tuple[Element, int, bool]]:
        """Yield each row or column, its repeats, and whether it is hidden."""
        for element, is_in_hidden_group in _walk(self.table, kind):
            size = self.styles.find(f"table-{kind}", element).get(
                "row-height" if kind == "row" else "column-width"
            )
            is_hidden = (
                is_in_hidden_group or element.get(f"{_TABLE}visibility") == "collapse"
            )  # a filter only chooses
            repeats = max(1, int(element.get(f"{_TABLE}number-{kind}s-repeated", "1")))
            yield element, repeats, is_hidden or bool(size and _NO_SIZE.fullmatch(size))

    def _read_row(self, line: Element, rows: range) -> list[str]:
        cells, column = list[str](), 1
        for cell in line:
            if cell.tag not in (f"{_TABLE}table-cell", _COVERED):
                continue
            text, unclear = self._read_cell(cell, line, column)
            repeats = max(1, int(cell.get(f"{_TABLE}number-columns-repeated", "1")))
            self._note(cell, rows.start, column)
            blank = _explain_blank(cell) if not text or cell.tag == _COVERED else None
            if blank == NO_TEXT or (text and blank == MERGED):
                unclear = blank
            if text or unclear or blank:
                # what is repeated without end is no empty rest of the sheet
                cells_so_far = len(rows) * (column - 1 + repeats)
                check_size(self.number + cells_so_far)
            places = rows, range(column, column + repeats)
            self._doubt(self.grid.unclear, unclear, *places)
            self._doubt(self.grid.blank, blank, *places)
            if text:
                cells += [""] * (column - 1 - len(cells)) + [text] * repeats
            column += repeats
        return cells

    def _note(self, cell: Element, row: int, column: int) -> None:
        """Note the comment of a cell, and where it ends if it is merged sideways."""
        note = cell.find(f"{_OFFICE}annotation")
        if note is not None:
            words = ("".join(line.itertext()) for line in note.findall(f"{_TEXT}p"))
            self.grid.comments[row, column] = squeeze(" ".join(words))
        width = int(cell.get(f"{_TABLE}number-columns-spanned", "1"))
        if width > 1:
            self.grid.ends[row, column] = column + width - 1

    def _doubt(
        self, doubts: dict[Place, str], doubt: str | None, rows: range, columns: range
    ) -> None:
        if doubt:
            self.doubted += len(rows) * len(columns)
            check_size(self.doubted)
            doubts.update(dict.fromkeys(product(rows, columns), doubt))

    def _read_cell(
        self, cell: Element, line: Element, column: int
    ) -> tuple[str, str | None]:
        of_column = (
            self.column_styles[column - 1]
            if column <= len(self.column_styles)
            else None
        )
        look = self.styles.find(
            "table-cell", cell, line.get(f"{_TABLE}default-cell-style-name", of_column)
        )
        paragraphs = [
            [*self._walk_runs(one, look), (" ", Look())]
            for one in cell.findall(f"{_TEXT}p")
        ]
        return join_texts(chain.from_iterable(paragraphs))

    def _walk_runs(
        self, element: Element, around: Properties
    ) -> Iterator[tuple[str, Look]]:
        """Yield each text with its look, but no comments."""
        family = "paragraph" if element.tag == f"{_TEXT}p" else "text"
        own = around | self.styles.find(family, element)
        lines = [
            own[f"text-line-through-{name}"]
            for name in ("style", "type")
            if f"text-line-through-{name}" in own
        ]
        position = own.get("text-position", "")
        doubt = LOWERED if re.match(r"sub|-[1-9]", position) else None
        doubt = HIDDEN if own.get("display") == "none" else doubt
        doubt = STRUCK if lines and "none" not in lines else doubt
        look = Look(doubt, re.match(r"super|[1-9]", position) is not None)
        yield " " if element.tag in _SPACES else element.text or "", look
        for part in element:
            if not part.tag.endswith("}annotation"):
                yield from self._walk_runs(part, own)
            yield part.tail or "", look


def _explain_blank(cell: Element) -> str | None:
    """Return why a cell that shows no text may not have been left blank."""
    if cell.tag == _COVERED:
        return MERGED
    if cell.get(f"{_TABLE}formula"):
        return NO_RESULT
    return NO_TEXT if any(name in cell.attrib for name in _VALUES) else None


def _walk(
    element: Element, kind: str, *, is_hidden: bool = False
) -> Iterator[tuple[Element, bool]]:
    groups = {
        f"{_TABLE}table-{kind}-group",
        f"{_TABLE}table-header-{kind}s",
        f"{_TABLE}table-{kind}s",
    }
    for part in element:
        if part.tag == f"{_TABLE}table-{kind}":
            yield part, is_hidden
        elif part.tag in groups:
            yield from _walk(
                part,
                kind,
                is_hidden=is_hidden or part.get(f"{_TABLE}display") == "false",
            )
