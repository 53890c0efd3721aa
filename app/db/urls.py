"""The two addresses of the database: the reader's and the owner's, whichever server they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from app.settings import Settings


class Urls(NamedTuple):
    """Postgres as the reader, who may only select, and as the owner, who migrates and loads (None: someone else)."""

    reader: str
    owner: str | None


@contextmanager
def database_urls(settings: Settings) -> Iterator[Urls]:
    """The configured addresses; with none configured, those of the embedded server, which runs for the block."""
    if settings.database_url is not None:
        yield Urls(settings.database_url, settings.owner_url)
    elif settings.owner_url is not None:
        yield Urls(settings.owner_url, settings.owner_url)
    else:
        from app.db.embedded import EmbeddedPostgres

        with EmbeddedPostgres(settings.home) as server:
            yield Urls(server.reader_url, server.owner_url)
