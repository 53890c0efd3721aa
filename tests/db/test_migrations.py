"""Migrations: up, down, and no drift from the tables."""

from __future__ import annotations

import psycopg
import pytest
from pytest_alembic.tests import (  # noqa: F401
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from app.db.migrate import MIGRATIONS
from app.db.tables import metadata
from tests.conftest import create_database, drop_database, urls_of


@pytest.fixture
def alembic_config():
    return {"script_location": str(MIGRATIONS)}


@pytest.fixture
def alembic_engine(postgres):
    """An empty database as the owner: nothing is migrated yet."""
    name = create_database(postgres, "template0")
    with psycopg.connect(postgres.url("postgres", name), autocommit=True) as admin:
        admin.execute("GRANT USAGE, CREATE ON SCHEMA public TO misconduct_owner")
    url = make_url(urls_of(postgres, name).owner).set(drivername="postgresql+psycopg")
    yield create_engine(url, poolclass=NullPool)
    drop_database(postgres, name)


def test_the_reader_may_select_from_every_table_and_do_nothing_else(database):
    with psycopg.connect(database.owner) as owner:
        granted = owner.execute(
            "SELECT table_name, array_agg(privilege_type::text) FROM information_schema.role_table_grants"
            " WHERE grantee = 'misconduct_reader' GROUP BY 1"
        ).fetchall()
    assert dict(granted) == {name: ["SELECT"] for name in metadata.tables}
