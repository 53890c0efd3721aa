"""Write the first version of a table's file. Fill in what we can see, and write `decide` for the rest."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from misconduct.register.reading import Reader, digest_of
from misconduct.register.rules import DECIDE, SUBJECT_CODES
from misconduct.register.tables import finding
from misconduct.register.tables.arithmetic import Numbers, find_totals
from misconduct.register.tables.counting import MAX_WORDS, is_case_number, is_personal
from misconduct.register.tables.finding import FoundBlock, is_called_total, is_count_column, is_data
from misconduct.register.tables.grid import Grid
from misconduct.register.tables.headings import join_headings
from misconduct.register.tables.layout import IGNORE, read_layouts
from misconduct.register.tables.numbers import find_sign, read_cell, split_signs
from misconduct.register.tables.periods import YEAR_FORMS, names_part_of_year, read_year
from misconduct.register.tables.sheets import Document
from misconduct.register.tables.vocabulary import Vocabulary

USUAL_SIGNS = {
    "[c]": "suppressed", "[x]": "not_available", "[z]": "not_applicable", "[w]": "not_available",
    "[r]": "revised", "[p]": "provisional", "[b]": "break", "..": "not_available", ":": "not_available",
    "#VALUE!": "unreadable", "#N/A": "unreadable", "#REF!": "unreadable", "#DIV/0!": "unreadable",
}  # fmt: skip
"""What some signs mean in spreadsheets and in tables of the Government Statistical Service."""

UNITS = {"death": "deaths", "fatalit": "deaths", "incident": "incidents", "allegation": "allegations"}
UNITS |= {"complaint": "complaints", "case": "cases"}
YEAR_PATTERNS = {r"\d\d-\d": r"^(\d\d)-", r"(?:19|20)\d\d-\d": r"^(\d{4})-", r"\d\d?/\d\d?/\d{4}\b": r"/(\d{4})"}
"""How a case number or a date begins, and the pattern that finds its year."""

ABOUT_COLUMNS = "area, measure, category, population, year, month, words, notes, value, total, ignore …"
ABOUT_SIGNS = "revised, provisional, break, suppressed, not_available, zero, ignore, '< 5', or a sentence"
ABOUT_WORDS = "a code from the list; new, to add a code; or ignore"
WIDTH = 105
_MAX_UNKNOWN = 20  # words of a column that nobody knows: with more they are probably no kinds
_MAX_PERIODS = 3
_NOT_ADDED_UP = re.compile(r"(?i)per ?cent|%|change|rate\b")


@dataclass(frozen=True)
class Guess:
    """The text of a table's file, and a sentence about what we found in the table."""

    text: str
    found: str


class Proposal(NamedTuple):
    """What a column, a sign or a word probably means, a comment for the editor, and the unknown words of a column."""

    name: str
    means: Any = DECIDE
    comment: str = ""
    words: tuple["Proposal", ...] = ()

    @property
    def holds(self) -> Any:
        """Return what a column is."""
        return self.means.get("is") if isinstance(self.means, dict) else self.means


@dataclass(frozen=True)
class Sketch:
    """What we see in a table before an editor has looked: its titles, the rows that add up others, and its columns."""

    block: FoundBlock
    titles: dict[int, str]
    totals: dict[int, list[int]]
    are_rounded: bool
    columns: dict[int, Proposal]

    @property
    def plain_rows(self) -> list[int]:
        """Return the rows that are not totals."""
        return [row for row in self.block.rows if row not in self.totals]

    @property
    def by_list(self) -> dict[str, int]:
        """Return the code lists whose labels are in columns, with the number of the column."""
        return {one.holds: number for number, one in self.columns.items() if one.holds in SUBJECT_CODES}


def guess_layout(path: Path, sheet: str | None, vocabulary: Vocabulary, today: str, root: Path) -> Guess:
    """Return the first version of a table's file. Raises UnreadableTableError."""
    document = Document(path)
    sheet, grid, blocks = finding.find_tables(document, sheet)
    lines = [*_describe_source(document, today, root)]
    if sheet is not None:
        lines.append(_line("sheet", sheet))
    if not blocks:
        lines += _guess_count(grid, vocabulary)
        return Guess("\n".join([*lines, ""]), "there is no column of counts, so we count each row as a case")
    signs = _find_signs(document, grid, blocks)
    sketches = [_sketch(grid, block, [one.name for one in signs], vocabulary) for block in blocks]
    columns = [column for one in sketches for column in one.columns.values()]
    lines += _describe_tables(document, sheet, grid, sketches, vocabulary)
    lines += _list("columns", ABOUT_COLUMNS, columns)
    lines += _list("signs", ABOUT_SIGNS, signs)
    lines += _list("words", ABOUT_WORDS, [word for one in columns for word in one.words])
    rows, totals = sum(len(one.plain_rows) for one in sketches), sum(len(one.totals) for one in sketches)
    found = f"tables: {len(blocks)}; heading lines: {blocks[0].header}; rows: {rows}; rows of totals: {totals}"
    return Guess("\n".join([*lines, ""]), found)


