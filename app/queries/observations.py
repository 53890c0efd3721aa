"""Pages of observations, and one by its id. Every function is one statement, whatever the size of the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Date, Numeric, Select, Text, cast, func, literal, select, true, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app.db.engine import Database
from app.db.tables import observations as o
from app.db.tables import period_order
from app.domain.observation import Observation
from app.queries.filters import Filters, in_force

SortKey = date | Decimal | str

_EARLIEST = cast(literal("-infinity"), Date)
_NOT_A_NUMBER = cast(literal("NaN"), Numeric)
_LOWEST = cast(literal("-infinity"), Numeric)

SORTS: dict[str, tuple[ColumnElement[Any], bool]] = {
    "period": (period_order, False),
    "-period": (func.coalesce(o.c.period_from, _EARLIEST), True),
    "value": (func.coalesce(o.c.value, _NOT_A_NUMBER), False),
    "-value": (func.coalesce(o.c.value, _LOWEST), True),
    "id": (o.c.id, False),
}
"""The orders of a listing: an expression that is never null, and whether it descends. What has no date or no number
comes last in each; the id decides between equals."""


class Position(NamedTuple):
    """The last observation of a page: its sort key and id."""

    key: SortKey
    id: str


class Found(NamedTuple):
    """One page: its observations, how many match in all, and where the next page begins (None: this is the last)."""

    observations: list[Observation]
    total: int
    next: Position | None


async def find(
    database: Database,
    filters: Filters,
    ordinal: int,
    *,
    sort: str = "period",
    limit: int = 100,
    after: Position | None = None,
    total: int | None = None,
) -> Found:
    """The observations of one release that match. `total`, where it is known already, is not counted again."""
    page = _select_page(filters, ordinal, sort, limit + 1, after)
    statement = page if total is not None else _with_total(page, filters, ordinal, sort)
    rows = await database.rows(statement)
    if total is None:
        total = rows[0].total
        rows = [row for row in rows if row.id is not None]
    shown = rows[:limit]
    position = Position(shown[-1].sort_key, shown[-1].id) if len(rows) > limit else None
    return Found([Observation._make(row[: len(Observation._fields)]) for row in shown], total, position)


def _select_page(filters: Filters, ordinal: int, sort: str, limit: int, after: Position | None) -> Select[Any]:
    key, descending = SORTS[sort]
    page = select(*o.c, key.label("sort_key")).where(in_force(o, ordinal), *filters.conditions())
    if after is not None:
        here, there = tuple_(key, o.c.id), tuple_(literal(after.key, key.type), literal(after.id, Text))
        page = page.where(here < there if descending else here > there)
    directed = (key.desc(), o.c.id.desc()) if descending else (key, o.c.id)
    return page.order_by(*directed).limit(limit)


def _with_total(page: Select[Any], filters: Filters, ordinal: int, sort: str) -> Select[Any]:
    """The page beside the number of all matches, which is there even where the page is empty."""
    counted = (
        select(func.count().label("total")).select_from(o).where(in_force(o, ordinal), *filters.conditions())
    ).subquery()
    shown = page.subquery()
    order = (shown.c.sort_key, shown.c.id)
    return (
        select(*shown.c, counted.c.total)
        .select_from(counted.outerjoin(shown, true()))
        .order_by(*((column.desc() for column in order) if SORTS[sort][1] else order))
    )


async def readings(database: Database, observation_id: str) -> Sequence[Observation]:
    """Every version of one observation, oldest first; empty where there is none."""
    rows = await database.rows(select(*o.c).where(o.c.id == observation_id).order_by(o.c.version))
    return [Observation._make(row) for row in rows]


async def by_ids(database: Database, ids: Sequence[str], ordinal: int) -> list[Observation]:
    """The observations with these ids that are in the release, in the order of the ids."""
    rows = await database.rows(select(*o.c).where(in_force(o, ordinal), o.c.id.in_(ids)))
    found = {row.id: Observation._make(row) for row in rows}
    return [found[one] for one in ids if one in found]
