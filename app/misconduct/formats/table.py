"""A table of figures, with all that the formats say of it."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from misconduct.model.figure import Column, Row


@dataclass(frozen=True)
class Table:
    """A table, of which `pages` yields at least one list of rows, maybe empty."""

    name: str  # of a file with it
    columns: Sequence[Column]
    pages: AsyncIterator[list[Row]]
    cells: Callable[[Row], Iterable[Any]]  # in the order of the columns
    rows: int
    about: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    """What JSON says beside the rows: notes, warnings, what is missing."""

    def describe(self) -> dict[str, str]:
        """Return what each format says of the table: where it is from, its warnings and notes, its columns."""
        found = dict(self.about)
        for warning in self.said.get("warnings", ()):
            found[f"warning {warning['code']}"] = warning["detail"]
        for note in self.said.get("notes", ()):
            found[f"note {note['id']}"] = note["text"]
        for column in self.columns:
            if column.about:
                found[f"column {column.name}"] = column.about
        return found


def join(value: Any) -> Any:
    return (" ".join(value) or None) if isinstance(value, list) else value
