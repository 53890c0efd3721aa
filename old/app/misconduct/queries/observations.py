"""Find observations: pages of them, or by id. Every function runs one statement, whatever the size of the page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from misconduct.db.engine import Database
from misconduct.db.statements import Query, compile_statement
from misconduct.db.tables import observations as o
from misconduct.db.tables import period_descending, period_order, value_descending, value_order
from misconduct.model.cautions import THING, Facts, Kind, OfPeriod
from misconduct.model.codes import UNSTATED
from misconduct.model.filters import DAYS, YEARS
from misconduct.model.observation import Observation
from misconduct.model.period import PeriodType
from misconduct.model.standing import PLACES, STATED
from misconduct.queries.filters import MOST_STATEMENTS, Filters, in_force

SortKey = date | Decimal | int | str

SORTS: dict[str, tuple[ColumnElement[Any], bool]] = {
    "period": (period_order, False),
    "-period": (period_descending, True),
    "value": (value_order, False),
    "-value": (value_descending, True),
    "id": (o.c.id, False),
}
"""The orders of a listing: an expression that is never null and has an index, and whether it descends. Observations
without a date or a number come last; ties are ordered by id."""


RELEVANCE = "relevance"
"""The order of figures found by words: those first in which the weightiest columns have them."""


TEXTS_FIRST, PLACE, BEST_FIRST = "texts first", "place", "best first"
"""Orders of pages: figures in texts before those in tables, each by period; by the place in the document; and by
relevance, of equal relevance the largest number first."""

_in_text = func.coalesce(o.c.at.like("char=%"), False)
_numbers = [func.coalesce(func.lpad(func.substring(o.c.at, one), 10, "0"), "z") for one in (r"(\d+)", r",(\d+)")]
_OF_PAGES: dict[str, ColumnElement[Any]] = {
    TEXTS_FIRST: case((_in_text, "1"), else_="2").concat(cast(period_order, Text)),
    PLACE: _numbers[0].concat(_numbers[1]),
}


def _order(shape: Filters, sort: str) -> tuple[ColumnElement[Any], bool]:
    if sort in _OF_PAGES:
        return _OF_PAGES[sort], False
    if sort == BEST_FIRST:  # relevance is whole, so less than one decides only among equals
        return 1 / (3 + func.greatest(func.coalesce(o.c.value, -1), -1)) - shape.relevance(), False
    return (-shape.relevance(), False) if sort == RELEVANCE else SORTS[sort]


ALL = frozenset(Observation._fields)


class Position(NamedTuple):
    """The last observation of a page: its sort key and id."""

    key: SortKey
    id: str


class Found(NamedTuple):
    """One page: its observations, the total of all that match, and where the next page begins (None: the last page)."""

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
    fields: Collection[str] = ALL,
) -> Found:
    """Return the observations of one release that match, in which only these fields are not None, and the id.

    `total`: their number if it is known, which saves counting.
    """
    shape, wanted = filters.shape(), frozenset(fields)
    statement = _write_page(shape, sort, wanted, is_first=after is None, is_counted=total is None)
    given = {**filters.parameters(), "ordinal": ordinal, "rows": limit + 1}
    if after is not None:
        given |= {"after_key": after.key, "after_id": after.id}
    rows = await database.rows(statement, given)
    if total is None:
        total = rows[0].total
        rows = [row for row in rows if row.id is not None]
    shown = rows[:limit]
    position = Position(shown[-1].sort_key, shown[-1].id) if len(rows) > limit else None
    return Found([*map(Observation._make, map(_reader(wanted), shown))], total, position)


def _chosen(fields: Collection[str]) -> list[str]:
    """Return the fields that a page reads: these, in their order, and the id."""
    return [name for name in Observation._fields if name in fields or name == "id"]


@lru_cache(MOST_STATEMENTS)
def _reader(fields: Collection[str]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return the function that takes the cells of an observation out of a row, with None for what was not read."""
    places = {name: place for place, name in enumerate(_chosen(fields))}
    return itemgetter(*(places.get(name, len(places)) for name in Observation._fields))


