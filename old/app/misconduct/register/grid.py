"""Read the cells of a published table, as they are printed, with the row and column of each (RFC 7111)."""

from __future__ import annotations

import codecs
import csv
import posixpath
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from hashlib import blake2b, file_digest
from itertools import chain
from pathlib import Path
from typing import Any, Literal, NamedTuple
from xml.parsers import expat

from misconduct.register.colours import BLACK, THEME_ORDER, WHITE, Palette, colour_in, read_colour
from misconduct.register.mistakes import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DELIMITERS = {"text/csv": ",", "text/tab-separated-values": "\t"}
QUOTES = {"text/csv": '"', "text/tab-separated-values": None}
"""A tab-separated file quotes nothing, by the registration of its media type."""

MEDIA_TYPES = (*DELIMITERS, XLSX)
"""The media types of sources that can be tables."""

MOST_UNPACKED = 180_000_000
"""Bytes of an XLSX file when it is unpacked, which it is in a stream."""

MOST_CELLS = 3_000_000
"""Cells of a table, empty ones included: rows by columns."""

_MOST_PARTS = 1_000
_MOST_ELEMENTS = 4 * MOST_CELLS
_LONGEST = 1_000_000
_MOST_FAULTS = 1_000_000
_MOST_RANGES = 100_000
_MOST_FORMATS = 200_000  # Excel has 65,490 of cells
_MOST_CONDITIONS = 1_000
_MOST_COLOURS = 50  # of one text or format: each is compared with each
_MOST_SHAPES = 1_000
_MOST_ROWS, _MOST_COLUMNS, _LONGEST_FORMAT, _LONGEST_TEXT = 1_048_576, 16_384, 255, 32_767  # limits of spreadsheets
_LONGEST_NAMESPACE = 1_000
_MOST_NAMES = 1_000
_KEPT_WORDS = 100_000  # a table repeats its words


@dataclass(frozen=True)
class Grid:
    """The cells of a table by row and column, which count from 1; the first row of the file is row 1.

    `faults` has what is wrong with cells that cannot be read, by row and column; `years` are dates of which only the
    year is shown, and `like_rows` cells with line ends whose lines look like rows, as a quotation mark makes them that
    is left open. `length` is that of the text in code points, and of another file in bytes.
    """

    name: str
    rows: list[list[str]]
    length: int
    faults: dict[tuple[int, int], Refused] = field(default_factory=dict)
    years: set[tuple[int, int]] = field(default_factory=set)
    like_rows: list[tuple[int, int]] = field(default_factory=list)
    secret: bytes = b""

    def cell(self, row: int, column: int) -> str:
        """Return the characters of a cell; an empty text outside the table."""
        inside = 0 < row <= len(self.rows) and 0 < column <= len(self.rows[row - 1])
        return self.rows[row - 1][column - 1] if inside else ""


class UnclosedQuote(Refused):
    """A quote that is opened and not closed, or not where the cell ends; `row` is the row that it begins in."""

    def __init__(self, row: int) -> None:
        super().__init__("csv_syntax", "a quote in this row does not close its cell", 'quotes within a cell as ""')
        self.row = row


def read_grid(path: Path, media_type: str, dialect: Mapping[str, Any]) -> Grid:
    """Read a table: a CSV or TSV file, or one sheet of an XLSX file. Raises Refused if it cannot be read."""
    if media_type not in MEDIA_TYPES:
        raise Refused("not_a_table", f"the media type {media_type} is not that of a table", ", ".join(MEDIA_TYPES))
    if media_type == XLSX:
        grid = _read_sheet(path, dialect["sheetName"])
    else:
        quote = dialect["quoteChar"] or QUOTES[media_type]
        grid = _read_text(path, dialect["encoding"], dialect["delimiter"] or DELIMITERS[media_type], quote)
    with path.open("rb") as file:
        digest = file_digest(file, partial(blake2b, digest_size=32, person=b"hidden numbers"))
    return replace(grid, secret=digest.digest())


_NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "unicode-escape"}
"""What Python calls encodings, and no file has. Two of them take hours for a megabyte."""


def _read_text(path: Path, encoding: str, delimiter: str, quote: str | None) -> Grid:
    """Read a CSV or TSV file. Raises Refused."""
    text = _decode(path, encoding)
    rows, like_rows = list[list[str]](), list[tuple[int, int]]()
    try:
        for row, column in _read_rows(text.removeprefix("\ufeff"), delimiter, quote):
            rows.append(row)
            if column:
                like_rows.append((len(rows), column))
    except csv.Error as error:
        if "expected" in str(error) or "unexpected" in str(error):
            raise UnclosedQuote(len(rows) + 1) from error
        raise Refused("csv_syntax", f"{path.name} cannot be read as CSV: {error}") from error
    return Grid(path.name, rows, len(text), like_rows=like_rows)


def _decode(path: Path, encoding: str) -> str:
    """Return the text of a file. Raises Refused."""
    try:
        if codecs.lookup(encoding).name in _NO_CHARSETS:
            raise LookupError  # noqa: TRY301
        return path.read_bytes().decode(encoding)
    except LookupError as error:
        raise Refused("unknown_encoding", f"there is no encoding {encoding!r}", "utf-8") from error
    except UnicodeDecodeError as error:
        found = f"{path.name} is not {encoding} at byte {error.start + 1}"
        raise Refused("not_utf8", found, "dialect: {encoding: windows-1252}, or what it is") from error
    except ValueError as error:  # an encoding that decodes nothing, `undefined`
        raise Refused("unknown_encoding", f"{path.name} cannot be read as {encoding!r}", "utf-8") from error


def _read_rows(text: str, delimiter: str, quote: str | None) -> Iterator[tuple[list[str], int]]:
    """Yield the rows of a CSV file, each with the column of a cell whose lines look like rows; 0 if there is none.

    Raises csv.Error and Refused.
    """
    once, cells, lines, delimiters = dict[str, str](), 0, 0, 0
    in_lines = set[int]()

    def read_lines() -> Iterator[str]:
        nonlocal lines, delimiters
        for line in _LINE.finditer(text):
            here = line[0].count(delimiter)
            in_lines.add(here)
            lines, delimiters = lines + 1, delimiters + here
            if delimiters >= MOST_CELLS:  # before a row of so many cells is made
                raise Refused("too_large", "a row of the table has too many cells", f"at most {MOST_CELLS:,}")
            yield line[0]

    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    for row in csv.reader(read_lines(), delimiter=delimiter, quotechar=quote, quoting=quoting, strict=True):
        column = 0
        if lines > 1 and in_lines == {len(row) - 1} != {0}:
            column = next((number for number, cell in enumerate(row, 1) if {*"\r\n"} & {*cell}), 0)
        in_lines.clear()
        lines, delimiters, cells = 0, 0, cells + max(1, len(row))
        if cells > MOST_CELLS:
            raise Refused("too_large", "the table has too many cells", f"at most {MOST_CELLS:,}")
        words = map(str.strip, row)
        yield [once.setdefault(one, one) if len(once) < _KEPT_WORDS else once.get(one, one) for one in words], column


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


