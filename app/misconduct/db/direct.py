"""Plain psycopg connections: for examining the database itself, migrating and loading. Requests use `engine`."""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from misconduct.db.urls import Address, read_address

CONNECT_SECONDS = 5


def connect(url: str | Address, **options: Any) -> psycopg.Connection:
    """Connect to an address in any of libpq's forms, in autocommit mode unless `options` say otherwise.

    Nothing is prepared, so that a pooler may stand between.
    """
    address = read_address(url) if isinstance(url, str) else url
    wait = {} if "connect_timeout" in address.parameters else {"connect_timeout": CONNECT_SECONDS}
    return psycopg.connect(address.for_libpq(**wait), **{"autocommit": True, "prepare_threshold": None} | options)


def make_engine(url: str) -> Engine:
    """Return SQLAlchemy's engine for an address, which keeps no connection open."""
    return create_engine("postgresql+psycopg://", creator=lambda: connect(url, autocommit=False), poolclass=NullPool)
