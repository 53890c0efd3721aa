"""Write the first version of a table's file, with `decide` for what we cannot see.

It does not ask what the next run of `add` asks at its cell, and with a remedy: about rates, plans and changes.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from misconduct.releases.folder import digest_of

from ..register.layout import IGNORE
from ..register.periods import PERIOD_AT_END, YEAR_FORMS, names_part_of_year, read_year
from ..register.rules import DECIDE, SUBJECT_CODES
from . import finding
from .finding import FoundBlock, is_called_total, is_count_column, is_data
from .grid import Grid
from .headings import join_headings
from .numbers import split_label
from .rows import is_personal
from .sheets import Document
from .vocabulary import Vocabulary

USUAL_SIGNS = {
    "[c]": "suppressed", "[x]": "not_available", "[z]": "not_applicable", "[w]": "not_available",
    "[r]": "revised", "[p]": "provisional", "[b]": "break",
    "#VALUE!": "unreadable", "#N/A": "unreadable", "#REF!": "unreadable", "#DIV/0!": "unreadable",
    "NULL": "not_available",
}  # fmt: skip
"""What signs mean in spreadsheets and at the Government Statistical Service. Notes may say something else."""

ABOUT_COLUMNS = (
    "area, measure, category, population, unit, year, words, value, total, ignore …"
)
ABOUT_PLACES = "the country, or the part of it, in which the places are: gb, us_nc …"
ABOUT_ROWS = "those that add up others belong in totals, with what they add up in of"
ABOUT_SIGNS = "revised, provisional, break, suppressed, not_available, zero, ignore, or a sentence"
ABOUT_WORDS = "a code from the list, or ignore"
WIDTH = 105
_MAX_PERIODS, _MAX_PERIOD = 3, 200  # periods to choose from; characters of one


class _Proposal(NamedTuple):
    """What a column, sign or word probably means, and the unknown words of a column."""

    name: str
    means: Any = DECIDE
    comment: str = ""
    words: tuple["_Proposal", ...] = ()

    @property
    def holds(self) -> Any:
        return self.means.get("is") if isinstance(self.means, dict) else self.means


SCRIPT = f'''"""Count the cases of the file."""

from misconduct_editor.tables.rows import count_cases, list_cases


def read(sheet):
    cases = list_cases(sheet, ["{DECIDE}"])  # {DECIDE}: columns of kinds and of the year, none of people
    return count_cases(cases, below=5)  # smaller numbers are hidden
'''
"""The first version of the script of a file with a row for each case."""


def guess_layout(
    path: Path, sheet: str | None, vocabulary: Vocabulary, today: str
) -> tuple[str, str, str]:
    """Return the first version of a table's file, that of its script, if it needs one, and what we found."""
    document = Document(path)
    sheet, grid, blocks = finding.find_tables(document, sheet)
    lines = [
        *_describe_source(document, today),
        *([] if sheet is None else [_line("sheet", sheet)]),
    ]
    script = "" if blocks else SCRIPT
    if blocks:
        block = max(blocks, key=lambda one: len(one.rows))
        lines += _describe_table(
            grid,
            block,
            f"{path.stem} | {sheet or ''}",
            vocabulary,
            is_sheet=sheet is not None,
        )
        found = f"tables: {len(blocks)}{', of which this is the largest' if len(blocks) > 1 else ''}; "
        found += f"heading lines: {block.header}; rows: {len(block.rows)}"
    else:
        lines += _describe_cases(vocabulary)
        found = "there is no column of counts, so a script counts each row as a case"
    return "\n".join([*lines, ""]), script, found


def _describe_cases(vocabulary: Vocabulary) -> Iterator[str]:
    yield _line("figure", dict.fromkeys((*vocabulary.needed, "period"), DECIDE))
    yield from _list(
        "columns",
        ABOUT_COLUMNS,
        [_Proposal("year", "year"), _Proposal("count", "value")],
    )
    yield _line(
        "published", {"all": DECIDE}, "sums published elsewhere: all, or column=word"
    )


