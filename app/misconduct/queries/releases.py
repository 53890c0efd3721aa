"""Find releases and their records."""

from dataclasses import dataclass
from datetime import date

from misconduct.db.engine import Database, Tables
from misconduct.db.schema import LIST_SCHEMAS, read_revision
from misconduct.db.tables import REVISION
from misconduct.model.catalogue import Catalogue


@dataclass(frozen=True)
class LoadedRelease:
    """A release in a schema of its own: how much it has, and the digest of the one before."""

    number: str
    day: date
    summary: str
    figures: int
    first_year: int | None
    last_year: int | None
    digest: str
    previous: str | None
    schema: str


async def find_schemas(database: Database) -> list[str]:
    """Return the schemas that have tables as this program reads them."""
    found = [row["schema"] for row in await database.rows(LIST_SCHEMAS)]
    return [schema for schema in found if read_revision(schema) == REVISION]


async def find_release(tables: Tables) -> LoadedRelease:
    [row] = await tables.rows("SELECT * FROM $release.release")
    return LoadedRelease(**row, schema=tables.schema)


async def find_catalogue(tables: Tables) -> Catalogue:
    rows = await tables.rows("""
        SELECT kind, json_object_agg(id, content ORDER BY id) AS records
        FROM $release.records GROUP BY kind ORDER BY kind""")
    used = await tables.rows("""
        SELECT caveat, count(*) AS uses
        FROM $release.observations, unnest(caveats) AS caveat GROUP BY caveat""")
    uses = {row["caveat"]: row["uses"] for row in used}
    kinds = await tables.rows("SELECT DISTINCT kind FROM $release.points")
    return Catalogue(
        {row["kind"]: row["records"] for row in rows},
        uses,
        [row["kind"] for row in kinds],
    )
