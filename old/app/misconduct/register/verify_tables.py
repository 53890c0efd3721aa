"""Compare the figures of a table with its document: they are derived anew, and every column of every row must agree."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from misconduct.model.observation import OPEN
from misconduct.register.csv_files import Cells, Row, Table
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.observation_columns import COLUMNS, REQUIRED
from misconduct.register.reader import OpenRegister
from misconduct.register.records import WrittenRecord
from misconduct.register.tables import AT, CELL, derive_source, key_of, without_version


def verify_table(register: OpenRegister, source: WrittenRecord, path: Path, mistakes: Mistakes) -> int:
    """Report rows of a source that are not what its tables state. Return how many cells with figures these have.

    Each other cell of the tables is a word that their mappings know, or left out with a reason: else they cannot be
    derived, which is reported.
    """
    before = mistakes.total
    derived = derive_source(register, source, path, mistakes)
    figures = {without_version(figure): figure for one in derived.values() for figure in one.rows}
    count, others, ledger = len(figures), list[tuple[Table, Row]](), register.sealed_observations
    if mistakes.total > before:
        return count
    for file in register.layout["observations"]:
        table = Table(file, COLUMNS, REQUIRED, mistakes)
        for row in table.rows() if file.stem == source.id else ():
            if ledger.in_force(f"{row.cells[0]}@{row.cells[1]}").ended_in == OPEN:
                as_derived = without_version(("", "", *row.cells[2:]))
                if as_derived in figures:
                    del figures[as_derived]
                else:
                    others.append((table, row))
    _compare(others, figures.values(), path.name, mistakes)
    return count


def _compare(others: Iterable[tuple[Table, Row]], figures: Iterable[Cells], document: str, mistakes: Mistakes) -> None:
    """Report in which columns rows differ from the figures in their places, or else from those that they should be."""
    by_place = {figure[AT["at"]]: figure for figure in figures if figure[AT["at"]]}
    by_key = {key_of(figure): figure for figure in figures}
    for table, row in others:
        figure = by_place.get(row.cells[AT["at"]]) or by_key.get(key_of(row.cells))
        if figure is None:
            allowed = "what it has; if the figure is gone: misconduct release --end"
            table.refuse(row, "id", Refused("not_in_table", f"{document} does not have this figure", allowed))
            continue
        by_key.pop(key_of(figure), None)
        by_place.pop(figure[AT["at"]], None)
        at = figure[AT["at"]] or "the count"
        for column, cell, derived in zip(COLUMNS, without_version(row.cells), without_version(figure), strict=True):
            if cell != derived and column not in ("id", "version"):
                found = f"{column} is {cell or 'empty'}, and {at} of the table makes it {derived or 'empty'}"
                table.refuse(row, column, Refused("other_than_table", found, "what misconduct import writes"))
    if by_key:
        match = CELL.fullmatch(next(iter(by_key.values()))[AT["at"]])
        place = Place(f"{document}#", *map(int, match.groups())) if match else Place(document)
        found = "no row states this figure" + (f", nor {len(by_key) - 1:,} others" if len(by_key) > 1 else "")
        mistakes.report_at(place, Refused("not_imported", found, "what misconduct import writes"))
