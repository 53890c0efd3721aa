"""Read the figures from all tables that one file describes, and check them against each other."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from misconduct.model.dates import NOW, printed_days, read_period
from misconduct.model.kinds import Indicator
from misconduct.releases.folder import digest_of

from ..register.cells import name_cell, name_column, read_cell_names
from ..register.layout import HOW_TO_DATE, LayoutFile
from ..register.periods import begin_year
from ..register.reading import Cells, did_you_mean
from ..register.yaml_files import KeyPath, walk
from .described import DescribedTable
from .editions import identify
from .figures import Cell, FigureReader
from .grid import Grid, UnreadableTableError
from .headings import read_columns
from .mistakes import Mistakes
from .numbers import read_cell
from .questions import (
    WordJudge,
    ask_about_notes,
    ask_about_order,
    ask_about_places,
    ask_about_sums,
    ask_about_words_of_times,
    ask_about_years,
)
from .rows import make_table
from .sheets import Document
from .totals import Sum, explain_sum, find_sums, link_parts, set_periods
from .vocabulary import Meaning, Vocabulary

ABOUT_REPEATED = (
    "save a copy with a line above that tells them apart, and list both lines in header"
)


@dataclass
class Imported:
    cells: list[Cell] = field(default_factory=list)
    left_out: list[Cell] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    meanings: dict[tuple[str, str, str], Meaning] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def import_table(file: LayoutFile, document: Path, vocabulary: Vocabulary) -> Imported:
    """Read the figures in a document by the file of a table, and report all mistakes."""
    imported, mistakes = Imported(), Mistakes(file, document.name)
    _check_codes(vocabulary, mistakes)
    table = _open_table(document, mistakes, imported)
    if table:
        _check_digest(document, mistakes)
        reader = FigureReader(table, read_columns(table), vocabulary)
        _read_figures(reader, imported, vocabulary)
    imported.mistakes = mistakes.lines
    return imported


def _read_figures(
    reader: FigureReader, imported: Imported, vocabulary: Vocabulary
) -> None:
    table, mistakes = reader.table, reader.table.mistakes
    _check_columns(reader, mistakes)
    cells = reader.read()
    imported.cells = [one for one in cells if one.is_wanted]
    imported.left_out = [one for one in cells if not one.is_wanted]
    imported.sums = find_sums(table, reader.columns, cells)
    set_periods(imported.sums)
    imported.meanings = reader.labels.meanings
    _check_periods(table, cells)
    _fill_stock_or_flow(imported.cells, vocabulary)
    _add_publisher(imported, vocabulary, mistakes)
    _check_file(reader, imported, mistakes)
    if not mistakes.by_cause:
        _ask(reader, imported, vocabulary)
        _mark_unfinished(imported.cells, mistakes)
        _check_twins(reader, imported.cells, mistakes)
        _check_sums(table.grid, imported.sums, mistakes)
    if not mistakes.by_cause:
        declared = mistakes.file.layout.declare_caveats(mistakes.file.slug)
        caveats = {about: caveat.id for about, caveat in declared.items()}
        link_parts(imported.sums, caveats)


def _ask(reader: FigureReader, imported: Imported, vocabulary: Vocabulary) -> None:
    """Ask about what may be a mistake, all at once."""
    table, cells = reader.table, imported.cells
    ask_about_years(table, cells)
    ask_about_words_of_times(table)
    if not table.is_made:
        ask_about_sums(table, reader.columns, cells)
    ask_about_order(table, reader.columns)
    ask_about_places(imported.sums, table, vocabulary)
    imported.notes = ask_about_notes(table)
    WordJudge(table, vocabulary).ask(reader.columns, imported.meanings)
    table.mistakes.check_answers()


def _check_digest(document: Path, mistakes: Mistakes) -> None:
    """Report another document; a different name alone is not a mistake."""
    digest, source = digest_of(document), mistakes.file.layout.source
    if digest != source.sha256:
        message = (
            f"{document.name} has another SHA-256 than source says of {source.file}"
        )
        remedy = (
            f"for a new edition, update the title, dates and file, and write {digest}"
        )
        remedy += "; another table needs a name of its own: --slug"
        mistakes.at_key(("source", "sha256"), f"{message}; {remedy}")


def _fill_stock_or_flow(cells: list[Cell], vocabulary: Vocabulary) -> None:
    for figure in (cell.figure for cell in cells if not cell.figure["stock_or_flow"]):
        measure = vocabulary.lists["measure"].get(figure["measure"])
        may_last = bool(measure and measure.lasts)
        indicator = vocabulary.indicators.get(figure["indicator"])
        figure["stock_or_flow"] = name_stock_or_flow(
            figure, indicator, may_last=may_last
        )


def _add_publisher(
    imported: Imported, vocabulary: Vocabulary, mistakes: Mistakes
) -> None:
    publisher = mistakes.file.source.publisher or ""
    stated_by = vocabulary.read("stated_by", publisher, {})
    cells = [
        one
        for one in imported.cells
        if one.figure["printed"] and not one.figure["stated_by"]
    ]
    if isinstance(stated_by, Meaning):
        imported.meanings["publisher", "stated_by", publisher] = stated_by
        for cell in cells:
            cell.figure |= stated_by.codes
    elif cells:
        hint = vocabulary.suggest("stated_by", publisher)
        message = f"nobody is called {publisher!r} yet{hint}; add it to codelists/stated_by.csv, or write stated_by"
        mistakes.at_key(("source", "publisher"), f"{message} in figure")


def _check_codes(vocabulary: Vocabulary, mistakes: Mistakes) -> None:
    """Report unknown codes and caveats, but those in `words` as they are used."""
    content = mistakes.file.layout.model_dump(
        by_alias=True, exclude_none=True, exclude={"source", "words", "signs"}
    )
    for path, code in walk(content):
        is_caveat = isinstance(path[-1], int) and "caveats" in (path[0], path[-2])
        if is_caveat and code not in vocabulary.caveats:
            hint = did_you_mean(code, vocabulary.caveats)
            mistakes.at_key(path, f"there is no caveat {code!r} in caveats.yaml{hint}")
        elif (
            isinstance(code, str)
            and path[-1] in ("indicator", *vocabulary.lists)
            and "words" not in path
        ):
            for message in vocabulary.find_unknown({str(path[-1]): code}):
                mistakes.at_key(path, message)


def _open_table(
    document: Path, mistakes: Mistakes, imported: Imported
) -> DescribedTable | None:
    """Return the table on the sheet, or what its script makes of it."""
    layout, script = mistakes.file.layout, mistakes.file.script
    try:
        grid = Document(document, layout.encoding).read(layout.sheet)
    except UnreadableTableError as error:
        mistakes.at_key(("sheet",), str(error))
        return None
    if script is None:
        return DescribedTable(grid, mistakes, grid)
    for key in {"header", "rows", "totals"} & layout.model_fields_set:
        mistakes.at_key((key,), f"the script {script.name} says this: leave it out")
    try:
        made = make_table(script, grid)
    except UnreadableTableError as error:
        mistakes.at_key((), f"{document.name}: {error}")
        return None
    is_counted = len({*made.grid.moved.values()} - {None}) == 0
    if is_counted and grid.broken and "all" not in layout.published:
        remedy = "if it should, give the number of all cases: {all: …}"
        message = f"row {grid.broken} of {document.name} has a line break; {remedy}"
        mistakes.at_key(("published",), message)
    imported.found.append(f"{script.name}: {len(made.grid.rows) - 1:,} rows")
    return DescribedTable(made.grid, mistakes, grid, made.sums)


def _check_columns(reader: FigureReader, mistakes: Mistakes) -> None:
    for name in reader.columns.unused:
        hint = did_you_mean(name, reader.columns.headings)
        mistakes.at_key(
            ("columns", name), f"the table does not have the heading {name!r}{hint}"
        )


def _check_periods(table: DescribedTable, cells: list[Cell]) -> None:
    undated = sum(not cell.figure["period"] for cell in cells if cell.is_wanted)
    if undated and not table.layout.figure.is_undated and not table.mistakes.by_cause:
        message = f"{undated:,} figures have no time: name a column of years, or add period to figure; {HOW_TO_DATE}"
        table.mistakes.at_key(("figure", "period"), message)


def name_stock_or_flow(
    figure: Cells, indicator: Indicator | None, *, may_last: bool
) -> str:
    """Return what a number is: what its indicator says, or else a stock on a day, and a flow of a longer period.

    If what it counts may last, such as a suspension, only the source's words can say whether that began in the period
    or stood at its end. The editor reads them.
    """
    if figure["statistic"] != "count":
        return "not_applicable"
    if indicator and len(indicator.stock_or_flow) == 1:
        return indicator.stock_or_flow[0]
    period = figure["period"]
    is_day = period == NOW or re.fullmatch(r"\d{4}-\d\d-\d\d", period) is not None
    return "stock" if is_day else "flow" if period and not may_last else "unstated"


def _mark_unfinished(cells: list[Cell], mistakes: Mistakes) -> None:
    """Mark the figures of years whose numbers may still change, and of longer times with such a year."""
    published = mistakes.file.source.published
    for place, label in enumerate(mistakes.file.layout.unfinished):
        marked = []
        for cell in cells:
            start, end, *_ = read_period(cell.figure["period"], published)
            first, last = printed_days(begin_year(label, cell.begins))
            if start and end and first and last and start <= last and first <= end:
                marked.append(cell)
        for cell in marked:
            cell.figure["mark"] = "provisional"
        if not marked:
            mistakes.at_key(
                ("unfinished", place), f"the table has no figure for the year {label}"
            )


def _check_file(reader: FigureReader, imported: Imported, mistakes: Mistakes) -> None:
    """Report numbers outside of what the file names, and what it names but the table does not have."""
    if not reader.table.is_made:
        _check_outside(reader.table, imported, mistakes)
    if not mistakes.by_cause:
        _check_used(reader.table)
    rounding = mistakes.file.layout.rounding
    for cell in imported.cells if rounding else ():
        figure = cell.figure
        is_count = figure["statistic"] == "count" and figure["value"]
        if rounding and is_count and cell.low % rounding:
            place = name_cell(cell.row, cell.column)
            message = f"rounding is {rounding}, but {place} is {figure['printed']}"
            mistakes.at_key(("rounding",), message)
            return


def _check_outside(
    table: DescribedTable, imported: Imported, mistakes: Mistakes
) -> None:
    grid = table.grid
    signs = {sign: means for sign, means in table.layout.signs.items() if sign}
    passed_over = {*grid.hidden_rows, *table.between}
    for row, texts in enumerate(grid.rows, 1):
        if row in table.accounted:
            continue
        text = next((text for text in texts if read_cell(text, signs)), None)
        if text and row in passed_over:
            imported.unread.append(row)
        elif text:
            remedy = "to leave it out, write ignore for its label in words, or save a copy without it"
            message = f"{text!r} is outside header, rows and totals; add its row to one of these; {remedy}"
            mistakes.at_cell(grid, row, texts.index(text) + 1, message, text)


def _check_used(table: DescribedTable) -> None:
    """Report words, periods and codes of columns that have no effect."""
    layout = table.layout
    remedy = "correct it, or leave it out; words in totals and in columns of words have no codes"
    explained: dict[KeyPath, str] = {}
    for word in layout.words:
        explained["words", word] = (
            f"the table does not have the word {word!r} where it has an effect: {remedy}"
        )
    explained |= {
        ("periods", words): f"the table does not have the period {words!r}"
        for words in layout.periods
    }
    for name, column in layout.columns.items():
        for word in column.words:
            explained["columns", name, "words", word] = (
                f"the column {name!r} does not have the word {word!r}"
            )
        for code in column.given():
            explained["columns", name, code] = (
                f"labels give the {code} of all figures of {name!r}: leave it out"
            )
    for path, message in explained.items():
        if path not in table.used:
            table.mistakes.at_key(path, message)


def _check_twins(reader: FigureReader, cells: list[Cell], mistakes: Mistakes) -> None:
    first: dict[tuple[str, ...], Cell] = {}
    if not cells:
        mistakes.at_key(("columns",), "none of the columns contains figures")
    for cell in cells:
        earlier = first.setdefault(identify(cell.figure), cell)
        both, remedy = (
            f"row {cell.row} says the same as row {earlier.row}",
            "which label or code tells them apart?",
        )
        own, other = (
            reader.columns.by_number[one.column].heading.text for one in (cell, earlier)
        )
        if earlier.row == cell.row:
            both = f"column {name_column(cell.column)} says the same as column {name_column(earlier.column)}"
            remedy = (
                f"both are called {own!r}: {ABOUT_REPEATED}" if own == other else remedy
            )
        if earlier is not cell:
            reader.table.report(cell.row, cell.column, f"{both}: {remedy}")


def _check_sums(grid: Grid, sums: list[Sum], mistakes: Mistakes) -> None:
    unneeded = dict(mistakes.file.layout.explain)
    for one in sums:
        place = grid.find(one.whole.row, one.whole.column) if one.whole else None
        if one.agrees:
            continue
        if one.explanation and place:
            unneeded = {
                names: why
                for names, why in unneeded.items()
                if place not in read_cell_names(names)
            }
        elif one.whole:
            message = explain_sum(one, place)
            mistakes.at_cell(grid, one.whole.row, one.whole.column, message)
        else:
            mistakes.at_key(one.path, explain_sum(one, None))
    for names in unneeded:
        message = f"the totals {names} add up, so remove their explanation"
        mistakes.at_key(("explain", names), message)
