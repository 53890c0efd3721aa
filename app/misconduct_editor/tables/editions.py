"""Match the figures of a table with its next edition, and find what is new, revised and gone.

Write what an edition from before gave for them, too. These are no figures: a file that goes on is counted again, and
its newest years were not complete before.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path

from misconduct.errors import RegisterError
from misconduct.model.figure import DIMENSIONS
from misconduct.model.versions import STATED

from ..register.cells import name_cell
from ..register.layout import Layout, LayoutFile
from ..register.likeness import ALL
from ..register.reading import Cells, encode_rows, read_one_table
from ..register.rules import (
    BETWEEN_PIECES,
    EARLIER,
    EARLIER_COLUMNS,
    FIGURE_COLUMNS,
    PLACES,
    WORDS,
)
from .figures import Cell

IN_EDITION = tuple(name for name in ALL if name != "fit")
"""What finds a figure in the next edition of its table. Fit is only an editor's opinion of the codes."""

# The columns in which this register describes what the source prints.
CODES = {*DIMENSIONS, "fit", "counted", "stated_by", "caveats"}
CODES |= {
    "vetting_check",
    "vetting_result",
    "stock_or_flow",
    "part_of",
    "indicator",
    "subcategory",
    "scope",
    "base",
    *WORDS,
}

EVIDENCE = {*PLACES, "period_printed"}
"""The columns of places in a document, and of its words for a period, which `period` has. They change no figure."""

Key = tuple[str, ...]
Changes = dict[str, list[tuple[Cells, Cells]]]
"""By kind of change, the row before and the row now. What is new or gone has only one of them."""


