"""Runs migrations as the owner, on psycopg. The connection comes from `misconduct.db.migrate`, never from a file."""

from contextlib import nullcontext

from alembic import context
from sqlalchemy import Engine

from misconduct.db.tables import metadata

given = context.config.attributes["connection"]
with given.connect() if isinstance(given, Engine) else nullcontext(given) as connection:
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()
