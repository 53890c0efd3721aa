"""Write places that `verify` found anew into the rows of the register: drafts where they are, else the next version."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from misconduct.register.verify import Cell, Suggestion, VerifyReport

Moves = dict[int, list[tuple[Cell, Suggestion]]]
"""By the line of a row."""


def write_places(report: VerifyReport) -> int:
    """Write the moves of each row of which every wrong place has one. Return how many rows were written.

    Raises RegisterInUse if anything changed since the register was read; the moves are by lines of what was read then.
    """
    stuck = {(cell.file, cell.line) for cell in report.stuck}
    by_file: dict[Path, Moves] = defaultdict(lambda: defaultdict(list))
    for move in report.moves:
        cell = move.claim.cell
        if cell and (cell.file, cell.line) not in stuck:
            by_file[cell.file][cell.line].append((cell, move))
    texts = {path: path.read_text(encoding="utf-8") for path in by_file}
    report.seen.require_unwritten()
    root = report.seen.root
    report.seen.put({path.relative_to(root).as_posix(): _rewrite(texts[path], by_file[path]) for path in texts})
    return sum(map(len, by_file.values()))


def _rewrite(text: str, moves: Moves) -> str:
    """Return the text of a CSV file with the moves of its rows; all other rows stay as they are written."""
    rows = _split(text)
    _, written, header = next(rows)
    kept, added = [written], list[str]()
    for line, written, cells in rows:
        row = dict(zip(header, cells, strict=True))
        moved = {(cell.column, move.claim.place): move.place for cell, move in moves.get(line, ())}
        for column in {column for column, _ in moved}:  # at once: one place may move to where another was
            row[column] = " ".join(moved.get((column, place), place) for place in row[column].split(" "))
        if any(not cell.is_draft for cell, _ in moves.get(line, ())):
            row["version"] = str(int(row["version"]) + 1)
            added.append(_join(list(row.values())))
            kept.append(written)
        else:
            kept.append(_join(list(row.values())) if line in moves else written)
    return "".join(one if one.endswith("\n") else f"{one}\n" for one in (*kept, *added))


def _split(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield each row of a CSV text: its line, from 1, its own text, and its cells."""
    lines, taken = io.StringIO(text), list[str]()

    def take() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    number = 1
    for cells in csv.reader(take(), strict=True):
        yield number, "".join(taken), cells
        number += len(taken)
        taken.clear()


def _join(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
