"""Write what a release changed in figures.

`versions` has a row for each release in which a figure appears, differs from the release before, or has ended:

* `changed` has the columns that differ;
* `weight` is what this means to somebody who printed it before (`misconduct.model.versions`). A figure that comes back
  after it had ended is revised;
* `revised` has the periods of its parts that were revised while it ran longer, which revises it, too;
* `former` is the number that it had, if it has another one.
"""

from misconduct.db.engine import Connection
from misconduct.model.versions import STATED

_WRITE = """
    INSERT INTO versions (release, id, weight, changed, revised, former)
    SELECT %(release)s, id,
        CASE WHEN weight = 'added' AND id IN (SELECT id FROM versions) THEN 'revised' ELSE weight END,
        coalesce(changed, '{}'), '{}', former
    FROM staged_figures WHERE weight IS NOT NULL"""

_REVISE_TOTALS = """
    UPDATE versions AS total SET weight = 'revised', revised = periods
    FROM (
        SELECT containing, array_agg(DISTINCT was.period) AS periods
        FROM versions AS part
        JOIN changes USING (release, id)
        JOIN observations AS was ON was.id = part.id AND was.until = part.release,
        unnest(was.within) AS containing
        WHERE part.release = %(release)s AND weight <> 'added' AND kind = 'observation' AND action = 'revised'
        AND changed && %(stated)s AND was.period IS NOT NULL AND 'period' <> ALL (changed)
        GROUP BY containing) AS parts
    WHERE total.release = %(release)s AND total.id = containing AND total.weight = 'continued'"""


def write_versions(connection: Connection, release: int) -> None:
    """Write what is staged of the figures of a release. Its changes must be written."""
    values = {"release": release, "stated": [*STATED]}
    connection.execute(_WRITE, values)
    connection.execute(_REVISE_TOTALS, values)
