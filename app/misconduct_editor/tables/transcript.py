"""Add a transcript: fill in what follows from its rows, and check it with the rest of the register."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from misconduct.errors import RegisterError
from misconduct.model.catalogue import Catalogue
from misconduct.model.kinds import Indicator
from misconduct.model.number_words import read_hedge, with_decimal_point

from ..register.article import read_number_cells
from ..register.check import describe_records, read_records, read_register
from ..register.reading import (
    Cells,
    Mistake,
    Reader,
    Table,
    encode_rows,
    make_ids,
    widen,
)
from ..register.rules import DECIDE, LINKS, MAY_BE_THOUSANDS
from ..register.transcripts import (
    COLUMNS,
    FOLDER,
    NEEDED,
    group_by_page,
    is_figure,
    read_pages,
)
from ..register.yaml_files import select
from .add import MAX_LINES, Outcome, describe_figures
from .importing import name_stock_or_flow
from .pages import ask_about_pages, find_speakers
from .vocabulary import Vocabulary


def is_transcript(root: Path, path: Path) -> bool:
    return path.resolve().parent == (root / FOLDER).resolve()


def add_transcript(root: Path, path: Path) -> Outcome:
    """Fill in ids, numbers and links of a transcript, and list its mistakes."""
    reader = Reader(root)
    table = reader.read_table(f"{FOLDER}{path.name}", COLUMNS, NEEDED)
    if table is None or reader.mistakes:
        return Outcome(mistakes=[str(one) for one in sorted(reader.mistakes)])
    rows = [*table.rows()]
    figures = [row for row in rows if is_figure(row)]
    new = _give_ids(root, figures)
    _fill_figures(root, figures)
    unlinked = [*_link_rows(table, rows)]
    path.write_bytes(encode_rows(widen(table.header, COLUMNS, rows), rows))
    unlinked += _ask(root, table.with_rows(rows))
    pages = len(group_by_page(table))
    found = f"{len(rows):,} numbers of {pages:,} pages: {len(figures):,} figures, {len(new):,} new"
    outcome = Outcome(path, {"Found": [found]}, [str(one) for one in unlinked])
    _check(root, table, {row["id"] for row in new}, outcome)
    return outcome


def _give_ids(root: Path, figures: list[Cells]) -> list[Cells]:
    """Return the figures that had no id."""
    new = [row for row in figures if not row["id"]]
    for row, identity in zip(new, make_ids(root, len(new)), strict=True):
        row["id"] = identity
    return new


def _fill_figures(root: Path, figures: list[Cells]) -> None:
    indicators = select(read_records(Reader(root)), Indicator)
    for row in figures:
        if row["printed"]:  # what we took apart by arithmetic is printed nowhere
            _fill(row, indicators.get(row["indicator"]))


def _ask(root: Path, table: Table) -> Iterator[Mistake]:
    """Ask about what may be a mistake in its pages."""
    speakers = find_speakers(read_pages(Reader(root)))
    vocabulary = Vocabulary([*read_records(Reader(root))])
    yield from ask_about_pages(table, vocabulary, speakers)


def _check(root: Path, table: Table, new: set[str], outcome: Outcome) -> None:
    """Check it with the rest of the register. Tell what is wrong, or show its new figures as sentences."""
    try:
        register = read_register(root)
    except RegisterError as error:
        told = {line.partition(": ")[0] for line in outcome.mistakes}
        lines = str(error).splitlines()
        outcome.mistakes += [line for line in lines if line.partition(": ")[0] not in told]  # fmt: skip
        return
    shown = list[Cells]()
    for one in register.tables:
        if one.file == table.file and "id" in one.columns:
            shown += [{"source": one.name} | row for row in one.rows()]
    added = [row for row in shown if row["id"] in new]
    heading = "The new figures" if added else "Some of the figures"
    catalogue = Catalogue(describe_records(register.located))
    sentences = describe_figures(added or shown, catalogue, len(added) or MAX_LINES)
    outcome.sections[heading] = [*sentences]


def _fill(row: Cells, indicator: Indicator | None) -> None:
    """Fill in empty cells that follow from the printed number, hedge and period."""
    every = [
        read_number_cells(one, 0, len(one))
        for one in (row["printed"], with_decimal_point(row["printed"]))
    ]
    read = next((one for one in every if one["value"] != DECIDE), every[0])
    if row["hedge"]:
        read["qualifier"] = read_hedge(row["hedge"]) or read["qualifier"]
    if (
        row["unit"] and read["unit"] == "count" != row["unit"]
    ):  # 12 is a share where the column says per cent
        read |= {
            "unit": row["unit"],
            "statistic": "rate" if row["unit"].startswith("per_") else "share",
        }
    is_unclear = read["value"] == DECIDE or MAY_BE_THOUSANDS.fullmatch(row["printed"])
    if row["value"] or row["value_absent"] or is_unclear:
        del read["value"]
    row |= {name: row[name] or cell for name, cell in read.items()}
    row["stock_or_flow"] = row["stock_or_flow"] or name_stock_or_flow(
        row, indicator, may_last=True
    )


def _link_rows(table: Table, rows: list[Cells]) -> Iterator[Mistake]:
    """Replace `row=3` in links by the id of that row of the page."""
    for of_page in group_by_page(table).values():
        ids = {
            f"row={number}": rows[row]["id"] for number, row in enumerate(of_page, 1)
        }
        for row, name in product(of_page, LINKS):
            parts = [ids.get(part) or part for part in rows[row][name].split()]
            for part in (one for one in parts if re.fullmatch(r"row=\d+", one)):
                yield table.mistake(row, name, f"{part} is no figure of this page")
            rows[row][name] = " ".join(parts)
