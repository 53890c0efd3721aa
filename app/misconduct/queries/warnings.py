"""Find what the warnings about a list depend on, of all figures that a request finds, and what finds nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from misconduct.db.engine import Tables
from misconduct.model.dates import find_near_years
from misconduct.model.figure import DIMENSIONS, Row
from misconduct.model.likeness import OF_GROUP
from misconduct.model.versions import MEANING
from misconduct.model.warnings import MOST_READ, Facts, Missing
from misconduct.queries.figures import count
from misconduct.queries.filters import FIGURES, FILTERS, Conditions

_READ = (
    "id", "repeats", "within", "shared_subject", "source", "caveats", "disagreements", "coverage", "mark", "unit",
    *DIMENSIONS, "stock_or_flow", "period_end",
)  # fmt: skip

_PRINTED = "CASE WHEN {0}.value IS NULL THEN {0}.printed END"  # the same number may be printed in another way
_SAID = [_PRINTED if name == "printed" else f"{{0}}.{name}" for name in MEANING]


def _differ(*columns: str) -> str:
    return " OR ".join(f"min({name}) <> max({name})" for name in columns)


_APPLIES = {
    "totals_and_parts": "EXISTS (SELECT FROM pairs WHERE NOT are_one_claim)",
    "repeated_claims": "EXISTS (SELECT FROM pairs WHERE are_one_claim)",
    "mixed_units": f"{_differ('unit', 'counting_unit')} OR count(*) > 1 AND bool_or(statistic <> 'count')",
    "unlike_kinds": _differ(*OF_GROUP),
    "stated_by_several": "EXISTS (SELECT FROM shared)",
    "several_days": "count(DISTINCT period_end) FILTER (WHERE stock_or_flow = 'stock') > 1",
    "part_years": "bool_or(coverage = 'part')",
    "provisional": "bool_or(mark = 'provisional')",
    "read_as_code": "NOT bool_and(is_said)",
    "publisher_error": "bool_or(id = ANY(%(corrected)s))",
}
"""When a warning applies, by its code, in SQL on all figures that are found."""

_PAIRS = """
    SELECT coalesce(other.repeats, other.id) = coalesce(figure.repeats, figure.id) AS are_one_claim
    FROM found AS figure, unnest(figure.within) AS whole JOIN found AS other ON other.id = whole"""
_SHARED = """SELECT FROM found WHERE shared_subject IS NOT NULL GROUP BY shared_subject
    HAVING min(source) <> max(source) AND min(coalesce(repeats, id)) <> max(coalesce(repeats, id))"""

_SHARED_CAVEATS = """
    SELECT caveat FROM unnest((SELECT caveats FROM found LIMIT 1)) AS caveat
    WHERE NOT EXISTS (SELECT FROM found WHERE caveat <> ALL (caveats)) ORDER BY caveat"""

_LEFT_OUT = "year IS NULL OR year = ANY(%(near_years)s)"
"""What the filter by year leaves out although it may be about these years.

