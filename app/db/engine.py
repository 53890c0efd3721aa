"""The API's connections to Postgres: async, read-only, and never waited for longer than a request can bear.

Statements are written with SQLAlchemy, and run by asyncpg itself: what lies between the two costs more than the query.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import asyncpg
import orjson
from sqlalchemy import SelectBase, make_url
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from app.errors import DatabaseUnavailable

UNREACHABLE = (
    OSError,
    TimeoutError,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that broke while it was being prepared
)

CLOSE_SECONDS = 0.3

_DIALECT = dialect()  # type: ignore[no-untyped-call]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def reader_url(url: str) -> URL:
    """The address for asyncpg, whose name for libpq's `sslmode` is `ssl`.

    Where it names several hosts, each process tries them in an order of its own.
    """
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    if mode := parsed.query.get("sslmode"):
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    hosts = parsed.query.get("host")
    if isinstance(hosts, tuple):
        parsed = parsed.update_query_dict({"host": random.sample(hosts, len(hosts))})
    return parsed


class Query(NamedTuple):
    """A statement, written out: its SQL, the names of its parameters in their order, and the values it came with."""

    sql: str
    names: tuple[str, ...]
    values: Mapping[str, Any]


def write_out(statement: SelectBase) -> Query:
    """The statement as SQL. What is asked often is written out once, and asked with other values."""
    compiled: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return Query(compiled.string, tuple(compiled.positiontup), compiled.params)


class Row(asyncpg.Record):  # type: ignore[misc]  # the driver has no types
    """One row of an answer: a tuple whose parts have names."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is given up on at once: a server that answers no query takes no leave either."""

    is_at_rest = True  # whether the last statement was answered to its end

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 (the driver's own)
        """Says goodbye, and waits for the answer no longer than CLOSE_SECONDS."""
        await super().close(timeout=min(timeout or CLOSE_SECONDS, CLOSE_SECONDS))

    async def fetch(self, sql: str, *arguments: Any) -> Sequence[Row]:
        """All rows."""
        self.is_at_rest = False
        found: Sequence[Row] = await super().fetch(sql, *arguments)
        self.is_at_rest = True
        return found

    def get_reset_query(self) -> str:
        """Nothing: a session that reads one statement at a time leaves nothing behind.

        But where one ended between its halves, refused by the driver or cancelled, the server waits for the other half
        with its locks on tables, over which a migration would stumble. Any statement ends that.
        """
        return "" if self.is_at_rest else "SELECT"


async def _read_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", encoder=str, decoder=orjson.loads, schema="pg_catalog")


class Database:
    """Runs one query at a time, each on a connection that is held no longer than the query."""

    def __init__(self, url: str, *, pool_size: int, pool_seconds: float, query_seconds: float) -> None:
        self.pool_size, self.pool_seconds, self.query_seconds = pool_size, pool_seconds, query_seconds
        _, address = _DIALECT.create_connect_args(reader_url(url))  # type: ignore[no-untyped-call]
        self._turns = asyncio.Semaphore(pool_size)  # whoever waits longest is next, which the pool does not see to
        self._pool = asyncpg.create_pool(
            **address,
            min_size=0,
            max_size=pool_size,
            timeout=pool_seconds,
            server_settings={"application_name": "misconduct"},
            connection_class=Connection,
            record_class=Row,
            init=_read_json,
        )

    async def open(self) -> Database:
        """Makes the pool, which has no connection until one is needed."""
        await self._pool
        return self

    async def rows(self, statement: Query | SelectBase, parameters: Mapping[str, Any] = _NOTHING) -> Sequence[Row]:
        """All rows of one statement, which only reads: asked again where the server ended the connection meanwhile.

        `parameters` are values by name, in place of those that the statement was written with. Raises
        DatabaseUnavailable where the database has no connection, or takes too long.
        """
        query = statement if isinstance(statement, Query) else write_out(statement)
        values = {**query.values, **parameters}
        arguments = [values[name] for name in query.names]
        try:
            async with asyncio.timeout(self.query_seconds):
                return await self._read_again(query.sql, arguments)
        except UNREACHABLE as error:
            if not _is_outage(error):
                raise
            raise DatabaseUnavailable("The database did not answer in time. Please try again in a moment.") from error

    async def _read_again(self, sql: str, arguments: Sequence[Any]) -> Sequence[Row]:
        """Asks until it is answered: no more often than there are connections that may have ended unnoticed."""
        for _ in range(self.pool_size):
            try:
                return await self._read(sql, arguments)
            except UNREACHABLE as error:
                if not _may_be_asked_again(error):
                    raise
        return await self._read(sql, arguments)

    async def _read(self, sql: str, arguments: Sequence[Any]) -> Sequence[Row]:
        async with asyncio.timeout(self.pool_seconds):
            await self._turns.acquire()
        try:
            connection = await self._pool.acquire()
            try:
                return cast("Sequence[Row]", await connection.fetch(sql, *arguments))
            finally:
                with suppress(*UNREACHABLE):  # else it would take the place of what ended the query: a cancellation
                    await self._pool.release(connection, timeout=CLOSE_SECONDS)
        finally:
            self._turns.release()

    def pool_state(self) -> tuple[int, int]:
        """How many connections are in use, and how many there may be."""
        return self._pool.get_size() - self._pool.get_idle_size(), self.pool_size

    async def close(self) -> None:
        """Gives every connection back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.close()


def _may_be_asked_again(error: Exception) -> bool:
    """Whether the server ended the connection (57P01), or somebody on the way did (class 08)."""
    state = getattr(error, "sqlstate", None) or ("08" if _is_outage(error) else "")
    return (state[:2] == "08" or state == "57P01") and not isinstance(error, TimeoutError)


def _is_outage(error: Exception) -> bool:
    """Whether the server is at fault, or lets nobody in, and not the statement; it says so by its SQLSTATE's class."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        return not isinstance(error, ValueError)  # an argument that the driver itself refuses
    return state[:2] in {"08", "28", "3D", "53", "55", "57", "58"}
