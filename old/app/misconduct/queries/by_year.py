"""Find series × year: what the sources state for each year, one row per series, only comparable figures in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from misconduct.db.engine import Database
from misconduct.db.statements import Query, compile_statement
from misconduct.db.tables import observations as o
from misconduct.model.counts import IN_SERIES, Whole
from misconduct.model.editions import Editions
from misconduct.model.observation import Observation
from misconduct.model.period import Year
from misconduct.model.series import OF_FIGURE, AllLeftOut, LeftOut, Series
from misconduct.model.series import key_of as series_key
from misconduct.queries.counts import KEYS, count, key_of, works_of
from misconduct.queries.filters import MOST_STATEMENTS, Filters, in_force

VARIANT = "variant"
"""Numbers, from 1, the figures that one source states for the same series and year: each gets its own row."""

NAMES = (*KEYS, VARIANT)

VARIED = ("area", "category", "year")
"""What tells most figures of a table apart: sorted by these first, few are compared by anything else."""

Key = tuple[str, ...]


class FoundSeries(NamedTuple):
    """One page of series, the total of all that match, and the key of the last one (None: this is the last page).

    `whole` is what is known of all figures that match, not only those of the page; `years` are those of all series.
    """

    series: list[Series]
    total: int
    next: Key | None
    years: Sequence[Year]
    whole: Whole


async def find_series(
    database: Database,
    filters: Filters,
    ordinal: int,
    editions: Editions,
    *,
    limit: int = 100,
    after: Key | None = None,
    has_years: bool = False,
    whole: Whole | None = None,
) -> FoundSeries:
    """Return the series of one release that match, ordered by key, each with all its years and its window.

    `has_years`: only those that have a figure for a year. `whole`: what is known of all figures that match, which saves
    counting.
    """
    given = {**filters.parameters(), "ordinal": ordinal, "rows": limit + 1, **_parameters(after)}
    if editions:
        given |= {"works": orjson.dumps(works_of(editions)).decode()}
        given |= {"places": orjson.dumps({source: one.place for source, one in editions.items()}).decode()}
    how = {"is_first": after is None, "has_editions": bool(editions), "has_years": has_years}
    rows = await database.rows(_write_series(filters.shape(), is_counted=whole is None, **how), given)
    if whole is None:
        whole = Whole.read(rows[0].whole) if rows[0].whole else Whole(0, 0, ())
    found = [
        (key, [Observation._make(row[: len(Observation._fields)]) for row in members])
        for key, members in groupby((row for row in rows if row["id"] is not None), _key)
    ]
    of_series = [observations[0] for _, observations in found[:limit]] if whole.years[1:] else []
    left_out = await find_left_out(database, filters, ordinal, editions, of_series)
    shown = [
        Series.gather(observations, editions, int(key[-1]), left_out.get(series_key(observations[0], editions), ()))
        for key, observations in found[:limit]
    ]
    return FoundSeries(
        shown,
        whole.dated if has_years else whole.series,
        found[limit - 1][0] if len(found) > limit else None,
        whole.years,
        whole,
    )


async def find_left_out(
    database: Database, filters: Filters, ordinal: int, editions: Editions, found: Iterable[Observation]
) -> AllLeftOut:
    """Return what the filters leave out of the series of some figures of a release.

    What is the same for all figures of a series leaves none out, so most questions ask nothing here.
    """
    shape = filters.shape()
    _, others = _split(shape, has_editions=bool(editions))
    keys = [] if others == Filters() else list({series_key(o, editions) for o in found})
    if not keys:
        return {}
    of = {f"of_{name}": list(column) for name, column in zip(KEYS, zip(*keys, strict=True), strict=True)}
    given = {**filters.parameters(), "ordinal": ordinal, **of}
    if editions:
        given["works"] = orjson.dumps(works_of(editions)).decode()
    rows = await database.rows(_write_left_out(shape, has_editions=bool(editions)), given)
    return {
        key: [LeftOut(row["year"], row["period_from"], row["period_until"]) for row in members]
        for key, members in groupby(rows, itemgetter(*KEYS))
    }


@lru_cache(MOST_STATEMENTS)
def _split(shape: Filters, *, has_editions: bool) -> tuple[Filters, Filters]:
    """Divide into the conditions that are the same for all figures of a series, and others.

    A source is, unless it is an edition of a work.
    """
    return shape.split({*OF_FIGURE, *(() if has_editions else ("source",))})


@lru_cache(MOST_STATEMENTS)
def _write_left_out(shape: Filters, *, has_editions: bool) -> Query:
    of_series, others = _split(shape, has_editions=has_editions)
    key = key_of(has_editions=has_editions)
    of = [(f"of_{name}", bindparam(f"of_{name}", None, ARRAY(Text))) for name in KEYS]
    wanted = select(*(func.unnest(several).label(name) for name, several in of)).cte("wanted")
    is_of = and_(*(one == of_wanted for one, of_wanted in zip(key, wanted.c, strict=True)))
    matching = (in_force(o, 0), o.c.period_type.in_(IN_SERIES), *of_series.conditions())
    is_left_out = and_(*others.conditions()).is_not(true())
    columns = (*key, o.c.year, o.c.period_from, o.c.period_until)
    return compile_statement(
        select(*columns).distinct().select_from(o.join(wanted, is_of)).where(*matching, is_left_out).order_by(*key)
    )


_key: Callable[[Any], Key] = itemgetter(*NAMES)


def _parameters(after: Key | None) -> dict[str, str]:
    return dict(zip((f"after_{name}" for name in NAMES), after, strict=True)) if after is not None else {}


@lru_cache(MOST_STATEMENTS)
def _write_series(shape: Filters, *, is_first: bool, has_editions: bool, has_years: bool, is_counted: bool) -> Query:
    """Write a statement that reads the first keys in the order of an index, and only the figures that have them.

    Those keys have no variants yet. Each has at least one, so as many keys as rows are enough, and the one after which
    the page begins.
    """
    conditions = (in_force(o, 0), *shape.conditions())
    in_series = (o.c.period_type.in_(IN_SERIES), *conditions)
    key = key_of(has_editions=has_editions)
    begun = [bindparam(f"after_{name}", None, Text) for name in NAMES]
    near = select(*key).where(*in_series).distinct().order_by(*key)
    if has_years:
        near = near.where(o.c.year.is_not(None))
    if not is_first:
        near = near.where(tuple_(*key) >= tuple_(*begun[:-1]))
    near_by = near.limit(bindparam("rows", None, Integer) + 1).cte("near").prefix_with("MATERIALIZED")

    edition = func.coalesce(cast(bindparam("places", None, JSONB)[o.c.source].astext, Integer), 0)
    first = [edition] if has_editions else []
    # A year ends on the day before its first comes again, and is a day longer with a 29 February. Null for windows.
    is_part = case((o.c.year.is_not(None), o.c.period_until + 1 < o.c.period_from + func.make_interval(1)))
    dimensions = [*(o.c[name] for name in VARIED), *key]
    place = func.row_number().over(partition_by=dimensions, order_by=[is_part, *first, o.c.id])
    variant = func.lpad(cast(place, Text), 6, "0")
    has_key = and_(*(one == of_near for one, of_near in zip(key, near_by.c, strict=True)))
    matching = (
        select(*o.c, *key[-2:], variant.label(VARIANT)).select_from(o.join(near_by, has_key)).where(*in_series)
    ).subquery()
    names = [matching.c[name] for name in NAMES]
    if has_years:
        dated = func.bool_or(matching.c.year.is_not(None)).over(partition_by=names).label("is_dated")
        matching = select(*matching.c, dated).subquery()
        names = [matching.c[name] for name in NAMES]
    # The number of a key, because a join with the first keys would compare each figure with each of them.
    numbered = select(*matching.c, func.dense_rank().over(order_by=names).label("number"))
    if has_years:
        numbered = numbered.where(matching.c.is_dated)
    if not is_first:
        numbered = numbered.where(tuple_(*names) > tuple_(*begun))
    numbered_by = numbered.subquery()
    columns = [one for one in numbered_by.c if one.name not in ("is_dated", "number")]
    listed = select(*columns).where(numbered_by.c.number <= bindparam("rows", None, Integer)).subquery()
    order = [*(listed.c[name] for name in NAMES), listed.c.period_start, listed.c.id]
    if not is_counted:
        return compile_statement(select(*listed.c).order_by(*order))
    whole = select(count(conditions, has_editions=has_editions).scalar_subquery().label("whole")).subquery()
    page = select(listed, whole.c.whole).select_from(whole.outerjoin(listed, true()))
    return compile_statement(page.order_by(*order))
