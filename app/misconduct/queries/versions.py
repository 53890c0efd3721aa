"""Find what figures were in each release."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from misconduct.db.engine import Tables
from misconduct.model.catalogue import RecordsByKind
from misconduct.model.dates import read_period
from misconduct.model.figure import REGISTER_COLUMNS, TABLE_COLUMNS, Row, completer
from misconduct.model.versions import Field, History, Version
from misconduct.model.wording import dates_in_words

_COLUMNS = [name for name in REGISTER_COLUMNS if name != "id"]
_NAMED = """SELECT unnest(%(ids)s::text[]) AS id
    UNION SELECT replaced_by FROM $release.versions
    WHERE kind = 'observation' AND id = ANY(%(ids)s) AND replaced_by IS NOT NULL"""
_TODAY = f"""
    SELECT id, {", ".join(_COLUMNS)} FROM $release.observations
    WHERE id IN ({_NAMED})"""  # noqa: S608
_CHANGES = f"""
    SELECT change.id, release, weight, reason, replaced_by, revised, change.was IS NOT NULL AS has_row,
        {", ".join(f"former_row.{name}" for name in _COLUMNS)}
    FROM $release.versions AS change,
        jsonb_populate_record(NULL::$release.observations, change.was) AS former_row
    WHERE kind = 'observation' AND change.id IN ({_NAMED}) ORDER BY nth"""  # noqa: S608


async def find_histories(
    tables: Tables, ids: Collection[str], releases: Sequence[str]
) -> dict[str, History]:
    """Return the histories of figures, and of what took their place, over the releases, oldest first."""
    if not ids:
        return {}
    asked = {"ids": [*ids]}
    today = {row["id"]: row for row in await tables.rows(_TODAY, asked)}
    changes = defaultdict[str, list[Row]](list)
    for row in await tables.rows(_CHANGES, asked):
        changes[row["id"]].append(row)
    return {
        identity: _make_history(today.get(identity), changes[identity], releases)
        for identity in {*today, *changes}
    }


async def find_former_row(
    tables: Tables, identity: str, later: Sequence[str], records: RecordsByKind
) -> Row | None:
    """Return a figure as it was before the first of some later releases that changed it; None if none did.

    `records` are those of the release in which it was so.
    """
    columns = ", ".join(f"former_row.{name}" for name in REGISTER_COLUMNS)
    statement = f"""
        SELECT {columns}
        FROM $release.versions AS change,
            jsonb_populate_record(NULL::$release.observations, change.was) AS former_row
        WHERE kind = 'observation' AND change.id = %(id)s AND release = ANY(%(later)s)
        ORDER BY nth LIMIT 1"""  # noqa: S608
    rows = await tables.rows(statement, {"id": identity, "later": [*later]})
    if not rows:
        return None
    return dict.fromkeys(TABLE_COLUMNS) | completer(records)(rows[0])


def _make_history(
    today: Row | None, changes: Sequence[Row], releases: Sequence[str]
) -> History:
    """Return the versions of a figure: one before each change, and the one of today.

    What the first release changed is left out: no release has the row before it.
    """
    begun: list[Mapping[str, Any]] = [*changes]
    if not changes or changes[0]["has_row"]:
        begun.insert(0, {"release": releases[0], "weight": "added"})
    rows: list[Row] = [_row_of(change) for change in begun[1:]]
    rows.append({name: today[name] for name in REGISTER_COLUMNS} if today else {})
    ends = [releases.index(change["release"]) for change in begun[1:]]
    history = list[Version]()
    for change, row, end in zip(begun, rows, [*ends, len(releases)], strict=True):
        before = history[-1].row if history else {}
        its_releases = [*releases[releases.index(change["release"]) : end]]
        history.append(_make_version(before, row, change, its_releases))
    return [version for version in history if version.releases]


def _make_version(
    before: Row, row: Row, change: Mapping[str, Any], releases: list[str]
) -> Version:
    """Return a version of a figure, of which a change made another one."""
    names = REGISTER_COLUMNS if before and row else ()
    parts = [
        read_period(one, None).year or dates_in_words(one)
        for one in change.get("revised", ())
    ]
    return Version(
        row,
        releases,
        change["weight"],
        [Field(one, before[one], row[one]) for one in names if before[one] != row[one]],
        change.get("reason"),
        change.get("replaced_by"),
        parts,
    )


def _row_of(change: Mapping[str, Any]) -> Row:
    """Return the row before a change; it is empty if the figure was not there."""
    if not change["has_row"]:
        return {}
    return {name: change[name] for name in REGISTER_COLUMNS}
