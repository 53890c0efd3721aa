"""Count the codes that figures have."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from sqlalchemy import Text, bindparam, case, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from misconduct.db.engine import Database
from misconduct.db.statements import Query, compile_statement
from misconduct.db.tables import observations as o
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import DIMENSIONS
from misconduct.model.filters import FILTERS
from misconduct.model.kinds import CLASSIFIED, CLASSIFIED_BY
from misconduct.queries.filters import MOST_STATEMENTS, Filters, in_force, unnested

Facets = Mapping[str, Mapping[str, int]]

OF_DIMENSIONS = (*DIMENSIONS, "year")
"""The filters by what tells figures apart."""

OF_ATTRIBUTES = tuple(
    one.name
    for one in FILTERS.values()
    if one.name in CLASSIFIED or (one.takes_codes and one.resolve is None and one.name not in OF_DIMENSIONS)
)
"""The filters by the other codes that a figure has: its source, who stated it, how it is classified."""


AT_ONCE = 2_000
"""How many combinations of codes are added up here, in a few milliseconds; more are in a thread, which others need."""

_TOGETHER = (
    (*CLASSIFIED_BY, "by_id"),
    ("statistic", "counting_unit", "unit", "obs_status", "qualifier"),
    ("source", "origin"),
)
"""Columns of which few combinations occur: to count these is little more work for Postgres than to count one column."""

_ALONE = (
    (name,)
    for name in (*OF_DIMENSIONS, *OF_ATTRIBUTES)
    if name not in CLASSIFIED and not any(name in names for names in _TOGETHER)
)
_COUNTED = (*_TOGETHER, *_ALONE)


async def count_facets(database: Database, filters: Filters, ordinal: int, catalogue: Catalogue) -> Facets:
    """Count the figures that match all filters, by the codes that the filters of OF_DIMENSIONS and OF_ATTRIBUTES take.

    One statement that reads the figures once.
    """
    given = {**filters.parameters(), "ordinal": ordinal, "classified": sorted(catalogue.classified_figures)}
    rows = await database.rows(_write_counts(filters.shape()), given)

    def add() -> Facets:
        found: dict[str, Counter[str]] = {name: Counter() for name in (*OF_DIMENSIONS, *OF_ATTRIBUTES)}
        for place, figures, *codes in rows:
            combination = dict(zip(_COUNTED[place], codes, strict=False))
            if "by_id" in combination:
                identity = combination.pop("by_id") or ""
                combination |= catalogue.classify(identity, *combination.values())
            for name, code in combination.items():
                if code is not None:
                    found[name][code] += figures
        return {name: dict(sorted(counts.items())) for name, counts in found.items()}

    return await asyncio.to_thread(add) if len(rows) > AT_ONCE else add()


@lru_cache(MOST_STATEMENTS)
def _write_counts(shape: Filters) -> Query:
    """Select a place in _COUNTED, a number of figures, and the codes of its columns that so many figures have.

    `by_id` is the id of a figure that is classified by itself.
    """
    itself = case((o.c.id.in_(unnested(bindparam("classified", None, ARRAY(Text)))), o.c.id)).label("by_id")
    columns = (o.c[name] for names in _COUNTED for name in names if name != "by_id")
    matching = select(*columns, itself).where(in_force(o, 0), *shape.conditions()).subquery()
    sets = [[matching.c[name] for name in names] for names in _COUNTED]
    place = case(*((func.grouping(first) == 0, place) for place, (first, *_) in enumerate(sets)))
    codes = (func.coalesce(*(one for one in nth if one is not None)) for nth in zip_longest(*sets))
    return compile_statement(
        select(place, func.count(), *codes).group_by(func.grouping_sets(*(tuple_(*one) for one in sets)))
    )


async def count_by_year(database: Database, ordinal: int) -> Sequence[Any]:
    """Return the number of `figures` of a release by `measure` and `year`, which is null for what is of no year."""
    return await database.rows(
        select(o.c.measure, o.c.year, func.count().label("figures"))
        .where(in_force(o, ordinal))
        .group_by(o.c.measure, o.c.year)
        .order_by(o.c.year)
    )


async def count_by_caveat(database: Database, ordinal: int) -> Mapping[str, int]:
    """Return the number of figures of a release by caveat."""
    each = func.unnest(o.c.caveats).label("caveat")
    rows = await database.rows(
        select(each, func.count().label("figures")).where(in_force(o, ordinal)).group_by("caveat")
    )
    return {row.caveat: row.figures for row in rows}


async def find_extents(database: Database, ordinal: int) -> Sequence[Any]:
    """Return by `measure` and `area` the `first` and `last` day of the figures of a release; null for undated ones."""
    return await database.rows(
        select(
            o.c.measure,
            o.c.area,
            func.min(o.c.period_from).label("first"),
            func.max(o.c.period_until).label("last"),
        )
        .where(in_force(o, ordinal))
        .group_by(o.c.measure, o.c.area)
        .order_by(o.c.measure, o.c.area)
    )
