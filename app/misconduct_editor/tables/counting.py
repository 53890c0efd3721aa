"""Count the cases in a file that has a row for each. Keep only columns that the editor names."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..register.layout import Block, Count, Layout
from .grid import Grid, UnreadableTableError, squeeze
from .sheets import Document, Lines, read_lines

MAX_WORDS = 200  # of a column we count by; with more, they may name people and not kinds
MAX_CHARACTERS = 80  # of a word that we count by
MIN_WORDS = 10  # with more, at most half may occur only once

_PERSONAL = re.compile(
    r"(?i)(^|_)(ids?|names?|surname|forename|firstname|lastname|complainant|victim|race|ethnicity|sex|gender|religion|age"
    r"|dob|birth|badge|shield|warrant|address|postcode|unit|email|phone|years_of_service|rank)($|_)"
)
# The id of no person. It often begins with a year.
_CASE_NUMBER = re.compile(r"(?i)(case|complaint|incident|allegation|report)\W?(id|no|number)")
_YEAR = re.compile(r"(?:19|20)?\d\d")


def is_personal(column: str) -> bool:
    """Tell whether a heading is about individual people."""
    return _PERSONAL.search(re.sub(r"[^A-Za-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column))) is not None


def count_cases(document: Document, layout: Layout, block: Block, count: Count) -> tuple[Grid, list[str]]:
    """Return a table with the columns we count by, `year` and `count`, and sentences on how it came about.

    Numbers below the threshold are written like `<5`. Words that differ only in capitals count as one. A row may have
    line breaks only if the number of all cases is given elsewhere, and so proves that none is lost.
    """
    years = [name for name in count.year if not _CASE_NUMBER.fullmatch(name.replace("_", " "))]
    if personal := [name for name in (*count.by, *years) if is_personal(name)]:
        raise UnreadableTableError(f"{', '.join(personal)}: you cannot count by columns about individual people")
    path, lines, undated = document.path, 0, list[int]()
    counts, spellings = Counter[tuple[str, ...]](), defaultdict[tuple[int, str], Counter[str]](Counter)
    joined = {
        (name, word.casefold()): new for name, of in count.join.items() for new, words in of.items() for word in words
    }
    unused = dict(joined)
    listed, is_proven = _list_rows(document, layout, block), "all" in block.published
    for lines, case in _read_cases(path, listed, [*count.by, *count.year], is_proven=is_proven):
        for name in count.by:
            unused.pop((name, case[name].casefold()), None)
        words = [joined.get((name, case[name].casefold()), case[name]) for name in count.by]
        for name, pattern in count.year.items():
            match = re.search(pattern, case[name])
            year = (match and match[1]) or ""
            words.append(f"{'20' if len(year) == 2 else ''}{year}" if _YEAR.fullmatch(year) else "")  # 2016 for 16
            undated += [] if words[-1] else [lines]
        counts[tuple(map(str.casefold, words))] += 1
        for place, word in enumerate(words):
            spellings[place, word.casefold()][word] += 1
    if undated:
        message = f"the pattern finds no year in {len(undated):,} rows, such as line {undated[0]}"
        hint = "; a date of a spreadsheet is read like 2023-12-30" if path.suffix == ".xlsx" else ""
        raise UnreadableTableError(f"{', '.join(count.year)}: {message}{hint}")
    if unused:
        raise UnreadableTableError(f"join: no row has {', '.join(f'{word!r} in {name}' for name, word in unused)}")
    _check_words(count.by, spellings)
    found = [f"{path.name}: {lines:,} lines, {counts.total():,} rows with a case"]
    found += [f"counted as one word: {', '.join(one)}" for one in spellings.values() if len(one) > 1]
    rows = sorted(
        [*(spellings[one].most_common(1)[0][0] for one in enumerate(words)),
         str(number) if number >= count.below else f"<{count.below}"]
        for words, number in counts.items()
    )  # fmt: skip
    return Grid([[*count.by, *(["year"] if count.year else []), "count"], *rows], is_counted=True), found


def _read_cases(
    path: Path, lines: Lines, wanted: list[str], *, is_proven: bool
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each case with its line. No message quotes a row."""
    top, names = next(lines, (1, []))
    header = [squeeze(name) for name in names]
    if twice := [name for name, number in Counter(header).items() if name and number > 1]:
        message = f"two columns are called {', '.join(twice)}; rename one in a copy"
        raise UnreadableTableError(f"{path.name}, line {top}: {message}")
    if absent := [name for name in wanted if name not in header]:
        shown = ", ".join(name for name in header if name and not is_personal(name))
        message = f"has no column {', '.join(absent)}{f'; it has {shown}' if top == 1 else f' in line {top}'}"
        raise UnreadableTableError(f"{path.name} {message}; if its headings are in another line, write header: [3]")
    places = {name: header.index(name) for name in wanted}
    for line, cells in lines:
        message = ""
        if len(cells) != len(header):
            message = f"this row has {len(cells)} cells, but the heading has {len(header)}"
        elif not is_proven and any("\n" in cell for cell in cells):
            message = "this row has a line break; if it should, give the number of all cases in published: {all: …}"
        case = {name: squeeze(cells[place]) for name, place in places.items()}
        if any(len(text) > MAX_CHARACTERS for text in case.values()):
            message = f"a cell that we count by has more than {MAX_CHARACTERS} characters, so it names no kind"
        if message:
            raise UnreadableTableError(f"{path.name}, line {line}: {message}; is a quotation mark missing or too many?")
        yield line, case


def _list_rows(document: Document, layout: Layout, block: Block) -> Lines:
    if len(block.header) > 1:
        raise UnreadableTableError("header: the headings of a file of cases are one line")
    is_sheet = "" not in document.sheets
    lines = enumerate(document.read(layout.sheet).rows, 1) if is_sheet else read_lines(document.path)
    top, width, rows = (block.header or [1])[0], 0, {*block.rows}
    for row, (line, cells) in enumerate(lines, 1):
        if row < top or not any(map(squeeze, cells)):
            continue
        if not width or not rows or row in rows:
            width = width or len(cells)
            yield line, cells + [""] * (width - len(cells) if is_sheet else 0)
        elif "all" not in block.published:
            remedy = "if it is no case, give the number of all cases in published: {all: …}"
            raise UnreadableTableError(f"{document.path.name}, line {line}: this row is not in rows: {remedy}")


def _check_words(by: Iterable[str], spellings: Mapping[tuple[int, str], Counter[str]]) -> None:
    """Refuse columns that may name people and not kinds."""
    people = []
    for place, name in enumerate(by):
        numbers = [found.total() for (column, _), found in spellings.items() if column == place]
        if len(numbers) > MAX_WORDS or (len(numbers) > MIN_WORDS and 2 * numbers.count(1) > len(numbers)):
            people.append(name)
    if people:
        message = f"more than {MAX_WORDS} different words, or most only once, so they may name people and not kinds"
        raise UnreadableTableError(f"{', '.join(people)} has {message}")
