"""The filters of a request as SQL conditions on observations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from app.db.tables import observations as o
from app.model.catalogue import Catalogue
from app.model.filters import FILTERS

MOST_STATEMENTS = 500
"""Compiled statements of listings that are kept, one for each combination of filters."""


@dataclass(frozen=True)
class Filters:
    """Conditions on observations, all of which must hold.

    `asked` has the names of filters, each with its values, of which any will do. `limits` has the names of columns,
    each with the only codes that it may have: the measures of a dataset, the sources of a publisher in this release.
    """

    asked: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    limits: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def read(cls, values: Mapping[str, Sequence[Any]], catalogue: Catalogue) -> Filters:
        """Make the conditions of a request from its parameters; those that are not filters are ignored."""
        asked, resolved = [], []
        for name, one in FILTERS.items():
            if name not in values:
                continue
            if one.resolve is not None:
                resolved.append((one.column, one.resolve(values[name], catalogue)))
            else:
                asked.append((name, tuple(dict.fromkeys(values[name]))))
        filters = cls(tuple(asked))
        for column, codes in resolved:
            filters = filters.within(column, codes)
        return filters

    def within(self, column: str, codes: Iterable[str]) -> Filters:
        """Add the condition that a column has one of these codes."""
        limits = {name: set(allowed) for name, allowed in self.limits}
        limits[column] = limits[column].intersection(codes) if column in limits else set(codes)
        return Filters(self.asked, tuple((name, tuple(sorted(limits[name]))) for name in sorted(limits)))

    def without(self, *names: str) -> Filters:
        """Leave out the filters with these names."""
        return Filters(tuple(one for one in self.asked if one[0] not in names), self.limits)

    def shape(self) -> Filters:
        """Return filters with the same SQL, equal for all values: the key under which a compiled statement is kept."""
        return Filters(
            tuple((name, (None,) * min(len(values), 2)) for name, values in self.asked),
            tuple((column, ()) for column, _ in self.limits),
        )

    def parameters(self) -> dict[str, Any]:
        """Return the values of the conditions, by the names that `conditions` gives them."""
        return {
            **{name: values[0] if len(values) == 1 else [*values] for name, values in self.asked},
            **{f"within_{column}": codes for column, codes in self.limits},
        }

    def conditions(self, *, unique: bool = False) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions as SQL, with `parameters` for values.

        `unique`: under names of their own, for a statement in which different filters meet.
        """
        parameters = self.parameters()
        for name, values in self.asked:
            one, column = FILTERS[name], o.c[FILTERS[name].column]
            several = len(values) > 1
            given = bindparam(name, parameters[name], ARRAY(column.type) if several else column.type, unique)
            yield column == any_(given) if several else one.compare(column, given)
        for column_name, _ in self.limits:
            name, column = f"within_{column_name}", o.c[column_name]
            yield column == any_(bindparam(name, parameters[name], ARRAY(column.type), unique))


def in_force(table: Any, ordinal: int) -> ColumnElement[bool]:
    """Select the rows that are part of the release with this ordinal, which is a parameter of that name."""
    at = bindparam("ordinal", ordinal, Integer)
    return and_(table.c.added_in <= at, table.c.ended_in > at)
