"""Write the first version of a table's file. Fill in what we can see, and write `decide` for the rest."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import yaml

from misconduct.register.reading import Reader, digest_of
from misconduct.register.rules import DECIDE, SUBJECT_CODES
from misconduct.register.tables.arithmetic import Numbers, Totals, find_totals
from misconduct.register.tables.counting import MAX_WORDS, is_case_number, is_personal
from misconduct.register.tables.finding import (
    NOTES,
    FoundBlock,
    find_note,
    find_periods,
    find_tables,
    find_title,
    is_called_total,
    is_count_column,
    is_data,
    shorten_title,
)
from misconduct.register.tables.grid import Grid
from misconduct.register.tables.headings import Heading, join_headings
from misconduct.register.tables.layout import IGNORE, read_layouts
from misconduct.register.tables.numbers import find_sign, read_cell, split_signs
from misconduct.register.tables.periods import YEAR_FORMS, names_part_of_year, read_year
from misconduct.register.tables.sheets import Document
from misconduct.register.tables.words import Vocabulary

USUAL_SIGNS = {
    "[c]": "suppressed", "[x]": "not_available", "[z]": "not_applicable", "[w]": "not_available",
    "[r]": "revised", "[p]": "provisional", "[b]": "break", "..": "not_available", ":": "not_available",
    "#VALUE!": "unreadable", "#N/A": "unreadable", "#REF!": "unreadable", "#DIV/0!": "unreadable",
}  # fmt: skip
"""What some signs mean in spreadsheets and in tables of the Government Statistical Service."""

UNITS = {"death": "deaths", "fatalit": "deaths", "incident": "incidents", "allegation": "allegations"}
UNITS |= {"complaint": "complaints", "officer": "people", "case": "cases"}
YEAR_PATTERNS = {r"\d\d-\d": r"^(\d\d)-", r"(?:19|20)\d\d-\d": r"^(\d{4})-", r"\d\d?/\d\d?/\d{4}\b": r"/(\d{4})"}
"""How a case number or a date begins, and the pattern that finds its year."""

WIDTH = 120
_MAX_UNKNOWN = 20  # words of a column that nobody knows: with more they are probably no kinds
_MAX_PERIODS = 3


@dataclass(frozen=True)
class Guess:
    """The text of a table's file, and a sentence about what we found in the table."""

    text: str
    found: str


class FoundColumn(NamedTuple):
    """What a column seems to contain: its name and its meaning in the file, and what its unknown words could mean."""

    name: str
    means: str
    words: dict[str, str]


@dataclass(frozen=True)
class Sketch:
    """What we see in a file before an editor has looked: the tables of a sheet, their signs, columns and totals."""

    document: Document
    vocabulary: Vocabulary
    sheet: str | None
    grid: Grid
    blocks: list[FoundBlock]
    signs: dict[str, str]
    totals: list[Totals]
    columns: list[dict[int, FoundColumn]]

    @property
    def by_list(self) -> dict[str, int]:
        """Return the code lists whose labels are in columns, with the number of the column."""
        means = {number: re.findall(r"\w+", column.means)[:2] for number, column in self.columns[0].items()}
        return {name: number for name in SUBJECT_CODES for number, words in means.items() if name in words}

    @property
    def has_years(self) -> bool:
        """Tell whether a heading or a column of labels gives the year, or perhaps gives it."""
        means = [column.means for columns in self.columns for column in columns.values()]
        return any("year" in one or one.startswith(DECIDE) for one in means)


def guess_layout(path: Path, sheet: str | None, vocabulary: Vocabulary, today: str, root: Path) -> Guess:
    """Return the first version of a table's file. Raises UnreadableTableError."""
    document = Document(path)
    sheet, grid, blocks = find_tables(document, sheet)
    top = [*_describe_source(document, today, root)]
    if sheet is not None:
        top.append(f"sheet: {_quote(sheet)}")
    if not blocks:
        lines = [*_guess_count(grid, vocabulary)]
        return Guess(_join([*top, *lines]), "there is no column of counts, so we count each row as a case")
    sketch = _sketch(document, sheet, grid, blocks, vocabulary)
    lines = [*_describe_blocks(sketch), *_describe_columns(sketch)]
    rows, totals = sum(len(one.rows) for one in blocks), sum(len(one.parts) for one in sketch.totals)
    found = f"tables: {len(blocks)}; heading lines: {blocks[0].header}; rows: {rows - totals}; rows of totals: {totals}"
    return Guess(_join([*top, *lines]), found)


