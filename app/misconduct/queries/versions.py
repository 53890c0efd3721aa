"""Find what figures were in each release."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from misconduct.db.engine import Database
from misconduct.model.dates import read_period
from misconduct.model.figure import REGISTER_COLUMNS
from misconduct.model.versions import Field, History, Version
from misconduct.model.wording import dates_in_words

_FIGURE = [f"figure.{name}" for name in REGISTER_COLUMNS if name != "id"]
_VERSIONS = f"""
    SELECT number AS release, id, {", ".join(_FIGURE)}, weight, changed, revised, reason, replaced_by
    FROM versions JOIN releases ON ordinal = release
    LEFT JOIN (SELECT *, first AS release FROM observations) AS figure USING (release, id)
    LEFT JOIN (SELECT * FROM changes WHERE kind = 'observation') AS change USING (release, id)
    WHERE number = ANY(%(releases)s) AND id = ANY(%(ids)s::text[] || ARRAY(
        SELECT replaced_by FROM changes WHERE kind = 'observation' AND id = ANY(%(ids)s) AND replaced_by IS NOT NULL))
    ORDER BY release"""  # noqa: S608


async def find_histories(
    database: Database, ids: Collection[str], releases: Sequence[str]
) -> dict[str, History]:
    """Return the histories of figures, and of what took their place, over some releases, oldest first."""
    found = defaultdict[str, list[Version]](list)
    rows = (
        await database.rows(_VERSIONS, {"ids": [*ids], "releases": [*releases]})
        if ids
        else []
    )
    for row in rows:
        history, since = found[row["id"]], [*releases[releases.index(row["release"]) :]]
        last = history[-1] if history else None
        if last:
            del last.releases[-len(since) :]
        figure = (
            {}
            if row["weight"] == "ended"
            else {name: row[name] for name in REGISTER_COLUMNS}
        )
        fields = [
            Field(name, last.row[name], figure[name]) for name in row["changed"] if last
        ]
        parts = [
            read_period(one, None).year or dates_in_words(one) for one in row["revised"]
        ]
        history.append(
            Version(
                figure,
                since,
                row["weight"],
                fields,
                row["reason"],
                row["replaced_by"],
                parts,
            )
        )
    return {**found}