def _describe_table(
    grid: Grid, block: FoundBlock, names: str, vocabulary: Vocabulary, *, is_sheet: bool
) -> Iterator[str]:
    """Describe a table. `names` of its file and sheet may say what it counts."""
    header, signs = block.header, finding.find_signs(grid, block)
    joined = join_headings(grid, header, signs)
    headings = {number: heading.text for number, heading in joined}
    totals = _find_totals(grid, block, headings, signs)
    plain = [row for row in block.rows if row not in totals]
    columns = _guess_columns(grid, plain, headings, signs, vocabulary)
    by_list = {
        one.holds: number
        for number, one in columns.items()
        if one.holds in SUBJECT_CODES
    }
    if is_sheet or header != [1]:  # a CSV file without a title needs neither
        yield _line("header", header)
        yield _line("rows", finding.write_rows(plain), ABOUT_ROWS)
    if totals:
        yield _line("totals", _describe_totals(grid, totals, by_list, vocabulary))
    if "area" in by_list:
        yield _line("country", DECIDE, ABOUT_PLACES)
    yield from _describe_figure(grid, block, signs, columns, names, vocabulary)
    yield from _list("columns", ABOUT_COLUMNS, columns.values())
    yield from _describe_words(signs, columns.values())


def _describe_words(signs: list[str], columns: Collection[_Proposal]) -> Iterator[str]:
    """Say what signs and unknown words may mean."""
    meanings = (_Proposal(sign, USUAL_SIGNS.get(sign, DECIDE)) for sign in signs)
    yield from _list("signs", ABOUT_SIGNS, meanings)
    words_of_all = chain(*(one.words for one in columns))
    yield from _list("words", ABOUT_WORDS, words_of_all)


def _guess_columns(
    grid: Grid,
    rows: list[int],
    headings: dict[int, str],
    signs: list[str],
    vocabulary: Vocabulary,
) -> dict[int, _Proposal]:
    """Return what each column with a text probably means."""
    found = dict[int, _Proposal]()
    for number, name in headings.items():
        labels = (split_label(text, signs)[0] for text in grid.column(number, rows))
        if words := [*filter(None, labels)]:
            found[number] = _guess_column(name, words, vocabulary)
    return found


def _find_totals(
    grid: Grid, block: FoundBlock, headings: dict[int, str], signs: list[str]
) -> list[int]:
    """Return the rows of which a label is called a total."""
    labels = [
        number
        for number, name in headings.items()
        if not is_count_column(name, grid.column(number, block.rows))
    ]
    return [
        row
        for row in block.rows
        if any(
            is_called_total(split_label(text, signs)[0])
            for text in (grid.text(row, number) for number in labels)
        )
    ]


def _describe_figure(
    grid: Grid,
    block: FoundBlock,
    signs: list[str],
    columns: dict[int, _Proposal],
    names: str,
    vocabulary: Vocabulary,
) -> Iterator[str]:
    """Ask for what all figures share and no column gives. Offer periods and indicators."""
    held = {one.holds for one in columns.values()}
    held |= {"indicator"} if "measure" in held else set()  # of each stage, in words
    lacking = [name for name in vocabulary.needed if name not in held]
    lacking += ["fit"] if {"measure", "category", "indicator"} & {*lacking} else []
    figure: dict[str, Any] = dict.fromkeys(lacking, DECIDE)
    if title := _read_title(grid, signs) if block.header[0] > 1 else "":
        figure["counted"] = {"A1": title}
    if not any("year" in one.means for one in columns.values()):
        figure["period"] = DECIDE
        offered = map(_write, finding.find_periods(grid, block.header[0]))
        yield from (
            f"# period may be {one}" for one in [*offered][:_MAX_PERIODS] or ["none"]
        )
    if "indicator" in figure:
        headings = " | ".join(one.name for one in columns.values())
        yield from _offer_indicators(vocabulary, f"{names} | {title}", headings)
    yield _line("figure", figure)


def _offer_indicators(vocabulary: Vocabulary, *texts: str) -> Iterator[str]:
    """Yield the indicators of the first text that has words of any."""
    offered = map(vocabulary.offer_indicators, texts)
    for one in next(filter(None, offered), []):
        yield f"# indicator may be {one}: {vocabulary.label('indicator', one)}"


