"""Explain an empty listing: the condition that excluded everything, and the values that exist instead."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select, union_all

from app.db.engine import Database
from app.db.tables import observations as o
from app.model.filters import FILTERS
from app.queries.filters import Filters, in_force

SHOWN = 20
NEAREST = 5


async def suggest_alternatives(
    database: Database, filters: Filters, ordinal: int, names: Collection[str]
) -> dict[str, list[str]]:
    """Return, for each of the named filters, the values of figures that match all the other filters.

    Of numbers, the nearest. Empty if no single filter excluded everything. One statement.
    """
    statements = list(_statements(filters, ordinal, names))
    if not statements:
        return {}
    rows = await database.rows(union_all(*statements))
    return {row.name: row.available[:SHOWN] for row in rows if row.available}


def _statements(filters: Filters, ordinal: int, names: Collection[str]) -> Iterator[Select[Any]]:
    for name, values in filters.asked:
        one, others = FILTERS[name], filters.without(name)
        if name not in names or not one.repeatable:
            continue
        matching = (in_force(o, ordinal), *others.conditions(unique=True))
        column = o.c[one.column]
        if name == "value":
            found = select(
                cast(func.trim_scale(column), Text).label("found"), func.abs(column - values[0]).label("distance")
            ).where(column.is_not(None))
            order, most = "distance", NEAREST
        else:
            found = select(cast(column, Text).label("found")).where(column.is_not(None))
            order, most = "found", SHOWN
        listed = found.where(*matching).distinct().order_by(order).limit(most).subquery()
        available: ColumnElement[Any] = func.array_agg(listed.c.found).label("available")
        yield select(literal(name, Text).label("name"), available)