# XLSX -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Format:
    """How cells of a style are shown, on a pattern of the colours in `fill`.

    `digit` is how wide its digits are, in those of the file's first font, which measures columns; `indent` is in these.
    Raises Refused if a spreadsheet could not have its code.
    """

    code: str | None = "General"
    is_struck: bool = False
    alignment: str = ""
    colour: str = BLACK
    fill: tuple[str, ...] = (WHITE,)
    digit: float = 1.0
    indent: float = 0.0

    def __post_init__(self) -> None:
        if self.code is not None and len(self.code) > _LONGEST_FORMAT:
            found = f"a number format has {len(self.code):,} characters: {self.code[:40]}…"
            raise Refused("too_large", found, f"at most {_LONGEST_FORMAT}")

    def why_unseen(self, value: Any, runs: frozenset[str], palette: Palette) -> str:
        """Return why nobody sees a value with this format, or with a colour of its runs, on its background; an empty
        text if somebody does.
        """
        own = _written_colour(value, self.code or "") or self.colour
        if not palette.hides_one(own, runs, self.fill):
            return ""
        where = "white on white" if self.fill == (WHITE,) else "in the colour of its background"
        return f"this cell is {where}: nobody sees it"


class _Difference(NamedTuple):
    """What a conditional format changes: to a `font` (empty: none), to one of `fills`; `hides`: to something else."""

    font: str = ""
    fills: frozenset[str] = frozenset()
    hides: bool = False


_HIDES = _Difference(hides=True)


@dataclass
class _Book:
    """What the sheets of an XLSX file share: `sheets` has the part and the state of each, by its name."""

    sheets: dict[str, tuple[str, str]] = field(default_factory=dict)
    first_day: date = date(1899, 12, 30)
    is_uncomputed: bool = False  # it asks to be computed when it is opened: what wrote it has not done so
    texts: list[tuple[str, bool, frozenset[str]]] = field(default_factory=list)
    formats: list[_Format] = field(default_factory=list)
    differences: list[_Difference] = field(default_factory=list)
    table_styles: dict[str, str] = field(default_factory=dict)  # the index of what each changes in the whole table
    palette: Palette = field(default_factory=Palette)


def _read_sheet(path: Path, name: str | None) -> Grid:
    """Read one sheet of an XLSX file, in a stream. Raises Refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            _examine_archive(archive, path.name)
            book = _read_book(archive)
            name = _choose_sheet({title: state for title, (_, state) in book.sheets.items()}, name)
            sheet = _Sheet(book)
            part = book.sheets[name][0]
            _parse(archive, part, sheet.begin, sheet.end)
            for kind, target in _relations(archive, part).values():
                if kind == "table":
                    _parse(archive, target, sheet.begin_table, lambda *_: None)
                elif kind in ("drawing", "vmlDrawing"):
                    drawing = _Drawing()
                    _parse(archive, target, drawing.begin, drawing.end, is_vml=kind == "vmlDrawing")
                    sheet.covered += drawing.anchors
    except Refused:
        raise
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, *_BROKEN) as error:
        raise Refused("not_xlsx", f"{path.name} cannot be read as XLSX: {error}"[:200]) from error
    width = max(map(len, sheet.rows), default=0)
    if len(sheet.rows) * width > MOST_CELLS:
        found = f"the sheet {name!r} has {len(sheet.rows):,} rows and {width:,} columns"
        raise Refused("too_large", found, f"at most {MOST_CELLS:,} cells")
    for row in sheet.rows:
        row.extend([""] * (width - len(row)))
    sheet.find_merged()
    sheet.find_changed()
    sheet.find_covered()
    return Grid(path.name, sheet.rows, path.stat().st_size, sheet.faults, sheet.years)


_BROKEN = (ValueError, LookupError, OSError, EOFError, NotImplementedError, RuntimeError)


def _examine_archive(archive: zipfile.ZipFile, name: str) -> None:
    """Raise Refused for what would take too much to unpack."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)  # zipfile reads no further than a part says
    if unpacked > MOST_UNPACKED or len(parts) > _MOST_PARTS:
        found = f"{name} would be {unpacked:,} bytes in {len(parts):,} parts when unpacked"
        raise Refused("too_large", found, f"at most {MOST_UNPACKED:,} bytes in {_MOST_PARTS:,} parts")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise Refused("not_xlsx", f"{name} has parts that are packed in another way than XLSX files")
    names = {part.filename.lower() for part in parts}
    if len(names) < len(parts) or any(_UNICODE_NAME in part.extra for part in parts):
        raise Refused("not_xlsx", f"{name} has a part twice, or under two names", _SAVED)


_UNICODE_NAME = b"up"  # the id of Info-ZIP's field for another name, which some spreadsheets read

Attributes = Mapping[str, str]
_Area = tuple[tuple[int, int], tuple[int, int]]

_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_CHOICE, _PROCESSED = f"{_COMPATIBILITY} AlternateContent", f"{_COMPATIBILITY} ProcessContent"
_CONDITIONS = frozenset(
    ["conditionalFormatting", "cfRule", "dxf", "iconSet", "dataBar", "color", "fillColor", "negativeFillColor", "sqref"]
)
"""What conditional formats consist of, which also come as an extension, in other namespaces."""
_READ = frozenset(
    ["sheet", "workbookPr", "calcPr", "si", "r", "t", "rPh", "row", "col", "c", "f", "v", "is", "mergeCell", "xf"]
)
_EXTENSION = "extension "


