"""Find figures that had a number in an earlier release, and have another one today."""

from collections.abc import Sequence
from decimal import Decimal

from misconduct.db.engine import Database
from misconduct.model.figure import Row
from misconduct.queries.filters import Conditions
from misconduct.queries.near import NUMBERS
from misconduct.queries.search import REST_MATCHES

MAX_FORMER = 3


async def find_former(
    database: Database, conditions: Conditions, numbers: Sequence[Decimal], earlier: Sequence[str]
) -> list[Row]:
    """Return the figures of a request that had one of some numbers in an earlier release.

    `former_printed` is how it was printed then, `former_period` its period, and `former_release` the last release that
    had it. The other filters and words of the request hold for the figures. `earlier` are the releases before, the
    oldest first.
    """
    if not numbers or not earlier:
        return []
    where = conditions.where(without=NUMBERS)
    if conditions.values.get("q_rest"):
        where += f" AND {REST_MATCHES}"
    statement = f"""
        SELECT DISTINCT ON (now.id) now.*, coalesce(former.printed, former.value::text) AS former_printed,
            former.release AS former_release, former.period AS former_period
        FROM observations AS former JOIN (SELECT * FROM observations AS figure WHERE {where}) AS now USING (id)
        WHERE former.value = ANY(%(numbers)s) AND former.release = ANY(%(earlier)s) AND now.value <> former.value
        ORDER BY now.id, array_position(%(earlier)s::text[], former.release) DESC LIMIT {MAX_FORMER}"""  # noqa: S608
    return await database.rows(statement, {**conditions.values, "numbers": [*numbers], "earlier": [*earlier]})
