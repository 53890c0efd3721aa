"""Write what an earlier edition gave for the figures of a table: `data/earlier-counts/<slug>.csv`.

These are no figures: a file that goes on is counted again, and its newest years were not complete before. A table's
file that says `earlier_count_of: <slug>` and `counted: 2018-07` is read for them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from misconduct.errors import RegisterError
from misconduct.model.figure import DIMENSIONS

from ..register.layout import LayoutFile
from ..register.reading import Cells, encode_rows, read_one_table
from ..register.rules import BETWEEN_PIECES, EARLIER, EARLIER_COLUMNS, FIGURE_COLUMNS
from .editions import show_number
from .figures import Cell

_SAME = (*DIMENSIONS, "period")


def write_earlier_counts(root: Path, file: LayoutFile, cells: list[Cell]) -> tuple[Path, list[str]]:
    """Write the numbers of an earlier edition, in place of those that it gave before. Say how many, and what is left.

    Raises RegisterError if it has a number for no figure.
    """
    of = file.layout.earlier_count_of or ""
    numbers, unmatched = _find_numbers(root, file, cells)
    if not any(number != "0" for number in numbers.values()):
        why = "\n".join(unmatched[:3])
        raise RegisterError(f"tables/{file.slug}.yaml: none of its numbers is for a figure of {of}.\n{why}".rstrip())
    path = root / EARLIER / f"{of}.csv"
    rows = [row for row in _read(root, f"{EARLIER}{of}.csv", EARLIER_COLUMNS) if row["source"] != file.slug]
    rows += [
        {"figure": one, "day": file.layout.counted or "", "number": number, "source": file.slug}
        for one, number in numbers.items()
    ]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encode_rows(EARLIER_COLUMNS, sorted(rows, key=lambda row: (row["figure"], row["day"]))))
    none = [*numbers.values()].count("0")
    said = f"{len(numbers)} figures of {of} as counted in {file.layout.counted}"
    return path, [said + (f", {none} of them 0" if none else ""), *unmatched]


def verify_earlier_counts(root: Path, file: LayoutFile, cells: list[Cell]) -> Iterator[str]:
    """Yield a line for each earlier count that is not what the document gives."""
    path = f"{EARLIER}{file.layout.earlier_count_of}.csv"
    stated = {row["figure"]: row["number"] for row in _read(root, path, EARLIER_COLUMNS) if row["source"] == file.slug}
    numbers, _ = _find_numbers(root, file, cells)
    for one in sorted(stated.keys() | numbers.keys()):
        if stated.get(one) != numbers.get(one):
            has, gives = stated.get(one, "nothing"), numbers.get(one, "nothing")
            yield f"{path}:1:1: it has {has} for {one}, and the document gives {gives}; run misconduct add again"


def _find_numbers(root: Path, file: LayoutFile, cells: list[Cell]) -> tuple[dict[str, str], list[str]]:
    """Return the earlier numbers of figures, and lines on numbers that are for none.

    Of cases that we count, a figure of a year in that edition is 0 if the edition had no such case, but had all of its
    words elsewhere: a kind that came in later was not zero before.
    """
    of = file.layout.earlier_count_of or ""
    today = [*_read(root, f"observations/{of}.csv", FIGURE_COLUMNS)]
    if not today:
        raise RegisterError(f"tables/{file.slug}.yaml: the table {of} has no figures; add its newest edition first")
    years = {row["period"] for row in today} & {cell.figure["period"] for cell in cells}
    found, unmatched = _match([cell.figure for cell in cells if cell.figure["period"] in years], today)
    others = sorted({cell.figure["period"] for cell in cells} - years)
    unmatched += [f"of no year that {of} has: {', '.join(others)}"] if others else []
    of_then = [cell.figure for cell in cells] + [row for row in today if row["id"] in found]
    known = set[str]().union(*map(_pieces, of_then))
    none = [row for row in today if file.layout.count and row["period"] in years and _pieces(row) <= known]
    return {row["id"]: "0" for row in none} | found, unmatched


def _read(root: Path, file: str, columns: Sequence[str]) -> Iterator[Cells]:
    return read_one_table(root, file, columns, columns[:1]).rows()


def _match(earlier: list[Cells], today: list[Cells]) -> tuple[dict[str, str], list[str]]:
    """Return the earlier number of each figure, and a line for each number without one.

    Of several figures with the same codes, it is of the one whose words differ the least, first where none differs.
    """
    by_codes = defaultdict[tuple[str, ...], list[Cells]](list)
    for row in today:
        by_codes[tuple(row[name] for name in _SAME)].append(row)
    nearest = []
    for figure in earlier:
        like = by_codes[tuple(figure.get(name, "") for name in _SAME)]
        differ = [len(_pieces(row) ^ _pieces(figure)) for row in like]
        best = [row["id"] for row, number in zip(like, differ, strict=True) if number == min(differ)]
        nearest.append((min(differ, default=0), best, figure))
    found, unmatched = dict[str, str](), list[str]()
    for _, best, figure in sorted(nearest, key=lambda one: one[0]):
        if len(best) == 1 and best[0] not in found:
            found[best[0]] = show_number(figure)
        else:
            unmatched.append(_say_unmatched(figure, today))
    return found, unmatched


def _say_unmatched(figure: Cells, today: list[Cells]) -> str:
    said = f"no figure today: {figure['area']}, {figure['counted']}, {figure['period']}: {show_number(figure)}"
    for row in today:
        if all(row[name] == figure[name] for name in ("area", "counted", "period")):
            apart = [name for name in _SAME if row[name] != figure.get(name, "")]
            return f"{said}; {row['id']} differs in {', '.join(apart)}" if apart else said
    return said


def _pieces(row: Cells) -> set[str]:
    return {*row["counted"].casefold().split(BETWEEN_PIECES)}
