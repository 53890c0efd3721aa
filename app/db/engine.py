"""The API's connections to Postgres: async, read-only, and with a limit on every wait.

Statements are built with SQLAlchemy and run by asyncpg directly: the layer between the two costs more than the query.

There may be several hosts, some of them replicas that lag. So every statement names the release it reads, and fails if
the database does not hold it; then another host is asked.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import asyncpg
import orjson
from sqlalchemy import CompoundSelect, Select, Text, bindparam, make_url, select, text
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
    asyncpg.InternalClientError,  # a connection that broke while it was set up
)

CLOSE_SECONDS = 0.3
DEMOTED_SECONDS = 30.0  # how long a host that failed is tried last
FRESH_TRIES = 2  # new connections beside one per host: an address may lead to several databases

RELEASE = "having_release"
"""The parameter of every statement for the digest of the release that the database must hold; "": none."""

MISSING = "22012"
"""The SQLSTATE (division by zero) of a database that does not hold the release. Nothing else divides."""

_HOLDS_RELEASE = text(
    f"CASE :{RELEASE} WHEN '' THEN true"
    f" ELSE 1 / (EXISTS (SELECT FROM releases WHERE digest = :{RELEASE}))::integer = 1 END"
).bindparams(bindparam(RELEASE, "", Text))

_DIALECT = dialect()  # type: ignore[no-untyped-call]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def reader_url(url: str) -> URL:
    """Return the address for asyncpg, which calls libpq's `sslmode` `ssl`."""
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    if mode := parsed.query.get("sslmode"):
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed


Statement = Select[Any] | CompoundSelect[Any]


class Query(NamedTuple):
    """A compiled statement: its SQL, the names of its parameters in order, and their default values."""

    sql: str
    names: tuple[str, ...]
    values: Mapping[str, Any]


def compile_statement(statement: Statement) -> Query:
    """Compile a statement, with the condition, evaluated first and once, that the database holds a release.

    Compile a frequent statement once, and run it with different values.
    """
    single = select(statement.subquery()) if isinstance(statement, CompoundSelect) else statement
    compiled: Any = single.where(_HOLDS_RELEASE).compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return Query(compiled.string, tuple(compiled.positiontup), compiled.params)


