"""Ask about what may be a mistake of the editor. `sure` in the file answers, with a reason."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import permutations, product
from pathlib import Path

from misconduct.model.dates import read_period

from ..register.cells import name_cell, name_column
from ..register.indicators import NEEDED_CODES
from ..register.rules import IN_WORDS
from ..register.yaml_files import KeyPath
from .described import DescribedTable
from .figures import Cell
from .finding import is_data, split_runs, write_rows
from .headings import FoundColumns
from .totals import Sum
from .vocabulary import Meaning, Vocabulary

MIN_EVIDENCE = 100_000
"""A row is a sum by chance about once in as many rows as its numbers, multiplied, are large."""

Meanings = Mapping[tuple[str, str, str], Meaning]
READ = ("measure", "category", "population", "counting_unit", "area")
"""The code lists whose words stand in titles, headings and labels."""

_YEARS = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-–/_ ]{1,3}(\d\d)(?!\d))?(?!\d)")
_IN_TIME = re.compile(
    r"(?i)\b(during|throughout|within|in the (?:year|month|quarter))\b"
)
_AT_TIME = re.compile(r"(?i)\b(as at|as of|at the end of|on \d\d? \w+)\b")
_WORDS = re.compile(r"[^\W\d_]{4,}")


def ask_about_years(table: DescribedTable, cells: list[Cell]) -> None:
    """Ask about years in the title, the file name and the first cell that no figure is of."""
    source = table.mistakes.file.layout.source
    covered = set[int]()
    for cell in cells:
        first, last, *_ = read_period(
            cell.figure["period"], table.mistakes.file.source.published
        )
        for day in (first, last):
            covered.update({day.year} if day else ())
    texts: list[tuple[KeyPath, str]] = [
        (("source", "title"), str(table.mistakes.file.source.title or "")),
        (("source", "file"), Path(source.file).stem),
        ((), _read_first(table)),
    ]
    for path, text in texts:
        for year in {*_list_years(text)}:
            if not covered or not min(covered) <= year <= max(covered):
                message = f"{text[:200]!r} says {year}, which is not in the period of the figures: is the period right?"
                table.mistakes.ask(str(year), path, message)


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


def _list_years(text: str) -> Iterator[int]:
    for match in _YEARS.finditer(text):
        first = int(match[1])
        yield first
        if match[2] and int(match[2]) == (first + 1) % 100:
            yield first + 1


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
        self._asked = set[str]()

    def ask(self, columns: FoundColumns, meanings: Meanings) -> None:
        for (_, codelist, word), meaning in meanings.items():
            if meaning.known_by == "yours":
                self._judge_word(codelist, word, meaning.codes.get(codelist, ""))
        of_table, given = self.table.layout.figure.given(), set[str]()
        for column in columns.by_number.values():
            codes, heading = column.says.given(), column.heading.text
            own = {column.says.holds, *codes}
            own |= (
                {*NEEDED_CODES, "stock_or_flow"} - {*of_table}
                if "indicator" in codes
                else set()
            )
            self._judge_text(of_table | codes, heading, own)
            if category := codes.get("category"):
                self._judge_word("category", heading, category)
            given |= own
        own = {*of_table, *NEEDED_CODES, "stock_or_flow"} - given
        self._judge_text(of_table, self._read_titles(), own)
        self._ask_about_exchanged(columns)

    def _read_titles(self) -> str:
        source = self.table.mistakes.file.source
        title = str(source.title or "").replace(str(source.publisher), "")
        return " | ".join((title, *self.table.layout.figure.counted.values()))

    def _judge_word(self, codelist: str, word: str, code: str) -> None:
        """Compare the code of a whole label with what the list reads in it, if that is clear."""
        known = self.vocabulary.find(codelist, word)
        if len(known) == 1 and not self._agrees(codelist, code, {*known}):
            self._ask(codelist, word, code, word)

    def _judge_text(
        self, codes: Mapping[str, str], text: str, own: Collection[str]
    ) -> None:
        """Compare codes, of the lists that are its own, with what these lists read inside a text."""
        every = self.vocabulary.fill_codes(codes)
        for codelist in READ:
            readings = self.vocabulary.read_text(codelist, text)
            if codelist not in own or not readings or codelist not in every:
                continue
            code = every[codelist]
            if not any(self._agrees(codelist, code, one.codes) for one in readings):
                self._ask(codelist, readings[0].words, code, text)
        for form, wrong in ((_IN_TIME, "stock"), (_AT_TIME, "flow")):
            match = form.search(text)
            if match and "stock_or_flow" in own and every.get("stock_or_flow") == wrong:
                self._ask("stock_or_flow", match[0], wrong, text)

    def _agrees(self, codelist: str, code: str, read: Collection[str]) -> bool:
        """Tell whether a code says what words do, or less; or of a kind, a stage or a place, something inside."""
        if codelist != "population" and {*self.vocabulary.list_above(codelist, code)} & {*read}:  # fmt: skip
            return True
        return any(code in self.vocabulary.list_above(codelist, one) for one in read)

    def _ask(self, codelist: str, words: str, code: str, text: str) -> None:
        label = self.vocabulary.label(codelist, code)
        where = "" if text == words else f" in {text!r}"
        question = f"{words!r}{where} is coded as {codelist} {code}: {label}"
        self.table.mistakes.ask(f"{words} as {code}", ("figure",), question)

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
