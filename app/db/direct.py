"""A plain connection for looking at the database itself; what answers requests goes through `engine`."""

from __future__ import annotations

import psycopg
from sqlalchemy import make_url

CONNECT_SECONDS = 5


def connect(url: str) -> psycopg.Connection:
    """Connects as SQLAlchemy would, several hosts included; each statement is a transaction of its own."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    arguments, options = address.get_dialect()().create_connect_args(address)
    return psycopg.connect(*arguments, **options, connect_timeout=CONNECT_SECONDS, autocommit=True)
