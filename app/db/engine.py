"""The API's connections to Postgres: async, read-only, and never waited for longer than a request can bear."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import Executable, Row, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.errors import DatabaseUnavailable

UNREACHABLE = (OSError, TimeoutError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError)


CLOSE_SECONDS = 0.3
TRIES = 3
"""How often a statement is asked in all where connections end under it, all within the time of one query."""


def reader_url(url: str) -> URL:
    """The address for asyncpg. Where it names several hosts, each process tries them in an order of its own."""
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    hosts = parsed.query.get("host")
    if isinstance(hosts, tuple):
        parsed = parsed.update_query_dict({"host": random.sample(hosts, len(hosts))})
    return parsed


class Connection(asyncpg.Connection):  # type: ignore[misc]  # the driver has no types
    """A connection that is given up on at once: a server that answers no query takes no leave either."""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 (the driver's own)
        """Says goodbye, and waits for the answer no longer than CLOSE_SECONDS."""
        await super().close(timeout=min(timeout or CLOSE_SECONDS, CLOSE_SECONDS))


class Database:
    """Runs one query at a time, each on a connection that is held no longer than the query."""

    def __init__(self, url: str, *, pool_size: int, pool_seconds: float, query_seconds: float) -> None:
        self.query_seconds = query_seconds
        self.engine: AsyncEngine = create_async_engine(
            reader_url(url),
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_seconds,
            pool_pre_ping=True,
            connect_args={
                "timeout": pool_seconds,
                "server_settings": {"application_name": "misconduct"},
                "connection_class": Connection,
            },
        )

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        """Raises DatabaseUnavailable where the database has no connection, or what runs in the block takes too long."""
        try:
            async with asyncio.timeout(self.query_seconds):
                yield
        except UNREACHABLE as error:
            if isinstance(error, DBAPIError) and not _is_outage(error):
                raise
            raise DatabaseUnavailable("The database did not answer in time. Please try again in a moment.") from error

    async def rows(self, statement: Executable, parameters: dict[str, Any] | None = None) -> Sequence[Row[Any]]:
        """All rows of one statement, which only reads: asked again where the server ended the connection meanwhile."""
        async with self._answering():
            for _ in range(TRIES - 1):
                try:
                    return await self._read(statement, parameters)
                except DBAPIError as error:
                    if not _is_ended(error):
                        raise
            return await self._read(statement, parameters)

    async def _read(self, statement: Executable, parameters: dict[str, Any] | None) -> Sequence[Row[Any]]:
        async with self.engine.connect() as connection:
            return (await connection.execute(statement, parameters)).all()

    def pool_state(self) -> tuple[int, int]:
        """How many connections are in use, and how many there may be."""
        pool: Any = self.engine.pool
        return pool.checkedout(), pool.size()

    async def close(self) -> None:
        """Gives every connection back."""
        await self.engine.dispose()


def _is_ended(error: DBAPIError) -> bool:
    """Whether the server ended the connection before it had answered (SQLSTATE 57P01), or somebody on the way did."""
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) == "57P01"


def _is_outage(error: DBAPIError) -> bool:
    """Whether the server is at fault, not the statement. SQLSTATE classes: 08, 53, 55 (locks), 57, 58; none: silence"""
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state[:2] in {"08", "53", "55", "57", "58"}
