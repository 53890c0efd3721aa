"""Read the text files and tables of a register. Collect every mistake with its place."""

import csv
import io
import re
import secrets
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from misconduct.errors import RegisterError
from misconduct.model.figure import FIGURE_ID, ID_DIGITS, ID_LETTERS, write_cell
from misconduct.model.vocabulary import suggest
from misconduct.releases.folder import list_visible

_MERGE_CONFLICT = re.compile(r"^<{7} .*", re.MULTILINE)
_INVISIBLE = frozenset(("Cc", "Cf", "Cn", "Co", "Zl", "Zp"))
LIKENESS = 0.7  # of Avon and Somerset Constabulary to Avon and Somerset
_MAX_ALIKE = 20  # lines that say the same; more have one cause
_MAX_COMPARED = 5_000  # names; a comparison with 100,000 takes a second

Cells = dict[str, str]
Rule = Callable[..., str | None]
"""A function of cells that returns what is wrong with them, or raises ValueError."""


class Mistake(NamedTuple):
    """A mistake and its place; in CSV, the column is the number of the cell."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True)
class Table:
    """A CSV file, or its rows about one page: cells by column. Missing columns are empty."""

    file: str
    header: list[str]
    lines: list[int]
    columns: dict[str, list[str]]
    page: str | None = None

    @cached_property
    def name(self) -> str:
        """Return the id of the source or code list."""
        return self.page or Path(self.file).stem

    def row(self, row: int) -> Cells:
        """Return the cells of a row, which counts from 0, by column."""
        return {name: cells[row] for name, cells in self.columns.items()}

    def rows(self) -> Iterator[Cells]:
        yield from map(self.row, range(len(self.lines)))

    def with_rows(self, rows: Iterable[Cells]) -> "Table":
        """Return it with other cells in the same rows."""
        found = [*rows]
        return replace(
            self, columns={name: [row[name] for row in found] for name in self.columns}
        )

    def mistake(self, row: int, column: str, message: str) -> Mistake:
        number = self.header.index(column) + 1 if column in self.header else 1
        return Mistake(self.file, self.lines[row], number, message)

    def judge(self, columns: Collection[str], rule: Rule) -> Iterator[Mistake]:
        """Yield what a rule refuses, at the first column."""
        cells = [*zip(*(self.columns[name] for name in columns), strict=True)]
        said = dict[tuple[str, ...], str | None]()
        for one in set(cells):
            try:
                said[one] = rule(*one)
            except ValueError as error:
                said[one] = str(error)
        for row, one in enumerate(cells if any(said.values()) else ()):
            if message := said[one]:
                yield self.mistake(row, next(iter(columns)), message)

    def judge_characters(self) -> Iterator[Mistake]:
        for name in self.header:
            yield from self.judge((name,), _check_characters)


@dataclass(frozen=True)
class Reader:
    """Reads the files of a register. `mistakes` has what could not be read."""

    root: Path
    mistakes: list[Mistake] = field(default_factory=list)

    def report(self, file: str, message: str, line: int = 1, column: int = 1) -> None:
        self.mistakes.append(Mistake(file, line, column, message))

    def find_files(self, folder: str, *suffixes: str) -> Iterator[str]:
        for path in list_visible(self.root / folder):
            file = f"{folder}{path.name}"
            if path.suffix in suffixes:
                yield file
            else:
                self.report(
                    file,
                    f"this file is ignored: the names of files in {folder} must end in {' or '.join(suffixes)}",
                )

    def read_text(self, file: str) -> str | None:
        if not (self.root / file).is_file():  # a link to a device would never end
            self.report(file, "this is not a file")
            return None
        content = (self.root / file).read_bytes()
        try:
            text = content.decode("utf-8-sig").replace(
                "\r\n", "\n"
            )  # spreadsheets write a mark and CRLF
        except UnicodeDecodeError as error:
            before = content[: error.start].decode(errors="replace")
            self.report(
                file,
                "this is not UTF-8; save the file as UTF-8",
                *read_lines(before)(len(before)),
            )
            return None
        if conflict := _MERGE_CONFLICT.search(text):
            self.report(
                file,
                f"resolve this merge conflict: {conflict[0]}",
                *read_lines(text)(conflict.start()),
            )
            return None
        return text

    def read_tables(
        self, folder: str, columns: Collection[str], required: Collection[str]
    ) -> Iterator[Table]:
        """Yield the CSV files of a folder, with the columns that may and that must be there."""
        tables = (
            self.read_table(file, columns, required)
            for file in self.find_files(folder, ".csv")
        )
        yield from filter(None, tables)

    def read_table(
        self, file: str, columns: Collection[str], required: Collection[str]
    ) -> Table | None:
        if (text := self.read_text(file)) is None:
            return None
        (_, header), *rows = [*self._read_rows(file, text)] or [(1, list[str]())]
        if fault := _find_fault(text, header):
            self.report(file, f"this file {fault}")
            return None
        fitting = [row for row in rows if self._fits(file, row, len(header))]
        if not self._check_header(file, header, columns, required):
            return None
        found = dict.fromkeys(columns, [""] * len(fitting))
        for number, name in enumerate(header):
            found[name] = [cells[number] for _, cells in fitting]
        table = Table(file, header, [line for line, _ in fitting], found)
        self.mistakes.extend(table.judge_characters())
        return table

    def _fits(self, file: str, row: tuple[int, list[str]], width: int) -> bool:
        """Tell whether a row has as many cells as the header, and report another one."""
        line, cells = row
        if len(cells) != width:
            message = f"this row has {len(cells)} cells, but the header has {width}"
            self.report(file, message, line)
        return len(cells) == width

    def _read_rows(self, file: str, text: str) -> Iterator[tuple[int, list[str]]]:
        try:
            yield from (
                row
                for row in number_rows(csv.reader(io.StringIO(text), strict=True))
                if row[1]
            )
        except ValueError as error:
            line, why = error.args
            self.report(
                file,
                f"this row cannot be read: {why}; is a quotation mark missing?",
                line,
            )

    def _check_header(
        self,
        file: str,
        header: list[str],
        columns: Collection[str],
        required: Collection[str],
    ) -> bool:
        wrong, before = dict[int, str](), set[str]()
        for number, name in enumerate(header, 1):
            if name not in columns:
                wrong[number] = (
                    f"there is no column {name!r}{did_you_mean(name, [*columns])}"
                )
            elif name in before:
                wrong[number] = f"the column {name} appears twice"
            before.add(name)
        if missing := [name for name in required if name not in header]:
            wrong[len(header) + 1] = f"these columns are missing: {', '.join(missing)}"
        for number, message in wrong.items():
            self.report(file, message, column=number)
        return not wrong


def _find_fault(text: str, header: list[str]) -> str:
    """Return why a file is no CSV with commas."""
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and sign in header[0]:
            return f"has {name} instead of commas; save it as CSV with commas"
    return "" if text.strip() else "is empty"


def read_one_table(
    root: Path, file: str, columns: Collection[str], required: Collection[str]
) -> Table:
    """Return a CSV file, without rows if there is none. Raises RegisterError."""
    reader = Reader(root)
    table = (
        reader.read_table(file, columns, required) if (root / file).exists() else None
    )
    refuse(reader.mistakes)
    return table or Table(file, [], [], {name: [] for name in columns})


def widen(
    header: Iterable[str], columns: Iterable[str], rows: Collection[Cells]
) -> list[str]:
    """Return the columns of a file, in which order they stand there, and then those that rows need, too."""
    return [
        *dict.fromkeys(
            (*header, *(name for name in columns if any(row.get(name) for row in rows)))
        )
    ]


def take_first(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Return the first mistake at each place: others there may follow from it."""
    first = dict[tuple[str, int, int], Mistake]()
    for one in mistakes:
        first.setdefault(one[:3], one)
    return [*first.values()]


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise RegisterError with a line for each mistake; of many alike in a file, with one for all."""
    alike, lines = defaultdict[tuple[str, str], list[Mistake]](list), []
    for one in sorted(mistakes):
        alike[one.file, one.message].append(one)
    for found in alike.values():
        if len(found) > _MAX_ALIKE:
            lines.append(
                (
                    found[0],
                    f"{found[0]} (and {len(found) - 1:,} more, such as line {found[-1].line})",
                )
            )
        else:
            lines += [(one, str(one)) for one in found]
    if lines:
        raise RegisterError("\n".join(line for _, line in sorted(lines)))


def require_register(root: Path) -> None:
    if not (root / "observations").is_dir():
        raise RegisterError(
            f"{root} is not the folder of a register: it has no folder observations/"
        )


def did_you_mean(word: str, spellings: Collection[str]) -> str:
    """Return the end of a message that suggests the nearest spelling, or what a mapping has for it."""
    is_number = (
        re.fullmatch(r"[A-Z]\d+", word) is not None
    )  # E23000039 says nothing by being near E23000040
    near = (
        None
        if is_number or len(spellings) > _MAX_COMPARED
        else suggest(word, spellings, LIKENESS)
    )
    named = spellings[near] if near and isinstance(spellings, Mapping) else near
    return f"; did you mean {named}?" if named else ""


def read_lines(text: str) -> Callable[[int], tuple[int, int]]:
    """Return what gives the line and column of a place in a text, in which there may be thousands of places."""
    starts = [0, *(line.end() for line in re.finditer("\n", text))]

    def place_of(at: int) -> tuple[int, int]:
        line = bisect_right(starts, at)
        return line, at - starts[line - 1] + 1

    return place_of


def find_invisible(text: str) -> set[str]:
    """Return the control and format characters and line separators of a text."""
    if text.isprintable():
        return set()
    return {
        character
        for character in set(text)
        if unicodedata.category(character) in _INVISIBLE
    }


def _check_characters(cell: str) -> str | None:
    if unseen := find_invisible(cell):
        return f"{cell!r} has the invisible character U+{ord(min(unseen)):04X}"
    return f"{cell!r} has white space around it" if cell != cell.strip() else None


def make_ids(data: Path, count: int) -> list[str]:
    """Return new ids, which no figure has in the register or in a release."""
    require_register(data)
    released = (folder / "figures.csv" for folder in list_visible(data / "releases"))
    files = [*list_visible(data / "observations", "*.csv"), *released]
    words = rf"\b{FIGURE_ID}\b".encode()
    taken = {
        one.decode()
        for file in files
        if file.is_file()
        for one in re.findall(words, file.read_bytes())
    }
    found: list[str] = []
    while len(found) < count:
        new = secrets.choice(ID_LETTERS) + "".join(
            secrets.choice(ID_LETTERS + ID_DIGITS) for _ in range(4)
        )
        if new not in taken:
            taken.add(new)
            found.append(new)
    return found


def number_rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a reader of CSV, each with its first line. Raises ValueError with the line and the error."""
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(line, error) from error


def encode_rows(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Encode rows as CSV with LF; a cell that a row lacks is empty."""
    names = list(columns)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([write_cell(row.get(name)) for name in names] for row in rows)
    return text.getvalue().encode()