It has no dates, is for a moment or several years, or for years that begin in another month: 2019/20 for 2019.
"""


MAX_CODES = (
    3  # indicators, or places, that are named instead of one that has no figures
)


async def find_facts(
    tables: Tables, conditions: Conditions, corrected: Collection[str]
) -> Facts:
    """Return what is known of the figures that a request finds: of all, or of `MOST_READ`.

    `corrected` are the ids of figures with an error of their publisher.
    """
    several = [
        name for name in conditions.sql if len(conditions.asked.get(name, ())) > 1
    ]
    said = conditions.searched.said if conditions.searched else "true"
    read = f"{', '.join(_READ)}, ({said}) AS is_said"
    facts = [f"{sql} AS {code}" for code, sql in _APPLIES.items()]
    facts += [
        f"ARRAY({_list_found(conditions, name)}) AS of_{name}" for name in several
    ]
    facts.append(f"ARRAY({_SHARED_CAVEATS}) AS caveats")
    total = await count(tables, conditions)
    statement = f"""
        WITH found AS MATERIALIZED ({conditions.select_first(read)}),
            pairs AS ({_PAIRS}), shared AS ({_SHARED})
        SELECT ({_count_left_out(conditions)}) AS left_out,
            string_agg(array_to_string(disagreements, ' '), ' ') AS disagreements,
            {", ".join(facts)}
        FROM found"""  # noqa: S608
    values = conditions.values | {
        "near_years": find_near_years(conditions.values.get("year", ())),
        "corrected": [*corrected],
    }
    [row] = await tables.rows(statement, values)
    disagreements = Counter((row["disagreements"] or "").split())
    warned_of = {code for code in _APPLIES if row[code]}
    if any(figures > 1 for figures in disagreements.values()):
        warned_of.add("look_alikes")
    return Facts(
        total=total.number,
        is_at_least=total.is_at_least,
        warned_of=frozenset(warned_of),
        disagreements=disagreements,
        caveats=row["caveats"],
        left_out=row["left_out"],
        missing=await _find_missing(
            tables, conditions, row if total.number else {}, several
        ),
    )


def _list_found(conditions: Conditions, name: str) -> str:
    """Return the statement that lists the codes of a filter of which there are figures."""
    column = FILTERS[name].column
    found = f"{conditions.select('')} AND {column} = code"
    return f"SELECT code FROM unnest(%({name})s) AS code WHERE EXISTS ({found})"  # noqa: S608


def _count_left_out(conditions: Conditions) -> str:
    """Return in SQL how many figures the filter by year leaves out."""
    if "year" not in conditions.values:
        return "0"
    left_out = f"{conditions.select('', ['year'])} AND ({_LEFT_OUT})"
    return f"SELECT count(*) FROM ({left_out} LIMIT {MOST_READ}) AS figure"  # noqa: S608


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


async def _find_missing(
    tables: Tables, conditions: Conditions, facts: Row, names: Iterable[str]
) -> Missing:
    """Return what a request finds nothing for: values of some filters, or, without facts, any of its conditions."""
    if not facts:
        near = await _count_near_years(
            tables, conditions, conditions.asked.get("year", ())
        )
        return Missing({}, await _find_without(tables, conditions), near)
    values = dict[str, list[Any]]()
    for name in names:
        found, asked = {*facts[f"of_{name}"]}, conditions.asked[name]
        if empty := [
            value for value, codes in asked.items() if found.isdisjoint(codes)
        ]:
            values[name] = empty
    near = await _count_near_years(tables, conditions, values.get("year", ()))
    return Missing(values, {}, near)


async def _count_near_years(
    tables: Tables, conditions: Conditions, years: Iterable[str]
) -> dict[str, int]:
    """Return how many figures there are for years that overlap these, but begin in another month."""
    if not (near := find_near_years([*years])):
        return {}
    found = f"{conditions.select('year AS near', ['year'])} AND year = ANY(%(near_years)s) LIMIT {MOST_READ}"
    statement = f"SELECT near, count(*) AS figures FROM ({found}) AS figure GROUP BY near ORDER BY near"  # noqa: S608
    rows = await tables.rows(statement, {**conditions.values, "near_years": near})
    return {row["near"]: row["figures"] for row in rows}


async def _find_without(
    tables: Tables, conditions: Conditions
) -> dict[str, tuple[int, list[str]]]:
    """Return how many figures there would be without each condition, and in which datasets, or of which other codes."""
    names = [*conditions.sql]
    if not names[1:]:
        return {}  # without the only one, there are all figures
    found: dict[str, tuple[int, list[str]]] = {}
    for name in names:
        code = name if name in ("indicator", "area") else "dataset"
        statement = f"""
            WITH found AS MATERIALIZED ({conditions.select_first("indicator, area, datasets", [name])}),
                counted AS (SELECT {code} AS code, count(*) AS figures
                    FROM found LEFT JOIN unnest(datasets) AS dataset ON true GROUP BY code)
            SELECT (SELECT count(*) FROM found) AS figures,
                ARRAY(SELECT code FROM counted WHERE code IS NOT NULL ORDER BY counted.figures DESC, code) AS codes"""  # noqa: S608
        [row] = await tables.rows(statement, conditions.values)
        if row["figures"]:
            found[name] = (
                row["figures"],
                sorted(row["codes"]) if code == "dataset" else row["codes"][:MAX_CODES],
            )
    return found
