"""Ask about what may be a mistake of the editor. `sure` in the file answers, with a reason."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import permutations, product
from pathlib import Path

from ..register.cells import name_cell, name_column
from ..register.indicators import NEEDED_CODES
from ..register.rules import IN_WORDS
from ..register.spans import find_contradiction, find_outside
from ..register.yaml_files import KeyPath
from .described import DescribedTable
from .figures import Cell
from .finding import is_data, split_runs, write_rows
from .headings import FoundColumns
from .totals import Sum
from .vocabulary import Meaning, Vocabulary
from .words import LISTS, Contradiction, WordReader, ask_about_time

MIN_EVIDENCE = 100_000
"""A row is a sum by chance about once in as many rows as its numbers, multiplied, are large."""

Meanings = Mapping[tuple[str, str, str], Meaning]
_OF_INDICATOR = {*NEEDED_CODES, "stock_or_flow"}

_WORDS = re.compile(r"[^\W\d_]{4,}")


def ask_about_years(table: DescribedTable, cells: list[Cell]) -> None:
    """Ask about times in the title, the file name and the first cell that no figure is of."""
    source, file = table.mistakes.file.source, table.layout.source.file
    periods = {cell.figure["period"] for cell in cells}
    texts: list[tuple[KeyPath, str]] = [
        (("source", "title"), str(source.title or "")),
        (("source", "file"), Path(file).stem),
        ((), _read_first(table)),
    ]
    for path, text in texts:
        for name in find_outside(text, periods, source.published):
            table.mistakes.ask(name, path, ask_about_time(text, name))


def ask_about_words_of_times(table: DescribedTable) -> None:
    """Ask about words in the file that seem to name another time than their period."""
    figure, layout = table.layout.figure, table.layout
    said: dict[KeyPath, tuple[str, str]] = {
        ("periods", words): (words, means) for words, means in layout.periods.items()
    }
    if figure.period and figure.period.printed and figure.period.means:
        said["figure", "period"] = figure.period.printed, figure.period.means
    for path, (words, means) in said.items():
        if find_contradiction(words, means):
            question = f"{words!r} seems to be another time than {means}"
            table.mistakes.ask(f"{words} as {means}", path, question)


def ask_about_order(table: DescribedTable, columns: FoundColumns) -> None:
    """Ask about headings with years that do not follow each other: two may be exchanged."""
    by_name: dict[str, list[str]] = {}
    for column in columns.numbers:
        if column.year:
            by_name.setdefault(column.name, []).append(column.year[1])
    for name, years in by_name.items():
        once = [*dict.fromkeys(years)]
        if once not in (sorted(once), sorted(once, reverse=True)):
            message = f"the years of {name!r} do not follow each other: {', '.join(once)}; are two exchanged?"
            table.mistakes.ask(f"order of {name}", ("columns", name), message)


def ask_about_places(
    sums: Iterable[Sum], table: DescribedTable, vocabulary: Vocabulary
) -> None:
    """Ask about a total of a place in which none of its parts is."""
    for one in sums:
        if one.whole is None:
            continue
        area = one.whole.figure["area"]
        parts = {part.figure["area"] for part in one.parts}
        if parts and not any(vocabulary.may_contain(area, part) for part in parts):
            message = f"the total {one.name} is of {area}, but none of its parts is"
            table.mistakes.ask(f"total of {area}", one.path, message)


def _read_first(table: DescribedTable) -> str:
    """Return the first text of the sheet, if it stands above the headings."""
    above = table.sheet.rows[: 1 if table.is_made else table.header[0] - 1]
    return next((text for cells in above for text in cells if text), "")


def ask_about_sums(
    table: DescribedTable, columns: FoundColumns, cells: list[Cell]
) -> None:
    """Ask about rows and columns that are the sum of those beside them, and stand in no total."""
    numbers = [one.number for one in columns.numbers if one.says.holds == "value"]
    counts = {
        (cell.row, cell.column): cell.low
        for cell in cells
        if cell.low == cell.high and cell.figure["statistic"] == "count"
    }
    rows = [{row: counts[row, one] for row in table.rows if (row, one) in counts} for one in numbers]  # fmt: skip
    for row, parts in _find_sums(table.rows, rows):
        named = f"row {row}"
        message = f"{named} is the sum of rows {write_rows(parts)}: is it a total? list it in totals"
        table.mistakes.ask(named, ("rows",), message)
    lines = [{one: counts[row, one] for one in numbers if (row, one) in counts} for row in table.rows]  # fmt: skip
    for column, parts in _find_sums(numbers, lines):
        named = f"column {name_column(column)}"
        others = " ".join(map(name_column, parts))
        message = (
            f"{named} is the sum of columns {others}: is it a total? write is: total"
        )
        table.mistakes.ask(named, ("columns",), message)


def _find_sums(
    order: list[int], lines: list[dict[int, Decimal]]
) -> Iterator[tuple[int, list[int]]]:
    """Yield what is the sum of a run beside it in all lines, and the run."""
    for place, own in enumerate(order):
        values = [line[own] for line in lines if own in line]
        evidence = 1
        for value in values:
            evidence = min(evidence * (int(value) + 1), MIN_EVIDENCE + 1)
        for run in (order[:place][::-1], order[place + 1 :]):
            if evidence > MIN_EVIDENCE and (parts := _find_run(own, run, lines)):
                yield own, sorted(parts)
                break


def _find_run(own: int, run: list[int], lines: list[dict[int, Decimal]]) -> list[int]:
    """Return the shortest run of neighbours that add up to it everywhere."""
    left = [line.get(own, Decimal(0)) for line in lines]
    for length, other in enumerate(run, 1):
        left = [
            rest - line.get(other, Decimal(0))
            for rest, line in zip(left, lines, strict=True)
        ]
        if min(left) < 0:
            return []
        if length > 1 and not any(left):
            return run[:length]
    return []


def ask_about_notes(table: DescribedTable) -> list[str]:
    """Ask about the texts below a table, and the comments of its cells. Return them."""
    notes = [*_list_notes(table)]
    for name, text in notes:
        message = f"{name} says {text[:200]!r}: does it limit the figures? write a caveat, or leave it out"
        table.mistakes.ask(name, (), message)
    return [f"{name}: {text}" for name, text in notes]


def _list_notes(table: DescribedTable) -> Iterator[tuple[str, str]]:
    """Yield comments and runs of rows of texts, each with the name of its cells. Rows with numbers are no notes."""
    sheet = table.sheet
    taken = {row for row, _ in table.list_places()}
    for place, text in sheet.comments.items():
        if place[0] in taken:
            yield name_cell(*place), text
    texts = {
        row: " ".join(filter(None, cells))
        for row, cells in enumerate(sheet.rows, 1)
        if taken and row > max(taken) and not any(map(is_data, cells))
    }
    for rows in split_runs(row for row, text in texts.items() if text):
        name = "-".join(dict.fromkeys((f"A{rows[0]}", f"A{rows[-1]}")))
        yield name, " / ".join(texts[row] for row in rows)


class WordJudge:
    """Holds each code against the words beside which it stands: those of titles, of a heading, or of a label."""

    def __init__(self, table: DescribedTable, vocabulary: Vocabulary) -> None:
        self.table, self.vocabulary = table, vocabulary
        self.reader = WordReader(vocabulary)

    def ask(self, columns: FoundColumns, meanings: Meanings) -> None:
        for (_, codelist, word), meaning in meanings.items():
            if meaning.known_by == "yours":
                self._ask_about_label(codelist, word, meaning.codes.get(codelist, ""))
        of_table, given = self.table.layout.figure.given(), set[str]()
        for column in columns.by_number.values():
            codes, heading = column.says.given(), column.heading.text
            own = {column.says.holds, *codes}
            if "indicator" in codes:
                own |= _OF_INDICATOR - {*of_table}
            self._ask_about_text(of_table | codes, heading, own)
            if category := codes.get("category"):
                self._ask_about_label("category", heading, category)
            given |= own
        own = {*of_table, *_OF_INDICATOR} - given
        self._ask_about_text(of_table, self._read_titles(), own)
        self._ask_about_exchanged(columns)

    def _read_titles(self) -> str:
        source = self.table.mistakes.file.source
        title = str(source.title or "").replace(str(source.publisher), "")
        return " | ".join((title, *self.table.layout.figure.counted.values()))

    def _ask_about_label(self, codelist: str, label: str, code: str) -> None:
        self._ask(self.reader.find_label(codelist, label, code))

    def _ask_about_text(
        self, codes: Mapping[str, str], text: str, own: Collection[str]
    ) -> None:
        """Ask about codes that a text contradicts, of the lists that are its own."""
        every = self.vocabulary.fill_codes(codes)
        self._ask(self.reader.find(every, text, [one for one in LISTS if one in own]))
        if "stock_or_flow" in own:
            self._ask(self.reader.find_time(every, text))

    def _ask(self, found: Iterable[Contradiction]) -> None:
        for one in found:
            self.table.mistakes.ask(one.name, ("figure",), one.question)

    def _ask_about_exchanged(self, columns: FoundColumns) -> None:
        """Ask about an editor's words for a column, or a label, that fit another one better than their own."""
        of_headings = {
            column.heading.text: column.says.given() for column in columns.numbers
        }
        of_labels = {
            label: given
            for label, given in self.table.layout.words.items()
            if isinstance(given, dict)
        }
        for name, said in product(IN_WORDS, (of_headings, of_labels)):
            words = {label: codes.get(name, "") for label, codes in said.items()}
            for one, other in permutations(words, 2):
                if _fits_better(words[one], other, one) and _fits_better(words[other], one, other):  # fmt: skip
                    question = f"the {name} of {one!r} and that of {other!r} seem to be exchanged"
                    self.table.mistakes.ask(f"{one} and {other}", ("words",), question)


def _fits_better(words: str, other: str, own: str) -> bool:
    said = {*_WORDS.findall(words.casefold())}
    shared = [len(said & {*_WORDS.findall(text.casefold())}) for text in (other, own)]
    return shared[0] > shared[1]
