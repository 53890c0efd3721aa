"""The address by which stored files cite figures: the one that they were built for."""

from __future__ import annotations

import psycopg

from app.domain.figure import citation_url

_ELSEWHERE = """SELECT r.number FROM file_pieces p JOIN releases r ON r.ordinal = p.release
WHERE p.name = 'observations.csv' AND p.number = 0 AND position(%b IN p.bytes) > 0 AND position(%b IN p.bytes) = 0
ORDER BY r.ordinal"""


def cited_elsewhere(connection: psycopg.Connection, base_url: str) -> list[str]:
    """The numbers of the releases whose files cite figures by another address than `base_url`."""
    return [number for (number,) in connection.execute(_ELSEWHERE, [_beginning(""), _beginning(base_url)])]


def _beginning(base_url: str) -> bytes:
    """What every citation begins with, up to the figure's id."""
    return citation_url(base_url, "\0", "").partition("\0")[0].encode()
