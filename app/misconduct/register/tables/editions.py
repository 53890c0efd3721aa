"""Find the figures of a table again in its next edition, and tell what is new, revised and gone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from misconduct.register.tables.figures import Cell
from misconduct.register.tables.numbers import Cells

IDENTITY = (
    "counted", "measure", "category", "area", "population", "counting_unit", "vetting_check", "vetting_result",
    "stock_or_flow", "statistic", "unit", "period",
)  # fmt: skip
"""The columns by which a figure is found again in another edition."""

SAME_CELL = ("at", "counted", "period", "printed")
"""The columns by which it is found again if its codes have changed."""

NUMBER = ("value", "value_absent", "qualifier", "hedge")
CODES = (*(name for name in IDENTITY if name not in ("counted", "period")), "fit")


def identify(figure: Cells) -> tuple[str, ...]:
    """Return what a figure is about."""
    return tuple(figure.get(name, "") for name in IDENTITY)


def _same_cell(figure: Cells) -> tuple[str, ...]:
    return tuple(figure.get(name, "") for name in SAME_CELL)


@dataclass(frozen=True)
class Edition:
    """The figures of a table as rows of the register, and what they are against those before."""

    rows: list[Cells]
    new: list[Cells] = field(default_factory=list)
    revised: list[tuple[Cells, Cells]] = field(default_factory=list)
    reprinted: list[tuple[Cells, Cells]] = field(default_factory=list)
    recoded: list[tuple[Cells, Cells]] = field(default_factory=list)
    gone: list[Cells] = field(default_factory=list)


def make_edition(cells: list[Cell], before: list[Cells], make_ids: Callable[[int], list[str]]) -> Edition:
    """Give each figure the id that it had before, or a new one, and compare."""
    by_identity = {identify(row): row for row in before}
    by_cell = {_same_cell(row): row for row in before if row["at"]}
    known: list[Cells | None] = []
    taken: set[str] = set()
    for cell in cells:
        found = by_identity.get(identify(cell.figure)) or by_cell.get(_same_cell(cell.figure))
        known.append(None if found is None or found["id"] in taken else found)
        taken.add(found["id"] if found else "")
    fresh = iter(make_ids(known.count(None)))
    for cell, found in zip(cells, known, strict=True):
        cell.figure["id"] = found["id"] if found else next(fresh)
    for cell in cells:
        cell.figure["part_of"] = " ".join(dict.fromkeys(one.figure["id"] for one in cell.wholes))
    edition = Edition([cell.figure for cell in cells], gone=[row for row in before if row["id"] not in taken])
    for row, found in zip(edition.rows, known, strict=True):
        _compare(edition, found, row)
    return edition


def _compare(edition: Edition, before: Cells | None, row: Cells) -> None:
    if before is None:
        edition.new.append(row)
        return
    changed = {name for name in row if row[name] != before.get(name, "")}
    for names, pairs in ((NUMBER, edition.revised), (("printed",), edition.reprinted), (CODES, edition.recoded)):
        if changed & {*names}:
            pairs.append((before, row))
            break


def find_differences(before: Iterable[Cells], edition: Edition) -> list[tuple[str, str, str]]:
    """Return id, column and the right text of every cell of the register that the table does not give."""
    now = {row["id"]: row for row in edition.rows}
    return [
        (row["id"], name, now[row["id"]][name])
        for row in before
        if row["id"] in now
        for name in row
        if row[name] != now[row["id"]].get(name, "")
    ]
