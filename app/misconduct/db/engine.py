"""Ask Postgres: SQLAlchemy's pool of psycopg connections, each lent for one statement.

Statements are SQL text and run on the driver's own connection, which takes a third less time than SQLAlchemy's layer
for results. The address goes to libpq as it is, so several hosts, TLS and password files work as libpq documents.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import create_async_engine

from misconduct.errors import DatabaseUnavailable

STATEMENT_SECONDS = 4
WAIT_SECONDS = 1.5  # for a free connection
OPTIONS = (
    f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_SECONDS}s -c timezone=UTC "
    "-c enable_seqscan=off "  # where Postgres guesses wrongly, it must not read all figures: each question has an index
    "-c max_parallel_workers_per_gather=0"  # others wait, and figures must come in the order in which they are written
)

_NOT_READY = ("25", "3D", "42501", "42P01")
"""SQLSTATE classes, beside OperationalError, of a server that is being loaded again or does not let us read."""

GUARDS = "SELECT current_setting('statement_timeout'), current_setting('default_transaction_read_only')"
"""What `OPTIONS` has set. A pooler may drop them, and then nothing stops a slow statement."""

Rows = list[dict[str, Any]]
Connection = psycopg.Connection[Any]


def connect(url: str, *, autocommit: bool = False) -> Connection:
    """Connect to load or examine releases, whatever options the environment has. Raises psycopg.Error."""
    try:
        return psycopg.connect(
            url,
            autocommit=autocommit,
            client_encoding="utf8",
            connect_timeout=10,
            options="-c timezone=UTC",
        )
    except (
        ValueError
    ) as error:  # a host or a port that is none, or bytes that are not UTF-8
        raise psycopg.OperationalError(
            f"the address of the database cannot be read: {error}"
        ) from error


def name_database(url: str) -> str:
    """Return an address without its password: misconduct on db.example.org."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        return "with an address that cannot be read"
    return f"{parts.get('dbname') or 'of the default name'} on {parts.get('host') or 'the default host'}"


async def _connect_guarded(url: str) -> psycopg.AsyncConnection[Any]:
    connection = await psycopg.AsyncConnection.connect(
        url,
        autocommit=True,
        client_encoding="utf8",
        connect_timeout=3,
        options=OPTIONS,
        prepare_threshold=None,  # each statement is planned for the values that it is sent with
    )
    guards = await (await connection.execute(GUARDS)).fetchone()
    if guards != (f"{STATEMENT_SECONDS}s", "on"):
        await connection.close()
        raise psycopg.OperationalError(
            "the connection has no time limit for statements: what stands between us and Postgres drops `options`. "
            "Connect to Postgres itself, or through a pooler that keeps them"
        )
    return connection


class Database:
    """A pool of read-only connections."""

    def __init__(self, url: str, pool_size: int) -> None:
        self._engine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=partial(_connect_guarded, url),
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            pool_recycle=1800,
            pool_reset_on_return=None,
        )
        self._pool_size = pool_size
        self._running = set[asyncio.Future[Rows]]()

    @property
    def in_use(self) -> int:
        """How many connections are in use."""
        return min(len(self._running), self._pool_size)

    async def rows(
        self, statement: str, values: Mapping[str, Any] | None = None
    ) -> Rows:
        """Return the rows of a statement; `%(name)s` stands for a value. Raises DatabaseUnavailable.

        When the server hangs, the statement is left to itself: to cancel it would need an answer. It keeps its
        connection, so that no more statements than there are connections can hang.
        """
        running = asyncio.ensure_future(self._run(statement, values))
        self._running.add(running)
        running.add_done_callback(self._forget)
        try:
            return await asyncio.wait_for(
                asyncio.shield(running), WAIT_SECONDS + STATEMENT_SECONDS
            )
        except (SQLAlchemyError, psycopg.Error, OSError) as error:
            if isinstance(error, psycopg.Error) and not _is_passing(error):
                raise
            if isinstance(error, NoFreeConnection):
                reason = "All connections to the database are in use."
            else:
                reason = "The database did not answer in time."
            raise DatabaseUnavailable(reason) from error

    async def _run(self, statement: str, values: Mapping[str, Any] | None) -> Rows:
        ended = 0  # connections, perhaps long before: after a restart of the server, all of them
        while True:
            async with self._engine.connect() as connection:
                driver = (await connection.get_raw_connection()).driver_connection
                assert driver is not None  # noqa: S101 (it is connected)
                try:
                    async with driver.cursor(row_factory=dict_row) as cursor:
                        await cursor.execute(statement, values)
                        return list(await cursor.fetchall())
                except psycopg.OperationalError:
                    ended += 1
                    if not driver.closed or ended > self._pool_size:
                        raise
                    await connection.invalidate()

    def _forget(self, finished: asyncio.Future[Rows]) -> None:
        self._running.discard(finished)
        if not finished.cancelled():
            finished.exception()  # nobody may be left to ask for it

    async def close(self) -> None:
        await self._engine.dispose()


@dataclass(frozen=True)
class Tables:
    """The tables of one release: in a statement, `$release.` stands for their schema.

    Each statement names it, so that an answer ends in the release in which it began, also behind a pooler.
    """

    database: Database
    schema: str

    async def rows(
        self, statement: str, values: Mapping[str, Any] | None = None
    ) -> Rows:
        """Return the rows of a statement; `%(name)s` stands for a value. Raises DatabaseUnavailable."""
        named = statement.replace("$release.", f"{self.schema}.")
        return await self.database.rows(named, values)


def _is_passing(error: psycopg.Error) -> bool:
    return isinstance(error, psycopg.OperationalError) or (
        error.sqlstate or ""
    ).startswith(_NOT_READY)
