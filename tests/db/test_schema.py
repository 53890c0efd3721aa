"""The migration makes the tables that the program declares, and its revision changes with them."""

import hashlib
import inspect

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.load import load
from misconduct.db.schema import migrations
from misconduct.db.tables import METADATA

from ..conftest import ROOT


def test_the_migration_makes_the_declared_tables_and_a_load_leaves_them_so(home, service):
    with EmbeddedPostgres(home) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute("DROP DATABASE IF EXISTS migrated")
            owner.execute("CREATE DATABASE migrated")
        url = postgres.url.replace("/misconduct?", "/migrated?")
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
        with engine.connect() as connection:
            load(url, ROOT / "data")  # which drops indexes meanwhile
            assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        engine.dispose()


def test_the_revision_is_a_hash_of_the_migration():
    """So that no database keeps the tables of an earlier program unnoticed."""
    [script] = ScriptDirectory.from_config(migrations()).walk_revisions()
    source = inspect.getsource(script.module.upgrade).rstrip()
    assert script.revision == hashlib.sha256(source.encode()).hexdigest()[:12]