class _Elements:
    """Passes on the elements of a part: `begin` gets each element, `end` its text, both without prefixes.

    What is of another namespace than the first element, or an extension, is left out, as spreadsheets leave it out;
    conditional formats of an extension are passed on with `extension ` before their names. Of VML nothing is left out.
    Raises Refused where it depends on the spreadsheet which of several elements is read, and for too many elements.
    """

    def __init__(
        self, part: str, begin: Callable[[str, Attributes], None], end: Callable[[str, str], None], is_vml: bool
    ) -> None:
        self.texts = list[str]()
        self._part, self._begin, self._end, self._is_vml = part, begin, end, is_vml
        self._count, self._outside, self._namespace, self._is_choice = 0, 0, "", False
        self._kept = 0  # pieces of the text of an element that stand before one that is left out
        self._own = dict[str, str]()  # the elements of the part's own that there were, without their prefix

    def begin(self, name: str, attributes: Attributes) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS:
            raise Refused("too_large", f"{self._part} has too many elements", f"at most {_MOST_ELEMENTS:,}")
        local = self._own.get(name, "")
        if local and not self._outside and _PROCESSED not in attributes:
            self.texts.clear()
            self._begin(local, attributes)
        else:
            self._begin_other(name, attributes)

    def _begin_other(self, name: str, attributes: Attributes) -> None:
        """Begin an element that is not known yet to be of the part's own, or that is within one that is not."""
        namespace, _, local = name.rpartition(" ")
        if self._count == 1:
            self._namespace = namespace
        is_own = self._is_vml or namespace == self._namespace
        if _PROCESSED in attributes or (self._is_choice and is_own and local in _READ):
            found = f"{self._part} has something in several versions, of which one is to be chosen"
            raise Refused("not_xlsx", found, _SAVED)
        if self._outside or not is_own or local == "extLst":
            self._kept = self._kept if self._outside else len(self.texts)
            del self.texts[self._kept :]
            self._outside += 1
            self._is_choice = self._is_choice or name == _CHOICE
            if local in _CONDITIONS:
                self._begin(_EXTENSION + local, attributes)
        else:
            self.texts.clear()
            if len(self._own) < _MOST_NAMES:
                self._own[name] = local
            self._begin(local, attributes)

    def end(self, name: str) -> None:
        if not self._outside:
            self._end(self._own.get(name) or name.rpartition(" ")[2], "".join(self.texts))
            self.texts.clear()
            return
        if (local := name.rpartition(" ")[2]) in _CONDITIONS:
            self._end(_EXTENSION + local, "".join(self.texts[self._kept :]))
        self._outside -= 1
        self._is_choice = self._is_choice and self._outside > 0
        del self.texts[self._kept :]

    def join_texts(self) -> int:
        """Join the pieces of the text so far, of which there may be as many as characters, and return its length."""
        kept = self._kept if self._outside else 0
        self.texts[:] = "".join(self.texts[:kept]), "".join(self.texts[kept:])
        self._kept = 1
        return sum(map(len, self.texts))


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    begin: Callable[[str, Attributes], None],
    end: Callable[[str, str], None],
    is_vml: bool = False,
) -> None:
    """Read a part of an XLSX file in a stream, as `_Elements` says.

    In VML, which was made for web pages, Excel leaves `<br>` open.
    """

    def refuse_entities(*_: Any) -> None:
        raise Refused("not_xlsx", f"{Path(archive.filename or '').name} declares entities, which no XLSX file needs")

    parser, elements, fed = expat.ParserCreate(namespace_separator=" "), _Elements(part, begin, end, is_vml), 0
    parser.StartNamespaceDeclHandler = _refuse_long_namespace
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_entities
    parser.StartElementHandler, parser.EndElementHandler = elements.begin, elements.end
    parser.CharacterDataHandler = elements.texts.append
    with archive.open(part) as opened:
        while content := opened.read(65_536):
            while is_vml and content.endswith((b"<", b"<b", b"<br")) and (more := opened.read(1)):
                content += more
            content = content.replace(b"<br>", b"<br/>") if is_vml else content
            parser.Parse(content)
            fed += len(content)
            if fed - parser.CurrentByteIndex > _LONGEST or elements.join_texts() > _LONGEST:
                raise Refused("too_large", f"{part} has an element that is too long", f"at most {_LONGEST:,} bytes")
        parser.Parse(b"", True)


def _refuse_long_namespace(_: str | None, uri: str | None) -> None:
    if uri and len(uri) > _LONGEST_NAMESPACE:  # it is written before the name of every element
        raise Refused("too_large", f"a namespace of {len(uri):,} characters", f"at most {_LONGEST_NAMESPACE:,}")


