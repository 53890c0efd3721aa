"""Match the figures of a table with its next edition, and find what is new, revised and gone."""

from collections.abc import Callable
from dataclasses import dataclass, field

from misconduct.register.tables.figures import Cell
from misconduct.register.tables.numbers import Cells

IDENTITY = (
    "counted", "measure", "category", "area", "population", "counting_unit", "vetting_check", "vetting_result",
    "stock_or_flow", "statistic", "unit", "period",
)  # fmt: skip
"""The columns that identify a figure in another edition."""

NUMBER = ("value", "value_absent", "qualifier", "hedge")
PRINT = ("printed", "mark")
CODES = (*(name for name in IDENTITY if name != "period"), "fit")


def identify(figure: Cells) -> tuple[str, ...]:
    """Return what a figure is about. A total over all years stays the same figure when its table gets another year."""
    period = figure.get("period", "")
    if figure.get("at") and not figure.get("period_printed"):
        period = f"from {period.partition('/')[0]}"
    return (period, *(figure.get(name, "") for name in IDENTITY if name != "period"))


def show_number(figure: Cells) -> str:
    """Return the number of a figure as printed, or as it was counted."""
    return figure.get("printed") or figure.get("value", "")


def _find_place(figure: Cells) -> tuple[str, ...]:
    """Return where a figure is in its document. A figure that we counted has only its words and its year."""
    return (figure["at"],) if figure.get("at") else (figure.get("counted", ""), figure.get("period", ""))


@dataclass(frozen=True)
class Edition:
    """The figures of a table as rows of the register, and how they differ from the previous ones."""

    rows: list[Cells]
    new: list[Cells] = field(default_factory=list)
    revised: list[tuple[Cells, Cells]] = field(default_factory=list)
    reprinted: list[tuple[Cells, Cells]] = field(default_factory=list)
    recoded: list[tuple[Cells, Cells]] = field(default_factory=list)
    moved: list[tuple[Cells, Cells]] = field(default_factory=list)
    gone: list[Cells] = field(default_factory=list)


def make_edition(cells: list[Cell], before: list[Cells], make_ids: Callable[[int], list[str]]) -> Edition:
    """Give each figure its previous id, or a new one, and compare the editions."""
    figures = [one.figure for one in cells]
    by_identity = {identify(row): row for row in before}
    known = [by_identity.get(identify(one)) for one in figures]
    taken = {one["id"] for one in known if one}
    if None in known and _is_same_document(before, figures):  # then an unmatched figure now has other codes
        by_place = {_find_place(row): row for row in before if row["id"] not in taken}
        known = [found or by_place.get(_find_place(one)) for found, one in zip(known, figures, strict=True)]
        taken = {one["id"] for one in known if one}
    fresh = iter(make_ids(known.count(None)) if None in known else [])
    for cell, found in zip(cells, known, strict=True):
        cell.figure["id"] = found["id"] if found else next(fresh)
    for cell in cells:
        cell.figure["part_of"] = " ".join(dict.fromkeys(one.figure["id"] for one in cell.wholes))
    edition = Edition([cell.figure for cell in cells], gone=[row for row in before if row["id"] not in taken])
    for row, found in zip(edition.rows, known, strict=True):
        _compare(edition, found, row)
    return edition


def _is_same_document(before: list[Cells], now: list[Cells]) -> bool:
    """Tell whether two lists of figures have the same cells and numbers, although one list may be shorter."""
    ours, theirs = ({(*_find_place(one), show_number(one)) for one in rows} for rows in (before, now))
    return ours <= theirs or theirs <= ours


def _compare(edition: Edition, before: Cells | None, row: Cells) -> None:
    if before is None:
        edition.new.append(row)
        return
    changed = {name for name in row if row[name] != before.get(name, "")}
    for names, pairs in ((NUMBER, edition.revised), (PRINT, edition.reprinted), (CODES, edition.recoded)):
        if changed & {*names}:
            pairs.append((before, row))
            return
    if changed:  # its place, its period, its caveats, who stated it, or what it is a part of
        edition.moved.append((before, row))
