"""Read the cells of a published table, as they are printed, with the row and column of each (RFC 7111)."""

from __future__ import annotations

import codecs
import csv
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from hashlib import blake2b, file_digest
from itertools import chain
from pathlib import Path
from typing import Any, Literal
from xml.parsers import expat

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
_MOST_ROWS, _MOST_COLUMNS, _LONGEST_FORMAT, _LONGEST_TEXT = 1_048_576, 16_384, 255, 32_767  # limits of spreadsheets
_LONGEST_NAMESPACE = 1_000
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


_WHITE, _BLACK = "FFFFFF", "000000"


@dataclass(slots=True)
class _Format:
    """How cells of a style are shown. Raises Refused if a spreadsheet could not have its code."""

    code: str | None = "General"
    is_struck: bool = False
    alignment: str = ""
    colour: str = _BLACK
    fill: str = _WHITE

    def __post_init__(self) -> None:
        if self.code is not None and len(self.code) > _LONGEST_FORMAT:
            found = f"a number format has {len(self.code):,} characters: {self.code[:40]}…"
            raise Refused("too_large", found, f"at most {_LONGEST_FORMAT}")

    def why_unseen(self, value: Any, runs: Collection[str]) -> str:
        """Return why nobody sees a value with this format, or with a colour of its runs, on its background; an empty
        text if somebody does.
        """
        is_written_white = self.fill == _WHITE and _is_written_white(value, self.code or "")
        if self.fill not in {self.colour, *runs} and not is_written_white:
            return ""
        where = "white on white" if self.fill == _WHITE else "in the colour of its background"
        return f"this cell is {where}: nobody sees it"


@dataclass
class _Book:
    """What the sheets of an XLSX file share: `sheets` has the part and the state of each, by its name."""

    sheets: dict[str, tuple[str, str]] = field(default_factory=dict)
    first_day: date = date(1899, 12, 30)
    is_uncomputed: bool = False  # it asks to be computed when it is opened: what wrote it has not done so
    texts: list[tuple[str, bool, frozenset[str]]] = field(default_factory=list)
    formats: list[_Format] = field(default_factory=list)
    changing: set[str] = field(default_factory=set)


def _read_sheet(path: Path, name: str | None) -> Grid:
    """Read one sheet of an XLSX file, in a stream. Raises Refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            _examine_archive(archive, path.name)
            book = _read_book(archive)
            name = _choose_sheet({title: state for title, (_, state) in book.sheets.items()}, name)
            sheet = _Sheet(book)
            _parse(archive, book.sheets[name][0], sheet.begin, sheet.end)
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
    return Grid(path.name, sheet.rows, path.stat().st_size, sheet.faults, sheet.years)


_BROKEN = (ValueError, KeyError, OSError, EOFError, NotImplementedError, RuntimeError)


def _examine_archive(archive: zipfile.ZipFile, name: str) -> None:
    """Raise Refused for what would take too much to unpack."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)  # zipfile reads no further than a part says
    if unpacked > MOST_UNPACKED or len(parts) > _MOST_PARTS:
        found = f"{name} would be {unpacked:,} bytes in {len(parts):,} parts when unpacked"
        raise Refused("too_large", found, f"at most {MOST_UNPACKED:,} bytes in {_MOST_PARTS:,} parts")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise Refused("not_xlsx", f"{name} has parts that are packed in another way than XLSX files")


Attributes = Mapping[str, str]


def _parse(
    archive: zipfile.ZipFile, part: str, begin: Callable[[str, Attributes], None], end: Callable[[str, str], None]
) -> None:
    """Read a part of an XLSX file in a stream: `begin` gets each element, `end` its text, both without prefixes."""
    texts, elements = list[str](), 0

    def begin_element(name: str, attributes: Attributes) -> None:
        nonlocal elements
        elements += 1
        if elements > _MOST_ELEMENTS:
            raise Refused("too_large", f"{part} has too many elements", f"at most {_MOST_ELEMENTS:,}")
        texts.clear()
        begin(name.rpartition(" ")[2], attributes)

    def end_element(name: str) -> None:
        end(name.rpartition(" ")[2], "".join(texts))
        texts.clear()

    def refuse_entities(*_: Any) -> None:
        raise Refused("not_xlsx", f"{Path(archive.filename or '').name} declares entities, which no XLSX file needs")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartNamespaceDeclHandler = _refuse_long_namespace
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_entities
    parser.StartElementHandler, parser.EndElementHandler = begin_element, end_element
    parser.CharacterDataHandler = texts.append
    fed = 0
    with archive.open(part) as opened:
        while content := opened.read(65_536):
            parser.Parse(content)
            fed += len(content)
            if fed - parser.CurrentByteIndex > _LONGEST or sum(map(len, texts)) > _LONGEST:
                raise Refused("too_large", f"{part} has an element that is too long", f"at most {_LONGEST:,} bytes")
        parser.Parse(b"", True)


