"""The API's connections to Postgres: async, read-only, and with a limit on every wait.

Statements are built with SQLAlchemy and run by asyncpg directly: the layer between the two costs more than the query.

There may be several hosts, some of them replicas that lag. So every statement names the release it reads, and fails if
the database does not hold it; then another host is asked.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from contextvars import ContextVar
from secrets import token_hex
from types import MappingProxyType
from typing import Any, cast

import asyncpg
import orjson
from sqlalchemy.exc import SQLAlchemyError

from misconduct.db.lag import LAG
from misconduct.db.statements import BUILT, EVER, RELEASE, Query, Statement, compile_statement
from misconduct.db.turns import CLIENT, AllInUse, Turns
from misconduct.db.urls import SESSION, SOCKET, Address, Place, read_address
from misconduct.errors import DatabaseUnavailable, MisconductError
from misconduct.event_log import log

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
REFUSED_SECONDS = 1.0  # how long no further connection is tried after one was refused and there are others
IDLE_SECONDS = 300.0  # after which a connection is closed
LIFE_SECONDS = 1800.0  # after which it is made anew, so that a host that returns gets its share again
FRESH_TRIES = 2  # new connections beside one per host: an address may lead to several databases

MISSING = "22012"
"""The SQLSTATE (division by zero) of a database that does not hold the release. Nothing else divides."""

LOOK_LAG = f"SELECT ({LAG}), pg_is_in_recovery(), (SELECT pid FROM pg_stat_wal_receiver)"  # noqa: S608 (of constants)
"""The same, and the process with which a replica receives."""

RECEIVING_SECONDS, FORGOTTEN_SECONDS = 1.0, 60.0
"""How long such a process must have been there to count: where the primary refuses, there is one for an instant, again
and again. And after how long one that was not seen again is forgotten."""

ANY_SESSION = ("any", "prefer-standby")
"""The values of `target_session_attrs` with which every host may be read."""

LOOK = ContextVar[int | None]("LOOK", default=None)
"""The number of the look for news for which this task asks, of one host: it waits for no request, and gets a connection
beside those of the pool."""

WITHHELD = ("42501", "42P01", "42703", "42883", "3F000")
"""The SQLSTATEs of a database in which somebody works, as in a restore, or of a replica that has not replayed that: a
grant, table, column, function or schema is gone, or not there yet."""

NOT_PREPARED = "26000"
"""The SQLSTATE of a prepared statement that the session does not have."""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Row(asyncpg.Record):  # type: ignore[misc]  # the driver has no types
    """A row: a tuple with named parts."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


