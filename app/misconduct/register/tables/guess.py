"""Write the first version of a table's file. Fill in what we can see, and write `decide` for the rest."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import yaml

from misconduct.register.reading import digest_of
from misconduct.register.rules import DECIDE, SUBJECT_CODES
from misconduct.register.tables.counting import MAX_WORDS, is_personal
from misconduct.register.tables.grid import Grid, UnreadableTableError, open_sheets, read_sheet
from misconduct.register.tables.headings import join_headings
from misconduct.register.tables.layout import IGNORE
from misconduct.register.tables.numbers import PERIOD_AT_END, YEAR_FORMS, find_sign, read_cell, read_year, split_signs
from misconduct.register.tables.words import Vocabulary

USUAL_SIGNS = {
    "[c]": "suppressed", "[x]": "not_available", "[z]": "not_applicable", "[w]": "not_available",
    "[r]": "revised", "[p]": "provisional", "[b]": "break", "..": "not_available", ":": "not_available",
    "#VALUE!": "unreadable", "#N/A": "unreadable", "#REF!": "unreadable", "#DIV/0!": "unreadable",
}  # fmt: skip
"""What some signs mean in spreadsheets and in tables of the Government Statistical Service."""

DATA_SIGNS = re.compile(r"\[\w+\]|[-–.:*]{1,2}|#[A-Z/0]+[!?]?|(?i:n/?a)")
UNITS = {"death": "deaths", "fatalit": "deaths", "incident": "incidents", "allegation": "allegations"}
UNITS |= {"complaint": "complaints", "officer": "people", "case": "cases"}
MAX_HEADER_LINES = 3
TABLE_NUMBER = re.compile(r"(?i)(?:table|figure)\s*[\d.]*\w?\s*[:.–-]?\s*")

Guesses = tuple[dict[str, str], dict[str, str]]


@dataclass(frozen=True)
class Guess:
    """The text of a table's file, and a sentence about what we found in the table."""

    text: str
    found: str


@dataclass(frozen=True)
class FoundBlock:
    """A table on a sheet: its heading lines, its rows, and which rows seem to be totals."""

    header: list[int]
    rows: list[int]
    totals: list[int]


def guess_layout(document: Path, sheet: str | None, vocabulary: Vocabulary, today: str) -> Guess:
    """Return the first version of a table's file. Raises UnreadableTableError."""
    sheets = open_sheets(document)
    is_csv = "" in sheets
    if sheet is None and len(sheets) > 1:
        names = [one for one in sheets if _find_blocks(read_sheet(document, sheets, one))]
        if len(names) != 1:
            raise UnreadableTableError(
                f"{document.name} has several sheets: add --sheet with one of {', '.join(names or sheets)}"
            )
        sheet = names[0]
    grid = read_sheet(document, sheets, sheet)
    if len(grid.rows) < 2:
        raise UnreadableTableError(f"{document.name} has no rows under a heading")
    top = [_describe_source(document, today)]
    if not is_csv:
        top.append(f"sheet: {_quote(sheet or next(iter(sheets)))}")
    blocks = _find_csv_block(grid) if is_csv else _find_blocks(grid)
    if not blocks and not is_csv:
        raise UnreadableTableError(f"{document.name}, {sheet}: there are no rows of numbers under a heading")
    if not blocks:
        lines = [*_guess_count(grid, vocabulary)]
        return Guess("\n".join([*top, *lines]) + "\n", "there is no column of numbers, so we count each row as a case")
    signs = _find_signs(grid, blocks)
    columns, unknown = _guess_columns(grid, blocks, signs, vocabulary)
    lists = {name for name in SUBJECT_CODES for means in columns.values() if means == name or f"is: {name}" in means}
    lacking = [name for name in SUBJECT_CODES if name not in lists]
    lines = [*_describe_blocks(grid, blocks, lists, is_csv=is_csv)]
    lines.append(_describe_figure(grid, blocks[0] if len(blocks) == 1 else None, lacking))
    lines += _describe_columns(columns, signs, unknown)
    rows = sum(len(one.rows) for one in blocks)
    totals = sum(len(one.totals) for one in blocks)
    found = f"tables: {len(blocks)}; heading lines: {blocks[0].header}; rows: {rows}; rows of totals: {totals}"
    return Guess("\n".join([*top, *lines]) + "\n", found)


