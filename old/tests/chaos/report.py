"""The table that `make chaos` prints: each fault, what was demanded, what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

HEAD = ("fault", "demanded", "measured", "met")


class Row(NamedTuple):
    """One fault as it was caused."""

    fault: str
    demanded: str
    measured: str
    met: bool


def as_table(rows: list[Row]) -> str:
    """The rows as a table in Markdown."""
    cells = [HEAD, ("---",) * len(HEAD), *((*row[:3], "yes" if row.met else "**no**") for row in rows)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in cells)


def write_table(rows: list[Row], path: Path) -> None:
    """Writes the table for those who read it later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# Faults\n\n{as_table(rows)}", encoding="utf-8")