@lru_cache(MOST_STATEMENTS)
def _write_page(shape: Filters, sort: str, fields: Collection[str] = ALL, *, is_first: bool, is_counted: bool) -> Query:
    matching = (in_force(o, 0), *shape.conditions())
    key, descending = _order(shape, sort)
    columns = (*(o.c[name] for name in _chosen(fields)), null().label("nothing"))
    page = select(*columns, key.label("sort_key")).where(*matching)
    if not is_first:
        here = tuple_(key, o.c.id)
        there = tuple_(bindparam("after_key", None, key.type), bindparam("after_id", None, Text))
        page = page.where(here < there if descending else here > there)
    directed = (key.desc(), o.c.id.desc()) if descending else (key, o.c.id)
    page = page.order_by(*directed).limit(bindparam("rows", None, Integer))
    if sort not in SORTS:  # all are read to be sorted, so of each only its key; and those of the page whole
        first = page.with_only_columns(o.c.id, o.c.version, key.label("sort_key")).subquery()
        page = select(*columns, first.c.sort_key).order_by(first.c.sort_key, first.c.id)
        page = page.join(first, and_(o.c.id == first.c.id, o.c.version == first.c.version))
    return compile_statement(_with_total(page, matching, descending=descending) if is_counted else page)


def _with_total(page: Select[Any], matching: Iterable[ColumnElement[bool]], *, descending: bool) -> Select[Any]:
    """Select the page with the number of all matches, which is present even if the page is empty."""
    counted = select(func.count().label("total")).select_from(o).where(*matching).subquery()
    shown = page.subquery()
    order = (shown.c.sort_key, shown.c.id)
    return (
        select(*shown.c, counted.c.total)
        .select_from(counted.outerjoin(shown, true()))
        .order_by(*((column.desc() for column in order) if descending else order))
    )


MOST_WEIGHED = 500
"""Matching figures that are read to say what a sum over them would get wrong."""


async def find_related(database: Database, filters: Filters, ordinal: int, related: Sequence[str]) -> list[str]:
    """Return which of the figures that relations mention match all filters but those by relation."""
    conditions = filters.without("repeats", "parts").conditions(unique=True)
    mentioned = o.c.id == any_(bindparam("related", list(related), ARRAY(Text)))
    rows = await database.rows(select(o.c.id).where(in_force(o, ordinal), mentioned, *conditions))
    return [row.id for row in rows]


async def find_facts(database: Database, filters: Filters, ordinal: int, related: Sequence[str]) -> Facts:
    """Return what a sum over all that match depends on; `related` are the ids that records mention."""
    by_time = any(name in (*YEARS, *DAYS) for name in filters.names)
    statement = _write_facts(filters.shape(), has_related=bool(related), by_time=by_time)
    given = {**filters.parameters(), "ordinal": ordinal}
    rows = await database.rows(statement, {**given, "related": list(related)} if related else given)
    kinds, periods, several, mentioned, undated = orjson.loads(rows[0].facts)
    kinds, periods = list(map(Kind._make, kinds or ())), list(map(OfPeriod._make, periods or ()))
    is_sample = sum(one.figures for one in periods) > MOST_WEIGHED
    return Facts(kinds, periods, several or [], mentioned or [], undated, is_sample)


def _has_several(of: Any) -> ColumnElement[bool]:
    return func.min(of.c.source) != func.max(of.c.source)


