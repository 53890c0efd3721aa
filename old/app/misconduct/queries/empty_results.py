"""Explain an empty listing: the condition that excluded everything, and the values that exist instead."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from misconduct.db.engine import Database
from misconduct.db.tables import observations as o
from misconduct.db.tables import value_descending, value_order
from misconduct.model.filters import FILTERS
from misconduct.queries.filters import Filters, in_force

SHOWN = 20
MOST_TRANSLATED = 1_000
NEAREST = 5


NOT_OFFERED = ("id",)
"""Filters whose other values say nothing to the one who asks."""


async def suggest_alternatives(
    database: Database, filters: Filters, ordinal: int, names: Collection[str]
) -> dict[str, list[str]]:
    """Return, for each of the named filters, what figures that match all the other filters have in its column.

    Of numbers, the nearest. Empty if no single filter excluded everything. One statement.
    """
    statements = list(_statements(filters, ordinal, names))
    if not statements:
        return {}
    rows = await database.rows(union_all(*statements))
    return {row.name: row.available for row in rows if row.available}


def _statements(filters: Filters, ordinal: int, names: Collection[str]) -> Iterator[Select[Any]]:
    of_columns = (name for name, _ in filters.asked if FILTERS[name].repeatable and name not in NOT_OFFERED)
    translated = (name for name, _ in filters.others if name in FILTERS and FILTERS[name].alternative_value)
    asked = dict(filters.asked)
    for name in (*of_columns, *translated):
        if name not in names:
            continue
        one, values = FILTERS[name], asked.get(name, ())
        matching = (in_force(o, ordinal), *filters.without(name).conditions(unique=True))
        column: ColumnElement[Any] = o.c[one.column]
        if isinstance(column.type, ARRAY):
            found = select(func.unnest(column).label("found"))
            order, most = "found", MOST_TRANSLATED
        elif name == "value":
            yield _nearest(values[0], matching)
            continue
        else:
            found = select(cast(column, Text).label("found")).where(column.is_not(None))
            order, most = "found", MOST_TRANSLATED if one.alternative_value else SHOWN
        listed = found.where(*matching).distinct().order_by(order).limit(most).subquery()
        available: ColumnElement[Any] = func.array_agg(listed.c.found).label("available")
        yield select(literal(name, Text).label("name"), available)


def _nearest(value: Decimal, matching: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Select the nearest values, in the order of an index: the first above, and the first below."""
    number = o.c.value.is_not(None)
    above = select(value_order.label("value")).where(value_order >= value, number, *matching).order_by(value_order)
    below = select(value_descending.label("value")).where(value_descending < value, number, *matching)
    both = [one.distinct().limit(NEAREST).subquery() for one in (above, below.order_by(value_descending.desc()))]
    found = union_all(*(select(one.c.value) for one in both)).subquery()
    order = (func.abs(found.c.value - value), found.c.value)
    nearest = select(found.c.value, *order[:1]).order_by(*order).limit(NEAREST).subquery()
    available: ColumnElement[Any] = func.array_agg(cast(func.trim_scale(nearest.c.value), Text)).label("available")
    return select(literal("value", Text).label("name"), available)
