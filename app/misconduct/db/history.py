"""Compare each release with the one before it, figure by figure, when it is loaded.

`versions` has a row for each release in which a figure appears, differs from the release before, or has ended:

* `changed` has the columns that differ;
* `weight` is what this means to somebody who printed it before (`misconduct.model.versions`). A figure that comes back
  after it had ended is revised;
* `revised` has the periods of its parts that were revised while it ran longer, which revises it, too;
* `former` is the number that it had, if it has another one.
"""

from misconduct.db.engine import Connection
from misconduct.db.tables import OPEN
from misconduct.model.figure import REGISTER_COLUMNS
from misconduct.model.versions import MEANING, STATED, weigh_change

ROWS_AT_ONCE = 1_000

_WAS, _NOW = (", ".join(f"{table}.{name}" for name in REGISTER_COLUMNS) for table in ("was", "now"))
_CHANGED = ", ".join(f"CASE WHEN was.{one} IS DISTINCT FROM now.{one} THEN '{one}' END" for one in REGISTER_COLUMNS)
_COMPARE = f"""
    INSERT INTO versions (release, id, weight, changed, revised, former)
    SELECT coalesce(now.first, was.until), coalesce(now.id, was.id),
        CASE WHEN now.id IS NULL THEN 'ended' WHEN was.id IS NOT NULL THEN 'current'
            WHEN EXISTS (SELECT FROM observations AS former WHERE former.id = now.id AND former.until < now.first)
                THEN 'revised'
            ELSE 'added' END,
        CASE WHEN was.id = now.id THEN array_remove(ARRAY[{_CHANGED}], NULL) ELSE '{{}}' END,
        '{{}}',
        CASE WHEN was.value <> now.value THEN was.value END
    FROM (SELECT * FROM observations WHERE until >= %(since)s AND until < {OPEN}) AS was
    FULL JOIN (SELECT * FROM observations WHERE first >= %(since)s) AS now ON now.id = was.id AND now.first = was.until
    WHERE ROW({_WAS}) IS DISTINCT FROM ROW({_NOW})"""  # noqa: S608

_WEIGHED = (*MEANING, "at")
_BOTH = ", ".join(f"{table}.{name}" for table in ("was", "now") for name in _WEIGHED)
_STATES = f"""
    SELECT versions.id, versions.release, coalesce(action, ''), {_BOTH}
    FROM versions
    JOIN observations AS was ON was.id = versions.id AND was.until = versions.release
    JOIN observations AS now ON now.id = versions.id AND now.first = versions.release
    LEFT JOIN changes ON changes.release = versions.release AND changes.id = versions.id AND kind = 'observation'
    WHERE versions.release >= %(since)s AND weight = 'current' AND changed && %(meaning)s"""  # noqa: S608

_SET_WEIGHTS = """
    UPDATE versions SET weight = weighed.weight
    FROM unnest(%(ids)s::text[], %(releases)s::int[], %(weights)s::text[]) AS weighed (id, release, weight)
    WHERE (versions.id, versions.release) = (weighed.id, weighed.release)"""

_REVISE_TOTALS = """
    UPDATE versions AS total SET weight = 'revised', revised = periods
    FROM (
        SELECT part.release, containing, array_agg(DISTINCT was.period) AS periods
        FROM versions AS part
        JOIN changes USING (release, id)
        JOIN observations AS was ON was.id = part.id AND was.until = part.release,
        unnest(was.within) AS containing
        WHERE part.release >= %(since)s AND weight <> 'added' AND kind = 'observation' AND action = 'revised'
        AND changed && %(stated)s AND was.period IS NOT NULL AND 'period' <> ALL (changed)
        GROUP BY part.release, containing) AS parts
    WHERE total.release = parts.release AND total.id = containing AND total.weight = 'continued'"""


def compare_with_before(connection: Connection, since: int) -> None:
    """Write what each release from one on changed."""
    values = {"since": since, "meaning": [*MEANING], "stated": [*STATED]}
    connection.execute(_COMPARE, values)
    connection.execute("ANALYZE versions")
    _weigh(connection, values)
    connection.execute(_REVISE_TOTALS, values)


def _weigh(connection: Connection, values: dict[str, object]) -> None:
    with connection.cursor("states") as states:
        states.execute(_STATES, values)
        while rows := states.fetchmany(ROWS_AT_ONCE):
            weights = []
            for _, _, action, *cells in rows:
                was, now = cells[: len(_WEIGHED)], cells[len(_WEIGHED) :]
                before, after = (dict(zip(_WEIGHED, row, strict=True)) for row in (was, now))
                weights.append(weigh_change(before, after, action))
            weighed = {"ids": [row[0] for row in rows], "releases": [row[1] for row in rows], "weights": weights}
            connection.execute(_SET_WEIGHTS, weighed)
