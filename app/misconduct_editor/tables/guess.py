"""Write the first version of a table's file, with `decide` for what we cannot see.

It does not ask what the next run of `add` asks at its cell, and with a remedy: about rates, plans and changes.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from misconduct.model.catalogue import PEOPLE
from misconduct.releases.folder import digest_of

from ..register.layout import IGNORE, read_layouts
from ..register.periods import ANY_PERIOD, PERIOD_AT_END, YEAR_FORMS, names_part_of_year, read_year
from ..register.reading import Reader
from ..register.rules import DECIDE, SUBJECT_CODES
from . import finding
from .counting import is_personal
from .finding import FoundBlock, Numbers, find_totals, is_called_total, is_count_column, is_data
from .grid import Grid
from .headings import join_headings
from .numbers import read_cell, split_label, split_signs
from .sheets import Document
from .vocabulary import Vocabulary

USUAL_SIGNS = {
    "[c]": "suppressed", "[x]": "not_available", "[z]": "not_applicable", "[w]": "not_available",
    "[r]": "revised", "[p]": "provisional", "[b]": "break", "..": "not_available", ":": "not_available",
    "#VALUE!": "unreadable", "#N/A": "unreadable", "#REF!": "unreadable", "#DIV/0!": "unreadable",
    "NULL": "not_available",
}  # fmt: skip
"""What signs mean in spreadsheets and at the Government Statistical Service. A note counts more."""

ABOUT_COLUMNS = "area, measure, category, population, unit, year, words, value, total, ignore …"
ABOUT_COUNT = r"by: columns of kinds; year: {case_id: '^(\d\d)-'}; smaller numbers than below are hidden"
ABOUT_PERIODS = "such as 2009-04/2009-06, or 2009-06-30 for a day"
ABOUT_SIGNS = "revised, provisional, break, suppressed, not_available, zero, ignore, or a sentence"
ABOUT_WORDS = "a code from the list, or ignore"
WIDTH = 105
_MAX_PERIODS, _MAX_PERIOD = 3, 200  # periods to choose from; characters of one


class _Proposal(NamedTuple):
    """What a column, sign or word probably means, and the unknown words and periods of a column."""

    name: str
    means: Any = DECIDE
    comment: str = ""
    words: tuple["_Proposal", ...] = ()
    periods: tuple["_Proposal", ...] = ()

    @property
    def holds(self) -> Any:
        return self.means.get("is") if isinstance(self.means, dict) else self.means


class _Sketch(NamedTuple):
    """What we see in a table, such as rows that add up others."""

    block: FoundBlock
    title: str
    totals: dict[int, list[int]]
    columns: dict[int, _Proposal]

    @property
    def plain_rows(self) -> list[int]:
        return [row for row in self.block.rows if row not in self.totals]

    @property
    def by_list(self) -> dict[str, int]:
        return {one.holds: number for number, one in self.columns.items() if one.holds in SUBJECT_CODES}


def guess_layout(path: Path, sheet: str | None, vocabulary: Vocabulary, today: str, root: Path) -> tuple[str, str]:
    """Return the first version of a table's file, and what we found."""
    document = Document(path)
    sheet, grid, blocks = finding.find_tables(document, sheet)
    lines = [*_describe_source(document, today, root), *([] if sheet is None else [_line("sheet", sheet)])]
    if not blocks:
        top = finding.find_top(grid)
        lines += [_line("header", [top])] if top > 1 else []
        lines += [_line("count", {"by": [DECIDE], "below": 5}, ABOUT_COUNT)]
        lines += [_line("figure", dict.fromkeys((*vocabulary.needed, "period"), DECIDE))]
        lines += _list("columns", ABOUT_COLUMNS, [_Proposal("year", "year"), _Proposal("count", "value")])
        lines += [_line("published", {"all": DECIDE}, "sums published elsewhere: all, or column=word"), ""]
        return "\n".join(lines), "there is no column of counts, so we count each row as a case"
    whole = max(blocks, key=lambda one: len({*one.rows} - grid.hidden_rows))
    hidden = [row for row in whole.rows if row in grid.hidden_rows]
    block = whole._replace(rows=[row for row in whole.rows if row not in hidden])
    signs = [_propose_sign(*found) for found in finding.find_signs(document, grid, block).items()]
    sketch = _sketch(grid, block, [one.name for one in signs], vocabulary)
    lines += _describe_table(document, sheet, grid, sketch, vocabulary)
    lines += [f"# rows leaves out {finding.write_rows(hidden)}, which the sheet hides"] if hidden else []
    lines += _list("columns", ABOUT_COLUMNS, sketch.columns.values())
    lines += _list("periods", ABOUT_PERIODS, chain(*(one.periods for one in sketch.columns.values())))
    lines += _list("signs", ABOUT_SIGNS, signs)
    lines += _list("words", ABOUT_WORDS, chain(*(one.words for one in sketch.columns.values())))
    found = f"tables: {len(blocks)}{', of which this is the largest' if len(blocks) > 1 else ''}; "
    found += f"heading lines: {block.header}; rows: {len(sketch.plain_rows)}; rows of totals: {len(sketch.totals)}"
    return "\n".join([*lines, ""]), found


