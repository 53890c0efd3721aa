"""Find figures by their ids, those that name a figure, and the documents that print it."""

from collections.abc import Collection, Sequence

from misconduct.db.engine import Database
from misconduct.model.figure import Row


async def find_figures(database: Database, release: str, ids: Collection[str], columns: Sequence[str]) -> list[Row]:
    """Return the figures of a release that have these ids."""
    statement = f"SELECT {', '.join(columns)} FROM observations WHERE release = %(release)s AND id = ANY(%(ids)s)"  # noqa: S608
    return await database.rows(statement, {"release": release, "ids": [*ids]})


async def find_naming(database: Database, release: str, identity: str, columns: Sequence[str]) -> list[Row]:
    """Return the figures of a release that are a part of a figure, or print its claim again."""
    statement = f"""SELECT {", ".join(columns)} FROM observations
        WHERE release = %(release)s AND (part_of @> ARRAY[%(id)s::text] OR repeats = %(id)s) ORDER BY id"""  # noqa: S608
    return await database.rows(statement, {"release": release, "id": identity})


async def find_sources(database: Database, release: str, claim: str) -> list[str]:
    """Return the documents of a release that print a figure, or print its claim again."""
    statement = """SELECT DISTINCT source FROM observations
        WHERE release = %(release)s AND (id = %(id)s OR repeats = %(id)s)"""
    return [row["source"] for row in await database.rows(statement, {"release": release, "id": claim})]
