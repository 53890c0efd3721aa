"""Match the figures of a table with its next edition, and find what is new, revised and gone."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from misconduct.model.figure import DIMENSIONS
from misconduct.model.likeness import ALL
from misconduct.model.versions import STATED

from ..register.cells import name_cell
from ..register.reading import Cells
from ..register.rules import BETWEEN_PIECES, PLACES
from .figures import Cell

IN_EDITION = tuple(name for name in ALL if name != "fit")
"""What finds a figure in the next edition of its table. Fit is only an editor's opinion of the codes."""

# The columns in which this register describes what the source prints.
CODES = {*DIMENSIONS, "fit", "counted", "counted_at", "stated_by", "caveats"}
CODES |= {"vetting_check", "vetting_result", "stock_or_flow", "part_of"}

Key = tuple[str, ...]
Changes = dict[str, list[tuple[Cells, Cells]]]
"""By kind of change, the row before and the row now. What is new or gone has only one of them."""


def name_change(before: Mapping[str, str], after: Mapping[str, str], *, is_new_edition: bool) -> str:
    """Return what happened to a figure of which some cells changed: it was revised or recoded, or it only moved.

    It is not revised if the same number is printed in another way, as 1,204 and 1204.
    """
    changed = {name for name in before if before[name] != after[name]} - {*(PLACES if is_new_edition else ())}
    changed.discard("shown")  # a name of ours
    if not changed:
        return "moved"
    is_same_number = bool(before["value"]) and before["value"] == after["value"]
    stated = {*STATED} - ({"printed"} if is_same_number else set())
    return "recoded" if changed & {*CODES, "printed"} and not changed & stated else "revised"


def identify(figure: Cells) -> Key:
    """Return what a figure is about. A total over all years stays the same with another year."""
    period = figure.get("period", "")
    if figure.get("at") and not figure.get("period_printed"):
        period = f"from {period.partition('/')[0]}"
    return (period, *(figure.get(name, "").casefold() for name in IN_EDITION if name != "period"))


def show_number(figure: Cells) -> str:
    """Return the number of a figure as printed, or as it was counted."""
    return figure.get("printed") or figure.get("value", "")


def name_place(figure: Cells) -> str:
    """Return the name of a figure's cell, or the words of one that we counted."""
    row, _, column = figure["at"].removeprefix("cell=").partition(",")
    return name_cell(int(row), int(column)) if column else figure["counted"]


def _identify_without_title(figure: Cells, titles: int) -> Key:
    """Return what a figure is about without its titles, which a new edition may change."""
    pieces = figure.get("counted", "").split(BETWEEN_PIECES)
    return (str(titles), *identify(figure | {"counted": BETWEEN_PIECES.join(pieces[titles:])}))


def _find_place(figure: Cells) -> Key:
    return (figure["at"],) if figure.get("at") else (figure.get("counted", ""), figure.get("period", ""))


def compare(cells: list[Cell], before: list[Cells], make_ids: Callable[[int], list[str]]) -> Changes:
    """Give each figure its previous id or a new one, and compare it with the earlier row."""
    rows = [one.figure for one in cells]
    counts = {one.titles for one in cells}
    known = _match([None] * len(rows), map(identify, rows), [(identify(row), row) for row in before])
    keys = (_identify_without_title(one.figure, one.titles) for one in cells)
    known = _match(known, keys, [(_identify_without_title(row, one), row) for one in counts for row in before])
    ours, theirs = ({(*_find_place(one), show_number(one)) for one in some} for some in (before, rows))
    is_same = ours <= theirs or theirs <= ours  # the same document, of which the editor now wants more or less
    if is_same:  # then an unmatched figure now has other codes
        known = _match(known, map(_find_place, rows), [(_find_place(row), row) for row in before])
    taken = {one["id"] for one in known if one}
    fresh = iter(make_ids(known.count(None)) if None in known else [])
    for row, found in zip(rows, known, strict=True):
        row["id"] = found["id"] if found else next(fresh)
    for cell in cells:
        cell.figure["part_of"] = " ".join(dict.fromkeys(one.figure["id"] for one in cell.wholes if one.is_wanted))
    changes = defaultdict[str, list[tuple[Cells, Cells]]](list)
    for row, found in zip(rows, known, strict=True):
        kind = "new" if not found else "same" if row == found else name_change(found, row, is_new_edition=not is_same)
        changes[kind].append((found or {}, row))
    changes["gone"] = [(row, {}) for row in before if row["id"] not in taken]
    return changes


def find_renamed(changes: Changes) -> list[tuple[Cells, Cells]]:
    """Return each figure that is gone with the new one that has its codes, period and number, if only one has."""

    def find_key(row: Cells) -> Key:
        return (*identify(row | {"counted": ""}), show_number(row))

    new, gone = [row for _, row in changes["new"]], [row for row, _ in changes["gone"]]
    found = _match([None] * len(new), map(find_key, new), [(find_key(row), row) for row in gone])
    return [(before, row) for before, row in zip(found, new, strict=True) if before]


def _match(known: list[Cells | None], keys: Iterable[Key], before: Iterable[tuple[Key, Cells]]) -> list[Cells | None]:
    """Return the earlier rows of figures. One without gets that with its key, if it is the only one."""
    taken, of_figures = {one["id"] for one in known if one}, [*keys]
    by_key, numbers = defaultdict[Key, list[Cells]](list), Counter(of_figures)
    for key, row in before:
        by_key[key].append(row)
    only = {key: rows[0] for key, rows in by_key.items() if len(rows) == numbers[key] == 1}
    free = {key: row for key, row in only.items() if row["id"] not in taken}
    return [found or free.get(key) for found, key in zip(known, of_figures, strict=True)]