_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Return the type, empty for one that is not known, and the part of each relationship of a part, by its id."""
    folder, _, name = part.rpartition("/")
    found = dict[str, tuple[str, str]]()

    def begin(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))[1:]
            namespace, _, kind = attributes["Type"].rpartition("/")
            if found.setdefault(attributes["Id"], (kind if namespace in _RELATIONS else "", target))[1] != target:
                raise ValueError(f"two relationships are called {attributes['Id']!r}")
            if len(found) > _MOST_RANGES:
                raise Refused("too_large", f"{part} has too many relationships", f"at most {_MOST_RANGES:,}")

    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations in archive.namelist():
        _parse(archive, relations, begin, lambda *_: None)
    return found


def _read_book(archive: zipfile.ZipFile) -> _Book:
    """Read the names of the sheets, the texts and the formats."""
    part = _choose_part(_relations(archive, ""), "officeDocument") or "xl/workbook.xml"
    book, relations, is_there = _Book(), _relations(archive, part), {*archive.namelist()}

    def begin(name: str, attributes: Attributes) -> None:
        if name == "workbookPr" and _is_on(attributes, "date1904"):
            book.first_day = date(1904, 1, 1)
        if name == "calcPr":
            book.is_uncomputed = _is_on(attributes, "fullCalcOnLoad")
        if name == "sheet":
            _add_sheet(book, relations, attributes)

    _parse(archive, part, begin, lambda *_: None)
    if (texts := _choose_part(relations, "sharedStrings")) in is_there:
        book.texts = _read_texts(archive, texts)
    if (part := _choose_part(relations, "theme")) in is_there:
        _read_theme(archive, part, book.palette)
    if (part := _choose_part(relations, "styles")) in is_there:
        styles = _Styles(book.palette)
        _parse(archive, part, styles.begin, styles.end)
        book.formats, book.differences, book.table_styles = styles.formats, styles.differences, styles.tables
    return book


def _add_sheet(book: _Book, relations: Mapping[str, tuple[str, str]], attributes: Attributes) -> None:
    identity = next((attributes[f"{one} id"] for one in _RELATIONS if f"{one} id" in attributes), "")
    kind, target = relations.get(identity, ("", ""))
    if attributes["name"] in book.sheets:
        raise ValueError(f"two sheets are called {attributes['name']!r}")
    if kind == "worksheet":
        book.sheets[attributes["name"]] = (target, attributes.get("state", "visible"))


def _choose_part(relations: Mapping[str, tuple[str, str]], kind: str) -> str:
    """Return the one part of this type; an empty text if there is none. Raises ValueError if there are several."""
    parts = {part for one, part in relations.values() if one == kind}
    if len(parts) > 1:
        raise ValueError(f"there are {len(parts)} parts of the type {kind}")
    return next(iter(parts), "")


def _read_texts(archive: zipfile.ZipFile, part: str) -> list[tuple[str, bool, frozenset[str]]]:
    """Return the texts that cells share, whether something in each is struck through, and the colours of its runs."""
    text, texts = _RichText(), list[tuple[str, bool, frozenset[str]]]()

    def end(name: str, words: str) -> None:
        text.end(name, words)
        if name == "si":
            texts.append((text.words, text.is_struck, text.colours))
            if len(texts) > MOST_CELLS:
                raise Refused("too_large", "the file has too many texts", f"at most {MOST_CELLS:,}")

    _parse(archive, part, text.begin, end)
    return texts


def _read_theme(archive: zipfile.ZipFile, part: str, palette: Palette) -> None:
    """Read the colours of a theme."""
    path = list[str]()

    def begin(name: str, attributes: Attributes) -> None:
        path.append(name)
        if path[-3:-2] == ["clrScheme"] and path[-2] in THEME_ORDER:
            palette.theme[path[-2]] = attributes.get("lastClr", attributes.get("val", ""))

    def end(*_: str) -> None:
        path.pop()

    _parse(archive, part, begin, end)


class _Styles:
    """How the cells of each style are shown, by its number, and what each conditional format changes."""

    def __init__(self, palette: Palette) -> None:
        self.formats, self.differences = list[_Format](), list[_Difference]()
        self.tables, self._table = dict[str, str](), ""
        self._codes, self._fonts, self._path = dict(_BUILT_IN), list[_Format](), list[str]()
        self._faces, self._sizes = list[str](), list[float]()
        self._fills, self._palette, self._indexed, self._is_solid = list[tuple[str, ...]](), palette, 0, False

    def begin(self, name: str, attributes: Attributes) -> None:
        self._path.append(name)
        match self._path[1:]:
            case ["numFmts", "numFmt"]:
                self._codes[attributes["numFmtId"]] = attributes["formatCode"]
            case ["fonts", "font", *within]:
                self._begin_font(within, attributes)
            case ["fills", "fill", *within]:
                self._begin_fill(within, attributes)
            case ["cellXfs", "xf", *within]:
                self._begin_style(within, attributes)
            case ["dxfs", "dxf", *within]:
                self._begin_difference(within, attributes)
            case ["tableStyles", "tableStyle", *within]:
                self._begin_table_style(within, attributes)
            case ["colors", "indexedColors", "rgbColor"]:
                self._palette.indexed[self._indexed] = attributes.get("rgb", "")[-6:]
                self._indexed += 1

    def end(self, *_: str) -> None:
        self._path.pop()
        lists: tuple[Sized, ...] = self.formats, self.differences, self._codes, self._fonts, self._fills
        if sum(map(len, lists)) > _MOST_FORMATS:
            raise Refused("too_large", "the file has too many formats", f"at most {_MOST_FORMATS:,}")

    def _begin_font(self, within: list[str], attributes: Attributes) -> None:
        match within:
            case []:
                self._fonts.append(_Format())
                self._faces.append("")
                self._sizes.append(11.0)
            case ["strike"]:
                self._fonts[-1].is_struck = _is_on(attributes)
            case ["vertAlign"]:
                self._fonts[-1].alignment = attributes.get("val", "")
            case ["color"]:
                self._fonts[-1].colour = read_colour(attributes) or BLACK
            case ["name"]:
                self._faces[-1] = attributes.get("val", "")
            case ["sz"]:
                self._sizes[-1] = _read_width(attributes.get("val", "11"))

    def _begin_fill(self, within: list[str], attributes: Attributes) -> None:
        """Read the colours of a background: a solid one has that in front."""
        match within:
            case []:
                self._fills.append((WHITE,))
            case ["gradientFill"]:
                self._fills[-1] = ()
            case ["patternFill"]:
                pattern = attributes.get("patternType", "none")
                self._fills[-1] = {"none": (WHITE,), "solid": (BLACK,)}.get(pattern, (BLACK, WHITE))
            case ["gradientFill", "stop", "color"]:
                self._fills[-1] += (read_colour(attributes),)
                _require_few(self._fills[-1])
            case ["patternFill", "fgColor"] if len(self._fills[-1]) > 1 or self._fills[-1] == (BLACK,):
                self._fills[-1] = (read_colour(attributes) or BLACK, *self._fills[-1][1:])
            case ["patternFill", "bgColor"] if len(self._fills[-1]) > 1:
                self._fills[-1] = (self._fills[-1][0], read_colour(attributes) or WHITE)

    def _begin_style(self, within: list[str], attributes: Attributes) -> None:
        if within:
            if within == ["alignment"]:
                self.formats[-1].indent = _INDENT * _read_width(attributes.get("indent", "0"))
            return
        at, fill = int(attributes.get("fontId", "0")), int(attributes.get("fillId", "0"))
        font = self._fonts[at] if 0 <= at < len(self._fonts) else _Format()
        background = self._fills[fill] if 0 <= fill < len(self._fills) else (WHITE,)
        code = self._codes.get(attributes.get("numFmtId", "0"))
        digit = 1.0
        if 0 <= at < len(self._fonts):
            other = 1.0 if self._faces[at] == self._faces[0] else _WIDEST_FACE
            digit = other * self._sizes[at] / max(self._sizes[0], 1.0)
        self.formats.append(_Format(code, font.is_struck, font.alignment, font.colour, background, digit))

    def _begin_table_style(self, within: list[str], attributes: Attributes) -> None:
        if not within:
            self._table = attributes["name"]
        elif attributes.get("type") == "wholeTable":
            self.tables[self._table] = attributes.get("dxfId", "")

    def _begin_difference(self, within: list[str], attributes: Attributes) -> None:
        """Read what a conditional format changes. Without a pattern, or a solid one, the colour behind is the fill."""
        match within:
            case []:
                self.differences.append(_Difference())
            case ["font", "color"]:
                self.differences[-1] = self.differences[-1]._replace(font=read_colour(attributes) or BLACK)
            case ["fill", "patternFill"]:
                self._is_solid = attributes.get("patternType", "solid") in ("solid", "none")
            case ["fill", *_, "bgColor" | "fgColor" | "color" as kind]:
                others = frozenset() if kind == "bgColor" and self._is_solid else self.differences[-1].fills
                fills = others | ({read_colour(attributes)} - {""})
                self.differences[-1] = self.differences[-1]._replace(fills=fills)
                _require_few(fills)
            case ["numFmt"] | ["font", "strike"]:
                self.differences[-1] = self.differences[-1]._replace(hides=True)


def _is_on(attributes: Attributes, name: str = "val") -> bool:
    return attributes.get(name, "1" if name == "val" else "0") not in _OFF


_OFF = ("0", "false")


_RAISED = {
    "superscript": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "subscript": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"),
}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescape(words: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), words)


_NO_COLOURS = frozenset[str]()


def _require_few(colours: Collection[str]) -> None:
    """Refuse what no spreadsheet has: each further colour copies those before."""
    if len(colours) > _MOST_COLOURS:
        raise Refused("too_large", "a format or a text has too many colours", f"at most {_MOST_COLOURS:,}")


class _RichText:
    """Joins the runs of a text. The digits of a footnote are raised, as they are printed: `12` and `1` is not 121."""

    def __init__(self) -> None:
        self._runs, self._length, self.is_struck = list[str](), 0, False
        self.colours = _NO_COLOURS
        self._run, self._is_spoken = _Format(), False

    @property
    def words(self) -> str:
        """The whole text."""
        return "".join(self._runs)

    def begin(self, name: str, attributes: Attributes) -> None:
        if name in ("si", "is"):
            self._runs, self._length, self.is_struck, self.colours = [], 0, False, _NO_COLOURS
        elif name == "r":
            self._run = _Format()
        elif name == "rPh":
            self._is_spoken = True
        elif name == "strike":
            self._run.is_struck = _is_on(attributes)
        elif name == "vertAlign":
            self._run.alignment = attributes.get("val", "")
        elif name == "color":
            self._run.colour = read_colour(attributes) or BLACK

    def end(self, name: str, words: str) -> None:
        if name == "t" and not self._is_spoken:
            words = _unescape(words)
            self.is_struck = self.is_struck or (self._run.is_struck and bool(words.strip()))
            if words.strip() and self._run.colour != BLACK:
                self.colours |= {self._run.colour}
                _require_few(self.colours)
            self._length += len(words)
            if self._length > _LONGEST_TEXT:  # each cell that shows it would copy it
                raise Refused("too_large", "a cell has too long a text", f"at most {_LONGEST_TEXT:,} characters")
            self._runs.append(words.translate(_RAISED.get(self._run.alignment, {})))
        elif name == "r":
            self._run = _Format()
        elif name == "rPh":
            self._is_spoken = False


_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T00:00:00(?:\.0+)?Z?)?$")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


_USUAL_WIDTH, _PADDING = 9.14, 0.71  # digits of the font that a column has room for, with what is left free
_INDENT, _WIDEST_FACE = 2.0, 1.3  # digits for each step of an indent, and how wide those of another font may be
_SAVED = "a file that a spreadsheet has saved"
_HIDDEN = Refused(
    "hidden_cell", "this cell is hidden: nobody has published it", "suppressOutput for its column, or skip its row"
)


class _Drawing:
    """Where pictures and shapes lie: the row and column where each begins, and where it ends, or its size.

    Notes and buttons are in a drawing of their own, in VML; a note is seen if it is said to be.
    """

    def __init__(self) -> None:
        self.anchors = list[_Anchor]()
        self._place, self._places = dict[str, int](), dict[str, dict[str, int]]()
        self._size, self._is_seen = (0, 0), True

    def begin(self, name: str, attributes: Attributes) -> None:
        if name.endswith("CellAnchor") or name == "absoluteAnchor":
            self._places, self._size = {}, (0, 0)
        elif name in ("from", "to"):
            self._place = self._places.setdefault(name, {})
        elif name == "pos" and not self._places:
            self._places["from"] = {"colOff": int(attributes["x"]), "rowOff": int(attributes["y"])}
        elif name == "ext" and "cx" in attributes and self._size == (0, 0):
            self._size = int(attributes["cx"]), int(attributes["cy"])
        elif name == "shape":
            self._places, self._is_seen = {}, "visibility:hidden" not in attributes.get("style", "").replace(" ", "")

    def end(self, name: str, text: str) -> None:
        is_anchor = name.endswith("CellAnchor") or name in ("absoluteAnchor", "ClientData")
        if name in ("col", "colOff", "row", "rowOff"):
            self._place[name] = int(text)
        elif name == "Anchor":
            left, _, top, _, right, width, bottom, height = map(int, text.split(","))
            self._places = {
                "from": {"col": left, "row": top},
                "to": {"col": right, "colOff": width, "row": bottom, "rowOff": height},
            }
        elif name == "Visible":
            self._is_seen = True
        elif is_anchor and "from" in self._places and self._is_seen:
            self.anchors.append(_Anchor(self._places["from"], self._places.get("to"), self._size))
            if len(self.anchors) > _MOST_SHAPES:
                raise Refused("too_large", "there are too many pictures and shapes", f"at most {_MOST_SHAPES:,}")


class _Anchor(NamedTuple):
    """Where something begins and ends: the cell, counted from 0, and how far from its corner, in EMU; or its size."""

    begins: Mapping[str, int]
    ends: Mapping[str, int] | None
    size: tuple[int, int]


_EMU_OF_DIGIT, _EMU_OF_ROW = 66_675, 190_500  # 7 and 20 pixels: of the font and the row that files have by default


class _Sheet:
    """The cells of a sheet, and what is wrong with them, as its elements arrive."""

    def __init__(self, book: _Book) -> None:
        self.rows, self.faults = list[list[str]](), dict[tuple[int, int], Refused]()
        self.years = set[tuple[int, int]]()
        self._book, self._text, self._merged = book, _RichText(), array("I")  # four numbers for each range
        self._refusals, self._once = dict[str, Refused](), dict[str, str]()
        self._hidden, self._shown = bytearray(_MOST_COLUMNS + 1), bytearray(_MOST_COLUMNS + 1)
        self.covered, self._width = list[_Anchor](), 0.0
        self._widths = array("f", bytes(4 * (_MOST_COLUMNS + 1)))  # 0 where the file does not say
        self._hides_others = self._hides_zeros = self._hides_rows = False
        self._row = self._column = self._cells = self._area = 0
        self._is_hidden, self._formula, self._value, self._inline = False, False, "", ""
        self._has_value, self._cell, self._style = False, dict[str, str](), 0
        self._ranges, self._is_conditional, self._changes = "", False, set[_Difference]()
        self._changed, self._count = dict[_Area, set[_Difference]](), 0
        self._styles, self._runs = list[Any](), dict[tuple[int, int], frozenset[str]]()

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._begin_row(attributes)
        elif name == "col":
            self._begin_column(attributes)
        elif name in ("sheetView", "sheetFormatPr"):
            self._begin_view(attributes)
        elif name == "mergeCell":
            self._begin_merged(attributes["ref"])
        elif name == "conditionalFormatting" or self._is_conditional or name.startswith(_EXTENSION):
            self._begin_condition(name.removeprefix(_EXTENSION), attributes)
        else:
            self._text.begin(name, attributes)

    def end(self, name: str, text: str) -> None:
        if name == "v":
            if self._has_value:
                raise ValueError(f"cell={self._row},{self._column} has two values")
            self._value, self._has_value = text, True
        elif name == "is":
            self._inline = self._text.words
        elif name == "c":
            self._end_cell()
        elif name == f"{_EXTENSION}sqref" and self._changes:  # it stands behind the conditions of an extension
            self._note_changed(text)
        elif name.removeprefix(_EXTENSION) == "conditionalFormatting":
            self._note_changed(self._ranges)
            self._is_conditional = False
        else:
            self._text.end(name, text)

    def begin_table(self, name: str, attributes: Attributes) -> None:
        """Note what the style of a table, if the file has its own, changes in all of its cells."""
        if name == "table":
            self._ranges = attributes["ref"]
        elif name == "tableStyleInfo":
            written = self._book.table_styles.get(attributes.get("name", ""), "")
            if (index := _index(written, self._book.differences)) is not None:
                self._changes = {self._book.differences[index]}
                self._note_changed(self._ranges)

    def find_covered(self) -> None:
        """Refuse cells with something in them over which a picture or a shape lies."""
        found = "a picture or a shape lies over this cell: nobody may see it, or something else"
        refused, area = Refused("covered_cell", found, _HIDDEN.allowed), 0
        for begins, ends, (wide, high) in self.covered:
            left, top = begins.get("col", 0), begins.get("row", 0)
            if ends:
                right, bottom = (ends.get(name, 0) + (ends.get(f"{name}Off", 0) > 0) for name in ("col", "row"))
            else:
                left, right = self._span(left, begins.get("colOff", 0), wide)
                top, bottom = (
                    top + at // _EMU_OF_ROW for at in (begins.get("rowOff", 0), begins.get("rowOff", 0) + high)
                )
                bottom += 1
            left, right = max(left, 0), max(right, 0)
            for row in range(max(top, 0) + 1, min(bottom, len(self.rows)) + 1):
                shown = self.rows[row - 1][left:right]
                area += len(shown) + 1
                if area > _MOST_ELEMENTS:
                    raise Refused(
                        "too_large", "pictures and shapes lie over too many cells", f"at most {_MOST_ELEMENTS:,}"
                    )
                for column, words in enumerate(shown, left + 1):
                    if words:
                        self._refuse(row, column, refused)

    def _span(self, first: int, begins: int, size: int) -> tuple[int, int]:
        """Return from and up to which column something lies that begins so many EMU behind the edge of the first."""
        left, right, end = first, first, begins + size
        while end > 0 and 0 <= right < _MOST_COLUMNS:
            right += 1
            width = round(max(self._widths[right] or self._width or _USUAL_WIDTH, 0.1) * _EMU_OF_DIGIT)
            left, begins, end = (right if begins >= width else left), begins - width, end - width
        return left, right

    def find_merged(self) -> None:
        """Refuse cells that are merged with another; only the first has what a reader sees."""
        width = len(self.rows[0]) if self.rows else 0
        for top, left, bottom, right in zip(*[iter(self._merged)] * 4, strict=True):
            found = f"this cell is merged with cell={top},{left}"
            refused = Refused("merged_cell", found, "one word or number in each cell that is read")
            for row in range(top, min(bottom, len(self.rows)) + 1):
                for column in range(left, min(right, width) + 1):
                    if (row, column) != (top, left):
                        self._refuse(row, column, refused)

    def find_changed(self) -> None:
        """Refuse cells with something in them that a conditional format may show otherwise, or not at all."""
        found = "this cell may be shown otherwise, or not at all, by a conditional format"
        refused, area = Refused("unknown_format", found, "a column without it"), 0
        mixed = self._mix({one for changes in self._changed.values() for one in changes})
        for ((top, left), (bottom, right)), changes in self._changed.items():
            hidden = dict[tuple[int, frozenset[str]], bool]()  # by the style and the colours of the runs
            for row in range(top, min(bottom, len(self.rows)) + 1):
                shown, styles = self.rows[row - 1][left - 1 : right], self._styles[row - 1][left - 1 : right]
                area += len(shown) + 1
                for column, (words, style) in enumerate(zip(shown, styles, strict=False), left):
                    if not words:
                        continue
                    runs = self._runs.get((row, column), _NO_COLOURS)
                    if (style, runs) not in hidden:
                        area += len(changes)
                        hidden[style, runs] = any(one in mixed or self._hides(one, style, runs) for one in changes)
                    if hidden[style, runs]:
                        self._refuse(row, column, refused)
                if area > _MOST_ELEMENTS:
                    raise Refused("too_large", "too many cells have conditional formats", f"at most {_MOST_ELEMENTS:,}")

    def _mix(self, changes: set[_Difference]) -> set[_Difference]:
        """Return what hides a text of any style, also where one changes the font and another the background."""
        if len(changes) > _MOST_CONDITIONS:
            raise Refused("too_large", "there are too many conditional formats", f"at most {_MOST_CONDITIONS:,}")
        mixed = {one for one in changes if one.hides}
        for one in changes:
            for other in changes:
                is_mixed = one is other or not (one.fills and other.font)
                if one.font and is_mixed and self._book.palette.hides_any([one.font], other.fills):
                    mixed |= {one, other}
        return mixed

    def _hides(self, change: _Difference, style: int, runs: frozenset[str]) -> bool:
        """Return whether a change hides a text of this style and with runs of these colours."""
        own, palette = self._book.formats[style] if self._book.formats else _Format(), self._book.palette
        texts = {change.font or own.colour, *runs}
        if change.fills:
            return palette.hides_any(texts, change.fills)
        return any(palette.hides(text, *own.fill) for text in texts)

    def _begin_view(self, attributes: Attributes) -> None:
        if _is_on(attributes, "showFormulas"):
            raise Refused("unknown_format", "the sheet shows formulas, and not what they result in", _SAVED)
        self._hides_zeros = self._hides_zeros or attributes.get("showZeros") in _OFF
        self._hides_others = self._hides_others or _is_nothing(attributes.get("defaultColWidth"))
        self._hides_rows = self._hides_rows or _is_nothing(attributes.get("defaultRowHeight"))
        if "defaultColWidth" in attributes:
            self._width = _read_width(attributes["defaultColWidth"])

    def _begin_column(self, attributes: Attributes) -> None:
        first, last = max(int(attributes["min"]), 1), min(int(attributes["max"]), _MOST_COLUMNS)
        is_hidden = _is_on(attributes, "hidden") or _is_nothing(attributes.get("width"))
        (self._hidden if is_hidden else self._shown)[first : last + 1] = b"\1" * max(last + 1 - first, 0)
        if "width" in attributes:
            self._widths[first : last + 1] = array("f", [_read_width(attributes["width"])]) * max(last + 1 - first, 0)

    def _begin_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._row + 1))
        if not self._row < number <= _MOST_ROWS:
            raise ValueError(f"row {number} stands behind row {self._row}")
        self._row, self._column = number, 0
        is_low = _is_nothing(attributes["ht"]) if "ht" in attributes else self._hides_rows
        self._is_hidden = _is_on(attributes, "hidden") or is_low

    def _begin_condition(self, name: str, attributes: Attributes) -> None:
        if name == "conditionalFormatting":
            self._ranges, self._is_conditional, self._changes = attributes.get("sqref", ""), True, set()
        elif name == "cfRule" and (index := _index(attributes.get("dxfId", ""), self._book.differences)) is not None:
            self._changes.add(self._book.differences[index])
        elif name == "dxf" or attributes.get("showValue") in _OFF:
            self._changes.add(_HIDES)
        elif name in ("color", "fillColor", "negativeFillColor"):  # of a scale or of bars
            self._changes.add(_Difference(fills=frozenset([read_colour(attributes)]) - {""}))

    def _note_changed(self, ranges: str) -> None:
        """Note what the conditions since the last ranges change in these."""
        for area in map(_corners, ranges.split() if self._changes else ()):
            known = self._changed.setdefault(area, set())
            self._count += len(self._changes - known)
            known |= self._changes
            if self._count > _MOST_RANGES:
                raise Refused("too_large", "too many ranges have conditional formats", f"at most {_MOST_RANGES:,}")
        self._changes = set()

    def _begin_cell(self, attributes: Attributes) -> None:
        self._cells += 1
        if self._cells > MOST_CELLS:
            raise Refused("too_large", "the sheet has too many cells", f"at most {MOST_CELLS:,}")
        row, column = _place(attributes["r"]) if "r" in attributes else (self._row, self._column + 1)
        if row != self._row or not self._column < column <= _MOST_COLUMNS:
            raise ValueError(f"cell={row},{column} stands behind cell={self._row},{self._column}")
        self._column, self._cell = column, dict(attributes)
        self._formula, self._value, self._inline, self._has_value = False, "", "", False
        self._text.is_struck, self._text.colours = False, _NO_COLOURS

    def _end_cell(self) -> None:
        try:
            shown, is_known = self._show(), True
        except Refused as refused:
            shown, is_known = "", False
            self._refuse(self._row, self._column, refused)
        if is_known and not shown:
            return
        if self._row * self._column > MOST_CELLS:
            found = f"the sheet has a cell in row {self._row:,} and column {self._column:,}"
            raise Refused("too_large", found, f"at most {MOST_CELLS:,} cells")
        while len(self.rows) < self._row:
            self.rows.append([])
            self._styles.append(array("I"))
        before = self._column - 1 - len(self.rows[-1])
        self.rows[-1].extend([""] * before)
        self.rows[-1].append(self._once.setdefault(shown, shown) if len(self._once) < _KEPT_WORDS else shown)
        if before:
            self._styles[-1].extend([0] * before)
        self._styles[-1].append(self._style)
        if self._text.colours:
            self._runs[self._row, self._column] = self._text.colours
        is_unsaid = not self._shown[self._column]
        if self._is_hidden or self._hidden[self._column] or (self._hides_others and is_unsaid):
            self._refuse(self._row, self._column, _HIDDEN)

    def _show(self) -> str:
        """Return the cell as it is shown. Raises Refused if that is not known."""
        kind, at = self._cell.get("t", "n"), self._cell.get("s", "0")
        has_result = self._value.strip() or self._inline or (kind == "str" and self._has_value)
        if self._formula and (self._book.is_uncomputed or not has_result):
            raise Refused("no_result", "this cell has a formula without a result", _SAVED)
        index = _index(at, self._book.formats or [_Format()])
        if index is None:
            raise Refused("unknown_format", f"there is no style {at}", _SAVED)
        self._style = index
        style = self._book.formats[index] if self._book.formats else _Format()
        value = self._read_value(kind)
        if self._hides_zeros and not isinstance(value, str) and value == 0:
            return ""
        shown = show_cell(value, style.code or "", self._book.first_day)
        if not isinstance(value, str) and _shows_year(style.code or ""):
            self.years.add((self._row, self._column))
        if shown is None:
            what = f"the number {self._value.strip()}" if kind == "n" else "a text or date"
            found = f"{what} has a format that cannot be shown: {style.code or 'one of a country'}"
            raise Refused("unknown_format", found, "a column without it")
        self._require_room(style, value, shown)
        if shown and (style.is_struck or self._text.is_struck):
            raise Refused("struck_cell", "something in this cell is struck through", "a cell without it")
        if shown and (why := style.why_unseen(value, self._text.colours, self._book.palette)):
            raise Refused("hidden_cell", why, _HIDDEN.allowed)
        raised = _RAISED.get(style.alignment)
        return shown.translate(raised) if raised else shown  # else a text that is shared is hashed for each cell

    def _require_room(self, style: _Format, value: Any, shown: str) -> None:
        """Refuse a number of the format General that is longer than its column is wide, if the file says how wide.

        A spreadsheet rounds its decimals to the digits for which there is room. The point takes half of one.
        """
        width = self._widths[self._column] or self._width
        if width and style.code == "General" and "." in shown and isinstance(value, float):
            room = (width - _PADDING - style.indent) / (style.digit or 1.0)
            if len(shown) - 0.5 > room:
                found = f"the column has no room for all digits of {shown}: a spreadsheet shows it rounded"
                raise Refused("unknown_format", found, "a wider column, or a format with as many decimals")

    def _read_value(self, kind: str) -> str | float | date:
        value = self._value.strip()
        if kind == "inlineStr":
            return self._inline
        if not value or kind in ("str", "e"):
            return _unescape(self._value)
        if kind == "n" and _NUMBER.fullmatch(value):
            return float(value)
        if kind == "s" and (index := _index(value, self._book.texts)) is not None:
            text, self._text.is_struck, self._text.colours = self._book.texts[index]
            return text
        if kind == "b" and value in ("0", "1"):
            return "TRUE" if value == "1" else "FALSE"
        if kind == "d" and _ISO_DATE.match(value):
            return date.fromisoformat(value[:10])
        raise Refused("unreadable_cell", f"{value[:80]!r} is not what its type {kind!r} says", _SAVED)

    def _begin_merged(self, reference: str) -> None:
        (top, left), (bottom, right) = _corners(reference)
        cells = max(0, bottom - top + 1) * max(0, right - left + 1)
        self._area += cells
        if self._area > MOST_CELLS:
            raise Refused("too_large", "the sheet has too many merged cells", f"at most {MOST_CELLS:,} cells")
        if cells > 1:
            self._merged.extend((top, left, bottom, right))

    def _refuse(self, row: int, column: int, refused: Refused) -> None:
        """Refuse a cell, for the first reason that there is."""
        if len(self.faults) >= _MOST_FAULTS:
            raise Refused("too_large", "too many cells of the sheet cannot be read", f"at most {_MOST_FAULTS:,}")
        refused = self._refusals.get(refused.found) or Refused(refused.code, refused.found, refused.allowed)
        if len(self._refusals) < _KEPT_WORDS:
            self._refusals[refused.found] = refused
        self.faults.setdefault((row, column), refused)


def _read_width(written: str) -> float:
    width = float(written)
    if not width >= 0:
        raise ValueError(f"a column is {written} wide")
    return min(width, 1_000.0)  # no screen is as wide


def _index(written: str, known: Sequence[Any]) -> int | None:
    """Return a number that counts from 0, if there is something with it."""
    index = int(written) if written.isascii() and written.isdigit() and len(written) < 9 else -1
    return index if 0 <= index < len(known) else None


def _is_nothing(size: str | None) -> bool:
    """Return whether a height or a width is so small that nothing is read."""
    return size is not None and float(size) < 1


def _place(reference: str) -> tuple[int, int]:
    """Return the row and the column of a cell from its name, `B3`."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise ValueError(f"there is no cell {reference[:80]!r}")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _corners(reference: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first and the last cell of a range, `B3:C9`."""
    first, _, last = reference.partition(":")
    return _place(first), _place(last or first)


