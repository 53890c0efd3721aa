"""A table of figures, with all that the formats say of it."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import SOURCE_FIELDS, Column, Row


@dataclass(frozen=True)
class Table:
    """A table, of which `pages` yields at least one list, maybe empty, of rows with at least `source`."""

    columns: Sequence[Column]
    pages: AsyncIterator[list[Row]]
    cells: Callable[[Row], Iterable[Any]]  # in the order of the columns
    document: Callable[[Row], Mapping[str, object]]
    catalogue: Catalogue
    rows: int
    about: Mapping[str, str] = field(default_factory=dict)

    def describe_sources(
        self, identities: Iterable[str]
    ) -> list[dict[str, str | None]]:
        known, columns = (
            self.catalogue.of_kind("source"),
            ("id", *SOURCE_FIELDS.values()),
        )
        found = [
            {name: known[one].get(name) for name in columns}
            for one in sorted(
                filter(None, identities)
            )  # what is not held has no source
        ]
        return [one | {"licence": one["licence"] or "not stated"} for one in found]


def join(value: Any) -> Any:
    return (" ".join(value) or None) if isinstance(value, list) else value
