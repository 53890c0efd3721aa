import psycopg
import pytest

from misconduct.db.embedded import EmbeddedPostgres


@pytest.fixture
def url(home):
    """The address of an empty database."""
    with EmbeddedPostgres(home) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute("DROP DATABASE IF EXISTS reloaded")
            owner.execute("CREATE DATABASE reloaded")
        yield postgres.url.replace("/misconduct?", "/reloaded?")
