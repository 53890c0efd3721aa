"""Add a transcript: fill in what follows from its rows, and check it with the rest of the register."""

import re
from collections.abc import Iterator
from pathlib import Path

from misconduct.errors import RegisterError
from misconduct.model.number_words import read_hedge
from misconduct.releases.folder import FIGURES, list_releases, read_rows
from misconduct_editor.register.article import read_number_cells
from misconduct_editor.register.check import Register, read_register
from misconduct_editor.register.ids import make_ids
from misconduct_editor.register.reading import Cells, Reader, Table, encode_rows
from misconduct_editor.register.rules import LINKS
from misconduct_editor.register.transcripts import COLUMNS, FOLDER, NEEDED, group_by_page, is_figure
from misconduct_editor.tables.add import Outcome, describe_figures
from misconduct_editor.tables.importing import name_stock_or_flow
from misconduct_editor.tables.mistakes import join_alike
from misconduct_editor.tables.vocabulary import Vocabulary


def is_transcript(root: Path, path: Path) -> bool:
    """Tell whether a file is in the folder of transcripts."""
    return path.resolve().parent == (root / FOLDER).resolve()


def add_transcript(root: Path, path: Path) -> Outcome:
    """Fill in ids, numbers and links of a transcript, and list the mistakes that are left in it."""
    reader = Reader(root)
    table = reader.read_table(f"{FOLDER}{path.name}", COLUMNS, NEEDED)
    if table is None or reader.mistakes:
        return Outcome(mistakes=[str(one) for one in sorted(reader.mistakes)])
    rows = [*table.rows()]
    figures = [row for row in rows if is_figure(row)]
    new = [row for row in figures if not row["id"]]
    for row, identity in zip(new, make_ids(root, len(new)), strict=True):
        row["id"] = identity
    for row in figures:
        if row["printed"]:  # what we took apart by arithmetic is printed nowhere
            _fill(row)
    unknown = [*_link_rows(table, rows)]
    used = [name for name in COLUMNS if name in table.header or any(row[name] for row in rows)]
    path.write_bytes(encode_rows(used, rows))
    found = f"{len(rows):,} numbers of {len(group_by_page(table)):,} pages: {len(figures):,} figures, {len(new):,} new"
    outcome = Outcome(path, {"Found": [found]}, unknown)
    try:
        register = read_register(root)
    except RegisterError as error:
        lines = (line.partition(": ") for line in str(error).splitlines())
        outcome.mistakes += join_alike(((place, message) for place, _, message in lines), "rows")
    else:
        shown = [row for one in register.tables if one.file == table.file and "id" in one.columns for row in one.rows()]
        outcome.sections["Some of the figures"] = [*describe_figures(shown, Vocabulary(register.located))]
        outcome.mistakes += _find_renumbered(root, register, table.file)
    return outcome


def _fill(row: Cells) -> None:
    """Fill in what follows from the printed number, its hedge and the period, where the editor left it empty."""
    read = read_number_cells(row["printed"], 0, len(row["printed"]))
    if row["hedge"]:
        read["qualifier"] = read_hedge(row["hedge"]) or read["qualifier"]
    if row["value"] or row["value_absent"]:
        del read["value"]
    for name, cell in read.items():
        row[name] = row[name] or cell
    row["stock_or_flow"] = row["stock_or_flow"] or name_stock_or_flow(row["period"], row["statistic"])


def _link_rows(table: Table, rows: list[Cells]) -> Iterator[str]:
    """Replace `row=3` in links by the id of the third row of the same page."""
    for of_page in group_by_page(table).values():
        for row in of_page:
            for name in LINKS:
                parts = rows[row][name].split()
                for place, part in enumerate(parts):
                    number = re.fullmatch(r"row=(\d+)", part)
                    if number and 1 <= int(number[1]) <= len(of_page):
                        parts[place] = rows[of_page[int(number[1]) - 1]]["id"] or part
                    if number and parts[place] == part:
                        yield str(table.mistake(row, name, f"{part} is no figure of this page"))
                rows[row][name] = " ".join(parts)


def _find_renumbered(root: Path, register: Register, file: str) -> Iterator[str]:
    """Yield the rows that had another number in the newest release."""
    if not (root / "releases.csv").exists() or not (listed := list_releases(root)):
        return
    last = listed[-1].number
    before = {row["id"]: row["at"] for row in read_rows(root / "releases" / last / FIGURES)}
    for table in (one for one in register.tables if one.file == file and "id" in one.columns):
        for row, (identity, at) in enumerate(zip(table.columns["id"], table.columns["at"], strict=True)):
            if (earlier := before.get(identity, at)) != at:
                message = f"{identity} was {earlier} of its page in release {last}, and is {at} now"
                yield str(table.mistake(row, "id", f"{message}: write new rows below all others of the page"))
