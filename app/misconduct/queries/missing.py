"""Find which values and conditions of a request find nothing."""

from collections.abc import Iterable
from dataclasses import replace

from misconduct.db.engine import Database
from misconduct.model.dates import find_near_years
from misconduct.model.figure import COLUMNS
from misconduct.model.warnings import Missing
from misconduct.queries.filters import FILTERS, OF_YEARS, Conditions


async def find_missing(database: Database, conditions: Conditions, total: int) -> Missing:
    """Return what a request that finds `total` figures finds nothing for. What counts twice is found, too."""
    whole = replace(conditions, count_once=False)
    values = await _find_empty_values(database, whole) if total else {}
    near_years = await _count_near_years(
        database, whole, values.get("year", () if total else whole.asked.get("year", ()))
    )
    return Missing(values, {} if total else await _find_without(database, whole), near_years)


async def _find_empty_values(database: Database, conditions: Conditions) -> dict[str, list[str]]:
    """Return the values that find nothing, of each filter that has several."""
    names = [name for name in conditions.used().keys() & conditions.asked.keys() if len(conditions.asked[name]) > 1]
    if not names:
        return {}
    columns = {name: FILTERS[name].column for name in names}
    lists = {name for name, column in columns.items() if COLUMNS[column].holds == "list"}
    every = {name: f"unnest({column})" if name in lists else column for name, column in columns.items()}
    found = ", ".join(f"ARRAY(SELECT DISTINCT {one} FROM found) AS {name}" for name, one in every.items())  # noqa: S608
    [row] = await database.rows(
        f"""WITH found AS MATERIALIZED (
            SELECT {", ".join(dict.fromkeys(columns.values()))} FROM observations AS figure WHERE {conditions.where()})
        SELECT {found}""",  # noqa: S608
        conditions.values,
    )
    empty = {
        name: [value for value, codes in conditions.asked[name].items() if not {*codes} & {*row[name]}]
        for name in names
    }
    return {name: values for name, values in empty.items() if values}


async def _count_near_years(database: Database, conditions: Conditions, years: Iterable[str]) -> dict[str, int]:
    """Return how many figures there are for years that overlap others, but begin in another month."""
    near = find_near_years([*years])
    where = f"{conditions.where(without=OF_YEARS)} AND year = ANY(%(near_years)s)"
    statement = (
        f"SELECT year, count(*) AS figures FROM observations AS figure WHERE {where} GROUP BY year ORDER BY year"  # noqa: S608
    )
    rows = await database.rows(statement, {**conditions.values, "near_years": near}) if near else []
    return {row["year"]: row["figures"] for row in rows}


async def _find_without(database: Database, conditions: Conditions) -> dict[str, tuple[int, list[str]]]:
    """Return how many figures there would be without each condition, and in which datasets."""
    names = [name for name in conditions.used() if name != "release"]
    if not names[1:]:
        return {}  # without the only one, there are all figures
    counts = " UNION ALL ".join(
        f"""SELECT '{name}' AS name, count(DISTINCT id) AS figures, array_agg(DISTINCT dataset) AS datasets
        FROM observations AS figure LEFT JOIN unnest(datasets) AS dataset ON true
        WHERE {conditions.where(without=[name])}"""  # noqa: S608
        for name in names
    )
    rows = {row["name"]: row for row in await database.rows(counts, conditions.values)}  # in any order
    found = {name: (rows[name]["figures"], rows[name]["datasets"]) for name in names}
    return {name: (figures, sorted(filter(None, datasets))) for name, (figures, datasets) in found.items() if figures}
