"""Count the codes that figures use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from app.db.engine import Database
from app.db.tables import observations as o
from app.model.filters import FILTERS
from app.queries.filters import Filters, in_force

Facets = dict[str, dict[str, int]]


async def count_facets(database: Database, filters: Filters, ordinal: int, names: Iterable[str]) -> Facets:
    """Count, for each of the named filters, the figures that match by code.

    One statement that reads the figures once.
    """
    columns = {name: _column(name) for name in names}
    found: Facets = {name: {} for name in columns}
    for row in await database.rows(_select_counts(columns, filters, ordinal)):
        for name in columns:
            if (code := getattr(row, name)) is not None:
                found[name][code] = row.figures
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}


def _column(name: str) -> ColumnElement[Any]:
    """Return the column of a filter, null where the filter does not apply: a figure without a year counts for none."""
    column, when = o.c[FILTERS[name].column], FILTERS[name].when
    return column if when is None else case((o.c[when[0]] == when[1], column))


def _select_counts(columns: dict[str, ColumnElement[Any]], filters: Filters, ordinal: int) -> Select[Any]:
    """Select one row for each code of each column, in which the other columns are null."""
    matching = (
        select(*(column.label(name) for name, column in columns.items()))
        .where(in_force(o, ordinal), *filters.conditions())
        .subquery()
    )
    return select(*matching.c, func.count().label("figures")).group_by(func.grouping_sets(*matching.c))
