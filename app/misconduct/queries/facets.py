"""Count the codes that figures have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, any_, bindparam, case, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from misconduct.db.engine import Database
from misconduct.db.tables import observations as o
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import DIMENSIONS
from misconduct.model.filters import FILTERS
from misconduct.model.kinds import CLASSIFIED, CLASSIFIED_BY
from misconduct.queries.filters import Filters, in_force

Facets = Mapping[str, Mapping[str, int]]

OF_DIMENSIONS = (*DIMENSIONS, "year")
"""The filters by what tells figures apart."""

OF_ATTRIBUTES = tuple(
    one.name
    for one in FILTERS.values()
    if one.name in CLASSIFIED or (one.takes_codes and one.resolve is None and one.name not in OF_DIMENSIONS)
)
"""The filters by the other codes that a figure has: its source, who stated it, how it is classified."""

_CLASSIFIED_BY = {f"classified_by_{name}": name for name in (*CLASSIFIED_BY, "id")}
"""What the classification of a figure depends on, in the statement."""


async def count_facets(
    database: Database, filters: Filters, ordinal: int, names: Iterable[str], catalogue: Catalogue
) -> Facets:
    """Count the figures that match all filters, by the codes that each of the named filters takes.

    One statement that reads the figures once.
    """
    found: dict[str, Counter[str | None]] = {name: Counter() for name in names}
    columns = {name: o.c[FILTERS[name].column] for name in found if name not in CLASSIFIED}
    lists = [name for name in found if name in CLASSIFIED]
    classified = sorted(catalogue.classified_figures) if lists else None
    for row in await database.rows(_select_counts(columns, filters, ordinal, classified)):
        if lists and row.classified_by_measure is not None:
            *codes, identity = (getattr(row, label) for label in _CLASSIFIED_BY)
            by_list = catalogue.classify(identity or "", *codes)
            for name in lists:
                found[name][by_list[name]] += row.figures
        else:
            for name in columns:
                found[name][getattr(row, name)] += row.figures
    return {name: {code: counts[code] for code in sorted(filter(None, counts))} for name, counts in found.items()}


def _select_counts(
    columns: Mapping[str, ColumnElement[Any]], filters: Filters, ordinal: int, classified: Sequence[str] | None
) -> Select[Any]:
    """Select one row for each code of each column, in which the other columns are null.

    If figures are `classified` by their ids, or at all, also one for each combination on which that depends.
    """
    given = {name: column.label(name) for name, column in columns.items()}
    if classified is not None:
        own = case((o.c.id == any_(bindparam("classified", classified, ARRAY(Text))), o.c.id))
        given |= {label: (own if name == "id" else o.c[name]).label(label) for label, name in _CLASSIFIED_BY.items()}
    matching = select(*given.values()).where(in_force(o, ordinal), *filters.conditions()).subquery()
    sets: list[Any] = [matching.c[name] for name in columns]
    if classified is not None:
        sets.append(tuple_(*(matching.c[label] for label in _CLASSIFIED_BY)))
    return select(*matching.c, func.count().label("figures")).group_by(func.grouping_sets(*sets))


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
