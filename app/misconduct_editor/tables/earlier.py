"""Write what an earlier edition gave for the figures of a table: `data/earlier-counts/<slug>.csv`.

These are no figures: a file that goes on is counted again, and its newest years were not complete before. A table's
file that says `earlier_count_of: <slug>` and `counted: 2018-07` is read for them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from misconduct.errors import RegisterError
from misconduct.model.figure import DIMENSIONS
from misconduct_editor.register.layout import LayoutFile
from misconduct_editor.register.reading import Cells, encode_rows, read_one_table
from misconduct_editor.register.rules import BETWEEN_PIECES, EARLIER, EARLIER_COLUMNS, FIGURE_COLUMNS
from misconduct_editor.tables.editions import show_number
from misconduct_editor.tables.figures import Cell

_SAME = (*DIMENSIONS, "period")


def write_earlier_counts(root: Path, file: LayoutFile, cells: list[Cell]) -> tuple[Path, list[str]]:
    """Write the numbers of an earlier edition, in place of those that it gave before. Say how many, and what is left.

    Of cases that we count, a figure of a year in that edition is 0 if the edition had no such case.
    """
    of, layout = file.layout.earlier_count_of or "", file.layout
    today = [*_read(root, f"observations/{of}.csv", FIGURE_COLUMNS)]
    if not today:
        raise RegisterError(f"tables/{file.slug}.yaml: the table {of} has no figures; add its newest edition first")
    years = {row["period"] for row in today} & {cell.figure["period"] for cell in cells}
    found, unmatched = _match([cell for cell in cells if cell.figure["period"] in years], today)
    numbers = {row["id"]: "0" for row in today if layout.count and row["period"] in years} | found
    path, kept = root / EARLIER / f"{of}.csv", _read(root, f"{EARLIER}{of}.csv", EARLIER_COLUMNS)
    rows = [row for row in kept if row["source"] != file.slug]
    rows += [
        {"figure": one, "day": layout.counted or "", "number": number, "source": file.slug}
        for one, number in numbers.items()
    ]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encode_rows(EARLIER_COLUMNS, sorted(rows, key=lambda row: (row["figure"], row["day"]))))
    none = len(numbers) - len(found)
    said = f"{len(numbers)} figures of {of} as counted in {layout.counted}" + (f", {none} of them 0" if none else "")
    others = sorted({cell.figure["period"] for cell in cells} - years)
    return path, [said, *unmatched, *([f"of no year that {of} has: {', '.join(others)}"] if others else [])]


def _read(root: Path, file: str, columns: Sequence[str]) -> Iterator[Cells]:
    return read_one_table(root, file, columns, columns[:1]).rows()


def _match(cells: list[Cell], today: list[Cells]) -> tuple[dict[str, str], list[str]]:
    """Return the earlier number of each figure, and a line for each number without one.

    Of several figures with the same codes, it is of the one with which it shares the most words.
    """
    by_codes = defaultdict[tuple[str, ...], list[Cells]](list)
    for row in today:
        by_codes[tuple(row[name] for name in _SAME)].append(row)
    found, unmatched = dict[str, str](), list[str]()
    for cell in cells:
        like = by_codes[tuple(cell.figure.get(name, "") for name in _SAME)]
        shared = [len(_pieces(row) & _pieces(cell.figure)) for row in like]
        best = [row for row, number in zip(like, shared, strict=True) if number == max(shared)]
        if len(best) == 1 and best[0]["id"] not in found:
            found[best[0]["id"]] = show_number(cell.figure)
        else:
            figure = cell.figure
            unmatched.append(f"no figure today: {figure['counted']}, {figure['period']}: {show_number(figure)}")
    return found, unmatched


def _pieces(row: Cells) -> set[str]:
    return {*row["counted"].casefold().split(BETWEEN_PIECES)}
