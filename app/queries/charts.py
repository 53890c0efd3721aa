"""The pictures of a release's charts, and whether their figures still stand."""

from __future__ import annotations

from sqlalchemy import exists, select, tuple_

from app.db.engine import Database
from app.db.tables import observations
from app.queries.files import find_file, read_bytes

VEGA_EMBED = "charts/vega-embed.js"
"""What draws a specification in a browser, as it is kept among the files of a release that has charts."""


def picture_path(chart: str, name: str) -> str:
    """Under which name a picture is kept among the files of a release: `charts/<chart>/wide-light.svg`."""
    return f"charts/{chart}/{name}"


async def read_file(database: Database, ordinal: int, path: str) -> bytes | None:
    """A picture, or what belongs to it; None where the release has none of that name."""
    file = await find_file(database, ordinal, path)
    if file is None:
        return None
    return b"".join([piece async for piece in read_bytes(database, file, 0, file.length)])


async def are_revised(database: Database, readings: list[tuple[str, int]], newest: int) -> bool:
    """Whether any of these readings (id, version) has ended by the release with the ordinal `newest`."""
    key = tuple_(observations.c.id, observations.c.version)
    ended = select(observations.c.id).where(key.in_(readings), observations.c.ended_in <= newest)
    rows = await database.rows(select(exists(ended)))
    return bool(rows[0][0])
