"""Count figures and series: for any filters as they are asked for, and for each code of some columns at load.

What is counted at load answers for filters by one of these columns, and for none. It is counted by the statement that
counts for any other filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    delete,
    extract,
    func,
    insert,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from misconduct.db.statements import compile_statement
from misconduct.db.tables import counts
from misconduct.db.tables import observations as o
from misconduct.model.counts import COUNTED, IN_SERIES, Counts, Whole
from misconduct.model.editions import Editions
from misconduct.model.filters import FILTERS
from misconduct.model.series import SERIES
from misconduct.queries.filters import Filters, in_force

KEYS = tuple("key_stated_by" if name == "stated_by" else name for name in SERIES)
"""The parts of the key of a series, in a statement."""


def key_of(*, has_editions: bool) -> list[ColumnElement[str]]:
    """Return the key of the series of a figure, without nulls, so that it can be compared: nobody states some figures.

    With editions, the parameter `works` has the works by source; without any, each source is a work of its own.
    """
    work = func.coalesce(bindparam("works", None, JSONB)[o.c.source].astext, o.c.source) if has_editions else o.c.source
    given = {"key_stated_by": func.coalesce(o.c.stated_by, text("''")), "work": work}
    return [given[name].label(name) if name in given else o.c[name] for name in KEYS]


def works_of(editions: Editions) -> dict[str, str]:
    """Return the works by source, as `key_of` takes them."""
    return {source: edition.work for source, edition in editions.items()}


def count(conditions: Iterable[ColumnElement[bool]], *, has_editions: bool) -> Select[Any]:
    """Select what `Whole` reads, as `whole`, of the figures that meet all conditions.

    Of the figures of one key, the first of each year make a series, the second ones another: there are as many series
    as its most frequent year has figures.
    """
    return select(_count(conditions, (), has_editions=has_editions).subquery().c.whole)


def _count(conditions: Iterable[ColumnElement[bool]], names: Sequence[str], *, has_editions: bool) -> Select[Any]:
    """Count all, or if columns are named, for each code of each of them, which are then the `name` and the `code`."""

    def by(of: Any) -> list[ColumnElement[Any]]:
        which = case(*((of.c[name].is_not(None), name) for name in names)) if names else literal("")
        return [which.label("name"), func.coalesce(*(of.c[name] for name in names), "").label("code")]

    def grouped(counted: Select[Any], of: Any, *parts: ColumnElement[Any]) -> Subquery:
        sets = [tuple_(of.c[name], *parts) for name in names] or [tuple_(*parts)]
        return counted.group_by(func.grouping_sets(*sets)).subquery()

    matching = [*conditions]
    key = key_of(has_editions=has_editions)
    placed = select(*key, o.c.year, func.count().label("figures")).where(o.c.period_type.in_(IN_SERIES), *matching)
    placed_by = placed.group_by(*key, o.c.year).subquery()
    figures, is_dated = func.max(placed_by.c.figures), placed_by.c.year.is_not(None)
    of_key = [placed_by.c[name] for name in KEYS]
    each = (
        select(*of_key, figures.label("series"), figures.filter(is_dated).label("dated")).group_by(*of_key).subquery()
    )
    numbers = [func.sum(each.c[name]).label(name) for name in ("series", "dated")]
    series = grouped(select(*by(each), *numbers), each)

    has_days = and_(o.c.period_from.is_not(None), o.c.period_until.is_not(None))
    first, last = func.min(o.c.period_from).filter(has_days), func.max(o.c.period_until).filter(has_days)
    facts = func.jsonb_build_array(o.c.period_type, func.min(o.c.year), first, last, func.count()).label("facts")
    begins = (o.c.period_type, o.c.year.is_(None), func.strpos(o.c.year, "/"), extract("month", o.c.period_from))
    listed = grouped(select(*by(o), facts).where(*matching), o, *begins)
    alike = select(
        listed.c.name, listed.c.code, func.jsonb_agg(aggregate_order_by(listed.c.facts, listed.c.facts)).label("alike")
    )
    alike_by = alike.group_by(listed.c.name, listed.c.code).subquery()

    is_same = and_(series.c.name == alike_by.c.name, series.c.code == alike_by.c.code)
    numbers_of = (part for name in ("series", "dated") for part in (name, func.coalesce(series.c[name], 0)))
    content = func.jsonb_build_object(*numbers_of, "alike", alike_by.c.alike)
    return select(alike_by.c.name, alike_by.c.code, content.label("whole")).select_from(
        alike_by.outerjoin(series, is_same)
    )


def write_counts(connection: Connection, ordinal: int, editions: Editions) -> None:
    """Count what is in a release, as its owner."""
    connection.execute(delete(counts).where(counts.c.release == ordinal))
    counted = _count([in_force(o, ordinal)], COUNTED, has_editions=bool(editions)).subquery()
    rows = select(literal(ordinal), *counted.c)
    connection.execute(text("SET LOCAL work_mem = '64MB'"))
    connection.execute(insert(counts).from_select(counts.columns.keys(), rows), {"works": works_of(editions)})


OF_RELEASE = compile_statement(
    select(counts.c.name, counts.c.code, counts.c.content).where(
        counts.c.release == bindparam("ordinal", None, Integer)
    )
)


def read_counts(rows: Iterable[Any]) -> Counts:
    """Read what was counted in a release at load, the rows of OF_RELEASE."""
    return {(row.name, row.code): Whole.read(row.content) for row in rows}


def find_counted(counted: Counts, filters: Filters) -> Whole | None:
    """Return what was counted of the figures that match; None where that was not counted at load."""
    conditions = [(FILTERS[name].column, codes) for name, codes in filters.asked] + [*filters.limits]
    if filters.others or len(conditions) > 1 or not counted:
        return None
    name, codes = conditions[0] if conditions else (COUNTED[0], [code for name, code in counted if name == COUNTED[0]])
    if name not in COUNTED:
        return None
    return Whole.add([counted[name, code] for code in codes if (name, code) in counted])
