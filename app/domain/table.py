"""A table as the tabular formats take it: typed columns, and rows of plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

ColumnType = Literal["text", "integer", "number", "texts"]
Cell = str | int | float | list[str] | None
Row = tuple[Cell, ...]


class Column(NamedTuple):
    """One column: its name, the type of its cells (`texts` is a list), and what it says."""

    name: str
    type: ColumnType
    description: str
    separator: str = " "


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that all have the columns' types; None is an empty cell, never zero."""

    columns: tuple[Column, ...]
    rows: Iterable[Row]