def _refuse_long_namespace(_: str | None, uri: str | None) -> None:
    if uri and len(uri) > _LONGEST_NAMESPACE:  # it is written before the name of every element
        raise Refused("too_large", f"a namespace of {len(uri):,} characters", f"at most {_LONGEST_NAMESPACE:,}")


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Return the type and the part of each relationship of a part, by its id."""
    folder, _, name = part.rpartition("/")
    found = dict[str, tuple[str, str]]()

    def begin(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))[1:]
            found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], target)

    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations in archive.namelist():
        _parse(archive, relations, begin, lambda *_: None)
    return found


def _read_book(archive: zipfile.ZipFile) -> _Book:
    """Read the names of the sheets, the texts and the formats."""
    part = dict(_relations(archive, "").values()).get("officeDocument", "xl/workbook.xml")
    book, relations, is_there = _Book(), _relations(archive, part), {*archive.namelist()}

    def begin(name: str, attributes: Attributes) -> None:
        if name == "workbookPr" and _is_on(attributes, "date1904"):
            book.first_day = date(1904, 1, 1)
        if name == "calcPr":
            book.is_uncomputed = _is_on(attributes, "fullCalcOnLoad")
        if name == "sheet":
            identity = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            kind, target = relations.get(identity, ("", ""))
            if kind == "worksheet":
                book.sheets[attributes["name"]] = (target, attributes.get("state", "visible"))

    _parse(archive, part, begin, lambda *_: None)
    parts = {kind: part for kind, part in relations.values() if part in is_there}
    if "sharedStrings" in parts:
        book.texts = _read_texts(archive, parts["sharedStrings"])
    if "styles" in parts:
        styles = _Styles()
        _parse(archive, parts["styles"], styles.begin, styles.end)
        book.formats, book.changing = styles.formats, styles.changing
    return book


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


_COLOURS = {
    **dict.fromkeys([("theme", "0"), ("indexed", "1"), ("indexed", "9"), ("indexed", "65")], _WHITE),
    **dict.fromkeys([("theme", "1"), ("indexed", "0"), ("indexed", "8"), ("indexed", "64")], _BLACK),
}
"""The colours that are known by a number, unless a file declares others."""

_NEARLY_WHITE = re.compile("(?:F[0-9A-F]){3}")
_LEAST_TINT = -0.06  # what is no darker than that is white to a reader


def _read_colour(attributes: Attributes) -> str:
    """Return a colour: six hexadecimal digits where they are known, and an empty text if there is none."""
    kind = next((one for one in ("rgb", "theme", "indexed") if one in attributes), "")
    written, tint = attributes.get(kind, "").upper(), float(attributes.get("tint", "0"))
    colour = written[-6:] if kind == "rgb" else _COLOURS.get((kind, written), f"{kind} {written}".strip())
    if _NEARLY_WHITE.fullmatch(colour) and tint > _LEAST_TINT:
        return _WHITE
    return f"{colour} {tint}" if tint else colour


class _Styles:
    """How the cells of each style are shown, by its number, and which conditional formats show something else."""

    def __init__(self) -> None:
        self.formats, self.changing = list[_Format](), set[str]()
        self._codes, self._fonts, self._path = dict(_BUILT_IN), list[_Format](), list[str]()
        self._fills, self._conditions = list[str](), 0
        self._colour, self._is_solid = "", False

    def begin(self, name: str, attributes: Attributes) -> None:
        self._path.append(name)
        match self._path[1:]:
            case ["numFmts", "numFmt"]:
                self._codes[attributes["numFmtId"]] = attributes["formatCode"]
            case ["fonts", "font", *within]:
                self._begin_font(within, attributes)
            case ["fills", "fill", *within]:
                self._begin_fill(within, attributes)
            case ["cellXfs", "xf"]:
                self._begin_style(attributes)
            case ["dxfs", "dxf", *within]:
                self._begin_condition(within, attributes)

    def end(self, *_: str) -> None:
        if self._path[1:] == ["dxfs", "dxf"] and self._colour == _WHITE:
            self.changing.add(str(self._conditions - 1))
        self._path.pop()

    def _begin_font(self, within: list[str], attributes: Attributes) -> None:
        match within:
            case []:
                self._fonts.append(_Format())
            case ["strike"]:
                self._fonts[-1].is_struck = _is_on(attributes)
            case ["vertAlign"]:
                self._fonts[-1].alignment = attributes.get("val", "")
            case ["color"]:
                self._fonts[-1].colour = _read_colour(attributes) or _BLACK

    def _begin_fill(self, within: list[str], attributes: Attributes) -> None:
        """Read the colour of a background; an empty text for patterns of several."""
        match within:
            case []:
                self._fills.append(_WHITE)
            case ["gradientFill"]:
                self._fills[-1] = ""
            case ["patternFill"]:
                pattern = attributes.get("patternType", "none")
                self._fills[-1], self._is_solid = _WHITE if pattern == "none" else "", pattern == "solid"
            case ["patternFill", "fgColor"] if self._is_solid:
                self._fills[-1] = _read_colour(attributes)

    def _begin_style(self, attributes: Attributes) -> None:
        at, fill = int(attributes.get("fontId", "0")), int(attributes.get("fillId", "0"))
        font = self._fonts[at] if 0 <= at < len(self._fonts) else _Format()
        background = self._fills[fill] if 0 <= fill < len(self._fills) else _WHITE
        code = self._codes.get(attributes.get("numFmtId", "0"))
        self.formats.append(_Format(code, font.is_struck, font.alignment, font.colour, background))

    def _begin_condition(self, within: list[str], attributes: Attributes) -> None:
        match within:
            case []:
                self._conditions, self._colour = self._conditions + 1, ""
            case ["font", "color"]:
                self._colour = _read_colour(attributes)
            case ["fill", "patternFill", "bgColor"]:
                if self._colour and _read_colour(attributes) == self._colour:
                    self.changing.add(str(self._conditions - 1))
                self._colour = ""
            case ["numFmt"] | ["font", "strike"]:
                self.changing.add(str(self._conditions - 1))


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
            self._run.colour = _read_colour(attributes) or _BLACK

    def end(self, name: str, words: str) -> None:
        if name == "t" and not self._is_spoken:
            words = _unescape(words)
            self.is_struck = self.is_struck or (self._run.is_struck and bool(words.strip()))
            if words.strip() and self._run.colour != _BLACK:
                self.colours |= {self._run.colour}
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


_CONDITIONAL = frozenset(["conditionalFormatting", "cfRule", "numFmt", "iconSet", "dataBar"])
_SAVED = "a file that a spreadsheet has saved"
_HIDDEN = Refused(
    "hidden_cell", "this cell is hidden: nobody has published it", "suppressOutput for its column, or skip its row"
)


class _Sheet:
    """The cells of a sheet, and what is wrong with them, as its elements arrive."""

    def __init__(self, book: _Book) -> None:
        self.rows, self.faults = list[list[str]](), dict[tuple[int, int], Refused]()
        self.years = set[tuple[int, int]]()
        self._book, self._text, self._merged = book, _RichText(), list[tuple[int, int, int, int]]()
        self._refusals, self._once = dict[str, Refused](), dict[str, str]()
        self._hidden, self._shown = bytearray(_MOST_COLUMNS + 1), bytearray(_MOST_COLUMNS + 1)
        self._hides_others = self._hides_zeros = False
        self._row = self._column = self._cells = self._area = 0
        self._is_hidden, self._formula, self._value, self._inline = False, False, "", ""
        self._has_value, self._cell = False, dict[str, str]()
        self._ranges, self._is_changed, self._changed = "", False, set[tuple[tuple[int, int], tuple[int, int]]]()

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._begin_row(attributes)
        elif name == "col":
            first, last = max(int(attributes["min"]), 1), min(int(attributes["max"]), _MOST_COLUMNS)
            is_hidden = _is_on(attributes, "hidden") or _is_nothing(attributes.get("width"))
            (self._hidden if is_hidden else self._shown)[first : last + 1] = b"\1" * max(last + 1 - first, 0)
        elif name in ("sheetView", "sheetFormatPr"):
            self._begin_view(attributes)
        elif name == "mergeCell":
            self._begin_merged(attributes["ref"])
        elif name in _CONDITIONAL:
            self._begin_condition(name, attributes)
        else:
            self._text.begin(name, attributes)

    def end(self, name: str, text: str) -> None:
        if name == "v":
            self._value, self._has_value = text, True
        elif name == "is":
            self._inline = self._text.words
        elif name == "c":
            self._end_cell()
        elif name == "sqref" and self._is_changed:  # of a condition that has its format with it
            self._note_changed(text)
            self._is_changed = False
        else:
            self._text.end(name, text)

    def find_merged(self) -> None:
        """Refuse cells that are merged with another; only the first has what a reader sees."""
        width = len(self.rows[0]) if self.rows else 0
        for top, left, bottom, right in self._merged:
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
        for (top, left), (bottom, right) in self._changed:
            for row in range(top, min(bottom, len(self.rows)) + 1):
                shown = self.rows[row - 1][left - 1 : right]
                area += len(shown) + 1
                if area > _MOST_ELEMENTS:
                    raise Refused("too_large", "too many cells have conditional formats", f"at most {_MOST_ELEMENTS:,}")
                for column in (column for column, words in enumerate(shown, left) if words):
                    self._refuse(row, column, refused)

    def _begin_view(self, attributes: Attributes) -> None:
        if _is_on(attributes, "showFormulas"):
            raise Refused("unknown_format", "the sheet shows formulas, and not what they result in", _SAVED)
        self._hides_zeros = self._hides_zeros or attributes.get("showZeros") in _OFF
        self._hides_others = self._hides_others or _is_nothing(attributes.get("defaultColWidth"))

    def _begin_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._row + 1))
        if not self._row < number <= _MOST_ROWS:
            raise ValueError(f"row {number} stands behind row {self._row}")
        self._row, self._column = number, 0
        self._is_hidden = _is_on(attributes, "hidden") or _is_nothing(attributes.get("ht"))

    def _begin_condition(self, name: str, attributes: Attributes) -> None:
        if name == "conditionalFormatting":
            self._ranges, self._is_changed = attributes.get("sqref", ""), False
        elif name == "numFmt" or (attributes.get("showValue") in _OFF and not self._ranges):
            self._is_changed = True  # its ranges come behind it
        elif attributes.get("dxfId") in self._book.changing or attributes.get("showValue") in _OFF:
            self._note_changed(self._ranges)
            self._ranges = ""  # once, however many conditions there are

    def _note_changed(self, ranges: str) -> None:
        self._changed.update(map(_corners, ranges.split()))
        if len(self._changed) > _MOST_RANGES:
            raise Refused("too_large", "too many ranges have conditional formats", f"at most {_MOST_RANGES:,}")

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
        self.rows[-1].extend([""] * (self._column - 1 - len(self.rows[-1])))
        self.rows[-1].append(self._once.setdefault(shown, shown) if len(self._once) < _KEPT_WORDS else shown)
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
        if shown and (style.is_struck or self._text.is_struck):
            raise Refused("struck_cell", "something in this cell is struck through", "a cell without it")
        if shown and (why := style.why_unseen(value, self._text.colours)):
            raise Refused("hidden_cell", why, _HIDDEN.allowed)
        raised = _RAISED.get(style.alignment)
        return shown.translate(raised) if raised else shown  # else a text that is shared is hashed for each cell

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
        self._area += max(0, bottom - top + 1) * max(0, right - left + 1)
        if self._area > MOST_CELLS:
            raise Refused("too_large", "the sheet has too many merged cells", f"at most {MOST_CELLS:,} cells")
        self._merged.append((top, left, bottom, right))

    def _refuse(self, row: int, column: int, refused: Refused) -> None:
        """Refuse a cell, for the first reason that there is."""
        if len(self.faults) >= _MOST_FAULTS:
            raise Refused("too_large", "too many cells of the sheet cannot be read", f"at most {_MOST_FAULTS:,}")
        refused = self._refusals.get(refused.found) or Refused(refused.code, refused.found, refused.allowed)
        if len(self._refusals) < _KEPT_WORDS:
            self._refusals[refused.found] = refused
        self.faults.setdefault((row, column), refused)


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

_SECTION = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_COLOUR = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]", re.IGNORECASE)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<literal>.)|_.|\* |(?P<digits>[#0?][#0?,.]*|\.[#0?]+)|(?P<plain>[-+() %£$€:])'
)
_DIGITS = re.compile(r"(?:[#0?]+(?:,[#0?]+)*)?(?:\.[#0?]{0,10})?")
_PLAIN_TEXT = re.compile(r'(?:_.|\* |[ @]|"\s*")*')
_DATE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|(?P<part>[dmyhs])', re.IGNORECASE)


_QUOTED = re.compile(r'"([^"]*)"|\\(.)')
_LOCALE = re.compile(r"\[\$[^\]]*\]")


_WRITTEN_WHITE = re.compile(r"\[(?:white|color ?2)\]", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def _sections(code: str) -> list[str]:
    return _SECTION.split(_COLOUR.sub("", code))


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
    if isinstance(value, date):
        return _show_date(value, code)
    if not isinstance(value, int | float) or not abs(value) < 1e15:
        return None
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


def _is_written_white(value: Any, code: str) -> bool:
    """Tell whether the number format itself shows a value in white."""
    if not _WRITTEN_WHITE.search(code):
        return False
    sections = _SECTION.split(code)
    at = _section_of(value, len(sections)) if isinstance(value, int | float) else 0
    section = sections[-1] if isinstance(value, str) else sections[at]
    return bool(_WRITTEN_WHITE.search(section)) and ("@" in section or not isinstance(value, str))


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
    if "," in pattern and value < 10 ** (pattern.partition(".")[0].count("0") - 1):
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