def _sketch(
    document: Document, sheet: str | None, grid: Grid, blocks: list[FoundBlock], vocabulary: Vocabulary
) -> Sketch:
    signs = _find_signs(document, grid, blocks)
    totals = [_find_row_totals(grid, block) for block in blocks]
    columns = []
    for block, of_rows in zip(blocks, totals, strict=True):
        rows, found = [row for row in block.rows if row not in of_rows.parts], dict[int, FoundColumn]()
        for number, heading in join_headings(grid, block.header, signs):
            cells = [split_signs(one, signs)[0] for one in grid.column(number, rows)]
            if any(cells):
                found[number] = _guess_column(heading, cells, vocabulary)
        columns.append(_mark_totals(grid, block, of_rows, found))
    return Sketch(document, vocabulary, sheet, grid, blocks, signs, totals, columns)


def _join(lines: Iterable[str]) -> str:
    return "\n".join(part for line in lines for part in _wrap(line)) + "\n"


def _wrap(line: str) -> Iterator[str]:
    """Yield a line in parts that fit: broken after a comma, or else within a text, but not in a comment."""
    while len(line) > WIDTH and "   #" not in line and not line.startswith("#"):
        place = (line.rfind(", ", 3, WIDTH) + 1) or (line.find(", ", 3) + 1) or line.rfind(" ", 3, WIDTH)
        if place <= 0:
            break
        yield line[:place]
        line = f"  {line[place:].lstrip()}"
    yield line


def _quote(text: str) -> str:
    """Return a text as one line of YAML that also works inside brackets."""
    if re.search(r"[\[\]{},:#&*!|>'\"%@`]|^[-?]|^$", text):
        return json.dumps(text, ensure_ascii=False)
    return yaml.safe_dump(text, allow_unicode=True, width=10_000).removesuffix("\n...\n").strip()


def _describe_source(document: Document, today: str, root: Path) -> Iterator[str]:
    """Describe the document. If another table of the same file is in the register, take over what it says."""
    digest = digest_of(document.path)
    known = next((one.layout.source for one in read_layouts(Reader(root)) if one.layout.source.sha256 == digest), None)
    names = ("publisher", "published", "url", "licence")
    fields = dict.fromkeys(("title", *names), DECIDE) | {"retrieved": today}
    if known:
        given = known.model_dump(exclude={"title", "file", "sha256", "notes"}, exclude_none=True)
        fields |= dict.fromkeys(names, "null") | {name: _quote(text) for name, text in given.items()}
        if known.notes:
            fields["notes"] = f"{{{', '.join(f'{name}: {_quote(text)}' for name, text in known.notes.items())}}}"
    else:
        yield "# published: 2020, 2020-10 or 2020-10-15. If url or licence is unknown, write null and say why in notes."
        yield from _describe_cover(document)
    said = ", ".join(f"{name}: {text}" for name, text in fields.items())
    yield f"source: {{{said}, file: {_quote(document.path.name)}, sha256: {digest}}}"


def _describe_cover(document: Document) -> Iterator[str]:
    """Show the first words of a cover sheet, which often name the title, the publisher and the day."""
    for name in (name for name in document.sheets if re.match(r"(?i)cover|title|index|contents", name)):
        words = [cell for cells in document.read(name).rows[:12] for cell in cells[:2] if cell]
        if words:
            yield f"# {name}: {' · '.join(words)[: WIDTH - len(name) - 6]}"


def _find_row_totals(grid: Grid, block: FoundBlock) -> Totals:
    """Return which rows add up others, and the rows that are only called totals, without parts."""
    columns = _find_count_columns(grid, block)
    lines = [[_read_number(grid.text(row, number)) for number in columns] for row in block.rows]
    called = [is_called_total(next(filter(None, grid.rows[row - 1]), "")) for row in block.rows]
    found = find_totals(lines, called)
    parts = {block.rows[index]: [block.rows[part] for part in found.parts.get(index, [])]
             for index, is_called in enumerate(called) if is_called or index in found.parts}  # fmt: skip
    return Totals(parts, found.are_rounded)