def _quote(text: str) -> str:
    """Return a text as one line of YAML that also works inside brackets."""
    if re.search(r"[\[\]{},:#&*!|>'\"%@`]|^[-?]|^$", text):
        return json.dumps(text, ensure_ascii=False)
    return yaml.safe_dump(text, allow_unicode=True, width=10_000).removesuffix("\n...\n").strip()


def _describe_source(document: Path, today: str) -> str:
    decided = ", ".join(f"{name}: {DECIDE}" for name in ("title", "publisher", "published", "url", "licence"))
    return (
        "# Write published as 2020, 2020-10 or 2020-10-15. If there is no url or licence, write null and add notes.\n"
        f"source: {{{decided}, retrieved: {today}, file: {_quote(document.name)},\n  sha256: {digest_of(document)}}}"
    )


def _is_data_row(cells: list[str]) -> bool:
    filled = [one for one in cells if one]
    numbers = [one for one in filled if _is_data(one)]
    years = [one for one in numbers if YEAR_FORMS["calendar"].fullmatch(one)]
    return len(filled) > 1 and 2 * len(numbers) >= len(filled) and len(years) < len(numbers)


def _is_data(text: str) -> bool:
    word = text.removesuffix(find_sign(text) or "").rstrip()
    return read_cell(word, {}) is not None or DATA_SIGNS.fullmatch(text) is not None


def _find_blocks(grid: Grid) -> list[FoundBlock]:
    """Find each group of rows with numbers, and the heading lines above it."""
    found = []
    data = [row for row, cells in enumerate(grid.rows, 1) if _is_data_row(cells)]
    for _, run in groupby(enumerate(data), key=lambda one: one[1] - one[0]):
        rows = [row for _, row in run]
        top = rows[0]
        while top > 1 and rows[0] - top < MAX_HEADER_LINES and sum(map(bool, grid.rows[top - 2])) > 1:
            top -= 1
        if top < rows[0]:
            totals = [row for row in rows if _is_total(next(filter(None, grid.rows[row - 1])))]
            found.append(FoundBlock([*range(top, rows[0])], rows, totals))
    return found


def _find_csv_block(grid: Grid) -> list[FoundBlock]:
    """Return the table in a CSV file, if it has one: headings on the first line, and a column with only numbers."""
    rows = [*range(2, len(grid.rows) + 1)]
    columns = [grid.column(number, rows) for number in range(1, grid.width + 1)]
    has_counts = any(
        all(map(_is_data, cells)) and not all(YEAR_FORMS["calendar"].fullmatch(one) for one in cells)
        for number, cells in enumerate(columns, 1)
        if not is_personal(grid.text(1, number))
    )
    return [FoundBlock([1], rows, [])] if rows and has_counts else []


def _is_total(label: str) -> bool:
    return re.match(r"(?i)(grand )?total\b|all\b|.*\btotal$", label) is not None


def _describe_blocks(grid: Grid, blocks: list[FoundBlock], lists: set[str], *, is_csv: bool) -> Iterator[str]:
    if len(blocks) > 1:
        yield "blocks:   # one line for each table on the sheet; if you don't want a table, list its rows in skip"
        for one in blocks:
            parts = [f"header: {one.header}", f"rows: {_span(one)}", *_describe_totals(one, lists)]
            yield f"- {{{', '.join([*parts, _describe_figure(grid, one)])}}}"
        return
    if not is_csv:
        yield f"header: {blocks[0].header}"
        yield f"rows: {_span(blocks[0])}"
        yield from _describe_totals(blocks[0], lists)


def _span(block: FoundBlock) -> str:
    plain = [row for row in block.rows if row not in block.totals]
    runs = [[row for _, row in run] for _, run in groupby(enumerate(plain), key=lambda one: one[1] - one[0])]
    return _quote(", ".join(f"{run[0]}-{run[-1]}" if run[0] < run[-1] else f"{run[0]}" for run in runs))


