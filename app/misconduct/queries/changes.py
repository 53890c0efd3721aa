"""Find what changed from release to release."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from misconduct.db.engine import Database
from misconduct.model.figure import REGISTER_COLUMNS
from misconduct.model.kinds import KINDS

Key = tuple[str, str, str]
"""Release, kind and id."""

FIGURES = "observation"
"""The kind of figures."""

_FIGURES = f"""SELECT release, {", ".join(REGISTER_COLUMNS)} FROM observations
               JOIN unnest(%(releases)s::text[], %(ids)s::text[]) AS wanted (release, id) USING (release, id)"""  # noqa: S608
_RECORDS = """SELECT release, kind, id, content FROM records
              JOIN unnest(%(releases)s::text[], %(kinds)s::text[], %(ids)s::text[]) AS wanted (release, kind, id)
              USING (release, kind, id)"""


@dataclass
class Wanted:
    """Which changes: those of some releases, and of a kind, of some ids or of figures of areas and datasets, if given.

    A figure that ended or was recoded is found by what it was in any release.
    """

    releases: Sequence[str]
    kind: str | None = None
    ids: Collection[str] = field(default_factory=list)
    areas: Collection[str] = field(default_factory=list)
    datasets: Collection[str] = field(default_factory=list)

    def where(self) -> str:
        """Return the conditions in SQL."""
        conditions = ["release = ANY(%(releases)s)"]
        conditions += ["kind = %(kind)s"] if self.kind else []
        conditions += ["id = ANY(%(ids)s)"] if self.ids else []
        of_figures = ["area = ANY(%(areas)s)"] if self.areas else []
        of_figures += ["datasets && %(datasets)s::text[]"] if self.datasets else []
        if of_figures:
            found = " AND ".join(["release IN (SELECT number FROM releases)", *of_figures])
            conditions.append(f"kind = '{FIGURES}' AND id IN (SELECT id FROM observations WHERE {found})")  # noqa: S608
        return " AND ".join(conditions)

    def values(self) -> dict[str, Any]:
        """Return the values of the conditions."""
        lists = {name: [*getattr(self, name)] for name in ("releases", "ids", "areas", "datasets")}
        return {"kind": self.kind, **lists}


async def find_changes(database: Database, wanted: Wanted, limit: int | None, offset: int) -> list[dict[str, Any]]:
    """Return rows of changes.csv with their release and its day, in the order of the releases, of kinds and of ids."""
    statement = f"""SELECT release, day, kind, id, action, reason, replaced_by
                    FROM changes JOIN releases ON number = release WHERE {wanted.where()}
                    ORDER BY array_position(%(releases)s::text[], release), kind, id
                    LIMIT %(limit)s OFFSET %(offset)s"""  # noqa: S608
    return await database.rows(statement, wanted.values() | {"limit": limit, "offset": offset})


async def count_changes(database: Database, wanted: Wanted) -> int:
    """Return how many changes there are."""
    statement = f"SELECT count(*) AS total FROM changes WHERE {wanted.where()}"  # noqa: S608
    [row] = await database.rows(statement, wanted.values())
    return int(row["total"])


async def find_kinds(database: Database) -> list[str]:
    """Return the kinds of record that ever changed."""
    return [row["kind"] for row in await database.rows("SELECT DISTINCT kind FROM changes ORDER BY kind")]


async def find_unknown_ids(database: Database, ids: Collection[str], kind: str | None) -> list[str]:
    """Return the ids that no release ever had, of a kind or of any."""
    statement = "SELECT DISTINCT id FROM changes WHERE id = ANY(%(ids)s) AND kind = coalesce(%(kind)s, kind)"
    known = {row["id"] for row in await database.rows(statement, {"ids": [*ids], "kind": kind})}
    return [one for one in ids if one not in known]


async def find_states(database: Database, keys: Collection[Key]) -> dict[Key, Mapping[str, Any]]:
    """Return figures and records, each in a release, without what is computed; those that are there."""
    figures = [key for key in keys if key[1] == FIGURES]
    records = [key for key in keys if key[1] != FIGURES]
    found: dict[Key, Mapping[str, Any]] = {}
    if figures:
        for row in await database.rows(_FIGURES, _columns(figures)):
            found[row.pop("release"), FIGURES, row["id"]] = row
    if records:
        for row in await database.rows(_RECORDS, _columns(records)):
            kind = KINDS[row["kind"]]
            left = row["content"].keys() - {*kind.computed, *kind.counted}
            found[row["release"], kind.name, row["id"]] = {name: row["content"][name] for name in left}
    return found


def _columns(keys: Collection[Key]) -> dict[str, list[str]]:
    return {name: [key[index] for key in keys] for index, name in enumerate(("releases", "kinds", "ids"))}
