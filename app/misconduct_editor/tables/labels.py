"""Read the headings of a table, each with its column in the file, and the labels of its rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..register.cells import name_column
from ..register.layout import IGNORE, LABELS, Block, Column, Total
from ..register.periods import YEAR_FORMS, PeriodInWords, names_part_of_year, read_year
from ..register.reading import did_you_mean
from ..register.yaml_files import KeyPath
from .finding import is_called_total
from .grid import Grid
from .mistakes import Mistakes
from .numbers import explain_no_fact, explain_sign, find_words_at_year, split_label
from .vocabulary import Meaning, Vocabulary, find_key, looser

_PLAIN = ("area", "counting_unit", "unit")  # known labels say no more than their codes, so we don't quote them
_QUOTED_LAST = ("population", *_PLAIN)
_SAY_WHAT_IT_COUNTS = {"measure", "category", "population", "counting_unit"}


class Piece(NamedTuple):
    """Words from a cell, and its place."""

    words: str
    place: str = ""


class Heading(NamedTuple):
    """The words of a heading, those of each line, and its signs."""

    text: str
    pieces: tuple[Piece, ...]
    signs: frozenset[str]

    def find(self, words: str) -> str:
        """Return the place of the line with some words, or else of the last line."""
        containing = [one for one in self.pieces if words in one.words]
        return next((one.place for one in (*containing, *self.pieces[-1:])), "")

    def quote(self, year: str) -> Iterator[Piece]:
        for piece in self.pieces:
            if words := " ".join(piece.words.replace(year, "").split()):
                yield Piece(words, piece.place)


class FoundColumn(NamedTuple):
    """A column of a table, its name and meaning in the file, and the year in its heading: words, period."""

    number: int
    heading: Heading
    name: str
    says: Column
    year: tuple[str, str] | None


Columns = dict[int, FoundColumn]


def join_headings(grid: Grid, header: list[int], signs: Iterable[str]) -> Iterator[tuple[int, Heading]]:
    """Yield the number and heading of each column. One without a heading is called by its letter: `column B`.

    A heading over several columns goes to the next one, or to the end of its merged cells if its line has any.
    """
    depth, merged = len(header), {row for row, _ in grid.ends}
    over: list[Piece | None] = [None] * depth
    ends = [0 if row in merged else grid.width for row in header]
    for number in range(1, grid.width + 1):
        lines = [split_label(grid.text(row, number), signs) for row in header]
        for level, (text, _) in enumerate(lines):
            if text or number > ends[level]:
                over[level:] = [None] * (depth - level)
            if text:
                ends[level] = max(ends[level], grid.ends.get((header[level], number), number))
                over[level] = Piece(text, grid.place(header[level], number))
        last = max((level for level, (text, _) in enumerate(lines) if text), default=-1)
        pieces = tuple(one for one in over[: last + 1] if one)
        words = " ".join(one.words for one in pieces) or f"column {name_column(number)}"
        yield number, Heading(words, pieces, frozenset(sign for _, found in lines for sign in found))


def list_quoted(columns: Columns) -> set[int]:
    """Return the columns whose headings say more than the year."""
    plain = {number for number, one in columns.items() if one.says.has_numbers and not one.says.year}
    coded = {number for number, one in columns.items() if one.says.given().keys() & _SAY_WHAT_IT_COUNTS}
    of_year = defaultdict[object, set[str]](set)
    for one in columns.values():
        if one.says.year:
            of_year[one.year, str(one.says.given())].add(one.name)
    names = set[str]().union(*(found for found in of_year.values() if len(found) > 1))  # only their words differ
    named = {number for number, one in columns.items() if one.name in names}
    return coded | named | (plain if len(plain) > 1 else set())


class RowLabels(NamedTuple):
    """What the labels of a row say; `plain` ones say no more than codes."""

    codes: dict[str, str]
    quoted: tuple[Piece, ...] = ()
    plain: tuple[Piece, ...] = ()
    period: PeriodInWords | None = None
    signs: frozenset[str] = frozenset()
    is_wanted: bool = True


class LabelReader:
    """Reads the words of a table. `used` are the lines of the file that explain them.

    `without_effect` are lines of `words` for words that have their meaning from elsewhere, and says from where.
    """

    def __init__(self, grid: Grid, block: Block, at: KeyPath, vocabulary: Vocabulary, mistakes: Mistakes) -> None:
        self.grid, self.block, self.at, self.vocabulary, self.mistakes = grid, block, at, vocabulary, mistakes
        self.layout, self.header = mistakes.file.layout, block.header or [1]
        self.meanings: dict[tuple[str, str, str], Meaning] = {}
        self.used: set[KeyPath] = set()
        self.without_effect: dict[str, str] = {}
        self.totals = block.totals
        self._given = Counter(str(one.given()) for one in self.totals.values())
        below = range(self.header[-1] + 1, len(grid.rows) + 1)
        rows = block.rows or [row for row in below if any(grid.rows[row - 1])]
        self.rows = [row for row in rows if row not in self.totals]
        self.columns = dict(self._read_columns())
        self.labels = [one for one in self.columns.values() if not one.says.has_numbers]
        self.numbers = [one for one in self.columns.values() if one.says.has_numbers]

    def _read_columns(self) -> Iterator[tuple[int, FoundColumn]]:
        """Yield the columns that the file does not ignore, and report others."""
        known, labels = self.layout.columns, set[str]()
        found = [*join_headings(self.grid, self.header, self.layout.signs)]
        self.headings = {heading.text for _, heading in found}
        self.unused = known.keys() - {name for text in self.headings for name in find_key(known, text)}
        for number, heading in found:
            first = next((row for row in (*self.rows, *self.totals) if self.grid.text(row, number)), 0)
            names = find_key(known, heading.text)
            is_misspelt = not names and did_you_mean(heading.text, self.unused)  # which is told at its line
            if is_misspelt or (not first and not (heading.pieces and names)):
                continue
            if not heading.pieces:  # `*` stands for the text of a heading
                names = [name for name in names if name.startswith("column ")]
            if fault := self._find_fault(heading, names, first):
                self.report(self.header[-1], number, fault)
            elif (says := known[names[0]]).holds != IGNORE:
                if says.holds in labels:
                    fault = f"another column is also {says.holds}; choose one, and use words or ignore for the other"
                    self.report(self.header[-1], number, fault)
                labels |= {says.holds} & {*LABELS}
                year = read_year(heading.text, says.year, self.layout.periods) if says.year else None
                yield number, FoundColumn(number, heading, names[0], says, year)

    def _find_fault(self, heading: Heading, names: list[str], first: int) -> str | None:
        for one in heading.pieces:
            if message := explain_sign(one.words, self.layout.signs) or explain_no_fact(one.words):
                return f"the heading {message}"
        if len(names) > 1:
            return f"the heading {heading.text!r} matches several columns: {', '.join(names)}"
        if names:
            return None
        if not heading.pieces:
            remedy = f"add {heading.text!r} to columns, or check header, or whether the row has a cell too many"
            return f"this column has cells, first in row {first}, but no heading: {remedy}"
        return f"the heading {heading.text!r} is missing from columns"

    def read_labels(self, row: int) -> RowLabels:
        total = self.totals.get(row)
        if not total and self._is_undeclared_total(row):
            return RowLabels({"fit": "exact"}, is_wanted=False)
        codes, period = total.given() if total else {}, self._read_period_of_row(row, total)
        fits, is_wanted, signs = [codes.pop("fit", None)], True, set[str]()
        quoted, plain = dict[tuple[bool, int], Piece](), dict[tuple[bool, int], Piece]()
        for column in self.labels:
            number, holds, printed = column.number, column.says.holds, self.grid.text(row, column.number)
            word, ends = split_label(printed, self.layout.signs)
            signs.update(ends)
            if holds == "year" or (total and not printed):
                continue
            if total and holds in codes:
                meaning = self._find_meaning_in_total(row, total, holds, word)
            else:
                meaning = self._find_meaning(row, column, printed)
            codes = meaning.codes | codes if holds in codes else codes | meaning.codes
            fits.append(meaning.codes.get("fit"))
            is_wanted &= meaning.known_by != "left out"
            said = plain if holds in _PLAIN and meaning.is_plain else quoted
            if word:
                said[holds in _QUOTED_LAST, number] = Piece(word, self.grid.place(row, number))
        fit, (pieces, spare) = looser(*fits), (tuple(one[key] for key in sorted(one)) for one in (quoted, plain))
        return RowLabels(codes | {"fit": fit}, pieces, spare, period, frozenset(signs), is_wanted)

    def _is_undeclared_total(self, row: int) -> bool:
        """Report a row that is called a total and stands among the others, unless the file leaves it out."""
        for one in self.labels if not self.grid.is_counted else ():
            text, words = self.read_label(row, one.number), self.layout.words | one.says.words
            is_left_out = IGNORE in (words.get(text), words.get(self.grid.text(row, one.number)))
            if is_called_total(text) and not is_left_out:
                remedy = "list its row in totals, with the rows that it adds up, {of: 8-11}, or {of: none}"
                self.report(row, one.number, f"{text!r} is called a total: {remedy}", text)
                return True
        return False

    def _find_meaning_in_total(self, row: int, total: Total, holds: str, word: str) -> Meaning:
        """Return the code that the file gives a total: no word is looked up, and "Total" is no name of an area."""
        for key in find_key(self.layout.words, word):
            self.without_effect[key] = f"totals give the {holds} of row {row}, {word!r}: leave it out of words"
        is_plain = is_called_total(word) and self._given[str(total.given())] == 1
        return Meaning({holds: total.given()[holds]}, is_plain=is_plain)

    def read_label(self, row: int, number: int) -> str:
        return split_label(self.grid.text(row, number), self.layout.signs)[0]

    def find_path(self, *path: str) -> KeyPath:
        """Return the path of a key in the block, or else in the file."""
        at = (*self.at, *path)
        return at if at in self.mistakes.file.places.by_path else path

    def _read_period_of_row(self, row: int, total: Total | None) -> PeriodInWords | None:
        period = None
        for one in self.labels:
            word = self.read_label(row, one.number)
            if one.says.holds == "year" and (not total or read_year(word, one.says.year, self.layout.periods)):
                period = self.read_period(row, one.number, word, one.says) or period
        for one in self.labels:
            text = self.grid.text(row, one.number)
            if period and one.says.holds == "words" and names_part_of_year(text):
                self.report_part(row, one.number, text, "months can be in headings, and not in rows that have years")
        return period

    def read_period(self, row: int, number: int, text: str, column: Column) -> PeriodInWords | None:
        self.used.update(("periods", words) for words in self.layout.periods if words in text)
        read = read_year(text, column.year, self.layout.periods)
        if fault := self._find_fault_of_year(text, column, read and read[0]):
            self.report(row, number, fault, text)
        if fault or not read:
            return None
        return PeriodInWords(read[1], read[0], self.grid.place(row, number), column.begins or "")

    def _find_fault_of_year(self, text: str, column: Column, year: str | None) -> str | None:
        """Return what to do about words for a time in which nothing, or more than a year, can be read."""
        if not text:
            return "this year is blank: if a year is for several rows, save a copy with it in each of them"
        if text in self.layout.periods:
            return None
        if message := explain_sign(text, self.layout.signs):
            return message
        if year and (sign := find_words_at_year(text, year, is_label=column.holds == "year")):
            remedy = "add it to signs, and say what it means, or all these words to periods"
            return f"{text!r} says {sign!r} of the year: {remedy}"
        if column.year == "month" and read_year(text, "financial", {}):
            return f"{text!r} may be a year or a month: add it to periods, and say which it means"
        if year:
            return None
        form = next((one for one in YEAR_FORMS if read_year(text, one, {})), None)
        if form == "month":
            why = f"{text!r} is a month, or a year of which a spreadsheet made a date, as Oct-09 of 2009-10"
            return f"{why}: write year: month, or add it to periods, and say which year it means"
        remedy = f"write year: {form}, or " if form else ""
        return f"cannot read {text!r} as a year; {remedy}add its words for the time to periods, and say what they mean"

    def report_part(self, row: int, number: int, text: str, remedy: str) -> None:
        message = f"{text!r} is a part of a year, so the figure is not for the whole year: {remedy}"
        self.report(row, number, message, text)

    def report(self, row: int, number: int, message: str, text: str = "") -> None:
        self.mistakes.at_cell(self.grid, row, number, message, text)

    def _find_meaning(self, row: int, column: FoundColumn, printed: str) -> Meaning:
        """Return what a word means, or report it at its line in the file or its cell."""
        key = column.name, column.says.holds, printed
        if not printed and (row, column.number) in self.grid.unclear:
            return Meaning(known_by="unknown", is_plain=True)  # a mistake that is already reported
        if key in self.meanings:
            return self.meanings[key]
        read, own = self._read_word(printed, column), column.says.words
        if isinstance(read, str):
            message = f"{read}; or give it in totals" if row in self.totals else read
            keys = find_key(own | self.layout.words, split_label(printed, self.layout.signs)[0])
            at = ("columns", column.name) if keys and keys[0] in own else ()
            if len(keys) == 1:
                self.mistakes.at_key((*at, "words", *keys), message)
            else:
                self.report(row, column.number, message)
            read = Meaning(known_by="unknown", is_plain=True)
        self.meanings[key] = read
        return read

    def _read_word(self, printed: str, column: FoundColumn) -> Meaning | str:
        word, says = split_label(printed, self.layout.signs)[0], column.says
        shared = {} if says.holds == "words" else self.layout.words
        own = shared | says.words
        keys = find_key(own, printed)
        if keys and "*" not in keys[0]:
            word = printed
        keys = find_key(own, word)
        for key in keys:
            self.used.add(("columns", column.name, "words", key) if key in says.words else ("words", key))
        if not keys and (message := explain_sign(word, self.layout.signs) or explain_no_fact(word)):
            return message
        if says.holds == "words":
            remedy = f"write {{is: words, words: {{{word!r}: {IGNORE}}}}} for it, or a code list in place of words"
            why = f"the column {column.name!r} only quotes {word!r}: {remedy}"
            self.without_effect |= dict.fromkeys(find_key(self.layout.words, word), why)
            return Meaning(known_by="left out" if keys else "words")
        if not word and "" not in own:
            what = "if a label covers several rows, save a copy with it in each of them"
            return f"this label is blank; say in words what that means ({{'': …}}); {what}"
        return self.vocabulary.read(says.holds, word, own)
