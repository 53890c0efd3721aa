"""Find releases and their records."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from misconduct.db.engine import Database
from misconduct.model.catalogue import Catalogue
from misconduct.releases.folder import order_of


@dataclass(frozen=True)
class LoadedRelease:
    """A release that is loaded. `figures` is their number, and `previous` the digest of the release before it."""

    number: str
    day: date
    summary: str
    figures: int
    digest: str
    previous: str | None
    earlier_digest: str | None

    @cached_property
    def order(self) -> tuple[int, ...]:
        return order_of(self.number)


async def find_releases(database: Database) -> list[LoadedRelease]:
    """Return the releases that are loaded, the oldest first."""
    rows = await database.rows("SELECT * FROM releases")
    return sorted((LoadedRelease(**row) for row in rows), key=lambda one: one.order)


async def find_catalogue(database: Database, release: str) -> Catalogue:
    statement = """SELECT kind, json_object_agg(id, content ORDER BY id) AS records
        FROM records WHERE release = %(release)s GROUP BY kind ORDER BY kind"""
    rows = await database.rows(statement, {"release": release})
    return Catalogue({row["kind"]: row["records"] for row in rows})
