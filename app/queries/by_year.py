"""Series × year: what the sources state for each year, one row per series, nothing unlike in one row."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Integer, Text, and_, bindparam, case, cast, func, select, true, tuple_

from app.db.engine import Database, Query, write_out
from app.db.tables import observations as o
from app.domain.observation import Observation
from app.domain.series import SERIES, Series
from app.queries.filters import SHAPES_KEPT, Filters, in_force

VARIANT = "variant"
"""Counts from 1 what one source states for the same series and year more than once: each gets a row of its own."""

NAMES = (*SERIES, VARIANT)

Key = tuple[str, ...]


class FoundSeries(NamedTuple):
    """One page of series, how many match in all, and the key of the last one (None: this is the last page)."""

    series: list[Series]
    total: int
    next: Key | None


async def find_series(
    database: Database, filters: Filters, ordinal: int, *, limit: int = 100, after: Key | None = None
) -> FoundSeries:
    """The series of one release that match, in the order of their keys, each with all its years and its window."""
    given = {**filters.parameters(), "ordinal": ordinal, "rows": limit + 1, **_parameters(after)}
    rows = await database.rows(_write_series(filters.shape(), is_first=after is None), given)
    total = rows[0].total
    found = [
        (key, [Observation._make(row[: len(Observation._fields)]) for row in members])
        for key, members in groupby((row for row in rows if row.id is not None), _key)
    ]
    shown = [Series.gather(observations) for _, observations in found[:limit]]
    return FoundSeries(shown, total, found[limit - 1][0] if len(found) > limit else None)


def _key(row: Any) -> Key:
    return (*(getattr(row, name) for name in SERIES), row.variant)


def _parameters(after: Key | None) -> dict[str, str]:
    return dict(zip((f"after_{name}" for name in NAMES), after, strict=True)) if after is not None else {}


@lru_cache(SHAPES_KEPT)
def _write_series(shape: Filters, *, is_first: bool) -> Query:
    dimensions = [o.c[name] for name in SERIES]
    year = case((o.c.period_type == "year", o.c.period_start))
    variant = func.lpad(
        cast(func.row_number().over(partition_by=[*dimensions, o.c.period_type, year], order_by=o.c.id), Text), 6, "0"
    )
    by_year = o.c.period_type.in_(("year", "window"))
    matching = (select(*o.c, variant.label(VARIANT)).where(in_force(o, 0), by_year, *shape.conditions())).cte(
        "matching"
    )
    keys = select(*(matching.c[name] for name in NAMES)).distinct().cte("keys")
    page = select(keys).order_by(*keys.c).limit(bindparam("rows", None, Integer))
    if not is_first:
        there = (bindparam(f"after_{name}", None, Text) for name in NAMES)
        page = page.where(tuple_(*keys.c) > tuple_(*there))
    shown = page.cte("shown")
    total = select(func.count().label("total")).select_from(keys).subquery()
    members = matching.join(shown, and_(*(matching.c[name] == shown.c[name] for name in NAMES)))
    listed = select(matching).select_from(members).subquery()
    return write_out(
        select(listed, total.c.total)
        .select_from(total.outerjoin(listed, true()))
        .order_by(*(listed.c[name] for name in NAMES), listed.c.period_start, listed.c.id)
    )
