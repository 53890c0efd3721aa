"""A plain psycopg connection for examining the database itself; requests use `engine`."""

from __future__ import annotations

import psycopg
from sqlalchemy import make_url

CONNECT_SECONDS = 5


def connect(url: str) -> psycopg.Connection:
    """Connect as SQLAlchemy would, several hosts included, in autocommit mode."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    arguments, options = address.get_dialect()().create_connect_args(address)
    return psycopg.connect(*arguments, **options, connect_timeout=CONNECT_SECONDS, autocommit=True)