def name_change(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return what happened to a figure of which some cells changed: it was revised or recoded, or it only moved.

    It moved if it says the same at another place, or in other words for its period. It is not revised if the same
    number is printed in another way, as 1,204 and 1204.
    """
    changed = {name for name in before if before[name] != after[name]} - EVIDENCE
    is_same_number = bool(before["value"]) and before["value"] == after["value"]
    stated = {*STATED} - ({"printed"} if is_same_number else set())
    if not changed:
        return "moved"
    return (
        "recoded"
        if changed & {*CODES, "printed"} and not changed & stated
        else "revised"
    )


def identify(figure: Cells) -> Key:
    """Return what a figure is about. A total stays the same with another year."""
    period = figure.get("period", "")
    if figure.get("at") and not figure.get("period_printed"):
        period = f"from {period.partition('/')[0]}"
    return (
        period,
        *(figure.get(name, "").casefold() for name in IN_EDITION if name != "period"),
    )


def show_number(figure: Cells) -> str:
    return figure.get("printed") or figure.get("value", "")


def name_place(figure: Cells) -> str:
    """Return the name of a figure's cell, or the words that we counted."""
    row, _, column = figure["at"].removeprefix("cell=").partition(",")
    return name_cell(int(row), int(column)) if column else figure["counted"]


def _identify_without_title(figure: Cells, titles: int) -> Key:
    pieces = figure.get("counted", "").split(BETWEEN_PIECES)
    return (
        str(titles),
        *identify(figure | {"counted": BETWEEN_PIECES.join(pieces[titles:])}),
    )


def _find_place(figure: Cells) -> Key:
    return (
        (figure["at"],)
        if figure.get("at")
        else (figure.get("counted", ""), figure.get("period", ""))
    )


def compare(
    cells: list[Cell],
    released: list[Cells],
    working: list[Cells],
    make_ids: Callable[[int], list[str]],
    layout: Layout,
) -> Changes:
    """Give figures their previous ids or new ones, and what the file says of these, and compare them with a release.

    Figures that are not released yet keep the ids of the working file. A table without a release is compared with it.
    """
    rows, before = [one.figure for one in cells], released or working
    known = _find_known(cells, [None] * len(rows), before)
    known = _find_known(cells, known, working)
    fresh = iter(make_ids(known.count(None)) if None in known else [])
    for row, found in zip(rows, known, strict=True):
        row["id"] = found["id"] if found else next(fresh)
        _add_words(row, layout)
    for cell, found in zip(cells, known, strict=True):
        cell.figure["part_of"] = _link(cell, (found or {}).get("part_of", ""))
    return _list_changes(before, rows)


def _list_changes(before: list[Cells], rows: list[Cells]) -> Changes:
    changes: Changes = defaultdict(list)
    by_id = {row["id"]: row for row in before}
    for row in rows:
        found = by_id.pop(row["id"], None)
        kind = "new"
        if found:
            kind = "same" if row == found else name_change(found, row)
        changes[kind].append((found or {}, row))
    changes["gone"] = [(row, {}) for row in by_id.values()]
    return changes


def _add_words(row: Cells, layout: Layout) -> None:
    """Add what the file says of a figure by its id."""
    identity = row["id"]
    caveats = [*row["caveats"].split(), *layout.caveats.get(identity, ())]
    row["caveats"] = " ".join(dict.fromkeys(caveats))
    row["leads"] = layout.leads.get(identity, "")
    row["break"] = layout.breaks.get(identity, "")


def _link(cell: Cell, before: str) -> str:
    """Return the totals that have a figure, in the order in which the register has them."""
    ids = dict.fromkeys(one.figure["id"] for one in cell.wholes if one.is_wanted)
    return before if {*before.split()} == {*ids} else " ".join(ids)


def _find_known(
    cells: list[Cell],
    known: list[Cells | None],
    before: list[Cells],
) -> list[Cells | None]:
    """Return the earlier row of each figure."""
    rows = [one.figure for one in cells]
    known = _match(known, map(identify, rows), [(identify(row), row) for row in before])
    keys = (_identify_without_title(one.figure, one.titles) for one in cells)
    without_title = [
        (_identify_without_title(row, titles), row)
        for titles in {one.titles for one in cells}
        for row in before
    ]
    known = _match(known, keys, without_title)
    ours, theirs = (
        {(*_find_place(one), show_number(one)) for one in some}
        for some in (before, rows)
    )
    is_same = (
        ours <= theirs or theirs <= ours
    )  # the same document, of which the editor now wants more or less
    if is_same:  # then an unmatched figure now has other codes
        known = _match(
            known, map(_find_place, rows), [(_find_place(row), row) for row in before]
        )
    return known


def _match(
    known: list[Cells | None], keys: Iterable[Key], before: Iterable[tuple[Key, Cells]]
) -> list[Cells | None]:
    """Return the earlier rows of figures: the only one with their key."""
    taken, of_figures = {one["id"] for one in known if one}, [*keys]
    by_key, numbers = defaultdict[Key, list[Cells]](list), Counter(of_figures)
    for key, row in before:
        by_key[key].append(row)
    only = {
        key: rows[0] for key, rows in by_key.items() if len(rows) == numbers[key] == 1
    }
    free = {key: row for key, row in only.items() if row["id"] not in taken}
    return [
        found or free.get(key) for found, key in zip(known, of_figures, strict=True)
    ]


def write_earlier(
    root: Path, file: LayoutFile, cells: list[Cell]
) -> tuple[Path, list[str]]:
    """Write the numbers of an earlier edition, in place of those that it gave before. Say how many, and what is left.

    Raises RegisterError if it has a number for no figure.
    """
    of, counted = file.layout.earlier_count_of, file.layout.counted or ""
    numbers, unmatched = _find_numbers(root, file, cells)
    none = [*numbers.values()].count("0")
    if none == len(numbers):
        why = "\n".join(unmatched[:3])
        raise RegisterError(
            f"tables/{file.slug}.yaml: none of its numbers is for a figure of {of}.\n{why}".rstrip()
        )
    path = f"{EARLIER}{of}.csv"
    rows = [
        row for row in _read(root, path, EARLIER_COLUMNS) if row["source"] != file.slug
    ]
    rows += [dict(zip(EARLIER_COLUMNS, (one, counted, number, file.slug), strict=True))
             for one, number in numbers.items()]  # fmt: skip
    (root / EARLIER).mkdir(exist_ok=True)
    (root / path).write_bytes(
        encode_rows(EARLIER_COLUMNS, sorted(rows, key=itemgetter("figure", "day")))
    )
    said = f"{len(numbers)} figures of {of} as counted in {counted}"
    return root / path, [said + (f", {none} of them 0" if none else ""), *unmatched]


def verify_earlier(root: Path, file: LayoutFile, cells: list[Cell]) -> Iterator[str]:
    path = f"{EARLIER}{file.layout.earlier_count_of}.csv"
    stated = {
        row["figure"]: row["number"]
        for row in _read(root, path, EARLIER_COLUMNS)
        if row["source"] == file.slug
    }
    numbers, _ = _find_numbers(root, file, cells)
    for one in sorted(stated.keys() | numbers.keys()):
        if stated.get(one) != numbers.get(one):
            has, gives = stated.get(one, "nothing"), numbers.get(one, "nothing")
            yield f"{path}:1:1: it has {has} for {one}, and the document gives {gives}; run misconduct add again"


def _find_numbers(
    root: Path, file: LayoutFile, cells: list[Cell]
) -> tuple[dict[str, str], list[str]]:
    """Return the earlier numbers of figures, and lines on numbers that are for none.

    Of cases that a script counts, a figure of a year in that edition is 0 if the edition had no such case: a kind that
    came in later was not zero before.
    """
    of = file.layout.earlier_count_of or ""
    today = [*_read(root, f"observations/{of}.csv", FIGURE_COLUMNS)]
    if not today:
        raise RegisterError(
            f"tables/{file.slug}.yaml: the table {of} has no figures; add its newest edition first"
        )
    known = _find_known(cells, [None] * len(cells), today)
    numbers = {
        row["id"]: show_number(cell.figure)
        for row, cell in zip(known, cells, strict=True)
        if row
    }
    years = {cell.figure["period"] for cell in cells} & {row["period"] for row in today}
    left = [cell.figure for row, cell in zip(known, cells, strict=True) if not row]
    unmatched = [*_describe_unmatched(left, years, of)]
    of_years = [row for row in today if row["period"] in years]
    return _find_zeros(cells, of_years) | numbers, unmatched


def _describe_unmatched(left: list[Cells], years: set[str], of: str) -> Iterator[str]:
    """Yield the numbers that are for no figure of today's table."""
    others = 0
    for row in left:
        if row["period"] in years:
            what = f"{row['area']}, {row['counted']}, {row['period']}"
            yield f"no figure today: {what}: {show_number(row)}"
        else:
            others += 1
    if others:
        yield f"for years that {of} does not have: {others} numbers"


def _find_zeros(cells: list[Cell], today: list[Cells]) -> dict[str, str]:
    """Return the figures that an edition counted as none: those of which it has all words elsewhere."""
    if any(cell.figure["at"] for cell in cells):
        return {}
    words = set[str]()
    for cell in cells:
        words.update(cell.figure["counted"].split(BETWEEN_PIECES))
    return {
        row["id"]: "0"
        for row in today
        if words.issuperset(row["counted"].split(BETWEEN_PIECES))
    }


def _read(root: Path, file: str, columns: Sequence[str]) -> Iterator[Cells]:
    return read_one_table(root, file, columns, columns[:1]).rows()
