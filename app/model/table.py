"""A table as the tabular formats take it: typed columns, and rows of plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Literal, NamedTuple

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

    `path` leads to the cell in the JSON object of a row (`measure.label`); without one it is the name. What is found
    there is the cell, unless `cell` makes one of it. `example` is one for OpenAPI.
    """

    name: str
    type: ColumnType
    description: str
    separator: str = " "
    path: str = ""
    cell: Callable[[Any], Cell] | None = None
    example: Cell = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what a format needs: rows are made before they are sent to another process."""
        return Column, self[:4]

    @property
    def steps(self) -> tuple[str, ...]:
        """The keys that lead to the cell in the JSON object of a row."""
        return tuple((self.path or self.name).split("."))

    def joined(self, cell: Sequence[str]) -> str:
        """A list as one text. Where ` | ` parts sentences, a `|` inside one is doubled, so that it parts nothing."""
        parts = (text.replace("|", "||") for text in cell) if "|" in self.separator else cell
        return self.separator.join(parts)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that all have the columns' types; None is an empty cell, never zero.

    `notes` hold for the whole table; `sources` makes the table of the documents that its rows come from.
    """

    columns: tuple[Column, ...]
    rows: Iterable[Row]
    notes: Mapping[str, str] = field(default_factory=dict)
    sources: Callable[[], Table] | None = None


def compile_row(columns: Sequence[Column]) -> Callable[[Mapping[str, Any]], Row]:
    """Make the function that flattens a JSON object into a row: a cell for each column, None behind a null.

    Cells with the same parent are fetched together, because every export goes through here.
    """
    places: dict[tuple[str, ...], list[int]] = {}
    for place, column in enumerate(columns):
        places.setdefault(column.steps[:-1], []).append(place)
    parents = [
        (parent, _getter([columns[place].steps[-1] for place in found]), (None,) * len(found))
        for parent, found in places.items()
    ]
    fetched = [place for found in places.values() for place in found]
    written = [(number, columns[place].cell) for number, place in enumerate(fetched)]
    writers = [(number, write) for number, write in written if write]
    arrange = itemgetter(*map(fetched.index, range(len(columns))))

    def flatten(document: Mapping[str, Any]) -> Row:
        cells: list[Any] = []
        for parent, fetch, nothing in parents:
            part: Any = document
            for step in parent:
                part = part and part[step]
            cells += fetch(part) if part else nothing
        for place, write in writers:
            cells[place] = write(cells[place])
        row: Row = arrange(cells)
        return row

    return flatten


def _getter(keys: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(keys) > 1:
        return itemgetter(*keys)
    key = keys[0]
    return lambda part: (part[key],)