def _describe_totals(block: FoundBlock, lists: set[str]) -> Iterator[str]:
    """Say which rows each total seems to add up: the rows above it, and for the last total, all rows."""
    codes = ", ".join(f"{name}: {'any' if name == 'category' else DECIDE}" for name in SUBJECT_CODES if name in lists)
    parts, first = [], block.rows[0]
    for row in block.totals:
        of = "" if row == block.totals[-1] or row <= first else f", of: {first}-{row - 1}"
        parts.append(f"{row}: {{{codes}{of}}}")
        first = row + 1
    if parts:
        yield f"totals: {{{', '.join(parts)}}}"


def _describe_figure(grid: Grid, block: FoundBlock | None, lacking: Iterable[str] = ()) -> str:
    """Name the codes that columns do not give, and quote the title above a table, which often names the unit."""
    row, title = _find_title(grid, block) if block else (0, "")
    unit = next((code for word, code in UNITS.items() if word in title.casefold()), DECIDE)
    codes = [f"{name}: {unit if name == 'counting_unit' else DECIDE}" for name in lacking]
    codes += [f"fit: {DECIDE}"] if {"measure", "category"} & {*lacking} else []
    counted = [f"counted: {{A{row}: {_quote(title)}}}"] if title else []
    return f"figure: {{{', '.join([*codes, *counted])}}}"


def _find_title(grid: Grid, block: FoundBlock) -> tuple[int, str]:
    """Return the row and words of the title above a table; row 0 if it has no title.

    Leave out the table's number, and the period at the end, which is another one in the next edition.
    """
    rows = [row for row in range(block.header[0] - 1, 0, -1) if grid.text(row, 1)]
    row = next((one for one in rows if TABLE_NUMBER.match(grid.text(one, 1))), rows[-1] if rows else 0)
    return row, PERIOD_AT_END.sub("", TABLE_NUMBER.sub("", grid.text(row, 1))) if row else ""


def _guess_columns(grid: Grid, blocks: list[FoundBlock], signs: dict[str, str], vocabulary: Vocabulary) -> Guesses:
    """Return what each column seems to contain, by its name, and what each unknown word could mean."""
    columns: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for block in blocks:
        rows = [row for row in block.rows if row not in block.totals]
        for number, heading in join_headings(grid, block.header, signs):
            cells = [split_signs(one, signs)[0] for one in grid.column(number, rows)]
            if heading.text and any(cells):
                name, means, words = _guess_column(heading.text, cells, vocabulary)
                columns.setdefault(name, means)
                unknown |= words
    return columns, unknown


def _describe_columns(columns: dict[str, str], signs: dict[str, str], unknown: dict[str, str]) -> Iterator[str]:
    yield "columns:   # area, measure, category, population, counting_unit, year, words, value, total or ignore"
    yield from (f"  {_quote(name)}: {means}" for name, means in columns.items())
    if signs:
        yield "signs:   # revised, provisional, break, suppressed, not_available, zero, ignore, '< 5', or a sentence"
        yield from (f"  {_quote(sign)}: {means}" for sign, means in signs.items())
    if unknown:
        yield "words:   # a code from the list; new, to add a code; or ignore"
        yield from (f"  {_quote(word)}: {means}" for word, means in _join_similar(unknown).items())


def _guess_column(heading: str, cells: list[str], vocabulary: Vocabulary) -> tuple[str, str, dict[str, str]]:
    """Return the name and the meaning of a column, and its unknown words."""
    if all(_is_data(one) for one in cells if one) and not all(
        YEAR_FORMS["calendar"].fullmatch(one) for one in cells if one
    ):
        unit = ", unit: percent" if re.search(r"(?i)per ?cent|%", heading) else ""
        for form, pattern in YEAR_FORMS.items():
            if pattern.search(heading) and read_year(heading, None, {}):
                return pattern.sub("*", heading), f"{{year: {form}{unit}}}", {}
        if YEAR_FORMS["calendar"].search(heading):  # a month or a quarter, which the editor must explain in periods
            return heading, DECIDE, {}
        if _is_total(heading):
            return heading, "total", {}
        return heading, f"{{is: value{unit}}}" if unit else "value", {}
    if all(read_year(one, None, {}) for one in cells if one):
        return heading, "year", {}
    codelist, words = _guess_list({*cells} - {""}, vocabulary)
    if is_personal(heading) and (codelist == DECIDE or 4 * len(words) > len({*cells})):
        return heading, IGNORE, {}  # "Force name" is a place, but unknown words may be people
    return heading, f"{{is: {codelist}, fill: down}}" if "" in cells else codelist, words