KEEPALIVES = {
    "keepalives_idle": "TCP_KEEPIDLE",
    "keepalives_interval": "TCP_KEEPINTVL",
    "keepalives_count": "TCP_KEEPCNT",
    "tcp_user_timeout": "TCP_USER_TIMEOUT",
}
"""The options of a socket by libpq's names for them."""


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is closed quickly: a server that does not answer a query does not answer a goodbye either."""

    statement_finished = True  # whether the last statement ran to its end
    is_fresh = True  # whether no statement was run yet
    is_prepared = True  # whether statements are prepared once under a name
    place = Place("", "")
    made = 0.0  # on the monotonic clock
    released = 0.0

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 (the driver's own)
        """Close the connection, waiting at most CLOSE_SECONDS for the server."""
        await super().close(timeout=min(timeout or CLOSE_SECONDS, CLOSE_SECONDS))

    async def read(self, sql: str, arguments: Sequence[Any] = ()) -> Sequence[Row]:
        """Return all rows.

        A statement without a name must be prepared and run in one transaction, or a pooler in transaction mode sends
        the halves to different sessions. Raises InterfaceError, and ends the connection, if what comes is damaged, as
        where the next answer begins is not known then.
        """
        self.statement_finished = self.is_fresh = False
        found: Sequence[Row]
        try:
            if self.is_prepared:
                found = await self.fetch(sql, *arguments)
            else:
                async with self.transaction(readonly=True):
                    found = await self.fetch(sql, *arguments)
        except (AssertionError, SystemError, UnicodeDecodeError) as error:  # of the driver, which expects what is right
            self.terminate()
            raise asyncpg.InterfaceError("what the connection brought cannot be read") from error
        self.statement_finished = True
        return found

    async def finish(self) -> None:
        """End a statement that was refused by the driver or cancelled half-way.

        The server waits for the rest and holds its locks on tables, which would block a migration. Any statement ends
        that; nothing else needs a reset in a session that reads one statement at a time.
        """
        if not self.statement_finished:
            await self.execute("SELECT")
            self.statement_finished = True

    def set_socket_options(self, wanted: Mapping[str, str]) -> None:
        """Set what libpq would set. Like libpq, skip what the system does not have."""
        original = self._transport.get_extra_info("socket")
        if original is None or original.family == getattr(socket, "AF_UNIX", None) or wanted.get("keepalives") == "0":
            return
        with socket.socket(fileno=os.dup(original.fileno())) as copy:
            copy.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, option in KEEPALIVES.items():
                if int(wanted.get(name, 0)) and hasattr(socket, option):
                    copy.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), int(wanted[name]))

    def _get_unique_id(self, prefix: str) -> str:
        """Return a name for a prepared statement that no other process uses.

        Where a pooler shares sessions, the driver's own names, which are the same in every process, would lead to the
        statement of another one.
        """
        self.__dict__.setdefault("_own", token_hex(8))
        return f"{super()._get_unique_id(prefix)}{self.__dict__['_own']}"


class Hosts:
    """The hosts of an address, over which connections are spread; those that failed recently are tried last.

    The address is read anew for each connection, because a file that holds it may have another password now.
    """

    def __init__(self, read_url: Callable[[], str], pool_seconds: float) -> None:
        self._read_url, self._seconds = read_url, pool_seconds
        self._failed: dict[Place, float] = {}
        self._left: dict[Place, float] = {}
        self._address = read_address(read_url(), "MISCONDUCT_DATABASE_URL")

    @property
    def count(self) -> int:
        """Return how many hosts the address has."""
        return len(self._address.places)

    def choose_for_news(self, look: int | None) -> Place | None:
        """Return which of several hosts a look for news asks: each look the next, as only one that replays hears of
        them, and all that a look asks one host, as another may not have what it found. Returns None if any will do.
        """
        if look is None or self.count == 1:
            return None
        next_one = look % self.count
        places = self._address.places[next_one:] + self._address.places[:next_one]
        return next((place for place in places if not self.failed_lately(place)), places[0])

    def _read_address(self) -> Address:
        """Return the address as it is now; as it was if it cannot be read, as while its file is replaced."""
        with suppress(MisconductError, OSError, UnicodeDecodeError):
            self._address = read_address(self._read_url(), "MISCONDUCT_DATABASE_URL")
        return self._address

    def leave(self, place: Place) -> None:
        """Note that a host hangs or is behind. If there is another, open connections to it are not used again."""
        if self.count > 1:
            self._failed[place] = self._left[place] = time.monotonic()

    def failed_lately(self, place: Place) -> bool:
        """Return whether a host is to be tried last."""
        return time.monotonic() - self._failed.get(place, -DEMOTED_SECONDS) < DEMOTED_SECONDS

    def was_left_since(self, connection: Connection) -> bool:
        """Return whether the host was left after this connection was made."""
        return self._left.get(connection.place, 0.0) > connection.made

    def _in_order(self, address: Address, first: Place | None) -> list[Place]:
        """Return the hosts, at random unless the address says otherwise; those that failed recently last."""
        places = list(address.places)
        if address.parameters.get("load_balance_hosts") != "disable":
            random.shuffle(places)
        return sorted(places, key=lambda place: (place != first, self.failed_lately(place)))

    async def connect(self, first: Place | None = None, *, prepared: bool) -> Connection:
        """Connect to the first host that accepts, giving each its share of the remaining time. `first` is tried first,
        whether or not it is of the sort that the address prefers.

        (asyncpg's own `timeout` is for all hosts together: the first one that hangs would use it up.) Whatever fails is
        an outage: the server's fault, or that of the address or a file that it names, and never that of a request.
        """
        now = time.monotonic()
        address = self._read_address()
        sessions = _sessions(address, is_named=first is not None)
        tries = [(session, place) for session in sessions for place in self._in_order(address, first)]
        most = float(address.parameters.get("connect_timeout", 0)) or self._seconds
        failure: Exception = OSError("no host")
        for number, (session, place) in enumerate(tries):
            share = (now + self._seconds - time.monotonic()) / (len(tries) - number)
            try:
                connection = cast(
                    "Connection",
                    await asyncpg.connect(
                        **address.for_asyncpg(place),
                        timeout=max(min(share, most), 0.01),
                        target_session_attrs=session,
                        server_settings={"application_name": "misconduct"} | address.of(SESSION),
                        statement_cache_size=100 if prepared else 0,
                        connection_class=Connection,
                        record_class=Row,
                    ),
                )
            except asyncpg.TargetServerAttributeNotMatched as error:
                if "any" not in sessions:  # else what is not preferred would be left out of the looks for news
                    self._failed[place] = time.monotonic()
                failure = error
            except OSError as error:  # a TimeoutError is one, too
                self.leave(place)
                failure = error
            except Exception as error:  # noqa: BLE001  # it answers: open connections to it may be used
                self._failed[place] = time.monotonic()
                failure = error
            else:
                connection.place, connection.made, connection.is_prepared = place, time.monotonic(), prepared
                connection.set_socket_options(address.of(SOCKET))
                return connection
        if not isinstance(failure, UNREACHABLE) or not _is_outage(failure):
            raise asyncpg.InterfaceError(str(failure)) from failure
        raise failure


def _sessions(address: Address, *, is_named: bool) -> list[str]:
    """Return which sorts of hosts are asked, the preferred one first; a host that is named may be of any."""
    wanted = address.parameters.get("target_session_attrs", "any")
    if wanted not in ANY_SESSION:
        return [wanted]
    return ["standby", "any"] if wanted == "prefer-standby" and not is_named else ["any"]


class Database:
    """A pool of connections, each held no longer than one query.

    `release` is the digest of the release that a database must hold, empty before one is known, and `built` when its
    releases must have been written, at least. `lags` has, for each
    host in use, how many seconds it is behind its primary (None: not known), as of the last `measure_lag`. `look_lag`
    is that of the host that the last look for news asked, as of just before.
    """

    def __init__(
        self, url: str | Callable[[], str], *, pool_size: int, pool_seconds: float, query_seconds: float
    ) -> None:
        self.pool_size, self.pool_seconds, self.query_seconds = pool_size, pool_seconds, query_seconds
        self.release, self.built = "", EVER
        self.lags: dict[Place, float | None] = {}
        self.look_lag: float | None = None
        self._receivers: dict[tuple[Place, int | None], tuple[float, float]] = {}  # when first and last seen
        self._turns, self._turn_ahead = Turns(pool_size, max(1, pool_size // 2), pool_size // 4), Turns(1)
        self._hosts = Hosts(url if callable(url) else lambda: url, pool_seconds)
        self._prepared = True
        self._idle: list[Connection] = []
        self._in_use: set[Connection] = set()
        self._looking: set[Connection] = set()  # those in use for no request
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._refused_until = 0.0
        self._finishing: set[asyncio.Task[None]] = set()

    @property
    def host_count(self) -> int:
        """Return how many hosts the address has."""
        return self._hosts.count

    async def rows(
        self, statement: Query | Statement, parameters: Mapping[str, Any] = _NOTHING, *, release: str | None = None
    ) -> Sequence[Row]:
        """Return all rows of one statement, which only reads: it is run again if the server ended it or the connection.

        `parameters` has values by name that replace the statement's own; `release` is the digest of the release that
        the database must hold, if not `self.release`. Raises DatabaseUnavailable if no connection is free, the database
        takes too long, or no host holds the release.
        """
        query = statement if isinstance(statement, Query) else compile_statement(statement)
        holding = {RELEASE: self.release if release is None else release, BUILT: self.built}
        values = {**query.values, **holding, **parameters}
        arguments = [values[name] for name in query.names]
        turns = self._turns if LOOK.get() is None else self._turn_ahead
        try:
            client = await turns.acquire(seconds=self.pool_seconds)
        except TimeoutError as error:
            raise AllInUse("The database did not answer in time. Please try again in a moment.") from error
        begun = time.monotonic()
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
            if isinstance(error, TimeoutError):  # if all at once take too long, none would ever be answered
                turns.narrow()
            raise DatabaseUnavailable("The database did not answer in time. Please try again in a moment.") from error
        finally:
            turns.release(client, time.monotonic() - begun)

    async def _read_again(self, sql: str, arguments: Sequence[Any]) -> Sequence[Row]:
        """Run a statement until a database answers it.

        At most once for each pooled connection, which may have ended unnoticed or lead to a host that is behind, and on
        at most FRESH_TRIES more new connections than there are hosts.
        """
        fresh_left = self._hosts.count + FRESH_TRIES
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
        connection = await self._acquire()
        was_fresh = connection.is_fresh
        try:
            if LOOK.get() is not None:
                self.look_lag = None
                with suppress(asyncpg.PostgresError):  # what is not quite Postgres may not have the functions
                    ((lag, is_replica, receiver),) = await connection.read(LOOK_LAG)
                    receives = not is_replica or self._receives(connection.place, receiver)
                    self.look_lag = lag if lag or receives else None
            return await connection.read(sql, arguments)
        except UNREACHABLE as error:
            vars(error)["was_fresh"] = was_fresh
            if is_missing(error) or getattr(error, "sqlstate", None) in WITHHELD:
                await self._note_lag(connection)
                self._hosts.leave(connection.place)
                connection.terminate()
            elif _is_damaged(error):
                place, reason = str(connection.place), str(error)
                log.error("the database is damaged", host=place, reason=reason)  # noqa: TRY400 (it is not the code)
                self._hosts.leave(connection.place)
                connection.terminate()
            elif getattr(error, "sqlstate", None) == NOT_PREPARED and connection.is_prepared:
                self._stop_preparing()
                vars(error)["was_fresh"] = False
                connection.terminate()
            raise
        finally:
            await self._release(connection)

    def _stop_preparing(self) -> None:
        """Prepare nothing from now on, because a statement prepared in one session was asked for in another."""
        if self._prepared:
            log.warning("statements are not prepared", reason="a pooler in transaction mode does not carry them")
        self._prepared = False

    async def _acquire(self) -> Connection:
        """Acquire an idle connection, or make one; while that fails, wait for one of those that are in use."""
        started = time.monotonic()
        place = self._hosts.choose_for_news(LOOK.get())
        while (connection := self._take_idle(place) or await self._connect_or_none(place)) is None:
            freed = asyncio.get_running_loop().create_future()
            self._waiting.append(freed)
            try:
                async with asyncio.timeout(max(started + self.pool_seconds - time.monotonic(), 0)):
                    await freed
            except BaseException as error:
                if freed.done() and not freed.cancelled():  # woken when its time was up: another can have what is free
                    self._wake_next()
                if isinstance(error, TimeoutError):
                    raise AllInUse("The database did not answer in time. Please try again in a moment.") from error
                raise
            finally:
                with suppress(ValueError):
                    self._waiting.remove(freed)
        self._in_use.add(connection)
        if LOOK.get() is not None:
            self._looking.add(connection)
        return connection

    async def _connect_or_none(self, place: Place | None) -> Connection | None:
        """Make a connection; None if none can be made (the limit is reached, the password is another) and others can
        be waited for."""
        if self._in_use and time.monotonic() < self._refused_until:
            return self._take_idle()
        try:
            connection = await self._hosts.connect(place, prepared=self._prepared)
            try:
                async with nullcontext() if connection.is_prepared else connection.transaction(readonly=True):
                    await connection.set_type_codec("jsonb", encoder=str, decoder=orjson.loads, schema="pg_catalog")
            except BaseException:  # the time of the request may be over
                connection.terminate()
                raise
        except UNREACHABLE as error:
            if getattr(error, "sqlstate", None) == NOT_PREPARED:
                self._stop_preparing()
            if not self._in_use and not self._idle:
                raise
            self._refused_until = time.monotonic() + REFUSED_SECONDS
            return self._take_idle()
        return connection

    def _take_idle(self, place: Place | None = None) -> Connection | None:
        """Return the connection that was used last, to a host if one is named; close those not to be used again."""
        for connection in reversed([one for one in self._idle if place in (None, one.place)]):
            self._idle.remove(connection)
            if not self._is_outdated(connection):
                return connection
            connection.terminate()
        return None

    def _is_outdated(self, connection: Connection) -> bool:
        """Return whether a connection must not be used again: it is broken, or of a host that was left, or too old."""
        return (
            connection.is_closed()
            or self._hosts.was_left_since(connection)
            or connection.is_prepared != self._prepared
            or time.monotonic() - connection.made > LIFE_SECONDS
        )

    async def _release(self, connection: Connection) -> None:
        """Make a connection idle, even if the request that used it is cancelled meanwhile."""
        if connection.is_closed() or connection.statement_finished:
            self._put_back(connection)
            return
        task = asyncio.create_task(self._finish(connection))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)
        await asyncio.shield(task)

    async def _finish(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await connection.finish()
        except TimeoutError:  # the server did not even end the statement: the host hangs
            self._hosts.leave(connection.place)
            connection.terminate()
        except UNREACHABLE:
            connection.terminate()
        finally:
            self._put_back(connection)

    def _put_back(self, connection: Connection) -> None:
        self._in_use.discard(connection)
        self._looking.discard(connection)
        now = connection.released = time.monotonic()
        if not connection.is_closed():
            self._idle.append(connection)
        while self._idle and now - self._idle[0].released > IDLE_SECONDS:
            self._idle.pop(0).terminate()
        self._wake_next()

    def _wake_next(self) -> None:
        while self._waiting:
            freed = self._waiting.popleft()
            if not freed.done():
                freed.set_result(None)
                return

    def _receives(self, place: Place, receiver: int | None) -> bool:
        """Tell whether a replica has received with this process for some time, as of the looks before."""
        now = time.monotonic()
        seen = {one: (first, last) for one, (first, last) in self._receivers.items() if now - last < FORGOTTEN_SECONDS}
        first, _ = seen.get((place, receiver), (now, now))
        self._receivers = {**seen, (place, receiver): (first, now)}
        return receiver is not None and now - first >= RECEIVING_SECONDS

    async def measure_lag(self) -> None:
        """Ask each host to which there is an idle connection how far it is behind.

        What was last known of a host that was left because it is behind is kept until it is tried again.
        """
        first = {connection.place: connection for connection in self._idle if not self._is_outdated(connection)}
        there = {*first, *(connection.place for connection in self._in_use)}
        self.lags = {
            place: lag for place, lag in self.lags.items() if place in there or self._hosts.failed_lately(place)
        }
        for connection in first.values():
            if self._turns.locked(CLIENT.get()) or connection not in self._idle:
                continue  # rather than wait
            async with self._turns.take():
                self._idle.remove(connection)
                self._in_use.add(connection)
                self._looking.add(connection)
                try:
                    await self._note_lag(connection)
                finally:
                    await self._release(connection)

    async def _note_lag(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(self.pool_seconds):
                ((self.lags[connection.place],),) = await connection.read(LAG)
        except UNREACHABLE:
            self.lags[connection.place] = None
            connection.terminate()

    def pool_state(self) -> tuple[int, int, int]:
        """Return how many connections are in use for requests, the maximum, and how many statements wait for one."""
        waiting = self._turns.waiting + sum(not freed.done() for freed in self._waiting)
        return len(self._in_use - self._looking), self.pool_size, waiting

    async def close(self) -> None:
        """Close all connections, without waiting for statements that run."""
        for connection in self._in_use:
            connection.terminate()
        await asyncio.gather(*(one.close() for one in self._idle), *self._finishing, return_exceptions=True)


def is_missing(error: Exception) -> bool:
    """Return whether the database does not hold the requested release."""
    return getattr(error.__cause__ or error, "sqlstate", None) == MISSING


def _is_damaged(error: Exception) -> bool:
    """Return whether the server found a damaged page or index: no other statement can mend that, but another host."""
    return (getattr(error, "sqlstate", None) or "").startswith("XX")


def _may_be_retried(error: Exception) -> bool:
    """Return whether the statement may succeed if it is run again.

    The server (57P01) or something on the way (class 08) ended the connection; or a replica cancelled the statement,
    because it conflicted with replay (class 40), or does not hold the release or a table yet, or is damaged (class XX),
    which another may not be; or a pooler changed the session.
    """
    if isinstance(error, TimeoutError):
        return False
    state = getattr(error, "sqlstate", None) or ("08" if _is_outage(error) else "")
    return state[:2] in ("08", "40", "XX") or state in ("57P01", MISSING, NOT_PREPARED, *WITHHELD)


def _is_outage(error: Exception) -> bool:
    """Return whether the server, not the statement, is at fault, or refuses connections: its SQLSTATE's class tells."""
    state = getattr(error, "sqlstate", None)
    if state is None:  # a ValueError is an argument that the driver refuses, unless it is about a certificate
        return isinstance(error, ssl.SSLCertVerificationError) or not isinstance(error, ValueError)
    return state[:2] in {"08", "28", "3D", "40", "53", "55", "57", "58", "XX"} or state in WITHHELD