@lru_cache(MOST_STATEMENTS)
def _write_facts(shape: Filters, *, has_related: bool, by_time: bool) -> Query:
    there = in_force(o, 0)
    of_kind, of_period = Kind._fields[:-1], OfPeriod._fields[:-1]
    columns = dict.fromkeys((*of_kind, *of_period, *THING, "period_from", "period_until", "id"))
    matching = select(*(o.c[name] for name in columns)).where(there, *shape.conditions())
    weighed = matching.order_by(o.c.id).limit(MOST_WEIGHED + 1).cte("weighed")  # the same for whoever asks
    sets = (tuple_(*(weighed.c[name] for name in names)) for names in (of_kind, of_period))
    groups = (
        select(*(weighed.c[name] for name in (*of_kind, *of_period)), func.count().label("figures"))
        .group_by(func.grouping_sets(*sets))
        .cte("groups")
    )
    again = weighed.alias("again")  # read only if there are several sources
    thing = [again.c[name] for name in THING]
    days = [again.c[name] for name in ("period_from", "period_until")]
    things = (
        select(func.json_object_agg(again.c.id, again.c.source).label("sources"))
        .where(select(_has_several(groups)).scalar_subquery(), *(day.is_not(None) for day in days))
        .where(*(code != UNSTATED for code in thing))
        .group_by(*thing, *days, again.c.period_type == PeriodType.POINT)
        .having(_has_several(again))
        .subquery()
    )
    several = select(func.json_agg(things.c.sources)).scalar_subquery()
    related: ColumnElement[Any] = cast(null(), ARRAY(Text))
    undated: ColumnElement[Any] = literal(0)
    if has_related:
        mentioned = o.c.id == any_(bindparam("related", None, ARRAY(Text)))
        others = shape.without("repeats", "parts").conditions()
        related = select(func.array_agg(o.c.id)).where(there, mentioned, *others).scalar_subquery()
    if by_time:
        is_undated = or_(o.c.period_from.is_(None), o.c.period_until.is_(None))
        without, found = (
            select(func.count()).where(there, is_undated, *one.conditions()).scalar_subquery()
            for one in (shape.without(*YEARS, *DAYS), shape)
        )
        undated = without - found
    kinds, periods = (
        select(func.json_agg(func.json_build_array(*(groups.c[name] for name in names), groups.c.figures)))
        .where(groups.c[names[0]].is_not(None))
        .scalar_subquery()
        for names in (of_kind, of_period)
    )
    # One text, because the driver takes longer for hundreds of rows; not as jsonb, which takes thrice as long to make.
    return compile_statement(select(func.json_build_array(kinds, periods, several, related, undated).label("facts")))


VERSIONS = compile_statement(
    select(*o.c).where(o.c.id == any_(bindparam("ids", None, ARRAY(Text)))).order_by(o.c.id, o.c.version)
)
BY_IDS = compile_statement(select(*o.c).where(in_force(o, 0), o.c.id == any_(bindparam("ids", None, ARRAY(Text)))))


async def find_versions(database: Database, *ids: str) -> Sequence[Observation]:
    """Return every version of some observations, oldest first; empty if there is none."""
    rows = await database.rows(VERSIONS, {"ids": ids})
    return [Observation._make(row) for row in rows]


async def by_ids(database: Database, ids: Sequence[str], ordinal: int) -> list[Observation]:
    """Return the observations with these ids that are in the release, in the order of the ids."""
    rows = await database.rows(BY_IDS, {"ordinal": ordinal, "ids": ids})
    found = {row.id: Observation._make(row) for row in rows}
    return [found[one] for one in ids if one in found]


def say_same(one: FromClause, other: FromClause) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that two versions of a figure differ in nothing but where it is printed."""
    names = (name for name in STATED if name not in ("id", *PLACES))
    return (one.c[name].is_not_distinct_from(other.c[name]) for name in names)


async def are_revised(database: Database, versions: Sequence[tuple[str, int]], newest: int) -> bool:
    """Return whether any of these versions (id, version) has ended by the release with the ordinal `newest`, and the
    one that is in force then differs from it in more than where it is printed.
    """
    now = o.alias()
    is_moved = exists().where(now.c.id == o.c.id, in_force(now, newest), *say_same(now, o))
    revised = select(o.c.id).where(tuple_(o.c.id, o.c.version).in_(versions), o.c.ended_in <= newest, ~is_moved)
    rows = await database.rows(select(exists(revised)))
    return bool(rows[0][0])