def _guess_list(words: set[str], vocabulary: Vocabulary) -> tuple[str, dict[str, str]]:
    """Return the code list that knows the most of these words, and the words that it does not know."""
    known = {name: {one for one in words if len(vocabulary.find(name, one)) == 1} for name in SUBJECT_CODES}
    best = max(known, key=lambda name: len(known[name]))
    if not known[best]:
        return DECIDE, {}
    return best, {one: f"{DECIDE}   # {best}{vocabulary.suggest(best, one)}" for one in sorted(words - known[best])}


def _join_similar(unknown: dict[str, str]) -> dict[str, str]:
    """Replace three or more words of the form `A & B` with one line."""
    joint = [word for word in unknown if " & " in word]
    if len(joint) < 3:
        return unknown
    return {word: means for word, means in unknown.items() if word not in joint} | {"* & *": DECIDE}


def _find_signs(grid: Grid, blocks: list[FoundBlock]) -> dict[str, str]:
    """Return the signs in headings, labels and numbers, with their usual meaning or what a note says about them."""
    found: dict[str, str] = {}
    for block in blocks:
        for row in (*block.header, *block.rows):
            for text in grid.rows[row - 1]:
                sign = find_sign(text) or (text if _is_data(text) and read_cell(text, {}) is None else None)
                if sign and sign not in found:
                    found[sign] = USUAL_SIGNS.get(sign) or _find_note(grid, sign, block.rows[-1])
    return found


def _find_note(grid: Grid, sign: str, last: int) -> str:
    """Return `decide`, or `revised` if a note below the table says so. Add the note for the editor to read."""
    for cells in grid.rows[last:]:
        text = next(filter(None, cells), "")
        if re.match(re.escape(sign) + r"\s*[\w\"“(]", text):
            means = "revised" if re.search(r"(?i)revis|updat|up-to-date", text) else DECIDE
            return f"{means}   # {text[:150]}"
    return DECIDE


def _guess_count(grid: Grid, vocabulary: Vocabulary) -> Iterator[str]:
    """Suggest what to count in a file with a row for each case: the columns whose words are in a code list."""
    rows = [*range(2, len(grid.rows) + 1)]
    by: dict[str, str] = {}
    unknown: dict[str, str] = {}
    year = ""
    for number, name in enumerate(grid.rows[0], 1):
        cells = set(grid.column(number, rows))
        if cells and all(re.match(r"\d\d-\d", one) for one in cells):
            year = f"{name}: '^(\\d\\d)-'"
        elif name and not is_personal(name) and len(cells) <= MAX_WORDS:
            means, words = _guess_list(cells - {""}, vocabulary)
            if means != DECIDE and means not in by.values():  # unknown words may name people
                by[name] = means
                unknown |= words
    yield f"count: {{by: {_quote_list(by)}, year: {{{year}}}, below: 5}}   # smaller numbers are hidden; 1 hides none"
    yield f"figure: {{area: {DECIDE}, population: {DECIDE}, counting_unit: {DECIDE}}}"
    yield "columns:"
    yield from (f"  {_quote(name)}: {means}" for name, means in by.items())
    yield from ("  year: year", "  count: value")
    yield f"totals: {{all: {DECIDE}}}   # totals published elsewhere: all, or column=word"
    if unknown:
        yield "words:   # a code from the list; new, to add a code; or ignore"
        yield from (f"  {_quote(word)}: {means}" for word, means in unknown.items())


def _quote_list(names: Iterable[str]) -> str:
    return f"[{', '.join(map(_quote, names))}]"