def _write(value: Any) -> str:
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=WIDTH
    )
    return text.removesuffix("...\n").strip()


def _line(key: Any, value: Any, comment: str = "") -> str:
    return f"{_write(key)}: {_write(value)}{f'   # {comment}' if comment else ''}"


def _list(key: str, comment: str, proposals: Iterable[_Proposal]) -> Iterator[str]:
    by_name = {one.name: one for one in proposals}
    if by_name:
        yield f"{key}:   # {comment}"
        yield from (
            f"  {_line(name, one.means, one.comment)}" for name, one in by_name.items()
        )


def _describe_source(document: Document, today: str) -> Iterator[str]:
    yield "# published: 2020, 2020-10 or 2020-10-15. If url or licence is unknown, write null and say why in notes."
    fields = dict.fromkeys(
        ("title", "publisher", "published", "url", "licence"), DECIDE
    )
    about = {"file": document.path.name, "sha256": digest_of(document.path)}
    yield _line("source", {"retrieved": today} | fields | about)


def _read_title(grid: Grid, signs: list[str]) -> str:
    """Return the first cell without the period at its end."""
    title = split_label(grid.text(1, 1), signs)[0]
    end = title[-_MAX_PERIOD:]  # a search of a longer one takes too long
    return title.removesuffix(end) + PERIOD_AT_END.sub("", end)


def _describe_totals(
    grid: Grid, rows: list[int], by_list: dict[str, int], vocabulary: Vocabulary
) -> dict[int, dict[str, str]]:
    """Ask for the codes that the labels of a total do not give, and which rows each of several totals adds up."""
    of, found = {"of": DECIDE} if len(rows) > 1 else {}, dict[int, dict[str, str]]()
    for row in rows:
        labels = {name: grid.text(row, number) for name, number in by_list.items()}
        unknown = [
            name
            for name, label in labels.items()
            if [*vocabulary.find(name, label).values()] != [True]
        ]
        found[row] = {
            name: "any" if name == "category" else DECIDE for name in unknown
        } | of
    return found


def _guess_column(name: str, cells: list[str], vocabulary: Vocabulary) -> _Proposal:
    if all(read_year(cell, None, {}) for cell in cells):
        return _Proposal(name, "year")
    if all(map(is_data, cells)):
        return _guess_numbers(name, cells)
    found = {*cells}
    known = {
        one: {word for word in found if len(vocabulary.find(one, word)) == 1}
        for one in SUBJECT_CODES
    }
    best = max(known, key=lambda one: len(known[one]))
    codelist, unknown = (
        (best, sorted(found - known[best])) if known[best] else (DECIDE, [])
    )
    words = tuple(
        _Proposal(one, DECIDE, f"{best}{vocabulary.suggest(best, one)}")
        for one in unknown
    )
    if (
        codelist == "measure" and vocabulary.indicators
    ):  # each stage is an indicator of its own
        words = tuple(_ask_for_indicator(one, vocabulary) for one in sorted(found))
    if is_personal(name) and (codelist == DECIDE or 4 * len(words) > len(found)):
        return _Proposal(
            name, DECIDE, f"{IGNORE}, if it names people"
        )  # "Force name" is a place
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
    form = next(
        (one for one, pattern in YEAR_FORMS.items() if pattern.search(heading)), None
    )
    if not is_count_column(heading, cells):
        return _Proposal(heading, IGNORE)
    if is_called_total(heading) and not unit:
        return _Proposal(
            heading, DECIDE, "total, or value if it adds up no other columns"
        )
    if form and read_year(heading, None, {}):
        return _Proposal(YEAR_FORMS[form].sub("*", heading), {"year": form} | unit)
    if form or names_part_of_year(heading):
        return _Proposal(
            heading,
            {"year": DECIDE},
            "such as month; say in periods what is no year or month",
        )
    return _Proposal(heading, {"is": "value"} | unit if unit else "value")
