"""Why a listing is empty: which condition emptied it, and what there is instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Select, Text, cast, func, literal, select, union_all

from app.db.engine import Database
from app.db.tables import observations as o
from app.queries.filters import Filters, in_force

SHOWN = 20


async def find_what_exists(database: Database, filters: Filters, ordinal: int) -> dict[str, list[str]]:
    """For each condition on a code or on the year: the values that match all the other conditions.

    Empty where no single condition is to blame. One statement.
    """
    questions = [_existing(name, replace(filters, codes=_without(filters, name)), ordinal) for name, _ in filters.codes]
    if filters.years is not None:
        questions.append(_existing("year", replace(filters, years=None), ordinal))
    if not questions:
        return {}
    rows = await database.rows(union_all(*questions))
    return {row.name: sorted(row.available)[:SHOWN] for row in rows if row.available}


def _without(filters: Filters, name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((other, codes) for other, codes in filters.codes if other != name)


def _existing(name: str, others: Filters, ordinal: int) -> Select[Any]:
    column = o.c.period_start if name == "year" else o.c[name]
    statement: Any = select(
        literal(name, Text).label("name"), func.array_agg(cast(column, Text).distinct()).label("available")
    )
    if name == "year":
        statement = statement.where(o.c.period_type == "year")
    narrowed: Select[Any] = statement.where(in_force(o, ordinal), *others.conditions())
    return narrowed
