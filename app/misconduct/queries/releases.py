"""Find releases and their records."""

from dataclasses import dataclass
from datetime import date

from misconduct.db.engine import Database
from misconduct.db.tables import HOLDS
from misconduct.model.catalogue import Catalogue


@dataclass(frozen=True)
class LoadedRelease:
    """A release that is loaded.

    `ordinal` is its line in releases.csv, `figures` how many it has, and `previous` the digest of the one before.
    """

    number: str
    ordinal: int
    day: date
    summary: str
    figures: int
    digest: str
    previous: str | None


async def find_releases(database: Database) -> list[LoadedRelease]:
    """Return the releases that are loaded, the oldest first."""
    return [
        LoadedRelease(**row)
        for row in await database.rows("SELECT * FROM releases ORDER BY ordinal")
    ]


async def find_catalogue(database: Database, release: int) -> Catalogue:
    statement = f"""SELECT kind, json_object_agg(id, content ORDER BY id) AS records
        FROM records WHERE {HOLDS} GROUP BY kind ORDER BY kind"""  # noqa: S608
    rows = await database.rows(statement, {"release": release})
    statement = f"""SELECT caveat, count(*) AS uses
        FROM observations, unnest(caveats) AS caveat WHERE {HOLDS} GROUP BY caveat"""  # noqa: S608
    uses = {
        row["caveat"]: row["uses"]
        for row in await database.rows(statement, {"release": release})
    }
    return Catalogue({row["kind"]: row["records"] for row in rows}, uses)