def _choose_sheet(states: Mapping[str, str], name: str | None) -> str:
    """Return the name of the sheet to read. Raises Refused unless it is there and can be seen."""
    visible = [title for title, state in states.items() if state == "visible"]
    if name is None and len(visible) == 1:
        return visible[0]
    if name is None:
        raise Refused("no_sheet", f"there are {len(visible)} sheets", f"sheetName: one of {', '.join(visible)}")
    if name not in states:
        raise Refused("no_sheet", f"there is no sheet {name!r}", ", ".join(visible), near=(name, visible))
    if name not in visible:
        raise Refused("hidden_sheet", f"the sheet {name!r} is hidden: nobody has published it", ", ".join(visible))
    return name


# Number formats ---------------------------------------------------------------------------------------------------

_BUILT_IN = {
    "0": "General", "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "14": "yyyy-mm-dd",
    "15": "d-mmm-yy", "16": "d-mmm", "17": "mmm-yy", "22": "yyyy-mm-dd h:mm", "37": "#,##0_);(#,##0)",
    "38": "#,##0_);[Red](#,##0)", "39": "#,##0.00_);(#,##0.00)", "40": "#,##0.00_);[Red](#,##0.00)",
    "41": '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)', "43": '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)',
    "49": "@",
}  # fmt: skip
"""The formats that are known by their number alone. The others are not read: they differ between countries."""

