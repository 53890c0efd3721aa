"""Why a listing is empty: which condition emptied it, and what there is instead."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select, union_all

from app.db.engine import Database
from app.db.tables import observations as o
from app.domain.filters import FILTERS
from app.queries.filters import Filters, in_force

SHOWN = 20
NEAREST = 5


async def find_what_exists(
    database: Database, filters: Filters, ordinal: int, names: Collection[str]
) -> dict[str, list[str]]:
    """For each of the named conditions on a code, the year or the value: what there is that meets all the others.

    Of values the nearest. Empty where no single condition is to blame. One statement.
    """
    questions = list(_questions(filters, ordinal, names))
    if not questions:
        return {}
    rows = await database.rows(union_all(*questions))
    return {row.name: row.available[:SHOWN] for row in rows if row.available}


def _questions(filters: Filters, ordinal: int, names: Collection[str]) -> Iterator[Select[Any]]:
    for name, values in filters.asked:
        one, others = FILTERS[name], filters.without(name)
        if name not in names or not one.repeatable:
            continue
        matching = (in_force(o, ordinal), *others.conditions(unique=True))
        column = o.c[one.column]
        if name == "value":
            # Of numbers, those nearest to the first one that was asked for.
            found = select(
                cast(func.trim_scale(column), Text).label("found"), func.abs(column - values[0]).label("distance")
            ).where(column.is_not(None))
            order, most = "distance", NEAREST
        else:
            found = select(cast(column, Text).label("found"))
            found = found if one.when is None else found.where(o.c[one.when[0]] == one.when[1])
            order, most = "found", SHOWN
        listed = found.where(*matching).distinct().order_by(order).limit(most).subquery()
        available: ColumnElement[Any] = func.array_agg(listed.c.found).label("available")
        yield select(literal(name, Text).label("name"), available)