def _find_count_columns(grid: Grid, block: FoundBlock) -> list[int]:
    """Return the columns whose numbers can be added up: neither years, nor shares or changes."""
    headings = dict(join_headings(grid, block.header, {}))
    return [
        number
        for number, heading in headings.items()
        if is_count_column(heading.text, grid.column(number, block.rows))
        and not re.search(r"(?i)per ?cent|%|change|rate\b", heading.text)
        and not any("%" in cell for cell in grid.column(number, block.rows))
    ]


def _read_number(text: str) -> Decimal | None:
    read = read_cell(split_signs(text, [sign] if (sign := find_sign(text)) else [])[0], {})
    return Decimal(read["value"]) if read and read.get("value") and read["qualifier"] == "exact" else None


def _mark_totals(
    grid: Grid, block: FoundBlock, of_rows: Totals, columns: dict[int, FoundColumn]
) -> dict[int, FoundColumn]:
    """Return columns, with those that equal the sum of others as totals."""
    rows = [row for row in block.rows if row not in of_rows.parts]
    numbers = [number for number in _find_count_columns(grid, block) if number in columns]
    lines: list[Numbers] = [[_read_number(text) for text in grid.column(number, rows)] for number in numbers]
    found = find_totals(lines, [is_called_total(columns[number].name) for number in numbers])
    plain = [index for index in range(len(numbers)) if index not in found.parts]
    marked = dict(columns)
    for index, parts in found.parts.items():
        column, names = columns[numbers[index]], list(dict.fromkeys(columns[numbers[part]].name for part in parts))
        is_whole_pattern = all(numbers.index(number) in parts for number, one in columns.items() if one.name in names)
        if column.means == "value" or column.means == "total":
            of = "" if parts == plain else f", of: [{', '.join(map(_quote, names))}]"
            if is_whole_pattern:
                marked[numbers[index]] = column._replace(means=f"{{is: total{of}}}" if of else "total")
    return marked


def _describe_blocks(sketch: Sketch) -> Iterator[str]:
    if any(one.are_rounded for one in sketch.totals):
        yield "rounding: 1   # the totals only come out if the numbers are rounded to 1"
    if len(sketch.blocks) > 1:
        yield "blocks:   # one line for each table on the sheet; if you don't want a table, list its rows in skip"
        for block, totals in zip(sketch.blocks, sketch.totals, strict=True):
            parts = [
                f"header: {block.header}",
                f"rows: {_span(block, totals)}",
                *_describe_totals(sketch, block, totals),
            ]
            yield f"- {{{', '.join([*parts, f'figure: {{{_quote_title(sketch, block)}}}'])}}}"
        yield from _describe_figure(sketch, None)
        return
    [block], [totals] = sketch.blocks, sketch.totals
    if sketch.sheet is not None:
        yield f"header: {block.header}"
        yield f"rows: {_span(block, totals)}"
    yield from _describe_totals(sketch, block, totals)
    yield from _describe_figure(sketch, block)


def _span(block: FoundBlock, totals: Totals) -> str:
    return _quote(_write_rows([row for row in block.rows if row not in totals.parts]))


def _write_rows(rows: Iterable[int]) -> str:
    """Write row numbers as 7-9, 11."""
    runs = [[row for _, row in run] for _, run in groupby(enumerate(rows), key=lambda one: one[1] - one[0])]
    return ", ".join(f"{run[0]}-{run[-1]}" if run[0] < run[-1] else f"{run[0]}" for run in runs)


def _describe_totals(sketch: Sketch, block: FoundBlock, totals: Totals) -> Iterator[str]:
    """Say which rows each total adds up, and which codes its labels do not give."""
    plain = [row for row in block.rows if row not in totals.parts]
    written = []
    for row, parts in totals.parts.items():
        said = [f"{name}: {'any' if name == 'category' else DECIDE}" for name in _find_lists_not_said(sketch, row)]
        if parts and parts != plain:
            said.append(f"of: {_quote(_write_rows(parts))}")
        written.append(f"{row}: {{{', '.join(said)}}}")
    if written:
        yield f"totals: {{{', '.join(written)}}}"