_PIECE = re.compile(r'"[^"]*"|[\\_*].|\[[^\]]*\]|.', re.DOTALL)
_COLOUR = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]", re.IGNORECASE)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<literal>.)|_.|\* |(?P<digits>[#0?][#0?,.]*|\.[#0?]+)|(?P<plain>[-+() %£$€:])'
)
_DIGITS = re.compile(r"(?:[#0?]+(?:,[#0?]+)*)?(?:\.[#0?]{0,10})?")
_PLAIN_TEXT = re.compile(r'(?:_.|\* |[ @]|"\s*")*')
_DATE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|(?P<part>[dmyhs])', re.IGNORECASE)


_QUOTED = re.compile(r'"([^"]*)"|\\(.)')
_CONDITION = re.compile(r"\[\s*[<>=]")
_LOCALE = re.compile(r"\[\$[^\]]*\]")


@lru_cache(maxsize=10_000)
def _sections(code: str, *, coloured: bool = False) -> list[str]:
    """Return the sections of a number format, without their colours unless `coloured`."""
    sections = [""]
    for piece in _PIECE.findall(code):
        if piece == ";":
            sections.append("")
        elif coloured or not _COLOUR.fullmatch(piece):
            sections[-1] += piece
    return sections


@lru_cache(maxsize=10_000)
def _date_parts(code: str) -> set[str]:
    """Return the letters of a format that stand for parts of a date or time."""
    return set() if "general" in code.lower() else {one["part"].lower() for one in _DATE.finditer(code) if one["part"]}


