"""The two addresses of the database, the reader's and the owner's, configured or of the embedded server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.errors import MisconductError
from app.settings import Settings


class Urls(NamedTuple):
    """Postgres as the reader, which may only select, and as the owner, which migrates and loads (None: not set)."""

    reader: str
    owner: str | None


@contextmanager
def database_urls(settings: Settings) -> Iterator[Urls]:
    """Provide the configured addresses, or those of the embedded server, which then runs for the block.

    Raises MisconductError if an address is malformed.
    """
    _require_address("MISCONDUCT_DATABASE_URL", settings.database_url)
    _require_address("MISCONDUCT_OWNER_URL", settings.owner_url)
    if settings.database_url is not None:
        yield Urls(settings.database_url, settings.owner_url)
    elif settings.owner_url is not None:
        yield Urls(settings.owner_url, settings.owner_url)
    else:
        from app.db.embedded import EmbeddedPostgres

        with EmbeddedPostgres(settings.home) as server:
            yield Urls(server.reader_url, server.owner_url)


def _require_address(name: str, url: str | None) -> None:
    """Raise MisconductError for a malformed address, without quoting it: it may hold a password."""
    if url is None:
        return
    try:
        parsed = make_url(url)
        is_address = parsed.get_backend_name() in ("postgresql", "postgres")
    except (ArgumentError, ValueError):
        is_address = False
    if not is_address:
        example = "postgresql://user:password@host:5432/misconduct"
        raise MisconductError(f"{name} is not a database address such as {example}.")
    if "@" in (parsed.host or ""):
        raise MisconductError(
            f"{name} has more than one @.", hint="In a password, write @ as %40, : as %3A and / as %2F (RFC 3986)."
        )
