"""What can be chosen among figures: the codes that they use, and how many use each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from app.db.engine import Database
from app.db.tables import observations as o
from app.queries.filters import Filters, in_force

YEAR = "year"

Choices = dict[str, dict[str, int]]


async def count_choices(database: Database, filters: Filters, ordinal: int, names: Iterable[str]) -> Choices:
    """For each of the named columns, or `year`: its codes among the figures that match, with how many have each.

    One statement that reads the figures once.
    """
    columns = {name: _column(name) for name in names}
    found: Choices = {name: {} for name in columns}
    for row in await database.rows(_select_counts(columns, filters, ordinal)):
        for name in columns:
            if (code := getattr(row, name)) is not None:
                found[name][code] = row.figures
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}


def _column(name: str) -> ColumnElement[Any]:
    """A column that is null in no row that counts: a figure without a year is no choice of one."""
    return case((o.c.period_type == YEAR, o.c.period_start)) if name == YEAR else o.c[name]


def _select_counts(columns: dict[str, ColumnElement[Any]], filters: Filters, ordinal: int) -> Select[Any]:
    """One row for each code of each column, in which the other columns are null."""
    matching = (
        select(*(column.label(name) for name, column in columns.items()))
        .where(in_force(o, ordinal), *filters.conditions())
        .subquery()
    )
    return select(*matching.c, func.count().label("figures")).group_by(func.grouping_sets(*matching.c))