def show_cell(value: Any, code: str, first_day: date = date(1899, 12, 30)) -> str | None:
    """Return a cell as its spreadsheet shows it, given its number format; None if that is not known."""
    if isinstance(value, str):
        return value.strip() if "@" not in code and code.count(";") < 3 else _show_text(value.strip(), _sections(code))
    if isinstance(value, int | float) and _date_parts(code):
        value = _day(value, first_day)
    is_date = isinstance(value, date)
    if value is None or ("[" in code and _CONDITION.search(code)) or not (is_date or abs(value) < 1e15):
        return None  # a condition in any section decides which one shows the value
    if is_date:
        return _show_date(value, code)
    if code == "General":
        shown: str | None = f"{value:.0f}" if value == int(value) else f"{value:.15g}"
        return shown if len(f"{abs(value):.15g}") <= 11 and "e" not in f"{value:.15g}" else None
    sections = _sections(code)
    at = _section_of(value, len(sections))
    sign, written = "-" if value < 0 and at == 0 else "", f"{value:.15g}"
    shown = _show_number(abs(Decimal(repr(value))), sections[at], sign)
    if float(written) != value and shown != _show_number(abs(Decimal(written)), sections[at], sign):
        return None  # a spreadsheet shows 15 of the 17 digits that it computes with: which number is it?
    is_lost = value < 0 and shown and not sign and not {*shown} & {*"-("}  # its colour alone would say: below zero
    return shown if code and not is_lost else None


