"""Find what figures were in each release."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from misconduct.db.engine import Database
from misconduct.model.figure import REGISTER_COLUMNS, Row
from misconduct.model.versions import STATED, Change, History, build_history
from misconduct.model.wording import dates_in_words

NO_HISTORY = History([])

_ROWS = f"""SELECT release, {", ".join(REGISTER_COLUMNS)} FROM observations
            WHERE release = ANY(%(releases)s) AND id = ANY(%(ids)s)"""  # noqa: S608
_CHANGES = """SELECT release, id, action, reason, replaced_by FROM changes
              WHERE kind = 'observation' AND release = ANY(%(releases)s) AND id = ANY(%(ids)s)"""

_WAS, _NOW = (", ".join(f"{table}.{name}" for name in STATED) for table in ("was", "now"))
_REVISED_PARTS = f"""
    WITH longer AS (
        SELECT * FROM unnest(%(ids)s::text[], %(before)s::text[], %(after)s::text[]) AS one (id, before, after)),
    revised AS MATERIALIZED (
        SELECT before, after, was.within, now.year, now.period
        FROM (SELECT DISTINCT before, after FROM longer) AS releases
        JOIN changes ON changes.release = after AND kind = 'observation' AND action = 'revised'
        JOIN observations AS was ON was.release = before AND was.id = changes.id
        JOIN observations AS now ON now.release = after AND now.id = changes.id AND now.period = was.period
        WHERE ROW({_NOW}) IS DISTINCT FROM ROW({_WAS}))
    SELECT DISTINCT id, after, year, period FROM longer JOIN revised USING (before, after)
    WHERE id = ANY(within) ORDER BY period"""  # noqa: S608


async def find_histories(database: Database, ids: Collection[str], releases: Sequence[str]) -> dict[str, History]:
    """Return the history of each figure over some releases, oldest first; without those that none of them has.

    What takes the place of an ended figure is there, too.
    """
    values = {"ids": list(ids), "releases": list(releases)}
    rows: dict[str, dict[str, Row]] = defaultdict(dict)
    changes: dict[str, dict[str, Change]] = defaultdict(dict)
    for row in await database.rows(_ROWS, values):
        release = row.pop("release")
        rows[row["id"]][release] = row
    for row in await database.rows(_CHANGES, values):
        changes[row["id"]][row["release"]] = Change(row["action"], row["reason"], row["replaced_by"])
    found = {identity: build_history(releases, rows[identity], changes[identity]) for identity in rows}
    parts = await _find_revised_parts(database, found)
    found |= {one: build_history(releases, rows[one], changes[one], parts[one]) for one in parts}
    replacements = {one.ending.replaced_by for one in found.values() if one.ending.replaced_by} - found.keys()
    return found | await find_histories(database, replacements, releases) if replacements else found


async def _find_revised_parts(database: Database, found: Mapping[str, History]) -> dict[str, dict[str, list[str]]]:
    """Return the revised parts of figures that run longer, by figure and release: their years, or periods in words."""
    longer = [
        (identity, before.releases[-1], after.releases[0])
        for identity, history in found.items()
        for before, after in pairwise(history.versions)
        if after.weight == "continued"
    ]
    parts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    if longer:
        values = {name: [one[place] for one in longer] for place, name in enumerate(("ids", "before", "after"))}
        for row in await database.rows(_REVISED_PARTS, values):
            parts[row["id"]][row["after"]].append(row["year"] or dates_in_words(row["period"]))
    return parts
