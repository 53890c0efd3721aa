"""Compare each release with the one before it, figure by figure, when it is loaded.

`versions` has a row for each release in which a figure appears, differs from the release before, or has ended:

* `before` is the release before, and `changed` has the columns that differ;
* `weight` is what this means to somebody who printed it before (`misconduct.model.versions`). A figure that comes back
  after it had ended is revised;
* `revised` has the periods of its parts that were revised while it ran longer, which revises it, too;
* `former` is the number that it had, if it has another one.
"""

from collections.abc import Collection
from typing import Any

from misconduct.db.engine import Connection
from misconduct.model.figure import REGISTER_COLUMNS
from misconduct.model.versions import MEANING, STATED, weigh_change
from misconduct.releases.folder import order_of

ROWS_AT_ONCE = 1_000

_ROW, _WAS, _NOW = (", ".join(f"{table}{name}" for name in REGISTER_COLUMNS) for table in ("", "was.", "now."))
_CHANGED = ", ".join(f"CASE WHEN was.{one} IS DISTINCT FROM now.{one} THEN '{one}' END" for one in REGISTER_COLUMNS)
_COMPARE = f"""
    INSERT INTO versions (release, id, before, weight, changed, revised, former)
    SELECT %(release)s, id, %(before)s,
        CASE WHEN now.id IS NULL THEN 'ended' WHEN was.id IS NULL THEN 'added' ELSE 'current' END,
        CASE WHEN was.id = now.id THEN array_remove(ARRAY[{_CHANGED}], NULL) ELSE '{{}}' END,
        '{{}}',
        CASE WHEN was.value <> now.value THEN was.value END
    FROM (SELECT {_ROW} FROM observations WHERE release = %(before)s) AS was
    FULL JOIN (SELECT {_ROW} FROM observations WHERE release = %(release)s) AS now USING (id)
    WHERE ROW({_WAS}) IS DISTINCT FROM ROW({_NOW})"""  # noqa: S608

_RETURN = """
    UPDATE versions SET weight = 'revised'
    WHERE release = %(release)s AND weight = 'added'
    AND id IN (SELECT id FROM versions WHERE weight = 'ended' AND release = ANY(%(earlier)s))"""

_WEIGHED = (*MEANING, "at")
_BOTH = ", ".join(f"{table}.{name}" for table in ("was", "now") for name in _WEIGHED)
_STATES = f"""
    SELECT versions.id, coalesce(action, ''), {_BOTH}
    FROM versions JOIN observations AS was USING (id) JOIN observations AS now USING (id)
    LEFT JOIN changes ON changes.release = now.release AND changes.id = now.id AND kind = 'observation'
    WHERE versions.release = %(release)s AND weight <> 'added' AND changed && %(meaning)s
    AND was.release = before AND now.release = versions.release"""  # noqa: S608

_SET_WEIGHTS = """
    UPDATE versions SET weight = weighed.weight
    FROM unnest(%(ids)s::text[], %(weights)s::text[]) AS weighed (id, weight)
    WHERE release = %(release)s AND versions.id = weighed.id"""

_REVISE_TOTALS = """
    UPDATE versions AS total SET weight = 'revised', revised = periods
    FROM (
        SELECT whole, array_agg(DISTINCT was.period) AS periods
        FROM versions AS part
        JOIN changes USING (release, id)
        JOIN observations AS was ON was.release = part.before AND was.id = part.id,
        unnest(was.within) AS whole
        WHERE part.release = %(release)s AND weight <> 'added' AND kind = 'observation' AND action = 'revised'
        AND changed && %(stated)s AND was.period IS NOT NULL AND 'period' <> ALL (changed)
        GROUP BY whole)
    WHERE total.release = %(release)s AND total.id = whole AND total.weight = 'continued'"""


def compare_with_neighbours(connection: Connection, number: str, listed: Collection[str] = ()) -> None:
    """Write what a release changed, and what the one after it did: of two of which one is still to come, nothing."""
    loaded = {one for [one] in connection.execute("SELECT number FROM releases").fetchall()}
    numbers = sorted(loaded.union(listed), key=order_of)
    place = numbers.index(number)
    for until in range(place, min(place + 2, len(numbers))):
        if not loaded.issuperset(numbers[max(until - 1, 0) : until + 1]):
            continue
        values = {
            "release": numbers[until],
            "before": numbers[until - 1] if until else None,
            "earlier": numbers[:until],
            "meaning": [*MEANING],
            "stated": [*STATED],
        }
        connection.execute("DELETE FROM versions WHERE release = %(release)s", values)
        connection.execute(_COMPARE, values)
        connection.execute(_RETURN, values)
        _weigh(connection, values)
        connection.execute(_REVISE_TOTALS, values)


def _weigh(connection: Connection, values: dict[str, Any]) -> None:
    with connection.cursor("states") as states:
        states.execute(_STATES, values)
        while rows := states.fetchmany(ROWS_AT_ONCE):
            weights = []
            for _, action, *cells in rows:
                was, now = cells[: len(_WEIGHED)], cells[len(_WEIGHED) :]
                before, after = (dict(zip(_WEIGHED, row, strict=True)) for row in (was, now))
                weights.append(weigh_change(before, after, action))
            connection.execute(_SET_WEIGHTS, values | {"ids": [row[0] for row in rows], "weights": weights})
