"""Find what figures were in each release."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from misconduct.db.engine import Database
from misconduct.model.figure import REGISTER_COLUMNS, Row
from misconduct.model.versions import Change, History, build_history

NO_HISTORY = History([])

_ROWS = f"""SELECT release, {", ".join(REGISTER_COLUMNS)} FROM observations
            WHERE release = ANY(%(releases)s) AND id = ANY(%(ids)s)"""  # noqa: S608
_CHANGES = """SELECT release, id, action, reason, replaced_by FROM changes
              WHERE kind = 'observation' AND release = ANY(%(releases)s) AND id = ANY(%(ids)s)"""


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
    replacements = {one.ending.replaced_by for one in found.values() if one.ending.replaced_by} - found.keys()
    return found | await find_histories(database, replacements, releases) if replacements else found
