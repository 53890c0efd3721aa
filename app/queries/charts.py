"""Read the pictures of a release's charts, and whether their figures were revised."""

from __future__ import annotations

from sqlalchemy import exists, select, tuple_

from app.db.engine import Database
from app.db.tables import observations
from app.queries.files import find_file, read_bytes

VEGA_EMBED = "charts/vega-embed.js"
"""The script that draws a specification in a browser, stored with the files of a release that has charts."""


def picture_path(chart: str, name: str) -> str:
    """Return the name of a picture among the files of a release: `charts/<chart>/wide-light.svg`."""
    return f"charts/{chart}/{name}"


async def read_file(database: Database, ordinal: int, path: str) -> bytes | None:
    """Return a file of a chart; None if the release does not have it."""
    file = await find_file(database, ordinal, path)
    if file is None:
        return None
    return b"".join([piece async for piece in read_bytes(database, file, 0, file.length)])


async def are_revised(database: Database, versions: list[tuple[str, int]], newest: int) -> bool:
    """Return whether any of these versions (id, version) has ended by the release with the ordinal `newest`."""
    key = tuple_(observations.c.id, observations.c.version)
    ended = select(observations.c.id).where(key.in_(versions), observations.c.ended_in <= newest)
    rows = await database.rows(select(exists(ended)))
    return bool(rows[0][0])