def _write(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=WIDTH)
    return text.removesuffix("...\n").strip()


def _line(key: Any, value: Any, comment: str = "") -> str:
    return f"{_write(key)}: {_write(value)}{f'   # {comment}' if comment else ''}"


def _list(key: str, comment: str, proposals: Iterable[_Proposal]) -> Iterator[str]:
    by_name = {one.name: one for one in proposals}
    if by_name:
        yield f"{key}:   # {comment}"
        yield from (f"  {_line(name, one.means, one.comment)}" for name, one in by_name.items())


def _describe_source(document: Document, today: str, root: Path) -> Iterator[str]:
    """Describe the document, as another table of it does."""
    digest = digest_of(document.path)
    sources = (one.layout.source for one in read_layouts(Reader(root)))
    known = next((one for one in sources if one.sha256 == digest), None)
    fields: dict[str, Any] = dict.fromkeys(("title", "publisher", "published", "url", "licence"), DECIDE)
    if known:
        given = known.model_dump(exclude={"title", "file", "sha256"})
        fields |= {name: text for name, text in given.items() if text or name in fields}
    else:
        yield "# published: 2020, 2020-10 or 2020-10-15. If url or licence is unknown, write null and say why in notes."
    yield _line("source", {"retrieved": today} | fields | {"file": document.path.name, "sha256": digest})


def _sketch(grid: Grid, block: FoundBlock, signs: list[str], vocabulary: Vocabulary) -> _Sketch:
    headings = {number: heading.text for number, heading in join_headings(grid, block.header, signs)}
    numbers = [one for one, name in headings.items() if is_count_column(name, grid.column(one, block.rows))]
    counted = [one for one in numbers if one not in grid.hidden_columns and not finding.is_called_rate(headings[one])]
    labels = [one for one in headings if one not in numbers]
    totals = _find_totals_of_rows(grid, block.rows, labels, counted, signs)
    plain = [row for row in block.rows if row not in totals]
    columns = _ask_about_wider(_propose_columns(grid, plain, headings, signs, vocabulary))
    lines = {one: [_read_exact(grid.text(row, one), signs) for row in plain] for one in counted if one in columns}
    years = {one: read_year(headings[one], None, {}) for one in lines}
    for year in dict.fromkeys((None, *years.values())):
        _mark_totals(columns, {one: line for one, line in lines.items() if year in (None, years[one])})
    return _Sketch(block, _read_title(grid, signs) if block.header[0] > 1 else "", totals, columns)


def _read_exact(text: str, signs: list[str]) -> Decimal | None:
    """Return a number that can be added up: no percentage, and none with a hedge."""
    found = read_cell(split_signs(text, signs)[0], {})
    is_exact = found and found.get("value") and found["qualifier"] == "exact" and "%" not in found["printed"]
    return Decimal(found["value"]) if found and is_exact else None


def _find_totals_of_rows(
    grid: Grid, rows: list[int], labels: list[int], counted: list[int], signs: list[str]
) -> dict[int, list[int]]:
    """Return each row that is called a total, or equals the sum of others, with those that it adds up."""
    called = [any(is_called_total(split_label(grid.text(row, one), signs)[0]) for one in labels) for row in rows]
    parts = find_totals([[_read_exact(grid.text(row, one), signs) for one in counted] for row in rows], called)
    found = [index for index in range(len(rows)) if index in parts or called[index]]
    return {rows[index]: [rows[part] for part in parts.get(index, [])] for index in found}