def _section_of(value: float, sections: int) -> int:
    """Return the section of a format that a number is shown by."""
    return 1 if value < 0 and sections > 1 else 2 if value == 0 and sections > 2 else 0


def _written_colour(value: Any, code: str) -> str:
    """Return the colour in which the number format itself shows a value; an empty text if it has none."""
    if "[" not in code:
        return ""
    sections = _sections(code, coloured=True)
    at = _section_of(value, len(sections)) if isinstance(value, int | float) else 0
    section = sections[-1] if isinstance(value, str) else sections[at]
    return colour_in(section) if "@" in section or not isinstance(value, str) else ""


def _show_date(value: date, code: str) -> str | None:
    """Return what a spreadsheet shows of a date: the day, the month or the year, as ISO writes it."""
    parts, section = _date_parts(code), _sections(code)[0]
    if code == "General" or parts >= {*"ymd"}:
        return f"{value:%Y-%m-%d}"
    if _shows_year(code):
        return f"{value:%Y}"
    is_plain = not any(map(str.isalnum, "".join(chain.from_iterable(_QUOTED.findall(section)))))
    return f"{value:%Y-%m}" if parts == {*"ym"} and is_plain else None


def _shows_year(code: str) -> bool:
    """Tell whether dates with this format show the year alone, whose characters are those of a number."""
    return _LOCALE.sub("", _sections(code)[0]).lower() == "yyyy"


def _show_text(text: str, sections: list[str]) -> str | None:
    section = sections[3] if len(sections) > 3 else sections[-1] if "@" in sections[-1] else "@"
    return text if not text or (_PLAIN_TEXT.fullmatch(section) and section.count("@") == 1) else None


def _day(number: float, first_day: date) -> date | None:
    """Return the day that a number says. Day 60 is the 29 February 1900, which never was."""
    is_early = first_day.year < 1904 and number < 61
    if not 1 <= number < 2_900_000 or (is_early and number >= 60):
        return None
    return first_day + timedelta(days=int(number) + is_early)


@lru_cache(maxsize=10_000)
def _layout(section: str) -> tuple[str, str, str, bool] | None:
    """Return what stands before the number in a section of a number format, its digits, what stands behind it, and
    whether it is in per cent; None for dates, fractions, scales and conditions.
    """
    tokens, words = list(_TOKEN.finditer(section)), ["", ""]
    patterns = [token["digits"] for token in tokens if token["digits"]]
    is_known = sum(len(token[0]) for token in tokens) == len(section)
    if not is_known or len(patterns) > 1 or not all(map(_DIGITS.fullmatch, patterns)):
        return None
    percents = sum(token["plain"] == "%" for token in tokens)
    literals = "".join(token["quoted"] or token["literal"] or "" for token in tokens)
    if percents > 1 or "%" in literals or any(one.isnumeric() for one in literals):
        return None
    is_behind = False
    for token in tokens:
        is_behind = is_behind or bool(token["digits"])
        words[is_behind] += token["quoted"] or token["literal"] or token["plain"] or ""
    return words[0], "".join(patterns), words[1], percents == 1


def _show_number(value: Decimal, section: str, sign: str) -> str | None:
    """Return a number in one section of a number format; None if that is not known."""
    layout = _layout(section)
    if layout is None:
        return None
    before, pattern, behind, is_percent = layout
    value = value * 100 if is_percent else value
    least = pattern.partition(".")[0].count("0")
    if "," in pattern and least > 1 and value < 10 ** (least - 1):
        return None  # zeros in front, in groups
    digits = _digits(value, pattern) if pattern else ""
    return sign + f"{before}{digits}{behind}".strip()


def _digits(value: Decimal, pattern: str) -> str:
    whole, _, decimals = pattern.partition(".")
    rounded = value.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    for optional in reversed(decimals):
        if optional == "0" or not text.endswith("0"):
            break
        text = text[:-1]
    before, point, after = text.rstrip(".").partition(".")
    least = whole.count("0")
    before = before.zfill(least) if before != "0" or least else ""
    return f"{before}{point}{after}"
