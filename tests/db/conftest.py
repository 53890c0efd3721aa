import os

import psycopg
import pytest

from misconduct.db.embedded import EmbeddedPostgres


@pytest.fixture
def url(small_home):
    """The address of an empty database, which each worker of pytest-xdist has under a name of its own."""
    name = f"reloaded_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with EmbeddedPostgres(small_home) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute(f"DROP DATABASE IF EXISTS {name}")
            owner.execute(f"CREATE DATABASE {name}")
        yield postgres.url.replace("/misconduct?", f"/{name}?")
