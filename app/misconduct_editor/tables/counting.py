"""Count the cases in a file that has a row for each. Keep only columns that the editor names."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..register.layout import Block, Count, Layout
from .grid import Grid, UnreadableTableError, squeeze
from .sheets import Document, Lines, read_lines

MAX_WORDS = (
    200  # of a column we count by; with more, they may name people and not kinds
)
MAX_CHARACTERS = 80  # of a word that we count by
MIN_WORDS = 10  # with more, at most half may occur only once

_PERSONAL = re.compile(
    r"(?i)(^|_)(ids?|names?|surname|forename|firstname|lastname|complainant|victim|race|ethnicity|sex|gender|religion|age"
    r"|dob|birth|badge|shield|warrant|address|postcode|unit|email|phone|years_of_service|rank)($|_)"
)
# The id of no person. It often begins with a year.
_CASE_NUMBER = re.compile(
    r"(?i)(case|complaint|incident|allegation|report)\W?(id|no|number)"
)
_YEAR = re.compile(r"(?:19|20)?\d\d")


def is_personal(column: str) -> bool:
    """Tell whether a heading is about individual people."""
    return (
        _PERSONAL.search(
            re.sub(r"[^A-Za-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column))
        )
        is not None
    )


def count_cases(
    document: Document, layout: Layout, block: Block, count: Count
) -> tuple[Grid, list[str]]:
    """Return a table with the columns we count by, `year` and `count`, and sentences on how it came about.

    Numbers below the threshold are written like `<5`. Words that differ only in capitals count as one. A row may have
    line breaks only if the number of all cases is given elsewhere, and so proves that none is lost.
    """
    years = [
        name
        for name in count.year
        if not _CASE_NUMBER.fullmatch(name.replace("_", " "))
    ]
    if personal := [name for name in (*count.by, *years) if is_personal(name)]:
        raise UnreadableTableError(
            f"{', '.join(personal)}: you cannot count by columns about individual people"
        )
    path, is_proven = document.path, "all" in block.published
    cases = [
        *_read_cases(
            path,
            _list_lines(document, layout),
            [*count.by, *count.year],
            is_proven=is_proven,
        )
    ]
    joins = [
        (name, word, new)
        for name, of in count.join.items()
        for new, every in of.items()
        for word in every
    ]
    words = {(name, case[name].casefold()) for _, case in cases for name in count.by}
    if unused := [
        f"{word!r} in {name}"
        for name, word, _ in joins
        if (name, word.casefold()) not in words
    ]:
        raise UnreadableTableError(f"join: no row has {', '.join(unused)}")
    joined = {(name, word.casefold()): new for name, word, new in joins}
    rows = [
        [joined.get((name, case[name].casefold()), case[name]) for name in count.by]
        for _, case in cases
    ]
    for name, pattern in count.year.items():
        years = [_find_year(pattern, case[name]) for _, case in cases]
        if undated := [
            line for (line, _), year in zip(cases, years, strict=True) if not year
        ]:
            message = f"the pattern finds no year in {len(undated):,} rows, such as line {undated[0]}"
            hint = (
                "; a date of a spreadsheet is read like 2023-12-30"
                if path.suffix == ".xlsx"
                else ""
            )
            raise UnreadableTableError(f"{name}: {message}{hint}")
        rows = [[*words, year] for words, year in zip(rows, years, strict=True)]
    spellings = defaultdict[tuple[int, str], Counter[str]](Counter)
    for place, word in (one for words in rows for one in enumerate(words)):
        spellings[place, word.casefold()][word] += 1
    _check_words(count.by, spellings)
    found = [
        f"{path.name}: {cases[-1][0] if cases else 0:,} lines, {len(cases):,} rows with a case"
    ]
    found += [
        f"counted as one word: {', '.join(one)}"
        for one in spellings.values()
        if len(one) > 1
    ]
    most = {one: spelt.most_common(1)[0][0] for one, spelt in spellings.items()}
    counts = Counter(
        tuple(most[place, word.casefold()] for place, word in enumerate(words))
        for words in rows
    )
    counted = sorted([*words, str(number) if number >= count.below else f"<{count.below}"]
                     for words, number in counts.items())  # fmt: skip
    return Grid(
        [[*count.by, *(["year"] if count.year else []), "count"], *counted],
        is_counted=True,
    ), found


def _find_year(pattern: str, text: str) -> str:
    """Return the year that a pattern finds: 2016 for 16."""
    match = re.search(pattern, text)
    year = (match and match[1]) or ""
    return f"{'20' if len(year) == 2 else ''}{year}" if _YEAR.fullmatch(year) else ""


def _read_cases(
    path: Path, lines: Lines, wanted: list[str], *, is_proven: bool
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each case with its line. No message quotes a row."""
    top, names = next(lines, (1, []))
    header = [squeeze(name) for name in names]
    if twice := [
        name for name, number in Counter(header).items() if name and number > 1
    ]:
        message = f"two columns are called {', '.join(twice)}; rename one in a copy"
        raise UnreadableTableError(f"{path.name}, line {top}: {message}")
    if absent := [name for name in wanted if name not in header]:
        shown = ", ".join(name for name in header if name and not is_personal(name))
        message = f"has no column {', '.join(absent)}; it has {shown}"
        raise UnreadableTableError(
            f"{path.name} {message}; if other lines are above its headings, save a copy without"
        )
    places = {name: header.index(name) for name in wanted}
    for line, cells in lines:
        message = ""
        if len(cells) != len(header):
            message = (
                f"this row has {len(cells)} cells, but the heading has {len(header)}"
            )
        elif not is_proven and any("\n" in cell for cell in cells):
            message = "this row has a line break; if it should, give the number of all cases in published: {all: …}"
        case = {name: squeeze(cells[place]) for name, place in places.items()}
        if any(len(text) > MAX_CHARACTERS for text in case.values()):
            message = f"a cell that we count by has more than {MAX_CHARACTERS} characters, so it names no kind"
        if message:
            raise UnreadableTableError(
                f"{path.name}, line {line}: {message}; is a quotation mark missing or too many?"
            )
        yield line, case


def _list_lines(document: Document, layout: Layout) -> Lines:
    """Yield the lines that are not empty. A sheet has no blank cells at the end of a row."""
    is_sheet, width = "" not in document.sheets, 0
    lines = (
        enumerate(document.read(layout.sheet).rows, 1)
        if is_sheet
        else read_lines(document.path)
    )
    for line, cells in lines:
        if any(map(squeeze, cells)):
            width = width or len(cells)
            yield line, cells + [""] * (width - len(cells) if is_sheet else 0)


def _check_words(
    by: Iterable[str], spellings: Mapping[tuple[int, str], Counter[str]]
) -> None:
    """Refuse columns that may name people and not kinds."""
    people = []
    for place, name in enumerate(by):
        numbers = [
            found.total() for (column, _), found in spellings.items() if column == place
        ]
        if len(numbers) > MAX_WORDS or (
            len(numbers) > MIN_WORDS and 2 * numbers.count(1) > len(numbers)
        ):
            people.append(name)
    if people:
        message = f"more than {MAX_WORDS} different words, or most only once, so they may name people and not kinds"
        raise UnreadableTableError(f"{', '.join(people)} has {message}")
