"""A table as the tabular formats take it: typed columns, and rows of plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

ColumnType = Literal["text", "code", "date", "integer", "number", "texts"]
Cell = str | int | float | list[str] | None
Row = tuple[Cell, ...]

FROM_ROOT = ""
"""What addresses of the service begin with in every table: a file is the same whoever serves it, and wherever."""

OF_THIS_SERVICE = "from the root of the service that you got it from"
"""What the description of a column with such addresses says."""


class Column(NamedTuple):
    """One column: its name, the type of its cells, and what it says.

    `code` is one of few texts, `date` a text as precise as what is known (2014, 2014-03, 2014-03-05), `texts` a list.
    """

    name: str
    type: ColumnType
    description: str
    separator: str = " "

    def joined(self, cell: Sequence[str]) -> str:
        """A list as one text. Where ` | ` parts sentences, a `|` inside one is doubled, so that it parts nothing."""
        texts = (text.replace("|", "||") for text in cell) if "|" in self.separator else cell
        return self.separator.join(texts)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that all have the columns' types; None is an empty cell, never zero.

    `notes` hold for the whole table; `sources` makes the table of the documents that its rows come from.
    """

    columns: tuple[Column, ...]
    rows: Iterable[Row]
    notes: Mapping[str, str] = field(default_factory=dict)
    sources: Callable[[], Table] | None = None
