"""Why a listing is empty: which condition emptied it, and what there is instead."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select, union_all

from app.db.engine import Database
from app.db.tables import observations as o
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
    for name, _ in filters.codes:
        if name in names:
            found = select(cast(o.c[name], Text).label("found"))
            yield _list_distinct(name, found, filters.without(name), ordinal)
    if filters.years is not None and "year" in names:
        years = select(o.c.period_start.label("found")).where(o.c.period_type == "year")
        yield _list_distinct("year", years, replace(filters, years=None), ordinal)
    if filters.values and "value" in names:
        yield _list_nearest(filters, ordinal)


def _list_distinct(name: str, column: Select[Any], others: Filters, ordinal: int) -> Select[Any]:
    found = (
        column.where(in_force(o, ordinal), *others.conditions(unique=True))
        .distinct()
        .order_by("found")
        .limit(SHOWN)
        .subquery()
    )
    return _gathered(name, found.c.found)


def _list_nearest(filters: Filters, ordinal: int) -> Select[Any]:
    """The values nearest to the first one that was asked for."""
    wanted = (filters.values or ())[0]
    others = replace(filters, values=None)
    found = (
        select(cast(func.trim_scale(o.c.value), Text).label("found"), func.abs(o.c.value - wanted).label("distance"))
        .where(in_force(o, ordinal), o.c.value.is_not(None), *others.conditions(unique=True))
        .distinct()
        .order_by("distance")
        .limit(NEAREST)
        .subquery()
    )
    return _gathered("value", found.c.found)


def _gathered(name: str, found: ColumnElement[Any]) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [literal(name, Text).label("name"), func.array_agg(found).label("available")]
    return select(*columns)
