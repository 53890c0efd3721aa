"""Count the codes that figures use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.db.engine import Database
from app.db.tables import observations as o
from app.model.filters import FILTERS
from app.queries.filters import Filters, in_force

Facets = dict[str, dict[str, int]]


async def count_facets(database: Database, filters: Filters, ordinal: int, names: Iterable[str]) -> Facets:
    """Count, for each of the named filters, the figures that match by code.

    One statement that reads the figures once.
    """
    columns = {name: o.c[FILTERS[name].column] for name in names}
    found: Facets = {name: {} for name in columns}
    for row in await database.rows(_select_counts(columns, filters, ordinal)):
        for name in columns:
            if (code := getattr(row, name)) is not None:
                found[name][code] = row.figures
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}


def _select_counts(columns: Mapping[str, ColumnElement[Any]], filters: Filters, ordinal: int) -> Select[Any]:
    """Select one row for each code of each column, in which the other columns are null."""
    matching = (
        select(*(column.label(name) for name, column in columns.items()))
        .where(in_force(o, ordinal), *filters.conditions())
        .subquery()
    )
    return select(*matching.c, func.count().label("figures")).group_by(func.grouping_sets(*matching.c))
