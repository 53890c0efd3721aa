"""Find what releases added, revised, moved, ended and removed: one query for every list of changes and every feed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    Integer,
    Select,
    Subquery,
    Table,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from misconduct.db.engine import Database, Row
from misconduct.db.tables import manifest_lines as lines
from misconduct.db.tables import observations, records
from misconduct.model.changes import NAMES, Change, Position, Subject
from misconduct.model.kinds import KINDS
from misconduct.model.standing import BOOKKEEPING, PLACES
from misconduct.queries.observations import say_same

NEW_VERSIONS = ("revised", "moved")
"""The actions that add a version after another."""

KEYS_AT_ONCE = 1_000
"""Versions asked for in one statement: Postgres refuses a condition of ten thousand as too deep for its stack."""

BOOKKEEPING_FIELDS = frozenset({"kind", "id", *BOOKKEEPING})

Condition = Any
_NEVER = false()
Contents = Mapping[tuple[str, str, int], Mapping[str, Any]]


class FoundChanges(NamedTuple):
    """One page: its changes, the total of all, and where the next page begins (None: the last page)."""

    changes: list[Change]
    total: int
    next: Position | None


class Wanted(NamedTuple):
    """Which changes: of releases after the ordinal `after`, up to `to`; no `kinds` and no `actions`: of all of them."""

    after: int
    to: int
    subject: Subject = Subject()
    kinds: Sequence[str] = ()
    actions: Sequence[str] = ()


async def find_changes(
    database: Database, wanted: Wanted, *, limit: int, after: Position | None = None, total: int | None = None
) -> FoundChanges:
    """Return a page of the changes, the newest release first.

    `total`: their number if it is known, which saves counting. Each part of the union is cut before all are sorted,
    because a first release may have added millions.
    """
    if total is None:
        counts = (select(func.count().label("rows")).select_from(part) for part in _parts(wanted))
        [row] = await database.rows(select(func.sum(union_all(*counts).subquery().c.rows).label("total")))
        total = int(row.total)
    pages = [_page(part, limit + 1, after) for part in _parts(wanted)]
    both = union_all(*(select(*page.subquery().c) for page in pages)).subquery()
    statement = _page(both, limit + 1, None).add_columns(lines.c.reason, lines.c.replaced_by)
    statement = statement.select_from(both.outerjoin(lines, _is_line_of(both)))
    rows = await database.rows(statement)
    shown = rows[:limit]
    versions = await _find_versions(database, shown)
    position = Position(*shown[-1][: len(Position._fields)]) if len(rows) > limit else None
    write = partial(_changes, shown, versions)
    is_long = len(shown) > KEYS_AT_ONCE  # then in a thread, and others are answered meanwhile
    return FoundChanges(await asyncio.to_thread(write) if is_long else write(), total, position)


def _parts(wanted: Wanted) -> Iterable[Subquery]:
    """Yield the parts of the union: what each table says was added, revised or ended, and removals."""
    for table in (observations, records):
        new = case((table.c.version == 1, "added"), *_moved(table), else_="revised")
        yield _part(wanted, table, table.c.added_in, new, has_left=_has_left(table, wanted.subject))
        is_revised = exists().where(
            lines.c.release == table.c.ended_in,
            lines.c.kind == _kind(table),
            lines.c.id == table.c.id,
            lines.c.version == table.c.version + 1,
            lines.c.action == "added",
        )
        yield _part(wanted, table, table.c.ended_in, literal("ended"), ~is_revised)
    yield _part(wanted, lines, lines.c.release, literal("removed"), lines.c.action == "removed")


def _moved(table: Table) -> Iterable[tuple[Condition, str]]:
    """Yield the case that a version of a figure differs from the one before it only in where it is printed."""
    if table is observations:
        before = observations.alias()
        elsewhere = or_(*(before.c[name].is_distinct_from(table.c[name]) for name in PLACES))
        is_before = (before.c.id == table.c.id, before.c.version == table.c.version - 1)
        yield exists().where(*is_before, *say_same(before, table), elsewhere), "moved"


def _has_left(table: Table, subject: Subject) -> Condition:
    """Select the versions of figures that the subject had until then: by another measure a figure leaves a dataset."""
    if table is not observations or not subject.measures:
        return false()
    before = observations.alias()
    is_before = (before.c.id == table.c.id, before.c.version == table.c.version - 1)
    return and_(table.c.version > 1, exists().where(*is_before, before.c.measure.in_(subject.measures)))


def _part(
    wanted: Wanted, table: Table, release: Condition, action: Condition, *more: Condition, has_left: Condition = _NEVER
) -> Subquery:
    kind, is_about = _kind(table), _is_about(table, wanted.subject)
    statement = select(
        (-release).label("age"),
        case((kind == "observation", ""), else_=kind).label("kind"),  # figures come first
        table.c.id,
        table.c.version,
        action.label("action"),
    ).where(release > wanted.after, release <= wanted.to, or_(is_about, has_left), *more)
    if wanted.kinds:
        statement = statement.where(kind.in_(wanted.kinds))
    if wanted.actions:
        statement = statement.where(action.in_(wanted.actions))
    return statement.subquery()


def _kind(table: Table) -> Condition:
    return table.c.kind if "kind" in table.c else literal("observation", Text)


def _is_about(table: Table, subject: Subject) -> Condition:
    """Select the rows of a table that belong to what the changes are of."""
    if subject.is_everything:
        return literal(value=True)
    figures = [table.c.id.in_(subject.figures)] if subject.figures else []
    if subject.measures and "measure" in table.c:
        figures.append(table.c.measure.in_(subject.measures))
    is_figure = and_(_kind(table) == "observation", or_(false(), *figures))
    if subject.record is None or "kind" not in table.c:
        return is_figure
    return or_(is_figure, and_(table.c.kind == subject.record[0], table.c.id == subject.record[1]))


def _page(part: Subquery, rows: int, after: Position | None) -> Select[Any]:
    key = [part.c[name] for name in Position._fields]
    statement = select(*key).order_by(*key).limit(rows)
    if after is not None:
        types: tuple[Any, ...] = (Integer, Text, Text, Integer, Text)
        here = [literal(value, of) for value, of in zip(after, types, strict=True)]
        statement = statement.where(tuple_(*key) > tuple_(*here))
    return statement


def _is_line_of(page: Subquery) -> Condition:
    """Join each change to its line in a manifest, which has the reason. A revision is a line that adds a version."""
    return and_(
        lines.c.release == -page.c.age,
        lines.c.kind == case((page.c.kind == "", "observation"), else_=page.c.kind),
        lines.c.id == page.c.id,
        lines.c.version == page.c.version,
        lines.c.action == case((page.c.action.in_(NEW_VERSIONS), "added"), else_=page.c.action),
    )


async def _find_versions(database: Database, rows: Iterable[Row]) -> list[Row]:
    """Return the versions that changed, and those before them: of a record that was not revised only what names it."""
    keys = {
        (row.kind or "observation", row.id, version): row.action in NEW_VERSIONS
        for row in sorted(rows, key=lambda row: row.action in NEW_VERSIONS)
        if row.action != "removed"
        for version in ((row.version, row.version - 1) if row.action in NEW_VERSIONS else (row.version,))
    }
    figures = [(name, version) for kind, name, version in keys if kind == "observation"]
    o, r = observations.c, records.c
    parts = (part for name in NAMES for part in (literal_column(f"'{name}'"), r.content[name]))
    names = func.jsonb_build_object(*parts).label("content")
    found: list[Row] = []
    for some in _in_parts(figures):
        found += await database.rows(select(observations).where(tuple_(o.id, o.version).in_(some)))
    for content, is_revised in ((r.content, True), (names, False)):
        others = [key for key, revised in keys.items() if key[0] != "observation" and revised is is_revised]
        for some in _in_parts(others):
            statement = select(r.kind, r.id, r.version, content)
            found += await database.rows(statement.where(tuple_(r.kind, r.id, r.version).in_(some)))
    return found


def _in_parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE))


def _content(row: Row) -> Mapping[str, Any]:
    """Return the content of a record, without the register's bookkeeping.

    What an earlier program loaded lacks the keys that are new since: to have them by now is no change.
    """
    content = {**KINDS[row.kind].blank, **row.content} if hasattr(row, "content") else dict(row)
    return {name: value for name, value in content.items() if name not in BOOKKEEPING_FIELDS}


def _changes(rows: Iterable[Row], versions: Iterable[Row]) -> list[Change]:
    contents = {(getattr(row, "kind", "observation"), row.id, row.version): _content(row) for row in versions}
    return [_change(row, contents) for row in rows]


def _change(row: Row, contents: Contents) -> Change:
    kind = row.kind or "observation"
    before, after = (contents.get((kind, row.id, version)) for version in (row.version - 1, row.version))
    if row.action == "ended":
        before, after = after, None
    elif row.action == "removed":  # nothing of it is told, nor of the version before it, which other rows may need
        before, after = None, None
    return Change(kind, row.id, row.version, row.action, -row.age, before, after, row.reason, row.replaced_by)
