"""The code lists that belong to the program: what it computes itself, in every release. They are in `codes.csv`.

All other lists are part of the register (`data/codelists/`), so that each release has its own.
"""

import csv
from pathlib import Path
from typing import NamedTuple


class Code(NamedTuple):
    """A code, its label and its definition."""

    code: str
    label: str
    definition: str


def _read_lists() -> dict[str, tuple[Code, ...]]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = [(row.pop("list"), Code(**row)) for row in csv.DictReader(file)]
    return {name: tuple(code for of, code in rows if of == name) for name, _ in rows}


PROGRAM_LISTS = _read_lists()
