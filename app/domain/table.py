"""A table as the tabular formats take it: typed columns, and rows of plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

ColumnType = Literal["text", "code", "integer", "number", "texts"]
Cell = str | int | float | list[str] | None
Row = tuple[Cell, ...]


class Column(NamedTuple):
    """One column: its name, the type of its cells (`code`: one of few texts; `texts`: a list), and what it says."""

    name: str
    type: ColumnType
    description: str
    separator: str = " "


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that all have the columns' types; None is an empty cell, never zero. `notes` hold for the whole table."""

    columns: tuple[Column, ...]
    rows: Iterable[Row]
    notes: Mapping[str, str] = field(default_factory=dict)
