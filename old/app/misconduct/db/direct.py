"""Plain psycopg connections: for examining the database itself, migrating and loading. Requests use `engine`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from math import inf
from socket import SHUT_RDWR, socket
from threading import Timer
from time import sleep
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from misconduct.db.urls import Address, read_address

DEFAULTS = {
    "client_encoding": "utf8",
    "connect_timeout": 5,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 4,
}
"""Parameters of libpq that hold unless an address says otherwise: a server that is gone is noticed within a minute."""

READ_AS = {"DateStyle": "ISO", "standard_conforming_strings": "on"}
"""What these settings of a session begin with, whatever the server's are: psycopg reads dates and writes bytes by
them."""

NOTICE_LOSS = """SELECT set_config('tcp_keepalives_idle', '20', true),
set_config('tcp_keepalives_interval', '10', true), set_config('tcp_keepalives_count', '4', true)"""
"""With this the server notices as soon that we are gone, and ends the transaction: by itself, it takes two hours."""

LOAD_LOCK = 0x6D6973636F6E64
"""The key of the advisory lock that makes loads take turns."""

PAUSES = (0.2, 0.5, 1.0, 2.0, 0.0)
"""Seconds after each attempt to read; a replica replays what made it cancel one within that time."""

T = TypeVar("T")


ASK_SECONDS = 30.0
"""How long one host may take to answer what every host is asked: a stalled one lets sessions in, and says no more."""


def connect(url: str | Address, *, autocommit: bool = True, seconds: float | None = None) -> psycopg.Connection:
    """Connect to an address in any of libpq's forms, for at most some seconds: it is then cut off, as if lost.

    Nothing is prepared, so that a pooler may stand between.
    """
    address = read_address(url) if isinstance(url, str) else url
    left_out = {name: value for name, value in DEFAULTS.items() if name not in address.parameters}
    connection = psycopg.connect(address.for_libpq(**left_out), autocommit=True, prepare_threshold=None)
    try:
        if seconds is not None:
            _cut_off_after(seconds, connection)
        for name, value in READ_AS.items():
            if not (connection.info.parameter_status(name) or "").startswith(value):
                connection.execute(f"SET {name} = {value}".encode())
        connection.autocommit = autocommit
    except psycopg.Error:
        connection.close()
        raise
    return connection


def _cut_off_after(seconds: float, connection: psycopg.Connection) -> None:
    own = socket(fileno=os.dup(connection.fileno()))  # the number may be another file's by then

    def cut_off() -> None:
        with own, suppress(OSError):
            own.shutdown(SHUT_RDWR)

    timer = Timer(seconds, cut_off)
    timer.daemon = True
    timer.start()


@contextmanager
def server_cursor(connection: psycopg.Connection, **options: Any) -> Iterator[psycopg.ServerCursor[Any]]:
    """Yield a cursor whose rows stay with the server until they are fetched, and close it."""
    cursor = connection.cursor(name="rows", **options)
    try:
        yield cursor
    finally:
        with suppress(psycopg.OperationalError):
            cursor.close()
        cursor.close()  # where the connection was lost meanwhile, psycopg counts it as closed only now


def is_passing(error: psycopg.Error) -> bool:
    """Return whether the same statement may succeed soon or on another host: a recovery conflict, a lost connection."""
    state = error.sqlstate or ""
    return state[:2] in ("08", "40", "57") or (not state and isinstance(error, psycopg.OperationalError))


def find_furthest(url: str) -> Address:
    """Return the address of the one host that has most of what was written, whatever sort of host is asked for: the
    primary, or of replicas the one that has replayed most."""
    hosts = read_address(url).each_host()

    def rank(host: Address) -> tuple[Any, ...]:
        with suppress(psycopg.Error, OSError), connect(host, seconds=ASK_SECONDS) as one:
            return one.execute(POSITION).fetchone() or ()
        return (True, inf)  # after all that answer

    return min(hosts, key=rank) if len(hosts) > 1 else hosts[0]


POSITION = """SELECT pg_is_in_recovery(), -pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()
    THEN coalesce(pg_last_wal_replay_lsn(), '0/0') ELSE pg_current_wal_flush_lsn() END, '0/0')"""
"""What is least of the primary, and of replicas of the one that has replayed most."""


def repeat_reading(url: str | Address, read: Callable[[psycopg.Connection], T]) -> T:
    """Return what `read` returns. While its errors pass, it is tried again with a new connection, on the next host."""
    address = read_address(url) if isinstance(url, str) else url
    for attempt, pause in enumerate(PAUSES):
        first = attempt % len(address.places)
        try:
            with connect(address._replace(places=address.places[first:] + address.places[:first])) as connection:
                return read(connection)
        except psycopg.Error as error:
            if not is_passing(error) or attempt + 1 == len(PAUSES):
                raise
            sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def make_engine(url: str) -> Engine:
    """Return SQLAlchemy's engine for an address, which keeps no connection open, and no transaction of who is gone."""
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(url, autocommit=False),
        poolclass=NullPool,
        isolation_level="READ COMMITTED",  # who waits for a turn then sees what the one before wrote
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(NOTICE_LOSS))
    return engine