def _propose_columns(
    grid: Grid, rows: list[int], headings: dict[int, str], signs: list[str], vocabulary: Vocabulary
) -> dict[int, _Proposal]:
    found: dict[int, _Proposal] = {}
    for number, name in headings.items():
        words = [*filter(None, (split_label(one, signs)[0] for one in grid.column(number, rows)))]
        if number in grid.hidden_columns:
            found[number] = _Proposal(name, IGNORE, "the sheet hides it")
        elif words:
            found[number] = _guess_column(name, words, vocabulary)
        elif not name.startswith("column "):
            found[number] = _Proposal(name, IGNORE, "it is empty")
    return found


def _ask_about_wider(columns: dict[int, _Proposal]) -> dict[int, _Proposal]:
    """Return columns, of which only the last from a list is proposed: that is the narrowest, a force and no region."""
    last = {one.holds: one for one in columns.values() if one.holds in SUBJECT_CODES}

    def ask(one: _Proposal) -> _Proposal:
        about = f"ignore, or words to quote: {last[one.holds].name!r} is also {one.holds}"
        return _Proposal(one.name, DECIDE, about)

    return {number: one if last.get(one.holds, one) is one else ask(one) for number, one in columns.items()}


def _read_title(grid: Grid, signs: list[str]) -> str:
    """Return the first cell without the period at its end."""
    title = split_label(grid.text(1, 1), signs)[0]
    end = title[-_MAX_PERIOD:]  # a search of a longer one takes too long
    return title.removesuffix(end) + PERIOD_AT_END.sub("", end)


def _mark_totals(columns: dict[int, _Proposal], lines: Mapping[int, Numbers]) -> None:
    """Propose columns that equal the sum of others that we can name, of their year."""
    numbers = [*lines]
    if len(numbers) == 1 and columns[numbers[0]].means == DECIDE and is_called_total(columns[numbers[0]].name):
        columns[numbers[0]] = _Proposal(columns[numbers[0]].name, "value")  # there is nothing that it adds up
    found = find_totals([*lines.values()], [is_called_total(columns[number].name) for number in numbers])
    plain = [number for index, number in enumerate(numbers) if index not in found]
    for index, parts in found.items():
        proposal, of = columns[numbers[index]], [numbers[part] for part in parts]
        names = [*dict.fromkeys(columns[number].name for number in of)]
        year = proposal.means if isinstance(proposal.means, dict) and {*proposal.means} == {"year"} else {}
        is_named = all(columns[one].name not in names or one in of for one in (lines if year else columns))
        if is_named and (year or proposal.means in ("value", DECIDE)):
            means = {"is": "total"} | year | ({} if of == plain else {"of": names})
            total = _Proposal(proposal.name, means if means.keys() - {"is"} else "total")
            columns |= {number: total for number, one in columns.items() if one.name == proposal.name}


def _describe_table(
    document: Document, sheet: str | None, grid: Grid, sketch: _Sketch, vocabulary: Vocabulary
) -> Iterator[str]:
    header, held = sketch.block.header, {*sketch.by_list}
    if sheet is not None or header != [1]:  # a CSV file without a title needs neither
        yield _line("header", header)
        yield _line("rows", finding.write_rows(sketch.plain_rows))
    if totals := _describe_totals(grid, sketch, vocabulary):
        yield _line("totals", totals)
    held |= {"indicator"} if "measure" in held else set()  # of each stage, in words
    lacking = [name for name in vocabulary.needed if name not in held]
    lacking += ["fit"] if {"measure", "category", "indicator"} & {*lacking} else []
    figure: dict[str, Any] = dict.fromkeys(lacking, DECIDE)
    figure |= {"counted": {"A1": sketch.title}} if sketch.title else {}
    if not any("year" in one.means for one in sketch.columns.values()):
        figure["period"] = DECIDE
        offered = map(_write, finding.find_periods(document, sheet, grid, header[0]))
        yield from (f"# period may be {one}" for one in [*offered][:_MAX_PERIODS] or ["none"])
    if "indicator" in figure:
        above = " | ".join((document.path.stem, sheet or "", sketch.title))
        headings = " | ".join(one.name for one in sketch.columns.values())
        for one in vocabulary.offer_indicators(above) or vocabulary.offer_indicators(headings):
            yield f"# indicator may be {one}: {vocabulary.indicators[one].name.replace(PEOPLE, 'people')}"
    yield _line("figure", figure)


