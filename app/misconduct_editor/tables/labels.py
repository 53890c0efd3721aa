"""Read the labels of the rows of a table: what their words mean, and which of them figures quote."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from ..register.layout import IGNORE, Column, Word
from ..register.periods import PeriodInWords
from ..register.rules import IN_WORDS
from .described import DescribedTable
from .finding import is_called_total
from .headings import FoundColumn, FoundColumns, Piece
from .numbers import explain_no_fact, explain_sign, split_label
from .times import PeriodReader
from .vocabulary import Meaning, Vocabulary, find_key

_PLAIN = (
    "area",
    "counting_unit",
    "unit",
)  # known labels say no more than their codes, so we don't quote them
_QUOTED_LAST = ("population", *_PLAIN)


class Label(NamedTuple):
    """A label of a row: what it means, its words, and its signs."""

    column: FoundColumn
    meaning: Meaning
    piece: Piece
    signs: list[str]

    @property
    def is_plain(self) -> bool:
        return self.column.says.holds in _PLAIN and self.meaning.is_plain


class RowLabels(NamedTuple):
    """What the labels of a row say; `plain` ones say no more than codes. `fit` is what the file says of a total."""

    codes: dict[str, str]
    fits: tuple[str | None, ...] = ()
    quoted: tuple[Piece, ...] = ()
    plain: tuple[Piece, ...] = ()
    period: PeriodInWords | None = None
    signs: frozenset[str] = frozenset()
    is_wanted: bool = True
    fit: str = ""


class LabelReader:
    """Reads the words of a table."""

    def __init__(
        self,
        table: DescribedTable,
        columns: FoundColumns,
        periods: PeriodReader,
        vocabulary: Vocabulary,
    ) -> None:
        self.table, self.labels, self.periods, self.vocabulary = (
            table,
            columns.labels,
            periods,
            vocabulary,
        )
        self.meanings: dict[tuple[str, str, str], Meaning] = {}
        self._check_country()
        self._alike = Counter(str(one.given()) for one in table.totals.values())

    def read(self, row: int) -> RowLabels:
        """Return what the labels of a row say, and report unknown words. A total has the codes that the file gives."""
        total = self.table.totals.get(row)
        if not total and self._is_undeclared_total(row):
            return RowLabels({}, is_wanted=False)
        stated, codes = total.given() if total else {}, dict[str, str]()
        fit = stated.pop("fit", "")
        labels = [*self._read_labels(row, stated, is_total=total is not None)]
        for one in labels:
            is_known = one.column.says.holds in codes
            said = one.meaning.codes
            codes = said | codes if is_known else codes | said
        return RowLabels(
            codes | stated,
            tuple(one.meaning.codes.get("fit") for one in labels),
            _quote(one for one in labels if not one.is_plain),
            _quote(one for one in labels if one.is_plain),
            self.periods.read_row(row, total),
            frozenset(chain.from_iterable(one.signs for one in labels)),
            all(one.meaning.known_by != "left out" for one in labels),
            fit,
        )

    def _read_labels(
        self, row: int, stated: Mapping[str, str], *, is_total: bool
    ) -> Iterator[Label]:
        for column in self.labels:
            text = self.table.grid.text(row, column.number)
            words, signs = split_label(text, self.table.layout.signs)
            piece = Piece(words, self.table.grid.place(row, column.number))
            meaning = Meaning(is_plain=True)
            if column.says.holds in ("year", "sign") or (is_total and not text):
                piece = piece._replace(words="")
            elif is_total and column.says.holds in stated:
                meaning = self._read_stated(row, stated, column, words)
            else:
                meaning = self._find_meaning(row, column, text)
                is_title = is_total and is_called_total(words)
                if is_title and (self.table.is_made or column.says.holds in IN_WORDS):
                    meaning = self._read_title(column, meaning)
            yield Label(column, meaning, piece, signs)

    def _read_stated(
        self, row: int, stated: Mapping[str, str], column: FoundColumn, words: str
    ) -> Meaning:
        """Return the code that the file gives a total. Its label is not looked up: "Total" is no name of a place."""
        is_alone = self._alike[str(self.table.totals[row].given())] == 1
        is_plain = is_called_total(words) and is_alone
        holds = column.says.holds
        return Meaning({holds: stated[holds]}, is_plain=is_plain)

    def _read_title(self, column: FoundColumn, meaning: Meaning) -> Meaning:
        """Return the meaning of “Total”: it is no scope, and says no more than codes."""
        codes = column.says.given() if column.says.holds in IN_WORDS else meaning.codes
        return replace(meaning, codes=codes, is_plain=True)

    def _check_country(self) -> None:
        """Require the country of places: a name such as Durham is known in several."""
        country = self.table.layout.country
        names = [one.name for one in self.labels if one.says.holds == "area"]
        if names and not country:
            message = "in which country are these places? write country: gb, us_nc …"
            self.table.mistakes.at_key(("columns", names[0]), message)
        elif country and country not in self.vocabulary.lists["area"]:
            self.table.mistakes.at_key(("country",), f"there is no area {country!r}")

    def _is_undeclared_total(self, row: int) -> bool:
        """Report a row that is called a total and stands among the others, unless the file leaves it out."""
        for one in self.labels if not self.table.is_made else ():
            text, words = (
                self.table.label(row, one.number),
                self.table.layout.words | one.says.words,
            )
            is_left_out = IGNORE in (
                words.get(text),
                words.get(self.table.grid.text(row, one.number)),
            )
            if is_called_total(text) and not is_left_out:
                remedy = "list its row in totals, with the rows that it adds up, {of: 8-11}, or {of: none}"
                self.table.report(
                    row, one.number, f"{text!r} is called a total: {remedy}", text
                )
                return True
        return False

    def _find_meaning(self, row: int, column: FoundColumn, printed: str) -> Meaning:
        """Return what a word means, or report it at its line in the file or its cell."""
        table, key = self.table, (column.name, column.says.holds, printed)
        if not printed and (row, column.number) in table.grid.unclear:
            return Meaning(
                known_by="unknown", is_plain=True
            )  # a mistake that is already reported
        if key in self.meanings:
            return self.meanings[key]
        read, own = self._read_word(printed, column), column.says.words
        if isinstance(read, str):
            message = f"{read}; or give it in totals" if row in table.totals else read
            keys = find_key(
                own | table.layout.words, split_label(printed, table.layout.signs)[0]
            )
            at = ("columns", column.name) if keys and keys[0] in own else ()
            if len(keys) == 1:
                table.mistakes.at_key((*at, "words", *keys), message)
            else:
                table.report(row, column.number, message)
            read = Meaning(known_by="unknown", is_plain=True)
        self.meanings[key] = read
        return read

    def _read_word(self, printed: str, column: FoundColumn) -> Meaning | str:
        layout, says = self.table.layout, column.says
        word = split_label(printed, layout.signs)[0]
        shared = {} if says.holds == "words" else layout.words
        own = shared | says.words
        keys = find_key(own, printed)
        if keys and "*" not in keys[0]:
            word = printed
        keys = find_key(own, word)
        for key in keys:
            self.table.used.add(
                ("columns", column.name, "words", key)
                if key in says.words
                else ("words", key)
            )
        if not keys and (
            message := explain_sign(word, layout.signs) or explain_no_fact(word)
        ):
            return message
        if says.holds == "words":
            return Meaning(known_by="left out" if keys else "words")
        if not word and "" not in own:
            what = "if a label covers several rows, save a copy with it in each of them"
            return (
                f"this label is blank; say in words what that means ({{'': …}}); {what}"
            )
        if says.holds in IN_WORDS:
            return self._read_scope(column.name, says, word, own, keys)
        return self.vocabulary.read(says.holds, word, own, layout.country or "")

    def _read_scope(
        self,
        name: str,
        says: Column,
        word: str,
        own: Mapping[str, Word],
        keys: list[str],
    ) -> Meaning:
        """Return a label that is itself what a figure has in words, with the codes of its column."""
        for code in says.given():
            self.table.used.add(("columns", name, code))
        given = own[keys[0]] if keys else word
        codes = {says.holds: given} if isinstance(given, str) else given
        is_left_out = given == IGNORE
        return Meaning(says.given() | codes, "left out" if is_left_out else "words")


def _quote(labels: Iterable[Label]) -> tuple[Piece, ...]:
    """Return the words of labels; people, places and units stand last."""
    said = [one for one in labels if one.piece.words]
    said.sort(
        key=lambda one: (one.column.says.holds in _QUOTED_LAST, one.column.number)
    )
    return tuple(one.piece for one in said)
