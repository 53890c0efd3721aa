"""Find whether later releases revised what an earlier one has."""

from collections.abc import Mapping, Sequence
from typing import Any

from misconduct.db.engine import Tables
from misconduct.model.versions import MEANING
from misconduct.queries.terms import FIGURES

_PRINTED = "CASE WHEN {0}.value IS NULL THEN {0}.printed END"  # the same number may be printed in another way
_SAID = [_PRINTED if name == "printed" else f"{{0}}.{name}" for name in MEANING]


async def has_revised(
    tables: Tables,
    newest: Tables,
    where: str,
    values: Mapping[str, Any],
    later: Sequence[str],
) -> bool:
    """Tell whether figures of an older release were revised or ended in later ones. `where` says which, in SQL.

    What says again in the newest what it said then does not count.
    """
    found = f"SELECT id, {', '.join(MEANING)} FROM {FIGURES} WHERE {where}"  # noqa: S608
    was, today = (
        ", ".join(name.format(table) for name in _SAID) for table in ("was", "today")
    )
    statement = f"""
        SELECT EXISTS (
            SELECT FROM {newest.schema}.versions AS change JOIN ({found}) AS was USING (id)
            LEFT JOIN {newest.schema}.observations AS today ON today.id = change.id
            WHERE change.release = ANY(%(later)s)
            AND weight = CASE WHEN today.id IS NULL THEN 'ended' ELSE 'revised' END
            AND ROW({today}) IS DISTINCT FROM ROW({was})) AS has_revised"""  # noqa: S608
    [row] = await tables.rows(statement, {**values, "later": [*later]})
    return bool(row["has_revised"])
