"""Tables for the tabular formats: typed columns, and rows of plain values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, Literal, NamedTuple

ColumnType = Literal["text", "code", "date", "integer", "number", "boolean", "texts"]
Cell = str | int | float | bool | list[str] | None
Row = tuple[Cell, ...]

SENTENCES = " | "
"""The separator of sentences in one cell."""

FROM_ROOT = ""
"""The base of the service's addresses in tables: none, so that a file is the same wherever it is served."""

OF_THIS_SERVICE = "from the root of the service that you got it from"
"""Part of the description of columns with such addresses."""


class Column(NamedTuple):
    """A column: its name, the type of its cells, and a description.

    `code` is one of few texts, `date` a text as precise as what is known (2014, 2014-03, 2014-03-05), `texts` a list.

    `path` leads to the cell in the JSON object of a row (`measure.label`); without one it is the name. What is found
    there is the cell, unless `cell` makes one of it. `example` is one for OpenAPI. `optional` cells may be empty.
    `codelist` is the code list that it takes its codes from.
    """

    name: str
    type: ColumnType
    description: str
    separator: str = " "
    path: str = ""
    cell: Callable[[Any], Cell] | None = None
    example: Cell = None
    optional: bool = False
    codelist: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle only what formats use: rows are made before a table goes to another process."""
        return Column, self[:4]

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the keys that lead to the cell in the JSON object of a row."""
        return tuple((self.path or self.name).split("."))

    def joined(self, cell: Sequence[str]) -> str:
        """Join a list to one text. If ` | ` is the separator, a `|` inside a sentence is doubled."""
        parts = (text.replace("|", "||") for text in cell) if "|" in self.separator else cell
        return self.separator.join(parts)


@dataclass(frozen=True, eq=False)
class Layout:
    """The columns that a table can have, by name, and those that it has if a request chooses none.

    `core` are for rows, `core_object` for JSON objects, which have more room. `labels` maps columns of codes to those
    of their labels; JSON objects always have both, whichever is chosen.
    """

    columns: Mapping[str, Column]
    core: tuple[str, ...]
    core_object: tuple[str, ...]
    labels: Mapping[str, str]

    def choose(self, names: Sequence[str], *, full: bool, labels: bool, objects: bool) -> tuple[str, ...]:
        """Return the names of the columns chosen, in this order; by default the core, or with `full` all of them."""
        return _choose(self, tuple(names), full, labels, objects)


@lru_cache(64)
def _choose(layout: Layout, names: tuple[str, ...], full: bool, labels: bool, objects: bool) -> tuple[str, ...]:
    if not names:
        names = tuple(layout.columns) if full else layout.core_object if objects else layout.core
    pairs = {half: pair for pair in layout.labels.items() for half in (pair if objects else pair[:1] if labels else ())}
    return tuple(dict.fromkeys(name for chosen in names for name in pairs.get(chosen, (chosen,))))


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows with a cell for each; None is an empty cell, never zero.

    `notes` apply to the whole table; `sheets` makes the tables that a workbook has beside it, by name: the codes that
    its rows have, and the documents that they come from.
    """

    columns: tuple[Column, ...]
    rows: Iterable[Row]
    notes: Mapping[str, str] = field(default_factory=dict)
    sheets: Callable[[], Mapping[str, Table]] | None = None


MOST_REMEMBERED = 4_096
"""Objects that many rows share whose cells are remembered."""


def compile_row(columns: Sequence[Column], shared: Collection[str] = ()) -> Callable[[Mapping[str, Any]], Row]:
    """Make a function that flattens a JSON object into a row. A path that leads through a null gives None.

    Cells with the same parent are fetched together, for speed: every exported row goes through here. `shared` names
    the parents that are one object in many rows, such as a source: their cells are written once for each object.
    """
    places: dict[tuple[str, ...], list[int]] = {}
    for place, column in enumerate(columns):
        places.setdefault(column.steps[:-1], []).append(place)
    parents = [
        (parent, _fetcher([columns[place] for place in found], is_shared=parent[:1] != () and parent[0] in shared))
        for parent, found in places.items()
    ]
    fetched = [place for found in places.values() for place in found]
    order = [*map(fetched.index, range(len(columns)))]
    arrange: Callable[[list[Any]], Row] = itemgetter(*order) if len(order) > 1 else tuple

    def flatten(document: Mapping[str, Any]) -> Row:
        cells: list[Any] = []
        for parent, fetch in parents:
            part: Any = document
            for step in parent:
                part = part and part[step]
            cells += fetch(part)
        return arrange(cells)

    return flatten


def compile_prune(columns: Sequence[Column]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Make a function that keeps of a JSON object only the keys that lead to these columns, in their order."""
    kept: dict[str, list[str]] = {}
    for column in columns:
        kept.setdefault(column.steps[0], []).extend(column.steps[1:2])

    def prune(document: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: {step: part[step] for step in steps} if (part := document[key]) is not None and steps else part
            for key, steps in kept.items()
        }

    return prune


def _fetcher(columns: Sequence[Column], *, is_shared: bool) -> Callable[[Any], Sequence[Any]]:
    """Make a function that fetches the cells of columns with the same parent from that object."""
    keys = [column.steps[-1] for column in columns]
    get = itemgetter(*keys) if len(keys) > 1 else lambda part: (part[keys[0]],)
    writers = [(place, column.cell) for place, column in enumerate(columns) if column.cell]
    nothing = [None] * len(keys)

    def fetch(part: Any) -> Sequence[Any]:
        if not writers:
            return get(part) if part else nothing
        cells = [*get(part)] if part else [*nothing]
        for place, write in writers:
            cells[place] = write(cells[place])
        return cells

    if not is_shared:
        return fetch
    remembered: dict[int, tuple[Any, Sequence[Any]]] = {}  # the object itself is kept, so that its id stays its own

    def fetch_once(part: Any) -> Sequence[Any]:
        found = remembered.get(id(part))
        if found is None:
            if len(remembered) >= MOST_REMEMBERED:
                remembered.clear()
            found = remembered[id(part)] = part, fetch(part)
        return found[1]

    return fetch_once
