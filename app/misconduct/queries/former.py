"""Find figures that had a number in an earlier release, and have another one today."""

from collections.abc import Sequence
from decimal import Decimal

from misconduct.db.engine import Database
from misconduct.model.figure import Row

MAX_FORMER = 3

_STATEMENT = f"""
    SELECT DISTINCT ON (now.id) now.*, coalesce(former.printed, former.value::text) AS former_printed,
        former.release AS former_release, former.period AS former_period
    FROM observations AS former JOIN observations AS now ON now.id = former.id AND now.release = %(release)s
    WHERE former.value = ANY(%(numbers)s) AND former.release = ANY(%(releases)s) AND now.value <> former.value
    ORDER BY now.id, array_position(%(releases)s::text[], former.release) DESC LIMIT {MAX_FORMER}"""  # noqa: S608


async def find_former(
    database: Database, numbers: Sequence[Decimal], release: str, earlier: Sequence[str]
) -> list[Row]:
    """Return the figures of a release that had one of the numbers in an earlier one.

    `former_printed` is how it was printed then, `former_period` its period, and `former_release` the last release that
    had it. `earlier` are the releases before, the oldest first.
    """
    if not numbers or not earlier:
        return []
    return await database.rows(_STATEMENT, {"numbers": [*numbers], "release": release, "releases": [*earlier]})