def _write(value: Any) -> str:
    """Write a value as YAML within brackets, on as many lines as it needs."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=WIDTH)
    return text.removesuffix("...\n").strip()


def _line(key: Any, value: Any, comment: str = "") -> str:
    return f"{_write(key)}: {_write(value)}{f'   # {comment}' if comment else ''}"


def _list(key: str, comment: str, proposals: list[Proposal]) -> Iterator[str]:
    if proposals:
        yield f"{key}:   # {comment}"
        by_name = {one.name: one for one in proposals}
        yield from (f"  {_line(name, one.means, one.comment)}" for name, one in by_name.items())


def _describe_source(document: Document, today: str, root: Path) -> Iterator[str]:
    """Describe the document. If another table of the same file is in the register, take over what it says."""
    digest = digest_of(document.path)
    known = next((one.layout.source for one in read_layouts(Reader(root)) if one.layout.source.sha256 == digest), None)
    fields: dict[str, Any] = dict.fromkeys(("title", "publisher", "published", "url", "licence"), DECIDE)
    if known:
        given = known.model_dump(exclude={"title", "file", "sha256"})
        fields |= {name: text for name, text in given.items() if text or name in fields}
    else:
        yield "# published: 2020, 2020-10 or 2020-10-15. If url or licence is unknown, write null and say why in notes."
    yield _line("source", {"retrieved": today} | fields | {"file": document.path.name, "sha256": digest})


def _sketch(grid: Grid, block: FoundBlock, signs: list[str], vocabulary: Vocabulary) -> Sketch:
    def read(row: int, number: int) -> Decimal | None:
        found = read_cell(split_signs(grid.text(row, number), signs)[0], {})
        return Decimal(found["value"]) if found and found.get("value") and found["qualifier"] == "exact" else None

    headings = {number: heading.text for number, heading in join_headings(grid, block.header, signs)}
    counts = [number for number, name in headings.items() if _can_add_up(name, grid.column(number, block.rows))]
    called = [is_called_total(next(filter(None, grid.rows[row - 1]), "")) for row in block.rows]
    found = find_totals([[read(row, number) for number in counts] for row in block.rows], called)
    parts = {row: [block.rows[part] for part in found.parts.get(index, [])] for index, row in enumerate(block.rows)}
    totals = {row: of for (row, of), is_called in zip(parts.items(), called, strict=True) if of or is_called}
    titles = {row: split_signs(text, signs)[0] for row, text in finding.find_titles(grid, block).items()}
    sketch = Sketch(block, titles, totals, found.are_rounded, {})
    for number, name in headings.items():
        cells = [split_signs(one, signs)[0] for one in grid.column(number, sketch.plain_rows)]
        if any(cells):
            sketch.columns[number] = _guess_column(name, cells, vocabulary)
    _mark_totals(sketch, {number: [read(row, number) for row in sketch.plain_rows] for number in counts})
    return sketch


def _can_add_up(heading: str, cells: list[str]) -> bool:
    """Tell whether the numbers of a column can be added up: neither years, nor shares or changes."""
    is_share = _NOT_ADDED_UP.search(heading) or any("%" in cell for cell in cells)
    return is_count_column(heading, cells) and not is_share


def _mark_totals(sketch: Sketch, lines: Mapping[int, Numbers]) -> None:
    columns, numbers = sketch.columns, [number for number in lines if number in sketch.columns]
    called = [is_called_total(columns[number].name) for number in numbers]
    found = find_totals([lines[number] for number in numbers], called).parts
    plain = [number for index, number in enumerate(numbers) if index not in found]
    for index, parts in found.items():
        proposal, of = columns[numbers[index]], [numbers[part] for part in parts]
        names = [*dict.fromkeys(columns[number].name for number in of)]
        is_of_whole_names = all(number in of for number, one in columns.items() if one.name in names)
        if proposal.means in ("value", DECIDE) and is_of_whole_names:
            means = "total" if of == plain else {"is": "total", "of": names}
            columns[numbers[index]] = Proposal(proposal.name, means)


def _describe_tables(
    document: Document, sheet: str | None, grid: Grid, sketches: list[Sketch], vocabulary: Vocabulary
) -> Iterator[str]:
    described = [_describe_block(grid, one, vocabulary) for one in sketches]
    if any(one.are_rounded for one in sketches):
        yield _line("rounding", 1, "the totals only come out if the numbers are rounded to 1")
    shared = _describe_figure(sketches)
    if len(sketches) > 1:
        yield "blocks:   # one line for each table on the sheet; if you don't want a table, list its rows in skip"
        yield from (f"- {_write(one)}" for one in described)
    else:
        shared |= described[0].pop("figure")
        yield from (_line(key, value) for key, value in described[0].items() if sheet is not None or key == "totals")
    if not any("year" in column.means for one in sketches for column in one.columns.values()):
        offered = [*finding.find_periods(document, sheet, sketches[0].titles)]
        is_in_title = bool(offered) and "!" not in offered[0].get("cell", "!")
        shared["period"] = _decide(offered[0]) if is_in_title else DECIDE
        others = [] if is_in_title else [*map(_write, offered[:_MAX_PERIODS])] or ["none"]
        yield from (f"# period may be {one}" for one in others)
    yield _line("figure", shared)


def _decide(period: dict[str, str]) -> dict[str, str]:
    return period if "means" in period or read_year(period["printed"], None, {}) else period | {"means": DECIDE}


def _describe_block(grid: Grid, sketch: Sketch, vocabulary: Vocabulary) -> dict[str, Any]:
    totals = {}
    for row, parts in sketch.totals.items():
        labels = {name: grid.text(row, number) for name, number in sketch.by_list.items()}
        unknown = [name for name, label in labels.items() if [*vocabulary.find(name, label).values()] != [True]]
        of = {"of": _write_rows(parts)} if parts and parts != sketch.plain_rows else {}
        totals[row] = {name: "any" if name == "category" else DECIDE for name in unknown} | of
    counted = {f"A{row}": words for row, title in sketch.titles.items() if (words := finding.shorten_title(title))}
    figure = {"counted": counted} if counted else {}
    described = {"header": sketch.block.header, "rows": _write_rows(sketch.plain_rows), "figure": figure}
    return described | ({"totals": totals} if totals else {})


def _write_rows(rows: Iterable[int]) -> str:
    """Write row numbers as 7-9, 11."""
    runs = finding.split_runs(rows)
    return ", ".join(f"{run[0]}-{run[-1]}" if run[0] < run[-1] else f"{run[0]}" for run in runs)


def _describe_figure(sketches: list[Sketch]) -> dict[str, Any]:
    """Return the codes that columns do not give. The title of a single table often names the counting unit."""
    lacking = [name for name in SUBJECT_CODES if name not in sketches[0].by_list]
    title = " ".join(sketches[0].titles.values()).casefold() if len(sketches) == 1 else ""
    unit = next((code for word, code in UNITS.items() if word in title), DECIDE)
    lacking += ["fit"] if {"measure", "category"} & {*lacking} else []
    return {name: unit if name == "counting_unit" else DECIDE for name in lacking}


def _guess_column(name: str, cells: list[str], vocabulary: Vocabulary) -> Proposal:
    filled = [cell for cell in cells if cell]
    if all(map(is_data, filled)) and not all(YEAR_FORMS["calendar"].fullmatch(cell) for cell in filled):
        return _guess_numbers(name, filled)
    if all(read_year(cell, None, {}) for cell in filled):
        return Proposal(name, "year")
    if all(map(names_part_of_year, filled)):
        return Proposal(name, "month")
    if all(map(finding.NOTES.fullmatch, filled)):
        return Proposal(name, "notes")
    codelist, words = _guess_list({*filled}, vocabulary)
    if is_personal(name) and (codelist == DECIDE or 4 * len(words) > len({*cells})):
        return Proposal(name, DECIDE, f"{IGNORE}, if it names people")  # "Force name" is a place
    return Proposal(name, {"is": codelist, "fill": "down"} if "" in cells else codelist, "", words)


def _guess_numbers(heading: str, cells: list[str]) -> Proposal:
    unit = {"unit": "percent"} if re.search(r"(?i)per ?cent|%", f"{heading} {cells[0]}") else {}
    form = next((one for one, pattern in YEAR_FORMS.items() if one != "month" and pattern.search(heading)), None)
    if not is_count_column(heading, cells):
        return Proposal(heading, IGNORE)
    if form and read_year(heading, None, {}):
        return Proposal(YEAR_FORMS[form].sub("*", heading), {"year": form} | unit)
    if YEAR_FORMS["month"].search(heading):
        return Proposal(heading, {"year": DECIDE}, "month; if it is for one day, also say in periods which")
    if form:  # a quarter or another part of a year, which the editor must explain in periods
        return Proposal(heading, {"year": DECIDE})
    if names_part_of_year(heading):
        return Proposal(heading, {"year": "month"})
    if any(cell.startswith(("-", "−")) and cell[1:] for cell in cells):
        return Proposal(heading, DECIDE, "ignore, or {is: value, statistic: change}")
    if is_called_total(heading) and not unit:
        return Proposal(heading, DECIDE, "total; but it equals the sum of no other columns")
    return Proposal(heading, {"is": "value"} | unit if unit else "value")


def _guess_list(words: set[str], vocabulary: Vocabulary) -> tuple[str, tuple[Proposal, ...]]:
    """Return the code list that knows the most of these words, and the words that it does not know."""
    known = {name: {one for one in words if len(vocabulary.find(name, one)) == 1} for name in SUBJECT_CODES}
    best = max(known, key=lambda name: len(known[name]))
    if not known[best]:
        return DECIDE, ()
    unknown = sorted(words - known[best])
    return best, tuple(Proposal(one, DECIDE, f"{best}{vocabulary.suggest(best, one)}") for one in unknown)


def _find_signs(document: Document, grid: Grid, blocks: list[FoundBlock]) -> list[Proposal]:
    """Return the signs in tables and their titles, with their usual meaning or what a note says of them."""
    found: dict[str, Proposal] = {}
    for block in blocks:
        rows = [*finding.find_titles(grid, block), *block.header, *block.rows]
        for sign in (sign for row in rows for text in grid.rows[row - 1] for sign in _list_signs(text)):
            if sign not in found and split_signs(f"a{sign}", found)[0] != "a":
                note = finding.find_note(document, grid, sign, block.rows[-1])
                is_revision = re.search(r"(?i)revis|updat|up-to-date", note)
                means = USUAL_SIGNS.get(sign, "revised" if is_revision else DECIDE)
                found[sign] = Proposal(sign, means, note[:150] if sign not in USUAL_SIGNS else "")
    return [*found.values()]


def _list_signs(text: str) -> list[str]:
    sign = find_sign(text) or (text if is_data(text) and read_cell(text, {}) is None else None)
    return re.findall(r"\[note \w+\]", text) or ([sign] if sign else [])


def _guess_count(grid: Grid, vocabulary: Vocabulary) -> Iterator[str]:
    """Suggest what to count in a file with a row for each case: the columns whose words are in a code list."""
    by: dict[str, Proposal] = {}
    year: dict[str, str] = {}
    for number, name in enumerate(grid.rows[0], 1):
        cells = {*grid.column(number, [*range(2, len(grid.rows) + 1)])} - {""}
        patterns = (found for form, found in YEAR_PATTERNS.items() if all(re.match(form, one) for one in cells))
        pattern = next(patterns, None) if cells else None
        if pattern and not year and (not is_personal(name) or is_case_number(name)):
            year = {name: pattern}
        elif name and not is_personal(name) and len(cells) <= MAX_WORDS:
            codelist, words = _guess_list(cells, vocabulary)
            if codelist not in (DECIDE, *by) and len(words) <= _MAX_UNKNOWN:  # unknown words may name people
                by[codelist] = Proposal(name, codelist, "", words)
    count = {"by": [one.name for one in by.values()] or [DECIDE]} | ({"year": year} if year else {}) | {"below": 5}
    yield _line("count", count, "smaller numbers are hidden; 1 hides none")
    lacking = [name for name in SUBJECT_CODES if name not in by]
    yield _line("figure", dict.fromkeys([*lacking, *([] if year else ["period"])], DECIDE))
    counted = [Proposal("year", "year")] if year else []
    yield from _list("columns", ABOUT_COLUMNS, [*by.values(), *counted, Proposal("count", "value")])
    yield _line("totals", {"all": DECIDE}, "totals published elsewhere: all, or column=word")
    yield from _list("words", ABOUT_WORDS, [word for column in by.values() for word in column.words])
