"""The migration makes the tables that the program declares."""

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.schema import upgrade
from misconduct.db.tables import METADATA


def test_the_migration_makes_the_declared_tables(home, service):
    with EmbeddedPostgres(home) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute("DROP DATABASE IF EXISTS migrated")
            owner.execute("CREATE DATABASE migrated")
        url = postgres.url.replace("/misconduct?", "/migrated?")
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
        with engine.connect() as connection:
            upgrade(connection)
            assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        engine.dispose()
