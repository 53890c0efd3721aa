"""Count the codes that figures have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Text, any_, bindparam, case, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from misconduct.db.engine import Database
from misconduct.db.statements import Query, compile_statement
from misconduct.db.tables import observations as o
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import DIMENSIONS
from misconduct.model.filters import FILTERS
from misconduct.model.kinds import CLASSIFIED, CLASSIFIED_BY
from misconduct.queries.filters import MOST_STATEMENTS, Filters, in_force

Facets = Mapping[str, Mapping[str, int]]

OF_DIMENSIONS = (*DIMENSIONS, "year")
"""The filters by what tells figures apart."""

OF_ATTRIBUTES = tuple(
    one.name
    for one in FILTERS.values()
    if one.name in CLASSIFIED or (one.takes_codes and one.resolve is None and one.name not in OF_DIMENSIONS)
)
"""The filters by the other codes that a figure has: its source, who stated it, how it is classified."""


async def count_facets(
    database: Database, filters: Filters, ordinal: int, names: Iterable[str], catalogue: Catalogue
) -> Facets:
    """Count the figures that match all filters, by the codes that each of the named filters takes.

    One statement that reads the figures once.
    """
    names = tuple(names)
    lists = [name for name in names if name in CLASSIFIED]
    given = {**filters.parameters(), "ordinal": ordinal}
    given |= {"classified": sorted(catalogue.classified_figures)} if lists else {}
    found: dict[str, Counter[str]] = {name: Counter() for name in names}
    for name, code, figures, *classified_by in await database.rows(_write_counts(filters.shape(), names), given):
        if name is not None:
            found[name][code] = figures
        elif classified_by and classified_by[0] is not None:  # else they have no such code
            *codes, identity = classified_by
            by_list = catalogue.classify(identity or "", *codes)
            for one in lists:
                if (its_code := by_list[one]) is not None:
                    found[one][its_code] += figures
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}


@lru_cache(MOST_STATEMENTS)
def _write_counts(shape: Filters, names: Sequence[str]) -> Query:
    """Select the name, the code and the number of figures of each code that a facet has, and those without one.

    If figures are classified, the rest of a row is what that depends on, of each combination, which has no name.
    """
    columns = {name: o.c[FILTERS[name].column].label(name) for name in names if name not in CLASSIFIED}
    by: dict[str, ColumnElement[Any]] = {}
    if len(columns) < len(names):
        itself = case((o.c.id == any_(bindparam("classified", None, ARRAY(Text))), o.c.id))
        by = {f"by_{name}": o.c[name].label(f"by_{name}") for name in CLASSIFIED_BY} | {"by_id": itself.label("by_id")}
    matching = select(*columns.values(), *by.values()).where(in_force(o, 0), *shape.conditions()).subquery()
    codes = [matching.c[name] for name in columns]
    classified_by = [matching.c[name] for name in by]
    has_name = ((code.is_not(None), name) for name, code in zip(columns, codes, strict=True))
    counted = select(case(*has_name), func.coalesce(*codes), func.count(), *classified_by)
    sets = [*codes, tuple_(*classified_by)] if by else codes
    return compile_statement(counted.group_by(func.grouping_sets(*sets)))


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