class Row(asyncpg.Record):  # type: ignore[misc]  # the driver has no types
    """A row: a tuple with named parts."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is closed quickly: a server that does not answer a query does not answer a goodbye either."""

    statement_finished = True  # whether the last statement ran to its end
    is_fresh = True  # whether no statement was run yet
    host: Any = None  # and port, as in the address
    made = 0.0  # on the monotonic clock

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 (the driver's own)
        """Close the connection, waiting at most CLOSE_SECONDS for the server."""
        await super().close(timeout=min(timeout or CLOSE_SECONDS, CLOSE_SECONDS))

    async def fetch(self, sql: str, *arguments: Any) -> Sequence[Row]:
        """Return all rows."""
        self.statement_finished = self.is_fresh = False
        found: Sequence[Row] = await super().fetch(sql, *arguments)
        self.statement_finished = True
        return found

    def get_reset_query(self) -> str:
        """Return nothing: a session that reads one statement at a time leaves nothing to reset.

        But if a statement ended half-way, refused by the driver or cancelled, the server waits for the rest and holds
        its locks on tables, which would block a migration. Any statement ends that.
        """
        return "" if self.statement_finished else "SELECT"


async def _read_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", encoder=str, decoder=orjson.loads, schema="pg_catalog")


class Hosts:
    """The hosts of an address. Each process tries them in its own random order, those that failed recently last."""

    def __init__(self, address: Mapping[str, Any], pool_seconds: float) -> None:
        hosts, ports = address.get("host"), address.get("port")
        places = [(hosts, ports)]
        if isinstance(hosts, list):
            places = list(zip(hosts, ports or [None] * len(hosts), strict=True))
        self._order = random.sample(places, len(places))
        self._failed: dict[Any, float] = {}
        self._left: dict[Any, float] = {}
        self._seconds = pool_seconds
        wanted = address.get("target_session_attrs")
        self._sessions = ["standby", "any"] if wanted == "prefer-standby" else [wanted]

    def __len__(self) -> int:
        return len(self._order)

    def leave(self, host: Any) -> None:
        """Note that a host hangs or is behind. If there is another, open connections to it are not used again."""
        if len(self._order) > 1:
            self._failed[host] = self._left[host] = time.monotonic()

    def was_left_since(self, connection: Connection) -> bool:
        """Return whether the host was left after this connection was made."""
        return self._left.get(connection.host, 0.0) > connection.made

    async def connect(self, _dsn: None, **address: Any) -> Connection:
        """Connect to the first host that accepts, giving each its share of the remaining time.

        (asyncpg's own `timeout` is for all hosts together: the first one that hangs would use it up.)
        """
        now = time.monotonic()
        lately = {host for host, failed in self._failed.items() if now - failed < DEMOTED_SECONDS}
        order = sorted(self._order, key=lately.__contains__)
        tries = [(session, place) for session in self._sessions for place in order]
        failure: Exception = OSError("no host")
        for number, (session, place) in enumerate(tries):
            there = {"host": place[0], "port": place[1], "target_session_attrs": session}
            address |= {name: value for name, value in there.items() if value is not None}
            share = (now + self._seconds - time.monotonic()) / (len(tries) - number)
            try:
                connection = cast("Connection", await asyncpg.connect(**address, timeout=max(share, 0.01)))
            except asyncpg.TargetServerAttributeNotMatched as error:
                failure = error
            except OSError as error:  # a TimeoutError is one, too
                self.leave(place)
                failure = error
            except UNREACHABLE as error:  # it answers: open connections to it may be used
                self._failed[place] = time.monotonic()
                failure = error
            else:
                connection.host, connection.made = place, time.monotonic()
                return connection
        raise failure


class AllInUse(DatabaseUnavailable):
    """No connection became free for as long as a request may wait for one."""


class Database:
    """A pool of connections, each held no longer than one query.

    `release` is the digest of the release that a database must hold; empty before one is known.
    """

    def __init__(self, url: str, *, pool_size: int, pool_seconds: float, query_seconds: float) -> None:
        self.pool_size, self.pool_seconds, self.query_seconds = pool_size, pool_seconds, query_seconds
        self.release = ""
        _, address = _DIALECT.create_connect_args(reader_url(url))  # type: ignore[no-untyped-call]
        self._turns = asyncio.Semaphore(pool_size)  # first come, first served, which the pool does not guarantee
        self._hosts = Hosts(address, pool_seconds)
        self._pool = asyncpg.create_pool(
            **address,
            min_size=0,
            max_size=pool_size,
            server_settings={"application_name": "misconduct"},
            connect=self._hosts.connect,
            connection_class=Connection,
            record_class=Row,
            init=_read_json,
        )

    async def open(self) -> Database:
        """Open the pool, which makes no connection until one is needed."""
        await self._pool
        return self

    async def rows(
        self, statement: Query | Statement, parameters: Mapping[str, Any] = _NOTHING, *, release: str | None = None
    ) -> Sequence[Row]:
        """Return all rows of one statement, which only reads: it is run again if the server ended it or the connection.

        `parameters` has values by name that replace the statement's own; `release` is the digest of the release that
        the database must hold, if not `self.release`. Raises DatabaseUnavailable if no connection is free, the database
        takes too long, or no host holds the release.
        """
        query = statement if isinstance(statement, Query) else compile_statement(statement)
        values = {**query.values, RELEASE: self.release if release is None else release, **parameters}
        arguments = [values[name] for name in query.names]
        try:
            async with asyncio.timeout(self.query_seconds):
                return await self._read_again(query.sql, arguments)
        except UNREACHABLE as error:
            if is_missing(error):
                raise DatabaseUnavailable(
                    "The database does not hold the newest release yet. Please try again in a moment."
                ) from error
            if not _is_outage(error):
                raise
            raise DatabaseUnavailable("The database did not answer in time. Please try again in a moment.") from error

    async def _read_again(self, sql: str, arguments: Sequence[Any]) -> Sequence[Row]:
        """Run a statement until a database answers it.

        At most once for each pooled connection, which may have ended unnoticed or lead to a host that is behind, and on
        at most FRESH_TRIES more new connections than there are hosts.
        """
        fresh_left = len(self._hosts) + FRESH_TRIES
        for _ in range(self.pool_size + fresh_left):
            try:
                return await self._read(sql, arguments)
            except UNREACHABLE as error:
                if not _may_be_retried(error):
                    raise
                fresh_left -= getattr(error, "was_fresh", True)
                if not fresh_left:
                    raise
        return await self._read(sql, arguments)

    async def _read(self, sql: str, arguments: Sequence[Any]) -> Sequence[Row]:
        try:
            async with asyncio.timeout(self.pool_seconds):
                await self._turns.acquire()
        except TimeoutError as error:
            raise AllInUse("The database did not answer in time. Please try again in a moment.") from error
        try:
            connection = await self._acquire()
            host, was_fresh = connection.host, connection.is_fresh
            try:
                return cast("Sequence[Row]", await connection.fetch(sql, *arguments))
            except UNREACHABLE as error:
                vars(error)["was_fresh"] = was_fresh
                if is_missing(error):
                    self._hosts.leave(host)
                    connection.terminate()
                raise
            finally:
                await self._release(connection, host)
        finally:
            self._turns.release()

    async def _acquire(self) -> Any:
        """Acquire a connection whose host was not left after it was made."""
        while self._hosts.was_left_since(connection := await self._pool.acquire()):
            host = connection.host
            connection.terminate()
            await self._release(connection, host)
        return connection

    async def _release(self, connection: Any, host: Any) -> None:
        try:
            await self._pool.release(connection, timeout=CLOSE_SECONDS)
        except TimeoutError:  # the server did not even end the statement: the host hangs
            self._hosts.leave(host)
        except UNREACHABLE:  # raised here, it would hide what ended the query: a cancellation
            pass

    def pool_state(self) -> tuple[int, int]:
        """Return how many connections are in use, and the maximum."""
        return self._pool.get_size() - self._pool.get_idle_size(), self.pool_size

    async def close(self) -> None:
        """Close every connection."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.close()


def is_missing(error: Exception) -> bool:
    """Return whether the database does not hold the requested release."""
    return getattr(error.__cause__ or error, "sqlstate", None) == MISSING


def _may_be_retried(error: Exception) -> bool:
    """Return whether the statement may succeed if it is run again.

    The server (57P01) or something on the way (class 08) ended the connection; or a replica cancelled the statement,
    because it conflicted with replay (class 40), or does not hold the release, which another may.
    """
    state = getattr(error, "sqlstate", None) or ("08" if _is_outage(error) else "")
    return (state[:2] in ("08", "40") or state in ("57P01", MISSING)) and not isinstance(error, TimeoutError)


def _is_outage(error: Exception) -> bool:
    """Return whether the server, not the statement, is at fault, or refuses connections: its SQLSTATE's class tells."""
    state = getattr(error, "sqlstate", None)
    if state is None:  # a ValueError is an argument that the driver refuses, unless it is about a certificate
        return isinstance(error, ssl.SSLCertVerificationError) or not isinstance(error, ValueError)
    return state[:2] in {"08", "28", "3D", "40", "53", "55", "57", "58"}