def _describe_totals(grid: Grid, sketch: _Sketch, vocabulary: Vocabulary) -> dict[Any, Any]:
    totals: dict[Any, Any] = {}
    for row, parts in sketch.totals.items():
        labels = {name: grid.text(row, number) for name, number in sketch.by_list.items()}
        unknown = [name for name, label in labels.items() if [*vocabulary.find(name, label).values()] != [True]]
        is_of_all = parts == sketch.plain_rows or (not parts and len(sketch.totals) == 1)
        of = {} if is_of_all else {"of": finding.write_rows(parts) or DECIDE}
        totals[row] = {name: "any" if name == "category" else DECIDE for name in unknown} | of
    return totals


def _guess_column(name: str, cells: list[str], vocabulary: Vocabulary) -> _Proposal:
    if all(read_year(cell, None, {}) for cell in cells):
        return _Proposal(name, "year")
    if all(map(is_data, cells)):
        return _guess_numbers(name, cells)
    found = {*cells}
    known = {one: {word for word in found if len(vocabulary.find(one, word)) == 1} for one in SUBJECT_CODES}
    best = max(known, key=lambda one: len(known[one]))
    codelist, unknown = (best, sorted(found - known[best])) if known[best] else (DECIDE, [])
    words = tuple(_Proposal(one, DECIDE, f"{best}{vocabulary.suggest(best, one)}") for one in unknown)
    if codelist == "measure" and vocabulary.indicators:  # each stage is an indicator of its own
        words = tuple(_ask_for_indicator(one, vocabulary) for one in sorted(found))
    if is_personal(name) and (codelist == DECIDE or 4 * len(words) > len(found)):
        return _Proposal(name, DECIDE, f"{IGNORE}, if it names people")  # "Force name" is a place
    return _Proposal(name, codelist, "", words)


def _ask_for_indicator(word: str, vocabulary: Vocabulary) -> _Proposal:
    """Ask what a stage counts, such as complaints or allegations found proven."""
    known = [*vocabulary.find("measure", word)]
    measure = known[0] if len(known) == 1 else ""
    offered = " or ".join(vocabulary.offer_indicators(word, measure))
    about = f"indicator may be {offered}" if offered else "see indicators.csv"
    about += "" if measure else vocabulary.suggest("measure", word)
    return _Proposal(word, {"measure": measure or DECIDE, "indicator": DECIDE}, about)


def _guess_numbers(heading: str, cells: list[str]) -> _Proposal:
    unit = {"unit": "percent"} if "%" in cells[0] else {}
    form = next((one for one, pattern in YEAR_FORMS.items() if pattern.search(heading)), None)
    if not is_count_column(heading, cells):
        return _Proposal(heading, IGNORE)
    if form and read_year(heading, None, {}):
        return _Proposal(YEAR_FORMS[form].sub("*", heading), {"year": form} | unit)
    if form and (match := ANY_PERIOD.search(heading)) and not YEAR_FORMS["month"].fullmatch(heading):
        words = match[0].strip()
        return _Proposal(heading.replace(words, "*"), {"year": form} | unit, periods=(_Proposal(words),))
    if form or names_part_of_year(heading):
        return _Proposal(heading, {"year": DECIDE}, "such as month; say in periods what is no year or month")
    if is_called_total(heading) and not unit:
        return _Proposal(heading, DECIDE, "total; but it equals the sum of no other columns")
    return _Proposal(heading, {"is": "value"} | unit if unit else "value")


def _propose_sign(sign: str, note: str) -> _Proposal:
    usual = USUAL_SIGNS.get(sign, DECIDE)
    is_usual = not note or usual.replace("_", " ") in note.casefold()
    return _Proposal(sign, usual if is_usual else DECIDE, note)
