"""Find series × year: what the sources state for each year, one row per series, only comparable figures in a row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    extract,
    func,
    not_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.db.engine import Database, Query, compile_statement
from app.db.tables import observations as o
from app.model.editions import Editions
from app.model.observation import Observation
from app.model.period import Days, Year, years_of
from app.model.series import OF_FIGURE, SERIES, Series
from app.queries.filters import MOST_STATEMENTS, Filters, in_force

VARIANT = "variant"
"""Numbers, from 1, the figures that one source states for the same series and year: each gets its own row."""

DAYS = tuple(f"days_{name}" for name in Days._fields)
_LEAST_DAYS = 364  # from the first to the last of twelve months; no part of a year has as many

_STATED_BY = "key_stated_by"
"""Who stated a figure, and no null where nobody did: so that it can be compared."""

_KEYS = tuple(_STATED_BY if name == "stated_by" else name for name in SERIES)
NAMES = (*_KEYS, VARIANT)

VARIED = ("area", "category", "year")
"""What tells most figures of a table apart: sorted by these first, few are compared by anything else."""

Key = tuple[str, ...]


class FoundSeries(NamedTuple):
    """One page of series, the total of all that match, and the key of the last one (None: this is the last page).

    `years` are those of all series, not only those of the page. `figures` is the number of figures that match;
    `left_out` of them are not in a series, because their period has one of the types `left_out_types`; `windows` are
    for the whole window of their series.
    """

    series: list[Series]
    total: int
    next: Key | None
    years: Sequence[Year]
    figures: int
    windows: int
    left_out: int
    left_out_types: list[str]


async def find_series(
    database: Database,
    filters: Filters,
    ordinal: int,
    editions: Editions,
    *,
    limit: int = 100,
    after: Key | None = None,
    has_years: bool = False,
) -> FoundSeries:
    """Return the series of one release that match, ordered by key, each with all its years and its window.

    `has_years`: only those that have a figure for a year.
    """
    given = {**filters.parameters(), "ordinal": ordinal, "rows": limit + 1, **_parameters(after)}
    if editions:
        given |= {"sources": [*editions], "works": [one.work for one in editions.values()]}
        given |= {"places": [one.place for one in editions.values()]}
    statement = _write_series(filters.shape(), is_first=after is None, has_editions=bool(editions), has_years=has_years)
    rows = await database.rows(statement, given)
    whole = rows[0]
    found = [
        (key, [Observation._make(row[: len(Observation._fields)]) for row in members])
        for key, members in groupby((row for row in rows if row.id is not None), _key)
    ]
    shown = [Series.gather(observations, editions, int(key[-1])) for key, observations in found[:limit]]
    return FoundSeries(
        shown,
        whole.total,
        found[limit - 1][0] if len(found) > limit else None,
        years_of(map(Days, *(getattr(whole, name) or () for name in DAYS))),
        whole.figures,
        whole.windows,
        whole.left_out,
        sorted(whole.left_out_types or ()),
    )


def _key(row: Any) -> Key:
    return (*(getattr(row, name) for name in _KEYS), row.variant)


def _parameters(after: Key | None) -> dict[str, str]:
    return dict(zip((f"after_{name}" for name in NAMES), after, strict=True)) if after is not None else {}


@lru_cache(MOST_STATEMENTS)
def _write_series(shape: Filters, *, is_first: bool, has_editions: bool, has_years: bool) -> Query:
    figures: FromClause = o
    work: ColumnElement[str] = o.c.source
    order: list[ColumnElement[Any]] = [o.c.id]
    if has_editions:  # few sources are, so that the table of them is small
        arrays = (bindparam("sources", None, ARRAY(Text)), bindparam("works", None, ARRAY(Text)))
        edition = func.unnest(*arrays, bindparam("places", None, ARRAY(Integer)))
        of = edition.table_valued(column("source", Text), column("work", Text), column("place", Integer))
        of = of.render_derived(name="edition")
        figures = o.outerjoin(of, of.c.source == o.c.source)
        work, order = func.coalesce(of.c.work, o.c.source), [func.coalesce(of.c.place, 0), o.c.id]
    dimensions = [*(o.c[name] for name in (*VARIED, *OF_FIGURE)), work]
    is_part = case((o.c.year.is_not(None), o.c.period_until - o.c.period_from < _LEAST_DAYS))  # null for windows
    place = func.row_number().over(partition_by=dimensions, order_by=[is_part, *order])
    variant = func.lpad(cast(place, Text), 6, "0")
    conditions = (in_force(o, 0), *shape.conditions())
    by_year = o.c.period_type.in_(("year", "window"))
    matching = (
        select(*o.c, func.coalesce(o.c.stated_by, "").label(_STATED_BY), work.label("work"), variant.label(VARIANT))
        .select_from(figures)
        .where(by_year, *conditions)
    ).cte("matching")
    keys_of = select(*(matching.c[name] for name in NAMES)).distinct()
    keys = (keys_of.where(matching.c.year.is_not(None)) if has_years else keys_of).cte("keys")
    page = select(keys).order_by(*keys.c).limit(bindparam("rows", None, Integer))
    if not is_first:
        there = (bindparam(f"after_{name}", None, Text) for name in NAMES)
        page = page.where(tuple_(*keys.c) > tuple_(*there))
    shown = page.cte("shown")
    is_dated = and_(matching.c.period_from.is_not(None), matching.c.period_until.is_not(None))
    alike = (
        select(
            func.min(matching.c.year).label("days_label"),
            func.min(matching.c.period_from).filter(is_dated).label("days_first"),
            func.max(matching.c.period_until).filter(is_dated).label("days_last"),
            func.count().label("figures"),
        )
        .group_by(
            matching.c.year.is_(None), func.strpos(matching.c.year, "/"), extract("month", matching.c.period_from)
        )
        .subquery()
    )  # at most 37 rows, of which `years_of` makes the same as of all figures
    stated = select(
        cast(func.coalesce(func.sum(alike.c.figures), 0), Integer).label("stated"),
        cast(func.coalesce(func.sum(alike.c.figures).filter(alike.c.days_label.is_(None)), 0), Integer).label(
            "windows"
        ),
        *(func.array_agg(alike.c[name]).filter(alike.c.days_first.is_not(None)).label(name) for name in DAYS),
    ).subquery()
    others = (
        select(func.count().label("left_out"), func.array_agg(o.c.period_type.distinct()).label("left_out_types"))
        .where(not_(by_year), *conditions)
        .subquery()
    )
    total = select(
        select(func.count()).select_from(keys).scalar_subquery().label("total"),
        *(stated.c[name] for name in DAYS),
        (stated.c.stated + others.c.left_out).label("figures"),
        stated.c.windows,
        others.c.left_out,
        others.c.left_out_types,
    ).subquery()
    members = matching.join(shown, and_(*(matching.c[name] == shown.c[name] for name in NAMES)))
    listed = select(matching).select_from(members).subquery()
    return compile_statement(
        select(listed, *total.c)
        .select_from(total.outerjoin(listed, true()))
        .order_by(*(listed.c[name] for name in NAMES), listed.c.period_start, listed.c.id)
    )