def _find_lists_not_said(sketch: Sketch, row: int) -> Iterator[str]:
    """Yield the code lists in which a row of totals has no label that we know."""
    labels = {name: sketch.grid.text(row, number) for name, number in sketch.by_list.items()}
    return (name for name, label in labels.items() if len(sketch.vocabulary.find(name, label)) != 1)


def _describe_figure(sketch: Sketch, block: FoundBlock | None) -> Iterator[str]:
    """Name the codes that columns do not give, quote the title above a table, and say what states the period."""
    lacking = [name for name in SUBJECT_CODES if name not in sketch.by_list]
    title = find_title(sketch.grid, block)[1] if block else ""
    unit = next((code for word, code in UNITS.items() if word in title.casefold()), DECIDE)
    said = [f"{name}: {unit if name == 'counting_unit' else DECIDE}" for name in lacking]
    said += [f"fit: {DECIDE}"] if {"measure", "category"} & {*lacking} else []
    said += [_quote_title(sketch, block)] if block and title else []
    if not sketch.has_years:
        period, others = _guess_period(sketch)
        said.append(f"period: {period}")
        yield from (f"# period may be {one}" for one in others)
    yield f"figure: {{{', '.join(filter(None, said))}}}"


def _quote_title(sketch: Sketch, block: FoundBlock) -> str:
    row, title = find_title(sketch.grid, block)
    words = shorten_title(split_signs(title, sketch.signs)[0])
    return f"counted: {{A{row}: {_quote(words)}}}" if words else ""


def _guess_period(sketch: Sketch) -> tuple[str, list[str]]:
    """Return what to write for `period`, and what else it may be."""
    row, title = find_title(sketch.grid, sketch.blocks[0])
    written = []
    for found in find_periods(sketch.document, sketch.sheet, row, split_signs(title, sketch.signs)[0]):
        means = "" if found.is_plain else f", means: {found.means or DECIDE}"
        if found.where == "file name":
            written.append(f"{{from: file name, means: {found.means or DECIDE}}}")
        else:
            written.append(f"{{cell: {_quote(found.where)}, printed: {_quote(found.words)}{means}}}")
        if found.where == f"A{row}":
            return written[0], []
    return DECIDE, [*dict.fromkeys(written)][:_MAX_PERIODS] or ["none, if the publisher does not state one"]


def _describe_columns(sketch: Sketch) -> Iterator[str]:
    yield "columns:   # area, measure, category, population, year, month, words, notes, value, total, ignore …"
    found = [column for columns in sketch.columns for column in columns.values()]
    yield from dict.fromkeys(f"  {_quote(column.name)}: {column.means}" for column in found)
    if sketch.signs:
        yield "signs:   # revised, provisional, break, suppressed, not_available, zero, ignore, '< 5', or a sentence"
        yield from (f"  {_quote(sign)}: {means}" for sign, means in sketch.signs.items())
    unknown = {word: means for column in found for word, means in column.words.items()}
    yield from _describe_words(_join_similar(unknown))


def _describe_words(unknown: dict[str, str]) -> Iterator[str]:
    if unknown:
        yield "words:   # a code from the list; new, to add a code; or ignore"
        yield from (f"  {_quote(word)}: {means}" for word, means in unknown.items())


def _guess_column(heading: Heading, cells: list[str], vocabulary: Vocabulary) -> FoundColumn:
    """Return what a column seems to contain."""
    name, filled = heading.text, [cell for cell in cells if cell]
    if all(map(is_data, filled)) and not all(YEAR_FORMS["calendar"].fullmatch(cell) for cell in filled):
        return _guess_numbers(name, filled)
    if all(read_year(cell, None, {}) for cell in filled):
        return FoundColumn(name, "year", {})
    if all(map(names_part_of_year, filled)):
        return FoundColumn(name, "month", {})
    if all(map(NOTES.fullmatch, filled)):
        return FoundColumn(name, "notes", {})
    codelist, words = _guess_list({*filled}, vocabulary)
    if is_personal(name) and (codelist == DECIDE or 4 * len(words) > len({*cells})):
        return FoundColumn(name, f"{DECIDE}   # {IGNORE}, if it names people", {})  # "Force name" is a place
    return FoundColumn(name, f"{{is: {codelist}, fill: down}}" if "" in cells else codelist, words)


