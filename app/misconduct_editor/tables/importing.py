"""Read the figures from all tables that one file describes, and check them against each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from misconduct.model.dates import NOW, printed_days, read_period
from misconduct.model.kinds import Indicator
from misconduct.releases.folder import digest_of

from ..register.cells import name_cell, name_column
from ..register.layout import HOW_TO_DATE, Block, LayoutFile
from ..register.periods import begin_year
from ..register.reading import Cells, did_you_mean
from ..register.yaml_files import KeyPath, walk
from .block import TableBlock
from .counting import count_cases
from .editions import identify
from .figures import Cell, FigureReader
from .grid import Grid, UnreadableTableError
from .headings import read_columns
from .mistakes import Mistakes
from .numbers import read_cell
from .sheets import Document
from .totals import Sum, find_sums, link_parts, say_sum, set_periods
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


def import_table(file: LayoutFile, document: Path, vocabulary: Vocabulary) -> Imported:
    """Read the figures in a document by the file of a table, and report all mistakes."""
    imported, mistakes = Imported(), Mistakes(file, document.name)
    digest, source = digest_of(document), file.layout.source
    _check_codes(vocabulary, mistakes)
    readers = [*_open_blocks(Document(document), vocabulary, mistakes, imported.found)]
    if (
        readers or file.layout.count
    ) and digest != source.sha256:  # a different name alone is not a mistake
        message = (
            f"{document.name} has another SHA-256 than source says of {source.file}"
        )
        remedy = (
            f"for a new edition, update the title, dates and file, and write {digest}"
        )
        remedy += "; another table needs a name of its own: --slug"
        mistakes.at_key(("source", "sha256"), f"{message}; {remedy}")
    if readers:
        _check_columns(readers, mistakes)
    for reader in readers:
        table, cells = reader.table, reader.read()
        imported.cells += [one for one in cells if one.is_wanted]
        imported.left_out += [one for one in cells if not one.is_wanted]
        sums = [*find_sums(table, reader.columns, cells)]
        set_periods(sums)
        imported.sums += sums
        imported.meanings |= reader.labels.meanings
        _check_periods(table, cells)
    _fill_stock_or_flow(imported.cells, vocabulary)
    _add_publisher(imported, vocabulary, mistakes)
    if readers:
        _check_file(readers, imported, mistakes)
    if not mistakes.by_cause:
        _mark_unfinished(imported.cells, mistakes)
        _check_twins(readers[0], imported.cells, mistakes)
        _check_sums(readers[0].table.grid, imported.sums, mistakes)
    if not mistakes.by_cause:
        link_parts(
            imported.sums,
            {
                about: one.id
                for about, one in file.layout.declare_caveats(file.slug).items()
            },
        )
    imported.mistakes = mistakes.lines
    return imported


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


def _open_blocks(
    document: Document, vocabulary: Vocabulary, mistakes: Mistakes, found: list[str]
) -> Iterator[FigureReader]:
    layout = mistakes.file.layout
    for number, own in enumerate(layout.blocks or [Block()]):
        at: KeyPath = ("blocks", number) if layout.blocks else ()
        given = {name: getattr(own, name) for name in own.model_fields_set}
        figure = {
            name: getattr(own.figure, name) for name in own.figure.model_fields_set
        }
        block: Block = layout.model_copy(
            update=given | {"figure": layout.figure.model_copy(update=figure)}
        )
        try:
            if block.count:
                grid, said = count_cases(document, layout, block, block.count)
                found.extend(said)
                block = block.model_copy(
                    update={"header": [], "rows": []}
                )  # these are of the cases
            else:
                grid = document.read(layout.sheet)
        except UnreadableTableError as error:
            mistakes.at_key((*at, "count") if block.count else ("sheet",), str(error))
        else:
            table = TableBlock(grid, block, at, mistakes)
            yield FigureReader(table, read_columns(table), vocabulary)


def _check_columns(readers: list[FigureReader], mistakes: Mistakes) -> None:
    headings = {text for one in readers for text in one.columns.headings}
    for name in set[str].intersection(*(one.columns.unused for one in readers)):
        message = f"the table does not have the heading {name!r}{did_you_mean(name, headings)}"
        mistakes.at_key(("columns", name), message)


def _check_periods(table: TableBlock, cells: list[Cell]) -> None:
    undated = sum(not cell.figure["period"] for cell in cells if cell.is_wanted)
    if undated and not table.block.figure.is_undated and not table.mistakes.by_cause:
        message = f"{undated:,} figures have no time: name a column of years, or add period to figure; {HOW_TO_DATE}"
        table.mistakes.at_key(table.find_path("figure", "period"), message)


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


def _check_file(
    readers: list[FigureReader], imported: Imported, mistakes: Mistakes
) -> None:
    """Report numbers outside of what the file names, and what it names but the table does not have."""
    layout, cells = mistakes.file.layout, imported.cells
    signs = {sign: means for sign, means in layout.signs.items() if sign}
    sheets = [one.table for one in readers if not one.table.grid.is_counted]
    grid = sheets[0].grid if sheets else Grid([])
    accounted = set[int]().union(*(one.accounted for one in sheets))
    passed_over = grid.hidden_rows.union(*(one.between for one in sheets))
    for row, texts in enumerate(grid.rows, 1):
        text = next(
            (text for text in texts if row not in accounted and read_cell(text, signs)),
            None,
        )
        if text and row in passed_over:
            imported.unread.append(row)
        elif text:
            remedy = "to leave it out, write ignore for its label in words, or save a copy without it"
            message = f"{text!r} is outside header, rows and totals; add its row to one of these; {remedy}"
            mistakes.at_cell(grid, row, texts.index(text) + 1, message, text)
    if not mistakes.by_cause:
        _check_used(readers, mistakes)
    counts = [
        one
        for one in cells
        if one.figure["statistic"] == "count" and one.figure["value"]
    ]
    for one in [one for one in counts if layout.rounding and one.low % layout.rounding][
        :1
    ]:
        message = f"rounding is {layout.rounding}, but {name_cell(one.row, one.column)} is {one.figure['printed']}"
        mistakes.at_key(("rounding",), message)


def _check_used(readers: list[FigureReader], mistakes: Mistakes) -> None:
    """Report words, periods and codes of columns that have no effect."""
    layout, used = (
        mistakes.file.layout,
        set[KeyPath]().union(*(one.table.used for one in readers)),
    )
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
        if path not in used:
            mistakes.at_key(path, message)


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
    for one in sums:
        if one.explanation and one.agrees:
            mistakes.at_key(
                one.path, f"the total {one.name} adds up, so remove its explanation"
            )
        elif not one.agrees and not one.explanation:
            added = (
                f"{one.adds_up} add up to {say_sum(one.parts)}"
                if one.parts or one.whole
                else "no row has that word"
            )
            message = f"the total {one.name} is published as {one.printed}, but {added}"
            if one.whole:
                mistakes.at_cell(
                    grid, one.whole.row, one.whole.column, f"{message}; {one.remedy}"
                )
            else:
                mistakes.at_key(one.path, message)
