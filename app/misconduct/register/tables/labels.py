"""Read the labels of a row: their codes, the words to quote, and the period."""

from collections.abc import Mapping
from dataclasses import dataclass

from misconduct.register.tables.grid import Grid
from misconduct.register.tables.headings import Heading, Piece
from misconduct.register.tables.layout import Block, Column, Layout
from misconduct.register.tables.mistakes import Mistakes
from misconduct.register.tables.numbers import find_sign, read_year, split_signs
from misconduct.register.tables.words import Meaning, Vocabulary, find_key, looser

_PLAIN = ("area", "counting_unit")
"""Lists whose known labels say no more than their codes, so we don't quote them."""

_QUOTED_LAST = ("population", *_PLAIN)

PeriodInWords = tuple[Piece, str]
"""The words of a period with their place, and what they mean."""


@dataclass(frozen=True)
class RowLabels:
    """What the labels of a row say. A row is not wanted if the editor leaves out one of its words."""

    codes: dict[str, str]
    quoted: tuple[Piece, ...] = ()
    period: PeriodInWords | None = None
    signs: frozenset[str] = frozenset()
    is_wanted: bool = True


class LabelReader:
    """Reads the labels of a table, row by row. `meanings` has the meaning of each word, and `used` the lines used."""

    def __init__(self, grid: Grid, block: Block, layout: Layout, vocabulary: Vocabulary, mistakes: Mistakes) -> None:
        self.grid, self.layout, self.vocabulary, self.mistakes = grid, layout, vocabulary, mistakes
        self.is_count = block.count is not None
        self.meanings: dict[tuple[str, str, str], Meaning] = {}
        self.used: set[str] = set()
        self._above: dict[int, str] = {}

    def read(self, row: int, columns: Mapping[int, tuple[str, Heading]]) -> RowLabels:
        """Return what the labels of a row say."""
        codes: dict[str, str] = {}
        fits, period, is_wanted = list[str | None](), None, True
        quoted: dict[tuple[bool, int], Piece] = {}
        signs: set[str] = set()
        for number, (name, _) in columns.items():
            column = self.layout.columns[name]
            if column.has_numbers:
                continue
            printed = self._read_text(row, number, column)
            word, ends = split_signs(printed, self.layout.signs)
            signs.update(ends)
            if column.holds == "year":
                period = self.read_period(row, number, word, column) or period
                continue
            meaning = self._find_meaning(row, number, name, printed)
            codes = meaning.codes | codes if column.holds in codes else codes | meaning.codes
            fits.append(meaning.codes.get("fit"))
            is_wanted &= meaning.known_by != "left out"
            if column.holds not in _PLAIN or meaning.known_by not in ("label", "known word"):
                quoted[column.holds in _QUOTED_LAST, number] = Piece(word, self.grid.place(row, number))
        pieces = tuple(quoted[key] for key in sorted(quoted))
        return RowLabels(codes | {"fit": looser(*fits)}, pieces, period, frozenset(signs), is_wanted)

    def read_period(self, row: int, number: int, text: str, column: Column) -> PeriodInWords | None:
        """Return the period in a label or a heading. If it cannot be read, report it and return None."""
        if (sign := find_sign(text, self.layout.signs)) and text not in self.layout.periods:
            self.report(row, number, f"{text!r} ends with {sign!r}: add it to signs, and say what it means")
            return None
        read = read_year(text, column.year, self.layout.periods)
        if read is None:
            self.report(row, number, f"cannot read {text!r} as a year; add it to periods, and say what it means")
            return None
        return Piece(read[0], self.grid.place(row, number)), read[1]

    def report(self, row: int, number: int, message: str) -> None:
        """Report a mistake at its cell. A count of cases has no cells, so report it at a line of the file."""
        if place := self.grid.place(row, number):
            self.mistakes.at_place(place, message)
        else:
            self.mistakes.at_key(("count",) if self.is_count else ("columns",), message)

    def _read_text(self, row: int, number: int, column: Column) -> str:
        """Return a label, or the last label above it if a label appears once for several rows."""
        text = self.grid.text(row, number) or (self._above.get(number, "") if column.fill else "")
        self._above[number] = text
        return text

    def _find_meaning(self, row: int, number: int, name: str, printed: str) -> Meaning:
        column = self.layout.columns[name]
        key = name, column.holds, printed
        if key not in self.meanings:
            read = self._read_word(printed, column)
            if isinstance(read, str):
                self.report(row, number, read)
                read = Meaning(known_by="unknown")
            self.meanings[key] = read
        return self.meanings[key]

    def _read_word(self, printed: str, column: Column) -> Meaning | str:
        """Return what a label means, or a message. A line in the file may name it with or without its signs."""
        word = split_signs(printed, self.layout.signs)[0]
        own = self.layout.words | column.words
        if find_key(own, printed) and "*" not in find_key(own, printed)[0]:
            word = printed
        self.used.update(find_key(own, word))
        if not word and "" not in own and not self.is_count:
            return f"this label is blank; if a label covers several rows, write {{is: {column.holds}, fill: down}}"
        if (sign := find_sign(word, self.layout.signs)) and not find_key(own, word):
            return f"{word!r} ends with {sign!r}: add it to signs, and say what it means"
        if column.holds == "words":
            return Meaning(known_by="words")
        return self.vocabulary.read(column.holds, word, own)