def _guess_numbers(heading: str, cells: list[str]) -> FoundColumn:
    """Return what a column of numbers seems to contain."""
    if not is_count_column(heading, cells):
        return FoundColumn(heading, IGNORE, {})
    unit = ", unit: percent" if re.search(r"(?i)per ?cent|%", f"{heading} {cells[0]}") else ""
    for form, pattern in YEAR_FORMS.items():
        if form != "month" and pattern.search(heading) and read_year(heading, None, {}):
            return FoundColumn(pattern.sub("*", heading), f"{{year: {form}{unit}}}", {})
    if YEAR_FORMS["month"].search(heading):
        hint = "{year: month} if it is for the month; for one day, that and the day in periods"
        return FoundColumn(heading, f"{DECIDE}   # {hint}", {})
    if YEAR_FORMS["calendar"].search(heading):  # a quarter or another part, which the editor must explain in periods
        return FoundColumn(heading, DECIDE, {})
    if names_part_of_year(heading):
        return FoundColumn(heading, "{year: month}", {})
    if is_called_total(heading) and not unit:
        return FoundColumn(heading, "total", {})
    return FoundColumn(heading, f"{{is: value{unit}}}" if unit else "value", {})


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


def _find_signs(document: Document, grid: Grid, blocks: list[FoundBlock]) -> dict[str, str]:
    """Return the signs in a table and its title, with their usual meaning or what a note says of them."""
    found: dict[str, str] = {}
    for block in blocks:
        titles = [find_title(grid, block)[0]]
        for row in (*filter(None, titles), *block.header, *block.rows):
            for text in grid.rows[row - 1]:
                for sign in _find_signs_of(text):
                    if sign not in found and split_signs(f"a{sign}", found)[0] != "a":
                        found[sign] = USUAL_SIGNS.get(sign) or _describe_note(document, grid, sign, block.rows[-1])
    return found


def _find_signs_of(text: str) -> Sequence[str]:
    if notes := re.findall(r"\[note \w+\]", text):
        return [str(note) for note in notes]
    sign = find_sign(text) or (text if is_data(text) and read_cell(text, {}) is None else None)
    return [sign] if sign else []


def _describe_note(document: Document, grid: Grid, sign: str, last: int) -> str:
    """Return `decide`, or `revised` if a note says so. Add the note for the editor to read."""
    note = find_note(document, grid, sign, last)
    if note is None:
        return DECIDE
    means = "revised" if re.search(r"(?i)revis|updat|up-to-date", note) else DECIDE
    return f"{means}   # {note[:150]}"


def _guess_count(grid: Grid, vocabulary: Vocabulary) -> Iterator[str]:
    """Suggest what to count in a file with a row for each case: the columns whose words are in a code list."""
    rows = [*range(2, len(grid.rows) + 1)]
    by: dict[str, FoundColumn] = {}
    year = ""
    for number, name in enumerate(grid.rows[0], 1):
        cells = {*grid.column(number, rows)} - {""}
        pattern = next((
            found for form, found in YEAR_PATTERNS.items() if cells and all(re.match(form, cell) for cell in cells)
        ), None)  # fmt: skip
        if pattern and not year and (not is_personal(name) or is_case_number(name)):
            year = f"{_quote(name)}: '{pattern}'"
        elif name and not is_personal(name) and len(cells) <= MAX_WORDS:
            means, words = _guess_list(cells, vocabulary)
            if means != DECIDE and len(words) <= _MAX_UNKNOWN and means not in [one.means for one in by.values()]:
                by[name] = FoundColumn(name, means, words)  # unknown words may name people
    names = ", ".join(map(_quote, by)) or DECIDE
    years = f", year: {{{year}}}" if year else ""
    yield f"count: {{by: [{names}]{years}, below: 5}}   # smaller numbers are hidden; 1 hides none"
    lacking = [name for name in SUBJECT_CODES if name not in [one.means for one in by.values()]]
    period = "" if year else f", period: {DECIDE}"
    yield f"figure: {{{', '.join(f'{name}: {DECIDE}' for name in lacking)}{period}}}"
    yield "columns:"
    yield from (f"  {_quote(name)}: {column.means}" for name, column in by.items())
    yield from ([*(["  year: year"] if year else []), "  count: value"])
    yield f"totals: {{all: {DECIDE}}}   # totals published elsewhere: all, or column=word"
    yield from _describe_words({word: means for column in by.values() for word, means in column.words.items()})
